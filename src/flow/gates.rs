//! Gates: where a person must act, and which of the start gates are ones (rulings 33 and 40).

use crate::model::{Automation, Event, Gate, GateDecl, GateKind, LinkKind, Program, Stage, Step, UnitKind};
use std::collections::{BTreeMap, BTreeSet};

/// Turn the gates that were passed into the gates of the map, and let the steps' ways point to them.
pub fn settle(found: &[GateDecl], steps: &mut [Step], program: &Program) -> Vec<Gate> {
    let mut gates: Vec<Gate> =
        found.iter().map(|g| Gate { kind: g.kind, span: g.span, name: g.name.clone(), blocking: g.blocking }).collect();
    let automatic = automatic_triggers(found, steps, program);
    // A start gate of a pipeline that also runs by itself stays only for environments that nothing else reaches; it then
    // stands at the job's condition.
    let mut open: BTreeSet<(Option<String>, Stage)> = BTreeSet::new();
    for step in steps.iter().filter(|s| s.automation() == Automation::Automated && !s.look_only && !s.third_party) {
        open.insert((step.environment.clone(), step.stage));
    }
    let mut moved: BTreeMap<(usize, Option<String>), usize> = BTreeMap::new();
    for step in steps.iter_mut() {
        let environment = step.environment.clone();
        let delivers = matches!(
            step.stage,
            Stage::Publish | Stage::Provision | Stage::Configure | Stage::Deploy | Stage::Release | Stage::Rollback
        );
        let reached_otherwise = open.contains(&(environment.clone(), step.stage));
        for way in &mut step.ways {
            let starts: Vec<usize> = way.gates.iter().copied().filter(|g| automatic.contains(g)).collect();
            for gate in starts {
                way.gates.remove(&gate);
                if reached_otherwise || !delivers {
                    continue;
                }
                let place = way.asked.unwrap_or(gates[gate].span);
                let at = *moved.entry((gate, environment.clone())).or_insert_with(|| {
                    let name = gates[gate].name.clone();
                    let known = gates.iter().position(|g| g.span == place && g.kind == GateKind::Start && g.name == name);
                    known.unwrap_or_else(|| {
                        gates.push(Gate { kind: GateKind::Start, span: place, name, blocking: true });
                        gates.len() - 1
                    })
                });
                way.gates.insert(at);
            }
        }
    }
    keep_used(&gates, steps)
}

/// Start gates of pipelines that an automatic event starts as well, or that another one calls automatically.
fn automatic_triggers(found: &[GateDecl], steps: &[Step], program: &Program) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    for (i, gate) in found.iter().enumerate().filter(|(_, g)| g.kind == GateKind::Start) {
        let Some((_, unit)) =
            program.iter().find(|(_, u)| u.kind == UnitKind::Pipeline && u.starts.iter().any(|s| s.span == gate.span))
        else {
            continue;
        };
        let by_event = unit.starts.iter().any(|s| s.event != Event::Manual);
        let by_call = steps.iter().flat_map(|s| &s.ways).any(|w| {
            w.automation == Automation::Automated && w.chain.iter().any(|l| l.kind == LinkKind::Pipeline && l.span == unit.span)
        });
        if by_event || by_call {
            out.insert(i);
        }
    }
    out
}

/// Only gates that some step waits for, in order of place.
fn keep_used(gates: &[Gate], steps: &mut [Step]) -> Vec<Gate> {
    let used: BTreeSet<usize> = steps.iter().filter_map(|s| s.ways.first()).flat_map(|w| w.gates.iter().copied()).collect();
    let mut order: Vec<usize> = used.into_iter().collect();
    order.sort_by_key(|i| gates[*i].span);
    let new: BTreeMap<usize, usize> = order.iter().enumerate().map(|(n, o)| (*o, n)).collect();
    for way in steps.iter_mut().flat_map(|s| &mut s.ways) {
        way.gates = way.gates.iter().filter_map(|g| new.get(g).copied()).collect();
    }
    order.into_iter().map(|i| gates[i].clone()).collect()
}
