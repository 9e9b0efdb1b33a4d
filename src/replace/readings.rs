//! Files read once for all rules: trees of YAML, instructions of Dockerfiles.

use super::dockerfile::{Instruction, instructions};
use crate::model::{Program, UnitKind};
use crate::source::{FileId, SourceFile, SourceSet};
use crate::syntax::yaml::{self, Tree};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// What was read so far.
pub struct Readings {
    dockerfiles: OnceCell<BTreeMap<FileId, Vec<Instruction>>>,
    trees: Vec<OnceCell<Tree>>,
}

impl Readings {
    /// Nothing yet.
    pub fn new(sources: &SourceSet) -> Self {
        Self { dockerfiles: OnceCell::new(), trees: sources.files().iter().map(|_| OnceCell::new()).collect() }
    }

    /// The instructions of each Dockerfile.
    pub fn dockerfiles(&self, sources: &SourceSet, program: &Program) -> &BTreeMap<FileId, Vec<Instruction>> {
        self.dockerfiles.get_or_init(|| {
            let units = program.iter().filter(|(_, u)| u.kind == UnitKind::Dockerfile);
            let files: BTreeSet<FileId> = units.map(|(_, u)| u.span.file).collect();
            files.into_iter().map(|id| (id, instructions(sources.file(id)))).collect()
        })
    }

    /// A file as YAML; none where it is not one of the repository's.
    pub fn yaml(&self, file: &SourceFile) -> Option<&Tree> {
        self.trees.get(file.id.0 as usize).map(|cell| cell.get_or_init(|| yaml::parse(file)))
    }
}
