//! Scripts that images start with, and what these call: run time, not delivery, except migrations (model ruling 12).

use super::Reach;
use crate::model::{HOLE, Item, Scope, UnitId};
use std::collections::BTreeSet;

/// Kinds of steps that a container's start may do for a deploy.
const FOR_A_DEPLOY: &str = "migration";

impl Reach<'_> {
    /// The scripts that images start with, directly or through each other, and that no pipeline calls.
    pub(super) fn run_time(&self) -> BTreeSet<UnitId> {
        let mut left: Vec<UnitId> = Vec::new();
        for (path, facts) in &self.program.dockerfiles {
            let dir = path.rsplit_once('/').map_or("", |(d, _)| d);
            left.extend(facts.start.iter().filter_map(|word| self.started(word.trim_matches(['[', ']', '"', '\'', ',']), dir)));
        }
        let mut all = BTreeSet::new();
        while let Some(id) = left.pop() {
            if self.found.called.contains(&id) || !all.insert(id) {
                continue;
            }
            let unit = self.program.unit(id);
            let mut words = Vec::new();
            words_of(&unit.body, &mut words);
            for (_, function) in &unit.functions {
                words_of(&self.program.unit(*function).body, &mut words);
            }
            left.extend(words.iter().filter_map(|word| self.started(word, self.home_of(id))));
        }
        all
    }

    /// The script that a word inside an image names: its path there is another, its name is not.
    fn started(&self, word: &str, dir: &str) -> Option<UnitId> {
        if !word.contains('.') && !word.contains('/') {
            return None;
        }
        let tail = word.rsplit(HOLE).next().unwrap_or(word);
        self.links.script(tail, Some(dir), dir).or_else(|| self.links.script_called(tail.rsplit('/').next()?, dir))
    }

    /// Drop what is done when a container starts, and count these scripts as run.
    pub(super) fn without_run_time(&mut self, scripts: &BTreeSet<UnitId>) {
        let files: BTreeSet<_> = scripts.iter().map(|id| self.program.unit(*id).span.file).collect();
        let program = self.program;
        self.found.occurrences.retain(|o| {
            o.way.automation != crate::model::Automation::Manual
                || o.kind.as_deref() == Some(FOR_A_DEPLOY)
                || !files.contains(&program.unit(o.unit).span.file)
        });
        self.found.called.extend(scripts);
    }
}

/// The words of the commands, and the files that are read in.
fn words_of(items: &[Item], out: &mut Vec<String>) {
    let nothing = Scope::default();
    for item in items {
        match item {
            Item::Command(command) => out.extend(command.words.iter().take(3).map(|w| w.eval(&nothing).shown())),
            Item::Source { path, .. } => out.push(path.eval(&nothing).shown()),
            Item::Block(block) => words_of(&block.items, out),
            _ => {}
        }
    }
}
