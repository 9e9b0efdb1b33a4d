//! What questions about the way to production look at: the steps that take a product somewhere, and how their ways begin.

use super::scene::Scene;
use crate::catalogue::Catalogue;
use crate::model::{Automation, Cell, Event, LinkKind, RefKind, ServiceKind, Stage, Step, Tier, Way};
use crate::source::Span;
use std::collections::BTreeSet;

/// Most places that an answer shows.
const MOST_PLACES: usize = 20;
/// What an apply is handed where it takes a new version along.
const HANDED: &[&str] = &["image", "_tag", "-tag", "version", "sha"];

/// The steps that put a product of the repository into an environment: those that say so, infrastructure that declares its
/// workload (ruling 9), and an apply that is handed the version.
pub fn deploys<'s>(scene: &Scene<'s>) -> Vec<&'s Step> {
    let cells = scene.map.paths.iter().flat_map(|p| &p.cells).filter(|c| c.cell == Cell::Deploy);
    let filling: BTreeSet<usize> = cells.flat_map(|c| c.steps.iter().copied()).collect();
    let says = |s: &Step| (s.fills(Stage::Deploy) && !s.third_party) || takes_the_version(scene, s);
    let steps = scene.map.steps.iter().enumerate();
    steps.filter(|(i, s)| s.span.is_some() && !s.look_only && (says(s) || filling.contains(i))).map(|(_, s)| s).collect()
}

/// Whether a pipeline's apply of infrastructure is handed the version of a service that ships as an image.
fn takes_the_version(scene: &Scene<'_>, step: &Step) -> bool {
    let applies = step.stage == Stage::Provision && step.kind.as_deref() == Some("apply") && runs(step);
    let ships = || step.services.iter().filter_map(|i| scene.map.services.get(*i)).any(|s| s.ships);
    let Some(span) = step.span.filter(|_| applies && ships()) else { return false };
    let handed = |text: &str| HANDED.iter().any(|word| text.to_ascii_lowercase().contains(word));
    let variable = |text: &str| text.split_whitespace().any(|word| word.contains("TF_VAR_") && handed(word));
    let option = |text: &str| text.split("-var").skip(1).any(|rest| rest.split_whitespace().next().is_some_and(handed));
    option(&step.text.replace("-var-file", "")) || variable(&scene.sources.file(span.file).text)
}

/// Whether a pipeline runs it, by itself or by a button.
pub fn runs(step: &Step) -> bool {
    matches!(step.automation(), Automation::Automated | Automation::PushButton)
}

/// Whether only a person's command does it. What stands in a pipeline that nothing here starts is for other repositories.
pub fn by_hand(step: &Step) -> bool {
    let first = step.ways.first().and_then(|w| w.chain.first()).map(|l| l.kind);
    let in_pipeline = matches!(first, Some(LinkKind::Pipeline | LinkKind::Stage | LinkKind::Job | LinkKind::Action));
    step.automation() == Automation::Manual && !in_pipeline
}

/// The places of what was not read or resolved and a pipeline runs; what an image is built with takes nothing anywhere.
pub fn unread(scene: &Scene<'_>) -> Vec<Span> {
    let runs = |a: Automation| matches!(a, Automation::Automated | Automation::PushButton);
    let in_image = |span: Span| scene.program.dockerfiles.contains_key(&scene.sources.file(span.file).path);
    few(scene.map.unresolved.iter().filter(|u| runs(u.automation) && !in_image(u.span)).map(|u| u.span))
}

/// Whether it goes to an environment that outlives a change.
pub fn shared(scene: &Scene<'_>, step: &Step) -> bool {
    step.environment.as_ref().is_none_or(|e| scene.tier(e) != Tier::Preview) && !step.ways.iter().all(unmerged)
}

/// Whether it begins with a change that is not merged.
fn unmerged(way: &Way) -> bool {
    way.on == Some(RefKind::Change)
}

/// Whether it begins on trunk with no person pressing run.
pub fn from_trunk(way: &Way) -> bool {
    way.on == Some(RefKind::Trunk) && way.event != Some(Event::Manual)
}

/// Whether a file is an example, a test's, or for a developer's machine only.
pub fn beside_the_product(path: &str) -> bool {
    let words = Catalogue::embedded().words();
    let local = |part: &str| part == "local" || part.starts_with("local-") || part.starts_with("local_") || part == "localstack";
    words.fixture_path(path) || words.documented_sample(path) || words.local_file(path) || path.split('/').any(local)
}

/// Whether something of the repository is deployed: a service, a site, or what a step takes somewhere.
pub fn anything_deployed(scene: &Scene<'_>) -> bool {
    let kinds = |k: Option<ServiceKind>| matches!(k, Some(ServiceKind::Deployed | ServiceKind::Site));
    scene.map.services.iter().any(|s| kinds(s.kind)) || !deploys(scene).is_empty()
}

/// Places of steps, each once, in their order, as many as an answer shows.
pub fn places<'s>(steps: impl IntoIterator<Item = &'s Step>) -> Vec<Span> {
    few(steps.into_iter().filter_map(|s| s.span))
}

/// Places, each once, in their order, as many as an answer shows.
pub fn few(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut seen = BTreeSet::new();
    spans.into_iter().filter(|s| seen.insert(*s)).take(MOST_PLACES).collect()
}

/// A number with its noun: `1 step`, `3 steps`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
