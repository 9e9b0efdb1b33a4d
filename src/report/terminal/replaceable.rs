//! Scripts that an option replaces: by rule, with the first place; in full with what takes their place.

use super::{Detail, Options};
use crate::report::look::{DIM, Line, Look, PLAIN};
use crate::report::page::Page;
use crate::report::{Replacement, ReplacementKind, Report, RuleConfidence, words};
use anstyle::AnsiColor;

/// Rules that the first screen lists.
const FIRST_SCREEN: usize = 5;
/// Column at which a place starts where the text leaves room.
const PLACE: usize = 76;
/// Lines of a text that are shown.
const MAX_LINES: usize = 12;

/// The findings, the surest rules first.
pub(super) fn section(report: &Report, options: &Options, page: &mut Page) {
    let all: Vec<&Replacement> = report.replacements.iter().filter(|r| r.kind == ReplacementKind::Replace).collect();
    if all.is_empty() {
        return;
    }
    let sure = all.iter().filter(|r| r.confidence == RuleConfidence::High).count();
    page.heading("Scripts that an option replaces");
    let mut rules: Vec<(&str, Vec<&Replacement>)> = Vec::new();
    for one in &all {
        match rules.iter_mut().find(|(rule, _)| *rule == one.rule) {
            Some((_, places)) => places.push(one),
            None => rules.push((&one.rule, vec![one])),
        }
    }
    rules.sort_by(|(a, x), (b, y)| y[0].confidence.cmp(&x[0].confidence).then(y.len().cmp(&x.len())).then(a.cmp(b)));
    let verbose = options.detail == Detail::Verbose;
    let most = if verbose { usize::MAX } else { FIRST_SCREEN };
    for (rule, places) in rules.iter().take(most) {
        one_rule(rule, places, verbose, page);
    }
    let look = page.look;
    let mut parts =
        vec![format!("{} in {}", words::count(all.len(), "place", "places"), words::count(rules.len(), "rule", "rules"))];
    if sure < all.len() {
        parts.push(format!("{sure} sure, {} to think about", all.len() - sure));
    }
    if report.replaceable.lines > 0 {
        parts.push(format!("{} would go", words::count(report.replaceable.lines, "line", "lines")));
    }
    if !verbose {
        parts.push("--verbose shows all, `prodpath fix` the edits".to_owned());
    }
    page.flow(parts.into_iter().map(|p| Line::of(DIM, p)).collect(), look.dot(), 2);
}

fn one_rule(rule: &str, places: &[&Replacement], verbose: bool, page: &mut Page) {
    let look = page.look;
    let first = places[0];
    let sign = if first.confidence == RuleConfidence::High { AnsiColor::Green.on_default() } else { DIM };
    let mark = if look.ascii { ">" } else { "▸" };
    let left =
        Line::of(sign, format!(" {mark} ")).and(PLAIN, look.escape(&first.message)).and(DIM, format!("  {}", look.escape(rule)));
    let mut place = words::place(&first.location, false, &look);
    if places.len() > 1 && !verbose {
        place = format!("{place} and {}", words::count(places.len() - 1, "other place", "other places"));
    }
    if !verbose {
        page.placed(left, PLACE, Line::of(DIM, place), 5);
        return;
    }
    page.wrap(left, 5);
    for one in places {
        page.line(&Line::of(DIM, format!("   {}", words::place(&one.location, false, &look))));
        lines(&one.before, '-', AnsiColor::Red.on_default(), &look, page);
        lines(&one.after, '+', AnsiColor::Green.on_default(), &look, page);
    }
    let mut facts = Vec::new();
    if !first.since.is_empty() {
        facts.push(format!("from {}", look.escape(&first.since)));
    }
    facts.push(look.escape(&first.equivalence));
    facts.push(look.escape(&first.docs));
    facts.retain(|f| !f.is_empty());
    page.wrap(Line::of(DIM, format!("   {}", facts.join(look.dot()))), 3);
}

fn lines(text: &str, sign: char, style: anstyle::Style, look: &Look, page: &mut Page) {
    let all: Vec<&str> = text.lines().collect();
    for line in all.iter().take(MAX_LINES) {
        page.wrap(Line::of(style, format!("   {sign} {}", look.escape(line))), 5);
    }
    if all.len() > MAX_LINES {
        page.line(&Line::of(DIM, format!("     and {} more lines", all.len() - MAX_LINES)));
    }
}
