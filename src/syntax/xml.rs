//! A tolerant reader of XML (<https://www.w3.org/TR/xml/>), as far as build files need it: elements with their texts and places.
//! Attributes, namespaces and document types are passed over; nothing is fetched and no entity is expanded but the five of XML.

use crate::source::{SourceFile, Span};

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name, without a namespace's prefix.
    pub name: String,
    /// The text that stands in it, outside of its children, trimmed.
    pub text: String,
    /// Its children, in order.
    pub children: Vec<Element>,
    /// First and last byte.
    range: (usize, usize),
}

/// Elements stand at most this deep; what is deeper is passed over.
const MAX_DEPTH: usize = 64;

impl Element {
    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    /// The element that a path of names leads to.
    pub fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |of, name| of.child(name))
    }

    /// The text of the element at a path, where it has one.
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).map(|e| e.text.as_str()).filter(|t| !t.is_empty())
    }

    /// The children of the element at a path.
    pub fn list(&self, path: &[&str]) -> &[Element] {
        self.at(path).map_or(&[], |e| e.children.as_slice())
    }

    /// Where it stands.
    pub fn span(&self, file: &SourceFile) -> Span {
        Span::new(file.id, self.range.0, self.range.1)
    }
}

/// The root element of a file; none where there is no element. An element that is not closed ends with the file.
pub fn parse(file: &SourceFile) -> Option<Element> {
    let text = file.text.as_str();
    let mut open: Vec<Element> = vec![Element::default()];
    let mut at = 0;
    while let Some(less) = text[at..].find('<').map(|i| at + i) {
        add_text(&mut open, &unescaped(&text[at..less]));
        let rest = &text[less..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            at = comment.find("-->").map_or(text.len(), |i| less + 4 + i + 3);
        } else if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let end = data.find("]]>").unwrap_or(data.len());
            add_text(&mut open, &data[..end]);
            at = (less + 9 + end + 3).min(text.len());
        } else {
            let end = end_of_tag(text, less);
            tag(text[less + 1..end].trim_end_matches('>'), (less, end), &mut open);
            at = end;
        }
    }
    while open.len() > 1 {
        close(&mut open, text.len());
    }
    open.pop()?.children.into_iter().next()
}

/// One tag without its brackets.
fn tag(inner: &str, range: (usize, usize), open: &mut Vec<Element>) {
    if inner.starts_with(['?', '!']) {
        return;
    }
    let name = |t: &str| t.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or("").to_owned();
    let local = |t: String| t.rsplit(':').next().map_or_else(String::new, ToOwned::to_owned);
    if let Some(closing) = inner.strip_prefix('/') {
        let closing = local(name(closing));
        if open.iter().skip(1).any(|e| e.name == closing) {
            while open.len() > 1 {
                let was = open.last().is_some_and(|e| e.name == closing);
                close(open, range.1);
                if was {
                    break;
                }
            }
        }
        return;
    }
    open.push(Element { name: local(name(inner)), range, ..Element::default() });
    if inner.ends_with('/') || open.len() > MAX_DEPTH {
        close(open, range.1);
    }
}

fn close(open: &mut Vec<Element>, end: usize) {
    let Some(mut done) = open.pop() else { return };
    let trimmed = done.text.trim().to_owned();
    done.text = trimmed;
    done.range.1 = done.range.1.max(end);
    if let Some(parent) = open.last_mut() {
        parent.children.push(done);
    }
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(last) = open.last_mut() {
        last.text.push_str(text);
    }
}

/// The byte after a tag's `>`; one inside quotes does not end it.
fn end_of_tag(text: &str, start: usize) -> usize {
    let mut quote = None;
    for (i, c) in text[start..].char_indices() {
        match (quote, c) {
            (None, '>') => return start + i + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let known = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    known.iter().fold(text.to_owned(), |t, (from, to)| t.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn elements_have_texts_children_and_places() {
        let text = "<?xml version=\"1.0\"?>\n<!-- <a> -->\n<project xmlns=\"x>y\">\n <id>a &amp; b</id><m:x/>\n <list><i>1</i><i><![CDATA[<2>]]></i></list>\n</project>";
        let file = SourceFile::new(FileId(0), "pom.xml", text);
        let root = parse(&file).unwrap_or_default();
        assert_eq!((root.name.as_str(), root.text_at(&["id"])), ("project", Some("a & b")));
        assert_eq!(root.list(&["list"]).iter().map(|i| i.text.as_str()).collect::<Vec<_>>(), ["1", "<2>"]);
        assert!(root.child("x").is_some());
        assert_eq!(file.line_range(root.at(&["list"]).unwrap_or(&root).span(&file)), (5, 5));
    }

    #[test]
    fn broken_files_end() {
        for text in ["<", "<a", "<a><b></a>", "</a>", "<!--", "<![CDATA[x", "<a b='>", "&amp;<é", &"<a>".repeat(100_000)] {
            let file = SourceFile::new(FileId(0), "pom.xml", text);
            let _ = parse(&file);
        }
        let file = SourceFile::new(FileId(0), "pom.xml", "<a><b><c>1</b>2</a>");
        assert_eq!(parse(&file).map(|a| a.children.len()), Some(1));
    }
}
