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
mod words;

use crate::catalogue::Catalogue;
use crate::catalogue::table::{self, Entry};
use crate::model::{DeliveryMap, Program};
use crate::source::SourceSet;
use find::{Finding, Repository};
use rules::{ConfidenceForm, KindForm, Rule, RuleForm};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::OnceLock;

/// Whether an option of a program has a value.
fn takes_value(program: &str, option: &str) -> bool {
    Catalogue::embedded().takes_value(program, option)
}

/// The built-in rules as their files write them.
fn forms() -> &'static [Entry<RuleForm>] {
    static FORMS: OnceLock<Vec<Entry<RuleForm>>> = OnceLock::new();
    // The build and a test prove that every file is well formed.
    FORMS.get_or_init(|| table::entries(table::packed!("replacements")).unwrap_or_default())
}

/// The built-in rules, by id.
pub fn embedded() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| ready(|_| true))
}

/// The built-in rules that are on, without those that speak only of programs which no script of the repository names: reading
/// patterns takes longer than most repositories do.
pub fn for_repository(program: &Program) -> Vec<Rule> {
    let catalogue = Catalogue::embedded();
    let mut named: HashMap<String, bool> = HashMap::new();
    let mut is_named =
        |word: &str| *named.entry(word.to_owned()).or_insert_with(|| program.snippets.iter().any(|s| s.text.text.contains(word)));
    let mut wanted = HashSet::new();
    for (index, entry) in forms().iter().enumerate() {
        let words = entry.data.programs(&|word| catalogue.is_tool(word));
        if words.is_empty() || words.iter().any(|w| is_named(w)) {
            wanted.insert(index);
        }
    }
    ready(|index| wanted.contains(&index) && forms().get(index).is_some_and(|e| on_by_default(&e.data)))
}

/// The rules of these files; each file is read once.
fn ready(wanted: impl Fn(usize) -> bool) -> Vec<Rule> {
    static READ: OnceLock<Vec<OnceLock<Option<Rule>>>> = OnceLock::new();
    let read = READ.get_or_init(|| forms().iter().map(|_| OnceLock::new()).collect());
    let rule = |entry: &Entry<RuleForm>| Rule::new(&entry.id, entry.name(), entry.data.clone(), &takes_value).ok();
    let chosen = forms().iter().zip(read).enumerate().filter(|(index, _)| wanted(*index));
    let mut out: Vec<Rule> = chosen.filter_map(|(_, (entry, cell))| cell.get_or_init(|| rule(entry)).clone()).collect();
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out
}

/// A rule from its file. Errors: the file cannot be read, or what is wrong with the rule, in words.
pub fn read_file(path: &Path) -> Result<Rule, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    Rule::read(&path.to_string_lossy(), &text, &takes_value)
}

/// The findings of these rules in a repository, in order of place.
pub fn find(sources: &SourceSet, program: &Program, map: &DeliveryMap, rules: &[Rule]) -> Vec<Finding> {
    let repository = Repository::new(sources, program, map, &takes_value);
    find::find(&repository, rules)
}

/// Whether a rule is on when nobody selects any: what replaces a script and is at least a suggestion.
fn on_by_default(form: &RuleForm) -> bool {
    form.kind == KindForm::Replace && form.confidence > ConfidenceForm::Low
}
