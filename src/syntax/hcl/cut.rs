//! Cutting a file that does not parse at its top-level blocks and attributes.

use std::ops::Range;

/// How often a block that never closes is ended at the next line that looks like a top-level one, and how many
/// here-documents without an end are looked for: both keep the time linear.
const MAX_RESTARTS: usize = 64;

/// Longest delimiter of a here-document, in bytes.
const MAX_DELIMITER: usize = 256;

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// `{`, `[`, `(`, or a hole in a string.
    Bracket,
    /// A quoted string.
    Quote,
}

/// The stretches of the text that hold one top-level block or attribute each.
pub(super) fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut restarts = 0;
    let mut endless = MAX_RESTARTS;
    while at < text.len() {
        let end = match scan(text.as_bytes(), at, &mut endless) {
            Some(end) => end,
            None if restarts < MAX_RESTARTS => {
                restarts += 1;
                next_header(text, at).unwrap_or(text.len())
            }
            None => text.len(),
        };
        if !text[at..end].trim().is_empty() {
            out.push(at..end);
        }
        at = end;
    }
    out
}

/// The end of the stretch from byte `from` on: the first line break outside of everything after something stood there.
/// None where something in it never closes. `endless` counts here-documents without an end that may still be looked for.
fn scan(bytes: &[u8], from: usize, endless: &mut usize) -> Option<usize> {
    let mut stack: Vec<Open> = Vec::new();
    let mut seen = false;
    let mut i = from;
    while i < bytes.len() {
        let byte = bytes[i];
        if stack.last() == Some(&Open::Quote) {
            i = quoted(bytes, i, &mut stack);
            continue;
        }
        match byte {
            b'\n' if seen && stack.is_empty() => return Some(i + 1),
            b'#' => i = line_end(bytes, i),
            b'/' if bytes.get(i + 1) == Some(&b'/') => i = line_end(bytes, i),
            b'/' if bytes.get(i + 1) == Some(&b'*') => i = comment_end(bytes, i),
            b'<' if bytes.get(i + 1) == Some(&b'<') => {
                seen = true;
                i = heredoc_end(bytes, i, endless);
            }
            b'"' => {
                seen = true;
                stack.push(Open::Quote);
                i += 1;
            }
            b'{' | b'[' | b'(' => {
                seen = true;
                stack.push(Open::Bracket);
                i += 1;
            }
            b'}' | b']' | b')' => {
                stack.pop();
                i += 1;
            }
            _ => {
                seen |= !byte.is_ascii_whitespace();
                i += 1;
            }
        }
    }
    stack.is_empty().then_some(bytes.len())
}

/// One step inside a quoted string. A line break ends it: HCL allows none there.
fn quoted(bytes: &[u8], i: usize, stack: &mut Vec<Open>) -> usize {
    match bytes[i] {
        b'\\' => i + 2,
        b'"' => {
            stack.pop();
            i + 1
        }
        b'\n' => {
            stack.pop();
            i
        }
        b'$' | b'%' if bytes.get(i + 1) == Some(&bytes[i]) && bytes.get(i + 2) == Some(&b'{') => i + 3,
        b'$' | b'%' if bytes.get(i + 1) == Some(&b'{') => {
            stack.push(Open::Bracket);
            i + 2
        }
        _ => i + 1,
    }
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| from + n)
}

fn comment_end(bytes: &[u8], from: usize) -> usize {
    bytes[from + 2..].windows(2).position(|w| w == b"*/").map_or(bytes.len(), |n| from + 2 + n + 2)
}

/// Past a here-document that starts at `from`; two bytes further where none starts or it has no end.
fn heredoc_end(bytes: &[u8], from: usize, endless: &mut usize) -> usize {
    let rest = bytes[from + 2..].strip_prefix(b"-").unwrap_or(&bytes[from + 2..]);
    let named = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') || !b.is_ascii();
    let delimiter = &rest[..rest.iter().take_while(|b| named(b)).take(MAX_DELIMITER).count()];
    let after = rest[delimiter.len()..].strip_prefix(b"\r").unwrap_or(&rest[delimiter.len()..]);
    if delimiter.is_empty() || !after.starts_with(b"\n") || *endless == 0 {
        return from + 2;
    }
    let mut at = bytes.len() - after.len() + 1;
    while at < bytes.len() {
        let end = line_end(bytes, at);
        if bytes[at..end].trim_ascii() == delimiter {
            return end;
        }
        at = end + 1;
    }
    *endless -= 1;
    from + 2
}

/// The next line after the first one of a stretch that looks like a top-level block or attribute.
fn next_header(text: &str, from: usize) -> Option<usize> {
    let mut started = false;
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        if started && is_header(line) {
            return Some(at);
        }
        started |= is_header(line);
        at += line.len();
    }
    None
}

/// Whether a line begins, without indent, with a name, labels and `{` or `=`.
fn is_header(line: &str) -> bool {
    if !line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return false;
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_-.\" \t".contains(c));
    rest.starts_with('{') || rest.starts_with('=')
}
