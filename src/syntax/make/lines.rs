//! Logical lines of a makefile.

use std::ops::Range;

/// One or more physical lines that `\` joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Logical {
    /// Its bytes, without the last line's end.
    pub range: Range<usize>,
}

impl Logical {
    /// The line outside of a recipe: continuations joined by one blank, the comment dropped.
    pub fn joined(&self, text: &str) -> String {
        let raw = text.get(self.range.clone()).unwrap_or("");
        let mut out = String::with_capacity(raw.len());
        for (i, line) in raw.split('\n').enumerate() {
            let line = line.trim_end_matches('\r');
            let (line, continued) = if continues(line) { (&line[..line.len() - 1], true) } else { (line, false) };
            if i > 0 {
                let kept = out.trim_end().len();
                out.truncate(kept);
                out.push(' ');
                out.push_str(line.trim_start());
            } else {
                out.push_str(line);
            }
            if !continued {
                break;
            }
        }
        if let Some(at) = comment(&out) {
            out.truncate(at);
        }
        out
    }
}

/// Whether a physical line ends with an odd number of backslashes.
fn continues(line: &str) -> bool {
    line.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

/// Where a comment starts: a `#` without a backslash, outside of references (`$(shell … # …)` is rare, `\#` is not).
fn comment(line: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut previous = ' ';
    for (i, c) in line.char_indices() {
        match c {
            '(' | '{' if previous == '$' || depth > 0 => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            '#' if depth == 0 && previous != '\\' => return Some(i),
            _ => {}
        }
        previous = c;
    }
    None
}

/// The logical lines of a text.
pub(super) fn logical_lines(text: &str) -> Vec<Logical> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches('\n').trim_end_matches('\r');
        let end = at + body.len();
        at += line.len();
        if continues(body) && at < text.len() {
            continue;
        }
        out.push(Logical { range: start..end });
        start = at;
    }
    if start < at {
        out.push(Logical { range: start..at });
    }
    out
}
