//! How text reaches a screen: width, colour, plain ASCII, and escaping of what the repository says.

use crate::model::Automation;
use crate::model::HOLE;
use anstyle::{AnsiColor, Style};
use std::fmt::Write;
use unicode_width::UnicodeWidthChar;

/// What the screen can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns; `None`: as many as a line needs.
    pub width: Option<usize>,
    /// Colours may be used.
    pub color: bool,
    /// Only ASCII characters.
    pub ascii: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: Some(100), color: false, ascii: false }
    }
}

/// What one cell of a path says; the order is the strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The path does not need it.
    NotNeeded,
    /// Nothing does it.
    Missing,
    /// No pipeline reaches it.
    Manual,
    /// The files do not decide.
    Unknown,
    /// After a click.
    PushButton,
    /// By itself.
    Automated,
}

impl Mark {
    /// Every mark with its meaning, in the order of the legend.
    pub const LEGEND: [(Self, &'static str); 6] = [
        (Self::Automated, "automated"),
        (Self::PushButton, "push-button"),
        (Self::Manual, "manual"),
        (Self::Missing, "missing"),
        (Self::Unknown, "unknown"),
        (Self::NotNeeded, "not needed"),
    ];

    /// The sign of the mark.
    pub const fn glyph(self, ascii: bool) -> &'static str {
        match (self, ascii) {
            (Self::Automated, false) => "●",
            (Self::Automated, true) => "#",
            (Self::PushButton, false) => "◐",
            (Self::PushButton, true) => "+",
            (Self::Manual, false) => "○",
            (Self::Manual, true) => "o",
            (Self::Missing, false) => "✗",
            (Self::Missing, true) => "x",
            (Self::Unknown, _) => "?",
            (Self::NotNeeded, false) => "–",
            (Self::NotNeeded, true) => "-",
        }
    }

    /// The colour of the mark.
    pub const fn style(self) -> Style {
        match self {
            Self::Automated => AnsiColor::Green.on_default(),
            Self::PushButton => AnsiColor::Yellow.on_default(),
            Self::Manual => AnsiColor::Magenta.on_default(),
            Self::Missing => AnsiColor::Red.on_default(),
            Self::Unknown => AnsiColor::Cyan.on_default(),
            Self::NotNeeded => DIM,
        }
    }
}

impl From<Automation> for Mark {
    fn from(automation: Automation) -> Self {
        match automation {
            Automation::Missing => Self::Missing,
            Automation::Manual => Self::Manual,
            Automation::PushButton => Self::PushButton,
            Automation::Automated => Self::Automated,
        }
    }
}

/// For what matters most.
pub const BOLD: Style = Style::new().bold();
/// For what may be passed over.
pub const DIM: Style = Style::new().dimmed();
/// For everything else.
pub const PLAIN: Style = Style::new();

impl Look {
    /// Columns there are, without limit where none is set.
    pub fn columns(&self) -> usize {
        self.width.unwrap_or(usize::MAX)
    }

    /// A sign in Unicode, or its stand-in of ASCII characters.
    pub const fn sign(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { unicode }
    }

    /// Between facts of one line.
    pub const fn dot(&self) -> &'static str {
        self.sign(" · ", " | ")
    }

    /// Between links of a chain.
    pub const fn arrow(&self) -> &'static str {
        self.sign(" → ", " > ")
    }

    /// Where text was cut.
    pub const fn ellipsis(&self) -> &'static str {
        self.sign("…", "..")
    }

    /// Text of the repository, safe for a terminal and on one line: control and formatting characters (among them escape
    /// sequences and changes of writing direction) are shown by their number, unknown parts as `<?>`.
    pub fn escape(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                HOLE => out.push_str("<?>"),
                '\t' => out.push(' '),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                c if c.is_control() || formats(c) || (self.ascii && !c.is_ascii()) => {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        out
    }
}

/// Characters that change how others are shown, or are not shown themselves.
const fn formats(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Columns that a text takes.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// A piece of a line: stretches of text with a style each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    parts: Vec<(Style, String)>,
}

impl Line {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new().and(PLAIN, text)
    }

    /// A line of text in one style.
    pub fn of(style: Style, text: impl Into<String>) -> Self {
        Self::new().and(style, text)
    }

    /// What marks mean, side by side.
    pub fn legend(marks: impl IntoIterator<Item = Mark>, look: &Look) -> Vec<Self> {
        let meaning = |mark: Mark| Mark::LEGEND.iter().find(|(m, _)| *m == mark).map_or("", |(_, word)| word);
        marks.into_iter().map(|m| Self::mark(m, look).and(DIM, format!(" {}", meaning(m)))).collect()
    }

    /// The sign of a mark.
    pub fn mark(mark: Mark, look: &Look) -> Self {
        Self::of(mark.style(), mark.glyph(look.ascii))
    }

    /// With text appended.
    #[must_use]
    pub fn and(mut self, style: Style, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.parts.push((style, text));
        }
        self
    }

    /// With another line appended.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// With spaces up to a column.
    #[must_use]
    pub fn pad(self, columns: usize) -> Self {
        let missing = columns.saturating_sub(self.width());
        self.and(PLAIN, " ".repeat(missing))
    }

    /// Columns it takes.
    pub fn width(&self) -> usize {
        self.parts.iter().map(|(_, t)| width(t)).sum()
    }

    /// Whether it has no text.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Cut to a number of columns, with a sign that it was.
    #[must_use]
    pub fn cut(self, columns: usize, look: &Look) -> Self {
        if self.width() <= columns {
            return self;
        }
        let sign = look.ellipsis();
        let mut left = columns.saturating_sub(width(sign));
        let mut out = Self::new();
        for (style, text) in self.parts {
            let mut kept = String::new();
            let mut full = false;
            for c in text.chars() {
                let w = c.width().unwrap_or(0);
                if w > left {
                    full = true;
                    break;
                }
                left -= w;
                kept.push(c);
            }
            if full {
                let kept = if out.is_empty() && kept.is_empty() { kept } else { kept.trim_end().to_owned() };
                return out.and(style, kept + sign);
            }
            out = out.and(style, kept);
        }
        out
    }

    /// Its words, each with the spaces before it.
    pub(super) fn split(self) -> Vec<(usize, Self)> {
        let mut words: Vec<(usize, Self)> = Vec::new();
        let mut gap = 0;
        let mut inside = false;
        for (style, text) in self.parts {
            for (i, word) in text.split(' ').enumerate() {
                if i > 0 {
                    gap += 1;
                    inside = false;
                }
                if word.is_empty() {
                    continue;
                }
                match words.last_mut() {
                    Some((_, last)) if inside => *last = std::mem::take(last).and(style, word),
                    _ => words.push((std::mem::take(&mut gap), Self::of(style, word))),
                }
                inside = true;
            }
        }
        words
    }

    /// As text, with or without colours, without white space at its end.
    pub fn render(&self, look: &Look) -> String {
        let mut out = String::new();
        let last = self.parts.iter().rposition(|(_, t)| !t.trim_end().is_empty());
        for (i, (style, text)) in self.parts.iter().enumerate() {
            let text = match last {
                Some(last) if i < last => text.as_str(),
                Some(last) if i == last => text.trim_end(),
                _ => break,
            };
            // Writing to a String cannot fail.
            let _ = if look.color { write!(out, "{style}{text}{style:#}") } else { write!(out, "{text}") };
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_leaves_nothing_that_steers_a_terminal() {
        let look = Look::default();
        let hostile = "a\u{1b}[31mred\u{7}\n\u{202e}txt\u{9b}2J\u{200d}\u{e0041}\ttab";
        let shown = look.escape(hostile);
        assert_eq!(shown, "a\\u{1b}[31mred\\u{7}\\n\\u{202e}txt\\u{9b}2J\\u{200d}\\u{e0041} tab");
        assert!(shown.chars().all(|c| !c.is_control() && !formats(c)));
        let ascii = Look { ascii: true, ..look };
        assert_eq!(ascii.escape("café \u{fffc}"), "caf\\u{e9} <?>");
    }

    #[test]
    fn cutting_counts_columns_and_keeps_styles() {
        let look = Look { color: true, ..Look::default() };
        let line = Line::of(BOLD, "日本語").and(PLAIN, " and more");
        assert_eq!(line.width(), 15);
        let cut = line.clone().cut(5, &look);
        assert!(cut.width() <= 5, "{cut:?}");
        assert_eq!(cut.render(&Look::default()), "日本…");
        assert_eq!(line.clone().cut(15, &look), line);
        assert!(cut.render(&look).starts_with("\u{1b}[1m"));
    }
}
