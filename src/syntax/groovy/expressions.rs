//! Expressions by the strength of their operators (<https://groovy-lang.org/operators.html#_operator_precedence>).

use super::lexer::Kind;
use super::parser::Parser;
use super::types::BETWEEN;
use super::{Assignment, Closure, Expr, ExprKind, Operator};

/// What an operator between operands does.
enum Between {
    Assign(Assignment),
    Ternary,
    Elvis,
    Type(bool),
    Binary(Operator),
}

/// Operators that may begin a line.
const BEGIN_LINES: &[&str] = &["&&", "||", "?", "?:", "==", "!=", "=~", "==~"];

impl Parser<'_> {
    /// An expression that may be a call without parentheses.
    pub(super) fn full_expression(&mut self) -> Expr {
        self.command = true;
        let out = self.expression(0);
        self.command = false;
        out
    }

    /// An expression whose operators are at least this strong.
    pub(super) fn expression(&mut self, least: u8) -> Expr {
        let start = self.peek().start;
        self.deeper(|p| p.operators(least)).unwrap_or_else(|| self.node(ExprKind::Unreadable, self.since(start)))
    }

    fn operators(&mut self, least: u8) -> Expr {
        let start = self.peek().start;
        let mut left = self.operand();
        while let Some((between, strength, tokens)) = self.operator() {
            let set =
                matches!(between, Between::Assign(_)) && matches!(left.kind, ExprKind::Unreadable | ExprKind::Assign { .. });
            if strength < least || set {
                break;
            }
            for _ in 0..tokens {
                self.advance();
            }
            let kind = match between {
                Between::Assign(how) => {
                    let value = self.full_expression();
                    ExprKind::Assign { target: Box::new(left), how, value: Box::new(value) }
                }
                Between::Ternary => {
                    let yes = self.expression(2);
                    if !self.take(":") {
                        self.fault("`?` without `:`");
                    }
                    let no = self.expression(2);
                    ExprKind::Ternary(Box::new(left), Box::new(yes), Box::new(no))
                }
                Between::Elvis => ExprKind::Elvis(Box::new(left), Box::new(self.expression(3))),
                Between::Type(keeps) => {
                    self.skip_type();
                    if keeps {
                        continue;
                    }
                    ExprKind::Unary(Box::new(left))
                }
                Between::Binary(operator) => ExprKind::Binary(operator, Box::new(left), Box::new(self.expression(strength + 1))),
            };
            let span = self.since(start);
            left = self.node(kind, span);
        }
        left
    }

    /// The operator that stands next: what it does, how strong it is, how many tokens it has.
    fn operator(&self) -> Option<(Between, u8, usize)> {
        let token = self.peek();
        let new_line = token.line_before && self.lines;
        let binary = |operator, strength| Some((Between::Binary(operator), strength, 1));
        match token.kind {
            Kind::Sign(sign) => {
                if new_line && !BEGIN_LINES.contains(&sign) {
                    return None;
                }
                match sign {
                    "=" => Some((Between::Assign(Assignment::Set), 1, 1)),
                    "+=" => Some((Between::Assign(Assignment::Add), 1, 1)),
                    "-=" | "*=" | "/=" | "%=" | "<<=" | ">>=" | ">>>=" | "**=" | "?=" | "|=" | "&=" | "^=" => {
                        Some((Between::Assign(Assignment::Other), 1, 1))
                    }
                    "?" => Some((Between::Ternary, 2, 1)),
                    "?:" => Some((Between::Elvis, 2, 1)),
                    "||" => binary(Operator::Or, 3),
                    "&&" => binary(Operator::And, 4),
                    "|" | "^" | "&" => binary(Operator::Other, 5),
                    "==" | "===" => binary(Operator::Equal, 8),
                    "!=" | "!==" => binary(Operator::NotEqual, 8),
                    "=~" => binary(Operator::Find, 8),
                    "==~" => binary(Operator::Match, 8),
                    "<" | "<=" | ">" | ">=" | "<=>" => binary(Operator::Other, 9),
                    "<<" => binary(Operator::Append, 10),
                    ".." | "..<" => binary(Operator::Other, 10),
                    "+" => binary(Operator::Plus, 11),
                    "-" => binary(Operator::Other, 11),
                    "*" | "/" | "%" => binary(Operator::Other, 12),
                    "**" => binary(Operator::Other, 13),
                    "!" if self.word(1) == "in" => Some((Between::Binary(Operator::NotIn), 9, 2)),
                    "!" if self.word(1) == "instanceof" => Some((Between::Type(false), 9, 2)),
                    _ => None,
                }
            }
            Kind::Word if !new_line => match self.word(0) {
                "in" => binary(Operator::In, 9),
                "instanceof" => Some((Between::Type(false), 9, 1)),
                "as" => Some((Between::Type(true), 14, 1)),
                _ => None,
            },
            _ => None,
        }
    }

    /// An operand with what is in front of it and behind it.
    fn operand(&mut self) -> Expr {
        let command = std::mem::take(&mut self.command);
        let start = self.peek().start;
        if let Kind::Sign(sign @ ("!" | "-" | "+" | "~" | "++" | "--" | "*")) = self.peek().kind {
            self.advance();
            let inner = Box::new(self.expression(14));
            let kind = if sign == "!" { ExprKind::Not(inner) } else { ExprKind::Unary(inner) };
            return self.node(kind, self.since(start));
        }
        let first = self.primary();
        self.behind(first, start, command)
    }

    fn primary(&mut self) -> Expr {
        let token = self.peek();
        let start = token.start;
        let kind = match token.kind {
            Kind::Word if self.word(0) == "new" && self.nth(1).kind == Kind::Word => return self.instance(),
            Kind::Word => {
                self.advance();
                match self.source(token) {
                    "true" => ExprKind::Bool(true),
                    "false" => ExprKind::Bool(false),
                    "null" => ExprKind::Null,
                    name => ExprKind::Name(name.to_owned()),
                }
            }
            Kind::Number => {
                self.advance();
                ExprKind::Number(self.source(token).to_owned())
            }
            Kind::Text(index) => {
                self.advance();
                ExprKind::Text(Box::new(self.quoted(index)))
            }
            Kind::Open(b'(') => return self.in_parentheses(),
            Kind::Open(b'[') => return self.list(),
            Kind::Open(_) => match self.closure() {
                Some(closure) => ExprKind::Closure(closure),
                None => ExprKind::Unreadable,
            },
            Kind::Bad => {
                self.fault("not understood");
                self.advance();
                ExprKind::Unreadable
            }
            Kind::Sign(_) | Kind::Close(_) | Kind::End => {
                self.fault("an expression is missing");
                return self.node(ExprKind::Unreadable, crate::source::Span::new(self.file.id, start, start));
            }
        };
        self.node(kind, self.since(start))
    }

    /// `( … )`; a cast is gone over.
    fn in_parentheses(&mut self) -> Expr {
        let start = self.peek().start;
        self.advance();
        let lines = std::mem::replace(&mut self.lines, false);
        let inner = self.full_expression();
        self.lines = lines;
        self.end_of_parentheses();
        let next = self.peek();
        let casts = matches!(&inner.kind, ExprKind::Name(n) if n.starts_with(char::is_uppercase) || n == "int" || n == "boolean")
            && !next.line_before
            && match next.kind {
                Kind::Word => !BETWEEN.contains(&self.word(0)),
                Kind::Text(_) | Kind::Number | Kind::Open(b'(' | b'[') => true,
                _ => false,
            };
        if casts {
            return self.expression(14);
        }
        Expr { span: self.since(start), ..inner }
    }

    /// `[a, b]`, `[a: b]`, `[:]`.
    fn list(&mut self) -> Expr {
        let start = self.peek().start;
        if self.is(1, ":") && self.nth(2).kind == Kind::Close(b']') {
            for _ in 0..3 {
                self.advance();
            }
            return self.node(ExprKind::Map(Vec::new()), self.since(start));
        }
        let entries = self.elements(b']');
        let kind = if entries.iter().any(|e| e.key.is_some()) {
            ExprKind::Map(entries)
        } else {
            ExprKind::List(entries.into_iter().map(|e| e.value).collect())
        };
        self.node(kind, self.since(start))
    }

    /// `new Name(…)`.
    fn instance(&mut self) -> Expr {
        let start = self.peek().start;
        self.advance();
        let name = self.skip_type();
        let args = if self.opens(0, b'(') {
            self.arguments()
        } else {
            if self.opens(0, b'[') {
                self.skip_brackets();
            }
            Vec::new()
        };
        if self.opens(0, b'{') && !self.peek().line_before {
            self.skip_brackets();
        }
        self.node(ExprKind::New { name, args }, self.since(start))
    }

    /// `{ … }`, `{ a, b -> … }`; none where it is nested too deep.
    pub(super) fn closure(&mut self) -> Option<Closure> {
        let start = self.peek().start;
        let arrow = self.has_parameters();
        self.deeper(|p| {
            p.advance();
            let mut params = Vec::new();
            while arrow && !p.take("->") {
                let before = p.mark();
                if p.peek().kind == Kind::End {
                    break;
                }
                params.push(p.parameter());
                p.take(",");
                if p.mark() == before {
                    p.advance();
                }
            }
            params.retain(|p| !p.name.is_empty());
            let body = p.inside_braces(false);
            Closure { params, body, span: p.since(start) }
        })
    }

    /// Whether the `{` that stands next begins with parameters and `->`.
    pub(super) fn has_parameters(&self) -> bool {
        for ahead in 1..60 {
            match self.nth(ahead).kind {
                Kind::Sign("->") => return true,
                Kind::Word
                | Kind::Number
                | Kind::Text(_)
                | Kind::Open(b'[' | b'(')
                | Kind::Close(b']' | b')')
                | Kind::Sign("," | "=" | "." | "<" | ">" | ">>" | "?" | "..." | "@" | ":") => {}
                _ => return false,
            }
            if ahead > 1 && self.nth(ahead).line_before && !self.is(ahead - 1, ",") {
                return false;
            }
        }
        false
    }
}
