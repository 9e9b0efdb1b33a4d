//! Regular expressions and globs of rules: checked where they are read, made ready where they are first asked. Most rules never
//! come so far, and making them ready takes longer than asking.

use globset::{Glob, GlobMatcher};
use std::sync::{Arc, OnceLock};

/// A regular expression.
#[derive(Clone, Debug)]
pub struct Regex {
    text: String,
    ready: Arc<OnceLock<Option<regex::Regex>>>,
}

impl Regex {
    /// Read one. Errors: what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        regex_syntax::parse(text).map_err(|e| e.to_string())?;
        Ok(Self { text: text.to_owned(), ready: Arc::default() })
    }

    /// Whether a text has a match.
    pub fn is_match(&self, text: &str) -> bool {
        self.ready.get_or_init(|| regex::Regex::new(&self.text).ok()).as_ref().is_some_and(|r| r.is_match(text))
    }
}

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
