//! Whether a push to trunk reaches a shared environment by itself.

use super::Answer;
use super::delivering::{anything_deployed, deploys, places, shared, unread};
use super::scene::{Scene, runs_on_trunk};
use crate::model::Step;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let all = deploys(scene);
    let reached: Vec<&Step> = all.iter().copied().filter(|s| shared(scene, s) && s.ways.iter().any(runs_on_trunk)).collect();
    let (sure, conditional): (Vec<&Step>, Vec<&Step>) =
        reached.into_iter().partition(|s| s.ways.iter().any(|w| runs_on_trunk(w) && !w.uncertain));
    if !sure.is_empty() {
        return Answer::present("a push to trunk is deployed with no person in between", places(sure));
    }
    if !conditional.is_empty() {
        let why = "a push to trunk is deployed with no person in between where a condition holds that is asked while it runs";
        return Answer::present(why, places(conditional));
    }
    if !anything_deployed(scene) {
        return Answer::not_applicable("nothing of the repository is deployed");
    }
    if all.is_empty() && !unread(scene).is_empty() {
        return Answer::unknown("a call that was not read may deploy", unread(scene));
    }
    let why = if all.is_empty() { "no step deploys" } else { "no deploy is reached by a push to trunk alone" };
    Answer::absent(why, places(all))
}
