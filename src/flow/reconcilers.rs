//! Objects that make a controller apply a part of a repository: each is a deploy step of its own (rulings 11, 19 and 39).

use super::attribution::Attribution;
use super::occurrence::Hint;
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
    let own: Vec<&Reconciler> = program.reconcilers.iter().collect();
    let mut known = BTreeMap::new();
    let mut out = Vec::new();
    for one in &own {
        let passed = passed(one, &own, &mut known, gates);
        let mut step = step(one, catalogue, attribution, passed, &sources.file(one.span.file).path);
        // What it takes from elsewhere, and no service is called like, is a product of others.
        step.third_party = !reads_here(one, program, sources) && !attribution.knows(&hints(one));
        out.push(step);
    }
    out
}

/// Whether a controller's object reads a part of this repository, as far as its files tell: a folder of it, from an address
/// that ends with its name, or by the name of a source. An object that says neither may.
pub fn reads_here(r: &Reconciler, program: &Program, sources: &SourceSet) -> bool {
    let last = |source: &str| {
        let name =
            source.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or("").trim_end_matches(".git").to_ascii_lowercase();
        (source.contains(['/', ':']) && !name.contains(HOLE)).then_some(name)
    };
    let own = program.repository.to_ascii_lowercase();
    let named = |r: &Reconciler| r.source.as_deref().and_then(last).map(|name| name == own);
    // A checkout's folder may be called otherwise: then no object's address ends with its name.
    let known = program.reconcilers.iter().any(|other| named(other) == Some(true));
    let there =
        r.path.as_deref().map(|path| path.trim_start_matches("./").trim_matches('/')).filter(|p| !p.contains([HOLE, '{']));
    let exists = there.is_none_or(|path| path.is_empty() || path == "." || sources.dirs.contains(path));
    exists && (named(r) != Some(false) || (!known && there.is_some_and(|path| !path.is_empty() && path != ".")))
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

fn step(r: &Reconciler, catalogue: &Catalogue, attribution: &Attribution<'_>, passed: BTreeSet<usize>, path: &str) -> Step {
    let names = catalogue.environments();
    let environment = r.environment_hints.iter().find_map(|h| names.find_in(h)).or_else(|| names.find_in(path));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn an_object_reads_this_repository_by_its_address_and_folder() {
        let mut sources = SourceSet::default();
        sources.add("deploy/prod/app.yaml", "x: y\n");
        let object = |source: Option<&str>, path: Option<&str>| Reconciler {
            kind: ReconcilerKind::ArgoApplication,
            name: "app".into(),
            path: path.map(str::to_owned),
            source: source.map(str::to_owned),
            chart: None,
            revision: None,
            automated: true,
            gate: None,
            merge: None,
            after: Vec::new(),
            waits: false,
            environment_hints: Vec::new(),
            span: Span::new(FileId(0), 0, 1),
        };
        let own = object(Some("https://git.example.com/acme/shop.git"), Some("deploy/prod"));
        let program = |all: Vec<Reconciler>| Program { repository: "shop".into(), reconcilers: all, ..Program::default() };
        let reads = |r: &Reconciler, all: Vec<Reconciler>| reads_here(r, &program(all), &sources);
        assert!(reads(&own, Vec::new()));
        assert!(!reads(&object(Some("https://git.example.com/acme/shop"), Some("deploy/gone")), Vec::new()), "no such folder");
        let other = object(Some("git@git.example.com:acme/monitoring.git"), Some("deploy/prod"));
        assert!(reads(&other, Vec::new()), "the checkout may be called otherwise");
        assert!(!reads(&other, vec![own.clone()]), "this one is called like its address");
        assert!(!reads(&object(Some("https://charts.example.com"), None), Vec::new()), "a registry of charts");
        assert!(reads(&object(Some("flux-system"), Some("deploy")), Vec::new()), "by the name of a source");
    }
}
