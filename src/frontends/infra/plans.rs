//! Files in which a tool builds or applies several things at once.

mod bake;
mod helmfile;
mod skaffold;

use crate::model::Program;
use crate::source::SourceSet;

/// Read all of them.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    bake::translate(sources, program);
    skaffold::translate(sources, program);
    helmfile::translate(sources, program);
}

/// The folder or file that a glob stands for: what comes before its first wildcard.
fn fixed(glob: &str) -> &str {
    match glob.find(['*', '?', '[', '{']) {
        Some(at) => glob[..at].rsplit_once('/').map_or("", |(folder, _)| folder),
        None => glob,
    }
}
