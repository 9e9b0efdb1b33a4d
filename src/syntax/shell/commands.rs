//! Simple commands: words, assignments, redirections.

use super::statements::{Builder, children, statement};
use super::words::Escapes;
use super::{Assigned, Assignment, Kind, Part, PartKind, Redirect, Simple, Statement, Word};
use std::ops::Range;
use tree_sitter::Node;

/// The bytes from the first to the last.
fn cover(range: &mut Option<Range<usize>>, other: &Range<usize>) {
    *range = Some(match range.take() {
        Some(r) => r.start.min(other.start)..r.end.max(other.end),
        None => other.clone(),
    });
}

impl Builder<'_> {
    /// A simple command from the nodes of its words. The grammar reads over the end of a line that only assigns; what
    /// stands on an earlier line is a statement of its own.
    pub(super) fn simple(&mut self, nodes: &[Node], depth: usize) -> Statement {
        let mut simple = Simple::default();
        let mut redirects = Vec::new();
        let mut range: Option<Range<usize>> = None;
        for node in nodes {
            let place = self.trimmed(*node);
            if range.as_ref().is_some_and(|r| self.ends_line(r.end..place.start)) {
                let before = std::mem::take(&mut simple);
                let before = finish(before, range.take().unwrap_or_default(), std::mem::take(&mut redirects));
                self.hoisted.push(before);
            }
            match node.kind() {
                "variable_assignment" => simple.assignments.push(self.assignment(*node, depth)),
                "file_redirect" | "herestring_redirect" => redirects.extend(self.redirect(*node, depth)),
                "comment" | "ERROR" => continue,
                "subshell" => {
                    let word = Part { range: place.clone(), kind: PartKind::Other, quoted: false };
                    simple.words.push(Word { range: place.clone(), parts: vec![word] });
                }
                _ => simple.words.push(self.word(*node, depth)),
            }
            cover(&mut range, &place);
        }
        finish(simple, range.unwrap_or_default(), redirects)
    }

    pub(super) fn assignment(&mut self, node: Node, depth: usize) -> Assignment {
        let mut name = String::new();
        let mut element = false;
        let mut append = false;
        let mut value = None;
        for child in children(node) {
            match child.kind() {
                "variable_name" if name.is_empty() => self.text(child).clone_into(&mut name),
                "subscript" if name.is_empty() => {
                    element = true;
                    let text = self.text(child);
                    text.split('[').next().unwrap_or(text).clone_into(&mut name);
                }
                "=" => {}
                "+=" => append = true,
                "array" => {
                    let words = children(child).into_iter().filter(|n| is_word(n.kind()));
                    value = Some(Assigned::Array(words.map(|n| self.word(n, depth + 1)).collect()));
                }
                _ => {
                    let word = self.word(child, depth + 1);
                    value = Some(if element { Assigned::Element(word) } else { Assigned::Word(word) });
                }
            }
        }
        let range = self.trimmed(node);
        let value = value.unwrap_or_else(|| Assigned::Word(Word { range: range.end..range.end, parts: Vec::new() }));
        Assignment { range, name, append, value }
    }

    /// The assignments of `export`, `local` and their like; names without a value say nothing.
    pub(super) fn declared(&mut self, node: Node, depth: usize) -> Vec<Assignment> {
        let mut out = Vec::new();
        for child in children(node) {
            if child.kind() == "variable_assignment" {
                out.push(self.assignment(child, depth));
            } else if is_word(child.kind()) {
                let word = self.word(child, depth);
                out.extend(assignment_of(&word));
            }
        }
        out
    }

    /// The redirection of a node; of a here-document the body.
    pub(super) fn redirect(&mut self, node: Node, depth: usize) -> Vec<Redirect> {
        let nodes = children(node);
        match node.kind() {
            "herestring_redirect" => {
                let word = nodes.into_iter().find(|n| is_word(n.kind()));
                word.map(|n| Redirect::HereString(self.word(n, depth + 1))).into_iter().collect()
            }
            "heredoc_redirect" => {
                let mut out = Vec::new();
                let start = nodes.iter().find(|n| n.kind() == "heredoc_start").map_or("", |n| self.text(*n));
                let plain = start.contains(['\'', '"', '\\']);
                for child in nodes {
                    match child.kind() {
                        "heredoc_body" => out.push(Redirect::HereDocument(self.document(child, node, plain, depth))),
                        "file_redirect" | "herestring_redirect" => out.extend(self.redirect(child, depth)),
                        _ => {}
                    }
                }
                out
            }
            _ => {
                let operator = nodes.iter().find(|n| !n.is_named()).map_or("", |n| self.text(*n)).trim().to_owned();
                let target = nodes.into_iter().find(|n| is_word(n.kind()));
                target.map(|n| Redirect::File { operator, target: self.word(n, depth + 1) }).into_iter().collect()
            }
        }
    }

    /// The body of a here-document; `<<-` takes the tabs off the lines.
    pub(super) fn document(&mut self, body: Node, redirect: Node, plain: bool, depth: usize) -> Word {
        let range = body.byte_range();
        let mut parts = Vec::new();
        if plain {
            self.literal(range.clone(), Escapes::None, true, &mut parts);
        } else {
            self.mixed(body, range.clone(), Escapes::Document, depth, &mut parts);
        }
        if self.text(redirect).contains("<<-") {
            parts = untab(parts);
        }
        Word { range, parts }
    }
}

/// Whether a node is a word.
pub(super) fn is_word(kind: &str) -> bool {
    matches!(
        kind,
        "word"
            | "string"
            | "raw_string"
            | "ansi_c_string"
            | "translated_string"
            | "concatenation"
            | "simple_expansion"
            | "expansion"
            | "command_substitution"
            | "process_substitution"
            | "arithmetic_expansion"
            | "brace_expression"
            | "number"
            | "regex"
            | "extglob_pattern"
    )
}

/// A statement of words: nothing but assignments, and `export` and its like with words the grammar took for arguments, set
/// variables.
pub(super) fn finish(simple: Simple, range: Range<usize>, redirects: Vec<Redirect>) -> Statement {
    let sets = simple
        .words
        .first()
        .and_then(Word::literal)
        .is_some_and(|program| matches!(program.as_str(), "export" | "declare" | "typeset" | "local" | "readonly"));
    let kind = if sets {
        let declared = simple.words.iter().skip(1).filter_map(assignment_of);
        Kind::Assign(simple.assignments.into_iter().chain(declared).collect())
    } else if simple.words.is_empty() && !simple.assignments.is_empty() {
        Kind::Assign(simple.assignments)
    } else {
        Kind::Simple(simple)
    };
    Statement { redirects, ..statement(range, kind) }
}

/// The assignment that a word is (`export "NAME=$x"`).
pub(super) fn assignment_of(word: &Word) -> Option<Assignment> {
    let first = word.parts.first()?;
    let PartKind::Literal(text) = &first.kind else { return None };
    let (name, rest) = text.split_once('=')?;
    let append = name.ends_with('+');
    let name = name.trim_end_matches('+');
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return None;
    }
    let mut parts = word.parts.clone();
    let from = first.range.end - rest.len().min(first.range.len());
    parts[0] = Part { range: from..first.range.end, kind: PartKind::Literal(rest.to_owned()), quoted: first.quoted };
    parts.retain(|p| !matches!(&p.kind, PartKind::Literal(t) if t.is_empty()));
    let value = Assigned::Word(Word { range: from..word.range.end, parts });
    Some(Assignment { range: word.range.clone(), name: name.to_owned(), append, value })
}

/// The parts without the tabs that begin their lines.
fn untab(parts: Vec<Part>) -> Vec<Part> {
    let mut out = Vec::new();
    let mut at_start = true;
    for part in parts {
        let PartKind::Literal(text) = &part.kind else {
            at_start = false;
            out.push(part);
            continue;
        };
        if text.len() != part.range.len() {
            at_start = text.ends_with('\n');
            out.push(part);
            continue;
        }
        let mut at = part.range.start;
        for line in text.split_inclusive('\n') {
            let kept = if at_start { line.trim_start_matches('\t') } else { line };
            let range = at + line.len() - kept.len()..at + line.len();
            at = range.end;
            at_start = line.ends_with('\n');
            if !kept.is_empty() {
                out.push(Part { range, kind: PartKind::Literal(kept.to_owned()), quoted: part.quoted });
            }
        }
    }
    out
}
