//! Operands of expressions: names, functions and comparisons in the model's terms.

use crate::frontends::pipelines::runs::{REF, is};
use crate::frontends::pipelines::texts::format;
use crate::model::{Expr, Status, Test};
use serde_json::Value as Json;

/// What a part of an expression is.
pub(super) enum Operand {
    /// An expression.
    Expr(Expr),
    /// A literal that `fromJSON` read.
    Json(Json),
}

impl Operand {
    pub fn into_expr(self) -> Expr {
        match self {
            Self::Expr(e) => e,
            Self::Json(value) => scalar(&value).map_or_else(|| Expr::Unknown(value.to_string()), Expr::Lit),
        }
    }
}

/// The text of a JSON value that is no collection.
pub(super) fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::Null => Some(String::new()),
        Json::String(s) => Some(s.clone()),
        Json::Bool(b) => Some(b.to_string()),
        Json::Number(n) => Some(n.to_string()),
        Json::Array(_) | Json::Object(_) => None,
    }
}

/// A value of a literal collection by a key that may be decided only later.
pub(super) fn select(value: &Json, key: Expr) -> Operand {
    match (value, key) {
        (Json::Object(map), Expr::Lit(key)) => Operand::Json(map.get(&key).cloned().unwrap_or(Json::Null)),
        (Json::Array(list), Expr::Lit(key)) => {
            Operand::Json(key.parse::<usize>().ok().and_then(|i| list.get(i)).cloned().unwrap_or(Json::Null))
        }
        (Json::Object(map), key) if map.values().all(|v| scalar(v).is_some()) => {
            let choice = |(k, v): (&String, &Json)| {
                let value = scalar(v).unwrap_or_default();
                Expr::And(vec![compare(Test::Equals, key.clone(), Expr::lit(k)), Expr::Lit(value)])
            };
            Operand::Expr(Expr::Or(map.iter().map(choice).chain([Expr::lit("")]).collect()))
        }
        _ => Operand::Expr(Expr::Unknown("an index".to_owned())),
    }
}

/// The model's name of a path of a context.
pub(super) fn named(path: &[String]) -> Expr {
    let root = path[0].to_ascii_lowercase();
    let rest = path[1..].join(".");
    let lower = rest.to_ascii_lowercase();
    match root.as_str() {
        _ if rest.is_empty() => Expr::Unknown(root),
        "github" => match lower.strip_prefix("event.inputs.") {
            Some(_) => Expr::Var(format!("input.{}", path[3..].join("."))),
            None => Expr::Var(format!("github.{lower}")),
        },
        "inputs" => Expr::Var(format!("input.{rest}")),
        "jobs" => Expr::Var(format!("needs.{rest}")),
        "env" | "matrix" | "needs" | "steps" => Expr::Var(format!("{root}.{rest}")),
        "runner" if lower == "os" => Expr::Var("runner.os".to_owned()),
        _ => Expr::Unknown(format!("{root}.{rest}")),
    }
}

pub(super) fn function(name: &str, arguments: Vec<Operand>) -> Operand {
    let lower = name.to_ascii_lowercase();
    let mut all = arguments.into_iter();
    let out = match (lower.as_str(), all.next(), all.next()) {
        ("success", None, None) => Expr::Status(Status::Success),
        ("always", None, None) => Expr::Status(Status::Always),
        ("failure", None, None) => Expr::Status(Status::Failure),
        ("cancelled", None, None) => Expr::Status(Status::Cancelled),
        ("contains", Some(Operand::Json(Json::Array(list))), Some(item)) => {
            let item = item.into_expr();
            Expr::Or(list.iter().filter_map(scalar).map(|v| compare(Test::Equals, item.clone(), Expr::Lit(v))).collect())
        }
        ("contains", Some(a), Some(b)) => compare(Test::Contains, a.into_expr(), b.into_expr()),
        ("startswith", Some(a), Some(b)) => compare(Test::StartsWith, a.into_expr(), b.into_expr()),
        ("endswith", Some(a), Some(b)) => compare(Test::EndsWith, a.into_expr(), b.into_expr()),
        ("fromjson", Some(a), None) => match a.into_expr() {
            Expr::Lit(text) => match serde_json::from_str(&text) {
                Ok(value) => return Operand::Json(value),
                Err(_) => Expr::Unknown(name.to_owned()),
            },
            other => Expr::Json(Box::new(other)),
        },
        ("tojson", Some(Operand::Json(value)), None) => Expr::Lit(value.to_string()),
        ("join", Some(Operand::Json(Json::Array(list))), sep) => {
            let sep = sep.map_or_else(|| Some(",".to_owned()), |s| s.into_expr().literal().map(str::to_owned));
            let parts: Vec<String> = list.iter().filter_map(scalar).collect();
            sep.map_or_else(|| Expr::Unknown(name.to_owned()), |sep| Expr::Lit(parts.join(&sep)))
        }
        ("format", Some(pattern), first) => {
            let values: Vec<Expr> = first.into_iter().chain(all).map(Operand::into_expr).collect();
            pattern.into_expr().literal().map_or_else(|| Expr::Unknown(name.to_owned()), |p| format(p, &values))
        }
        ("case", Some(first), Some(second)) => case([first, second].into_iter().chain(all).map(Operand::into_expr).collect()),
        _ => Expr::Unknown(format!("{name}()")),
    };
    Operand::Expr(out)
}

/// `case(condition, value, …, default)`.
fn case(arguments: Vec<Expr>) -> Expr {
    let mut out = Vec::new();
    let mut all = arguments.into_iter();
    while let Some(first) = all.next() {
        out.push(match all.next() {
            Some(value) => Expr::And(vec![first, value]),
            None => first,
        });
    }
    Expr::Or(out)
}

/// A comparison. One of `github.ref` with a full ref asks for its kind and its name, so that a branch of which only
/// is known that it is not the trunk decides it.
pub(super) fn compare(test: Test, a: Expr, b: Expr) -> Expr {
    let (a, b) = match (test, a, b) {
        (Test::Equals, a @ Expr::Lit(_), b @ Expr::Var(_)) => (b, a),
        (_, a, b) => (a, b),
    };
    if let (Expr::Var(name), Expr::Lit(text)) = (&a, &b)
        && name == "github.ref"
        && test != Test::EndsWith
        && let Some((kind, rest)) = full_ref(text)
    {
        let kind = is(REF, kind);
        let test = if test == Test::Contains { Test::StartsWith } else { test };
        if rest.is_empty() && test != Test::Equals {
            return kind;
        }
        let name = Expr::Compare(test, Box::new(Expr::Var("github.ref_name".to_owned())), Box::new(Expr::lit(rest)));
        return Expr::And(vec![kind, name]);
    }
    Expr::Compare(test, Box::new(a), Box::new(b))
}

/// Kind and name of `refs/heads/x`; the name may be missing.
fn full_ref(text: &str) -> Option<(&'static str, &str)> {
    let rest = text.strip_prefix("refs/")?;
    [("heads", "branch"), ("tags", "tag"), ("pull", "change")].into_iter().find_map(|(folder, kind)| {
        let name = rest.strip_prefix(folder)?;
        if name.is_empty() { Some((kind, "")) } else { name.strip_prefix('/').map(|n| (kind, n)) }
    })
}
