//! Scripts that a built-in option of a tool replaces: rules as data (`grammars/replacements.md`), compared with parsed shell.

mod conditions;
mod dockerfile;
mod fields;
pub mod find;
mod keys;
mod matching;
mod pattern;
pub mod rules;
mod scripts;
mod template;
mod tree;
mod versions;

use crate::catalogue::{Catalogue, table};
use crate::model::{DeliveryMap, Program};
use crate::source::SourceSet;
use find::{Finding, Repository};
use rules::{ConfidenceForm, KindForm, Rule, RuleForm};
use std::path::Path;
use std::sync::OnceLock;

/// The built-in rules, by id.
pub fn embedded() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| {
        let takes_value = |program: &str, option: &str| Catalogue::embedded().takes_value(program, option);
        // The build and a test prove that every file is well formed.
        let entries = table::entries::<RuleForm>(table::packed!("replacements")).unwrap_or_default();
        let mut out: Vec<Rule> =
            entries.into_iter().filter_map(|e| Rule::new(&e.id, e.name(), e.data.clone(), &takes_value).ok()).collect();
        out.sort_by(|a, b| a.id.cmp(&b.id));
        out
    })
}

/// A rule from its file. Errors: the file cannot be read, or what is wrong with the rule, in words.
pub fn read_file(path: &Path) -> Result<Rule, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let takes_value = |program: &str, option: &str| Catalogue::embedded().takes_value(program, option);
    Rule::read(&path.to_string_lossy(), &text, &takes_value)
}

/// The findings of these rules in a repository, in order of place.
pub fn find(sources: &SourceSet, program: &Program, map: &DeliveryMap, rules: &[Rule]) -> Vec<Finding> {
    let takes_value = |program: &str, option: &str| Catalogue::embedded().takes_value(program, option);
    let repository = Repository::new(sources, program, map, &takes_value);
    find::find(&repository, rules)
}

/// The rules that are on when nobody selects any: what replaces a script and is at least a suggestion.
pub fn on_by_default(rule: &Rule) -> bool {
    rule.form.kind == KindForm::Replace && rule.form.confidence > ConfidenceForm::Low
}
