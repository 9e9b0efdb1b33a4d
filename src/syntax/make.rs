//! A tolerant reader of makefiles (<https://www.gnu.org/software/make/manual/make.html>): rules with their recipes,
//! variables, includes and conditionals, of which every branch is read. Nothing is expanded and no line is a fault.

mod lines;
mod references;

use crate::source::SourceFile;
use lines::{Logical, logical_lines};
pub use references::{Part, Reference, parts, words};
use std::ops::Range;

/// What a makefile says, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Makefile {
    /// Rules, variables and includes.
    pub statements: Vec<Statement>,
    /// `.ONESHELL`: a recipe is one shell script.
    pub one_shell: bool,
}

/// One statement with the conditionals around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is.
    pub kind: Kind,
    /// The conditionals it stands in, outermost first.
    pub conditions: Vec<Condition>,
    /// Its own lines; a rule's header without the recipe.
    pub span: Range<usize>,
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `targets: prerequisites` and what follows.
    Rule(Rule),
    /// A variable.
    Variable(Variable),
    /// `include FILES`, `-include FILES`.
    Include(String),
    /// `export NAMES`; no name: all.
    Export(Vec<String>),
}

/// A rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Targets as written.
    pub targets: Vec<String>,
    /// The pattern of a static pattern rule (`targets: pattern: prerequisites`).
    pub pattern: Option<String>,
    /// Prerequisites as written, order-only ones too.
    pub prerequisites: Vec<String>,
    /// `::`: each such rule of a target has a recipe of its own.
    pub double_colon: bool,
    /// Variables for these targets only (`prod: ENV = prod`).
    pub variables: Vec<Variable>,
    /// The recipe.
    pub recipe: Vec<Line>,
}

/// One logical line of a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its bytes without leading blanks and prefix, with its continuation lines.
    pub range: Range<usize>,
    /// `-`: its failure is ignored.
    pub ignored: bool,
    /// The conditionals inside the rule that it stands in.
    pub conditions: Vec<Condition>,
}

/// How a variable is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// `=`, `:=`, `::=`, `define`.
    Set,
    /// `?=`.
    Default,
    /// `+=`.
    Append,
    /// `!=`: the output of a command.
    Shell,
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name as written.
    pub name: String,
    /// How it is set.
    pub how: Assignment,
    /// Its value as written, continuation lines joined.
    pub value: String,
    /// `export NAME = value`.
    pub exported: bool,
}

/// A conditional; `else` branches carry the conditions before them negated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What is asked.
    pub test: Test,
    /// Whether it must not hold.
    pub negated: bool,
}

/// What a conditional asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `ifeq (a,b)`.
    Equal(String, String),
    /// `ifdef NAME`.
    Defined(String),
    /// A conditional that can't be read.
    Unknown,
}

/// At most this many conditionals are kept around each other; deeper ones are read as if they were not there.
const MAX_DEPTH: usize = 32;

/// Read a makefile.
pub fn parse(file: &SourceFile) -> Makefile {
    let mut reader = Reader::default();
    let lines = logical_lines(&file.text);
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if let Some(name) = reader.recipe_or_statement(&file.text, line) {
            at += reader.define(&file.text, line, &name, &lines[at..]);
        }
    }
    reader.out
}

/// One open conditional: the condition of the branch that is read, and those of the branches before it, negated.
#[derive(Debug)]
struct Open {
    before: Vec<Condition>,
    current: Option<Condition>,
}

#[derive(Debug, Default)]
struct Reader {
    out: Makefile,
    open: Vec<Open>,
    /// Index of the rule whose recipe may follow, and how many conditionals were open at its header.
    rule: Option<(usize, usize)>,
    skipped: usize,
}

impl Reader {
    fn conditions(&self, from: usize) -> Vec<Condition> {
        self.open.iter().skip(from).flat_map(|o| o.before.iter().chain(&o.current)).cloned().collect()
    }

    /// Read one logical line. Returns the header's rest where it opens a `define`.
    fn recipe_or_statement(&mut self, text: &str, line: &Logical) -> Option<String> {
        let raw = text.get(line.range.clone()).unwrap_or("");
        if raw.starts_with('\t')
            && let Some((index, depth)) = self.rule
        {
            let conditions = self.conditions(depth);
            if let Some(Statement { kind: Kind::Rule(rule), .. }) = self.out.statements.get_mut(index) {
                rule.recipe.extend(recipe_line(text, line.range.clone(), conditions));
            }
            return None;
        }
        let joined = line.joined(text);
        let trimmed = joined.trim();
        if trimmed.is_empty() {
            return None;
        }
        let (word, rest) = trimmed.split_once(|c: char| c.is_whitespace()).unwrap_or((trimmed, ""));
        let (word, rest) = match trimmed.strip_prefix(word).filter(|_| word.contains('(')) {
            // `ifeq(a,b)` and `else` glued to what follows.
            Some(_) => trimmed.split_at(trimmed.find('(').unwrap_or(trimmed.len())),
            None => (word, rest.trim()),
        };
        match word {
            "ifeq" | "ifneq" | "ifdef" | "ifndef" => self.push(condition(word, rest)),
            "else" => self.otherwise(rest),
            "endif" => {
                if self.skipped > 0 {
                    self.skipped -= 1;
                } else {
                    self.open.pop();
                }
            }
            "include" | "-include" | "sinclude" => {
                self.rule = None;
                self.add(Kind::Include(rest.to_owned()), line.range.clone());
            }
            "define" => return Some(rest.to_owned()),
            "endef" | "undefine" | "vpath" | "unexport" | "load" | "-load" => {}
            _ => self.assignment_or_rule(text, line, trimmed),
        }
        None
    }

    fn push(&mut self, condition: Condition) {
        if self.open.len() >= MAX_DEPTH {
            self.skipped += 1;
        } else {
            self.open.push(Open { before: Vec::new(), current: Some(condition) });
        }
    }

    fn otherwise(&mut self, rest: &str) {
        if self.skipped > 0 {
            return;
        }
        let Some(open) = self.open.last_mut() else { return };
        if let Some(mut current) = open.current.take() {
            current.negated = !current.negated;
            open.before.push(current);
        }
        if let Some((word, rest)) = rest.split_once(|c: char| c.is_whitespace() || c == '(')
            && matches!(word, "ifeq" | "ifneq" | "ifdef" | "ifndef")
        {
            let rest =
                if rest.contains(')') && !rest.trim_start().starts_with('(') { format!("({rest}") } else { rest.to_owned() };
            open.current = Some(condition(word, rest.trim()));
        }
        if open.before.len() > MAX_DEPTH {
            open.before.clear();
        }
    }

    fn add(&mut self, kind: Kind, span: Range<usize>) {
        let conditions = self.conditions(0);
        self.out.statements.push(Statement { kind, conditions, span });
    }

    fn assignment_or_rule(&mut self, text: &str, line: &Logical, joined: &str) {
        let (modifiers, body) = take_modifiers(joined);
        let exported = modifiers.contains(&"export");
        match operator(body) {
            Some(Operator::Assign { at, len, how }) => {
                self.rule = None;
                let variable = variable(body, at, len, how, exported);
                self.add(Kind::Variable(variable), line.range.clone());
            }
            Some(Operator::Colon { at, len }) if !exported => self.rule(text, line, body, at, len),
            _ if exported => {
                self.add(Kind::Export(words(body).into_iter().map(str::to_owned).collect()), line.range.clone());
            }
            _ => {}
        }
    }

    fn rule(&mut self, text: &str, line: &Logical, body: &str, at: usize, len: usize) {
        let head = body[..at].trim_end_matches('&');
        let mut rule = Rule { double_colon: body[at..at + len].contains("::"), ..Rule::default() };
        rule.targets = words(head).into_iter().map(str::to_owned).collect();
        if rule.targets.iter().any(|t| t == ".ONESHELL") {
            self.out.one_shell = true;
        }
        let mut after = &body[at + len..];
        let (modifiers, own) = take_modifiers(after.trim_start());
        if let Some(Operator::Assign { at, len, how }) = operator(own) {
            rule.variables.push(variable(own, at, len, how, modifiers.contains(&"export")));
            after = "";
        }
        let mut header = line.range.clone();
        if let Some(semicolon) = outside(after, |c, _| c == ';') {
            after = &after[..semicolon];
            // The command stands after the first `;` of the header, which no continuation joins.
            let raw = text.get(line.range.clone()).unwrap_or("");
            if let Some(start) = outside(raw, |c, _| c == ';').map(|i| line.range.start + i + 1) {
                rule.recipe.extend(recipe_line(text, start..line.range.end, Vec::new()));
                header.end = line.range.end;
            }
        }
        if let Some(colon) = outside(after, |c, _| c == ':') {
            rule.pattern = Some(after[..colon].trim().to_owned());
            after = &after[colon + 1..];
        }
        rule.prerequisites = words(after).into_iter().filter(|w| *w != "|").map(str::to_owned).collect();
        self.rule = Some((self.out.statements.len(), self.open.len()));
        self.add(Kind::Rule(rule), header);
    }

    /// Read the body of a `define` up to its `endef`; returns how many lines were taken.
    fn define(&mut self, text: &str, header: &Logical, rest: &str, lines: &[Logical]) -> usize {
        let name = rest.trim_end_matches([' ', '=', ':', '?', '+']).trim().to_owned();
        let mut depth = 1;
        let mut value = Vec::new();
        let mut taken = 0;
        let mut end = header.range.end;
        for line in lines {
            taken += 1;
            let joined = line.joined(text);
            let word = joined.split_whitespace().next().unwrap_or("");
            depth += i32::from(word == "define") - i32::from(word == "endef");
            end = line.range.end;
            if depth == 0 {
                break;
            }
            value.push(text.get(line.range.clone()).unwrap_or("").to_owned());
        }
        let variable = Variable { name, how: Assignment::Set, value: value.join("\n"), exported: false };
        self.add(Kind::Variable(variable), header.range.start..end);
        taken
    }
}

fn variable(body: &str, at: usize, len: usize, how: Assignment, exported: bool) -> Variable {
    Variable { name: body[..at].trim().to_owned(), how, value: body[at + len..].trim().to_owned(), exported }
}

/// A recipe line from its bytes: blanks and prefixes taken off; `None` where nothing is left.
fn recipe_line(text: &str, range: Range<usize>, conditions: Vec<Condition>) -> Option<Line> {
    let raw = text.get(range.clone())?;
    let body = raw.trim_start_matches([' ', '\t', '@', '-', '+']);
    let prefix = &raw[..raw.len() - body.len()];
    let start = range.start + prefix.len();
    let end = start + body.trim_end().len();
    (end > start).then(|| Line { range: start..end, ignored: prefix.contains('-'), conditions })
}

/// Leading `export`, `override`, `private`, and the rest.
fn take_modifiers(line: &str) -> (Vec<&str>, &str) {
    let mut rest = line;
    let mut found = Vec::new();
    loop {
        let word = rest.split_whitespace().next().unwrap_or("");
        if !matches!(word, "export" | "override" | "private") {
            return (found, rest);
        }
        let after = rest[word.len()..].trim_start();
        // `export = x` and `export: x` name a variable and a target.
        if after.starts_with(['=', ':', '?', '+']) {
            return (found, rest);
        }
        found.push(word);
        rest = after;
    }
}

enum Operator {
    Assign { at: usize, len: usize, how: Assignment },
    Colon { at: usize, len: usize },
}

/// The operator that decides what a line is: the first `=` or `:` outside of references.
fn operator(line: &str) -> Option<Operator> {
    let at = outside(line, |c, _| c == ':' || c == '=')?;
    let rest = &line[at..];
    if rest.starts_with('=') {
        let (back, how) = match line[..at].chars().next_back() {
            Some('?') => (1, Assignment::Default),
            Some('+') => (1, Assignment::Append),
            Some('!') => (1, Assignment::Shell),
            _ => (0, Assignment::Set),
        };
        return Some(Operator::Assign { at: at - back, len: 1 + back, how });
    }
    let colons = rest.bytes().take_while(|b| *b == b':').count();
    if rest[colons..].starts_with('=') {
        return Some(Operator::Assign { at, len: colons + 1, how: Assignment::Set });
    }
    Some(Operator::Colon { at, len: colons.min(2) })
}

/// Byte index of the first character outside of `$(…)` and `${…}` that the test accepts.
fn outside(line: &str, accept: impl Fn(char, usize) -> bool) -> Option<usize> {
    let mut closers: Vec<char> = Vec::new();
    let mut previous = ' ';
    for (i, c) in line.char_indices() {
        match c {
            '(' if previous == '$' || !closers.is_empty() => closers.push(')'),
            '{' if previous == '$' || !closers.is_empty() => closers.push('}'),
            c if closers.last() == Some(&c) => {
                closers.pop();
            }
            c if closers.is_empty() && previous != '\\' && accept(c, i) => return Some(i),
            _ => {}
        }
        previous = c;
    }
    None
}

fn condition(word: &str, rest: &str) -> Condition {
    let negated = word.starts_with("ifn");
    let test = if word.ends_with("def") {
        Test::Defined(rest.split_whitespace().next().unwrap_or("").to_owned())
    } else {
        sides(rest).map_or(Test::Unknown, |(a, b)| Test::Equal(a, b))
    };
    Condition { test, negated }
}

/// The two sides of `(a,b)`, `"a" "b"`, `'a' 'b'`.
fn sides(rest: &str) -> Option<(String, String)> {
    if let Some(inner) = rest.strip_prefix('(') {
        let inner = inner.trim_end().strip_suffix(')')?;
        let comma = outside(inner, |c, _| c == ',')?;
        return Some((inner[..comma].trim().to_owned(), inner[comma + 1..].trim().to_owned()));
    }
    let (first, rest) = quoted(rest)?;
    let (second, _) = quoted(rest.trim_start())?;
    Some((first.to_owned(), second.to_owned()))
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split_once(quote)
}

#[cfg(test)]
mod tests;
