//! Resources, and what a new version of one means: <https://concourse-ci.org/resources.html>,
//! <https://resource-types.concourse-ci.org/>.

use super::{JOB, RESOURCE};
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{BRANCH, Pattern, Refs};
use crate::model::{Event, GateDecl, GateKind, Start, Value};
use crate::source::Span;
use std::collections::BTreeMap;

/// An input of a job.
#[derive(Clone, Debug)]
pub(super) struct Get<'d> {
    pub(super) resource: &'d str,
    pub(super) trigger: bool,
    pub(super) passed: Vec<&'d str>,
    /// The line that makes it a trigger, else its own.
    pub(super) line: Span,
}

/// A resource.
#[derive(Clone, Debug)]
pub(super) struct Resource<'d> {
    /// Names of its type, the surest first: the image that `resource_types` gives it, then its own.
    pub(super) kinds: Vec<String>,
    pub(super) source: Option<&'d Data>,
}

/// The resources of a pipeline, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Resources<'d> {
    all: BTreeMap<&'d str, Resource<'d>>,
}

impl<'d> Resources<'d> {
    pub(super) fn of(root: &'d Data) -> Self {
        let mut types: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for one in root.get("resource_types").map(Data::items).unwrap_or_default() {
            let image = one.at(&["source", "repository"]).and_then(Data::str).unwrap_or("");
            let last = image.rsplit('/').next().unwrap_or(image);
            if let Some(name) = one.get_str("name") {
                let stem = plain(last);
                let names = [stem, stem.trim_start_matches("concourse-"), plain(name)].into_iter().filter(|n| !n.is_empty());
                types.insert(name, names.map(str::to_owned).collect());
            }
        }
        let mut all = BTreeMap::new();
        for one in root.get("resources").map(Data::items).unwrap_or_default() {
            let (Some(name), Some(kind)) = (one.get_str("name"), one.get_str("type")) else { continue };
            let kinds = types.get(kind).cloned().unwrap_or_else(|| vec![plain(kind).to_owned()]);
            all.insert(name, Resource { kinds, source: one.get("source") });
        }
        Self { all }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Resource<'d>> {
        self.all.get(name)
    }

    /// Whether a resource is fetched as a checkout of a repository.
    pub(super) fn is_checkout(&self, name: &str) -> bool {
        self.get(name).is_some_and(|r| matches!(what(&r.kinds), What::Push | What::Change))
    }

    /// Names of the folders into which repositories are fetched, longer ones first.
    pub(super) fn checkouts(&self) -> Vec<String> {
        let named = self.all.keys().filter(|n| n.len() > 1 && self.is_checkout(n));
        let mut out: Vec<String> = named.map(|n| (*n).to_owned()).collect();
        out.sort_by_key(|n| std::cmp::Reverse(n.len()));
        out
    }

    /// Branches of the repositories that trigger jobs.
    pub(super) fn branches(&self, root: &Data) -> Vec<String> {
        let jobs = root.get("jobs").map(Data::items).unwrap_or_default();
        let gets = jobs.iter().flat_map(|j| super::plan::gets_and_puts(j).0);
        let triggered = gets.filter(|g| g.trigger && self.is_checkout(g.resource));
        triggered.filter_map(|g| self.branch(g.resource).map(str::to_owned)).collect()
    }

    fn branch(&self, name: &str) -> Option<&'d str> {
        self.get(name)?.source?.get_str("branch").filter(|b| !b.contains("(("))
    }

    /// The starts that a new version of a resource means.
    pub(super) fn starts(&self, name: &str, line: Span, trunk: &str) -> Vec<Start> {
        let branch = self.branch(name);
        let refs = Refs::new(trunk, &branch.map(|b| Pattern::Name(b.to_owned())).into_iter().collect::<Vec<_>>(), &[]);
        let source = self.get(name).and_then(|r| r.source);
        let by_tag = source.is_some_and(|s| ["tag_filter", "tag_regex"].iter().any(|k| s.get(k).is_some()));
        let mut out = match what(self.get(name).map_or(&[], |r| &r.kinds)) {
            What::Push if by_tag => refs.tag(line),
            What::Push => {
                let named = |s: &Start| s.facts.iter().any(|(n, v)| n == BRANCH && v.known().is_some() && v.known() == branch);
                let all = refs.push(line);
                let found: Vec<Start> = all.iter().filter(|s| named(s)).cloned().collect();
                if found.is_empty() || trunk.is_empty() { all.into_iter().take(1).collect() } else { found }
            }
            What::Change => refs.change(line),
            What::Schedule => vec![refs.on_trunk(Event::Schedule, line)],
            What::Api => vec![refs.on_trunk(Event::Api, line)],
            What::Upstream => vec![refs.on_trunk(Event::Upstream, line)],
        };
        for start in &mut out {
            by(start, name, "");
        }
        out
    }
}

/// The start of a job by a person.
pub(super) fn by_person(job: &str, line: Span, trunk: &str) -> Start {
    let mut start = Refs::new(trunk, &[], &[]).on_trunk(Event::Manual, line);
    by(&mut start, "", job);
    start
}

/// Note what starts a run: a resource, or the button of a job.
fn by(start: &mut Start, resource: &str, job: &str) {
    start.facts.push((RESOURCE.to_owned(), Value::text(resource)));
    start.facts.push((JOB.to_owned(), Value::text(job)));
}

/// A job that waits for a person.
pub(super) fn button(job: &str, line: Span) -> GateDecl {
    GateDecl { kind: GateKind::Start, span: line, name: job.to_owned(), blocking: true }
}

/// What a new version of a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Push,
    Change,
    Schedule,
    Api,
    Upstream,
}

/// The name of a type without what says that it is one.
fn plain(kind: &str) -> &str {
    let kind = kind.split(':').next().unwrap_or(kind);
    if kind == "registry-image-resource" || kind == "docker-image-resource" {
        &kind[..kind.len() - 9]
    } else {
        kind.trim_end_matches("-resource")
    }
}

fn what(kinds: &[String]) -> What {
    kinds.iter().map(|k| what_one(k)).find(|w| *w != What::Upstream).unwrap_or(What::Upstream)
}

fn what_one(kind: &str) -> What {
    let parts: Vec<&str> = kind.split(['-', '_']).collect();
    let has = |word: &str| parts.contains(&word);
    if kind.contains("pull-request") || kind.contains("pullrequest") || kind.contains("merge-request") || has("pr") {
        What::Change
    } else if has("status") || has("release") || has("image") {
        What::Upstream
    } else if has("git") || has("hg") || has("branches") || has("multibranch") {
        What::Push
    } else if has("time") || has("cron") || has("schedule") {
        What::Schedule
    } else if has("webhook") {
        What::Api
    } else {
        What::Upstream
    }
}
