//! Argo Workflows (<https://argo-workflows.readthedocs.io/en/latest/fields/>) and Argo Events
//! (<https://argoproj.github.io/argo-events/>).
//!
//! Names that expressions read: `input.NAME` (parameters of a template), `workflow.NAME` (those of the workflow),
//! `matrix.item` and `matrix.item.NAME` (the element of a loop).

mod events;
mod expressions;
mod templates;
mod workflows;

use super::Input;
use super::data::Data;
use super::objects::{Object, Objects};
use super::reader::Reader;
use crate::model::{Program, UnitId};
use crate::source::{SourceFile, Span};
use std::collections::{HashMap, HashSet};

/// The folder of the vendor's tables.
const VENDOR: &str = "argo-workflows";
/// The groups of its objects.
const GROUPS: &[&str] = &["argoproj.io"];
/// Templates in templates deeper than this are cut.
const MAX_DEPTH: usize = 60;
/// At most so many jobs are made of all workflows.
const MAX_JOBS: usize = 10_000;

/// Branches that a file's filters name.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let objects = Objects::read(&[file], GROUPS, &mut Program::default());
    objects.of("Sensor").flat_map(events::branch_names).collect()
}

/// Translate all objects: what a schedule or an event starts, and what a person starts.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    let objects = Objects::read(input.files, GROUPS, program);
    let reader = Reader::new(input.catalogue, program, VENDOR, &expressions::masked);
    let mut argo = Argo { input, objects: &objects, reader, templates: HashMap::new(), used: HashSet::new(), jobs: 0, depth: 0 };
    argo.scheduled();
    argo.sensors();
    argo.bindings();
    argo.by_hand();
}

/// The state of the translation.
struct Argo<'a, 'o> {
    input: &'o Input<'o>,
    objects: &'o Objects,
    reader: Reader<'a>,
    /// Units of templates, by the place of their specification and their name.
    templates: HashMap<(Span, String), UnitId>,
    /// Objects whose templates something uses.
    used: HashSet<Span>,
    jobs: usize,
    depth: usize,
}

/// A specification that holds templates.
#[derive(Clone, Debug)]
struct Holder {
    spec: Data,
    path: String,
}

impl Holder {
    fn of(object: &Object) -> Option<Self> {
        let spec = object.data.get("spec")?.clone();
        Some(Self { spec, path: object.path.clone() })
    }
}
