//! How a new version takes the place of the old one, and whether the files say so.

use super::Answer;
use super::declared::{self, Evidence, Found, objects};
use super::scene::Scene;
use super::sight;
use crate::catalogue::table;
use crate::model::{Stage, Step};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Services that are named for a strategy.
const NAMED: usize = 4;

/// Kinds of workloads that are replaced by degrees where they say nothing.
const ROLLED: &[&str] = &["Deployment", "StatefulSet", "DaemonSet"];

fn table() -> &'static Evidence {
    static TABLE: OnceLock<Evidence> = OnceLock::new();
    TABLE.get_or_init(|| table::single(table::packed!("deployment-strategy")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let found = declared::found(scene, table());
    let silent = without_strategy(scene, &found);
    let mut parts = declared_in_words(&found);
    if !silent.is_empty() {
        let names: Vec<&str> = silent.iter().map(|(name, _)| name.as_str()).collect();
        parts.push(format!("rolling by default, not said: {}", listed(&names)));
    }
    if !found.is_empty() {
        return Answer::present(parts.join("; "), declared::places(&found));
    }
    if !silent.is_empty() {
        return Answer::absent(parts.join("; "), silent.iter().map(|(_, span)| *span).take(20).collect());
    }
    let on_hosts: Vec<Span> = scene.deploys().filter(|s| on_a_host(s)).filter_map(|s| s.span).take(20).collect();
    if !on_hosts.is_empty() {
        return Answer::absent("replaced in place on its hosts, nothing else is said", on_hosts);
    }
    let mut deploys: Vec<Span> = scene.deploys().filter_map(|s| s.span).collect();
    deploys.dedup();
    deploys.truncate(20);
    let mut none = sight::nothing_found(scene, "no strategy is declared, the platform's default holds");
    if none.status == super::Status::Absent {
        none.places = deploys;
    }
    none
}

/// Whether a step replaces a version on a host that it reaches by name.
fn on_a_host(step: &Step) -> bool {
    let kind = step.kind.as_deref();
    step.fills(Stage::Deploy) && matches!(kind, Some("ssh" | "restart" | "playbook"))
        || ["ssh", "scp", "rsync", "systemctl", "ansible-playbook"].iter().any(|p| step.row.starts_with(p))
}

/// Each strategy with who has it.
fn declared_in_words(found: &[Found<'_>]) -> Vec<String> {
    let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in found {
        let names = by.entry(one.says).or_default();
        if !one.name.is_empty() && !one.name.contains("_Xq") && !names.contains(&&*one.name) {
            names.push(&one.name);
        }
    }
    let words = |(says, names): (&str, Vec<&str>)| {
        if names.is_empty() { says.to_owned() } else { format!("{says}: {}", listed(&names)) }
    };
    by.into_iter().map(words).collect()
}

fn listed(names: &[&str]) -> String {
    let first = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Workloads of the product that say nothing of how they are replaced.
fn without_strategy(scene: &Scene<'_>, found: &[Found<'_>]) -> Vec<(String, Span)> {
    let mut out: Vec<(String, Span)> = Vec::new();
    objects::each(
        scene,
        |file| file.text.contains("kind") && file.text.contains("containers"),
        |file, object| {
            let said = object.node.at(&["spec", "strategy"]).or_else(|| object.node.at(&["spec", "updateStrategy"]));
            let holder = object.node.at(&["spec", "template", "spec", "containers"]).is_some();
            let known = found.iter().any(|f| !object.name.is_empty() && f.name == object.name);
            if !ROLLED.contains(&object.kind) || !holder || said.is_some() || known {
                return;
            }
            let plain = !object.name.is_empty() && !object.name.contains("_Xq") && !object.name.contains("{{");
            let name = if plain { object.name } else { file.name().split('.').next().unwrap_or("") };
            if !declared::is_foreign(scene, name) && !out.iter().any(|(other, _)| other == name) {
                out.push((name.to_owned(), object.node.own_span()));
            }
        },
    );
    out
}
