//! Front end of Taskfiles, version 3 (<https://taskfile.dev/reference/schema>): a unit for every task. Variables are bound
//! under `env.NAME`, as those of makefiles are.

use super::shell::{self, Shell};
use crate::catalogue::Catalogue;
use crate::frontends::bodies::apart;
use crate::frontends::template;
use crate::model::targets::Include;
use crate::model::{Block, BlockKind, Command, Expr, Item, MakeFile, Need, Program, Unit, UnitId, UnitKind};
use crate::source::paths::{clamp, directory};
use crate::source::{SourceSet, Text};
use crate::syntax::yaml::{self, Entry, Node, Tree};
use std::collections::BTreeMap;

/// Translate every Taskfile and what it includes.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let mut trees: BTreeMap<String, Tree> = BTreeMap::new();
    let mut todo: Vec<String> = sources.files().iter().map(|f| &f.path).filter(|p| is_taskfile(p)).cloned().collect();
    let mut includes: BTreeMap<String, Vec<Included>> = BTreeMap::new();
    while let Some(path) = todo.pop() {
        let Some(file) = sources.get(&path).filter(|_| !trees.contains_key(&path)) else { continue };
        let tree = yaml::parse(file);
        let found = tree.root().map(|root| included(root, directory(&path), sources)).unwrap_or_default();
        todo.extend(found.iter().map(|i| i.include.path.clone()));
        includes.insert(path.clone(), found);
        trees.insert(path, tree);
    }
    for (path, tree) in &trees {
        let Some(tasks) = tree.root().and_then(|r| r.get("tasks")).filter(Node::is_mapping) else { continue };
        program.diagnostics.extend(tree.diagnostics.iter().cloned());
        if tree.partly {
            program.partly_read.push((tree.file(), "syntax that could not be read".to_owned()));
        }
        let by = includes.values().flatten().find(|i| i.include.path == *path);
        let reader = Reader {
            catalogue,
            dir: by.map_or_else(|| directory(path).to_owned(), |i| i.dir.clone()),
            namespace: by.map(|i| i.include.namespace.clone()).unwrap_or_default(),
            local: catalogue.words().local_file(path),
            vars: tree.root().map(|r| [bindings(r.get("env"), true), bindings(r.get("vars"), true)].concat()).unwrap_or_default(),
        };
        let mut entry = MakeFile {
            includes: includes.get(path).into_iter().flatten().map(|i| i.include.clone()).collect(),
            default: tasks.get("default").map(|_| "default".to_owned()),
            included: by.is_some(),
            ..MakeFile::default()
        };
        for task in tasks.entries().into_iter().take(MAX_TASKS) {
            let unit = reader.task(&task, program);
            let unit = program.add(unit);
            entry.targets.push((task.name().to_owned(), unit));
            let aliases = task.value.get("aliases").map(|a| a.texts()).unwrap_or_default();
            entry.targets.extend(aliases.into_iter().map(|a| (a.to_owned(), unit)));
        }
        program.taskfiles.insert(path.clone(), entry);
    }
}

/// At most this many tasks of a file are read.
const MAX_TASKS: usize = 4096;
/// At most this many variables of a file or task are bound.
const MAX_VARIABLES: usize = 512;

fn is_taskfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let Some((stem, "yml" | "yaml")) = name.rsplit_once('.') else { return false };
    stem == "taskfile" || stem == "taskfile.dist" || stem.starts_with("taskfile.") || stem.starts_with("taskfile-")
}

/// An included Taskfile and the folder in which its tasks run.
struct Included {
    include: Include,
    dir: String,
}

fn included(root: Node, dir: &str, sources: &SourceSet) -> Vec<Included> {
    let mut out = Vec::new();
    for entry in root.get("includes").map(|i| i.entries()).unwrap_or_default() {
        let value = entry.value;
        let named = if value.is_mapping() { value.get_str("taskfile").unwrap_or("") } else { value.raw() };
        let path = clamp(dir, named);
        let candidates = ["", "/Taskfile.yml", "/Taskfile.yaml", "/taskfile.yml", "/Taskfile.dist.yml"];
        let found = candidates.iter().map(|c| format!("{path}{c}")).map(|c| clamp("", &c)).find(|c| sources.get(c).is_some());
        let flatten = value.get("flatten").and_then(|f| f.boolean()).unwrap_or(false);
        if let Some(path) = found.filter(|_| !named.contains("{{")) {
            let dir = value.get_str("dir").map_or_else(|| dir.to_owned(), |d| clamp(dir, d));
            let namespace = if flatten { String::new() } else { entry.name().to_owned() };
            out.push(Included { include: Include { path, namespace }, dir });
        }
    }
    out
}

/// `vars` and `env`: literals and templates; the output of a command is unknown. Those of the file may be set by a caller, those
/// of a task may not.
fn bindings(node: Option<Node>, settable: bool) -> Vec<(String, Expr)> {
    let entries = node.map(|n| n.entries()).unwrap_or_default();
    entries
        .iter()
        .take(MAX_VARIABLES)
        .map(|e| {
            let value = match e.value.scalar() {
                Some(text) => template::expr(text),
                None if e.value.is_scalar() => Expr::lit(""),
                None => Expr::Unknown(format!("variable {} of the Taskfile", e.name())),
            };
            let name = format!("env.{}", e.name());
            let value = if settable { Expr::Default(Box::new(Expr::Var(name.clone())), Box::new(value)) } else { value };
            (name, value)
        })
        .collect()
}

struct Reader<'a> {
    catalogue: &'a Catalogue,
    dir: String,
    namespace: String,
    /// The file is for a developer's own machine.
    local: bool,
    vars: Vec<(String, Expr)>,
}

impl Reader<'_> {
    fn task(&self, entry: &Entry, program: &mut Program) -> Unit {
        let task = entry.value;
        let name =
            if self.namespace.is_empty() { entry.name().to_owned() } else { format!("{}:{}", self.namespace, entry.name()) };
        let mut unit = Unit::new(UnitKind::Target, name, entry.key.span());
        unit.dir = Some(match task.get_str("dir") {
            Some(dir) if dir.contains("{{") => Expr::Unknown(dir.to_owned()),
            Some(dir) => Expr::lit(clamp(&self.dir, dir)),
            None => Expr::lit(self.dir.clone()),
        });
        unit.bind = [self.vars.clone(), bindings(task.get("env"), false), bindings(task.get("vars"), false)].concat();
        for dep in task.get("deps").map(|d| d.one_or_many()).unwrap_or_default() {
            let name = dep.scalar().or_else(|| dep.get_str("task"));
            unit.needs.extend(name.map(|n| Need::of(self.called(n))));
        }
        unit.local_only = self.local || self.catalogue.words().local(&unit.name);
        unit.continue_on_error = task.get("ignore_error").and_then(|i| i.boolean()).unwrap_or(false);
        let commands = if task.is_mapping() { task.get("cmds").or_else(|| task.get("cmd")) } else { Some(task) };
        let commands = commands.map(|c| if c.is_mapping() { vec![c] } else { c.one_or_many() }).unwrap_or_default();
        for command in commands {
            let items = self.command(command, &mut unit.functions, program);
            unit.body.extend(items);
        }
        unit
    }

    /// A task's name as the root Taskfile knows it; `:name` is the root's own.
    fn called(&self, name: &str) -> String {
        match name.strip_prefix(':') {
            Some(root) => root.to_owned(),
            None if self.namespace.is_empty() => name.to_owned(),
            None => format!("{}:{name}", self.namespace),
        }
    }

    fn command(&self, node: Node, functions: &mut Vec<(String, UnitId)>, program: &mut Program) -> Vec<Item> {
        let deferred = node.get("defer");
        let node = deferred.unwrap_or(node);
        let ignored = node.get("ignore_error").and_then(|i| i.boolean()).unwrap_or(false);
        let items = match (node.scalar(), node.get("task"), node.get("cmd")) {
            (Some(_), ..) => node.text().map(|t| self.shell(&t, functions, program)),
            (None, Some(task), _) => self.call(node, task).map(|c| vec![c]),
            (None, None, Some(cmd)) => cmd.text().map(|t| self.shell(&t, functions, program)),
            _ => None,
        };
        let items = items.unwrap_or_default();
        let Some(each) = node.get("for").map(values).filter(|_| !items.is_empty()) else {
            return apart(items, ignored, node.span());
        };
        let mut block = Block::new(BlockKind::Loop, node.span());
        block.each = each;
        block.continue_on_error = ignored;
        block.items = items;
        vec![Item::Block(Box::new(block))]
    }

    fn shell(&self, text: &Text, functions: &mut Vec<(String, UnitId)>, program: &mut Program) -> Vec<Item> {
        let (text, masked) = shell::mask(text, template::masks(&text.text));
        let shell = Shell { masked: &masked, ..Shell::new(self.catalogue) };
        let script = shell::items(&text, &shell, program);
        functions.extend(script.functions);
        script.items
    }

    /// `task: NAME` as the command that it stands for.
    fn call(&self, node: Node, task: Node) -> Option<Item> {
        let name = template::expr(&self.called(task.scalar()?));
        let mut words = vec![Expr::lit("task"), name];
        let mut spans = vec![node.get("task").map_or_else(|| node.span(), |t| t.span()); 2];
        for var in node.get("vars").map(|v| v.entries()).unwrap_or_default() {
            let value = var.value.scalar().map_or_else(|| Expr::Unknown(var.name().to_owned()), template::expr);
            words.push(Expr::concat(vec![Expr::lit(format!("{}=", var.name())), value]));
            spans.push(var.span());
        }
        let text = format!("task {}", task.raw());
        Some(Item::Command(Box::new(Command::plain(words, spans, node.span(), text))))
    }
}

/// The values that a `for` goes over, where the file lists them: with the variable's name.
fn values(node: Node) -> Option<(String, Vec<Expr>)> {
    let list =
        if node.is_sequence() { node } else { node.get("list").or_else(|| node.get("matrix")).filter(Node::is_sequence)? };
    let name = node.get_str("as").unwrap_or("ITEM");
    Some((format!("env.{name}"), list.texts().into_iter().map(template::expr).collect()))
}

#[cfg(test)]
mod tests;
