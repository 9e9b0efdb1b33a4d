//! Files in which a tool builds or applies several things at once: bake files, Skaffold and helmfile configurations.

use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Such a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The tool's folder under `grammars/tools/`.
    pub tool: &'static str,
    /// The folder in which the tool finds it without being told; none where it must be named.
    pub home: Option<String>,
    /// What is built, in file order.
    pub images: Vec<PlannedImage>,
    /// What is applied, in file order.
    pub releases: Vec<PlannedRelease>,
    /// Names that stand for several images, or for several groups.
    pub groups: BTreeMap<String, Vec<String>>,
    /// Names of variants that a command may ask for (profiles, environments).
    pub variants: BTreeSet<String>,
    /// Paths of files and folders of other plans that are taken in.
    pub includes: Vec<String>,
    /// Its file.
    pub span: Option<Span>,
}

/// An image that a plan builds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedImage {
    /// By what name a command asks for it.
    pub name: String,
    /// The module of the file that it belongs to, where it has several.
    pub module: Option<String>,
    /// The variant that builds it instead of the usual ones; none: a usual one.
    pub variant: Option<String>,
    /// The images that it makes, with tag; variable parts are holes.
    pub images: Vec<String>,
    /// The folder it is built from, as it is written.
    pub context: Option<String>,
    /// Its Dockerfile, as it is written: from the context.
    pub dockerfile: Option<String>,
    /// The stage that it asks for.
    pub stage: Option<String>,
}

/// What a plan applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedRelease {
    /// Its name; variable parts are holes.
    pub name: String,
    /// The module of the file that it belongs to, where it has several.
    pub module: Option<String>,
    /// The variant that applies it instead of the usual ones; none: a usual one.
    pub variant: Option<String>,
    /// Files and folders of the repository that it applies, from the root.
    pub paths: Vec<String>,
    /// What may name its environment, the surest first.
    pub environment_literals: Vec<String>,
    /// What it says to be chosen by (`tier=backend`).
    pub labels: Vec<(String, String)>,
}

impl Plan {
    /// The images that a command builds: those that it names (by name or group), of the variant it asks for.
    pub fn images(&self, names: &[String], variant: Option<&str>) -> Vec<&PlannedImage> {
        let mut wanted: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = names.iter().rev().map(String::as_str).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            match self.groups.get(name) {
                Some(members) => open.extend(members.iter().rev().map(String::as_str)),
                None => wanted.push(name),
            }
        }
        let own = variant.filter(|v| self.images.iter().any(|i| i.variant.as_deref() == Some(v)));
        let of_variant = self.images.iter().filter(|i| i.variant.as_deref() == own);
        of_variant
            .filter(|i| names.is_empty() || wanted.contains(&i.name.as_str()) || is_module(i.module.as_deref(), names))
            .collect()
    }

    /// What a command applies: of the variant, modules and labels that it asks for.
    pub fn releases(&self, names: &[String], variant: Option<&str>) -> Vec<&PlannedRelease> {
        let own = variant.filter(|v| self.releases.iter().any(|r| r.variant.as_deref() == Some(v)));
        let asked = |r: &PlannedRelease| {
            names.is_empty() || is_module(r.module.as_deref(), names) || names.iter().any(|n| n.split(',').all(|one| r.fits(one)))
        };
        self.releases.iter().filter(|r| r.variant.as_deref() == own && asked(r)).collect()
    }
}

impl PlannedRelease {
    /// Whether it is one that a selector chooses: its name, a label and its value, or any but this value (`tier!=crd`).
    fn fits(&self, selector: &str) -> bool {
        let has = |key: &str, value: &str| {
            self.labels.iter().any(|(k, v)| k == key && v == value) || (key == "name" && self.name == value)
        };
        match (selector.split_once("!="), selector.split_once('=')) {
            (Some((key, value)), _) => !has(key, value),
            (None, Some((key, value))) => has(key, value),
            (None, None) => self.name == selector,
        }
    }
}

fn is_module(module: Option<&str>, names: &[String]) -> bool {
    module.is_some_and(|m| names.iter().any(|n| n == m))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_variants_choose_what_is_built_and_applied() {
        let image = |name: &str, variant: Option<&str>| PlannedImage {
            name: name.to_owned(),
            variant: variant.map(ToOwned::to_owned),
            ..PlannedImage::default()
        };
        let release = |name: &str, tier: &str| PlannedRelease {
            name: name.to_owned(),
            labels: vec![("tier".to_owned(), tier.to_owned())],
            ..PlannedRelease::default()
        };
        let plan = Plan {
            images: vec![image("api", None), image("web", None), image("api", Some("prod"))],
            releases: vec![release("db", "data"), release("api", "app")],
            groups: BTreeMap::from([
                ("all".to_owned(), vec!["web".to_owned(), "back".to_owned()]),
                ("back".to_owned(), vec!["api".to_owned(), "all".to_owned()]),
            ]),
            ..Plan::default()
        };
        let built = |names: &[&str], variant: Option<&str>| {
            let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
            plan.images(&names, variant).iter().map(|i| i.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(built(&[], None), ["api", "web"]);
        assert_eq!(built(&["all"], Some("staging")), ["api", "web"]);
        assert_eq!(built(&["web"], None), ["web"]);
        assert_eq!(built(&[], Some("prod")), ["api"]);
        let applied = |name: &str| plan.releases(&[name.to_owned()], None).iter().map(|r| r.name.clone()).collect::<Vec<_>>();
        assert_eq!(applied("tier=data"), ["db"]);
        assert_eq!(applied("name=api"), ["api"]);
        assert_eq!(applied("tier!=data,name!=web"), ["api"]);
    }
}
