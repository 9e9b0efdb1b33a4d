//! What Terraform accepts and the parser does not: a key that an object has twice, of which the last counts, and a line break
//! after the `=>` of a `for`. Each is written otherwise with as many bytes, so that every place stays what it is; names are read
//! from the file and not from what was written.

use hcl_edit::parser::{Error, parse_body};
use hcl_edit::structure::Body;

/// At most so many keys of one text are written otherwise.
const MAX_KEYS: usize = 32;

/// Longest text that is tried again, in bytes: each trial reads it whole.
const MAX_TEXT: usize = 256 * 1024;

/// The tree of a text, whose names may stand for others of the same length.
pub(super) fn parse(text: &str) -> Result<Body, Error> {
    let first = match parse_body(text) {
        Ok(body) => return Ok(body),
        Err(error) if text.len() > MAX_TEXT => return Err(error),
        Err(error) => error,
    };
    let mut bytes = text.as_bytes().to_vec();
    let mut changed = joined(&mut bytes);
    for key in 0..=MAX_KEYS {
        let Ok(now) = std::str::from_utf8(&bytes) else { break };
        let error = if changed {
            match parse_body(now) {
                Ok(body) => return Ok(body),
                Err(error) => error,
            }
        } else {
            first.clone()
        };
        changed = error.message().contains("redefined object key") && renamed(&mut bytes, error.location().offset(), key);
        if !changed {
            break;
        }
    }
    Err(first)
}

/// Blanks for the line breaks after `=>`; whether there were any.
fn joined(bytes: &mut [u8]) -> bool {
    let mut any = false;
    let mut i = 0;
    while i + 1 < bytes.len() {
        if &bytes[i..i + 2] != b"=>" {
            i += 1;
            continue;
        }
        i += 2;
        while bytes.get(i).is_some_and(u8::is_ascii_whitespace) {
            any |= bytes[i] == b'\n';
            bytes[i] = b' ';
            i += 1;
        }
    }
    any
}

/// Another name for the key that stands before or at a place.
fn renamed(bytes: &mut [u8], offset: usize, number: usize) -> bool {
    let named = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let mut end = offset.min(bytes.len());
    if bytes.get(end).is_some_and(named) || bytes.get(end) == Some(&b'"') {
        end += bytes[end..].iter().position(|b| matches!(b, b'=' | b':' | b'\n')).unwrap_or(0);
    }
    while end > 0 && !named(&bytes[end - 1]) && bytes[end - 1] != b'\n' {
        end -= 1;
    }
    let start = bytes[..end].iter().rposition(|b| !named(b)).map_or(0, |at| at + 1);
    let Some(length) = end.checked_sub(start).filter(|n| *n > 0) else { return false };
    let mut left = number;
    for at in (0..length).rev() {
        bytes[start + at] = b'a' + (left % 26) as u8;
        left /= 26;
    }
    bytes[start] = b'_';
    true
}
