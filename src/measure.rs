//! The figures of model.md: path coverage with its interval, delivery coverage, step share, built-in share.

use crate::model::{Automation, Cell, DeliveryMap, Means, PathCell, ServiceKind, ServicePath, Stage, Step, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// A share with the interval in which it must lie, 0..1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// With nothing that is classified by a name only.
    pub low: f64,
    /// As the files say.
    pub value: f64,
    /// If every unresolved call filled what it could.
    pub high: f64,
}

/// Distinct steps by automation; `operate` and looks at infrastructure that fill no cell are left out as model.md says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Automated.
    pub automated: usize,
    /// Push-button.
    pub push_button: usize,
    /// Manual.
    pub manual: usize,
    /// Missing.
    pub missing: usize,
    /// Of the steps above, those whose reach the files do not decide.
    pub unknown: usize,
}

impl Counts {
    /// All of them.
    pub fn total(self) -> usize {
        self.automated + self.push_button + self.manual + self.missing
    }
}

/// All figures of a map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Deployed services that reach production on every commit.
    pub every_commit: usize,
    /// Deployed services from every commit to by button.
    pub with_buttons: usize,
    /// Deployed services.
    pub deployed: usize,
    /// Path coverage.
    pub coverage: Range,
    /// Delivery coverage: push-button counts as automated.
    pub delivery: Range,
    /// Automated of all distinct steps, 0..1.
    pub step_share: f64,
    /// Built-in or command of all automated and push-button steps, 0..1.
    pub built_in_share: f64,
    /// Test, scan and verify steps that can fail and stop what follows, 0..1.
    pub blocking_share: f64,
    /// Distinct steps.
    pub steps: Counts,
    /// What each cell adds to the coverage: index of the service, cell, points; they add up to it.
    pub contributions: Vec<(usize, Cell, f64)>,
    /// Coverage of each service.
    pub services: Vec<f64>,
}

/// Measure a map; none where there is no delivery step to score. `weights` are those of cells in a service's coverage, 1 where
/// nothing is said.
pub fn measure(map: &DeliveryMap, weights: &BTreeMap<Cell, f64>) -> Option<Figures> {
    if !map.steps.iter().any(|s| s.automation() > Automation::Missing && s.stage != Stage::Operate) {
        return None;
    }
    let mut figures = Figures::default();
    let mean = |values: &[f64]| if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 };
    let services = map.paths.len() as f64;
    let weight = |cell: &PathCell| weights.get(&cell.cell).copied().unwrap_or(1.0);
    let whole = |path: &ServicePath| path.cells.iter().map(weight).sum::<f64>();
    let part = |sum: f64, whole: f64| if whole > 0.0 { sum / whole } else { 0.0 };
    let over = |pick: fn(&PathCell) -> f64| -> Vec<f64> {
        let sum = |p: &ServicePath| p.cells.iter().map(|c| pick(c) * weight(c)).sum::<f64>();
        map.paths.iter().map(|p| part(sum(p), whole(p))).collect()
    };
    figures.services = over(|c| c.value);
    figures.coverage = Range { low: mean(&over(|c| c.low)), value: mean(&figures.services), high: mean(&over(|c| c.high)) };
    figures.delivery = Range {
        low: mean(&over(|c| c.delivery_low)),
        value: mean(&over(|c| c.delivery)),
        high: mean(&over(|c| c.delivery_high)),
    };
    for (i, path) in map.paths.iter().enumerate() {
        for cell in &path.cells {
            figures.contributions.push((i, cell.cell, part(cell.value * weight(cell), whole(path)) / services));
        }
    }
    for (service, path) in map.services.iter().zip(&map.paths) {
        if service.kind == Some(ServiceKind::Deployed) {
            figures.deployed += 1;
            figures.every_commit += usize::from(path.verdict == Verdict::EveryCommit);
            figures.with_buttons += usize::from(path.verdict <= Verdict::ByButton);
        }
    }
    count(map, &mut figures);
    Some(figures)
}

fn count(map: &DeliveryMap, figures: &mut Figures) {
    type Key<'m> = (&'m BTreeSet<usize>, Stage, Option<&'m str>, &'m str);
    let mut distinct: BTreeMap<Key<'_>, &Step> = BTreeMap::new();
    for step in map.steps.iter().filter(|s| s.stage != Stage::Operate) {
        let key = (&step.services, step.stage, step.environment.as_deref(), step.distinct.as_str());
        let known = distinct.entry(key).or_insert(step);
        if step.automation() > known.automation() {
            *known = step;
        }
    }
    let share = |part: usize, whole: usize| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let (mut plain, mut running, mut can_stop, mut checks) = (0, 0, 0, 0);
    for step in distinct.values() {
        match step.automation() {
            Automation::Automated => figures.steps.automated += 1,
            Automation::PushButton => figures.steps.push_button += 1,
            Automation::Manual => figures.steps.manual += 1,
            Automation::Missing => figures.steps.missing += 1,
        }
        figures.steps.unknown += usize::from(step.flags.contains(&crate::model::Flag::ReachUnknown));
        if step.automation() >= Automation::PushButton {
            running += 1;
            plain += usize::from(matches!(step.means, Some(Means::BuiltIn | Means::Command)));
            if matches!(step.stage, Stage::Test | Stage::Scan | Stage::Verify) {
                checks += 1;
                can_stop += usize::from(step.blocking);
            }
        }
    }
    figures.step_share = share(figures.steps.automated, figures.steps.total());
    figures.built_in_share = share(plain, running);
    figures.blocking_share = share(can_stop, checks);
}
