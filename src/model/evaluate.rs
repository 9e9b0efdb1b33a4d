//! The value and the truth of an expression in a scope.

use super::value::MAX_ALTERNATIVES;
use super::wildcard::glob;
use super::{Expr, HOLE, Scope, Status, Test, Truth, Value};
use regex::{Regex, RegexBuilder};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// At most so many bytes a compiled pattern may take.
const MAX_PATTERN: usize = 1 << 20;

/// A text that no pattern has in mind.
const NO_NAME: &str = "zq0xj";

/// Longer texts are not known: each of a few lines `A=$A$A` doubles one.
const MAX_TEXT: usize = 1 << 16;

impl Expr {
    /// The value in a scope.
    pub fn eval(&self, scope: &Scope) -> Value {
        match self {
            Self::Lit(t) => Value::Text(t.clone()),
            Self::Var(name) => scope.get(name),
            Self::Concat(parts) => concat(&parts.iter().map(|p| p.eval(scope)).collect::<Vec<_>>()),
            Self::Not(_) | Self::Compare(..) | Self::Status(_) => match self.truth(scope) {
                Truth::True => Value::text("true"),
                Truth::False => Value::text("false"),
                Truth::Unknown => Value::Unknown,
            },
            Self::And(all) => fold(all, scope, true),
            Self::Or(all) => fold(all, scope, false),
            Self::Default(first, second) => match first.eval(scope) {
                Value::Text(t) if t.is_empty() => second.eval(scope),
                Value::Unknown if matches!(&**first, Self::Var(name) if !scope.has(name)) => {
                    // Nothing the files say sets it: the default is what they say, a caller may say otherwise.
                    second.eval(scope)
                }
                other => other,
            },
            Self::Json(text) => json(&text.eval(scope)),
            Self::Unknown(_) => Value::Unknown,
        }
    }

    /// The truth in a scope.
    pub fn truth(&self, scope: &Scope) -> Truth {
        match self {
            Self::Not(e) => e.truth(scope).negate(),
            Self::And(all) => all.iter().fold(Truth::True, |t, e| t.and(e.truth(scope))),
            Self::Or(all) => all.iter().fold(Truth::False, |t, e| t.or(e.truth(scope))),
            Self::Compare(test, a, b) => compare(*test, &a.eval(scope), &b.eval(scope)),
            Self::Status(Status::Success | Status::Always) => Truth::True,
            Self::Status(Status::Failure) => Truth::Unknown,
            Self::Status(Status::Cancelled) => Truth::False,
            _ => self.eval(scope).truth(),
        }
    }
}

/// What the JSON texts hold that a value may be; unknown where one of them is no scalar and no list of scalars.
fn json(value: &Value) -> Value {
    use serde_json::Value as Json;
    let scalar = |json: &Json| match json {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(json.to_string()),
        _ => None,
    };
    let held = |text: String| match serde_json::from_str(&text) {
        Ok(Json::Array(list)) => list.iter().map(scalar).collect::<Option<Vec<_>>>(),
        Ok(json) => scalar(&json).map(|one| vec![one]),
        Err(_) => None,
    };
    let all: Option<Vec<Vec<String>>> = value.alternatives().into_iter().map(held).collect();
    all.map_or(Value::Unknown, |all| Value::one_of(all.into_iter().flatten().collect()))
}

fn concat(parts: &[Value]) -> Value {
    let mut all = vec![String::new()];
    for part in parts {
        let next = match part {
            Value::OneOf(options) if all.len() * options.len() <= MAX_ALTERNATIVES => options.clone(),
            other => vec![other.shown()],
        };
        all = all.iter().flat_map(|a| next.iter().map(move |b| format!("{a}{b}"))).collect();
        if all.iter().any(|text| text.len() > MAX_TEXT) {
            return Value::Unknown;
        }
    }
    if all.len() == 1 { Value::Text(all.remove(0)) } else { Value::one_of(all) }
}

/// `&&` (`stop_at_false`) and `||` with the operands' values.
fn fold(all: &[Expr], scope: &Scope, stop_at_false: bool) -> Value {
    let mut carried: Vec<String> = Vec::new();
    let mut lost = false;
    for (i, e) in all.iter().enumerate() {
        let value = e.eval(scope);
        let truth = if matches!(e, Expr::Not(_) | Expr::Compare(..) | Expr::And(_) | Expr::Or(_) | Expr::Status(_)) {
            match value {
                Value::Text(_) | Value::OneOf(_) => value.truth(),
                _ => e.truth(scope),
            }
        } else {
            value.truth()
        };
        let last = i + 1 == all.len();
        let stops = if stop_at_false { Truth::False } else { Truth::True };
        if last || truth == stops {
            return if carried.is_empty() && !lost {
                value
            } else {
                let here = value.alternatives();
                if lost || here.is_empty() {
                    return Value::Unknown;
                }
                Value::one_of(carried.into_iter().chain(here).collect())
            };
        }
        if truth == Truth::Unknown {
            // It may stop here: with a false value for `&&`, with a true one for `||`.
            if stop_at_false {
                carried.push(String::new());
            } else {
                let here: Vec<String> =
                    value.alternatives().into_iter().filter(|t| Value::text(t.as_str()).truth() == Truth::True).collect();
                lost |= here.is_empty();
                carried.extend(here);
            }
        }
    }
    Value::Unknown
}

fn compare(test: Test, a: &Value, b: &Value) -> Truth {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => compare_texts(test, a, b),
        (Value::OneOf(all), b @ Value::Text(_)) => all_agree(all.iter().map(|a| compare(test, &Value::text(a.as_str()), b))),
        (a @ Value::Text(_), Value::OneOf(all)) => all_agree(all.iter().map(|b| compare(test, a, &Value::text(b.as_str())))),
        (Value::Other(not), Value::Text(b)) | (Value::Text(b), Value::Other(not)) if test == Test::Equals => {
            if not.iter().any(|n| n.eq_ignore_ascii_case(b)) { Truth::False } else { Truth::Unknown }
        }
        // What is told apart by a pattern does not fit it; a pattern that fits about anything tells nothing apart.
        (Value::Other(not), Value::Text(pattern))
            if not.iter().any(|n| !n.is_empty() && compare_texts(test, n, pattern) == Truth::True)
                && compare_texts(test, NO_NAME, pattern) == Truth::False =>
        {
            Truth::False
        }
        _ => Truth::Unknown,
    }
}

fn all_agree(mut truths: impl Iterator<Item = Truth>) -> Truth {
    let Some(first) = truths.next() else { return Truth::Unknown };
    if truths.all(|t| t == first) { first } else { Truth::Unknown }
}

/// What stands for a hole when a text that is known in part is held against a pattern: it matches if one of them does.
const FILLS: &[&str] = &["1", "a", "1.1.1"];

thread_local! {
    static PATTERNS: RefCell<BTreeMap<String, Option<Regex>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Whether a pattern is found in a text; unknown where the pattern is of another dialect or the text is not known enough.
fn found(pattern: &str, text: &str) -> Truth {
    PATTERNS.with_borrow_mut(|known| {
        let compiled =
            known.entry(pattern.to_owned()).or_insert_with(|| RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build().ok());
        let Some(regex) = compiled else { return Truth::Unknown };
        if !text.contains(HOLE) {
            return Truth::of(regex.is_match(text));
        }
        let fits = FILLS.iter().any(|fill| regex.is_match(&text.replace(HOLE, fill)));
        let head = text.split(HOLE).next().unwrap_or("");
        match fits {
            true => Truth::True,
            false if apart(head, &literal_head(pattern)) => Truth::False,
            false => Truth::Unknown,
        }
    })
}

/// Whether two beginnings can not be of one text.
fn apart(a: &str, b: &str) -> bool {
    !a.starts_with(b) && !b.starts_with(a)
}

/// What a text must begin with that an expression is found in; empty where the expression does not say.
fn literal_head(pattern: &str) -> String {
    let Some(rest) = pattern.strip_prefix('^').filter(|rest| !rest.contains('|')) else { return String::new() };
    let rest = rest.strip_prefix("(?:").unwrap_or(rest);
    let mut out = String::new();
    let mut chars = rest.trim_start_matches('^').chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(escaped) if !escaped.is_alphanumeric() => out.push(escaped),
                _ => break,
            },
            '*' | '?' | '{' => {
                out.pop();
                break;
            }
            '.' | '+' | '[' | '(' | ')' | '$' | '^' => break,
            other => out.push(other),
        }
    }
    out
}

fn compare_texts(test: Test, a: &str, b: &str) -> Truth {
    if test == Test::Regex {
        return if b.contains(HOLE) { Truth::Unknown } else { found(b, a) };
    }
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    let holes = a.contains(HOLE) || b.contains(HOLE);
    if holes {
        if b.contains(HOLE) {
            return Truth::Unknown;
        }
        let head = a.split(HOLE).next().unwrap_or("");
        let tail = a.rsplit(HOLE).next().unwrap_or("");
        return match test {
            Test::Equals => {
                if b.starts_with(head) && b.ends_with(tail) {
                    Truth::Unknown
                } else {
                    Truth::False
                }
            }
            Test::StartsWith if head.starts_with(&b) => Truth::True,
            Test::StartsWith if !b.starts_with(head) => Truth::False,
            Test::EndsWith if tail.ends_with(&b) => Truth::True,
            Test::EndsWith if !b.ends_with(tail) => Truth::False,
            Test::Contains if a.contains(&b) => Truth::True,
            // A name that was made from a pattern is held against that pattern.
            Test::Glob if FILLS.iter().any(|fill| glob(&b, &a.replace(HOLE, fill))) => Truth::True,
            Test::Glob if apart(head, b.split(['*', '?', '[']).next().unwrap_or("")) => Truth::False,
            _ => Truth::Unknown,
        };
    }
    Truth::of(match test {
        Test::Equals => a == b,
        Test::Contains => a.contains(&b),
        Test::StartsWith => a.starts_with(&b),
        Test::EndsWith => a.ends_with(&b),
        Test::Glob => glob(&b, &a),
        Test::Regex => found(&b, &a) == Truth::True,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn var(name: &str) -> Expr {
        Expr::Var(name.to_owned())
    }

    fn equals(a: Expr, b: &str) -> Expr {
        Expr::Compare(Test::Equals, Box::new(a), Box::new(Expr::lit(b)))
    }

    #[test]
    fn choice_by_and_or_takes_the_branch_of_a_known_condition() {
        let choice = Expr::Or(vec![Expr::And(vec![equals(var("ref"), "main"), Expr::lit("prod")]), Expr::lit("dev")]);
        let mut scope = Scope::default();
        scope.set("ref", Value::text("main"));
        assert_eq!(choice.eval(&scope), Value::text("prod"));
        scope.set("ref", Value::text("topic"));
        assert_eq!(choice.eval(&scope), Value::text("dev"));
    }

    #[test]
    fn choice_by_an_unknown_condition_keeps_both_branches() {
        let choice = Expr::Or(vec![Expr::And(vec![equals(var("ref"), "main"), Expr::lit("prod")]), Expr::lit("dev")]);
        assert_eq!(choice.eval(&Scope::default()), Value::OneOf(vec!["dev".into(), "prod".into()]));
    }

    #[test]
    fn a_branch_that_is_not_trunk_differs_from_trunk_and_may_be_any_other() {
        let mut scope = Scope::default();
        scope.set("ref", Value::Other(vec!["main".into()]));
        assert_eq!(equals(var("ref"), "main").truth(&scope), Truth::False);
        assert_eq!(equals(var("ref"), "release").truth(&scope), Truth::Unknown);
    }

    #[test]
    fn a_text_with_a_hole_is_decided_only_where_its_known_ends_decide() {
        let mut scope = Scope::default();
        scope.set("ref", Value::text(format!("refs/tags/{HOLE}")));
        let starts = |p: &str| Expr::Compare(Test::StartsWith, Box::new(var("ref")), Box::new(Expr::lit(p))).truth(&scope);
        assert_eq!(starts("refs/tags/"), Truth::True);
        assert_eq!(starts("refs/heads/"), Truth::False);
        assert_eq!(starts("refs/tags/v"), Truth::Unknown);
    }

    #[test]
    fn a_json_text_is_a_scalar_or_one_of_its_elements() {
        let held = |text: &str| Expr::Json(Box::new(Expr::lit(text))).eval(&Scope::default());
        assert_eq!(held("[\"dev\"]"), Value::text("dev"));
        assert_eq!(held("[\"prod\", \"dev\"]"), Value::OneOf(vec!["dev".into(), "prod".into()]));
        assert_eq!(held("true"), Value::text("true"));
        for other in ["{\"a\": 1}", "[[1]]", "dev", "[]"] {
            assert_eq!(held(other), Value::Unknown, "{other}");
        }
    }

    #[test]
    fn a_name_known_in_part_does_not_fit_what_begins_otherwise() {
        let truth = |test, text: &str, pattern: &str| {
            Expr::Compare(test, Box::new(Expr::lit(text)), Box::new(Expr::lit(pattern))).truth(&Scope::default())
        };
        let name = format!("docs/{HOLE}");
        assert_eq!(truth(Test::Glob, &name, "release/*"), Truth::False);
        assert_eq!(truth(Test::Glob, &name, "docs/*/x"), Truth::Unknown);
        for (pattern, expected) in [
            ("^release\\/.*$", Truth::False),
            ("^(?:release\\/.*)$", Truth::False),
            ("^d?ocs/[0-9]{4}$", Truth::Unknown),
            ("^(release|docs)/x", Truth::Unknown),
            ("release", Truth::Unknown),
            ("^docs/.*", Truth::True),
        ] {
            assert_eq!(truth(Test::Regex, &name, pattern), expected, "{pattern}");
        }
    }
}
