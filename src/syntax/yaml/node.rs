//! Reading a tree: a cursor that follows aliases and merges.

use super::decode::{Written, decode};
use super::{Data, Kind, MAX_DEPTH, NodeId, Style, Tree};
use crate::source::{OffsetMap, Span, Text};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;

/// A node of a tree. Its questions follow an alias to what it stands for; [`Node::own_span`] alone stays at the alias.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: NodeId,
    depth: u16,
}

/// One entry of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// The key.
    pub key: Node<'t>,
    /// The value.
    pub value: Node<'t>,
}

/// Whether a key is an expression of a pipeline, which stands for what is below it: `${{ else }}` may stand twice.
pub(super) fn is_expression(key: &str) -> bool {
    key.starts_with("${{") && key.ends_with("}}")
}

impl<'t> Entry<'t> {
    /// The key as written; empty where it is no scalar.
    pub fn name(&self) -> &'t str {
        self.key.raw()
    }

    /// From the key to the last line of the value (model ruling 3).
    pub fn span(&self) -> Span {
        let tree = self.key.tree;
        let (key, value) = (tree.data(self.key.id), tree.data(self.value.id));
        let end = if value.end > value.outer { value.end.max(key.end) } else { key.end };
        let colon = tree.source.as_bytes().get(key.end as usize) == Some(&b':');
        let end = if end == key.end && colon { end + 1 } else { end };
        tree.place(key.start, end)
    }
}

impl<'t> Node<'t> {
    pub(super) fn new(tree: &'t Tree, id: NodeId) -> Self {
        Self { tree, id, depth: 0 }
    }

    /// Its index.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// Its tree.
    pub fn tree(&self) -> &'t Tree {
        self.tree
    }

    fn child(&self, id: NodeId) -> Self {
        Self { tree: self.tree, id, depth: self.depth + 1 }
    }

    /// What it stands for: itself, or an alias's target.
    fn target(&self) -> Option<NodeId> {
        match &self.tree.data(self.id).kind {
            Kind::Alias(target) => *target,
            _ => Some(self.id),
        }
    }

    fn data(&self) -> &'t Data {
        self.tree.data(self.target().unwrap_or(self.id))
    }

    /// Whether it is an alias.
    pub fn is_alias(&self) -> bool {
        matches!(self.tree.data(self.id).kind, Kind::Alias(_))
    }

    /// Whether it is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.data().kind, Kind::Mapping(_))
    }

    /// Whether it is a sequence.
    pub fn is_sequence(&self) -> bool {
        matches!(self.data().kind, Kind::Sequence(_))
    }

    /// Whether it is a scalar, a null included.
    pub fn is_scalar(&self) -> bool {
        matches!(self.data().kind, Kind::Scalar { .. })
    }

    /// Whether nothing is given: an empty plain scalar, `~`, `null`, or an alias to nothing.
    pub fn is_null(&self) -> bool {
        match &self.data().kind {
            Kind::Scalar { value, style: Style::Plain, .. } => matches!(&**value, "" | "~" | "null" | "Null" | "NULL"),
            Kind::Alias(_) => true,
            _ => false,
        }
    }

    /// The decoded text of a scalar that is not null.
    pub fn scalar(&self) -> Option<&'t str> {
        match &self.data().kind {
            Kind::Scalar { value, .. } if !self.is_null() => Some(value),
            _ => None,
        }
    }

    /// The text of a scalar, null or not; empty for anything else.
    pub fn raw(&self) -> &'t str {
        match &self.data().kind {
            Kind::Scalar { value, .. } => value,
            _ => "",
        }
    }

    /// How the scalar is written.
    pub fn style(&self) -> Option<Style> {
        match &self.data().kind {
            Kind::Scalar { style, .. } => Some(*style),
            _ => None,
        }
    }

    /// A plain scalar that says yes or no, by YAML 1.2's core schema.
    pub fn boolean(&self) -> Option<bool> {
        match (self.style(), self.raw()) {
            (Some(Style::Plain), "true" | "True" | "TRUE") => Some(true),
            (Some(Style::Plain), "false" | "False" | "FALSE") => Some(false),
            _ => None,
        }
    }

    /// The decoded text of a scalar that is not null, with the way back to the file.
    pub fn text(&self) -> Option<Text> {
        let data = self.data();
        let Kind::Scalar { value, style, indent } = &data.kind else { return None };
        if self.is_null() {
            return None;
        }
        let block = matches!(style, Style::Literal | Style::Folded);
        let written = Written {
            source: &self.tree.source,
            style: *style,
            start: data.start as usize,
            end: if block { data.full_end } else { data.end } as usize,
            body: data.body as usize,
            indent: indent.unwrap_or(0) as usize,
        };
        let map = match decode(&written) {
            Some((text, map)) if text == **value => map,
            _ => {
                let mut map = OffsetMap::default();
                map.push(value.len(), data.start as usize, (data.end - data.start) as usize);
                map
            }
        };
        let map = match &self.tree.origin {
            Some(origin) => origin.compose(&map),
            None => map,
        };
        Some(Text { file: self.tree.file, text: value.to_string(), map })
    }

    /// Where its content stands, of an alias that of its target: no tag, no anchor, no trailing blank lines.
    pub fn span(&self) -> Span {
        let data = self.data();
        self.tree.place(data.start, data.end)
    }

    /// Where it stands itself: for an alias the alias.
    pub fn own_span(&self) -> Span {
        let data = self.tree.data(self.id);
        self.tree.place(data.start, data.end)
    }

    /// A list item's place: from the dash to the end of its last content (model ruling 3); through an alias that of its target.
    /// Of a node that is no block list's item, its content.
    pub fn item_span(&self) -> Span {
        let data = self.data();
        match data.dash {
            Some(dash) => self.tree.place(dash, data.end.max(dash + 1)),
            None => self.tree.place(data.outer, data.end),
        }
    }

    /// The tag as written (`!reference`).
    pub fn tag(&self) -> Option<&'t str> {
        let own = self.tree.data(self.id).tag.as_deref();
        own.or_else(|| self.data().tag.as_deref())
    }

    /// Whether something below may still be visited: it is not too deep, and an alias has budget left.
    fn may_descend(&self) -> bool {
        if self.depth as usize > MAX_DEPTH {
            return false;
        }
        if !self.is_alias() {
            return true;
        }
        let size = match &self.data().kind {
            Kind::Sequence(items) => items.len(),
            Kind::Mapping(entries) => entries.len(),
            _ => 0,
        };
        let cost = size as u32 + 1;
        self.tree.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost)).is_ok()
    }

    /// The items of a sequence; empty for anything else.
    pub fn items(&self) -> Vec<Node<'t>> {
        match &self.data().kind {
            Kind::Sequence(items) if self.may_descend() => items.iter().map(|id| self.child(*id)).collect(),
            _ => Vec::new(),
        }
    }

    /// The items of a sequence, or the node itself where it is anything else but null.
    pub fn one_or_many(&self) -> Vec<Node<'t>> {
        if self.is_sequence() {
            self.items()
        } else if self.is_null() {
            Vec::new()
        } else {
            vec![*self]
        }
    }

    /// The scalars of a scalar or a list of scalars.
    pub fn texts(&self) -> Vec<&'t str> {
        self.one_or_many().iter().filter_map(Node::scalar).collect()
    }

    /// The entries of a mapping in file order, merged ones last; of equal keys only the one that counts.
    pub fn entries(&self) -> Vec<Entry<'t>> {
        let mut out = Vec::new();
        if self.is_mapping() && self.may_descend() {
            self.collect(&mut HashSet::new(), &mut HashSet::new(), &mut out);
        }
        out
    }

    /// The entries of a mapping as they stand there, `<<` as a key like others.
    pub fn own_entries(&self) -> Vec<Entry<'t>> {
        match &self.data().kind {
            Kind::Mapping(entries) if self.may_descend() => {
                entries.iter().map(|(k, v)| Entry { key: self.child(*k), value: self.child(*v) }).collect()
            }
            _ => Vec::new(),
        }
    }

    fn collect(&self, seen: &mut HashSet<&'t str>, visited: &mut HashSet<NodeId>, out: &mut Vec<Entry<'t>>) {
        let (Some(id), Kind::Mapping(entries)) = (self.target(), &self.data().kind) else { return };
        if !visited.insert(id) || visited.len() > MAX_DEPTH {
            return;
        }
        let mut last: HashMap<&str, usize> = HashMap::new();
        for (i, (key, _)) in entries.iter().enumerate() {
            last.insert(self.child(*key).raw(), i);
        }
        for (i, (key, value)) in entries.iter().enumerate() {
            let entry = Entry { key: self.child(*key), value: self.child(*value) };
            let name = entry.name();
            let scalar = entry.key.is_scalar() && !is_expression(name);
            if name == "<<" || (scalar && (last.get(name) != Some(&i) || !seen.insert(name))) {
                continue;
            }
            out.push(entry);
        }
        for source in self.merged() {
            source.collect(seen, visited, out);
        }
    }

    /// What `<<` merges, in order of precedence.
    fn merged(&self) -> Vec<Node<'t>> {
        let Kind::Mapping(entries) = &self.data().kind else { return Vec::new() };
        let merges = entries.iter().filter(|(key, _)| self.child(*key).raw() == "<<");
        merges
            .flat_map(|(_, value)| {
                let value = self.child(*value);
                match &value.data().kind {
                    Kind::Sequence(items) => items.iter().map(|id| value.child(*id)).collect(),
                    Kind::Mapping(_) => vec![value],
                    _ => Vec::new(),
                }
            })
            .collect()
    }

    /// The entry of a mapping: an explicit key wins, of equal keys the last; then what is merged, earlier first.
    pub fn entry(&self, key: &str) -> Option<Entry<'t>> {
        self.find(key, &mut HashSet::new())
    }

    fn find(&self, key: &str, visited: &mut HashSet<NodeId>) -> Option<Entry<'t>> {
        let (Some(id), Kind::Mapping(entries)) = (self.target(), &self.data().kind) else { return None };
        if self.depth as usize > MAX_DEPTH || visited.len() > MAX_DEPTH || !visited.insert(id) {
            return None;
        }
        let own = entries.iter().rev().find(|(k, _)| self.child(*k).raw() == key && self.child(*k).is_scalar());
        if let Some((k, v)) = own {
            return Some(Entry { key: self.child(*k), value: self.child(*v) });
        }
        self.merged().iter().find_map(|m| m.find(key, visited))
    }

    /// The value of a key, null or not.
    pub fn get(&self, key: &str) -> Option<Node<'t>> {
        self.entry(key).map(|e| e.value)
    }

    /// The node as data: every scalar is a text, as it is written.
    pub fn to_value(&self) -> Value {
        self.value(0)
    }

    fn value(&self, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return Value::Null;
        }
        if self.is_mapping() {
            return Value::Object(self.entries().iter().map(|e| (e.name().to_owned(), e.value.value(depth + 1))).collect());
        }
        if self.is_sequence() {
            return Value::Array(self.items().iter().map(|n| n.value(depth + 1)).collect());
        }
        self.text().map_or(Value::Null, |text| Value::String(text.text))
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<Node<'t>> {
        path.iter().try_fold(*self, |node, key| node.get(key))
    }

    /// The decoded text of a key's scalar.
    pub fn get_str(&self, key: &str) -> Option<&'t str> {
        self.get(key).and_then(|n| n.scalar())
    }

    /// Where a key stands.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.entry(key).map(|e| e.key.own_span())
    }

    /// From a key to the last line of its value (model ruling 3).
    pub fn entry_span(&self, key: &str) -> Option<Span> {
        self.entry(key).map(|e| e.span())
    }
}
