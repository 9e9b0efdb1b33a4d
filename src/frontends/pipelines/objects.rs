//! Kubernetes objects that are pipelines (Tekton, Argo): the documents of the vendor's files, by kind and name.

use super::data::{self, Data};
use crate::model::Program;
use crate::source::{SourceFile, Span};
use crate::syntax::{mask, yaml};

/// One object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its group and version (`tekton.dev/v1`).
    pub api: String,
    /// Its kind.
    pub kind: String,
    /// Its name, or the beginning of the names that are generated for it.
    pub name: String,
    /// The whole object.
    pub data: Data,
    /// Where it stands.
    pub span: Span,
    /// The path of its file.
    pub path: String,
}

/// All objects of a vendor, in order of files.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// The objects.
    pub all: Vec<Object>,
}

impl Objects {
    /// The objects of these files whose group is one of these; those inside lists and templates too.
    pub fn read(files: &[&SourceFile], groups: &[&str], program: &mut Program) -> Self {
        let mut all = Vec::new();
        for file in files {
            for document in documents(file, program) {
                collect(&document, file, groups, &mut all);
            }
        }
        Self { all }
    }

    /// Objects of a kind.
    pub fn of(&self, kind: &str) -> impl Iterator<Item = &Object> {
        self.all.iter().filter(move |o| o.kind == kind)
    }

    /// The object of one of these kinds with this name that is nearest to a file: in it, in its folder, anywhere.
    pub fn find(&self, kinds: &[&str], name: &str, near: &str) -> Option<&Object> {
        let dir = |path: &str| path.rsplit_once('/').map_or(String::new(), |(d, _)| d.to_owned());
        let distance = |o: &&Object| {
            if o.path == near {
                0
            } else if dir(&o.path) == dir(near) {
                1
            } else {
                2
            }
        };
        let fits = |o: &&Object| o.name == name && kinds.contains(&o.kind.as_str());
        self.all.iter().filter(fits).min_by_key(distance)
    }
}

/// The documents of a file; a template that is no YAML as it stands is read with its expressions masked.
pub fn documents(file: &SourceFile, program: &mut Program) -> Vec<Data> {
    let mut tree = yaml::parse(file);
    if tree.partly && file.text.contains("{{") {
        tree = yaml::parse_masked(file.id, mask::template(&file.text).0);
    }
    data::documents(file, &tree, program)
}

fn collect(document: &Data, file: &SourceFile, groups: &[&str], out: &mut Vec<Object>) {
    let kind = document.get_str("kind").unwrap_or("");
    let held = match kind {
        "List" => document.get("items"),
        "Template" => document.get("objects"),
        _ => None,
    };
    for item in held.map(Data::items).unwrap_or_default() {
        out.extend(object(item, file, groups));
    }
    if held.is_none() {
        out.extend(object(document, file, groups));
    }
}

/// A node as an object, where it is one of these groups.
pub fn object(data: &Data, file: &SourceFile, groups: &[&str]) -> Option<Object> {
    let api = data.get_str("apiVersion")?;
    let group = api.split('/').next().unwrap_or("");
    if !groups.contains(&group) {
        return None;
    }
    let metadata = |key: &str| data.at(&["metadata", key]).and_then(Data::str);
    let name = metadata("name").or_else(|| metadata("generateName")).unwrap_or("").trim_end_matches('-');
    Some(Object {
        api: api.to_owned(),
        kind: data.get_str("kind")?.to_owned(),
        name: name.to_owned(),
        data: data.clone(),
        span: data.span,
        path: file.path.clone(),
    })
}
