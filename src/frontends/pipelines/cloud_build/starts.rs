//! What a trigger starts: <https://cloud.google.com/build/docs/triggers>.

use super::triggers::{On, Trigger};
use crate::frontends::pipelines::runs::{self, BRANCH, Pattern, Refs, TAG, TARGET};
use crate::model::{Event, Expr, HOLE, RefKind, Scope, Start, Truth, Value};
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

/// What a pattern of branches or tags asks for.
enum Asked {
    Any,
    /// What it asks for is a value that the files do not say.
    Open,
    These(Pattern),
}

fn asked(pattern: &str) -> Asked {
    let name = pattern.trim().trim_start_matches('^').trim_end_matches('$');
    let literal = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/');
    if matches!(name, "" | ".*" | ".+" | "(.*)") {
        Asked::Any
    } else if name.contains(HOLE) {
        Asked::Open
    } else if name.chars().all(literal) {
        Asked::These(Pattern::Name(name.to_owned()))
    } else {
        Asked::These(Pattern::Regex(pattern.trim().to_owned()))
    }
}

fn pushes(pattern: &str, inverted: bool, trunk: &str, span: Span) -> Vec<Start> {
    match asked(pattern) {
        Asked::Any => Refs::new(trunk, &[], &[]).push(span),
        Asked::Open => {
            let mut start = Refs::new(trunk, &[], &[]).on_trunk(Event::Push, span);
            start.assumed = true;
            vec![start]
        }
        Asked::These(pattern) => {
            let all = Refs::new(trunk, std::slice::from_ref(&pattern), &[]).push(span);
            fitting(all, BRANCH, &pattern, inverted)
        }
    }
}

fn tags(pattern: &str, inverted: bool, trunk: &str, span: Span) -> Vec<Start> {
    match asked(pattern) {
        Asked::These(pattern) => {
            let all = Refs::new(trunk, &[], std::slice::from_ref(&pattern)).tag(span);
            fitting(all, TAG, &pattern, inverted)
        }
        Asked::Any | Asked::Open => Refs::new(trunk, &[], &[]).tag(span),
    }
}

/// The starts whose ref fits a pattern; those of which that is not known only where none certainly does.
fn fitting(all: Vec<Start>, fact: &str, pattern: &Pattern, inverted: bool) -> Vec<Start> {
    let truth = |start: &Start| {
        let mut scope = Scope::default();
        start.facts.iter().for_each(|(n, v)| scope.set(n.clone(), v.clone()));
        let fits = pattern.fits(Expr::Var(fact.to_owned())).truth(&scope);
        if inverted { fits.negate() } else { fits }
    };
    let certain = all.iter().any(|s| truth(s) == Truth::True);
    let kept = |s: &Start| match truth(s) {
        Truth::True => true,
        Truth::Unknown => !certain || (s.on == RefKind::Trunk && inverted),
        Truth::False => false,
    };
    all.into_iter().filter(kept).collect()
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
