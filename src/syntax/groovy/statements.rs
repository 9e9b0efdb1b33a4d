//! Statements by their keywords.

use super::lexer::Kind;
use super::parser::Parser;
use super::{Call, Case, Expr, ExprKind, Statement, StatementKind};

impl Parser<'_> {
    /// One statement with the annotations in front of it.
    pub(super) fn statement(&mut self) -> Statement {
        let start = self.peek().start;
        let annotations = self.annotations();
        let mut statement = self.plain_statement();
        if !annotations.is_empty() {
            statement.span = self.since(start);
            statement.annotations = annotations;
        }
        statement
    }

    /// `@Name(…)`, any number of them.
    pub(super) fn annotations(&mut self) -> Vec<Call> {
        let mut out = Vec::new();
        while self.is(0, "@") && self.nth(1).kind == Kind::Word && self.word(1) != "interface" {
            let start = self.peek().start;
            self.advance();
            let token = self.advance();
            let mut name = self.source(token).to_owned();
            while self.is(0, ".") && self.nth(1).kind == Kind::Word {
                self.advance();
                let token = self.advance();
                self.source(token).clone_into(&mut name);
            }
            let name_span = self.since(token.start);
            let args = if self.opens(0, b'(') && !self.peek().line_before { self.arguments() } else { Vec::new() };
            out.push(Call { receiver: None, name, name_span, args, head: self.since(start) });
        }
        out
    }

    fn plain_statement(&mut self) -> Statement {
        let start = self.peek().start;
        let kind = match self.word(0) {
            "if" if self.opens(1, b'(') => self.choice(),
            "for" if self.opens(1, b'(') => self.counted(),
            "while" if self.opens(1, b'(') => {
                self.advance();
                let condition = self.parenthesised();
                StatementKind::While { condition, body: self.body() }
            }
            "do" if self.opens(1, b'{') => self.do_while(),
            "switch" if self.opens(1, b'(') => self.switch(),
            "try" if self.opens(1, b'{') || self.opens(1, b'(') => self.attempt(),
            "return" => {
                self.advance();
                StatementKind::Return(self.operand_of_keyword())
            }
            "throw" => {
                self.advance();
                StatementKind::Throw(self.operand_of_keyword())
            }
            "assert" => {
                self.advance();
                let condition = self.expression(0);
                if self.take(":") {
                    self.expression(0);
                }
                StatementKind::Expr(condition)
            }
            "break" | "continue" => {
                self.advance();
                if self.peek().kind == Kind::Word && !self.peek().line_before {
                    self.advance();
                }
                StatementKind::Jump
            }
            "import" | "package" => self.import(),
            "synchronized" if self.opens(1, b'(') => {
                self.advance();
                self.skip_brackets();
                StatementKind::Block(self.body())
            }
            _ if self.opens(0, b'{') && !self.has_parameters() => StatementKind::Block(self.block()),
            _ => return self.other_statement(start),
        };
        self.made(kind, start)
    }

    /// A declaration, a label, an expression.
    fn other_statement(&mut self, start: usize) -> Statement {
        if let Some(kind) = self.declaration() {
            return self.made(kind, start);
        }
        if self.peek().kind == Kind::Word && self.is(1, ":") && !self.nth(1).space_before {
            self.advance();
            self.advance();
            let kind = self.deeper(Self::plain_statement).map_or(StatementKind::Unreadable, |s| s.kind);
            return self.made(kind, start);
        }
        let expr = self.full_expression();
        let kind = if matches!(expr.kind, ExprKind::Unreadable) { StatementKind::Unreadable } else { StatementKind::Expr(expr) };
        self.made(kind, start)
    }

    /// What `return` and `throw` give, where something stands on their line.
    fn operand_of_keyword(&mut self) -> Option<Expr> {
        let next = self.peek();
        let ends = next.line_before || matches!(next.kind, Kind::End | Kind::Close(_) | Kind::Sign(";"));
        if ends { None } else { Some(self.full_expression()) }
    }

    fn import(&mut self) -> StatementKind {
        self.advance();
        let start = self.peek().start;
        while !self.peek().line_before && matches!(self.peek().kind, Kind::Word | Kind::Sign("." | "*" | "*.")) {
            self.advance();
        }
        StatementKind::Import(self.file.text.get(start..self.last_end().max(start)).unwrap_or("").to_owned())
    }

    /// `( condition )`.
    fn parenthesised(&mut self) -> Expr {
        self.advance();
        let lines = std::mem::replace(&mut self.lines, false);
        let condition = self.expression(0);
        self.lines = lines;
        self.end_of_parentheses();
        condition
    }

    /// Go over what is left up to `)`.
    pub(super) fn end_of_parentheses(&mut self) {
        if self.peek().kind == Kind::Close(b')') {
            self.advance();
            return;
        }
        self.fault("a parenthesis that is not closed");
        loop {
            match self.peek().kind {
                Kind::Close(b')') => {
                    self.advance();
                    return;
                }
                Kind::End | Kind::Close(_) | Kind::Open(b'{') => return,
                Kind::Open(_) => self.skip_brackets(),
                _ if self.peek().line_before => return,
                _ => {
                    self.advance();
                }
            }
        }
    }

    /// A block, or one statement.
    fn body(&mut self) -> Vec<Statement> {
        if self.opens(0, b'{') {
            return self.block();
        }
        if matches!(self.peek().kind, Kind::End | Kind::Close(_)) || self.take(";") {
            return Vec::new();
        }
        self.deeper(Self::statement).into_iter().collect()
    }

    fn choice(&mut self) -> StatementKind {
        let mut arms = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            self.advance();
            let condition = self.parenthesised();
            arms.push((condition, self.body()));
            let semicolon = usize::from(self.is(0, ";"));
            if self.word(semicolon) != "else" {
                break;
            }
            for _ in 0..=semicolon {
                self.advance();
            }
            if self.word(0) == "if" && self.opens(1, b'(') {
                continue;
            }
            otherwise = self.body();
            break;
        }
        StatementKind::If { arms, otherwise }
    }

    fn counted(&mut self) -> StatementKind {
        self.advance();
        // `for (def x in y)`, `for (String x : y)`: the word before `in` or `:` is the variable.
        let mut ahead = 1;
        let mut variable = None;
        while ahead < 16 {
            match self.nth(ahead).kind {
                Kind::Word if self.word(ahead) == "in" && ahead > 1 => break,
                Kind::Sign(":") => break,
                Kind::Word => variable = Some(self.word(ahead).to_owned()),
                Kind::Sign("<" | ">" | "," | "." | "?") | Kind::Open(b'[') | Kind::Close(b']') => {}
                _ => ahead = 16,
            }
            ahead += 1;
        }
        if ahead >= 16 {
            self.skip_brackets();
            return StatementKind::For { variable: None, values: None, body: self.body() };
        }
        for _ in 0..=ahead {
            self.advance();
        }
        let lines = std::mem::replace(&mut self.lines, false);
        let values = self.expression(0);
        self.lines = lines;
        self.end_of_parentheses();
        StatementKind::For { variable, values: Some(values), body: self.body() }
    }

    fn do_while(&mut self) -> StatementKind {
        self.advance();
        let body = self.block();
        let condition = if self.word(0) == "while" && self.opens(1, b'(') {
            self.advance();
            self.parenthesised()
        } else {
            self.node(ExprKind::Unreadable, self.since(self.peek().start))
        };
        StatementKind::While { condition, body }
    }

    /// Whether a `case` begins here.
    pub(super) fn begins_case(&self) -> bool {
        self.word(0) == "case" || (self.word(0) == "default" && (self.is(1, ":") || self.is(1, "->")))
    }

    fn switch(&mut self) -> StatementKind {
        self.advance();
        let subject = self.parenthesised();
        let mut cases = Vec::new();
        if self.opens(0, b'{') {
            self.deeper(|p| {
                p.advance();
                p.cases(&mut cases);
                p.close(b'}');
            });
        }
        StatementKind::Switch { subject, cases }
    }

    fn cases(&mut self, cases: &mut Vec<Case>) {
        while !matches!(self.peek().kind, Kind::End | Kind::Close(b'}')) {
            if !self.begins_case() {
                self.fault("not understood");
                self.advance();
                continue;
            }
            let word = self.advance();
            let value = (self.source(word) == "case").then(|| self.expression(0));
            if !self.take(":") {
                self.take("->");
            }
            let body = self.inside_braces(true);
            cases.push(Case { value, body });
        }
    }

    fn attempt(&mut self) -> StatementKind {
        self.advance();
        if self.opens(0, b'(') {
            self.skip_brackets();
        }
        let body = if self.opens(0, b'{') { self.block() } else { Vec::new() };
        let mut catches = Vec::new();
        while self.word(0) == "catch" && self.opens(1, b'(') {
            self.advance();
            self.skip_brackets();
            catches.push(if self.opens(0, b'{') { self.block() } else { Vec::new() });
        }
        let mut finally = Vec::new();
        if self.word(0) == "finally" && self.opens(1, b'{') {
            self.advance();
            finally = self.block();
        }
        StatementKind::Try { body, catches, finally }
    }
}
