//! HCL native syntax (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>) as blocks and attributes with byte spans.
//!
//! Nothing is evaluated: a value is a literal, a template with holes, a reference, a collection, a call, or something else.
//! A file that does not parse is cut at its top-level blocks, and only the broken ones are lost.

mod accepted;
mod convert;
mod cut;
mod text;

use crate::source::{Diagnostic, Severity, SourceFile, Span, Text};
use convert::Reader;
use std::ops::Range;

/// After so many broken blocks the rest of a file is not looked at.
const MAX_FAULTS: usize = 100;

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// What it holds.
    pub body: Body,
    /// Faults, in order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Document {
    /// Whether something of the file is missing.
    pub fn partly(&self) -> bool {
        !self.diagnostics.is_empty()
    }
}

/// Attributes and blocks of a file or of a block, each in file order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// `name = value`.
    pub attributes: Vec<Attribute>,
    /// `kind "label" { … }`.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Its type (`resource`).
    pub kind: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// From its type to its closing brace.
    pub span: Span,
    /// What it holds.
    pub body: Body,
}

/// An attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// From its name to the end of its value.
    pub span: Span,
    /// Its value.
    pub value: Value,
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// A string, here-document, number or boolean without holes, decoded.
    Literal(Text),
    /// A string or here-document with holes.
    Template(Template),
    /// `var.name`, `module.x.y`, `each.key`: the parts; an index is a part of its own.
    Reference(Vec<String>),
    /// `[…]`.
    List(Vec<Value>),
    /// `{…}`; keys that are no name or literal are left out.
    Map(Vec<(String, Value)>),
    /// A function's name and arguments.
    Call(String, Vec<Value>),
    /// `a ? b : c`: what it is one of, in order.
    OneOf(Vec<Value>),
    /// `null`.
    Null,
    /// Anything else: an operation, a `for`.
    Other,
}

/// A text of which parts are only known when it is evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// The text, decoded; holes stand in it as they are written (`${…}`, `%{…}`).
    pub text: Text,
    /// The holes, in order.
    pub holes: Vec<Hole>,
}

/// A part of a template that has to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Its bytes in the template's text.
    pub range: Range<usize>,
    /// The parts of the reference that it is; empty where it is none.
    pub reference: Vec<String>,
}

impl Body {
    /// The attribute of this name.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }

    /// The literal text of an attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|a| a.value.literal())
    }

    /// The blocks of this type.
    pub fn blocks<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |b| b.kind == kind)
    }
}

impl Block {
    /// A label, by its index.
    pub fn label(&self, index: usize) -> &str {
        self.labels.get(index).map_or("", String::as_str)
    }
}

impl Value {
    /// The literal text, where it is one.
    pub fn literal(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::Literal(text) => Some(&text.text),
            _ => None,
        }
    }

    /// The values that it may be: those of a condition, else itself.
    pub fn alternatives(&self) -> Vec<&Self> {
        match &self.kind {
            ValueKind::OneOf(values) => values.iter().flat_map(Self::alternatives).collect(),
            _ => vec![self],
        }
    }

    /// The text with `hole` giving what stands for each hole's reference; of a reference what it stands for alone.
    pub fn filled(&self, hole: &dyn Fn(&[String]) -> String) -> Option<String> {
        match &self.kind {
            ValueKind::Literal(text) => Some(text.text.clone()),
            ValueKind::Template(template) => Some(template.filled(hole)),
            ValueKind::Reference(parts) => Some(hole(parts)),
            _ => None,
        }
    }

    /// This value and all below it; `visit` gets the key under which each stands in its map.
    pub fn walk<'v>(&'v self, key: &'v str, visit: &mut dyn FnMut(&'v str, &'v Self)) {
        visit(key, self);
        match &self.kind {
            ValueKind::List(values) => values.iter().for_each(|v| v.walk(key, visit)),
            ValueKind::Call(_, values) | ValueKind::OneOf(values) => values.iter().for_each(|v| v.walk(key, visit)),
            ValueKind::Map(entries) => entries.iter().for_each(|(k, v)| v.walk(k, visit)),
            _ => {}
        }
    }
}

impl Template {
    /// The text with `hole` giving what stands for each hole's reference.
    pub fn filled(&self, hole: &dyn Fn(&[String]) -> String) -> String {
        let mut out = String::new();
        let mut at = 0;
        for one in &self.holes {
            out.push_str(self.text.text.get(at..one.range.start).unwrap_or(""));
            out.push_str(&hole(&one.reference));
            at = one.range.end;
        }
        out.push_str(self.text.text.get(at..).unwrap_or(""));
        out
    }
}

/// Read a file.
pub fn parse(file: &SourceFile) -> Document {
    let mut document = Document::default();
    let whole = match accepted::parse(&file.text) {
        Ok(body) => {
            document.body = Reader::new(file.id, &file.text, 0).body(&body);
            return document;
        }
        Err(error) => error,
    };
    for piece in cut::pieces(&file.text) {
        let Some(source) = file.text.get(piece.clone()) else { continue };
        match accepted::parse(source) {
            Ok(body) => {
                let read = Reader::new(file.id, source, piece.start).body(&body);
                document.body.attributes.extend(read.attributes);
                document.body.blocks.extend(read.blocks);
            }
            Err(error) => document.diagnostics.push(fault(file, &error, &piece)),
        }
        if document.diagnostics.len() >= MAX_FAULTS {
            break;
        }
    }
    if document.diagnostics.is_empty() {
        document.diagnostics.push(fault(file, &whole, &(0..file.text.len())));
    }
    document
}

/// The fault of a piece of the file, at the line where the parser stopped.
fn fault(file: &SourceFile, error: &hcl_edit::parser::Error, piece: &Range<usize>) -> Diagnostic {
    let at = (piece.start + error.location().offset()).min(piece.end);
    let why = error.message().lines().collect::<Vec<_>>().join(", ");
    let message = format!("not valid HCL, this block is left out: {why}");
    Diagnostic { severity: Severity::Error, span: Span::new(file.id, at, at), message }
}

#[cfg(test)]
mod tests;
