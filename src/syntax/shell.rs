//! Shell text to a small tree of statements, over tree-sitter's grammar of bash
//! (<https://www.gnu.org/software/bash/manual/bash.html>).
//!
//! All ranges are bytes of the text that was parsed. Faults are local: what stands around one is still read.

mod commands;
mod conditions;
mod limits;
mod lists;
mod statements;
mod words;

use std::ops::Range;
use tree_sitter::{ParseOptions, Parser};

pub use conditions::condition_of_words;

/// Nesting that is followed; what lies deeper is [`Kind::Unknown`].
pub const MAX_DEPTH: usize = 60;

/// A parsed script.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Its statements, in order.
    pub statements: Vec<Statement>,
    /// What the grammar does not understand.
    pub faults: Vec<Range<usize>>,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its bytes; for a simple command without the bodies of its here-documents.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// Its redirections, in order.
    pub redirects: Vec<Redirect>,
    /// It ends in `&`.
    pub background: bool,
}

/// What a statement is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A simple command; without words, redirections only.
    Simple(Simple),
    /// Variables set for what follows: bare, or by `export`, `local`, `readonly`, `declare`.
    Assign(Vec<Assignment>),
    /// Commands joined by `|`.
    Pipeline(Vec<Statement>),
    /// Statements joined by `&&` and `||`.
    List(Vec<Link>),
    /// `! …`
    Not(Box<Statement>),
    /// `( … )`
    Subshell(Vec<Statement>),
    /// `{ …; }`
    Group(Vec<Statement>),
    /// `if`
    If {
        /// The `if` and `elif` arms.
        arms: Vec<Arm>,
        /// The `else` branch.
        otherwise: Option<Branch>,
    },
    /// `for` or `select`
    For(For),
    /// `while` or `until`
    Loop {
        /// What is asked before every turn.
        condition: Vec<Statement>,
        /// What is repeated.
        body: Vec<Statement>,
    },
    /// `case`
    Case {
        /// The word that is compared.
        subject: Word,
        /// The arms, in order.
        arms: Vec<CaseArm>,
    },
    /// The definition of a function.
    Function {
        /// Its name.
        name: String,
        /// Its body.
        body: Vec<Statement>,
    },
    /// `[ … ]` or `[[ … ]]`
    Test(Condition),
    /// `(( … ))`
    Arithmetic,
    /// Not understood, or nested too deeply.
    Unknown,
}

/// Program and arguments.
#[derive(Clone, Debug, Default)]
pub struct Simple {
    /// `NAME=value` before the program.
    pub assignments: Vec<Assignment>,
    /// The program and its arguments.
    pub words: Vec<Word>,
}

/// A statement of a list with the operator before it.
#[derive(Clone, Debug)]
pub struct Link {
    /// The operator; `None`: the first.
    pub operator: Option<Operator>,
    /// The statement.
    pub statement: Statement,
}

/// An operator of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// `for NAME in WORDS`
#[derive(Clone, Debug, Default)]
pub struct For {
    /// The variable; the C style has none.
    pub variable: String,
    /// The values; `None`: the arguments, or a count.
    pub values: Option<Vec<Word>>,
    /// `for ((…;…;…))`
    pub counts: bool,
    /// What is repeated.
    pub body: Vec<Statement>,
}

/// Statements in a range.
#[derive(Clone, Debug)]
pub struct Branch {
    /// From the keyword to the last statement.
    pub range: Range<usize>,
    /// The statements.
    pub body: Vec<Statement>,
}

/// An `if` or `elif` with its branch.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The statements whose last decides.
    pub condition: Vec<Statement>,
    /// What it runs.
    pub branch: Branch,
}

/// An arm of `case`.
#[derive(Clone, Debug)]
pub struct CaseArm {
    /// Its patterns.
    pub patterns: Vec<Word>,
    /// What it runs.
    pub branch: Branch,
}

/// `NAME=value`
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Its bytes.
    pub range: Range<usize>,
    /// The variable.
    pub name: String,
    /// `+=`
    pub append: bool,
    /// The value.
    pub value: Assigned,
}

/// The value of an assignment.
#[derive(Clone, Debug)]
pub enum Assigned {
    /// One word.
    Word(Word),
    /// `( … )`
    Array(Vec<Word>),
    /// One element of an array (`NAME[…]=value`).
    Element(Word),
}

impl Assigned {
    /// All its words.
    pub fn words(&self) -> &[Word] {
        match self {
            Self::Word(word) | Self::Element(word) => std::slice::from_ref(word),
            Self::Array(words) => words,
        }
    }
}

/// A redirection.
#[derive(Clone, Debug)]
pub enum Redirect {
    /// To or from a file.
    File {
        /// `>`, `>>`, `<` …
        operator: String,
        /// The file.
        target: Word,
    },
    /// A here-document; a quoted delimiter makes its body one literal.
    HereDocument(Word),
    /// A here-string.
    HereString(Word),
}

impl Redirect {
    /// The word of its target or body.
    pub fn word(&self) -> &Word {
        match self {
            Self::File { target, .. } => target,
            Self::HereDocument(word) | Self::HereString(word) => word,
        }
    }
}

/// A word: no parts are the empty text.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// Its bytes, with quotes.
    pub range: Range<usize>,
    /// What it is made of.
    pub parts: Vec<Part>,
}

impl Word {
    /// The text, where all of it is literal.
    pub fn literal(&self) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            let PartKind::Literal(text) = &part.kind else { return None };
            out.push_str(text);
        }
        Some(out)
    }

    /// Whether no part of it is quoted.
    pub fn is_bare(&self) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(|p| !p.quoted)
    }
}

/// A part of a word.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: PartKind,
    /// It stands in quotes.
    pub quoted: bool,
}

/// What a part of a word is.
#[derive(Clone, Debug)]
pub enum PartKind {
    /// Text without quotes and escapes. It is as long as its range unless the whole part is one escape.
    Literal(String),
    /// `$NAME` or `${NAME}`
    Variable(String),
    /// `${NAME[@]}`
    Elements(String),
    /// `${NAME:-parts}`
    Default(String, Vec<Part>),
    /// `$( … )`
    Substitution(Vec<Statement>),
    /// `<( … )`
    Process(Vec<Statement>),
    /// The masked range with this index.
    Masked(usize),
    /// Anything else whose value depends on the run.
    Other,
}

/// A condition of `[`, `[[` or `test`.
#[derive(Clone, Debug)]
pub enum Condition {
    /// A word that is not empty.
    Word(Word),
    /// `-z WORD`
    Unary(String, Word),
    /// `WORD = WORD`
    Binary(Word, String, Word),
    /// Negation.
    Not(Box<Condition>),
    /// All of them.
    All(Vec<Condition>),
    /// One of them.
    Any(Vec<Condition>),
    /// Not understood.
    Unknown,
}

impl Condition {
    /// Every word in it, in order.
    pub fn words<'a>(&'a self, out: &mut Vec<&'a Word>) {
        match self {
            Self::Word(word) | Self::Unary(_, word) => out.push(word),
            Self::Binary(left, _, right) => out.extend([left, right]),
            Self::Not(inner) => inner.words(out),
            Self::All(all) | Self::Any(all) => all.iter().for_each(|c| c.words(out)),
            Self::Unknown => {}
        }
    }
}

/// Parse a script. `masks` are ranges, in order, of which only the front end knows what stands there.
pub fn parse(text: &str, masks: &[Range<usize>]) -> Tree {
    let mut parser = Parser::new();
    if parser.set_language(&tree_sitter_bash::LANGUAGE.into()).is_err() {
        return whole_unknown(text);
    }
    let (read, passed) = limits::without_overload(text);
    let bytes = read.as_bytes();
    let mut watch = limits::watch(text.len());
    let options = ParseOptions::new().progress_callback(&mut watch);
    let tree = parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options));
    let Some(tree) = tree else { return whole_unknown(text) };
    let mut out = statements::build(&read, masks, &tree);
    for range in passed {
        out.statements.push(unknown(range.clone()));
        out.faults.push(range);
    }
    out
}

fn unknown(range: Range<usize>) -> Statement {
    Statement { range, kind: Kind::Unknown, redirects: Vec::new(), background: false }
}

fn whole_unknown(text: &str) -> Tree {
    let range = 0..text.len();
    Tree { statements: vec![unknown(range.clone())], faults: vec![range] }
}
