//! What stops a service from reaching production on every commit, and where the missing piece already exists.

use super::{order, title};
use crate::model::{Automation, Cell, Flag, Stage, Tier, Verdict};
use crate::report::look::{BOLD, DIM, Line, Look, Mark, PLAIN};
use crate::report::page::Page;
use crate::report::{Blocker, BlockerKind, Report, Service, Step, words};

/// What stops a service from every-commit.
pub fn why_not(report: &Report, service: &Service, look: Look) -> String {
    let mut page = Page::new(look);
    title(service, &mut page);
    let blockers = &service.to_production.blockers;
    if service.to_production.verdict == Verdict::EveryCommit {
        page.gap();
        way(service, &mut page);
        if blockers.is_empty() {
            page.line(&Line::plain("Nothing stops it."));
            return page.finish();
        }
        page.line(&Line::plain("Still done by a person, or not at all:"));
    }
    reasons(report, service, &mut page);
    for (i, blocker) in blockers.iter().enumerate() {
        page.gap();
        one(report, service, blocker, i + 1, &mut page);
    }
    unsure(report, service, &mut page);
    page.finish()
}

fn way(service: &Service, page: &mut Page) {
    let chain = words::chain(&service.to_production.chain, &page.look);
    if !chain.is_empty() {
        page.wrap(Line::of(DIM, format!("way: {chain}")), 5);
    }
}

/// Reasons that are no blockers with a place: a tag, a schedule, another repository.
fn reasons(report: &Report, service: &Service, page: &mut Page) {
    let text = match service.to_production.verdict {
        Verdict::OnTag => "A push to the trunk does not deploy; a tag or release does.",
        Verdict::OnSchedule => "A push to the trunk does not deploy; a timer does.",
        Verdict::Elsewhere => "What follows is decided in another repository, which was not scanned.",
        Verdict::Unknown => "The files do not decide which environment is production, or how it is reached.",
        _ => "",
    };
    if text.is_empty() {
        return;
    }
    page.gap();
    page.words(PLAIN, text, 0);
    way(service, page);
    let mut flags: Vec<Flag> = report
        .steps_of(&service.name)
        .filter(|s| s.stage == Stage::Deploy)
        .flat_map(|s| s.flags.iter().copied())
        .filter(|f| matches!(f, Flag::TagByHand | Flag::PersonMerges | Flag::Elsewhere))
        .collect();
    flags.sort_unstable();
    flags.dedup();
    for flag in flags {
        page.wrap(Line::plain(format!("  {flag}: {}", words::flag(flag))), 4);
    }
}

/// One blocker: what, why, where, what it holds back, and an example of the missing piece.
fn one(report: &Report, service: &Service, blocker: &Blocker, number: usize, page: &mut Page) {
    let look = page.look;
    let mark = match blocker.kind {
        BlockerKind::Gate => Mark::PushButton,
        BlockerKind::Manual => Mark::Manual,
        BlockerKind::Missing => Mark::Missing,
    };
    let cell = words::cell(blocker.cell, blocker.environment.as_deref(), &look);
    let line = Line::plain(format!("{number} "))
        .then(Line::mark(mark, &look))
        .and(BOLD, format!(" {cell}"))
        .and(PLAIN, format!("  {}", words::blocker(blocker, report)));
    let place = blocker.location.as_ref().map_or_else(String::new, |l| words::place(l, true, &look));
    page.placed(line, 0, Line::of(DIM, place), 4);
    if let Some(gate) = blocker.location.as_ref().and_then(|l| report.gate_at(l)).filter(|_| blocker.kind == BlockerKind::Gate) {
        let behind = gate.steps.iter().filter_map(|id| report.step(id)).filter(|s| s.services.contains(&service.name));
        for step in behind.take(3) {
            text("it holds back", step, page);
        }
    } else if let Some(step) = report.steps_of(&service.name).find(|s| s.location == blocker.location && s.location.is_some()) {
        text("the command", step, page);
    }
    match example(report, service, blocker) {
        Some((whose, step)) => {
            text(&format!("already there, {}", look.escape(&whose)), step, page);
            let chain = words::chain(&step.chain, &look);
            page.wrap(Line::of(DIM, format!("      {chain}")), 8);
        }
        None => page.wrap(Line::of(DIM, "    no other service or environment does it without a person"), 6),
    }
}

fn text(what: &str, step: &Step, page: &mut Page) {
    let look = page.look;
    let text = look.escape(step.text.as_deref().unwrap_or(""));
    let place = step.location.as_ref().map_or_else(String::new, |l| words::place(l, true, &look));
    let line = Line::plain(format!("    {what}: ")).then(Line::of(PLAIN, text)).cut(look.columns(), &look);
    page.placed(line, 0, Line::of(DIM, place), 6);
}

/// An automated step that does elsewhere what a blocker lacks, nearest first: another environment of the service, the same
/// environment of another service, anything of another service.
pub(super) fn example<'a>(report: &'a Report, service: &Service, blocker: &Blocker) -> Option<(String, &'a Step)> {
    let fits = |step: &&Step| {
        let fills = step.stage == blocker.cell.stage()
            || step.also.contains(&blocker.cell.stage())
            || (blocker.cell == Cell::Build && step.stage == Stage::Package);
        let preview = step.environment.as_deref().and_then(|e| report.environment(e)).is_some_and(|e| e.tier == Tier::Preview);
        // A look at infrastructure is in no cell: it fills nothing.
        let in_cell = |s: &Service| s.path.iter().any(|c| c.cell == blocker.cell && c.steps.contains(&step.id));
        fills
            && report.services.iter().any(in_cell)
            && step.automation == Automation::Automated
            && step.location.is_some()
            && !preview
    };
    let wanted = blocker.environment.as_deref();
    let nearness = |step: &Step| {
        let own = step.services.contains(&service.name);
        let same = step.environment.as_deref() == wanted;
        let (production, order) = order(report, step.environment.as_deref());
        // The nearest earlier environment is the last one before production.
        (!own && !same, !own, !production, std::cmp::Reverse(order))
    };
    let step = report.steps.iter().filter(fits).min_by_key(|s| nearness(s))?;
    let whose = if step.services.contains(&service.name) {
        step.environment.clone().unwrap_or_else(|| service.name.clone())
    } else {
        let other = step.services.first().cloned().unwrap_or_default();
        step.environment.as_ref().map_or_else(|| other.clone(), |e| format!("{other} in {e}"))
    };
    Some((whose, step))
}

/// What may be different from what the files show.
fn unsure(report: &Report, service: &Service, page: &mut Page) {
    let look = page.look;
    let gated = report.steps_of(&service.name).any(|s| s.stage == Stage::Deploy && s.flags.contains(&Flag::MayBeGated));
    let unknowns = report.unknowns.len();
    if !gated && unknowns == 0 {
        return;
    }
    page.gap();
    if gated {
        let line = Line::mark(Mark::Unknown, &look).and(PLAIN, format!(" {}", words::flag(Flag::MayBeGated)));
        page.wrap(line, 2);
    }
    if unknowns > 0 {
        let text = format!(
            " {} of the repository could not be decided (prodpath --verbose lists them)",
            words::count(unknowns, "place", "places")
        );
        page.wrap(Line::mark(Mark::Unknown, &look).and(PLAIN, text), 2);
    }
}
