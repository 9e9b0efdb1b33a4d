//! From the parser's tree, whose depth it limits, to ours.

use super::text::{Builder, Written};
use super::{Attribute, Block, Body, Hole, Template, Value, ValueKind};
use crate::source::{FileId, Span, Text};
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::Structure;
use hcl_edit::template::Element;
use std::ops::Range;

/// Converts what was parsed from `source`, which stands in the file from byte `offset` on.
pub(super) struct Reader<'s> {
    file: FileId,
    source: &'s str,
    offset: usize,
}

impl<'s> Reader<'s> {
    pub(super) fn new(file: FileId, source: &'s str, offset: usize) -> Self {
        Self { file, source, offset }
    }

    fn span(&self, range: Option<Range<usize>>) -> Span {
        let range = range.unwrap_or(0..0);
        Span::new(self.file, self.offset + range.start, self.offset + range.end)
    }

    fn raw(&self, range: &Range<usize>) -> &'s str {
        self.source.get(range.clone()).unwrap_or("")
    }

    pub(super) fn body(&self, body: &hcl_edit::structure::Body) -> Body {
        let mut out = Body::default();
        for structure in body {
            match structure {
                Structure::Attribute(a) => out.attributes.push(Attribute {
                    name: a.key.to_string(),
                    span: self.span(a.span()),
                    value: self.value(&a.value),
                }),
                Structure::Block(b) => out.blocks.push(Block {
                    kind: b.ident.to_string(),
                    labels: b.labels.iter().map(|l| l.as_str().to_owned()).collect(),
                    span: self.span(b.span()),
                    body: self.body(&b.body),
                }),
            }
        }
        out
    }

    fn value(&self, expression: &Expression) -> Value {
        if let Expression::Parenthesis(inner) = expression {
            return self.value(inner.inner());
        }
        let range = expression.span().unwrap_or(0..0);
        let kind = match expression {
            Expression::String(text) => ValueKind::Literal(self.quoted(&range, text.value())),
            Expression::Number(_) | Expression::Bool(_) => {
                ValueKind::Literal(Text::verbatim(self.file, self.raw(&range), self.offset + range.start))
            }
            Expression::Null(_) => ValueKind::Null,
            Expression::Variable(name) => ValueKind::Reference(vec![name.to_string()]),
            Expression::Traversal(traversal) => reference(traversal).map_or(ValueKind::Other, ValueKind::Reference),
            Expression::Array(array) => ValueKind::List(array.iter().map(|e| self.value(e)).collect()),
            Expression::Object(object) => {
                let entries = object.iter().filter_map(|(k, v)| Some((self.key(k)?, self.value(v.expr()))));
                ValueKind::Map(entries.collect())
            }
            Expression::StringTemplate(template) => self.template(template, Written::Quoted),
            Expression::HeredocTemplate(heredoc) => {
                self.template(&heredoc.template, Written::Heredoc(heredoc.indent().unwrap_or(0)))
            }
            Expression::Conditional(condition) => {
                ValueKind::OneOf(vec![self.value(&condition.true_expr), self.value(&condition.false_expr)])
            }
            Expression::FuncCall(call) => {
                let name = call.name.name.to_string();
                ValueKind::Call(name, call.args.iter().map(|e| self.value(e)).collect())
            }
            _ => ValueKind::Other,
        };
        Value { kind, span: self.span(Some(range)) }
    }

    /// The key of a map's entry, where it is a name or a literal, as the file writes it.
    fn key(&self, key: &ObjectKey) -> Option<String> {
        match key {
            ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => {
                let written = self.raw(&name.span().unwrap_or(0..0));
                Some(if written.is_empty() { name.to_string() } else { written.to_owned() })
            }
            ObjectKey::Expression(Expression::String(text)) => {
                let range = text.span().unwrap_or(0..0);
                let plain = !self.raw(&range).contains('\\');
                let written = self.raw(&range).strip_prefix('"').and_then(|r| r.strip_suffix('"')).filter(|_| plain);
                Some(written.map_or_else(|| text.value().clone(), str::to_owned))
            }
            ObjectKey::Expression(_) => None,
        }
    }

    /// A quoted string without holes.
    fn quoted(&self, range: &Range<usize>, decoded: &str) -> Text {
        let raw = self.raw(range);
        let inner = raw.strip_prefix('"').and_then(|r| r.strip_suffix('"'));
        let mut builder = Builder::new(Written::Quoted);
        let skipped = usize::from(inner.is_some());
        builder.literal(inner.unwrap_or(raw), decoded, self.offset + range.start + skipped);
        self.text(builder)
    }

    fn text(&self, builder: Builder) -> Text {
        Text { file: self.file, text: builder.text, map: builder.map }
    }

    fn template(&self, template: &hcl_edit::template::Template, written: Written) -> ValueKind {
        let mut elements = template.iter();
        if written == Written::Quoted
            && let (Some(Element::Interpolation(only)), None) = (elements.next(), elements.next())
            && let value @ ValueKind::OneOf(_) = self.value(&only.expr).kind
        {
            // `"${condition ? a : b}"` is the value itself.
            return value;
        }
        let mut builder = Builder::new(written);
        let mut holes = Vec::new();
        for element in template {
            let range = element.span().unwrap_or(0..0);
            let (raw, start) = (self.raw(&range), self.offset + range.start);
            if let Element::Literal(text) = element {
                builder.literal(raw, text.value(), start);
                continue;
            }
            let from = builder.text.len();
            builder.verbatim(raw, start);
            let parts = match element {
                Element::Interpolation(i) => match self.value(&i.expr).kind {
                    ValueKind::Reference(parts) => parts,
                    _ => Vec::new(),
                },
                _ => Vec::new(),
            };
            holes.push(Hole { range: from..builder.text.len(), reference: parts });
        }
        let text = self.text(builder);
        if holes.is_empty() { ValueKind::Literal(text) } else { ValueKind::Template(Template { text, holes }) }
    }
}

/// The parts of a reference; a computed index makes it none.
fn reference(traversal: &Traversal) -> Option<Vec<String>> {
    let mut parts = match &traversal.expr {
        Expression::Variable(name) => vec![name.to_string()],
        _ => return None,
    };
    for operator in &traversal.operators {
        parts.push(match operator.value() {
            TraversalOperator::GetAttr(name) => name.to_string(),
            TraversalOperator::LegacyIndex(index) => index.to_string(),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => "*".to_owned(),
            TraversalOperator::Index(Expression::String(text)) => text.value().clone(),
            TraversalOperator::Index(Expression::Number(number)) => number.value().to_string(),
            TraversalOperator::Index(_) => return None,
        });
    }
    Some(parts)
}
