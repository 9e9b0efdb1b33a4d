//! Whether environments are told the same variables.

use super::Answer;
use super::drift::{Difference, Group, Parity};
use super::scene::Scene;
use crate::model::Tier;
use crate::source::Span;

/// At most so many places are shown.
const MAX_PLACES: usize = 20;
/// At most so many keys are named.
const MAX_NAMED: usize = 5;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let compared = scene.drift.iter().map(|g| (g, g.parity())).filter(|(_, p)| *p != Parity::Alone);
    let mut all: Vec<(&Group, Parity)> = compared.collect();
    if all.iter().any(|(g, _)| !g.of_jobs) {
        // What a pipeline hands to its jobs says how to deploy: beside files of settings it decides nothing.
        all.retain(|(g, _)| !g.of_jobs);
    } else {
        all.retain(|(_, p)| matches!(p, Parity::Differs(_)));
    }
    if all.is_empty() {
        return Answer::not_applicable("there are not two files, overlays or jobs that tell environments their variables");
    }
    let drifting: Vec<(&Group, &Vec<Difference>)> = all
        .iter()
        .filter_map(|(group, parity)| match parity {
            Parity::Differs(differences) => Some((*group, differences)),
            _ => None,
        })
        .collect();
    if let Some((group, differences)) = drifting.first() {
        let more = if drifting.len() > 1 { format!(" and {} other groups", drifting.len() - 1) } else { String::new() };
        let why = format!("in {}{more}, some environments lack keys that others have: {}", group.name, named(differences));
        return Answer::absent(why, places(&drifting));
    }
    let files = |open: bool| -> Vec<Span> {
        let asked = all.iter().filter(|(_, p)| (*p == Parity::Open) == open);
        // Production's file first: what comes before it is held against it.
        asked
            .flat_map(|(g, _)| {
                let mut members: Vec<_> = g.members.iter().collect();
                members.sort_by_key(|m| m.tier != Tier::Production);
                members.into_iter().filter_map(|m| m.span)
            })
            .take(MAX_PLACES)
            .collect()
    };
    if all.iter().any(|(_, p)| *p == Parity::Open) {
        return Answer::unknown("a file of an environment could not be read whole, or is a template", files(true));
    }
    let (group, _) = all[0];
    let more = if all.len() > 1 { format!(" and {} other groups", all.len() - 1) } else { String::new() };
    Answer::present(format!("the same keys for production and what comes before it in {}{more}", group.name), files(false))
}

/// The first keys, by name.
fn named(differences: &[Difference]) -> String {
    let names: Vec<&str> = differences.iter().take(MAX_NAMED).map(|d| d.key.as_str()).collect();
    let more = differences.len().saturating_sub(MAX_NAMED);
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

/// Where keys stand that others lack: of each group the first ones.
fn places(drifting: &[(&Group, &Vec<Difference>)]) -> Vec<Span> {
    let each = (MAX_PLACES / drifting.len().max(1)).max(1);
    let of = |differences: &&Vec<Difference>| -> Vec<Span> {
        differences.iter().filter_map(|d| d.have.first().map(|(_, span)| *span)).take(each).collect()
    };
    drifting.iter().flat_map(|(_, differences)| of(differences)).take(MAX_PLACES).collect()
}
