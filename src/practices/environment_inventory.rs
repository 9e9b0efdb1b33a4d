//! Which environments there are, and whether something deploys to each.

use super::Answer;
use super::scene::{Scene, listed, mechanisms};
use crate::catalogue::Catalogue;
use crate::model::{Automation, Stage, Step, Tier};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// At most so many environments are described, and so many services named.
const MAX: usize = 12;

/// What is known of an environment.
#[derive(Default)]
struct Known<'s> {
    deploys: Vec<&'s Step>,
    /// What makes or configures it without deploying a service.
    prepares: Vec<&'s Step>,
    /// Where files name it without deploying to it.
    named: Vec<Span>,
}

impl<'s> Known<'s> {
    /// What deploys there, else what prepares it.
    fn work(&self) -> &[&'s Step] {
        if self.deploys.is_empty() { &self.prepares } else { &self.deploys }
    }
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let mut all: BTreeMap<String, Known<'_>> = BTreeMap::new();
    for environment in &scene.map.environments {
        all.entry(environment.name.clone()).or_default();
    }
    for step in scene.map.steps.iter().filter(|s| s.span.is_some()) {
        let Some(known) = step.environment.as_ref().and_then(|name| all.get_mut(name)) else { continue };
        known.named.extend(step.span);
        if matches!(step.stage, Stage::Provision | Stage::Configure | Stage::Release) && !step.look_only {
            known.prepares.push(step);
        }
    }
    for step in scene.deliveries() {
        let Some(known) = step.environment.as_ref().and_then(|name| all.get_mut(name)) else { continue };
        known.deploys.push(step);
    }
    for member in scene.drift.iter().flat_map(|g| &g.members) {
        all.entry(member.environment.clone()).or_default().named.extend(member.span);
    }
    if all.is_empty() {
        return Answer::not_applicable("no file names an environment");
    }
    let tier = |name: &str| match scene.tier(name) {
        Tier::Unknown => Catalogue::embedded().environments().tier(name),
        tier => tier,
    };
    let mut order: Vec<(&String, &Known<'_>)> = all.iter().collect();
    let place = |name: &str| scene.map.environments.iter().find(|e| e.name == name).map_or(u32::MAX, |e| e.order);
    order.sort_by_key(|(name, _)| (place(name), tier(name)));
    let described: Vec<String> =
        order.iter().take(MAX).map(|(name, known)| format!("{name} ({}): {}", tier(name), deployed_by(scene, known))).collect();
    let more = if order.len() > MAX { format!("; {} more", order.len() - MAX) } else { String::new() };
    let differing = differing(&order);
    let why = format!("{}{more}{differing}", described.join("; "));
    let left: Vec<Span> =
        order.iter().filter(|(_, k)| k.work().is_empty()).filter_map(|(_, k)| k.named.first().copied()).take(20).collect();
    let deployed: Vec<Span> = order.iter().filter_map(|(_, k)| k.work().first()?.span).take(20).collect();
    if order.iter().all(|(_, known)| !known.work().is_empty()) {
        return Answer::present(why, deployed);
    }
    if scene.unread().is_empty() { Answer::absent(why, left) } else { Answer::unknown(why, scene.unread()) }
}

/// What deploys there, by what means, and which services.
fn deployed_by(scene: &Scene<'_>, known: &Known<'_>) -> String {
    if known.deploys.is_empty() && known.prepares.is_empty() {
        return "nothing deploys there".to_owned();
    }
    let by = listed(&mechanisms(known.work()), 3);
    let files: BTreeSet<String> =
        known.work().iter().filter_map(|s| s.span).map(|span| scene.sources.file(span.file).path.clone()).collect();
    let services: BTreeSet<String> =
        known.work().iter().flat_map(|s| &s.services).map(|i| scene.map.services[*i].name.clone()).collect();
    let hand = known.work().iter().all(|s| s.automation() == Automation::Manual);
    let hand = if hand { ", by hand" } else { "" };
    let what = if services.is_empty() { String::new() } else { format!(" of {}", listed(&services, 3)) };
    format!("{by} in {}{what}{hand}", listed(&files, 2))
}

/// Environments whose mechanism none of the others has.
fn differing(order: &[(&String, &Known<'_>)]) -> String {
    let of: Vec<(&String, BTreeSet<String>)> =
        order.iter().filter(|(_, k)| !k.work().is_empty()).map(|(name, k)| (*name, mechanisms(k.work()))).collect();
    let alone = |name: &String, own: &BTreeSet<String>| of.iter().all(|(other, m)| *other == name || m.is_disjoint(own));
    let names: BTreeSet<String> = of.iter().filter(|(name, own)| alone(name, own)).map(|(name, _)| (*name).clone()).collect();
    if of.len() < 2 || names.is_empty() {
        String::new()
    } else {
        format!("; by other means than the rest: {}", listed(&names, 5))
    }
}
