//! What the report could not know, and what else is worth a look: summarised on the first screen, listed in full below.

use super::{Detail, Options};
use crate::model::Stage;
use crate::report::look::{DIM, Line, Look, Mark, PLAIN};
use crate::report::page::Page;
use crate::report::{Location, PassedFile, Report, words};
use crate::source::Severity;
use anstyle::{AnsiColor, Style};
use std::collections::HashMap;

/// Notes of one kind that the first screen lists.
const FIRST_SCREEN: usize = 3;
/// Column at which a place starts where the text leaves room.
const PLACE: usize = 76;

/// The same text at several places.
struct Note<'a> {
    sign: Line,
    text: String,
    places: Vec<&'a Location>,
}

/// The summary.
pub(super) fn section(report: &Report, options: &Options, page: &mut Page) {
    let look = page.look;
    let most = if options.detail == Detail::Verbose { usize::MAX } else { FIRST_SCREEN };
    let unknowns = gather(report.unknowns.iter().map(|u| (Line::mark(Mark::Unknown, &look), u.why.as_str(), &u.location)), &look);
    let mut faults: Vec<_> = report.diagnostics.iter().filter(|d| d.severity != Severity::Note || most > FIRST_SCREEN).collect();
    faults.sort_by_key(|d| d.severity);
    let faults = gather(faults.iter().map(|d| (severity(d.severity), d.message.as_str(), &d.location)), &look);
    let widest = unknowns.iter().take(most).chain(faults.iter().take(most)).map(|n| crate::report::look::width(&n.text) + 4);
    let column = widest.max().unwrap_or(0).min(PLACE);
    list(&unknowns, most, "unknowns", column, page);
    list(&faults, most, "faults", column, page);
    passed(&report.files.unread, "not read", most, page);
    if options.detail != Detail::Verbose {
        counts(report, page);
    }
}

fn severity(severity: Severity) -> Line {
    let (style, sign): (Style, _) = match severity {
        Severity::Error => (AnsiColor::Red.on_default(), "!"),
        Severity::Warning => (AnsiColor::Yellow.on_default(), "!"),
        Severity::Note => (DIM, "i"),
    };
    Line::of(style, sign)
}

/// Put equal texts together, in the order of their first place.
fn gather<'a>(all: impl Iterator<Item = (Line, &'a str, &'a Location)>, look: &Look) -> Vec<Note<'a>> {
    let mut notes: Vec<Note> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (sign, text, location) in all {
        let text = look.escape(text);
        if let Some(note) = known.get(&text).and_then(|at| notes.get_mut(*at)).filter(|n| n.sign == sign) {
            note.places.push(location);
        } else {
            known.insert(text.clone(), notes.len());
            notes.push(Note { sign, text, places: vec![location] });
        }
    }
    notes
}

fn list(notes: &[Note], most: usize, what: &str, column: usize, page: &mut Page) {
    let look = page.look;
    for note in notes.iter().take(most) {
        let left = note.sign.clone().and(PLAIN, format!(" {}", note.text));
        let shown = if most == usize::MAX { note.places.len() } else { 1 };
        let rest = note.places.len().saturating_sub(shown);
        for (i, location) in note.places.iter().take(shown).enumerate() {
            let mut place = words::place(location, false, &look);
            if rest > 0 {
                place = format!("{place} and {}", words::count(rest, "other place", "other places"));
            }
            let left = if i == 0 { left.clone() } else { Line::new() };
            page.placed(left, column, Line::of(DIM, place), 2);
        }
    }
    if notes.len() > most {
        page.line(&Line::of(DIM, format!("  and {} more {what} (--verbose shows all)", notes.len() - most)));
    }
}

fn passed(files: &[PassedFile], what: &str, most: usize, page: &mut Page) {
    let look = page.look;
    for file in files.iter().take(most) {
        let why = look.escape(&file.why);
        page.line(
            &severity(Severity::Warning).and(PLAIN, format!(" {what}: {}", look.escape(&file.path))).and(DIM, format!("  {why}")),
        );
    }
    if files.len() > most {
        page.line(&Line::of(DIM, format!("  and {} more {what} (--verbose shows all)", files.len() - most)));
    }
}

/// One line for what is only listed in full.
fn counts(report: &Report, page: &mut Page) {
    let mut parts = Vec::new();
    if !report.orphans.is_empty() {
        let n = words::count(report.orphans.len(), "orphan", "orphans");
        let what =
            if report.orphans.len() == 1 { "a file that would deliver, but that" } else { "files that would deliver, but that" };
        parts.push(format!("{n}: {what} nothing runs"));
    }
    if !report.disabled.is_empty() {
        let n = report.disabled.len();
        parts.push(format!("{} switched off", words::count(n, "piece of work", "pieces of work")));
    }
    if !report.suppressed.is_empty() {
        parts.push(format!("{} suppressed", words::count(report.suppressed.len(), "finding", "findings")));
    }
    let Some(last) = parts.last_mut() else { return };
    last.push_str(" (--verbose shows all)");
    let dot = page.look.dot();
    page.flow(parts.into_iter().map(|p| Line::of(DIM, p)).collect(), dot, 0);
}

/// Everything that is only listed in full: gates, orphans, what is switched off, files, suppressions.
pub(super) fn full(report: &Report, page: &mut Page) {
    let look = page.look;
    block(
        "Gates",
        report.gates.iter().map(|g| {
            let held = words::count(g.steps.len(), "step", "steps");
            let name = if g.name.is_empty() { String::new() } else { format!(" {}", look.escape(&g.name)) };
            let waits = if g.blocking { format!("holds back {held}") } else { format!("holds back only its own {held}") };
            (format!("{}{name}: {}, {waits}", g.kind, words::gate(g.kind)), Some(&g.location))
        }),
        page,
    );
    block(
        "Orphans",
        report.orphans.iter().map(|o| {
            let stages: Vec<&str> = o.stages.iter().map(|s: &Stage| s.as_str()).collect();
            (format!("{}: {}", o.kind, stages.join(", ")), Some(&o.location))
        }),
        page,
    );
    block(
        "Switched off",
        report.disabled.iter().map(|d| (format!("{} ({})", look.escape(&d.text), look.escape(&d.why)), Some(&d.location))),
        page,
    );
    block("Read in part", report.files.partly_read.iter().map(|f| file(f, &look)), page);
    block("Passed over", report.files.skipped.iter().map(|f| file(f, &look)), page);
    block(
        "Suppressed",
        report.suppressed.iter().map(|s| {
            let until = s.until.as_ref().map_or_else(String::new, |u| format!(" until {}", look.escape(u)));
            (format!("{}{until}: {}", look.escape(&s.rule), look.escape(&s.reason)), Some(&s.location))
        }),
        page,
    );
}

fn file<'a>(file: &PassedFile, look: &Look) -> (String, Option<&'a Location>) {
    (format!("{}: {}", look.escape(&file.path), look.escape(&file.why)), None)
}

fn block<'a>(title: &str, rows: impl Iterator<Item = (String, Option<&'a Location>)>, page: &mut Page) {
    let look = page.look;
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return;
    }
    page.heading(title);
    let widest = rows.iter().map(|(t, _)| crate::report::look::width(t) + 1).max().unwrap_or(0);
    for (text, location) in rows {
        let place = location.map_or_else(String::new, |l| words::place(l, false, &look));
        page.placed(Line::plain(format!(" {text}")), (widest + 2).min(PLACE), Line::of(DIM, place), 3);
    }
}
