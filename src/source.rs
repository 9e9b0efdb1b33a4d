//! Source files, places in them, and the maps that lead from decoded text back to a file's bytes.
//!
//! Everything prodpath says about a repository carries a [`Span`]: a byte range of one file. Text that was
//! decoded on the way (a YAML scalar, a string inside a shell word) is a [`Text`]: the decoded string and an
//! [`OffsetMap`] back to the file, so that no place is ever found by searching.

pub mod discovery;
pub mod offset;
pub mod paths;
pub mod siblings;

pub use discovery::{SourceSet, discover};
pub use offset::{OffsetMap, Text};

/// Index of a file in its [`SourceSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A byte range `start..end` of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `file` from byte `start` up to, not including, byte `end`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Self { file, start: start as u32, end: end.max(start) as u32 }
    }

    /// The smallest span that covers both; `self` where the files differ.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `other` lies inside this span.
    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// A line and column, both counted from 1; columns count Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// Byte offsets of line starts.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Index the lines of `text` (`\n` and `\r\n` end a line).
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        Self { starts }
    }

    /// Line (from 1) that holds byte `offset`.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|s| *s <= offset).max(1) as u32
    }

    /// Byte offset of the start of `line` (from 1), clamped to the last line.
    pub fn start_of(&self, line: u32) -> u32 {
        let last = self.starts.len().saturating_sub(1);
        self.starts.get((line.max(1) as usize - 1).min(last)).copied().unwrap_or(0)
    }

    /// Number of lines.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }
}

/// One file that was read, as UTF-8 (a byte order mark is kept out, invalid bytes are replaced).
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its index.
    pub id: FileId,
    /// Path relative to the scanned folder, with `/`.
    pub path: String,
    /// Decoded text.
    pub text: String,
    /// Line starts of `text`.
    pub lines: LineIndex,
}

impl SourceFile {
    /// A file from its text; used by discovery and by tests.
    pub fn new(id: FileId, path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = LineIndex::new(&text);
        Self { id, path: path.into(), text, lines }
    }

    /// Last segment of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Folder of the file, `""` for the root.
    pub fn dir(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(dir, _)| dir)
    }

    /// The whole file as a span.
    pub fn whole(&self) -> Span {
        Span::new(self.id, 0, self.text.len())
    }

    /// Line and column of a byte offset.
    pub fn place(&self, offset: u32) -> LineColumn {
        let line = self.lines.line(offset);
        let start = self.lines.start_of(line) as usize;
        let end = (offset as usize).min(self.text.len());
        let column = self.text.get(start..end).map_or(0, |s| s.chars().count()) as u32 + 1;
        LineColumn { line, column }
    }

    /// First and last line of a span; a span that ends with a line break does not reach the next line.
    pub fn line_range(&self, span: Span) -> (u32, u32) {
        let last = if span.end > span.start { span.end - 1 } else { span.start };
        (self.lines.line(span.start), self.lines.line(last))
    }
}

/// How bad a [`Diagnostic`] is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A file, or a part of it, could not be read.
    Error,
    /// Something is read, but probably not as its author meant it.
    Warning,
    /// Worth knowing.
    Note,
}

/// One fault of one file. The rest of the repository is analysed all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
}
