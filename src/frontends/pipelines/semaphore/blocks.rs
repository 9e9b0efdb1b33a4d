//! Blocks, their tasks and jobs: <https://docs.semaphore.io/reference/pipeline-yaml#blocks>.

use super::condition;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::runs::{all, not};
use crate::frontends::pipelines::values;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Expr, Item, Need, Status, Unit, UnitKind};
use crate::source::paths::join;
use crate::source::{SourceFile, SourceSet, Span};

/// At most so many blocks, and jobs of one, are read.
const MAX_BLOCKS: usize = 1_000;

/// Where a pipeline stands, and what holds for all its jobs.
struct Around<'a> {
    file: &'a SourceFile,
    sources: &'a SourceSet,
    global: Option<&'a Data>,
}

/// Add the blocks of a pipeline to it.
pub fn translate(reader: &mut Reader<'_>, root: &Data, file: &SourceFile, sources: &SourceSet, pipeline: &mut Unit) {
    let around = Around { file, sources, global: root.get("global_job_config") };
    let blocks = root.get("blocks").map(Data::items).unwrap_or_default();
    let graph = blocks.iter().any(|b| values::has(b, "dependencies"));
    let mut names: Vec<String> = Vec::new();
    for block in blocks.iter().filter(|b| b.is_map()).take(MAX_BLOCKS) {
        let before = names.clone();
        let name = values::unique(block.get_str("name").unwrap_or("block"), &mut names);
        let mut unit = Unit::new(UnitKind::Job, name, block.item);
        unit.dir = Some(Expr::lit(""));
        // A block that is skipped counts as passed.
        let need = |name: String| Need { name, optional: true, order_only: false };
        let named = block.get("dependencies").map(Data::texts).unwrap_or_default().into_iter().map(str::to_owned);
        unit.needs = if graph { named.map(need).collect() } else { before.into_iter().map(need).collect() };
        let mut conditions = Vec::new();
        for (key, holds) in [("run", true), ("skip", false)] {
            if let Some(pair) = block.get(key).and_then(|c| c.pair("when")) {
                let (when, paths) = condition::of(&pair.value, reader.program);
                let only_paths = !paths.is_empty() && when.is_always();
                if holds {
                    conditions.push(when);
                    unit.paths.extend(paths);
                } else if !only_paths {
                    conditions.push(not(when));
                }
                unit.when_span = Some(pair.span);
            }
        }
        unit.when = all(conditions);
        unit.body = task(reader, block.get("task"), &unit.name, block.item, &around);
        pipeline.jobs.push(reader.program.add(unit));
    }
    if let Some(pair) = root.pair("after_pipeline") {
        let mut unit = Unit::new(UnitKind::Job, "after pipeline", pair.span);
        unit.dir = Some(Expr::lit(""));
        unit.needs = names.into_iter().map(|name| Need { name, optional: true, order_only: false }).collect();
        unit.when = Expr::Status(Status::Always);
        unit.continue_on_error = true;
        unit.body = task(reader, pair.value.get("task"), "after pipeline", pair.span, &around);
        pipeline.jobs.push(reader.program.add(unit));
    }
}

/// The jobs of a task, which run beside one another, as a stage.
fn task(reader: &mut Reader<'_>, task: Option<&Data>, name: &str, span: Span, around: &Around<'_>) -> Vec<Item> {
    let Some(task) = task else { return Vec::new() };
    let mut stage = Unit::new(UnitKind::Stage, name, span);
    let mut names = Vec::new();
    for job in task.get("jobs").map(Data::items).unwrap_or_default().iter().filter(|j| j.is_map()).take(MAX_BLOCKS) {
        let name = values::unique(job.get_str("name").unwrap_or(name), &mut names);
        let mut unit = Unit::new(UnitKind::Job, name, job.item);
        unit.dir = Some(Expr::lit(""));
        for config in [around.global, Some(task), Some(job)].into_iter().flatten() {
            unit.bind.extend(config.get("env_vars").map(Data::items).unwrap_or_default().iter().filter_map(variable));
        }
        unit.matrix = matrix(job.get("matrix"));
        let prologues = [around.global, Some(task)].into_iter().flatten().filter_map(|c| c.get("prologue"));
        let own = [job];
        for config in prologues.chain(own) {
            unit.body.extend(commands(reader, config, around));
        }
        for epilogue in [Some(task), around.global].into_iter().flatten().filter_map(|c| c.get("epilogue")) {
            unit.body.extend(self::epilogue(reader, epilogue, around));
        }
        unit.functions = std::mem::take(&mut reader.functions);
        stage.jobs.push(reader.program.add(unit));
    }
    if stage.jobs.is_empty() {
        return Vec::new();
    }
    vec![values::call(reader.program.add(stage), span, name)]
}

/// `commands`, or the lines of a file.
fn commands(reader: &mut Reader<'_>, config: &Data, around: &Around<'_>) -> Vec<Item> {
    if let Some(commands) = config.get("commands") {
        return reader.lines(commands, Dialect::Posix);
    }
    let Some(named) = config.get("commands_file") else { return Vec::new() };
    let path = named.str().unwrap_or("");
    let found = [join(around.file.dir(), path), join("", path)].into_iter().flatten().find_map(|p| around.sources.get(&p));
    let Some(found) = found else {
        return vec![Item::Unknown { span: named.span, why: format!("the commands of {path} are not in this repository") }];
    };
    let text = crate::source::Text {
        file: found.id,
        text: found.text.clone(),
        map: crate::source::OffsetMap::identity(0, found.text.len()),
    };
    reader.script(&text, Dialect::Posix)
}

/// What runs after a job: whatever happened, or only then.
fn epilogue(reader: &mut Reader<'_>, epilogue: &Data, around: &Around<'_>) -> Vec<Item> {
    let mut out = Vec::new();
    for (key, status) in [("always", Status::Always), ("on_pass", Status::Success), ("on_fail", Status::Failure)] {
        if let Some(pair) = epilogue.pair(key).filter(|p| p.value.is_map()) {
            let mut block = Block::new(BlockKind::Step, pair.span);
            block.when = Expr::Status(status);
            block.continue_on_error = true;
            block.items = commands(reader, &pair.value, around);
            out.push(Item::Block(Box::new(block)));
        }
    }
    out
}

/// A variable with its value.
fn variable(data: &Data) -> Option<(String, Expr)> {
    let value = data.get_str("value").map_or_else(|| Expr::lit(""), values::value);
    Some((format!("env.{}", data.get_str("name")?), value))
}

/// What a parameter of a promotion is: its default, where a person is given no choice.
pub fn parameter(data: &Data) -> Expr {
    match (data.get_str("default_value"), data.get("options")) {
        (Some(default), None) => values::value(default),
        _ => Expr::Unknown("a parameter".to_owned()),
    }
}

/// At most so many combinations of a matrix are told apart.
const MAX_COMBINATIONS: usize = 64;

fn matrix(data: Option<&Data>) -> Vec<Vec<(String, Expr)>> {
    let mut out: Vec<Vec<(String, Expr)>> = Vec::new();
    for axis in data.map(Data::items).unwrap_or_default() {
        let Some(name) = axis.get_str("env_var") else { continue };
        let values = axis.get("values").map(Data::texts).unwrap_or_default();
        if values.is_empty() || out.len().max(1) * values.len() > MAX_COMBINATIONS {
            continue;
        }
        let one = |value: &&str| (format!("env.{name}"), Expr::lit(*value));
        out = if out.is_empty() {
            values.iter().map(|v| vec![one(v)]).collect()
        } else {
            out.iter().flat_map(|row| values.iter().map(|v| [row.clone(), vec![one(v)]].concat())).collect()
        };
    }
    out
}
