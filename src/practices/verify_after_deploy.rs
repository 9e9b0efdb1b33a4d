//! Whether a pipeline looks at what it deployed.

use super::Answer;
use super::scene::Scene;
use super::sight;
use crate::model::{Event, LinkKind, ServiceKind, Stage, Step};
use crate::source::FileId;
use std::collections::BTreeSet;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let steps = after_deploys(scene);
    if !steps.is_empty() {
        let blocking = steps.iter().filter(|s| s.blocking).count();
        let why = if blocking == 0 {
            "a deployment is looked at, but what is found stops nothing"
        } else {
            "a pipeline looks at the deployment, and stops where it is not well"
        };
        let mut places: Vec<_> = steps.iter().filter(|s| s.blocking).filter_map(|s| s.span).collect();
        places.extend(steps.iter().filter(|s| !s.blocking).filter_map(|s| s.span));
        places.dedup();
        places.truncate(20);
        return Answer::present(why, places);
    }
    let deployed = scene.map.services.iter().any(|s| matches!(s.kind, Some(ServiceKind::Deployed | ServiceKind::Site)));
    if scene.deploys().next().is_none() && !deployed {
        return Answer::not_applicable("nothing of the repository is deployed");
    }
    let by_hand: Vec<_> = scene.steps(Stage::Verify).filter_map(|s| s.span).take(20).collect();
    let mut none = sight::nothing_found(scene, "no pipeline looks at what it deployed");
    if !by_hand.is_empty() && none.status == super::Status::Absent {
        none = Answer::absent("a deployment is looked at by hand only", by_hand);
    }
    none
}

/// The steps of pipelines that look at a deployment: their pipeline deploys, or another one started it.
pub(super) fn after_deploys<'s>(scene: &Scene<'s>) -> Vec<&'s Step> {
    let deploying: BTreeSet<FileId> = scene.deploys().flat_map(pipelines).collect();
    let any = scene.deploys().next().is_some();
    let follows = |s: &Step| {
        let upstream = s.ways.iter().any(|w| matches!(w.event, Some(Event::Upstream | Event::Reconcile)));
        any && (upstream || s.fills(Stage::Deploy) || pipelines(s).iter().any(|file| deploying.contains(file)))
    };
    scene.in_pipelines().filter(|s| s.fills(Stage::Verify) && !s.third_party && follows(s)).collect()
}

/// The files of the pipelines that reach a step.
pub(super) fn pipelines(step: &Step) -> Vec<FileId> {
    let links = step.ways.iter().flat_map(|w| w.chain.iter());
    links.filter(|l| matches!(l.kind, LinkKind::Pipeline)).map(|l| l.span.file).collect()
}
