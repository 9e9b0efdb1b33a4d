//! Resources of Terraform as data: <https://developer.hashicorp.com/terraform/language/resources/syntax>.
//!
//! Variables are their defaults or what the module's callers give, locals what they say. What only a run knows is left open.

use super::{FILE, Object, REFERENCE, list, mapping, open};
use crate::catalogue::Catalogue;
use crate::frontends::pipelines::data::{Data, Kind, Pair};
use crate::model::HOLE;
use crate::source::paths::join;
use crate::source::{SourceFile, SourceSet, Span, Text};
use crate::syntax::hcl::{self, Block, Body, Template, Value, ValueKind};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Values that stand for each other are followed so far.
const MAX_DEPTH: usize = 20;

/// Values that are read for one module and caller.
const MAX_VALUES: usize = 100_000;

/// Items of lists that are put together.
const MAX_ITEMS: usize = 1000;

/// Elements of one dynamic block that are told apart.
const MAX_ELEMENTS: usize = 100;

/// Callers of a module whose values are told apart.
const MAX_CALLERS: usize = 16;

/// The files of a folder.
#[derive(Debug, Default)]
struct Folder {
    documents: Vec<(crate::source::FileId, hcl::Document)>,
}

impl Folder {
    fn blocks<'f>(&'f self, kind: &'f str) -> impl Iterator<Item = &'f Block> {
        self.documents.iter().flat_map(move |(_, d)| d.body.blocks(kind))
    }
}

/// The Terraform files of a repository, as far as a question needs them.
pub struct Terraform<'s> {
    files: Vec<&'s SourceFile>,
    folders: BTreeMap<String, Folder>,
}

/// What a module is given by one of its callers.
type Given = BTreeMap<String, Data>;

impl<'s> Terraform<'s> {
    /// Nothing is read yet.
    pub fn new(sources: &'s SourceSet, catalogue: &Catalogue) -> Self {
        let ours = |f: &&SourceFile| f.path.ends_with(".tf") && !catalogue.words().fixture_path(&f.path);
        let mut files: Vec<&SourceFile> = sources.files().iter().filter(ours).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files, folders: BTreeMap::new() }
    }

    fn ours(&self) -> impl Iterator<Item = &'s SourceFile> + use<'s, '_> {
        self.files.iter().copied()
    }

    /// The resources of these types, in order of their files; those of a module once for each caller that gives other values.
    pub fn resources(&mut self, kinds: &[&str]) -> Vec<Object> {
        let named = |f: &SourceFile| kinds.iter().any(|kind| f.text.contains(&format!("\"{kind}\"")));
        self.objects(&named, &|b| b.kind == "resource" && kinds.contains(&b.label(0)))
    }

    /// The module calls that are given all of these arguments, in order of their files; their type is `module`.
    pub fn calls(&mut self, arguments: &[&str]) -> Vec<Object> {
        let named = |f: &SourceFile| f.text.contains("module \"") && arguments.iter().all(|a| f.text.contains(a));
        self.objects(&named, &|b| b.kind == "module" && arguments.iter().all(|a| b.body.get(a).is_some()))
    }

    fn objects(&mut self, named: &dyn Fn(&SourceFile) -> bool, wanted: &dyn Fn(&Block) -> bool) -> Vec<Object> {
        let files: Vec<&SourceFile> = self.ours().filter(|f| named(f)).collect();
        for file in &files {
            self.read(file.dir());
        }
        let mut out = Vec::new();
        for file in files {
            for (caller, given) in self.callers(file.dir(), 0).into_iter().enumerate() {
                let Some(folder) = self.folders.get(file.dir()) else { continue };
                let left = Cell::new(MAX_VALUES);
                let reader = Reader::new(folder, file.dir(), &given, &left);
                let all = folder.documents.iter().filter(|(id, _)| *id == file.id).flat_map(|(_, d)| &d.body.blocks);
                for block in all.filter(|b| wanted(b)) {
                    let module = block.kind == "module";
                    for data in reader.each(block) {
                        out.push(Object {
                            kind: if module { block.kind.clone() } else { block.label(0).to_owned() },
                            label: block.label(usize::from(!module)).to_owned(),
                            data,
                            span: block.span,
                            dir: file.dir().to_owned(),
                            caller,
                        });
                    }
                }
            }
        }
        out
    }

    fn read(&mut self, dir: &str) {
        if self.folders.contains_key(dir) {
            return;
        }
        // Files stand in the order of their paths: those of a folder begin together.
        let from = self.files.partition_point(|f| f.path.as_str() < dir);
        let below = self.files[from..].iter().take_while(|f| f.path.starts_with(dir));
        let documents = below.filter(|f| f.dir() == dir).map(|f| (f.id, hcl::parse(f))).collect();
        self.folders.insert(dir.to_owned(), Folder { documents });
    }

    /// What each caller of a folder gives it; nothing once, where none calls it.
    fn callers(&mut self, dir: &str, depth: usize) -> Vec<Given> {
        let name = format!("/{}", dir.rsplit('/').next().unwrap_or(""));
        let calls = |f: &&SourceFile| name.len() > 1 && f.dir() != dir && f.text.contains(&name) && f.text.contains("module \"");
        let files: Vec<&SourceFile> = if depth > 3 { Vec::new() } else { self.ours().filter(calls).collect() };
        let mut out: Vec<Given> = Vec::new();
        for file in files {
            self.read(file.dir());
            let source = |b: &Block| b.body.get("source").and_then(|a| a.value.literal()).map(ToOwned::to_owned);
            let calls = |b: &Block| source(b).and_then(|s| join(file.dir(), &s)).as_deref() == Some(dir);
            let any = self.folders.get(file.dir()).is_some_and(|f| f.blocks("module").any(calls));
            if !any {
                continue;
            }
            for outer in self.callers(file.dir(), depth + 1) {
                let Some(folder) = self.folders.get(file.dir()) else { continue };
                let left = Cell::new(MAX_VALUES);
                let reader = Reader::new(folder, file.dir(), &outer, &left);
                for block in folder.blocks("module").filter(|b| calls(b)) {
                    let given: Given =
                        block.body.attributes.iter().map(|a| (a.name.clone(), reader.value(&a.value, 0))).collect();
                    if out.len() < MAX_CALLERS {
                        out.push(given);
                    }
                }
            }
        }
        // A file calls a module once for all of its blocks; two files of one folder find the same calls.
        out.dedup_by_key(|g| format!("{:?}", g.iter().map(|(k, v)| (k.clone(), v.span)).collect::<Vec<_>>()));
        if out.is_empty() {
            out.push(Given::new());
        }
        out
    }
}

/// An element that a dynamic block is made for.
#[derive(Clone)]
struct Element {
    /// The name under which the block reads it.
    iterator: String,
    key: Data,
    value: Data,
}

/// Turns the values of one folder, for one of its callers, into data.
struct Reader<'f> {
    folder: &'f Folder,
    dir: &'f str,
    given: &'f Given,
    /// The elements of the dynamic blocks around, the innermost last.
    elements: Vec<Element>,
    /// Values that may still be read.
    left: &'f Cell<usize>,
}

impl<'f> Reader<'f> {
    fn new(folder: &'f Folder, dir: &'f str, given: &'f Given, left: &'f Cell<usize>) -> Self {
        Self { folder, dir, given, elements: Vec::new(), left }
    }

    /// Whether no more is read.
    fn spent(&self, depth: usize) -> bool {
        self.left.set(self.left.get().saturating_sub(1));
        depth > MAX_DEPTH || self.left.get() == 0
    }

    /// A block once for each element of its `for_each` where these are known, else once.
    fn each(&self, block: &Block) -> Vec<Data> {
        let elements = block.body.get("for_each").map(|a| elements(&self.value(&a.value, 0)));
        let Some(elements) = elements.flatten() else { return vec![self.block(block, 0)] };
        elements.into_iter().take(MAX_ELEMENTS).map(|e| self.with("each", e).block(block, 0)).collect()
    }

    /// The same reader for one element.
    fn with(&self, iterator: &str, (key, value): (Data, Data)) -> Self {
        let mut elements = self.elements.clone();
        elements.push(Element { iterator: iterator.to_owned(), key, value });
        Self { folder: self.folder, dir: self.dir, given: self.given, elements, left: self.left }
    }

    fn block(&self, block: &Block, depth: usize) -> Data {
        let mut data = self.body(&block.body, block.span, depth);
        // What stands in a list elsewhere has its place there.
        data.item = self.elements.last().map_or(block.span, |e| e.value.item);
        data
    }

    fn body(&self, body: &Body, span: Span, depth: usize) -> Data {
        if self.spent(depth) {
            return open(span);
        }
        let mut pairs: Vec<Pair> = Vec::new();
        for attribute in &body.attributes {
            pairs.push(pair(&attribute.name, attribute.span, self.value(&attribute.value, depth)));
        }
        for block in &body.blocks {
            let (kind, values) = match (block.kind.as_str(), block.body.blocks("content").next()) {
                ("dynamic", Some(content)) => (block.label(0), self.dynamic(block, content, depth + 1)),
                (kind, _) => (kind, vec![self.block(block, depth + 1)]),
            };
            for value in values {
                match pairs.iter_mut().find(|p| &*p.key == kind) {
                    Some(known) => {
                        let mut items = known.value.one_or_many().to_vec();
                        items.push(value);
                        known.value = list(known.span, items);
                    }
                    None => pairs.push(pair(kind, block.span, value)),
                }
            }
        }
        mapping(span, pairs)
    }

    /// The blocks of a dynamic one: one for each element where these are known, else one.
    fn dynamic(&self, block: &Block, content: &Block, depth: usize) -> Vec<Data> {
        let each = block.body.get("for_each").map(|a| self.value(&a.value, depth));
        let iterator = match block.body.get("iterator").map(|a| &a.value.kind) {
            Some(ValueKind::Reference(parts)) => parts.first().cloned(),
            _ => None,
        };
        let iterator = iterator.unwrap_or_else(|| block.label(0).to_owned());
        let Some(elements) = each.as_ref().and_then(elements) else { return vec![self.block(content, depth)] };
        elements.into_iter().take(MAX_ELEMENTS).map(|e| self.with(&iterator, e).block(content, depth)).collect()
    }

    fn value(&self, value: &Value, depth: usize) -> Data {
        if self.spent(depth) {
            return open(value.span);
        }
        match &value.kind {
            ValueKind::Literal(text) => scalar(text.clone(), value.span, true),
            ValueKind::Template(template) => scalar(self.template(template, depth), value.span, false),
            ValueKind::Reference(parts) => self.reference(parts, value.span, depth),
            ValueKind::List(items) => list(value.span, items.iter().map(|v| self.value(v, depth + 1)).collect()),
            ValueKind::Map(entries) => {
                mapping(value.span, entries.iter().map(|(k, v)| pair(k, v.span, self.value(v, depth + 1))).collect())
            }
            ValueKind::Call(name, arguments) => self.call(name, arguments, value.span, depth),
            ValueKind::Null => Data { span: value.span, item: value.span, tag: None, kind: Kind::Null },
            ValueKind::OneOf(_) | ValueKind::Other => open(value.span),
        }
    }

    /// What a reference stands for: a variable, a local, or another object.
    fn reference(&self, parts: &[String], span: Span, depth: usize) -> Data {
        let found = match parts {
            [iterator, which, rest @ ..] if let Some(element) = self.elements.iter().rev().find(|e| e.iterator == *iterator) => {
                let whole = if which == "key" { &element.key } else { &element.value };
                rest.iter().try_fold(whole, |data, key| part(data, key)).cloned()
            }
            [scope, name] if scope == "var" => self.given.get(name).cloned().or_else(|| {
                let variable = self.folder.blocks("variable").find(|b| b.label(0) == name)?;
                variable.body.get("default").map(|a| self.value(&a.value, depth + 1))
            }),
            [scope, name] if scope == "local" => {
                self.folder.blocks("locals").find_map(|b| b.body.get(name)).map(|a| self.value(&a.value, depth + 1))
            }
            [scope, name, rest @ ..] if scope == "var" || scope == "local" => {
                // A part of a variable that is a map.
                let whole = self.reference(&[scope.clone(), name.clone()], span, depth + 1);
                rest.iter().try_fold(whole, |data, key| part(&data, key).cloned())
            }
            [scope, which] if scope == "path" => {
                Some(Data::scalar_at(if which == "module" { self.dir.to_owned() } else { ".".to_owned() }, span))
            }
            [scope, ..] if matches!(scope.as_str(), "each" | "count" | "self" | "data" | "terraform" | "module") => None,
            [_, _, ..] => {
                let mut data = Data::scalar_at(parts.join("."), span);
                data.tag = Some(REFERENCE.into());
                Some(data)
            }
            _ => None,
        };
        found.filter(|d| !d.is_null()).unwrap_or_else(|| open(span))
    }

    /// A text with what its holes stand for.
    fn template(&self, template: &Template, depth: usize) -> Text {
        let whole = &template.text;
        let mut out = whole.slice(0..0);
        let mut at = 0;
        for hole in &template.holes {
            out.append(&whole.slice(at..hole.range.start));
            let span = whole.span(hole.range.clone());
            let value = if hole.reference.is_empty() { open(span) } else { self.reference(&hole.reference, span, depth + 1) };
            let shown = value.str().filter(|_| value.tag.is_none()).map_or_else(|| HOLE.to_string(), ToOwned::to_owned);
            out.text.push_str(&shown);
            out.map.push(shown.len(), span.start as usize, (span.end - span.start) as usize);
            at = hole.range.end;
        }
        out.append(&whole.slice(at..whole.text.len()));
        out
    }

    fn call(&self, name: &str, arguments: &[Value], span: Span, depth: usize) -> Data {
        let all = || arguments.iter().map(|v| self.value(v, depth + 1));
        match (name, arguments) {
            ("jsonencode" | "yamlencode" | "toset" | "tolist" | "tomap" | "tostring" | "nonsensitive" | "sensitive", [one]) => {
                self.value(one, depth + 1)
            }
            ("file" | "templatefile", [path, ..]) => {
                let mut data = self.value(path, depth + 1);
                data.tag = Some(FILE.into());
                data
            }
            ("lookup", [map, key, ..]) => {
                let (map, key) = (self.value(map, depth + 1), self.value(key, depth + 1));
                let found = key.str().and_then(|k| map.get(k)).cloned();
                found.or_else(|| arguments.get(2).map(|d| self.value(d, depth + 1))).unwrap_or_else(|| open(span))
            }
            ("try" | "coalesce", _) => {
                all().find(|d| d.str().is_none_or(|t| t.chars().any(|c| c != HOLE)) && !d.is_null()).unwrap_or_else(|| open(span))
            }
            ("concat", _) => list(span, all().flat_map(|d| d.one_or_many().to_vec()).take(MAX_ITEMS).collect()),
            ("merge", _) => all().fold(mapping(span, Vec::new()), |out, one| if one.is_map() { out.merged(&one) } else { out }),
            _ => open(span),
        }
    }
}

/// The elements of a value by their keys, where it is a list or a map.
fn elements(each: &Data) -> Option<Vec<(Data, Data)>> {
    match &each.kind {
        Kind::List(items) => Some(items.iter().map(|v| (v.clone(), v.clone())).collect()),
        Kind::Map(pairs) => {
            Some(pairs.iter().map(|p| (Data::scalar_at(p.key.to_string(), p.key_span), p.value.clone())).collect())
        }
        _ => None,
    }
}

/// A part of a value, by its key or index.
fn part<'d>(data: &'d Data, key: &str) -> Option<&'d Data> {
    data.get(key).or_else(|| data.items().get(key.parse::<usize>().ok()?))
}

fn scalar(text: Text, span: Span, plain: bool) -> Data {
    Data { span, item: span, tag: None, kind: Kind::Scalar { text: Rc::new(text), plain } }
}

fn pair(key: &str, span: Span, value: Data) -> Pair {
    Pair { key: key.into(), key_span: span, span, value }
}
