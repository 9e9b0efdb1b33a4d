//! Attributes and blocks of HCL.

use super::{Field, Found, is_delivered};
use crate::practices::scene::Scene;
use crate::source::Span;
use crate::syntax::hcl::{self, Block, Body, Value, ValueKind};

/// Blocks in each other that are looked at.
const MAX_DEPTH: usize = 12;

/// Add every attribute or block that says something.
pub(super) fn find<'e>(scene: &Scene<'_>, fields: &'e [Field], out: &mut Vec<Found<'e>>) {
    let ends = [".tf", ".tofu", ".hcl", ".nomad"];
    for file in scene.sources.files().iter().filter(|f| ends.iter().any(|end| f.name().ends_with(end))) {
        let asked: Vec<&Field> =
            fields.iter().filter(|f| f.may_stand_in(file) && f.of.iter().any(|kind| file.text.contains(kind.as_str()))).collect();
        if asked.is_empty() || !is_delivered(&file.path) {
            continue;
        }
        let document = hcl::parse(file);
        for block in &document.body.blocks {
            let (kind, name) =
                if block.kind == "resource" { (block.label(0), block.label(1)) } else { (&*block.kind, block.label(0)) };
            for field in asked.iter().filter(|f| f.of.iter().any(|k| k == kind)) {
                for path in &field.at {
                    let keys = super::keys(path);
                    let mut first = None;
                    body(&block.body, &keys, block.span, 0, &mut |value, span| {
                        if field.says(value) {
                            first.get_or_insert(span);
                        }
                    });
                    out.extend(first.map(|span| Found { says: &field.says, name: name.to_owned(), span }));
                }
            }
        }
    }
}

/// Visit what a path leads to in a body; of a block there is no value.
fn body(of: &Body, path: &[&str], at: Span, depth: usize, visit: &mut dyn FnMut(Option<&str>, Span)) {
    let Some((head, rest)) = path.split_first() else {
        visit(None, at);
        return;
    };
    if depth > MAX_DEPTH {
        return;
    }
    if *head == "**" {
        body(of, rest, at, depth + 1, visit);
        of.blocks.iter().for_each(|b| body(&b.body, path, b.span, depth + 1, visit));
        return;
    }
    let named = |name: &str| *head == "*" || head.split('|').any(|key| key == name);
    for attribute in of.attributes.iter().filter(|a| named(&a.name)) {
        value(&attribute.value, rest, attribute.span, visit);
    }
    for block in &of.blocks {
        match (&*block.kind, content(block)) {
            ("dynamic", Some(inner)) if named(block.label(0)) => body(&inner.body, rest, block.span, depth + 1, visit),
            (kind, _) if named(kind) => body(&block.body, rest, block.span, depth + 1, visit),
            _ => {}
        }
    }
}

/// What a dynamic block puts in.
fn content(block: &Block) -> Option<&Block> {
    block.body.blocks("content").next()
}

/// Visit what a path leads to in a value.
fn value(of: &Value, path: &[&str], at: Span, visit: &mut dyn FnMut(Option<&str>, Span)) {
    match (path.split_first(), &of.kind) {
        (None, ValueKind::Null) => {}
        (None, ValueKind::List(values)) if values.is_empty() => {}
        (None, ValueKind::Map(entries)) if entries.is_empty() => {}
        (None, _) => visit(of.literal(), at),
        (Some(_), ValueKind::List(values)) => values.iter().for_each(|v| value(v, path, at, visit)),
        (Some((head, rest)), ValueKind::Map(entries)) => {
            let named = |name: &str| *head == "*" || head.split('|').any(|key| key == name);
            entries.iter().filter(|(key, _)| named(key)).for_each(|(_, v)| value(v, rest, v.span, visit));
        }
        (Some(_), ValueKind::Call(_, values) | ValueKind::OneOf(values)) => values.iter().for_each(|v| value(v, path, at, visit)),
        _ => {}
    }
}
