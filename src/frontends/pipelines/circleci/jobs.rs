//! Jobs and where they run: <https://circleci.com/docs/reference/configuration-reference/#jobs>,
//! <https://circleci.com/docs/reference/configuration-reference/#executors>.

use super::Translator;
use super::config::{Found, Parameter, Scope, parameters};
use super::logic::{parameter, template};
use super::steps::{Around, environment, of_parameter};
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::reader::dialect;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Expr, SURROUNDING, Unit};
use crate::source::paths::join;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A job as a workflow wants it.
pub(super) struct Wanted<'d> {
    /// Names of the workflow.
    pub outer: Rc<Scope>,
    /// What it is given; nothing for a name alone.
    pub given: &'d Data,
    /// Values of a matrix, by parameter.
    pub matrix: &'d [(String, Data)],
}

impl Wanted<'_> {
    fn value(&self, name: &str) -> Option<&Data> {
        let of_matrix = self.matrix.iter().find(|(n, _)| n == name).map(|(_, v)| v);
        of_matrix.or_else(|| self.given.pair(name).map(|p| &p.value))
    }
}

/// Where a job runs.
#[derive(Default)]
struct Machine {
    bind: Vec<(String, Expr)>,
    images: usize,
    dir: Option<String>,
    shell: Option<String>,
    windows: bool,
}

impl Translator<'_> {
    /// Fill a unit with what a job does, with the values that a workflow gives it.
    pub(super) fn job(&mut self, unit: &mut Unit, scope: &Rc<Scope>, definition: &Pair, wanted: &Wanted<'_>) {
        let job = &definition.value;
        let declared = parameters(job);
        let mut steps = BTreeMap::new();
        let outside = self.around(&wanted.outer, "");
        for one in &declared {
            let given = wanted.value(&one.name).or(one.default.as_ref());
            let Some(given) = given else {
                unit.bind.push((parameter("", &one.name), Expr::Unknown(one.name.clone())));
                continue;
            };
            if one.kind == "steps" {
                let items = self.steps(given, &outside, 0);
                steps.insert(one.name.clone(), items);
            } else if given.str().is_some() || given.is_null() {
                let value = given.str().map_or_else(|| Expr::lit(""), |t| template(t, ""));
                if self.names_environment(&one.name, &value) {
                    unit.bind.push((SURROUNDING.to_owned(), value.clone()));
                }
                unit.bind.push((parameter("", &one.name), value));
            }
        }
        let machine = self.machine(scope, job, &declared, wanted);
        unit.local_services |= machine.images > 1;
        unit.bind.extend(machine.bind);
        unit.bind.push(("env.CIRCLE_JOB".to_owned(), Expr::lit(unit.name.as_str())));
        unit.bind.push(("env.CIRCLE_WORKING_DIRECTORY".to_owned(), Expr::lit(".")));
        let mut around = Around { steps, ..self.around(scope, "") };
        let shell = job.get_str("shell").map(str::to_owned).or(machine.shell);
        around.dialect = match shell {
            Some(shell) => dialect(&shell),
            None if machine.windows => Some(Dialect::PowerShell),
            None => Some(Dialect::Posix),
        };
        let dir = job.get_str("working_directory").map(str::to_owned).or(machine.dir);
        place(&mut around, dir.as_deref(), checkout_path(job.get("steps"), 0));
        unit.dir = Some(Expr::lit(around.dir.as_str()));
        for (key, list) in [("pre-steps", None), ("", job.get("steps")), ("post-steps", None)] {
            let list = list.or_else(|| wanted.given.get(key).filter(|_| !key.is_empty()));
            if let Some(list) = list {
                let here = if key.is_empty() { around.clone() } else { Around { dir: around.dir.clone(), ..outside.clone() } };
                let items = self.steps(list, &here, 0);
                unit.body.extend(items);
            }
        }
    }

    /// What holds for steps that stand in a scope but in no job.
    pub(super) fn around(&self, scope: &Rc<Scope>, unit: &str) -> Around {
        Around {
            scope: Rc::clone(scope),
            unit: unit.to_owned(),
            steps: BTreeMap::new(),
            dialect: Some(Dialect::Posix),
            roots: roots(&scope.root),
            dir: String::new(),
        }
    }

    fn machine(&mut self, scope: &Rc<Scope>, job: &Data, declared: &[Parameter], wanted: &Wanted<'_>) -> Machine {
        let mut out = Machine::default();
        if let Some(executor) = job.get("executor") {
            let given = |data: &Data| -> Option<Data> {
                let name = of_parameter(data.str()?)?;
                let default = || declared.iter().find(|p| p.name == name).and_then(|p| p.default.as_ref());
                wanted.value(name).or_else(default).cloned()
            };
            let executor = given(executor).unwrap_or_else(|| executor.clone());
            let name = if executor.is_map() { executor.get("name") } else { Some(&executor) };
            let name = name.and_then(|n| given(n).or_else(|| Some(n.clone())));
            match name.as_ref().and_then(Data::str).and_then(|n| scope.find("executors", n)) {
                Some(Found::Defined(_, definition)) => self.executor(&definition, &executor, &mut out),
                Some(Found::Elsewhere(full, _)) => out.windows = full.starts_with("circleci/windows/"),
                None => {}
            }
        }
        read_machine(job, "", &mut out);
        out
    }

    fn executor(&mut self, definition: &Pair, given: &Data, out: &mut Machine) {
        // Its parameters may be called as the job's are.
        let unit = "executor.";
        for declared in parameters(&definition.value) {
            if let Some(value) = given.get(&declared.name).or(declared.default.as_ref()).filter(|v| v.str().is_some()) {
                out.bind.push((parameter(unit, &declared.name), self.reader.value(value)));
            }
        }
        read_machine(&definition.value, unit, out);
    }
}

/// What a job or executor says of where it runs.
fn read_machine(data: &Data, unit: &str, out: &mut Machine) {
    if let Some(images) = data.get("docker") {
        out.images = images.items().len();
        if let Some(first) = images.items().first() {
            out.bind.extend(environment(first.get("environment"), unit));
        }
    }
    if data.at(&["machine", "image"]).and_then(Data::str).is_some_and(|image| image.contains("windows")) {
        out.windows = true;
    }
    if let Some(dir) = data.get_str("working_directory") {
        out.dir = Some(dir.to_owned());
    }
    if let Some(shell) = data.get_str("shell") {
        out.shell = Some(shell.to_owned());
        out.windows = false;
    }
    out.bind.extend(environment(data.get("environment"), unit));
}

/// Where the repository stands: in the job's folder, unless its checkout says another.
fn place(around: &mut Around, dir: Option<&str>, checkout: Option<String>) {
    let trimmed = |d: &str| d.trim().trim_end_matches('/').to_owned();
    match (dir.map(trimmed), checkout.map(|c| trimmed(&c))) {
        (dir, Some(root)) if !matches!(root.as_str(), "" | ".") => {
            let root = if root.starts_with(['~', '/']) { root } else { join("", &root).unwrap_or_default() };
            let inside = dir.as_deref().and_then(|d| d.strip_prefix(root.as_str())).map(|d| d.trim_start_matches('/').to_owned());
            around.roots.insert(0, root);
            around.dir = inside.unwrap_or_default();
        }
        (Some(dir), _) if dir.starts_with(['~', '/']) => around.roots.insert(0, dir),
        _ => {}
    }
}

/// Where `checkout` puts the repository, if it says so.
fn checkout_path(steps: Option<&Data>, depth: usize) -> Option<String> {
    let items = steps.map(Data::items).unwrap_or_default();
    items.iter().find_map(|step| match step.at(&["checkout", "path"]).and_then(Data::str) {
        Some(path) => Some(path.to_owned()),
        None if depth < 4 => {
            ["when", "unless"].iter().find_map(|key| checkout_path(step.get(key).and_then(|w| w.get("steps")), depth + 1))
        }
        None => None,
    })
}

/// Folders of the machine that jobs and executors work in, the shortest first.
pub(super) fn roots(root: &Data) -> Vec<String> {
    let sections = ["jobs", "executors"].into_iter().filter_map(|s| root.get(s)).flat_map(Data::pairs);
    let dirs = sections.filter_map(|p| p.value.get_str("working_directory"));
    let mut out: Vec<String> = dirs.filter(|d| d.starts_with(['~', '/'])).map(|d| d.trim_end_matches('/').to_owned()).collect();
    out.push("~/project".to_owned());
    out.push("/home/circleci/project".to_owned());
    out.sort_by_key(String::len);
    out.dedup();
    out
}
