//! What would raise the coverage: the next steps, those that gain most first.

use crate::model::{Automation, Cell};
use crate::report::look::{BOLD, DIM, Line, PLAIN};
use crate::report::page::Page;
use crate::report::{Location, Report, Service, words};

/// Next steps that are shown.
const MOST: usize = 8;

/// A next step with the services that it helps.
struct Next<'r> {
    cell: Cell,
    why: String,
    place: Option<&'r Location>,
    services: Vec<&'r str>,
    /// Of the whole coverage, 0..1.
    gain: f64,
}

/// Print them; nothing where all is automated, or where weights make a cell's share another one.
pub(super) fn section(report: &Report, page: &mut Page) {
    if report.configuration.as_ref().is_some_and(|c| c.custom_weights) {
        return;
    }
    let all = steps(report);
    if all.is_empty() {
        return;
    }
    let look = page.look;
    page.heading("What would raise it");
    for next in all.iter().take(MOST) {
        let services = match next.services.as_slice() {
            [one] => look.escape(one),
            several if several.len() <= 3 => several.iter().map(|s| look.escape(s)).collect::<Vec<_>>().join(", "),
            several => words::count(several.len(), "service", "services"),
        };
        let line = Line::of(BOLD, format!(" +{:.1}", next.gain * 100.0))
            .and(PLAIN, format!("  {} of {services}: {}", next.cell, next.why));
        match next.place {
            Some(place) => page.placed(line, 0, Line::of(DIM, words::place(place, false, &look)), 8),
            None => page.wrap(line, 8),
        }
    }
    if all.len() > MOST {
        page.line(&Line::of(DIM, format!(" and {} more", all.len() - MOST)));
    }
}

fn steps(report: &Report) -> Vec<Next<'_>> {
    let mut out: Vec<Next<'_>> = Vec::new();
    #[allow(clippy::cast_precision_loss)] // counts of services and cells
    for service in &report.services {
        let share = 1.0 / service.path.len().max(1) as f64 / report.services.len().max(1) as f64;
        for part in service.path.iter().filter(|p| p.value < 1.0) {
            let (why, place) = reason(report, service, part.cell, &part.steps);
            let gain = (1.0 - part.value) * share;
            match out.iter_mut().find(|n| n.cell == part.cell && n.place == place && n.why == why) {
                Some(known) => {
                    known.services.push(&service.name);
                    known.gain += gain;
                }
                None => out.push(Next { cell: part.cell, why, place, services: vec![&service.name], gain }),
            }
        }
    }
    out.sort_by(|a, b| b.gain.total_cmp(&a.gain).then_with(|| (a.cell, &a.services, &a.why).cmp(&(b.cell, &b.services, &b.why))));
    out
}

/// Why a cell is not automated: what stops the service there, else what its best step says.
fn reason<'r>(report: &'r Report, service: &'r Service, cell: Cell, ids: &[String]) -> (String, Option<&'r Location>) {
    if let Some(blocker) = service.to_production.blockers.iter().find(|b| b.cell == cell) {
        return (words::blocker(blocker, report).to_owned(), blocker.location.as_ref());
    }
    let best = report.steps.iter().filter(|s| ids.contains(&s.id)).max_by_key(|s| s.automation);
    let Some(step) = best else { return ("nothing in the repository does it".to_owned(), None) };
    let why = match step.automation {
        Automation::Missing => step.why.clone().unwrap_or_else(|| "nothing in the repository does it".to_owned()),
        Automation::Manual => "no pipeline calls it".to_owned(),
        Automation::PushButton => "a person starts it".to_owned(),
        Automation::Automated => "production is not reached by itself".to_owned(),
    };
    (why, step.location.as_ref())
}
