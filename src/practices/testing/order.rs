//! Which steps stand before which, in the same run.

use crate::model::{Event, Link, LinkKind, Program, Step, Unit, UnitKind, Way};
use crate::practices::scene::Scene;
use crate::source::Span;
use std::collections::BTreeSet;

/// Whether a step comes before another one on a way of the other's: in the same run, or in the run that starts it.
pub(in crate::practices) fn stands_before(scene: &Scene<'_>, first: &Step, second: &Step, way: &Way) -> bool {
    let begins = |w: &Way| w.chain.first().map(|l| l.name.clone());
    let upstream = |w: &Way| w.event == Some(Event::Upstream);
    let same_ref = |w: &Way| w.on == way.on || w.on.is_none() || way.on.is_none() || upstream(way);
    let same_run = |w: &&Way| begins(w) == begins(way) && same_ref(w);
    first.ways.iter().filter(same_run).any(|w| comes_before(scene.program, w, first.span, way, second.span))
}

fn comes_before(program: &Program, first: &Way, first_at: Option<Span>, second: &Way, second_at: Option<Span>) -> bool {
    let (a, b) = (work(&first.chain), work(&second.chain));
    let common = a.iter().zip(&b).take_while(|(x, y)| (x.kind, x.span) == (y.kind, y.span)).count();
    let (x, y) = (a.get(common), b.get(common));
    match (x, y) {
        // The one pipeline starts the other when it has ended.
        (Some(x), Some(y)) if is_job(x) && y.kind == LinkKind::Pipeline => true,
        (Some(x), Some(_)) if common == 0 && x.kind == LinkKind::Pipeline => {
            b.iter().any(|link| (link.kind, link.span) == (x.kind, x.span))
        }
        (Some(x), Some(y)) if is_job(x) && is_job(y) => {
            let Some(pipeline) = a[..common].iter().rev().find_map(|l| unit_of(program, l)) else { return false };
            needs(program, pipeline, x, y)
        }
        // A called pipeline ends where the call does: the rest of the calling one comes after it.
        (None, Some(y)) => first_at.is_some_and(|at| earlier(at, y.span)),
        (Some(x), None) => second_at.is_some_and(|at| earlier(x.span, at)) || starts_later(&b, &a),
        (Some(x), Some(y)) => earlier(x.span, y.span),
        (None, None) => first_at.zip(second_at).is_some_and(|(x, y)| earlier(x, y)),
    }
}

/// The links of a chain without its events.
fn work(chain: &[Link]) -> Vec<&Link> {
    chain.iter().filter(|l| l.kind != LinkKind::Event).collect()
}

fn is_job(link: &Link) -> bool {
    matches!(link.kind, LinkKind::Job | LinkKind::Stage)
}

/// A chain that only goes on where the other one has ended.
fn starts_later(second: &[&Link], first: &[&Link]) -> bool {
    second.len() > first.len() && second.iter().zip(first).all(|(x, y)| x.span == y.span)
}

fn earlier(first: Span, second: Span) -> bool {
    first.file == second.file && first.start < second.start
}

fn unit_of<'p>(program: &'p Program, link: &Link) -> Option<&'p Unit> {
    let holds_jobs = |u: &&Unit| matches!(u.kind, UnitKind::Pipeline | UnitKind::Stage) && !u.jobs.is_empty();
    program.units.iter().filter(holds_jobs).find(|u| u.span == link.span && u.kind.link() == link.kind)
}

/// Whether a job of a pipeline must come after another one.
fn needs(program: &Program, pipeline: &Unit, first: &Link, second: &Link) -> bool {
    let jobs: Vec<&Unit> = pipeline.jobs.iter().map(|id| program.unit(*id)).collect();
    let find = |link: &Link| jobs.iter().find(|u| u.span == link.span && u.name == link.name);
    let (Some(first), Some(second)) = (find(first), find(second)) else { return false };
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&Unit> = vec![second];
    while let Some(unit) = open.pop() {
        for need in &unit.needs {
            if need.name == first.name {
                return true;
            }
            if seen.insert(&need.name) {
                open.extend(jobs.iter().filter(|u| u.name == need.name).copied());
            }
        }
    }
    false
}
