//! Globs of rules: checked where they are read, made ready where they are first asked. Most never are, and making one ready takes
//! longer than asking it.

use globset::{Glob, GlobMatcher};
use std::sync::{Arc, OnceLock};

/// A pattern of paths.
#[derive(Clone, Debug)]
pub struct Paths {
    glob: Glob,
    ready: Arc<OnceLock<GlobMatcher>>,
}

impl Paths {
    /// Read one. Errors: what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let glob = Glob::new(text).map_err(|e| e.to_string())?;
        Ok(Self { glob, ready: Arc::default() })
    }

    /// Whether a path matches.
    pub fn is_match(&self, path: &str) -> bool {
        self.ready.get_or_init(|| self.glob.compile_matcher()).is_match(path)
    }
}
