//! Words of PowerShell and cmd.exe lines.

use super::Dialect;
use super::words::Source;
use crate::model::{Expr, Logic};
use std::ops::Range;

/// A word.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    pub(super) expr: Expr,
    pub(super) quoted: bool,
    pub(super) masked: bool,
}

impl Token {
    /// Whether it is this bare word, in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        !self.quoted && self.expr.literal().is_some_and(|t| t.eq_ignore_ascii_case(word))
    }
}

/// What stands before a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// The end of the one before.
    Next,
    /// `|`
    Pipe,
    /// `||`
    Or,
}

/// The words between two separators.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) tokens: Vec<Token>,
    pub(super) joint: Joint,
    pub(super) logic: Logic,
}

/// Longest variable or expression in a word, in bytes.
const LONGEST: usize = 512;

/// Reads a text byte by byte; every byte that means something is ASCII.
struct Reader<'a> {
    source: &'a Source<'a>,
    bytes: &'a [u8],
    at: usize,
    dialect: Dialect,
    out: Vec<Segment>,
    tokens: Vec<Token>,
    joint: Joint,
    /// The logic inside the brackets that are open, and the keyword before each.
    blocks: Vec<(Logic, Logic)>,
    /// The word that the statement begins with, for the block that follows.
    keyword: Logic,
}

/// The commands of a text, as words.
pub(super) fn segments(source: &Source, dialect: Dialect) -> Vec<Segment> {
    let mut reader = Reader {
        source,
        bytes: source.text.text.as_bytes(),
        at: 0,
        dialect,
        out: Vec::new(),
        tokens: Vec::new(),
        joint: Joint::Next,
        blocks: Vec::new(),
        keyword: Logic::default(),
    };
    while reader.at < reader.bytes.len() {
        reader.step();
    }
    reader.end(Joint::Next);
    reader.out
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn escape(&self) -> u8 {
        if self.dialect == Dialect::Cmd { b'^' } else { b'`' }
    }

    /// Whether the escape character continues the line here; how many bytes to skip.
    fn continuation(&self) -> Option<usize> {
        match (self.peek(0) == self.escape(), self.peek(1), self.peek(2)) {
            (true, b'\n', _) => Some(2),
            (true, b'\r', b'\n') => Some(3),
            _ => None,
        }
    }

    fn step(&mut self) {
        let powershell = self.dialect == Dialect::PowerShell;
        if let Some(skip) = self.continuation() {
            self.at += skip;
            return;
        }
        let (b, next) = (self.peek(0), self.peek(1));
        let width = match (b, next) {
            (b' ' | b'\t' | b'\r', _) => {
                self.at += 1;
                return;
            }
            (b'<', b'#') if powershell => return self.skip_past("#>"),
            (b'#', _) if powershell => return self.skip_line(),
            (b':', _) if !powershell && self.tokens.is_empty() => return self.skip_line(),
            (b'@', _) if !powershell && self.tokens.is_empty() => {
                self.at += 1;
                return;
            }
            (b'\n', _) => {
                // PowerShell goes on after a pipe.
                let goes_on = powershell && self.tokens.is_empty() && self.joint == Joint::Pipe;
                if !goes_on {
                    self.end(Joint::Next);
                }
                1
            }
            (b'|', b'|') => self.ended(Joint::Or, 2),
            (b'|', _) => self.ended(Joint::Pipe, 1),
            (b'&', b'&') => self.ended(Joint::Next, 2),
            (b'&', _) if !powershell => self.ended(Joint::Next, 1),
            (b';', _) if powershell => self.ended(Joint::Next, 1),
            (b'{', _) if powershell => self.open(),
            (b'(', _) => self.open(),
            (b'}', _) if powershell => self.close(),
            (b')', _) => self.close(),
            _ => {
                self.word();
                return;
            }
        };
        self.at += width;
    }

    fn ended(&mut self, joint: Joint, width: usize) -> usize {
        self.end(joint);
        width
    }

    fn open(&mut self) -> usize {
        if self.dialect == Dialect::Cmd && self.tokens.last().is_some_and(|t| t.is("in")) {
            // The values of `for … in (…)`.
            let rest = self.source.text.text.get(self.at..).unwrap_or("");
            return rest.find([')', '\n']).map_or(rest.len(), |at| at + 1);
        }
        self.end(Joint::Next);
        let mut logic = self.logic();
        logic.in_loop |= self.keyword.in_loop;
        logic.polling |= self.keyword.polling;
        logic.conditional |= self.keyword.conditional;
        self.blocks.push((logic, self.keyword));
        1
    }

    fn close(&mut self) -> usize {
        self.end(Joint::Next);
        let before = self.blocks.pop();
        // After `if (…)` the keyword still holds, after its block no more.
        self.keyword = before.filter(|_| self.peek(0) == b')').map(|(_, keyword)| keyword).unwrap_or_default();
        1
    }

    /// The logic of the brackets that are open.
    fn logic(&self) -> Logic {
        self.blocks.last().map(|(logic, _)| *logic).unwrap_or_default()
    }

    /// The end of a command.
    fn end(&mut self, joint: Joint) {
        let tokens = std::mem::take(&mut self.tokens);
        if let Some(first) = tokens.first() {
            self.keyword = Logic::default();
            self.keyword.conditional = ["if", "elseif", "else", "switch", "catch"].iter().any(|w| first.is(w));
            self.keyword.in_loop = ["foreach", "for", "foreach-object"].iter().any(|w| first.is(w));
            self.keyword.polling = ["while", "do"].iter().any(|w| first.is(w));
            let is_rem = self.dialect == Dialect::Cmd && first.is("rem");
            if !is_rem {
                let logic = self.logic();
                self.out.push(Segment { tokens, joint: self.joint, logic });
            }
        }
        self.joint = joint;
    }

    fn skip_line(&mut self) {
        while self.at < self.bytes.len() && self.peek(0) != b'\n' {
            self.at += 1;
        }
    }

    fn skip_past(&mut self, end: &str) {
        let rest = self.source.text.text.get(self.at..).unwrap_or("");
        self.at = rest.find(end).map_or(self.bytes.len(), |i| self.at + i + end.len());
    }

    /// One word, with what is quoted in it.
    fn word(&mut self) {
        let start = self.at;
        let mut parts: Vec<Expr> = Vec::new();
        let mut from = start;
        let quoted = matches!(self.peek(0), b'"') || (self.peek(0) == b'\'' && self.dialect == Dialect::PowerShell);
        if self.dialect == Dialect::PowerShell && self.peek(0) == b'@' && matches!(self.peek(1), b'"' | b'\'') {
            // A here-string ends with its quote and `@` at the start of a line.
            let end = if self.peek(1) == b'"' { "\n\"@" } else { "\n'@" };
            self.skip_past(end);
            let range = start..self.at;
            self.tokens.push(Token { range, expr: Expr::Unknown("a here-string".to_owned()), quoted: true, masked: false });
            return;
        }
        while self.at < self.bytes.len() && self.continuation().is_none() {
            let b = self.peek(0);
            match b {
                b' ' | b'\t' | b'\r' | b'\n' | b'|' => break,
                b';' | b'{' | b'}' | b'(' | b')' if self.dialect == Dialect::PowerShell => break,
                b'&' | b'(' | b')' if self.dialect == Dialect::Cmd => break,
                b'&' if self.at > start => break,
                b'"' | b'\'' if b == b'"' || self.dialect == Dialect::PowerShell => {
                    self.literal(from, self.at, &mut parts);
                    self.quoted(b, &mut parts);
                    from = self.at;
                }
                b'$' | b'%' | b'!' => {
                    let Some((len, expr)) = self.variable() else {
                        self.at += 1;
                        continue;
                    };
                    self.literal(from, self.at, &mut parts);
                    parts.push(expr);
                    self.at += len;
                    from = self.at;
                }
                _ if b == self.escape() => {
                    self.literal(from, self.at, &mut parts);
                    self.at += 1;
                    from = self.at;
                    self.at += self.width();
                }
                _ => self.at += 1,
            }
        }
        if self.at == start {
            self.at += 1;
        }
        self.literal(from, self.at, &mut parts);
        let range = start..self.at;
        let masked = self.source.is_masked(&range);
        self.tokens.push(Token { range, expr: Expr::concat(parts), quoted, masked });
    }

    /// Bytes of the character here.
    fn width(&self) -> usize {
        self.source.text.text.get(self.at..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8)
    }

    fn quoted(&mut self, quote: u8, parts: &mut Vec<Expr>) {
        self.at += 1;
        let mut from = self.at;
        while self.at < self.bytes.len() && self.peek(0) != quote {
            match self.peek(0) {
                b'`' if quote == b'"' && self.dialect == Dialect::PowerShell => {
                    self.literal(from, self.at, parts);
                    self.at += 1;
                    from = self.at;
                    self.at += self.width();
                }
                b'$' | b'%' | b'!' if quote == b'"' => match self.variable() {
                    Some((len, expr)) => {
                        self.literal(from, self.at, parts);
                        parts.push(expr);
                        self.at += len;
                        from = self.at;
                    }
                    None => self.at += 1,
                },
                b'\n' if self.dialect == Dialect::Cmd => break,
                _ => self.at += 1,
            }
        }
        self.literal(from, self.at.min(self.bytes.len()), parts);
        if self.peek(0) == quote {
            self.at += 1;
        }
    }

    /// A literal stretch, with what is masked in it.
    fn literal(&self, from: usize, to: usize, parts: &mut Vec<Expr>) {
        let mut at = from;
        let first = self.source.masked.partition_point(|m| m.range.end <= from);
        for mask in self.source.masked.iter().skip(first).take_while(|m| m.range.start < to) {
            let start = mask.range.start.max(at);
            if start > at {
                parts.push(Expr::lit(self.source.slice(&(at..start))));
            }
            parts.push(mask.expr.clone());
            at = mask.range.end.min(to);
        }
        if to > at {
            parts.push(Expr::lit(self.source.slice(&(at..to))));
        }
    }

    /// The variable here and its length.
    fn variable(&self) -> Option<(usize, Expr)> {
        let rest = self.source.text.text.get(self.at..)?;
        let rest = &rest[..rest.floor_char_boundary(LONGEST)];
        match (self.dialect, self.peek(0)) {
            (Dialect::PowerShell, b'$') => {
                let inner = &rest[1..];
                if inner.starts_with('(') {
                    let close = inner.find(')').map_or(inner.len(), |i| i + 1);
                    return Some((1 + close, Expr::Unknown(rest[..=close].to_owned())));
                }
                let (body, len) = if let Some(braced) = inner.strip_prefix('{') {
                    let end = braced.find('}')?;
                    (&braced[..end], end + 3)
                } else {
                    let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
                    let body = inner[..end.unwrap_or(inner.len())].trim_end_matches(':');
                    (body, body.len() + 1)
                };
                let name = body.rsplit(':').next().unwrap_or(body);
                (!name.is_empty()).then(|| (len, Expr::Var(format!("env.{name}"))))
            }
            (Dialect::Cmd, b'%') => {
                let inner = &rest[1..];
                match inner.chars().next()? {
                    '*' => Some((2, Expr::Var("arg.@".to_owned()))),
                    c @ '1'..='9' => Some((2, Expr::Var(format!("arg.{c}")))),
                    '~' | '%' => {
                        let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '~' || c == '%'));
                        let len = 1 + end.unwrap_or(inner.len());
                        Some((len, Expr::Unknown(rest[..len].to_owned())))
                    }
                    _ => named_between(inner, '%'),
                }
            }
            (Dialect::Cmd, b'!') => named_between(&rest[1..], '!'),
            _ => None,
        }
    }
}

/// `NAME%`
fn named_between(inner: &str, close: char) -> Option<(usize, Expr)> {
    let end = inner.find(close)?;
    let name = &inner[..end];
    let valid = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    valid.then(|| (end + 2, Expr::Var(format!("env.{name}"))))
}
