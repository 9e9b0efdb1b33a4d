//! Whether a push to trunk reaches a shared environment by itself.

use super::Answer;
use super::scene::{Scene, runs_on_trunk};
use crate::model::{ServiceKind, Tier};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let shared = |environment: &Option<String>| environment.as_ref().is_none_or(|e| scene.tier(e) != Tier::Preview);
    let reached: Vec<_> = scene
        .deploys()
        .filter(|s| shared(&s.environment) && s.ways.iter().any(|w| runs_on_trunk(w) && !w.uncertain))
        .filter_map(|s| s.span)
        .collect();
    if !reached.is_empty() {
        return Answer::present("a push to trunk is deployed with no person in between", reached);
    }
    let perhaps: Vec<_> =
        scene.deploys().filter(|s| s.ways.iter().any(|w| runs_on_trunk(w) && w.uncertain)).filter_map(|s| s.span).collect();
    if !perhaps.is_empty() {
        return Answer::unknown("a condition that the files do not decide stands before the deploy", perhaps);
    }
    let nothing = !scene.map.services.iter().any(|s| matches!(s.kind, Some(ServiceKind::Deployed | ServiceKind::Site)));
    if nothing && scene.deploys().next().is_none() {
        return Answer::not_applicable("nothing of the repository is deployed");
    }
    if scene.deploys().next().is_none() && !scene.unread().is_empty() {
        return Answer::unknown("a call that was not read may deploy", scene.unread());
    }
    Answer::absent("no deploy is reached by a push to trunk alone", scene.deploys().filter_map(|s| s.span).collect())
}
