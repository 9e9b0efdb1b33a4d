//! Whether what runs is compared with the files again and again: by a controller, or by a plan on a timer.

use super::Answer;
use super::declared::{self, Evidence, Found, is_delivered};
use super::scene::Scene;
use crate::catalogue::table;
use crate::model::{Automation, Event, OrphanKind, ReconcilerKind, Stage, Step, glob};
use serde::Deserialize;
use std::sync::OnceLock;

/// What is evidence.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    /// Rows of steps that compare, where a timer starts them.
    plans: Vec<String>,
    evidence: Evidence,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| table::single(table::packed!("drift-reconcile")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let mut found = declared::found(scene, &table().evidence);
    let reconcilers: Vec<_> =
        scene.program.reconcilers.iter().filter(|r| is_delivered(&scene.sources.file(r.span.file).path)).collect();
    let note = |says: &'static str, span| Found { says, name: String::new(), span };
    let flux = reconcilers.iter().filter(|r| r.kind == ReconcilerKind::FluxKustomization && r.automated);
    found.extend(flux.map(|r| note("Flux applies the files again at every interval", r.span)));
    found.extend(on_a_timer(scene).filter_map(|s| s.span).map(|span| note("a timer compares the files with what runs", span)));
    if !found.is_empty() {
        return Answer::present(declared::said(&found), declared::places(&found));
    }
    let gates: Vec<_> = reconcilers.iter().map(|r| r.gate.unwrap_or(r.span)).take(20).collect();
    let by_itself = reconcilers.iter().any(|r| r.automated);
    match (gates.is_empty(), by_itself) {
        (false, true) => Answer::absent("a controller applies new commits, but does not heal what was changed by hand", gates),
        (false, false) => Answer::absent("a controller watches, but a person must tell it to apply", gates),
        (true, _) if nothing_to_hold(scene) => Answer::not_applicable("no infrastructure and no manifests are kept here"),
        (true, _) => Answer::absent("no controller and no timer compares the files with what runs", Vec::new()),
    }
}

/// Steps that compare and that a timer starts by itself.
fn on_a_timer<'s>(scene: &Scene<'s>) -> impl Iterator<Item = &'s Step> {
    let timed = |s: &Step| s.ways.iter().any(|w| w.event == Some(Event::Schedule) && w.automation == Automation::Automated);
    let compares = |s: &Step| table().plans.iter().any(|row| glob(row, &s.row));
    let stage = |s: &Step| matches!(s.stage, Stage::Provision | Stage::Configure | Stage::Check | Stage::Deploy);
    scene.in_pipelines().filter(move |s| stage(s) && compares(s) && timed(s))
}

/// Whether nothing is kept here that could differ from what runs.
fn nothing_to_hold(scene: &Scene<'_>) -> bool {
    let kept = |k: OrphanKind| !matches!(k, OrphanKind::Script | OrphanKind::MakeFragment);
    let whole = scene.program.applicables.iter().any(|a| kept(a.kind) && a.shared && is_delivered(&a.path));
    !whole
        && scene.program.templates.is_empty()
        && scene.program.roots.is_empty()
        && scene.steps(Stage::Provision).next().is_none()
}
