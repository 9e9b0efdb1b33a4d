//! Scripts that images start with, and what these call: run time, not delivery, except migrations (model ruling 12).

use super::Reach;
use crate::flow::occurrence::{Hint, Occurrence, way_order};
use crate::model::{Automation, HOLE, Item, Scope, Stage, UnitId, UnitKind};
use crate::source::paths::is_named_by;
use std::collections::{BTreeMap, BTreeSet};

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
        all.extend(self.program.dockerfiles.values().flat_map(|facts| facts.start_units.iter().copied()));
        all.extend(self.program.started.iter().copied());
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
        let program = self.program;
        let own_file = |id: &&UnitId| program.unit(**id).kind == UnitKind::Script;
        let files: BTreeSet<_> = scripts.iter().filter(own_file).map(|id| program.unit(*id).span.file).collect();
        let at_start = |o: &Occurrence| {
            scripts.contains(&o.unit)
                || files.contains(&program.unit(o.unit).span.file)
                || o.way.chain.first().is_some_and(|l| scripts.iter().any(|id| program.unit(*id).span == l.span))
        };
        let mut all = std::mem::take(&mut self.found.occurrences);
        all.retain(|o| o.way.automation != Automation::Manual || o.kind.as_deref() == Some(FOR_A_DEPLOY) || !at_start(o));
        let (of_workloads, all): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|o| o.way.automation == Automation::Manual && program.started.contains(&o.unit));
        let with_workloads = self.with_what_applies(of_workloads, &all);
        self.found.occurrences = with_deploys(all, &at_start);
        self.found.occurrences.extend(with_workloads);
        self.found.called.extend(scripts);
    }
}

impl Reach<'_> {
    /// Migrations of workloads, with each deploy that applies what declares them; none where nothing does.
    fn with_what_applies(&self, of_workloads: Vec<Occurrence>, all: &[Occurrence]) -> Vec<Occurrence> {
        let mut out = Vec::new();
        for o in of_workloads {
            let path = &self.sources.file(o.span.file).path;
            let applies = |hint: &Hint| match hint {
                Hint::Path(at) => {
                    let parts = self.program.bundles.get(at).into_iter().flat_map(|b| &b.parts);
                    is_named_by(path, at) || parts.into_iter().any(|part| is_named_by(path, part))
                }
                _ => false,
            };
            let deploys = all.iter().filter(|d| d.stage == Stage::Deploy && d.way.automation > Automation::Manual);
            out.extend(deploys.filter(|d| d.own_hints.iter().any(applies)).map(|d| alongside(&o, d)));
        }
        out
    }
}

/// What is done at a deploy, reached as the deploy is.
fn alongside(o: &Occurrence, deploy: &Occurrence) -> Occurrence {
    Occurrence {
        environment: deploy.environment.clone(),
        environment_is_own: true,
        flags: deploy.flags.clone(),
        job: deploy.job,
        pipeline: deploy.pipeline,
        job_run: deploy.job_run,
        way: deploy.way.clone(),
        ..o.clone()
    }
}

/// A migration that a container's start runs is reached like what deploys the container, in each of its environments
/// (rulings 12 and 39): manual where only a person deploys, and nothing where nothing deploys.
fn with_deploys(all: Vec<Occurrence>, at_start: &dyn Fn(&Occurrence) -> bool) -> Vec<Occurrence> {
    let of = |stage: Stage| {
        let mut best: BTreeMap<Option<String>, Occurrence> = BTreeMap::new();
        for o in all.iter().filter(|o| o.stage == stage && !o.look_only && o.way.automation > Automation::Manual) {
            let known = best.entry(o.environment.clone()).or_insert_with(|| o.clone());
            if way_order(&o.way) < way_order(&known.way) {
                *known = o.clone();
            }
        }
        best
    };
    let mut deploys = of(Stage::Deploy);
    if deploys.is_empty() {
        deploys = of(Stage::Provision);
    }
    let by_hand = all.iter().any(|o| o.stage == Stage::Deploy);
    let mut out = Vec::new();
    for o in all {
        if o.way.automation > Automation::Manual || !at_start(&o) || (deploys.is_empty() && by_hand) {
            out.push(o);
            continue;
        }
        for (environment, deploy) in &deploys {
            out.push(Occurrence { environment: environment.clone(), ..alongside(&o, deploy) });
        }
    }
    out
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
