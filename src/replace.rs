//! Scripts that a built-in option of a tool replaces: rules as data (`grammars/replacements.md`), compared with parsed shell.

mod conditions;
mod dockerfile;
pub mod fault;
mod fields;
pub mod find;
mod index;
mod keys;
mod lazy;
mod matching;
mod pattern;
mod readings;
pub mod rules;
mod scripts;
pub mod selection;
mod tables;
mod template;
mod tree;
mod versions;
mod words;

use crate::catalogue::Catalogue;
use crate::catalogue::table::{self, Entry};
use crate::config::Selection;
use crate::model::{DeliveryMap, Program};
use crate::source::{Diagnostic, FileId, Severity, SourceFile, SourceSet, Span};
use crate::syntax::yaml;
use fault::Fault;
use find::Repository;
pub use find::find;
use index::Needs;
use rules::{Rule, RuleForm};
use selection::Candidate;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Where a repository keeps rules of its own.
const OWN: &str = ".prodpath/rules/";

/// Whether an option of a program has a value.
fn takes_value(program: &str, option: &str) -> bool {
    Catalogue::embedded().takes_value(program, option)
}

impl Entry<RuleForm> {
    /// `<tool>/<name>`
    fn rule_id(&self) -> String {
        format!("{}/{}", self.id, self.name())
    }
}

/// The built-in rules as their files write them.
fn forms() -> &'static [Entry<RuleForm>] {
    static FORMS: OnceLock<Vec<Entry<RuleForm>>> = OnceLock::new();
    // The build and a test prove that every file is well formed.
    FORMS.get_or_init(|| table::entries(table::packed!("replacements")).unwrap_or_default())
}

/// The built-in rules, by id.
pub fn embedded() -> &'static [Arc<Rule>] {
    static RULES: OnceLock<Vec<Arc<Rule>>> = OnceLock::new();
    RULES.get_or_init(|| ready(|_| true))
}

/// Whether a word of a selection means a built-in rule.
pub fn is_built_in(word: &str) -> bool {
    let means = |e: &Entry<RuleForm>| Candidate { id: &e.rule_id(), form: &e.data, own: false }.is(word);
    forms().iter().any(means)
}

/// The words that patterns of built-in rules need.
fn vocabulary() -> &'static HashSet<String> {
    static WORDS: OnceLock<HashSet<String>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let needs = forms().iter().filter_map(|e| e.data.needs()).flatten();
        needs.flat_map(|n| n.words().cloned().collect::<Vec<_>>()).collect()
    })
}

/// What rules are asked about.
pub fn repository<'r>(sources: &'r SourceSet, program: &'r Program, map: &'r DeliveryMap) -> Repository<'r> {
    Repository::new(sources, program, map, &takes_value, vocabulary())
}

/// The built-in rules of a selection, without those that no script of the repository can match: reading a pattern takes longer
/// than asking it.
pub fn for_repository(repository: &Repository<'_>, selection: &Selection) -> Vec<Arc<Rule>> {
    let mut wanted = HashSet::new();
    for (index, entry) in forms().iter().enumerate() {
        if !(Candidate { id: &entry.rule_id(), form: &entry.data, own: false }).is_in(selection) {
            continue;
        }
        let may_match = |needs: Vec<Needs>| needs.iter().any(|n| repository.scripts_for(n).next().is_some());
        if entry.data.needs().is_none_or(may_match) {
            wanted.insert(index);
        }
    }
    ready(|index| wanted.contains(&index))
}

/// The rules of these files; each file is read once.
fn ready(wanted: impl Fn(usize) -> bool) -> Vec<Arc<Rule>> {
    static READ: OnceLock<Vec<OnceLock<Option<Arc<Rule>>>>> = OnceLock::new();
    let read = READ.get_or_init(|| forms().iter().map(|_| OnceLock::new()).collect());
    let rule = |entry: &Entry<RuleForm>| Rule::new(&entry.id, entry.name(), entry.data.clone(), &takes_value).ok().map(Arc::new);
    let chosen = forms().iter().zip(read).enumerate().filter(|(index, _)| wanted(*index));
    let mut out: Vec<Arc<Rule>> = chosen.filter_map(|(_, (entry, cell))| cell.get_or_init(|| rule(entry)).clone()).collect();
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out
}

/// A rule with the file that it was read from.
pub struct Own {
    /// The rule.
    pub rule: Rule,
    /// Its file.
    pub file: SourceFile,
}

impl Own {
    /// The byte of its file at which a fault of it stands.
    pub fn offset(&self, fault: &Fault) -> u32 {
        yaml::parse(&self.file).root().map_or(0, |root| fault.offset(root))
    }

    /// A fault of it, with the line.
    pub fn told(&self, fault: &Fault) -> String {
        told(&self.file, self.offset(fault), fault)
    }
}

fn told(file: &SourceFile, at: u32, fault: &Fault) -> String {
    format!("line {}: {}", file.place(at).line, fault.message)
}

/// A rule from its file, outside of any repository. Errors: the file cannot be read, or what is wrong with the rule, with its
/// line.
pub fn read_file(path: &Path) -> Result<Own, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let file = SourceFile::new(FileId(0), path.to_string_lossy(), text);
    match Rule::read(&file, &takes_value) {
        Ok(rule) => Ok(Own { rule, file }),
        Err((at, fault)) => Err(told(&file, at, &fault)),
    }
}

/// The rules that a repository brings along, and what is wrong with others.
pub fn of_repository(sources: &SourceSet) -> (Vec<Own>, Vec<Diagnostic>) {
    let mut rules = Vec::new();
    let mut faults = Vec::new();
    let yaml = |name: &str| name.ends_with(".yaml") || name.ends_with(".yml");
    for file in sources.files().iter().filter(|f| f.path.starts_with(OWN) && yaml(&f.path)) {
        match Rule::read(file, &takes_value) {
            Ok(rule) => rules.push(Own { rule, file: file.clone() }),
            Err((at, fault)) => faults.push(not_asked(file, at, &fault)),
        }
    }
    (rules, faults)
}

/// What is said of a rule that is left out for a fault.
pub fn not_asked(file: &SourceFile, at: u32, fault: &Fault) -> Diagnostic {
    let message = format!("this rule is not asked: {}", fault.message);
    Diagnostic { severity: Severity::Warning, span: Span::new(file.id, at as usize, at as usize), message }
}
