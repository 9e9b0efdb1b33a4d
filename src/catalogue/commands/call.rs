//! The words of a call: which are options, which are values of options, which are positional.

use crate::model::{HOLE, starred};
use std::collections::{BTreeMap, BTreeSet};

/// Options whose value is the next word, by command path (`docker`, `docker build`).
pub type ValueOptions = BTreeMap<String, BTreeSet<String>>;

/// An option of a call.
#[derive(Debug)]
pub struct OptionWord<'a> {
    /// Index of its word.
    pub index: usize,
    /// The word as it stands.
    pub raw: &'a str,
    /// The name, without `=value`.
    pub name: &'a str,
    /// The value, from the same word or the next one.
    pub value: Option<&'a str>,
}

/// A call, its words sorted.
#[derive(Debug)]
pub struct Call<'a> {
    /// All words, program first.
    pub words: &'a [String],
    /// Indices of the positional words, the program's first.
    pub positional: Vec<usize>,
    /// The options.
    pub options: Vec<OptionWord<'a>>,
}

/// Walks along the command path while words are read, and tells which options take a value there.
pub struct Path<'t> {
    table: &'t ValueOptions,
    words: String,
    sets: Vec<&'t BTreeSet<String>>,
    depth: usize,
}

/// How long a command path may be.
const DEPTH: usize = 6;

impl<'t> Path<'t> {
    /// At the program.
    pub fn new(table: &'t ValueOptions, program: &str) -> Self {
        Self { table, words: program.to_owned(), sets: table.get(program).into_iter().collect(), depth: 1 }
    }

    /// One positional word further.
    pub fn push(&mut self, word: &str) {
        if self.depth >= DEPTH {
            return;
        }
        self.depth += 1;
        self.words.push(' ');
        self.words.push_str(word);
        self.sets.extend(self.table.get(&self.words));
    }

    /// The value of an option word, and whether it is the next word.
    pub fn value<'w>(&self, word: &'w str, next: Option<&'w str>) -> (&'w str, Option<&'w str>, bool) {
        let takes = |name: &str| self.sets.iter().any(|set| set.contains(name));
        if takes(word) {
            return (word, next, next.is_some());
        }
        if let Some((name, value)) = word.split_once('=') {
            return (name, Some(value), false);
        }
        if !word.starts_with("--")
            && let Some(third) = word.char_indices().nth(2).map(|(i, _)| i)
            && let (Some(name), Some(value)) = (word.get(..third), word.get(third..))
            && takes(name)
        {
            return (name, Some(value), false);
        }
        (word, None, false)
    }
}

/// Whether a word is an option.
pub fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-') && word != "--"
}

impl<'a> Call<'a> {
    /// Sort the words of a call.
    pub fn new(words: &'a [String], table: &ValueOptions) -> Self {
        let mut call = Self { words, positional: Vec::new(), options: Vec::new() };
        let Some(program) = words.first() else { return call };
        call.positional.push(0);
        let mut path = Path::new(table, program);
        let mut i = 1;
        while let Some(word) = words.get(i) {
            if is_option(word) {
                let (name, value, next) = path.value(word, words.get(i + 1).map(String::as_str));
                call.options.push(OptionWord { index: i, raw: word, name, value });
                i += usize::from(next);
            } else if word != "--" {
                path.push(word);
                call.positional.push(i);
            }
            i += 1;
        }
        call
    }

    /// The positional word with this number, the program's being 0.
    pub fn arg(&self, n: usize) -> Option<&'a str> {
        self.positional.get(n).and_then(|i| self.words.get(*i)).map(String::as_str)
    }

    /// Drop positional words that are wholly unknown (`kubectl $OPTS apply`).
    pub fn without_holes(&mut self) {
        let words = self.words;
        self.positional.retain(|i| words.get(*i).is_none_or(|w| !w.chars().all(|c| c == HOLE)));
    }
}

/// A condition on a call's words.
#[derive(Clone, Debug)]
pub enum Need {
    /// An option, by a glob over its name or whole word, with a glob over its value.
    Option { name: String, value: Option<String> },
    /// A positional word, by a glob.
    Word(String),
}

impl Need {
    /// Read alternatives: `--push`, `-o type=registry*`, `--dry-run=none|--no`, `*.sql`.
    pub fn parse(text: &str) -> Vec<Self> {
        text.split('|').filter(|t| !t.is_empty()).map(Self::parse_one).collect()
    }

    fn parse_one(text: &str) -> Self {
        if !is_option(text) {
            return Self::Word(text.to_owned());
        }
        match text.split_once([' ', '=']) {
            Some((name, value)) => Self::Option { name: name.to_owned(), value: Some(value.trim().to_owned()) },
            None => Self::Option { name: text.to_owned(), value: None },
        }
    }

    /// Whether a call, up to the word with index `end`, meets it.
    pub fn holds(&self, call: &Call, end: usize) -> bool {
        match self {
            Self::Word(pattern) => {
                call.positional.iter().skip(1).any(|i| *i < end && call.words.get(*i).is_some_and(|w| starred(pattern, w)))
            }
            Self::Option { name, value } => {
                let on = |o: &OptionWord| value.is_some() || switched_on(name, o);
                let fits = |o: &OptionWord| names(name, o, value.is_some()) && of_value(value.as_deref(), o.value) && on(o);
                call.options.iter().any(|o| o.index < end && fits(o))
            }
        }
    }
}

/// Whether an option without a wanted value is there: `--push=false` is not.
fn switched_on(name: &str, option: &OptionWord) -> bool {
    option.value != Some("false") || starred(name, option.raw)
}

fn of_value(pattern: Option<&str>, value: Option<&str>) -> bool {
    pattern.is_none_or(|pattern| value.is_some_and(|value| starred(pattern, value)))
}

/// Whether an option is the named one, also as a letter of a cluster (`-it`).
fn names(pattern: &str, option: &OptionWord, valued: bool) -> bool {
    if !pattern.starts_with("--") && option.raw.starts_with("--") {
        return false;
    }
    if starred(pattern, option.name) || (!valued && starred(pattern, option.raw)) {
        return true;
    }
    let letter = pattern.strip_prefix('-').filter(|l| l.len() == 1);
    let cluster = option.raw.strip_prefix('-').filter(|c| c.len() <= 3 && c.chars().all(|c| c.is_ascii_alphabetic()));
    !valued && letter.zip(cluster).is_some_and(|(letter, cluster)| cluster.contains(letter))
}
