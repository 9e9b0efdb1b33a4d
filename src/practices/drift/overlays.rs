//! Kustomize overlays (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>): the variables that each brings
//! along, in generators, ConfigMaps, sealed and external secrets, and containers.

use super::naming::{GAP, naming};
use super::values::named_items;
use super::{Group, Keys, Member, dotenv};
use crate::catalogue::Catalogue;
use crate::model::Program;
use crate::source::paths::{is_under, join};
use crate::source::{SourceFile, SourceSet};
use crate::syntax::yaml::{Node, Readings};
use std::collections::BTreeMap;

/// Deeper nodes are not looked at.
const MAX_DEPTH: usize = 20;

/// The groups of a repository's overlays.
pub(super) fn groups(sources: &SourceSet, program: &Program, readings: &Readings) -> Vec<Group> {
    let words = Catalogue::embedded().words();
    let environment = |dir: &str| Catalogue::embedded().environments().beside_others(dir, &sources.dirs);
    let mut alike: BTreeMap<String, Vec<(&str, Member)>> = BTreeMap::new();
    for dir in program.bundles.keys() {
        let Some(file) = kustomization(dir, sources) else { continue };
        let Some(naming) = naming(dir).filter(|_| !words.fixture_unless(&file.path, environment)) else { continue };
        let mut keys = Keys::default();
        let open = read_folder(dir, sources, readings, &mut keys);
        let member = Member {
            environment: naming.environment,
            tier: naming.tier,
            label: file.path.clone(),
            span: Some(file.whole()),
            open: open || keys.partly,
            keys,
        };
        alike.entry(naming.pattern).or_default().push((dir, member));
    }
    let made = alike.into_iter().map(|(name, found)| {
        let mut base = Keys::default();
        // What every overlay takes over is there for each.
        let taken =
            |part: &String| found.iter().all(|(dir, _)| program.bundles.get(*dir).is_some_and(|b| b.parts.contains(part)));
        let first = found.first().and_then(|(dir, _)| program.bundles.get(*dir));
        for part in first.into_iter().flat_map(|b| &b.parts).filter(|p| taken(p)) {
            read_folder(part, sources, readings, &mut base);
        }
        let base = base.names().cloned().collect();
        Group { name, of_jobs: false, members: found.into_iter().map(|(_, member)| member).collect(), base }
    });
    made.collect()
}

fn kustomization<'s>(dir: &str, sources: &'s SourceSet) -> Option<&'s SourceFile> {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    names.iter().find_map(|name| sources.get(&if dir.is_empty() { (*name).to_owned() } else { format!("{dir}/{name}") }))
}

/// The variables of a folder's files, or of one file; whether there may be more.
fn read_folder(dir: &str, sources: &SourceSet, readings: &Readings, keys: &mut Keys) -> bool {
    let mut open = false;
    let yaml = |f: &&SourceFile| f.name().ends_with(".yaml") || f.name().ends_with(".yml") || f.name() == "Kustomization";
    for file in sources.files().iter().filter(|f| f.path == dir || is_under(&f.path, dir)).filter(yaml) {
        let Some(tree) = readings.of(file) else { continue };
        open |= tree.partly;
        for document in tree.documents() {
            generators(document, file, sources, keys, &mut open);
            objects(document, keys);
        }
    }
    open
}

/// What a kustomization makes ConfigMaps and Secrets from.
fn generators(document: Node<'_>, file: &SourceFile, sources: &SourceSet, keys: &mut Keys, open: &mut bool) {
    for kind in ["configMapGenerator", "secretGenerator"] {
        for generator in document.get(kind).map(|n| n.items()).unwrap_or_default() {
            let name = object(generator.get_str("name").unwrap_or(""));
            let Some(entry) = generator.entry("name") else { continue };
            let Some(above) = keys.add(None, &name, entry.value.own_span()) else { continue };
            for literal in generator.get("literals").map(|n| n.items()).unwrap_or_default() {
                let Some((key, _)) = literal.scalar().and_then(|text| text.split_once('=')) else { continue };
                keys.add(Some(&above), key, literal.own_span());
            }
            let listed = ["envs", "env"].iter().filter_map(|k| generator.get(k)).flat_map(|n| n.texts());
            for path in listed {
                let found = join(file.dir(), path).and_then(|path| sources.get(&path));
                let Some(found) = found else {
                    *open = true;
                    continue;
                };
                let (own, partly) = dotenv::of(found, false);
                *open |= partly;
                for (key, span) in own.names().filter_map(|key| Some((key, own.place(key)?))) {
                    keys.add(Some(&above), key, span);
                }
            }
        }
    }
}

/// What an object hands to the containers.
fn objects(document: Node<'_>, keys: &mut Keys) {
    let name = object(document.at(&["metadata", "name"]).and_then(|n| n.scalar()).unwrap_or(""));
    let Some(at) = document.get("kind") else { return };
    let data: &[&[&str]] = match at.scalar().unwrap_or("") {
        "ConfigMap" | "Secret" => &[&["data"], &["stringData"]],
        "SealedSecret" => &[&["spec", "encryptedData"]],
        "ExternalSecret" => {
            for item in document.at(&["spec", "data"]).map(|n| n.items()).unwrap_or_default() {
                let above = keys.add(None, &name, at.own_span());
                if let (Some(above), Some(key), Some(entry)) = (above, item.get_str("secretKey"), item.entry("secretKey")) {
                    keys.add(Some(&above), key, entry.value.own_span());
                }
            }
            return;
        }
        _ => {
            containers(document, &name, 0, keys);
            return;
        }
    };
    for node in data.iter().filter_map(|path| document.at(path)) {
        if let Some(above) = keys.add(None, &name, at.own_span()) {
            // One level: what stands in a value is another file's.
            for entry in node.entries() {
                keys.add(Some(&above), entry.name(), entry.key.own_span());
            }
        }
    }
}

/// The variables of containers, wherever they stand in a workload.
fn containers(node: Node<'_>, name: &str, depth: usize, keys: &mut Keys) {
    if depth > MAX_DEPTH {
        return;
    }
    for entry in node.entries() {
        if entry.name() == "env" && entry.value.is_sequence() {
            for (variable, span) in named_items(entry.value) {
                let above = keys.add(None, name, span);
                if let Some(above) = above {
                    keys.add(Some(&above), variable, span);
                }
            }
        } else {
            containers(entry.value, name, depth + 1, keys);
        }
    }
    node.items().into_iter().for_each(|item| containers(item, name, depth + 1, keys));
}

/// An object's name without its environment.
fn object(name: &str) -> String {
    let without = naming(name).map_or_else(|| name.to_owned(), |n| n.pattern);
    if without.is_empty() { GAP.to_owned() } else { without }
}
