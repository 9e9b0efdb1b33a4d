//! Keys of YAML and JSON files: values of charts, settings of applications.

use super::Keys;
use crate::source::{SourceFile, Span};
use crate::syntax::json;
use crate::syntax::mask::template;
use crate::syntax::yaml::{Node, Readings, Tree, parse_masked};

/// Deeper keys are not compared.
const MAX_DEPTH: usize = 12;

/// The keys of a YAML file, and whether there may be more; none where it holds no settings.
pub(super) fn of_yaml(file: &SourceFile, readings: &Readings) -> Option<(Keys, bool)> {
    if file.text.trim_start().starts_with("$ANSIBLE_VAULT") {
        return Some((Keys::default(), true));
    }
    if file.text.contains("{{") || file.text.contains("{%") {
        let (masked, _) = template(&file.text);
        // Actions between quotes are values; a line of its own may hold keys or switch them.
        let controlled = file.text.lines().any(|line| line.trim_start().starts_with("{{") || line.trim_start().starts_with("{%"));
        return of_tree(&parse_masked(file.id, masked)).map(|(keys, open)| (keys, open || controlled));
    }
    of_tree(readings.of(file)?)
}

/// The keys of a JSON file, and whether there may be more.
pub(super) fn of_json(file: &SourceFile) -> Option<(Keys, bool)> {
    of_tree(&json::parse(file))
}

fn of_tree(tree: &Tree) -> Option<(Keys, bool)> {
    let mut keys = Keys::default();
    let mut any = tree.partly;
    for document in tree.documents() {
        if document.get("kind").is_some() && document.get("apiVersion").is_some() {
            return None;
        }
        any |= document.is_mapping() || document.is_null();
        below(document, None, 0, &mut keys);
    }
    let open = tree.partly || keys.partly;
    any.then_some((keys, open))
}

/// The keys below a node.
pub(super) fn below(node: Node<'_>, above: Option<&str>, depth: usize, keys: &mut Keys) {
    if depth > MAX_DEPTH {
        keys.partly = true;
        return;
    }
    for entry in node.entries() {
        if let Some(name) = keys.add(above, entry.name(), entry.key.own_span()) {
            below(entry.value, Some(&name), depth + 1, keys);
        }
    }
    for (name, span) in named_items(node) {
        keys.add(above, name, span);
    }
}

/// A list of variables (`- name: X`), by their names.
pub(super) fn named_items(node: Node<'_>) -> Vec<(&str, Span)> {
    let items = node.items();
    let is_variable = |item: &Node<'_>| item.get("value").is_some() || item.get("valueFrom").is_some();
    if !items.iter().all(is_variable) {
        return Vec::new();
    }
    items.iter().filter_map(|item| Some((item.get_str("name")?, item.entry("name")?.value.own_span()))).collect()
}
