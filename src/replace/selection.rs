//! Which rules are asked: what the words of `--select` and `--ignore` mean.

use super::rules::{ConfidenceForm, KindForm, Rule};
use crate::config::Selection;

/// A rule, as a selection sees it.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its id.
    pub id: &'a str,
    /// What it is about.
    pub kind: KindForm,
    /// How sure it is.
    pub confidence: ConfidenceForm,
    /// The user gave its file.
    pub own: bool,
}

impl<'a> Candidate<'a> {
    /// A rule that the user gave.
    pub fn own(rule: &'a Rule) -> Self {
        Self { id: &rule.id, kind: rule.form.kind, confidence: rule.form.confidence, own: true }
    }
    /// Whether a word of a selection means it.
    pub fn is(&self, word: &str) -> bool {
        let hygiene = self.kind == KindForm::Hygiene;
        let sure = self.confidence;
        match word {
            "all" => true,
            // What replaces a script and is at least a suggestion; whoever gives a rule wants it asked.
            "default" => self.own || (!hygiene && sure > ConfidenceForm::Low),
            "hygiene" => hygiene,
            "high" => !hygiene && sure == ConfidenceForm::High,
            "medium" => !hygiene && sure == ConfidenceForm::Medium,
            "low" => !hygiene && sure == ConfidenceForm::Low,
            word => self.id == word || self.id.split_once('/').is_some_and(|(tool, _)| tool == word),
        }
    }

    /// Whether it is asked.
    pub fn is_in(&self, selection: &Selection) -> bool {
        let chosen = if selection.select.is_empty() { self.is("default") } else { selection.select.iter().any(|w| self.is(w)) };
        chosen && !selection.ignore.iter().any(|w| self.is(w))
    }
}

/// Whether a word that is no rule's may be selected.
pub fn is_group(word: &str) -> bool {
    ["all", "default", "hygiene", "high", "medium", "low"].contains(&word)
}
