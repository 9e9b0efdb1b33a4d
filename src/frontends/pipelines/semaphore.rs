//! Semaphore: <https://docs.semaphore.io/reference/pipeline-yaml>.
//!
//! Names that expressions read: `semaphore.branch` (empty for a change and a tag), `semaphore.tag`, `semaphore.request`, and the
//! variables of a job, `env.SEMAPHORE_…`.

mod blocks;
mod condition;

use super::data::{self, Data};
use super::reader::Reader;
use super::runs::{self, Pattern, Refs};
use super::{Input, values};
use crate::model::{Call, Event, Expr, GateDecl, GateKind, Item, Need, Program, Start, Target, Unit, UnitKind, Value};
use crate::source::SourceFile;
use crate::source::paths::join;
use condition::{BRANCH, REQUEST, TAG};
use std::collections::BTreeSet;

/// The folder of the vendor's tables.
const VENDOR: &str = "semaphore";
/// The pipeline that a push starts.
const MAIN: &[&str] = &["semaphore.yml", "semaphore.yaml"];

/// Branches that a file names.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let documents = data::read(file, &mut Program::default());
    values::literal(documents.first().map(|root| patterns(root, &file.text).0).unwrap_or_default())
}

/// The branches and the tags that a pipeline names.
fn patterns(root: &Data, text: &str) -> (Vec<Pattern>, Vec<Pattern>) {
    let mut branches = values::compared(text, &["SEMAPHORE_GIT_BRANCH"]);
    let mut tags = values::compared(text, &["SEMAPHORE_GIT_TAG_NAME"]);
    for expr in condition::all_in(root) {
        branches.extend(super::condition::named(&expr, BRANCH));
        tags.extend(super::condition::named(&expr, TAG));
    }
    for promotion in root.get("promotions").map(Data::items).unwrap_or_default() {
        let on = promotion.get("auto_promote_on").map(Data::items).unwrap_or_default();
        branches.extend(on.iter().filter_map(|o| o.get("branch")).flat_map(Data::texts).map(|b| Pattern::Regex(b.to_owned())));
    }
    (values::spread(branches), tags)
}

/// Translate every pipeline. One that another promotes to is started by that alone.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    let mut read: Vec<(&SourceFile, Data)> = Vec::new();
    for file in input.files {
        read.extend(data::read(file, program).into_iter().next().filter(Data::is_map).map(|root| (*file, root)));
    }
    let mut promoted: BTreeSet<String> = BTreeSet::new();
    let mut at = 0;
    while at < read.len() {
        let (file, root) = &read[at];
        let paths: Vec<String> = promotions(root).iter().filter_map(|p| target(p, file, input)).collect();
        for path in paths {
            // It may stand anywhere in the repository.
            if promoted.insert(path.clone())
                && !read.iter().any(|(f, _)| f.path == path)
                && let Some(found) = input.sources.get(&path)
            {
                read.extend(data::read(found, program).into_iter().next().filter(Data::is_map).map(|root| (found, root)));
            }
        }
        at += 1;
    }
    // Every pipeline of a run sees the branches and tags that any of them names.
    let (mut branches, mut tags) = (Vec::new(), Vec::new());
    let mut text = String::new();
    for (file, root) in &read {
        let named = patterns(root, &file.text);
        branches.extend(named.0);
        tags.extend(named.1);
        text.push_str(&file.text);
    }
    let refs = Refs::new(input.trunk, &branches, &tags);
    for (file, root) in &read {
        let name = root.get_str("name").unwrap_or(&file.path).to_owned();
        let mut unit = Unit::new(UnitKind::Pipeline, name, file.whole());
        unit.dir = Some(Expr::lit(""));
        if MAIN.contains(&file.name()) {
            unit.starts = starts(file, &refs, &text);
        } else if !promoted.contains(&file.path) {
            // A task on the server, or a person, runs it.
            let mut start = refs.on_trunk(Event::Manual, values::first_line(file));
            start.assumed = true;
            bind(&mut start);
            unit.starts = vec![start];
        }
        let mut reader = Reader::new(input.catalogue, program, VENDOR, &values::none);
        blocks::translate(&mut reader, root, file, input.sources, &mut unit);
        for promotion in promotions(root) {
            if let Some(job) = promote(&mut reader, promotion, file, input, &unit) {
                unit.jobs.push(reader.program.add(job));
            }
        }
        program.add(unit);
    }
}

fn promotions(root: &Data) -> Vec<&Data> {
    root.get("promotions").map(Data::items).unwrap_or_default().iter().filter(|p| p.is_map()).collect()
}

/// The file of the pipeline that a promotion starts, from the folder of its own.
fn target(promotion: &Data, file: &SourceFile, input: &Input<'_>) -> Option<String> {
    let written = promotion.get_str("pipeline_file")?;
    let own = join(file.dir(), written)?;
    let rooted = join("", written.trim_start_matches('/'));
    [Some(own.clone()), rooted].into_iter().flatten().find(|p| input.sources.get(p).is_some()).or(Some(own))
}

/// A promotion as a job after all blocks: with `auto_promote` under its condition, else when a person presses it.
fn promote(reader: &mut Reader<'_>, promotion: &Data, file: &SourceFile, input: &Input<'_>, pipeline: &Unit) -> Option<Unit> {
    let path = target(promotion, file, input)?;
    let name = promotion.get_str("name").unwrap_or(&path).to_owned();
    let mut unit = Unit::new(UnitKind::Job, format!("promotion {name}"), promotion.item);
    unit.dir = Some(Expr::lit(""));
    let blocks = pipeline.jobs.iter().map(|id| &reader.program.unit(*id).name);
    let blocks = blocks.filter(|n| !n.starts_with("promotion "));
    unit.needs = blocks.map(|n| Need { name: n.clone(), optional: true, order_only: false }).collect();
    unit.environment = promotion.get_str("deployment_target").map(values::value);
    let automatic = ["auto_promote", "auto_promote_on"].iter().find_map(|key| promotion.pair(key)).filter(|p| !p.value.is_null());
    if let Some(pair) = automatic {
        unit.when = condition::promotion(&pair.value, reader.program);
        unit.when_span = Some(pair.span);
    } else {
        let span = promotion.pair("name").map_or(promotion.item, |p| p.span);
        unit.body.push(Item::Gate(GateDecl { kind: GateKind::Start, span, name: name.clone(), blocking: true }));
    }
    let parameters = promotion.at(&["parameters", "env_vars"]).map(Data::items).unwrap_or_default();
    let bind = parameters.iter().filter_map(|p| Some((format!("env.{}", p.get_str("name")?), blocks::parameter(p)))).collect();
    let text = format!("promotion: {name}");
    let call = Call { target: Target::Pipeline(path), bind, isolated: true, span: promotion.item, text };
    unit.body.push(Item::Call(Box::new(call)));
    Some(unit)
}

/// Pushes; tags and changes where the project builds them, which the files show by speaking of them.
fn starts(file: &SourceFile, refs: &Refs, text: &str) -> Vec<Start> {
    let span = values::first_line(file);
    let mentions = |names: &[&str]| names.iter().any(|n| text.contains(n));
    let mut out = refs.push(span);
    if mentions(&["pull_request", "SEMAPHORE_GIT_PR"]) {
        out.extend(refs.change(span));
    }
    if mentions(&["tag =", "tag !", "tag=", "SEMAPHORE_GIT_TAG"]) {
        out.extend(refs.tag(span));
    }
    out.iter_mut().for_each(bind);
    out
}

/// The variables of a job: <https://docs.semaphore.io/reference/env-vars>.
fn bind(start: &mut Start) {
    let known = |name: &str| start.fact(name);
    let change = start.event == Event::Change;
    let (branch, tag) = (known(runs::BRANCH), known(runs::TAG));
    let request = if change { Value::Other(vec![String::new()]) } else { Value::text("") };
    let kind = match start.event {
        Event::Change => "pull-request",
        Event::Tag => "tag",
        _ => "branch",
    };
    let more = [
        (BRANCH, if change { Value::text("") } else { branch.clone() }),
        (TAG, tag.clone()),
        (REQUEST, request.clone()),
        ("env.SEMAPHORE_GIT_BRANCH", if change { known(runs::TARGET) } else { branch }),
        ("env.SEMAPHORE_GIT_TAG_NAME", tag),
        ("env.SEMAPHORE_GIT_PR_NUMBER", request),
        ("env.SEMAPHORE_GIT_REF_TYPE", Value::text(kind)),
        ("env.SEMAPHORE", Value::text("true")),
        ("env.CI", Value::text("true")),
    ];
    start.facts.extend(more.map(|(name, value)| (name.to_owned(), value)));
}
