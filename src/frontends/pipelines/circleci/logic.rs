//! Expressions and conditions: <https://circleci.com/docs/guides/orchestrate/config-templating/>,
//! <https://circleci.com/docs/reference/configuration-reference/#logic-statements>.
//!
//! Names that expressions read: `input.NAME` for the parameters of a job or command, `pipeline.…` for what is known of the
//! pipeline, `matrix.NAME`; the branch and the tag are the neutral ones.

use crate::frontends::pipelines::condition::infix::{Infix, Token, Tokens, tokens};
use crate::frontends::pipelines::data::{Data, Kind};
use crate::frontends::pipelines::runs::{BRANCH, TAG, all, not};
use crate::frontends::scripts::shell::{Masked, filled};
use crate::model::{Expr, Test};

/// Deepest nesting of a condition.
const MAX_DEPTH: usize = 40;

/// What a name stands for; `unit` tells the parameters of a job or command from others where that is needed.
pub(super) fn named(name: &str, unit: &str) -> Option<Expr> {
    let var = |name: &str| Some(Expr::Var(name.to_owned()));
    match name {
        "pipeline.git.branch" => var(BRANCH),
        "pipeline.git.tag" => var(TAG),
        _ if name.starts_with("pipeline.") || name.starts_with("matrix.") => var(name),
        _ => name.strip_prefix("parameters.").map(|p| Expr::Var(parameter(unit, p))),
    }
}

/// The name that a parameter of a job or command has.
pub(super) fn parameter(unit: &str, name: &str) -> String {
    format!("input.{unit}{name}")
}

/// The expressions `<< … >>` of a text. A here-document, a here-string and an appending redirection are none.
pub(super) fn expressions(text: &str, unit: &str) -> Vec<Masked> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("<<") {
        let start = at + found;
        let inner = start + 2;
        let line = text[inner..].find('\n').map_or(text.len(), |n| inner + n);
        let Some(len) = text[inner..line].find(">>") else {
            at = inner;
            continue;
        };
        let (body, end) = (text[inner..inner + len].trim(), inner + len + 2);
        // `<<# parameters.x >>…<</ parameters.x >>` keeps or drops what stands between.
        let section = body.strip_prefix(['#', '^', '/']).is_some_and(|rest| named(rest.trim(), unit).is_some());
        let expr = if section { Some(Expr::lit("")) } else { expression(body, unit).filter(reads_something) };
        match expr {
            Some(expr) => {
                out.push(Masked { range: start..end, expr });
                at = end;
            }
            None => at = inner,
        }
    }
    out
}

/// Folders of the machine that are the repository, where a word of a text begins with one, and what they are then.
pub(super) fn folders(text: &str, roots: &[String]) -> Vec<Masked> {
    let mut out: Vec<Masked> = Vec::new();
    for root in roots {
        for (start, _) in text.match_indices(root.as_str()) {
            let (before, after) = (text[..start].chars().next_back(), text[start + root.len()..].chars().next());
            let begins = before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ':' | '(' | '`'));
            let ends = after.is_none_or(|c| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | ')' | ';' | '`' | '&' | ':'));
            let range = start..start + root.len();
            let apart = out.iter().all(|m| m.range.end <= range.start || range.end <= m.range.start);
            if begins && ends && apart {
                out.push(Masked { range, expr: Expr::lit(".") });
            }
        }
    }
    out
}

fn reads_something(expr: &Expr) -> bool {
    let mut names = Vec::new();
    expr.names(&mut names);
    !names.is_empty()
}

/// A text with `<< … >>` in it.
pub(super) fn template(text: &str, unit: &str) -> Expr {
    filled(text, expressions(text, unit))
}

/// A condition in each of its shapes: a truth value, an expression with or without `<< >>`, a logic statement.
pub(super) fn condition(data: &Data, unit: &str) -> Expr {
    statement(data, unit, 0)
}

fn statement(data: &Data, unit: &str, depth: usize) -> Expr {
    if depth > MAX_DEPTH {
        return Expr::Unknown("a condition that nests too deep".to_owned());
    }
    match &data.kind {
        Kind::Null => Expr::lit("false"),
        Kind::Scalar { text, plain } => scalar(&text.text, *plain, unit),
        Kind::List(items) => Expr::lit(if items.is_empty() { "false" } else { "true" }),
        Kind::Map(pairs) if pairs.is_empty() => Expr::lit("false"),
        Kind::Map(pairs) => all(pairs.iter().map(|p| operator(&p.key, &p.value, unit, depth)).collect()),
    }
}

fn scalar(text: &str, plain: bool, unit: &str) -> Expr {
    let text = text.trim();
    if text.contains("<<") {
        return template(text, unit);
    }
    let names = ["pipeline.", "parameters.", "matrix."].iter().any(|n| text.contains(n));
    if plain || names {
        if let Some(expr) = expression(text, unit) {
            return expr;
        }
        if names {
            return Expr::Unknown(text.to_owned());
        }
    }
    Expr::lit(text)
}

fn operator(name: &str, value: &Data, unit: &str, depth: usize) -> Expr {
    let operands = || value.one_or_many().iter().map(|d| statement(d, unit, depth + 1)).collect::<Vec<_>>();
    match name {
        "and" => all(operands()),
        "or" => Expr::Or(operands()),
        "not" => not(statement(value, unit, depth + 1)),
        "equal" => {
            let operands: Vec<Expr> = value.items().iter().map(|d| operand(d, unit, depth + 1)).collect();
            // What is known stands right, so that comparisons are found again.
            let Some(at) = operands.iter().position(|e| e.literal().is_none()).or(Some(0)).filter(|at| *at < operands.len())
            else {
                return Expr::lit("false");
            };
            let compared = |e: &Expr| Expr::Compare(Test::Equals, Box::new(operands[at].clone()), Box::new(e.clone()));
            all(operands.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, e)| compared(e)).collect())
        }
        "matches" => match (value.get_str("pattern"), value.get("value")) {
            (Some(pattern), Some(value)) => {
                let pattern = template(pattern, unit);
                Expr::Compare(Test::Regex, Box::new(operand(value, unit, depth + 1)), Box::new(pattern))
            }
            _ => Expr::Unknown("matches".to_owned()),
        },
        "condition" => statement(value, unit, depth + 1),
        other => Expr::Unknown(other.to_owned()),
    }
}

/// A value of a comparison: a text is itself.
fn operand(data: &Data, unit: &str, depth: usize) -> Expr {
    match data.str() {
        Some(text) => template(text, unit),
        None => statement(data, unit, depth),
    }
}

/// An expression: `pipeline.git.branch == "main" and not (pipeline.git.tag starts-with "v")`. None where it is not one.
pub(super) fn expression(text: &str, unit: &str) -> Option<Expr> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    Parser { tokens: Tokens::new(tokens(text, &['"', '\'', '/'], SIGNS, is_word)?), unit }.whole()
}

const SIGNS: &[&str] = &["==", "!=", "=~", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")"];

struct Parser<'t> {
    tokens: Tokens<'t>,
    unit: &'t str,
}

impl<'t> Infix<'t> for Parser<'t> {
    const OR: &'static [&'static str] = &["or", "||"];
    const AND: &'static [&'static str] = &["and", "&&"];
    const NOT: &'static [&'static str] = &["not", "!"];

    fn tokens(&mut self) -> &mut Tokens<'t> {
        &mut self.tokens
    }

    fn compared(&mut self) -> Option<Expr> {
        let left = self.operand()?;
        let tests: [(&[&str], Option<Test>, bool); 7] = [
            (&["=="], Some(Test::Equals), false),
            (&["!="], Some(Test::Equals), true),
            (&["starts-with"], Some(Test::StartsWith), false),
            (&["ends-with"], Some(Test::EndsWith), false),
            (&["contains"], Some(Test::Contains), false),
            (&["=~", "matches"], Some(Test::Regex), false),
            (&["<=", ">=", "<", ">"], None, false),
        ];
        for (names, test, negate) in tests {
            if self.tokens.take(names) {
                let right = self.operand()?;
                let Some(test) = test else { return Some(Expr::Unknown("a comparison of numbers".to_owned())) };
                let (left, right) = if left.literal().is_some() && test == Test::Equals { (right, left) } else { (left, right) };
                let compared = Expr::Compare(test, Box::new(left), Box::new(right));
                return Some(if negate { not(compared) } else { compared });
            }
        }
        Some(left)
    }
}

impl Parser<'_> {
    fn operand(&mut self) -> Option<Expr> {
        if self.tokens.take(&["("]) {
            let inner = self.or()?;
            return self.tokens.take(&[")"]).then_some(inner);
        }
        match self.tokens.advance()? {
            Token::Text(text) => Some(Expr::lit(text)),
            Token::Word(word) if matches!(word, "true" | "false") => Some(Expr::lit(word)),
            Token::Word(word) if word.starts_with(|c: char| c.is_ascii_digit()) => Some(Expr::lit(word)),
            Token::Word(word) => named(word, self.unit),
            Token::Sign(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Scope, Truth, Value};

    fn truth(text: &str, branch: &str) -> Option<Truth> {
        let mut scope = Scope::default();
        scope.set(BRANCH, Value::text(branch));
        scope.set(TAG, Value::text(""));
        expression(text, "job").map(|e| e.truth(&scope))
    }

    #[test]
    fn expressions_are_decided_by_the_branch() {
        let text = "pipeline.git.branch == \"main\" or (not pipeline.git.tag and pipeline.git.branch starts-with \"rel\")";
        assert_eq!(truth(text, "main"), Some(Truth::True));
        assert_eq!(truth(text, "release/1"), Some(Truth::True));
        assert_eq!(truth(text, "x"), Some(Truth::False));
        assert_eq!(truth("pipeline.git.branch !=", "x"), None);
        assert_eq!(truth(&"(".repeat(100), "x"), None);
    }

    #[test]
    fn redirections_are_no_expressions() {
        let text = "cat <<EOF >> out\nx << parameters.a >>\nEOF\ngrep x <<< y >> z; << pipeline.git.branch == \"a\" >>";
        let found: Vec<&str> = expressions(text, "job").iter().map(|m| &text[m.range.clone()]).collect();
        assert_eq!(found, ["<< parameters.a >>", "<< pipeline.git.branch == \"a\" >>"]);
    }
}
