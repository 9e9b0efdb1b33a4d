//! Settings: nested tables of texts and lists, whatever format they are written in (TOML, JSON, YAML).

use super::yaml::Node;
use crate::source::{Span, Text};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, number or truth value.
    Text(Text),
    /// A list.
    List(Vec<Value>),
    /// A table.
    Table(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// From the key to the end of the value.
    pub span: Span,
}

/// Values are nested at most so deep; what is deeper is passed over.
const MAX_DEPTH: usize = 32;

impl Value {
    /// The entries of a table; none where it is no table.
    pub fn entries(&self) -> &[Entry] {
        if let Self::Table(entries) = self { entries } else { &[] }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|e| e.key == key).map(|e| &e.value)
    }

    /// The value at a path of keys (`tool.poe.tasks`).
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |of, key| of.get(key))
    }

    /// The text, where it is one.
    pub fn text(&self) -> Option<&Text> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The elements of a list; a value that is none stands for a list of one.
    pub fn elements(&self) -> &[Self] {
        if let Self::List(list) = self { list } else { std::slice::from_ref(self) }
    }

    /// A node of a YAML or JSON file as settings.
    pub fn of(node: Node) -> Self {
        Self::nested(node, 0)
    }

    fn nested(node: Node, depth: usize) -> Self {
        if depth > MAX_DEPTH {
            return Self::List(Vec::new());
        }
        if node.is_mapping() {
            let entries = node.entries().into_iter().map(|e| Entry {
                key: e.name().to_owned(),
                value: Self::nested(e.value, depth + 1),
                span: e.span(),
            });
            return Self::Table(entries.collect());
        }
        match node.text() {
            Some(text) => Self::Text(text),
            None => Self::List(node.items().into_iter().map(|i| Self::nested(i, depth + 1)).collect()),
        }
    }

    /// Put an entry at a path of keys; a table that is there already takes it up.
    pub fn put(&mut self, path: &[String], value: Self, span: Span) {
        let Some((key, rest)) = path.split_first() else { return };
        if !matches!(self, Self::Table(_)) {
            *self = Self::Table(Vec::new());
        }
        let Self::Table(entries) = self else { return };
        let at = entries.iter().position(|e| e.key == *key);
        if rest.is_empty() {
            match at {
                // `[a.b]` after `[a]`, and the next of `[[a]]`.
                Some(at) if matches!((&entries[at].value, &value), (Self::Table(_), Self::Table(_))) => {}
                _ => entries.push(Entry { key: key.clone(), value, span }),
            }
            return;
        }
        let at = at.unwrap_or_else(|| {
            entries.push(Entry { key: key.clone(), value: Self::Table(Vec::new()), span });
            entries.len() - 1
        });
        entries[at].span = entries[at].span.to(span);
        entries[at].value.put(rest, value, span);
    }
}
