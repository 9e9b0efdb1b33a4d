//! The commands from commit to production, in the order in which they run.

use super::{order, title};
use crate::model::{Automation, Cell, Flag, Stage, Tier};
use crate::report::look::{BOLD, DIM, Line, Look, Mark, PLAIN};
use crate::report::page::Page;
use crate::report::terminal::{step_column, step_lines};
use crate::report::{Report, Service, Step, words};
use std::collections::BTreeSet;

/// Stages before a version goes to an environment.
const BEFORE: [Stage; 7] = [Stage::Source, Stage::Build, Stage::Check, Stage::Test, Stage::Scan, Stage::Package, Stage::Publish];
/// Stages in an environment.
const INSIDE: [Stage; 5] = [Stage::Provision, Stage::Configure, Stage::Deploy, Stage::Release, Stage::Verify];

/// The way of a service to production.
pub fn path(report: &Report, service: &Service, look: Look) -> String {
    let mut page = Page::new(look);
    title(service, &mut page);
    let mut steps: Vec<&Step> = report.steps_of(&service.name).filter(|s| on_the_way(report, s)).collect();
    let helpers = drop_helpers(&mut steps);
    // Missing steps have no place and stand last in their group.
    steps.sort_by_key(|s| s.location.is_none());
    let column = step_column(&steps, 2, false, &page);
    page.gap();
    for stage in BEFORE {
        let group: Vec<&Step> = steps.iter().copied().filter(|s| s.stage == stage).collect();
        section(stage.as_str(), &group, column, &mut page);
    }
    let mut environments: Vec<Option<&str>> =
        steps.iter().filter(|s| INSIDE.contains(&s.stage)).map(|s| s.environment.as_deref()).collect();
    environments.sort_by_key(|e| (order(report, *e), *e));
    environments.dedup();
    // What names no environment belongs beside the ones that do: provision before them, verify after.
    for stage in [Stage::Provision, Stage::Configure] {
        environment(&steps, None, &[stage], column, &mut page);
    }
    environment(&steps, None, &[Stage::Deploy, Stage::Release], column, &mut page);
    for name in environments.iter().flatten() {
        environment(&steps, Some(name), &INSIDE, column, &mut page);
    }
    environment(&steps, None, &[Stage::Verify], column, &mut page);
    if !steps.is_empty() {
        page.gap();
        let marks: BTreeSet<Mark> = steps.iter().map(|s| words::step_mark(s)).collect();
        page.flow(Line::legend(marks.into_iter().rev(), &look), "  ", 0);
    }
    left_out(report, service, helpers, &mut page);
    page.finish()
}

/// Drop manual steps where a pipeline does the same stage in the same environment; returns how many.
fn drop_helpers(steps: &mut Vec<&Step>) -> usize {
    let key = |s: &Step| (s.stage, s.environment.clone());
    let reached: BTreeSet<_> = steps.iter().filter(|s| s.automation >= Automation::PushButton).map(|s| key(s)).collect();
    let before = steps.len();
    steps.retain(|s| s.automation != Automation::Manual || !reached.contains(&key(s)));
    before - steps.len()
}

/// Whether a step belongs to the way to production.
fn on_the_way(report: &Report, step: &Step) -> bool {
    let preview = step.environment.as_deref().and_then(|e| report.environment(e)).is_some_and(|e| e.tier == Tier::Preview);
    !matches!(step.stage, Stage::Operate | Stage::Rollback) && !step.flags.contains(&Flag::OtherBranch) && !preview
}

fn environment(steps: &[&Step], name: Option<&str>, stages: &[Stage], column: usize, page: &mut Page) {
    for stage in stages {
        let group: Vec<&Step> = steps.iter().copied().filter(|s| s.stage == *stage && s.environment.as_deref() == name).collect();
        let title = name.map_or_else(|| stage.to_string(), |n| format!("{stage}{}{}", page.look.dot(), page.look.escape(n)));
        section(&title, &group, column, page);
    }
}

/// Columns of a stage's title.
const TITLE: usize = 25;

/// One stage: each way once, with the steps that it reaches.
fn section(title: &str, steps: &[&Step], column: usize, page: &mut Page) {
    let mut ways: Vec<(Line, Vec<&Step>)> = Vec::new();
    for step in steps {
        let way = way(step, page);
        match ways.iter_mut().find(|(w, _)| *w == way) {
            Some((_, steps)) => steps.push(step),
            None => ways.push((way, vec![step])),
        }
    }
    let mut title = Line::of(BOLD, title);
    for (way, steps) in ways {
        let indent = TITLE.max(title.width() + 2);
        page.wrap(std::mem::take(&mut title).pad(indent).then(way), TITLE + 2);
        step_lines(&steps, 2, column, false, page);
    }
}

/// How a step is reached, in words.
fn way(step: &Step, page: &Page) -> Line {
    let chain = words::chain(&step.chain, &page.look);
    match step.automation {
        Automation::Missing => Line::new(),
        Automation::Manual if chain.is_empty() => Line::of(DIM, "by hand"),
        Automation::Manual => Line::of(DIM, format!("by hand, in {chain}")),
        _ => Line::of(DIM, chain),
    }
}

/// What was not listed, and what the path needs but does not have.
fn left_out(report: &Report, service: &Service, helpers: usize, page: &mut Page) {
    let mut parts = Vec::new();
    let of = |wanted: &dyn Fn(&Step) -> bool| report.steps_of(&service.name).filter(|s| wanted(s)).count();
    let kinds: [(usize, &str); 5] = [
        (helpers, "manual beside a way that runs by itself or by button"),
        (of(&|s| s.stage == Stage::Operate), "operate"),
        (of(&|s| s.stage == Stage::Rollback), "rollback"),
        (of(&|s| s.flags.contains(&Flag::OtherBranch)), "only on other branches"),
        (
            of(&|s| s.environment.as_deref().and_then(|e| report.environment(e)).is_some_and(|e| e.tier == Tier::Preview)),
            "in preview environments",
        ),
    ];
    for (n, what) in kinds {
        if n > 0 {
            parts.push(Line::of(DIM, format!("{n} {what}")));
        }
    }
    if let Some(first) = parts.first_mut() {
        *first = Line::of(DIM, "left out: ").then(std::mem::take(first));
        page.gap();
        page.flow(parts, ", ", 2);
    }
    if service.path.iter().all(|p| p.cell != Cell::Deploy) {
        page.gap();
        let text = format!("A service of kind {} needs no deploy cell.", service.kind);
        page.wrap(Line::of(PLAIN, text), 2);
    }
    if report.steps_of(&service.name).next().is_none() {
        page.line(&Line::of(BOLD, "No step serves it."));
    }
}
