//! Task runners: where their files stand, and what is known of tasks that are no plain command. The typed view of `runner.yaml`.

use super::table;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Form {
    runners: Vec<Runner>,
}

/// A task runner.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Runner {
    /// Its name: the resolver of the command tables that means it.
    pub name: String,
    /// Files that it reads in a folder, in its order.
    pub files: Vec<String>,
    /// Tables of a data file whose keys are tasks (`tool.poe.tasks`); a `*` stands for any key, which names the task as well.
    pub tables: Vec<String>,
    /// How a task is called: the words before its name.
    pub call: Vec<String>,
    /// Wrappers whose first word is a task where there is one of that name (`pdm run`).
    pub wrappers: Vec<String>,
    /// What stands before a task's name where another one calls it (`@`).
    pub reference: String,
    /// Programs that are called with that sign as well (`@php`).
    pub words: Vec<String>,
    /// Tasks that the tool runs by itself beside its own work: patterns of names.
    pub events: Vec<String>,
    /// Programs that are the runner.
    pub programs: Vec<String>,
    /// Tasks are written as a program: one in which no command is found may do anything.
    pub code: bool,
    /// Functions that run a command (patterns), with how many of their arguments stand before it.
    pub calls: BTreeMap<String, usize>,
    /// One argument of them is a program, not a line of a shell.
    pub words_only: bool,
    /// Two words of a call may name a task together (`ios beta`).
    pub joined: bool,
    /// Its call is the step, staged by what its configuration runs (model ruling 30).
    pub sessions: bool,
    /// Options that name what is run; none: words do.
    pub session_options: Vec<String>,
    /// What of it scans.
    pub scans: Vec<String>,
    /// The file is looked for in the folders above, too.
    pub upwards: bool,
    /// Keys of a task that hold shell commands.
    pub shell: Vec<String>,
    /// Keys that hold a program, and its arguments.
    pub program: Vec<String>,
    /// Keys that hold names of tasks that run before.
    pub needs: Vec<String>,
    /// Keys that hold names of tasks that it runs.
    pub tasks: Vec<String>,
    /// An element of a list is the name of a task where no key says otherwise.
    pub lists_tasks: bool,
    /// The task that runs where a call names none.
    pub default: Option<String>,
    /// What a task of a type amounts to: a task of the command tables.
    pub types: BTreeMap<String, String>,
    /// Every word of a call names a task; else only the first does.
    pub several: bool,
    /// Verbs of a call that stand before the task.
    pub verbs: Vec<String>,
}

impl Runner {
    /// The folder that a file of the runner holds for; none where it is none of its files.
    pub fn folder_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        let fits = |name: &String| {
            let dir = path.strip_suffix(name.as_str())?;
            if dir.is_empty() { Some(dir) } else { dir.strip_suffix('/') }
        };
        self.files.iter().find_map(fits)
    }
}

/// All runners.
pub fn all() -> &'static [Runner] {
    static TABLE: OnceLock<Vec<Runner>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let entries = table::entries::<Form>(table::packed!("runner")).unwrap_or_default();
        entries.into_iter().flat_map(|e| e.data.runners).collect()
    })
}

/// The runner of a name.
pub fn named(name: &str) -> Option<&'static Runner> {
    all().iter().find(|r| r.name == name)
}

/// The runner that a wrapper starts a task of.
pub fn wrapping(wrapper: &str) -> Option<&'static Runner> {
    all().iter().find(|r| r.wrappers.iter().any(|w| w == wrapper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runner_has_a_name_of_its_own_and_files() -> Result<(), serde_json::Error> {
        let entries = table::entries::<Form>(table::packed!("runner"))?;
        let all: Vec<&Runner> = entries.iter().flat_map(|e| &e.data.runners).collect();
        for (i, runner) in all.iter().enumerate() {
            assert!(!runner.name.is_empty() && !runner.files.is_empty(), "{runner:?}");
            assert!(all[..i].iter().all(|other| other.name != runner.name), "{}", runner.name);
        }
        Ok(())
    }
}
