//! Keys of files with a variable a line: dotenv files and Java properties.

use super::Keys;
use crate::source::{SourceFile, Span};

/// The keys of a file of lines.
pub(super) fn of(file: &SourceFile, properties: bool) -> (Keys, bool) {
    let mut keys = Keys::default();
    let mut at = 0;
    let mut quote: Option<char> = None;
    let mut goes_on = false;
    for line in file.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let text = line.trim();
        if let Some(open) = quote {
            // A value of several lines ends with its quote.
            if text.matches(open).count() % 2 == 1 {
                quote = None;
            }
            continue;
        }
        let inside = std::mem::replace(&mut goes_on, properties && text.ends_with('\\'));
        if inside || text.is_empty() || text.starts_with(['#', '!', ';', '[']) {
            continue;
        }
        let text = text.strip_prefix("export ").unwrap_or(text);
        let end = if properties { text.find(['=', ':']) } else { text.find('=') };
        let Some(end) = end else { continue };
        let (name, value) = (text[..end].trim(), text[end + 1..].trim());
        if !properties {
            quote = value.chars().next().filter(|c| matches!(c, '"' | '\'') && value.matches(*c).count() % 2 == 1);
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
        if name.chars().all(fits) {
            let from = start + line.find(name).unwrap_or(0);
            keys.add(None, name, Span::new(file.id, from, from + name.len()));
        }
    }
    let open = keys.partly || file.text.contains("{{");
    (keys, open)
}
