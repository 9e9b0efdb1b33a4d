//! Word lists for what can only be told by a name.

use crate::model::Stage;

/// Words that name stages, sites and what is local.
#[derive(Debug)]
pub struct Words {}

impl Words {
    /// The embedded words.
    pub fn embedded() -> Self {
        Self {}
    }

    /// The stage that the name of a script, target or job clearly says (`deploy.sh`, `build-image`, `test:unit`).
    pub fn stage(&self, _name: &str) -> Option<Stage> {
        None
    }

    pub fn local(&self, _n: &str) -> bool { false }
    pub fn local_file(&self, _n: &str) -> bool { false }
    pub fn server_file(&self, _n: &str) -> bool { false }
    pub fn fixture_path(&self, _n: &str) -> bool { false }
    pub fn third_party_image(&self, _n: &str) -> bool { false }
}
