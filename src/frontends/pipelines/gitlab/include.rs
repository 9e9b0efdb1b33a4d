//! Includes: <https://docs.gitlab.com/ci/yaml/includes/>. A configuration with everything that it includes, merged in
//! GitLab's order: later includes over earlier ones, the including file over all of them.

use super::files::{Files, empty};
use super::inputs::Inputs;
use super::rules;
use super::variables;
use crate::frontends::pipelines::data::{self, Data, Kind, Pair};
use crate::model::{Expr, Program, Scope, Truth};
use crate::source::paths::join;
use crate::source::siblings::Ask;
use crate::source::{FileId, SourceFile, SourceSet, Span};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeMap;
use std::rc::Rc;

/// At most this many files are included in one configuration.
const MAX_FILES: usize = 200;
/// Deepest nesting of includes.
const MAX_DEPTH: usize = 20;

/// Whose file it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Home {
    /// This repository's.
    Own,
    /// Another project's, by its path.
    Sibling(String),
}

/// An include whose file is not at hand.
#[derive(Clone, Debug)]
pub(super) struct Unread {
    /// What the vendor's table calls it (`template:…`, `component:…`), or where it would be found.
    pub name: String,
    /// Its version as written.
    pub version: String,
    /// What is given to it.
    pub inputs: Vec<(String, Data)>,
    /// The include's item.
    pub span: Span,
    /// As it is written.
    pub text: String,
    /// When it is included.
    pub when: Expr,
    /// It should be a file of this repository.
    pub own: bool,
}

/// A configuration with its includes.
#[derive(Clone, Debug)]
pub(super) struct Expanded {
    /// Everything merged.
    pub root: Data,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Jobs that come only with an include that has conditions.
    pub conditional: BTreeMap<String, Expr>,
    /// The first file that was included.
    pub first: Option<FileId>,
}

/// Expands one configuration.
pub(super) struct Includes<'a> {
    sources: &'a SourceSet,
    files: &'a mut Files,
    program: &'a mut Program,
    unread: Vec<Unread>,
    conditional: BTreeMap<String, Expr>,
    stack: Vec<(FileId, usize)>,
    count: usize,
    first: Option<FileId>,
    /// Variables that paths may read.
    literals: BTreeMap<String, String>,
}

impl<'a> Includes<'a> {
    pub fn new(sources: &'a SourceSet, files: &'a mut Files, program: &'a mut Program) -> Self {
        let (unread, conditional, stack) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { sources, files, program, unread, conditional, stack, count: 0, first: None, literals: BTreeMap::new() }
    }

    /// A file with its includes.
    pub fn file(mut self, file: &SourceFile) -> Expanded {
        let root = self.included(file, &Home::Own, &Inputs::new(), &Expr::always(), file.whole());
        self.done(root)
    }

    /// What a list of includes makes, as `trigger: include:` has it; its paths may read variables of the job.
    pub fn list(mut self, include: &Data, literals: BTreeMap<String, String>) -> Expanded {
        self.literals = literals;
        let root = self.merge(include, &Home::Own, &Expr::always(), &empty(include.span));
        self.done(root)
    }

    fn done(self, root: Data) -> Expanded {
        Expanded { root, unread: self.unread, conditional: self.conditional, first: self.first }
    }

    fn included(&mut self, file: &SourceFile, home: &Home, given: &Inputs, when: &Expr, at: Span) -> Data {
        let mark = given.values().map(|d| d.span.start as usize).sum::<usize>();
        if self.stack.contains(&(file.id, mark)) || self.stack.len() >= MAX_DEPTH {
            data::warn(self.program, at, format!("{} includes itself", file.path));
            return empty(file.whole());
        }
        self.count += 1;
        if self.count > MAX_FILES {
            self.program.unknowns.push((at, "too many files are included".to_owned()));
            return empty(file.whole());
        }
        self.first = self.first.or(Some(file.id));
        self.stack.push((file.id, mark));
        let body = self.files.content(file, given, self.program);
        let include = body.get("include").cloned();
        let out = match include {
            Some(include) => self.merge(&include, home, when, &body),
            None => body,
        };
        self.stack.pop();
        without(&out, "include")
    }

    /// The includes of a content, and it over them.
    fn merge(&mut self, include: &Data, home: &Home, when: &Expr, body: &Data) -> Data {
        let mut merged = empty(body.span);
        for item in include.one_or_many() {
            let condition = self.condition(item, when);
            if condition.truth(&Scope::default()) == Truth::False {
                continue;
            }
            let content = self.item(item, home, &condition);
            if !condition.is_always() {
                for pair in content.pairs().iter().filter(|p| merged.pair(&p.key).is_none()) {
                    self.conditional.entry(pair.key.to_string()).or_insert_with(|| condition.clone());
                }
            }
            merged = merged.merged(&content);
        }
        for pair in body.pairs() {
            if pair.value.get("script").is_some() || pair.value.get("trigger").is_some() {
                self.conditional.remove(&*pair.key);
            }
        }
        merged.merged(&without(body, "include"))
    }

    /// When an include counts: <https://docs.gitlab.com/ci/yaml/includes/#use-rules-with-include>.
    fn condition(&mut self, item: &Data, when: &Expr) -> Expr {
        let Some(list) = item.get("rules") else { return when.clone() };
        let own = rules::included(list, self.sources, self.program);
        let all = crate::frontends::pipelines::runs::all(vec![when.clone(), own]);
        match all.truth(&Scope::default()) {
            Truth::True => Expr::always(),
            Truth::False => Expr::lit("false"),
            Truth::Unknown => all,
        }
    }

    fn item(&mut self, item: &Data, home: &Home, when: &Expr) -> Data {
        let given: Inputs = item
            .get("inputs")
            .map(Data::pairs)
            .unwrap_or_default()
            .iter()
            .map(|p| (p.key.to_string(), p.value.clone()))
            .collect();
        let around = Around { item, home, given: &given, when };
        if let Some(text) = item.str() {
            return if text.contains("://") { self.remote(text, &around) } else { self.local(text, &around) };
        }
        let text = |key: &str| item.get_str(key).map(str::trim);
        if let Some(path) = text("local") {
            return self.local(path, &around);
        }
        if let Some(project) = text("project") {
            let files = item.get("file").map(Data::one_or_many).unwrap_or_default().to_vec();
            let several = files.len() > 1;
            let mut out = empty(item.span);
            for file in files.iter().filter(|f| f.str().is_some()) {
                let at = if several { file } else { item };
                out = out.merged(&self.project(project, file.str().unwrap_or(""), at, &around));
            }
            return out;
        }
        if let Some(name) = text("template") {
            self.foreign(format!("template:{name}"), "", format!("template: {name}"), item.item, &around);
        } else if let Some(path) = text("component") {
            return self.component(path, &around);
        } else if let Some(url) = text("remote") {
            return self.remote(url, &around);
        } else if let Some(artifact) = text("artifact") {
            self.program.unknowns.push((item.item, format!("{artifact} is made by a job while the pipeline runs")));
        }
        empty(item.span)
    }

    fn foreign(&mut self, name: String, version: &str, text: String, span: Span, around: &Around<'_>) {
        let inputs = around.given.iter().map(|(n, d)| (n.clone(), d.clone())).collect();
        let when = around.when.clone();
        self.unread.push(Unread { name, version: version.to_owned(), inputs, span, text, when, own: false });
    }

    fn missing(&mut self, path: &str, around: &Around<'_>) {
        let (name, text) = (path.to_owned(), format!("local: {path}"));
        let own = *around.home == Home::Own;
        let (version, inputs, when) = (String::new(), Vec::new(), around.when.clone());
        self.unread.push(Unread { name, version, inputs, span: around.item.item, text, when, own });
    }

    fn local(&mut self, written: &str, around: &Around<'_>) -> Data {
        let written = &variables::filled(written, &self.literals);
        let path = written.trim_start_matches('/').trim_start_matches("./");
        let sources = self.sources;
        if path.contains('*') {
            return self.wildcard(path, around);
        }
        let found = match around.home {
            Home::Own => sources.get(path),
            Home::Sibling(project) => self.sibling(project, path),
        };
        let Some(file) = found else {
            self.missing(path, around);
            return empty(around.item.span);
        };
        self.included(file, around.home, around.given, around.when, around.item.span)
    }

    fn wildcard(&mut self, path: &str, around: &Around<'_>) -> Data {
        let mut out = empty(around.item.span);
        let Some(glob) = matcher(path) else { return out };
        let sources = self.sources;
        let yaml = |p: &str| p.ends_with(".yml") || p.ends_with(".yaml");
        let files: Vec<&SourceFile> = match around.home {
            Home::Own => sources.files().iter().filter(|f| yaml(&f.path) && glob.is_match(&f.path)).collect(),
            Home::Sibling(project) => {
                self.files.asks.insert(Ask { project: project.clone(), path: path.to_owned() });
                sources.siblings_of(project).filter(|(p, _)| yaml(p) && glob.is_match(p)).map(|(_, f)| f).collect()
            }
        };
        if files.is_empty() {
            self.missing(path, around);
        }
        for file in files {
            out = out.merged(&self.included(file, around.home, around.given, around.when, around.item.span));
        }
        out
    }

    /// A file of another project, where its repository is at hand.
    fn sibling(&mut self, project: &str, path: &str) -> Option<&'a SourceFile> {
        let ask = Ask { project: project.to_owned(), path: path.to_owned() };
        let sources = self.sources;
        let found = sources.sibling(&ask);
        if found.is_none() {
            self.files.asks.insert(ask);
        }
        found
    }

    fn project(&mut self, project: &str, file: &str, at: &Data, around: &Around<'_>) -> Data {
        let path = file.trim().trim_start_matches('/');
        if matches!(project, "$CI_PROJECT_PATH" | "${CI_PROJECT_PATH}") {
            return self.local(path, &Around { item: at, ..*around });
        }
        let known = known_part(project);
        if path.contains('*') {
            let home = Home::Sibling(known);
            return self.wildcard(path, &Around { item: at, home: &home, ..*around });
        }
        if let Some(found) = self.sibling(&known, path) {
            return self.included(found, &Home::Sibling(known), around.given, around.when, at.span);
        }
        let version = around.item.get_str("ref").unwrap_or("").to_owned();
        let text = format!("project: {project} file: {file}");
        self.foreign(format!("project:{known}/{path}"), &version, text, at.item, around);
        empty(at.span)
    }

    /// <https://docs.gitlab.com/ci/components/#use-a-component>
    fn component(&mut self, written: &str, around: &Around<'_>) -> Data {
        let (address, version) = written.split_once('@').unwrap_or((written, ""));
        let path = address.split_once('/').map_or(address, |(_, path)| path);
        let own = ["$CI_PROJECT_PATH/", "${CI_PROJECT_PATH}/"].iter().find_map(|p| path.strip_prefix(p));
        let (project, name) = match own {
            Some(name) => ("", name),
            None => path.rsplit_once('/').unwrap_or(("", path)),
        };
        let project = known_part(project);
        let places = [format!("templates/{name}.yml"), format!("templates/{name}/template.yml")];
        let sources = self.sources;
        let found = if own.is_some() {
            places.iter().find_map(|p| sources.get(p)).map(|f| (f, Home::Own))
        } else {
            places.iter().find_map(|p| self.sibling(&project, p)).map(|f| (f, Home::Sibling(project.clone())))
        };
        let Some((file, home)) = found else {
            let text = format!("component: {written}");
            self.foreign(format!("component:{project}/{name}"), version, text, around.item.item, around);
            return empty(around.item.span);
        };
        let mut given = around.given.clone();
        for (key, value) in [("name", name), ("version", version), ("reference", version)] {
            given.insert(format!("component.{key}"), Data::scalar_at(value, around.item.span));
        }
        self.included(file, &home, &given, around.when, around.item.span)
    }

    fn remote(&mut self, url: &str, around: &Around<'_>) -> Data {
        let address = url.split_once("://").map_or(url, |(_, rest)| rest);
        if let Some((project, path)) = of_raw_address(address)
            && let Some(file) = self.sibling(&project, &path)
        {
            return self.included(file, &Home::Sibling(project), around.given, around.when, around.item.span);
        }
        self.foreign(format!("remote:{address}"), "", format!("remote: {url}"), around.item.item, around);
        empty(around.item.span)
    }
}

/// What surrounds one file of an include.
#[derive(Clone, Copy)]
struct Around<'a> {
    item: &'a Data,
    home: &'a Home,
    given: &'a Inputs,
    when: &'a Expr,
}

/// A mapping without one of its keys.
pub(super) fn without(data: &Data, key: &str) -> Data {
    if data.pair(key).is_none() {
        return data.clone();
    }
    let pairs: Vec<Pair> = data.pairs().iter().filter(|p| &*p.key != key).cloned().collect();
    data.with(Kind::Map(Rc::new(pairs)))
}

/// A path's folders that are no variables; the server's name is one.
fn known_part(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty() && !p.contains('$')).collect();
    parts.join("/")
}

pub(super) fn matcher(glob: &str) -> Option<GlobMatcher> {
    GlobBuilder::new(glob).literal_separator(true).build().ok().map(|g| g.compile_matcher())
}

/// The project and the path of a raw file's address: `HOST/GROUP/PROJECT/-/raw/REF/PATH`, or
/// `raw.githubusercontent.com/OWNER/REPOSITORY/REF/PATH`.
fn of_raw_address(address: &str) -> Option<(String, String)> {
    let (project, path) = match address.split_once('/')? {
        ("raw.githubusercontent.com", rest) => {
            let mut parts = rest.splitn(4, '/');
            let project = format!("{}/{}", parts.next()?, parts.next()?);
            parts.next()?;
            (project, parts.next()?)
        }
        (_, rest) => {
            let (project, raw) = rest.split_once("/-/raw/").or_else(|| rest.split_once("/raw/"))?;
            (project.to_owned(), raw.split_once('/')?.1)
        }
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    Some((project, join("", path)?))
}
