//! Whether the repository's infrastructure is applied by a pipeline.

use super::Answer;
use super::delivering::{beside_the_product, by_hand, count, few, places, runs, unread};
use super::scene::Scene;
use crate::catalogue::table;
use crate::model::{OrphanKind, Stage, Step};
use crate::source::{SourceFile, Span};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// What of infrastructure a person may apply.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Exceptions {
    /// Folders of what a pipeline needs before it can run.
    bootstrap: Vec<String>,
}

fn exceptions() -> &'static Exceptions {
    static EXCEPTIONS: OnceLock<Exceptions> = OnceLock::new();
    EXCEPTIONS.get_or_init(|| table::single(table::packed!("infrastructure-by-pipeline")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let provisions: Vec<&Step> = scene.steps(Stage::Provision).filter(|s| !s.look_only).collect();
    let pipelines: Vec<&Step> = provisions.iter().copied().filter(|s| runs(s)).collect();
    let done: BTreeSet<&str> = pipelines.iter().map(|s| s.distinct.as_str()).collect();
    // The same command that a pipeline runs is another way to the same end.
    let steps = provisions.iter().filter(|s| by_hand(s) && !done.contains(s.distinct.as_str()));
    let steps = steps.filter_map(|s| Some((s.span?, is_bootstrap(&s.text))));
    let left = scene.map.orphans.iter().filter(|o| is_infrastructure(o.kind, &o.stages)).map(|o| (o.span, false));
    let path = |span: Span| scene.sources.file(span.file).path.as_str();
    let hands = steps.chain(left).filter(|(span, _)| !beside_the_product(path(*span)));
    let (first, rest): (Vec<_>, Vec<_>) = hands.partition(|(span, bootstrap)| *bootstrap || is_bootstrap(path(*span)));
    let (first, rest) = (few(first.into_iter().map(|(span, _)| span)), few(rest.into_iter().map(|(span, _)| span)));
    match (pipelines.is_empty(), rest.is_empty()) {
        (false, true) if first.is_empty() => Answer::present("pipelines apply the infrastructure", places(pipelines)),
        (false, true) => {
            Answer::present("pipelines apply the infrastructure, but for what they need themselves", places(pipelines))
        }
        (false, false) => {
            let why = format!("pipelines apply a part of the infrastructure, {} by hand", count(rest.len(), "place"));
            Answer::absent(why, rest)
        }
        (true, false) => Answer::absent("no pipeline applies the infrastructure", rest),
        (true, true) if !first.is_empty() => Answer::absent("no pipeline applies the infrastructure", first),
        (true, true) => nothing(scene),
    }
}

/// What is said where no step provisions.
fn nothing(scene: &Scene<'_>) -> Answer {
    let files = scene.program.roots.values().filter_map(|r| r.files.first()).copied();
    let roots: Vec<Span> =
        files.map(|id| scene.sources.file(id)).filter(|f| !beside_the_product(&f.path)).map(SourceFile::whole).collect();
    if roots.is_empty() {
        return Answer::not_applicable("the repository holds no infrastructure code");
    }
    let at = few(unread(scene).into_iter().chain(roots));
    Answer::unknown("nothing that was read applies the infrastructure code, something outside may", at)
}

fn is_infrastructure(kind: OrphanKind, stages: &BTreeSet<Stage>) -> bool {
    kind == OrphanKind::TerraformRoot || stages.contains(&Stage::Provision)
}

fn is_bootstrap(path: &str) -> bool {
    path.split(['/', '.', '_', '-']).any(|part| exceptions().bootstrap.iter().any(|word| word == part))
}
