//! Whether something asks the running product for its health: a probe, an image's own check, a load balancer, or a step.

use super::Answer;
use super::declared::{self, Evidence, Found};
use super::scene::Scene;
use super::{sight, verify_after_deploy};
use crate::catalogue::{Catalogue, table};
use crate::model::{ComposeService, glob};
use crate::source::Span;
use crate::source::paths::is_under;
use crate::syntax::yaml::{Readings, Tree};
use serde::Deserialize;
use std::sync::OnceLock;

/// What is evidence.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    /// How a probe asks.
    handlers: Vec<String>,
    /// Rows of steps that ask after a deploy.
    steps: Vec<String>,
    evidence: Evidence,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| table::single(table::packed!("healthcheck")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let table = table();
    let declared = declared::found(scene, &table.evidence);
    let mut found: Vec<Found<'_>> = declared.into_iter().filter(|f| is_given(scene, f.span)).collect();
    let note = |says: &'static str, span: Span| Found { says, name: String::new(), span };
    found.extend(of_images(scene).map(|span| note("an image has a HEALTHCHECK", span)));
    found.extend(of_servers(scene).map(|span| note("a compose file of a server has a health check", span)));
    let asks = |s: &&crate::model::Step| table.steps.iter().any(|row| glob(row, &s.row));
    let steps = verify_after_deploy::after_deploys(scene).into_iter().filter(asks).filter_map(|s| s.span);
    found.extend(steps.map(|span| note("a step asks for health after a deploy", span)));
    if found.is_empty() {
        return sight::nothing_found(scene, "no probe, HEALTHCHECK or health check of the product was found");
    }
    Answer::present(declared::said(&found), declared::places(&found))
}

/// Whether what a chart puts in for a probe is more than an empty value: where it is one expression, a values file of the chart
/// holds something.
fn is_given(scene: &Scene<'_>, span: Span) -> bool {
    let text = scene.text(span);
    if !text.contains("{{") || table().handlers.iter().any(|h| text.contains(&format!("{h}:"))) {
        return true;
    }
    let path = &scene.sources.file(span.file).path;
    let Some((chart, _)) = path.split_once("/templates/") else { return true };
    let key = text.split(':').next().unwrap_or("");
    let values = scene.sources.files().iter().filter(|f| is_under(&f.path, chart) && f.name().contains("values"));
    let given = |readings: &Readings, file| {
        let root = readings.of(file).and_then(Tree::root);
        let mut any = false;
        if let Some(root) = root {
            declared::objects::walk(root, &["**", key], root.own_span(), 0, &mut |value, _| any |= !value.entries().is_empty());
        }
        any
    };
    values.into_iter().any(|file| given(scene.readings, file))
}

/// Health checks of the product's images.
fn of_images<'s>(scene: &Scene<'s>) -> impl Iterator<Item = Span> + 's {
    let files = scene.program.dockerfiles.iter().filter(|(path, _)| declared::is_delivered(path));
    files.filter_map(|(_, facts)| facts.healthcheck)
}

/// Health checks of the product's services in compose files that a server runs.
fn of_servers<'s>(scene: &Scene<'s>) -> impl Iterator<Item = Span> + 's {
    let words = Catalogue::embedded().words();
    let deployed: Vec<String> =
        scene.deploys().filter(|s| s.row.contains("compose") || s.row.contains("stack")).map(|s| s.text.clone()).collect();
    let serves = move |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let unnamed = matches!(name, "docker-compose.yml" | "docker-compose.yaml" | "compose.yml" | "compose.yaml");
        let chooses =
            |text: &str| ["-f", "--file", "-c", "--compose-file"].iter().any(|o| text.split([' ', '=']).any(|w| w == *o));
        let names = |text: &String| if chooses(text) { text.contains(name) } else { unnamed };
        declared::is_delivered(path) && (words.server_file(path) || deployed.iter().any(names))
    };
    let own = |s: &&'s ComposeService| {
        s.context.is_some() || s.image.as_deref().is_some_and(|i| !words.third_party_image(i) && !words.third_party_product(i))
    };
    let files = scene.program.compose.iter().filter(move |(path, _)| serves(path));
    files.flat_map(move |(_, services)| services.iter().filter(own).filter_map(|s| s.healthcheck))
}
