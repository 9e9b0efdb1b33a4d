//! Fingerprints of steps and findings that survive moving: neither line nor path is part of them.
//!
//! Two runs over two commits are compared by these keys, so they depend only on what is done: a step's stage,
//! environment and text, a finding's rule and text. The n-th step or finding that is otherwise the same has the
//! ordinal n, so that every key of one report is unique.

use crate::model::Stage;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Characters of an id.
const SHORT: usize = 12;

/// Makes the keys of one report; call it in the report's order, which settles the ordinals.
#[derive(Debug, Default)]
pub struct Keys {
    seen: BTreeMap<Vec<String>, u32>,
}

impl Keys {
    /// None made yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The key of a step; the text of a missing step is empty.
    pub fn step(&mut self, stage: Stage, environment: Option<&str>, text: &str) -> String {
        self.make(vec!["step".to_owned(), stage.to_string(), environment.unwrap_or("").to_owned(), normalise(text)])
    }

    /// The key of a finding of a rule on a text.
    pub fn finding(&mut self, rule: &str, text: &str) -> String {
        self.make(vec!["finding".to_owned(), rule.to_owned(), normalise(text)])
    }

    fn make(&mut self, parts: Vec<String>) -> String {
        let mut hash = Sha256::new();
        for part in &parts {
            // The length first: no part can be mistaken for the end of another.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let ordinal = self.seen.entry(parts).or_insert(0);
        hash.update(ordinal.to_be_bytes());
        *ordinal += 1;
        hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// A text without the freedom of layout: white space and line continuations are one space each.
pub fn normalise(text: &str) -> String {
    text.replace("\\\r\n", " ").replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The ids of these keys, in their order: 12 characters each, longer where two would be equal.
pub fn ids(keys: &[String]) -> Vec<String> {
    let mut sorted: Vec<&str> = keys.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let shared = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    keys.iter()
        .map(|key| {
            let at = sorted.partition_point(|k| *k < key.as_str());
            let before = at.checked_sub(1).and_then(|i| sorted.get(i)).map_or(0, |k| shared(k, key));
            let after = sorted.get(at + 1).map_or(0, |k| shared(k, key));
            let length = SHORT.max(before.max(after) + 1).min(key.len());
            key.get(..length).unwrap_or(key).to_owned()
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn keys_ignore_layout_and_number_repetitions() {
        let mut keys = Keys::new();
        let first = keys.step(Stage::Deploy, Some("production"), "kubectl apply \\\n   -f app.yaml");
        let again = keys.step(Stage::Deploy, Some("production"), "kubectl apply -f app.yaml");
        let staging = keys.step(Stage::Deploy, Some("staging"), "kubectl apply -f app.yaml");
        let mut other = Keys::new();
        assert_eq!(first, other.step(Stage::Deploy, Some("production"), "kubectl apply -f app.yaml"));
        assert_ne!(first, again);
        assert_ne!(first, staging);
        assert_eq!(first.len(), 64);
    }

    #[test]
    fn ids_grow_until_they_differ() {
        let keys: Vec<String> = ["aaaaaaaaaaaabb1", "aaaaaaaaaaaabb2", "bbbbbbbbbbbbbbb"].map(str::to_owned).to_vec();
        assert_eq!(ids(&keys), ["aaaaaaaaaaaabb1", "aaaaaaaaaaaabb2", "bbbbbbbbbbbb"]);
        assert_eq!(ids(&["short".to_owned()]), ["short"]);
    }
}
