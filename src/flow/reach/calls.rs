//! Calls: into scripts, functions, targets, actions and pipelines of the repository.

use super::frame::{Frame, meet};
use super::{MAX_CONTEXTS, MAX_DEPTH, Reach};
use crate::model::{Call, Expr, Found, HOLE, IS_MAIN, Link, Scope, Target, UnitId, UnitKind, Value};
use crate::source::Span;
use crate::source::paths::join;
use std::rc::Rc;

/// Where a called unit works.
pub(super) enum Folder {
    /// Where its caller works.
    Caller,
    /// In this folder; none: not known.
    At(Option<String>),
}

impl Reach<'_> {
    /// A call by the pipeline's own syntax.
    pub(super) fn call(&mut self, call: &Call, frame: &mut Frame) {
        let (unit, missing) = match &call.target {
            Target::Unit(id) => (Some(*id), String::new()),
            Target::Pipeline(path) => (self.links.at(UnitKind::Pipeline, path), path.clone()),
            Target::Action(path) => (self.links.at(UnitKind::Action, path), path.clone()),
        };
        let Some(unit) = unit else {
            let why = format!("{} is not in this repository", shown(&missing));
            self.unresolved(frame, call.span, why, frame.hints.to_vec());
            return;
        };
        if frame.depth >= MAX_DEPTH || self.running.contains(&unit) {
            return;
        }
        let mut inner = frame.clone();
        inner.depth += 1;
        if call.isolated {
            inner.scope = (*frame.facts).clone();
            inner.scope.clear("input.");
        }
        for (name, value) in &call.bind {
            let value = value.eval(&frame.scope);
            if let Some(text) = value.known()
                && !text.is_empty()
            {
                inner.name(text);
            }
            inner.scope.set(name.clone(), value);
        }
        let kind = self.program.unit(unit).kind;
        if kind == UnitKind::Function && self.too_often(unit, frame) {
            return;
        }
        self.running.push(unit);
        if matches!(kind, UnitKind::Pipeline | UnitKind::Stage) {
            if kind == UnitKind::Pipeline {
                inner.dir = Some(String::new());
            }
            let (way, outputs, deployed) = self.pipeline(unit, inner);
            frame.deployed |= deployed;
            frame.way = meet(&frame.way, &way);
            for (name, value) in outputs {
                frame.scope.set(format!("call.outputs.{name}"), value);
            }
        } else if kind == UnitKind::Job {
            self.called_job(unit, inner, frame);
        } else {
            let program = self.program;
            let callee = program.unit(unit);
            self.mark(unit, &inner);
            inner.unit = unit;
            inner.entry = self.next_entry();
            inner.home = if kind == UnitKind::Action { callee.name.clone() } else { self.home_of(unit).to_owned() };
            inner.follow(Link { kind: callee.kind.link(), name: callee.name.clone(), span: call.span });
            self.enter(callee, &mut inner);
            self.items(&callee.body, &mut inner);
            for (name, e) in &callee.outputs {
                let value = e.eval(&inner.scope);
                frame.scope.set(format!("output.{name}"), value);
            }
            for (name, value) in inner.scope.iter().filter(|(n, _)| n.starts_with("env.") || n.starts_with("exported.")) {
                frame.scope.set(name, value.clone());
            }
            frame.goes_on_after(&inner);
            if inner.login.is_some() {
                frame.login.clone_from(&inner.login);
            }
            frame.cloud_login |= inner.cloud_login;
            frame.way = meet(&frame.way, &inner.way);
        }
        self.running.pop();
    }

    /// A job that a body calls, as a pipeline does that is written as a program: what it sets, those after it see.
    fn called_job(&mut self, id: UnitId, mut inner: Frame, frame: &mut Frame) {
        let program = self.program;
        let own = &program.unit(id).bind;
        self.begin(id, &mut inner);
        self.mark(id, &inner);
        self.combination(id, &mut inner);
        for (name, value) in inner.scope.changes(&frame.scope) {
            if !own.iter().any(|(bound, _)| *bound == name) {
                frame.scope.set(name, value);
            }
        }
        frame.goes_on_after(&inner);
        frame.way = meet(&frame.way, &inner.way);
    }

    /// Run a unit that a command calls, with these arguments and values. The number of steps found inside.
    pub(super) fn enter_unit(
        &mut self,
        id: UnitId,
        frame: &mut Frame,
        at: Span,
        args: Option<&[String]>,
        bind: &[(String, Value)],
        dir: Folder,
    ) -> usize {
        let program = self.program;
        let unit = program.unit(id);
        self.mark(id, frame);
        if frame.depth >= MAX_DEPTH || self.running.contains(&id) {
            self.cut += 1;
            return 1;
        }
        let mut inner = frame.clone();
        inner.depth += 1;
        inner.unit = id;
        inner.in_script = true;
        if unit.kind != UnitKind::Function {
            inner.home = self.home_of(id).to_owned();
        }
        if let Some(args) = args {
            for (i, arg) in args.iter().enumerate().take(20) {
                inner.scope.set(format!("arg.{}", i + 1), text_value(arg));
                if !arg.contains(HOLE) && !arg.starts_with('-') {
                    inner.name(arg);
                }
            }
            for i in args.len()..9 {
                inner.scope.set(format!("arg.{}", i + 1), Value::text(""));
            }
            inner.scope.set("arg.#", Value::text(args.len().to_string()));
            inner.scope.set("arg.@", text_value(&args.join(" ")));
        }
        for (name, value) in bind {
            if let Some(text) = value.known()
                && !text.is_empty()
            {
                inner.name(text);
            }
            inner.scope.set(name.clone(), value.clone());
        }
        if let Folder::At(dir) = dir {
            inner.dir = dir;
        }
        inner.follow(Link { kind: unit.kind.link(), name: unit.name.clone(), span: at });
        if self.too_often(id, frame) {
            inner.scope = Scope::default();
            inner.hints.clone_from(&frame.hints);
        }
        let course = inner.course(id, &self.reads);
        if self.quiet.contains(&course) {
            return 0;
        }
        if !self.seen.insert(inner.fingerprint(id, &self.reads)) {
            self.cut += 1;
            return 1;
        }
        inner.entry = self.next_entry();
        let before = self.found.occurrences.len();
        let (marks, state) = (self.marks(), inner.state());
        self.run_unit(id, &mut inner);
        frame.goes_on_after(&inner);
        let mut exports = false;
        for (name, value) in inner.scope.changes(&frame.scope).into_iter().filter(|(name, _)| name.starts_with("exported.")) {
            frame.scope.set(name, value);
            exports = true;
        }
        // What came to nothing, and was cut short nowhere, comes to nothing whoever calls it so.
        if self.marks() == marks && inner.state() == state && !exports {
            self.quiet.insert(course);
        }
        self.found.occurrences.len() - before
    }

    /// Whether a job has come to a unit in more contexts than are told apart.
    fn too_often(&mut self, id: UnitId, frame: &Frame) -> bool {
        let key = (id, frame.job, frame.way.event.map_or(u8::MAX, |e| e as u8), frame.way.on.map_or(u8::MAX, |r| r as u8));
        let count = self.contexts.entry(key).or_default();
        *count += 1;
        *count > MAX_CONTEXTS
    }

    /// Counts of everything that interpretation finds, and of where it was cut short.
    fn marks(&self) -> [usize; 9] {
        let found = &self.found;
        [
            found.occurrences.len(),
            found.unresolved.len(),
            found.builds.len(),
            found.applied.len(),
            found.documented.len(),
            found.set_up.len(),
            found.disabled.len(),
            self.pending.len(),
            self.cut,
        ]
    }

    /// A target, with what the `%` of its pattern stands for.
    pub(super) fn enter_target(
        &mut self,
        found: &Found,
        frame: &mut Frame,
        at: Span,
        bind: &[(String, Value)],
        dir: Folder,
    ) -> usize {
        let mut bind = bind.to_vec();
        bind.extend(found.stem.as_ref().map(|stem| ("arg.stem".to_owned(), Value::text(stem.as_str()))));
        self.enter_unit(found.unit, frame, at, None, &bind, dir)
    }

    /// What a unit does in a frame of its own: what it binds, the prerequisites of a target, its items.
    pub(super) fn run_unit(&mut self, id: UnitId, frame: &mut Frame) {
        let program = self.program;
        let unit = program.unit(id);
        self.running.push(id);
        if unit.kind == UnitKind::Script {
            frame.scope.set(IS_MAIN, Value::text("true"));
        }
        self.enter(unit, frame);
        if unit.kind == UnitKind::Target {
            self.prerequisites(id, frame);
        }
        self.items(&unit.body, frame);
        self.running.pop();
    }

    /// The prerequisites of a target, which run before it.
    fn prerequisites(&mut self, of: UnitId, frame: &mut Frame) {
        let program = self.program;
        let file = self.path_of(of).to_owned();
        for need in &program.unit(of).needs {
            let found = self.target(&file, &need.name).filter(|f| f.unit != of);
            if let Some(found) = found {
                let at = program.unit(found.unit).span;
                let dir = Folder::At(frame.dir.clone());
                self.enter_target(&found, frame, at, &[], dir);
            }
        }
    }

    /// `source FILE`: its variables and functions are ours from here on, and what it runs is run.
    pub(super) fn source(&mut self, path: &Expr, span: Span, frame: &mut Frame) {
        let word = path.eval(&frame.scope).shown();
        let found = self.links.script(&word, frame.dir.as_deref(), &frame.home);
        let Some(id) = found else { return };
        self.mark(id, frame);
        if frame.depth >= MAX_DEPTH || self.running.contains(&id) {
            return;
        }
        let program = self.program;
        let unit = program.unit(id);
        self.running.push(id);
        let main = frame.scope.get(IS_MAIN);
        frame.scope.set(IS_MAIN, Value::text("false"));
        let (home, outer) = (frame.home.clone(), frame.unit);
        let chain = Rc::clone(&frame.way.chain);
        frame.depth += 1;
        frame.home = self.home_of(id).to_owned();
        frame.unit = id;
        frame.follow(Link { kind: unit.kind.link(), name: unit.name.clone(), span });
        let mut all = (*frame.functions).clone();
        all.extend(unit.functions.iter().cloned());
        frame.functions = Rc::new(all);
        self.items(&unit.body, frame);
        frame.scope.set(IS_MAIN, main);
        frame.way.chain = chain;
        frame.home = home;
        frame.unit = outer;
        frame.depth -= 1;
        self.running.pop();
    }

    /// The working directory after `cd TO`.
    pub(super) fn change_dir(&self, frame: &Frame, to: &Value) -> Option<String> {
        let word = to.shown();
        if word.is_empty() || word == "-" {
            return None;
        }
        if let Some(at) = word.rfind(HOLE) {
            if let Some(dir) = self.root_in_part(frame, &word) {
                return Some(dir);
            }
            // `cd "$(dirname "$0")/.."`, `cd $ROOT/x`: from the script's own folder, or from the root; not `cd src/$NAME`.
            if !word[..at].trim_matches([HOLE, '/', '.']).is_empty() {
                return None;
            }
            let tail = word[at..].trim_start_matches(HOLE).trim_start_matches('/');
            return [join(&frame.home, tail), join("", tail)].into_iter().flatten().find(|d| self.sources.dirs.contains(d));
        }
        if word.starts_with('/') || word.starts_with('~') {
            return None;
        }
        let from = frame.dir.clone().or_else(|| Some(String::new()))?;
        let target = join(&from, &word)?;
        // A document may tell to go there from the root, wherever it stands itself.
        if self.program.unit(frame.unit).kind == UnitKind::Document
            && !self.sources.dirs.contains(&target)
            && let Some(rooted) = join("", &word).filter(|d| self.sources.dirs.contains(d))
        {
            return Some(rooted);
        }
        if self.sources.dirs.contains(&target) || frame.dir.is_some() { Some(target) } else { None }
    }
}

/// A word as a value: a text with its holes.
fn text_value(word: &str) -> Value {
    if word.chars().all(|c| c == HOLE) && !word.is_empty() { Value::Unknown } else { Value::text(word) }
}

/// A path for a message.
fn shown(path: &str) -> String {
    if path.is_empty() { "the root action".to_owned() } else { path.replace(HOLE, "…") }
}
