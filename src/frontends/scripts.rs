//! Front ends of scripts and task runners.

pub mod dockerfile;
pub mod document;
pub mod earthfile;
pub mod just;
pub mod make;
pub mod npm;
pub mod shell;
pub mod taskfile;

use crate::catalogue::Catalogue;
use crate::model::Program;
use crate::source::SourceSet;

/// All front ends of this module.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    shell::translate(sources, catalogue, program);
    make::translate(sources, catalogue, program);
    taskfile::translate(sources, catalogue, program);
    just::translate(sources, catalogue, program);
    npm::translate(sources, catalogue, program);
    dockerfile::translate(sources, catalogue, program);
    earthfile::translate(sources, catalogue, program);
    document::translate(sources, catalogue, program);
}
