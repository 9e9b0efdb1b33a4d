//! What starts a pipeline, and what GitLab then sets:
//! <https://docs.gitlab.com/ci/variables/predefined_variables/>.

use super::rules::Workflow;
use super::seen::Seen;
use super::variables::{Variables, slug};
use super::{SLUG, SOURCE};
use crate::frontends::pipelines::runs::{self, Pattern, Refs};
use crate::model::{Event, RefKind, Start, Truth, Value};
use crate::source::Span;

/// What starts are made from.
pub(super) struct Around<'a> {
    /// The trunk's name, never empty.
    pub trunk: &'a str,
    pub seen: &'a Seen,
    pub workflow: &'a Workflow,
    /// Variables of the pipeline.
    pub variables: &'a Variables,
    /// The first line of the file.
    pub first: Span,
}

/// The event and the value of `CI_PIPELINE_SOURCE` that stand for each other.
fn event_of(source: &str) -> Option<Event> {
    Some(match source {
        "schedule" => Event::Schedule,
        "web" | "chat" => Event::Manual,
        "api" | "trigger" => Event::Api,
        "pipeline" => Event::Upstream,
        _ => return None,
    })
}

/// All starts that the workflow lets in.
pub(super) fn starts(around: &Around<'_>) -> Vec<Start> {
    let seen = around.seen;
    let refs = Refs::new(around.trunk, &seen.branches, &seen.tags);
    let mut out = Vec::new();
    let mut add = |list: Vec<Start>, source: &str| {
        for mut start in list {
            complete(&mut start, source, around);
            if let Some(line) = admit(&mut start, around) {
                if around.first == start.span {
                    start.span = line;
                }
                out.push(start);
            }
        }
    };
    add(refs.push(around.first), "push");
    add(refs.tag(around.first), "push");
    for (source, span) in &seen.sources {
        match event_of(source) {
            Some(event) => {
                let mut list = vec![refs.on_trunk(event, *span)];
                if matches!(event, Event::Manual | Event::Schedule | Event::Api) {
                    list.extend(refs.on_others(event, *span));
                    list.extend(refs.on_tags(event, *span));
                }
                add(list, source);
            }
            None => add(changes(&refs, around, *span), source),
        }
    }
    out
}

/// Merge requests for the trunk, and for the other branches that conditions name as targets.
fn changes(refs: &Refs, around: &Around<'_>, span: Span) -> Vec<Start> {
    let mut out = refs.change(span);
    let others = around.seen.targets.iter().filter(|p| !p.is(around.trunk)).filter_map(Pattern::sample);
    for target in others {
        let mut start = refs.change(span).remove(0);
        start.set(runs::TARGET, Value::text(target));
        out.push(start);
    }
    for start in &mut out {
        // Nobody merges a branch into itself.
        let not = vec![String::new(), around.trunk.to_owned()];
        start.set(runs::BRANCH, Value::Other(not));
    }
    out
}

/// Ask the workflow: the line of the rule that lets a start in, without rules the first of the file; none: it is kept out.
/// What the rule sets becomes known.
fn admit(start: &mut Start, around: &Around<'_>) -> Option<Span> {
    let Some(when) = &around.workflow.when else { return Some(around.first) };
    let mut scope = start.scope();
    for (name, e) in around.variables {
        let value = e.eval(&scope);
        scope.set(format!("env.{name}"), value);
    }
    if when.truth(&scope) == Truth::False {
        return None;
    }
    let mut line = None;
    let mut undecided = false;
    for (when, never, variables, span) in &around.workflow.rules {
        let truth = when.truth(&scope);
        if truth == Truth::False {
            continue;
        }
        if !never {
            line = line.or(Some(*span));
            for (name, e) in variables {
                let name = format!("given.{name}");
                let certain = truth == Truth::True && !undecided;
                let value = if certain { e.eval(&scope) } else { Value::Unknown };
                if !start.facts.iter().any(|(n, _)| *n == name) {
                    start.facts.push((name, value));
                }
            }
        }
        if truth == Truth::True {
            break;
        }
        undecided = true;
    }
    Some(line.unwrap_or(around.first))
}

/// What GitLab sets for a start.
fn complete(start: &mut Start, source: &str, around: &Around<'_>) {
    let seen = around.seen;
    if let Value::Other(not) = start.fact(runs::TAG) {
        // A tag is not called like a branch.
        let names = seen.branches.iter().filter_map(|p| match p {
            Pattern::Name(name) => Some(name.clone()),
            _ => None,
        });
        let mut not: Vec<String> = not.into_iter().chain([around.trunk.to_owned()]).chain(names).collect();
        not.sort();
        not.dedup();
        start.set(runs::TAG, Value::Other(not));
    }
    let change = start.on == RefKind::Change;
    let (branch, tag, target) = (start.fact(runs::BRANCH), start.fact(runs::TAG), start.fact(runs::TARGET));
    let (branch_of_change, target_of_change) = (branch.clone(), target.clone());
    let none = || Value::text("");
    let name = if start.on == RefKind::Tag { tag.clone() } else { branch.clone() };
    let slug = slug(&name);
    let given = || Value::Other(vec![String::new()]);
    let external = |value: Value| if source == "external_pull_request_event" { value } else { Value::text("") };
    let change = change && source == "merge_request_event";
    let of_change = |value: Value| if change { value } else { Value::text("") };
    let own = if source == "merge_request_event" { none() } else { branch.clone() };
    let protected = if start.on == RefKind::Trunk { Value::text("true") } else { Value::Unknown };
    let values = [
        ("CI_COMMIT_BRANCH", own),
        ("CI_COMMIT_TAG", tag),
        ("CI_BUILD_REF_NAME", name.clone()),
        ("CI_COMMIT_REF_NAME", name),
        ("CI_COMMIT_REF_PROTECTED", protected),
        ("CI_DEFAULT_BRANCH", Value::text(around.trunk)),
        ("CI_DEPLOY_FREEZE", none()),
        ("CI_OPEN_MERGE_REQUESTS", of_change(given())),
        ("CI_MERGE_REQUEST_ID", of_change(given())),
        ("CI_MERGE_REQUEST_IID", of_change(given())),
        ("CI_MERGE_REQUEST_REF_PATH", of_change(given())),
        ("CI_MERGE_REQUEST_PROJECT_ID", of_change(given())),
        ("CI_MERGE_REQUEST_PROJECT_PATH", of_change(given())),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", of_change(given())),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", of_change(branch)),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", of_change(target)),
        ("CI_MERGE_REQUEST_EVENT_TYPE", of_change(Value::one_of(vec!["detached".into(), "merged_result".into()]))),
        ("CI_EXTERNAL_PULL_REQUEST_IID", external(given())),
        ("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME", external(branch_of_change)),
        ("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", external(target_of_change)),
        ("CI_PIPELINE_TRIGGERED", if source == "trigger" { Value::text("true") } else { none() }),
        ("CI_PROJECT_DIR", Value::text(".")),
        ("CI", Value::text("true")),
        ("GITLAB_CI", Value::text("true")),
    ];
    start.facts.push((SOURCE.to_owned(), Value::text(source)));
    start.facts.push((SLUG.to_owned(), slug));
    start.facts.extend(values.into_iter().map(|(name, value)| (format!("env.{name}"), value)));
}
