//! Building a decoded text piece by piece, with its way back to the file.

use crate::source::{OffsetMap, SourceFile, Text};
use std::ops::Range;

/// A text under construction: stretches of a file as they are, and stretches that stand for others.
#[derive(Debug)]
pub struct Splice<'a> {
    file: &'a SourceFile,
    text: String,
    map: OffsetMap,
    start: Option<usize>,
}

impl<'a> Splice<'a> {
    /// An empty text of `file`.
    pub fn new(file: &'a SourceFile) -> Self {
        Self { file, text: String::new(), map: OffsetMap::default(), start: None }
    }

    /// Length so far, in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What was added so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Add a stretch of the file as it is, without the carriage return of a line end.
    pub fn copy(&mut self, range: Range<usize>) {
        self.start.get_or_insert(range.start);
        let mut from = range.start;
        let Some(text) = self.file.text.get(range.clone()) else { return };
        for (i, _) in text.match_indices("\r\n") {
            self.push_copied(from..range.start + i);
            from = range.start + i + 1;
        }
        self.push_copied(from..range.end);
    }

    fn push_copied(&mut self, range: Range<usize>) {
        if range.start < range.end {
            self.map.push(range.len(), range.start, range.len());
            self.text.push_str(self.file.text.get(range).unwrap_or(""));
        }
    }

    /// Add `text` that stands for a stretch of the file.
    pub fn put(&mut self, text: &str, range: Range<usize>) {
        self.start.get_or_insert(range.start);
        if !text.is_empty() {
            self.map.push(text.len(), range.start, range.len());
            self.text.push_str(text);
        }
    }

    /// Add a stretch of the file as blanks; line breaks stay.
    pub fn blank(&mut self, range: Range<usize>) {
        let Some(text) = self.file.text.get(range.clone()) else { return };
        let blanks: String = text.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
        self.put(&blanks, range);
    }

    /// The finished text.
    pub fn finish(self) -> Text {
        let map = if self.text.is_empty() { OffsetMap::identity(self.start.unwrap_or(0), 0) } else { self.map };
        Text { file: self.file.id, text: self.text, map }
    }
}
