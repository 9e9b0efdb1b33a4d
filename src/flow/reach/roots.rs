//! Terraform roots that a command applies: which folders they are, and the commands that applying them runs.

use super::Reach;
use super::calls::Folder;
use super::frame::Frame;
use crate::catalogue::{Class, Role, Trait};
use crate::model::{HOLE, Stage, UnitId, UnitKind, glob};
use crate::source::Span;
use crate::source::paths::{is_under, join};
use std::collections::BTreeSet;
use std::rc::Rc;

/// At most so many roots that a folder's name fits in part have their provisioners followed.
const MAX_ROOTS: usize = 16;

impl Reach<'_> {
    /// The folders that a command of Terraform works in. One that is known in part (`infra/$APP/service`) stands for those
    /// that it fits.
    pub(super) fn folders(&self, class: &Class, frame: &Frame) -> Vec<String> {
        match class.role(Role::Dir).next() {
            Some(dir) if dir.contains(HOLE) => self.fitting(dir, frame.dir.as_deref()),
            Some(dir) => {
                let all = self.links.candidates(dir, frame.dir.as_deref(), &frame.home);
                let found = all.into_iter().find(|d| self.sources.dirs.contains(d));
                found.map_or_else(|| self.fitting(dir, frame.dir.as_deref()), |d| vec![d])
            }
            None => match frame.dir.as_deref() {
                Some(dir) if dir.contains(HOLE) => self.fitting("", Some(dir)),
                dir => dir.map(ToOwned::to_owned).into_iter().collect(),
            },
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
    pub(super) fn root_in_part(&self, from: &str, word: &str) -> Option<String> {
        let target = join(from, word.trim_start_matches(HOLE))?;
        let fits = self.fitting(&target, None);
        fits.iter().any(|d| self.program.roots.contains_key(d)).then_some(target)
    }

    /// The folders of the roots that a command of Terraform is about.
    pub(super) fn roots_of(&self, class: &Class, frame: &Frame) -> Vec<String> {
        let all = class.is(Trait::Recursive);
        let folders = self.folders(class, frame);
        let meant = |root: &&String| folders.iter().any(|d| d == *root || (all && is_under(root, d)));
        self.program.roots.keys().filter(meant).cloned().collect()
    }

    /// The environments of the roots that a command applies in every folder below, where their files or paths name one.
    pub(super) fn environments_below(&self, class: &Class, frame: &Frame) -> BTreeSet<String> {
        if !class.is(Trait::Recursive) {
            return BTreeSet::new();
        }
        let named = |dir: &String| self.literal_of_root(dir).or_else(|| self.environment_in(dir));
        self.roots_of(class, frame).iter().filter_map(named).collect()
    }

    /// What applying roots runs: their provisioners, in the environment that is applied.
    pub(super) fn provisioners(&mut self, class: &Class, stage: Stage, at: Span, frame: &mut Frame) {
        let applies = stage == Stage::Provision && class.kind.as_deref() == Some("apply");
        if !applies || self.program.unit(frame.unit).kind == UnitKind::Document {
            return;
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
            self.enter_unit(unit, &mut inner, at, None, &[], Folder::Caller);
            frame.deployed |= inner.deployed;
        }
    }
}
