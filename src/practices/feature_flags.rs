//! Whether a feature can be switched without a deployment: libraries of flags that products depend on, flags that are declared,
//! steps that switch them.

use super::Answer;
use super::declared::{self, Evidence};
use super::scene::Scene;
use crate::catalogue::table;
use crate::model::{ServiceKind, glob};
use crate::source::{SourceFile, Span};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// What is evidence.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    manifests: Vec<Manifest>,
    /// Patterns of the names of manifests that are not read.
    unread: Vec<String>,
    evidence: Evidence,
}

/// Libraries that a kind of manifest may name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Manifest {
    /// Patterns of the file's name.
    files: Vec<String>,
    /// Names of libraries; with a `*` at its end it is the beginning of one.
    names: Vec<String>,
    /// They count only in quotes.
    quoted: bool,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| table::single(table::packed!("feature-flags")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let mut places = Vec::new();
    let mut names = BTreeSet::new();
    for file in scene.sources.files().iter().filter(|f| declared::is_delivered(&f.path)) {
        for manifest in table().manifests.iter().filter(|m| is_named(file.name(), &m.files)) {
            for (name, span) in manifest.found(file) {
                names.insert(name);
                places.push(span);
            }
        }
    }
    let found = declared::found(scene, &table().evidence);
    places.extend(declared::places(&found));
    places.truncate(20);
    if !names.is_empty() {
        let first: Vec<&str> = names.iter().map(String::as_str).take(3).collect();
        return Answer::present(format!("a product depends on {}", first.join(", ")), places);
    }
    if !found.is_empty() {
        return Answer::present(declared::said(&found), places);
    }
    let deployed = |kind| matches!(kind, Some(ServiceKind::Deployed | ServiceKind::Site));
    if !scene.map.services.iter().any(|s| deployed(s.kind)) && scene.deploys().next().is_none() {
        return Answer::not_applicable("no product of the repository runs anywhere");
    }
    let unread = scene.sources.paths.iter().find(|path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        is_named(name, &table().unread) && scene.sources.get(path).is_none() && declared::is_delivered(path)
    });
    match unread {
        Some(path) => {
            Answer::unknown(format!("no manifest that was read names a library of flags, {path} was not read"), Vec::new())
        }
        None => Answer::absent("no manifest names a library of flags and no step switches one", Vec::new()),
    }
}

fn is_named(name: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| glob(pattern, name))
}

impl Manifest {
    /// The libraries that a file names, with the line of each.
    fn found(&self, file: &SourceFile) -> Vec<(String, Span)> {
        let mut out = Vec::new();
        for pattern in &self.names {
            let name = pattern.trim_end_matches('*');
            let open = pattern.ends_with('*');
            let place = file.text.match_indices(name).map(|(at, _)| at).find(|at| self.is_whole(&file.text, *at, name, open));
            out.extend(place.map(|at| {
                let end = file.text[at..].find(['\n', '\r']).map_or(file.text.len(), |len| at + len);
                (name.trim_end_matches(['/', '-', '.']).to_owned(), Span::new(file.id, at, end))
            }));
        }
        out
    }

    /// Whether a name stands there by itself, and in no comment.
    fn is_whole(&self, text: &str, at: usize, name: &str, open: bool) -> bool {
        let (before, after) = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
        let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '@' | '.');
        let quote = |c: Option<char>| matches!(c, Some('"' | '\''));
        let line = text[..at].rsplit('\n').next().unwrap_or("").trim_start();
        let comment = line.starts_with('#') || line.starts_with("//") || line.starts_with("<!--");
        let left = before.is_none_or(|c| !part(c)) || (before == Some(':') || quote(before));
        let right = open || after.is_none_or(|c| !part(c));
        let quoted = quote(before) && (open || quote(after));
        left && right && !comment && (!self.quoted || quoted)
    }
}
