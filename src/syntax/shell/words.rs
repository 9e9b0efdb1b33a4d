//! Words: quotes and escapes removed, every part with its bytes.

use super::statements::{Builder, children};
use super::{MAX_DEPTH, Part, PartKind, Word};
use std::ops::Range;
use tree_sitter::Node;

/// How a stretch of text is unescaped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// A backslash keeps the next character (outside quotes).
    Any,
    /// Only before `$`, `` ` ``, `"`, `\` and a line break (in double quotes).
    Double,
    /// Only before `$`, `` ` ``, `\` and a line break (in a here-document).
    Document,
    /// `\n`, `\t` and their like (`$'…'`).
    Ansi,
    /// None (single quotes).
    None,
}

impl Escapes {
    /// What a backslash and this character stand for; `None`: themselves.
    fn decode(self, next: char) -> Option<String> {
        let kept = match self {
            Self::Any => true,
            Self::Double => matches!(next, '$' | '`' | '"' | '\\' | '\n'),
            Self::Document => matches!(next, '$' | '`' | '\\' | '\n'),
            Self::Ansi => {
                return match next {
                    'n' => Some("\n".to_owned()),
                    't' => Some("\t".to_owned()),
                    'r' => Some("\r".to_owned()),
                    '\\' | '\'' | '"' | '?' => Some(next.to_string()),
                    _ => None,
                };
            }
            Self::None => false,
        };
        kept.then(|| if next == '\n' { String::new() } else { next.to_string() })
    }
}

impl Builder<'_> {
    /// The word of a node.
    pub(super) fn word(&mut self, node: Node, depth: usize) -> Word {
        let mut parts = Vec::new();
        self.parts(node, false, depth, &mut parts);
        Word { range: self.trimmed(node), parts }
    }

    /// A node's bytes; the grammar counts blanks before an expansion in quotes to the expansion.
    pub(super) fn trimmed(&self, node: Node) -> Range<usize> {
        let range = node.byte_range();
        let text = self.source.get(range.clone()).unwrap_or("");
        let blank = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len();
        if blank == text.len() { range } else { range.start + blank..range.end }
    }

    fn parts(&mut self, node: Node, quoted: bool, depth: usize, out: &mut Vec<Part>) {
        let range = self.trimmed(node);
        if depth > MAX_DEPTH {
            out.push(Part { range, kind: PartKind::Other, quoted });
            return;
        }
        match node.kind() {
            "string" => self.string(node, depth, out),
            "raw_string" => self.literal(inner(&range, 1, 1), Escapes::None, true, out),
            "ansi_c_string" => self.literal(inner(&range, 2, 1), Escapes::Ansi, true, out),
            "simple_expansion" | "expansion" | "command_substitution" | "process_substitution" | "arithmetic_expansion" => {
                let kind = self.expansion(node, quoted, depth);
                out.push(Part { range, kind, quoted });
            }
            "brace_expression" | "regex" | "extglob_pattern" => self.literal(range, Escapes::Any, quoted, out),
            _ if node.child_count() == 0 => self.literal(node.byte_range(), Escapes::Any, quoted, out),
            _ => {
                let mut at = node.start_byte();
                for child in children(node) {
                    self.literal(at..child.start_byte(), Escapes::Any, quoted, out);
                    self.parts(child, quoted, depth + 1, out);
                    at = child.end_byte().max(at);
                }
                self.literal(at..node.end_byte(), Escapes::Any, quoted, out);
            }
        }
    }

    /// A double-quoted string.
    fn string(&mut self, node: Node, depth: usize, out: &mut Vec<Part>) {
        let range = self.trimmed(node);
        let text = self.source.get(range.clone()).unwrap_or("");
        let open = usize::from(text.starts_with('"'));
        let close = usize::from(text.len() > open && text.ends_with('"'));
        self.mixed(node, range.start + open..range.end - close, Escapes::Double, depth, out);
    }

    /// Text in which only expansions are more than text: everything between them is literal.
    pub(super) fn mixed(&mut self, node: Node, range: Range<usize>, escapes: Escapes, depth: usize, out: &mut Vec<Part>) {
        let mut at = range.start;
        for child in children(node) {
            let expands =
                matches!(child.kind(), "simple_expansion" | "expansion" | "command_substitution" | "arithmetic_expansion");
            let place = self.trimmed(child);
            if !expands || place.start < at || place.end > range.end {
                continue;
            }
            self.literal(at..place.start, escapes, true, out);
            let kind = self.expansion(child, true, depth + 1);
            at = place.end;
            out.push(Part { range: place, kind, quoted: true });
        }
        self.literal(at..range.end, escapes, true, out);
    }

    /// What an expansion stands for.
    fn expansion(&mut self, node: Node, quoted: bool, depth: usize) -> PartKind {
        let range = self.trimmed(node);
        match node.kind() {
            _ if depth > MAX_DEPTH => PartKind::Other,
            "command_substitution" => PartKind::Substitution(self.body(node, depth)),
            "process_substitution" => PartKind::Process(self.body(node, depth)),
            _ if self.touches_mask(&range) && node.kind() != "expansion" => PartKind::Other,
            "simple_expansion" => {
                let text = self.source.get(range).unwrap_or("");
                PartKind::Variable(text.trim_start_matches('$').to_owned())
            }
            "expansion" => self.braced(node, &range, quoted, depth),
            _ => PartKind::Other,
        }
    }

    /// `${…}`
    fn braced(&mut self, node: Node, range: &Range<usize>, quoted: bool, depth: usize) -> PartKind {
        let text = self.source.get(range.clone()).unwrap_or("");
        let Some(text) = text.strip_prefix("${").map(|t| t.strip_suffix('}').unwrap_or(t)) else { return PartKind::Other };
        let len = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
        let (name, rest) = match text.chars().next() {
            Some('@' | '*') => text.split_at(1),
            _ => text.split_at(len),
        };
        let start = range.start + 2;
        if name.is_empty() || self.touches_mask(&(start..start + name.len())) {
            return PartKind::Other;
        }
        let name = name.to_owned();
        match rest {
            "[@]" | "[*]" => return PartKind::Elements(name),
            "" | "," | ",," | "^" | "^^" => return PartKind::Variable(name),
            _ => {}
        }
        let operator = [":-", ":=", "-", "=", ":?", "?"].into_iter().find(|o| rest.starts_with(o));
        match operator {
            Some(":?" | "?") => PartKind::Variable(name),
            Some(operator) => {
                let from = start + len + operator.len();
                let mut parts = Vec::new();
                for child in children(node) {
                    if child.start_byte() >= from && child.kind() != "}" {
                        self.parts(child, quoted, depth + 1, &mut parts);
                    }
                }
                PartKind::Default(name, parts)
            }
            None => PartKind::Other,
        }
    }

    /// Literal text with masks and escapes taken apart.
    pub(super) fn literal(&self, range: Range<usize>, escapes: Escapes, quoted: bool, out: &mut Vec<Part>) {
        let mut at = range.start;
        let first = self.masks.partition_point(|m| m.end <= range.start);
        for (index, mask) in self.masks.iter().enumerate().skip(first) {
            if mask.start >= range.end {
                break;
            }
            let place = mask.start.max(at)..mask.end.min(range.end);
            self.unescape(at..place.start, escapes, quoted, out);
            at = place.end;
            if mask.start >= range.start {
                out.push(Part { range: place, kind: PartKind::Masked(index), quoted });
            }
        }
        self.unescape(at..range.end, escapes, quoted, out);
    }

    fn unescape(&self, range: Range<usize>, escapes: Escapes, quoted: bool, out: &mut Vec<Part>) {
        let Some(text) = self.source.get(range.clone()) else { return };
        let mut push = |from: usize, to: usize, text: String| {
            if !text.is_empty() {
                out.push(Part { range: range.start + from..range.start + to, kind: PartKind::Literal(text), quoted });
            }
        };
        let mut from = 0;
        let mut chars = text.char_indices();
        while let Some((at, c)) = chars.next() {
            if c != '\\' || escapes == Escapes::None {
                continue;
            }
            let Some((next_at, next)) = chars.next() else { break };
            let Some(decoded) = escapes.decode(next) else { continue };
            push(from, at, text[from..at].to_owned());
            from = next_at + next.len_utf8();
            push(at, from, decoded);
        }
        push(from, text.len(), text[from..].to_owned());
    }

    fn touches_mask(&self, range: &Range<usize>) -> bool {
        let first = self.masks.partition_point(|m| m.end <= range.start);
        self.masks.get(first).is_some_and(|m| m.start < range.end)
    }
}

/// A range without its first and last bytes.
fn inner(range: &Range<usize>, first: usize, last: usize) -> Range<usize> {
    let start = (range.start + first).min(range.end);
    start..range.end.saturating_sub(last).max(start)
}
