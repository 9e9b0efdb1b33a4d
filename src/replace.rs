//! Scripts that a built-in option of a tool replaces: rules as data (`grammars/replacements.md`), compared with parsed shell.

mod conditions;
mod dockerfile;
pub mod fault;
mod fields;
pub mod find;
mod index;
mod keys;
mod matching;
mod needs;
mod paths;
mod pattern;
pub mod rules;
mod scripts;
pub mod selection;
pub mod suppress;
mod tables;
mod template;
mod tree;
mod versions;
mod words;

use crate::catalogue::Catalogue;
use crate::catalogue::table;
use crate::config::Selection;
use crate::model::{DeliveryMap, Program};
use crate::source::{Diagnostic, FileId, Severity, SourceFile, SourceSet, Span};
use crate::syntax::yaml::{self, Readings};
use fault::Fault;
pub use find::find;
use find::{Repository, Vocabulary};
use needs::Corpus;
use rules::{Examples, Head, Rule, RuleForm};
use selection::Candidate;
use serde::Deserialize;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Where a repository keeps rules of its own.
const OWN: &str = ".prodpath/rules/";

/// Whether an option of a program has a value.
fn takes_value(program: &str, option: &str) -> bool {
    Catalogue::embedded().takes_value(program, option)
}

/// A built-in rule, as the build packs it.
#[derive(Deserialize)]
struct Packed {
    id: String,
    path: String,
    head: Head,
    /// Where its file stands in the packed texts, without the examples; it is read where the rule is wanted.
    data: (usize, usize),
    /// Where its examples stand.
    examples: (usize, usize),
}

/// The files of all built-in rules.
const TEXTS: &str = table::packed!("replacement-texts");

impl Packed {
    fn name(&self) -> &str {
        table::name_of(&self.path)
    }

    /// `<tool>/<name>`
    fn rule_id(&self) -> String {
        format!("{}/{}", self.id, self.name())
    }

    fn means(&self, word: &str) -> bool {
        self.candidate(&self.rule_id()).is(word)
    }

    fn candidate<'a>(&self, id: &'a str) -> Candidate<'a> {
        Candidate { id, kind: self.head.kind, confidence: self.head.confidence, own: false }
    }

    /// Its form without the examples; a test proves that every file is well formed.
    fn form(&self) -> Option<RuleForm> {
        serde_json::from_str(TEXTS.get(self.data.0..self.data.1)?).ok()
    }

    fn rule(&self, form: RuleForm) -> Arc<Rule> {
        Arc::new(Rule::new(&self.id, self.name(), form))
    }

    fn read(&self) -> Option<Arc<Rule>> {
        Some(self.rule(self.form()?))
    }

    fn read_with_examples(&self) -> Option<Arc<Rule>> {
        let examples: Examples = serde_json::from_str(TEXTS.get(self.examples.0..self.examples.1)?).ok()?;
        let form = RuleForm { matches: examples.matches, near_misses: examples.near_misses, ..self.form()? };
        Some(self.rule(form))
    }
}

/// The built-in rules, each unread.
fn packed() -> &'static [Packed] {
    static ALL: OnceLock<Vec<Packed>> = OnceLock::new();
    ALL.get_or_init(|| serde_json::from_str(table::packed!("replacements")).unwrap_or_default())
}

/// The built-in rules with their examples, by id.
pub fn embedded() -> &'static [Arc<Rule>] {
    static RULES: OnceLock<Vec<Arc<Rule>>> = OnceLock::new();
    RULES.get_or_init(|| {
        let mut out: Vec<Arc<Rule>> = packed().iter().filter_map(Packed::read_with_examples).collect();
        out.sort_by(|a, b| a.id.cmp(&b.id));
        out
    })
}

/// Whether a word of a selection means a built-in rule.
pub fn is_built_in(word: &str) -> bool {
    packed().iter().any(|rule| rule.means(word))
}

/// The words that built-in rules need.
fn vocabulary() -> &'static Vocabulary {
    static WORDS: OnceLock<Vocabulary> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut out = Vocabulary::default();
        for rule in packed() {
            rule.head.reach.each(&mut |corpus, needs| {
                let words = match corpus {
                    Corpus::Scripts => &mut out.scripts,
                    Corpus::Dockerfiles => &mut out.dockerfiles,
                    Corpus::Yaml => &mut out.yaml,
                };
                words.extend(needs.items().iter().flatten().cloned());
            });
        }
        out
    })
}

/// What rules are asked about.
pub fn repository<'r>(
    sources: &'r SourceSet,
    program: &'r Program,
    map: &'r DeliveryMap,
    readings: &'r Readings,
) -> Repository<'r> {
    Repository::new(sources, program, map, readings, &takes_value, vocabulary())
}

/// The built-in rules of a selection, without those that can meet nothing in the repository: reading a rule takes longer than
/// asking it.
pub fn for_repository(repository: &Repository<'_>, selection: &Selection) -> Vec<Arc<Rule>> {
    ready(|rule| rule.candidate(&rule.rule_id()).is_in(selection) && repository.may_meet(&rule.head.reach))
}

/// The rules that are wanted; each is read once.
fn ready(wanted: impl Fn(&Packed) -> bool) -> Vec<Arc<Rule>> {
    static READ: OnceLock<Vec<OnceLock<Option<Arc<Rule>>>>> = OnceLock::new();
    let read = READ.get_or_init(|| packed().iter().map(|_| OnceLock::new()).collect());
    let chosen = packed().iter().zip(read).filter(|(rule, _)| wanted(rule));
    let mut out: Vec<Arc<Rule>> = chosen.filter_map(|(rule, cell)| cell.get_or_init(|| rule.read()).clone()).collect();
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out
}

/// A rule with the file that it was read from.
pub struct Own {
    /// The rule.
    pub rule: Arc<Rule>,
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
        Ok(rule) => Ok(Own { rule: Arc::new(rule), file }),
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
            Ok(rule) => rules.push(Own { rule: Arc::new(rule), file: file.clone() }),
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
