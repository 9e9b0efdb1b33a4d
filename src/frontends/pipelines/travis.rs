//! Travis CI: <https://docs.travis-ci.com/user/customizing-the-build>, <https://config.travis-ci.com>.
//!
//! Names that expressions read are the variables that Travis sets: `env.TRAVIS_BRANCH` (of a change the branch that it is for,
//! of a tag the tag), `env.TRAVIS_TAG`, `env.TRAVIS_EVENT_TYPE`, `env.TRAVIS_PULL_REQUEST`.

mod conditions;
mod deploy;
mod imports;
mod jobs;
mod matrix;

use super::data::{self, Data};
use super::reader::Reader;
use super::runs::{self, Pattern, Refs};
use super::{Input, values};
use crate::model::{Event, Expr, Program, Start, Unit, UnitKind, Value};
use crate::source::SourceFile;
use conditions::{BRANCH, TAG};

/// The folder of the vendor's tables.
const VENDOR: &str = "travis-ci";

/// Branches that a file names.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let documents = data::read(file, &mut Program::default());
    values::literal(documents.first().map(|root| patterns(root, &file.text).0).unwrap_or_default())
}

/// Translate every configuration.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    for file in input.files {
        let Some(root) = data::read(file, program).into_iter().next().filter(Data::is_map) else { continue };
        let root = imports::merged(&root, file, input, program);
        let mut reader = Reader::new(input.catalogue, program, VENDOR, &values::none);
        let mut unit = Unit::new(UnitKind::Pipeline, file.path.as_str(), file.whole());
        unit.dir = Some(Expr::lit(""));
        let filter = conditions::root(&root, reader.program);
        unit.starts = values::possible(starts(file, &root, input.trunk), &filter.when);
        if filter.when.literal() == Some("false") {
            unit.disabled = Some("if: false".to_owned());
        }
        jobs::translate(&mut reader, &root, &filter, file.whole(), &mut unit);
        program.add(unit);
    }
}

/// The branches and the tags that a configuration names: in filters, conditions and scripts. A filter of branches is held
/// against the name of a tag as well.
fn patterns(root: &Data, text: &str) -> (Vec<Pattern>, Vec<Pattern>) {
    let mut branches = conditions::filter_patterns(root);
    let mut tags: Vec<Pattern> = branches.iter().filter(|p| matches!(p, Pattern::Regex(_))).cloned().collect();
    for condition in conditions::all_of(root) {
        branches.extend(super::condition::named(&condition, BRANCH));
        tags.extend(super::condition::named(&condition, TAG));
    }
    for job in jobs::configurations(root) {
        branches.extend(deploy::branches(job));
    }
    branches.extend(values::compared(text, &["TRAVIS_BRANCH"]));
    tags.extend(values::compared(text, &["TRAVIS_TAG"]));
    (values::spread(branches), tags)
}

/// Pushes, changes and tags; what a timer or a program starts, only where the file speaks of it.
fn starts(file: &SourceFile, root: &Data, trunk: &str) -> Vec<Start> {
    let (branches, tags) = patterns(root, &file.text);
    let refs = Refs::new(trunk, &branches, &tags);
    let span = ["if", "branches"].iter().find_map(|key| root.pair(key)).map(|p| p.span).filter(|s| s.file == file.id);
    let span = span.unwrap_or_else(|| values::first_line(file));
    let mut out = refs.push(span);
    out.extend(refs.change(span));
    out.extend(refs.tag(span));
    let types = conditions::types(root, &file.text);
    for (name, event) in [("cron", Event::Schedule), ("api", Event::Api)] {
        if types.iter().any(|t| t == name) {
            out.push(refs.on_trunk(event, span));
        }
    }
    let mut taken = values::literal(branches);
    taken.push(trunk.to_owned());
    for start in &mut out {
        bind(start, &taken);
    }
    out
}

/// The variables of a run, beside branches of these names: <https://docs.travis-ci.com/user/environment-variables#default-environment-variables>.
fn bind(start: &mut Start, taken: &[String]) {
    let change = start.event == Event::Change;
    let is = |neutral| start.fact(neutral);
    let branch = match start.event {
        Event::Change => is(runs::TARGET),
        // No tag has the name of a branch.
        Event::Tag => match is(runs::TAG) {
            Value::Other(not) => Value::Other(not.into_iter().chain(taken.iter().cloned()).collect()),
            named => named,
        },
        _ => is(runs::BRANCH),
    };
    let (kind, request) = match start.event {
        Event::Change => ("pull_request", Value::Other(vec![String::new(), "false".to_owned()])),
        Event::Schedule => ("cron", Value::text("false")),
        Event::Api => ("api", Value::text("false")),
        _ => ("push", Value::text("false")),
    };
    let from = if change { is(runs::BRANCH) } else { Value::text("") };
    let more = [
        ("BRANCH", branch),
        ("TAG", is(runs::TAG)),
        ("EVENT_TYPE", Value::text(kind)),
        ("PULL_REQUEST", request),
        ("PULL_REQUEST_BRANCH", from),
        ("BUILD_DIR", Value::text(".")),
        ("TEST_RESULT", Value::text("0")),
    ];
    start.facts.extend(more.into_iter().map(|(name, value)| (format!("env.TRAVIS_{name}"), value)));
    if !change {
        // Encrypted variables are withheld from the changes of others only.
        start.facts.push(("env.TRAVIS_SECURE_ENV_VARS".to_owned(), Value::text("true")));
    }
    start.facts.extend(["env.CI", "env.TRAVIS"].map(|name| (name.to_owned(), Value::text("true"))));
}
