//! Patterns of rows: literal words, alternatives, globs, places for any word.

use super::call::{Call, Need};
use crate::model::starred;

/// One word of a row's pattern.
#[derive(Clone, Debug)]
pub enum Slot {
    /// Exactly one positional word of any text (`<name>`).
    Any,
    /// No further positional word (`<>`).
    End,
    /// One of these, each a glob.
    OneOf(Vec<String>),
}

/// What a row's pattern asks of a call.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    /// Positional words after the program, in order.
    pub slots: Vec<Slot>,
    /// Options that must be there, each with alternatives.
    pub needs: Vec<Vec<Need>>,
}

/// How well a row fits; the greatest wins: literal words, those without a glob, length of the globs and places.
pub type Score = (usize, usize, usize);

impl Pattern {
    /// How well the pattern fits a call, the words of which are read up to index `end` for options.
    pub fn fits(&self, call: &Call, end: usize) -> Option<Score> {
        let mut score = (0, 0, 0);
        for (n, slot) in self.slots.iter().enumerate() {
            add(&mut score, slot.fits(call.arg(n + 1))?);
        }
        self.options(call, end).map(|s| add(&mut score, s))?;
        Some(score)
    }

    /// How well the pattern fits with its words standing as the `at`-th positional word, or `word` in its place.
    pub fn fits_goal(&self, call: &Call, at: usize, word: &str) -> Option<Score> {
        let mut score = (0, 0, 0);
        for (n, slot) in self.slots.iter().enumerate() {
            add(&mut score, slot.fits(if n == 0 { Some(word) } else { call.arg(at + n) })?);
        }
        self.options(call, usize::MAX).map(|s| add(&mut score, s))?;
        Some(score)
    }

    fn options(&self, call: &Call, end: usize) -> Option<Score> {
        let valued = |needs: &Vec<Need>| usize::from(needs.iter().any(|n| matches!(n, Need::Option { value: Some(_), .. })));
        let literals = self.needs.len() + self.needs.iter().map(valued).sum::<usize>();
        self.needs.iter().all(|n| n.iter().any(|n| n.holds(call, end))).then_some((literals, 0, 0))
    }
}

fn add(to: &mut Score, more: Score) {
    to.0 += more.0;
    to.1 += more.1;
    to.2 += more.2;
}

impl Slot {
    /// Read a word of a pattern.
    pub fn parse(word: &str) -> Self {
        if word == "<>" {
            Self::End
        } else if word.starts_with('<') && word.ends_with('>') {
            Self::Any
        } else {
            Self::OneOf(word.split('|').map(str::to_owned).collect())
        }
    }

    fn fits(&self, word: Option<&str>) -> Option<Score> {
        match (self, word) {
            (Self::End, None) | (Self::Any, Some(_)) => Some((0, 0, 1)),
            (Self::OneOf(list), None) if list.iter().any(|p| p == "<>") => Some((0, 0, 1)),
            (Self::OneOf(list), Some(word)) if list.iter().any(|p| p == word) => Some((1, 1, 0)),
            (Self::OneOf(list), Some(word)) => {
                let longest = list.iter().filter(|p| starred(p, word)).map(String::len).max();
                longest.map(|length| (1, 0, length))
            }
            _ => None,
        }
    }
}
