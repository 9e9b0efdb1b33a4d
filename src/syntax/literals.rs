//! Tokens of build scripts that are programs (Groovy, Kotlin, Ruby, Python, Go): words, texts and signs with their places, so that
//! what is written as a literal can be read. Nothing of the language is understood beyond that.

use crate::source::{OffsetMap, SourceFile, Text};
use std::ops::Range;

/// What is read as text and comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Groovy and Kotlin.
    Jvm,
    /// Ruby.
    Ruby,
    /// Python.
    Python,
    /// Go.
    Go,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes in the file.
    pub range: Range<usize>,
    /// It is the first of its line.
    pub first: bool,
    /// How far its line is indented.
    pub indent: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or number, with the dots inside (`c.run`).
    Word(String),
    /// A text.
    Text(Literal),
    /// Any other sign.
    Sign(char),
}

/// A text with its holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Decoded; what is interpolated stands as it is written.
    pub text: Text,
    /// What is interpolated: its bytes in the text, and its name where it is only a name.
    pub holes: Vec<(Range<usize>, Option<String>)>,
    /// Written between back ticks: a command in Ruby.
    pub command: bool,
}

impl Token {
    /// The word, where it is one.
    pub fn word(&self) -> Option<&str> {
        if let TokenKind::Word(word) = &self.kind { Some(word) } else { None }
    }

    /// The text, where it is one.
    pub fn literal(&self) -> Option<&Literal> {
        if let TokenKind::Text(literal) = &self.kind { Some(literal) } else { None }
    }

    /// Whether it is this sign.
    pub fn is(&self, sign: char) -> bool {
        self.kind == TokenKind::Sign(sign)
    }
}

impl Literal {
    /// The text, where nothing is interpolated.
    pub fn plain(&self) -> Option<&str> {
        self.holes.is_empty().then_some(self.text.text.as_str())
    }
}

/// At most so many tokens of a file are read.
const MAX_TOKENS: usize = 50_000;
/// A bracket closes within so many tokens.
const MAX_INSIDE: usize = 4096;

/// The tokens of a file.
pub fn tokens(file: &SourceFile, language: Language) -> Vec<Token> {
    let mut lexer = Lexer { file, text: &file.text, language, at: 0, first: true, indent: 0, out: Vec::new() };
    while lexer.at < lexer.text.len() && lexer.out.len() < MAX_TOKENS {
        lexer.next();
    }
    lexer.out
}

struct Lexer<'a> {
    file: &'a SourceFile,
    text: &'a str,
    language: Language,
    at: usize,
    first: bool,
    indent: usize,
    out: Vec<Token>,
}

impl Lexer<'_> {
    fn next(&mut self) {
        let rest = &self.text[self.at..];
        let Some(c) = rest.chars().next() else { return };
        if c == '\n' {
            self.at += 1;
            let line = &self.text[self.at..];
            self.indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            self.first = true;
        } else if c.is_whitespace() {
            self.at += c.len_utf8();
        } else if let Some(len) = self.comment(rest) {
            self.at += len;
        } else if let Some((literal, len)) = self.literal(rest) {
            self.push(TokenKind::Text(literal), len);
        } else if c.is_alphanumeric() || c == '_' || c == '@' {
            let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '?' | '!');
            let len = rest.find(|c: char| !inner(c)).unwrap_or(rest.len());
            let len = rest[..len].trim_end_matches('.').len().max(c.len_utf8());
            self.push(TokenKind::Word(rest[..len].to_owned()), len);
        } else {
            self.push(TokenKind::Sign(c), c.len_utf8());
        }
    }

    fn push(&mut self, kind: TokenKind, len: usize) {
        let range = self.at..self.at + len;
        self.out.push(Token { kind, range, first: self.first, indent: self.indent });
        self.first = false;
        self.at += len;
    }

    fn comment(&self, rest: &str) -> Option<usize> {
        let line = match self.language {
            Language::Ruby | Language::Python => "#",
            Language::Jvm | Language::Go => "//",
        };
        if rest.starts_with(line) {
            return Some(rest.find('\n').unwrap_or(rest.len()));
        }
        let block = matches!(self.language, Language::Jvm | Language::Go) && rest.starts_with("/*");
        block.then(|| rest.find("*/").map_or(rest.len(), |i| i + 2))
    }

    /// A text that starts here, with its length.
    fn literal(&self, rest: &str) -> Option<(Literal, usize)> {
        let prefix = if self.language == Language::Python {
            let len = rest.find(|c: char| !matches!(c, 'f' | 'F' | 'r' | 'R' | 'b' | 'B' | 'u')).unwrap_or(0);
            let before = self.text[..self.at].chars().next_back();
            let inside = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
            if len <= 2 && !inside && rest[len..].starts_with(['"', '\'']) { len } else { 0 }
        } else {
            0
        };
        let body = &rest[prefix..];
        let quotes: &[&str] = match self.language {
            Language::Go => &["\"", "`"],
            Language::Ruby => &["\"", "'", "`"],
            Language::Jvm | Language::Python => &["\"\"\"", "'''", "\"", "'"],
        };
        let quote = quotes.iter().find(|q| body.starts_with(**q))?;
        let raw = quote.starts_with('`') && self.language == Language::Go
            || quote.starts_with('\'') && matches!(self.language, Language::Ruby)
            || rest[..prefix].contains(['r', 'R']);
        let start = prefix + quote.len();
        let inner = &rest[start..];
        let several = quote.len() == 3 || quote.starts_with('`');
        let end = end_of(inner, quote, raw && !quote.starts_with('\''), several);
        let formatted = match self.language {
            Language::Jvm if !quote.starts_with('\'') => Some(('$', '{')),
            Language::Ruby if !quote.starts_with('\'') => Some(('#', '{')),
            Language::Python if rest[..prefix].contains(['f', 'F']) => Some(('{', '{')),
            _ => None,
        };
        let mut literal = decoded(self.file, self.at + start, &inner[..end], raw, formatted);
        literal.command = self.language == Language::Ruby && quote.starts_with('`');
        Some((literal, (start + end + quote.len()).min(rest.len())))
    }
}

/// Where a text ends: before its quote; one that may not go over several lines ends with its line.
fn end_of(text: &str, quote: &str, raw: bool, several: bool) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && !raw {
            escaped = true;
        } else if text[i..].starts_with(quote) || (c == '\n' && !several) {
            return i;
        }
    }
    text.len()
}

/// A text with its escapes read; what is interpolated is remembered.
fn decoded(file: &SourceFile, at: usize, written: &str, raw: bool, formatted: Option<(char, char)>) -> Literal {
    let mut text = Text { file: file.id, text: String::new(), map: OffsetMap::default() };
    let mut holes = Vec::new();
    let mut i = 0;
    while let Some(c) = written[i..].chars().next() {
        let rest = &written[i..];
        if let Some((len, name)) = formatted.and_then(|f| interpolated(rest, f)) {
            let start = text.text.len();
            text.text.push_str(&rest[..len]);
            text.map.push(len, at + i, len);
            holes.push((start..start + len, name));
            i += len;
            continue;
        }
        let next = rest[c.len_utf8()..].chars().next();
        let (read, len) = match (c, next) {
            ('\\', Some(next)) if !raw => {
                let read = match next {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    other => other,
                };
                (read, 1 + next.len_utf8())
            }
            ('{' | '}', Some(next)) if formatted == Some(('{', '{')) && next == c => (c, 2),
            _ => (c, c.len_utf8()),
        };
        text.text.push(read);
        text.map.push(read.len_utf8(), at + i, len);
        i += len;
    }
    if text.text.is_empty() {
        text.map = OffsetMap::identity(at, 0);
    }
    Literal { text, holes, command: false }
}

/// What is interpolated at the start of a text: its length, and its name where it is only one.
fn interpolated(rest: &str, (sign, open): (char, char)) -> Option<(usize, Option<String>)> {
    let plain = |name: &str| {
        let name = name.trim();
        let ok = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
        ok.then(|| name.to_owned())
    };
    let after = rest.strip_prefix(sign)?;
    if sign == '{' {
        let end = after.find('}')?;
        return (!after.starts_with('{')).then(|| (end + 2, plain(&after[..end])));
    }
    if let Some(inner) = after.strip_prefix(open) {
        let mut depth = 1;
        for (i, c) in inner.char_indices() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            if depth == 0 {
                return Some((i + 3, plain(&inner[..i])));
            }
        }
        return None;
    }
    let len = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
    (sign == '$' && len > 0 && !after.starts_with(|c: char| c.is_ascii_digit())).then(|| (len + 1, plain(&after[..len])))
}

/// The index after the bracket that closes the one at `open`; the end where none does.
pub fn after_closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(open).take(MAX_INSIDE) {
        match token.kind {
            TokenKind::Sign('(' | '[' | '{') => depth += 1,
            TokenKind::Sign(')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i + 1;
                }
            }
            _ => {}
        }
    }
    tokens.len().min(open + MAX_INSIDE)
}

/// The index after what is indented below the line of the token at `start`.
pub fn after_indented(tokens: &[Token], start: usize) -> usize {
    let Some(own) = tokens.get(start).map(|t| t.indent) else { return tokens.len() };
    let next = tokens
        .iter()
        .enumerate()
        .skip(start + 1)
        .find(|(_, t)| t.first && t.indent <= own && !matches!(t.kind, TokenKind::Sign(')' | ']' | '}')));
    next.map_or(tokens.len(), |(i, _)| i)
}

/// A call as it is written: its name and what it is given.
#[derive(Clone, Debug)]
pub struct LiteralCall<'t> {
    /// Its name with what it is called on (`c.run`).
    pub name: &'t str,
    /// What it is given, apart by commas.
    pub args: Vec<&'t [Token]>,
    /// Its bytes in the file.
    pub range: Range<usize>,
    /// The index of the token after it.
    pub end: usize,
}

/// The call that starts at a token: `name(a, b)`, or `name a, b` up to the end of the line.
pub fn call_at(tokens: &[Token], at: usize) -> Option<LiteralCall<'_>> {
    let name = tokens.get(at)?.word()?;
    let next = tokens.get(at + 1)?;
    let (from, to, end) = if next.is('(') && next.range.start == tokens[at].range.end {
        let end = after_closing(tokens, at + 1);
        (at + 2, end.saturating_sub(1).max(at + 2), end)
    } else if !next.first {
        let end = end_of_line(tokens, at + 1);
        (at + 1, end, end)
    } else {
        return None;
    };
    let args = split(tokens.get(from..to)?);
    let last = tokens.get(end.saturating_sub(1)).map_or(tokens[at].range.end, |t| t.range.end);
    Some(LiteralCall { name, args, range: tokens[at].range.start..last, end })
}

/// The index after the last token of a line; a bracket or a comma goes on with the next.
fn end_of_line(tokens: &[Token], from: usize) -> usize {
    let mut i = from;
    while let Some(token) = tokens.get(i) {
        if token.first && i > from && !tokens[i - 1].is(',') {
            break;
        }
        match token.kind {
            TokenKind::Sign('{' | '}' | ')' | ';' | '|' | '&') => break,
            TokenKind::Word(ref w) if matches!(w.as_str(), "do" | "if" | "unless" | "and" | "or" | "then") => break,
            TokenKind::Sign('(' | '[') => i = after_closing(tokens, i),
            _ => i += 1,
        }
    }
    i
}

/// Tokens apart by their outer commas.
pub fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut out, mut start, mut i) = (Vec::new(), 0, 0);
    while let Some(token) = tokens.get(i) {
        match token.kind {
            TokenKind::Sign('(' | '[' | '{') => i = after_closing(tokens, i),
            TokenKind::Sign(',') => {
                out.push(&tokens[start..i]);
                i += 1;
                start = i;
            }
            _ => i += 1,
        }
    }
    if start < tokens.len() {
        out.push(&tokens[start..]);
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::*;
    use crate::source::FileId;

    fn read(text: &str, language: Language) -> Vec<Token> {
        tokens(&SourceFile::new(FileId(0), "x", text), language)
    }

    #[test]
    fn calls_and_texts_are_read() {
        let all = read("c.run(f\"docker push {tag}\", pty=True)  # \"x\"", Language::Python);
        let call = call_at(&all, 0).map(|c| (c.name.to_owned(), c.args.len(), c.args[0][0].literal().cloned()));
        let Some((name, 2, Some(literal))) = call else { panic!("no call") };
        assert_eq!((name.as_str(), literal.text.text.as_str()), ("c.run", "docker push {tag}"));
        assert_eq!(literal.holes, [(12..17, Some("tag".to_owned()))]);
        let all = read("sh \"kubectl apply -f #{x} \\\"y\\\"\" do |ok|", Language::Ruby);
        let texts: Vec<_> = call_at(&all, 0).map(|c| c.args.iter().map(|a| a.len()).collect()).unwrap_or_default();
        assert_eq!(
            (texts, all[1].literal().map(|l| l.text.text.clone())),
            (vec![1], Some("kubectl apply -f #{x} \"y\"".to_owned()))
        );
        let all = read("commandLine 'docker', \"push\",\n  \"$tag\" // 'no'\nnext", Language::Jvm);
        assert_eq!(call_at(&all, 0).map(|c| (c.args.len(), c.end)), Some((3, 6)));
    }

    #[test]
    fn hostile_texts_end() {
        for language in [Language::Jvm, Language::Ruby, Language::Python, Language::Go] {
            for text in ["\"", "'''", "f'{", "((((", "é \"\\", "`", "/*", "a.b.", "x ,", "\"${{{\"", "$", "f'{{}}{'", ".", "@"] {
                let all = read(text, language);
                for i in 0..all.len() {
                    let _ = (call_at(&all, i), after_closing(&all, i), after_indented(&all, i));
                }
            }
        }
    }
}
