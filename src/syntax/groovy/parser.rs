//! The state of a reading, blocks, and how it goes on after a fault.

use super::lexer::{Kind, Token, Tokens, tokens};
use super::{Expr, ExprKind, Part, Quoted, Script, Statement, StatementKind};
use crate::source::{Diagnostic, Severity, SourceFile, Span, Text};
use std::ops::Range;

/// Deepest nesting of blocks and expressions that is read; what lies deeper is gone over.
const MAX_NESTING: usize = 80;
/// Longest chain of operators, properties and calls on one another.
const MAX_CHAIN: u16 = 200;
/// Deepest nesting of strings in strings.
const MAX_STRINGS: usize = 8;
/// More faults of one file are not told.
const MAX_FAULTS: usize = 20;

/// Read a whole file.
pub(super) fn script(file: &SourceFile) -> Script {
    let mut parser = Parser::new(file, 0..file.text.len(), 0, 0);
    let faults = std::mem::take(&mut parser.tokens.faults);
    for (at, what) in faults {
        parser.fault_at(at, at + 1, what);
    }
    let statements = parser.statements(None, false);
    Script { statements, diagnostics: parser.diagnostics }
}

/// Where a reading stands.
pub(super) struct Parser<'t> {
    pub file: &'t SourceFile,
    tokens: Tokens,
    at: usize,
    /// How deep the present place is.
    nesting: usize,
    /// How many strings it stands in.
    strings: usize,
    /// Whether the end of a line ends a statement here; not so inside of parentheses.
    pub lines: bool,
    /// The next operand may be a call without parentheses.
    pub command: bool,
    diagnostics: Vec<Diagnostic>,
}

impl<'t> Parser<'t> {
    fn new(file: &'t SourceFile, range: Range<usize>, nesting: usize, strings: usize) -> Self {
        let tokens = tokens(&file.text, range.start, range.end);
        Self { file, tokens, at: 0, nesting, strings, lines: true, command: false, diagnostics: Vec::new() }
    }

    /// The next token.
    pub fn peek(&self) -> Token {
        self.nth(0)
    }

    /// The token that stands this far ahead.
    pub fn nth(&self, ahead: usize) -> Token {
        let last = self.tokens.list.len().saturating_sub(1);
        let end = Token { kind: Kind::End, start: 0, end: 0, line_before: true, space_before: false };
        self.tokens.list.get((self.at + ahead).min(last)).copied().unwrap_or(end)
    }

    /// The word that stands this far ahead; empty where something else does.
    pub fn word(&self, ahead: usize) -> &'t str {
        let token = self.nth(ahead);
        if token.kind == Kind::Word { self.source(token) } else { "" }
    }

    /// A token as it is written.
    pub fn source(&self, token: Token) -> &'t str {
        self.file.text.get(token.start..token.end).unwrap_or("")
    }

    /// Whether the sign stands this far ahead.
    pub fn is(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.nth(ahead).kind, Kind::Sign(s) if s == sign)
    }

    /// Whether the bracket opens next.
    pub fn opens(&self, ahead: usize, bracket: u8) -> bool {
        self.nth(ahead).kind == Kind::Open(bracket)
    }

    /// Go over a token.
    pub fn advance(&mut self) -> Token {
        let token = self.peek();
        if token.kind != Kind::End {
            self.at += 1;
        }
        token
    }

    /// Go over the sign, where it stands next.
    pub fn take(&mut self, sign: &str) -> bool {
        let found = self.is(0, sign);
        if found {
            self.at += 1;
        }
        found
    }

    /// Where the reading stands, to come back to it.
    pub fn mark(&self) -> usize {
        self.at
    }

    /// End of the last token that was read.
    pub fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|i| self.tokens.list.get(i)).map_or(0, |t| t.end)
    }

    /// From a byte to the end of the last token that was read.
    pub fn since(&self, start: usize) -> Span {
        Span::new(self.file.id, start, self.last_end())
    }

    fn fault_at(&mut self, start: usize, end: usize, message: &str) {
        if self.diagnostics.len() < MAX_FAULTS {
            let span = Span::new(self.file.id, start, end);
            self.diagnostics.push(Diagnostic { severity: Severity::Warning, span, message: message.to_owned() });
        }
    }

    /// Tell a fault at the next token.
    pub fn fault(&mut self, message: &str) {
        let token = self.peek();
        self.fault_at(token.start, token.end, message);
    }

    /// Do something one level deeper; none where that is too deep, then brackets that open here are gone over.
    pub fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.nesting >= MAX_NESTING {
            self.fault("nested too deep");
            match self.peek().kind {
                Kind::Open(_) => self.skip_brackets(),
                Kind::Close(_) | Kind::End => {}
                _ => {
                    self.advance();
                }
            }
            return None;
        }
        self.nesting += 1;
        let out = read(self);
        self.nesting -= 1;
        Some(out)
    }

    /// Go over a bracket and everything in it.
    pub fn skip_brackets(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.advance().kind {
                Kind::Open(_) => open += 1,
                Kind::Close(_) => open = open.saturating_sub(1),
                Kind::End => return,
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }

    /// `{ … }`.
    pub fn block(&mut self) -> Vec<Statement> {
        self.deeper(|p| {
            p.advance();
            p.inside_braces(false)
        })
        .unwrap_or_default()
    }

    /// What stands up to `}`, and the bracket itself.
    pub fn inside_braces(&mut self, switch: bool) -> Vec<Statement> {
        let outer = std::mem::replace(&mut self.lines, true);
        let command = std::mem::replace(&mut self.command, false);
        let statements = self.statements(Some(b'}'), switch);
        self.lines = outer;
        self.command = command;
        if !switch {
            self.close(b'}');
        }
        statements
    }

    /// Go over a closing bracket, where it stands next.
    pub fn close(&mut self, bracket: u8) {
        if self.peek().kind == Kind::Close(bracket) {
            self.advance();
        } else {
            self.fault("a bracket that is not closed");
        }
    }

    /// Statements up to the closing bracket, which is not read; in a `switch` up to the next `case` too.
    pub fn statements(&mut self, closed_by: Option<u8>, switch: bool) -> Vec<Statement> {
        let mut out = Vec::new();
        loop {
            match self.peek().kind {
                Kind::End => return out,
                Kind::Close(b) if Some(b) == closed_by => return out,
                Kind::Close(_) => {
                    self.fault("a bracket that nothing opens");
                    self.advance();
                    continue;
                }
                Kind::Sign(";") => {
                    self.advance();
                    continue;
                }
                _ => {}
            }
            if switch && self.begins_case() {
                return out;
            }
            let before = self.at;
            let statement = self.statement();
            out.push(statement);
            self.end_of_statement();
            if self.at == before {
                self.advance();
            }
        }
    }

    /// Go over what a statement leaves unread on its line.
    fn end_of_statement(&mut self) {
        let next = self.peek();
        let ended = next.line_before
            || matches!(next.kind, Kind::End | Kind::Close(_) | Kind::Sign(";"))
            || self.at.checked_sub(1).and_then(|i| self.tokens.list.get(i)).is_some_and(|t| t.kind == Kind::Close(b'}'));
        if ended {
            return;
        }
        self.fault("not understood");
        loop {
            let next = self.peek();
            match next.kind {
                Kind::End | Kind::Close(_) | Kind::Sign(";") => return,
                Kind::Open(_) => self.skip_brackets(),
                _ => {
                    self.advance();
                }
            }
            if self.peek().line_before {
                return;
            }
        }
    }

    /// The string with this index, its interpolations read.
    pub fn quoted(&mut self, index: usize) -> Quoted {
        let Some(raw) = self.tokens.strings.get(index).cloned() else {
            return Quoted { text: Text::verbatim(self.file.id, "", 0), parts: Vec::new() };
        };
        let text = Text { file: self.file.id, text: raw.text, map: raw.map };
        let parts = raw.parts.into_iter().map(|(range, source)| Part { range, expr: self.interpolation(source) }).collect();
        Quoted { text, parts }
    }

    fn interpolation(&mut self, source: Range<usize>) -> Expr {
        let span = Span::new(self.file.id, source.start, source.end);
        if self.strings >= MAX_STRINGS {
            return Expr { kind: ExprKind::Unreadable, span, depth: 1 };
        }
        let mut inner = Parser::new(self.file, source, self.nesting, self.strings + 1);
        inner.lines = false;
        inner.take("->");
        if inner.peek().kind == Kind::End {
            return Expr { kind: ExprKind::Null, span, depth: 1 };
        }
        let expr = inner.expression(0);
        if inner.peek().kind == Kind::End { expr } else { Expr { kind: ExprKind::Unreadable, span, depth: 1 } }
    }

    /// An expression; a chain that is too long cannot be read.
    pub fn node(&self, kind: ExprKind, span: Span) -> Expr {
        let depth = kind.depth().saturating_add(1);
        let chain = match &kind {
            ExprKind::Call(call) => call.receiver.is_some(),
            ExprKind::Binary(..)
            | ExprKind::Property { .. }
            | ExprKind::Index { .. }
            | ExprKind::Unary(_)
            | ExprKind::Ternary(..)
            | ExprKind::Elvis(..)
            | ExprKind::Not(_)
            | ExprKind::Assign { .. } => true,
            _ => false,
        };
        if chain && depth > MAX_CHAIN {
            return Expr { kind: ExprKind::Unreadable, span, depth: 1 };
        }
        Expr { kind, span, depth }
    }

    /// A statement from a byte to what was read last.
    pub fn made(&self, kind: StatementKind, start: usize) -> Statement {
        let depth = kind.depth().saturating_add(1);
        Statement { kind, span: self.since(start), annotations: Vec::new(), depth }
    }
}

fn deepest(statements: &[Statement]) -> u16 {
    statements.iter().map(|s| s.depth).max().unwrap_or(0)
}

impl StatementKind {
    /// How deep the trees below it are.
    fn depth(&self) -> u16 {
        let of = |e: &Option<Expr>| e.as_ref().map_or(0, |e| e.depth);
        match self {
            Self::Expr(e) => e.depth,
            Self::Declare { value, .. } => of(value),
            Self::If { arms, otherwise } => {
                arms.iter().map(|(e, body)| e.depth.max(deepest(body))).max().unwrap_or(0).max(deepest(otherwise))
            }
            Self::For { values, body, .. } => of(values).max(deepest(body)),
            Self::While { condition, body } => condition.depth.max(deepest(body)),
            Self::Switch { subject, cases } => {
                cases.iter().map(|c| of(&c.value).max(deepest(&c.body))).max().unwrap_or(0).max(subject.depth)
            }
            Self::Try { body, catches, finally } => {
                catches.iter().map(|c| deepest(c)).max().unwrap_or(0).max(deepest(body)).max(deepest(finally))
            }
            Self::Return(e) | Self::Throw(e) => of(e),
            Self::Method(method) => method.params.iter().map(|p| of(&p.default)).max().unwrap_or(0).max(deepest(&method.body)),
            Self::Class { body, .. } | Self::Block(body) => deepest(body),
            Self::Jump | Self::Import(_) | Self::Unreadable => 0,
        }
    }
}

impl ExprKind {
    /// How deep the trees below it are.
    fn depth(&self) -> u16 {
        let args = |args: &[super::Arg]| {
            args.iter().map(|a| a.value.depth.max(a.key.as_ref().map_or(0, |k| k.depth))).max().unwrap_or(0)
        };
        let list = |all: &[Expr]| all.iter().map(|e| e.depth).max().unwrap_or(0);
        match self {
            Self::Text(quoted) => quoted.parts.iter().map(|p| p.expr.depth).max().unwrap_or(0),
            Self::Property { of, .. } => of.depth,
            Self::Index { of, index } => of.depth.max(list(index)),
            Self::Call(call) => args(&call.args).max(call.receiver.as_ref().map_or(0, |r| r.depth)),
            Self::New { args: all, .. } | Self::Map(all) => args(all),
            Self::List(all) => list(all),
            Self::Closure(closure) => {
                let defaults = closure.params.iter().filter_map(|p| p.default.as_ref()).map(|e| e.depth).max();
                deepest(&closure.body).max(defaults.unwrap_or(0))
            }
            Self::Not(e) | Self::Unary(e) => e.depth,
            Self::Binary(_, a, b) | Self::Elvis(a, b) | Self::Assign { target: a, value: b, .. } => a.depth.max(b.depth),
            Self::Ternary(a, b, c) => a.depth.max(b.depth).max(c.depth),
            Self::Number(_) | Self::Bool(_) | Self::Null | Self::Name(_) | Self::Unreadable => 0,
        }
    }
}
