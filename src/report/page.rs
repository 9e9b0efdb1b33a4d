//! A screen as it is written: lines that break between words, places at the right, columns.

use super::look::{BOLD, DIM, Line, Look, PLAIN, width};
use anstyle::Style;

/// The text of a whole screen.
#[derive(Clone, Debug)]
pub struct Page {
    /// What the screen can do.
    pub look: Look,
    text: String,
}

impl Page {
    /// An empty page.
    pub fn new(look: Look) -> Self {
        Self { look, text: String::new() }
    }

    /// Add a line as it is.
    pub fn line(&mut self, line: &Line) {
        self.text.push_str(&line.render(&self.look));
        self.text.push('\n');
    }

    /// Add an empty line, unless the page is empty or ends with one.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Add a heading.
    pub fn heading(&mut self, text: &str) {
        self.gap();
        self.line(&Line::of(BOLD, text));
    }

    /// Add parts side by side with `separator`, starting a new line indented by `indent` where one does not fit.
    pub fn flow(&mut self, parts: Vec<Line>, separator: &str, indent: usize) {
        let mut line = Line::new();
        for part in parts {
            if line.is_empty() {
                line = part;
            } else if line.width() + width(separator) + part.width() <= self.look.columns() {
                line = line.and(DIM, separator).then(part);
            } else {
                self.wrap(line, indent.max(2));
                line = Line::plain(" ".repeat(indent)).then(part);
            }
        }
        if !line.is_empty() {
            self.wrap(line, indent.max(2));
        }
    }

    /// Add a text of our own, broken between words, further lines indented by `indent`.
    pub fn words(&mut self, style: Style, text: &str, indent: usize) {
        self.wrap(Line::of(style, text), indent);
    }

    /// Add a line, broken between words where it is too long, further lines indented by `indent`.
    pub fn wrap(&mut self, line: Line, indent: usize) {
        if line.width() <= self.look.columns() {
            self.line(&line);
            return;
        }
        let mut out = Line::new();
        for (gap, word) in line.split() {
            if out.is_empty() || out.width() + gap + word.width() <= self.look.columns() {
                out = out.and(PLAIN, " ".repeat(gap)).then(word);
            } else {
                self.line(&out);
                out = Line::plain(" ".repeat(indent)).then(word);
            }
        }
        self.line(&out);
    }

    /// Add a line with a place at its right where both fit, else the place on a line of its own, indented by `indent`.
    pub fn placed(&mut self, left: Line, column: usize, place: Line, indent: usize) {
        let after = left.width() + 2;
        let fits = |at: usize| at.saturating_add(place.width()) <= self.look.columns();
        let at = if fits(column.max(after)) { column.max(after) } else { after };
        if place.is_empty() {
            self.wrap(left, indent);
        } else if fits(at) {
            self.line(&left.pad(at).then(place));
        } else {
            self.wrap(left, indent);
            self.line(&Line::plain(" ".repeat(indent)).then(place));
        }
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }
}

/// Where a cell of a table stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// In the middle.
    Middle,
    /// At the right.
    Right,
}

/// Lay out rows in columns with two spaces between them; a column without any text takes no room.
pub fn columns(rows: &[Vec<Line>], aligns: &[Align], indent: usize) -> Vec<Line> {
    let widths: Vec<usize> =
        (0..aligns.len()).map(|i| rows.iter().filter_map(|r| r.get(i)).map(Line::width).max().unwrap_or(0)).collect();
    rows.iter()
        .map(|row| {
            let mut line = Line::plain(" ".repeat(indent));
            let mut at = indent;
            for ((cell, columns), align) in row.iter().zip(&widths).zip(aligns) {
                if *columns == 0 {
                    continue;
                }
                let free = columns.saturating_sub(cell.width());
                let before = match align {
                    Align::Left => 0,
                    Align::Middle => free / 2,
                    Align::Right => free,
                };
                if !cell.is_empty() {
                    line = line.pad(at + before).then(cell.clone());
                }
                at += columns + 2;
            }
            line
        })
        .collect()
}
