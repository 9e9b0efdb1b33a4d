//! Terraform roots that a command applies: which folders they are, and the commands that applying them runs.

use super::Reach;
use super::calls::Folder;
use super::frame::Frame;
use crate::catalogue::{Class, Role, Trait};
use crate::model::{Automation, BuiltIn, HOLE, Stage, UnitId, UnitKind, Value, glob};
use crate::source::Span;
use crate::source::paths::{is_under, join};
use std::collections::BTreeSet;
use std::rc::Rc;

/// At most so many roots that a folder's name fits in part have their provisioners followed.
const MAX_ROOTS: usize = 16;

impl Reach<'_> {
    /// The folders that a command of Terraform works in. One that is known in part (`infra/$APP/service`) stands for those
    /// that it fits; a script that goes nowhere works on the root that it stands in.
    pub(super) fn folders(&self, class: &Class, frame: &Frame) -> Vec<String> {
        for dir in class.role(Role::Dir) {
            let all = self.links.candidates(dir, frame.dir.as_deref(), &frame.home);
            if let Some(found) = all.into_iter().find(|d| !dir.contains(HOLE) && self.sources.dirs.contains(d)) {
                return vec![found];
            }
            let fitting = self.fitting(dir, frame.dir.as_deref());
            // What is no folder here may be a plan's file.
            if !fitting.is_empty() || dir.contains('/') {
                return fitting;
            }
        }
        match frame.dir.as_deref() {
            Some(dir) if dir.contains(HOLE) => self.fitting("", Some(dir)),
            Some(dir) => vec![dir.to_owned()],
            None if self.program.roots.contains_key(&frame.home) => vec![frame.home.clone()],
            None => Vec::new(),
        }
    }

    /// The folder that a command works in, where it is one: not what a name known in part stands for.
    pub(super) fn only_folder(&self, class: &Class, frame: &Frame) -> Option<String> {
        let mut all = self.folders(class, frame);
        if all.len() == 1 { all.pop() } else { None }
    }

    /// The folders of the repository that a name known in part fits, from the folder where it is used or from the root.
    fn fitting(&self, name: &str, dir: Option<&str>) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for from in dir.into_iter().chain([""]) {
            let Some(pattern) = join(from, name.trim_start_matches(HOLE)) else { continue };
            let literal = pattern.split('/').any(|part| !part.is_empty() && !part.chars().all(|c| c == HOLE));
            if pattern.contains(HOLE) && literal && out.is_empty() {
                let pattern = pattern.replace(HOLE, "*");
                let depth = pattern.matches('/').count();
                let fits = |d: &&String| d.matches('/').count() == depth && glob(&pattern, d);
                out.extend(self.sources.dirs.iter().filter(fits).cloned());
            }
        }
        out
    }

    /// The working directory after going to a folder of which only a part is known, where Terraform roots fit it.
    pub(super) fn root_in_part(&self, frame: &Frame, word: &str) -> Option<String> {
        let rest = word.trim_start_matches(HOLE);
        // `$(dirname "$0")/../x`, `$ROOT/x`: from the script's own folder, or from the root.
        let here = frame.dir.as_deref().filter(|_| rest.len() == word.len());
        let from = [here, Some(frame.home.as_str()), Some("")];
        from.into_iter().flatten().filter_map(|from| join(from, rest)).find(|target| {
            let fitting = self.fitting(target, None);
            fitting.iter().any(|d| self.program.roots.contains_key(d))
        })
    }

    /// The folders of the roots that a command of Terraform is about.
    pub(super) fn roots_of(&self, class: &Class, frame: &Frame) -> Vec<String> {
        let all = class.is(Trait::Recursive);
        let folders = self.folders(class, frame);
        let meant = |root: &&String| folders.iter().any(|d| d == *root || (all && is_under(root, d)));
        self.program.roots.keys().filter(meant).cloned().collect()
    }

    /// The environments of the roots that a command applies in every folder below, none for those whose files and paths name none.
    pub(super) fn environments_below(&self, class: &Class, frame: &Frame) -> BTreeSet<Option<String>> {
        if !class.is(Trait::Recursive) {
            return BTreeSet::new();
        }
        let named = |dir: &String| self.literal_of_root(dir).or_else(|| self.environment_in(dir));
        self.roots_of(class, frame).iter().map(named).collect()
    }

    /// What another repository runs here applies the root whose folder it is given; where it is a step told by its name, and
    /// is given none, the only one that there is.
    pub(super) fn applies_elsewhere(&mut self, builtin: &BuiltIn, by_name: bool, frame: &Frame) {
        let program = self.program;
        let inputs: Vec<Value> = builtin.inputs.iter().map(|(_, e)| e.eval(&frame.scope)).collect();
        let values = inputs.iter().map(Value::shown).chain(frame.scope.iter().map(|(_, value)| value.shown()));
        let values: Vec<String> = values.filter(|v| v.contains('/') || program.roots.contains_key(v.as_str())).collect();
        let means = |root: &str, value: &str| {
            let tail = value.trim_start_matches("./").trim_end_matches('/');
            !root.is_empty() && tail.strip_suffix(root).is_some_and(|head| head.is_empty() || head.ends_with(['/', HOLE]))
        };
        let mut named: Vec<&String> = program.roots.keys().filter(|root| values.iter().any(|v| means(root, v))).collect();
        if named.is_empty() && by_name && program.roots.len() == 1 {
            named.extend(program.roots.keys());
        }
        for root in named {
            let level = self.found.applied.entry(root.clone()).or_insert(Automation::Missing);
            *level = (*level).max(frame.way.automation);
        }
    }

    /// Note that a pipeline applies a root that only a run knows: any may be it.
    pub(super) fn applies_any(&mut self, at: Span, frame: &Frame) {
        if frame.pipeline.is_some() && !self.program.roots.is_empty() {
            self.found.applies_any = true;
            self.found.unknowns.insert(at, "which folder this applies is only known in a run".to_owned());
        }
    }

    /// What applying roots runs: their provisioners, in the environment that is applied.
    pub(super) fn provisioners(&mut self, class: &Class, stage: Stage, at: Span, frame: &mut Frame) {
        let tool = matches!(class.tool.as_str(), "terraform" | "terragrunt");
        let applies = tool && stage == Stage::Provision && class.kind.as_deref() == Some("apply");
        if !applies || self.program.unit(frame.unit).kind == UnitKind::Document {
            return;
        }
        let named = class.role(Role::Dir).any(|d| d.contains('/') && !d.contains(HOLE));
        if !named && self.folders(class, frame).is_empty() {
            self.applies_any(at, frame);
        }
        let roots = self.roots_of(class, frame);
        let units = roots.iter().filter_map(|r| self.links.at(UnitKind::TerraformRoot, r));
        let units: Vec<UnitId> = units.take(MAX_ROOTS).collect();
        for unit in units.into_iter().filter(|u| !self.program.unit(*u).body.is_empty()) {
            let mut inner = frame.clone();
            if let Some(applied) = self.found.occurrences.iter().rev().find(|o| o.span == at) {
                inner.login.clone_from(&applied.environment);
            }
            inner.hints = Rc::clone(&frame.hints);
            inner.deployed = true;
            self.enter_unit(unit, &mut inner, at, None, &[], Folder::Caller);
            frame.deployed |= inner.deployed;
        }
    }
}
