//! Questions to a report: the way to production, what stops a service, why a step is what it is, where the score comes from.

mod audit;
mod explain;
mod path;
mod raises;
mod score;
mod why_not;

pub use audit::audit;
pub use explain::{Target, explain};
pub use path::path;
pub use score::score;
pub use why_not::why_not;

use super::look::{BOLD, Line, PLAIN};
use super::page::Page;
use super::{Report, Service, words};

/// `cart reaches production after a person approves`, with a mark.
fn title(service: &Service, page: &mut Page) {
    let look = page.look;
    let verdict = service.to_production.verdict;
    let name = look.escape(&service.name);
    let line = Line::mark(words::verdict_mark(verdict), &look).and(PLAIN, " ").and(BOLD, name);
    page.wrap(line.and(PLAIN, format!(" {}", words::verdict_sentence(service.kind, verdict))), 2);
}

/// Position of an environment in the order of promotion: production last, an unnamed one first.
fn order(report: &Report, name: Option<&str>) -> (bool, u32) {
    let known = name.and_then(|n| report.environment(n));
    known.map_or((false, 0), |e| (e.tier == crate::model::Tier::Production, e.order + 1))
}
