//! x
use crate::model::Program;
use crate::source::SourceSet;
/// x
pub fn translate(_sources: &SourceSet, _program: &mut Program) {}
