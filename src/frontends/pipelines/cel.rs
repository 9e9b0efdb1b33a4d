//! Conditions in the Common Expression Language (<https://github.com/google/cel-spec>), as far as files decide them:
//! comparisons, membership, the functions of strings, `&&`, `||`, `!`. Everything else is unknown.

use super::condition::infix::{Infix, Token, Tokens};
use crate::model::{Expr, Test};

/// The condition that a text is; names are [`Expr::Var`]s as they are written (`body.ref`).
pub fn condition(text: &str) -> Expr {
    Parser(Tokens::new(tokens(text))).whole().unwrap_or_else(|| Expr::Unknown(text.to_owned()))
}

/// The tokens of a text; a text that is not closed goes on to the end, and what is none is a sign that nothing takes.
fn tokens(text: &str) -> Vec<Token<'_>> {
    const SIGNS: &[&str] = &["&&", "||", "==", "!=", "<=", ">=", "!", "(", ")", "[", "]", ",", ".", "?", ":", "<", ">", "+", "-"];
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let len = if first == '"' || first == '\'' {
            let body = &rest[1..];
            let end = body.find(first).unwrap_or(body.len());
            out.push(Token::Text(&body[..end]));
            (end + 2).min(rest.len())
        } else if first == 'r' && rest[1..].starts_with(['"', '\'']) {
            rest = &rest[1..];
            continue;
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            out.push(Token::Word(&rest[..end]));
            end
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            out.push(Token::Sign(sign));
            sign.len()
        } else {
            out.push(Token::Sign("#"));
            first.len_utf8()
        };
        rest = rest[len..].trim_start();
    }
    out
}

/// A list, or one value.
enum Operand {
    One(Expr),
    List(Vec<Expr>),
}

struct Parser<'t>(Tokens<'t>);

impl<'t> Infix<'t> for Parser<'t> {
    fn tokens(&mut self) -> &mut Tokens<'t> {
        &mut self.0
    }

    fn compared(&mut self) -> Option<Expr> {
        let left = self.operand()?;
        let compare = |a: Expr, b: Expr| Expr::Compare(Test::Equals, Box::new(a), Box::new(b));
        if self.eat("==") {
            return match (left, self.operand()?) {
                (Operand::One(a), Operand::One(b)) => Some(compare(a, b)),
                _ => Some(Expr::Unknown("a list".to_owned())),
            };
        }
        if self.eat("!=") {
            return match (left, self.operand()?) {
                (Operand::One(a), Operand::One(b)) => Some(Expr::Not(Box::new(compare(a, b)))),
                _ => Some(Expr::Unknown("a list".to_owned())),
            };
        }
        if self.eat("in") {
            return match (left, self.operand()?) {
                (Operand::One(a), Operand::List(all)) => Some(Expr::Or(all.into_iter().map(|b| compare(a.clone(), b)).collect())),
                _ => Some(Expr::Unknown("a list that is not written out".to_owned())),
            };
        }
        match left {
            Operand::One(expr) => Some(expr),
            Operand::List(_) => None,
        }
    }
}

impl Parser<'_> {
    fn eat(&mut self, sign: &str) -> bool {
        self.0.take(&[sign])
    }

    fn operand(&mut self) -> Option<Operand> {
        if self.eat("[") {
            let mut all = Vec::new();
            while !self.eat("]") {
                all.push(self.or()?);
                if !self.eat(",") && self.0.peek() != Some(Token::Sign("]")) {
                    return None;
                }
            }
            return Some(Operand::List(all));
        }
        if self.eat("(") {
            let inner = self.or()?;
            return self.eat(")").then_some(()).and_then(|()| self.member(inner)).map(Operand::One);
        }
        let value = match self.0.advance()? {
            Token::Text(text) => Expr::lit(text),
            Token::Word(name) if name.starts_with(|c: char| c.is_ascii_digit()) || name == "true" || name == "false" => {
                Expr::lit(name)
            }
            Token::Word(name) if self.0.peek() == Some(Token::Sign("(")) => {
                self.arguments()?;
                Expr::Unknown(format!("{name}()"))
            }
            Token::Word(name) => Expr::Var(name.to_owned()),
            Token::Sign(_) => return None,
        };
        self.member(value).map(Operand::One)
    }

    /// Members, indices and methods of a value.
    fn member(&mut self, mut value: Expr) -> Option<Expr> {
        loop {
            if self.eat(".") {
                let Token::Word(name) = self.0.advance()? else { return None };
                if self.0.peek() == Some(Token::Sign("(")) {
                    let arguments = self.arguments()?;
                    value = method(value, name, arguments);
                } else {
                    value = named(&value, name);
                }
            } else if self.eat("[") {
                let index = self.or()?;
                if !self.eat("]") {
                    return None;
                }
                value = named(&value, index.literal().unwrap_or("?"));
            } else {
                return Some(value);
            }
        }
    }

    fn arguments(&mut self) -> Option<Vec<Expr>> {
        if !self.eat("(") {
            return None;
        }
        let mut out = Vec::new();
        while !self.eat(")") {
            out.push(self.or()?);
            if !self.eat(",") && self.0.peek() != Some(Token::Sign(")")) {
                return None;
            }
        }
        Some(out)
    }
}

/// A member of a name.
fn named(value: &Expr, member: &str) -> Expr {
    match value {
        Expr::Var(name) => Expr::Var(format!("{name}.{member}")),
        _ => Expr::Unknown(format!("a member {member}")),
    }
}

/// A method of a string; the header of a webhook is a name.
fn method(value: Expr, name: &str, arguments: Vec<Expr>) -> Expr {
    let of_header = |value: &Expr| matches!(value, Expr::Var(name) if name == "header");
    let mut arguments = arguments.into_iter();
    match (name, arguments.next(), arguments.next()) {
        ("match", Some(Expr::Lit(header)), Some(wanted)) if of_header(&value) => {
            let header = Expr::Var(format!("header.{}", header.to_ascii_lowercase()));
            Expr::Compare(Test::Equals, Box::new(header), Box::new(wanted))
        }
        ("canonical", Some(Expr::Lit(header)), None) if of_header(&value) => {
            Expr::Var(format!("header.{}", header.to_ascii_lowercase()))
        }
        ("startsWith", Some(wanted), None) => Expr::Compare(Test::StartsWith, Box::new(value), Box::new(wanted)),
        ("endsWith", Some(wanted), None) => Expr::Compare(Test::EndsWith, Box::new(value), Box::new(wanted)),
        ("contains", Some(wanted), None) => Expr::Compare(Test::Contains, Box::new(value), Box::new(wanted)),
        ("matches", Some(wanted), None) => Expr::Compare(Test::Regex, Box::new(value), Box::new(wanted)),
        ("lowerAscii" | "toLowerCase", None, None) => value,
        _ => Expr::Unknown(format!("{name}()")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Scope, Truth, Value};

    fn truth(text: &str, facts: &[(&str, &str)]) -> Truth {
        let mut scope = Scope::default();
        for (name, value) in facts {
            scope.set(*name, Value::text(*value));
        }
        condition(text).truth(&scope)
    }

    #[test]
    fn simple_conditions_are_decided() {
        let push =
            [("event", "push"), ("target_branch", "main"), ("body.ref", "refs/heads/main"), ("header.x-github-event", "push")];
        for (text, wanted) in [
            ("event == \"push\" && target_branch == 'main'", Truth::True),
            ("event == \"pull_request\" || (target_branch.startsWith(\"rel\"))", Truth::False),
            ("event in ['push', 'incoming'] && !(target_branch != \"main\")", Truth::True),
            ("body.ref.matches('^refs/heads/ma.*')", Truth::True),
            ("header.match('X-GitHub-Event', 'push') && body['ref'].endsWith('/main')", Truth::True),
            ("event == 'push' && \"app/***\".pathChanged()", Truth::Unknown),
            ("event == 'tag' && body.x.exists(y, y == 1)", Truth::False),
            ("body.ref.split('/')[2] == 'main'", Truth::Unknown),
            ("event ==", Truth::Unknown),
            ("a ? b : c", Truth::Unknown),
        ] {
            assert_eq!(truth(text, &push), wanted, "{text}");
        }
    }

    #[test]
    fn hostile_text_ends() {
        assert!(matches!(condition(&"(".repeat(100_000)), Expr::Unknown(_)));
        assert!(matches!(condition(&"!".repeat(100_000)), Expr::Unknown(_)));
        assert!(matches!(condition(&"[".repeat(100_000)), Expr::Unknown(_)));
        assert!(matches!(condition("é'\u{fffc}"), Expr::Unknown(_)));
    }
}
