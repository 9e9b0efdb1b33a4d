//! What says that a pipeline deploys to a hosting platform itself: the typed view of `hosted.yaml`.

use super::table;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Texts by the platform's id.
#[derive(Debug, Default)]
pub struct Hosted {
    texts: BTreeMap<String, Vec<String>>,
}

impl Hosted {
    /// The embedded table.
    pub fn embedded() -> &'static Self {
        static TABLE: OnceLock<Hosted> = OnceLock::new();
        TABLE.get_or_init(|| Self { texts: table::single(table::packed!("hosted")).unwrap_or_default() })
    }

    /// Whether a text of a pipeline or script deploys to a platform.
    pub fn deploys(&self, platform: &str, text: &str) -> bool {
        self.texts.get(platform).is_some_and(|all| all.iter().any(|t| text.contains(t.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_told_by_its_client() {
        let table = Hosted::embedded();
        assert!(table.deploys("netlify", "run: npx netlify deploy --prod"));
        assert!(!table.deploys("netlify", "run: npx vercel deploy"));
        assert!(!table.deploys("other", "x"));
    }
}
