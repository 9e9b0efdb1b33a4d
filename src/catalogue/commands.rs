//! Commands: from the words of a simple command to what it is.

use super::{Class, Unwrap};

/// The command tables of all tools.
#[derive(Debug)]
pub struct Commands {}

impl Commands {
    /// The embedded tables.
    pub fn embedded() -> Self {
        Self {}
    }

    /// What a command is.
    pub fn classify(&self, _words: &[String]) -> Option<Class> {
        None
    }

    /// The wrapper a command's first words are.
    pub fn unwrap(&self, _words: &[String]) -> Option<Unwrap> {
        None
    }

    /// Whether an option takes the next word as its value.
    pub fn takes_value(&self, _program: &str, _option: &str) -> bool {
        false
    }
}
