//! TOML (<https://toml.io/en/v1.0.0>), as far as configuration files of tools need it: tables and their keys with texts, numbers
//! and truth values. Arrays and inline tables are passed over.

use super::settings::Value;
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

/// A whole file with its arrays and inline tables.
pub fn parse(file: &SourceFile) -> Value {
    let text = file.text.as_str();
    let mut root = Value::Table(Vec::new());
    let (mut table, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |i| at + i + 1);
        let line = text[at..end].trim();
        let indent = text[at..].len() - text[at..].trim_start().len();
        if line.starts_with('[') && line.contains(']') {
            table = path(line.trim_start_matches('[').split(']').next().unwrap_or(""));
            root.put(&table, Value::Table(Vec::new()), Span::new(file.id, at + indent, at + indent + line.len()));
        } else if let Some(equals) = assignment(&text[at..end]).filter(|_| !line.starts_with('#')) {
            let mut keys = table.clone();
            keys.extend(path(&text[at..at + equals]));
            let mut cursor = Cursor { file, at: at + equals + 1, depth: 0 };
            if let Some(value) = cursor.value(false) {
                root.put(&keys, value, Span::new(file.id, at + indent, cursor.at));
            }
            at = text[cursor.at..].find('\n').map_or(text.len(), |i| cursor.at + i + 1);
            continue;
        }
        at = end;
    }
    root
}

/// Where the sign stands that ends a key.
fn assignment(line: &str) -> Option<usize> {
    let mut quote = None;
    line.char_indices().find_map(|(i, c)| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '=') => return Some(i),
            _ => {}
        }
        None
    })
}

/// The keys of a dotted key.
fn path(key: &str) -> Vec<String> {
    let mut quote = None;
    let parts = key.trim().split(|c: char| match (quote, c) {
        (None, '"' | '\'') => {
            quote = Some(c);
            false
        }
        (Some(q), c) if q == c => {
            quote = None;
            false
        }
        (None, '.') => true,
        _ => false,
    });
    parts.map(bare).filter(|p| !p.is_empty()).collect()
}

/// Values are nested at most so deep.
const MAX_DEPTH: usize = 16;

/// Reads a value with what is nested in it.
struct Cursor<'a> {
    file: &'a SourceFile,
    at: usize,
    depth: usize,
}

impl Cursor<'_> {
    /// Past blanks, and inside a list past line ends and comments as well.
    fn skip(&mut self, lines: bool) {
        let text = self.file.text.as_str();
        while let Some(c) = text[self.at..].chars().next() {
            match c {
                ' ' | '\t' | '\r' => self.at += 1,
                '\n' if lines => self.at += 1,
                '#' if lines => self.at += text[self.at..].find('\n').unwrap_or(text.len() - self.at),
                _ => break,
            }
        }
    }

    fn next(&self) -> Option<char> {
        self.file.text[self.at..].chars().next()
    }

    /// The value that starts here; in a list or inline table it ends before what separates them.
    fn value(&mut self, inside: bool) -> Option<Value> {
        self.skip(inside);
        match self.next()? {
            '[' if self.depth < MAX_DEPTH => self.list(),
            '{' if self.depth < MAX_DEPTH => self.table(),
            '"' | '\'' => {
                let end = self.file.text[self.at..].find('\n').map_or(self.file.text.len(), |i| self.at + i + 1);
                let (value, after) = value(self.file, self.at, end);
                self.at = after;
                value.map(Value::Text)
            }
            _ => {
                let rest = &self.file.text[self.at..];
                let stop = |c: char| matches!(c, '\n' | '#') || (inside && matches!(c, ',' | ']' | '}'));
                let plain = rest[..rest.find(stop).unwrap_or(rest.len())].trim_end();
                let start = self.at;
                self.at += plain.len();
                (!plain.is_empty()).then(|| Value::Text(Text::verbatim(self.file.id, plain, start)))
            }
        }
    }

    fn list(&mut self) -> Option<Value> {
        self.depth += 1;
        self.at += 1;
        let mut out = Vec::new();
        loop {
            self.skip(true);
            match self.next()? {
                ']' => break,
                ',' => self.at += 1,
                _ => out.push(self.value(true)?),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Some(Value::List(out))
    }

    fn table(&mut self) -> Option<Value> {
        self.depth += 1;
        self.at += 1;
        let mut out = Value::Table(Vec::new());
        loop {
            self.skip(true);
            match self.next()? {
                '}' => break,
                ',' => self.at += 1,
                _ => {
                    let start = self.at;
                    let equals = assignment(&self.file.text[self.at..])?;
                    let keys = path(&self.file.text[self.at..self.at + equals]);
                    self.at += equals + 1;
                    let value = self.value(true)?;
                    out.put(&keys, value, Span::new(self.file.id, start, self.at));
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        Some(out)
    }
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
    fn lists_and_inline_tables_are_values() {
        let text = "[tool.poe.tasks]\nlint = [\n 'a', # x\n {cmd = \"b c\", n = 1}]\n\"x:y\".cmd = 'z'\n[tool.poe.tasks.t]\nshell = 'w'\n";
        let root = parse(&SourceFile::new(FileId(0), "x.toml", text));
        let tasks = root.at("tool.poe.tasks").cloned().unwrap_or(Value::List(Vec::new()));
        let keys: Vec<&str> = tasks.entries().iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["lint", "x:y", "t"]);
        let lint = tasks.entries()[0].value.elements();
        assert_eq!(lint[1].get("cmd").and_then(Value::text).map(|t| t.text.as_str()), Some("b c"));
        assert_eq!(tasks.at("t.shell").and_then(Value::text).map(|t| t.text.as_str()), Some("w"));
    }

    #[test]
    fn broken_files_end() {
        for text in ["a = [", "a = {", "a = [[[[", "a = {b", "a = [1", "é = {'\"=", "[a.\"b", "a = ["] {
            let _ = parse(&SourceFile::new(FileId(0), "x.toml", text));
        }
        for text in ["a = \"", "a = '''", "= 1", "[", "a = {", "a =", "é = \"\\", "a = \"\"\""] {
            let file = SourceFile::new(FileId(0), "x.toml", text);
            assert!(entries(&file).len() <= 1, "{text}");
        }
    }
}
