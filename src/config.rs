//! What the user settles before a scan.

/// Settings of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Threads that read and parse; `None`: one for each core.
    pub jobs: Option<usize>,
    /// The trunk's name, where it is not to be found out.
    pub trunk: Option<String>,
}
