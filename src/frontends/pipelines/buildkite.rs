//! Buildkite: <https://buildkite.com/docs/pipelines/configure/defining-steps>.
//!
//! Names that expressions read are the variables of a build (`env.BUILDKITE_BRANCH`: of a change the branch that it comes from,
//! of a tag the tag) and `matrix`, `matrix.NAME`.

mod condition;
mod order;
mod steps;

use super::data::{self, Data};
use super::reader::Reader;
use super::runs::{self, Pattern, Refs};
use super::{Input, values};
use crate::model::{Event, Expr, Program, Start, Unit, UnitKind, Value};
use crate::source::paths::join;
use crate::source::{SourceFile, SourceSet};
use condition::{BRANCH, SOURCE, TAG};
use regex::Regex;
use std::collections::BTreeSet;

/// The folder of the vendor's tables.
const VENDOR: &str = "buildkite";
/// The file that Buildkite runs where a pipeline names none.
const MAIN: &[&str] = &["pipeline.yml", "pipeline.yaml", "pipeline.json", "buildkite.yml", "buildkite.yaml", "buildkite.json"];

/// Branches that a file names.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let documents = data::read(file, &mut Program::default());
    values::literal(documents.first().map(|root| patterns(root, &file.text).0).unwrap_or_default())
}

/// Translate every pipeline. One that another uploads or triggers is started by that alone.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    let mut called = uploaded(input.sources);
    let mut files: Vec<&SourceFile> = input.files.to_vec();
    files.extend(called.iter().filter_map(|path| input.sources.get(path)).filter(|f| !input.files.iter().any(|g| g.id == f.id)));
    let read: Vec<(&SourceFile, Data)> = files
        .into_iter()
        .filter_map(|file| data::read(file, program).into_iter().next().map(|root| (file, root)))
        .filter(|(_, root)| root.is_list() || root.get("steps").is_some())
        .collect();
    for (_, root) in &read {
        called.extend(steps::triggers(root).iter().filter_map(|slug| file_of(slug, input.sources)));
    }
    for (file, root) in read {
        let mut reader = Reader::new(input.catalogue, program, VENDOR, &condition::masked);
        let mut unit = Unit::new(UnitKind::Pipeline, file.path.as_str(), file.whole());
        unit.dir = Some(Expr::lit(""));
        unit.bind = root.get("env").map(values::environment).unwrap_or_default();
        if MAIN.contains(&file.name()) || !called.contains(&file.path) {
            unit.starts = starts(file, &root, input.trunk);
        }
        unit.jobs = steps::translate(&mut reader, &root, input.sources);
        program.add(unit);
    }
}

/// The files that commands of the repository upload as pipelines.
fn uploaded(sources: &SourceSet) -> BTreeSet<String> {
    let Ok(regex) = Regex::new(r#"pipeline upload((?:\s+-[^\s]+)*)\s+["']?([^\s"'|;&<>$-][^\s"'|;&<>$]*)"#) else {
        return BTreeSet::new();
    };
    let mut out = BTreeSet::new();
    for file in sources.files().iter().filter(|f| f.text.contains("pipeline upload")) {
        let paths = regex.captures_iter(&file.text).filter_map(|c| join("", c.get(2)?.as_str()));
        out.extend(paths.filter(|p| sources.get(p).is_some()));
    }
    out
}

/// The file of a pipeline that a step triggers, by the names that such files have.
fn file_of(slug: &str, sources: &SourceSet) -> Option<String> {
    let names = ["pipeline.{}.yml", "pipeline-{}.yml", "{}.yml", "{}/pipeline.yml", "pipeline.{}.yaml", "{}.yaml"];
    let paths = names.iter().map(|name| format!(".buildkite/{}", name.replace("{}", slug)));
    paths.into_iter().find(|path| sources.get(path).is_some())
}

/// The branches and the tags that a pipeline names.
fn patterns(root: &Data, text: &str) -> (Vec<Pattern>, Vec<Pattern>) {
    let mut branches = values::compared(text, &["BUILDKITE_BRANCH"]);
    let mut tags = values::compared(text, &["BUILDKITE_TAG"]);
    for step in steps::all_in(root) {
        branches.extend(condition::named_branches(step));
        if let Some(expr) = step.get_str("if").and_then(|text| condition::read(text).ok()) {
            branches.extend(super::condition::named(&expr, BRANCH));
            tags.extend(super::condition::named(&expr, TAG));
        }
    }
    (values::spread(branches), tags)
}

/// What starts a pipeline stands on the server: pushes, and what else its conditions speak of.
fn starts(file: &SourceFile, root: &Data, trunk: &str) -> Vec<Start> {
    let (branches, tags) = patterns(root, &file.text);
    let refs = Refs::new(trunk, &branches, &tags);
    let span = values::first_line(file);
    let mentions = |names: &[&str]| names.iter().any(|n| file.text.contains(n));
    let mut out = refs.push(span);
    if mentions(&["build.pull_request", "BUILDKITE_PULL_REQUEST"]) {
        out.extend(refs.change(span));
    }
    if mentions(&["build.tag", "BUILDKITE_TAG"]) {
        out.extend(refs.tag(span));
    }
    let sources: Vec<String> = steps::all_in(root)
        .iter()
        .filter_map(|step| condition::read(step.get_str("if")?).ok())
        .flat_map(|expr| values::literal(super::condition::named(&expr, SOURCE)))
        .chain(values::literal(values::compared(&file.text, &["BUILDKITE_SOURCE"])))
        .collect();
    for (name, event) in
        [("schedule", Event::Schedule), ("api", Event::Api), ("ui", Event::Manual), ("trigger_job", Event::Upstream)]
    {
        if sources.iter().any(|s| s == name) {
            out.push(refs.on_trunk(event, span));
        }
    }
    let mut taken = values::literal(branches);
    taken.push(trunk.to_owned());
    for start in &mut out {
        start.assumed = true;
        bind(start, &taken, trunk);
    }
    out
}

/// The variables of a build: <https://buildkite.com/docs/pipelines/configure/environment-variables>.
fn bind(start: &mut Start, taken: &[String], trunk: &str) {
    let known = |name: &str| start.fact(name);
    let change = start.event == Event::Change;
    let tag = known(runs::TAG);
    let branch = match (start.event, tag.clone()) {
        // No tag has the name of a branch.
        (Event::Tag, Value::Other(not)) => Value::Other(not.into_iter().chain(taken.iter().cloned()).collect()),
        (Event::Tag, tag) => tag,
        // A change comes from another branch than the trunk.
        (Event::Change, _) => Value::Other(vec![String::new(), trunk.to_owned()]),
        _ => known(runs::BRANCH),
    };
    let source = match start.event {
        Event::Schedule => "schedule",
        Event::Api => "api",
        Event::Manual => "ui",
        Event::Upstream => "trigger_job",
        _ => "webhook",
    };
    let request = if change { Value::Other(vec![String::new(), "false".to_owned()]) } else { Value::text("false") };
    let id = if change { Value::Other(vec![String::new()]) } else { Value::text("") };
    let more = [
        (BRANCH, branch),
        (TAG, tag),
        (SOURCE, Value::text(source)),
        ("env.BUILDKITE_PULL_REQUEST", request),
        ("env.BUILDKITE_PULL_REQUEST_BASE_BRANCH", known(runs::TARGET)),
        (condition::REQUEST, id),
        ("env.BUILDKITE", Value::text("true")),
        ("env.CI", Value::text("true")),
    ];
    start.facts.extend(more.map(|(name, value)| (name.to_owned(), value)));
    if !trunk.is_empty() {
        start.facts.push(("env.BUILDKITE_PIPELINE_DEFAULT_BRANCH".to_owned(), Value::text(trunk)));
    }
}
