//! AsciiDoc: delimited and literal blocks, source paragraphs, section titles.

use super::{Line, Reader, markdown};

pub(super) fn read(lines: &[Line], out: &mut Reader) {
    let mut at = 0;
    // The attribute list over the next block: its language, where it is a source or listing.
    let mut source: Option<String> = None;
    let mut after_blank = true;
    while let Some(line) = lines.get(at) {
        let trimmed = line.text.trim_end();
        if let Some(inner) = attribute_list(trimmed) {
            source = language(inner);
            at += 1;
            continue;
        }
        if let Some(mark) = delimiter(trimmed) {
            let end = closing(lines, at, trimmed);
            match mark {
                '/' => {}
                '`' => out.block(Some(trimmed.trim_start_matches('`')), body(lines, at, end)),
                _ => out.block(source.as_deref(), body(lines, at, end)),
            }
            source = None;
            after_blank = true;
            at = end + 1;
            continue;
        }
        if line.is_blank() {
            after_blank = true;
            at += 1;
            continue;
        }
        let literal = after_blank && line.text.starts_with([' ', '\t']) && !is_item(line.text.trim_start());
        if source.is_some() || literal {
            let count = lines[at..].iter().take_while(|l| !l.is_blank()).count();
            let indent = lines[at..at + count].iter().map(Line::indent).min().unwrap_or(0);
            out.block(source.take().as_deref(), lines[at..at + count].iter().map(|l| l.cut(indent)).collect());
            at += count;
            continue;
        }
        after_blank = false;
        prose(line, out);
        at += 1;
    }
}

fn prose(line: &Line, out: &mut Reader) {
    let text = line.text;
    if text.starts_with("//") {
        return;
    }
    let mark = if text.starts_with('=') { '=' } else { '#' };
    let level = text.chars().take_while(|c| *c == mark).count();
    if (1..=6).contains(&level) && text[level..].starts_with(' ') {
        out.heading(level, &text[level..]);
    } else {
        out.inline(line, b'`', 1);
    }
}

/// What stands in an attribute list (`[source,bash]`).
fn attribute_list(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']').filter(|inner| !inner.starts_with('['))
}

/// The language, which may be empty, of the block that an attribute list stands over; `None` where it is no code.
fn language(inner: &str) -> Option<String> {
    let mut parts = inner.split(',').map(str::trim);
    let style = parts.next().unwrap_or("");
    let style = style.split(['%', '#', '.']).next().unwrap_or(style);
    match style {
        "source" | "" | "listing" | "literal" => {
            let language = parts.find(|p| !p.contains('=') || p.starts_with("language="));
            Some(language.map_or("", |p| p.trim_start_matches("language=")).trim_matches('"').to_owned())
        }
        _ => None,
    }
}

/// The character of a block delimiter that holds code or comments.
fn delimiter(line: &str) -> Option<char> {
    let mark = line.chars().next()?;
    let length = line.chars().take_while(|c| *c == mark).count();
    match mark {
        '-' | '.' | '/' if length >= 4 && length == line.len() => Some(mark),
        '`' if length >= 3 && !line[length..].contains('`') => Some(mark),
        _ => None,
    }
}

/// The line that closes the block opened at `at`, or the end.
fn closing(lines: &[Line], at: usize, opener: &str) -> usize {
    let close = if opener.starts_with('`') { "```" } else { opener };
    lines[at + 1..].iter().position(|l| l.text.trim_end() == close).map_or(lines.len(), |n| at + 1 + n)
}

fn body(lines: &[Line], at: usize, end: usize) -> Vec<std::ops::Range<usize>> {
    lines[at + 1..end.min(lines.len())].iter().map(|l| without_callouts(l, l.cut(0))).collect()
}

/// A line of code without the callouts (`<1>`, `<.>`) at its end.
fn without_callouts(line: &Line, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let mut end = range.end;
    while let Some(text) = line.text.get(range.start - line.start..end - line.start) {
        let kept = text.trim_end();
        let Some((head, number)) = kept.strip_suffix('>').and_then(|k| k.rsplit_once('<')) else { break };
        if number.is_empty() || !number.chars().all(|c| c.is_ascii_digit() || c == '.') {
            break;
        }
        end = range.start + head.trim_end().len();
    }
    range.start..end
}

fn is_item(text: &str) -> bool {
    markdown::is_item(text) || text.starts_with("** ") || text.starts_with(". ")
}
