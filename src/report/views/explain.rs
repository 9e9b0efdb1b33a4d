//! Why a step is what it is: its stage, the chain that decides its automation, and what is not known.

use super::why_not::example;
use crate::model::{Automation, Cell, Confidence, Flag, Stage};
use crate::report::look::{BOLD, DIM, Line, Look, Mark, PLAIN, width};
use crate::report::page::{Align, Page, columns};
use crate::report::{Blocker, BlockerKind, Link, LinkKind, Location, Orphan, Report, Step, words};
use crate::source::paths::is_under;

/// What is to be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Whatever stands at a line of a file.
    Place {
        /// The file, relative to the scanned folder.
        path: String,
        /// The line, from 1.
        line: u32,
    },
    /// A step by its id, its key, or the start of one; else a cell of a service (`cart:verify`), or the file of an orphan.
    Id(String),
}

impl Target {
    /// `path:12` and `path:12:5` are places, everything else is an id.
    pub fn parse(text: &str) -> Self {
        let number = |t: &str| t.parse::<u32>().ok();
        if let Some((path, last)) = text.rsplit_once(':')
            && let Some(line) = number(last)
        {
            let with_column = path.rsplit_once(':').and_then(|(path, line)| Some((path, number(line)?)));
            let (path, line) = with_column.unwrap_or((path, line));
            return Self::place(path, line);
        }
        Self::Id(text.to_owned())
    }

    fn place(path: &str, line: u32) -> Self {
        let path = path.strip_prefix("./").unwrap_or(path).replace('\\', "/");
        Self::Place { path, line }
    }
}

/// The explanation, and whether there was something to explain.
pub fn explain(report: &Report, target: &Target, look: Look) -> (String, bool) {
    let mut page = Page::new(look);
    let found: Vec<&Step> = match target {
        Target::Place { path, line } => at_line(report, path, *line),
        Target::Id(id) => by_id(report, id).or_else(|| in_cell(report, id)).unwrap_or_default(),
    };
    for step in &found {
        page.gap();
        one(report, step, &mut page);
    }
    if !found.is_empty() {
        return (page.finish(), true);
    }
    match target {
        Target::Place { path, line } => {
            let known = no_step(report, path, *line, &mut page);
            (page.finish(), known)
        }
        Target::Id(path) if orphans(report, path, &mut page) => (page.finish(), true),
        Target::Id(id) => {
            let text = format!(
                "{} is no line (PATH:LINE), no cell of a service (SERVICE:CELL), no file of an orphan and no id of a step; ids stand \
                 in the JSON report, under steps.",
                look.escape(id)
            );
            page.wrap(Line::plain(text), 2);
            (page.finish(), false)
        }
    }
}

fn covers(location: &Location, path: &str, line: u32) -> bool {
    location.path == path && (location.line..=location.end_line.max(location.line)).contains(&line)
}

fn at_line<'a>(report: &'a Report, path: &str, line: u32) -> Vec<&'a Step> {
    report.steps.iter().filter(|s| s.location.as_ref().is_some_and(|l| covers(l, path, line))).collect()
}

fn by_id<'a>(report: &'a Report, id: &str) -> Option<Vec<&'a Step>> {
    if let Some(step) = report.steps.iter().find(|s| s.id == id || s.key == id) {
        return Some(vec![step]);
    }
    let hex = id.len() >= 4 && id.chars().all(|c| c.is_ascii_hexdigit());
    let found: Vec<&Step> = report.steps.iter().filter(|s| hex && s.key.starts_with(id)).collect();
    (!found.is_empty()).then_some(found)
}

/// The steps of a cell, or what stands for them where there are none: `cart:verify`.
fn in_cell<'a>(report: &'a Report, text: &str) -> Option<Vec<&'a Step>> {
    let (service, cell) = text.rsplit_once(':')?;
    let (service, cell) = (report.service(service)?, Cell::parse(cell)?);
    let path = service.path.iter().find(|c| c.cell == cell)?;
    if path.steps.is_empty() {
        let missing = |s: &&Step| s.location.is_none() && s.stage == cell.stage();
        return Some(report.steps_of(&service.name).filter(missing).collect());
    }
    Some(path.steps.iter().filter_map(|id| report.step(id)).collect())
}

/// What is left over in a file or folder: why it is an orphan, what it would do, and what would take it in.
fn orphans(report: &Report, path: &str, page: &mut Page) -> bool {
    let look = page.look;
    let path = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
    let found: Vec<&Orphan> = report.orphans.iter().filter(|o| is_under(&o.location.path, path)).collect();
    for orphan in &found {
        page.gap();
        let mark = Line::mark(Mark::Manual, &look).and(PLAIN, " ").and(BOLD, look.escape(&orphan.location.path));
        page.wrap(mark.and(DIM, format!("  orphan: {}", words::orphan(orphan.kind))), 4);
        let stages: Vec<&str> = orphan.stages.iter().map(|s| s.as_str()).collect();
        let does = format!(
            "It would {}, and no pipeline, script, target or controller of the repository reaches it.",
            stages.join(" and ")
        );
        page.wrap(Line::plain(format!("  {does}")), 2);
        let own = |s: &&Step| {
            let in_file = |l: &Location| l.path == orphan.location.path;
            s.automation == Automation::Manual
                && (s.location.as_ref().is_some_and(in_file) || s.chain.iter().filter_map(|l| l.location.as_ref()).any(in_file))
        };
        for step in report.steps.iter().filter(own).take(8) {
            let line = Line::plain("    ").then(Line::mark(words::step_mark(step), &look));
            let text = look.escape(step.text.as_deref().unwrap_or(""));
            let place = step.location.as_ref().map_or_else(String::new, |l| words::place(l, false, &look));
            page.placed(line.and(PLAIN, format!(" {}: {text}", step.stage)), 0, Line::of(DIM, place), 6);
        }
        page.wrap(Line::of(DIM, format!("  {}", words::taken_in(orphan.kind))), 2);
    }
    !found.is_empty()
}

/// Everything about one step.
fn one(report: &Report, step: &Step, page: &mut Page) {
    let look = page.look;
    let text = step.text.as_deref().map_or_else(|| format!("missing {}", step.stage), |t| look.escape(t));
    let mark = Line::mark(words::step_mark(step), &look);
    page.wrap(mark.and(PLAIN, " ").and(BOLD, text), 4);
    let mut facts = Vec::new();
    if let Some(location) = &step.location {
        facts.push(words::place(location, true, &look));
    }
    if let Some(unit) = &step.unit {
        facts.push(format!("in {}", look.escape(unit)));
    }
    facts.push(format!("id {}", step.id));
    page.flow(facts.into_iter().map(|f| Line::plain("  ").and(DIM, f)).collect(), "", 0);
    page.gap();
    let mut rows = vec![("stage", format!("{}: {}", step.stage, words::stage(step.stage))), ("", why(step, &look))];
    if !step.also.is_empty() {
        let also: Vec<&str> = step.also.iter().map(|s| s.as_str()).collect();
        rows.push(("", format!("it also does {}", also.join(", "))));
    }
    if let Some(kind) = &step.test_kind {
        rows.push(("test kind", look.escape(kind)));
    }
    if let Some(means) = step.means {
        rows.push(("means", format!("{means}: {}", words::means(means))));
    }
    rows.push(("environment", environment(report, step, &look)));
    let services: Vec<&str> = step.services.iter().map(String::as_str).collect();
    rows.push(("serves", if services.is_empty() { "no service".to_owned() } else { words::names(&services, 8, &look) }));
    if matches!(step.stage, Stage::Test | Stage::Scan | Stage::Verify) && step.location.is_some() {
        let can = if step.blocking { "yes: it can fail and stop what follows" } else { "no: its failure stops nothing" };
        rows.push(("blocking", can.to_owned()));
    }
    rows.push(("automation", format!("{}: {}", step.automation, words::automation(step.automation))));
    for (name, value) in rows.into_iter().filter(|(_, v)| !v.is_empty()) {
        page.wrap(Line::plain("  ").and(DIM, name).pad(16).and(PLAIN, value), 16);
    }
    if step.location.is_none() {
        elsewhere(report, step, page);
    }
    chain(report, &step.chain, page);
    gates(report, step, page);
    other_ways(step, page);
    not_known(report, step, page);
}

/// Who does already what a service lacks.
fn elsewhere(report: &Report, step: &Step, page: &mut Page) {
    let look = page.look;
    let service = step.services.first().and_then(|name| report.service(name));
    let (Some(service), Some(cell)) = (service, Cell::parse(step.stage.as_str())) else { return };
    let blocker = Blocker { kind: BlockerKind::Missing, cell, environment: None, location: None };
    if let Some((whose, step)) = example(report, service, &blocker) {
        page.heading("  Already there");
        let text = format!("    {}: {}", look.escape(&whose), look.escape(step.text.as_deref().unwrap_or("")));
        let place = step.location.as_ref().map_or_else(String::new, |l| words::place(l, true, &look));
        page.placed(Line::plain(text), 0, Line::of(DIM, place), 6);
    }
}

/// Why the step has its stage, as far as the report says.
fn why(step: &Step, look: &Look) -> String {
    if step.location.is_none() {
        return step.why.as_deref().map_or_else(String::new, |why| look.escape(why));
    }
    if step.flags.contains(&Flag::ByName) {
        return "by its name only: what it calls could not be read".to_owned();
    }
    let read = step
        .row
        .as_deref()
        .map_or_else(|| "its own form".to_owned(), |row| format!("the row `{}` of the tables", look.escape(row)));
    match step.confidence {
        Confidence::Certain => format!("by {read}"),
        Confidence::Likely => format!("by {read}; likely, not certain"),
        Confidence::Low => "guessed from a name".to_owned(),
    }
}

fn environment(report: &Report, step: &Step, look: &Look) -> String {
    let Some(name) = &step.environment else { return "none named".to_owned() };
    let tier = report.environment(name).map(|e| e.tier);
    match tier {
        Some(tier) if tier.as_str() != name => format!("{} ({tier})", look.escape(name)),
        _ => look.escape(name),
    }
}

/// The chain, one link a line, with its places.
fn chain(report: &Report, links: &[Link], page: &mut Page) {
    if links.is_empty() {
        return;
    }
    let look = page.look;
    page.heading("  The chain that decides it");
    let rows = |widest: usize| -> Vec<Vec<Line>> {
        let row = |link: &Link| {
            let place = link.location.as_ref().map_or_else(String::new, |l| words::place(l, false, &look));
            let gate = link.location.as_ref().filter(|_| link.kind == LinkKind::Gate).and_then(|l| report.gate_at(l));
            let (style, name) = match gate.map(|g| words::gate(g.kind)) {
                Some(waits) if link.name.is_empty() => (Mark::PushButton.style(), waits.to_owned()),
                Some(waits) => (Mark::PushButton.style(), format!("{}: {waits}", look.escape(&link.name))),
                None => (PLAIN, look.escape(&link.name)),
            };
            vec![Line::of(DIM, link.kind.as_str()), Line::of(style, name).cut(widest, &look), Line::of(DIM, place)]
        };
        links.iter().map(row).collect()
    };
    for widest in [60, 40, 28] {
        let table = columns(&rows(widest), &[Align::Left; 3], 4);
        if table.iter().all(|l| l.width() <= look.columns()) {
            for line in &table {
                page.line(line);
            }
            return;
        }
    }
    below(&rows(60), page);
}

/// Kind and name side by side, what follows them on lines of its own.
fn below(rows: &[Vec<Line>], page: &mut Page) {
    let left: Vec<Vec<Line>> = rows.iter().map(|r| r.iter().take(2).cloned().collect()).collect();
    for (line, row) in columns(&left, &[Align::Left; 2], 4).into_iter().zip(rows) {
        page.wrap(line, 6);
        for more in row.iter().skip(2).filter(|l| !l.is_empty()) {
            page.wrap(Line::plain("      ").then(more.clone()), 8);
        }
    }
}

/// Gates that hold the step back and are not links of its chain.
fn gates(report: &Report, step: &Step, page: &mut Page) {
    let look = page.look;
    let in_chain = |l: &Location| step.chain.iter().any(|k| k.kind == LinkKind::Gate && k.location.as_ref() == Some(l));
    let rest: Vec<_> = report.gates.iter().filter(|g| g.steps.contains(&step.id) && !in_chain(&g.location)).collect();
    if rest.is_empty() {
        return;
    }
    page.heading("  Gates before it");
    for gate in rest {
        let text = format!("    {} {}: {}", gate.kind, look.escape(&gate.name), words::gate(gate.kind));
        page.placed(Line::plain(text), 0, Line::of(DIM, words::place(&gate.location, false, &look)), 6);
    }
}

fn other_ways(step: &Step, page: &mut Page) {
    if step.other_ways.is_empty() {
        return;
    }
    let look = page.look;
    page.heading("  Other ways to it");
    for way in &step.other_ways {
        let line = Line::plain("    ").then(Line::mark(way.automation.into(), &look));
        page.wrap(line.and(PLAIN, format!(" {}: ", way.automation)).and(DIM, words::chain(&way.chain, &look)), 8);
    }
}

/// Flags, and what could not be decided in the files of the chain.
fn not_known(report: &Report, step: &Step, page: &mut Page) {
    let look = page.look;
    let on_chain = |path: &str| step.chain.iter().filter_map(|l| l.location.as_ref()).any(|l| l.path == path);
    let unknowns: Vec<_> = report.unknowns.iter().filter(|u| on_chain(&u.location.path)).collect();
    if step.flags.is_empty() && unknowns.is_empty() {
        return;
    }
    page.heading("  Worth knowing");
    for flag in &step.flags {
        page.wrap(Line::plain(format!("    {flag}: {}", words::flag(*flag))), 6);
    }
    for unknown in unknowns.iter().take(5) {
        let line =
            Line::plain("    ").then(Line::mark(Mark::Unknown, &look)).and(PLAIN, format!(" {}", look.escape(&unknown.why)));
        page.placed(line, 0, Line::of(DIM, words::place(&unknown.location, false, &look)), 6);
    }
    if unknowns.len() > 5 {
        let rest = words::count(unknowns.len() - 5, "place", "places");
        page.line(&Line::of(DIM, format!("    {rest} more in the files of the chain could not be decided")));
    }
}

/// What is at or near a line that holds no step. Whether the report knows the line at all.
fn no_step(report: &Report, path: &str, line: u32, page: &mut Page) -> bool {
    let look = page.look;
    let shown = look.escape(path);
    let mut known = false;
    let mut say = |page: &mut Page, text: String| {
        page.wrap(Line::plain(text), 2);
        known = true;
    };
    for d in report.disabled.iter().filter(|d| covers(&d.location, path, line)) {
        say(
            page,
            format!(
                "{shown}:{line} is switched off ({}), so nothing there is a step: {}",
                look.escape(&d.why),
                look.escape(&d.text)
            ),
        );
    }
    for g in report.gates.iter().filter(|g| covers(&g.location, path, line)) {
        let held = words::count(g.steps.len(), "step", "steps");
        say(page, format!("{shown}:{line} is a gate ({}): it {}, and holds back {held}.", g.kind, words::gate(g.kind)));
    }
    for u in report.unknowns.iter().filter(|u| covers(&u.location, path, line)) {
        say(page, format!("{shown}:{line} could not be decided: {}", look.escape(&u.why)));
    }
    for o in report.orphans.iter().filter(|o| covers(&o.location, path, line)) {
        say(page, format!("{shown}:{line} belongs to an orphan ({}): nothing in the repository runs it.", o.kind));
    }
    for d in report.diagnostics.iter().filter(|d| covers(&d.location, path, line)) {
        say(page, format!("{shown}:{line}: {}", look.escape(&d.message)));
    }
    let files = &report.files;
    for f in files.unread.iter().chain(&files.skipped).chain(&files.partly_read).filter(|f| f.path == path) {
        say(page, format!("{shown} was not read, or not whole: {}", look.escape(&f.why)));
    }
    let units = passes(report, path, line);
    if !known {
        page.wrap(Line::plain(format!("Nothing at {shown}:{line} is a step.")), 2);
    }
    near(report, path, line, page);
    if !units.is_empty() {
        page.wrap(
            Line::plain(format!(
                "{} {} through this line.",
                words::count(units.len(), "step", "steps"),
                if units.len() == 1 { "runs" } else { "run" }
            )),
            2,
        );
        for step in units.iter().take(5) {
            let text = look.escape(step.text.as_deref().unwrap_or(""));
            let place = step.location.as_ref().map_or_else(String::new, |l| words::place(l, false, &look));
            page.placed(
                Line::plain("  ").then(Line::mark(words::step_mark(step), &look)).and(PLAIN, format!(" {text}")),
                0,
                Line::of(DIM, place),
                4,
            );
        }
    }
    known || !units.is_empty() || report.steps.iter().any(|s| s.location.as_ref().is_some_and(|l| l.path == path))
}

/// Steps whose chain has a link that starts on this line: a call, a job, a trigger.
fn passes<'a>(report: &'a Report, path: &str, line: u32) -> Vec<&'a Step> {
    let starts = |l: &Location| l.path == path && l.line == line;
    report.steps.iter().filter(|s| s.chain.iter().filter_map(|k| k.location.as_ref()).any(starts)).collect()
}

/// The nearest steps of the same file.
fn near(report: &Report, path: &str, line: u32, page: &mut Page) {
    let look = page.look;
    let mut steps: Vec<(u32, &Location, &Step)> = report
        .steps
        .iter()
        .filter_map(|s| s.location.as_ref().map(|l| (l, s)))
        .filter(|(l, _)| l.path == path)
        .map(|(l, s)| (if l.line > line { l.line - line } else { line.saturating_sub(l.end_line) }, l, s))
        .collect();
    if steps.is_empty() {
        let text = "No step stands in this file. Commands for set-up, local development or reading only are none, and lines that \
            call another file count where that file's commands stand.";
        page.words(DIM, text, 2);
        return;
    }
    steps.sort_by_key(|(distance, l, _)| (*distance, l.line));
    steps.truncate(3);
    steps.sort_by_key(|(_, l, _)| (l.line, l.column));
    page.line(&Line::plain("Steps nearby:"));
    let widest = steps.iter().map(|(_, l, _)| width(&words::place(l, true, &look))).max().unwrap_or(0);
    for (_, location, step) in steps {
        let mark = Line::mark(words::step_mark(step), &look);
        let text = look.escape(step.text.as_deref().unwrap_or(""));
        let line = Line::plain("  ").and(DIM, words::place(location, true, &look)).pad(widest + 4).then(mark);
        page.line(&line.and(PLAIN, format!(" {text}")).cut(look.columns(), &look));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_ids() {
        let place = |path: &str, line| Target::Place { path: path.to_owned(), line };
        assert_eq!(Target::parse("./a/b.yml:12"), place("a/b.yml", 12));
        assert_eq!(Target::parse("b.yml:12:7"), place("b.yml", 12));
        assert_eq!(Target::parse("0123456789ab"), Target::Id("0123456789ab".to_owned()));
        assert_eq!(Target::parse("a:b"), Target::Id("a:b".to_owned()));
    }
}
