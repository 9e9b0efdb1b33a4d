//! The objects of a YAML file.

use super::Traits;
use crate::catalogue::objects::{ObjectClass, Objects};
use crate::frontends::infra::{is_yaml, untagged, varying};
use crate::model::{Program, Reconciler, ReconcilerKind};
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::mask;
use crate::syntax::yaml::{self, Node, NodeId, Tree};
use std::collections::BTreeMap;

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

impl Object {
    /// The group of its API: what stands before the version.
    pub(super) fn group(&self) -> &str {
        self.api_version.split('/').next().unwrap_or("")
    }

    /// A reconciler that works by itself, of which nothing more is said yet.
    pub(super) fn reconciler(&self, kind: ReconcilerKind, name: String) -> Reconciler {
        Reconciler {
            kind,
            name,
            path: None,
            source: None,
            chart: None,
            revision: None,
            automated: true,
            gate: None,
            merge: None,
            after: Vec::new(),
            waits: false,
            environment_hints: Vec::new(),
            span: self.span,
        }
    }

    /// Its first line, of a file in which its node is this one.
    pub(super) fn first_line(&self, node: Node, file: &SourceFile) -> Span {
        let start = node.span().start;
        let next = file.lines.start_of(file.lines.line(start) + 1);
        Span { start, end: next.min(node.span().end), ..self.span }
    }
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
    is_yaml(file) && file.text.contains("apiVersion") && file.text.contains("kind")
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
                objects.extend(object(item, item.item_span(), tables, &Parameters::new()));
            }
        } else if let Some(held) = template(document) {
            let defaults = defaults(document);
            objects.extend(held.into_iter().filter_map(|item| object(item, item.item_span(), tables, &defaults)));
        } else {
            objects.extend(object(document, span, tables, &Parameters::new()));
        }
    }
    if objects.is_empty() {
        return None;
    }
    let mut traits = Traits::default();
    objects.iter().filter(|o| !super::reconcilers::is_one(o)).for_each(|o| traits.note(o.class));
    Some(Read { file: file.id, tree, objects, traits })
}

/// The parameters of a template that have a value, by name.
type Parameters = BTreeMap<String, String>;

/// The objects of an OpenShift template (<https://docs.openshift.com/container-platform/latest/openshift_images/using-templates.html>).
fn template(document: Node) -> Option<Vec<Node>> {
    let is_template = document.get_str("kind") == Some("Template");
    document.get("objects").filter(|o| is_template && o.is_sequence()).map(|o| o.items())
}

/// What a template's parameters are where the caller says nothing.
fn defaults(document: Node) -> Parameters {
    let parameters = document.get("parameters").map(|n| n.items()).unwrap_or_default();
    let value = |p: &Node| Some((p.get_str("name")?.to_owned(), p.get_str("value").filter(|v| !v.is_empty())?.to_owned()));
    parameters.iter().filter_map(value).collect()
}

/// A text with the parameters that have a value put in; the others are holes.
fn filled(text: &str, parameters: &Parameters) -> String {
    let mut text = text.to_owned();
    for (name, value) in parameters {
        text = text.replace(&format!("${{{{{name}}}}}"), value).replace(&format!("${{{name}}}"), value);
    }
    varying(&text)
}

/// An object, where a node is one.
fn object(node: Node, span: Span, tables: &Objects, parameters: &Parameters) -> Option<Object> {
    let (api_version, kind) = (node.get_str("apiVersion")?, node.get_str("kind")?);
    let metadata = node.get("metadata");
    let text = |key: &str| metadata.and_then(|m| m.get_str(key)).map(|t| filled(t, parameters));
    Some(Object {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        name: text("name").or_else(|| text("generateName")).unwrap_or_default(),
        namespace: text("namespace"),
        part_of: node.at(&["metadata", "labels", "app.kubernetes.io/part-of"]).and_then(|n| n.scalar()).map(str::to_owned),
        class: tables.class(api_version, kind),
        images: images(node, parameters),
        span,
        node: node.id(),
    })
}

/// Where the pods of workloads stand.
pub(super) const PODS: &[&[&str]] = &[
    &["spec", "template", "spec"],
    &["spec"],
    &["spec", "jobTemplate", "spec", "template", "spec"],
    &["spec", "jobTargetRef", "template", "spec"],
];

/// Images of the containers of a workload, in order, each once.
fn images(node: Node, parameters: &Parameters) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for pod in PODS.iter().filter_map(|path| node.at(path)) {
        for list in ["containers", "initContainers"] {
            for container in pod.get(list).map(|n| n.items()).unwrap_or_default() {
                // Istio puts its proxy in for `auto`.
                let image = container.get_str("image").filter(|i| *i != "auto");
                let image = image.and_then(|i| untagged(&filled(i, parameters)));
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
