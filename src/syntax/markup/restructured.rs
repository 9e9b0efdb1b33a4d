//! reStructuredText: literal blocks, code directives, section titles.

use super::{Line, Reader};

pub(super) fn read(lines: &[Line], out: &mut Reader) {
    let mut at = 0;
    let mut default: Option<String> = None;
    // Adornments in the order of their first use are the levels.
    let mut levels: Vec<(char, bool)> = Vec::new();
    while let Some(line) = lines.get(at) {
        let trimmed = line.text.trim();
        if let Some((name, argument)) = directive(trimmed) {
            match name {
                "code-block" | "code" | "sourcecode" | "prompt" | "parsed-literal" => {
                    let language = if argument.is_empty() { default.as_deref() } else { argument.split_whitespace().next() };
                    at = literal(lines, at, language, true, out);
                    continue;
                }
                "highlight" => default = Some(argument.to_owned()).filter(|a| !a.is_empty()),
                _ => {}
            }
            at += 1;
            continue;
        }
        if trimmed.starts_with("..") && (trimmed.len() == 2 || trimmed.starts_with(".. ")) && !trimmed.ends_with("::") {
            // A comment or target: what is indented below is no text.
            let count = lines[at + 1..].iter().take_while(|l| !l.is_blank() && l.indent() > line.indent()).count();
            at += 1 + count;
            continue;
        }
        if let Some((level, title, next)) = title(lines, at, &mut levels) {
            out.heading(level, title);
            at = next;
            continue;
        }
        out.inline(line, b'`', 2);
        if trimmed.ends_with("::") {
            at = literal(lines, at, default.as_deref(), false, out);
        } else {
            at += 1;
        }
    }
}

/// `.. name:: argument`.
fn directive(line: &str) -> Option<(&str, &str)> {
    let (name, argument) = line.strip_prefix(".. ")?.split_once("::")?;
    let name = name.trim();
    (!name.is_empty() && !name.contains(' ')).then(|| (name, argument.trim()))
}

/// The indented block below line `at`; returns the line after it.
fn literal(lines: &[Line], at: usize, language: Option<&str>, options: bool, out: &mut Reader) -> usize {
    let outer = lines[at].indent();
    let mut from = at + 1;
    if options {
        from += lines[from..].iter().take_while(|l| l.text.trim_start().starts_with(':') && l.indent() > outer).count();
    }
    let count = lines[from..].iter().take_while(|l| l.is_blank() || l.indent() > outer).count();
    let body = &lines[from..from + count];
    let indent = body.iter().filter(|l| !l.is_blank()).map(Line::indent).min().unwrap_or(0);
    out.block(language, body.iter().map(|l| l.cut(indent)).collect());
    (from + count).max(at + 1)
}

/// A section title at line `at`, with or without a line over it: its level, its text, and the line after it.
fn title<'a>(lines: &[Line<'a>], at: usize, levels: &mut Vec<(char, bool)>) -> Option<(usize, &'a str, usize)> {
    let over = adornment(&lines[at]);
    let text = lines.get(at + usize::from(over.is_some()))?;
    let under = adornment(lines.get(at + 1 + usize::from(over.is_some()))?)?;
    let fits = under.1 >= text.text.trim().chars().count().min(3) && !text.is_blank() && adornment(text).is_none();
    if !fits || over.is_some_and(|o| o.0 != under.0) || (over.is_none() && text.text.starts_with([' ', '\t'])) {
        return None;
    }
    let style = (under.0, over.is_some());
    let known = levels.iter().position(|l| *l == style);
    let level = known.unwrap_or(levels.len()) + 1;
    if known.is_none() {
        levels.push(style);
    }
    Some((level, text.text.trim(), at + 2 + usize::from(over.is_some())))
}

/// The character and length of a line of one punctuation character.
fn adornment(line: &Line) -> Option<(char, usize)> {
    let text = line.text.trim_end();
    let mark = text.chars().next().filter(char::is_ascii_punctuation)?;
    (text.len() >= 3 && text.chars().all(|c| c == mark)).then_some((mark, text.len()))
}
