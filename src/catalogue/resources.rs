//! Resources of infrastructure as code that are a workload: the typed view of `resources.yaml`.

use super::table;
use crate::model::glob;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a kind of resource or module says when it is a workload.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    sources: Vec<String>,
    /// Attributes that name it; `block.attribute` for one of a nested block.
    pub name: Vec<String>,
    /// With one of these attributes it is somebody else's.
    #[serde(default)]
    pub unless: Vec<String>,
    /// It is one only with one of these attributes.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Where this attribute is literal and no path, it is somebody else's.
    pub path: Option<String>,
    /// It is a host that the services of the repository run on.
    #[serde(default)]
    pub host: bool,
    /// It is a part of the workload that refers to it, where one does.
    #[serde(default)]
    pub part: bool,
}

/// What makes a platform apply a root when its repository is pushed to. A path of names leads through blocks and maps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The platform's name.
    pub platform: String,
    /// Types of resources.
    #[serde(default)]
    pub types: Vec<String>,
    /// Arguments by which a module that makes one of these resources is told.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// What names it.
    pub name: Vec<String>,
    /// The folder of the root; none: that of the repository.
    pub dir: String,
    /// The repository that is followed; without it none is.
    pub repository: String,
    /// The branch that is followed; without it the trunk is.
    pub branch: String,
    /// The switch with which no person confirms.
    pub automatic: String,
    /// Variable files and values that may name the environment.
    #[serde(default)]
    pub environment: Vec<String>,
}

/// What declares that persons review what goes to an environment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Types of resources.
    pub types: Vec<String>,
    /// What names the repository.
    pub repository: Vec<String>,
    /// What names the environment.
    pub environment: String,
    /// With one of these, persons are asked.
    pub reviewers: Vec<String>,
}

/// The tables of one tool.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Resources {
    environment_names: Vec<String>,
    image_keys: Vec<String>,
    repositories: BTreeMap<String, String>,
    files: Vec<String>,
    programs: Vec<String>,
    applied_by: Vec<String>,
    parts: BTreeMap<String, String>,
    untelling: Vec<String>,
    offered_by: Vec<String>,
    program_files: Vec<String>,
    workloads: Vec<Workload>,
    modules: Vec<Workload>,
    runs: Vec<Run>,
    reviews: Vec<Review>,
}

impl Resources {
    /// The embedded tables for Terraform.
    pub fn terraform() -> &'static Self {
        Self::of("terraform")
    }

    /// The embedded tables of a tool; empty ones where it has none.
    pub fn of(tool: &str) -> &'static Self {
        static EMPTY: OnceLock<Resources> = OnceLock::new();
        Self::all().get(tool).unwrap_or_else(|| EMPTY.get_or_init(Self::default))
    }

    fn all() -> &'static BTreeMap<String, Self> {
        static TABLES: OnceLock<BTreeMap<String, Resources>> = OnceLock::new();
        TABLES.get_or_init(|| {
            let entries = table::entries::<Self>(table::packed!("resources")).unwrap_or_default();
            entries.into_iter().map(|e| (e.id, e.data)).collect()
        })
    }

    /// The files that a program of a tool reads in its working folder where its command names none.
    pub fn read_by(program: &str) -> impl Iterator<Item = &'static str> {
        let of_program = Self::all().values().filter(move |t| t.programs.iter().any(|p| p == program));
        of_program.flat_map(|t| t.files.iter().map(String::as_str))
    }

    /// Whether a file of this name is one that the tool reads without being told.
    pub fn is_read(&self, name: &str) -> bool {
        self.files.iter().any(|f| f == name)
    }

    /// Whether words speak of something that applies such a template.
    pub fn may_be_applied_by(&self, words: &[String]) -> bool {
        self.applied_by.iter().any(|a| words.iter().any(|w| w == a))
    }

    /// Whether a document offers such templates to its readers.
    pub fn is_offered_by(&self, document: &str) -> bool {
        self.offered_by.iter().any(|address| document.contains(address))
    }

    /// The attribute that names the template which a resource of this type takes in.
    pub fn part(&self, kind: &str) -> Option<&str> {
        self.parts.get(kind).map(String::as_str)
    }

    /// Names of files that make a folder that of a program.
    pub fn program_files(&self) -> &[String] {
        &self.program_files
    }

    /// Whether a name says nothing of what carries it.
    pub fn is_untelling(&self, name: &str) -> bool {
        let words: Vec<String> = name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
        words.iter().filter(|w| !w.is_empty()).all(|w| w.parse::<u64>().is_ok() || self.untelling.contains(w))
    }

    /// Whether a variable of this name holds an environment.
    pub fn names_environment(&self, variable: &str) -> bool {
        self.environment_names.iter().any(|n| n.eq_ignore_ascii_case(variable))
    }

    /// Whether an attribute of this name holds an image.
    pub fn holds_image(&self, attribute: &str) -> bool {
        self.image_keys.iter().any(|k| k == attribute)
    }

    /// The attribute that names a resource of this type, where it is an image repository.
    pub fn repository(&self, kind: &str) -> Option<&str> {
        self.repositories.get(kind).map(String::as_str)
    }

    /// What makes platforms apply roots.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// What declares reviewers.
    pub fn reviews(&self) -> &[Review] {
        &self.reviews
    }

    /// The workload that a resource of this type is.
    pub fn workload(&self, kind: &str) -> Option<&Workload> {
        self.workloads.iter().find(|w| w.types.iter().any(|t| t == kind))
    }

    /// The workload that a module from this source is; the source may carry a scheme, a query and a version.
    pub fn module(&self, source: &str) -> Option<&Workload> {
        let source = source.split('?').next().unwrap_or("").trim_end_matches('/');
        let source = source.strip_suffix(".git").unwrap_or(source);
        self.modules.iter().find(|w| w.sources.iter().any(|pattern| glob(pattern, source)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read() {
        let tables = Resources::terraform();
        assert!(tables.workload("aws_ecs_service").is_some());
        assert!(tables.workload("aws_s3_bucket").is_none());
        assert!(tables.module("../modules/templates/infrastructure/modules/container-app").is_some());
        assert!(tables.module("git::https://example.org/org/terraform-aws-ecs-web-app.git?ref=v1").is_some());
        assert!(tables.module("../modules/container-app-environment").is_none());
        assert!(tables.names_environment("environment"));
    }
}
