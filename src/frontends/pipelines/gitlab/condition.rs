//! Conditions of rules: <https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions>.

use crate::frontends::pipelines::runs::{both, either};
use crate::model::{Expr, Test};
use std::collections::BTreeMap;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 40;

/// Variables that are never set to nothing: where they are not set, they differ from `""`.
const SET_OR_ABSENT: &[&str] = &["CI_COMMIT_BRANCH", "CI_COMMIT_TAG", "CI_OPEN_MERGE_REQUESTS"];

/// What differs from one commit or merge request to the next. One that a pattern is made for is possible, an ordinary one
/// fits none.
const OF_ONE_COMMIT: &[&str] = &[
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_TITLE",
    "CI_COMMIT_DESCRIPTION",
    "CI_COMMIT_AUTHOR",
    "CI_MERGE_REQUEST_TITLE",
    "CI_MERGE_REQUEST_LABELS",
    "CI_MERGE_REQUEST_DESCRIPTION",
    "CI_MERGE_REQUEST_DRAFT",
    "GITLAB_USER_LOGIN",
    "GITLAB_USER_NAME",
    "GITLAB_USER_EMAIL",
    "GITLAB_USER_ID",
];

/// How a condition is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    /// Variables with a literal value, of which a pattern may be made.
    pub literals: &'a BTreeMap<String, String>,
    /// The rule keeps the job out.
    pub excludes: bool,
}

/// A condition as an expression; an error says what is wrong with it.
pub(super) fn parse(text: &str, reading: Reading<'_>) -> Result<Expr, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, reading };
    let out = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(out),
        Some(token) => Err(format!("{} is not expected here", token.shown())),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Variable(String),
    Text(String),
    Pattern(String),
    Null,
    Sign(&'static str),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Variable(t) => format!("`${t}`"),
            Self::Text(t) | Self::Pattern(t) => format!("`{t}`"),
            Self::Null => "`null`".to_owned(),
            Self::Sign(sign) => format!("`{sign}`"),
        }
    }
}

const SIGNS: &[&str] = &["&&", "||", "==", "!=", "=~", "!~", "(", ")", "!"];

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (token, len) = match c {
            '$' => variable(rest)?,
            '"' | '\'' => {
                let end = rest[1..].find(c).ok_or("a text is not closed")?;
                (Token::Text(rest[1..=end].to_owned()), end + 2)
            }
            '/' => pattern(rest)?,
            _ if is_name(c) => {
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                match &rest[..end] {
                    "null" => (Token::Null, end),
                    word => return Err(format!("`{word}` is not expected here")),
                }
            }
            _ => {
                let sign = SIGNS.iter().find(|s| rest.starts_with(**s)).ok_or_else(|| format!("`{c}` is not expected here"))?;
                (Token::Sign(sign), sign.len())
            }
        };
        out.push(token);
        rest = rest[len..].trim_start();
    }
    if out.is_empty() { Err("nothing is asked".to_owned()) } else { Ok(out) }
}

fn variable(rest: &str) -> Result<(Token, usize), String> {
    if let Some(inner) = rest.strip_prefix("${") {
        let end = inner.find('}').ok_or("a variable is not closed")?;
        return Ok((Token::Variable(inner[..end].to_owned()), end + 3));
    }
    let end = rest[1..].find(|c| !is_name(c)).map_or(rest.len(), |p| p + 1);
    if end == 1 { Err("a variable has no name".to_owned()) } else { Ok((Token::Variable(rest[1..end].to_owned()), end)) }
}

fn pattern(rest: &str) -> Result<(Token, usize), String> {
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        if escaped || c == '\\' {
            escaped = !escaped;
        } else if c == '/' {
            let flags = rest[i + 1..].find(|c: char| !c.is_ascii_alphabetic()).map_or(rest.len(), |p| i + 1 + p);
            return Ok((Token::Pattern(rest[..flags].to_owned()), flags));
        }
    }
    Err("a pattern is not closed".to_owned())
}

/// A pattern between slashes, with its flags, as the regular expression that it is.
pub(super) fn regex_of(text: &str) -> Option<String> {
    let (inner, flags) = text.trim().strip_prefix('/')?.rsplit_once('/')?;
    let flags: String = flags.chars().filter(|c| matches!(c, 'i' | 'm' | 's')).collect();
    // Ruby's end of a text is written differently.
    let inner = inner.replace("\\/", "/").replace("\\Z", "\\z");
    Some(if flags.is_empty() { inner } else { format!("(?{flags}){inner}") })
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    reading: Reading<'a>,
}

/// A part of a condition before it is asked whether it holds.
enum Operand {
    Value(Token),
    Condition(Expr),
}

impl Parser<'_> {
    fn sign(&mut self, wanted: &[&'static str]) -> Option<&'static str> {
        match self.tokens.get(self.at) {
            Some(Token::Sign(sign)) if wanted.contains(sign) => {
                self.at += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn or(&mut self) -> Result<Expr, String> {
        let mut all = vec![self.and()?];
        while self.sign(&["||"]).is_some() {
            all.push(self.and()?);
        }
        Ok(either(all))
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut all = vec![self.comparison()?];
        while self.sign(&["&&"]).is_some() {
            all.push(self.comparison()?);
        }
        Ok(both(all))
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        let left = self.operand()?;
        let Some(sign) = self.sign(&["==", "!=", "=~", "!~"]) else { return Ok(holds(left)) };
        let right = self.operand()?;
        let (Operand::Value(left), Operand::Value(right)) = (left, right) else {
            return Ok(Expr::Unknown("a comparison of conditions".to_owned()));
        };
        let negative = sign.starts_with('!');
        if let Some(name) = of_one_commit(&left).or_else(|| of_one_commit(&right)) {
            return Ok(self.of_one_commit(name, negative));
        }
        let same = if sign.ends_with('~') { self.matches(&left, &right) } else { equal(&left, &right) };
        Ok(if negative { Expr::Not(Box::new(same)) } else { same })
    }

    /// A test of what each commit has of its own: where it asks for a pattern, some commit has it; an ordinary one has not.
    fn of_one_commit(&self, name: &str, negative: bool) -> Expr {
        if negative == self.reading.excludes {
            return Expr::Unknown(format!("${name}"));
        }
        if negative { Expr::always() } else { Expr::lit("false") }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("it is nested too deep".to_owned());
        }
        let out = if self.sign(&["("]).is_some() {
            let inner = self.or()?;
            self.sign(&[")"]).ok_or("a parenthesis is not closed")?;
            Operand::Condition(inner)
        } else if self.sign(&["!"]).is_some() {
            Operand::Condition(Expr::Not(Box::new(holds(self.operand()?))))
        } else {
            match self.tokens.get(self.at).cloned() {
                Some(token) if !matches!(token, Token::Sign(_)) => {
                    self.at += 1;
                    Operand::Value(token)
                }
                Some(token) => return Err(format!("{} is not expected here", token.shown())),
                None => return Err("it ends too early".to_owned()),
            }
        };
        self.depth -= 1;
        Ok(out)
    }

    fn matches(&self, text: &Token, pattern: &Token) -> Expr {
        let written = match pattern {
            Token::Pattern(p) | Token::Text(p) => Some(p.clone()),
            Token::Variable(name) => self.reading.literals.get(name).cloned(),
            _ => None,
        };
        match written.as_deref().and_then(regex_of) {
            Some(regex) => Expr::Compare(Test::Regex, Box::new(value(text)), Box::new(Expr::Lit(regex))),
            None => Expr::Unknown(format!("the pattern {}", pattern.shown())),
        }
    }
}

fn of_one_commit(token: &Token) -> Option<&str> {
    match token {
        Token::Variable(name) if OF_ONE_COMMIT.contains(&name.as_str()) => Some(name),
        _ => None,
    }
}

fn value(token: &Token) -> Expr {
    match token {
        Token::Variable(name) if name == "CI_COMMIT_REF_SLUG" => Expr::Var(super::SLUG.to_owned()),
        Token::Variable(name) => Expr::Var(format!("env.{name}")),
        Token::Text(text) | Token::Pattern(text) => Expr::lit(text.as_str()),
        Token::Null | Token::Sign(_) => Expr::lit(""),
    }
}

fn equal(left: &Token, right: &Token) -> Expr {
    let absent = |token: &Token| match token {
        Token::Variable(name) => SET_OR_ABSENT.contains(&name.as_str()) || name.starts_with("CI_MERGE_REQUEST_"),
        _ => false,
    };
    let empty = |token: &Token| matches!(token, Token::Text(text) if text.is_empty());
    if (absent(left) && empty(right)) || (absent(right) && empty(left)) {
        return Expr::lit("false");
    }
    Expr::Compare(Test::Equals, Box::new(value(left)), Box::new(value(right)))
}

/// Whether a variable that stands alone is set and not empty; the word `false` is a text like any other.
fn holds(operand: Operand) -> Expr {
    match operand {
        Operand::Condition(expr) => expr,
        Operand::Value(token @ Token::Variable(_)) => {
            let empty = Expr::Compare(Test::Equals, Box::new(value(&token)), Box::new(Expr::lit("")));
            Expr::Not(Box::new(empty))
        }
        Operand::Value(Token::Text(text) | Token::Pattern(text)) => Expr::lit(if text.is_empty() { "false" } else { "true" }),
        Operand::Value(_) => Expr::lit("false"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::{Scope, Truth, Value};

    fn truth(text: &str) -> Truth {
        let mut scope = Scope::default();
        for (name, value) in [("BRANCH", "main"), ("EMPTY", ""), ("NO", "false"), ("CI_COMMIT_TAG", "")] {
            scope.set(format!("env.{name}"), Value::text(value));
        }
        let literals = BTreeMap::from([("PATTERN".to_owned(), "/^MA/i".to_owned())]);
        parse(text, Reading { literals: &literals, excludes: false }).unwrap().truth(&scope)
    }

    #[test]
    fn operators_bind_as_documented() {
        assert_eq!(truth("$BRANCH == 'main' || $BRANCH == 'x' && $EMPTY"), Truth::True);
        assert_eq!(truth("($BRANCH == 'main' || $BRANCH == 'x') && $EMPTY"), Truth::False);
        assert_eq!(truth("\"main\" == $BRANCH"), Truth::True);
    }

    #[test]
    fn variables_alone_ask_whether_they_are_set() {
        assert_eq!(truth("$NO"), Truth::True);
        assert_eq!(truth("$EMPTY"), Truth::False);
        assert_eq!(truth("$EMPTY == null"), Truth::True);
        assert_eq!(truth("$CI_COMMIT_TAG == null"), Truth::True);
        assert_eq!(truth("$CI_COMMIT_TAG != \"\""), Truth::True);
        assert_eq!(truth("$ELSEWHERE"), Truth::Unknown);
    }

    #[test]
    fn patterns_are_read_with_flags_and_from_variables() {
        assert_eq!(truth("$BRANCH =~ /^ma/"), Truth::True);
        assert_eq!(truth("$BRANCH !~ /^MA/i"), Truth::False);
        assert_eq!(truth("$BRANCH =~ $PATTERN"), Truth::True);
        assert_eq!(truth("$BRANCH =~ /^feature\\/.*/"), Truth::False);
        assert_eq!(truth("$BRANCH =~ $OTHER"), Truth::Unknown);
    }

    #[test]
    fn an_ordinary_commit_fits_no_pattern() {
        let none = BTreeMap::new();
        let read = |text, excludes| parse(text, Reading { literals: &none, excludes }).unwrap();
        assert_eq!(read("$CI_COMMIT_TITLE =~ /skip/", true), Expr::lit("false"));
        assert_eq!(read("$CI_COMMIT_TITLE !~ /skip/", false), Expr::always());
        assert!(matches!(read("$CI_COMMIT_TITLE =~ /deploy/", false), Expr::Unknown(_)));
    }

    #[test]
    fn what_is_no_condition_is_an_error() {
        let none = BTreeMap::new();
        for text in ["", "$", "$A ==", "($A", "true", "$A == 'x", "$A =~ /x", "$A $B", "&& $A"] {
            assert!(parse(text, Reading { literals: &none, excludes: false }).is_err(), "{text}");
        }
        let deep = "(".repeat(5000);
        assert!(parse(&deep, Reading { literals: &none, excludes: false }).is_err());
    }
}
