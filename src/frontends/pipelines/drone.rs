//! Drone (<https://docs.drone.io/pipeline/overview/>) and Woodpecker (<https://woodpecker-ci.org/docs/usage/workflow-syntax>),
//! which goes on from it.
//!
//! Names that expressions read: `drone.event`, `drone.branch` (of a change the branch that it is for), `drone.tag`,
//! `drone.target` (where a person deploys to), and the variables of a run, `env.DRONE_…` and `env.CI_…`.

mod starts;
mod steps;
mod when;
mod woodpecker;

use super::data::{self, Data, Kind};
use super::reader::Reader;
use super::{Input, values};
use crate::model::{Expr, Program, Unit, UnitKind, Wrapper};
use crate::source::{SourceFile, Span};
use starts::Mentioned;
use when::Filter;

pub use woodpecker::{branches as woodpecker_branches, translate as translate_woodpecker};

/// The folder of the vendors' tables.
const VENDOR: &str = "drone";

/// Branches that a file names.
pub fn branches(file: &SourceFile) -> Vec<String> {
    if !is_yaml(file) {
        return Vec::new();
    }
    let documents = data::read(file, &mut Program::default());
    let mentioned = Mentioned::of(&documents, &file.text);
    values::literal(mentioned.branches)
}

/// A file may also be a program that writes the pipeline.
fn is_yaml(file: &SourceFile) -> bool {
    [".yml", ".yaml"].iter().any(|end| file.path.ends_with(end))
}

/// Translate every file.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    for file in input.files {
        if !is_yaml(file) {
            program.unread_pipelines.push(("Drone".to_owned(), file.id));
            continue;
        }
        let documents = data::read(file, program);
        let mentioned = Mentioned::of(&documents, &file.text);
        let mut reader = Reader::new(input.catalogue, program, VENDOR, &values::escaped);
        let mut unit = Unit::new(UnitKind::Pipeline, file.path.as_str(), file.whole());
        unit.dir = Some(Expr::lit(""));
        let mut names = Vec::new();
        let mut triggers = Vec::new();
        for document in documents.iter().filter(|d| d.is_map()) {
            match document.get_str("kind") {
                Some("pipeline") => {}
                None if document.get("pipeline").is_some() || document.get("steps").is_some() => {}
                Some("template") => {
                    let name = document.get_str("load").unwrap_or("");
                    let why = format!("the template {name} is not in this repository");
                    reader.program.unknowns.push((document.span, why));
                    continue;
                }
                _ => continue,
            }
            let (job, trigger) = job(&mut reader, document, &mut names);
            triggers.push(trigger);
            unit.jobs.push(reader.program.add(job));
        }
        let span = triggers.iter().find_map(|t| t.span).unwrap_or_else(|| values::first_line(file));
        let any = Expr::Or(triggers.into_iter().map(|t| t.when).collect());
        unit.starts = values::possible(mentioned.starts(input.trunk, span), &any);
        if !unit.jobs.is_empty() {
            program.add(unit);
        }
    }
}

/// A pipeline of the file as a job, with its trigger.
fn job(reader: &mut Reader<'_>, document: &Data, names: &mut Vec<String>) -> (Unit, Filter) {
    let name = values::unique(document.get_str("name").unwrap_or("default"), names);
    let trigger = document.pair("trigger").or_else(|| document.pair("when"));
    let mut filter = trigger.map_or_else(Filter::always, |t| Filter::of(&t.value, when::Subject::Drone));
    if let Some(branches) = document.pair("branches") {
        filter = filter.and(Expr::Or(vec![when::branches(&branches.value), when::is_tag()]), branches.span);
    }
    let mut unit = Unit::new(UnitKind::Job, name, document.span);
    surroundings(&mut unit, document, &filter);
    unit.needs = steps::needs(document);
    let windows = document.at(&["platform", "os"]).and_then(Data::str) == Some("windows");
    // Such a pipeline's commands run on a server.
    let remote = (document.get_str("type") == Some("ssh")).then(|| {
        let host = document.at(&["server", "host"]).and_then(Data::str);
        Wrapper::Remote(host.map_or_else(|| Expr::Unknown("not named".to_owned()), values::value))
    });
    let around = steps::Around { windows, remote, services: unit.local_services, subject: when::Subject::Drone };
    let listed = document.get("steps").or_else(|| document.get("pipeline"));
    unit.body = steps::stage(reader, listed, &unit.name, &around);
    (unit, filter)
}

/// What a job's own keys say beside its steps.
fn surroundings(unit: &mut Unit, config: &Data, filter: &Filter) {
    unit.dir = Some(Expr::lit(""));
    unit.when = filter.when.clone();
    unit.when_span = filter.span;
    unit.paths.clone_from(&filter.paths);
    unit.bind = config.get("environment").map(values::environment).unwrap_or_default();
    unit.matrix = matrix(config.get("matrix"));
    unit.local_services = services(config.get("services"));
    if filter.deploys {
        unit.environment = Some(Expr::Var(starts::TARGET.to_owned()));
    }
}

/// Whether a job has services of its own other than Docker.
fn services(data: Option<&Data>) -> bool {
    let image =
        |service: &Data| service.get_str("image").is_some_and(|i| !i.rsplit('/').next().unwrap_or(i).starts_with("docker"));
    data.is_some_and(|d| match &d.kind {
        Kind::List(services) => services.iter().any(image),
        Kind::Map(services) => services.iter().any(|p| image(&p.value)),
        _ => false,
    })
}

/// At most so many combinations of a matrix are told apart.
const MAX_COMBINATIONS: usize = 64;

/// The combinations of a matrix.
fn matrix(data: Option<&Data>) -> Vec<Vec<(String, Expr)>> {
    let Some(data) = data else { return Vec::new() };
    let row = |row: &Data| values::environment(row);
    if let Some(include) = data.get("include") {
        return include.items().iter().map(row).take(MAX_COMBINATIONS).collect();
    }
    let mut out: Vec<Vec<(String, Expr)>> = Vec::new();
    for pair in data.pairs() {
        let texts = pair.value.texts();
        if out.len().max(1) * texts.len() > MAX_COMBINATIONS {
            continue;
        }
        let values = texts.iter().map(|t| (format!("env.{}", pair.key), Expr::lit(*t)));
        out = if out.is_empty() {
            values.map(|v| vec![v]).collect()
        } else {
            let values: Vec<_> = values.collect();
            out.iter().flat_map(|row| values.iter().map(|v| [row.clone(), vec![v.clone()]].concat())).collect()
        };
    }
    out
}

/// The place of a key and its value, where it has one.
fn span_of(data: &Data, key: &str) -> Option<Span> {
    data.pair(key).map(|p| p.span)
}
