//! What no pipeline reaches: interpreted by hand, the callers first.

use super::Reach;
use super::frame::Frame;
use crate::flow::link::join;
use crate::flow::occurrence::{Occurrence, way_order};
use crate::model::{Automation, Link, Stage, UnitId, UnitKind, Way};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, HashSet};

impl Reach<'_> {
    /// Interpret every unit that no pipeline reached, as manual; what a pipeline already reaches is not reported again.
    pub(super) fn manual(&mut self) {
        let automatic: HashSet<Span> = self.found.occurrences.iter().map(|o| o.span).collect();
        let reached = self.found.by_pipeline.clone();
        let starts = self.container_starts();
        let order = [
            UnitKind::Target,
            UnitKind::NpmScript,
            UnitKind::Document,
            UnitKind::Script,
            UnitKind::Action,
            UnitKind::Dockerfile,
            UnitKind::TerraformRoot,
            UnitKind::Function,
        ];
        for kind in order {
            // Units that others call come after their callers, so that a call's values are known first.
            let ids: Vec<UnitId> = self.program.iter().filter(|(_, u)| u.kind == kind).map(|(id, _)| id).collect();
            for id in ids {
                let left = !self.found.called.contains(&id) || self.found.set_up.contains(&id);
                if left && !self.is_fixture(id) {
                    self.by_hand(id, starts.contains(&self.program.unit(id).span));
                }
            }
        }
        let documents = |o: &Occurrence| {
            self.program.unit(o.unit).kind != UnitKind::Document
                || matches!(
                    o.stage,
                    Stage::Publish
                        | Stage::Provision
                        | Stage::Configure
                        | Stage::Deploy
                        | Stage::Release
                        | Stage::Rollback
                        | Stage::Verify
                        | Stage::Operate
                )
        };
        // What a container's start script does is run time, not delivery, except migrations (ruling 12).
        let run_time = |o: &Occurrence| {
            o.kind.as_deref() != Some("migration") && o.way.chain.first().is_some_and(|l| starts.contains(&l.span))
        };
        let kept: Vec<_> = self
            .found
            .occurrences
            .iter()
            .filter(|o| o.way.automation != Automation::Manual || (!automatic.contains(&o.span) && documents(o) && !run_time(o)))
            .cloned()
            .collect();
        let at_start = |o: &Occurrence| o.way.chain.first().is_some_and(|l| starts.contains(&l.span));
        self.found.occurrences = with_deploys(kept, &at_start);
        self.found.by_pipeline = reached;
    }

    /// The scripts that Dockerfiles start their containers with. The path is that of the image: what it ends with is tried
    /// in the Dockerfile's folder and in the root.
    fn container_starts(&self) -> HashSet<Span> {
        let mut out = HashSet::new();
        for (file, facts) in &self.program.dockerfiles {
            out.extend(facts.start_units.iter().map(|id| self.program.unit(*id).span));
            let home = file.rsplit_once('/').map_or("", |(dir, _)| dir);
            for word in &facts.start {
                let path = word.trim_start_matches("./").trim_start_matches('/');
                let ends = std::iter::once(path).chain(path.match_indices('/').map(|(i, _)| &path[i + 1..]));
                let script = ends.filter(|p| !p.is_empty()).find_map(|p| {
                    let at = |dir: &str| join(dir, p).and_then(|p| self.links.at(UnitKind::Script, &p));
                    at(home).or_else(|| at(""))
                });
                out.extend(script.map(|id| self.program.unit(id).span));
            }
        }
        out
    }

    fn is_fixture(&self, id: UnitId) -> bool {
        self.catalogue.words().fixture_path(self.path_of(id))
    }

    fn by_hand(&mut self, id: UnitId, container_start: bool) {
        let program = self.program;
        let unit = program.unit(id);
        let local_name = matches!(unit.kind, UnitKind::Target | UnitKind::NpmScript)
            && self.catalogue.words().local(&unit.name)
            && !self.names_shared_environment(&unit.name);
        if unit.local_only || local_name {
            return;
        }
        let way = Way {
            automation: Automation::Manual,
            event: None,
            on: None,
            uncertain: false,
            gates: BTreeSet::new(),
            chain: vec![Link { kind: unit.kind.link(), name: unit.name.clone(), span: unit.span }],
        };
        let mut frame = Frame::new(id, way);
        frame.home = self.home_of(id).to_owned();
        frame.container_start = container_start;
        frame.dir = match unit.kind {
            UnitKind::Script | UnitKind::Function => None,
            _ => Some(frame.home.clone()),
        };
        frame.entry = self.next_entry();
        frame.job_run = frame.entry;
        frame.in_script = unit.kind != UnitKind::Document;
        if unit.kind == UnitKind::Function {
            // Siblings of the same script may be called from it.
            let script = program.iter().find(|(_, u)| u.kind == UnitKind::Script && u.span.file == unit.span.file);
            if let Some((_, script)) = script {
                frame.functions = std::rc::Rc::new(script.functions.iter().cloned().collect());
            }
        }
        self.found.called.remove(&id);
        self.running.push(id);
        self.enter(unit, &mut frame);
        if unit.kind == UnitKind::Target {
            self.prerequisites(id, &mut frame);
        }
        self.items(&unit.body, &mut frame);
        self.running.pop();
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
            out.push(Occurrence {
                environment: environment.clone(),
                environment_is_own: true,
                flags: deploy.flags.clone(),
                job: deploy.job,
                pipeline: deploy.pipeline,
                job_run: deploy.job_run,
                way: deploy.way.clone(),
                ..o.clone()
            });
        }
    }
    out
}
