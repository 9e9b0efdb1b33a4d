//! Whether what delivers is started by trunk, and not by another branch that lives long.

use super::Answer;
use super::delivering::{deploys, from_trunk, places, runs, shared, unread};
use super::scene::Scene;
use crate::catalogue::table;
use crate::model::{Event, LinkKind, RefKind, Stage, Step, Value, Way};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Names of branches.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Names {
    /// What the name of a branch begins with that is merged or dropped soon, or holds what is made.
    short_lived: Vec<String>,
}

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| table::single(table::packed!("trunk-trigger")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let deploying: Vec<&Step> = deploys(scene).into_iter().filter(|s| runs(s) && shared(scene, s)).collect();
    let publishing = scene.steps(Stage::Publish).filter(|s| runs(s) && shared(scene, s));
    let delivering: Vec<&Step> = if deploying.is_empty() { publishing.collect() } else { deploying };
    if delivering.is_empty() {
        return match unread(scene) {
            found if found.is_empty() => Answer::not_applicable("no pipeline delivers"),
            found => Answer::unknown("a call that was not read may deliver", found),
        };
    }
    let elsewhere: Vec<(&Step, BTreeSet<String>)> =
        delivering.iter().filter_map(|s| Some((*s, other_branches(scene, s)?))).collect();
    if let Some(names) = elsewhere.iter().map(|(_, names)| names.clone()).reduce(|a, b| &a | &b) {
        let names = names.into_iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        let why = format!("of what delivers {} on {names} only, not on trunk", verb(elsewhere.len()));
        return Answer::absent(why, places(elsewhere.into_iter().map(|(s, _)| s)));
    }
    let trunk: Vec<&Step> = delivering.iter().copied().filter(|s| s.ways.iter().any(from_trunk)).collect();
    if !trunk.is_empty() {
        return Answer::present("what delivers starts from trunk, and no other branch that lives long delivers", places(trunk));
    }
    let tag = delivering.iter().any(|s| s.ways.iter().any(|w| w.on == Some(RefKind::Tag)));
    let why = if tag { "a tag starts what delivers, no push to trunk does" } else { "no push to trunk starts what delivers" };
    Answer::absent(why, places(delivering))
}

fn verb(steps: usize) -> String {
    if steps == 1 { "1 step runs".to_owned() } else { format!("{steps} steps run") }
}

/// The branches that live long and start a step that nothing on trunk starts; none where there is none.
fn other_branches(scene: &Scene<'_>, step: &Step) -> Option<BTreeSet<String>> {
    if step.ways.iter().any(|w| w.on != Some(RefKind::OtherBranch)) {
        return None;
    }
    let names: BTreeSet<String> =
        step.ways.iter().filter(|w| w.event != Some(Event::Manual)).flat_map(|w| named(scene, w)).collect();
    (!names.is_empty()).then_some(names)
}

/// The branches that live long among those that a way begins on or asks for.
fn named(scene: &Scene<'_>, way: &Way) -> BTreeSet<String> {
    let asked = way.asked.map_or("", |span| scene.text(span));
    let pipelines = way.chain.iter().filter(|l| l.kind == LinkKind::Pipeline);
    let event = way.chain.iter().find(|l| l.kind == LinkKind::Event).map(|l| l.span);
    let units = pipelines.filter_map(|l| scene.program.units.iter().find(|u| u.span == l.span && !u.starts.is_empty()));
    let starts = units.flat_map(|u| &u.starts).filter(|s| s.on == RefKind::OtherBranch && Some(s.span) == event);
    let values: Vec<&str> = starts.flat_map(|s| &s.facts).flat_map(|(_, value)| texts(value)).collect();
    let is_named =
        |name: &str| values.contains(&name) || asked.split(['"', '\'', ' ', '/', '\n', ',', '[', ']']).any(|word| word == name);
    let long = |name: &&String| **name != scene.program.trunk && lives_long(name);
    scene.program.branches.keys().filter(long).filter(|name| is_named(name)).cloned().collect()
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Text(text) => vec![text.as_str()],
        Value::OneOf(all) => all.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

fn lives_long(name: &str) -> bool {
    let first = name.split(['/', '*']).next().unwrap_or(name).to_ascii_lowercase();
    !first.is_empty() && !names().short_lived.contains(&first)
}
