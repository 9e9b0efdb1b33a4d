//! Decoding of strings and here-documents with the way back to the file.

use crate::source::OffsetMap;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Between quotes.
    Quoted,
    /// As lines of a here-document, with this much leading white space to strip from each line.
    Heredoc(usize),
}

/// A text under construction.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) text: String,
    pub(super) map: OffsetMap,
    written: Written,
    line_start: bool,
}

impl Builder {
    pub(super) fn new(written: Written) -> Self {
        Self { text: String::new(), map: OffsetMap::default(), written, line_start: true }
    }

    /// Append bytes that stand in the file as they are.
    pub(super) fn verbatim(&mut self, raw: &str, start: usize) {
        self.text.push_str(raw);
        self.map.push(raw.len(), start, raw.len());
        self.line_start = false;
    }

    /// Append a literal stretch: `raw` as it stands in the file from byte `start` on, `decoded` as the parser read it.
    pub(super) fn literal(&mut self, raw: &str, decoded: &str, start: usize) {
        let pieces = self.pieces(raw);
        let joined: String = pieces.iter().map(|(text, _, _)| text.as_str()).collect();
        if joined == decoded {
            for (text, at, len) in pieces {
                self.text.push_str(&text);
                self.map.push(text.len(), start + at, len);
            }
        } else if !decoded.is_empty() {
            self.text.push_str(decoded);
            self.map.push(decoded.len(), start, raw.len());
        }
        self.line_start = raw.ends_with('\n');
    }

    /// The stretches of a literal: text, first byte in `raw`, bytes in `raw`.
    fn pieces(&self, raw: &str) -> Vec<(String, usize, usize)> {
        let mut out: Vec<(String, usize, usize)> = Vec::new();
        let mut line_start = self.line_start;
        let mut at = 0;
        while let Some(rest) = raw.get(at..).filter(|r| !r.is_empty()) {
            if let (Written::Heredoc(indent), true) = (self.written, line_start) {
                let blank: usize =
                    rest.chars().take(indent).take_while(|c| c.is_whitespace() && *c != '\n').map(char::len_utf8).sum();
                line_start = false;
                if blank > 0 {
                    at += blank;
                    continue;
                }
            }
            let (text, len) = self.next(rest);
            line_start = text == "\n";
            match out.last_mut() {
                Some((last, from, width)) if last.len() == *width && text.len() == len && *from + *width == at => {
                    last.push_str(&text);
                    *width += len;
                }
                _ => out.push((text, at, len)),
            }
            at += len;
        }
        out
    }

    /// The next character of a literal, decoded, and its length in the file.
    fn next(&self, rest: &str) -> (String, usize) {
        if rest.starts_with("$${") || rest.starts_with("%%{") {
            return (rest[1..3].to_owned(), 3);
        }
        let first = rest.chars().next().unwrap_or_default();
        if first != '\\' || self.written != Written::Quoted {
            return (first.to_string(), first.len_utf8());
        }
        let code = |len: usize| {
            let digits = rest.get(2..2 + len)?;
            char::from_u32(u32::from_str_radix(digits, 16).ok()?).map(|c| (c.to_string(), 2 + len))
        };
        let escaped = match rest[1..].chars().next() {
            Some('n') => Some(("\n".to_owned(), 2)),
            Some('r') => Some(("\r".to_owned(), 2)),
            Some('t') => Some(("\t".to_owned(), 2)),
            Some('u') => code(4),
            Some('U') => code(8),
            Some(c) => Some((c.to_string(), 1 + c.len_utf8())),
            None => None,
        };
        escaped.unwrap_or_else(|| ("\\".to_owned(), 1))
    }
}
