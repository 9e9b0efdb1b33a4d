//! Matrices: <https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations>.

use super::expression::{json, template};
use super::operand::scalar;
use crate::model::Expr;
use crate::syntax::yaml::Node;
use serde_json::{Map, Value as Json};

/// At most this many combinations are told apart; more are one of which nothing is known.
const MAX_COMBINATIONS: usize = 64;

/// Deepest nesting of a value.
const MAX_DEPTH: usize = 8;

/// The combinations of a matrix, each with its bindings; none where there is no matrix.
pub(super) fn combinations(strategy: Option<Node<'_>>) -> Vec<Vec<(String, Expr)>> {
    let Some(matrix) = strategy.and_then(|s| s.get("matrix")).filter(|m| !m.is_null()) else { return Vec::new() };
    let unknown = vec![Vec::new()];
    let Json::Object(matrix) = read(matrix, 0) else { return unknown };
    let axes: Vec<(&String, &[Json])> = matrix
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "include" | "exclude"))
        .filter_map(|(name, values)| Some((name, axis(values)?)))
        .collect();
    let list = |key: &str| matrix.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
    let Some(mut all) = product(&axes) else { return unknown };
    let excluded = list("exclude");
    all.retain(|one| {
        !excluded.iter().filter_map(Json::as_object).any(|e| e.iter().all(|(k, v)| one.get(k).is_some_and(|w| covers(w, v))))
    });
    include(&mut all, &list("include"), axes.is_empty());
    if all.is_empty() || all.len() > MAX_COMBINATIONS {
        return unknown;
    }
    all.iter().map(bindings).collect()
}

/// The values of an axis; an expression is one value, which says what it may be.
fn axis(values: &Json) -> Option<&[Json]> {
    match values {
        Json::Array(list) => Some(list),
        Json::String(text) if text.contains("${{") => Some(std::slice::from_ref(values)),
        _ => None,
    }
}

/// A node as plain data, scalars as texts; an expression that is a literal list or mapping is read.
fn read(node: Node<'_>, depth: usize) -> Json {
    if depth > MAX_DEPTH {
        return Json::Null;
    }
    if node.is_sequence() {
        return Json::Array(node.items().into_iter().map(|n| read(n, depth + 1)).collect());
    }
    if node.is_mapping() {
        return Json::Object(node.entries().into_iter().map(|e| (e.name().to_owned(), read(e.value, depth + 1))).collect());
    }
    let text = node.scalar().unwrap_or("");
    json(text).unwrap_or_else(|| Json::String(text.to_owned()))
}

type Combination = Map<String, Json>;

/// The cross product; `None` where it is too large.
fn product(axes: &[(&String, &[Json])]) -> Option<Vec<Combination>> {
    let mut all = vec![Combination::new()];
    for (name, values) in axes {
        if all.len() * values.len() > MAX_COMBINATIONS {
            return None;
        }
        let with = |one: &Combination, value: &Json| {
            let mut one = one.clone();
            one.insert((*name).clone(), value.clone());
            one
        };
        all = all.iter().flat_map(|one| values.iter().map(move |v| (one, v))).map(|(one, v)| with(one, v)).collect();
    }
    Some(all)
}

/// Whether a value is, or holds, what an exclusion names.
fn covers(value: &Json, wanted: &Json) -> bool {
    match (value, wanted) {
        (Json::Object(value), Json::Object(wanted)) => wanted.iter().all(|(k, w)| value.get(k).is_some_and(|v| covers(v, w))),
        _ => scalar(value).is_some() && scalar(value) == scalar(wanted) || value == wanted,
    }
}

/// Each inclusion adds to every combination of which it overwrites nothing, or else is one of its own.
fn include(all: &mut Vec<Combination>, inclusions: &[Json], no_axes: bool) {
    if no_axes && !inclusions.is_empty() {
        all.clear();
    }
    let original = all.clone();
    for inclusion in inclusions.iter().filter_map(Json::as_object) {
        let mut fits = false;
        for (one, before) in all.iter_mut().zip(&original) {
            if inclusion.iter().all(|(k, v)| before.get(k).is_none_or(|w| covers(w, v))) {
                one.extend(inclusion.iter().map(|(k, v)| (k.clone(), v.clone())));
                fits = true;
            }
        }
        if !fits {
            all.push(inclusion.clone());
        }
    }
}

fn bindings(one: &Combination) -> Vec<(String, Expr)> {
    let mut out = Vec::new();
    for (name, value) in one {
        flatten(&format!("matrix.{name}"), value, &mut out);
    }
    out
}

fn flatten(name: &str, value: &Json, out: &mut Vec<(String, Expr)>) {
    match value {
        Json::Object(map) => map.iter().for_each(|(k, v)| flatten(&format!("{name}.{k}"), v, out)),
        Json::Array(_) => {}
        _ => out.push((name.to_owned(), template(&scalar(value).unwrap_or_default()))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::source::{FileId, SourceFile};
    use crate::syntax::yaml;

    fn of(text: &str) -> Vec<String> {
        let tree = yaml::parse(&SourceFile::new(FileId(0), "x.yml", text));
        let one = |b: &Vec<(String, Expr)>| {
            let parts: Vec<String> = b.iter().map(|(n, v)| format!("{}={}", &n[7..], v.literal().unwrap_or("?"))).collect();
            parts.join(" ")
        };
        combinations(tree.root()).iter().map(one).collect()
    }

    #[test]
    fn axes_multiply_and_exclusions_go() {
        let text = "matrix:\n  env: [dev, prod]\n  v: [3.10, 4]\n  exclude:\n    - {env: dev, v: 4}\n";
        assert_eq!(of(text), ["env=dev v=3.10", "env=prod v=3.10", "env=prod v=4"]);
    }

    #[test]
    fn inclusions_extend_what_they_fit_or_stand_alone() {
        let text = "matrix:\n  fruit: [apple, pear]\n  include:\n    - color: green\n    - {color: pink, fruit: apple}\n    - fruit: banana\n";
        assert_eq!(of(text), ["color=pink fruit=apple", "color=green fruit=pear", "fruit=banana"]);
        assert_eq!(of("matrix:\n  include:\n    - {a: 1}\n    - {b: {c: 2}}\n"), ["a=1", "b.c=2"]);
    }

    #[test]
    fn literal_lists_are_read_and_others_leave_their_axis_open() {
        assert_eq!(
            of("matrix:\n  a: ${{ fromJSON('[\"x\", \"y\"]') }}\n  b: ${{ fromJSON(needs.c.outputs.d) }}\n"),
            ["a=x b=?", "a=y b=?"]
        );
        assert_eq!(of("matrix: ${{ fromJSON(inputs.m) }}\n"), [""]);
        assert!(of("fail-fast: true\n").is_empty());
        let values = (0..100).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
        assert_eq!(of(&format!("matrix:\n  a: [{values}]\n")), [""]);
    }
}
