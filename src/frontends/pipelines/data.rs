//! YAML values that a pipeline is put together from: parts of several documents, merged and filled in, each with its place.

use crate::model::Program;
use crate::source::{Diagnostic, Severity, SourceFile, Span, Text};
use crate::syntax::yaml::{self, Node, NodeId, Style};
use std::collections::HashMap;
use std::rc::Rc;

/// Deepest nesting that is kept.
const MAX_DEPTH: usize = 100;

/// At most so many values are looked at for the scalars of a list: lists that are aliases of lists multiply.
const MAX_SCALARS: usize = 100_000;

/// A value and where it stands. Copies share what is below.
#[derive(Clone, Debug)]
pub struct Data {
    /// Its content: no tag, no anchor, no blank lines at the end.
    pub span: Span,
    /// As an item of a list: from the dash to the end of its content (model ruling 3).
    pub item: Span,
    /// Its tag as written (`!reference`).
    pub tag: Option<Rc<str>>,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Nothing.
    Null,
    /// A scalar; `plain` where it is written without quotes, so that it may be a number or truth value.
    Scalar {
        /// Its decoded text with the way back to the file.
        text: Rc<Text>,
        /// Whether it stands without quotes.
        plain: bool,
    },
    /// A list.
    List(Rc<Vec<Data>>),
    /// A mapping, in file order, merged entries last; no key twice.
    Map(Rc<Vec<Pair>>),
}

/// An entry of a mapping.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Its key.
    pub key: Rc<str>,
    /// Where the key stands.
    pub key_span: Span,
    /// From the key to the end of the value.
    pub span: Span,
    /// Its value.
    pub value: Data,
}

/// The documents of a file; faults become the program's diagnostics, and a file that is broken counts as partly read. A page
/// of HTML, which servers give for a file that is not there, is refused.
pub fn read(file: &SourceFile, program: &mut Program) -> Vec<Data> {
    if is_page(&file.text) {
        refuse(file, program, "an HTML page, not a pipeline");
        return Vec::new();
    }
    documents(file, &yaml::parse(file), program)
}

/// Whether a text is a page of HTML.
fn is_page(text: &str) -> bool {
    let head = text.trim_start().get(..14).unwrap_or("").to_ascii_lowercase();
    head.starts_with("<!doctype html") || head.starts_with("<html")
}

/// The documents of a tree.
pub fn documents(file: &SourceFile, tree: &yaml::Tree, program: &mut Program) -> Vec<Data> {
    if let Some(fault) = tree.diagnostics.iter().find(|d| d.severity == Severity::Error) {
        program.partly_read.push((file.id, fault.message.clone()));
    }
    program.diagnostics.extend(tree.diagnostics.iter().cloned());
    tree.documents().map(Data::of).collect()
}

/// A file that is not what its name says: nothing of it is read, and the report says why.
pub fn refuse(file: &SourceFile, program: &mut Program, why: &str) {
    warn(program, Span::new(file.id, 0, file.text.lines().next().map_or(0, str::len)), why);
    program.refused.push((file.id, why.to_owned()));
}

/// A warning at a place.
pub fn warn(program: &mut Program, span: Span, message: impl Into<String>) {
    program.diagnostics.push(Diagnostic { severity: Severity::Warning, span, message: message.into() });
}

impl Data {
    /// A node with aliases and merge keys resolved; what comes through an alias has its place at the definition.
    pub fn of(node: Node<'_>) -> Self {
        Self::convert(node, 0, &mut HashMap::new())
    }

    fn convert(node: Node<'_>, depth: usize, known: &mut HashMap<NodeId, Self>) -> Self {
        if node.is_alias()
            && let Some(data) = known.get(&node.id())
        {
            return data.clone();
        }
        let kind = if depth > MAX_DEPTH || node.is_null() {
            Kind::Null
        } else if node.is_sequence() {
            Kind::List(Rc::new(node.items().into_iter().map(|n| Self::convert(n, depth + 1, known)).collect()))
        } else if node.is_mapping() {
            let pair = |e: yaml::Entry<'_>, known: &mut _| Pair {
                key: e.name().into(),
                key_span: e.key.own_span(),
                span: e.span(),
                value: Self::convert(e.value, depth + 1, known),
            };
            Kind::Map(Rc::new(node.entries().into_iter().map(|e| pair(e, known)).collect()))
        } else {
            match node.text() {
                Some(text) => Kind::Scalar { text: Rc::new(text), plain: node.style() == Some(Style::Plain) },
                None => Kind::Null,
            }
        };
        let data = Self { span: node.span(), item: node.item_span(), tag: node.tag().map(Into::into), kind };
        if node.is_alias() {
            known.insert(node.id(), data.clone());
        }
        data
    }

    /// A scalar with this text, which stands for what is at `span`.
    pub fn scalar_at(text: impl Into<String>, span: Span) -> Self {
        let text = Text { file: span.file, text: text.into(), map: crate::source::OffsetMap::default() };
        let mut map = crate::source::OffsetMap::default();
        map.push(text.text.len(), span.start as usize, (span.end - span.start) as usize);
        Self { span, item: span, tag: None, kind: Kind::Scalar { text: Rc::new(Text { map, ..text }), plain: false } }
    }

    /// The same place with another content.
    #[must_use]
    pub fn with(&self, kind: Kind) -> Self {
        Self { kind, ..self.clone() }
    }

    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Whether it is a mapping.
    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    /// The text of a scalar.
    pub fn str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(&text.text),
            _ => None,
        }
    }

    /// The text of a scalar with the way back to the file.
    pub fn text(&self) -> Option<&Text> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// A truth value that is written without quotes.
    pub fn boolean(&self) -> Option<bool> {
        match &self.kind {
            Kind::Scalar { text, plain: true } => match text.text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items of a list; empty for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, or the value itself where it is anything else but nothing.
    pub fn one_or_many(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The scalars of a scalar or a list, lists in lists included.
    pub fn scalars(&self) -> Vec<&Self> {
        let (mut out, mut left) = (Vec::new(), MAX_SCALARS);
        self.collect_scalars(0, &mut left, &mut out);
        out
    }

    fn collect_scalars<'d>(&'d self, depth: usize, left: &mut usize, out: &mut Vec<&'d Self>) {
        let Some(less) = left.checked_sub(1) else { return };
        *left = less;
        match &self.kind {
            Kind::Scalar { .. } => out.push(self),
            Kind::List(items) if depth < MAX_DEPTH => items.iter().for_each(|i| i.collect_scalars(depth + 1, left, out)),
            _ => {}
        }
    }

    /// The texts of [`Self::scalars`].
    pub fn texts(&self) -> Vec<&str> {
        self.scalars().into_iter().filter_map(Self::str).collect()
    }

    /// The entries of a mapping; empty for anything else.
    pub fn pairs(&self) -> &[Pair] {
        match &self.kind {
            Kind::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// An entry of a mapping.
    pub fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs().iter().find(|p| &*p.key == key)
    }

    /// A value of a mapping that is given and not nothing.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.pair(key).map(|p| &p.value).filter(|v| !v.is_null())
    }

    /// A value below, by its keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |data, key| data.get(key))
    }

    /// The text of a scalar in a mapping.
    pub fn get_str(&self, key: &str) -> Option<&str> {
        self.get(key)?.str()
    }

    /// Mappings merged key by key, what `over` says wins; lists and scalars are replaced.
    #[must_use]
    pub fn merged(&self, over: &Self) -> Self {
        self.merged_to(over, 0)
    }

    fn merged_to(&self, over: &Self, depth: usize) -> Self {
        let (Kind::Map(base), Kind::Map(top)) = (&self.kind, &over.kind) else { return over.clone() };
        if depth > MAX_DEPTH {
            return over.clone();
        }
        let mut out: Vec<Pair> = base.as_ref().clone();
        for pair in top.iter() {
            match out.iter_mut().find(|p| p.key == pair.key) {
                Some(known) => *known = Pair { value: known.value.merged_to(&pair.value, depth + 1), ..pair.clone() },
                None => out.push(pair.clone()),
            }
        }
        over.with(Kind::Map(Rc::new(out)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::source::SourceSet;

    fn of(text: &str) -> Data {
        let mut sources = SourceSet::default();
        sources.add("a.yml", text);
        read(&sources.files()[0], &mut Program::default()).remove(0)
    }

    #[test]
    fn merging_goes_down_mappings_and_keeps_places() {
        let base = of("a: {x: 1, y: [1, 2]}\nb: 1\n");
        let over = of("a: {y: [3]}\nc: 2\n");
        let merged = base.merged(&over);
        assert_eq!(merged.at(&["a", "x"]).unwrap().str(), Some("1"));
        assert_eq!(merged.at(&["a", "y"]).unwrap().texts(), ["3"]);
        assert_eq!((merged.get_str("b"), merged.get_str("c")), (Some("1"), Some("2")));
    }

    #[test]
    fn a_page_is_refused() {
        let mut sources = SourceSet::default();
        sources.add(".gitlab-ci.yml", "<!DOCTYPE html>\n<html><body>a: b</body></html>\n");
        let mut program = Program::default();
        assert!(read(&sources.files()[0], &mut program).is_empty());
        assert_eq!(program.refused.len(), 1);
    }

    #[test]
    fn lists_of_aliases_of_lists_end() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..30 {
            let all = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{all}]\n"));
        }
        let data = of(&text);
        assert!(data.get("a29").is_none_or(|d| d.scalars().len() <= MAX_SCALARS));
    }

    #[test]
    fn aliases_keep_the_place_of_their_definition() {
        let data = of("x: &x\n  - make a\ny:\n  - *x\n  - [make b]\n");
        let scalars = data.get("y").unwrap().scalars();
        assert_eq!(scalars.iter().map(|s| s.str().unwrap()).collect::<Vec<_>>(), ["make a", "make b"]);
        assert_eq!(scalars[0].span.start, 10);
    }
}
