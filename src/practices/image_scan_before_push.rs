//! Whether an image is scanned before it is pushed, so that one with a known fault never gets to the registry.

use super::Answer;
use super::image_scan::{is_push, perhaps, scans};
use super::order::runs_before;
use super::scene::Scene;
use super::texts::once;
use crate::model::{Stage, Step};
use crate::source::Span;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let pushes: Vec<&Step> = scene.in_pipelines().filter(|s| is_push(s)).collect();
    if pushes.is_empty() {
        return Answer::not_applicable("no pipeline pushes an image");
    }
    let scans: Vec<&Step> = scans(scene).filter(|s| !s.fills(Stage::Publish)).collect();
    if scans.is_empty() {
        let unread = perhaps(scene);
        if !unread.is_empty() {
            return Answer::unknown("a call that was not read may scan the image", unread);
        }
        return Answer::absent("no pipeline scans an image", places(&pushes));
    }
    let before = |push: &&Step| scans.iter().any(|scan| scan.blocking && runs_before(scene, scan, push));
    let (guarded, open): (Vec<&Step>, Vec<&Step>) = pushes.iter().copied().partition(before);
    if open.is_empty() {
        let first: Vec<&Step> =
            scans.iter().copied().filter(|scan| guarded.iter().any(|push| runs_before(scene, scan, push))).collect();
        return Answer::present("every push of an image comes after a scan in the same run", places(&first));
    }
    let ignored = |push: &&Step| scans.iter().any(|scan| !scan.blocking && runs_before(scene, scan, push));
    let why = if open.iter().any(ignored) {
        "the failure of the scan before the push is ignored".to_owned()
    } else if guarded.is_empty() {
        "images are pushed before they are scanned, or without".to_owned()
    } else {
        format!("{} of {} pushes come before the scan, or without one", open.len(), pushes.len())
    };
    Answer::absent(why, places(&open))
}

fn places(steps: &[&Step]) -> Vec<Span> {
    once(steps.iter().filter_map(|s| s.span))
}
