//! Releases that wait for a person after the deploy: the new version of a workload is there, but a canary's open pause or a
//! promotion that is asked for keeps it from being used. The gate belongs to the deploy of that workload.

use super::attribution::Attribution;
use super::occurrence::Hint;
use crate::catalogue::Catalogue;
use crate::model::{Automation, GateDecl, GateKind, Program, Stage, Step};
use crate::source::SourceSet;
use std::collections::BTreeSet;

/// Let the deploys of held workloads wait for their gates, which are added to `gates`. A step that serves others as well is
/// parted, for these do not wait.
pub fn apply(
    program: &Program,
    sources: &SourceSet,
    catalogue: &Catalogue,
    attribution: &Attribution<'_>,
    gates: &mut Vec<GateDecl>,
    steps: &mut Vec<Step>,
) {
    for hold in &program.holds {
        let path = &sources.file(hold.gate.file).path;
        let held = attribution.by_hints(&[Hint::Name(hold.workload.clone())], None);
        let held = if attribution.is_every(&held) { attribution.by_hints(&[Hint::Path(path.clone())], None) } else { held };
        if attribution.is_every(&held) && held.len() > 1 {
            // Which of several services it is, is not known.
            continue;
        }
        let names = catalogue.environments();
        let environment = hold.environment_hints.iter().find_map(|h| names.find_in(h));
        gates.push(GateDecl { kind: GateKind::Approval, span: hold.gate, name: hold.workload.clone(), blocking: true });
        let gate = gates.len() - 1;
        let mut others = Vec::new();
        for step in steps.iter_mut().filter(|s| waits(s, environment.as_deref(), &held)) {
            let rest: BTreeSet<usize> = step.services.difference(&held).copied().collect();
            if !rest.is_empty() {
                others.push(Step { services: rest, ..step.clone() });
                step.services.retain(|s| held.contains(s));
            }
            for way in step.ways.iter_mut().filter(|w| w.automation > Automation::Manual) {
                way.automation = way.automation.min(Automation::PushButton);
                way.gates.insert(gate);
            }
        }
        steps.extend(others);
    }
}

/// Whether a step deploys or releases one of the held services where the hold is.
fn waits(step: &Step, environment: Option<&str>, held: &BTreeSet<usize>) -> bool {
    let there = match (environment, step.environment.as_deref()) {
        (Some(hold), Some(step)) => hold == step,
        _ => true,
    };
    let reached = step.automation() > Automation::Manual;
    reached && there && matches!(step.stage, Stage::Deploy | Stage::Release) && step.services.iter().any(|s| held.contains(s))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Hold, Service};
    use crate::source::{FileId, Span};

    #[test]
    fn a_hold_of_an_unknown_one_of_several_services_holds_none() {
        let mut sources = SourceSet::default();
        sources.add("rollout.yaml", "x\n");
        let mut program = Program::default();
        program.holds.push(Hold { workload: "other".into(), gate: Span::new(FileId(0), 0, 1), environment_hints: Vec::new() });
        let services: Vec<Service> = ["a", "b"].map(|n| Service { name: n.to_owned(), ..Service::default() }).into();
        let attribution = Attribution::new(&program, &sources, Catalogue::embedded(), &services, &[]);
        let (mut gates, mut steps) = (Vec::new(), Vec::new());
        apply(&program, &sources, Catalogue::embedded(), &attribution, &mut gates, &mut steps);
        assert!(gates.is_empty());
    }
}
