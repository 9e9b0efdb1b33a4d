//! Strings (<https://groovy-lang.org/syntax.html#_string_summary_table>): escapes are decoded, every byte keeps its place.

use super::lexer::{is_word, is_word_start};
use crate::source::OffsetMap;
use std::ops::Range;

/// How a string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Single,
    TripleSingle,
    Double,
    TripleDouble,
    Slashy,
    DollarSlashy,
}

impl Kind {
    fn open(self) -> &'static str {
        match self {
            Self::Single => "'",
            Self::TripleSingle => "'''",
            Self::Double => "\"",
            Self::TripleDouble => "\"\"\"",
            Self::Slashy => "/",
            Self::DollarSlashy => "$/",
        }
    }

    fn close(self) -> &'static str {
        if self == Self::DollarSlashy { "/$" } else { self.open() }
    }

    fn interpolates(self) -> bool {
        !matches!(self, Self::Single | Self::TripleSingle)
    }

    fn one_line(self) -> bool {
        matches!(self, Self::Single | Self::Double)
    }

    fn slashy(self) -> bool {
        matches!(self, Self::Slashy | Self::DollarSlashy)
    }
}

/// A string that was read.
#[derive(Clone, Debug)]
pub(super) struct Raw {
    /// One past its last byte.
    pub end: usize,
    /// Its decoded text.
    pub text: String,
    /// Where that stands.
    pub map: OffsetMap,
    /// Interpolations: bytes of the decoded text, bytes of the file that hold the expression.
    pub parts: Vec<(Range<usize>, Range<usize>)>,
    /// Whether its end was found.
    pub closed: bool,
}

/// Reads strings, with a bound on how often the same bytes are looked at.
pub(super) struct Scanner<'t> {
    text: &'t str,
    to: usize,
    /// Bytes that may still be looked at for the ends of strings and interpolations.
    budget: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str, from: usize, to: usize) -> Self {
        Self { text, to, budget: (to.saturating_sub(from) + 1).saturating_mul(16) }
    }

    fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..self.to).unwrap_or("")
    }

    /// Read a string that begins at a byte. One that ends nowhere ends with its line, a multi-line one with the text.
    pub(super) fn read(&mut self, kind: Kind, start: usize) -> Raw {
        let mut at = start + kind.open().len();
        let mut raw = Raw { end: at, text: String::new(), map: OffsetMap::default(), parts: Vec::new(), closed: false };
        raw.map.push(0, at, 0);
        while at < self.to && self.budget > 0 {
            let rest = self.rest(at);
            if rest.starts_with(kind.close()) && !quote_goes_on(kind, rest) {
                at += kind.close().len();
                raw.closed = true;
                break;
            }
            let Some(c) = rest.chars().next() else { break };
            if c == '\n' && kind.one_line() {
                break;
            }
            self.budget = self.budget.saturating_sub(1);
            at = self.element(kind, at, c, &mut raw);
        }
        raw.end = at.min(self.to);
        raw
    }

    /// Read one character, escape or interpolation; the byte after it.
    fn element(&mut self, kind: Kind, at: usize, c: char, raw: &mut Raw) -> usize {
        let rest = self.rest(at);
        match c {
            '\\' if !kind.slashy() => self.escape(at, raw),
            '\\' if rest.starts_with("\\/") && kind == Kind::Slashy => put(raw, '/', at, 2),
            '$' if kind == Kind::DollarSlashy && rest.starts_with("$$") => put(raw, '$', at, 2),
            '$' if kind == Kind::DollarSlashy && rest.starts_with("$/") => put(raw, '/', at, 2),
            '$' if kind.interpolates() => self.interpolation(at, raw),
            '\r' if rest.starts_with("\r\n") => put(raw, '\n', at, 2),
            c => put(raw, c, at, c.len_utf8()),
        }
    }

    fn escape(&self, at: usize, raw: &mut Raw) -> usize {
        let rest = self.rest(at);
        let after = rest.get(1..).unwrap_or("");
        let Some(c) = after.chars().next() else { return put(raw, '\\', at, 1) };
        let simple = match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            '\\' | '\'' | '"' | '$' => c,
            // The line goes on.
            '\n' => return at + 2,
            '\r' if after.starts_with("\r\n") => return at + 3,
            'u' => {
                let digits = after.trim_start_matches('u');
                let code = digits.get(..4).and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32);
                return match code {
                    Some(c) => put(raw, c, at, rest.len() - digits.len() + 4),
                    None => put(raw, '\\', at, 1),
                };
            }
            '0'..='7' => {
                let len = after.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                let code = u32::from_str_radix(&after[..len], 8).ok().and_then(char::from_u32);
                return put(raw, code.unwrap_or('\u{fffd}'), at, 1 + len);
            }
            // No escape of Groovy: both stay.
            _ => return put(raw, '\\', at, 1),
        };
        put(raw, simple, at, 2)
    }

    fn interpolation(&mut self, at: usize, raw: &mut Raw) -> usize {
        let rest = self.rest(at);
        let bytes = rest.as_bytes();
        let names = |from: usize| bytes[from..].iter().take_while(|b| is_word(**b) && **b != b'$').count();
        let begins = |i: usize| bytes.get(i).is_some_and(|b| is_word_start(*b) && *b != b'$');
        let (source, end) = if bytes.get(1) == Some(&b'{') {
            let Some(end) = self.closing(at + 1) else { return put(raw, '$', at, 1) };
            (at + 2..end - 1, end)
        } else if begins(1) {
            let mut len = 1 + names(1);
            while bytes.get(len) == Some(&b'.') && begins(len + 1) {
                len += 1 + names(len + 1);
            }
            (at + 1..at + len, at + len)
        } else {
            return put(raw, '$', at, 1);
        };
        let from = raw.text.len();
        raw.text.push_str(self.text.get(at..end).unwrap_or(""));
        raw.map.push(end - at, at, end - at);
        raw.parts.push((from..raw.text.len(), source));
        end
    }

    /// One past the bracket that closes the `{` at a byte; strings and brackets inside are gone over.
    fn closing(&mut self, open: usize) -> Option<usize> {
        // What closes the brackets and strings that are open.
        let mut inside: Vec<&'static str> = vec!["}"];
        let mut at = open + 1;
        while at < self.to {
            self.budget = self.budget.checked_sub(1)?;
            let rest = self.rest(at);
            let b = *rest.as_bytes().first()?;
            let top = *inside.last()?;
            if rest.starts_with(top) {
                inside.pop();
                at += top.len();
                if inside.is_empty() {
                    return Some(at);
                }
                continue;
            }
            if top == "}" {
                let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|q| rest.starts_with(q));
                if let Some(quote) = quote {
                    inside.push(quote);
                    at += quote.len();
                    continue;
                }
                if b == b'{' {
                    inside.push("}");
                }
            } else if b == b'\\' {
                at += 1;
            } else if b == b'\n' && top.len() == 1 {
                // A string ends with its line; it was none.
                return None;
            } else if rest.starts_with("${") && top.starts_with('"') {
                inside.push("}");
                at += 1;
            }
            at += self.rest(at).chars().next().map_or(1, char::len_utf8);
        }
        None
    }
}

/// `""""` ends with the last three of its quotes.
fn quote_goes_on(kind: Kind, rest: &str) -> bool {
    matches!(kind, Kind::TripleDouble | Kind::TripleSingle) && rest[3..].starts_with(&kind.close()[..1])
}

/// Put a character that stands in `len` bytes of the file; the byte after them.
fn put(raw: &mut Raw, c: char, at: usize, len: usize) -> usize {
    raw.text.push(c);
    raw.map.push(c.len_utf8(), at, len);
    at + len
}
