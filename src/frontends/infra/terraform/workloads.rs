//! Workloads that Terraform declares.

use super::super::{literal_name, untagged};
use super::folder::Folder;
use super::local_module;
use crate::catalogue::resources::{Resources, Workload};
use crate::model::{Declaration, DeclarationKind, HOLE, Program};
use crate::source::Span;
use crate::source::paths::join;
use crate::syntax::hcl::{Block, Body, Value, ValueKind};
use std::collections::{BTreeMap, BTreeSet};

/// One workload of a folder.
struct Found<'f> {
    row: &'f Workload,
    block: &'f Block,
    /// The resource's type, or the module's source.
    kind: String,
}

/// Whether a folder declares a workload.
pub(super) fn any(folder: &Folder, tables: &Resources) -> bool {
    !found(folder, tables).is_empty()
}

/// The files and folders that a folder's resources are made from: charts, and what `file` and its like read.
pub(super) fn reads(folder: &Folder) -> Vec<String> {
    let mut out = Vec::new();
    let filled = |value: &Value| {
        value.filled(&|reference| match reference {
            [scope, name] if scope == "path" && name == "module" => ".".to_owned(),
            _ => local(folder, reference),
        })
    };
    for block in folder.blocks() {
        each_value(&block.body, &mut |key, value| {
            let path = match &value.kind {
                ValueKind::Call(name, arguments) => match (name.as_str(), arguments.as_slice()) {
                    ("file" | "templatefile", [path, ..]) => filled(path),
                    ("fileset", [dir, pattern]) => {
                        let pattern = filled(pattern).unwrap_or_default().replace(['*', '{', '['], &HOLE.to_string());
                        filled(dir).map(|dir| format!("{dir}/{pattern}"))
                    }
                    _ => None,
                },
                _ if key == "chart" => filled(value).filter(|path| path.starts_with('.')),
                _ => None,
            };
            // Of a path that is known in part, the folder is.
            let path = path.map(|p| match p.split_once(HOLE) {
                Some((head, _)) => head.rsplit_once('/').map_or(String::new(), |(dir, _)| dir.to_owned()),
                None => p,
            });
            out.extend(path.and_then(|p| join(&folder.dir, &p)).filter(|p| !p.is_empty()));
        });
    }
    out
}

/// The workloads of a folder.
fn found<'f>(folder: &'f Folder, tables: &'f Resources) -> Vec<Found<'f>> {
    let mut out = Vec::new();
    for block in folder.blocks() {
        let (kind, row) = match block.kind.as_str() {
            "resource" => (block.label(0).to_owned(), tables.workload(block.label(0))),
            "module" => {
                let source = block.body.text("source").unwrap_or("");
                let row = if in_repository(folder, source) { None } else { tables.module(source) };
                (source.to_owned(), row)
            }
            _ => continue,
        };
        // `chart = "oci://…"` is another's, `chart = "../chart"` this repository's.
        let path = row.and_then(|r| r.path.as_deref()).and_then(|name| block.body.text(name));
        if path.is_some_and(|p| !p.starts_with(['.', '/'])) {
            continue;
        }
        let given = |names: &[String]| names.iter().any(|name| block.body.get(name).is_some());
        if let Some(row) = row.filter(|r| !given(&r.unless) && (r.needs.is_empty() || given(&r.needs))) {
            out.push(Found { row, block, kind });
        }
    }
    out
}

/// Whether a module's source is a folder of Terraform files that was read; its own workloads are declared there.
fn in_repository(folder: &Folder, source: &str) -> bool {
    local_module(&folder.dir, source).is_some_and(|dir| folder.calls.iter().any(|c| c.read && c.dir.as_deref() == Some(&dir)))
}

/// Declare the workloads of a folder. One that another refers to (a task definition) gives it its images and is none itself.
/// One that a module's caller names is one for each call; one without a literal name takes its label, or the module's folder
/// where the module is nothing else.
pub(super) fn declare(
    folder: &Folder,
    root: bool,
    folders: &BTreeMap<String, Folder>,
    tables: &Resources,
    program: &mut Program,
) {
    let found = found(folder, tables);
    let repositories = repositories(folder, tables);
    let mut parts: BTreeSet<usize> = BTreeSet::new();
    let mut images: Vec<BTreeSet<String>> = found.iter().map(|f| images(folder, &f.block.body, tables, &repositories)).collect();
    for (user, one) in found.iter().enumerate() {
        let references = references(&one.block.body);
        for (part, other) in found.iter().enumerate() {
            let key = (other.block.label(0).to_owned(), other.block.label(1).to_owned());
            if user != part && other.row.part && !one.row.part && references.contains(&key) {
                parts.insert(part);
                let more: Vec<String> = images[part].iter().cloned().collect();
                images[user].extend(more);
            }
        }
    }
    let alone = !root && found.len() - parts.len() == 1;
    let module = folder.dir.rsplit('/').next().filter(|name| alone && !name.is_empty()).map(str::to_owned);
    for (i, one) in found.iter().enumerate().filter(|(i, _)| !parts.contains(i)) {
        let label = one.block.labels.last().cloned().unwrap_or_default();
        let mut facts = BTreeMap::from([("type".to_owned(), one.kind.clone()), ("label".to_owned(), label.clone())]);
        if one.row.host {
            facts.insert("host".to_owned(), "true".to_owned());
        }
        if let Some(chart) = one.block.body.text("chart") {
            facts.insert("chart".to_owned(), chart.to_owned());
        }
        let declaration = |name: String, span: Span, dir: &str| Declaration {
            kind: DeclarationKind::Workload,
            name,
            span,
            dir: dir.to_owned(),
            images: images[i].iter().cloned().collect(),
            context: None,
            facts: facts.clone(),
        };
        let own = name(one, &|reference| local(folder, reference));
        let called: Vec<Declaration> = if own.is_none() && !root { by_callers(folder, one, folders) } else { Vec::new() }
            .into_iter()
            .map(|(name, span, dir)| declaration(name, span, dir))
            .collect();
        if called.is_empty() {
            let name = own.or_else(|| module.clone()).unwrap_or(label);
            program.declarations.push(declaration(name, one.block.span, &folder.dir));
        }
        program.declarations.extend(called);
    }
}

/// The names that the callers of a module give to its workload, each with the place of the call and the caller's folder.
fn by_callers<'f>(folder: &Folder, found: &Found, folders: &'f BTreeMap<String, Folder>) -> Vec<(String, Span, &'f str)> {
    let mut out = Vec::new();
    for caller in folders.values().filter(|f| f.calls.iter().any(|c| c.dir.as_deref() == Some(&folder.dir))) {
        let calls = caller.blocks().filter(|b| b.kind == "module");
        let ours =
            |b: &&Block| b.body.text("source").and_then(|s| local_module(&caller.dir, s)).is_some_and(|dir| dir == folder.dir);
        for call in calls.filter(ours) {
            let argument = |reference: &[String]| match reference {
                [scope, variable] if scope == "var" => {
                    let given = call.body.get(variable).and_then(|a| a.value.filled(&|r| local(caller, r)));
                    given.unwrap_or_else(|| HOLE.to_string())
                }
                _ => local(folder, reference),
            };
            out.extend(name(found, &argument).map(|name| (name, call.span, caller.dir.as_str())));
        }
    }
    out
}

/// The name that a workload gives itself.
fn name(found: &Found, fill: &dyn Fn(&[String]) -> String) -> Option<String> {
    found.row.name.iter().find_map(|path| {
        let mut body = &found.block.body;
        let mut parts = path.split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                let value = &body.get(part)?.value;
                return literal_name(&value.filled(fill)?);
            }
            body = &body.blocks.iter().find(|b| b.kind == part)?.body;
        }
        None
    })
}

/// What a reference stands for: the literal of a local, else a hole.
fn local(folder: &Folder, reference: &[String]) -> String {
    match reference {
        [scope, name] if scope == "local" => folder.local(name).map_or_else(|| HOLE.to_string(), str::to_owned),
        _ => HOLE.to_string(),
    }
}

/// The literal names of the image repositories that a folder declares, by type and label.
fn repositories(folder: &Folder, tables: &Resources) -> BTreeMap<(String, String), String> {
    let resources = folder.blocks().filter(|b| b.kind == "resource");
    let named = resources.filter_map(|b| {
        let name = b.body.get(tables.repository(b.label(0))?)?;
        let name = literal_name(&name.value.filled(&|reference| local(folder, reference))?)?;
        Some(((b.label(0).to_owned(), b.label(1).to_owned()), name))
    });
    named.collect()
}

/// The images that a body names, wherever they stand in it.
fn images(
    folder: &Folder,
    body: &Body,
    tables: &Resources,
    repositories: &BTreeMap<(String, String), String>,
) -> BTreeSet<String> {
    let fill = |reference: &[String]| match reference {
        [kind, label, ..] if repositories.contains_key(&(kind.clone(), label.clone())) => {
            format!("{HOLE}/{}", repositories[&(kind.clone(), label.clone())])
        }
        _ => local(folder, reference),
    };
    let mut out = BTreeSet::new();
    each_value(body, &mut |key, value| {
        let Some(text) = value.filled(&fill) else { return };
        if tables.holds_image(key) {
            out.extend(untagged(&text));
        } else if key == "linux_fx_version" || key == "container_definitions" {
            out.extend(embedded(&text).iter().filter_map(|image| untagged(image)));
        }
    });
    out
}

/// Images inside a text: `DOCKER|image`, and `"image": "…"` of JSON.
fn embedded(text: &str) -> Vec<String> {
    if let Some(image) = text.strip_prefix("DOCKER|") {
        return vec![image.to_owned()];
    }
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\"image\"") {
        rest = &rest[at + "\"image\"".len()..];
        let value = rest.trim_start().strip_prefix(':').and_then(|r| r.trim_start().strip_prefix('"'));
        out.extend(value.and_then(|v| v.split('"').next()).map(str::to_owned));
    }
    out
}

/// The resources that a body refers to, by type and label.
fn references(body: &Body) -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    let mut note = |parts: &[String]| {
        if let [kind, label, ..] = parts {
            out.insert((kind.clone(), label.clone()));
        }
    };
    each_value(body, &mut |_, value| match &value.kind {
        ValueKind::Reference(parts) => note(parts),
        ValueKind::Template(template) => template.holes.iter().for_each(|h| note(&h.reference)),
        _ => {}
    });
    out
}

/// Every value of a body and of its blocks, with its key.
fn each_value<'b>(body: &'b Body, visit: &mut dyn FnMut(&'b str, &'b Value)) {
    for attribute in &body.attributes {
        attribute.value.walk(&attribute.name, visit);
    }
    for block in &body.blocks {
        each_value(&block.body, visit);
    }
}
