//! References in make text: `$(NAME)`, `${NAME}`, `$(function …)`, `$@`, `$$`.

use std::ops::Range;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// What it is.
    pub reference: Option<Reference>,
}

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `$$`: a dollar sign for the shell.
    Dollar,
    /// A variable.
    Variable(String),
    /// An automatic variable: its sign (`@`, `<`, `^`, `*` …), without the `D` or `F` of `$(@D)`.
    Automatic(char, bool),
    /// A function call: its name and its arguments as written.
    Function(String, String),
    /// A computed name, a substitution reference, or a reference without its end.
    Other(String),
}

/// After this many references without an end no further bracket is looked for: each would read the text to its end.
const MAX_UNCLOSED: usize = 64;

/// Split a text at its references.
pub fn parts(text: &str) -> Vec<Part> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut from = 0;
    let mut at = 0;
    let mut unclosed = 0;
    while at < bytes.len() {
        if bytes[at] != b'$' {
            at += 1;
            continue;
        }
        let bracket = matches!(bytes.get(at + 1), Some(b'(' | b'{'));
        let found = if bracket && unclosed >= MAX_UNCLOSED { None } else { reference(text, at) };
        let Some((end, reference)) = found else {
            unclosed += usize::from(bracket);
            at += 1;
            continue;
        };
        if from < at {
            out.push(Part { range: from..at, reference: None });
        }
        out.push(Part { range: at..end, reference: Some(reference) });
        at = end;
        from = end;
    }
    if from < bytes.len() {
        out.push(Part { range: from..bytes.len(), reference: None });
    }
    out
}

const AUTOMATIC: &[char] = &['@', '<', '^', '*', '?', '+', '%', '|'];

/// The reference at the `$` at byte `at`, with its end.
fn reference(text: &str, at: usize) -> Option<(usize, Reference)> {
    let next = text[at + 1..].chars().next()?;
    match next {
        '$' => Some((at + 2, Reference::Dollar)),
        '(' | '{' => {
            let end = closing(text, at + 1)?;
            Some((end, named(&text[at + 2..end - 1])))
        }
        c if AUTOMATIC.contains(&c) => Some((at + 2, Reference::Automatic(c, false))),
        c if c.is_ascii_alphanumeric() || c == '_' => Some((at + 2, Reference::Variable(c.to_string()))),
        _ => None,
    }
}

/// End of a bracketed reference: brackets of its own kind nest.
fn closing(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (opener, closer) = if bytes[open] == b'(' { (b'(', b')') } else { (b'{', b'}') };
    let mut depth = 0usize;
    for (i, b) in bytes.iter().enumerate().skip(open) {
        if *b == opener {
            depth += 1;
        } else if *b == closer {
            depth -= 1;
            if depth == 0 {
                return Some(i + 1);
            }
        }
    }
    None
}

fn named(inner: &str) -> Reference {
    let mut chars = inner.chars();
    if let Some(sign) = chars.next().filter(|c| AUTOMATIC.contains(c)) {
        match chars.as_str() {
            "" => return Reference::Automatic(sign, false),
            "D" | "F" => return Reference::Automatic(sign, true),
            _ => {}
        }
    }
    let plain = |c: char| !(c.is_whitespace() || matches!(c, '$' | ':' | '(' | ')' | '{' | '}' | '=' | '#' | ','));
    if !inner.is_empty() && inner.chars().all(plain) {
        return Reference::Variable(inner.to_owned());
    }
    match inner.trim_start().split_once(|c: char| c.is_whitespace()) {
        Some((name, arguments)) if name.chars().all(|c| c.is_ascii_lowercase() || c == '-') => {
            Reference::Function(name.to_owned(), arguments.trim().to_owned())
        }
        _ => Reference::Other(inner.to_owned()),
    }
}

/// Words of make text: blanks inside references do not separate.
pub fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = None;
    for part in parts(text) {
        if part.reference.is_some() {
            start.get_or_insert(part.range.start);
            continue;
        }
        for (i, c) in text[part.range.clone()].char_indices() {
            let at = part.range.start + i;
            if c.is_whitespace() {
                if let Some(from) = start.take() {
                    out.push(&text[from..at]);
                }
            } else {
                start.get_or_insert(at);
            }
        }
    }
    if let Some(from) = start {
        out.push(&text[from..]);
    }
    out
}
