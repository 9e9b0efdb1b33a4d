//! Matrices: <https://circleci.com/docs/reference/configuration-reference/#matrix>.

use crate::frontends::pipelines::data::Data;

/// At most this many combinations are told apart; more are one of which nothing is known.
const MAX_COMBINATIONS: usize = 64;

/// The values of a matrix's parameters in one combination, in the order in which they are declared.
pub(super) type Combination = Vec<(String, Data)>;

/// The combinations; one without values where there is no matrix. The parameters' names with them.
pub(super) fn combinations(matrix: Option<&Data>) -> Vec<Combination> {
    let mut all: Vec<Combination> = vec![Vec::new()];
    let Some(parameters) = matrix.and_then(|m| m.get("parameters")) else { return all };
    for pair in parameters.pairs() {
        let values = pair.value.one_or_many();
        if values.is_empty() || all.len() * values.len() > MAX_COMBINATIONS {
            return vec![Vec::new()];
        }
        let with = |one: &Combination, value: &Data| {
            let mut one = one.clone();
            one.push((pair.key.to_string(), value.clone()));
            one
        };
        all = all.iter().flat_map(|one| values.iter().map(move |v| (one, v))).map(|(one, v)| with(one, v)).collect();
    }
    let excluded = matrix.and_then(|m| m.get("exclude")).map(Data::items).unwrap_or_default();
    let is = |one: &Combination, key: &str, value: &Data| one.iter().any(|(k, v)| k == key && v.str() == value.str());
    all.retain(|one| !excluded.iter().any(|e| !e.pairs().is_empty() && e.pairs().iter().all(|p| is(one, &p.key, &p.value))));
    all
}

/// A text with the values of a combination filled in.
pub(super) fn filled(text: &str, combination: &Combination) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<<") {
        out.push_str(before);
        let value = after.split_once(">>").and_then(|(name, tail)| {
            let name = name.trim().strip_prefix("matrix.")?;
            let (_, value) = combination.iter().find(|(k, _)| k == name)?;
            Some((value.str().unwrap_or(""), tail))
        });
        if let Some((value, tail)) = value {
            out.push_str(value);
            rest = tail;
        } else {
            out.push_str("<<");
            rest = after;
        }
    }
    out.push_str(rest);
    out
}
