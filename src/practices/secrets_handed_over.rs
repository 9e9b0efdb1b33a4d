//! Whether secrets come from a store when they are needed, and none stands in a file. Values are never shown.

mod literals;

use super::Answer;
use super::delivering::{beside_the_product, count, few};
use super::scene::Scene;
use crate::catalogue::table;
use crate::source::{SourceFile, Span};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// What is known of secrets.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Known {
    references: Vec<String>,
    reference_files: Vec<String>,
    names: Vec<String>,
    placeholders: Vec<String>,
    weak: Vec<String>,
    tokens: Vec<Token>,
}

/// A token by how it begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    begins: String,
    then: usize,
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| table::single(table::packed!("secrets-handed-over")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let product = |f: &&SourceFile| !beside_the_product(&f.path);
    let files: Vec<&SourceFile> = scene.sources.files().iter().filter(product).collect();
    let literals = literals::find(scene, &files);
    let references = references(scene, &files);
    if !literals.is_empty() {
        let found: BTreeSet<Span> = literals.iter().copied().collect();
        return Answer::absent(format!("{} in the files themselves", count(found.len(), "secret")), few(literals));
    }
    if !references.is_empty() {
        return Answer::present("secrets come from a store or from the pipeline's server", few(references));
    }
    Answer::not_applicable("no secret is handed to anything")
}

/// The first reference of each file, then those of names that a pipeline's server holds.
fn references(scene: &Scene<'_>, files: &[&SourceFile]) -> Vec<Span> {
    let kind = |f: &SourceFile| f.name().rsplit_once('.').map_or("", |(_, ext)| ext).to_ascii_lowercase();
    let counts = |f: &&&SourceFile| known().reference_files.contains(&kind(f)) || f.name().starts_with("Jenkinsfile");
    let first = |f: &&SourceFile| {
        let found = known().references.iter().filter_map(|text| Some((f.text.find(text.as_str())?, text.len())));
        found.min().map(|(at, len)| Span::new(f.id, at, at + len))
    };
    let mut out: Vec<Span> = files.iter().filter(counts).filter_map(first).collect();
    let pipelines = scene.program.snippets.iter().filter(|s| s.vendor.is_some());
    let variables: Vec<Span> = pipelines.filter_map(|s| Some(s.text.span(server_variable(&s.text.text)?))).collect();
    for span in variables {
        if out.iter().all(|other| other.file != span.file) {
            out.push(span);
        }
    }
    out
}

/// The first variable in a script whose name says that it is a secret.
fn server_variable(script: &str) -> Option<std::ops::Range<usize>> {
    script.match_indices('$').find_map(|(at, _)| {
        let rest = script[at + 1..].trim_start_matches('{');
        let name: &str = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
        let start = script.len() - rest.len();
        (literals::is_secret_name(name) && name == name.to_ascii_uppercase()).then_some(start..start + name.len())
    })
}
