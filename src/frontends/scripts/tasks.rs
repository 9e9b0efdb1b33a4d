//! What task runners share whose files are programs: from literal calls to the commands that they run. What is no literal is
//! never guessed.

use super::shell::{self, Dialect, Masked, Shell};
use crate::catalogue::Catalogue;
use crate::catalogue::runners::Runner;
use crate::model::{Command, Expr, Item, Program, Unit, UnitKind, glob};
use crate::source::{OffsetMap, SourceFile, Span, Text};
use crate::syntax::literals::{Literal, Token, TokenKind, call_at};
use std::ops::Range;

/// A unit for a task, at these bytes of a file.
pub fn task(file: &SourceFile, name: &str, range: Range<usize>, catalogue: &Catalogue) -> Unit {
    let mut unit = Unit::new(UnitKind::Target, name, Span::new(file.id, range.start, range.end));
    unit.dir = Some(Expr::lit(file.dir()));
    unit.local_only = catalogue.words().local(name) || catalogue.words().local_file(&file.path);
    unit
}

/// The name under which a task's own variable is bound.
pub fn local(name: &str) -> String {
    format!("env.{name}")
}

/// A line of a shell that literals make up.
#[derive(Clone, Debug)]
pub struct Line {
    text: Text,
    /// What is not literal, by bytes of the text, with its name where it is only one.
    holes: Vec<(Range<usize>, Option<String>)>,
}

impl Line {
    /// An empty line of a file.
    pub fn new(file: &SourceFile) -> Self {
        Self { text: Text { file: file.id, text: String::new(), map: OffsetMap::default() }, holes: Vec::new() }
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.text.text.is_empty()
    }

    /// Add a text that a shell reads.
    pub fn shell(&mut self, literal: &Literal) {
        let at = self.text.text.len();
        self.text.append(&literal.text);
        self.holes.extend(literal.holes.iter().map(|(range, name)| (at + range.start..at + range.end, name.clone())));
    }

    /// Add one word.
    pub fn word(&mut self, literal: &Literal) {
        let at = literal.text.span(0..0).start as usize;
        let inside = |i: usize| literal.holes.iter().any(|(r, _)| r.contains(&i));
        let plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
        let text = &literal.text.text;
        if !self.is_empty() {
            self.put(" ", at);
        }
        let quoted = text.is_empty() || text.char_indices().any(|(i, c)| !plain(c) && !inside(i));
        let quote = if text.contains('\'') { "\"" } else { "'" };
        if quoted {
            self.put(quote, at);
        }
        self.shell(literal);
        if quoted {
            self.put(quote, at);
        }
    }

    /// Add a word that is not known, as it is written at these bytes.
    pub fn hole(&mut self, range: Range<usize>, written: &str) {
        if !self.is_empty() {
            self.put(" ", range.start);
        }
        let start = self.text.text.len();
        let written: String = written.chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect();
        self.text.text.push_str(&written);
        self.text.map.push(written.len(), range.start, range.len());
        self.holes.push((start..start + written.len(), None));
    }

    fn put(&mut self, text: &str, at: usize) {
        self.text.text.push_str(text);
        self.text.map.push(text.len(), at, 0);
    }

    /// What stands for the holes: a task's own parameters, else as they are written.
    fn masked(&self, unit: &Unit) -> Vec<Masked> {
        let one = |(range, name): &(Range<usize>, Option<String>)| {
            let bound = name.as_ref().map(|n| local(n)).filter(|n| unit.bind.iter().any(|(b, _)| b == n));
            let written = self.text.text.get(range.clone()).unwrap_or_default();
            Masked { range: range.clone(), expr: bound.map_or_else(|| Expr::Unknown(written.to_owned()), Expr::Var) }
        };
        self.holes.iter().map(one).collect()
    }
}

/// The items of a line; the place of a single command is the whole call.
pub fn run(line: &Line, call: Range<usize>, catalogue: &Catalogue, unit: &mut Unit, program: &mut Program) {
    // A program that only the run knows is told of where the task is called.
    if line.holes.first().is_some_and(|(range, _)| range.start == 0) {
        return;
    }
    let (text, masked) = shell::mask(&line.text, line.masked(unit));
    let shell = Shell { catalogue, masked: &masked, arguments: &[], dialect: Dialect::Posix, vendor: None };
    let mut script = shell::items(&text, &shell, program);
    if let [Item::Command(command)] = script.items.as_mut_slice() {
        command.span = Span::new(line.text.file, call.start, call.end);
    }
    unit.functions.extend(script.functions);
    unit.body.extend(script.items);
}

/// Words that tokens list: texts, and what is not known as holes; those of a list or a call of one (`listOf("a")`, `[]string{"a"}`)
/// count as its own.
pub fn words(line: &mut Line, file: &SourceFile, args: &[&[Token]]) {
    for arg in args {
        let texts: Vec<&Token> = arg.iter().filter(|t| t.literal().is_some()).collect();
        let list = arg.iter().any(|t| t.is('[') || t.is('{') || t.word().is_some_and(|w| w.ends_with("listOf") || w == "list"));
        match (texts.as_slice(), arg) {
            ([one], [_]) => one.literal().into_iter().for_each(|l| line.word(l)),
            ([_, ..], _) if list => texts.iter().filter_map(|t| t.literal()).for_each(|l| line.word(l)),
            (_, [first, .., last] | [first @ last]) => {
                let range = first.range.start..last.range.end;
                line.hole(range.clone(), file.text.get(range).unwrap_or("_"));
            }
            (_, []) => {}
        }
    }
}

/// The plain texts of tokens, in order.
pub fn plain_texts(tokens: &[Token]) -> Vec<&str> {
    tokens.iter().filter_map(|t| if let TokenKind::Text(l) = &t.kind { l.plain() } else { None }).collect()
}

/// The commands of a body that stand in it as literals, in order: calls of the functions that a runner lists.
pub fn commands(body: &[Token], reader: &Reader, unit: &mut Unit, program: &mut Program) {
    let mut at = 0;
    while at < body.len() {
        if let Some(literal) = body[at].literal().filter(|l| l.command) {
            let mut line = Line::new(reader.file);
            line.shell(literal);
            run(&line, body[at].range.clone(), reader.catalogue, unit, program);
        }
        let call = call_at(body, at).filter(|_| body[at].word().is_some_and(|w| reader.listed(w).is_some()));
        let Some(call) = call else {
            at += 1;
            continue;
        };
        let skip = reader.listed(call.name).unwrap_or(0);
        let args: Vec<&[Token]> = call.args.iter().skip(skip).copied().filter(|a| !by_keyword(a)).collect();
        let mut line = Line::new(reader.file);
        match args.as_slice() {
            [[one]] if !reader.runner.words_only => one.literal().into_iter().for_each(|l| line.shell(l)),
            args => words(&mut line, reader.file, args),
        }
        run(&line, call.range.clone(), reader.catalogue, unit, program);
        at = call.end.max(at + 1);
    }
}

/// Whether an argument is given by its name: `pty=True`, `verbose: false`.
fn by_keyword(arg: &[Token]) -> bool {
    let [name, sign, ..] = arg else { return false };
    name.word().is_some() && (sign.is('=') || sign.is(':'))
}

/// What reads the tasks of one file.
pub struct Reader<'a> {
    /// The file.
    pub file: &'a SourceFile,
    /// The tables.
    pub catalogue: &'a Catalogue,
    /// What is known of the runner.
    pub runner: &'a Runner,
}

impl Reader<'_> {
    /// How many arguments stand before the command in a call of a function that runs one.
    fn listed(&self, name: &str) -> Option<usize> {
        self.runner.calls.iter().find(|(pattern, _)| glob(pattern, name)).map(|(_, skip)| *skip)
    }

    /// A call of another task.
    pub fn call(&self, name: &str, range: Range<usize>) -> Item {
        let span = Span::new(self.file.id, range.start, range.end);
        let words: Vec<&str> = self.runner.call.iter().map(String::as_str).chain([name]).collect();
        self.command(&words, span)
    }

    /// A command of these words.
    pub fn command(&self, words: &[&str], span: Span) -> Item {
        Item::Command(Box::new(Command::plain(
            words.iter().map(|w| Expr::lit(*w)).collect(),
            vec![span; words.len()],
            span,
            words.join(" "),
        )))
    }
}
