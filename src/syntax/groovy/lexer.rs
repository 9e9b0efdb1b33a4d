//! Tokens: words, numbers, strings, operators, brackets, each with what stands before it.

use super::strings::{Kind as StringKind, Raw, Scanner};

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// A line ends before it.
    pub line_before: bool,
    /// A blank stands before it.
    pub space_before: bool,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// The string with this index.
    Text(usize),
    /// An operator or a sign.
    Sign(&'static str),
    /// `(`, `[`, `{`.
    Open(u8),
    /// `)`, `]`, `}`.
    Close(u8),
    /// A byte that begins nothing.
    Bad,
    /// The end.
    End,
}

/// The tokens of a text, the end last.
pub(super) struct Tokens {
    /// All of them.
    pub list: Vec<Token>,
    /// Its strings.
    pub strings: Vec<Raw>,
    /// Strings and comments that end nowhere: where they begin, and what they are.
    pub faults: Vec<(usize, &'static str)>,
}

/// Longest first.
const SIGNS: &[&str] = &[
    ">>>=", "<=>", "===", "!==", "==~", "**=", "..<", "<<=", ">>=", "...", "?.", "*.", ".&", ".@", "?:", "?=", "=~", "==", "!=",
    "<=", ">=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "->", "::", "<<", "..", "**", "=", "<",
    ">", "!", "?", ":", ";", ",", ".", "+", "-", "*", "/", "%", "&", "|", "^", "~", "@",
];

/// Words after which an expression begins, so that `/` opens a string.
const BEFORE_EXPRESSION: &[&str] = &["return", "case", "in", "throw", "assert", "else", "as", "instanceof", "new"];

/// Whether a name may begin with a byte.
pub(super) fn is_word_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b == b'$' || b >= 0x80
}

/// Whether a name may hold a byte.
pub(super) fn is_word(b: u8) -> bool {
    is_word_start(b) || b.is_ascii_digit()
}

/// Cut `text[from..to]` into tokens.
pub(super) fn tokens(text: &str, from: usize, to: usize) -> Tokens {
    let out = Tokens { list: Vec::new(), strings: Vec::new(), faults: Vec::new() };
    let mut lexer = Lexer { text, to, at: from, out, scanner: Scanner::new(text, from, to) };
    if from == 0 && text.starts_with("#!") {
        lexer.at = lexer.line_end();
    }
    lexer.run();
    lexer.out
}

struct Lexer<'t> {
    text: &'t str,
    to: usize,
    at: usize,
    out: Tokens,
    scanner: Scanner<'t>,
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        let at = self.at + ahead;
        if at < self.to { self.text.as_bytes().get(at).copied().unwrap_or(0) } else { 0 }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..self.to).unwrap_or("")
    }

    fn line_end(&self) -> usize {
        self.rest().find('\n').map_or(self.to, |n| self.at + n)
    }

    fn run(&mut self) {
        loop {
            let (line_before, space_before) = self.blanks();
            let start = self.at;
            let kind = if start >= self.to { Kind::End } else { self.token(space_before) };
            self.at = self.at.clamp(start, self.to);
            self.out.list.push(Token { kind, start, end: self.at, line_before, space_before });
            if kind == Kind::End {
                return;
            }
        }
    }

    /// Go over blanks and comments; whether a line ends among them, and whether there are any.
    fn blanks(&mut self) -> (bool, bool) {
        let start = self.at;
        let mut line = false;
        while self.at < self.to {
            match (self.byte(0), self.byte(1)) {
                (b'\n', _) => {
                    line = true;
                    self.at += 1;
                }
                (b' ' | b'\t' | b'\r' | 0x0c, _) => self.at += 1,
                // A line that goes on.
                (b'\\', b'\n') => self.at += 2,
                (b'\\', b'\r') if self.byte(2) == b'\n' => self.at += 3,
                (b'/', b'/') => self.at = self.line_end(),
                (b'/', b'*') => {
                    let end = self.rest().get(2..).and_then(|inner| inner.find("*/")).map(|n| self.at + n + 4);
                    let comment = self.text.get(self.at..end.unwrap_or(self.to)).unwrap_or("");
                    line |= comment.contains('\n');
                    if end.is_none() {
                        self.out.faults.push((self.at, "a comment that ends nowhere"));
                    }
                    self.at = end.unwrap_or(self.to);
                }
                _ => break,
            }
        }
        (line, self.at > start)
    }

    fn token(&mut self, space_before: bool) -> Kind {
        let b = self.byte(0);
        if let Some(kind) = self.string_kind(space_before) {
            return self.string(kind);
        }
        if is_word_start(b) {
            let len = self.rest().bytes().take_while(|b| is_word(*b)).count();
            self.at += len;
            return Kind::Word;
        }
        if b.is_ascii_digit() {
            self.number();
            return Kind::Number;
        }
        if matches!(b, b'(' | b'[' | b'{') {
            self.at += 1;
            return Kind::Open(b);
        }
        if matches!(b, b')' | b']' | b'}') {
            self.at += 1;
            return Kind::Close(b);
        }
        if let Some(sign) = SIGNS.iter().find(|s| self.rest().starts_with(**s)) {
            self.at += sign.len();
            return Kind::Sign(sign);
        }
        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
        Kind::Bad
    }

    fn number(&mut self) {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let mut len = digits(0);
        if bytes.get(len) == Some(&b'.') && bytes.get(len + 1).is_some_and(u8::is_ascii_digit) {
            len += 1 + digits(len + 1);
        }
        self.at += len;
    }

    /// Which string begins here, if one does.
    fn string_kind(&self, space_before: bool) -> Option<StringKind> {
        let rest = self.rest();
        match self.byte(0) {
            b'\'' if rest.starts_with("'''") => Some(StringKind::TripleSingle),
            b'\'' => Some(StringKind::Single),
            b'"' if rest.starts_with("\"\"\"") => Some(StringKind::TripleDouble),
            b'"' => Some(StringKind::Double),
            b'$' if self.byte(1) == b'/' && !self.after_operand() => Some(StringKind::DollarSlashy),
            b'/' if !self.after_operand() => Some(StringKind::Slashy),
            // `echo /x/`, `sh $/x/$`: an argument.
            b'$' if self.byte(1) == b'/' && space_before && self.after_word() => Some(StringKind::DollarSlashy),
            b'/' if space_before && !matches!(self.byte(1), b' ' | b'\t' | b'=' | b'\n') && self.after_word() => {
                let line = self.text.get(self.at + 1..self.line_end()).unwrap_or("");
                line.contains('/').then_some(StringKind::Slashy)
            }
            _ => None,
        }
    }

    fn after_word(&self) -> bool {
        self.out.list.last().is_some_and(|t| t.kind == Kind::Word)
    }

    /// Whether what stands before is an operand, so that `/` divides.
    fn after_operand(&self) -> bool {
        self.out.list.last().is_some_and(|t| match t.kind {
            Kind::Word => !BEFORE_EXPRESSION.contains(&&self.text[t.start..t.end]),
            Kind::Number | Kind::Text(_) | Kind::Close(_) => true,
            Kind::Sign(sign) => matches!(sign, "++" | "--"),
            _ => false,
        })
    }

    fn string(&mut self, kind: StringKind) -> Kind {
        let start = self.at;
        let raw = self.scanner.read(kind, start);
        if raw.closed {
            self.at = raw.end;
        } else if matches!(kind, StringKind::Slashy | StringKind::DollarSlashy) {
            // An operator after all.
            self.at += 1;
            return if kind == StringKind::Slashy { Kind::Sign("/") } else { Kind::Bad };
        } else {
            self.out.faults.push((start, "a string that ends nowhere"));
            self.at = raw.end.max(start + 1);
        }
        self.out.strings.push(raw);
        Kind::Text(self.out.strings.len() - 1)
    }
}
