//! Markdown: fenced and indented code, ATX and Setext headings.

use super::{Line, Reader};
use std::ops::Range;

/// What the lines before one mean for it.
#[derive(Default)]
struct State {
    /// Column of the text of the list item that is open.
    list: usize,
    /// The line before is blank, or there is none.
    after_blank: bool,
    /// The line before, where it may be the title over a Setext underline.
    paragraph: Option<String>,
}

pub(super) fn read(lines: &[Line], out: &mut Reader) {
    let mut at = front_matter(lines);
    let mut state = State { after_blank: true, ..State::default() };
    while let Some(line) = lines.get(at) {
        if let Some(fence) = Fence::open(line) {
            at = fence.read(lines, at + 1, out);
            state = State { after_blank: true, list: state.list, paragraph: None };
            continue;
        }
        if line.text.trim_start().starts_with("<!--") {
            at = comment_end(lines, at);
            continue;
        }
        if line.is_blank() {
            state.after_blank = true;
            state.paragraph = None;
            at += 1;
            continue;
        }
        if state.after_blank && line.indent() >= state.list + 4 {
            at = indented(lines, at, state.list + 4, out);
            continue;
        }
        prose(line, &mut state, out);
        at += 1;
    }
}

/// Lines of a front matter between `---` at the very top.
fn front_matter(lines: &[Line]) -> usize {
    if lines.first().is_none_or(|l| l.text.trim_end() != "---") {
        return 0;
    }
    lines.iter().skip(1).position(|l| matches!(l.text.trim_end(), "---" | "...")).map_or(0, |end| end + 2)
}

fn comment_end(lines: &[Line], at: usize) -> usize {
    lines[at..].iter().position(|l| l.text.contains("-->")).map_or(lines.len(), |n| at + n + 1)
}

fn prose(line: &Line, state: &mut State, out: &mut Reader) {
    let trimmed = line.text.trim();
    let hashes = trimmed.bytes().take_while(|b| *b == b'#').count();
    let underline = |c: char| !trimmed.is_empty() && trimmed.chars().all(|x| x == c);
    let is_heading = (1..=6).contains(&hashes) && trimmed[hashes..].starts_with([' ', '\t']);
    if is_heading {
        out.heading(hashes, trimmed[hashes..].trim_end_matches('#'));
        *state = State::default();
        state.after_blank = true;
        return;
    }
    if let Some(title) = state.paragraph.take()
        && (underline('=') || underline('-'))
    {
        out.heading(if underline('=') { 1 } else { 2 }, &title);
        *state = State::default();
        state.after_blank = true;
        return;
    }
    if let Some(column) = item_text(line) {
        state.list = column;
    } else if state.after_blank && line.indent() < state.list {
        state.list = 0;
    }
    state.after_blank = false;
    state.paragraph = (state.list == 0).then(|| trimmed.to_owned());
    out.inline(line, b'`', 1);
}

/// Whether a text begins with a list marker.
pub(super) fn is_item(text: &str) -> bool {
    item_text(&Line { start: 0, text }).is_some()
}

/// Column of a list item's text.
fn item_text(line: &Line) -> Option<usize> {
    let body = line.text.trim_start();
    let marker = match body.as_bytes().first()? {
        b'-' | b'*' | b'+' => 1,
        b'0'..=b'9' => {
            let digits = body.bytes().take_while(u8::is_ascii_digit).count();
            matches!(body.as_bytes().get(digits), Some(b'.' | b')')).then_some(digits + 1)?
        }
        _ => return None,
    };
    let rest = &body[marker..];
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    (blanks > 0).then(|| line.indent() + marker + if blanks > 4 { 1 } else { blanks })
}

/// An indented block; returns the line after it.
fn indented(lines: &[Line], at: usize, indent: usize, out: &mut Reader) -> usize {
    let count = lines[at..].iter().take_while(|l| l.is_blank() || l.indent() >= indent).count();
    let body = &lines[at..at + count];
    out.block(None, body.iter().map(|l| l.cut(indent)).collect());
    at + count
}

/// An open fence.
struct Fence {
    mark: char,
    length: usize,
    indent: usize,
    quoted: bool,
    language: String,
}

impl Fence {
    fn open(line: &Line) -> Option<Self> {
        let mut body = line.text.trim_start();
        let mut indent = line.indent();
        let quoted = body.starts_with('>');
        if quoted {
            body = body.trim_start_matches(['>', ' ']);
            indent = 0;
        } else if let Some(column) = item_text(line) {
            // A block that begins on the line of its list item.
            body = body.trim_start_matches(|c: char| c.is_ascii_digit() || "-*+.) ".contains(c));
            indent = column;
        }
        let mark = body.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let length = body.chars().take_while(|c| *c == mark).count();
        let info = &body[length..];
        if length < 3 || (mark == '`' && info.contains('`')) {
            return None;
        }
        let info = info.trim().trim_start_matches(['{', '.']);
        let end = info.find(|c: char| c.is_whitespace() || matches!(c, '{' | '}' | ',' | ':')).unwrap_or(info.len());
        Some(Self { mark, length, indent, quoted, language: info[..end].to_owned() })
    }

    fn content(&self, line: &Line) -> Range<usize> {
        if !self.quoted {
            return line.cut(self.indent);
        }
        let body = line.text.trim_start();
        let inner = body.strip_prefix('>').map_or(body, |b| b.strip_prefix(' ').unwrap_or(b));
        let start = line.start + line.text.len() - inner.len();
        start..start + inner.trim_end().len()
    }

    fn closes(&self, line: &Line) -> bool {
        let body = if self.quoted { line.text.trim_start().trim_start_matches(['>', ' ']) } else { line.text.trim_start() };
        let body = body.trim_end();
        body.len() >= self.length && body.chars().all(|c| c == self.mark)
    }

    /// Read up to the closing fence; returns the line after it.
    fn read(&self, lines: &[Line], from: usize, out: &mut Reader) -> usize {
        let rest = &lines[from.min(lines.len())..];
        let count = rest.iter().position(|l| self.closes(l)).unwrap_or(rest.len());
        out.block(Some(&self.language), rest[..count].iter().map(|l| self.content(l)).collect());
        from + count + 1
    }
}
