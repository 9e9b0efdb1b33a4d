//! Decoded text and the way back to the file's bytes.

use super::{FileId, Span};
use std::ops::Range;

/// One stretch of text that came from one stretch of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    text_start: u32,
    text_len: u32,
    file_start: u32,
    file_len: u32,
}

/// Maps byte offsets of a decoded text to byte offsets of a file. Pieces of equal length map byte by byte; a piece
/// whose lengths differ (an escape, a folded line break) maps as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    pieces: Vec<Piece>,
}

impl OffsetMap {
    /// The map of a text that stands in the file as it is, from byte `file_start` on.
    pub fn identity(file_start: usize, len: usize) -> Self {
        let mut map = Self::default();
        map.push(len, file_start, len);
        map
    }

    /// Append `text_len` bytes of text that come from `file_len` bytes at `file_start`.
    pub fn push(&mut self, text_len: usize, file_start: usize, file_len: usize) {
        let text_start = self.text_len();
        let linear = text_len == file_len;
        if let Some(last) = self.pieces.last_mut() {
            let joins = last.text_len == last.file_len && linear && (last.file_start + last.file_len) as usize == file_start;
            if joins {
                last.text_len += text_len as u32;
                last.file_len += file_len as u32;
                return;
            }
        }
        self.pieces.push(Piece {
            text_start,
            text_len: text_len as u32,
            file_start: file_start as u32,
            file_len: file_len as u32,
        });
    }

    /// Length of the mapped text in bytes.
    pub fn text_len(&self) -> u32 {
        self.pieces.last().map_or(0, |p| p.text_start + p.text_len)
    }

    fn piece_at(&self, offset: u32) -> Option<&Piece> {
        let at = self.pieces.partition_point(|p| p.text_start <= offset);
        self.pieces.get(at.saturating_sub(1))
    }

    /// File byte where the text's byte `offset` starts.
    pub fn start(&self, offset: usize) -> usize {
        let offset = offset as u32;
        self.piece_at(offset).map_or(0, |p| {
            let into = offset.saturating_sub(p.text_start);
            let file = if p.text_len == p.file_len {
                p.file_start + into
            } else if into >= p.text_len {
                p.file_start + p.file_len
            } else {
                p.file_start
            };
            file as usize
        })
    }

    /// File byte where a text range that ends before `offset` ends.
    pub fn end(&self, offset: usize) -> usize {
        if offset == 0 {
            return self.start(0);
        }
        let last = offset as u32 - 1;
        self.piece_at(last).map_or(0, |p| {
            let into = last.saturating_sub(p.text_start) + 1;
            let file = if p.text_len == p.file_len { p.file_start + into.min(p.text_len) } else { p.file_start + p.file_len };
            file as usize
        })
    }

    /// The map of a part of this text.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut out = Self::default();
        for p in &self.pieces {
            let from = (range.start as u32).max(p.text_start);
            let to = (range.end as u32).min(p.text_start + p.text_len);
            if from >= to {
                continue;
            }
            if p.text_len == p.file_len {
                out.push((to - from) as usize, (p.file_start + from - p.text_start) as usize, (to - from) as usize);
            } else {
                out.push((to - from) as usize, p.file_start as usize, p.file_len as usize);
            }
        }
        out
    }

    /// The map of a text decoded from this text: `inner` maps the new text to this one.
    #[must_use]
    pub fn compose(&self, inner: &Self) -> Self {
        let mut out = Self::default();
        for p in &inner.pieces {
            let from = p.file_start as usize;
            if p.text_len == p.file_len {
                let part = self.slice(from..from + p.file_len as usize);
                for q in &part.pieces {
                    out.push(q.text_len as usize, q.file_start as usize, q.file_len as usize);
                }
            } else {
                let start = self.start(from);
                let end = self.end(from + p.file_len as usize).max(start);
                out.push(p.text_len as usize, start, end - start);
            }
        }
        out
    }
}

/// Decoded text of a file with the way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The file it came from.
    pub file: FileId,
    /// The decoded text.
    pub text: String,
    /// Where each byte of it stands in the file.
    pub map: OffsetMap,
}

impl Text {
    /// A text that stands in the file as it is, from byte `start` on.
    pub fn verbatim(file: FileId, text: impl Into<String>, start: usize) -> Self {
        let text = text.into();
        let map = OffsetMap::identity(start, text.len());
        Self { file, text, map }
    }

    /// File span of a range of the text.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.map.start(range.start);
        let end = if range.end > range.start { self.map.end(range.end) } else { start };
        Span::new(self.file, start, end)
    }

    /// A part of the text, with its map. The range must lie on character borders; otherwise the result is empty.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let text = self.text.get(range.clone()).unwrap_or("").to_owned();
        let map = if text.is_empty() { OffsetMap::identity(self.map.start(range.start), 0) } else { self.map.slice(range) };
        Self { file: self.file, text, map }
    }

    /// Put another text of the same file behind this one.
    pub fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        for piece in &other.map.pieces {
            self.map.push(piece.text_len as usize, piece.file_start as usize, piece.file_len as usize);
        }
    }

    /// Put a line break behind it that stands nowhere in the file.
    pub fn append_break(&mut self) {
        let end = self.map.end(self.text.len());
        self.text.push('\n');
        self.map.push(1, end, 0);
    }

    /// A text decoded from this one; `inner` maps it to this text.
    #[must_use]
    pub fn derive(&self, text: String, inner: &OffsetMap) -> Self {
        Self { file: self.file, text, map: self.map.compose(inner) }
    }
}
