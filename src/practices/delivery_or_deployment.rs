//! Whether a change gets to production by itself (continuous deployment) or past exactly one act of a person (continuous delivery).

use super::Answer;
use super::delivering::{count, few, unread};
use super::scene::{Scene, runs_on_trunk};
use crate::model::{Blocker, ServiceKind, ServicePath, Stage, Step, Verdict};
use crate::source::Span;
use std::collections::BTreeMap;

/// How a service gets to production, in the order of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Nobody acts.
    Deployment,
    /// One person acts, once.
    Delivery,
    /// More than one act.
    Acts,
    /// Nothing is ready before a person starts all of it.
    Started,
    /// No pipeline goes there.
    Hand,
    /// Nothing goes there.
    Nothing,
    /// The files do not say.
    Unknown,
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let deployed = |i: &usize| scene.map.services[*i].kind == Some(ServiceKind::Deployed);
    let services: Vec<usize> = (0..scene.map.services.len().min(scene.map.paths.len())).filter(deployed).collect();
    if services.is_empty() {
        return Answer::not_applicable("no service of the repository is deployed");
    }
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut places: Vec<(Kind, Span)> = Vec::new();
    for i in &services {
        let path = &scene.map.paths[*i];
        let kind = kind_of(scene, *i, path);
        *kinds.entry(kind).or_default() += 1;
        places.extend(evidence(scene, path).into_iter().map(|span| (kind, span)));
    }
    let said: Vec<String> = kinds.iter().map(|(kind, n)| format!("{}: {}", count(*n, "service"), words(*kind))).collect();
    let why = said.join("; ");
    let of = |wanted: &[Kind]| few(places.iter().filter(|(kind, _)| wanted.contains(kind)).map(|(_, span)| *span));
    let missed = [Kind::Acts, Kind::Started, Kind::Hand, Kind::Nothing];
    if missed.iter().any(|kind| kinds.contains_key(kind)) {
        return Answer::absent(why, of(&missed));
    }
    if kinds.contains_key(&Kind::Unknown) {
        return Answer::unknown(why, few(of(&[Kind::Unknown]).into_iter().chain(unread(scene))));
    }
    Answer::present(why, few(places.into_iter().map(|(_, span)| span)))
}

fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Deployment => "continuous deployment, nobody acts before production",
        Kind::Delivery => "continuous delivery, one person acts once before production",
        Kind::Acts => "more than one act of persons before production",
        Kind::Started => "a person starts all of the way, trunk prepares nothing",
        Kind::Hand => "only a person's commands reach production",
        Kind::Nothing => "nothing that was found reaches production",
        Kind::Unknown => "not known, the way to production leaves what was read",
    }
}

fn kind_of(scene: &Scene<'_>, service: usize, path: &ServicePath) -> Kind {
    let gates = decided(scene, path).and_then(|s| s.ways.first()).map_or(0, |w| w.gates.len());
    match path.verdict {
        Verdict::EveryCommit | Verdict::OnSchedule => Kind::Deployment,
        // The tag or the button is the one act where trunk itself is already packaged or deployed by then.
        Verdict::OnTag | Verdict::ByButton if !ready(scene, service) => Kind::Started,
        Verdict::OnTag if gates == 0 => Kind::Delivery,
        Verdict::AfterApproval | Verdict::ByButton if gates <= 1 => Kind::Delivery,
        Verdict::AfterApproval | Verdict::OnTag | Verdict::ByButton => Kind::Acts,
        Verdict::ByHand => Kind::Hand,
        Verdict::Elsewhere | Verdict::Unknown => Kind::Unknown,
        Verdict::None if !unread(scene).is_empty() => Kind::Unknown,
        Verdict::None => Kind::Nothing,
    }
}

fn decided<'s>(scene: &Scene<'s>, path: &ServicePath) -> Option<&'s Step> {
    scene.map.steps.get(path.decided_by?)
}

/// Whether a push to trunk builds, publishes or deploys the service.
fn ready(scene: &Scene<'_>, service: usize) -> bool {
    let prepares = |s: &&Step| [Stage::Build, Stage::Package, Stage::Publish, Stage::Deploy].iter().any(|stage| s.fills(*stage));
    let own = |s: &&Step| s.services.contains(&service) && s.span.is_some();
    scene.map.steps.iter().filter(own).filter(prepares).any(|s| s.ways.iter().any(runs_on_trunk))
}

/// The gates before production, then the step that decides.
fn evidence(scene: &Scene<'_>, path: &ServicePath) -> Vec<Span> {
    let step = decided(scene, path);
    let gates = step.and_then(|s| s.ways.first()).into_iter().flat_map(|w| &w.gates);
    let mut out: Vec<Span> = gates.filter_map(|g| scene.map.gates.get(*g)).map(|g| g.span).collect();
    out.extend(step.and_then(|s| s.span));
    if out.is_empty() {
        out.extend(path.blockers.iter().filter_map(|blocker| match blocker {
            Blocker::Gate { gate, .. } => scene.map.gates.get(*gate).map(|g| g.span),
            Blocker::Manual { step, .. } | Blocker::Missing { step, .. } => scene.map.steps.get(*step).and_then(|s| s.span),
        }));
    }
    out
}
