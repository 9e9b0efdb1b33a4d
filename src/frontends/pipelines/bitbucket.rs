//! Bitbucket Pipelines: <https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/>.
//!
//! Each pipeline under `default`, `branches`, `tags`, `pull-requests` and `custom` is one of its own. Steps run one after
//! another; steps that run side by side, and stages, are waited for as a whole.

mod conditions;
mod starts;
mod steps;
#[cfg(test)]
mod tests;

use super::Input;
use super::data::{self, Data, Pair, warn};
use super::reader::Reader;
use super::runs::BRANCH;
use crate::frontends::scripts::shell::Masked;
use crate::model::{Expr, Item, Program, SURROUNDING, Test, Unit, UnitId, UnitKind};
use crate::source::{SourceFile, Span};
use crate::syntax::yaml;
use std::cell::Cell;
use std::collections::BTreeMap;

/// The folder of the vendor's tables.
const VENDOR: &str = "bitbucket-pipelines";

/// The sections of `pipelines`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Default,
    Branches,
    Tags,
    PullRequests,
    Custom,
}

/// One pipeline of a file.
struct Pipeline {
    section: Section,
    /// The name or pattern under which it stands.
    key: String,
    /// That name's line.
    span: Span,
    data: Data,
    id: UnitId,
}

/// The state of one translation.
struct Translator<'a> {
    input: &'a Input<'a>,
    reader: Reader<'a>,
    /// Whether a text that is read is a value, in which `$NAME` is a variable, and not a script.
    values: &'a Cell<bool>,
    /// The file's `definitions`.
    definitions: Option<Data>,
    /// Pipelines that a step may run, by name.
    custom: BTreeMap<String, UnitId>,
    /// Names of steps of the pipeline that is read, with how often each was given.
    names: BTreeMap<String, usize>,
}

/// Branches that a file names, as often as it does.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let Some(root) = yaml::parse(file).documents().next().map(Data::of) else { return Vec::new() };
    let mut out: Vec<String> = Vec::new();
    for pair in root.at(&["pipelines", "branches"]).map(Data::pairs).unwrap_or_default() {
        out.extend(conditions::alternatives(&pair.key).into_iter().filter(|name| !name.contains(['*', '?'])));
    }
    for rule in root.get("triggers").map(Data::pairs).unwrap_or_default().iter().flat_map(|p| p.value.one_or_many()) {
        named(&conditions::condition(rule.get("condition")), &mut out);
    }
    out
}

fn named(expr: &Expr, out: &mut Vec<String>) {
    match expr {
        Expr::Compare(Test::Equals, a, b) => {
            if let (Expr::Var(fact), Expr::Lit(name)) = (&**a, &**b)
                && fact == BRANCH
            {
                out.push(name.clone());
            }
        }
        Expr::And(all) | Expr::Or(all) => all.iter().for_each(|e| named(e, out)),
        _ => {}
    }
}

/// Translate the files.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    let values = Cell::new(false);
    let expressions = |text: &str| if values.get() { variables(text) } else { Vec::new() };
    let mut translator = Translator {
        input,
        reader: Reader::new(input.catalogue, program, VENDOR, &expressions),
        values: &values,
        definitions: None,
        custom: BTreeMap::new(),
        names: BTreeMap::new(),
    };
    for file in input.files {
        translator.file(file);
    }
}

impl Translator<'_> {
    fn file(&mut self, file: &SourceFile) {
        let Some(root) = data::read(file, self.reader.program).into_iter().next() else { return };
        self.definitions = root.get("definitions").cloned();
        self.custom.clear();
        let Some(sections) = root.get("pipelines") else {
            if root.get("export").is_none() && self.definitions.is_none() {
                warn(self.reader.program, file.whole(), "there are no pipelines");
            }
            return;
        };
        let mut pipelines = self.pipelines(file, sections);
        for pipeline in &mut pipelines {
            self.names.clear();
            let data = pipeline.data.clone();
            let jobs = match data.pair("import") {
                Some(import) => self.imported(import),
                None => self.sequence(&data, 0),
            };
            self.reader.program.unit_mut(pipeline.id).jobs = jobs;
        }
        self.starts(&root, &pipelines);
    }

    /// The pipelines with units that are filled later: a step may run a pipeline that stands below it.
    fn pipelines(&mut self, file: &SourceFile, sections: &Data) -> Vec<Pipeline> {
        let mut out = Vec::new();
        for pair in sections.pairs() {
            let section = match &*pair.key {
                "default" => {
                    out.push(self.pipeline(file, Section::Default, pair));
                    continue;
                }
                "branches" | "bookmarks" => Section::Branches,
                "tags" => Section::Tags,
                "pull-requests" => Section::PullRequests,
                "custom" => Section::Custom,
                other => {
                    warn(self.reader.program, pair.key_span, format!("`{other}` is no section of pipelines"));
                    continue;
                }
            };
            for pair in pair.value.pairs() {
                out.push(self.pipeline(file, section, pair));
            }
        }
        out
    }

    fn pipeline(&mut self, file: &SourceFile, section: Section, pair: &Pair) -> Pipeline {
        let name = match section {
            Section::Default => file.path.clone(),
            _ => pair.key.to_string(),
        };
        let mut unit = Unit::new(UnitKind::Pipeline, name, pair.span);
        unit.dir = Some(Expr::lit(""));
        if section == Section::Custom && self.input.catalogue.environments().find_in(&pair.key).is_some() {
            unit.bind.push((SURROUNDING.to_owned(), Expr::lit(&*pair.key)));
        }
        let id = self.reader.program.add(unit);
        if section == Section::Custom {
            self.custom.insert(pair.key.to_string(), id);
        }
        Pipeline { section, key: pair.key.to_string(), span: pair.key_span, data: pair.value.clone(), id }
    }

    /// A pipeline that stands elsewhere: `name@source` of a file of this repository, else another repository's.
    fn imported(&mut self, import: &Pair) -> Vec<UnitId> {
        let written = import.value.str().unwrap_or("").trim().to_owned();
        if let Some((name, source)) = written.split_once('@') {
            let path = self.definitions.as_ref().and_then(|d| d.at(&["imports", source])).and_then(Data::str).map(str::to_owned);
            let path = path.unwrap_or_default();
            if let Some(file) = self.input.sources.get(path.trim_start_matches("./").trim_start_matches('/')) {
                let root = data::read(file, self.reader.program).into_iter().next();
                let list = root.as_ref().and_then(|r| r.at(&["definitions", "pipelines", name])).cloned();
                if let Some(list) = list.filter(|l| l.pair("import").is_none()) {
                    let services = root.and_then(|r| r.get("definitions").cloned());
                    let own = std::mem::replace(&mut self.definitions, services);
                    let jobs = self.sequence(&list, 0);
                    self.definitions = own;
                    return jobs;
                }
            }
        }
        // `repository:branch:name`, or a source that is one.
        let (repository, name) = match written.split_once('@') {
            Some((name, source)) => (source, name),
            None => (written.split(':').next().unwrap_or(""), written.rsplit(':').next().unwrap_or("")),
        };
        let mut job = Unit::new(UnitKind::Job, name, import.span);
        let text = format!("import: {written}");
        job.body.push(Item::external(VENDOR, format!("{repository}/{name}"), "", Vec::new(), import.span, text));
        vec![self.reader.program.add(job)]
    }
}

/// The variables `$NAME` and `${NAME}` of a value.
fn variables(text: &str) -> Vec<Masked> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('$') {
        let start = at + found;
        let rest = &text[start + 1..];
        let (name, len) = if let Some(inner) = rest.strip_prefix('{') {
            let Some((name, _)) = inner.split_once('}') else { break };
            (name, name.len() + 3)
        } else {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            (&rest[..end], end + 1)
        };
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if plain {
            out.push(Masked { range: start..start + len, expr: Expr::Var(format!("env.{name}")) });
        }
        at = start + if plain { len } else { 1 };
    }
    out
}
