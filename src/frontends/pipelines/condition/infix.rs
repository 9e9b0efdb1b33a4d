//! Conditions that are words, texts in quotes and signs, joined by `||`, `&&` and `!`, as Bitbucket, CircleCI and CEL have them.
//! What stands between those, each of them reads itself. Where bare words are texts as well, [`super::parse`] reads them.

use crate::frontends::pipelines::runs::{both, either, not};
use crate::model::Expr;

/// Deepest nesting of brackets.
const MAX_DEPTH: usize = 40;

/// What a condition is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'t> {
    /// A text, without its quotes.
    Text(&'t str),
    /// A name, number or operator in letters.
    Word(&'t str),
    /// A sign.
    Sign(&'static str),
}

/// The tokens of a text, where it has no other characters and its texts are closed.
pub fn tokens<'t>(
    text: &'t str,
    quotes: &[char],
    signs: &[&'static str],
    is_word: impl Fn(char) -> bool,
) -> Option<Vec<Token<'t>>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        if quotes.contains(&c) {
            let len = rest[1..].find(c)?;
            out.push(Token::Text(&rest[1..=len]));
            rest = &rest[len + 2..];
        } else if is_word(c) {
            let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            out.push(Token::Word(&rest[..len]));
            rest = &rest[len..];
        } else {
            let sign = signs.iter().find(|s| rest.starts_with(**s))?;
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        }
        rest = rest.trim_start();
    }
    Some(out)
}

/// Tokens, and how far they are read.
pub struct Tokens<'t> {
    list: Vec<Token<'t>>,
    at: usize,
    depth: usize,
}

impl<'t> Tokens<'t> {
    /// Tokens of which none is read.
    pub fn new(list: Vec<Token<'t>>) -> Self {
        Self { list, at: 0, depth: 0 }
    }

    /// The next one.
    pub fn peek(&self) -> Option<Token<'t>> {
        self.list.get(self.at).copied()
    }

    /// Take the next one.
    pub fn advance(&mut self) -> Option<Token<'t>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Go into brackets. `None`: they are too deep.
    pub fn enter(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())
    }

    /// Come out of brackets.
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Take the next one where it is one of these words or signs.
    pub fn take(&mut self, names: &[&str]) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(name) | Token::Sign(name)) if names.contains(&name));
        self.at += usize::from(found);
        found
    }
}

/// A notation of conditions.
pub trait Infix<'t> {
    /// How it writes `||`.
    const OR: &'static [&'static str] = &["||"];
    /// How it writes `&&`.
    const AND: &'static [&'static str] = &["&&"];
    /// How it writes `!`.
    const NOT: &'static [&'static str] = &["!"];

    /// What is read.
    fn tokens(&mut self) -> &mut Tokens<'t>;

    /// A comparison, or a value that stands alone. `None`: it cannot be read.
    fn compared(&mut self) -> Option<Expr>;

    /// The whole text as a condition. `None`: it cannot be read.
    fn whole(&mut self) -> Option<Expr> {
        self.or().filter(|_| self.tokens().peek().is_none())
    }

    /// What stands in brackets. `None`: it cannot be read.
    fn or(&mut self) -> Option<Expr> {
        self.tokens().enter()?;
        let mut all = vec![self.and()?];
        while self.tokens().take(Self::OR) {
            all.push(self.and()?);
        }
        self.tokens().leave();
        Some(either(all))
    }

    /// What `||` joins. `None`: it cannot be read.
    fn and(&mut self) -> Option<Expr> {
        let mut all = vec![self.negated()?];
        while self.tokens().take(Self::AND) {
            all.push(self.negated()?);
        }
        Some(both(all))
    }

    /// What `&&` joins. `None`: it cannot be read.
    fn negated(&mut self) -> Option<Expr> {
        let mut negate = false;
        while self.tokens().take(Self::NOT) {
            negate = !negate;
        }
        let inner = self.compared()?;
        Some(if negate { not(inner) } else { inner })
    }
}
