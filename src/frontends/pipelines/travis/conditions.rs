//! Conditions and filters: <https://docs.travis-ci.com/user/conditions-v1>,
//! <https://docs.travis-ci.com/user/customizing-the-build#building-specific-branches>.

use super::jobs;
use crate::frontends::pipelines::condition::{self, Language};
use crate::frontends::pipelines::data::{self, Data};
use crate::frontends::pipelines::runs::{Pattern, all, any, not};
use crate::model::{Expr, Program};
use crate::source::Span;

/// The branch: of a change the one that it is for, of a tag the tag.
pub const BRANCH: &str = "env.TRAVIS_BRANCH";
/// The tag; empty for anything else.
pub const TAG: &str = "env.TRAVIS_TAG";
/// What started the run.
const TYPE: &str = "env.TRAVIS_EVENT_TYPE";

/// A condition and where it stands.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The condition.
    pub when: Expr,
    /// The key that says it.
    pub span: Option<Span>,
}

/// What a condition may speak of.
fn name(word: &str) -> Option<Expr> {
    let variable = match word {
        "branch" => BRANCH,
        "tag" => TAG,
        "type" => TYPE,
        "head_branch" => "env.TRAVIS_PULL_REQUEST_BRANCH",
        "os" => "env.TRAVIS_OS_NAME",
        "repo" | "sender" | "fork" | "head_repo" | "commit_message" | "language" | "dist" | "arch" | "sudo" | "group" => {
            return Some(Expr::Unknown(word.to_owned()));
        }
        _ => return word.strip_prefix("env.").map(|name| Expr::Var(format!("env.{name}"))),
    };
    Some(Expr::Var(variable.to_owned()))
}

fn call(name: &str, arguments: &[Expr]) -> Option<Expr> {
    match (name, arguments) {
        ("env", [Expr::Lit(variable)]) => Some(Expr::Var(format!("env.{variable}"))),
        ("env", [other]) => Some(other.clone()),
        ("concat", parts) => Some(Expr::concat(parts.to_vec())),
        _ => None,
    }
}

fn read(text: &str) -> Result<Expr, String> {
    condition::parse(text, &Language { name: &name, call: &call })
}

/// The condition of a mapping's `if`.
pub fn of(config: &Data, program: &mut Program) -> Filter {
    let Some(pair) = config.pair("if").filter(|p| !p.value.is_null()) else {
        return Filter { when: Expr::always(), span: None };
    };
    let text = pair.value.texts().join(" AND ");
    let when = read(&text).unwrap_or_else(|why| {
        data::warn(program, pair.value.span, format!("the condition cannot be read: {why}"));
        Expr::Unknown(text)
    });
    Filter { when, span: Some(pair.span) }
}

/// What the whole configuration asks for: `branches` and the `if` of its root.
pub fn root(root: &Data, program: &mut Program) -> Filter {
    let condition = of(root, program);
    let Some(pair) = root.pair("branches") else { return condition };
    let mut parts = Vec::new();
    if let Some(only) = only(&pair.value).filter(|o| !o.is_empty()) {
        parts.push(any(BRANCH, &only));
    }
    let except = listed(pair.value.get("except"));
    if !except.is_empty() {
        parts.push(not(any(BRANCH, &except)));
    }
    let span = condition.span.or_else(|| (!parts.is_empty()).then_some(pair.span));
    parts.push(condition.when);
    Filter { when: all(parts), span }
}

/// The branches that are built: `only`, or `branches` itself where it is a list.
fn only(branches: &Data) -> Option<Vec<Pattern>> {
    if branches.is_map() { branches.get("only").map(|o| listed(Some(o))) } else { Some(listed(Some(branches))) }
}

fn listed(data: Option<&Data>) -> Vec<Pattern> {
    data.map(Data::texts).unwrap_or_default().into_iter().map(Pattern::slashed).collect()
}

/// The branches, or tags, that the filter of the root names.
pub fn filter_patterns(root: &Data) -> Vec<Pattern> {
    root.get("branches").and_then(only).unwrap_or_default()
}

/// Every condition of a configuration that can be read: of the root, its stages and its jobs.
pub fn all_of(root: &Data) -> Vec<Expr> {
    let stages = root.get("stages").map(Data::one_or_many).unwrap_or_default();
    let configs = std::iter::once(root).chain(stages).chain(jobs::included(root));
    configs.filter_map(|c| c.get("if")).filter_map(|c| read(&c.texts().join(" AND ")).ok()).collect()
}

/// The kinds of events that conditions or scripts speak of.
pub fn types(root: &Data, text: &str) -> Vec<String> {
    let patterns = all_of(root).iter().flat_map(|c| condition::named(c, TYPE)).collect();
    let mut out = crate::frontends::pipelines::values::literal(patterns);
    let compared = crate::frontends::pipelines::values::compared(text, &["TRAVIS_EVENT_TYPE"]);
    out.extend(crate::frontends::pipelines::values::literal(compared));
    out
}
