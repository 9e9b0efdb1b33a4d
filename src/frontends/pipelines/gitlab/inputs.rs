//! Inputs: <https://docs.gitlab.com/ci/inputs/>. A file's header says which it takes; `$[[ inputs.NAME ]]` may stand in any
//! key and value.

use crate::frontends::pipelines::data::{Data, Kind, Pair};
use crate::source::{OffsetMap, Text};
use crate::syntax::mask::mask;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Longest text that filling in makes.
const MAX_TEXT: usize = 200_000;

/// How the vendor's expressions begin and end.
pub(super) const OPEN: &str = "$[[";
/// How they end.
pub(super) const CLOSE: &str = "]]";

/// Values of inputs by name.
pub(super) type Inputs = BTreeMap<String, Data>;

/// The values that a file's header and who includes it give.
pub(super) fn values(header: Option<&Data>, given: &Inputs) -> Inputs {
    let mut out = Inputs::new();
    let declared = header.and_then(|h| h.at(&["spec", "inputs"])).map(Data::pairs).unwrap_or_default();
    for pair in declared {
        if let Some(default) = pair.value.pair("default") {
            out.insert(pair.key.to_string(), default.value.clone());
        }
    }
    out.extend(given.iter().map(|(n, d)| (n.clone(), d.clone())));
    out
}

/// The name of an input that an expression asks for, and whether a function is applied to it.
pub(super) fn name_of(expression: &str) -> Option<(&str, Option<&str>)> {
    let (name, function) = match expression.split_once('|') {
        Some((name, function)) => (name, Some(function.trim())),
        None => (expression, None),
    };
    let name = name.trim();
    // What a component says of itself is known where it is included: `component.name`.
    let component = name.starts_with("component.").then_some(name);
    Some((name.strip_prefix("inputs.").or(component)?, function))
}

/// A content with its inputs filled in. What nobody gave stays as it is written. `budget` is how many values may still be made.
pub(super) fn fill(data: &Data, inputs: &Inputs, budget: &mut usize) -> Data {
    Filler { inputs, budget }.fill(data, 0)
}

struct Filler<'a> {
    inputs: &'a Inputs,
    budget: &'a mut usize,
}

impl Filler<'_> {
    fn fill(&mut self, data: &Data, depth: usize) -> Data {
        if *self.budget == 0 || depth > 100 {
            return data.with(Kind::Null);
        }
        *self.budget -= 1;
        match &data.kind {
            Kind::Scalar { text, .. } if text.text.contains(OPEN) => self.scalar(data, text, depth),
            Kind::Null | Kind::Scalar { .. } => data.clone(),
            Kind::List(items) => data.with(Kind::List(Rc::new(items.iter().map(|i| self.fill(i, depth + 1)).collect()))),
            Kind::Map(pairs) => {
                let pairs = pairs.iter().map(|p| Pair {
                    key: self.key(&p.key),
                    key_span: p.key_span,
                    span: p.span,
                    value: self.fill(&p.value, depth + 1),
                });
                data.with(Kind::Map(Rc::new(pairs.collect())))
            }
        }
    }

    fn key(&self, key: &Rc<str>) -> Rc<str> {
        if !key.contains(OPEN) {
            return Rc::clone(key);
        }
        let (_, masks) = mask(key, OPEN, CLOSE);
        let mut out = String::new();
        let mut at = 0;
        for m in masks {
            out.push_str(&key[at..m.range.start]);
            match self.text_of(&m.expression) {
                Some(text) => out.push_str(&text),
                None => out.push_str(&key[m.range.clone()]),
            }
            at = m.range.end;
        }
        out.push_str(&key[at..]);
        out.into()
    }

    fn scalar(&mut self, data: &Data, text: &Text, depth: usize) -> Data {
        let (_, masks) = mask(&text.text, OPEN, CLOSE);
        if let [only] = masks.as_slice()
            && only.range == (0..text.text.trim_end().len())
            && let Some((name, None)) = name_of(&only.expression)
            && let Some(value) = self.inputs.get(name).cloned()
            && !matches!(value.kind, Kind::Scalar { plain: false, .. })
        {
            // A list, mapping, number or truth value stays one. What it holds has been filled in where it was given.
            if matches!(value.kind, Kind::Scalar { .. } | Kind::Null) {
                let plain = value.boolean().is_some();
                let filled = self.join(text, &masks);
                return data.with(Kind::Scalar { text: Rc::new(filled), plain });
            }
            let copied = Filler { inputs: &Inputs::new(), budget: self.budget }.fill(&value, depth);
            return Data { item: data.item, ..copied };
        }
        let plain = matches!(data.kind, Kind::Scalar { plain: true, .. }) && masks.is_empty();
        data.with(Kind::Scalar { text: Rc::new(self.join(text, &masks)), plain })
    }

    /// The text with values put in, each of which stands where its expression does.
    fn join(&self, text: &Text, masks: &[crate::syntax::mask::Masked]) -> Text {
        let mut out = text.slice(0..masks.first().map_or(0, |m| m.range.start));
        let mut at = out.text.len();
        for m in masks {
            out.append(&text.slice(at..m.range.start));
            at = m.range.end;
            match self.text_of(&m.expression).filter(|t| out.text.len() + t.len() < MAX_TEXT) {
                Some(value) => {
                    let span = text.span(m.range.clone());
                    let mut map = OffsetMap::default();
                    map.push(value.len(), span.start as usize, (span.end - span.start) as usize);
                    out.append(&Text { file: text.file, text: value, map });
                }
                None => out.append(&text.slice(m.range.clone())),
            }
        }
        out.append(&text.slice(at..text.text.len()));
        out
    }

    fn text_of(&self, expression: &str) -> Option<String> {
        let (name, function) = name_of(expression)?;
        let value = self.inputs.get(name)?;
        let text = match &value.kind {
            Kind::Null => String::new(),
            Kind::Scalar { text, .. } => text.text.clone(),
            _ => return None,
        };
        match function.and_then(|f| f.strip_prefix("truncate")) {
            Some(arguments) => truncated(&text, arguments),
            None => Some(text),
        }
    }
}

/// `truncate(from, count)`.
fn truncated(text: &str, arguments: &str) -> Option<String> {
    let (from, count) = arguments.trim().strip_prefix('(')?.strip_suffix(')')?.split_once(',')?;
    let (from, count): (usize, usize) = (from.trim().parse().ok()?, count.trim().parse().ok()?);
    Some(text.chars().skip(from).take(count).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::frontends::pipelines::data;
    use crate::model::Program;
    use crate::source::SourceSet;

    #[test]
    fn inputs_are_filled_in_keys_and_values() {
        let mut sources = SourceSet::default();
        sources.add(
            "t.yml",
            "spec:\n  inputs:\n    stage: {default: deploy}\n    name:\n    lines: {type: array}\n---\n\"deploy $[[ inputs.name ]]\":\n  stage: $[[ inputs.stage ]]\n  script: $[[ inputs.lines ]]\n  x: a $[[ inputs.name | truncate(0,2) ]] $[[ inputs.none ]]\n",
        );
        sources.add("given.yml", "name: shop\nlines: [make a, make b]\n");
        let mut program = Program::default();
        let documents = data::read(&sources.files()[0], &mut program);
        let given = data::read(&sources.files()[1], &mut program);
        let given: Inputs = given[0].pairs().iter().map(|p| (p.key.to_string(), p.value.clone())).collect();
        let inputs = values(Some(&documents[0]), &given);
        let filled = fill(&documents[1], &inputs, &mut 1000);
        let job = filled.get("deploy shop").unwrap();
        assert_eq!(job.get_str("stage"), Some("deploy"));
        assert_eq!(job.get("script").unwrap().texts(), ["make a", "make b"]);
        assert_eq!(job.get_str("x"), Some("a sh $[[ inputs.none ]]"));
    }
}
