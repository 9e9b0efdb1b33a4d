//! Which of two steps runs first in the same run.

use super::scene::Scene;
use crate::model::{Link, LinkKind, Step, Unit, UnitKind, Way};
use crate::source::Span;
use std::collections::BTreeSet;

/// Whether a step runs before another one in some run of both.
pub(super) fn runs_before(scene: &Scene<'_>, first: &Step, second: &Step) -> bool {
    let (Some(one), Some(other)) = (first.span, second.span) else { return false };
    second.ways.iter().any(|b| first.ways.iter().any(|a| before(scene, (a, one), (b, other))))
}

/// The run that a way belongs to: its event, ref and pipeline.
pub(super) fn same_run(a: &Way, b: &Way) -> bool {
    a.event == b.event && a.on == b.on && pipeline(a).is_some() && pipeline(a) == pipeline(b)
}

/// The first pipeline of a way.
pub(super) fn pipeline(way: &Way) -> Option<Span> {
    way.chain.iter().find(|l| l.kind == LinkKind::Pipeline).map(|l| l.span)
}

fn before(scene: &Scene<'_>, (a, a_at): (&Way, Span), (b, b_at): (&Way, Span)) -> bool {
    let (Some(from), Some(to)) = (within(a), within(b)) else { return false };
    if from.first().map(|l| l.span) != to.first().map(|l| l.span) {
        return false;
    }
    let shared = from.iter().zip(to).take_while(|(x, y)| x.span == y.span && x.kind == y.kind).count();
    match (from.get(shared), to.get(shared)) {
        (Some(x), Some(y)) if is_job(x) && is_job(y) => needs(scene, y, x),
        (x, y) => {
            let (x, y) = (x.map_or(a_at, |l| l.span), y.map_or(b_at, |l| l.span));
            x.file == y.file && x.start < y.start
        }
    }
}

/// The links from the pipeline on.
fn within(way: &Way) -> Option<&[Link]> {
    let at = way.chain.iter().position(|l| l.kind == LinkKind::Pipeline)?;
    way.chain.get(at..)
}

fn is_job(link: &Link) -> bool {
    matches!(link.kind, LinkKind::Job | LinkKind::Stage)
}

/// Whether a job waits for another one, by itself or by what it waits for.
fn needs(scene: &Scene<'_>, job: &Link, other: &Link) -> bool {
    let units: Vec<&Unit> = scene
        .program
        .units
        .iter()
        .filter(|u| matches!(u.kind, UnitKind::Job | UnitKind::Stage) && u.span.file == job.span.file)
        .collect();
    let mut todo: Vec<&Unit> = units.iter().copied().filter(|u| u.span == job.span && u.name == job.name).collect();
    let mut seen = BTreeSet::new();
    while let Some(unit) = todo.pop() {
        for need in unit.needs.iter().filter(|n| seen.insert(n.name.clone())) {
            if need.name == other.name {
                return true;
            }
            todo.extend(units.iter().copied().filter(|u| u.name == need.name));
        }
    }
    false
}
