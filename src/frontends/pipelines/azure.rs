//! Azure Pipelines: <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/>.
//!
//! A file is expanded as Azure does it before a run (`expand`, `templates`), then read (`build`, `jobs`, `steps`, `tasks`). Names that
//! expressions read: `input.NAME` for parameters, `env.NAME` for variables under the name that scripts see, `needs.NAME.result`
//! for jobs and stages before, and the neutral facts of a start.

mod build;
mod expand;
mod expression;
mod files;
mod filter;
mod functions;
mod jobs;
mod manual;
mod shared;
mod starts;
mod steps;
mod tasks;
mod templates;
#[cfg(test)]
mod tests;
mod value;
mod variables;

use super::Input;
use super::data::{self, Data};
use crate::model::Program;
use crate::source::SourceFile;
use crate::source::siblings::Ask;
use build::Build;
use expand::Expander;
use shared::Shared;
use std::collections::{BTreeSet, HashMap};
use value::Place;
use variables::know_literals;

/// The folder of the vendor's tables.
const VENDOR: &str = "azure-pipelines";

/// Branches that a file names in its triggers and conditions.
pub(super) fn branches(file: &SourceFile) -> Vec<String> {
    let root = data::read(file, &mut Program::default()).into_iter().next();
    let mut out = root.as_ref().map(filter::branch_names).unwrap_or_default();
    out.extend(filter::compared_branches(&file.text));
    out
}

/// A pipeline's file, as it is written.
type Read<'a> = (&'a SourceFile, Data);

/// Which files are read, and which of them are pipelines of their own.
fn roots<'a>(input: &Input<'a>, program: &mut Program) -> (Vec<Read<'a>>, Vec<bool>) {
    let one = |file: &&'a SourceFile| Some((*file, data::read(file, program).into_iter().next().filter(Data::is_map)?));
    let read: Vec<Read<'a>> = input.files.iter().filter_map(one).collect();
    let referred = files::referred(&read, input.sources);
    let is_root = read.iter().map(|(file, root)| files::is_root(&file.path, root, &referred)).collect();
    (read, is_root)
}

/// A root as it is before a run, and the files of other repositories that it asks for.
fn expanded(input: &Input<'_>, program: &mut Program, shared: &Shared, file: &SourceFile, root: &Data) -> (Data, BTreeSet<Ask>) {
    let place = Place { project: None, path: file.path.as_str().into() };
    let names = templates::root_names(root, place.clone(), shared);
    know_literals(root, shared);
    let mut expander = Expander {
        shared,
        sources: input.sources,
        program,
        repositories: templates::repositories(root),
        read: HashMap::new(),
        open: vec![place],
        asks: BTreeSet::new(),
        values: 0,
    };
    let expanded = expander.root(root, &names, 0);
    (expanded, expander.asks)
}

/// Templates of other repositories that pipelines ask for.
pub(super) fn asks(input: &Input<'_>) -> BTreeSet<Ask> {
    let mut program = Program::default();
    let (read, is_root) = roots(input, &mut program);
    let roots = read.iter().zip(is_root).filter(|(_, is_root)| *is_root);
    roots.flat_map(|((file, root), _)| expanded(input, &mut program, &Shared::default(), file, root).1).collect()
}

/// Translate the roots; templates are read where they are referred to.
pub(super) fn translate(input: &Input<'_>, program: &mut Program) {
    let (read, is_root) = roots(input, program);
    let roots: Vec<&Read<'_>> = read.iter().zip(is_root).filter(|(_, is_root)| *is_root).map(|(read, _)| read).collect();
    let paths: BTreeSet<&str> = roots.iter().map(|(file, _)| file.path.as_str()).collect();
    let changes = starts::builds_changes(input.sources, &read);
    for (file, root) in roots {
        let shared = Shared::default();
        let (expanded, _) = expanded(input, program, &shared, file, root);
        let around = starts::Around { trunk: input.trunk, paths: &paths, changes };
        Build::pipeline(input.catalogue, program, &shared, file, &expanded, root, &around);
    }
}
