//! The table of services: one row a service, one column a cell of its path.

use super::environments::{self, Environments, Form};
use crate::model::{Cell, Stage};
use crate::report::index::Index;
use crate::report::look::{BOLD, DIM, Line, Look, Mark, PLAIN};
use crate::report::page::{Align, Page, columns};
use crate::report::{Report, Service, words};
use std::collections::BTreeMap;

/// After the mark of a check that runs by itself but cannot fail.
const TOOTHLESS: &str = "~";
/// Stages beside the path that the table shows.
const BESIDE: [Stage; 5] = [Stage::Check, Stage::Scan, Stage::Configure, Stage::Release, Stage::Rollback];

/// How the table makes itself narrower.
#[derive(Clone, Copy)]
struct Layout {
    /// A column for what is seen beside the path, else lines below the table.
    beside: bool,
    /// The deploy cells.
    deploy: Form,
    /// Short titles.
    short: bool,
    /// A service's name and figures on a line of their own.
    own_line: bool,
}

const WIDEST: Layout = Layout { beside: true, deploy: INLINE, short: false, own_line: false };
const INLINE: Form = Form { tiers: false, stacked: false, name: 40 };
const STACKED: Form = Form { tiers: false, stacked: true, name: 32 };
const NARROW: Form = Form { name: 16, ..STACKED };
const TIERS: Form = Form { tiers: true, ..INLINE };

/// From wide to narrow.
const LAYOUTS: [Layout; 8] = [
    WIDEST,
    Layout { beside: false, ..WIDEST },
    Layout { beside: false, deploy: STACKED, ..WIDEST },
    Layout { beside: false, deploy: STACKED, short: true, ..WIDEST },
    Layout { beside: false, deploy: NARROW, short: true, ..WIDEST },
    Layout { beside: false, own_line: true, ..WIDEST },
    Layout { beside: false, deploy: TIERS, short: true, own_line: true },
    Layout { beside: false, deploy: NARROW, short: true, own_line: true },
];

/// Environments that may stand below each other beside a name; a service's name on its own line takes less room than more.
const MOST_STACKED: usize = 3;

/// One row's content.
struct Row {
    name: String,
    cells: BTreeMap<Cell, (Mark, bool)>,
    environments: Environments,
    beside: Vec<(Stage, Mark, bool)>,
    coverage: String,
    verdict: (&'static str, Mark),
}

/// Print the table in the widest layout that fits, and what its marks mean.
pub(super) fn table(report: &Report, index: &Index, shown: &[&Service], left: usize, page: &mut Page) {
    let look = page.look;
    let rows: Vec<Row> = shown.iter().map(|s| row(report, index, s, &look)).collect();
    let high = rows.iter().any(|r| r.environments.full.len() > MOST_STACKED);
    let mut last = None;
    for layout in LAYOUTS.into_iter().filter(|l| !(high && l.deploy.stacked && !l.own_line)) {
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
        environments: environments::of(report, index, service, look),
        beside,
        coverage: words::percent(service.coverage),
        verdict: (words::verdict(verdict), words::verdict_mark(verdict)),
    }
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

/// A cell's title.
const fn title(cell: Cell, short: bool) -> &'static str {
    match cell {
        Cell::Publish if short => "publ.",
        Cell::Provision if short => "prov.",
        _ => cell.as_str(),
    }
}

/// All lines of the table, the head first.
fn lay_out(rows: &[Row], layout: Layout, look: &Look) -> Vec<Line> {
    let cells: Vec<Cell> = Cell::ALL.iter().copied().filter(|c| rows.iter().any(|r| r.cells.contains_key(c))).collect();
    let mut head = vec![Line::of(BOLD, if layout.own_line { "" } else { "service" })];
    let mut aligns = vec![Align::Left];
    for cell in &cells {
        head.push(Line::of(BOLD, title(*cell, layout.short)));
        aligns.push(if *cell == Cell::Deploy { Align::Left } else { Align::Middle });
    }
    if layout.beside {
        head.push(Line::of(BOLD, if rows.iter().any(|r| !r.beside.is_empty()) { "also seen" } else { "" }));
        aligns.push(Align::Left);
    }
    if !layout.own_line {
        head.push(Line::of(BOLD, if layout.short { "cov." } else { "coverage" }));
        aligns.push(Align::Right);
        head.push(Line::of(BOLD, "to production"));
        aligns.push(Align::Left);
    }

    let all_environments: Vec<&Environments> = rows.iter().map(|r| &r.environments).collect();
    let deploys = environments::cells(&all_environments, layout.deploy, look);
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
        let first = if layout.own_line { Line::new() } else { name.cut(layout.deploy.name, look) };
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
        for more in deploys.filter(|_| row.cells.contains_key(&Cell::Deploy)) {
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
            let names = if rows.len() == 1 {
                return line;
            } else if names.len() == rows.len() {
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
