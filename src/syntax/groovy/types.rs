//! Declarations: variables, methods, classes. A type is only gone over.

use super::lexer::Kind;
use super::parser::Parser;
use super::{Method, Param, StatementKind};

const MODIFIERS: &[&str] = &[
    "def",
    "var",
    "final",
    "static",
    "private",
    "public",
    "protected",
    "abstract",
    "synchronized",
    "transient",
    "volatile",
    "native",
    "strictfp",
];
const PRIMITIVES: &[&str] = &["void", "int", "long", "boolean", "double", "float", "char", "byte", "short"];
/// Words between two operands.
pub(super) const BETWEEN: &[&str] = &["in", "instanceof", "as"];
/// How far a declaration is looked ahead.
const FAR: usize = 400;

impl Parser<'_> {
    /// A variable, method or class, where one is declared here.
    pub(super) fn declaration(&mut self) -> Option<StatementKind> {
        if self.peek().kind != Kind::Word {
            return self.is(0, "@").then(|| self.class(1)).flatten();
        }
        let mut at = 0;
        while MODIFIERS.contains(&self.word(at)) && matches!(self.nth(at + 1).kind, Kind::Word | Kind::Text(_) | Kind::Open(b'('))
        {
            at += 1;
        }
        let modified = at > 0;
        if matches!(self.word(at), "class" | "interface" | "enum" | "trait") && self.nth(at + 1).kind == Kind::Word {
            return self.class(at);
        }
        if modified && self.opens(at, b'(') {
            return self.several(at);
        }
        let typed = self.after_type(at).filter(|i| {
            let name = self.nth(*i);
            let names = matches!(name.kind, Kind::Word) && !BETWEEN.contains(&self.word(*i));
            (names || (modified && matches!(name.kind, Kind::Text(_)))) && !name.line_before
        });
        if !modified && typed.is_none() {
            // A constructor: the type of a parameter and its name stand behind the bracket.
            let constructs = self.word(0).starts_with(char::is_uppercase) && self.opens(1, b'(');
            let parameter = self.after_type(2).is_some_and(|i| self.nth(i).kind == Kind::Word);
            return if constructs && parameter { self.method(0) } else { None };
        }
        let first = self.word(at);
        let sure = modified || PRIMITIVES.contains(&first) || first.starts_with(char::is_uppercase);
        let name = typed.unwrap_or(at);
        if self.opens(name + 1, b'(') {
            return if sure { self.method(name) } else { None };
        }
        if self.nth(name).kind != Kind::Word {
            return None;
        }
        let next = self.nth(name + 1);
        let plain = next.line_before || matches!(next.kind, Kind::Sign(";" | ",") | Kind::Close(_) | Kind::End);
        (self.is(name + 1, "=") || (plain && sure)).then(|| self.variables(name))
    }

    /// The token after a type that begins this far ahead.
    fn after_type(&self, mut at: usize) -> Option<usize> {
        if self.nth(at).kind != Kind::Word {
            return None;
        }
        at += 1;
        while self.is(at, ".") && self.nth(at + 1).kind == Kind::Word {
            at += 2;
        }
        if self.is(at, "<") {
            at = self.after_generics(at)?;
        }
        while self.opens(at, b'[') && self.nth(at + 1).kind == Kind::Close(b']') {
            at += 2;
        }
        if self.is(at, "...") {
            at += 1;
        }
        Some(at)
    }

    fn after_generics(&self, from: usize) -> Option<usize> {
        let mut open = 0_isize;
        for at in from..from + 40 {
            match self.nth(at).kind {
                Kind::Sign("<") => open += 1,
                Kind::Sign("<<") => open += 2,
                Kind::Sign(">") => open -= 1,
                Kind::Sign(">>") => open -= 2,
                Kind::Word | Kind::Sign("," | "." | "?" | "&") | Kind::Open(b'[') | Kind::Close(b']') => {}
                _ => return None,
            }
            if open <= 0 {
                return Some(at + 1);
            }
        }
        None
    }

    /// Go over a type, where one stands.
    pub(super) fn skip_type(&mut self) -> String {
        let start = self.peek().start;
        if let Some(len) = self.after_type(0) {
            for _ in 0..len {
                self.advance();
            }
        }
        self.file.text.get(start..self.last_end().max(start)).unwrap_or("").to_owned()
    }

    /// `def x = 1`, `def a, b = 2`; the first name stands this far ahead.
    fn variables(&mut self, name: usize) -> StatementKind {
        for _ in 0..name {
            self.advance();
        }
        let mut names = Vec::new();
        let mut value = None;
        loop {
            let token = self.advance();
            names.push(self.source(token).to_owned());
            if self.take("=") {
                value = Some(self.full_expression());
            }
            if !(self.is(0, ",") && self.nth(1).kind == Kind::Word) {
                break;
            }
            self.advance();
        }
        if names.len() > 1 {
            value = None;
        }
        StatementKind::Declare { names, value }
    }

    /// `def (a, b) = [1, 2]`.
    fn several(&mut self, open: usize) -> Option<StatementKind> {
        let mut names = Vec::new();
        let mut at = open + 1;
        while at < FAR && self.nth(at).kind != Kind::Close(b')') {
            match self.nth(at).kind {
                Kind::Word if matches!(self.nth(at + 1).kind, Kind::Sign(",") | Kind::Close(b')')) => {
                    names.push(self.word(at).to_owned());
                }
                Kind::Word | Kind::Sign(",") => {}
                _ => return None,
            }
            at += 1;
        }
        if !self.is(at + 1, "=") {
            return None;
        }
        for _ in 0..at + 2 {
            self.advance();
        }
        Some(StatementKind::Declare { names, value: Some(self.full_expression()) })
    }

    /// A method whose name stands this far ahead, where a body follows its parameters.
    fn method(&mut self, name: usize) -> Option<StatementKind> {
        let mut open = 0_usize;
        let mut end = name + 1;
        while end < name + FAR {
            match self.nth(end).kind {
                Kind::Open(_) => open += 1,
                Kind::Close(_) => open = open.saturating_sub(1),
                Kind::End => return None,
                _ => {}
            }
            if open == 0 {
                break;
            }
            end += 1;
        }
        if !(self.opens(end + 1, b'{') || self.word(end + 1) == "throws") {
            return None;
        }
        let start = self.peek().start;
        for _ in 0..name {
            self.advance();
        }
        let token = self.advance();
        let name = match token.kind {
            Kind::Text(index) => self.quoted(index).text.text,
            _ => self.source(token).to_owned(),
        };
        self.advance();
        let lines = std::mem::replace(&mut self.lines, false);
        let mut params = Vec::new();
        while !matches!(self.peek().kind, Kind::Close(_) | Kind::End) {
            params.push(self.parameter());
            if !self.take(",") && self.peek().kind != Kind::Close(b')') {
                self.fault("not understood");
                self.advance();
            }
        }
        self.lines = lines;
        self.advance();
        if self.word(0) == "throws" {
            while matches!(self.peek().kind, Kind::Word | Kind::Sign("." | ",")) {
                self.advance();
            }
        }
        let body = if self.opens(0, b'{') { self.block() } else { Vec::new() };
        Some(StatementKind::Method(Method { name, params, body, span: self.since(start) }))
    }

    /// `x`, `String x = 'y'`, `final Map<String, x> y`.
    pub(super) fn parameter(&mut self) -> Param {
        self.annotations();
        while MODIFIERS.contains(&self.word(0)) && self.nth(1).kind == Kind::Word {
            self.advance();
        }
        if let Some(len) = self.after_type(0)
            && self.nth(len).kind == Kind::Word
        {
            for _ in 0..len {
                self.advance();
            }
        }
        let name = self.word(0).to_owned();
        if self.peek().kind == Kind::Word {
            self.advance();
        }
        let default = self.take("=").then(|| self.expression(0));
        Param { name, default }
    }

    /// A class whose keyword stands this far ahead.
    fn class(&mut self, keyword: usize) -> Option<StatementKind> {
        if !matches!(self.word(keyword), "class" | "interface" | "enum" | "trait") {
            return None;
        }
        let (enumerates, name) = (self.word(keyword) == "enum", self.word(keyword + 1).to_owned());
        let mut end = keyword + 2;
        while end < FAR && matches!(self.nth(end).kind, Kind::Word | Kind::Sign("." | "," | "<" | ">" | ">>" | "?")) {
            end += 1;
        }
        if !self.opens(end, b'{') {
            return None;
        }
        for _ in 0..end {
            self.advance();
        }
        if enumerates {
            self.skip_brackets();
            return Some(StatementKind::Class { name, body: Vec::new() });
        }
        let body = self.block();
        Some(StatementKind::Class { name, body })
    }
}
