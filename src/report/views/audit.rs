//! The audit's questions with their answers, and the keys in which environments differ.

use crate::report::look::{BOLD, DIM, Line, Look, PLAIN};
use crate::report::page::Page;
use crate::report::{Drift, Practice, PracticeStatus, Report, words};
use anstyle::{AnsiColor, Style};
use std::collections::BTreeSet;

/// Places of an answer that are shown.
const PLACES: usize = 3;
/// Keys of a group that are shown.
const KEYS: usize = 12;

/// The whole audit.
pub fn audit(report: &Report, look: Look) -> String {
    let mut page = Page::new(look);
    let name = look.escape(&report.repository.name);
    let all = &report.practices;
    let count = |status| all.iter().filter(|p| p.status == status).count();
    page.line(&Line::of(BOLD, format!("Audit of {name}")));
    let sums = [
        (PracticeStatus::Present, "present"),
        (PracticeStatus::Absent, "absent"),
        (PracticeStatus::Unknown, "unknown"),
        (PracticeStatus::NotApplicable, "not applicable"),
    ];
    let parts = sums.iter().filter(|(status, _)| count(*status) > 0);
    let parts = parts.map(|(status, word)| Line::of(style(*status), format!("{} {word}", count(*status)))).collect();
    page.flow(parts, look.dot(), 2);
    page.gap();
    for practice in all {
        answer(practice, &mut page);
    }
    drift(&report.drift, &mut page);
    page.finish()
}

fn style(status: PracticeStatus) -> Style {
    match status {
        PracticeStatus::Present => AnsiColor::Green.on_default(),
        PracticeStatus::Absent => AnsiColor::Red.on_default(),
        PracticeStatus::Unknown => AnsiColor::Yellow.on_default(),
        PracticeStatus::NotApplicable => DIM,
    }
}

fn mark(status: PracticeStatus, look: &Look) -> &'static str {
    match (status, look.ascii) {
        (PracticeStatus::Present, false) => "✓",
        (PracticeStatus::Present, true) => "+",
        (PracticeStatus::Absent, false) => "✗",
        (PracticeStatus::Absent, true) => "x",
        (PracticeStatus::Unknown, _) => "?",
        (PracticeStatus::NotApplicable, false) => "–",
        (PracticeStatus::NotApplicable, true) => "-",
    }
}

fn answer(practice: &Practice, page: &mut Page) {
    let look = page.look;
    // Where files cannot disprove it, and nothing else is shown in its place, it was only not found.
    let unproved = practice.one_sided && practice.status == PracticeStatus::Absent && practice.locations.is_empty();
    let found = if unproved { "not found: " } else { "" };
    let mut places: Vec<String> = practice.locations.iter().map(|l| words::place(l, false, &look)).collect();
    let mut seen = BTreeSet::new();
    places.retain(|place| seen.insert(place.clone()));
    let first = Line::of(style(practice.status), format!("{} ", mark(practice.status, &look)))
        .and(BOLD, look.escape(&practice.asks))
        .and(DIM, format!("  {}", look.escape(&practice.check)));
    page.wrap(first, 2);
    page.wrap(Line::plain(format!("  {found}{}", look.escape(&practice.why))), 2);
    for place in places.iter().take(PLACES) {
        page.wrap(Line::plain("    ").and(DIM, place.as_str()), 4);
    }
    if places.len() > PLACES {
        page.wrap(Line::of(DIM, format!("    and {} more", places.len() - PLACES)), 4);
    }
}

/// Keys that some files of a group have and others lack, group by group.
fn drift(all: &[Drift], page: &mut Page) {
    if all.is_empty() {
        return;
    }
    let look = page.look;
    page.heading("Keys in which environments differ");
    let mut groups: Vec<(&str, Vec<&Drift>)> = Vec::new();
    for one in all {
        match groups.iter_mut().find(|(group, _)| *group == one.group) {
            Some((_, keys)) => keys.push(one),
            None => groups.push((&one.group, vec![one])),
        }
    }
    for (group, keys) in groups {
        let files = words::count(keys[0].files.len(), "file", "files");
        page.wrap(Line::plain(format!(" {}", look.escape(group))).and(DIM, format!("  {files}")), 2);
        for key in keys.iter().take(KEYS) {
            let list = |files: &[String]| files.iter().map(|f| look.escape(f)).collect::<Vec<_>>().join(", ");
            let line = Line::plain("   ")
                .and(BOLD, look.escape(&key.key))
                .and(PLAIN, format!("  not in {}", list(&key.not_in)))
                .and(DIM, format!("  in {}", list(&key.present_in)));
            page.wrap(line, 5);
        }
        if keys.len() > KEYS {
            page.wrap(Line::of(DIM, format!("   and {} more", words::count(keys.len() - KEYS, "key", "keys"))), 5);
        }
    }
}
