//! Expressions as they are written: <https://learn.microsoft.com/azure/devops/pipelines/process/expressions>.
use crate::frontends::pipelines::texts::{quoted, word};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 50;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ast {
    /// A text, number, truth value or version.
    Lit(String),
    /// A value that the expansion left for the run (`${{ @3 }}`).
    Left(usize),
    /// A name at the head of a path (`parameters`, `variables`, the variable of an `each`).
    Name(String),
    /// `a.b`, `a['b']`.
    Index(Box<Ast>, Box<Ast>),
    /// A function with its arguments.
    Call(String, Vec<Ast>),
}

/// The expression that a text is.
pub(super) fn parse(text: &str) -> Result<Ast, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let out = parser.operand()?;
    match parser.tokens.get(parser.at) {
        None => Ok(out),
        Some(token) => Err(format!("`{}` is not expected here", token.shown())),
    }
}

/// The number of a value that the expansion left (`@3`).
pub(super) fn left(expression: &str) -> Option<usize> {
    expression.trim().strip_prefix('@')?.parse().ok()
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Word(String),
    Left(usize),
    Sign(char),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Text(t) | Self::Word(t) => t.clone(),
            Self::Left(n) => format!("@{n}"),
            Self::Sign(c) => c.to_string(),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let len = if c == '\'' {
            let (value, len) = quoted(rest).ok_or("a text is not closed")?;
            out.push(Token::Text(value));
            len
        } else if let Some(inner) = rest.strip_prefix("${{") {
            let end = inner.find("}}").ok_or("`}}` is missing")?;
            out.push(Token::Left(left(&inner[..end]).ok_or("an expression inside of an expression")?));
            end + 5
        } else if let Some(end) = word(rest) {
            out.push(Token::Word(rest[..end].to_owned()));
            end
        } else if matches!(c, '(' | ')' | '[' | ']' | ',' | '.' | '*') {
            out.push(Token::Sign(c));
            1
        } else {
            return Err(format!("`{c}` is not expected here"));
        };
        rest = rest[len..].trim_start();
    }
    Ok(out)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn take(&mut self, sign: char) -> bool {
        let found = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("`{sign}` is missing")) }
    }

    fn operand(&mut self) -> Result<Ast, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("it nests too deep".to_owned());
        }
        let token = self.tokens.get(self.at).cloned().ok_or("it ends too early")?;
        self.at += 1;
        let base = match token {
            Token::Text(text) => Ast::Lit(text),
            Token::Left(n) => Ast::Left(n),
            Token::Word(word) if self.take('(') => Ast::Call(word, self.arguments()?),
            Token::Word(word) if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") => {
                Ast::Lit(word.to_ascii_lowercase())
            }
            Token::Word(word) if word.eq_ignore_ascii_case("null") => Ast::Lit(String::new()),
            Token::Word(word) if word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => Ast::Name(word),
            Token::Word(word) => Ast::Lit(word),
            Token::Sign('(') => {
                let inner = self.operand()?;
                self.expect(')')?;
                inner
            }
            token @ Token::Sign(_) => return Err(format!("`{}` is not expected here", token.shown())),
        };
        let out = self.indices(base);
        self.depth -= 1;
        out
    }

    fn indices(&mut self, mut base: Ast) -> Result<Ast, String> {
        loop {
            let key = if self.take('.') {
                match self.tokens.get(self.at).cloned() {
                    Some(Token::Word(word)) => {
                        self.at += 1;
                        Ast::Lit(word)
                    }
                    _ if self.take('*') => Ast::Call("*".to_owned(), Vec::new()),
                    _ => return Err("a name is missing after `.`".to_owned()),
                }
            } else if self.take('[') {
                let key = if self.take('*') { Ast::Call("*".to_owned(), Vec::new()) } else { self.operand()? };
                self.expect(']')?;
                key
            } else {
                return Ok(base);
            };
            base = Ast::Index(Box::new(base), Box::new(key));
        }
    }

    fn arguments(&mut self) -> Result<Vec<Ast>, String> {
        let mut out = Vec::new();
        if self.take(')') {
            return Ok(out);
        }
        loop {
            out.push(self.operand()?);
            if self.take(')') {
                return Ok(out);
            }
            self.expect(',')?;
        }
    }
}

/// A key of a mapping that stands for what is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    /// `${{ if … }}`
    If(String),
    /// `${{ elseif … }}`
    ElseIf(String),
    /// `${{ else }}`
    Else,
    /// `${{ each x in … }}`
    Each(String, String),
    /// `${{ insert }}`
    Insert,
}

impl Directive {
    /// What a key directs.
    pub fn of(key: &str) -> Option<Self> {
        let inner = key.trim().strip_prefix("${{")?.strip_suffix("}}")?.trim();
        let (word, rest) = inner.split_at(inner.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(inner.len()));
        let rest = rest.trim();
        match word {
            "if" => Some(Self::If(rest.to_owned())),
            "elseif" => Some(Self::ElseIf(rest.to_owned())),
            "else" if rest.is_empty() => Some(Self::Else),
            "insert" if rest.is_empty() => Some(Self::Insert),
            "each" => {
                let (name, list) = rest.split_once(" in ")?;
                Some(Self::Each(name.trim().to_owned(), list.trim().to_owned()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn paths_functions_and_texts_are_read() {
        let Ast::Call(name, arguments) = parse("and(succeeded(), ne(variables['Build.Reason'], 'It''s'))").unwrap() else {
            panic!("no call");
        };
        assert_eq!((name.as_str(), arguments.len()), ("and", 2));
        let path = parse("parameters.envs[0].name").unwrap();
        assert!(matches!(path, Ast::Index(_, key) if *key == Ast::Lit("name".into())));
        assert_eq!(parse("True").unwrap(), Ast::Lit("true".into()));
        assert_eq!(parse("${{ @12 }}").unwrap(), Ast::Left(12));
    }

    #[test]
    fn broken_and_deep_expressions_are_refused() {
        for text in ["", "and(", "eq('a", "a b", "x.", "${{ y }}"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"not(".repeat(10_000)).is_err());
    }

    #[test]
    fn directives_are_told_from_values() {
        assert_eq!(Directive::of("${{ if eq(a, 1) }}"), Some(Directive::If("eq(a, 1)".into())));
        assert_eq!(Directive::of("${{if(true)}}"), Some(Directive::If("(true)".into())));
        assert_eq!(Directive::of("${{ each e in parameters.in }}"), Some(Directive::Each("e".into(), "parameters.in".into())));
        assert_eq!(Directive::of("${{ parameters.key }}"), None);
        assert_eq!(Directive::of("steps"), None);
    }
}
