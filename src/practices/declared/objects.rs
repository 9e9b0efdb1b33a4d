//! Fields of YAML objects, and of resources in templates of CloudFormation.

use super::{Evidence, Field, Found, is_delivered, is_foreign};
use crate::catalogue::Catalogue;
use crate::practices::scene::Scene;
use crate::source::{SourceFile, Span};
use crate::syntax::mask;
use crate::syntax::yaml::{self, Node, Tree};

/// Nodes in each other that are looked at.
const MAX_DEPTH: usize = 40;

/// An object of a file.
pub(in crate::practices) struct Object<'t> {
    /// What it holds.
    pub node: Node<'t>,
    /// Its kind; empty where it is no object.
    pub kind: &'t str,
    /// The group of its API.
    pub group: &'t str,
    /// Its name; empty where it has none.
    pub name: &'t str,
}

impl Object<'_> {
    /// Whether it is one of these kinds.
    fn is_of(&self, kinds: &[String]) -> bool {
        let one = |kind: &String| kind == self.kind || kind.split_once('/').is_some_and(|of| of == (self.group, self.kind));
        kinds.is_empty() || kinds.iter().any(one)
    }
}

/// Add every field that says something.
pub(super) fn find<'e>(scene: &Scene<'_>, evidence: &'e Evidence, out: &mut Vec<Found<'e>>) {
    each(
        scene,
        |file| fields(evidence, file).next().is_some(),
        |file, object| {
            let mut note = |field: &'e Field, node: Node<'_>, name: &str| {
                let spans = spans(node, field, file);
                if spans.len() >= field.least.max(1) {
                    out.extend(spans.first().map(|span| Found { says: &field.says, name: name.to_owned(), span: *span }));
                }
            };
            for field in evidence.objects.iter().filter(|f| f.may_stand_in(file) && object.is_of(&f.of)) {
                note(field, object.node, object.name);
            }
            let resources = object.node.get("Resources").map(|r| r.entries()).unwrap_or_default();
            for resource in resources {
                let kind = resource.value.get_str("Type").unwrap_or("");
                for field in evidence.templates.iter().filter(|f| f.of.iter().any(|k| k == kind)) {
                    note(field, resource.value, resource.name());
                }
            }
        },
    );
}

fn fields<'e>(evidence: &'e Evidence, file: &SourceFile) -> impl Iterator<Item = &'e Field> {
    evidence.objects.iter().chain(&evidence.templates).filter(|f| f.may_stand_in(file))
}

/// Where a field stands below a node with a value that says it.
fn spans(node: Node<'_>, field: &Field, file: &SourceFile) -> Vec<Span> {
    let mut out = Vec::new();
    for path in &field.at {
        let keys = super::keys(path);
        walk(node, &keys, node.own_span(), 0, &mut |value, span| {
            // What a template puts in below a key is told by the chart's values.
            let put_in = file.text.get(value.span().start as usize..value.span().end as usize);
            let scalar = if put_in.is_some_and(|t| t.contains("{{")) { None } else { value.scalar() };
            let known = value.is_scalar() && put_in.is_none_or(|t| !t.contains("{{"));
            let fits = if known { field.says(Some(scalar.unwrap_or(""))) } else { field.says(None) && !is_empty(value) };
            if fits {
                out.push(span);
            }
        });
    }
    out
}

/// Whether nothing is in a list or mapping.
fn is_empty(node: Node<'_>) -> bool {
    !node.is_scalar() && node.items().is_empty() && node.entries().is_empty()
}

/// Visit what a path of keys leads to, with the place of its key.
pub(in crate::practices) fn walk<'t>(
    node: Node<'t>,
    path: &[&str],
    at: Span,
    depth: usize,
    visit: &mut dyn FnMut(Node<'t>, Span),
) {
    if depth > MAX_DEPTH {
        return;
    }
    let Some((head, rest)) = path.split_first() else {
        visit(node, at);
        return;
    };
    match *head {
        "*" | "**" => {
            let deep = *head == "**";
            if deep {
                walk(node, rest, at, depth + 1, visit);
            }
            let next = if deep { path } else { rest };
            node.items().into_iter().for_each(|item| walk(item, next, item.own_span(), depth + 1, visit));
            node.entries().into_iter().for_each(|e| walk(e.value, next, e.span(), depth + 1, visit));
        }
        keys => {
            for entry in node.entries().into_iter().filter(|e| keys.split('|').any(|key| key == e.name())) {
                walk(entry.value, rest, entry.span(), depth + 1, visit);
            }
        }
    }
}

/// Visit every object of the files that may be asked; those of charts are read with their expressions masked.
pub(in crate::practices) fn each<'s>(
    scene: &Scene<'s>,
    asked: impl Fn(&SourceFile) -> bool,
    mut visit: impl FnMut(&'s SourceFile, &Object<'_>),
) {
    let files = scene.sources.files().iter();
    for file in files.filter(|f| is_structured(f.name()) && is_delivered(&f.path) && asked(f)) {
        let Some(read) = scene.readings.of(file) else { continue };
        let masked: Tree;
        let tree = if read.partly && file.text.contains("{{") {
            masked = yaml::parse_masked(file.id, mask::template(&file.text).0);
            &masked
        } else {
            read
        };
        let chart = file.path.split("/templates/").next().filter(|dir| *dir != file.path).unwrap_or("");
        if is_foreign(scene, chart.rsplit('/').next().unwrap_or("")) || is_in_vendored_chart(chart) {
            continue;
        }
        for document in tree.documents() {
            let held = match document.get_str("kind") {
                Some("List") => document.get("items"),
                Some("Template") => document.get("objects"),
                _ => None,
            };
            let nodes = held.map_or_else(|| vec![document], |list| list.items());
            nodes.into_iter().map(object).filter(|o| !is_others(scene, o)).for_each(|o| visit(file, &o));
        }
    }
}

/// A chart that stands in another one with a version of its own was taken from elsewhere, where its name says so.
fn is_in_vendored_chart(dir: &str) -> bool {
    let words = Catalogue::embedded().words();
    dir.split("/charts/").skip(1).any(|sub| words.third_party_product(sub.split('/').next().unwrap_or("")))
}

fn is_structured(name: &str) -> bool {
    [".yml", ".yaml", ".json", ".template"].iter().any(|end| name.ends_with(end))
}

fn object(node: Node<'_>) -> Object<'_> {
    let version = node.get_str("apiVersion").unwrap_or("");
    Object {
        node,
        kind: node.get_str("kind").unwrap_or(""),
        group: version.split('/').next().unwrap_or(""),
        name: node.at(&["metadata", "name"]).and_then(|n| n.scalar()).unwrap_or(""),
    }
}

/// Whether an object runs a product that others make: all its images are theirs, or it is called after one.
fn is_others(scene: &Scene<'_>, object: &Object<'_>) -> bool {
    if object.kind.is_empty() {
        return false;
    }
    let words = Catalogue::embedded().words();
    let mut images = Vec::new();
    walk(object.node, &["**", "containers", "*", "image"], object.node.own_span(), 0, &mut |n, _| images.extend(n.scalar()));
    let made_by_others = |image: &&str| words.third_party_image(image);
    (!images.is_empty() && images.iter().all(made_by_others)) || is_foreign(scene, object.name)
}
