//! Every step of the shown services, by service and stage.

use crate::model::Stage;
use crate::report::index::Index;
use crate::report::look::{BOLD, DIM, Line, PLAIN};
use crate::report::page::Page;
use crate::report::{Service, Step, words};
use std::collections::HashMap;

/// Print the lists.
pub(super) fn section(index: &Index, shown: &[&Service], page: &mut Page) {
    let look = page.look;
    for service in shown {
        let steps = index.of_service(&service.name);
        page.gap();
        let mut title = vec![Line::of(BOLD, look.escape(&service.name)), Line::plain(service.kind.to_string())];
        if !service.root.is_empty() {
            title.push(Line::plain(look.escape(&service.root)));
        }
        title.push(Line::plain(words::count(steps.len(), "step", "steps")));
        if !service.aliases.is_empty() {
            let aliases: Vec<&str> = service.aliases.iter().map(String::as_str).collect();
            title.push(Line::plain(format!("also {}", words::names(&aliases, 4, &look))));
        }
        page.flow(title, look.dot(), 2);
        let way = words::chain(&service.to_production.chain, &look);
        let way = if way.is_empty() { way } else { format!(" ({way})") };
        let sentence = words::verdict_sentence(service.kind, service.to_production.verdict);
        page.wrap(Line::plain(sentence).and(DIM, way), 2);
        let column = column(steps, 3, true, page);
        for stage in Stage::ALL {
            let of_stage: Vec<&Step> = steps.iter().copied().filter(|s| s.stage == *stage).collect();
            if !of_stage.is_empty() {
                page.line(&Line::plain(" ").and(DIM, stage.as_str()));
                lines(&of_stage, 3, column, true, page);
            }
        }
    }
}

/// The column at which places stand beside these steps; `environments`: whether their names are shown.
pub(in crate::report) fn column(steps: &[&Step], indent: usize, environments: bool, page: &Page) -> usize {
    let limit = page.look.columns().saturating_mul(3) / 5;
    steps.iter().map(|s| line(s, indent, environments, page).width()).filter(|w| *w <= limit).max().unwrap_or(0) + 2
}

/// One line a step: mark, environment, text, place. Equal ones at several places stand once.
pub(in crate::report) fn lines(steps: &[&Step], indent: usize, column: usize, environments: bool, page: &mut Page) {
    let look = page.look;
    let mut rows: Vec<(Line, String, usize)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for step in steps {
        let left = line(step, indent, environments, page);
        let place = step.location.as_ref().map_or_else(String::new, |l| words::place(l, false, &look));
        let text = left.render(&look);
        if let Some((_, _, more)) = known.get(&text).and_then(|at| rows.get_mut(*at)).filter(|_| !place.is_empty()) {
            *more += 1;
        } else {
            known.insert(text, rows.len());
            rows.push((left, place, 0));
        }
    }
    for (left, mut place, more) in rows {
        if more > 0 {
            place = format!("{place} and {}", words::count(more, "other place", "other places"));
        }
        page.placed(left, column, Line::of(DIM, place), indent + 2);
    }
}

fn line(step: &Step, indent: usize, environments: bool, page: &Page) -> Line {
    let look = page.look;
    let mark = words::step_mark(step);
    let mut line = Line::plain(" ".repeat(indent)).then(Line::mark(mark, &look)).and(PLAIN, " ");
    if let Some(environment) = step.environment.as_ref().filter(|_| environments) {
        line = line.and(BOLD, look.escape(environment)).and(PLAIN, " ");
    }
    let text = step.text.as_deref().map_or_else(|| "nothing in the repository does it".to_owned(), |t| look.escape(t));
    line.and(PLAIN, text)
}
