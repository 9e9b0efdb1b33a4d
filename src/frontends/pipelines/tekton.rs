//! Tekton: Pipelines (<https://tekton.dev/docs/pipelines/>), Triggers (<https://tekton.dev/docs/triggers/>) and
//! Pipelines-as-Code (<https://pipelinesascode.com/docs/>).
//!
//! Names that expressions read: `input.NAME` (parameters of the task or pipeline), `tt.NAME` (those of a trigger's template),
//! `matrix.NAME`, `tasks.NAME.results.NAME`, and facts of a start under the names that conditions use (`event`,
//! `target_branch`, `source_branch`, `body.…`, `header.…`).

mod expressions;
mod pipelines;
mod runs;
mod tasks;
mod triggers;

use super::Input;
use super::objects::{Object, Objects};
use super::reader::Reader;
use crate::model::{Program, UnitId};
use crate::source::SourceFile;
use std::collections::HashMap;

/// The folder of the vendor's tables.
const VENDOR: &str = "tekton";
/// The groups of its objects.
const GROUPS: &[&str] = &["tekton.dev", "triggers.tekton.dev"];
/// Pipelines in pipelines deeper than this are cut.
const MAX_DEPTH: usize = 60;
/// At most so many jobs are made of all pipelines.
const MAX_JOBS: usize = 10_000;

/// Branches that a file names in its triggers.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let objects = Objects::read(&[file], GROUPS, &mut Program::default());
    let of_runs = objects.all.iter().filter_map(runs::filter).flat_map(|f| f.branch_names());
    of_runs.chain(objects.all.iter().flat_map(triggers::branch_names)).collect()
}

/// Translate all objects: what starts by itself, and what a person starts.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    let objects = Objects::read(input.files, GROUPS, program);
    if objects.all.is_empty() {
        return;
    }
    let reader = Reader::new(input.catalogue, program, VENDOR, &expressions::masked);
    let mut tekton = Tekton {
        input,
        objects: &objects,
        reader,
        tasks: HashMap::new(),
        pipelines: HashMap::new(),
        started: Vec::new(),
        jobs: 0,
        depth: 0,
    };
    for pipeline in objects.of("Pipeline") {
        tekton.pipeline(pipeline);
    }
    tekton.runs();
    tekton.triggers();
    tekton.by_hand();
}

/// The state of the translation.
struct Tekton<'a, 'o> {
    input: &'o Input<'o>,
    objects: &'o Objects,
    reader: Reader<'a>,
    /// Units of tasks and step actions, by the place of their object.
    tasks: HashMap<crate::source::Span, UnitId>,
    /// Units of pipelines, by the place of their object; none while one is read.
    pipelines: HashMap<crate::source::Span, Option<UnitId>>,
    /// Pipelines that a run or a trigger starts, or that another one holds.
    started: Vec<UnitId>,
    jobs: usize,
    depth: usize,
}

impl<'o> Tekton<'_, 'o> {
    fn found(&self, kinds: &[&str], name: &str, near: &str) -> Option<&'o Object> {
        self.objects.find(kinds, name, near)
    }
}
