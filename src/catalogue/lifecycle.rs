//! Lifecycles of build tools, and what plugins bind to their phases: the typed view of `lifecycle.yaml`.

use super::table;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The lifecycle of one tool.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Phases {
    #[serde(rename = "phases")]
    order: Vec<String>,
    skip_tests: Vec<String>,
    plain_parents: Vec<String>,
    plugins: BTreeMap<String, Plugin>,
    runs: BTreeMap<String, Vec<String>>,
    images: BTreeMap<String, ImageBlock>,
}

/// Where a build file names the image that tasks make.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ImageBlock {
    /// The block.
    pub block: String,
    /// Blocks in it, and the name at last.
    pub path: Vec<String>,
    /// The tasks.
    pub tasks: Vec<String>,
}

/// What is known of a plugin.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Plugin {
    /// The phase of a goal that is bound without one.
    pub phases: BTreeMap<String, String>,
    /// Goals that the usual parents bind where the project says none.
    pub managed: Vec<String>,
    /// Elements of its configuration that name an image.
    pub images: Vec<String>,
    /// Elements that say where its Dockerfile is.
    pub dockerfile: Vec<String>,
    /// Where the Dockerfile is if none of them says it.
    pub default_dockerfile: Option<String>,
    /// Options that say the same as an element.
    pub options: BTreeMap<String, String>,
    /// Properties that switch it off.
    pub skip: Vec<String>,
    /// It runs a program.
    pub program: Option<PluginProgram>,
}

/// How a plugin is told what to run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PluginProgram {
    /// The goals that run it.
    pub goals: Vec<String>,
    /// The element that names it; none: the goal is the program.
    pub name: Option<String>,
    /// The element that lists its arguments.
    pub arguments: Option<String>,
    /// The element that holds them in one line.
    pub line: Option<String>,
    /// The arguments where there are none.
    pub default: Option<String>,
    /// The element that names its folder.
    pub dir: Option<String>,
}

impl Phases {
    /// The lifecycle of a tool; none where it has none.
    pub fn of(tool: &str) -> Option<&'static Self> {
        static TABLES: OnceLock<BTreeMap<String, Phases>> = OnceLock::new();
        let tables = TABLES.get_or_init(|| {
            let entries = table::entries::<Self>(table::packed!("lifecycle")).unwrap_or_default();
            entries.into_iter().map(|e| (e.id, e.data)).collect()
        });
        tables.get(tool)
    }

    /// How far a phase is from the start.
    pub fn position(&self, phase: &str) -> Option<usize> {
        self.order.iter().position(|p| p == phase)
    }

    /// Whether a call of a goal runs a phase: it is it, it comes after it, or it depends on it.
    pub fn runs(&self, goal: &str, phase: &str) -> bool {
        let later = self.position(phase).zip(self.position(goal)).is_some_and(|(p, g)| p <= g);
        later || goal == phase || self.runs.get(goal).is_some_and(|all| all.iter().any(|p| p == phase))
    }

    /// Where build files name images.
    pub fn image_blocks(&self) -> impl Iterator<Item = &ImageBlock> {
        self.images.values()
    }

    /// Whether a property of this name keeps tests from running.
    pub fn skips_tests(&self, property: &str) -> bool {
        self.skip_tests.iter().any(|p| p == property)
    }

    /// Whether a parent of another repository binds nothing by itself.
    pub fn plain_parent(&self, name: &str) -> bool {
        self.plain_parents.iter().any(|p| p == name)
    }

    /// What is known of a plugin.
    pub fn plugin(&self, artifact: &str) -> Option<&Plugin> {
        self.plugins.get(artifact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn phases_are_ordered_and_default_phases_exist() -> Result<(), serde_json::Error> {
        for entry in table::entries::<Phases>(table::packed!("lifecycle"))? {
            for (name, plugin) in &entry.data.plugins {
                let known = |p: &String| entry.data.position(p).is_some() || p.starts_with("site");
                assert!(plugin.phases.values().all(known), "{name}");
            }
        }
        let maven = Phases::of("maven");
        assert!(maven.and_then(|m| m.position("package")) < maven.and_then(|m| m.position("deploy")));
        let words = ["mvn", "docker:push"].map(ToOwned::to_owned);
        assert!(Catalogue::embedded().command(&words).is_some());
        Ok(())
    }
}
