//! YAML 1.2 (<https://yaml.org/spec/1.2.2/>) as an arena of nodes with byte spans.
//!
//! Nothing is typed: a scalar is the text as written, a key is a string (`on`, `yes` and `3.10` stay what they are).
//! Aliases are edges that a look-up follows and never expands; `<<` is merged on look-up. A fault costs the rest of its
//! document: what was read before it is kept, and reading goes on at the next document.

mod build;
mod decode;
mod node;
mod readings;
#[cfg(test)]
mod tests;

pub use node::{Entry, Node};
pub use readings::Readings;

use crate::source::{Diagnostic, FileId, OffsetMap, SourceFile, Span, Text};
use std::sync::atomic::AtomicU32;

/// Deepest nesting that is read, by syntax or through aliases.
pub const MAX_DEPTH: usize = 200;

/// How many nodes may be reached through aliases in all traversals of one tree.
const ALIAS_BUDGET: u32 = 200_000;

/// Index of a node in its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

#[derive(Debug)]
enum Kind {
    Scalar { value: Box<str>, style: Style, indent: Option<u32> },
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
    Alias(Option<NodeId>),
}

#[derive(Debug)]
struct Data {
    kind: Kind,
    /// First byte of the content; for a block scalar that of its header.
    start: u32,
    /// First byte with tag and anchor.
    outer: u32,
    /// One past the last byte of content: no trailing blank lines, no comments.
    end: u32,
    /// Block scalars: first byte after the header's line.
    body: u32,
    /// Block scalars: one past the last byte that belongs to it, blank lines at its end included.
    full_end: u32,
    /// The dash of the list item that it is.
    dash: Option<u32>,
    tag: Option<Box<str>>,
}

/// A comment of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the line's end.
    pub span: Span,
    /// What stands after `#`.
    pub text: String,
}

/// A parsed file.
#[derive(Debug)]
pub struct Tree {
    file: FileId,
    source: String,
    /// Where the source stands in the file, if it is not the file itself.
    origin: Option<OffsetMap>,
    nodes: Vec<Data>,
    roots: Vec<NodeId>,
    /// Comments, in order.
    pub comments: Vec<Comment>,
    /// Faults, in order.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether something of the file is missing.
    pub partly: bool,
    budget: AtomicU32,
}

/// Parse a file.
pub fn parse(file: &SourceFile) -> Tree {
    parse_masked(file.id, file.text.clone())
}

/// Parse a text that stands for a file and has its length, so that offsets hold: template expressions masked, control
/// lines blanked.
pub fn parse_masked(file: FileId, source: String) -> Tree {
    build::build(Tree::new(file, source, None))
}

/// Parse YAML that stands inside another text of the file (a here-document).
pub fn parse_embedded(text: &Text) -> Tree {
    build::build(Tree::new(text.file, text.text.clone(), Some(text.map.clone())))
}

impl Tree {
    fn new(file: FileId, source: String, origin: Option<OffsetMap>) -> Self {
        Self {
            file,
            source,
            origin,
            nodes: Vec::new(),
            roots: Vec::new(),
            comments: Vec::new(),
            diagnostics: Vec::new(),
            partly: false,
            budget: AtomicU32::new(ALIAS_BUDGET),
        }
    }

    /// The file.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The documents' root nodes, in order; an empty document has a null root.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|id| Node::new(self, *id))
    }

    /// The root of the first document.
    pub fn root(&self) -> Option<Node<'_>> {
        self.documents().next()
    }

    /// The node with this index.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node::new(self, id)
    }

    fn data(&self, id: NodeId) -> &Data {
        &self.nodes[id.0 as usize]
    }

    /// A span of the source in the file.
    fn place(&self, start: u32, end: u32) -> Span {
        let (start, end) = (start as usize, end as usize);
        match &self.origin {
            None => Span::new(self.file, start, end),
            Some(map) => {
                let first = map.start(start);
                Span::new(self.file, first, if end > start { map.end(end) } else { first })
            }
        }
    }
}
