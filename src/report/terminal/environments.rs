//! The deploy cell of a service's row: its environments in the order of promotion, with their marks.

use crate::model::{Cell, Tier};
use crate::report::index::Index;
use crate::report::look::{Line, Look, Mark, PLAIN};
use crate::report::{BlockerKind, Report, Service, words};
use std::collections::BTreeMap;

/// Environments that one row names; more are put together by tier.
const MOST: usize = 4;

/// One environment, or several of one tier.
#[derive(Clone)]
pub(super) struct Entry {
    /// What lines up with it in other rows: the environment's name or the tier.
    key: String,
    /// What is shown.
    label: String,
    /// Its distinct marks, the weakest first.
    marks: Vec<Mark>,
}

/// The environments of a service.
pub(super) struct Environments {
    /// One by one; by tier where there are many.
    pub(super) full: Vec<Entry>,
    /// By tier.
    pub(super) tiers: Vec<Entry>,
}

/// How deploy cells are laid out.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// By tier.
    pub(super) tiers: bool,
    /// Below each other.
    pub(super) stacked: bool,
    /// Widest label.
    pub(super) name: usize,
}

/// The environments of a service's deploy cell, production last.
pub(super) fn of(report: &Report, index: &Index, service: &Service, look: &Look) -> Environments {
    let Some(deploy) = service.path.iter().find(|p| p.cell == Cell::Deploy) else {
        return Environments { full: Vec::new(), tiers: Vec::new() };
    };
    let mut marks: BTreeMap<Option<&str>, Mark> = BTreeMap::new();
    for step in index.of_cell(deploy) {
        let mark = words::step_mark(step);
        let best = marks.entry(step.environment.as_deref()).or_insert(mark);
        *best = mark.max(*best);
    }
    for blocker in &service.to_production.blockers {
        if blocker.cell == Cell::Deploy && blocker.kind == BlockerKind::Missing {
            marks.entry(blocker.environment.as_deref()).or_insert(Mark::Missing);
        }
    }
    // A missing step without an environment says no more than what stands beside it.
    if marks.len() > 1 && marks.get(&None) == Some(&Mark::Missing) {
        marks.remove(&None);
    }
    if marks.is_empty() {
        marks.insert(None, Mark::Missing);
    }
    let known = |name: Option<&str>| name.and_then(|n| report.environment(n));
    let tier = |name: Option<&str>| known(name).map_or(Tier::Unknown, |e| e.tier);
    let mut found: Vec<(Option<&str>, Mark)> = marks.into_iter().collect();
    found.sort_by_key(|(name, _)| (tier(*name) == Tier::Production, known(*name).map_or(0, |e| e.order), *name));
    let tiers = by_tier(found.iter().map(|(name, mark)| (tier(*name), *name, *mark)), look);
    let full = if found.len() <= MOST {
        let unnamed = if found.len() > 1 { "unnamed" } else { "" };
        let one = |(name, mark): (Option<&str>, Mark)| {
            let label = look.escape(name.unwrap_or(unnamed));
            Entry { key: label.clone(), label, marks: vec![mark] }
        };
        found.into_iter().map(one).collect()
    } else {
        tiers.clone()
    };
    Environments { full, tiers }
}

/// Those of one tier together.
fn by_tier<'a>(all: impl Iterator<Item = (Tier, Option<&'a str>, Mark)>, look: &Look) -> Vec<Entry> {
    let mut groups: Vec<(Tier, Vec<Mark>, Vec<&str>)> = Vec::new();
    for (tier, name, mark) in all {
        let name = name.unwrap_or("");
        match groups.iter_mut().find(|(t, ..)| *t == tier) {
            Some((_, marks, names)) => {
                marks.push(mark);
                names.push(name);
            }
            None => groups.push((tier, vec![mark], vec![name])),
        }
    }
    let times = look.sign("×", "x");
    let entry = |(tier, mut marks, names): (Tier, Vec<Mark>, Vec<&str>)| {
        marks.sort_unstable();
        marks.dedup();
        let label = match names.as_slice() {
            [one] => look.escape(one),
            several if tier == Tier::Unknown => format!("{} {times} other", several.len()),
            several => format!("{} {times} {tier}", several.len()),
        };
        Entry { key: tier.to_string(), label, marks }
    };
    groups.into_iter().map(entry).collect()
}

/// The deploy cell of each row: one line, or one for each environment.
pub(super) fn cells(rows: &[&Environments], form: Form, look: &Look) -> Vec<Vec<Line>> {
    let entries = |e: &Environments| if form.tiers { e.tiers.clone() } else { e.full.clone() };
    let rows: Vec<Vec<Entry>> = rows.iter().map(|e| entries(e)).collect();
    let label = |name: &str| Line::plain(name).cut(form.name, look);
    let marks = |marks: &[Mark]| marks.iter().fold(Line::new(), |line, m| line.then(Line::mark(*m, look)));
    let one = |entry: &Entry| {
        let gap = if entry.label.is_empty() { "" } else { " " };
        label(&entry.label).and(PLAIN, gap).then(marks(&entry.marks))
    };
    if form.stacked {
        let widest = rows.iter().flatten().map(|e| label(&e.label).width()).max().unwrap_or(0);
        let pad = if widest == 0 { 0 } else { widest + 1 };
        let line = |entry: &Entry| label(&entry.label).pad(pad).then(marks(&entry.marks));
        return rows.iter().map(|row| row.iter().map(line).collect()).collect();
    }
    if let Some(keys) = common(&rows) {
        let wide = |key: &str| rows.iter().flatten().filter(|e| e.key == key).map(|e| one(e).width()).max().unwrap_or(0);
        let line = |row: &Vec<Entry>| {
            let mut at = 0;
            let mut line = Line::new();
            for key in &keys {
                if let Some(entry) = row.iter().find(|e| e.key == *key) {
                    line = line.pad(at).then(one(entry));
                }
                at += wide(key) + 2;
            }
            vec![line]
        };
        return rows.iter().map(line).collect();
    }
    let join = |line: Line, entry: &Entry| if line.is_empty() { one(entry) } else { line.and(PLAIN, "  ").then(one(entry)) };
    rows.iter().map(|row| vec![row.iter().fold(Line::new(), join)]).collect()
}

/// The keys of all rows in one order, where they are few enough to stand below each other.
fn common(rows: &[Vec<Entry>]) -> Option<Vec<&str>> {
    let mut keys: Vec<&str> = Vec::new();
    for entry in rows.iter().flatten() {
        if !keys.contains(&entry.key.as_str()) {
            keys.push(&entry.key);
        }
    }
    let from_end = |key: &str| rows.iter().filter_map(|r| r.iter().rev().position(|e| e.key == key)).max();
    keys.sort_by_key(|k| std::cmp::Reverse(from_end(k)));
    (keys.len() <= MOST && keys.iter().all(|k| !k.is_empty())).then_some(keys)
}
