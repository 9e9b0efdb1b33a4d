//! Whether people or monitoring are told that something was deployed.

use super::Answer;
use super::declared::{self, Evidence};
use super::scene::Scene;
use super::{sight, verify_after_deploy::pipelines};
use crate::catalogue::table;
use crate::model::{Stage, Step, glob};
use crate::source::FileId;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// What is evidence.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    /// Kinds of steps that tell.
    kinds: Vec<String>,
    /// Rows of steps that tell.
    rows: Vec<String>,
    /// Rows of those that do not.
    without: Vec<String>,
    /// Parts of addresses that a step writes to.
    addresses: Vec<String>,
    evidence: Evidence,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| table::single(table::packed!("deploy-observability")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let deploys = |s: &&Step| s.fills(Stage::Deploy) || s.fills(Stage::Provision) && !s.look_only;
    let deploying: BTreeSet<FileId> = scene.in_pipelines().filter(deploys).flat_map(pipelines).collect();
    let tells = scene.in_pipelines().filter(|s| tells(scene, s) && pipelines(s).iter().any(|file| deploying.contains(file)));
    let mut places: Vec<_> = tells.filter_map(|s| s.span).collect();
    let found = declared::found(scene, &table().evidence);
    let deployed = !deploying.is_empty() || scene.deploys().next().is_some();
    if deployed {
        places.extend(declared::places(&found));
    }
    places.dedup();
    places.truncate(20);
    match (places.is_empty(), found.is_empty()) {
        (false, true) => Answer::present("the pipeline that deploys sends a message or a marker", places),
        (false, false) => Answer::present(declared::said(&found), places),
        (true, _) => sight::nothing_found(scene, "no pipeline that deploys tells anyone"),
    }
}

/// Whether a step tells people or monitoring of what its pipeline does.
fn tells(scene: &Scene<'_>, step: &Step) -> bool {
    let table = table();
    let row = step.row.to_ascii_lowercase();
    let any = |patterns: &[String]| patterns.iter().any(|p| glob(&p.to_ascii_lowercase(), &row));
    let kind = step.kind.as_ref().is_some_and(|k| table.kinds.contains(k));
    let text = step.span.map_or("", |span| scene.text(span));
    let address = table.addresses.iter().any(|a| text.contains(a.as_str()));
    matches!(step.stage, Stage::Operate | Stage::Release | Stage::Publish)
        && (kind || any(&table.rows) || address)
        && !any(&table.without)
}
