//! The keys of some settings, with their places.

use super::naming;
use crate::source::Span;
use std::collections::BTreeMap;

/// More keys are not looked at.
const MAX_KEYS: usize = 5_000;

/// A longer part of a key may be data.
const MAX_PART: usize = 80;

/// Keys with their places; nested ones as `a.b.c`.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    all: BTreeMap<String, (Span, Option<String>)>,
    /// There are more than are kept, or one that can't be told.
    pub partly: bool,
}

impl Keys {
    /// Add a key below another one. Gives its full name, none where it is not kept.
    pub fn add(&mut self, above: Option<&str>, part: &str, span: Span) -> Option<String> {
        let part = part.trim();
        if part.is_empty() || part.len() > MAX_PART || part.contains(char::is_whitespace) || part.contains(['{', '=']) {
            return None;
        }
        if self.all.len() >= MAX_KEYS {
            self.partly = true;
            return None;
        }
        let name = above.map_or_else(|| part.to_owned(), |above| format!("{above}.{part}"));
        self.all.entry(name.clone()).or_insert_with(|| (span, above.map(ToOwned::to_owned)));
        Some(name)
    }

    /// Every key, in order.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.all.keys()
    }

    /// Whether a key is there.
    pub fn has(&self, key: &str) -> bool {
        self.all.contains_key(key)
    }

    /// Where a key stands.
    pub fn place(&self, key: &str) -> Option<Span> {
        self.all.get(key).map(|(span, _)| *span)
    }

    /// The keys that a key stands below, the nearest first.
    pub fn above<'k>(&'k self, key: &str) -> Vec<&'k str> {
        let mut out = Vec::new();
        let mut next = self.all.get(key).and_then(|(_, above)| above.as_deref());
        while let Some(above) = next {
            out.push(above);
            next = self.all.get(above).and_then(|(_, above)| above.as_deref());
        }
        out
    }

    /// The same keys with `*` in place of the environment's own name (`prod_url` of production).
    #[must_use]
    pub fn without(self, environment: &str) -> Self {
        let neutral = |key: &str| -> String {
            let part = |part: &str| match naming(part) {
                Some(named) if named.environment == environment => named.pattern,
                _ => part.to_owned(),
            };
            key.split('.').map(part).collect::<Vec<_>>().join(".")
        };
        let renamed = |(key, (span, above)): (String, (Span, Option<String>))| {
            let above = above.map(|above: String| neutral(&above));
            (neutral(&key), (span, above))
        };
        Self { all: self.all.into_iter().map(renamed).collect(), partly: self.partly }
    }

    /// Add those of others.
    pub fn extend(&mut self, other: Self) {
        self.partly |= other.partly;
        for (key, value) in other.all {
            self.all.entry(key).or_insert(value);
        }
    }
}
