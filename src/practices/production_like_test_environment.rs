//! Whether what comes before production is deployed to as production is.

use super::Answer;
use super::scene::{Scene, listed, mechanism, mechanisms};
use crate::model::{Step, Tier};
use crate::source::Span;

/// At most so many places are shown.
const MAX_PLACES: usize = 20;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let tier = |step: &Step| step.environment.as_deref().map_or(Tier::Unknown, |e| scene.tier(e));
    let all = scene.deliveries();
    let production: Vec<&Step> = all.iter().copied().filter(|s| tier(s) == Tier::Production).collect();
    let before: Vec<&Step> =
        all.iter().copied().filter(|s| matches!(tier(s), Tier::Development | Tier::Test | Tier::Staging)).collect();
    if production.is_empty() || before.is_empty() {
        if !scene.unread().is_empty() {
            return Answer::unknown("a call that was not read may deploy to a further environment", scene.unread());
        }
        return Answer::not_applicable("there are no two environments, one of them production, that something deploys to");
    }
    let both = |a: &Step, b: &Step| a.services.is_empty() || b.services.is_empty() || !a.services.is_disjoint(&b.services);
    // A service that goes to production alone is another question.
    let compared: Vec<&Step> = production.iter().copied().filter(|p| before.iter().any(|b| both(p, b))).collect();
    if compared.is_empty() {
        return Answer::not_applicable("no service is deployed both to production and to an environment before it");
    }
    let like = |step: &Step| before.iter().copied().find(|b| both(step, b) && mechanism(b) == mechanism(step));
    // What goes out by several means is rehearsed where one of them is.
    let rehearsed = |step: &Step| like(step).is_some() || compared.iter().any(|o| both(o, step) && like(o).is_some());
    let alone: Vec<&Step> = compared.iter().copied().filter(|s| !rehearsed(s)).collect();
    let mut places: Vec<Span> = Vec::new();
    if alone.is_empty() {
        for step in compared.iter().take(MAX_PLACES / 2) {
            places.extend(step.span);
            places.extend(like(step).and_then(|b| b.span));
        }
        places.dedup();
        let by = listed(&mechanisms(&compared), 3);
        return Answer::present(format!("production is deployed to by {by}, as what comes before it is"), places);
    }
    places.extend(alone.iter().filter_map(|s| s.span).take(MAX_PLACES / 2));
    let others: Vec<&Step> = before.iter().copied().filter(|b| alone.iter().any(|a| both(a, b))).collect();
    places.extend(others.iter().filter_map(|s| s.span).take(MAX_PLACES / 2));
    let (here, there) = (listed(&mechanisms(&alone), 3), listed(&mechanisms(&others), 3));
    Answer::absent(format!("production is deployed to by {here}, what comes before it by {there}"), places)
}
