//! Front ends of scripts and task runners.

pub mod declared;
pub mod dockerfile;
pub mod document;
pub mod earthfile;
pub mod fastlane;
pub mod gradle;
pub mod invoke;
pub mod just;
pub mod mage;
pub mod make;
pub mod maven;
pub mod npm;
pub mod rake;
pub mod sbt;
pub mod sessions;
pub mod shell;
pub mod taskfile;
pub mod tasks;

use crate::catalogue::Catalogue;
use crate::model::Program;
use crate::source::SourceSet;

/// All front ends of this module.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    shell::translate(sources, catalogue, program);
    make::translate(sources, catalogue, program);
    taskfile::translate(sources, catalogue, program);
    just::translate(sources, catalogue, program);
    maven::translate(sources, program);
    gradle::translate(sources, catalogue, program);
    rake::translate(sources, catalogue, program);
    invoke::translate(sources, catalogue, program);
    mage::translate(sources, catalogue, program);
    fastlane::translate(sources, catalogue, program);
    sbt::translate(sources, catalogue, program);
    declared::translate(sources, catalogue, program);
    sessions::translate(sources, program);
    npm::translate(sources, catalogue, program);
    dockerfile::translate(sources, catalogue, program);
    earthfile::translate(sources, catalogue, program);
    document::translate(sources, catalogue, program);
}
