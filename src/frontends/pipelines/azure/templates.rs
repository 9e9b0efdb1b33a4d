//! Templates: <https://learn.microsoft.com/azure/devops/pipelines/process/templates>.

use super::expand::Expander;
use super::shared::Shared;
use super::value::{Names, Place, Val};
use crate::frontends::pipelines::data::{self, Data, Kind, Pair};
use crate::model::Expr;
use crate::source::paths::{directory, join};
use crate::source::siblings::Ask;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most templates inside of each other, as Azure has it.
const MAX_OPEN: usize = 100;
/// Keys of a template that hold what it stands for.
const BODIES: &[&str] = &["stages", "jobs", "phases", "steps", "variables"];

/// A reference to a template as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// The path, with slashes.
    pub path: String,
    /// The repository's alias; none: that of the file that names it.
    pub repository: Option<String>,
}

impl Reference {
    /// `path@alias`
    pub fn of(text: &str) -> Self {
        let (path, repository) = match text.trim().rsplit_once('@') {
            Some((path, alias)) => (path, Some(alias.to_owned())),
            None => (text.trim(), None),
        };
        Self { path: path.trim().replace('\\', "/"), repository }
    }

    /// Its path from the root of its repository.
    pub fn resolve(&self, from: &str) -> Option<String> {
        match (&self.repository, self.path.strip_prefix('/')) {
            (_, Some(rooted)) => join("", rooted),
            (Some(alias), None) if alias != "self" => join("", &self.path),
            (_, None) => join(directory(from), &self.path),
        }
    }

    /// Whether it says that it is of another repository.
    pub fn is_elsewhere(&self) -> bool {
        self.repository.as_ref().is_some_and(|r| r != "self")
    }
}

impl Expander<'_> {
    /// The items that a template stands for; the item itself, its parameters expanded, where it is not in this repository.
    pub(super) fn template(&mut self, item: &Data, key: &str, names: &Names, depth: usize) -> Vec<Data> {
        let written = item.get("template").map(|t| self.data(t, "template", names, depth + 1));
        let name = written.as_ref().and_then(Data::str).map(|t| self.shared.name(t)).unwrap_or_default();
        let given = item.get("parameters").map(|p| self.data(p, "parameters", names, depth + 1));
        let reference = Reference::of(&name);
        let place = self.place(&reference, &names.file);
        if place.as_ref().is_some_and(|place| self.is_open(place, item)) {
            return Vec::new();
        }
        let Some((path, template)) = place.and_then(|place| self.open(place)) else {
            return vec![unresolved(item, written.as_ref(), given.as_ref())];
        };
        let inner = self.parameters(&template, given.as_ref(), &path, depth);
        let found = std::iter::once(key).chain(BODIES.iter().copied()).find_map(|k| Some((k, template.get(k)?)));
        let mut out = Vec::new();
        if let Some((key, body)) = found {
            self.open.push(path);
            let body = self.data(body, key, &inner, depth + 1);
            self.open.pop();
            out = match &body.kind {
                Kind::List(items) => items.as_ref().clone(),
                // Variables may be a mapping.
                Kind::Map(pairs) => pairs.iter().map(named_value).collect(),
                _ => Vec::new(),
            };
        }
        out
    }

    /// Whether a template is being expanded already, which is named.
    fn is_open(&mut self, place: &Place, item: &Data) -> bool {
        let open = self.open.contains(place) || self.open.len() >= MAX_OPEN;
        if open {
            self.unknown(item.item, format!("the template {} includes itself", place.path));
        }
        open
    }

    /// Which file a reference means.
    fn place(&self, reference: &Reference, from: &Place) -> Option<Place> {
        let path = reference.resolve(&from.path)?.into();
        let project = match reference.repository.as_deref() {
            None => from.project.clone(),
            Some("self") => None,
            Some(alias) => Some(Rc::clone(self.repositories.get(alias)?)),
        };
        Some(Place { project, path })
    }

    /// The root of a template, also of another repository that is at hand.
    fn open(&mut self, place: Place) -> Option<(Place, Data)> {
        if !self.read.contains_key(&place) {
            let file = match &place.project {
                None => self.sources.get(&place.path),
                Some(project) => {
                    let ask = Ask { project: project.to_string(), path: place.path.to_string() };
                    let found = self.sources.sibling(&ask);
                    self.asks.insert(ask);
                    found
                }
            };
            let root = file.and_then(|file| data::read(file, self.program).into_iter().next());
            self.read.insert(place.clone(), root);
        }
        self.read.get(&place).cloned().flatten().map(|root| (place, root))
    }

    /// The names inside a template: its parameters, as they are given or by their defaults.
    pub(super) fn parameters(&mut self, template: &Data, given: Option<&Data>, file: &Place, depth: usize) -> Names {
        let mut all: Vec<(String, Val)> = Vec::new();
        for pair in given.map(Data::pairs).unwrap_or_default() {
            all.push((pair.key.to_string(), Val::Data(pair.value.clone())));
        }
        let mut names = Names { file: file.clone(), parameters: Rc::new(all.clone()), each: Vec::new() };
        for (name, default) in declared(template) {
            if names.parameter(&name).is_some() {
                continue;
            }
            let value = match default {
                Some(default) => Val::Data(self.data(&default, &name, &names, depth + 1)),
                None => Val::Expr(Expr::Unknown(name.clone())),
            };
            all.push((name, value));
            names.parameters = Rc::new(all.clone());
        }
        names
    }

    /// A pipeline's root with what its `extends` stands for, expanded.
    pub(super) fn root(&mut self, root: &Data, names: &Names, depth: usize) -> Data {
        let own = |p: &&Pair| !matches!(&*p.key, "parameters" | "extends");
        let pairs: Vec<Pair> = root.pairs().iter().filter(own).cloned().collect();
        let expanded = self.data(&root.with(Kind::Map(Rc::new(pairs))), "", names, depth);
        let Some(extends) = root.pair("extends") else { return expanded };
        // `extends: template.yml` is short for the mapping.
        let call = match extends.value.str() {
            Some(_) => mapping(&extends.value, "template", extends.value.clone()),
            None => extends.value.clone(),
        };
        let written = call.get("template").map(|t| self.data(t, "template", names, depth + 1));
        let name = written.as_ref().and_then(Data::str).map(|t| self.shared.name(t)).unwrap_or_default();
        let given = call.get("parameters").map(|p| self.data(p, "parameters", names, depth + 1));
        let place = self.place(&Reference::of(&name), &names.file);
        if place.as_ref().is_some_and(|place| self.is_open(place, &extends.value)) {
            return expanded;
        }
        let body = place.and_then(|place| self.open(place));
        let over = if let Some((path, template)) = body {
            let inner = self.parameters(&template, given.as_ref(), &path, depth);
            self.open.push(path);
            let over = self.root(&template, &inner, depth + 1);
            self.open.pop();
            over
        } else {
            let call = unresolved(&call, written.as_ref(), given.as_ref());
            let value = Data { span: extends.span, item: extends.span, ..call };
            root.with(Kind::Map(Rc::new(vec![Pair { value, ..extends.clone() }])))
        };
        over.merged(&expanded)
    }
}

/// `name: value` of variables as an item of their list.
fn named_value(pair: &Pair) -> Data {
    let of = |key: &str, value: Data| Pair { key: key.into(), key_span: pair.key_span, span: pair.span, value };
    let name = Data::scalar_at(&*pair.key, pair.key_span);
    pair.value.with(Kind::Map(Rc::new(vec![of("name", name), of("value", pair.value.clone())])))
}

fn mapping(at: &Data, key: &str, value: Data) -> Data {
    let pair = Pair { key: key.into(), key_span: at.span, span: at.span, value };
    at.with(Kind::Map(Rc::new(vec![pair])))
}

/// A reference that leads nowhere in this repository, with its parameters expanded.
fn unresolved(item: &Data, name: Option<&Data>, parameters: Option<&Data>) -> Data {
    let pairs = item.pairs().iter().map(|pair| {
        let value = match &*pair.key {
            "template" => name.cloned(),
            "parameters" => parameters.cloned(),
            _ => None,
        };
        Pair { value: value.unwrap_or_else(|| pair.value.clone()), ..pair.clone() }
    });
    item.with(Kind::Map(Rc::new(pairs.collect())))
}

/// Other repositories by their alias, with their names on the server.
pub(super) fn repositories(root: &Data) -> BTreeMap<String, Rc<str>> {
    let all = root.at(&["resources", "repositories"]).map(Data::items).unwrap_or_default();
    all.iter().filter_map(|r| Some((r.get_str("repository")?.to_owned(), r.get_str("name")?.into()))).collect()
}

/// The parameters that a file declares, with their defaults: a list, or a mapping as older files have it.
pub(super) fn declared(file: &Data) -> Vec<(String, Option<Data>)> {
    let Some(all) = file.get("parameters") else { return Vec::new() };
    match &all.kind {
        Kind::Map(pairs) => pairs.iter().map(|p| (p.key.to_string(), Some(p.value.clone()))).collect(),
        Kind::List(items) => {
            let one = |item: &Data| {
                let default = item.pair("default").map(|p| p.value.clone());
                Some((item.get_str("name")?.to_owned(), default.or_else(|| first_option(item))))
            };
            items.iter().filter_map(one).collect()
        }
        _ => Vec::new(),
    }
}

/// A parameter that only may have certain values begins with the first.
fn first_option(item: &Data) -> Option<Data> {
    item.get("values")?.items().first().cloned()
}

/// Whether a parameter's value is a part of the pipeline or a collection, and no text that a person chooses.
pub(super) fn is_collection(kind: Option<&str>) -> bool {
    let lower = kind.unwrap_or("string").to_ascii_lowercase();
    lower == "object"
        || lower.starts_with("step")
        || lower.starts_with("job")
        || lower.starts_with("deployment")
        || lower.starts_with("stage")
        || lower.ends_with("list")
}

/// The names of a root: its texts are what a person may choose, its collections their defaults.
pub(super) fn root_names(root: &Data, file: Place, shared: &Shared) -> Names {
    let kinds = root.get("parameters").map(Data::items).unwrap_or_default();
    let kind = |name: &str| kinds.iter().find(|k| k.get_str("name") == Some(name)).and_then(|k| k.get_str("type"));
    let older = root.get("parameters").is_some_and(Data::is_map);
    let value = |(name, default): (String, Option<Data>)| {
        let value = match default {
            Some(default) if older || is_collection(kind(&name)) || !matches!(default.kind, Kind::Scalar { .. } | Kind::Null) => {
                Val::Data(default)
            }
            None if is_collection(kind(&name)) => Val::Expr(Expr::Unknown(name.clone())),
            default => {
                let input = format!("input.{name}");
                if let Some(text) = default.as_ref().and_then(Data::str) {
                    shared.know(&input, &Expr::lit(text));
                }
                Val::Expr(Expr::Var(input))
            }
        };
        (name, value)
    };
    Names { file, parameters: Rc::new(declared(root).into_iter().map(value).collect()), each: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_found_from_the_file_that_names_them() {
        let resolved = |text: &str| Reference::of(text).resolve("ci/main.yml");
        assert_eq!(resolved("steps\\build.yml").as_deref(), Some("ci/steps/build.yml"));
        assert_eq!(resolved("../t/x.yml@self").as_deref(), Some("t/x.yml"));
        assert_eq!(resolved("/t/x.yml").as_deref(), Some("t/x.yml"));
        assert_eq!(resolved("t/x.yml@tools").as_deref(), Some("t/x.yml"));
        assert_eq!(resolved("../../x.yml"), None);
    }
}
