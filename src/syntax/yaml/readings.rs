//! YAML files, each read once for all who ask.

use super::{Tree, parse};
use crate::source::{SourceFile, SourceSet};
use std::cell::OnceCell;

/// The trees of a repository's files, as far as they were asked for.
#[derive(Debug, Default)]
pub struct Readings(Vec<OnceCell<Tree>>);

impl Readings {
    /// Nothing yet.
    pub fn new(sources: &SourceSet) -> Self {
        Self(sources.files().iter().map(|_| OnceCell::new()).collect())
    }

    /// A file as YAML; none where it is not one of the repository's.
    pub fn of(&self, file: &SourceFile) -> Option<&Tree> {
        self.0.get(file.id.0 as usize).map(|cell| cell.get_or_init(|| parse(file)))
    }
}
