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
    pub fn fixture_path(&self, _n: &str) -> bool { false }
    pub fn third_party_image(&self, _n: &str) -> bool { false }
    /// Whether a file's name or folder says that it is for a server (ruling 7).
    pub fn server_file(&self, path: &str) -> bool {
        has_word(path, &["prod", "production", "staging", "stage", "deploy", "deployment", "stack", "swarm"])
    }

    /// Whether a file is for a developer's own machine (ruling 32): `.devcontainer/`, or local or dev in its name.
    pub fn local_file(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        path.split('/').any(|p| p == ".devcontainer") || has_word(name, &["local", "dev", "development", "devel"])
    }
}

fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| words.iter().any(|x| x.eq_ignore_ascii_case(w)))
}
