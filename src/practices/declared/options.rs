//! Words of steps: options of commands, inputs of built-ins.

use super::Found;
use crate::model::{Step, glob};
use crate::practices::scene::Scene;
use serde::Deserialize;

/// Words that say something where a step has them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::practices) struct Words {
    /// Patterns of rows of the tables of commands and built-ins.
    pub rows: Vec<String>,
    /// Kinds of steps; empty: any.
    pub kinds: Vec<String>,
    /// Words of the command, or `key: value` of a built-in's inputs; one is enough, `*` at its head: a part of a
    /// word; empty: the row says it.
    pub with: Vec<String>,
    /// Words with which it does not say it.
    pub without: Vec<String>,
    /// What it says.
    pub says: String,
}

impl Words {
    /// Whether a step has them.
    pub fn fit(&self, scene: &Scene<'_>, step: &Step) -> bool {
        let Some(span) = step.span else { return false };
        let rows = self.rows.iter().any(|row| glob(row, &step.row));
        let kind = self.kinds.is_empty() || step.kind.as_ref().is_some_and(|k| self.kinds.contains(k));
        if !rows || !kind {
            return false;
        }
        let text: Vec<&str> = scene.text(span).split_whitespace().filter(|w| *w != "\\").collect();
        let line = text.join(" ");
        let has = |word: &String| {
            let option = |w: &&str| {
                let bare = w.trim_matches(['"', '\'', '`', ',', '[', ']']);
                bare == word || bare.strip_prefix(word.as_str()).is_some_and(|rest| rest.starts_with('=') && rest != "=false")
            };
            if let Some(part) = word.strip_prefix('*') {
                return text.iter().any(|w| w.contains(part));
            }
            if word.contains(' ') { line.contains(word.as_str()) } else { text.iter().any(option) }
        };
        (self.with.is_empty() || self.with.iter().any(has)) && !self.without.iter().any(has)
    }
}

/// Add every step that says something, those that pipelines run first.
pub(super) fn find<'e>(scene: &Scene<'_>, rows: &'e [Words], out: &mut Vec<Found<'e>>) {
    let mut steps: Vec<&Step> = scene.map.steps.iter().filter(|s| s.span.is_some() && !s.third_party).collect();
    steps.sort_by_key(|s| std::cmp::Reverse(s.automation()));
    for step in steps {
        for words in rows.iter().filter(|w| w.fit(scene, step)) {
            out.extend(step.span.map(|span| Found { says: &words.says, name: String::new(), span }));
        }
    }
}
