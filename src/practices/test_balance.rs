//! How many test files there are of each kind, and which kinds can stop a deploy.

use super::Answer;
use super::scene::Scene;
use super::testing::{Kind, may_test, runs, test_files};
use super::tests_before_deploy::stops;
use crate::model::Automation;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for (_, kind) in test_files(scene) {
        *counts.entry(kind).or_default() += 1;
    }
    let all = runs(scene);
    let deploys: Vec<_> = scene.deploys().filter(|s| s.automation() >= Automation::PushButton).collect();
    let stops = |step| deploys.iter().any(|d| stops(scene, step, d));
    let stopping: BTreeSet<Kind> =
        all.iter().filter(|r| r.step.blocking && stops(r.step)).flat_map(|r| r.kinds.keys().copied()).collect();
    let places: Vec<_> = all.iter().filter_map(|r| r.step.span).take(20).collect();
    if counts.is_empty() {
        return if all.is_empty() && may_test(scene, None).is_empty() {
            Answer::not_applicable("there are no files of tests")
        } else {
            Answer::unknown("tests run that are not told by the names of files", places)
        };
    }
    let of = |kind| counts.get(&kind).copied().unwrap_or(0);
    let below = of(Kind::Unit) + of(Kind::Component) + of(Kind::Contract);
    let shown = [Kind::Unit, Kind::Component, Kind::Contract, Kind::EndToEnd, Kind::Performance];
    let said: Vec<String> = shown.into_iter().filter(|k| of(*k) > 0).map(|k| format!("{} {}", of(k), k.as_str())).collect();
    let gates: Vec<&str> = shown.into_iter().filter(|k| stopping.contains(k)).map(Kind::as_str).collect();
    let gates = match gates.as_slice() {
        _ if deploys.is_empty() => String::new(),
        [] => "; none is seen to stop a deploy".to_owned(),
        some => format!("; those that can stop a deploy are {}", some.join(", ")),
    };
    let counted = format!("test files by name: {}{gates}", said.join(", "));
    match of(Kind::EndToEnd) {
        0 => Answer::present(counted, places),
        _ if below == 0 => Answer::absent(format!("nothing is tested below end-to-end; {counted}"), places),
        e2e if e2e > below => Answer::absent(format!("more files of end-to-end tests than of all below them; {counted}"), places),
        _ => Answer::present(counted, places),
    }
}
