//! Expressions: <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions>.

use super::operand::{Operand, compare, function, named, select};
use crate::frontends::pipelines::texts::{quoted, word};
use crate::frontends::scripts::shell::{Masked, filled};
use crate::model::{Expr, Test};
use crate::syntax::mask::mask;
use serde_json::Value as Json;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 60;

/// A condition (`if:`): an expression with or without `${{ }}`. Text around `${{ }}` makes it a text, which is true.
pub(super) fn condition(text: &str) -> Result<Expr, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(Expr::always());
    }
    if trimmed.contains("${{") { Ok(template(trimmed)) } else { expression(trimmed) }
}

/// The expressions `${{ }}` of a text; what cannot be read is unknown.
pub(super) fn masks(text: &str) -> Vec<Masked> {
    let (_, masks) = mask(text, "${{", "}}");
    let read = |text: String| expression(&text).unwrap_or(Expr::Unknown(text));
    masks.into_iter().map(|m| Masked { range: m.range, expr: read(m.expression) }).collect()
}

/// A text that may hold `${{ }}`.
pub(super) fn template(text: &str) -> Expr {
    filled(text, masks(text))
}

/// The expression between `${{` and `}}`.
pub(super) fn expression(text: &str) -> Result<Expr, String> {
    operand(text).map(Operand::into_expr)
}

/// The list or mapping that a text is which consists of one `${{ fromJSON('…') }}`.
pub(super) fn json(text: &str) -> Option<Json> {
    let (_, masks) = mask(text.trim(), "${{", "}}");
    let [only] = masks.as_slice() else { return None };
    match operand(&only.expression) {
        Ok(Operand::Json(value)) if only.range == (0..text.trim().len()) => Some(value),
        _ => None,
    }
}

fn operand(text: &str) -> Result<Operand, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let out = parser.or()?;
    match parser.peek() {
        None => Ok(out),
        Some(token) => Err(format!("`{token}` is not expected here")),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Word(String),
    Sign(&'static str),
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(t) | Self::Word(t) => f.write_str(t),
            Self::Sign(s) => f.write_str(s),
        }
    }
}

const SIGNS: &[&str] = &["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", ".", "*"];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            let (value, len) = quoted(rest).ok_or("a text is not closed")?;
            out.push(Token::Text(value));
            rest = &rest[len..];
        } else if let Some(end) = word(rest) {
            out.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            let sign = SIGNS.iter().find(|s| rest.starts_with(**s)).ok_or_else(|| format!("`{c}` is not expected here"))?;
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        }
        rest = rest.trim_start();
    }
    Ok(out)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

type Parsed = Result<Operand, String>;

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("`{sign}` is missing")) }
    }

    fn or(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("it nests too deep".to_owned());
        }
        let out = self.chain("||", Self::and, Expr::Or);
        self.depth -= 1;
        out
    }

    fn and(&mut self) -> Parsed {
        self.chain("&&", Self::equality, Expr::And)
    }

    fn chain(&mut self, sign: &str, next: fn(&mut Self) -> Parsed, make: fn(Vec<Expr>) -> Expr) -> Parsed {
        let first = next(self)?;
        if !matches!(self.peek(), Some(Token::Sign(s)) if *s == sign) {
            return Ok(first);
        }
        let mut all = vec![first.into_expr()];
        while self.take(sign) {
            all.push(next(self)?.into_expr());
        }
        Ok(Operand::Expr(make(all)))
    }

    fn equality(&mut self) -> Parsed {
        let mut left = self.relation()?;
        loop {
            let negate = if self.take("==") {
                false
            } else if self.take("!=") {
                true
            } else {
                return Ok(left);
            };
            let right = self.relation()?.into_expr();
            let equal = compare(Test::Equals, left.into_expr(), right);
            left = Operand::Expr(if negate { Expr::Not(Box::new(equal)) } else { equal });
        }
    }

    fn relation(&mut self) -> Parsed {
        let mut left = self.unary()?;
        while let Some(sign) = ["<=", ">=", "<", ">"].into_iter().find(|s| self.take(s)) {
            self.unary()?;
            left = Operand::Expr(Expr::Unknown(format!("a comparison by {sign}")));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let mut negations = 0_usize;
        while self.take("!") {
            negations += 1;
        }
        let inner = self.postfix()?;
        if negations == 0 {
            return Ok(inner);
        }
        let inner = inner.into_expr();
        let inner = if negations.is_multiple_of(2) { Expr::Not(Box::new(inner)) } else { inner };
        Ok(Operand::Expr(Expr::Not(Box::new(inner))))
    }

    fn postfix(&mut self) -> Parsed {
        let token = self.peek().cloned().ok_or("it ends too early")?;
        self.at += 1;
        let base = match token {
            Token::Text(text) => Operand::Expr(Expr::Lit(text)),
            Token::Word(word) if self.take("(") => self.call(&word)?,
            Token::Word(word) => match word.as_str() {
                "true" | "false" => Operand::Expr(Expr::Lit(word)),
                "null" | "NaN" => Operand::Expr(Expr::lit("")),
                w if !w.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => Operand::Expr(Expr::Lit(word)),
                _ => return self.path(word),
            },
            Token::Sign("(") => {
                let inner = self.or()?;
                self.expect(")")?;
                inner
            }
            token @ Token::Sign(_) => return Err(format!("`{token}` is not expected here")),
        };
        self.index(base)
    }

    /// `github.event.inputs['x']`: a name, unknown where an index is none.
    fn path(&mut self, root: String) -> Parsed {
        let mut path = vec![root];
        let mut opaque = false;
        loop {
            if self.take(".") {
                match self.peek().cloned() {
                    Some(Token::Word(word)) => {
                        self.at += 1;
                        path.push(word);
                    }
                    _ if self.take("*") => opaque = true,
                    _ => return Err("a name is missing after `.`".to_owned()),
                }
            } else if self.take("[") {
                match self.bracket()? {
                    Some(Expr::Lit(name)) => path.push(name),
                    _ => opaque = true,
                }
            } else {
                let name = path.join(".");
                return Ok(Operand::Expr(if opaque { Expr::Unknown(name) } else { named(&path) }));
            }
        }
    }

    /// What stands in `[…]`; nothing for `*`.
    fn bracket(&mut self) -> Result<Option<Expr>, String> {
        let inner = if self.take("*") { None } else { Some(self.or()?.into_expr()) };
        self.expect("]")?;
        Ok(inner)
    }

    /// `fromJSON('{"main": "prod"}')[github.ref_name]`.
    fn index(&mut self, mut base: Operand) -> Parsed {
        loop {
            let key = if self.take("[") {
                self.bracket()?
            } else if self.take(".") {
                match self.peek().cloned() {
                    Some(Token::Word(word)) => {
                        self.at += 1;
                        Some(Expr::Lit(word))
                    }
                    _ if self.take("*") => None,
                    _ => return Err("a name is missing after `.`".to_owned()),
                }
            } else {
                return Ok(base);
            };
            base = match (base, key) {
                (Operand::Json(value), Some(key)) => select(&value, key),
                _ => Operand::Expr(Expr::Unknown("an index".to_owned())),
            };
        }
    }

    fn call(&mut self, name: &str) -> Parsed {
        let mut arguments = Vec::new();
        while !self.take(")") {
            arguments.push(self.or()?);
            if !self.take(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(function(name, arguments))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::frontends::pipelines::runs::REF;
    use crate::model::{Scope, Truth, Value};

    fn scope(pairs: &[(&str, &str)]) -> Scope {
        let mut scope = Scope::default();
        for (name, value) in pairs {
            scope.set(*name, Value::text(*value));
        }
        scope
    }

    #[test]
    fn and_binds_closer_than_or_and_chooses() {
        let choice = template("${{ github.ref == 'refs/heads/main' && 'prod' || 'dev' }}");
        assert_eq!(choice.eval(&scope(&[(REF, "branch"), ("github.ref_name", "main")])), Value::text("prod"));
        assert_eq!(choice.eval(&scope(&[(REF, "tag"), ("github.ref_name", "main")])), Value::text("dev"));
        let or = condition("a.b == 'x' || env.Y == '1' && !inputs.z").unwrap();
        assert_eq!(or.truth(&scope(&[("env.Y", "1"), ("input.z", "")])), Truth::True);
    }

    #[test]
    fn a_branch_that_is_only_known_not_to_be_trunk_decides_full_refs() {
        let mut known = scope(&[(REF, "branch")]);
        known.set("github.ref_name", Value::Other(vec!["main".to_owned()]));
        let truth = |text: &str| condition(text).unwrap().truth(&known);
        assert_eq!(truth("github.ref == 'refs/heads/main'"), Truth::False);
        assert_eq!(truth("'refs/heads/main' != github.ref"), Truth::True);
        assert_eq!(truth("startsWith(github.ref, 'refs/tags/v')"), Truth::False);
        assert_eq!(truth("contains(github.ref, 'refs/heads/')"), Truth::True);
        assert_eq!(truth("startsWith(github.ref, 'refs/heads/release/')"), Truth::Unknown);
    }

    #[test]
    fn names_are_those_of_the_model() {
        let name = |text: &str| expression(text).unwrap();
        assert_eq!(name("github.event.inputs.Env"), Expr::Var("input.Env".into()));
        assert_eq!(name("inputs['my-env']"), Expr::Var("input.my-env".into()));
        assert_eq!(name("GitHub.Event_Name"), Expr::Var("github.event_name".into()));
        assert_eq!(name("needs.a-b.outputs.c"), Expr::Var("needs.a-b.outputs.c".into()));
        assert_eq!(name("jobs.a.outputs.c"), Expr::Var("needs.a.outputs.c".into()));
        assert!(matches!(name("secrets.X"), Expr::Unknown(_)));
        assert!(matches!(name("github.event.pull_request.labels.*.name"), Expr::Unknown(_)));
    }

    #[test]
    fn functions_are_translated() {
        let empty = Scope::default();
        let value = |text: &str| expression(text).unwrap().eval(&empty);
        assert_eq!(value("format('{0}-{{x}}-{1}', 'a', 'it''s')"), Value::text("a-{x}-it's"));
        assert_eq!(value("join(fromJSON('[\"a\", 1]'), '+')"), Value::text("a+1"));
        assert_eq!(value("contains(fromJSON('[\"a\", \"b\"]'), 'B')"), Value::text("true"));
        assert_eq!(value("fromJSON('{\"a\": {\"b\": \"c\"}}').a.b"), Value::text("c"));
        assert_eq!(value("case(false, 'a', true, 'b', 'c')"), Value::text("b"));
        assert_eq!(expression("always() && !cancelled()").unwrap().truth(&empty), Truth::True);
        let map = expression("fromJSON('{\"main\": \"prod\", \"dev\": \"test\"}')[github.ref_name]").unwrap();
        assert_eq!(map.eval(&scope(&[("github.ref_name", "main")])), Value::text("prod"));
        assert_eq!(json(" ${{ fromJSON('[1, 2]') }} ").unwrap(), serde_json::json!([1, 2]));
    }

    #[test]
    fn text_around_an_expression_makes_a_condition_true() {
        assert_eq!(condition("${{ false }} && x").unwrap().truth(&Scope::default()), Truth::True);
        assert_eq!(condition("${{ false }}").unwrap().truth(&Scope::default()), Truth::False);
    }

    #[test]
    fn what_cannot_be_read_is_refused_without_panic() {
        for text in ["a ==", "(a", "'x", "a..b", "f(,)", "a b", "é", "x[", &"(".repeat(5000), &"!".repeat(5000)] {
            assert!(expression(text).is_err(), "{text}");
        }
        assert_eq!(template("a ${{ 'x }} b"), Expr::concat(vec![Expr::lit("a "), Expr::Unknown("'x".into()), Expr::lit(" b")]));
    }
}
