//! Whether images are signed, so that a cluster can refuse what the pipeline did not make.

use super::Answer;
use super::image_scan::is_push;
use super::images::products;
use super::scene::Scene;
use super::texts::{configured, lines_with, once};
use crate::catalogue::table;
use crate::model::{Stage, Step, glob};
use crate::source::Span;
use serde::Deserialize;
use std::sync::OnceLock;

/// What signs images (`grammars/practices/image-signed.yaml`).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Known {
    steps: Vec<String>,
    attests: Vec<String>,
    of_images: Vec<String>,
    configured: Vec<super::texts::Configured>,
    trust: String,
}

fn known() -> &'static Known {
    static ALL: OnceLock<Known> = OnceLock::new();
    ALL.get_or_init(|| table::single(table::packed!("image-signed")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let pushes = once(scene.in_pipelines().filter(|s| is_push(s)).filter_map(|s| s.span));
    let mut found: Vec<Span> = scene.in_pipelines().filter(|s| signs(scene, s)).filter_map(|s| s.span).collect();
    if found.is_empty() && pushes.is_empty() && products(scene).none() {
        return Answer::not_applicable("no image of a service is built");
    }
    found.extend(configured(scene, &known().configured));
    if !pushes.is_empty() {
        found.extend(by_trust(scene));
    }
    if !found.is_empty() {
        return Answer::present("a pipeline signs images, or attests what made them", once(found));
    }
    let unread = scene.unread_like(&["cosign", "sign-image", "sign_image", "notation", "attest", "slsa"]);
    if !unread.is_empty() {
        return Answer::unknown("a call that was not read may sign the image", unread);
    }
    Answer::absent("no pipeline signs an image", pushes)
}

fn signs(scene: &Scene<'_>, step: &Step) -> bool {
    if !step.fills(Stage::Scan) || step.kind.as_deref() != Some("sign") {
        return false;
    }
    let text = format!("{} ", step.text.to_ascii_lowercase());
    let fits = |patterns: &[String]| patterns.iter().any(|p| glob(p, &text));
    let inputs = || step.span.map_or("", |span| scene.text(span));
    fits(&known().steps) || fits(&known().attests) && known().of_images.iter().any(|input| inputs().contains(input.as_str()))
}

/// The lines that switch on that docker signs what it pushes, in files of pipelines and scripts that they run.
fn by_trust(scene: &Scene<'_>) -> Vec<Span> {
    let mut files: Vec<_> = scene.in_pipelines().filter_map(|s| s.span).map(|s| s.file).collect();
    files.sort_unstable();
    files.dedup();
    let on = |line: &str| {
        let bare: String = line.chars().filter(|c| !c.is_whitespace() && *c != '"' && *c != '\'').collect();
        let rest = bare.split_once(known().trust.as_str()).filter(|(before, _)| !before.starts_with('#')).map(|(_, rest)| rest);
        rest.is_some_and(|r| r.starts_with("=1") || r.starts_with(":1"))
    };
    files.into_iter().flat_map(|id| lines_with(scene.sources.file(id), on)).collect()
}
