//! Whether the version of what is shipped leads back to what it was made from.

mod tags;

use super::Answer;
use super::scene::Scene;
use super::texts::once;
use crate::catalogue::table;
use crate::model::{Automation, Stage, Step, glob};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use tags::Tags;

/// What is known of versions (`grammars/practices/artifact-version-traceable.yaml`).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Known {
    versioned: Vec<String>,
    rows: Vec<String>,
    traceable: Vec<String>,
    moving: Vec<String>,
    asks_branch: Vec<String>,
    refs: Vec<String>,
    inputs: Vec<String>,
    metadata: Vec<String>,
    metadata_rules: Vec<String>,
    switches: Vec<String>,
}

fn known() -> &'static Known {
    static ALL: OnceLock<Known> = OnceLock::new();
    ALL.get_or_init(|| table::single(table::packed!("artifact-version-traceable")).unwrap_or_default())
}

/// What a version tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    /// It names another artifact tomorrow.
    Moving,
    /// Only a run knows.
    Open,
    /// A commit, a version or a run.
    Traceable,
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let pipelines: Vec<(&Step, Version)> = versions(scene, true);
    let steps = if pipelines.is_empty() { versions(scene, false) } else { pipelines };
    if steps.is_empty() {
        return Answer::not_applicable("no image and no package is published");
    }
    // What is pushed under several tags is found by the best of them.
    let mut services: BTreeMap<_, (Version, Vec<_>)> = BTreeMap::new();
    for (step, version) in &steps {
        let entry = services.entry(&step.services).or_insert((Version::Moving, Vec::new()));
        entry.0 = entry.0.max(*version);
        entry.1.push((*version, step.span));
    }
    let of = |version: Version| {
        let all = services.values().filter(|(best, _)| *best == version);
        once(all.flat_map(|(best, steps)| steps.iter().filter(move |(v, _)| v == best).filter_map(|(_, span)| *span)))
    };
    let (moving, open) = (of(Version::Moving), of(Version::Open));
    if !moving.is_empty() {
        return Answer::absent("what is published is named by a branch, an environment or `latest` only", moving);
    }
    if !open.is_empty() {
        return Answer::unknown("only a run knows under which tag an image is published", open);
    }
    Answer::present("what is published is named by a commit, a version or a run", of(Version::Traceable))
}

/// The steps that publish something that has a version, with what it tells.
fn versions<'s>(scene: &Scene<'s>, in_pipelines: bool) -> Vec<(&'s Step, Version)> {
    let publishes =
        scene.steps(Stage::Publish).filter(|s| !s.third_party && (s.automation() > Automation::Manual) == in_pipelines);
    publishes.filter_map(|step| Some((step, version(scene, step)?))).collect()
}

fn version(scene: &Scene<'_>, step: &Step) -> Option<Version> {
    let kind = step.kind.as_deref()?;
    if known().versioned.iter().any(|k| k == kind) {
        return Some(Version::Traceable);
    }
    if kind != "image" {
        return None;
    }
    if known().rows.iter().any(|row| glob(row, &step.row)) {
        return Some(Version::Traceable);
    }
    let text = step.span.map_or("", |span| scene.text(span));
    if known().switches.iter().any(|switch| text.contains(switch.as_str())) {
        return Some(Version::Traceable);
    }
    Some(Tags::new(scene, step).version())
}
