//! Woodpecker: each file is a workflow: <https://woodpecker-ci.org/docs/usage/workflows>.

use super::starts::Mentioned;
use super::when::{Filter, Subject};
use super::{VENDOR, data, steps, surroundings};
use crate::frontends::pipelines::Input;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::runs::all;
use crate::frontends::pipelines::values;
use crate::model::{Expr, Program, Status, Unit, UnitKind};
use crate::source::SourceFile;

/// Branches that a file names.
pub fn branches(file: &SourceFile) -> Vec<String> {
    values::literal(Mentioned::of(&data::read(file, &mut Program::default()), &file.text).branches)
}

/// A workflow.
struct Workflow<'a> {
    file: &'a SourceFile,
    root: Data,
    filter: Filter,
}

impl Workflow<'_> {
    /// The name by which others depend on it: the file's, without its ending and a dot before it.
    fn name(&self) -> &str {
        let name = self.file.name();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        stem.strip_prefix('.').unwrap_or(stem)
    }
}

/// Translate every workflow.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    let mut all_of_them = Vec::new();
    for file in input.files {
        let Some(root) = data::read(file, program).into_iter().next().filter(Data::is_map) else { continue };
        let mut filter = root.get("when").map_or_else(Filter::always, |when| Filter::of(when, Subject::Woodpecker));
        if let Some(pair) = root.pair("branches") {
            filter = filter.and(Expr::Or(vec![super::when::is_tag(), super::when::branches(&pair.value)]), pair.span);
        }
        let statuses = root.get("runs_on").map(Data::texts).unwrap_or_default();
        if statuses.contains(&"failure") {
            let status = if statuses.contains(&"success") { Status::Always } else { Status::Failure };
            filter.when = all(vec![filter.when, Expr::Status(status)]);
        }
        all_of_them.push(Workflow { file, root, filter });
    }
    for workflow in &all_of_them {
        let mut seen = vec![workflow.name()];
        let mut filter = workflow.filter.clone();
        filter.when = all(vec![filter.when, awaited(workflow, &all_of_them, &mut seen)]);
        add(workflow, &filter, input, program);
    }
}

/// A workflow runs only where those that it depends on do.
fn awaited<'w>(workflow: &'w Workflow<'_>, others: &'w [Workflow<'_>], seen: &mut Vec<&'w str>) -> Expr {
    let mut parts = Vec::new();
    for needed in workflow.root.get("depends_on").map(Data::one_or_many).unwrap_or_default() {
        let Some(name) = needed.str().or_else(|| needed.get_str("name")) else { continue };
        if seen.contains(&name) || values::is_true(needed.get("optional")) {
            continue;
        }
        if let Some(other) = others.iter().find(|w| w.name() == name) {
            seen.push(other.name());
            parts.push(other.filter.when.clone());
            parts.push(awaited(other, others, seen));
        }
    }
    parts.retain(|p| !p.runs_after_skip());
    all(parts)
}

fn add(workflow: &Workflow<'_>, filter: &Filter, input: &Input<'_>, program: &mut Program) {
    let (file, root) = (workflow.file, &workflow.root);
    let mentioned = Mentioned::of(std::slice::from_ref(root), &file.text);
    let mut pipeline = Unit::new(UnitKind::Pipeline, file.path.as_str(), file.whole());
    pipeline.dir = Some(Expr::lit(""));
    let span = filter.span.unwrap_or_else(|| values::first_line(file));
    pipeline.starts = values::possible(mentioned.starts(input.trunk, span), &filter.when);
    let mut reader = Reader::new(input.catalogue, program, VENDOR, &values::escaped);
    let mut job = Unit::new(UnitKind::Job, workflow.name(), root.span);
    surroundings(&mut job, root, filter);
    let windows = root.at(&["labels", "platform"]).or_else(|| root.get("platform")).and_then(Data::str);
    let around = steps::Around {
        windows: windows.is_some_and(|p| p.starts_with("windows")),
        remote: None,
        services: job.local_services,
        subject: Subject::Woodpecker,
    };
    job.body = steps::stage(&mut reader, root.get("steps").or_else(|| root.get("pipeline")), workflow.name(), &around);
    pipeline.jobs.push(reader.program.add(job));
    program.add(pipeline);
}
