//! What the user settles before a scan.

use std::path::PathBuf;

/// Settings of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Threads that read and parse; `None`: one for each core.
    pub jobs: Option<usize>,
    /// The trunk's name, where it is not to be found out.
    pub trunk: Option<String>,
    /// Directories of repositories, in which files of other projects are looked for that a pipeline includes.
    pub with: Vec<PathBuf>,
}
