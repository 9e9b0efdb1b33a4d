//! Lines of files that say what no step shows.

use super::scene::Scene;
use crate::catalogue::Catalogue;
use crate::source::{SourceFile, Span};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A line of a tool's configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Configured {
    /// How the file's name begins, or the whole name.
    pub file: String,
    /// What the line holds.
    pub line: String,
}

/// The lines of a file for which this holds, without the blanks around them.
pub(super) fn lines_with(file: &SourceFile, holds: impl Fn(&str) -> bool) -> Vec<Span> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        if holds(line) {
            out.push(Span::new(file.id, start + (line.len() - line.trim_start().len()), start + line.trim_end().len()));
        }
        start += line.len();
    }
    out
}

/// The files of the repository that are no fixtures, and not for a developer's own machine.
pub(super) fn own_files<'s>(scene: &Scene<'s>) -> impl Iterator<Item = &'s SourceFile> {
    let words = Catalogue::embedded().words();
    scene.sources.files().iter().filter(|f| !words.fixture_path(&f.path) && !words.local_file(&f.path))
}

/// The lines of configurations that are known to say something.
pub(super) fn configured(scene: &Scene<'_>, known: &[Configured]) -> Vec<Span> {
    let mut out = Vec::new();
    for file in own_files(scene) {
        for one in known.iter().filter(|one| file.name().starts_with(&one.file)) {
            out.extend(lines_with(file, |line| !is_comment(line) && line.contains(&one.line)));
        }
    }
    out
}

/// Places, each once, in their order.
pub(super) fn once(places: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut seen = BTreeSet::new();
    places.into_iter().filter(|place| seen.insert(*place)).collect()
}

/// Whether a line is a comment in the formats of pipelines and settings.
pub(super) fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["#", "//", "<!--", "*"].iter().any(|mark| line.starts_with(mark))
}
