//! Front end of task runners whose tasks are settings (composer, Poe, PDM, Hatch, cargo-make, Deno, mise, Pixi and their like): a unit
//! for every task. Which files, tables and keys mean what is data, `grammars/tools/<tool>/runner.yaml`.

use super::shell::{self, Shell};
use crate::catalogue::Catalogue;
use crate::catalogue::runners::{self, Runner};
use crate::frontends::template;
use crate::model::{Command, Expr, Item, MakeFile, Need, Program, Unit, UnitKind, Wrapper, glob};
use crate::source::{SourceFile, SourceSet, Span, Text};
use crate::syntax::settings::{Entry, Value};
use crate::syntax::{json, toml, yaml};

/// At most this many tasks of a file are read.
const MAX_TASKS: usize = 2048;

/// Translate the files of every such runner.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    for runner in runners::all().iter().filter(|r| !r.tables.is_empty()) {
        for (file, dir) in sources.files().iter().filter_map(|f| Some((f, runner.folder_of(&f.path)?))) {
            let root = match file.name().rsplit_once('.').map_or("", |(_, ending)| ending) {
                "json" | "jsonc" => json::parse(file).root().map(Value::of),
                "yml" | "yaml" => yaml::parse(file).root().map(Value::of),
                _ => Some(toml::parse(file)),
            };
            let Some(root) = root else { continue };
            let tasks: Vec<(String, &Entry)> = runner.tables.iter().flat_map(|t| tasks(&root, t)).take(MAX_TASKS).collect();
            if tasks.is_empty() {
                continue;
            }
            let names = tasks.iter().map(|(n, _)| n.clone()).collect();
            let reader = Reader { file, dir, catalogue, runner, names };
            let mut entry = MakeFile { default: runner.default.clone(), ..MakeFile::default() };
            for (name, task) in tasks {
                let unit = reader.unit(&name, task, program);
                let id = program.add(unit);
                if let Some(plain) = name.strip_prefix("default:") {
                    entry.targets.push((plain.to_owned(), id));
                }
                entry.targets.push((name, id));
            }
            program.runners.entry(runner.name.clone()).or_default().insert(file.path.clone(), entry);
        }
    }
}

/// The tasks of a table, by name; where the path has a `*`, its key stands before the name.
fn tasks<'v>(root: &'v Value, path: &str) -> Vec<(String, &'v Entry)> {
    let Some((head, tail)) = path.split_once(".*.") else {
        let table = root.at(path).map(Value::entries).unwrap_or_default();
        return table.iter().map(|e| (e.key.clone(), e)).collect();
    };
    let groups = root.at(head).map(Value::entries).unwrap_or_default();
    let of = |group: &'v Entry| {
        let table = group.value.at(tail).map(Value::entries).unwrap_or_default();
        table.iter().map(move |e| (format!("{}:{}", group.key, e.key), e))
    };
    groups.iter().flat_map(of).collect()
}

struct Reader<'a> {
    file: &'a SourceFile,
    dir: &'a str,
    catalogue: &'a Catalogue,
    runner: &'a Runner,
    names: Vec<String>,
}

impl Reader<'_> {
    fn unit(&self, name: &str, task: &Entry, program: &mut Program) -> Unit {
        let mut unit = Unit::new(UnitKind::Target, name, task.span);
        unit.dir = Some(Expr::lit(self.dir));
        let words = self.catalogue.words();
        let event = self.runner.events.iter().any(|e| glob(e, name));
        unit.local_only = event || words.local(name) || words.local_file(&self.file.path);
        match &task.value {
            Value::Table(_) => self.keys(&task.value, &mut unit, program),
            value => value.elements().iter().for_each(|e| self.element(e, self.runner.lists_tasks, &mut unit, program)),
        }
        unit
    }

    /// A task that is a table: what its keys hold, in the order in which they are run.
    fn keys(&self, task: &Value, unit: &mut Unit, program: &mut Program) {
        let of = |keys: &[String]| -> Vec<Value> { keys.iter().filter_map(|k| task.get(k)).cloned().collect() };
        for need in of(&self.runner.needs).iter().flat_map(Value::elements) {
            let name =
                need.text().or_else(|| need.get("name").and_then(Value::text)).or_else(|| need.get("task").and_then(Value::text));
            unit.needs.extend(name.map(|t| Need::of(first_word(&t.text))));
        }
        if let Some((key, rest)) = self.runner.program.split_first()
            && let Some(program_name) = task.get(key)
        {
            let arguments: Vec<Value> = of(rest).iter().flat_map(Value::elements).cloned().collect();
            let words: Vec<&Text> = program_name.elements().iter().chain(&arguments).filter_map(Value::text).collect();
            self.words(&words, unit, program);
        }
        for value in of(&self.runner.shell) {
            value.elements().iter().for_each(|e| self.element(e, false, unit, program));
        }
        for value in of(&self.runner.tasks) {
            value.elements().iter().for_each(|e| self.element(e, true, unit, program));
        }
    }

    /// One element of a list: a line of a shell, the name of a task, a task of its own.
    fn element(&self, value: &Value, tasks: bool, unit: &mut Unit, program: &mut Program) {
        let Some(text) = value.text() else {
            if matches!(value, Value::Table(_)) {
                self.keys(value, unit, program);
            } else if let [first, ..] = value.elements()
                && first != value
            {
                value.elements().iter().for_each(|e| self.element(e, tasks, unit, program));
            }
            return;
        };
        let sign = self.runner.reference.as_str();
        let line = text.text.trim_start();
        let name = first_word(line.strip_prefix(sign).unwrap_or(line));
        let refers = if sign.is_empty() { tasks || self.runner.lists_tasks } else { line.starts_with(sign) };
        let known = self.names.iter().find(|n| *n == name || n.strip_prefix("default:") == Some(name));
        let own = || unit.name.rsplit_once(':').map(|(group, _)| format!("{group}:{name}")).filter(|n| self.names.contains(n));
        if let Some(task) =
            known.cloned().filter(|n| refers && *n != unit.name).or_else(|| own().filter(|n| refers && *n != unit.name))
        {
            unit.body.push(self.call(&task, text));
        } else if refers && !sign.is_empty() {
            if self.runner.words.iter().any(|w| w == name) {
                let at = text.text.len() - line.len() + sign.len();
                self.shell(&text.slice(at..text.text.len()), unit, program);
            }
        } else if !line.contains("::") {
            self.shell(text, unit, program);
        }
    }

    fn shell(&self, text: &Text, unit: &mut Unit, program: &mut Program) {
        let (text, masked) = shell::mask(text, template::masks(&text.text));
        let shell = Shell { masked: &masked, ..Shell::new(self.catalogue) };
        let script = shell::items(&text, &shell, program);
        unit.body.extend(script.items);
        unit.functions.extend(script.functions);
    }

    /// A program with its arguments; one text alone is a line.
    fn words(&self, words: &[&Text], unit: &mut Unit, program: &mut Program) {
        match words {
            [] => {}
            [line] => self.shell(line, unit, program),
            [first, .., last] => {
                let span = first.span(0..first.text.len()).to(last.span(0..last.text.len()));
                let text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
                let exprs = words.iter().map(|w| template::expr(&w.text)).collect();
                let spans = words.iter().map(|w| w.span(0..w.text.len())).collect();
                unit.body.push(command(exprs, spans, span, text));
            }
        }
    }

    /// A call of another task.
    fn call(&self, name: &str, at: &Text) -> Item {
        let span = at.span(0..at.text.len());
        let words: Vec<&str> = self.runner.call.iter().map(String::as_str).chain([name]).collect();
        let wrapper = words[..words.len() - 1].join(" ");
        // A runner that is a wrapper to others was taken off.
        let wraps = self.runner.wrappers.contains(&wrapper);
        let own = if wraps { &words[words.len() - 1..] } else { words.as_slice() };
        let exprs: Vec<Expr> = own.iter().map(|w| Expr::lit(*w)).collect();
        let mut item = command(exprs, vec![span; own.len()], span, words.join(" "));
        if let Item::Command(command) = &mut item {
            command.wrappers.extend(wraps.then_some(Wrapper::Plain(wrapper)));
        }
        item
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or("")
}

fn command(words: Vec<Expr>, word_spans: Vec<Span>, span: Span, text: String) -> Item {
    Item::Command(Box::new(Command::plain(words, word_spans, span, text)))
}
