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
use build::Build;
use expand::Expander;
use shared::Shared;
use std::collections::{BTreeSet, HashMap};
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

/// Translate the roots; templates are read where they are referred to.
pub(super) fn translate(input: &Input<'_>, program: &mut Program) {
    let read: Vec<(&SourceFile, Data)> = input
        .files
        .iter()
        .filter_map(|file| Some((*file, data::read(file, program).into_iter().next().filter(Data::is_map)?)))
        .collect();
    let referred = files::referred(&read, input.sources);
    let roots: Vec<&(&SourceFile, Data)> =
        read.iter().filter(|(file, root)| files::is_root(&file.path, root, &referred)).collect();
    let paths: BTreeSet<&str> = roots.iter().map(|(file, _)| file.path.as_str()).collect();
    let changes = starts::builds_changes(input.sources, &read);
    for (file, root) in roots {
        let shared = Shared::default();
        let names = templates::root_names(root, &file.path, &shared);
        know_literals(root, &shared);
        let mut expander = Expander {
            shared: &shared,
            sources: input.sources,
            program: &mut *program,
            read: HashMap::new(),
            open: vec![file.path.clone()],
            values: 0,
        };
        let expanded = expander.root(root, &names, 0);
        let around = starts::Around { trunk: input.trunk, paths: &paths, changes };
        Build::pipeline(input.catalogue, program, &shared, file, &expanded, root, &around);
    }
}
