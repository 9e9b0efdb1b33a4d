//! Whether nothing but a pipeline takes a product to a shared environment.

use super::Answer;
use super::delivering::{anything_deployed, beside_the_product, by_hand, count, deploys, few, places, runs, shared, unread};
use super::scene::Scene;
use crate::model::{Stage, Step};
use crate::source::Span;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let all = deploys(scene);
    if !anything_deployed(scene) {
        return Answer::not_applicable("nothing of the repository is deployed");
    }
    let product = |span: Option<Span>| span.is_some_and(|span| !beside_the_product(&scene.sources.file(span.file).path));
    let hands: Vec<&Step> = all.iter().copied().filter(|s| by_hand(s) && shared(scene, s) && product(s.span)).collect();
    let left: Vec<Span> =
        scene.map.orphans.iter().filter(|o| o.stages.contains(&Stage::Deploy) && product(Some(o.span))).map(|o| o.span).collect();
    let pipelines: Vec<&Step> = all.into_iter().filter(|s| runs(s) && shared(scene, s)).collect();
    let by_hand = few(places(hands.iter().copied()).into_iter().chain(left));
    match (pipelines.is_empty(), by_hand.is_empty()) {
        (false, true) => Answer::present("pipelines deploy, and nothing else in the repository does", places(pipelines)),
        (false, false) => {
            let why = format!("pipelines deploy, and {} by hand beside them", count(by_hand.len(), "place"));
            Answer::absent(why, by_hand)
        }
        (true, false) => Answer::absent("no pipeline of the repository deploys, what deploys is run by hand", by_hand),
        (true, true) if !unread(scene).is_empty() => Answer::unknown("a call that was not read may deploy", unread(scene)),
        (true, true) => Answer::absent("no pipeline deploys, and nothing else in the repository does", Vec::new()),
    }
}
