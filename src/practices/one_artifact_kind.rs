//! Whether all services are shipped as artifacts of one kind, so that one way to scan, promote and roll back serves them all.

use super::Answer;
use super::scene::Scene;
use super::texts::once;
use crate::catalogue::table;
use crate::model::{Automation, Service, ServiceKind, Stage, Step, UnitKind};
use crate::source::Span;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Services that an answer names.
const NAMED: usize = 3;

/// What is known of artifacts (`grammars/practices/one-artifact-kind.yaml`).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    artifacts: Vec<Artifact>,
    deploys: Vec<Artifact>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Artifact {
    artifact: String,
    kinds: Vec<String>,
}

fn known() -> &'static Known {
    static ALL: OnceLock<Known> = OnceLock::new();
    ALL.get_or_init(|| table::single(table::packed!("one-artifact-kind")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let mut kinds: BTreeMap<&str, Vec<(&Service, Vec<Span>)>> = BTreeMap::new();
    for (at, service) in scene.map.services.iter().enumerate() {
        if service.kind == Some(ServiceKind::Deployed)
            && !service.foreign
            && let Some((artifact, places)) = artifact(scene, at)
        {
            kinds.entry(artifact).or_default().push((service, places));
        }
    }
    let count: usize = kinds.values().map(Vec::len).sum();
    if count < 2 {
        return Answer::not_applicable("fewer than two deployed services of which it is known what they ship");
    }
    let Some((usual, most)) = kinds.iter().max_by_key(|(_, services)| services.len()) else {
        return Answer::not_applicable("no service is shipped");
    };
    if kinds.len() == 1 {
        let places = most.iter().filter_map(|(_, places)| places.first().copied());
        return Answer::present(format!("all {count} services are shipped as `{usual}`"), once(places));
    }
    let odd: Vec<_> = kinds.iter().filter(|(kind, _)| *kind != usual).collect();
    let say = |(kind, services): &(&&str, &Vec<(&Service, Vec<Span>)>)| {
        let names: Vec<&str> = services.iter().take(NAMED).map(|(s, _)| s.name.as_str()).collect();
        let more = if services.len() > NAMED { format!(" and {} more", services.len() - NAMED) } else { String::new() };
        format!("`{kind}` ({}{more})", names.join(", "))
    };
    let others: Vec<String> = odd.iter().map(say).collect();
    let why = format!("{} of {count} services are shipped as `{usual}`, the others as {}", most.len(), others.join(", "));
    let places = odd.iter().flat_map(|(_, services)| services.iter()).filter_map(|(_, places)| places.first().copied());
    Answer::absent(why, once(places))
}

/// What a service is shipped as, with the steps that make it so: as pipelines do it, else as it is done by hand.
fn artifact(scene: &Scene<'_>, service: usize) -> Option<(&'static str, Vec<Span>)> {
    [true, false].into_iter().find_map(|by_pipeline| {
        // What a Dockerfile makes goes into its image.
        let inside = |s: &Step| s.unit.is_some_and(|unit| scene.program.unit(unit).kind == UnitKind::Dockerfile);
        let own = |s: &&Step| {
            !inside(s) && s.services.contains(&service) && !s.third_party && (s.automation() > Automation::Manual) == by_pipeline
        };
        let made: Vec<&Step> =
            scene.map.steps.iter().filter(own).filter(|s| s.fills(Stage::Package) || s.fills(Stage::Publish)).collect();
        first(&known().artifacts, &made).or_else(|| first(&known().deploys, &scene.deploys().filter(own).collect::<Vec<_>>()))
    })
}

/// The first artifact that some steps make.
fn first(artifacts: &'static [Artifact], steps: &[&Step]) -> Option<(&'static str, Vec<Span>)> {
    artifacts.iter().find_map(|artifact| {
        let is = |s: &&&Step| s.kind.as_ref().is_some_and(|kind| artifact.kinds.contains(kind));
        let places: Vec<Span> = steps.iter().filter(is).filter_map(|s| s.span).collect();
        (!places.is_empty()).then_some((artifact.artifact.as_str(), places))
    })
}
