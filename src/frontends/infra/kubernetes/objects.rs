//! The objects of a YAML file.

use super::Traits;
use crate::catalogue::objects::{ObjectClass, Objects};
use crate::frontends::infra::{image_name, is_yaml};
use crate::model::{HOLE, Program};
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::mask;
use crate::syntax::yaml::{self, Node, NodeId, Tree};

/// A file of objects.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) file: FileId,
    pub(super) tree: Tree,
    pub(super) objects: Vec<Object>,
    pub(super) traits: Traits,
}

/// One object.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) api_version: String,
    pub(super) kind: String,
    /// Its name; variable parts are holes.
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    /// What it says to be a part of.
    pub(super) part_of: Option<String>,
    pub(super) class: ObjectClass,
    /// Images of its containers, without tag.
    pub(super) images: Vec<String>,
    /// Its document: from the first line after `---` to its last.
    pub(super) span: Span,
    pub(super) node: NodeId,
}

impl Read {
    /// The node of an object.
    pub(super) fn node(&self, object: &Object) -> Node<'_> {
        self.tree.node(object.node)
    }

    /// Put the file's faults into the program.
    pub(super) fn report(&self, program: &mut Program) {
        program.diagnostics.extend(self.tree.diagnostics.iter().cloned());
        if self.tree.partly {
            program.partly_read.push((self.file, "a document is not valid YAML".to_owned()));
        }
    }
}

/// Whether a file may be YAML with objects, by its name and two words.
fn may_hold_objects(file: &SourceFile) -> bool {
    is_yaml(file) && file.text.contains("apiVersion:") && file.text.contains("kind:")
}

/// The objects of a file; none where it holds none. A template that is no YAML as it stands is read with its expressions masked.
pub(super) fn read(file: &SourceFile, tables: &Objects) -> Option<Read> {
    if !may_hold_objects(file) {
        return None;
    }
    let mut tree = yaml::parse(file);
    if tree.partly && file.text.contains("{{") {
        tree = yaml::parse_masked(file.id, mask::template(&file.text).0);
    }
    let mut objects = Vec::new();
    for document in tree.documents() {
        let span = document_span(file, document.span());
        if document.get_str("kind").is_some_and(|k| k == "List") {
            for item in document.get("items").map(|n| n.items()).unwrap_or_default() {
                objects.extend(object(item, item.item_span(), tables));
            }
        } else {
            objects.extend(object(document, span, tables));
        }
    }
    if objects.is_empty() {
        return None;
    }
    let mut traits = Traits::default();
    objects.iter().filter(|o| !super::reconcilers::is_one(o)).for_each(|o| traits.note(o.class));
    Some(Read { file: file.id, tree, objects, traits })
}

/// An object, where a node is one.
fn object(node: Node, span: Span, tables: &Objects) -> Option<Object> {
    let (api_version, kind) = (node.get_str("apiVersion")?, node.get_str("kind")?);
    let metadata = node.get("metadata");
    let text = |key: &str| metadata.and_then(|m| m.get_str(key)).map(varying);
    Some(Object {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        name: text("name").or_else(|| text("generateName")).unwrap_or_default(),
        namespace: text("namespace"),
        part_of: node.at(&["metadata", "labels", "app.kubernetes.io/part-of"]).and_then(|n| n.scalar()).map(str::to_owned),
        class: tables.class(api_version, kind),
        images: images(node),
        span,
        node: node.id(),
    })
}

/// A text with holes for template expressions, masked ones, and variables to be substituted (`${NAME}`, `$NAME`).
pub(super) fn varying(text: &str) -> String {
    let text = mask::unmask(text, HOLE);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['{', '$']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let end = if tail.starts_with("{{") {
            tail.find("}}").map(|i| i + 2)
        } else if tail.starts_with("${") {
            tail.find('}').map(|i| i + 1)
        } else {
            let name = tail.strip_prefix('$').unwrap_or("");
            let len = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
            (len > 0).then_some(len + 1)
        };
        if let Some(end) = end {
            out.push(HOLE);
            rest = &tail[end..];
        } else {
            out.push_str(&tail[..1]);
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Images of the containers of a workload, in order, each once.
fn images(node: Node) -> Vec<String> {
    const PODS: &[&[&str]] = &[
        &["spec", "template", "spec"],
        &["spec"],
        &["spec", "jobTemplate", "spec", "template", "spec"],
        &["spec", "jobTargetRef", "template", "spec"],
    ];
    let mut out: Vec<String> = Vec::new();
    for pod in PODS.iter().filter_map(|path| node.at(path)) {
        for list in ["containers", "initContainers"] {
            for container in pod.get(list).map(|n| n.items()).unwrap_or_default() {
                // Istio puts its proxy in for `auto`.
                let image = container.get_str("image").filter(|i| *i != "auto").and_then(|i| image_name(&varying(i)));
                out.extend(image.filter(|i| !out.contains(i)));
            }
        }
    }
    out
}

/// A document's place: comments above its root belong to it.
fn document_span(file: &SourceFile, root: Span) -> Span {
    let text = &file.text;
    let mut start = text[..(root.start as usize).min(text.len())].rfind('\n').map_or(0, |i| i + 1);
    let mut first = start;
    while start > 0 {
        let before = text[..start - 1].rfind('\n').map_or(0, |i| i + 1);
        let line = text[before..start - 1].trim();
        if !line.is_empty() && !line.starts_with('#') {
            break;
        }
        start = before;
        if !line.is_empty() {
            first = before;
        }
    }
    Span { start: first as u32, ..root }
}
