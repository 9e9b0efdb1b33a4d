//! Branches and tags that an object outside the pipeline's own file asks for, as starts.

use crate::frontends::pipelines::runs::{BRANCH, Pattern, Refs, TAG};
use crate::model::{Event, Expr, HOLE, RefKind, Start, Truth};
use crate::source::Span;

/// Names that a trunk usually has, in order.
const USUAL: &[&str] = &["main", "master", "trunk", "develop"];

/// The trunk: the one that is known, else a usual name among those that objects ask for, else the only one of them.
pub fn trunk_among(known: &str, named: &[String]) -> String {
    if !known.is_empty() {
        return known.to_owned();
    }
    let usual = USUAL.iter().find(|n| named.iter().any(|name| name == *n)).map(|n| (*n).to_owned());
    let only = || named.first().filter(|first| named.iter().all(|n| n == *first)).cloned();
    usual.or_else(only).unwrap_or_default()
}

/// The branch that a regular expression names, where it is one.
pub fn named_by(pattern: &str) -> Option<String> {
    match asked(pattern) {
        Asked::These(Pattern::Name(name)) => Some(name),
        _ => None,
    }
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

/// The starts by pushes to branches that fit a regular expression, or that do not.
pub fn pushes(pattern: &str, inverted: bool, trunk: &str, span: Span) -> Vec<Start> {
    match asked(pattern) {
        Asked::Any => Refs::new(trunk, &[], &[]).push(span),
        Asked::Open => {
            let mut start = Refs::new(trunk, &[], &[]).on_trunk(Event::Push, span);
            start.assumed = true;
            vec![start]
        }
        // Where nothing else tells the trunk, the branch that is built is it.
        Asked::These(Pattern::Name(name)) if trunk.is_empty() && !inverted => {
            vec![Refs::new(&name, &[], &[]).on_trunk(Event::Push, span)]
        }
        Asked::These(_) if trunk.is_empty() => vec![Refs::new(trunk, &[], &[]).on_trunk(Event::Push, span)],
        Asked::These(pattern) => {
            let all = Refs::new(trunk, std::slice::from_ref(&pattern), &[]).push(span);
            fitting(all, BRANCH, &pattern, inverted)
        }
    }
}

/// The starts by tags that fit a regular expression, or that do not.
pub fn tags(pattern: &str, inverted: bool, trunk: &str, span: Span) -> Vec<Start> {
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
        let fits = pattern.fits(Expr::Var(fact.to_owned())).truth(&start.scope());
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
