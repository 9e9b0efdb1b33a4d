//! What is said where nothing was found: the question does not arise, something was not read, or it is not there.

use super::Answer;
use super::scene::Scene;
use crate::model::{Flag, ServiceKind, Stage};

/// Nothing was found for a question about deployments.
pub(super) fn nothing_found(scene: &Scene<'_>, why: &str) -> Answer {
    let deployed = |kind| matches!(kind, Some(ServiceKind::Deployed | ServiceKind::Site | ServiceKind::Configuration));
    let deploys: Vec<_> = scene.deploys().collect();
    if deploys.is_empty()
        && !scene.map.services.iter().any(|s| deployed(s.kind))
        && scene.steps(Stage::Provision).next().is_none()
    {
        return Answer::not_applicable("nothing of the repository is deployed");
    }
    // Where all that deploys stands in files of other repositories, it may stand there as well.
    let unread = scene.unread();
    let elsewhere: Vec<_> = deploys.iter().filter_map(|s| s.span).filter(|span| unread.contains(span)).collect();
    let by_name = |s: &&crate::model::Step| s.flags.contains(&Flag::ByName) || s.span.is_some_and(|span| unread.contains(&span));
    if !elsewhere.is_empty() && deploys.iter().all(by_name) {
        return Answer::unknown("the deploy stands in a file of another repository, which was not read", elsewhere);
    }
    Answer::absent(why, Vec::new())
}
