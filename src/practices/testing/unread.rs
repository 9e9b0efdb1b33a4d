//! What was not read and may run tests.

use super::Kind;
use super::words::words;
use crate::catalogue::Catalogue;
use crate::model::{Automation, Flag, Item, Stage, Unit, UnitKind};
use crate::practices::scene::Scene;
use crate::source::{SourceFile, Span};
use std::collections::BTreeMap;

/// The places of calls and pipelines that were not read and may run tests; of a kind, where one is asked for.
pub(in crate::practices) fn may_test(scene: &Scene<'_>, kind: Option<Kind>) -> Vec<Span> {
    let names = Catalogue::embedded().words();
    let mut elsewhere = BTreeMap::new();
    scene.program.units.iter().for_each(|u| calls_elsewhere(&u.body, &mut elsewhere));
    let may = |span: Span| {
        let stage_of = |name: &str| names.stage(name.rsplit('/').next().unwrap_or(name));
        match elsewhere.get(&span) {
            Some(name) => match stage_of(name) {
                Some(stage) => stage == Stage::Test,
                None => job_around(scene, span).is_none_or(|job| stage_of(&job.name).is_none_or(|s| s == Stage::Test)),
            },
            None => says_test(scene.text(span), kind) && !is_dockerfile(scene.sources.file(span.file)),
        }
    };
    let calls = scene.map.unresolved.iter().filter(|u| u.automation >= Automation::PushButton).map(|u| u.span);
    let unread = scene.program.unread_pipelines.iter().map(|(_, file)| scene.sources.file(*file).whole());
    let by_name = scene.in_pipelines().filter(|s| s.flags.contains(&Flag::ByName) && s.stage != Stage::Operate);
    let by_name = by_name.filter(|s| s.span.is_some_and(|at| elsewhere.contains_key(&at)) && says_test(&s.text, kind));
    let by_name: Vec<Span> = by_name.filter_map(|s| s.span).collect();
    let mut places: Vec<Span> = calls.filter(|span| may(*span)).chain(by_name).chain(unread).collect();
    places.sort_unstable();
    places.dedup();
    places.truncate(20);
    places
}

/// Whether a text says that it tests, and names no other kind than the one that is asked for.
fn says_test(text: &str, kind: Option<Kind>) -> bool {
    let said = words().of_command(text);
    words().tests(text) && (kind.is_none() || said.is_none() || said == kind)
}

fn is_dockerfile(file: &SourceFile) -> bool {
    file.name().to_lowercase().contains("dockerfile")
}

/// Calls of what other repositories or servers hold, by place.
fn calls_elsewhere(items: &[Item], out: &mut BTreeMap<Span, String>) {
    for item in items {
        match item {
            Item::BuiltIn(builtin) if builtin.external_call => {
                out.insert(builtin.span, builtin.name.clone());
            }
            Item::Block(block) => calls_elsewhere(&block.items, out),
            _ => {}
        }
    }
}

/// The smallest job around a place.
fn job_around<'s>(scene: &Scene<'s>, span: Span) -> Option<&'s Unit> {
    let jobs = scene.program.units.iter().filter(|u| u.kind == UnitKind::Job && u.span.contains(span));
    jobs.min_by_key(|u| u.span.end - u.span.start)
}
