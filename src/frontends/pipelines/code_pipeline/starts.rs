//! What starts a pipeline (<https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-about-starting.html>) and a
//! project (<https://docs.aws.amazon.com/codebuild/latest/userguide/webhooks.html>).

use super::actions::source;
use super::{Object, Refs};
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::resources::refs::{named_by, pushes, tags};
use crate::frontends::pipelines::resources::{below, field, pair, switch, text};
use crate::frontends::pipelines::runs::{BRANCH, TAG};
use crate::model::{Event, HOLE, RefKind, Start, Value};
use crate::source::{SourceFile, Span};
use regex::Regex;
use std::sync::OnceLock;

/// Branches that the sources of a file's pipelines name.
pub(super) fn named_branches(text: &str) -> Vec<String> {
    static NAMED: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = r#"\bBranch(?:Name)?["']?\s*[=:]\s*["']?([A-Za-z][\w./-]*)["']?\s*(?:,|\n|$|\})"#;
    let Some(named) = NAMED.get_or_init(|| Regex::new(pattern).ok()) else { return Vec::new() };
    named.captures_iter(text).filter_map(|c| c.get(1)).map(|m| m.as_str().to_owned()).filter(|n| !n.contains("var.")).collect()
}

/// Branches that an object names, wherever it does.
pub(super) fn branches_of(data: &Data, out: &mut Vec<String>) {
    for pair in data.pairs() {
        let key = pair.key.replace('_', "").to_ascii_lowercase();
        if matches!(key.as_str(), "branch" | "branchname") || key == "branches" {
            let names =
                pair.value.scalars().into_iter().chain(field(&pair.value, "includes").map(Data::scalars).into_iter().flatten());
            out.extend(names.filter(|n| n.tag.is_none()).filter_map(Data::str).filter_map(named_by));
        }
        branches_of(&pair.value, out);
    }
    for item in data.items() {
        branches_of(item, out);
    }
}

/// Pushes to any branch, where no file says what starts a build.
pub(super) fn assumed(trunk: &str, span: Span) -> Vec<Start> {
    let mut out = Refs::new(trunk, &[], &[]).push(span);
    for start in &mut out {
        start.assumed = true;
    }
    out
}

/// The starts of a pipeline: by its triggers, else by its sources; with neither a person starts it.
pub(super) fn of_pipeline(pipeline: &Object, file: &SourceFile, hooked: bool, trunk: &str) -> Vec<Start> {
    let triggers = field(&pipeline.data, "triggers").or_else(|| field(&pipeline.data, "trigger"));
    let mut out: Vec<Start> =
        triggers.map(Data::one_or_many).unwrap_or_default().iter().flat_map(|t| of_trigger(t, trunk)).collect();
    let ruled = ["AWS::Events::Rule", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"];
    let ruled = ruled.iter().any(|word| file.text.contains(word));
    if out.is_empty() {
        let sources = sources(pipeline);
        out.extend(sources.iter().flat_map(|a| of_source(a, ruled, hooked, trunk)));
        if out.is_empty() {
            let off = |a: &&Data| {
                let settings = field(a, "configuration")?;
                pair(settings, "detect_changes").or_else(|| pair(settings, "poll_for_source_changes")).map(|p| p.span)
            };
            let span = sources.iter().find_map(off).unwrap_or(pipeline.span);
            out.push(Refs::new(trunk, &[], &[]).on_trunk(Event::Manual, span));
        }
    }
    out
}

/// The actions that bring sources.
fn sources(pipeline: &Object) -> Vec<&Data> {
    let stages = field(&pipeline.data, "stages").or_else(|| field(&pipeline.data, "stage")).map(Data::one_or_many);
    let actions = |stage| field(stage, "actions").or_else(|| field(stage, "action")).map(Data::one_or_many).unwrap_or_default();
    stages.unwrap_or_default().iter().flat_map(actions).filter_map(source).collect()
}

/// The starts by one source.
fn of_source(action: &Data, ruled: bool, hooked: bool, trunk: &str) -> Vec<Start> {
    let provider = text(action, "provider").or_else(|| below(action, &["action_type_id", "provider"]).and_then(Data::str));
    let settings = field(action, "configuration");
    let looks = |key: &str| settings.and_then(|s| switch(s, key));
    let polls = looks("poll_for_source_changes") != Some(false);
    let branch = settings.and_then(|s| field(s, "branch_name").or_else(|| field(s, "branch")));
    let push = || {
        let known = branch.filter(|b| b.tag.is_none()).and_then(Data::str).unwrap_or("");
        let pattern = if known.is_empty() { HOLE.to_string() } else { format!("^{known}$") };
        pushes(&pattern, false, trunk, action.item)
    };
    match provider.unwrap_or("") {
        "CodeStarSourceConnection" => {
            if looks("detect_changes") == Some(false) {
                Vec::new()
            } else {
                push()
            }
        }
        "GitHub" => {
            if polls || hooked {
                push()
            } else {
                Vec::new()
            }
        }
        "CodeCommit" => {
            if polls || ruled {
                push()
            } else {
                Vec::new()
            }
        }
        "S3" => {
            if polls || ruled {
                vec![Refs::new(trunk, &[], &[]).on_trunk(Event::Upstream, action.item)]
            } else {
                Vec::new()
            }
        }
        "ECR" => {
            let mut start = Refs::new(trunk, &[], &[]).on_trunk(Event::Upstream, action.item);
            start.assumed = !ruled;
            vec![start]
        }
        _ => push(),
    }
}

/// The starts by a trigger with filters: <https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html>.
fn of_trigger(trigger: &Data, trunk: &str) -> Vec<Start> {
    let mut out = Vec::new();
    let Some(git) = field(trigger, "git_configuration") else { return out };
    for push in field(git, "push").map(Data::one_or_many).unwrap_or_default() {
        let branches = field(push, "branches").and_then(|b| pair(b, "includes"));
        let tagged = field(push, "tags").and_then(|t| pair(t, "includes"));
        if let Some(tagged) = tagged {
            out.extend(tagged.value.texts().iter().flat_map(|t| tags(&regex_of(t), false, trunk, tagged.span)));
        }
        if let Some(branches) = branches {
            out.extend(branches.value.texts().iter().flat_map(|b| pushes(&regex_of(b), false, trunk, branches.span)));
        } else if tagged.is_none() {
            out.extend(pushes("", false, trunk, push.item));
        }
    }
    for change in field(git, "pull_request").map(Data::one_or_many).unwrap_or_default() {
        out.extend(Refs::new(trunk, &[], &[]).change(change.item));
    }
    out
}

/// A glob as a regular expression.
fn regex_of(glob: &str) -> String {
    if glob.contains(['*', '?']) {
        let inner = regex::escape(glob).replace("\\*\\*", ".*").replace("\\*", ".*").replace("\\?", ".");
        return format!("^{inner}$");
    }
    format!("^{glob}$")
}

/// The starts by a webhook: of each group of filters all must hold.
pub(super) fn of_webhook(groups: Option<&Data>, trunk: &str, span: Span) -> Vec<Start> {
    let mut out = Vec::new();
    let groups: Vec<&Data> = groups.map(Data::one_or_many).unwrap_or_default().iter().collect();
    if groups.is_empty() {
        let refs = Refs::new(trunk, &[], &[]);
        out.extend(refs.push(span));
        out.extend(refs.change(span));
    }
    for group in groups {
        let filters = field(group, "filter").map_or_else(|| group.one_or_many(), Data::one_or_many);
        out.extend(of_group(filters, trunk, group.item));
    }
    out.iter_mut().for_each(name_facts);
    out
}

fn of_group(filters: &[Data], trunk: &str, span: Span) -> Vec<Start> {
    let of = |kind: &str| filters.iter().find(move |f| text(f, "type") == Some(kind));
    let pattern = |kind: &str| of(kind).and_then(|f| text(f, "pattern"));
    let inverted = of("HEAD_REF").is_some_and(|f| switch(f, "exclude_matched_pattern") == Some(true));
    let events = pattern("EVENT").unwrap_or("PUSH");
    let head = pattern("HEAD_REF").unwrap_or("");
    let refs = Refs::new(trunk, &[], &[]);
    let mut out = Vec::new();
    for event in events.split(',').map(str::trim) {
        match event {
            "PUSH" if head.contains("refs/tags/") => out.extend(tags(&head.replace("refs/tags/", ""), inverted, trunk, span)),
            "PUSH" => out.extend(pushes(&head.replace("refs/heads/", ""), inverted, trunk, span)),
            "PULL_REQUEST_MERGED" => out.push(refs.on_trunk(Event::Change, span)),
            "RELEASED" | "PRERELEASED" => out.extend(refs.tag(span)),
            e if e.starts_with("PULL_REQUEST_") && !out.iter().any(|s: &Start| s.on == RefKind::Change) => {
                out.extend(refs.change(span));
            }
            _ => {}
        }
    }
    out
}

/// The variables that a webhook brings.
fn name_facts(start: &mut Start) {
    let of = |name: &str| start.fact(name);
    let (kind, value) = match start.on {
        RefKind::Tag => ("tags", of(TAG)),
        _ => ("heads", of(BRANCH)),
    };
    let head = match value.known() {
        Some(name) => Value::text(format!("refs/{kind}/{name}")),
        None => Value::text(format!("refs/{kind}/{HOLE}")),
    };
    let event = match start.event {
        Event::Change => Value::Unknown,
        _ => Value::text("PUSH"),
    };
    let short = match (start.on, value.known()) {
        (RefKind::Trunk | RefKind::OtherBranch, Some(name)) => Value::text(format!("branch/{name}")),
        (RefKind::Change, _) => Value::text(format!("pr/{HOLE}")),
        _ => Value::Unknown,
    };
    start.facts.push(("env.CODEBUILD_WEBHOOK_HEAD_REF".to_owned(), head));
    start.facts.push(("env.CODEBUILD_WEBHOOK_EVENT".to_owned(), event));
    start.facts.push(("env.CODEBUILD_WEBHOOK_TRIGGER".to_owned(), short));
}
