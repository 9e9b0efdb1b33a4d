//! Objects that make a controller apply a part of a repository: each is a deploy step of its own (rulings 11, 19 and 39).

use super::attribution::Attribution;
use super::occurrence::Hint;
use crate::catalogue::Catalogue;
use crate::model::{
    Automation, Confidence, Event, GateDecl, GateKind, Link, LinkKind, Means, Program, Reconciler, ReconcilerKind, RefKind,
    Stage, Step, Way,
};
use crate::source::SourceSet;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The steps of all reconcilers; one that a person must sync adds its gate to `gates`.
pub fn steps(
    program: &Program,
    sources: &SourceSet,
    catalogue: &Catalogue,
    attribution: &Attribution<'_>,
    gates: &mut Vec<GateDecl>,
) -> Vec<Step> {
    program
        .reconcilers
        .iter()
        .filter(|r| !catalogue.words().fixture_path(&sources.file(r.span.file).path))
        .map(|r| step(r, catalogue, attribution, gates, &sources.file(r.span.file).path))
        .collect()
}

fn step(r: &Reconciler, catalogue: &Catalogue, attribution: &Attribution<'_>, gates: &mut Vec<GateDecl>, path: &str) -> Step {
    let names = catalogue.environments();
    let environment = r.environment_hints.iter().find_map(|h| names.find_in(h)).or_else(|| names.find_in(path));
    let mut passed = BTreeSet::new();
    if !r.automated {
        let span = r.gate.unwrap_or(r.span);
        gates.push(GateDecl { kind: GateKind::Sync, span, name: r.name.clone(), blocking: true });
        passed.insert(gates.len() - 1);
    }
    let mut hints = vec![Hint::Name(r.name.clone())];
    hints.extend(r.path.clone().map(Hint::Path));
    let kind = match r.kind {
        ReconcilerKind::ArgoApplication | ReconcilerKind::ArgoApplicationSet => "argocd",
        _ => "flux",
    };
    let text = format!("{kind} {}", r.name);
    Step {
        span: Some(r.span),
        stage: Stage::Deploy,
        kind: Some(kind.to_owned()),
        also: if r.waits { vec![Stage::Verify] } else { Vec::new() },
        means: Some(Means::BuiltIn),
        environment,
        services: attribution.by_hints(&hints, None),
        blocking: true,
        confidence: Confidence::Certain,
        flags: BTreeSet::new(),
        distinct: text.clone(),
        text,
        row: kind.to_owned(),
        unit: None,
        look_only: false,
        no_workload: false,
        ways: vec![Way {
            automation: if r.automated { Automation::Automated } else { Automation::PushButton },
            event: Some(Event::Reconcile),
            on: Some(RefKind::Trunk),
            uncertain: false,
            asked: None,
            gates: passed,
            chain: Rc::new(vec![Link { kind: LinkKind::Event, name: Event::Reconcile.to_string(), span: r.span }]),
        }],
        why_missing: None,
    }
}
