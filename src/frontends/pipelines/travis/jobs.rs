//! Stages, jobs and their phases: <https://docs.travis-ci.com/user/build-stages>, <https://docs.travis-ci.com/user/job-lifecycle>.

use super::conditions::{self, Filter};
use super::{deploy, matrix};
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::runs::all;
use crate::frontends::pipelines::values;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Expr, Item, Need, Status, Unit, UnitKind};
use crate::source::Span;

/// At most so many jobs are read.
const MAX_JOBS: usize = 2_000;
/// The stage of jobs that name none.
const FIRST_STAGE: &str = "test";
/// Services that hold nothing a job's commands could set up.
const NO_STORES: &[&str] = &["docker", "xvfb"];

/// A job's keys over those of the root.
#[derive(Clone, Copy)]
pub struct Config<'d> {
    root: &'d Data,
    own: Option<&'d Data>,
}

impl<'d> Config<'d> {
    /// The value of a key.
    pub fn get(self, key: &str) -> Option<&'d Data> {
        match self.own {
            Some(own) if values::has(own, key) => own.get(key),
            _ => self.root.get(key),
        }
    }

    /// From a key to the end of its value.
    pub fn span(self, key: &str) -> Option<Span> {
        self.own.and_then(|own| own.pair(key)).or_else(|| self.root.pair(key)).map(|p| p.span)
    }
}

/// The jobs that are listed.
pub fn included(root: &Data) -> impl Iterator<Item = &Data> {
    let keys = ["jobs", "matrix"].into_iter();
    let lists =
        keys.filter_map(|key| root.get(key)).filter_map(|jobs| if jobs.is_map() { jobs.get("include") } else { Some(jobs) });
    lists.flat_map(Data::one_or_many).filter(|job| job.is_map()).take(MAX_JOBS)
}

/// The root and the jobs that are listed.
pub fn configurations(root: &Data) -> impl Iterator<Item = &Data> {
    std::iter::once(root).chain(included(root))
}

/// A stage: its name and when it runs.
struct Stage {
    name: String,
    when: Filter,
}

fn same(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

/// Add the jobs of a configuration to its pipeline.
pub fn translate(reader: &mut Reader<'_>, root: &Data, filter: &Filter, whole: Span, pipeline: &mut Unit) {
    let mut stages = declared(reader, root);
    let mut jobs: Vec<(String, Unit)> = Vec::new();
    let mut names = Vec::new();
    let listed: Vec<&Data> = included(root).collect();
    let combinations = matrix::combinations(root);
    if listed.is_empty() || !combinations.is_empty() {
        let config = Config { root, own: None };
        let mut unit = job(reader, config, whole, values::unique("job", &mut names));
        unit.matrix = combinations;
        if unit.matrix.is_empty() {
            unit.bind.extend(matrix::environment(root.get("env")).1.into_iter().flatten());
        }
        jobs.push((FIRST_STAGE.to_owned(), unit));
    }
    let mut stage = FIRST_STAGE.to_owned();
    for own in listed {
        let named = own.get("stage").and_then(|s| s.str().or_else(|| s.get_str("name"))).filter(|n| !n.trim().is_empty());
        if let Some(name) = named {
            name.clone_into(&mut stage);
        }
        let name = own.get_str("name").or(named).unwrap_or("job");
        let mut unit = job(reader, Config { root, own: Some(own) }, own.item, values::unique(name, &mut names));
        let condition = conditions::of(own, reader.program);
        unit.when = condition.when;
        unit.when_span = condition.span;
        unit.continue_on_error = may_fail(root, own);
        jobs.push((stage.clone(), unit));
    }
    for (stage, _) in &jobs {
        if !stages.iter().any(|s| same(&s.name, stage)) {
            let always = Filter { when: Expr::always(), span: None };
            // Jobs that name no stage come first.
            let at = if same(stage, FIRST_STAGE) { 0 } else { stages.len() };
            stages.insert(at, Stage { name: stage.clone(), when: always });
        }
    }
    order(reader, &stages, jobs, filter, pipeline);
}

fn declared(reader: &mut Reader<'_>, root: &Data) -> Vec<Stage> {
    let mut out = Vec::new();
    for stage in root.get("stages").map(Data::one_or_many).unwrap_or_default() {
        if let Some(name) = stage.str().or_else(|| stage.get_str("name")) {
            out.push(Stage { name: name.to_owned(), when: conditions::of(stage, reader.program) });
        }
    }
    out
}

/// Put jobs in the order of their stages, under the conditions of stage and root.
fn order(reader: &mut Reader<'_>, stages: &[Stage], jobs: Vec<(String, Unit)>, filter: &Filter, pipeline: &mut Unit) {
    let place = |name: &str| stages.iter().position(|s| same(&s.name, name)).unwrap_or(0);
    let places: Vec<(usize, String)> = jobs.iter().map(|(stage, unit)| (place(stage), unit.name.clone())).collect();
    for (stage, mut unit) in jobs {
        let at = place(&stage);
        let earlier = places.iter().filter(|(p, _)| *p < at);
        unit.needs = earlier.map(|(_, name)| Need::earlier(name.as_str())).collect();
        let of_stage = stages.get(at).map(|s| &s.when);
        let span = unit.when_span.or_else(|| of_stage.and_then(|s| s.span)).or(filter.span);
        let mut conditions = vec![filter.when.clone()];
        conditions.extend(of_stage.map(|s| s.when.clone()));
        conditions.push(unit.when);
        if conditions.iter().any(|c| c.literal() == Some("false")) {
            unit.disabled = Some("if: false".to_owned());
        }
        unit.when = all(conditions);
        unit.when_span = span;
        pipeline.jobs.push(reader.program.add(unit));
    }
}

/// Whether the configuration lets a job fail: all that an entry says is true of it.
fn may_fail(root: &Data, own: &Data) -> bool {
    if values::is_true(own.get("allow_failure")) {
        return true;
    }
    let lists = ["jobs", "matrix"].iter().filter_map(|key| root.at(&[key, "allow_failures"]));
    let config = Config { root, own: Some(own) };
    let fits = |entry: &Data| {
        let is = |key: &str, wanted: &Data| config.get(key).is_some_and(|v| v.texts() == wanted.texts());
        !entry.pairs().is_empty() && entry.pairs().iter().all(|p| is(&p.key, &p.value))
    };
    lists.flat_map(Data::one_or_many).any(fits)
}

/// One job with its phases.
fn job(reader: &mut Reader<'_>, config: Config<'_>, span: Span, name: String) -> Unit {
    let mut unit = Unit::new(UnitKind::Job, name, span);
    unit.dir = Some(Expr::lit(""));
    let (global, rows) = matrix::environment(config.root.get("env"));
    unit.bind = global;
    unit.bind.extend(matrix::bound(config.root));
    if let Some(own) = config.own {
        unit.bind.extend(matrix::bound(own));
        let (more, own_rows) = matrix::environment(own.get("env"));
        unit.bind.extend(more);
        // A listed job takes the first of the root's rows where it has none of its own.
        let rows = if own.get("env").is_some() { own_rows } else { rows.into_iter().take(1).collect() };
        unit.bind.extend(rows.into_iter().flatten());
    }
    let services = config.get("services").map(Data::texts).unwrap_or_default();
    unit.local_services = services.iter().any(|s| !NO_STORES.contains(s));
    for addon in config.get("addons").map(Data::pairs).unwrap_or_default() {
        let inputs = values::inputs(addon.value.pairs());
        unit.body.push(reader.built_in(
            &format!("addons:{}", addon.key),
            "",
            &inputs,
            addon.span,
            &format!("addons: {}", addon.key),
        ));
    }
    for phase in ["before_install", "install", "before_script", "script"] {
        let items = lines(reader, config, phase);
        unit.body.extend(items);
    }
    let after = block(reader, config, "after_success", Expr::always());
    let failed = block(reader, config, "after_failure", Expr::Status(Status::Failure));
    unit.body.extend(after.into_iter().chain(failed));
    unit.body.extend(deploy::items(reader, config));
    unit.body.extend(block(reader, config, "after_script", Expr::Status(Status::Always)));
    unit.functions = std::mem::take(&mut reader.functions);
    unit
}

/// The commands of a phase; a job of a list may say `skip`.
pub fn lines(reader: &mut Reader<'_>, config: Config<'_>, phase: &str) -> Vec<Item> {
    config.get(phase).map(|data| reader.lines(data, Dialect::Posix)).unwrap_or_default()
}

/// A phase that cannot fail the job.
fn block(reader: &mut Reader<'_>, config: Config<'_>, phase: &str, when: Expr) -> Option<Item> {
    let mut block = Block::new(BlockKind::Step, config.span(phase)?);
    block.items = lines(reader, config, phase);
    block.when = when;
    block.continue_on_error = true;
    Some(Item::Block(Box::new(block)))
}
