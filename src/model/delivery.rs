//! The delivery map: what flow makes of a program, and what every figure and every report is read off.

use super::{
    Automation, Cell, Confidence, Event, Flag, GateKind, LinkKind, Means, OrphanKind, RefKind, ServiceKind, Stage, Tier, Unit,
    UnitId, Verdict,
};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// One link of the chain from an event to a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// What it is.
    pub kind: LinkKind,
    /// Its name.
    pub name: String,
    /// Its place: the trigger's line, the unit, or the call that leads to it.
    pub span: Span,
}

/// A way that reaches a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// How far it runs by itself.
    pub automation: Automation,
    /// The event it begins with; none for a manual step.
    pub event: Option<Event>,
    /// The ref it runs on; none for a manual step.
    pub on: Option<RefKind>,
    /// A condition on it is not decided by the files.
    pub uncertain: bool,
    /// The line of the innermost condition of a pipeline that it passed.
    pub asked: Option<Span>,
    /// Gates on it, as indices of [`DeliveryMap::gates`].
    pub gates: BTreeSet<usize>,
    /// From the event to the step; shared by what is reached the same way.
    pub chain: Rc<Vec<Link>>,
}

impl Way {
    /// By hand only: no pipeline reaches the unit.
    pub fn by_hand(unit: &Unit) -> Self {
        Self {
            automation: Automation::Manual,
            event: None,
            on: None,
            uncertain: false,
            asked: None,
            gates: BTreeSet::new(),
            chain: Rc::new(vec![Link { kind: unit.kind.link(), name: unit.name.clone(), span: unit.span }]),
        }
    }
}

/// One unit of delivery work at a place, for one environment and one set of services.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its place; none for a missing step.
    pub span: Option<Span>,
    /// Its stage.
    pub stage: Stage,
    /// Finer class, such as the kind of test.
    pub kind: Option<String>,
    /// Further stages it fills.
    pub also: Vec<Stage>,
    /// In what form it is written; none for a missing step.
    pub means: Option<Means>,
    /// The environment, none where the files name none.
    pub environment: Option<String>,
    /// Indices of the services it serves.
    pub services: BTreeSet<usize>,
    /// It can fail and stop what follows.
    pub blocking: bool,
    /// How sure the classification is.
    pub confidence: Confidence,
    /// What else is worth knowing.
    pub flags: BTreeSet<Flag>,
    /// As it is written, on one line.
    pub text: String,
    /// Program, verb and literal target: equal ones count once in the step share.
    pub distinct: String,
    /// The table row that says its stage.
    pub row: String,
    /// The unit it stands in; none for a missing step.
    pub unit: Option<UnitId>,
    /// It only looks (`terraform plan`): it fills no cell.
    pub look_only: bool,
    /// It applies infrastructure that declares no workload, so that no service is deployed by it (ruling 9).
    pub no_workload: bool,
    /// What it deploys, or looks after, is no service: a product that others make.
    pub third_party: bool,
    /// The best way first, the others after it.
    pub ways: Vec<Way>,
    /// Why it is missing and what would close it, for a missing step.
    pub why_missing: Option<String>,
}

impl Step {
    /// The best way's automation; missing where there is no way.
    pub fn automation(&self) -> Automation {
        self.ways.first().map_or(Automation::Missing, |w| w.automation)
    }

    /// Whether it fills a stage, by its own or beside it.
    pub fn fills(&self, stage: Stage) -> bool {
        self.stage == stage || self.also.contains(&stage)
    }
}

/// A place where a person must act, with what waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// What it is.
    pub kind: GateKind,
    /// Its line.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// What comes after it waits.
    pub blocking: bool,
}

/// What is deployed or published by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Other names, without the name.
    pub aliases: BTreeSet<String>,
    /// Folders that are its own, `""` for the root; the first is shown.
    pub roots: Vec<String>,
    /// What it is; filled by the path.
    pub kind: Option<ServiceKind>,
    /// It is a workload or a built image, package or nothing of it: decides whether publishing is part of its path.
    pub ships: bool,
    /// Its image or archive comes from another repository.
    pub foreign: bool,
    /// Something declares a workload of it.
    pub workload: bool,
    /// It is a package that is published, and nothing runs it.
    pub package: bool,
    /// Infrastructure roots that declare its workload.
    pub declared_in: Vec<String>,
}

/// A part of a service's path.
#[derive(Clone, Debug, PartialEq)]
pub struct PathCell {
    /// Which.
    pub cell: Cell,
    /// 0..1: 1 where its best way is automated; a deploy that is automated only before production is 0.5.
    pub value: f64,
    /// The same with push-button counted as automated.
    pub delivery: f64,
    /// Value without what is classified by a name only.
    pub low: f64,
    /// Value with every unresolved call counted as filling it.
    pub high: f64,
    /// Low value of the delivery figure.
    pub delivery_low: f64,
    /// High value of the delivery figure.
    pub delivery_high: f64,
    /// The steps that fill it.
    pub steps: Vec<usize>,
}

/// What keeps a service from reaching production on every commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// A gate, by index.
    Gate {
        /// Index of the gate.
        gate: usize,
        /// The cell behind it.
        cell: Cell,
        /// The environment behind it.
        environment: Option<String>,
    },
    /// A manual step, by index.
    Manual {
        /// The cell it fills.
        cell: Cell,
        /// Index of the step.
        step: usize,
    },
    /// A missing step, by index.
    Missing {
        /// The cell that is empty.
        cell: Cell,
        /// Index of the step.
        step: usize,
    },
}

/// A service's path and verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct ServicePath {
    /// Its cells, in order.
    pub cells: Vec<PathCell>,
    /// How it reaches production.
    pub verdict: Verdict,
    /// What stops it, in running order.
    pub blockers: Vec<Blocker>,
    /// The step whose chain decides the verdict.
    pub decided_by: Option<usize>,
}

/// A file that could deliver and that nothing runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// What it is.
    pub kind: OrphanKind,
    /// Its place: the whole file.
    pub span: Span,
    /// The stages of its steps.
    pub stages: BTreeSet<Stage>,
}

/// Work that is switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// Where.
    pub span: Span,
    /// As it is written.
    pub text: String,
    /// Why it never runs.
    pub why: String,
}

/// An unresolved call: it may fill any empty cell of the services it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// Where.
    pub span: Span,
    /// Why it could not be resolved.
    pub why: String,
    /// The level at which it is reached.
    pub automation: Automation,
    /// The services it serves; empty: all.
    pub services: BTreeSet<usize>,
}

/// An environment that the files name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name as steps carry it.
    pub name: String,
    /// What kind of place it is.
    pub tier: Tier,
    /// Place in the order of promotion, from 0.
    pub order: u32,
}

/// An image that a step builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltImage {
    /// Its name without registry and tag; empty where it is not known.
    pub name: String,
    /// Its Dockerfile, where it is in the repository.
    pub dockerfile: Option<String>,
    /// The stage of its Dockerfile that is asked for.
    pub target: Option<String>,
    /// It is one of a service, and neither a base or tool of others nor for a test.
    pub product: bool,
    /// It is built by hand only.
    pub manual: bool,
    /// The step that builds it.
    pub span: Option<Span>,
}

/// The neutral map of one repository's delivery.
#[derive(Debug, Default)]
pub struct DeliveryMap {
    /// All steps, in order of place, missing ones last.
    pub steps: Vec<Step>,
    /// All services.
    pub services: Vec<Service>,
    /// Their paths, in the same order.
    pub paths: Vec<ServicePath>,
    /// Images that steps build.
    pub images: Vec<BuiltImage>,
    /// Environments in the order of promotion.
    pub environments: Vec<Environment>,
    /// Gates.
    pub gates: Vec<Gate>,
    /// Orphans.
    pub orphans: Vec<Orphan>,
    /// Disabled work.
    pub disabled: Vec<Disabled>,
    /// Calls that could not be resolved.
    pub unresolved: Vec<Unresolved>,
    /// Places that cannot be decided, with the reason.
    pub unknowns: BTreeMap<Span, String>,
}
