//! Pipelines by their starts, and those that wait for others.

use super::frame::Frame;
use super::{MAX_DEPTH, Reach};
use crate::model::{Automation, Event, GateDecl, GateKind, Link, LinkKind, RefKind, Scope, Start, UnitId, UnitKind, Value, Way};
use std::collections::BTreeSet;
use std::rc::Rc;

/// A pipeline that is to be run: by one of its starts, or by a command that starts it.
#[derive(Clone, Debug)]
pub struct Started {
    pub pipeline: UnitId,
    pub start: usize,
    pub way: Way,
    pub extra: Vec<(String, Value)>,
    pub depth: usize,
    /// The pipeline that it waited for has deployed.
    pub deployed: bool,
}

/// What tells the runs apart that commands start: pipeline, start, level, ref and values.
pub type Commanded = (UnitId, usize, Automation, Option<RefKind>, Vec<(String, Value)>);

/// How a whole run ended, for pipelines that wait for it.
struct Outcome {
    way: Way,
    facts: Rc<Scope>,
    deployed: bool,
}

impl Reach<'_> {
    /// Run every pipeline by each of its starts, then those that wait for others, to a fixed point.
    pub(super) fn pipelines(&mut self) {
        let ids: Vec<UnitId> = self.program.iter().filter(|(_, u)| u.kind == UnitKind::Pipeline).map(|(id, _)| id).collect();
        let mut queue: Vec<Started> = Vec::new();
        for id in ids {
            for (index, start) in self.program.unit(id).starts.iter().enumerate() {
                if start.after.is_empty() {
                    let way = self.start_way(id, start);
                    queue.push(Started { pipeline: id, start: index, way, extra: Vec::new(), depth: 0, deployed: false });
                }
            }
        }
        let mut done: BTreeSet<(UnitId, usize, Automation, Option<Event>, bool)> = BTreeSet::new();
        let mut at = 0;
        while at < queue.len() {
            let started = queue[at].clone();
            at += 1;
            let outcome = self.run(&started);
            for next in std::mem::take(&mut self.pending) {
                // A pipeline that commands start is run once for each set of values and level.
                if self.commanded.insert((next.pipeline, next.start, next.way.automation, next.way.on, next.extra.clone())) {
                    queue.push(next);
                }
            }
            if started.depth < MAX_DEPTH {
                for next in self.waiting_for(&started, &outcome) {
                    let event = next.extra.iter().find(|(k, _)| k.ends_with(".event")).map(|(_, v)| v.shown());
                    let carried = Event::parse(event.as_deref().unwrap_or("")).or(outcome.way.event);
                    if done.insert((next.pipeline, next.start, next.way.automation, carried, next.way.uncertain)) {
                        queue.push(next);
                    }
                }
            }
        }
    }

    fn start_way(&mut self, pipeline: UnitId, start: &Start) -> Way {
        let unit = self.program.unit(pipeline);
        let by_person = start.event == Event::Manual;
        let begins = if start.promotes { Event::Push } else { start.event };
        let mut gates = BTreeSet::new();
        if by_person {
            let gate = GateDecl { kind: GateKind::Start, span: start.span, name: unit.name.clone(), blocking: true };
            gates.insert(self.gate(&gate));
        }
        Way {
            automation: if by_person { Automation::PushButton } else { Automation::Automated },
            event: Some(start.event),
            on: Some(start.on),
            uncertain: false,
            asked: None,
            gates,
            chain: Rc::new(vec![Link { kind: LinkKind::Event, name: begins.to_string(), span: start.span }]),
        }
    }

    /// Pipelines that start when this one has ended.
    fn waiting_for(&self, started: &Started, outcome: &Outcome) -> Vec<Started> {
        let ended = self.program.unit(started.pipeline);
        let path = self.path_of(started.pipeline).to_owned();
        let mut out = Vec::new();
        for (id, unit) in self.program.iter().filter(|(_, u)| u.kind == UnitKind::Pipeline) {
            for (index, start) in unit.starts.iter().enumerate() {
                if !start.after.iter().any(|name| *name == ended.name || *name == path) {
                    continue;
                }
                let extra = start.carry.iter().map(|(theirs, ours)| (ours.clone(), outcome.facts.get(theirs))).collect();
                let mut way = outcome.way.clone();
                way.event = Some(Event::Upstream);
                way.on = if outcome.way.on == Some(RefKind::Change) { Some(RefKind::Change) } else { Some(start.on) };
                let chain = Rc::make_mut(&mut way.chain);
                chain.truncate(2);
                chain.push(Link { kind: LinkKind::Event, name: Event::Upstream.to_string(), span: start.span });
                let (depth, deployed) = (started.depth + 1, outcome.deployed);
                out.push(Started { pipeline: id, start: index, way, extra, depth, deployed });
            }
        }
        out
    }

    fn run(&mut self, started: &Started) -> Outcome {
        let unit = self.program.unit(started.pipeline);
        let mut scope = Scope::default();
        for name in self.catalogue.words().repository_names() {
            scope.set(name.clone(), Value::text(self.repository));
        }
        if let Some(start) = unit.starts.get(started.start) {
            for (name, value) in &start.facts {
                scope.set(name.clone(), value.clone());
            }
        }
        for (name, value) in &started.extra {
            scope.set(name.clone(), value.clone());
        }
        let mut frame = Frame::new(started.pipeline, started.way.clone());
        frame.facts = Rc::new(scope.clone());
        frame.scope = scope;
        frame.pipeline = Some(started.pipeline);
        frame.depth = started.depth;
        frame.deployed = started.deployed;
        frame.assumed = unit.starts.get(started.start).is_some_and(|s| s.assumed);
        let facts = Rc::clone(&frame.facts);
        let (way, _, deployed) = self.pipeline(started.pipeline, frame);
        Outcome { way, facts, deployed }
    }
}
