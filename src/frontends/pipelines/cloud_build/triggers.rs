//! Triggers: <https://cloud.google.com/build/docs/api/reference/rest/v1/projects.triggers>, as Terraform
//! (<https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/cloudbuild_trigger>) and Config Connector
//! (<https://cloud.google.com/config-connector/docs/reference/resource-docs/cloudbuild/cloudbuildtrigger>) write them, or
//! exported.

use super::arguments::expr;
use crate::frontends::pipelines::Input;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::resources::refs as refs_of;
use crate::frontends::pipelines::resources::terraform::Terraform;
use crate::frontends::pipelines::resources::{self, REFERENCE, below, field, pair, switch, text};
use crate::model::{Expr, HOLE, Program, glob};
use crate::source::paths::join;
use crate::source::{SourceFile, Span};

/// What a trigger builds.
pub(super) enum What {
    /// A file of the repository; parts that are not known are holes.
    File(String),
    /// A build that the trigger holds itself.
    Build(Data),
    /// Nothing that the files say.
    Unknown,
}

/// What sets a trigger off.
pub(super) enum On {
    /// A push to branches that fit a pattern; `inverted`: that do not.
    Push { pattern: String, inverted: bool },
    /// A tag that fits a pattern.
    Tag { pattern: String, inverted: bool },
    /// A change.
    Change,
    /// A message or a request.
    Api,
    /// A person.
    Manual,
}

/// A trigger.
pub(super) struct Trigger {
    pub(super) name: String,
    /// The object.
    pub(super) span: Span,
    pub(super) what: What,
    /// What sets it off, with the line that says so.
    pub(super) on: Vec<(On, Span)>,
    pub(super) substitutions: Vec<(String, Expr)>,
    /// Globs of paths whose change sets it off.
    pub(super) paths: Vec<String>,
    /// The line that asks for an approval.
    pub(super) approval: Option<Span>,
}

impl Trigger {
    /// Branches that it names.
    pub(super) fn branches(&self) -> impl Iterator<Item = String> {
        self.on.iter().filter_map(|(on, _)| match on {
            On::Push { pattern, inverted: false } => refs_of::named_by(pattern),
            _ => None,
        })
    }
}

/// Whether a trigger's file pattern means a file.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    pattern == path || (pattern.contains(HOLE) && glob(&pattern.replace(HOLE, "*"), path))
}

/// All triggers of a repository.
pub(super) fn all(input: &Input<'_>, program: &mut Program) -> Vec<Trigger> {
    let objects = Terraform::new(input.sources, input.catalogue).resources(&["google_cloudbuild_trigger"]);
    let mut out: Vec<Trigger> = objects.iter().map(|o| trigger(&o.data, &o.label, o.span)).collect();
    for file in input.files.iter().filter(|f| !f.path.ends_with(".tf")) {
        exported(file, program, &mut out);
    }
    out
}

/// Triggers of a file: objects of Config Connector, or exported ones.
fn exported(file: &SourceFile, program: &mut Program, out: &mut Vec<Trigger>) {
    if !["CloudBuildTrigger", "triggerTemplate", "repositoryEventConfig", "github"].iter().any(|w| file.text.contains(w)) {
        return;
    }
    for document in resources::documents(file, program) {
        if document.get_str("kind") == Some("CloudBuildTrigger") {
            if let Some(spec) = document.get("spec") {
                let label = document.at(&["metadata", "name"]).and_then(Data::str).unwrap_or("trigger").to_owned();
                out.push(trigger(spec, &label, document.span));
            }
        } else if document.get("steps").is_none() && document.is_map() && !sources(&document).is_empty() {
            out.push(trigger(&document, file.name(), document.span));
        }
    }
}

fn trigger(data: &Data, label: &str, span: Span) -> Trigger {
    let name = text(data, "name").map(|n| n.replace(HOLE, "")).map(|n| n.trim_matches(['-', '_', '.']).to_owned());
    let disabled = switch(data, "disabled") == Some(true);
    let on = if disabled {
        vec![(On::Manual, pair(data, "disabled").map_or(span, |p| p.span))]
    } else {
        let found = sources(data);
        if found.is_empty() { vec![(On::Manual, span)] } else { found }
    };
    let substitutions = field(data, "substitutions").map(Data::pairs).unwrap_or_default().iter();
    let substitutions = substitutions.map(|p| (format!("env.{}", p.key), value(&p.value))).collect();
    let approval = field(data, "approval_config").filter(|a| switch(a, "approval_required") == Some(true));
    let paths = field(data, "included_files").map(Data::texts).unwrap_or_default();
    Trigger {
        name: name.filter(|n| !n.is_empty()).unwrap_or_else(|| label.to_owned()),
        span,
        what: what(data),
        on,
        substitutions,
        paths: paths.into_iter().filter(|p| !p.contains(HOLE)).map(str::to_owned).collect(),
        approval: approval.and_then(|a| pair(a, "approval_required")).map(|p| p.span),
    }
}

/// A substitution's value, as far as the files say it.
fn value(data: &Data) -> Expr {
    match data.str().filter(|_| data.tag.as_deref() != Some(REFERENCE)) {
        Some(text) if text.chars().all(|c| c == HOLE) && !text.is_empty() => Expr::Unknown("a value of Terraform".to_owned()),
        Some(text) => expr(text),
        None => Expr::Unknown("a value of another object".to_owned()),
    }
}

fn what(data: &Data) -> What {
    if let Some(build) = field(data, "build").filter(|b| field(b, "steps").is_some() || b.get("step").is_some()) {
        return What::Build(build.clone());
    }
    let named = text(data, "filename").or_else(|| below(data, &["git_file_source", "path"]).and_then(Data::str));
    let named = named.or_else(|| (switch(data, "autodetect") == Some(true)).then_some("cloudbuild.yaml"));
    match named.and_then(|n| join("", n)).filter(|n| n.chars().any(|c| c != HOLE)) {
        Some(path) => What::File(path),
        None => What::Unknown,
    }
}

/// What sets a trigger off.
fn sources(data: &Data) -> Vec<(On, Span)> {
    let mut out = Vec::new();
    let keys = ["github", "repository_event_config", "bitbucket_server_trigger_config", "developer_connect_event_config"];
    for hosted in keys.iter().filter_map(|key| field(data, key)) {
        if let Some(push) = pair(hosted, "push") {
            refs(&push.value, "branch", "tag", push.span, &mut out);
        }
        if let Some(change) = pair(hosted, "pull_request") {
            out.push((On::Change, change.span));
        }
    }
    if let Some(template) = pair(data, "trigger_template") {
        refs(&template.value, "branch_name", "tag_name", template.span, &mut out);
    }
    for key in ["pubsub_config", "webhook_config"] {
        out.extend(pair(data, key).map(|p| (On::Api, p.span)));
    }
    out
}

/// A push to branches or tags by a pattern.
fn refs(data: &Data, branch: &str, tag: &str, span: Span, out: &mut Vec<(On, Span)>) {
    let inverted = switch(data, "invert_regex") == Some(true);
    if let Some(tag) = pair(data, tag) {
        let pattern = tag.value.str().unwrap_or("").to_owned();
        out.push((On::Tag { pattern, inverted }, tag.span));
    } else {
        let named = pair(data, branch);
        let pattern = named.and_then(|p| p.value.str()).unwrap_or(".*").to_owned();
        out.push((On::Push { pattern, inverted }, named.map_or(span, |p| p.span)));
    }
}
