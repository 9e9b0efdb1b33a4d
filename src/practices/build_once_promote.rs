//! Whether the same artifact goes through the environments: a rebuild for one of them is another artifact.

use super::Answer;
use super::order::{pipeline, same_run};
use super::scene::Scene;
use super::texts::once;
use crate::model::{Automation, Cell, Event, RefKind, Stage, Step, Tier, Way};
use crate::source::Span;
use std::collections::BTreeMap;

/// What is known of one service.
#[derive(Default)]
struct Found {
    /// Deploys to the last environment of what was built for an earlier one.
    promoted: Vec<Span>,
    /// Builds for the last environment of what was built for another.
    rebuilt: Vec<Span>,
    /// Deploys of what is built in no pipeline that was read.
    unseen: Vec<Span>,
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let mut found = Found::default();
    let mut several = false;
    for service in 0..scene.map.services.len() {
        let deploys = by_environment(scene, service);
        if deploys.len() > 1 {
            several = true;
            judge(scene, service, &deploys, &mut found);
        }
    }
    if !several {
        return Answer::not_applicable("fewer than two environments");
    }
    if !found.rebuilt.is_empty() {
        return Answer::absent("what goes to a further environment is built anew", once(found.rebuilt));
    }
    if !found.promoted.is_empty() {
        return Answer::present("what is deployed to a further environment was built once, before", once(found.promoted));
    }
    if found.unseen.is_empty() {
        return Answer::not_applicable("nothing is built for the environments");
    }
    Answer::unknown("what is deployed is built in no pipeline of this repository", once(found.unseen))
}

/// The deploys of a service by environment, in the order of promotion; previews, and what only a person does by hand, are left out.
fn by_environment<'s>(scene: &Scene<'s>, service: usize) -> Vec<(&'s str, Vec<&'s Step>)> {
    let mut all: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
    let path = scene.map.paths.get(service);
    let cell = path.and_then(|p| p.cells.iter().find(|c| c.cell == Cell::Deploy)).map_or(&[][..], |c| &c.steps);
    let steps = cell.iter().filter_map(|at| scene.map.steps.get(*at));
    for step in steps.filter(|s| s.span.is_some() && !s.third_party && s.automation() > Automation::Manual) {
        if let Some(environment) = step.environment.as_deref().filter(|e| scene.tier(e) != Tier::Preview) {
            all.entry(environment).or_default().push(step);
        }
    }
    let order = |name: &str| scene.map.environments.iter().position(|e| e.name == name);
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(name, _)| order(name));
    all
}

/// Whether what goes to the last environment, production where there is one, has been through an earlier one.
fn judge(scene: &Scene<'_>, service: usize, deploys: &[(&str, Vec<&Step>)], found: &mut Found) {
    let builds = builds(scene, service);
    let production = deploys.iter().rposition(|(name, _)| scene.tier(name) == Tier::Production);
    let Some((environment, steps)) = deploys.get(production.unwrap_or(deploys.len() - 1)) else { return };
    let earlier: Vec<&Step> =
        deploys.iter().filter(|(e, _)| e != environment).flat_map(|(_, steps)| steps.iter().copied()).collect();
    for step in steps {
        if let Some(way) = step.ways.first() {
            one(&builds, &earlier, (step, way, environment), found);
        }
    }
}

fn one(builds: &[&Step], earlier: &[&Step], (step, way, environment): (&Step, &Way, &str), found: &mut Found) {
    let itself = |s: &Step| s.stage == Stage::Deploy && (s.fills(Stage::Package) || s.fills(Stage::Build));
    if itself(step) && earlier.iter().any(|e| itself(e)) {
        found.rebuilt.extend(step.span);
        return;
    }
    let own = |build: &&&Step| build.environment.as_deref() == Some(environment);
    let others = |build: &&&Step| build.environment.as_deref().is_some_and(|e| e != environment);
    if pipeline(way).is_none() {
        // A controller applies what the files name: it is built once unless each environment has a build of its own.
        match (builds.is_empty(), builds.iter().find(own), builds.iter().any(|b| others(&b))) {
            (true, ..) => found.unseen.extend(step.span),
            (false, Some(build), true) => found.rebuilt.extend(build.span),
            _ => found.promoted.extend(step.span),
        }
        return;
    }
    let in_run: Vec<&Step> = builds.iter().copied().filter(|b| b.ways.iter().any(|w| same_run(w, way))).collect();
    let serving: Vec<&Step> =
        in_run.iter().copied().filter(|b| b.environment.as_deref().is_none_or(|e| e == environment)).collect();
    let Some(build) = serving.first() else {
        if builds.is_empty() { &mut found.unseen } else { &mut found.promoted }.extend(step.span);
        return;
    };
    let shares = earlier.iter().find(|e| e.ways.iter().any(|w| same_run(w, way)));
    // One job that a person starts for one environment at a time is another run for each.
    let chosen = |e: &&&Step| e.span == step.span && way.event == Some(Event::Manual);
    match shares {
        Some(e) if !chosen(&e) => {
            let for_it = in_run.iter().find(|b| own(b));
            let for_others = in_run.iter().any(|b| others(&b));
            match for_it.filter(|_| for_others) {
                Some(build) => found.rebuilt.extend(build.span),
                None => found.promoted.extend(step.span),
            }
        }
        // Where no earlier environment has a build, the first build is this one.
        _ if has_build(builds, earlier) => found.rebuilt.extend(build.span),
        _ => {}
    }
}

/// Whether something is built in the runs that deploy to the environments before.
fn has_build(builds: &[&Step], earlier: &[&Step]) -> bool {
    let ways = || earlier.iter().flat_map(|e| &e.ways);
    builds.iter().any(|b| b.ways.iter().any(|w| ways().any(|other| same_run(w, other))))
}

/// The steps that make what a service ships: those that package it, else those that build it.
fn builds<'s>(scene: &Scene<'s>, service: usize) -> Vec<&'s Step> {
    let of = |stage: Stage| -> Vec<&'s Step> {
        let makes = |s: &&Step| s.services.contains(&service) && s.automation() > Automation::Manual && !s.third_party;
        // What a pipeline keeps of its own run, hands on as a file, or makes of a change that is not merged, is not what is deployed.
        let kept = |s: &Step| s.kind.as_deref().is_none_or(|kind| matches!(kind, "artifact" | "chart" | "deps"));
        let saved = |s: &Step| s.row.starts_with("docker save");
        let merged = |s: &Step| s.ways.iter().any(|w| w.on != Some(RefKind::Change));
        scene.steps(stage).filter(makes).filter(|s| !kept(s) && !saved(s) && merged(s) && !s.fills(Stage::Deploy)).collect()
    };
    let packages = of(Stage::Package);
    if packages.is_empty() { of(Stage::Build) } else { packages }
}
