//! Scalars of every style: the decoded text and where each byte of it stands.

use super::Style;
use crate::source::OffsetMap;

/// A scalar as it is written.
pub(super) struct Written<'s> {
    pub source: &'s str,
    pub style: Style,
    /// First byte of the content, of the header for block scalars.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Block scalars: first byte after the header's line, and the indentation of the content.
    pub body: usize,
    pub indent: usize,
}

/// Decode a scalar. `None` where its quotes or escapes are not as they must be.
pub(super) fn decode(written: &Written<'_>) -> Option<(String, OffsetMap)> {
    let mut out = Out::default();
    match written.style {
        Style::Plain => flow(written.source, written.start, written.end, Style::Plain, &mut out)?,
        Style::Single | Style::Double => {
            flow(written.source, written.start + 1, written.end.checked_sub(1)?, written.style, &mut out)?;
        }
        Style::Literal | Style::Folded => block(written, &mut out)?,
    }
    Some((out.text, out.map))
}

#[derive(Default)]
struct Out {
    text: String,
    map: OffsetMap,
}

impl Out {
    fn push(&mut self, text: &str, start: usize, len: usize) {
        if !text.is_empty() {
            self.text.push_str(text);
            self.map.push(text.len(), start, len);
        }
    }
}

/// Length of the line break at the head of `rest`, 0 where there is none.
fn line_break(rest: &str) -> usize {
    if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with(['\n', '\r'])) }
}

/// Plain and quoted scalars: line breaks fold, escapes decode.
fn flow(source: &str, start: usize, end: usize, style: Style, out: &mut Out) -> Option<()> {
    let text = source.get(..end)?;
    let mut at = start;
    while at < end {
        let rest = text.get(at..)?;
        let c = rest.chars().next()?;
        match c {
            ' ' | '\t' | '\n' | '\r' => {
                let len = rest.find(|c: char| !matches!(c, ' ' | '\t' | '\n' | '\r')).unwrap_or(rest.len());
                fold(rest.get(..len)?, at, out);
                at += len;
            }
            '\'' if style == Style::Single => {
                out.push("'", at, 2);
                at += 2;
            }
            '\\' if style == Style::Double => at += escape(rest, at, out)?,
            _ => {
                let special = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\'' | '\\');
                let len = rest.find(special).unwrap_or(rest.len()).max(c.len_utf8());
                out.push(rest.get(..len)?, at, len);
                at += len;
            }
        }
    }
    Some(())
}

/// White space: kept within a line; one line break is a space, more are line breaks but one.
fn fold(run: &str, at: usize, out: &mut Out) {
    let breaks = count_breaks(run);
    match breaks {
        0 => out.push(run, at, run.len()),
        1 => out.push(" ", at, run.len()),
        n => out.push(&"\n".repeat(n - 1), at, run.len()),
    }
}

fn count_breaks(run: &str) -> usize {
    let mut rest = run;
    let mut count = 0;
    while let Some(found) = rest.find(['\n', '\r']) {
        rest = &rest[found..];
        rest = &rest[line_break(rest)..];
        count += 1;
    }
    count
}

/// One escape of a double-quoted scalar; how many bytes it takes.
fn escape(rest: &str, at: usize, out: &mut Out) -> Option<usize> {
    let c = rest.chars().nth(1)?;
    let simple = match c {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        ' ' => ' ',
        '"' => '"',
        '/' => '/',
        '\\' => '\\',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return hexadecimal(rest, at, 2, out),
        'u' => return hexadecimal(rest, at, 4, out),
        'U' => return hexadecimal(rest, at, 8, out),
        '\n' | '\r' => {
            let run = rest.get(1..)?;
            let len = run.find(|c: char| !matches!(c, ' ' | '\t' | '\n' | '\r')).unwrap_or(run.len());
            out.push(&"\n".repeat(count_breaks(run.get(..len)?).saturating_sub(1)), at, len + 1);
            return Some(len + 1);
        }
        _ => return None,
    };
    let len = 1 + c.len_utf8();
    out.push(simple.encode_utf8(&mut [0; 4]), at, len);
    Some(len)
}

fn hexadecimal(rest: &str, at: usize, digits: usize, out: &mut Out) -> Option<usize> {
    let number = |from: usize, digits: usize| u32::from_str_radix(rest.get(from..from + digits)?, 16).ok();
    let high = number(2, digits)?;
    let mut len = 2 + digits;
    let mut code = high;
    if digits == 4 && (0xd800..0xdc00).contains(&high) && rest.get(6..8) == Some("\\u") {
        let low = number(8, 4).filter(|low| (0xdc00..0xe000).contains(low))?;
        code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        len = 12;
    }
    out.push(char::from_u32(code)?.encode_utf8(&mut [0; 4]), at, len);
    Some(len)
}

/// One line of a block scalar: its content without indentation, and its line break.
struct Line<'s> {
    text: &'s str,
    at: usize,
    break_at: usize,
    break_len: usize,
}

fn block(written: &Written<'_>, out: &mut Out) -> Option<()> {
    let header = written.source.get(written.start..written.body)?;
    let indicators: String = header.chars().skip(1).take_while(|c| matches!(c, '0'..='9' | '+' | '-')).collect();
    let lines = lines(written)?;
    let content = lines.iter().rposition(|l| !l.text.is_empty()).map_or(0, |i| i + 1);
    let folds = written.style == Style::Folded;
    let mut i = 0;
    while i < content {
        let line = &lines[i];
        out.push(line.text, line.at, line.text.len());
        if i + 1 == content {
            break;
        }
        let next = (i + 1..content).find(|n| !lines[*n].text.is_empty())?;
        let more = |l: &Line<'_>| l.text.starts_with([' ', '\t']);
        if folds && !line.text.is_empty() && !more(line) && !more(&lines[next]) {
            let len = lines[next].at - line.break_at;
            if next == i + 1 {
                out.push(" ", line.break_at, len);
            } else {
                out.push(&"\n".repeat(next - i - 1), line.break_at, len);
            }
        } else {
            for l in &lines[i..next] {
                out.push("\n", l.break_at, l.break_len);
            }
        }
        i = next;
    }
    let tail = &lines[content.saturating_sub(1).min(lines.len())..];
    if indicators.contains('+') {
        for l in tail {
            out.push("\n", l.break_at, l.break_len);
        }
    } else if !indicators.contains('-')
        && content > 0
        && let Some(l) = tail.first()
    {
        out.push("\n", l.break_at, l.break_len);
    }
    Some(())
}

/// The lines between the header and the end.
fn lines<'s>(written: &Written<'s>) -> Option<Vec<Line<'s>>> {
    let mut out = Vec::new();
    let mut at = written.body;
    while at < written.end {
        let rest = written.source.get(at..written.end)?;
        let len = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let break_len = line_break(rest.get(len..)?);
        let line = rest.get(..len)?;
        let spaces = line.bytes().take(written.indent).take_while(|b| *b == b' ').count();
        let text = line.get(spaces..)?;
        out.push(Line { text, at: at + spaces, break_at: at + len, break_len });
        at += len + break_len;
    }
    Some(out)
}
