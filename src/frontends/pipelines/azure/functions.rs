//! The functions of expressions:
//! <https://learn.microsoft.com/azure/devops/pipelines/process/expressions#functions>.

use super::shared::{Shared, variable};
use super::value::{Evaluator, Val};
use crate::frontends::pipelines::data::{Data, Kind};
use crate::frontends::pipelines::runs::{self, Pattern};
use crate::frontends::pipelines::texts;
use crate::model::{Expr, Scope, Status, Test, Truth};
use std::rc::Rc;

/// What a function comes to.
pub(super) fn call(of: &Evaluator<'_>, name: &str, arguments: Vec<Val>) -> Val {
    let lower = name.to_ascii_lowercase();
    if let Some(value) = of_collections(of, &lower, &arguments) {
        return value;
    }
    let all: Vec<Expr> = arguments.into_iter().map(|a| of.expr(a)).collect();
    let expr = match lower.as_str() {
        "and" => logic(all, true),
        "or" => logic(all, false),
        "not" => all.into_iter().next().map_or_else(Expr::always, not),
        "succeeded" => status(&all, Status::Success),
        "failed" => Expr::Status(Status::Failure),
        "always" | "succeededorfailed" => Expr::Status(Status::Always),
        "canceled" => Expr::Status(Status::Cancelled),
        "in" | "notin" => {
            let mut all = all.into_iter();
            let value = all.next().unwrap_or_else(|| Expr::lit(""));
            let any = logic(all.map(|one| compare(of.shared, Test::Equals, value.clone(), one)).collect(), false);
            if lower == "in" { any } else { not(any) }
        }
        "coalesce" => coalesce(all),
        "format" => format(&all),
        _ => of_two(of.shared, &lower, all).unwrap_or_else(|| Expr::Unknown(format!("{name}()"))),
    };
    Val::Expr(expr)
}

/// Functions of one, two or three texts.
fn of_two(shared: &Shared, name: &str, all: Vec<Expr>) -> Option<Expr> {
    let mut all = all.into_iter();
    let (first, second, third) = (all.next()?, all.next(), all.next());
    let lit = |change: fn(&str) -> String| match &first {
        Expr::Lit(text) => Expr::Lit(change(text)),
        other => other.clone(),
    };
    Some(match (name, second, third) {
        ("eq", Some(b), None) => compare(shared, Test::Equals, first, b),
        ("ne", Some(b), None) => not(compare(shared, Test::Equals, first, b)),
        ("contains", Some(b), None) => compare(shared, Test::Contains, first, b),
        ("startswith", Some(b), None) => compare(shared, Test::StartsWith, first, b),
        ("endswith", Some(b), None) => compare(shared, Test::EndsWith, first, b),
        ("xor", Some(b), None) => Expr::Or(vec![Expr::And(vec![first.clone(), not(b.clone())]), Expr::And(vec![not(first), b])]),
        ("gt" | "ge" | "lt" | "le", Some(b), None) => ordered(name, first.literal()?, b.literal()?)?,
        ("lower", None, None) => lit(str::to_lowercase),
        ("upper", None, None) => lit(str::to_uppercase),
        ("trim", None, None) => lit(|t| t.trim().to_owned()),
        ("replace", Some(from), Some(to)) => Expr::Lit(first.literal()?.replace(from.literal()?, to.literal()?)),
        ("iif", Some(yes), Some(no)) => match first.truth(&Scope::default()) {
            Truth::True => yes,
            Truth::False => no,
            Truth::Unknown => either(first, yes, no),
        },
        _ => return None,
    })
}

/// One of two values by a condition that the run decides.
pub(super) fn either(condition: Expr, yes: Expr, no: Expr) -> Expr {
    Expr::Or(vec![Expr::And(vec![condition.clone(), yes]), Expr::And(vec![not(condition), no])])
}

fn ordered(name: &str, a: &str, b: &str) -> Option<Expr> {
    let (a, b): (f64, f64) = (a.parse().ok()?, b.parse().ok()?);
    let yes = match name {
        "gt" => a > b,
        "ge" => a >= b,
        "lt" => a < b,
        _ => a <= b,
    };
    Some(Expr::lit(if yes { "true" } else { "false" }))
}

/// Functions that take or make lists.
fn of_collections(of: &Evaluator<'_>, name: &str, arguments: &[Val]) -> Option<Val> {
    let lit = |value: &Val| of.shared.known(&of.expr(value.clone()));
    let any = |items: Vec<Data>, value: &Val| {
        let value = of.expr(value.clone());
        let one = |item: Data| compare(of.shared, Test::Equals, of.expr(Val::Data(item)), value.clone());
        Val::Expr(logic(items.into_iter().map(one).collect(), false))
    };
    Some(match (name, arguments) {
        ("contains" | "containsvalue", [Val::Data(list), value]) if list.is_list() => any(list.items().to_vec(), value),
        ("containsvalue", [Val::Data(map), value]) if map.is_map() => {
            any(map.pairs().iter().map(|p| p.value.clone()).collect(), value)
        }
        ("length", [Val::Data(data)]) => Val::Expr(Expr::lit(match &data.kind {
            Kind::List(items) => items.len().to_string(),
            Kind::Map(pairs) => pairs.len().to_string(),
            _ => data.str().map_or(0, |t| t.chars().count()).to_string(),
        })),
        ("split", [text, separator]) => {
            let (text, separator) = (lit(text)?, lit(separator)?);
            let items = text.split(separator.as_str()).map(|part| Data::scalar_at(part, of.at)).collect();
            Val::Data(Data::scalar_at("", of.at).with(Kind::List(Rc::new(items))))
        }
        ("join", [separator, Val::Data(list)]) if list.is_list() => {
            let separator = lit(separator)?;
            let mut parts = Vec::new();
            for (i, item) in list.items().iter().enumerate() {
                if i > 0 {
                    parts.push(Expr::lit(separator.as_str()));
                }
                parts.push(of.expr(Val::Data(item.clone())));
            }
            Val::Expr(Expr::concat(parts))
        }
        ("eq" | "ne", [Val::Data(data), _] | [_, Val::Data(data)]) if data.is_list() || data.is_map() => {
            Val::Expr(Expr::lit(if name == "ne" { "true" } else { "false" }))
        }
        ("counter", _) => Val::Expr(Expr::Unknown("counter()".to_owned())),
        _ => return None,
    })
}

fn logic(all: Vec<Expr>, and: bool) -> Expr {
    let (neutral, decisive) = if and { ("true", "false") } else { ("false", "true") };
    if all.iter().any(|e| e.literal().is_some_and(|t| t.eq_ignore_ascii_case(decisive))) {
        return Expr::lit(decisive);
    }
    let mut rest: Vec<Expr> = all.into_iter().filter(|e| !e.literal().is_some_and(|t| t.eq_ignore_ascii_case(neutral))).collect();
    match rest.len() {
        0 => Expr::lit(neutral),
        1 => rest.remove(0),
        _ if and => Expr::And(rest),
        _ => Expr::Or(rest),
    }
}

/// `not(failed())` and `not(canceled())` run whatever came before.
pub(super) fn not(condition: Expr) -> Expr {
    match condition {
        Expr::Status(Status::Failure | Status::Cancelled) => Expr::Status(Status::Always),
        Expr::Lit(text) => Expr::lit(if matches!(text.to_ascii_lowercase().as_str(), "true") { "false" } else { "true" }),
        other => runs::not(other),
    }
}

/// `succeeded('A', 'B')`
fn status(names: &[Expr], status: Status) -> Expr {
    let result = |name: &Expr| name.literal().map(|n| runs::is(&format!("needs.{n}.result"), "success"));
    match names.iter().map(result).collect::<Option<Vec<Expr>>>() {
        Some(all) if !all.is_empty() => logic(all, true),
        _ => Expr::Status(status),
    }
}

fn coalesce(all: Vec<Expr>) -> Expr {
    let mut all = all.into_iter().filter(|e| e.literal() != Some(""));
    let first = all.next().unwrap_or_else(|| Expr::lit(""));
    if first.literal().is_some() {
        return first;
    }
    match all.next() {
        Some(second) => Expr::Default(Box::new(first), Box::new(second)),
        None => first,
    }
}

/// `format('{0}-{1}', a, b)`
fn format(all: &[Expr]) -> Expr {
    let Some((Expr::Lit(pattern), values)) = all.split_first() else { return Expr::Unknown("format()".to_owned()) };
    texts::format(pattern, values)
}

/// A comparison. One with a full ref asks for its kind and its name, so that a branch of which only is known that it is not
/// the trunk decides it; one with the result of a job before asks for its end.
fn compare(shared: &Shared, test: Test, a: Expr, b: Expr) -> Expr {
    let (a, b) = match (test, a, b) {
        (Test::Equals, a @ Expr::Lit(_), b) if b.literal().is_none() => (b, a),
        (_, a, b) => (a, b),
    };
    if let (Expr::Var(name), Expr::Lit(text)) = (&a, &b) {
        if name.starts_with("needs.") && name.ends_with(".result") {
            return match text.to_ascii_lowercase().as_str() {
                "failed" => Expr::Status(Status::Failure),
                "canceled" => Expr::Status(Status::Cancelled),
                "skipped" => runs::is(name, "skipped"),
                _ => runs::is(name, "success"),
            };
        }
        if *name == variable("Build.SourceBranch") && matches!(test, Test::Equals | Test::StartsWith) {
            return full_ref(shared, test, text).unwrap_or_else(|| Expr::Compare(test, Box::new(a.clone()), Box::new(b.clone())));
        }
        if *name == variable("Build.SourceBranchName") && test == Test::Equals {
            shared.branches.borrow_mut().push(Pattern::Name(text.clone()));
        }
    }
    Expr::Compare(test, Box::new(a), Box::new(b))
}

/// A test of the full name of a ref as one of its kind and one of its name.
fn full_ref(shared: &Shared, test: Test, text: &str) -> Option<Expr> {
    let rest = text.strip_prefix("refs/")?;
    let (kind, fact, name) =
        [("heads", runs::BRANCH), ("tags", runs::TAG), ("pull", "")].into_iter().find_map(|(kind, fact)| {
            let name = rest.strip_prefix(kind)?;
            Some((kind, fact, if name.is_empty() { "" } else { name.strip_prefix('/')? }))
        })?;
    let of_kind = runs::is(
        runs::REF,
        match kind {
            "heads" => "branch",
            "tags" => "tag",
            _ => "change",
        },
    );
    if name.is_empty() || fact.is_empty() {
        return Some(of_kind);
    }
    let pattern = if test == Test::Equals { Pattern::Name(name.to_owned()) } else { Pattern::Glob(format!("{name}*")) };
    let known = if kind == "heads" { &shared.branches } else { &shared.tags };
    known.borrow_mut().push(pattern);
    Some(Expr::And(vec![of_kind, Expr::Compare(test, Box::new(Expr::Var(fact.to_owned())), Box::new(Expr::lit(name)))]))
}
