//! What starts a run: <https://docs.drone.io/pipeline/triggers/>, <https://docs.drone.io/promote/>,
//! <https://woodpecker-ci.org/docs/usage/workflow-syntax#event>.

use super::when;
use crate::frontends::pipelines::condition;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{self, Pattern, Refs};
use crate::frontends::pipelines::values;
use crate::model::{Event, Start, Value};
use crate::source::Span;

/// The event, by its name in Woodpecker.
pub const EVENT: &str = "drone.event";
/// The branch: of a change the one that it is for; empty for a tag.
pub const BRANCH: &str = "drone.branch";
/// The tag; empty for anything else.
pub const TAG: &str = "drone.tag";
/// Where a person deploys to; empty for anything else.
pub const TARGET: &str = "drone.target";
/// The name of the timer.
pub const CRON: &str = "drone.cron";

/// Variables that hold the branch, the tag and the target.
const BRANCH_VARIABLES: &[&str] = &["DRONE_BRANCH", "DRONE_COMMIT_BRANCH", "DRONE_TARGET_BRANCH", "CI_COMMIT_BRANCH"];
const TAG_VARIABLES: &[&str] = &["DRONE_TAG", "CI_COMMIT_TAG"];
const TARGET_VARIABLES: &[&str] = &["DRONE_DEPLOY_TO", "CI_PIPELINE_DEPLOY_TARGET", "CI_BUILD_DEPLOY_TARGET"];

/// What the files' triggers, conditions and scripts name.
#[derive(Debug, Default)]
pub struct Mentioned {
    /// Branches.
    pub branches: Vec<Pattern>,
    tags: Vec<Pattern>,
    targets: Vec<String>,
    crons: Vec<String>,
    /// Events, with the line that names them first.
    events: Vec<(String, Span)>,
}

impl Mentioned {
    /// By the documents of a file.
    pub fn of(documents: &[Data], text: &str) -> Self {
        let mut out = Self::default();
        for document in documents {
            for condition in when::all_in(document) {
                out.add(condition);
            }
            out.branches.extend(when::listed(document, "branches").iter().map(|b| Pattern::glob(b)));
        }
        out.branches.extend(values::compared(text, BRANCH_VARIABLES));
        out.tags.extend(values::compared(text, TAG_VARIABLES));
        out.targets.extend(values::literal(values::compared(text, TARGET_VARIABLES)));
        out.targets.sort();
        out.targets.dedup();
        out
    }

    fn add(&mut self, condition: &Data) {
        self.branches.extend(when::listed(condition, "branch").iter().map(|b| Pattern::glob(b)));
        self.tags.extend(when::listed(condition, "tag").iter().map(|t| Pattern::glob(t)));
        for name in when::listed(condition, "ref") {
            if let Some(branch) = name.strip_prefix("refs/heads/") {
                self.branches.push(Pattern::glob(branch));
            } else if let Some(tag) = name.strip_prefix("refs/tags/") {
                self.tags.push(Pattern::glob(tag));
            }
        }
        for key in ["target", "environment"] {
            let names = when::included(condition, key);
            if let Some(pair) = condition.pair(key).filter(|_| condition.get("event").is_none()) {
                self.event("deployment", pair.span);
            }
            self.targets.extend(names.into_iter().filter(|n| !n.contains('*')));
        }
        self.crons.extend(when::included(condition, "cron").into_iter().filter(|n| !n.contains('*')));
        if let Some(text) = condition.get_str("evaluate") {
            let expr = when::evaluate(text);
            let named = |variables: &[&str]| -> Vec<Pattern> {
                variables.iter().flat_map(|v| condition::named(&expr, &format!("env.{v}"))).collect()
            };
            self.branches.extend(named(BRANCH_VARIABLES));
            self.tags.extend(named(TAG_VARIABLES));
            self.targets.extend(values::literal(named(TARGET_VARIABLES)));
            for name in values::literal(named(&["CI_PIPELINE_EVENT", "CI_BUILD_EVENT"])) {
                self.event(&name, condition.pair("evaluate").map_or(condition.span, |p| p.span));
            }
        }
        for name in when::included(condition, "event") {
            self.event(when::event(&name), condition.pair("event").map_or(condition.span, |p| p.span));
        }
    }

    fn event(&mut self, name: &str, span: Span) {
        if !self.events.iter().any(|(known, _)| known == name) {
            self.events.push((name.to_owned(), span));
        }
    }

    /// Every way in which a run may start: pushes, changes and tags, and the other events that are named.
    pub fn starts(&self, trunk: &str, span: Span) -> Vec<Start> {
        let refs = Refs::new(trunk, &self.branches, &self.tags);
        let mut out: Vec<Start> = Vec::new();
        // Of a deployment the value is its target, of a timer its name.
        let mut add = |name: &str, value: Value, starts: Vec<Start>| {
            for mut start in starts {
                bind(&mut start, name, &value, trunk);
                out.push(start);
            }
        };
        add("push", Value::text(""), refs.push(span));
        add("pull_request", Value::text(""), refs.change(span));
        add("tag", Value::text(""), refs.tag(span));
        for (name, span) in &self.events {
            match name.as_str() {
                "pull_request_closed" => add(name, Value::text(""), refs.change(*span)),
                "release" => add(name, Value::text(""), refs.tag(*span)),
                "cron" => each(&self.crons, &mut |value| add(name, value, vec![refs.on_trunk(Event::Schedule, *span)])),
                "manual" => add(name, Value::text(""), vec![refs.on_trunk(Event::Manual, *span)]),
                "deployment" | "rollback" => {
                    let start = || Start { promotes: true, ..refs.on_trunk(Event::Manual, *span) };
                    each(&self.targets, &mut |value| add(name, value, vec![start()]));
                }
                _ => {}
            }
        }
        out
    }
}

/// Every name, then any other.
fn each(names: &[String], add: &mut dyn FnMut(Value)) {
    for name in names {
        add(Value::text(name.as_str()));
    }
    add(Value::Other(names.to_vec()));
}

/// The variables of a run: <https://docs.drone.io/pipeline/environment/reference/>,
/// <https://woodpecker-ci.org/docs/usage/environment>.
fn bind(start: &mut Start, event: &str, value: &Value, trunk: &str) {
    let known = |name: &str| start.fact(name);
    let (own, tag) = (known(runs::BRANCH), known(runs::TAG));
    let change = start.event == Event::Change;
    let branch = if change { known(runs::TARGET) } else { own.clone() };
    let from = if change { own } else { branch.clone() };
    let nothing = Value::text("");
    let (target, cron) = if event == "cron" { (&nothing, value) } else { (value, &nothing) };
    let request = if change { Value::Other(vec![String::new()]) } else { Value::text("") };
    let old = match event {
        "deployment" => "promote",
        "manual" => "custom",
        other => other,
    };
    let mut facts: Vec<(String, Value)> = vec![
        (EVENT.to_owned(), Value::text(event)),
        (BRANCH.to_owned(), branch.clone()),
        (TAG.to_owned(), tag.clone()),
        (TARGET.to_owned(), target.clone()),
        (CRON.to_owned(), cron.clone()),
        ("env.DRONE_BUILD_EVENT".to_owned(), Value::text(old)),
        ("env.CI_PIPELINE_EVENT".to_owned(), Value::text(event)),
        ("env.CI_BUILD_EVENT".to_owned(), Value::text(event)),
    ];
    let mut add = |names: &[&str], value: &Value| facts.extend(names.iter().map(|n| (format!("env.{n}"), value.clone())));
    add(BRANCH_VARIABLES, &branch);
    add(TAG_VARIABLES, &tag);
    add(TARGET_VARIABLES, target);
    add(&["DRONE_SOURCE_BRANCH", "CI_COMMIT_SOURCE_BRANCH"], &from);
    add(&["CI_COMMIT_TARGET_BRANCH"], if change { &branch } else { &request });
    add(&["DRONE_PULL_REQUEST", "CI_COMMIT_PULL_REQUEST"], &request);
    add(&["CI", "DRONE"], &Value::text("true"));
    if !trunk.is_empty() {
        add(&["DRONE_REPO_BRANCH", "CI_REPO_DEFAULT_BRANCH"], &Value::text(trunk));
    }
    start.facts.extend(facts);
}
