#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
mod rulings;
mod wrappers;

use super::Commands;
use std::sync::OnceLock;

/// The embedded tables, built once.
fn tables() -> &'static Commands {
    static TABLES: OnceLock<Commands> = OnceLock::new();
    TABLES.get_or_init(Commands::embedded)
}

/// Split a command line into words: quotes group, `HOLE` is an unknown part.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    for c in line.replace("HOLE", &crate::model::HOLE.to_string()).chars() {
        match quote {
            Some(q) if c == q => quote = None,
            None if c == '\'' || c == '"' => (quote, open) = (Some(c), true),
            None if c.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}
