//! Variables: <https://docs.gitlab.com/ci/variables/>.

use crate::frontends::pipelines::data::{Data, Kind};
use crate::model::{Expr, HOLE, Scope, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Names with their values, in the order in which they are to be bound.
pub(super) type Variables = Vec<(String, Expr)>;

/// A text with `$NAME` and `${NAME}`; `$$` is a dollar.
pub(super) fn value(text: &str) -> Expr {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        parts.push(Expr::lit(&rest[..at]));
        let after = &rest[at + 1..];
        if let Some(tail) = after.strip_prefix('$') {
            parts.push(Expr::lit("$"));
            rest = tail;
            continue;
        }
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let bare = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
        let (name, len) = braced.map_or((&after[..bare], bare), |(name, _)| (name, name.len() + 2));
        if name.is_empty() {
            parts.push(Expr::lit("$"));
            rest = after;
        } else {
            parts.push(Expr::Var(format!("env.{name}")));
            rest = &after[len..];
        }
    }
    parts.push(Expr::lit(rest));
    parts.retain(|p| p.literal() != Some(""));
    inputs(Expr::concat(parts))
}

/// Inputs that nobody gave are not known.
fn inputs(expr: Expr) -> Expr {
    match expr {
        Expr::Lit(text) if text.contains("$[[") => Expr::Unknown(text),
        other => other,
    }
}

/// A variable's value: a scalar, or a mapping with `value` and what a person is shown.
/// <https://docs.gitlab.com/ci/yaml/#variables>
fn value_of(data: &Data) -> Expr {
    let plain = |data: &Data| match &data.kind {
        Kind::Null => Expr::lit(""),
        Kind::Scalar { .. } => value(data.str().unwrap_or("")),
        _ => Expr::Unknown("a list or mapping".to_owned()),
    };
    if !data.is_map() {
        return plain(data);
    }
    let Some(given) = data.pair("value") else { return Expr::lit("") };
    match given.value.str() {
        Some(text) if data.get("expand").and_then(Data::boolean) == Some(false) => Expr::lit(text),
        _ => plain(&given.value),
    }
}

/// The entries of `variables:`, in file order.
pub(super) fn of(data: Option<&Data>) -> Variables {
    data.map(Data::pairs).unwrap_or_default().iter().map(|p| (p.key.to_string(), value_of(&p.value))).collect()
}

/// Literal values by name.
pub(super) fn literals(variables: &Variables) -> BTreeMap<String, String> {
    variables.iter().filter_map(|(name, e)| Some((name.clone(), e.literal()?.to_owned()))).collect()
}

/// A text with the variables put in that have a literal value.
pub(super) fn filled(text: &str, literals: &BTreeMap<String, String>) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    let mut scope = Scope::default();
    for (name, value) in literals {
        scope.set(format!("env.{name}"), Value::text(value.as_str()));
    }
    match value(text).eval(&scope) {
        Value::Text(filled) if !filled.contains(HOLE) => filled,
        _ => text.to_owned(),
    }
}

/// What a job binds: its own variables, and those of the pipeline again that read one of them.
pub(super) fn of_job(pipeline: &Variables, own: &Variables) -> Variables {
    let mut changed: BTreeSet<&str> = own.iter().map(|(n, _)| n.as_str()).collect();
    changed.extend(["CI_JOB_NAME", "CI_JOB_STAGE", "CI_ENVIRONMENT_NAME", "CI_ENVIRONMENT_SLUG"]);
    let own_names: BTreeSet<&str> = own.iter().map(|(n, _)| n.as_str()).collect();
    let mut again: Vec<&(String, Expr)> = Vec::new();
    for _ in 0..pipeline.len().min(20) {
        let before = changed.len();
        for one in pipeline.iter().filter(|(n, _)| !own_names.contains(n.as_str())) {
            if !changed.contains(one.0.as_str()) && reads(&one.1).iter().any(|n| changed.contains(n)) {
                changed.insert(&one.0);
                again.push(one);
            }
        }
        if changed.len() == before {
            break;
        }
    }
    let all: Variables = again.into_iter().cloned().chain(own.iter().cloned()).collect();
    ordered(all)
}

/// Names of variables that a value reads.
fn reads(expr: &Expr) -> Vec<&str> {
    let mut names = Vec::new();
    expr.names(&mut names);
    names.into_iter().filter_map(|n| n.strip_prefix("env.")).collect()
}

/// Variables so that each comes after those it reads; a cycle keeps file order. Of equal names the last counts.
pub(super) fn ordered(variables: Variables) -> Variables {
    let mut rest: Variables = Vec::new();
    for (name, e) in variables {
        rest.retain(|(n, _)| *n != name);
        rest.push((name, e));
    }
    let mut waiting: BTreeSet<String> = rest.iter().map(|(n, _)| n.clone()).collect();
    let mut out = Vec::new();
    // As many rounds as there may be links in a chain; what is left then is a cycle.
    for _ in 0..rest.len().min(50) {
        let (ready, later): (Variables, Variables) =
            rest.into_iter().partition(|(name, e)| reads(e).iter().all(|n| n == name || !waiting.contains(*n)));
        rest = later;
        if ready.is_empty() {
            break;
        }
        for (name, _) in &ready {
            waiting.remove(name);
        }
        out.extend(ready);
    }
    out.extend(rest);
    out
}

/// The bindings of variables.
pub(super) fn bindings(variables: Variables) -> Vec<(String, Expr)> {
    variables.into_iter().map(|(name, e)| (format!("env.{name}"), e)).collect()
}

/// A name as GitLab writes it in addresses: <https://docs.gitlab.com/ci/variables/predefined_variables/> (`CI_COMMIT_REF_SLUG`).
pub(super) fn slug(value: &Value) -> Value {
    let one = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let kept = lower.chars().map(|c| if c.is_ascii_alphanumeric() || c == HOLE { c } else { '-' });
        let text: String = kept.take(63).collect();
        text.trim_matches('-').to_owned()
    };
    match value {
        Value::Text(text) => Value::Text(one(text)),
        Value::OneOf(all) => Value::one_of(all.iter().map(|t| one(t)).collect()),
        _ => Value::Unknown,
    }
}

/// An expression with variables of this list put in for their names.
pub(super) fn substitute(expr: &Expr, variables: &BTreeMap<&str, &Expr>, depth: usize) -> Expr {
    let go = |e: &Expr| substitute(e, variables, depth);
    let all = |list: &[Expr]| list.iter().map(go).collect();
    match expr {
        Expr::Var(name) => match name.strip_prefix("env.").and_then(|n| variables.get(n)) {
            Some(value) if depth < 8 => substitute(value, variables, depth + 1),
            _ => expr.clone(),
        },
        Expr::Concat(list) => Expr::Concat(all(list)),
        Expr::And(list) => Expr::And(all(list)),
        Expr::Or(list) => Expr::Or(all(list)),
        Expr::Not(e) => Expr::Not(Box::new(go(e))),
        Expr::Json(e) => Expr::Json(Box::new(go(e))),
        Expr::Compare(test, a, b) => Expr::Compare(*test, Box::new(go(a)), Box::new(go(b))),
        Expr::Default(a, b) => Expr::Default(Box::new(go(a)), Box::new(go(b))),
        Expr::Lit(_) | Expr::Status(_) | Expr::Unknown(_) => expr.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn var(name: &str) -> Expr {
        Expr::Var(format!("env.{name}"))
    }

    #[test]
    fn values_read_other_variables() {
        assert_eq!(value("$A-${B}/c$$d"), Expr::concat(vec![var("A"), Expr::lit("-"), var("B"), Expr::lit("/c$d")]));
        assert_eq!(value("100$"), Expr::lit("100$"));
        assert_eq!(value(""), Expr::lit(""));
    }

    #[test]
    fn a_variable_comes_after_those_it_reads() {
        let list = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), value(v))).collect::<Variables>();
        let names = |v: Variables| v.into_iter().map(|(n, _)| n).collect::<Vec<_>>().join(" ");
        assert_eq!(names(ordered(list(&[("A", "$B"), ("B", "$C"), ("C", "x")]))), "C B A");
        assert_eq!(names(ordered(list(&[("A", "$B"), ("B", "$A"), ("C", "$C:x")]))), "C A B");
        let pipeline = list(&[("IMAGE", "registry/$APP"), ("OTHER", "x"), ("FULL", "$IMAGE:1")]);
        assert_eq!(names(of_job(&pipeline, &list(&[("APP", "shop")]))), "APP IMAGE FULL");
    }

    #[test]
    fn slugs_are_lower_case_with_hyphens() {
        assert_eq!(slug(&Value::text("Feature/A_b")), Value::text("feature-a-b"));
    }
}
