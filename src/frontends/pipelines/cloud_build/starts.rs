//! What a trigger starts: <https://cloud.google.com/build/docs/triggers>.

use super::triggers::{On, Trigger};
use crate::frontends::pipelines::resources::refs::{pushes, tags};
use crate::frontends::pipelines::runs::{self, BRANCH, Pattern, Refs, TAG, TARGET};
use crate::model::{Event, RefKind, Start, Value};
use crate::source::Span;

/// The variable that names an environment.
pub(super) const ENVIRONMENT: &str = "env.ENVIRONMENT";

/// Substitutions that only a run knows.
const OPEN: &[&str] = &["COMMIT_SHA", "SHORT_SHA", "REVISION_ID", "REPO_NAME", "REPO_FULL_NAME", "_PR_NUMBER"];

/// The starts of a trigger.
pub(super) fn of(trigger: &Trigger, trunk: &str) -> Vec<Start> {
    let mut out = Vec::new();
    for (on, span) in &trigger.on {
        out.extend(match on {
            On::Push { pattern, inverted } => pushes(pattern, *inverted, trunk, *span),
            On::Tag { pattern, inverted } => tags(pattern, *inverted, trunk, *span),
            On::Change => Refs::new(trunk, &[], &[]).change(*span),
            On::Api => vec![Refs::new(trunk, &[], &[]).on_trunk(Event::Api, *span)],
            On::Manual => vec![Refs::new(trunk, &[], &[]).on_trunk(Event::Manual, *span)],
        });
    }
    out.iter_mut().for_each(name_facts);
    out
}

/// A push to any branch, where no file says what starts a build.
pub(super) fn assumed(trunk: &str, branches: &[Pattern], span: Span) -> Vec<Start> {
    let mut out = Refs::new(trunk, branches, &[]).push(span);
    for start in &mut out {
        start.assumed = true;
        name_facts(start);
    }
    out
}

/// The substitutions that every start brings.
fn name_facts(start: &mut Start) {
    runs::alias(start, BRANCH, "env.BRANCH_NAME");
    runs::alias(start, BRANCH, "env._HEAD_BRANCH");
    runs::alias(start, TARGET, "env._BASE_BRANCH");
    runs::alias(start, TAG, "env.TAG_NAME");
    runs::alias(start, if start.on == RefKind::Tag { TAG } else { BRANCH }, "env.REF_NAME");
    start.facts.extend(OPEN.iter().map(|name| (format!("env.{name}"), Value::Unknown)));
}
