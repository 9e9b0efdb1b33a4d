//! Where a person is needed on the way to production.

use super::{Detail, Options};
use crate::report::look::{DIM, Line, Look, Mark, PLAIN, width};
use crate::report::page::{Align, Page, columns};
use crate::report::{Blocker, BlockerKind, Report, Service, words};

/// Blockers that the first screen lists.
const FIRST_SCREEN: usize = 12;

/// Columns of the services' names.
const NAMES: usize = 32;

/// One blocker with the services it holds up.
struct Group<'a> {
    blocker: &'a Blocker,
    services: Vec<&'a str>,
}

/// Print the list; `left` services are not shown at all.
pub(super) fn section(report: &Report, shown: &[&Service], left: usize, options: &Options, page: &mut Page) {
    let look = page.look;
    let groups = grouped(shown);
    if groups.is_empty() {
        if left == 0 && !shown.is_empty() {
            page.heading("No person is needed on the way to production");
        }
        return;
    }
    page.heading("A person is needed at");
    let most = if options.detail == Detail::Verbose { usize::MAX } else { FIRST_SCREEN };
    let rows: Vec<(Vec<Line>, Line)> = groups
        .iter()
        .take(most)
        .map(|group| {
            let blocker = group.blocker;
            let names = held_up(&group.services, shown.len() + left, &look);
            let what = words::cell(blocker.cell, blocker.environment.as_deref(), &look);
            let mark = match blocker.kind {
                BlockerKind::Gate => Mark::PushButton,
                BlockerKind::Manual => Mark::Manual,
                BlockerKind::Missing => Mark::Missing,
            };
            let place = blocker.location.as_ref().map_or_else(String::new, |l| words::place(l, false, &look));
            let cells = vec![
                Line::plain(names).cut(NAMES, &look),
                Line::mark(mark, &look).and(PLAIN, format!(" {what}")),
                Line::plain(words::blocker(blocker, report)),
            ];
            (cells, Line::of(DIM, place))
        })
        .collect();
    print(&rows, page);
    if groups.len() > most {
        page.line(&Line::of(DIM, format!(" and {} more (--verbose shows all)", groups.len() - most)));
    }
}

/// The names of the services that one blocker holds up, as many as there is room for.
fn held_up(services: &[&str], all: usize, look: &Look) -> String {
    if services.len() > 3 && services.len() == all {
        return "all services".to_owned();
    }
    let most = services.len().min(3);
    let joined = (1..=most).rev().map(|n| words::names(services, n, look)).find(|t| width(t) <= NAMES);
    joined.unwrap_or_else(|| match services {
        [one] => look.escape(one),
        several => words::count(several.len(), "service", "services"),
    })
}

/// Places at the right where they fit, else each on a line of its own.
fn print(rows: &[(Vec<Line>, Line)], page: &mut Page) {
    let look = page.look;
    let aligns = [Align::Left; 4];
    let wide: Vec<Vec<Line>> = rows.iter().map(|(c, p)| c.iter().cloned().chain([p.clone()]).collect()).collect();
    let lines = columns(&wide, &aligns, 1);
    if lines.iter().all(|l| l.width() <= look.columns()) {
        for line in &lines {
            page.line(line);
        }
        return;
    }
    let narrow: Vec<Vec<Line>> = rows.iter().map(|(c, _)| c.clone()).collect();
    let indent = narrow.iter().filter_map(|c| c.first()).map(Line::width).max().unwrap_or(0) + 5;
    let lines = columns(&narrow, &aligns, 1);
    let fits = lines.iter().all(|l| l.width() <= look.columns());
    let two: Vec<Vec<Line>> = rows.iter().map(|(c, _)| c.iter().take(2).cloned().collect()).collect();
    let lines = if fits { lines } else { columns(&two, &aligns, 1) };
    for (line, (cells, place)) in lines.into_iter().zip(rows) {
        page.line(&line.cut(look.columns(), &look));
        let below = if fits { None } else { cells.get(2).cloned() };
        for more in below.into_iter().chain([place.clone()]).filter(|l| !l.is_empty()) {
            let indent = if fits { indent } else { 5 };
            page.wrap(Line::plain(" ".repeat(indent)).then(more), indent);
        }
    }
}

/// The blockers in the order of services and running order; one that several services share stands once.
fn grouped<'a>(shown: &[&'a Service]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group> = Vec::new();
    for service in shown {
        for blocker in &service.to_production.blockers {
            match groups.iter_mut().find(|g| g.blocker == blocker) {
                Some(group) => {
                    if !group.services.contains(&service.name.as_str()) {
                        group.services.push(&service.name);
                    }
                }
                None => groups.push(Group { blocker, services: vec![&service.name] }),
            }
        }
    }
    groups
}
