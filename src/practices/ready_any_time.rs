//! Whether the head of trunk could be deployed at any time by what pipelines proved of it: built, tested and packaged, each able to
//! stop what follows.

use super::Answer;
use super::delivering::{count, deploys, places, runs, unread};
use super::scene::{Scene, runs_on_trunk};
use crate::model::{Confidence, ServiceKind, Stage, Step};

/// The classes of steps that only keep or tell what a run made.
const KEPT: &[&str] = &["artifact", "coverage", "report"];
/// What is asked of a service, with the stages that prove it.
const PROOFS: &[(&str, &[Stage])] =
    &[("built", &[Stage::Build, Stage::Package]), ("tested", &[Stage::Test]), ("packaged", &[Stage::Package, Stage::Publish])];

/// What one proof came to, over all services.
struct Found<'s> {
    word: &'static str,
    /// The first step of each service that proves it on trunk.
    proofs: Vec<&'s Step>,
    /// The steps of services that pipelines do on other events only, or whose failure stops nothing.
    instead: Vec<&'s Step>,
    /// How many services nothing of it belongs to.
    without: usize,
    /// Whether it is not needed by any service.
    needless: bool,
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let asked = |kind: Option<ServiceKind>| matches!(kind, Some(ServiceKind::Deployed | ServiceKind::Library));
    let services: Vec<usize> =
        (0..scene.map.services.len()).filter(|i| asked(scene.map.services[*i].kind) && !scene.map.services[*i].foreign).collect();
    if services.is_empty() {
        return Answer::not_applicable("nothing of the repository is built to be run or used");
    }
    let all: Vec<Found<'_>> = PROOFS.iter().map(|(word, stages)| find(scene, &services, word, stages)).collect();
    let gaps: Vec<&Found<'_>> = all.iter().filter(|f| !f.needless && (f.proofs.is_empty() || !f.instead.is_empty())).collect();
    if gaps.is_empty() {
        let mut why = "trunk is built, tested and packaged by itself, and each of it can stop what follows".to_owned();
        if let Some(tests) = all.iter().find(|f| f.word == "tested" && f.without > 0) {
            why.push_str(&format!("; no test is known to belong to {}", count(tests.without, "service")));
        }
        return Answer::present(why, places(all.iter().rev().flat_map(|f| f.proofs.iter().copied())));
    }
    let words: Vec<String> = gaps.iter().map(|f| format!("not {} on trunk ({})", f.word, how(&f.instead))).collect();
    let words = words.join(", ");
    if gaps.iter().all(|f| f.instead.is_empty()) && !unread(scene).is_empty() {
        return Answer::unknown(format!("{words}, but a call that was not read may do it"), unread(scene));
    }
    Answer::absent(words, places(gaps.into_iter().flat_map(|f| f.instead.iter().copied())))
}

fn find<'s>(scene: &Scene<'s>, services: &[usize], word: &'static str, stages: &[Stage]) -> Found<'s> {
    let mut found = Found { word, proofs: Vec::new(), instead: Vec::new(), without: 0, needless: true };
    for i in services.iter().filter(|i| word != "packaged" || is_packaged(scene, **i)) {
        found.needless = false;
        let own = |s: &&Step| s.span.is_some() && s.services.contains(i) && runs(s) && !is_kept(s);
        let all: Vec<&Step> = scene.map.steps.iter().filter(own).filter(|s| stages.iter().any(|stage| s.fills(*stage))).collect();
        match all.iter().find(|s| s.blocking && s.ways.iter().any(runs_on_trunk)) {
            Some(step) => found.proofs.push(step),
            // A name is too little to say what is missing on trunk.
            None => match all.into_iter().filter(|s| s.confidence != Confidence::Low).collect::<Vec<_>>() {
                all if all.is_empty() => found.without += 1,
                all => found.instead.extend(all),
            },
        }
    }
    found
}

fn is_kept(step: &Step) -> bool {
    step.kind.as_deref().is_some_and(|kind| KEPT.contains(&kind))
}

/// Whether a service needs to be packaged: a pipeline does, or it ships as an image and no pipeline deploys its sources.
fn is_packaged(scene: &Scene<'_>, service: usize) -> bool {
    let own = |s: &&Step| s.span.is_some() && s.services.contains(&service) && runs(s) && !is_kept(s);
    let packages = scene.map.steps.iter().filter(own).any(|s| s.fills(Stage::Package) || s.fills(Stage::Publish));
    let deployed = deploys(scene).iter().any(own);
    packages || (scene.map.services[service].ships && !deployed)
}

/// What there is instead.
fn how(instead: &[&Step]) -> &'static str {
    if instead.iter().any(|s| s.ways.iter().any(runs_on_trunk)) {
        "its failure stops nothing"
    } else if instead.is_empty() {
        "no pipeline does it"
    } else {
        "only on other events"
    }
}
