//! Which files are pipelines and which are templates. Azure keeps on the server which file a pipeline begins with.

use super::templates::Reference;
use crate::frontends::pipelines::data::{self, Data};
use crate::model::Program;
use crate::source::{SourceFile, SourceSet};
use std::collections::BTreeSet;

/// Deepest nesting in which references are looked for.
const MAX_DEPTH: usize = 100;
/// Keys that only a pipeline has at its root.
const OF_PIPELINES: &[&str] = &["trigger", "pr", "schedules"];
/// Keys one of which a pipeline has.
const BODIES: &[&str] = &["stages", "jobs", "phases", "steps", "extends"];

/// Paths of the files that others refer to as templates.
pub(super) fn referred(read: &[(&SourceFile, Data)], sources: &SourceSet) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    let mut seen: BTreeSet<String> = read.iter().map(|(file, _)| file.path.clone()).collect();
    for (file, root) in read {
        references(root, &file.path, 0, &mut out, &mut open);
    }
    while let Some(path) = open.pop() {
        if seen.insert(path.clone())
            && let Some(file) = sources.get(&path)
        {
            for root in data::read(file, &mut Program::default()) {
                references(&root, &path, 0, &mut out, &mut open);
            }
        }
    }
    out
}

fn references(data: &Data, from: &str, depth: usize, out: &mut BTreeSet<String>, open: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        return;
    }
    for pair in data.pairs() {
        let named = matches!(&*pair.key, "template" | "extends").then(|| pair.value.str()).flatten();
        if let Some(path) = named.map(Reference::of).filter(|r| !r.is_elsewhere()).and_then(|r| r.resolve(from))
            && path != from
            && out.insert(path.clone())
        {
            open.push(path);
        }
        references(&pair.value, from, depth + 1, out, open);
    }
    for item in data.items() {
        references(item, from, depth + 1, out, open);
    }
}

/// Whether a file is a pipeline of its own.
pub(super) fn is_root(path: &str, root: &Data, referred: &BTreeSet<String>) -> bool {
    let has = |key: &&&str| root.pair(key).is_some();
    if !BODIES.iter().any(|k| has(&k)) || referred.contains(path) {
        return false;
    }
    if OF_PIPELINES.iter().any(|k| has(&k)) {
        return true;
    }
    let template_folder = path.split('/').rev().skip(1).any(|part| part.to_ascii_lowercase().contains("template"));
    let own = ["resources", "pool", "name", "extends"].iter().any(|k| has(&k));
    (own || root.pair("parameters").is_none()) && !template_folder
}
