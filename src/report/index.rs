//! Steps of a report by id and by service, for the outputs that ask often.

use super::{PathCell, Report, Step};
use std::collections::HashMap;

/// Steps by id and by service.
#[derive(Debug)]
pub struct Index<'a> {
    by_id: HashMap<&'a str, &'a Step>,
    by_service: HashMap<&'a str, Vec<&'a Step>>,
}

impl<'a> Index<'a> {
    /// The index of a report.
    pub fn new(report: &'a Report) -> Self {
        let by_id = report.steps.iter().map(|s| (s.id.as_str(), s)).collect();
        let mut by_service: HashMap<&str, Vec<&Step>> = HashMap::new();
        for step in &report.steps {
            for service in &step.services {
                by_service.entry(service).or_default().push(step);
            }
        }
        Self { by_id, by_service }
    }

    /// The steps that serve a service, in the report's order.
    pub fn of_service(&self, name: &str) -> &[&'a Step] {
        self.by_service.get(name).map_or(&[], Vec::as_slice)
    }

    /// The steps that fill a cell.
    pub fn of_cell(&self, cell: &PathCell) -> Vec<&'a Step> {
        cell.steps.iter().filter_map(|id| self.by_id.get(id.as_str()).copied()).collect()
    }
}
