//! Whether a deployment can be undone: by a step, or by the tool where a new version fails.

use super::Answer;
use super::declared::{self, Evidence};
use super::scene::Scene;
use super::sight;
use crate::catalogue::table;
use crate::model::{Automation, Stage, Step};
use serde::Deserialize;
use std::sync::OnceLock;

/// What is evidence beside steps.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Table {
    /// Kinds of steps that undo something else than a deployment.
    without_kinds: Vec<String>,
    evidence: Evidence,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| table::single(table::packed!("rollback")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let table = table();
    let of_deploys = |s: &&Step| !s.third_party && s.kind.as_ref().is_none_or(|k| !table.without_kinds.contains(k));
    let mut steps: Vec<&Step> = scene.steps(Stage::Rollback).filter(of_deploys).collect();
    steps.sort_by_key(|s| std::cmp::Reverse(s.automation()));
    let found = declared::found(scene, &table.evidence);
    let mut places: Vec<_> = steps.iter().filter_map(|s| s.span).collect();
    places.extend(declared::places(&found));
    places.truncate(20);
    match steps.first().map(|s| s.automation()) {
        Some(Automation::Automated) => Answer::present("a pipeline undoes a deployment by itself", places),
        Some(Automation::PushButton) => Answer::present("a pipeline undoes a deployment when a person starts it", places),
        _ if !found.is_empty() => Answer::present(declared::said(&found), places),
        Some(_) => Answer::present("a command of the repository undoes a deployment, by hand", places),
        None => sight::nothing_found(scene, "no step undoes a deployment and no tool is told to"),
    }
}
