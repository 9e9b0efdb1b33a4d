//! Whether a change or a push reaches the build and the tests.

use super::Answer;
use super::scene::Scene;
use super::testing::{may_test, nothing_to_test, runs};
use crate::model::{Automation, Event, LinkKind, RefKind, Stage, Step, Way};
use std::collections::BTreeSet;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    if nothing_to_test(scene) {
        return Answer::not_applicable("the repository holds no program");
    }
    let tests: Vec<&Step> =
        runs(scene).into_iter().filter(|r| !r.kinds.is_empty()).map(|r| r.step).filter(|s| on_change(s)).collect();
    let run = |s: &&Step| s.automation() >= Automation::PushButton;
    let made = || scene.steps(Stage::Build).chain(scene.steps(Stage::Package)).filter(run);
    let built: Vec<&Step> = made().filter(|s| on_change(s)).collect();
    let places: Vec<_> = tests.iter().chain(&built).filter_map(|s| s.span).take(20).collect();
    if !tests.is_empty() && (!built.is_empty() || made().next().is_none()) {
        let before = tests.iter().any(|s| s.ways.iter().any(before_merge));
        let when = if before { "a change is built and tested" } else { "only what is pushed to trunk is built and tested" };
        return Answer::present(format!("{when}{}", filters(scene, &tests)), places);
    }
    let unread = may_test(scene, None);
    if !unread.is_empty() {
        return Answer::unknown("a call that was not read may build and test each change", unread);
    }
    let why = match (tests.is_empty(), built.is_empty()) {
        (true, true) => "no push and no change is built or tested",
        (true, false) => "what is pushed is built, and not tested",
        _ => "what is pushed is tested, and not built",
    };
    Answer::absent(why, places)
}

/// Whether a push to a branch or a change reaches a step with no person acting.
fn on_change(step: &Step) -> bool {
    step.ways.iter().any(|w| w.automation == Automation::Automated && matches!(w.event, Some(Event::Push | Event::Change)))
}

/// Whether a way runs before a change is merged.
fn before_merge(way: &Way) -> bool {
    way.event == Some(Event::Change) || (way.event == Some(Event::Push) && way.on == Some(RefKind::OtherBranch))
}

/// The paths that the pipelines of these steps ask for, where each of them asks for some.
fn filters(scene: &Scene<'_>, tests: &[&Step]) -> String {
    let mut asked: BTreeSet<&str> = BTreeSet::new();
    for way in tests.iter().flat_map(|s| &s.ways).filter(|w| matches!(w.event, Some(Event::Push | Event::Change))) {
        let units = way.chain.iter().filter(|l| matches!(l.kind, LinkKind::Pipeline | LinkKind::Job | LinkKind::Stage));
        let paths = units.flat_map(|l| scene.program.units.iter().filter(|u| u.span == l.span)).flat_map(|u| &u.paths);
        let mut some = false;
        paths.for_each(|path| {
            some = true;
            asked.insert(path);
        });
        if !some {
            return String::new();
        }
    }
    match asked.len() {
        0 => String::new(),
        1..=3 => format!(", where it touches {}", asked.into_iter().collect::<Vec<_>>().join(", ")),
        n => format!(", where it touches one of {n} paths, such as {}", asked.into_iter().take(2).collect::<Vec<_>>().join(", ")),
    }
}
