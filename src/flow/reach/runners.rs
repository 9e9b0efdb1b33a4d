//! Task runners beside make and the package managers: the tasks that a call names, in the files of the repository.

use super::Reach;
use super::calls::Folder;
use super::frame::Frame;
use super::resolve::{above, value_of};
use crate::catalogue::runners::{self, Runner};
use crate::catalogue::{Action, Class, Role};
use crate::model::{Command, Found, HOLE, MakeFile, UnitId, Value, Wrapper, find_target};
use crate::source::Span;
use crate::source::paths::join;
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Reach<'a> {
    /// Follow a call of a runner's tasks; the number of steps found behind it, or none where it names no task of the repository, or
    /// one whose code may do anything.
    pub(super) fn run_tasks(
        &mut self,
        runner: &Runner,
        words: &[String],
        class: &Class,
        at: Span,
        frame: &mut Frame,
    ) -> Option<usize> {
        let goals = self.goals(runner, words);
        let dir = class.role(Role::Dir).next().map(ToOwned::to_owned);
        self.run_goals(runner, words, dir.as_deref(), &goals, at, frame)
    }

    fn run_goals(
        &mut self,
        runner: &Runner,
        words: &[String],
        dir: Option<&str>,
        goals: &[String],
        at: Span,
        frame: &mut Frame,
    ) -> Option<usize> {
        let (path, file) = self.runner_file(runner, words, dir, frame)?;
        let goals = match (goals, &file.default) {
            ([], Some(default)) => vec![default.clone()],
            (goals, _) => goals.to_vec(),
        };
        let table = self.program.runners.get(&runner.name)?;
        let mut total = None;
        for goal in goals {
            // What stands behind a task that two words do not name is given to it.
            let first = || goal.split(' ').next().and_then(|g| find_target(table, path, g));
            let Some(found) = find_target(table, path, &goal).or_else(first) else { continue };
            let steps = self.enter_target(&found, frame, at, &[], Folder::At(self.folder_of_task(found.unit, frame)));
            total = Some(total.unwrap_or(0) + steps);
        }
        total.filter(|steps| *steps > 0 || !runner.code)
    }

    /// The tasks that a call names.
    fn goals(&self, runner: &Runner, words: &[String]) -> Vec<String> {
        let mut goals: Vec<String> = self.positional(words);
        while goals.first().is_some_and(|g| runner.verbs.contains(g)) {
            goals.remove(0);
        }
        let mut goals: Vec<String> =
            goals.iter().map(|g| g.split('[').next().unwrap_or(g).to_owned()).filter(|g| !g.contains('=')).collect();
        if let [first, second, ..] = goals.as_slice()
            && runner.joined
        {
            goals = vec![format!("{first} {second}")];
        } else if !runner.several {
            goals.truncate(1);
        }
        goals.retain(|g| g.contains(|c: char| c.is_alphanumeric() && c != HOLE));
        goals
    }

    /// The file of a runner that holds in a folder.
    fn runner_file(
        &self,
        runner: &Runner,
        words: &[String],
        dir: Option<&str>,
        frame: &Frame,
    ) -> Option<(&'a str, &'a MakeFile)> {
        let table = self.program.runners.get(&runner.name)?;
        let entry = |path: &str| table.get_key_value(path).map(|(k, v)| (k.as_str(), v));
        let option = value_of(words, &["--makefile", "--rakefile", "--working-dir", "--manifest-path"]);
        if let Some(named) = option.filter(|_| dir.is_none()) {
            let all = self.links.candidates(named, frame.dir.as_deref(), &frame.home);
            if let Some(found) = all.iter().find_map(|p| entry(p)) {
                return Some(found);
            }
        }
        let dir = match dir {
            Some(to) => self.change_dir(frame, &Value::text(to))?,
            None => frame.dir.clone().unwrap_or_else(|| frame.home.clone()),
        };
        let in_dir = |dir: &str| runner.files.iter().find_map(|n| join(dir, n).and_then(|p| entry(&p)));
        let up = || above(&dir).filter(|_| runner.upwards).find_map(in_dir);
        in_dir(&dir).or_else(up).or_else(|| if frame.dir.is_none() { in_dir("") } else { None })
    }

    /// Whether a call names a task of the repository.
    pub(super) fn names_task(&self, resolver: &str, words: &[String], class: &Class, frame: &Frame) -> bool {
        let Some(runner) = runners::named(resolver) else { return false };
        let Some(table) = self.program.runners.get(&runner.name) else { return false };
        let file = self.runner_file(runner, words, class.role(Role::Dir).next(), frame);
        file.is_some_and(|(path, _)| self.goals(runner, words).iter().any(|g| find_target(table, path, g).is_some()))
    }

    fn folder_of_task(&self, unit: UnitId, frame: &Frame) -> Option<String> {
        let own = self.program.unit(unit).dir.as_ref().and_then(|d| d.eval(&frame.scope).known().map(ToOwned::to_owned));
        own.or_else(|| frame.dir.clone())
    }

    /// `pdm run lint`: the first word is a task of the wrapper's, where there is one.
    pub(super) fn wrapped_task(&mut self, command: &Command, words: &[String], frame: &mut Frame) -> Option<usize> {
        let Some(Wrapper::Plain(wrapper)) = command.wrappers.last() else { return None };
        let runner = runners::wrapping(wrapper)?;
        let goal = vec![words.first()?.clone()];
        self.run_goals(runner, &[], None, &goal, command.span, frame)
    }

    /// Tasks that a build file defines beside those of its plugins: the commands in them are followed. What is left of the call, with
    /// what these tasks depend on in turn; none where nothing is of the repository's own.
    pub(super) fn own_tasks(&mut self, words: &[String], at: Span, frame: &mut Frame) -> Option<Vec<String>> {
        let program = words.first()?.rsplit('/').next()?;
        let runner = runners::all().iter().find(|r| r.programs.iter().any(|p| p == program))?;
        let table = self.program.runners.get(&runner.name)?;
        let mut rest = words.to_vec();
        let mut changed = false;
        for goal in self.goals(runner, words) {
            let units = self.own_units(runner, table, words, &goal, frame);
            if units.is_empty() {
                continue;
            }
            let known = self.class_of(&[program.to_owned(), goal.clone()]);
            let mut steps = 0;
            for (unit, dir) in &units {
                let found = Found { unit: *unit, stem: None };
                steps += self.enter_target(&found, frame, at, &[], Folder::At(Some(dir.clone())));
            }
            let place = rest.iter().position(|w| *w == goal);
            if known.is_none_or(|c| !matches!(c.action, Action::Step(_))) {
                let is_step = |n: &String| {
                    self.class_of(&[program.to_owned(), n.clone()]).is_some_and(|c| matches!(c.action, Action::Step(_)))
                };
                let needs: Vec<String> = self.needs_of(&units, table).into_iter().filter(is_step).collect();
                changed |= !needs.is_empty();
                let place = place.unwrap_or(rest.len());
                rest.splice(place..place, needs);
            }
            if steps > 0 {
                rest.retain(|w| *w != goal);
                changed = true;
            }
        }
        changed.then_some(rest)
    }

    /// The units of a task that a build file of a folder defines, or those of its projects, with the folders they work in.
    fn own_units(
        &self,
        runner: &Runner,
        table: &BTreeMap<String, MakeFile>,
        words: &[String],
        goal: &str,
        frame: &Frame,
    ) -> Vec<(UnitId, String)> {
        let base = match value_of(words, &["-p", "--project-dir"]) {
            Some(to) => self.change_dir(frame, &Value::text(to)),
            None => Some(frame.dir.clone().unwrap_or_else(|| frame.home.clone())),
        };
        let Some(base) = base else { return Vec::new() };
        let (project, name) = goal.rsplit_once(':').unwrap_or(("", goal));
        let Some(dir) = join(&base, &project.replace(':', "/")) else { return Vec::new() };
        let in_dir = |dir: &str| {
            let paths = runner.files.iter().filter_map(|n| join(dir, n));
            paths.filter_map(|p| find_target(table, &p, name)).map(|f| (f.unit, dir.to_owned())).next()
        };
        let up = || above(&dir).filter(|_| runner.upwards).find_map(in_dir);
        if let Some(unit) = in_dir(&dir).or_else(up) {
            return vec![unit];
        }
        let lifecycle = self.program.lifecycles.get(&(runner.name.clone(), dir)).filter(|_| project.is_empty());
        let modules = lifecycle.into_iter().flat_map(|l| &l.profiles).flat_map(|p| &p.modules);
        modules.filter_map(|m| in_dir(m)).collect()
    }

    /// What tasks depend on that is none of the file's own, in order.
    fn needs_of(&self, units: &[(UnitId, String)], table: &BTreeMap<String, MakeFile>) -> Vec<String> {
        let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
        let mut todo: Vec<UnitId> = units.iter().map(|(unit, _)| *unit).collect();
        while let Some(unit) = todo.pop() {
            if !seen.insert(unit) {
                continue;
            }
            for need in &self.program.unit(unit).needs {
                match find_target(table, self.path_of(unit), &need.name) {
                    Some(found) => todo.push(found.unit),
                    None if !out.contains(&need.name) => out.push(need.name.clone()),
                    None => {}
                }
            }
        }
        out
    }
}
