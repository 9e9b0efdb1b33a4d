//! Conditions (<https://buildkite.com/docs/pipelines/configure/conditionals>), filters of branches
//! (<https://buildkite.com/docs/pipelines/configure/workflows/branch-configuration>) and what is filled in.

use crate::frontends::pipelines::condition::{self, Language};
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{Pattern, all, any, not};
use crate::frontends::pipelines::values;
use crate::frontends::scripts::shell::Masked;
use crate::model::{Expr, Status};
use crate::syntax::mask::mask;

/// The branch: of a change the one that it comes from, of a tag the tag.
pub const BRANCH: &str = "env.BUILDKITE_BRANCH";
/// The tag; empty for anything else.
pub const TAG: &str = "env.BUILDKITE_TAG";
/// What made the build.
pub const SOURCE: &str = "env.BUILDKITE_SOURCE";
/// The change's number; empty for anything else.
pub const REQUEST: &str = "buildkite.request";
/// How the build is going.
const STATE: &str = "buildkite.state";

fn name(word: &str) -> Option<Expr> {
    let variable = match word {
        "build.branch" => BRANCH,
        "build.tag" => TAG,
        "build.source" => SOURCE,
        "build.pull_request.id" | "build.pull_request" => REQUEST,
        "build.pull_request.base_branch" => "env.BUILDKITE_PULL_REQUEST_BASE_BRANCH",
        "pipeline.default_branch" => "env.BUILDKITE_PIPELINE_DEFAULT_BRANCH",
        "build.state" => STATE,
        _ if word.contains('.') => return Some(Expr::Unknown(word.to_owned())),
        _ => return None,
    };
    Some(Expr::Var(variable.to_owned()))
}

fn call(name: &str, arguments: &[Expr]) -> Option<Expr> {
    match (name, arguments) {
        ("build.env", [Expr::Lit(variable)]) => Some(Expr::Var(format!("env.{variable}"))),
        _ => None,
    }
}

/// The expression of a condition.
pub fn read(text: &str) -> Result<Expr, String> {
    condition::parse(text, &Language { name: &name, call: &call }).map(with_states)
}

/// Comparisons of the build's state as questions for the work before.
fn with_states(expr: Expr) -> Expr {
    match expr {
        Expr::Compare(test, a, b) if *a == Expr::Var(STATE.to_owned()) => match b.literal() {
            Some("failing" | "failed") => Expr::Status(Status::Failure),
            Some("passed" | "passing" | "running" | "started") => Expr::Status(Status::Success),
            Some("canceled" | "canceling") => Expr::Status(Status::Cancelled),
            _ => Expr::Compare(test, a, b),
        },
        Expr::And(all) => Expr::And(all.into_iter().map(with_states).collect()),
        Expr::Or(all) => Expr::Or(all.into_iter().map(with_states).collect()),
        Expr::Not(inner) => not(with_states(*inner)),
        other => other,
    }
}

/// The words of a filter of branches.
fn words(step: &Data) -> Vec<&str> {
    let texts = step.get("branches").map(Data::texts).unwrap_or_default();
    texts.into_iter().flat_map(str::split_whitespace).collect()
}

/// The branches that a step's filter names.
pub fn named_branches(step: &Data) -> Vec<Pattern> {
    words(step).into_iter().map(|w| Pattern::glob(w.trim_start_matches('!'))).collect()
}

/// A step's filter of branches; what begins with `!` is left out.
pub fn branches(step: &Data) -> Expr {
    let (without, only): (Vec<&str>, Vec<&str>) = words(step).into_iter().partition(|w| w.starts_with('!'));
    let patterns = |list: Vec<&str>| list.into_iter().map(|w| Pattern::glob(w.trim_start_matches('!'))).collect::<Vec<_>>();
    let mut parts = Vec::new();
    if !only.is_empty() {
        parts.push(any(BRANCH, &patterns(only)));
    }
    if !without.is_empty() {
        parts.push(not(any(BRANCH, &patterns(without))));
    }
    all(parts)
}

/// `{{matrix}}`, `{{matrix.NAME}}`, and variables that are left to the shell.
pub fn masked(text: &str) -> Vec<Masked> {
    let matrix = mask(text, "{{", "}}").1.into_iter().map(|m| {
        let known = m.expression == "matrix" || m.expression.starts_with("matrix.");
        Masked { range: m.range, expr: if known { Expr::Var(m.expression) } else { Expr::Unknown(m.expression) } }
    });
    let mut out: Vec<Masked> = matrix.chain(values::escaped(text)).collect();
    out.sort_by_key(|m| m.range.start);
    out
}
