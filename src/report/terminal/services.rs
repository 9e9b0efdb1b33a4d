//! The table of services: one row a service, one column a cell of its path.

use crate::model::{Cell, Stage, Tier};
use crate::report::index::Index;
use crate::report::look::{BOLD, DIM, Line, Look, Mark, PLAIN, width};
use crate::report::page::{Align, Page, columns};
use crate::report::{BlockerKind, Report, Service, words};
use std::collections::BTreeMap;

/// After the mark of a check that runs by itself but cannot fail.
const TOOTHLESS: &str = "~";
/// Environments that one row names; more are put together by tier.
const MOST_ENVIRONMENTS: usize = 4;
/// Stages beside the path that the table shows.
const BESIDE: [Stage; 5] = [Stage::Check, Stage::Scan, Stage::Configure, Stage::Release, Stage::Rollback];

/// How the table makes itself narrower.
#[derive(Clone, Copy)]
struct Layout {
    /// A column for what is seen beside the path, else lines below the table.
    beside: bool,
    /// Environments below each other.
    stacked: bool,
    /// Widest name of a service or environment.
    name: usize,
    /// A service's name and figures on a line of their own.
    own_line: bool,
}

const LAYOUTS: [Layout; 6] = [
    Layout { beside: true, stacked: false, name: 40, own_line: false },
    Layout { beside: false, stacked: false, name: 40, own_line: false },
    Layout { beside: false, stacked: true, name: 32, own_line: false },
    Layout { beside: false, stacked: true, name: 16, own_line: false },
    Layout { beside: false, stacked: false, name: 20, own_line: true },
    Layout { beside: false, stacked: true, name: 14, own_line: true },
];

/// Environments that may stand below each other beside a name; a service's name on its own line takes less room than more.
const MOST_STACKED: usize = 3;

/// One row's content.
struct Row {
    name: String,
    cells: BTreeMap<Cell, (Mark, bool)>,
    environments: Vec<(String, Mark)>,
    beside: Vec<(Stage, Mark, bool)>,
    coverage: String,
    verdict: (&'static str, Mark),
}

/// Print the table in the widest layout that fits, and what its marks mean.
pub(super) fn table(report: &Report, index: &Index, shown: &[&Service], left: usize, page: &mut Page) {
    let look = page.look;
    let rows: Vec<Row> = shown.iter().map(|s| row(report, index, s, &look)).collect();
    let high = rows.iter().any(|r| r.environments.len() > MOST_STACKED);
    let mut last = None;
    for layout in LAYOUTS.into_iter().filter(|l| !(high && l.stacked && !l.own_line)) {
        let lines = lay_out(&rows, layout, &look);
        let fits = lines.iter().all(|l| l.width() <= look.columns());
        last = Some((layout, lines));
        if fits {
            break;
        }
    }
    let Some((layout, lines)) = last else { return };
    for line in lines {
        page.line(&line.cut(look.columns(), &look));
    }
    if left > 0 {
        let noun = if left == 1 { "service" } else { "services" };
        let text = format!(" {left} more {noun} with the same coverage or better (--verbose shows all)");
        page.wrap(Line::of(DIM, text), 1);
    }
    if !layout.beside {
        beside_lines(&rows, page);
    }
    legend(&rows, page);
}

/// What the marks mean.
fn legend(rows: &[Row], page: &mut Page) {
    let look = page.look;
    let mut parts = Line::legend(Mark::LEGEND.map(|(mark, _)| mark), &look);
    if rows.iter().any(|r| r.cells.values().any(|(_, t)| *t) || r.beside.iter().any(|(_, _, t)| *t)) {
        parts.push(Line::of(Mark::Manual.style(), TOOTHLESS).and(DIM, " cannot fail"));
    }
    if let Some(first) = parts.first_mut() {
        *first = Line::plain(" ").then(std::mem::take(first));
    }
    page.flow(parts, "  ", 1);
}

fn row(report: &Report, index: &Index, service: &Service, look: &Look) -> Row {
    let mut cells = BTreeMap::new();
    for part in &service.path {
        let steps = index.of_cell(part);
        let mark = words::best_mark(steps.iter().copied()).unwrap_or(Mark::Missing);
        cells.insert(part.cell, (mark, words::toothless(steps.iter().copied())));
    }
    let beside = BESIDE
        .into_iter()
        .filter_map(|stage| {
            let of_stage = index.of_service(&service.name).iter().copied();
            let steps: Vec<_> = of_stage.filter(|s| s.stage == stage || s.also.contains(&stage)).collect();
            let mark = words::best_mark(steps.iter().copied())?;
            Some((stage, mark, words::toothless(steps)))
        })
        .collect();
    let verdict = service.to_production.verdict;
    Row {
        name: look.escape(&service.name),
        cells,
        environments: environments(report, index, service, look),
        beside,
        coverage: words::percent(service.coverage),
        verdict: (words::verdict(verdict), words::verdict_mark(verdict)),
    }
}

/// The environments of a service's deploy cell with a mark each, in the order of promotion, production last.
fn environments(report: &Report, index: &Index, service: &Service, look: &Look) -> Vec<(String, Mark)> {
    let Some(deploy) = service.path.iter().find(|p| p.cell == Cell::Deploy) else { return Vec::new() };
    let mut found: Vec<(Option<&str>, Mark)> = Vec::new();
    for step in index.of_cell(deploy) {
        let name = step.environment.as_deref();
        let mark = words::step_mark(step);
        match found.iter_mut().find(|(n, _)| *n == name) {
            Some((_, best)) => *best = mark.max(*best),
            None => found.push((name, mark)),
        }
    }
    for blocker in &service.to_production.blockers {
        let name = blocker.environment.as_deref();
        if blocker.cell == Cell::Deploy && blocker.kind == BlockerKind::Missing && found.iter().all(|(n, _)| *n != name) {
            found.push((name, Mark::Missing));
        }
    }
    // A missing step without an environment says no more than what stands beside it.
    if found.len() > 1 {
        found.retain(|(n, m)| n.is_some() || *m != Mark::Missing);
    }
    let tier = |name: Option<&str>| name.and_then(|n| report.environment(n)).map_or(Tier::Unknown, |e| e.tier);
    found.sort_by_key(|(name, _)| {
        let order = name.and_then(|n| report.environment(n)).map_or(0, |e| e.order);
        (tier(*name) == Tier::Production, order, *name)
    });
    if found.len() <= MOST_ENVIRONMENTS {
        return found.into_iter().map(|(n, m)| (look.escape(n.unwrap_or("")), m)).collect();
    }
    let mut grouped: Vec<(Tier, Mark, Vec<String>)> = Vec::new();
    for (name, mark) in found {
        let tier = tier(name);
        let name = look.escape(name.unwrap_or("unnamed"));
        match grouped.iter_mut().find(|(t, m, _)| *t == tier && *m == mark) {
            Some((_, _, names)) => names.push(name),
            None => grouped.push((tier, mark, vec![name])),
        }
    }
    let times = look.sign("×", "x");
    let label = |tier: Tier, names: Vec<String>| match names.len() {
        1 => names.into_iter().next().unwrap_or_default(),
        n if tier == Tier::Unknown => format!("{n} {times} other"),
        n => format!("{n} {times} {tier}"),
    };
    grouped.into_iter().map(|(tier, mark, names)| (label(tier, names), mark)).collect()
}

fn marked(mark: Mark, toothless: bool, look: &Look) -> Line {
    let line = Line::mark(mark, look);
    if toothless { line.and(Mark::Manual.style(), TOOTHLESS) } else { line }
}

fn beside(row: &Row, look: &Look) -> Line {
    let mut line = Line::new();
    for (stage, mark, toothless) in &row.beside {
        let gap = if line.is_empty() { "" } else { " " };
        line = line.and(PLAIN, format!("{gap}{stage} ")).then(marked(*mark, *toothless, look));
    }
    line
}

/// All lines of the table, the head first.
fn lay_out(rows: &[Row], layout: Layout, look: &Look) -> Vec<Line> {
    let cells: Vec<Cell> = Cell::ALL.iter().copied().filter(|c| rows.iter().any(|r| r.cells.contains_key(c))).collect();
    let mut head = vec![Line::of(BOLD, if layout.own_line { "" } else { "service" })];
    let mut aligns = vec![Align::Left];
    for cell in &cells {
        head.push(Line::of(BOLD, cell.as_str()));
        aligns.push(if *cell == Cell::Deploy { Align::Left } else { Align::Middle });
    }
    if layout.beside {
        head.push(Line::of(BOLD, if rows.iter().any(|r| !r.beside.is_empty()) { "also seen" } else { "" }));
        aligns.push(Align::Left);
    }
    if !layout.own_line {
        head.push(Line::of(BOLD, "coverage"));
        aligns.push(Align::Right);
        head.push(Line::of(BOLD, "to production"));
        aligns.push(Align::Left);
    }

    let deploys = deploy_cells(rows, layout, look);
    let mut all = vec![head];
    let mut names_before: Vec<(usize, Line)> = Vec::new();
    for (row, deploys) in rows.iter().zip(deploys) {
        let name = Line::plain(row.name.clone());
        let coverage = Line::plain(row.coverage.clone());
        let verdict = Line::of(row.verdict.1.style(), row.verdict.0);
        if layout.own_line {
            let figures = Line::of(DIM, look.dot()).then(coverage.clone()).and(DIM, look.dot()).then(verdict.clone());
            let room = look.columns().saturating_sub(figures.width() + 1);
            names_before.push((all.len(), name.clone().cut(room, look).then(figures)));
        }
        let first = if layout.own_line { Line::new() } else { name.cut(layout.name, look) };
        let mut deploys = deploys.into_iter();
        let mut line = vec![first];
        for cell in &cells {
            line.push(match row.cells.get(cell) {
                None => Line::mark(Mark::NotNeeded, look),
                Some(_) if *cell == Cell::Deploy => deploys.next().unwrap_or_default(),
                Some((mark, toothless)) => marked(*mark, *toothless, look),
            });
        }
        if layout.beside {
            line.push(beside(row, look));
        }
        if !layout.own_line {
            line.extend([coverage, verdict]);
        }
        all.push(line);
        for more in deploys {
            let at = cells.iter().position(|c| *c == Cell::Deploy).unwrap_or(0);
            let mut line = vec![Line::new(); aligns.len()];
            if let Some(cell) = line.get_mut(at + 1) {
                *cell = more;
            }
            all.push(line);
        }
    }
    let mut lines = columns(&all, &aligns, 1);
    for (at, name) in names_before.into_iter().rev() {
        lines.insert(at, Line::plain(" ").then(name).cut(look.columns(), look));
    }
    lines
}

/// The deploy cell of each row: one line, or one for each environment.
fn deploy_cells(rows: &[Row], layout: Layout, look: &Look) -> Vec<Vec<Line>> {
    let label = |name: &str| Line::plain(name).cut(layout.name, look);
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flat_map(|r| &r.environments) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let widest = names.iter().map(|n| label(n).width()).max().unwrap_or(0);
    let aligned = names.len() <= MOST_ENVIRONMENTS && !names.contains(&"");
    if aligned && !layout.stacked {
        let place = |name: &&str| rows.iter().filter_map(|r| r.environments.iter().rev().position(|(n, _)| n == name)).max();
        names.sort_by_key(|n| std::cmp::Reverse(place(n)));
    }
    rows.iter()
        .map(|row| {
            let one = |(name, mark): &(String, Mark)| {
                let gap = if name.is_empty() { "" } else { " " };
                (label(name).and(PLAIN, gap), Line::mark(*mark, look))
            };
            if layout.stacked {
                let pad = if widest == 0 { 0 } else { widest + 1 };
                return row.environments.iter().map(one).map(|(name, mark)| name.pad(pad).then(mark)).collect();
            }
            let mut line = Line::new();
            if aligned {
                let mut at = 0;
                for name in &names {
                    if let Some(found) = row.environments.iter().find(|(n, _)| n == name) {
                        let (name, mark) = one(found);
                        line = line.pad(at).then(name).then(mark);
                    }
                    at += width(name).min(layout.name) + 4;
                }
            } else {
                for found in &row.environments {
                    let gap = if line.is_empty() { "" } else { "  " };
                    let (name, mark) = one(found);
                    line = line.and(PLAIN, gap).then(name).then(mark);
                }
            }
            vec![line]
        })
        .collect()
}

/// What is seen beside the path, below a table that has no column for it.
fn beside_lines(rows: &[Row], page: &mut Page) {
    let look = page.look;
    let mut grouped: Vec<(Line, Vec<&str>)> = Vec::new();
    for row in rows.iter().filter(|r| !r.beside.is_empty()) {
        let line = beside(row, &look);
        match grouped.iter_mut().find(|(l, _)| *l == line) {
            Some((_, names)) => names.push(&row.name),
            None => grouped.push((line, vec![&row.name])),
        }
    }
    let mut parts: Vec<Line> = grouped
        .into_iter()
        .map(|(line, names)| {
            let names = if names.len() == rows.len() && names.len() > 1 {
                "all".to_owned()
            } else if names.len() > 3 {
                format!("{} and {} more", names[..3].join(", "), names.len() - 3)
            } else {
                names.join(", ")
            };
            Line::plain(names).and(PLAIN, " ").then(line)
        })
        .collect();
    if let Some(first) = parts.first_mut() {
        *first = Line::of(DIM, " also seen: ").then(std::mem::take(first));
        page.flow(parts, look.dot(), 12);
    }
}
