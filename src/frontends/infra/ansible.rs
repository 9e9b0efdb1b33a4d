//! x
use crate::catalogue::Catalogue;
use crate::model::Program;
use crate::source::SourceSet;
/// x
pub fn translate(_sources: &SourceSet, _catalogue: &Catalogue, _program: &mut Program) {}
