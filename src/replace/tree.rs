//! Shell in the form in which rules compare it: what the shell takes for the same has one shape here.
//!
//! `A && B` is a sequence like `A; B`, `if ! A; then B; fi` is `A || B`, groups are taken apart, wrappers like `sudo` and
//! redirections to nowhere are left out.

use crate::syntax::shell::{
    Assigned, Condition, Kind as Syntax, Operator, Part as SyntaxPart, PartKind, Redirect, Statement, Word as SyntaxWord,
};
use std::ops::Range;

/// Programs that change nothing of what the command after them does.
const WRAPPERS: &[&str] = &["sudo", "command", "time", "exec", "builtin"];

/// One step of a sequence.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// Redirections that matter.
    pub redirects: Vec<Redirection>,
    /// Assignments stand before the command (`NAME=value command`), outside of its bytes.
    pub preceded: bool,
}

/// What a [`Node`] is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A command with its words.
    Command(Vec<Word>),
    /// A variable is set, exported or not; with `+` behind its name, something is added to it.
    Assign(String, Word),
    /// Commands joined by `|`.
    Pipe(Vec<Node>),
    /// The right one runs where the left ones fail.
    Or(Vec<Node>, Vec<Node>),
    /// The negation.
    Not(Box<Node>),
    /// `( … )`
    Subshell(Vec<Node>),
    /// Arms of an `if`: condition and branch, and the `else` branch.
    If(Vec<(Vec<Node>, Vec<Node>)>, Option<Vec<Node>>),
    /// `for NAME in WORDS`; none: a count or the arguments.
    For(String, Option<Vec<Word>>, Vec<Node>),
    /// `while` or `until` (true), with its condition.
    Loop(bool, Vec<Node>, Vec<Node>),
    /// `case`: the word, and each arm's patterns and branch.
    Case(Word, Vec<(Vec<Word>, Vec<Node>)>),
    /// The body of a function.
    Function(Vec<Node>),
    /// A test, as its words.
    Test(Vec<Word>),
    /// What is not compared.
    Other,
}

/// A redirection.
#[derive(Clone, Debug)]
pub struct Redirection {
    /// `>`, `>>`, `<`, `<<<`, `<<`
    pub operator: String,
    /// Its target.
    pub word: Word,
}

/// A word.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// Its bytes.
    pub range: Range<usize>,
    /// As it is written, without the quotes around it.
    pub text: String,
    /// What it is made of.
    pub parts: Vec<Part>,
    /// It begins with a quote.
    pub quoted: bool,
}

/// A part of a word.
#[derive(Clone, Debug)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// The use of a variable.
    Variable(String),
    /// The output of commands.
    Substitution(Vec<Node>),
    /// Anything else that only a run knows, as it is written.
    Other(String),
}

impl Word {
    /// Whether nothing of it depends on a run.
    pub fn is_literal(&self) -> bool {
        self.parts.iter().all(|p| matches!(p, Part::Text(_)))
    }
}

impl Node {
    /// The sequences in it; those in substitutions are in its words.
    pub fn inner(&self) -> Vec<&[Self]> {
        match &self.kind {
            Kind::Pipe(nodes) | Kind::Subshell(nodes) | Kind::Function(nodes) | Kind::For(_, _, nodes) => vec![nodes],
            Kind::Or(left, right) | Kind::Loop(_, left, right) => vec![left, right],
            Kind::Not(inner) => vec![std::slice::from_ref(&**inner)],
            Kind::If(arms, otherwise) => {
                let arms = arms.iter().flat_map(|(condition, branch)| [condition.as_slice(), branch]);
                arms.chain(otherwise.as_deref()).collect()
            }
            Kind::Case(_, arms) => arms.iter().map(|(_, branch)| branch.as_slice()).collect(),
            Kind::Command(_) | Kind::Assign(..) | Kind::Test(_) | Kind::Other => Vec::new(),
        }
    }

    /// Whether it only talks or sets up the shell.
    pub fn is_glue(&self) -> bool {
        let Kind::Command(words) = &self.kind else { return false };
        let quiet = words.iter().skip(1).all(|w| !w.parts.iter().any(|p| matches!(p, Part::Substitution(_))));
        let program = words.first().map_or("", |w| w.text.as_str());
        matches!(program, "echo" | "printf" | "set" | ":" | "true" | "shopt") && quiet && self.redirects.is_empty()
    }
}

/// Reads statements of one text.
pub struct Reader<'t> {
    /// The text.
    pub text: &'t str,
    /// What stands in a masked range, as its author wrote it.
    pub masked: &'t dyn Fn(usize) -> String,
}

impl Reader<'_> {
    /// A sequence of statements.
    pub fn sequence(&self, statements: &[Statement]) -> Vec<Node> {
        let mut out = Vec::new();
        for statement in statements {
            self.statement(statement, &mut out);
        }
        out
    }

    fn statement(&self, statement: &Statement, out: &mut Vec<Node>) {
        let redirects = self.redirects(&statement.redirects);
        let range = statement.range.clone();
        let mut push = |kind| out.push(Node { range: range.clone(), kind, redirects: redirects.clone(), preceded: false });
        if statement.background {
            push(Kind::Other);
            return;
        }
        match &statement.kind {
            Syntax::Simple(simple) => {
                let words: Vec<Word> = simple.words.iter().map(|w| self.word(w)).collect();
                let preceded = !simple.assignments.is_empty();
                let start = words.first().filter(|_| preceded).map_or(range.start, |w| w.range.start);
                out.push(Node { range: start..range.end, kind: Kind::Command(unwrapped(words)), redirects, preceded });
            }
            // `export $(…)`: what it sets only a run knows.
            Syntax::Assign(all) if all.is_empty() => push(Kind::Other),
            Syntax::Assign(all) => {
                for one in all {
                    let word = if let Assigned::Word(word) = &one.value {
                        self.word(word)
                    } else {
                        let parts = vec![Part::Other(self.text.get(one.range.clone()).unwrap_or("").to_owned())];
                        Word { range: one.range.clone(), text: String::new(), parts, quoted: false }
                    };
                    let name = if one.append { format!("{}+", one.name) } else { one.name.clone() };
                    // `local`, `export` and other assignments of the same statement stand outside of its bytes.
                    out.push(Node {
                        range: one.range.clone(),
                        kind: Kind::Assign(name, word),
                        redirects: Vec::new(),
                        preceded: false,
                    });
                }
            }
            Syntax::Pipeline(all) => {
                let mut parts = Vec::new();
                for one in all {
                    let inner = self.sequence(std::slice::from_ref(one));
                    parts.push(single(inner, &one.range));
                }
                // `! A | B` denies the whole pipe.
                let denied = matches!(parts.first(), Some(Node { kind: Kind::Not(_), .. }));
                if denied && let Kind::Not(inner) = parts.remove(0).kind {
                    parts.insert(0, *inner);
                    let pipe = Node { range: range.clone(), kind: Kind::Pipe(parts), redirects: Vec::new(), preceded: false };
                    push(Kind::Not(Box::new(pipe)));
                } else {
                    push(Kind::Pipe(parts));
                }
            }
            Syntax::List(links) => self.list(links, out),
            Syntax::Not(inner) => {
                let inner_range = inner.range.clone();
                push(Kind::Not(Box::new(single(self.sequence(std::slice::from_ref(inner)), &inner_range))));
            }
            Syntax::Subshell(body) => push(Kind::Subshell(self.sequence(body))),
            Syntax::Group(body) if redirects.is_empty() => out.extend(self.sequence(body)),
            Syntax::If { arms, otherwise } => {
                let read: Vec<_> = arms.iter().map(|a| (self.sequence(&a.condition), self.sequence(&a.branch.body))).collect();
                let otherwise = otherwise.as_ref().map(|b| self.sequence(&b.body));
                match (&read[..], &otherwise) {
                    ([(condition, branch)], None) if matches!(&condition[..], [Node { kind: Kind::Not(_), .. }]) => {
                        let Kind::Not(inner) = &condition[0].kind else { return };
                        push(Kind::Or(vec![(**inner).clone()], branch.clone()));
                    }
                    _ => push(Kind::If(read, otherwise)),
                }
            }
            Syntax::For(each) => {
                let values = each.values.as_ref().map(|all| all.iter().map(|w| self.word(w)).collect());
                push(Kind::For(each.variable.clone(), values, self.sequence(&each.body)));
            }
            Syntax::Loop { condition, body } => {
                let until = self.text.get(statement.range.clone()).is_some_and(|t| t.starts_with("until"));
                let asked = self.sequence(condition);
                // `while ! A` is `until A`.
                match asked.as_slice() {
                    [Node { kind: Kind::Not(inner), .. }] if !until => {
                        push(Kind::Loop(true, vec![(**inner).clone()], self.sequence(body)));
                    }
                    _ => push(Kind::Loop(until, asked, self.sequence(body))),
                }
            }
            Syntax::Case { subject, arms } => {
                let arms = arms
                    .iter()
                    .map(|a| (a.patterns.iter().map(|w| self.word(w)).collect(), self.sequence(&a.branch.body)))
                    .collect();
                push(Kind::Case(self.word(subject), arms));
            }
            Syntax::Function { body, .. } => push(Kind::Function(self.sequence(body))),
            Syntax::Test(condition) => push(Kind::Test(self.test(condition, &statement.range))),
            Syntax::Group(_) | Syntax::Arithmetic | Syntax::Unknown => push(Kind::Other),
        }
    }

    /// A list: what `&&` joins follows each other; `||` takes all before it as its left side.
    fn list(&self, links: &[crate::syntax::shell::Link], out: &mut Vec<Node>) {
        let mut left: Vec<Node> = Vec::new();
        for link in links {
            let mut own = Vec::new();
            self.statement(&link.statement, &mut own);
            if link.operator == Some(Operator::Or) {
                let start = left.first().map_or(link.statement.range.start, |n| n.range.start);
                let range = start..link.statement.range.end;
                left =
                    vec![Node { range, kind: Kind::Or(std::mem::take(&mut left), own), redirects: Vec::new(), preceded: false }];
            } else {
                left.extend(own);
            }
        }
        out.extend(left);
    }

    fn redirects(&self, all: &[Redirect]) -> Vec<Redirection> {
        let mut out = Vec::new();
        for one in all {
            let operator = match one {
                Redirect::File { operator, .. } => operator.as_str(),
                Redirect::HereDocument(_) => "<<",
                Redirect::HereString(_) => "<<<",
            };
            let word = self.word(one.word());
            let duplicates = operator.contains('&') && (word.text == "1" || word.text == "2");
            if word.text != "/dev/null" && !duplicates {
                let operator = operator.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned();
                out.push(Redirection { operator, word });
            }
        }
        out
    }

    /// A word.
    pub fn word(&self, word: &SyntaxWord) -> Word {
        let parts: Vec<Part> = word.parts.iter().map(|p| self.part(p)).collect();
        let mut text = String::new();
        for (part, syntax) in parts.iter().zip(&word.parts) {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Other(written) => text.push_str(written),
                _ => text.push_str(self.text.get(syntax.range.clone()).unwrap_or("")),
            }
        }
        let quoted = word.parts.first().is_some_and(|p| p.quoted);
        Word { range: word.range.clone(), text, parts: merged(parts), quoted }
    }

    fn part(&self, part: &SyntaxPart) -> Part {
        match &part.kind {
            PartKind::Literal(text) => Part::Text(text.clone()),
            PartKind::Variable(name) => Part::Variable(name.clone()),
            PartKind::Substitution(body) => Part::Substitution(self.sequence(body)),
            PartKind::Masked(index) => Part::Other((self.masked)(*index)),
            _ => Part::Other(self.text.get(part.range.clone()).unwrap_or("").to_owned()),
        }
    }

    fn test(&self, condition: &Condition, range: &Range<usize>) -> Vec<Word> {
        let operator = |text: &str| Word {
            range: range.clone(),
            text: text.to_owned(),
            parts: vec![Part::Text(text.to_owned())],
            quoted: false,
        };
        match condition {
            Condition::Word(word) => vec![operator("-n"), self.word(word)],
            Condition::Unary(op, word) => vec![operator(op), self.word(word)],
            Condition::Binary(left, op, right) => {
                vec![self.word(left), operator(if op == "==" { "=" } else { op }), self.word(right)]
            }
            Condition::Not(inner) => std::iter::once(operator("!")).chain(self.test(inner, range)).collect(),
            Condition::All(all) => self.joined(all, "-a", range),
            Condition::Any(all) => self.joined(all, "-o", range),
            Condition::Unknown => vec![operator("?")],
        }
    }

    fn joined(&self, all: &[Condition], by: &str, range: &Range<usize>) -> Vec<Word> {
        let mut out = Vec::new();
        for (i, one) in all.iter().enumerate() {
            if i > 0 {
                out.push(Word {
                    range: range.clone(),
                    text: by.to_owned(),
                    parts: vec![Part::Text(by.to_owned())],
                    quoted: false,
                });
            }
            out.extend(self.test(one, range));
        }
        out
    }
}

/// A sequence that stands where one node is wanted.
fn single(mut nodes: Vec<Node>, range: &Range<usize>) -> Node {
    match nodes.len() {
        1 => nodes.remove(0),
        _ => Node { range: range.clone(), kind: Kind::Subshell(nodes), redirects: Vec::new(), preceded: false },
    }
}

/// Literal parts that follow each other, as one.
fn merged(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for part in parts {
        match (out.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, part) => out.push(part),
        }
    }
    out
}

/// A command without what only wraps it.
fn unwrapped(mut words: Vec<Word>) -> Vec<Word> {
    loop {
        let first = words.first().map_or("", |w| w.text.as_str());
        let plain = |at: usize| words.get(at).is_some_and(|w| !w.text.starts_with('-'));
        let wraps = WRAPPERS.contains(&first) && plain(1);
        let sets = first == "env" && words.len() > 2 && plain(1) && !words[1].text.contains('=');
        if wraps || sets {
            words.remove(0);
        } else {
            return words;
        }
    }
}
