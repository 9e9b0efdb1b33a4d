//! Jenkins pipelines, declarative and scripted (<https://www.jenkins.io/doc/book/pipeline/syntax/>), with the shared library of
//! the repository (<https://www.jenkins.io/doc/book/pipeline/shared-libraries/>).
//!
//! A pipeline is a program: its unit has a body that calls a job for each stage, in the order in which they run. What
//! one stage sets, those after it see.

mod calls;
mod declarative;
mod expression;
mod functions;
mod inputs;
mod names;
mod openshift;
mod parameters;
mod script;
mod stages;
mod starts;
mod statements;
mod survey;
#[cfg(test)]
mod tests;
mod unused;
mod when;

use super::Input;
use crate::catalogue::Catalogue;
use crate::model::{Event, Expr, Program, Start, Unit, UnitId, UnitKind};
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::groovy::{self, Method, Script, Statement, StatementKind};
use functions::Function;
use names::Names;
use starts::Run;
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use survey::branches;

/// The folder of its tables.
const VENDOR: &str = "jenkins";
/// More statements of one pipeline, functions and loops expanded, are not translated.
const MAX_STATEMENTS: usize = 20_000;
/// Deepest nesting of closures and functions that is translated.
const MAX_DEPTH: usize = 60;

/// A Groovy file that may take part in a pipeline.
struct Module<'s> {
    file: &'s SourceFile,
    script: Script,
    /// How often each variable is set.
    sets: HashMap<String, usize>,
}

impl<'s> Module<'s> {
    fn new(file: &'s SourceFile) -> Self {
        let script = groovy::parse(file);
        let sets = survey::sets(&script.statements);
        Self { file, script, sets }
    }

    fn method(&self, name: &str) -> Option<&Method> {
        self.script.statements.iter().find_map(|s| match &s.kind {
            StatementKind::Method(m) if m.name == name => Some(m),
            _ => None,
        })
    }
}

/// A condition under which a body or the whole run ends before its end.
#[derive(Clone, Debug)]
struct Exit {
    when: Expr,
    /// The whole run, not only the body.
    run: bool,
}

/// The state of a translation.
struct Translator<'m> {
    catalogue: &'m Catalogue,
    program: &'m mut Program,
    sources: &'m SourceSet,
    modules: &'m [Module<'m>],
    /// Steps of the shared library, by name.
    library: BTreeMap<&'m str, usize>,
    /// Modules that a pipeline uses.
    used: BTreeSet<usize>,
    /// Pipelines that others start by `build job:`.
    started: BTreeSet<String>,
    /// The module that is read.
    module: usize,
    functions: HashMap<(usize, usize, Vec<String>), Function>,
    /// Functions of shell scripts of the job that is read.
    shell_functions: Vec<(String, UnitId)>,
    names: Names<'m>,
    run: Run,
    /// Conditions around what is read.
    guards: Vec<Expr>,
    exits: Vec<Exit>,
    depth: usize,
    /// How many handlers of failures what is read stands in.
    failing: usize,
    /// How many steps set another folder for what is read.
    folders: usize,
    /// How many calls what is read is an argument of.
    arguments: usize,
    /// Depth of the value that is read.
    level: usize,
    statements: usize,
    /// How often what is read is read, for loops around it.
    rounds: usize,
}

/// Translate the Jenkinsfiles.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    let modules = modules(input);
    let library = modules.iter().enumerate().filter_map(|(i, m)| Some((library_step(&m.file.path)?, i))).collect();
    let mut translator = Translator {
        catalogue: input.catalogue,
        program,
        sources: input.sources,
        modules: &modules,
        library,
        used: BTreeSet::new(),
        started: BTreeSet::new(),
        module: 0,
        functions: HashMap::new(),
        shell_functions: Vec::new(),
        names: Names::default(),
        run: Run::default(),
        guards: Vec::new(),
        exits: Vec::new(),
        depth: 0,
        failing: 0,
        folders: 0,
        arguments: 0,
        level: 0,
        statements: 0,
        rounds: 1,
    };
    // Files that others may use come last, and only where none does.
    let mut roots: Vec<usize> = (0..modules.len()).filter(|i| input.files.iter().any(|f| f.id == modules[*i].file.id)).collect();
    roots.sort_by_key(|i| {
        (library_step(&modules[*i].file.path).is_some(), modules[*i].file.name().ends_with(".groovy"), modules[*i].file.id)
    });
    let mut pipelines = Vec::new();
    for root in roots {
        if !translator.used.contains(&root) {
            pipelines.push(translator.pipeline(root, input.trunk));
        }
    }
    translator.report_faults();
    let started = std::mem::take(&mut translator.started);
    for id in pipelines {
        let path = &input.sources.file(program.unit(id).span.file).path;
        if started.contains(path) {
            // Another pipeline starts it; nothing says that anything else does.
            let starts = &mut program.unit_mut(id).starts;
            starts.retain(|s| !s.assumed);
            if let Some(mut start) = starts.iter().find(|s| s.event == Event::Manual).cloned() {
                start.facts.retain(|(name, _)| !name.starts_with("params."));
                starts.push(start);
            }
        }
    }
}

/// The vendor's files, the shared library, and Groovy files that one of these names.
fn modules<'s>(input: &Input<'s>) -> Vec<Module<'s>> {
    let groovy = |f: &&SourceFile| f.path.ends_with(".groovy");
    let mut files: Vec<&SourceFile> = input.files.to_vec();
    files.extend(input.sources.files().iter().filter(groovy).filter(|f| library_step(&f.path).is_some()));
    let mut at = 0;
    while at < files.len() {
        let text = files[at].text.as_str();
        if text.contains("load") {
            let named = input.sources.files().iter().filter(groovy).filter(|f| text.contains(f.name()));
            for file in named.collect::<Vec<_>>() {
                if !files.iter().any(|f| f.id == file.id) {
                    files.push(file);
                }
            }
        }
        at += 1;
    }
    files.sort_by_key(|f| f.id);
    files.dedup_by_key(|f| f.id);
    files.into_iter().map(Module::new).collect()
}

/// The name of the step that a file of a shared library defines.
fn library_step(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    let stem = name.strip_suffix(".groovy")?;
    (folder == "vars" || folder.ends_with("/vars")).then_some(stem)
}

impl Translator<'_> {
    /// Translate a file that is a pipeline.
    fn pipeline(&mut self, module: usize, trunk: &str) -> UnitId {
        let modules = self.modules;
        let file = modules[module].file;
        self.module = module;
        self.used.insert(module);
        self.names = Names::default();
        self.run = Run::default();
        self.statements = 0;
        let mut unit = Unit::new(UnitKind::Pipeline, file.path.clone(), file.whole());
        self.declare_methods(module);
        let mut statements = modules[module].script.statements.as_slice();
        if let Some(method) = modules[module].method("call").filter(|_| library_step(&file.path).is_some()) {
            // A step of a shared library that is a whole pipeline.
            self.names.locals.extend(method.params.iter().map(|p| p.name.clone()));
            statements = &method.body;
        }
        let items = self.statements(statements);
        unit.body =
            if is_declarative(statements) { items } else { self.job("script", file.whole(), items).into_iter().collect() };
        self.exits.clear();
        self.guards.clear();
        let first = file.text.lines().next().map_or(0, str::len);
        unit.starts = self.starts(trunk, Span::new(file.id, 0, first));
        unit.params = self.run.params();
        unit.bind = self.run.bindings();
        // What nothing calls says nothing of how the pipeline starts.
        self.unused();
        self.program.add(unit)
    }

    /// Tell the faults of every file that was read.
    fn report_faults(&mut self) {
        for module in self.used.iter().map(|i| &self.modules[*i]) {
            if let Some(fault) = module.script.diagnostics.first() {
                self.program.partly_read.push((module.file.id, fault.message.clone()));
            }
            self.program.diagnostics.extend(module.script.diagnostics.iter().cloned());
        }
    }
}

/// Whether a file holds `pipeline { … }`.
fn is_declarative(statements: &[Statement]) -> bool {
    statements.iter().any(|s| match &s.kind {
        StatementKind::Expr(e) => e.call().is_some_and(|c| c.name == "pipeline" && c.receiver.is_none() && c.body().is_some()),
        _ => false,
    })
}

/// A start that is only how such files are usually run.
fn assumed(mut start: Start) -> Start {
    start.assumed = true;
    start
}
