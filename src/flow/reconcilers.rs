//! Objects that make a controller apply a part of a repository: each is a deploy step of its own (rulings 11, 19 and 39).

use super::attribution::Attribution;
use super::occurrence::Hint;
use super::watches::{self, environment_of, reads_here};
use crate::catalogue::Catalogue;
use crate::model::{
    Automation, Confidence, Event, GateDecl, GateKind, HOLE, Link, LinkKind, Means, Program, Reconciler, ReconcilerKind, RefKind,
    Stage, Step, Way,
};
use crate::source::{SourceSet, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The steps of all reconcilers; one that a person must sync adds its gate to `gates`.
pub fn steps(
    program: &Program,
    sources: &SourceSet,
    catalogue: &Catalogue,
    attribution: &Attribution<'_>,
    gates: &mut Vec<GateDecl>,
) -> Vec<Step> {
    // Those of test fixtures are not read at all.
    let own = watches::objects(program, sources);
    let mut known = BTreeMap::new();
    let mut out = Vec::new();
    for one in &own {
        let passed = passed(one, &own, &mut known, gates);
        let environment = environment_of(one, sources, catalogue.environments());
        let mut step = step(one, attribution, passed, environment);
        // What it takes from elsewhere, and no service is called like, is a product of others.
        step.third_party = !reads_here(one, program, sources) && !attribution.knows(&hints(one));
        out.push(step);
    }
    out
}

/// The gates of a reconciler, and those of the ones whose work comes before its own.
fn passed(
    one: &Reconciler,
    all: &[&Reconciler],
    known: &mut BTreeMap<(Span, GateKind), usize>,
    gates: &mut Vec<GateDecl>,
) -> BTreeSet<usize> {
    let mut open = vec![one];
    let mut seen = BTreeSet::from([one.span]);
    let mut out = BTreeSet::new();
    while let Some(r) = open.pop() {
        let by_hand = (!r.automated).then(|| (r.gate.unwrap_or(r.span), GateKind::Sync));
        for (span, kind) in by_hand.into_iter().chain(r.merge.map(|span| (span, GateKind::Merge))) {
            out.insert(*known.entry((span, kind)).or_insert_with(|| {
                // A commit that it takes in may have passed it already.
                if let Some(at) = gates.iter().position(|g| g.span == span && g.kind == kind) {
                    return at;
                }
                gates.push(GateDecl { kind, span, name: r.name.clone(), blocking: true });
                gates.len() - 1
            }));
        }
        let before = all.iter().filter(|b| b.kind == ReconcilerKind::KargoStage && r.after.contains(&b.name));
        open.extend(before.filter(|b| seen.insert(b.span)).copied());
    }
    out
}

fn hints(r: &Reconciler) -> Vec<Hint> {
    let name = Hint::Name(r.name.clone());
    std::iter::once(name).chain(r.path.clone().map(Hint::Path)).collect()
}

fn step(r: &Reconciler, attribution: &Attribution<'_>, passed: BTreeSet<usize>, environment: Option<String>) -> Step {
    let kind = match r.kind {
        ReconcilerKind::ArgoApplication | ReconcilerKind::ArgoApplicationSet => "argocd",
        ReconcilerKind::KargoStage => "kargo",
        ReconcilerKind::FlaggerCanary => "flagger",
        _ => "flux",
    };
    let releases = r.kind == ReconcilerKind::FlaggerCanary;
    let text = format!("{kind} {}", r.name.replace(HOLE, "…"));
    Step {
        span: Some(r.span),
        stage: if releases { Stage::Release } else { Stage::Deploy },
        kind: Some(kind.to_owned()),
        also: if r.waits || releases { vec![Stage::Verify] } else { Vec::new() },
        means: Some(Means::BuiltIn),
        environment,
        services: attribution.by_hints(&hints(r), None),
        blocking: true,
        confidence: Confidence::Certain,
        flags: BTreeSet::new(),
        distinct: text.clone(),
        text,
        row: kind.to_owned(),
        unit: None,
        look_only: false,
        no_workload: false,
        third_party: false,
        ways: vec![Way {
            automation: if passed.is_empty() { Automation::Automated } else { Automation::PushButton },
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
