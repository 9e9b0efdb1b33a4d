//! TOML (<https://toml.io/en/v1.0.0>), as far as configuration files of tools need it: tables and their keys with texts, numbers
//! and truth values. Arrays and inline tables are passed over.

use crate::source::{OffsetMap, SourceFile, Span, Text};

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The table it stands in (`context.production`), empty for the top.
    pub table: String,
    /// Its key.
    pub key: String,
    /// Its value: a text decoded, anything else as it is written.
    pub value: Text,
    /// From the key to the end of the value.
    pub span: Span,
}

/// The entries of a file, in order.
pub fn entries(file: &SourceFile) -> Vec<Entry> {
    let text = file.text.as_str();
    let (mut out, mut table, mut at) = (Vec::new(), String::new(), 0);
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |i| at + i + 1);
        let line = text[at..end].trim();
        if line.starts_with('[') && line.contains(']') {
            table =
                line.trim_start_matches('[').split(']').next().unwrap_or("").split('.').map(bare).collect::<Vec<_>>().join(".");
        } else if let Some(equals) = text[at..end].find('=').filter(|_| !line.starts_with('#')) {
            let key = text[at..at + equals].trim();
            let start =
                at + equals + 1 + (text[at + equals + 1..].len() - text[at + equals + 1..].trim_start_matches([' ', '\t']).len());
            let indent = text[at..].len() - text[at..].trim_start().len();
            let (value, after) = value(file, start, end);
            if let Some(value) = value.filter(|_| !key.is_empty()) {
                let span = Span::new(file.id, at + indent, after);
                out.push(Entry { table: table.clone(), key: bare(key), value, span });
            }
            at = text[after..].find('\n').map_or(text.len(), |i| after + i + 1);
            continue;
        }
        at = end;
    }
    out
}

/// A name without quotes.
fn bare(name: &str) -> String {
    name.trim().trim_matches(['"', '\'']).to_owned()
}

/// The value that starts at a byte, with where it ends; none for an array or a table.
fn value(file: &SourceFile, start: usize, line_end: usize) -> (Option<Text>, usize) {
    let text = file.text.as_str();
    let rest = &text[start..];
    for (quote, literal) in [("\"\"\"", false), ("'''", true)] {
        let Some(body) = rest.strip_prefix(quote) else { continue };
        let skip = if body.starts_with("\r\n") { 2 } else { usize::from(body.starts_with('\n')) };
        let len = end_of(&body[skip..], quote, literal);
        let inner = start + quote.len() + skip;
        let after = (inner + len + quote.len()).min(text.len());
        return (Some(decoded(file, inner, &text[inner..inner + len], literal)), after);
    }
    for (quote, literal) in [("\"", false), ("'", true)] {
        let Some(body) = rest.strip_prefix(quote) else { continue };
        let line = body.lines().next().unwrap_or("");
        let len = end_of(line, quote, literal);
        let after = (start + 1 + len + 1).min(text.len());
        return (Some(decoded(file, start + 1, &line[..len], literal)), after);
    }
    if rest.starts_with('{') || rest.starts_with('[') {
        let close = if rest.starts_with('{') { '}' } else { ']' };
        let after = rest.find(close).map_or(line_end, |i| start + i + 1);
        return (None, after);
    }
    let plain = text[start..line_end.max(start)].split('#').next().unwrap_or("").trim_end();
    (Some(Text::verbatim(file.id, plain, start)), start + plain.len())
}

/// Where a quote ends a text.
fn end_of(text: &str, quote: &str, literal: bool) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && !literal {
            escaped = true;
        } else if text[i..].starts_with(quote) {
            return i;
        }
    }
    text.len()
}

/// A text with its escapes read.
fn decoded(file: &SourceFile, at: usize, written: &str, literal: bool) -> Text {
    if literal || !written.contains('\\') {
        return Text::verbatim(file.id, written, at);
    }
    let mut out = Text { file: file.id, text: String::new(), map: OffsetMap::default() };
    let mut chars = written.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let (read, len) = match (c, chars.peek().copied()) {
            ('\\', Some((_, next))) => {
                chars.next();
                let read = match next {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    other => other,
                };
                (read, 1 + next.len_utf8())
            }
            _ => (c, c.len_utf8()),
        };
        out.text.push(read);
        out.map.push(read.len_utf8(), at + i, len);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn tables_keys_and_places() {
        let text = "a = 1 # x\n[build]\n  command = \"make \\\"x\\\"\" \nlist = [\n 'y = 2',\n]\n[context.\"deploy-preview\"]\ncommand = '''\nnpm ci\nnpm test'''\nno = false\n";
        let file = SourceFile::new(FileId(0), "x.toml", text);
        let all = entries(&file);
        let read: Vec<(&str, &str, &str)> =
            all.iter().map(|e| (e.table.as_str(), e.key.as_str(), e.value.text.as_str())).collect();
        assert_eq!(
            read,
            [
                ("", "a", "1"),
                ("build", "command", "make \"x\""),
                ("context.deploy-preview", "command", "npm ci\nnpm test"),
                ("context.deploy-preview", "no", "false"),
            ]
        );
        let span = all[2].value.span(7..11);
        assert_eq!(&text[span.start as usize..span.end as usize], "npm ");
    }

    #[test]
    fn broken_files_end() {
        for text in ["a = \"", "a = '''", "= 1", "[", "a = {", "a =", "é = \"\\", "a = \"\"\""] {
            let file = SourceFile::new(FileId(0), "x.toml", text);
            assert!(entries(&file).len() <= 1, "{text}");
        }
    }
}
