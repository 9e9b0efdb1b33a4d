//! What the user settles before a scan.

use std::path::PathBuf;

/// Settings of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
}
