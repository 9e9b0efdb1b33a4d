//! Conditions to expressions.

use super::Shell;
use super::words::Source;
use crate::model::{Expr, IS_MAIN, Test};
use crate::syntax::shell::{Condition, Kind, Operator, PartKind, Statement, Word, condition_of_words};

/// The negation, without doubling one.
pub(super) fn not(expr: Expr) -> Expr {
    match expr {
        Expr::Not(inner) => *inner,
        other => Expr::Not(Box::new(other)),
    }
}

/// All of these; the literal true is left out.
pub(super) fn all(mut parts: Vec<Expr>) -> Expr {
    parts.retain(|e| !e.is_always());
    match parts.len() {
        0 => Expr::always(),
        1 => parts.remove(0),
        _ => Expr::And(parts),
    }
}

/// One of these.
pub(super) fn any(mut parts: Vec<Expr>) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) }
}

fn compare(test: Test, left: Expr, right: Expr) -> Expr {
    Expr::Compare(test, Box::new(left), Box::new(right))
}

impl Source<'_> {
    /// The condition of a statement that only tests and runs no command; `None`: it runs one.
    pub(super) fn test(&self, statement: &Statement, shell: &Shell) -> Option<Expr> {
        match &statement.kind {
            Kind::Test(condition) => Some(self.condition(condition, statement, shell)),
            Kind::Arithmetic => Some(Expr::Unknown(self.one_line(&statement.range))),
            Kind::Not(inner) => self.test(inner, shell).map(not),
            Kind::Simple(simple) => match simple.words.first()?.literal()?.as_str() {
                "test" => Some(self.condition(&condition_of_words(&simple.words[1..]), statement, shell)),
                _ => None,
            },
            Kind::Group(body) | Kind::Subshell(body) if body.len() == 1 => self.test(body.first()?, shell),
            Kind::List(links) => {
                let mut out: Option<Expr> = None;
                for link in links {
                    out = Some(joined(out, link.operator, self.test(&link.statement, shell)?));
                }
                out
            }
            _ => None,
        }
    }

    /// The condition that the end of a statement is, whatever it runs.
    pub(super) fn outcome(&self, statement: &Statement, shell: &Shell) -> Expr {
        if let Some(test) = self.test(statement, shell) {
            return test;
        }
        match &statement.kind {
            Kind::Not(inner) => not(self.outcome(inner, shell)),
            Kind::List(links) => {
                let mut out: Option<Expr> = None;
                for link in links {
                    out = Some(joined(out, link.operator, self.outcome(&link.statement, shell)));
                }
                out.unwrap_or_else(Expr::always)
            }
            Kind::Simple(simple) => match simple.words.first().and_then(Word::literal).as_deref() {
                Some("true" | ":") => Expr::always(),
                Some("false") => Expr::lit("false"),
                _ => Expr::Unknown(self.one_line(&statement.range)),
            },
            _ => Expr::Unknown(self.one_line(&statement.range)),
        }
    }

    fn condition(&self, condition: &Condition, statement: &Statement, shell: &Shell) -> Expr {
        let unknown = || Expr::Unknown(self.one_line(&statement.range));
        match condition {
            Condition::Word(word) => not(compare(Test::Equals, self.expr(word, shell), Expr::lit(""))),
            Condition::Unary(operator, word) => match operator.as_str() {
                "-z" => compare(Test::Equals, self.expr(word, shell), Expr::lit("")),
                "-n" => not(compare(Test::Equals, self.expr(word, shell), Expr::lit(""))),
                _ => Expr::Unknown(format!("{operator} {}", self.one_line(&word.range))),
            },
            Condition::Binary(left, operator, right) => {
                let pattern = self.slice(&statement.range).starts_with("[[");
                self.binary(left, operator, right, pattern, shell).unwrap_or_else(unknown)
            }
            Condition::Not(inner) => not(self.condition(inner, statement, shell)),
            Condition::All(parts) => Expr::And(parts.iter().map(|c| self.condition(c, statement, shell)).collect()),
            Condition::Any(parts) => Expr::Or(parts.iter().map(|c| self.condition(c, statement, shell)).collect()),
            Condition::Unknown => unknown(),
        }
    }

    fn binary(&self, left: &Word, operator: &str, right: &Word, pattern: bool, shell: &Shell) -> Option<Expr> {
        if matches!(operator, "=" | "==" | "!=") && self.asks_whether_sourced(left, right) {
            let main = Expr::Var(IS_MAIN.to_owned());
            return Some(if operator == "!=" { not(main) } else { main });
        }
        let test = if pattern && has_glob(right) { Test::Glob } else { Test::Equals };
        let (a, b) = (self.expr(left, shell), self.expr(right, shell));
        match operator {
            "=" | "==" => Some(compare(test, a, b)),
            "!=" => Some(not(compare(test, a, b))),
            "-eq" => Some(compare(Test::Equals, a, b)),
            "-ne" => Some(not(compare(Test::Equals, a, b))),
            "=~" => regex(a, right.literal()?.as_str()),
            _ => None,
        }
    }

    /// `"${BASH_SOURCE[0]}" = "$0"`: true where the script is run, false where another one reads it in.
    fn asks_whether_sourced(&self, left: &Word, right: &Word) -> bool {
        let sides = [left, right].map(|w| self.slice(&w.range).replace(['"', '{', '}'], ""));
        let is = |text: &str, names: &[&str]| names.contains(&text);
        let source = |t: &str| is(t, &["$BASH_SOURCE", "$BASH_SOURCE[0]"]);
        let own = |t: &str| is(t, &["$0"]);
        (source(&sides[0]) && own(&sides[1])) || (source(&sides[1]) && own(&sides[0]))
    }

    /// The condition of an arm of `case`; `None`: it takes everything.
    pub(super) fn arm(&self, subject: &Expr, patterns: &[Word], shell: &Shell) -> Option<Expr> {
        let everything = patterns.iter().any(|p| p.literal().is_some_and(|t| t == "*"));
        let one = |p: &Word| compare(Test::Glob, subject.clone(), self.expr(p, shell));
        (!everything).then(|| any(patterns.iter().map(one).collect()))
    }
}

fn joined(left: Option<Expr>, operator: Option<Operator>, right: Expr) -> Expr {
    match (left, operator) {
        (Some(left), Some(Operator::Or)) => Expr::Or(vec![left, right]),
        (Some(left), _) => Expr::And(vec![left, right]),
        (None, _) => right,
    }
}

/// Whether an unquoted part of a word is a pattern.
fn has_glob(word: &Word) -> bool {
    word.parts.iter().any(|p| !p.quoted && matches!(&p.kind, PartKind::Literal(t) if t.contains(['*', '?'])))
}

/// A regular expression of plain text and anchors, or of such alternatives (`^(dev|prod)$`).
fn regex(subject: Expr, pattern: &str) -> Option<Expr> {
    if let Some(inner) = pattern.strip_prefix("^(").and_then(|p| p.strip_suffix(")$")) {
        let all: Option<Vec<Expr>> = inner.split('|').map(|one| regex(subject.clone(), &format!("^{one}$"))).collect();
        return all.map(any);
    }
    let (start, rest) = pattern.strip_prefix('^').map_or((false, pattern), |p| (true, p));
    let (end, rest) = rest.strip_suffix('$').map_or((false, rest), |p| (true, p));
    let (end, rest) = rest.strip_suffix(".*").map_or((end, rest), |p| (false, p));
    if !rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/')) {
        return None;
    }
    let test = match (start, end) {
        (true, true) => Test::Equals,
        (true, false) => Test::StartsWith,
        (false, true) => Test::EndsWith,
        (false, false) => Test::Contains,
    };
    Some(compare(test, subject, Expr::lit(rest)))
}
