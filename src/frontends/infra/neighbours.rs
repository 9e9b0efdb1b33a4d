//! What controllers apply, as repositories beside the scanned one say it.

use super::kubernetes;
use crate::catalogue::Catalogue;
use crate::model::{Neighbour, Program, Reconciler};
use crate::source::paths::repository_name;
use crate::source::{SourceFile, SourceSet, Span};

/// Whether a file may hold a controller's object, by what it speaks of.
pub fn speaks_of_controllers(file: &SourceFile) -> bool {
    super::is_yaml(file)
        && ["argoproj.io", "fluxcd.io", "flagger.app", "kargo.akuity.io"].iter().any(|group| file.text.contains(group))
}

/// Read the objects of all neighbours, and what is applied with the paths they name.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    for (shown, set) in &sources.neighbours {
        let name = repository_name(shown).to_ascii_lowercase();
        let mut theirs = Program { repository: name.clone(), ..Program::default() };
        kubernetes::translate(set, catalogue, &mut theirs);
        let place = |span: Span| {
            let file = sources.of_neighbour(shown, &set.file(span.file).path)?;
            Some(Span { file, ..span })
        };
        let moved = |mut r: Reconciler| {
            r.span = place(r.span)?;
            r.gate = r.gate.and_then(place);
            r.merge = r.merge.and_then(place);
            Some(r)
        };
        let reconcilers = theirs.reconcilers.into_iter().filter_map(moved).collect();
        program.neighbours.push(Neighbour { name, reconcilers, bundles: theirs.bundles });
    }
}
