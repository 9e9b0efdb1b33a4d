//! Code in prose: code blocks and inline code of Markdown (<https://spec.commonmark.org/>), AsciiDoc
//! (<https://docs.asciidoctor.org/asciidoc/latest/>) and reStructuredText
//! (<https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html>), with the headings above them.

mod asciidoc;
mod markdown;
mod restructured;

use std::ops::Range;

/// A markup language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// AsciiDoc.
    AsciiDoc,
    /// reStructuredText.
    ReStructuredText,
}

impl Format {
    /// The language that a file's ending tells.
    pub fn of(path: &str) -> Option<Self> {
        let (_, ending) = path.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "adoc" | "asciidoc" => Some(Self::AsciiDoc),
            "rst" => Some(Self::ReStructuredText),
            _ => None,
        }
    }
}

/// The code of a document, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Code blocks.
    pub blocks: Vec<CodeBlock>,
    /// Code inside of paragraphs.
    pub inline: Vec<InlineCode>,
}

/// A code block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBlock {
    /// Its language in lower case, where it names one.
    pub language: Option<String>,
    /// Its lines without indentation and line ends.
    pub lines: Vec<Range<usize>>,
    /// Headings above it, outermost first.
    pub headings: Vec<String>,
}

/// Code inside of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineCode {
    /// Its bytes without the quotes.
    pub range: Range<usize>,
    /// Headings above it, outermost first.
    pub headings: Vec<String>,
}

/// Read a document.
pub fn parse(text: &str, format: Format) -> Document {
    let lines = lines(text);
    let mut reader = Reader::new(text);
    match format {
        Format::Markdown => markdown::read(&lines, &mut reader),
        Format::AsciiDoc => asciidoc::read(&lines, &mut reader),
        Format::ReStructuredText => restructured::read(&lines, &mut reader),
    }
    reader.out
}

/// One physical line: its bytes without the line end.
#[derive(Clone, Debug)]
struct Line<'a> {
    start: usize,
    text: &'a str,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Columns of leading blanks; a tab counts four.
    fn indent(&self) -> usize {
        self.text
            .bytes()
            .map_while(|b| {
                if b == b' ' {
                    Some(1)
                } else if b == b'\t' {
                    Some(4)
                } else {
                    None
                }
            })
            .sum()
    }

    /// Its bytes from column `indent` on, or from its first character where that comes earlier.
    fn cut(&self, indent: usize) -> Range<usize> {
        let mut column = 0;
        let mut at = 0;
        for b in self.text.bytes() {
            if column >= indent || !matches!(b, b' ' | b'\t') {
                break;
            }
            column += if b == b' ' { 1 } else { 4 };
            at += 1;
        }
        self.start + at..self.start + self.text.trim_end().len().max(at)
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|raw| {
            let line = Line { start, text: raw.trim_end_matches('\n').trim_end_matches('\r') };
            start += raw.len();
            line
        })
        .collect()
}

/// A longer line is no prose that a person wrote.
const MAX_PROSE: usize = 10_000;

/// What was found so far, and the headings that hold.
struct Reader<'a> {
    text: &'a str,
    headings: Vec<(usize, String)>,
    out: Document,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, headings: Vec::new(), out: Document::default() }
    }

    /// A heading of a level, 1 the outermost.
    fn heading(&mut self, level: usize, title: &str) {
        self.headings.retain(|(l, _)| *l < level);
        self.headings.push((level, plain(title)));
    }

    fn path(&self) -> Vec<String> {
        self.headings.iter().map(|(_, t)| t.clone()).collect()
    }

    /// A code block of these lines; blank ones at its ends do not count.
    fn block(&mut self, language: Option<&str>, mut lines: Vec<Range<usize>>) {
        let text = self.text;
        let blank = |r: &Range<usize>| text.get(r.clone()).unwrap_or("").trim().is_empty();
        while lines.last().is_some_and(blank) {
            lines.pop();
        }
        let leading = lines.iter().take_while(|r| blank(r)).count();
        lines.drain(..leading);
        if lines.is_empty() {
            return;
        }
        let language = language.map(|l| l.trim().to_ascii_lowercase()).filter(|l| !l.is_empty());
        let headings = self.path();
        self.out.blocks.push(CodeBlock { language, lines, headings });
    }

    /// Inline code of a line between runs of `quote` of at least `least` characters and equal length.
    fn inline(&mut self, line: &Line, quote: u8, least: usize) {
        let bytes = line.text.as_bytes();
        if bytes.len() > MAX_PROSE {
            return;
        }
        let run = |at: usize| bytes[at..].iter().take_while(|b| **b == quote).count();
        let mut at = 0;
        while at < bytes.len() {
            let open = run(at);
            if open < least {
                at += open.max(1);
                continue;
            }
            let from = at + open;
            let mut to = from;
            while to < bytes.len() && run(to) != open {
                to += run(to).max(1);
            }
            if to >= bytes.len() {
                at = from;
                continue;
            }
            let inner = &line.text[from..to];
            let start = line.start + from + (inner.len() - inner.trim_start().len());
            let headings = self.path();
            self.out.inline.push(InlineCode { range: start..start + inner.trim().len(), headings });
            at = to + open;
        }
    }
}

/// A title as it is read: no tags, images, link targets and emphasis.
fn plain(title: &str) -> String {
    let mut out = String::with_capacity(title.len());
    let mut until: Option<char> = None;
    let mut images = 0usize;
    let mut chars = title.trim().chars().peekable();
    while let Some(c) = chars.next() {
        let skipped = until.is_some() || images > 0;
        match c {
            c if until == Some(c) => until = None,
            '<' if until.is_none() => until = Some('>'),
            '!' if chars.peek() == Some(&'[') => images += 1,
            ']' => {
                images = images.saturating_sub(1);
                if until.is_none() && chars.next_if_eq(&'(').is_some() {
                    until = Some(')');
                }
            }
            '[' | '`' | '*' => {}
            c if !skipped => out.push(c),
            _ => {}
        }
    }
    out.replace("&nbsp;", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
