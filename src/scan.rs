//! One repository: from its folder to its report.

use crate::config::Config;
use crate::model::TrunkSource;
use crate::report::{Files, Report, Repository, SCHEMA_VERSION, Tool, Trunk};
use std::path::Path;

/// Why a folder could not be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It does not exist, is no folder or cannot be listed.
    #[error("{path}: {source}")]
    Unreadable {
        /// The folder as it was given.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Scan the repository under `root`.
pub fn scan(root: &Path, _config: &Config) -> Result<Report, ScanError> {
    let shown = root.to_string_lossy().into_owned();
    let sources = crate::source::discover(root).map_err(|source| ScanError::Unreadable { path: shown.clone(), source })?;
    Ok(Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "prodpath".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), ..Tool::default() },
        repository: Repository {
            name: root.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
            root: shown,
            commit: None,
            trunk: Trunk { name: String::new(), from: TrunkSource::None },
        },
        score: None,
        services: Vec::new(),
        environments: Vec::new(),
        steps: Vec::new(),
        disabled: Vec::new(),
        gates: Vec::new(),
        orphans: Vec::new(),
        replacements: Vec::new(),
        replaceable: crate::report::Replaceable::default(),
        practices: Vec::new(),
        drift: Vec::new(),
        unknowns: Vec::new(),
        diagnostics: Vec::new(),
        files: Files { read: sources.files().len(), ..Files::default() },
        suppressed: Vec::new(),
    })
}
