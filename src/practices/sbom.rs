//! Whether what is shipped has a bill of materials.

use super::Answer;
use super::scene::Scene;
use super::texts::{configured, once};
use crate::catalogue::table;
use crate::model::{Stage, Step};
use crate::source::Span;
use serde::Deserialize;
use std::sync::OnceLock;

/// What makes a bill of materials (`grammars/practices/sbom.yaml`).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    options: Vec<String>,
    never: Vec<String>,
    configured: Vec<super::texts::Configured>,
}

fn known() -> &'static Known {
    static ALL: OnceLock<Known> = OnceLock::new();
    ALL.get_or_init(|| table::single(table::packed!("sbom")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let mut found: Vec<Span> = scene.in_pipelines().filter(|s| makes(scene, s)).filter_map(|s| s.span).collect();
    let ships = once(scene.in_pipelines().filter(|s| is_shipped(s)).filter_map(|s| s.span));
    if !ships.is_empty() {
        found.extend(configured(scene, &known().configured));
    }
    if !found.is_empty() {
        return Answer::present("a pipeline makes a bill of materials", once(found));
    }
    if ships.is_empty() {
        return Answer::not_applicable("no pipeline packages or publishes anything");
    }
    let unread = scene.unread_like(&["sbom", "cyclonedx", "spdx"]);
    if !unread.is_empty() {
        return Answer::unknown("a call that was not read may make one", unread);
    }
    Answer::absent("no pipeline makes a bill of materials", ships)
}

fn is_shipped(step: &Step) -> bool {
    // What a pipeline keeps of its own run is no product.
    let kept = step.stage == Stage::Package && step.kind.as_deref().is_none_or(|kind| kind == "artifact");
    (step.fills(Stage::Package) || step.fills(Stage::Publish)) && !step.third_party && !kept
}

fn makes(scene: &Scene<'_>, step: &Step) -> bool {
    if step.kind.as_deref() == Some("sbom") {
        return true;
    }
    if !matches!(step.stage, Stage::Scan | Stage::Package | Stage::Publish | Stage::Build) {
        return false;
    }
    let text = step.span.map_or("", |span| scene.text(span));
    let bare = [" :", ": ", " =", "= "].iter().fold(text.to_ascii_lowercase(), |t, gap| t.replace(gap, gap.trim()));
    let says = |all: &[String]| all.iter().any(|o| bare.contains(o.as_str()));
    says(&known().options) && !says(&known().never)
}
