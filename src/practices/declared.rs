//! What files declare of how a product runs: fields of objects and templates, blocks of HCL, options of steps. What is looked
//! for is data.

pub(super) mod blocks;
pub(super) mod objects;
pub(super) mod options;

use super::scene::Scene;
use crate::catalogue::Catalogue;
use crate::source::{SourceFile, Span};
use serde::Deserialize;

/// What is evidence, by where it may stand.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Evidence {
    /// Fields of Kubernetes objects, or of other YAML files by their names.
    pub objects: Vec<Field>,
    /// Fields of resources in a template of CloudFormation.
    pub templates: Vec<Field>,
    /// Attributes and blocks of HCL.
    pub blocks: Vec<Field>,
    /// Words of steps.
    pub options: Vec<options::Words>,
}

/// A field that says something.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Field {
    /// Kinds of objects (`Kind`, `group/Kind`), types of resources, kinds of blocks; empty: any.
    pub of: Vec<String>,
    /// Patterns of names of files; empty: any.
    pub files: Vec<String>,
    /// Paths of keys with dots (or blanks) between; `*` is each item or value, `**` any depth, `a|b` either.
    pub at: Vec<String>,
    /// Patterns of the values that say it; empty: any but null, false and none.
    pub is: Vec<String>,
    /// At least so many values must fit.
    pub least: usize,
    /// What it says.
    pub says: String,
}

/// Something that was found.
#[derive(Clone, Debug)]
pub(super) struct Found<'e> {
    /// What it says.
    pub says: &'e str,
    /// The name of what holds it; empty where it has none.
    pub name: String,
    /// Where.
    pub span: Span,
}

impl Field {
    /// Whether a file may hold it: by its name, and by the last keys of its paths.
    fn may_stand_in(&self, file: &SourceFile) -> bool {
        let named = self.files.is_empty() || self.files.iter().any(|pattern| crate::model::glob(pattern, file.name()));
        let last = |path: &'_ str| keys(path).into_iter().rfind(|key| !key.starts_with('*')).unwrap_or("").to_owned();
        named && self.at.iter().any(|path| last(path).split('|').any(|key| file.text.contains(key)))
    }

    /// Whether a value says it; none for one that is not known.
    fn says(&self, value: Option<&str>) -> bool {
        match value {
            Some(text) if self.is.is_empty() => !matches!(text, "" | "false" | "null" | "none" | "None" | "NONE" | "0"),
            Some(text) => self.is.iter().any(|pattern| crate::model::glob(pattern, text)),
            None => self.is.is_empty(),
        }
    }
}

/// The keys of a path: with blanks between where it has any, else with dots.
pub(super) fn keys(path: &str) -> Vec<&str> {
    path.split(if path.contains(' ') { ' ' } else { '.' }).collect()
}

/// All evidence that the repository's delivery holds.
pub(super) fn found<'e>(scene: &Scene<'_>, evidence: &'e Evidence) -> Vec<Found<'e>> {
    let mut out = Vec::new();
    options::find(scene, &evidence.options, &mut out);
    objects::find(scene, evidence, &mut out);
    blocks::find(scene, &evidence.blocks, &mut out);
    out
}

/// Whether a path is part of the product's delivery: no fixture, example or document, and not for a developer's machine.
pub(super) fn is_delivered(path: &str) -> bool {
    let words = Catalogue::embedded().words();
    !words.fixture_path(path) && !words.local_file(path) && !words.documented_sample(path)
}

/// Whether a name is one of a product that others make, and of no service.
pub(super) fn is_foreign(scene: &Scene<'_>, name: &str) -> bool {
    let own = |s: &crate::model::Service| s.name.eq_ignore_ascii_case(name) || s.aliases.iter().any(|a| a == name);
    Catalogue::embedded().words().third_party_product(name) && !scene.map.services.iter().any(own)
}

/// The places of what was found, without repetition, at most twenty.
pub(super) fn places(found: &[Found<'_>]) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for one in found {
        if !out.contains(&one.span) {
            out.push(one.span);
        }
    }
    out.truncate(20);
    out
}

/// What was found in words, each once, at most three.
pub(super) fn said(found: &[Found<'_>]) -> String {
    let mut out: Vec<&str> = Vec::new();
    for one in found {
        if !out.contains(&one.says) {
            out.push(one.says);
        }
    }
    let more = out.len() > 3;
    out.truncate(3);
    let text = out.join(", ");
    if more { format!("{text} and more") } else { text }
}
