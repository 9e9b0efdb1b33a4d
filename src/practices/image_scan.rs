//! Whether images are scanned for known vulnerabilities.

use super::Answer;
use super::images::products;
use super::scene::Scene;
use super::texts::{is_comment, lines_with, once, own_files};
use crate::catalogue::table;
use crate::model::{Stage, Step};
use crate::source::Span;
use serde::Deserialize;
use std::sync::OnceLock;

/// What scans beside steps (`grammars/practices/image-scan.yaml`).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    registries: Vec<Line>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    ending: String,
    line: String,
}

fn known() -> &'static Known {
    static ALL: OnceLock<Known> = OnceLock::new();
    ALL.get_or_init(|| table::single(table::packed!("image-scan")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let steps = once(scans(scene).filter_map(|s| s.span));
    if !steps.is_empty() {
        return Answer::present("a pipeline scans images", steps);
    }
    let pushes = scene.in_pipelines().any(is_push);
    if products(scene).none() && !pushes {
        return Answer::not_applicable("no image of a service is built");
    }
    let registries = by_registry(scene);
    if !registries.is_empty() {
        return Answer::present("the registry scans what is pushed to it; no step waits for what it finds", registries);
    }
    let unread = perhaps(scene);
    if !unread.is_empty() {
        return Answer::unknown("a call that was not read may scan the image", unread);
    }
    Answer::absent("no pipeline scans an image", once(scene.in_pipelines().filter(|s| is_push(s)).filter_map(|s| s.span)))
}

/// The steps of pipelines that scan images.
pub(super) fn scans<'s>(scene: &Scene<'s>) -> impl Iterator<Item = &'s Step> {
    scene.in_pipelines().filter(|s| s.fills(Stage::Scan) && s.kind.as_deref() == Some("image"))
}

/// Whether a step pushes an image.
pub(super) fn is_push(step: &Step) -> bool {
    step.fills(Stage::Publish) && step.kind.as_deref() == Some("image") && !step.third_party
}

/// The calls that were not read and that may scan an image: they speak of scans and of images.
pub(super) fn perhaps(scene: &Scene<'_>) -> Vec<Span> {
    let scans = scene.unread_like(&["scan", "security", "trivy", "snyk", "grype"]);
    let images = scene.unread_like(&["image", "docker", "container"]);
    once(scans.into_iter().filter(|span| images.contains(span)))
}

/// The lines that make a registry scan what is pushed to it.
fn by_registry(scene: &Scene<'_>) -> Vec<Span> {
    let mut out = Vec::new();
    for file in own_files(scene) {
        let lines: Vec<&Line> = known().registries.iter().filter(|l| file.name().ends_with(&l.ending)).collect();
        let scans = |line: &str| {
            let bare: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            !is_comment(line) && lines.iter().any(|l| bare.contains(&l.line))
        };
        if !lines.is_empty() {
            out.extend(lines_with(file, scans));
        }
    }
    out
}
