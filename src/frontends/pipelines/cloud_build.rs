//! Google Cloud Build: <https://cloud.google.com/build/docs/build-config-file-schema>.
//!
//! A build's file says what is done, never when: that is told by its triggers, which stand in Terraform, in Config Connector
//! objects or exported beside it, or by a command that submits it. So a file becomes a unit that is called, and each trigger
//! a pipeline that calls it with the trigger's own substitutions. What nothing calls is left to be run by hand.
//!
//! Substitutions are read as variables `env.NAME`: in a shell's text they look like its own.

mod arguments;
mod builds;
mod images;
mod starts;
mod steps;
mod triggers;

use super::Input;
use super::data::{self, Data};
use super::resources::{self, refs};
use crate::model::{Call, Expr, GateDecl, GateKind, Item, Program, SURROUNDING, Start, Target, Tier, Unit, UnitId, UnitKind};
use crate::source::{SourceFile, Span};
use std::collections::BTreeMap;
use triggers::{Trigger, What};

/// The folder of the vendor's tables.
const VENDOR: &str = "cloud-build";

/// Branches that the conditions of a build's scripts name; those of triggers, where the file is one of these.
pub(super) fn branches(file: &SourceFile) -> Vec<String> {
    builds::compared_branches(&file.text)
}

/// What a pipeline of one trigger is made of.
struct Started<'a> {
    name: &'a str,
    span: Span,
    starts: Vec<Start>,
    bind: Vec<(String, Expr)>,
    paths: Vec<String>,
    gate: Option<Span>,
}

/// Translate all builds and triggers.
pub(super) fn translate(input: &Input<'_>, program: &mut Program) {
    let triggers = triggers::all(input, program);
    let named: Vec<String> = triggers.iter().flat_map(Trigger::branches).collect();
    let trunk = refs::trunk_among(input.trunk, &named);
    let input = &Input { trunk: &trunk, ..*input };
    let mut units: BTreeMap<String, UnitId> = BTreeMap::new();
    let mut files: Vec<&SourceFile> = input.files.iter().copied().filter(|f| is_build(f)).collect();
    for trigger in &triggers {
        // A trigger may name a file that its name doesn't tell.
        if let What::File(path) = &trigger.what
            && let Some(file) = input.sources.get(path)
            && !files.iter().any(|f| f.path == file.path)
        {
            files.push(file);
        }
    }
    for file in &files {
        if let Some(root) = document(file, program) {
            let unit = builds::unit(&root, &file.path, file.whole(), input, program);
            units.insert(file.path.clone(), unit);
        }
    }
    let mut triggered: Vec<&str> = Vec::new();
    for trigger in &triggers {
        let called: Vec<(UnitId, &str)> = match &trigger.what {
            What::File(path) => units.iter().filter(|(p, _)| triggers::fits(path, p)).map(|(p, id)| (*id, p.as_str())).collect(),
            What::Build(root) => vec![(builds::unit(root, &trigger.name, trigger.span, input, program), "")],
            What::Unknown => Vec::new(),
        };
        for (unit, path) in called {
            if !path.is_empty() {
                triggered.push(path);
            }
            add(&started(trigger, input), unit, program);
        }
    }
    for file in &files {
        if let Some(unit) = units.get(&file.path)
            && triggers.is_empty()
            && builds::usual_place(file, input.sources)
            && !builds::is_submitted(file, input.sources, input.catalogue)
        {
            let span = Span::new(file.id, 0, 0);
            let starts = starts::assumed(input.trunk, &builds::patterns(&file.text), span);
            let name = file.path.as_str();
            let all = Started { name, span: file.whole(), starts, bind: Vec::new(), paths: Vec::new(), gate: None };
            add(&all, *unit, program);
        }
    }
}

/// Whether a file that the table names is a build, not a file of triggers.
fn is_build(file: &SourceFile) -> bool {
    let words = ["cloudbuild.cnrm.cloud.google.com", "triggerTemplate:"];
    !file.path.ends_with(".tf") && !words.iter().any(|w| file.text.contains(w))
}

/// A build's file, where it is one.
fn document(file: &SourceFile, program: &mut Program) -> Option<Data> {
    let all = resources::documents(file, program);
    all.into_iter().find(|d| d.get("steps").is_some_and(Data::is_list))
}

fn started<'t>(trigger: &'t Trigger, input: &Input<'_>) -> Started<'t> {
    let environments = input.catalogue.environments();
    // A trigger that is only called `ci` or `test` says what it does, not where.
    let says = |found: &String| environments.tier(found) != Tier::Test || trigger.name.contains("deploy");
    let named = environments.find_in(&trigger.name).filter(says);
    let mut bind = trigger.substitutions.clone();
    bind.push(("env.TRIGGER_NAME".to_owned(), Expr::lit(trigger.name.as_str())));
    if let Some(name) = named {
        bind.push((SURROUNDING.to_owned(), Expr::lit(name)));
    }
    Started {
        name: &trigger.name,
        span: trigger.span,
        starts: starts::of(trigger, input.trunk),
        bind,
        paths: trigger.paths.clone(),
        gate: trigger.approval,
    }
}

/// A pipeline that calls a build.
fn add(all: &Started<'_>, unit: UnitId, program: &mut Program) {
    let mut job = Unit::new(UnitKind::Job, "build", all.span);
    if let Some(span) = all.gate {
        let gate = GateDecl { kind: GateKind::Approval, span, name: all.name.to_owned(), blocking: true };
        job.body.push(Item::Gate(gate));
    }
    let text = program.unit(unit).name.clone();
    let call = Call { target: Target::Unit(unit), bind: Vec::new(), isolated: false, span: program.unit(unit).span, text };
    job.body.push(Item::Call(Box::new(call)));
    let mut pipeline = Unit::new(UnitKind::Pipeline, all.name, all.span);
    pipeline.starts.clone_from(&all.starts);
    pipeline.bind.clone_from(&all.bind);
    pipeline.paths.clone_from(&all.paths);
    pipeline.jobs = vec![program.add(job)];
    program.add(pipeline);
}
