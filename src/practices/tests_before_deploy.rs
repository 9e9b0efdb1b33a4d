//! Whether a test stands on the way to each deploy and can stop it.

use super::Answer;
use super::scene::Scene;
use super::testing::{TestRun, may_test, order::stands_before, runs};
use crate::model::{Automation, Event, Stage, Step, Tier, Way};
use std::collections::BTreeSet;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let shared = |s: &&Step| s.environment.as_ref().is_none_or(|e| scene.tier(e) != Tier::Preview);
    let mut deploys: Vec<&Step> = scene.deploys().filter(shared).filter(|s| s.automation() >= Automation::PushButton).collect();
    let production = |s: &&Step| s.environment.as_ref().is_some_and(|e| scene.tier(e) == Tier::Production);
    if deploys.iter().any(production) {
        deploys.retain(production);
    }
    if deploys.is_empty() {
        return Answer::not_applicable("no pipeline deploys anything");
    }
    let tests: Vec<TestRun<'_>> = runs(scene).into_iter().filter(|r| r.step.blocking && !r.kinds.is_empty()).collect();
    let (mut held, mut free, mut stopping) = (Vec::new(), Vec::new(), Vec::new());
    for deploy in &deploys {
        let before: Vec<&Step> = tests.iter().map(|r| r.step).filter(|t| stops(scene, t, deploy)).collect();
        if before.is_empty() {
            free.extend(deploy.span);
        } else {
            held.extend(deploy.span);
        }
        stopping.extend(before.iter().filter_map(|t| t.span));
    }
    stopping.sort_unstable();
    stopping.dedup();
    free.dedup();
    free.truncate(20);
    if free.is_empty() {
        return Answer::present(
            "a test that can fail runs before every deploy",
            stopping.into_iter().chain(held).take(20).collect(),
        );
    }
    let chains = deploys.iter().flat_map(|d| &d.ways).flat_map(|w| w.chain.iter());
    let files: BTreeSet<_> = chains.map(|l| l.span.file).collect();
    let unread: Vec<_> = may_test(scene, None).into_iter().filter(|at| files.contains(&at.file)).collect();
    if !unread.is_empty() {
        return Answer::unknown(
            "a call that was not read may test before the deploy",
            unread.into_iter().chain(free).take(20).collect(),
        );
    }
    if !held.is_empty() {
        let why = format!("a test stands before {} of {} deploys, and before the others none", held.len(), deploys.len());
        return Answer::absent(why, free);
    }
    let beside = tests.iter().any(|r| r.step.automation() == Automation::Automated);
    let why = if beside { "tests run, and none is on the way to the deploy" } else { "no test runs before the deploy" };
    Answer::absent(why, free)
}

/// Whether a test can stop a deploy on its best way; what a controller applies is stopped before it is published.
pub(super) fn stops(scene: &Scene<'_>, test: &Step, deploy: &Step) -> bool {
    if test.span == deploy.span {
        return true;
    }
    let serves = test.services.is_empty() || deploy.services.is_empty() || !test.services.is_disjoint(&deploy.services);
    if !serves {
        return false;
    }
    let best = deploy.automation();
    let ways: Vec<&Way> = deploy.ways.iter().filter(|w| w.automation == best).collect();
    if ways.iter().any(|w| w.event == Some(Event::Reconcile)) {
        let serves = |p: &&Step| p.services.is_empty() || !p.services.is_disjoint(&deploy.services);
        let published = scene.steps(Stage::Publish).filter(serves).filter(|p| p.automation() >= Automation::PushButton);
        return published.into_iter().any(|p| p.ways.iter().any(|w| stands_before(scene, test, p, w)));
    }
    ways.iter().any(|w| stands_before(scene, test, deploy, w))
}
