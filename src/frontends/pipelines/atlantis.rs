//! Atlantis, which plans Terraform roots for changes and applies them when a person comments so
//! (<https://www.runatlantis.io/docs/repo-level-atlantis-yaml>).

use super::Input;
use super::data::{self, Data};
use super::reader::Reader;
use super::runs::Refs;
use super::terraform_runs::{Applied, VENDOR};
use crate::frontends::scripts::shell::{Dialect, Masked};
use crate::model::{Block, BlockKind, Event, Expr, Item, Program, Unit, UnitId, UnitKind};
use crate::source::paths::join;
use crate::source::{SourceFile, Span};

/// Atlantis follows changes for whatever branch it is set to on its side.
pub fn branches(_: &SourceFile) -> Vec<String> {
    Vec::new()
}

/// What a project's `plan` or `apply` does where a workflow of the file's own says it.
struct Stage<'d> {
    name: &'static str,
    steps: Option<&'d [Data]>,
}

/// Read the file: a pipeline that plans each project, and one that a person starts by a comment, which applies it.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    for file in input.files {
        let Some(root) = data::read(file, program).into_iter().next().filter(Data::is_map) else { continue };
        let projects = root.get("projects").map(Data::items).unwrap_or_default();
        let (mut plans, mut applies): (Vec<UnitId>, Vec<(UnitId, Span)>) = (Vec::new(), Vec::new());
        for project in projects {
            let Some(dir) = project.get_str("dir").and_then(|d| join("", d)).filter(|d| input.sources.dirs.contains(d)) else {
                program.unknowns.push((project.item, "the folder of this project is not in the repository".to_owned()));
                continue;
            };
            let plan = stage(&root, project, "plan");
            let automatic = project.at(&["autoplan", "enabled"]).and_then(Data::boolean) != Some(false);
            if automatic {
                plans.push(job(input, project, &dir, &plan, program));
            }
            let place = project.pair("apply_requirements").map_or(Span { end: project.item.start, ..project.item }, |p| p.span);
            applies.push((job(input, project, &dir, &stage(&root, project, "apply"), program), place));
        }
        let refs = Refs::new(input.trunk, &[], &[]);
        let mut unit = Unit::new(UnitKind::Pipeline, format!("{}: plan", file.path), file.whole());
        unit.dir = Some(Expr::lit(""));
        unit.starts = refs.change(Span { end: 0, ..file.whole() });
        unit.jobs = plans;
        program.add(unit);
        for (job, place) in applies {
            let name = format!("{}: apply {}", file.path, program.unit(job).name);
            let mut unit = Unit::new(UnitKind::Pipeline, name, program.unit(job).span);
            unit.dir = Some(Expr::lit(""));
            unit.starts = vec![refs.on_trunk(Event::Manual, place)];
            unit.jobs = vec![job];
            program.add(unit);
        }
    }
}

fn stage<'d>(root: &'d Data, project: &'d Data, name: &'static str) -> Stage<'d> {
    let workflow = project.get_str("workflow");
    let steps = workflow.and_then(|w| root.at(&["workflows", w, name, "steps"])).map(Data::items);
    Stage { name, steps }
}

/// A job for a project: the built-in, or the commands of its workflow.
fn job(input: &Input<'_>, project: &Data, dir: &str, stage: &Stage<'_>, program: &mut Program) -> UnitId {
    let workspace = project.get_str("workspace").filter(|w| *w != "default");
    let environment = workspace.and_then(|w| input.catalogue.environments().find_in(w));
    let name = project.get_str("name").or(workspace).unwrap_or(if dir.is_empty() { "." } else { dir });
    // What is planned stands at the folder's line, what is applied is the whole project.
    let folder = project.pair("dir").map_or(project.item, |p| p.span);
    let span = if stage.name == "plan" { folder } else { project.item };
    let one = Applied { name, dir, environment: environment.as_deref(), span };
    let text = format!("atlantis {} -d {}", stage.name, if dir.is_empty() { "." } else { dir });
    let built_in = |step: &Data| match step.str() {
        Some(name) => name == stage.name,
        None => step.get(stage.name).is_some(),
    };
    let whole = stage.steps.is_none_or(|steps| steps.iter().any(built_in));
    let mut job = if whole { one.job(input, stage.name, &text, None, program) } else { Unit::new(UnitKind::Job, name, one.span) };
    let nothing = |_: &str| -> Vec<Masked> { Vec::new() };
    let mut reader = Reader::new(input.catalogue, program, VENDOR, &nothing);
    let mut commands = Block::new(BlockKind::Step, project.item);
    commands.dir = Some(Expr::lit(dir));
    commands.bind.push(("env.WORKSPACE".to_owned(), Expr::lit(workspace.unwrap_or("default"))));
    for step in stage.steps.unwrap_or_default() {
        let run = step.get("run");
        let Some(text) = run.and_then(|r| r.text().or_else(|| r.get("command")?.text())) else { continue };
        commands.items.extend(reader.script(text, Dialect::Posix));
    }
    job.functions = std::mem::take(&mut reader.functions);
    job.dir = Some(Expr::lit(""));
    job.body.push(Item::Block(Box::new(commands)));
    program.add(job)
}
