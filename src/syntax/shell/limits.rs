//! Limits that keep the parser linear. Its grammar is ambiguous in pipelines and arrays, and takes quadratic time where
//! thousands of them hang together, which no script does.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};
use std::time::{Duration, Instant};
use tree_sitter::ParseState;

/// Pipes, or opened arrays, that may hang together.
const TOGETHER: usize = 300;

/// A text with stretches blanked that hold too many pipes or opened arrays, and these stretches.
pub(super) fn without_overload(text: &str) -> (Cow<'_, str>, Vec<Range<usize>>) {
    let passed = overloads(text.as_bytes());
    if passed.is_empty() {
        return (Cow::Borrowed(text), passed);
    }
    let mut bytes = text.as_bytes().to_vec();
    for range in &passed {
        if let Some(stretch) = bytes.get_mut(range.clone()) {
            stretch.iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
        }
    }
    // The stretches end at line breaks, so that no character is cut.
    (Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()), passed)
}

fn overloads(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let (mut start, mut pipes, mut arrays, mut last) = (0, 0, 0, 0);
    for (at, b) in bytes.iter().copied().chain(std::iter::once(b'\n')).enumerate() {
        match b {
            b'|' => pipes += 1,
            b'(' if last == b'=' => arrays += 1,
            b')' => arrays = 0,
            b'\n' if at == bytes.len() || !matches!(last, b'|' | b'\\') => {
                let hangs = arrays > 0 && arrays <= TOGETHER && at < bytes.len();
                if pipes > TOGETHER || arrays > TOGETHER {
                    out.push(start..at);
                }
                if !hangs {
                    start = at + 1;
                    arrays = 0;
                }
                pipes = 0;
            }
            _ => {}
        }
        if !matches!(b, b' ' | b'\t' | b'\r' | b'\n') {
            last = b;
        }
    }
    out
}

/// Stops the parser where a text of this length takes far longer than any should.
pub(super) fn watch(len: usize) -> impl FnMut(&ParseState) -> ControlFlow<()> {
    let allowed = Duration::from_secs(4) + Duration::from_micros(4 * len as u64);
    let started = Instant::now();
    move |_| if started.elapsed() > allowed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
