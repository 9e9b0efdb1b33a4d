//! Commits that a controller reads: a job edits what an object watches, in this repository or in another one, and pushes it or
//! asks a person to merge it (rulings 15 and 37).

use super::Reach;
use super::frame::Frame;
use super::workspace::{Home, edits};
use crate::catalogue::{Class, Role, Trait};
use crate::flow::watches::{Watch, environment_of, repository_of, watches};
use crate::model::{Event, GateDecl, GateKind, HOLE, Item, Link, LinkKind};
use crate::source::Span;
use crate::source::paths::join;
use std::collections::BTreeMap;
use std::rc::Rc;

/// One environment that a commit is taken to.
pub(super) struct Landing {
    /// The context after the controller has taken it there.
    pub frame: Frame,
    /// The environment that the objects name.
    pub environment: Option<String>,
    /// No object that is known watches it: where it goes to is another repository's.
    pub elsewhere: bool,
}

impl Reach<'_> {
    /// Where a commit that is pushed here is taken to; nothing where no controller reads it. `merge`: the place at which a
    /// person is asked to merge it first.
    fn lands(&mut self, branch: Option<&str>, merge: Option<Span>, dir: Option<&str>, frame: &Frame) -> Vec<Landing> {
        let workspace = Rc::clone(&frame.workspace);
        let home = workspace.home(dir);
        let other = match &home {
            Home::Own => None,
            Home::Other(_, name) => Some(*name),
        };
        let repository = match other {
            None => Some(self.program.repository.as_str()),
            Some(name) => name,
        };
        let all: Vec<Watch<'_>> = repository.map(|name| watches(name, self.program, self.sources)).unwrap_or_default();
        if !workspace.is_edited() && (other.is_none() || all.is_empty()) {
            return Vec::new();
        }
        let followed = |w: &Watch<'_>| branch.is_none_or(|b| w.follows(b, &self.program.trunk));
        let paths = workspace.edited_in(&home);
        let touched = |w: &Watch<'_>| paths.as_ref().is_none_or(|all| all.iter().any(|path| w.reads(path)));
        let read: Vec<Watch<'_>> = all.into_iter().filter(followed).filter(touched).collect();
        let mut start = frame.clone();
        if let Some(span) = merge {
            let gate = self.gate(&GateDecl { kind: GateKind::Merge, span, name: String::new(), blocking: true });
            start.pass(gate);
        }
        // By their environments: of several objects for one, each that waits for a person holds the commit up.
        let names = self.catalogue.environments();
        let mut by_environment: BTreeMap<Option<String>, Vec<&Watch<'_>>> = BTreeMap::new();
        for watch in &read {
            let environment = environment_of(watch.object, self.sources, names);
            by_environment.entry(environment).or_default().push(watch);
        }
        // Which of them is meant is not known where the files that were edited are not.
        if by_environment.is_empty() || (paths.is_none() && by_environment.len() > 1) {
            return other.is_some().then_some(Landing { frame: start, environment: None, elsewhere: true }).into_iter().collect();
        }
        let mut out = Vec::new();
        for (environment, objects) in by_environment {
            let mut frame = start.clone();
            frame.follow(Link { kind: LinkKind::Event, name: Event::Reconcile.to_string(), span: objects[0].object.span });
            for object in objects.iter().map(|w| w.object).filter(|o| !o.automated) {
                let span = object.gate.unwrap_or(object.span);
                let gate = self.gate(&GateDecl { kind: GateKind::Sync, span, name: object.name.clone(), blocking: true });
                frame.pass(gate);
            }
            out.push(Landing { frame, environment, elsewhere: false });
        }
        out
    }

    /// Where what the job has edited is taken to by a command or built-in that pushes it, or that asks a person to merge it.
    pub(super) fn landings(&mut self, class: &Class, words: &[String], at: Span, frame: &Frame) -> Vec<Landing> {
        if self.tears_down(frame) || frame.local_cluster {
            return Vec::new();
        }
        let dir = in_folder(words, class, frame);
        if class.is(Trait::GitOps) && !self.opens_a_change(frame) {
            let branch = self.branch(class, words);
            return self.lands(branch.as_deref(), None, dir.as_deref(), frame);
        }
        // What the job merges itself waits for nobody; a change of the own repository is one like any other.
        let proposes = is_a_change(class) && frame.workspace.home(dir.as_deref()) != Home::Own;
        if proposes && !self.holds(frame, &|class| class.is(Trait::Merges)) {
            return self.lands(None, Some(at), dir.as_deref(), frame);
        }
        Vec::new()
    }

    /// Another repository is checked out to a folder; the own one again is none.
    pub(super) fn check_out(&self, repository: &str, dir: Option<&str>, frame: &mut Frame) {
        if repository_of(repository).as_deref() != Some(self.program.repository.to_ascii_lowercase().as_str()) {
            Rc::make_mut(&mut frame.workspace).check_out(repository, dir);
        }
    }

    /// Note what a command fetches of other repositories and edits in place.
    pub(super) fn works_on(&self, class: &Class, words: &[String], frame: &mut Frame) {
        let all = self.positional(words);
        if let Some(at) = all.iter().position(|w| w == "clone").filter(|_| class.kind.as_deref() == Some("checkout"))
            && let Some(address) = all.get(at + 1)
        {
            let name = repository_of(address);
            let to = all.get(at + 2).cloned().or(name).filter(|to| !to.starts_with(['/', '~']) && !to.contains(HOLE));
            let from = in_folder(words, class, frame);
            let dir = from.and_then(|from| join(&from, to.as_deref()?));
            self.check_out(address, dir.as_deref(), frame);
        }
        for path in edits(class, words) {
            self.edit(&path, frame);
        }
    }

    /// A file or folder is edited in place; what is neither in this repository nor in a checkout stands who knows where.
    pub(super) fn edit(&self, path: &str, frame: &mut Frame) {
        let known = |dir: &&str| {
            let full = join(dir, path);
            let here = full.is_some_and(|f| self.sources.paths.contains(&f) || self.sources.dirs.contains(&f));
            here || path.contains(HOLE) || frame.workspace.around(dir).is_some()
        };
        let dir = frame.dir.as_deref().filter(known).map(ToOwned::to_owned);
        Rc::make_mut(&mut frame.workspace).edit(dir.as_deref(), path);
    }

    /// Whether the job opens a change: what it pushes is a branch of its own then.
    fn opens_a_change(&self, frame: &Frame) -> bool {
        self.holds(frame, &is_a_change)
    }

    /// Whether one of the commands or built-ins of the job, or of the unit at hand, is like this.
    fn holds(&self, frame: &Frame, like: &dyn Fn(&Class) -> bool) -> bool {
        let mut open: Vec<&Item> =
            frame.job.into_iter().chain([frame.unit]).flat_map(|id| self.program.unit(id).body.iter()).collect();
        while let Some(item) = open.pop() {
            match item {
                Item::Command(command) => {
                    let words: Vec<String> = command.words.iter().map(|w| w.eval(&frame.scope).shown()).collect();
                    if self.class_of(&words).as_ref().is_some_and(like) {
                        return true;
                    }
                }
                Item::BuiltIn(builtin) => {
                    let inputs = builtin.inputs.iter().map(|(n, e)| (n.clone(), e.eval(&frame.scope))).collect();
                    let class = self.catalogue.builtin(builtin.vendor, &builtin.name, &builtin.version, &inputs);
                    if class.as_ref().is_some_and(like) {
                        return true;
                    }
                    open.extend(&builtin.inner);
                }
                Item::Block(block) => open.extend(&block.items),
                _ => {}
            }
        }
        false
    }

    /// The branch that a push names; none where it says none, or only a run knows it.
    fn branch(&self, class: &Class, words: &[String]) -> Option<String> {
        let named = if words.is_empty() {
            class.role(Role::Environment).next().map(ToOwned::to_owned)
        } else {
            let all = self.positional(words);
            all.iter().skip_while(|w| *w != "push").nth(2).cloned()
        }?;
        let name = named.rsplit(':').next().unwrap_or_default().trim_start_matches("refs/heads/").trim_start_matches('+');
        (!name.is_empty() && !name.contains(HOLE) && name != "HEAD").then(|| name.to_owned())
    }
}

/// The folder in which a command works: its own option's (`git -C DIR push`), else the context's.
fn in_folder(words: &[String], class: &Class, frame: &Frame) -> Option<String> {
    let option = words.iter().position(|w| w == "-C").filter(|at| *at == 1).and_then(|at| words.get(at + 1));
    match option.map(String::as_str).or_else(|| class.role(Role::Dir).next()) {
        Some(dir) if dir.starts_with(['/', '~']) || dir.contains(HOLE) => None,
        Some(dir) => frame.dir.as_deref().and_then(|from| join(from, dir)),
        None => frame.dir.clone(),
    }
}

/// Whether a row opens a change that a person merges.
fn is_a_change(class: &Class) -> bool {
    class.is(Trait::PersonMerges) && class.kind.as_deref() == Some("change")
}
