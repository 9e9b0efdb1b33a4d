//! Configurations and how one continues with another: <https://circleci.com/docs/guides/orchestrate/dynamic-config/>.

use super::Translator;
use super::config::{Scope, parameters};
use super::jobs::roots;
use super::packed::pack;
use super::starts::{Workflow, asks, starts};
use super::workflows::Condition;
use crate::frontends::pipelines::data::{self, Data, Kind, warn};
use crate::model::{Call, Expr, Item, Target, Unit, UnitId, UnitKind};
use crate::source::{SourceFile, Span};
use std::collections::BTreeMap;

/// Where a configuration is kept in parts (`circleci config pack`).
pub(super) const PACKED: &str = ".circleci/src";

/// At most this many values of one parameter are told apart.
const MAX_VALUES: usize = 8;

impl Translator<'_> {
    /// Read a configuration; the pipelines that it holds. One that is only called has no starts.
    pub(super) fn configuration(&mut self, file: &SourceFile, called: bool) -> Vec<UnitId> {
        if self.configurations.contains_key(&file.path) {
            return self.known(&file.path);
        }
        let mut documents = data::read(file, self.reader.program);
        let root = if documents.is_empty() { None } else { Some(documents.remove(0)) };
        let Some(root) = root.filter(Data::is_map) else {
            warn(self.reader.program, file.whole(), "a configuration must be a mapping");
            return Vec::new();
        };
        self.read(file, &file.path, &root, called)
    }

    /// A configuration that is kept in parts.
    pub(super) fn packed(&mut self, folder: &str, called: bool) -> Vec<UnitId> {
        if self.configurations.contains_key(folder) {
            return self.known(folder);
        }
        match pack(folder, self.input.sources, self.reader.program) {
            Some((file, root)) => self.read(file, folder, &root, called),
            None => Vec::new(),
        }
    }

    fn known(&self, path: &str) -> Vec<UnitId> {
        self.configurations.get(path).cloned().flatten().unwrap_or_default()
    }

    fn read(&mut self, file: &SourceFile, path: &str, root: &Data, called: bool) -> Vec<UnitId> {
        self.configurations.insert(path.to_owned(), None);
        self.parameters.insert(path.to_owned(), parameters(root));
        let first = self.reader.program.units.len();
        let name = if called { path } else { "" };
        let scope = Scope::new(name, root);
        let conditions = std::mem::take(&mut self.conditions);
        let roots = std::mem::replace(&mut self.text.borrow_mut().roots, roots(root));
        let mut workflows = Vec::new();
        for (name, data, span) in of_configuration(root, file) {
            let condition = Condition::of(&data);
            let mut unit = Unit::new(UnitKind::Pipeline, name, span);
            unit.dir = Some(Expr::lit(""));
            if condition.when.literal() == Some("false") {
                unit.disabled = Some("its condition is the literal false".to_owned());
            }
            if let Some(jobs) = data.get("jobs") {
                unit.jobs = self.jobs(&scope, jobs, &condition, 0);
            }
            let id = self.reader.program.add(unit);
            workflows.push(Workflow { id, condition, data, span });
        }
        if !called {
            let seen = std::mem::take(&mut self.conditions);
            starts(self, file, root, &workflows, &seen, first);
        }
        self.conditions.extend(conditions);
        self.text.borrow_mut().roots = roots;
        let ids: Vec<UnitId> = workflows.into_iter().map(|w| w.id).collect();
        self.configurations.insert(path.to_owned(), Some(ids.clone()));
        ids
    }

    /// A workflow that asks for a parameter which paths set is started by these.
    fn paths(&mut self, workflows: &[UnitId], given: Option<&Data>) {
        for line in given.and_then(|g| g.get_str("mapping")).unwrap_or("").lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [path, name, _] = words.as_slice() else { continue };
            let name = format!("pipeline.parameters.{name}");
            for id in workflows {
                let program = &mut *self.reader.program;
                let first = program.unit(*id).jobs.first().map(|j| program.unit(*j).when.clone());
                let glob = glob_of(path);
                let paths = &mut program.unit_mut(*id).paths;
                if first.is_some_and(|when| asks(&when, &name)) && !paths.contains(&glob) {
                    paths.push(glob);
                }
            }
        }
    }

    /// The call of the configuration with which an orb's command or job continues; none where it does no such thing.
    pub(super) fn continues(&mut self, full: &str, given: Option<&Data>, span: Span) -> Option<Vec<Item>> {
        let mut parts = full.rsplit('/');
        let (command, orb) = (parts.next()?, parts.next()?);
        let keys: &[&str] = match (orb, command) {
            ("continuation", "continue") => &["configuration_path", "configuration-path"],
            ("path-filtering", "filter" | "set-parameters" | "generate-config") => &["config-path", "config_path"],
            _ => return None,
        };
        if command == "set-parameters" || command == "generate-config" {
            return Some(Vec::new());
        }
        let written = keys.iter().find_map(|k| given.and_then(|g| g.get_str(k))).unwrap_or(".circleci/continue_config.yml");
        let path = written.trim().trim_start_matches("./");
        let outer = self.enter("");
        let size = self.size;
        let functions = std::mem::take(&mut self.reader.functions);
        let (path, workflows) = match self.input.sources.get(path) {
            Some(file) => (path, self.configuration(file, true)),
            None => (PACKED, self.packed(PACKED, true)),
        };
        self.reader.functions = functions;
        self.size = size;
        self.enter(&outer);
        if workflows.is_empty() {
            let why = format!("the configuration {written} that it continues with is made while it runs");
            return Some(vec![Item::Unknown { span, why }]);
        }
        let declared = self.parameters.get(path).cloned().unwrap_or_default();
        self.paths(&workflows, given);
        let mut calls = Vec::new();
        for values in choices(given) {
            for id in &workflows {
                let mut bind: Vec<(String, Expr)> = Vec::new();
                for one in &declared {
                    let name = format!("pipeline.parameters.{}", one.name);
                    let default = one.default.as_ref().map_or_else(|| Expr::lit(""), |d| self.reader.value(d));
                    // A parameter that this pipeline has as well is handed on.
                    let value = match values.get(&one.name) {
                        Some(value) => Expr::lit(value.as_str()),
                        None => Expr::Default(Box::new(Expr::Var(name.clone())), Box::new(default)),
                    };
                    bind.push((name, value));
                }
                let text = self.reader.program.unit(*id).name.clone();
                calls.push(Call { target: Target::Unit(*id), bind, isolated: false, span, text });
            }
        }
        Some(vec![self.together(path, span, calls)])
    }
}

/// A glob for an expression of paths: what of it is literal, and anything after.
fn glob_of(regex: &str) -> String {
    let plain = regex.trim_start_matches('^').replace("\\.", ".");
    let end = plain.find(|c: char| "*+?()[]{}|$\\".contains(c)).unwrap_or(plain.len());
    let literal = if plain[end..].is_empty() { plain.as_str() } else { plain[..end].trim_end_matches('.') };
    match literal {
        whole if whole.len() == plain.len() => whole.to_owned(),
        folder if folder.ends_with('/') => format!("{folder}**"),
        head => format!("{head}*"),
    }
}

/// What the parameters may be that path filters set (`mapping`, a line `path parameter value` each): none of them, and each
/// in turn with all others that fit beside it.
fn choices(given: Option<&Data>) -> Vec<BTreeMap<String, String>> {
    let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in given.and_then(|g| g.get_str("mapping")).unwrap_or("").lines() {
        let mut words = line.split_whitespace().skip(1);
        if let (Some(name), Some(value)) = (words.next(), words.next()) {
            let values = of.entry(name.to_owned()).or_default();
            let value = value.trim_matches('"').to_owned();
            if !values.contains(&value) && values.len() < MAX_VALUES {
                values.push(value);
            }
        }
    }
    let most = of.values().map(Vec::len).max().unwrap_or(0);
    let at = |i: usize| of.iter().filter_map(|(n, v)| Some((n.clone(), v.get(i).or(v.last())?.clone()))).collect();
    std::iter::once(BTreeMap::new()).chain((0..most).map(at)).collect()
}

/// The workflows of a configuration; without any, the job `build` is one.
fn of_configuration(root: &Data, file: &SourceFile) -> Vec<(String, Data, Span)> {
    if let Some(workflows) = root.get("workflows").filter(|w| w.is_map()) {
        let pairs = workflows.pairs().iter().filter(|p| p.value.is_map());
        return pairs.map(|p| (p.key.to_string(), p.value.clone(), p.span)).collect();
    }
    let Some(build) = root.get("jobs").and_then(|j| j.pair("build")) else { return Vec::new() };
    let name = Data::scalar_at("build", build.key_span);
    let filters = build.value.pair("branches").map(|p| {
        let branches = build.value.with(Kind::Map(std::rc::Rc::new(vec![p.clone()])));
        data::Pair { key: "filters".into(), key_span: p.key_span, span: p.span, value: branches }
    });
    let given = build.value.with(Kind::Map(std::rc::Rc::new(filters.into_iter().collect())));
    let job = data::Pair { key: "build".into(), key_span: build.key_span, span: build.span, value: given };
    let list = name.with(Kind::List(std::rc::Rc::new(vec![name.with(Kind::Map(std::rc::Rc::new(vec![job])))])));
    let jobs = data::Pair { key: "jobs".into(), key_span: build.key_span, span: build.span, value: list };
    vec![(file.path.clone(), name.with(Kind::Map(std::rc::Rc::new(vec![jobs]))), file.whole())]
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_expression_of_paths_is_a_folder() {
        let globs = ["cart/.*", "^libs/a\\.go$", "go.mod", "src/(a|b)/.*", ".*"].map(super::glob_of);
        assert_eq!(globs, ["cart/**", "libs/a.go*", "go.mod", "src/**", "*"]);
    }
}
