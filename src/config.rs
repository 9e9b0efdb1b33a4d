//! What the user settles before a scan.

pub mod file;

use crate::model::{Cell, Tier};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Settings of a scan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Threads that read and parse; `None`: one for each core.
    pub jobs: Option<usize>,
    /// The trunk's name, where it is not to be found out.
    pub trunk: Option<String>,
    /// Directories of repositories: files of other projects that a pipeline includes, and what controllers read of this one or
    /// of those it commits to.
    pub with: Vec<PathBuf>,
    /// Files of rules to ask beside the built-in ones; one with the id of a built-in rule takes its place.
    pub rules: Vec<PathBuf>,
    /// What the repository says of itself under `.prodpath/` is not heeded.
    pub isolated: bool,
    /// The day, `YYYY-MM-DD`: what ended before it is over. Empty: nothing is.
    pub today: String,
    /// Which rules are asked.
    pub selection: Selection,
    /// Globs of paths that are left out.
    pub exclude: Vec<String>,
    /// Tiers of environments by name.
    pub environments: BTreeMap<String, Tier>,
    /// Weights of cells in the path coverage, 1 where nothing is said.
    pub weights: BTreeMap<Cell, f64>,
    /// The file that says some of this; empty: none.
    pub file: String,
    /// A fingerprint of that file and those that it extends; empty: none.
    pub hash: String,
}

/// Which rules are asked, by words: a rule's id, a tool with rules, `high`, `medium`, `low`, `hygiene`, `default` or `all`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these, also where they are off by default; none: those that are on.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
}

impl Selection {
    /// Its words.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        self.select.iter().chain(&self.ignore)
    }
}
