//! Front ends: from spanned trees to the neutral model. They translate and never judge.

pub mod bodies;
pub mod expansion;
pub mod infra;
pub mod pipelines;
pub mod scripts;
pub mod template;

use crate::catalogue::Catalogue;
use crate::model::Program;
use crate::source::SourceSet;
use std::path::{Path, PathBuf};

/// The first phase: what must be known before anything is translated, such as the branches that pipelines name.
pub fn survey(sources: &SourceSet, catalogue: &Catalogue) -> Program {
    let mut program = Program::default();
    pipelines::survey(sources, catalogue, &mut program);
    program
}

/// Read what front ends ask for of other repositories than the one at `root`, from directories of repositories.
pub fn siblings(sources: &mut SourceSet, catalogue: &Catalogue, root: &Path, with: &[PathBuf]) {
    if !with.is_empty() {
        pipelines::siblings(sources, catalogue, with);
        sources.read_neighbours(with, root, infra::neighbours::speaks_of_controllers);
    }
}

/// Translate every file by the front end that knows it.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, trunk: &str, program: &mut Program) {
    pipelines::translate(sources, catalogue, trunk, program);
    scripts::translate(sources, catalogue, program);
    infra::translate(sources, catalogue, program);
}
