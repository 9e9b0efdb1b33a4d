//! From the packed table to rows by program.

use super::call::{Need, Path, ValueOptions, is_option};
use super::form::{ExceptionForm, OptionsForm, RowForm, ToolForm, WhatForm, WrapForm};
use super::pattern::{Pattern, Slot};
use super::roles::Source;
use crate::catalogue::table::Entry;
use crate::catalogue::{Trait, WrapKind};
use crate::model::{Confidence, Stage};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// What a row or an exception says, typed.
#[derive(Clone, Debug, Default)]
pub struct What {
    /// The stage.
    pub stage: Option<Stage>,
    /// `glue`, `wrap`, `resolve`, or a step.
    pub action: Deed,
    /// Finer class.
    pub kind: Option<String>,
    /// How the target is found.
    pub resolver: Option<String>,
    /// Further stages.
    pub also: Vec<Stage>,
    /// Traits.
    pub traits: Vec<Trait>,
    /// How sure.
    pub confidence: Option<Confidence>,
}

/// What a row does with a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deed {
    /// Nothing is said.
    #[default]
    Step,
    /// No step.
    Glue,
    /// A wrapper.
    Wrap,
    /// Its target is looked into.
    Resolve,
}

/// An exception.
#[derive(Clone, Debug)]
pub struct Exception {
    /// All of these, each with alternatives.
    pub with: Vec<Vec<Need>>,
    /// None of these.
    pub without: Vec<Vec<Need>>,
    /// What it is then.
    pub what: What,
    /// Where further values stand then.
    pub roles: Vec<Source>,
}

/// How a wrapper is taken off, typed.
#[derive(Clone, Debug)]
pub struct Wrap {
    /// What it changes.
    pub kind: WrapKind,
    /// The inner words are joined and read by a shell.
    pub shell: bool,
    /// There is no inner command.
    pub none: bool,
    /// The places of the form.
    pub form: WrapForm,
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Index of its tool.
    pub tool: usize,
    /// As it is written.
    pub run: String,
    /// What it asks.
    pub pattern: Pattern,
    /// What it says.
    pub what: What,
    /// Any other goal wins over it.
    pub beside: bool,
    /// Where values stand.
    pub roles: Vec<Source>,
    /// How it is taken off.
    pub wrap: Option<Wrap>,
    /// Exceptions in order.
    pub unless: Vec<Exception>,
}

/// A tool.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its folder.
    pub id: String,
    /// Several sub-commands may stand in one call.
    pub goals: bool,
    /// What separates a module from a goal.
    pub separator: Option<String>,
    /// Facts that hold for every row.
    pub traits: Vec<Trait>,
    /// Where values stand in every row.
    pub roles: Vec<Source>,
}

/// A spelling of a program, and the words that it stands for.
pub type Alias = (Vec<String>, Vec<String>);

/// All tables.
#[derive(Debug, Default)]
pub struct Tables {
    /// Tools.
    pub tools: Vec<Tool>,
    /// Rows.
    pub rows: Vec<Row>,
    /// Rows by program.
    pub by_program: BTreeMap<String, Vec<usize>>,
    /// Other spellings by their first word: the whole spelling, and the words that it stands for.
    pub aliases: BTreeMap<String, Vec<Alias>>,
    /// Options with a value.
    pub options: ValueOptions,
}

impl Tables {
    /// Build the tables from the packed entries.
    pub fn new(entries: &[Entry<ToolForm>]) -> Self {
        let mut tables = Self::default();
        for entry in entries {
            tables.tool(entry);
        }
        for entry in entries {
            tables.options_of(&entry.data);
        }
        for (tool, entry) in entries.iter().enumerate() {
            for form in &entry.data.commands {
                tables.row(tool, form);
            }
        }
        tables
    }

    fn tool(&mut self, entry: &Entry<ToolForm>) {
        self.tools.push(Tool {
            id: entry.id.clone(),
            goals: entry.data.goals,
            separator: entry.data.task_separator.clone(),
            traits: entry.data.traits.iter().filter_map(|t| term(t)).collect(),
            roles: Source::all(&entry.data.roles),
        });
        let Some((canonical, others)) = entry.data.programs.split_first() else { return };
        let canonical = words(canonical);
        let own: Vec<&str> = entry.data.commands.iter().flat_map(|row| row.run.list()).flat_map(|run| programs(run)).collect();
        for other in others.iter().filter(|other| !own.contains(&other.as_str())) {
            let other = words(other);
            if let Some(first) = other.first().cloned() {
                self.aliases.entry(first).or_default().push((other, canonical.clone()));
            }
        }
    }

    fn options_of(&mut self, form: &ToolForm) {
        match &form.options_with_value {
            OptionsForm::All(list) => {
                for program in &form.programs {
                    self.options.entry(program.clone()).or_default().extend(list.iter().cloned());
                }
            }
            OptionsForm::By(map) => {
                for (paths, list) in map {
                    for path in expand(paths) {
                        self.options.entry(path).or_default().extend(list.iter().cloned());
                    }
                }
            }
        }
        for (row, list) in form.commands.iter().map(|row| (row, Source::all(&row.roles))) {
            let named: Vec<&str> = list.iter().filter_map(Source::option).collect();
            if named.is_empty() {
                continue;
            }
            for path in row.run.list().iter().flat_map(|run| expand(run)) {
                let program = path.split(' ').next().unwrap_or_default().to_owned();
                let known = |name: &&str| self.options.get(&program).is_some_and(|set| set.contains(*name));
                let new: Vec<String> = named.iter().filter(|name| !known(name)).map(|name| (*name).to_owned()).collect();
                if !new.is_empty() {
                    self.options.entry(if form.goals { program } else { path }).or_default().extend(new);
                }
            }
        }
        let named: Vec<String> = Source::all(&form.roles).iter().filter_map(Source::option).map(str::to_owned).collect();
        for program in form.programs.iter().filter(|_| !named.is_empty()) {
            self.options.entry(program.clone()).or_default().extend(named.iter().cloned());
        }
    }

    fn row(&mut self, tool: usize, form: &RowForm) {
        for run in form.run.list() {
            let words = words(run);
            let Some((programs, rest)) = words.split_first() else { continue };
            let row = Row {
                tool,
                run: run.clone(),
                pattern: self.pattern(programs, rest),
                what: What::new(&form.what),
                beside: form.beside,
                roles: Source::all(&form.roles),
                wrap: form.wrap.as_ref().map(Wrap::new),
                unless: form.unless.iter().map(Exception::new).collect(),
            };
            for program in programs.split('|') {
                self.by_program.entry(program.to_owned()).or_default().push(self.rows.len());
            }
            self.rows.push(row);
        }
    }

    fn pattern(&self, program: &str, rest: &[String]) -> Pattern {
        let mut pattern = Pattern::default();
        let mut path = Path::new(&self.options, program.split('|').next().unwrap_or(program));
        let mut i = 0;
        while let Some(word) = rest.get(i) {
            if is_option(word) {
                let next = rest.get(i + 1).filter(|n| !n.starts_with('<'));
                let (_, value, takes) = path.value(word.split('|').next().unwrap_or(word), next.map(String::as_str));
                let need = match value.filter(|_| takes) {
                    Some(value) => value.split('|').flat_map(|v| Need::parse(&format!("{word} {v}"))).collect(),
                    None => Need::parse(word),
                };
                pattern.needs.push(need);
                i += usize::from(takes);
            } else {
                path.push(word.split('|').next().unwrap_or(word));
                pattern.slots.push(Slot::parse(word));
            }
            i += 1;
        }
        pattern
    }
}

impl Exception {
    fn new(form: &ExceptionForm) -> Self {
        Self {
            with: needs(&form.with),
            without: needs(&form.without),
            what: What::new(&form.what),
            roles: Source::all(&form.roles),
        }
    }
}

impl What {
    fn new(form: &WhatForm) -> Self {
        Self {
            stage: form.stage.as_deref().and_then(Stage::parse),
            action: match form.action.as_deref() {
                Some("glue") => Deed::Glue,
                Some("wrap") => Deed::Wrap,
                Some("resolve") => Deed::Resolve,
                _ => Deed::Step,
            },
            kind: form.kind.clone(),
            resolver: form.resolver.clone(),
            also: form.also.iter().filter_map(|s| Stage::parse(s)).collect(),
            traits: form.traits.iter().filter_map(|t| term(t)).collect(),
            confidence: form.confidence.as_deref().and_then(Confidence::parse),
        }
    }

    /// What holds where an exception fits: one that changes stage or action stands for itself; one that does not adds.
    pub fn overridden(&self, by: &Self) -> Self {
        let stage = by.stage.or(if by.action == Deed::Step { self.stage } else { None });
        let changed = by.action != self.action && (by.action != Deed::Step || by.stage.is_some()) || stage != self.stage;
        if changed {
            return Self { stage, confidence: by.confidence.or(self.confidence), ..by.clone() };
        }
        let mut what = self.clone();
        what.kind = by.kind.clone().or(what.kind);
        what.resolver = by.resolver.clone().or(what.resolver);
        what.also.extend(by.also.iter().filter(|s| !self.also.contains(s)));
        what.traits.extend(by.traits.iter().filter(|t| !self.traits.contains(t)));
        what.confidence = by.confidence.or(what.confidence);
        what
    }
}

impl Wrap {
    fn new(form: &WrapForm) -> Self {
        Self {
            kind: term(&form.kind).unwrap_or(WrapKind::Plain),
            shell: form.inner == "shell",
            none: form.inner == "none",
            form: form.clone(),
        }
    }
}

/// A term by the name that the files use.
fn term<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// The programs that a pattern stands for.
fn programs(run: &str) -> impl Iterator<Item = &str> {
    run.split_whitespace().next().into_iter().flat_map(|word| word.split('|'))
}

fn needs(list: &[String]) -> Vec<Vec<Need>> {
    list.iter().map(|text| Need::parse(text)).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The command paths of a pattern: its words without options and places, every alternative; at most 512.
fn expand(run: &str) -> Vec<String> {
    let mut paths = vec![String::new()];
    for word in run.split_whitespace() {
        if word.starts_with('<') || word.contains('*') {
            break;
        }
        if is_option(word) {
            continue;
        }
        let longer = paths.iter().flat_map(|path| {
            word.split('|').map(move |word| if path.is_empty() { word.to_owned() } else { format!("{path} {word}") })
        });
        paths = longer.take(512).collect();
    }
    paths
}
