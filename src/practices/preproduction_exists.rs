//! Whether a change is deployed to some shared environment before production.

use super::Answer;
use super::scene::Scene;
use crate::model::{Automation, Step, Tier};
use crate::source::Span;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let tier = |step: &&Step| step.environment.as_deref().map_or(Tier::Unknown, |e| scene.tier(e));
    let is_before = |step: &&Step| matches!(tier(step), Tier::Development | Tier::Test | Tier::Staging);
    let places = |steps: &[&Step]| -> Vec<Span> { steps.iter().filter_map(|s| s.span).take(20).collect() };
    let mut before: Vec<&Step> = scene.deliveries().into_iter().filter(is_before).collect();
    before.sort_by_key(|s| (std::cmp::Reverse(s.automation()), std::cmp::Reverse(tier(s))));
    if let Some(first) = before.first() {
        let name = first.environment.as_deref().unwrap_or("");
        let how = match first.automation() {
            Automation::Automated => "by itself",
            Automation::PushButton => "by a button",
            Automation::Manual | Automation::Missing => "by hand",
        };
        return Answer::present(format!("{name} is deployed to, {how}, and is not production"), places(&before));
    }
    let all: Vec<&Step> = scene.deliveries();
    if all.is_empty() {
        if scene.unread().is_empty() {
            return Answer::not_applicable("no file of the repository deploys it");
        }
        return Answer::unknown("a call that was not read may deploy", scene.unread());
    }
    let unnamed: Vec<&Step> = all.iter().copied().filter(|s| tier(s) == Tier::Unknown && s.environment.is_some()).collect();
    if !unnamed.is_empty() {
        return Answer::unknown("the name of an environment does not say what kind it is", places(&unnamed));
    }
    if !scene.unread().is_empty() && all.iter().all(|s| tier(s) == Tier::Unknown) {
        return Answer::unknown("a call that was not read may deploy to an environment of its own", scene.unread());
    }
    let why = if all.iter().any(|s| tier(s) == Tier::Preview) {
        "only previews of a change and production are deployed to"
    } else {
        "no deploy goes to an environment before production"
    };
    Answer::absent(why, places(&all))
}
