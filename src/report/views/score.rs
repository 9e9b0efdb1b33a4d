//! Where the score comes from: what each cell of each service adds.

use super::raises;
use crate::model::{Cell, Confidence};
use crate::report::look::{BOLD, DIM, Line, Look, Mark, PLAIN};
use crate::report::page::{Align, Page, columns};
use crate::report::{Report, Score, Service, words};

/// The score, part by part.
pub fn score(report: &Report, look: Look) -> String {
    let mut page = Page::new(look);
    let Some(score) = &report.score else {
        page.line(&Line::plain("No delivery step was found, so there is no score."));
        return page.finish();
    };
    page.wrap(Line::of(BOLD, words::production(score)), 2);
    page.gap();
    let title = format!("path coverage {}", words::interval(&score.coverage, &look));
    page.wrap(Line::of(BOLD, title), 2);
    let services = words::count(report.services.len(), "service", "services");
    let weighed = report.configuration.as_ref().is_some_and(|c| c.custom_weights);
    let mean =
        if weighed { "the mean of its cells, weighed as the configuration says (custom)" } else { "the mean of its cells" };
    let text = format!(
        "A cell counts where its best way is automated, deploy by half where only an earlier environment is. A service's \
         coverage is {mean}, the repository's the mean of its {services}. In points of a hundred:"
    );
    page.words(DIM, &text, 0);
    page.gap();
    table(report, score, &mut page);
    interval(report, score, &mut page);
    raises::section(report, &mut page);
    others(score, &mut page);
    page.finish()
}

/// Points with one decimal.
fn points(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

fn table(report: &Report, score: &Score, page: &mut Page) {
    let look = page.look;
    let cells: Vec<Cell> = Cell::ALL.iter().copied().filter(|c| report.services.iter().any(|s| words::needs(s, *c))).collect();
    let mut head = vec![Line::of(BOLD, "service")];
    head.extend(cells.iter().map(|c| Line::of(BOLD, c.as_str())));
    head.push(Line::of(BOLD, "sum"));
    head.push(Line::of(BOLD, "of"));
    let mut rows = vec![head];
    #[allow(clippy::cast_precision_loss)] // a count of services
    let each = 1.0 / report.services.len().max(1) as f64;
    for service in &report.services {
        rows.push(row(service, score, &cells, each, &look));
    }
    let mut total = vec![Line::of(BOLD, "all")];
    for cell in &cells {
        let sum: f64 = score.contributions.iter().filter(|c| c.cell == *cell).map(|c| c.points).sum();
        total.push(Line::of(BOLD, points(sum)));
    }
    let sum: f64 = score.contributions.iter().map(|c| c.points).sum();
    total.push(Line::of(BOLD, points(sum)));
    total.push(Line::of(DIM, points(1.0)));
    rows.push(total);
    let mut aligns = vec![Align::Right; cells.len() + 3];
    if let Some(first) = aligns.first_mut() {
        *first = Align::Left;
    }
    for line in columns(&rows, &aligns, 1) {
        page.line(&line.cut(look.columns(), &look));
    }
}

fn row(service: &Service, score: &Score, cells: &[Cell], each: f64, look: &Look) -> Vec<Line> {
    let mut row = vec![Line::plain(look.escape(&service.name)).cut(24, look)];
    let of = |cell: Option<Cell>| -> f64 {
        let fits = |c: &&crate::report::Contribution| c.service == service.name && cell.is_none_or(|cell| c.cell == cell);
        score.contributions.iter().filter(fits).map(|c| c.points).sum()
    };
    for cell in cells {
        let part = service.path.iter().find(|p| p.cell == *cell);
        row.push(match part {
            None => Line::mark(Mark::NotNeeded, look),
            Some(part) => {
                let mark = match part.value {
                    v if v >= 1.0 => Mark::Automated,
                    v if v > 0.0 => Mark::PushButton,
                    _ => Mark::Missing,
                };
                Line::of(mark.style(), points(of(Some(*cell))))
            }
        });
    }
    row.push(Line::plain(points(of(None))));
    row.push(Line::of(DIM, points(each)));
    row
}

/// What makes the interval.
fn interval(report: &Report, score: &Score, page: &mut Page) {
    let look = page.look;
    let low = words::percent(score.coverage.low);
    let high = words::percent(score.coverage.high);
    page.gap();
    if words::whole_percent(score.coverage.low) == words::whole_percent(score.coverage.high) {
        page.words(PLAIN, "Nothing that is unknown could change it.", 0);
        return;
    }
    let named = report.steps.iter().filter(|s| s.confidence == Confidence::Low).count();
    if score.coverage.low < score.coverage.value {
        let named = words::count(named, "step", "steps");
        page.words(PLAIN, &format!("{low} at the low end: without {named} that only a name classifies."), 0);
    }
    if score.coverage.high > score.coverage.value {
        let text = format!("{high} at the high end: if every call that could not be read filled what it can.");
        page.words(PLAIN, &text, 0);
    }
    for unknown in report.unknowns.iter().take(10) {
        let line = Line::plain("  ").then(Line::mark(Mark::Unknown, &look)).and(PLAIN, format!(" {}", look.escape(&unknown.why)));
        page.placed(line, 0, Line::of(DIM, words::place(&unknown.location, false, &look)), 4);
    }
    if report.unknowns.len() > 10 {
        page.line(&Line::of(DIM, format!("  and {} more", report.unknowns.len() - 10)));
    }
}

/// The figures beside the coverage.
fn others(score: &Score, page: &mut Page) {
    let look = page.look;
    page.gap();
    let rows = [
        (words::interval(&score.delivery, &look), "delivery coverage: the same, with a button counted as automated"),
        (words::percent(score.step_share), "step share: distinct steps on the path that are automated"),
        (words::percent(score.built_in_share), "built-in or plain command, of all automated and push-button steps"),
        (words::percent(score.blocking_share), "of tests, scans and verifications can fail and stop what follows"),
    ];
    let rows: Vec<Vec<Line>> = rows.into_iter().map(|(n, text)| vec![Line::of(BOLD, n), Line::plain(text)]).collect();
    let indent = rows.iter().filter_map(|r| r.first()).map(Line::width).max().unwrap_or(0) + 2;
    for line in columns(&rows, &[Align::Right, Align::Left], 0) {
        page.wrap(line, indent);
    }
    let steps = format!("{}.", words::step_share(score));
    page.words(DIM, &steps, 2);
}
