//! The keys of the mappings around a place of a YAML file.

use super::find::Repository;
use crate::source::Span;
use crate::syntax::yaml::{Entry, Node, Tree};
use std::collections::BTreeMap;

/// Mappings in each other that are looked at.
const MAX_DEPTH: usize = 60;

/// The keys of the step around a place, and of the mappings around that step, each with its nearest value; of a mapping or list,
/// an empty text. Nothing where the file is no YAML.
pub fn around(repository: &Repository<'_>, span: Span) -> BTreeMap<String, String> {
    let file = repository.sources.file(span.file);
    let mut out = BTreeMap::new();
    if !matches!(file.name().rsplit_once('.'), Some((_, "yml" | "yaml"))) {
        return out;
    }
    let mut open: Vec<Node<'_>> = repository.readings.of(file).into_iter().flat_map(Tree::documents).collect();
    for _ in 0..MAX_DEPTH {
        let Some(node) = open.iter().copied().find(|n| holds(*n, span)) else { break };
        let entries = node.own_entries();
        for entry in &entries {
            if matches!(entry.name(), "defaults" | "default") {
                // What holds where nothing nearer is said: `defaults: {run: {shell: …}}`, `default: {image: …}`.
                let inner = entry.value.own_entries();
                let deeper = inner.iter().flat_map(|e| e.value.own_entries());
                out.extend(deeper.map(|e| pair(&e)).collect::<Vec<_>>());
                out.extend(inner.iter().map(pair));
            }
        }
        out.extend(entries.iter().map(pair));
        open = entries.iter().filter(|e| e.span().contains(span)).map(|e| e.value).collect();
        open.extend(node.items());
    }
    out
}

fn pair(entry: &Entry<'_>) -> (String, String) {
    (entry.name().to_owned(), entry.value.scalar().unwrap_or_default().to_owned())
}

fn holds(node: Node<'_>, span: Span) -> bool {
    let own = node.own_span();
    own.file == span.file && own.start <= span.start && span.start < own.end.max(own.start + 1)
}
