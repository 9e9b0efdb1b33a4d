//! Resources of CloudFormation and SAM as data, in YAML and JSON:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>.
//!
//! Intrinsic functions are followed in their short (`!Ref`) and long (`Fn::…`) forms. A parameter is its default. What only
//! a deployment of the template knows is left open.

use super::{Object, REFERENCE, documents, open};
use crate::frontends::pipelines::data::{Data, Kind, Pair};
use crate::model::{HOLE, Program};
use crate::source::{SourceFile, Text};
use std::cell::Cell;
use std::rc::Rc;

/// Values that stand for each other are followed so far.
const MAX_DEPTH: usize = 60;

/// Values that are read of one template.
const MAX_VALUES: usize = 500_000;

/// The resources of these types in a file, in file order.
pub fn resources(file: &SourceFile, kinds: &[&str], program: &mut Program) -> Vec<Object> {
    let mut out = Vec::new();
    for document in documents(file, program) {
        let template = Template { root: &document, left: Cell::new(MAX_VALUES) };
        for resource in document.get("Resources").map(Data::pairs).unwrap_or_default() {
            let kind = resource.value.get_str("Type").unwrap_or("");
            if !kinds.contains(&kind) {
                continue;
            }
            let data = resource.value.get("Properties").map_or_else(|| open(resource.span), |p| template.value(p, 0));
            let dir = file.dir().to_owned();
            out.push(Object {
                kind: kind.to_owned(),
                label: resource.key.to_string(),
                data,
                span: resource.span,
                dir,
                caller: 0,
            });
        }
    }
    out
}

struct Template<'d> {
    root: &'d Data,
    /// Values that may still be read.
    left: Cell<usize>,
}

impl Template<'_> {
    /// A value with its functions followed.
    fn value(&self, data: &Data, depth: usize) -> Data {
        self.left.set(self.left.get().saturating_sub(1));
        if depth > MAX_DEPTH || self.left.get() == 0 {
            return open(data.span);
        }
        if let Some((function, argument)) = function(data) {
            let mut found = self.call(&function, argument, depth + 1);
            found.item = data.item;
            return found;
        }
        match &data.kind {
            Kind::List(items) => {
                let items = items.iter().map(|d| self.value(d, depth + 1)).filter(|d| !d.is_null());
                data.with(Kind::List(Rc::new(items.collect())))
            }
            Kind::Map(pairs) => {
                let pairs = pairs.iter().map(|p| Pair { value: self.value(&p.value, depth + 1), ..p.clone() });
                data.with(Kind::Map(Rc::new(pairs.collect())))
            }
            _ => data.clone(),
        }
    }

    fn call(&self, function: &str, argument: &Data, depth: usize) -> Data {
        let untagged = Data { tag: None, ..argument.clone() };
        match function {
            "Ref" => self.reference(argument),
            "GetAtt" => {
                let name = argument.str().and_then(|t| t.split('.').next()).or_else(|| argument.items().first()?.str());
                name.map_or_else(|| open(argument.span), |name| reference(name, argument))
            }
            "Sub" => self.substituted(argument, depth),
            "Base64" => self.value(&untagged, depth),
            "Join" => self.joined(argument, depth),
            "If" => {
                // Which branch holds is for a deployment to say: the first that gives something.
                let branches = argument.items().iter().skip(1).map(|d| self.value(d, depth));
                branches.filter(|d| !d.is_null()).find(|d| d.str() != Some("")).unwrap_or_else(|| open(argument.span))
            }
            _ => open(argument.span),
        }
    }

    /// A parameter's default, or another resource.
    fn reference(&self, argument: &Data) -> Data {
        let Some(name) = argument.str() else { return open(argument.span) };
        if name == "AWS::NoValue" {
            return Data { tag: None, ..argument.with(Kind::Null) };
        }
        if self.root.at(&["Resources", name]).is_some() {
            return reference(name, argument);
        }
        self.default_of(name).map_or_else(|| open(argument.span), |text| Data::scalar_at(text, argument.span))
    }

    fn default_of(&self, parameter: &str) -> Option<String> {
        self.root.at(&["Parameters", parameter, "Default"])?.str().map(ToOwned::to_owned).filter(|t| !t.is_empty())
    }

    /// `!Sub`: a text with `${Name}` filled in; `${!Name}` stands for itself.
    fn substituted(&self, argument: &Data, depth: usize) -> Data {
        let (text, own) = match argument.items() {
            [text, own, ..] => (text, Some(own)),
            _ => (argument, None),
        };
        let Some(whole) = text.text() else { return open(argument.span) };
        let mut out = whole.slice(0..0);
        let mut at = 0;
        while let Some(found) = whole.text[at..].find("${") {
            let from = at + found;
            let Some(len) = whole.text[from..].find('}') else { break };
            out.append(&whole.slice(at..from));
            at = from + len + 1;
            let name = whole.text[from + 2..at - 1].trim();
            if let Some(literal) = name.strip_prefix('!') {
                put(&mut out, &format!("${{{literal}}}"), whole, from..at);
                continue;
            }
            let given = own.and_then(|o| o.get(name)).map(|d| self.value(d, depth));
            let shown = given.and_then(|d| d.str().filter(|_| d.tag.is_none()).map(ToOwned::to_owned));
            if shown.is_none() && from == 0 && at == whole.text.len() && self.root.at(&["Resources", name]).is_some() {
                return reference(name, argument);
            }
            let shown = shown.or_else(|| self.default_of(name)).unwrap_or_else(|| HOLE.to_string());
            put(&mut out, &shown, whole, from..at);
        }
        out.append(&whole.slice(at..whole.text.len()));
        Data { tag: None, ..text.with(Kind::Scalar { text: Rc::new(out), plain: false }) }
    }

    fn joined(&self, argument: &Data, depth: usize) -> Data {
        let [separator, parts, ..] = argument.items() else { return open(argument.span) };
        let parts = self.value(parts, depth);
        let Some(separator) = separator.str().filter(|_| parts.is_list()) else { return open(argument.span) };
        let mut out: Option<Text> = None;
        for part in parts.items() {
            let own = part.text().filter(|_| part.tag.is_none());
            let hole = Text::verbatim(part.span.file, HOLE.to_string(), part.span.start as usize);
            let own = own.cloned().unwrap_or(hole);
            match &mut out {
                Some(out) => {
                    out.map.push(separator.len(), part.span.start as usize, 0);
                    out.text.push_str(separator);
                    out.append(&own);
                }
                None => out = Some(own),
            }
        }
        let text = out.unwrap_or_else(|| Text::verbatim(argument.span.file, "", argument.span.start as usize));
        Data { tag: None, ..argument.with(Kind::Scalar { text: Rc::new(text), plain: false }) }
    }
}

/// A function and its argument, in either form.
fn function(data: &Data) -> Option<(String, &Data)> {
    if let Some(tag) = data.tag.as_deref().and_then(|t| t.strip_prefix('!')).filter(|t| !t.is_empty() && !t.starts_with('!')) {
        return Some((tag.trim_start_matches("Fn::").to_owned(), data));
    }
    let [only] = data.pairs() else { return None };
    let name = only.key.strip_prefix("Fn::").or_else(|| (&*only.key == "Ref").then_some("Ref"))?;
    Some((name.to_owned(), &only.value))
}

fn reference(name: &str, at: &Data) -> Data {
    let mut data = Data::scalar_at(name, at.span);
    data.tag = Some(REFERENCE.into());
    data
}

fn put(out: &mut Text, shown: &str, whole: &Text, range: std::ops::Range<usize>) {
    let span = whole.span(range);
    out.text.push_str(shown);
    out.map.push(shown.len(), span.start as usize, (span.end - span.start) as usize);
}
