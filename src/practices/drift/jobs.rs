//! Variables that pipelines hand to the jobs of environments: GitHub's `env`, `with` and `secrets`
//! (<https://docs.github.com/actions/reference/workflow-syntax-for-github-actions>), GitLab's `variables`
//! (<https://docs.gitlab.com/ci/yaml/#variables>).

use super::naming::naming;
use super::values::below;
use super::{Group, Keys, Member};
use crate::model::{Program, UnitKind};
use crate::source::{FileId, SourceSet, Span};
use crate::syntax::yaml::{Entry, Node, Readings, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// The groups of a repository's jobs: those that differ by the name of an environment, in one file or in files that do, too.
pub(super) fn groups(sources: &SourceSet, program: &Program, readings: &Readings) -> Vec<Group> {
    let pipelines: BTreeSet<FileId> =
        program.units.iter().filter(|u| matches!(u.kind, UnitKind::Pipeline)).map(|u| u.span.file).collect();
    let mut alike: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    for file in sources.files().iter().filter(|f| pipelines.contains(&f.id)) {
        let Some(tree) = readings.of(file) else { continue };
        let github = file.path.contains(".github/workflows/");
        for document in tree.documents() {
            let jobs = if github { document.get("jobs").unwrap_or(document) } else { document };
            for job in jobs.entries().into_iter().filter(|job| github || is_gitlab(job)) {
                let Some((pattern, member)) = member(&file.path, &job, tree, github) else { continue };
                alike.entry(pattern).or_default().push(member);
            }
        }
    }
    alike.into_iter().map(|(name, members)| Group { name, of_jobs: true, members, base: BTreeSet::new() }).collect()
}

/// Whether a top-level key is a job of GitLab that sets variables.
fn is_gitlab(job: &Entry<'_>) -> bool {
    job.value.get("variables").is_some_and(|v| v.is_mapping())
        && (job.value.get("script").is_some() || job.value.get("extends").is_some())
}

fn member(path: &str, job: &Entry<'_>, tree: &Tree, github: bool) -> Option<(String, Member)> {
    let name = job.name();
    // In the job's name, else in that of its file; never both, or jobs of different files are alike.
    let (named, pattern) = if let Some(named) = naming(name) {
        let pattern = format!("{path}: {}", named.pattern);
        (named, pattern)
    } else {
        let named = naming(path)?;
        let pattern = format!("{}: {name}", named.pattern);
        (named, pattern)
    };
    let mut keys = Keys::default();
    let mut any = false;
    let groups: &[&str] = if github { &["env", "with", "secrets"] } else { &["variables"] };
    for group in groups {
        if let Some(node) = job.value.get(group).filter(Node::is_mapping) {
            any = true;
            let above = keys.add(None, group, job.value.key_span(group).unwrap_or_else(|| job.span()));
            below(node, above.as_deref(), 0, &mut keys);
        }
    }
    if github {
        any |= steps(job.value, &mut keys);
    }
    // A job without variables is no set of them.
    let place: Span = job.span();
    let label = format!("{path}: {name}");
    let open = tree.partly || (!github && job.value.get("extends").is_some());
    any.then_some((pattern, Member { environment: named.environment, tier: named.tier, label, span: Some(place), keys, open }))
}

/// The variables of a job's steps.
fn steps(job: Node<'_>, keys: &mut Keys) -> bool {
    let mut any = false;
    for step in job.get("steps").map(|s| s.items()).unwrap_or_default() {
        if let Some(node) = step.get("env").filter(Node::is_mapping) {
            any = true;
            let above = keys.add(None, "env", step.key_span("env").unwrap_or_else(|| step.own_span()));
            below(node, above.as_deref(), 0, keys);
        }
    }
    any
}
