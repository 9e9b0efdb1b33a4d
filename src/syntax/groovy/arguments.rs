//! What stands behind an operand: properties, indices, arguments with and without parentheses, closures.

use super::lexer::Kind;
use super::parser::Parser;
use super::types::BETWEEN;
use super::{Arg, Call, Expr, ExprKind, Quoted};
use crate::source::{Span, Text};

impl Parser<'_> {
    /// Read what stands behind an operand that began at a byte; `command`: arguments may follow it without parentheses.
    pub(super) fn behind(&mut self, first: Expr, start: usize, command: bool) -> Expr {
        let mut left = first;
        loop {
            let token = self.peek();
            let new_line = token.line_before && self.lines;
            left = match token.kind {
                Kind::Sign("." | "?." | "*." | ".&" | ".@") => self.member(left, start),
                Kind::Open(b'(') if !token.line_before => {
                    let args = self.arguments();
                    self.called(left, args, start)
                }
                Kind::Open(b'[') if !(token.line_before || command && self.begins_list_argument(&left)) => {
                    let index = self.elements(b']').into_iter().map(|a| a.value).collect();
                    self.node(ExprKind::Index { of: Box::new(left), index }, self.since(start))
                }
                Kind::Open(b'{') if (!new_line || command) && takes_closure(&left, token.line_before) => {
                    self.with_closure(left, start)
                }
                Kind::Sign("++" | "--") if !token.line_before => {
                    self.advance();
                    self.node(ExprKind::Unary(Box::new(left)), self.since(start))
                }
                _ if command && self.begins_argument(&left) => self.without_parentheses(left, start),
                _ => return left,
            };
        }
    }

    /// `.name`, `.'name'`, `.(computed)`.
    fn member(&mut self, of: Expr, start: usize) -> Expr {
        self.advance();
        let token = self.peek();
        let name = match token.kind {
            Kind::Word => {
                self.advance();
                self.source(token).to_owned()
            }
            Kind::Text(index) => {
                self.advance();
                let quoted = self.quoted(index);
                quoted.plain().unwrap_or("").to_owned()
            }
            Kind::Open(b'(') => {
                self.skip_brackets();
                String::new()
            }
            _ => {
                self.fault("a name is missing");
                String::new()
            }
        };
        self.node(ExprKind::Property { of: Box::new(of), name }, self.since(start))
    }

    /// A call of what was read, with these arguments.
    fn called(&mut self, what: Expr, args: Vec<Arg>, start: usize) -> Expr {
        let head = self.since(start);
        let name_of = |span: Span, name: &str| Span { start: span.end.saturating_sub(name.len() as u32), ..span };
        let call = match what.kind {
            ExprKind::Name(name) => Call { receiver: None, name, name_span: what.span, args, head },
            ExprKind::Property { of, name } => {
                let name_span = name_of(what.span, &name);
                Call { receiver: Some(of), name, name_span, args, head }
            }
            _ => {
                let name_span = Span { start: what.span.end, ..what.span };
                Call { receiver: Some(Box::new(what)), name: "call".to_owned(), name_span, args, head }
            }
        };
        self.node(ExprKind::Call(Box::new(call)), head)
    }

    /// Put the closure that stands next behind the arguments.
    fn with_closure(&mut self, left: Expr, start: usize) -> Expr {
        let head = left.span;
        let closure = self.closure();
        let span = self.since(start);
        let (left_kind, left) = match left.kind {
            ExprKind::Call(call) => (Some(call), None),
            kind => (None, Some(Expr { kind, ..left })),
        };
        let kind = closure.map_or(ExprKind::Unreadable, ExprKind::Closure);
        let closure_start = span.start.max(head.end);
        let value = self.node(kind, Span { start: closure_start, ..span });
        let value = match &value.kind {
            ExprKind::Closure(c) => Expr { span: c.span, ..value },
            _ => value,
        };
        let arg = Arg { key: None, value };
        match (left_kind, left) {
            (Some(mut call), _) => {
                call.args.push(arg);
                self.node(ExprKind::Call(call), span)
            }
            (None, Some(left)) => {
                let mut expr = self.called(left, vec![arg], start);
                if let ExprKind::Call(call) = &mut expr.kind {
                    call.head = head;
                }
                expr
            }
            (None, None) => self.node(ExprKind::Unreadable, span),
        }
    }

    /// Whether `[` that stands next is an argument: a blank stands before it and a map or a list of strings follows.
    fn begins_list_argument(&self, left: &Expr) -> bool {
        let first = self.nth(1).kind;
        self.peek().space_before
            && matches!(left.kind, ExprKind::Name(_) | ExprKind::Property { .. })
            && (matches!(first, Kind::Text(_) | Kind::Open(_) | Kind::Close(_)) || self.is(2, ":") || self.is(1, ":"))
    }

    /// Whether an argument follows a name on its line.
    fn begins_argument(&self, left: &Expr) -> bool {
        let token = self.peek();
        if token.line_before || !matches!(left.kind, ExprKind::Name(_) | ExprKind::Property { .. }) {
            return false;
        }
        match token.kind {
            Kind::Text(_) => true,
            Kind::Number | Kind::Open(b'[') => token.space_before,
            Kind::Word => token.space_before && !BETWEEN.contains(&self.word(0)) && self.word(0) != "else",
            Kind::Sign("!") => token.space_before && !self.nth(1).space_before,
            _ => false,
        }
    }

    /// `name a, b: c`, and `name a word b`, which calls `word` on the result.
    fn without_parentheses(&mut self, left: Expr, start: usize) -> Expr {
        let mut args = Vec::new();
        loop {
            args.push(self.argument());
            if !self.is(0, ",") {
                break;
            }
            self.advance();
        }
        let expr = self.called(left, args, start);
        let token = self.peek();
        if token.kind == Kind::Word
            && !token.line_before
            && token.space_before
            && !BETWEEN.contains(&self.word(0))
            && self.word(0) != "else"
        {
            self.advance();
            let name = self.source(token).to_owned();
            return self.node(ExprKind::Property { of: Box::new(expr), name }, self.since(start));
        }
        expr
    }

    /// `( … )`.
    pub(super) fn arguments(&mut self) -> Vec<Arg> {
        self.elements(b')')
    }

    /// What stands between brackets, separated by commas, with the brackets.
    pub(super) fn elements(&mut self, close: u8) -> Vec<Arg> {
        self.deeper(|p| {
            p.advance();
            let lines = std::mem::replace(&mut p.lines, false);
            let command = std::mem::replace(&mut p.command, false);
            let out = p.separated(close);
            p.lines = lines;
            p.command = command;
            out
        })
        .unwrap_or_default()
    }

    fn separated(&mut self, close: u8) -> Vec<Arg> {
        let mut out = Vec::new();
        loop {
            match self.peek().kind {
                Kind::Close(b) if b == close => {
                    self.advance();
                    return out;
                }
                Kind::End | Kind::Close(_) => {
                    self.fault("a bracket that is not closed");
                    return out;
                }
                Kind::Sign(",") => {
                    self.advance();
                    continue;
                }
                _ => {}
            }
            let before = self.mark();
            out.push(self.argument());
            let next = self.peek();
            if matches!(next.kind, Kind::Sign(",") | Kind::Close(_) | Kind::End) {
                continue;
            }
            self.fault("a comma or a bracket is missing");
            if next.line_before {
                // The bracket was forgotten: what follows is a statement of its own.
                return out;
            }
            self.skip_to_comma(before);
            if self.peek().line_before {
                return out;
            }
        }
    }

    /// Go on at the next comma, closing bracket or line.
    fn skip_to_comma(&mut self, before: usize) {
        if self.mark() == before {
            self.advance();
        }
        loop {
            match self.peek().kind {
                Kind::Sign(",") | Kind::Close(_) | Kind::End => return,
                _ if self.peek().line_before => return,
                Kind::Open(_) => self.skip_brackets(),
                _ => {
                    self.advance();
                }
            }
        }
    }

    /// `value`, `name: value`, `'name': value`, `(name): value`, `*: map`.
    fn argument(&mut self) -> Arg {
        if self.is(0, "*") && self.is(1, ":") {
            self.advance();
            self.advance();
            return Arg { key: None, value: self.expression(0) };
        }
        let token = self.peek();
        if matches!(token.kind, Kind::Word | Kind::Number) && self.is(1, ":") {
            self.advance();
            self.advance();
            let name = self.source(token).to_owned();
            let text = Text::verbatim(self.file.id, name, token.start);
            let span = Span::new(self.file.id, token.start, token.end);
            let key = self.node(ExprKind::Text(Box::new(Quoted { text, parts: Vec::new() })), span);
            return Arg { key: Some(key), value: self.expression(0) };
        }
        let value = self.expression(0);
        if self.is(0, ":") {
            self.advance();
            return Arg { key: Some(value), value: self.expression(0) };
        }
        Arg { key: None, value }
    }
}

/// Whether a closure that follows belongs to what was read: to a name, or to a call that has none yet.
fn takes_closure(left: &Expr, line_before: bool) -> bool {
    match &left.kind {
        ExprKind::Name(_) | ExprKind::Property { .. } => left.path().is_some() || !line_before,
        ExprKind::Call(call) => !line_before || call.body().is_none(),
        _ => false,
    }
}
