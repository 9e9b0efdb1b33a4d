//! What kinds of Kubernetes objects are: the typed view of `objects.yaml`.

use super::table;
use serde::Deserialize;
use std::sync::OnceLock;

/// What an object is for delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectClass {
    /// Something that runs.
    Workload,
    /// How it is reached.
    Serving,
    /// Settings only.
    Configuration,
    /// Anything else that is applied to a cluster.
    Other,
    /// A file of another tool in the shape of an object.
    NotApplied,
}

/// The tables of object kinds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Objects {
    workloads: Vec<String>,
    serving: Vec<String>,
    configuration: Vec<String>,
    part_of: Vec<String>,
    not_applied: Vec<String>,
    definitions: Vec<String>,
}

impl Objects {
    /// The embedded tables.
    pub fn embedded() -> &'static Self {
        static TABLES: OnceLock<Objects> = OnceLock::new();
        TABLES.get_or_init(|| table::single(table::packed!("objects")).unwrap_or_default())
    }

    /// What an object of this `apiVersion` and `kind` is.
    pub fn class(&self, api_version: &str, kind: &str) -> ObjectClass {
        let group = api_version.split('/').next().unwrap_or("");
        let full = format!("{group}/{kind}");
        let has = |list: &[String]| list.iter().any(|k| *k == kind || *k == full);
        if has(&self.not_applied) || self.not_applied.iter().any(|g| g == group) {
            ObjectClass::NotApplied
        } else if has(&self.workloads) {
            ObjectClass::Workload
        } else if has(&self.serving) {
            ObjectClass::Serving
        } else if has(&self.configuration) {
            ObjectClass::Configuration
        } else {
            ObjectClass::Other
        }
    }

    /// Whether an object only defines kinds of objects or how they are checked.
    pub fn defines(&self, kind: &str) -> bool {
        self.definitions.iter().any(|k| k == kind)
    }

    /// Whether an object that says to be a part of this product is third-party.
    pub fn third_party(&self, part_of: &str) -> bool {
        self.part_of.iter().any(|p| p == part_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_decides_where_a_kind_is_not_clear() {
        let tables = Objects::embedded();
        assert_eq!(tables.class("apps/v1", "Deployment"), ObjectClass::Workload);
        assert_eq!(tables.class("v1", "Service"), ObjectClass::Serving);
        assert_eq!(tables.class("serving.knative.dev/v1", "Service"), ObjectClass::Workload);
        assert_eq!(tables.class("v1", "Config"), ObjectClass::NotApplied);
        assert_eq!(tables.class("kustomize.config.k8s.io/v1beta1", "Kustomization"), ObjectClass::NotApplied);
        assert_eq!(tables.class("argoproj.io/v1alpha1", "Workflow"), ObjectClass::NotApplied);
        assert_eq!(tables.class("v1", "Namespace"), ObjectClass::Other);
    }
}
