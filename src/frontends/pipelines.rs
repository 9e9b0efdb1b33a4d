//! Front ends of pipelines, one module a vendor.
//!
//! Which files are a vendor's is said by `grammars/pipelines/detect.yaml`. A vendor without a front end is named in the
//! report as found and not read.

pub mod appveyor;
pub mod argo;
pub mod atlantis;
pub mod azure;
pub mod bitbucket;
pub mod buildkite;
pub mod cel;
pub mod circleci;
pub mod cloud_build;
pub mod cloud_deploy;
pub mod code_pipeline;
pub mod concourse;
pub mod condition;
pub mod containers;
pub mod data;
pub mod declared;
pub mod drone;
pub mod github;
pub mod gitlab;
pub mod hosted;
pub mod jenkins;
pub mod objects;
pub mod reader;
pub mod resources;
pub mod runs;
pub mod semaphore;
pub mod tekton;
pub mod terraform_runs;
pub mod texts;
pub mod travis;
pub mod values;
pub mod webhooks;

use crate::catalogue::Catalogue;
use crate::catalogue::detect::Detect;
use crate::model::Program;
use crate::source::siblings::Ask;
use crate::source::{SourceFile, SourceSet};
use code_pipeline::codebuild;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What a front end is given.
pub struct Input<'a> {
    /// All files.
    pub sources: &'a SourceSet,
    /// What is known of tools and vendors.
    pub catalogue: &'a Catalogue,
    /// The trunk's name; empty where nothing names one, then any branch is it.
    pub trunk: &'a str,
    /// The vendor's files, in order of paths.
    pub files: &'a [&'a SourceFile],
}

/// A vendor whose pipelines are read.
struct FrontEnd {
    /// Its id in `detect.yaml`, its folder under `grammars/pipelines/`.
    vendor: &'static str,
    /// Branches that a file names, as often as it does, for finding the trunk.
    branches: fn(&SourceFile) -> Vec<String>,
    /// Translate the vendor's files.
    translate: fn(&Input<'_>, &mut Program),
}

/// All of them, in the order in which they are read.
#[rustfmt::skip] // one a line
const FRONT_ENDS: &[FrontEnd] = &[
    FrontEnd { vendor: "gitlab-ci", branches: gitlab::branches, translate: gitlab::translate },
    FrontEnd { vendor: "jenkins", branches: jenkins::branches, translate: jenkins::translate },
    FrontEnd { vendor: "azure-pipelines", branches: azure::branches, translate: azure::translate },
    FrontEnd { vendor: "circleci", branches: circleci::branches, translate: circleci::translate },
    FrontEnd { vendor: "bitbucket-pipelines", branches: bitbucket::branches, translate: bitbucket::translate },
    FrontEnd { vendor: "travis-ci", branches: travis::branches, translate: travis::translate },
    FrontEnd { vendor: "buildkite", branches: buildkite::branches, translate: buildkite::translate },
    FrontEnd { vendor: "drone", branches: drone::branches, translate: drone::translate },
    FrontEnd { vendor: "woodpecker", branches: drone::woodpecker_branches, translate: drone::translate_woodpecker },
    FrontEnd { vendor: "cloud-build", branches: cloud_build::branches, translate: cloud_build::translate },
    FrontEnd { vendor: "cloud-deploy", branches: cloud_deploy::branches, translate: cloud_deploy::translate },
    FrontEnd { vendor: "codebuild", branches: codebuild::branches, translate: codebuild::translate },
    FrontEnd { vendor: "code-pipeline", branches: code_pipeline::branches, translate: code_pipeline::translate },
    FrontEnd { vendor: "tekton", branches: tekton::branches, translate: tekton::translate },
    FrontEnd { vendor: "argo-workflows", branches: argo::branches, translate: argo::translate },
    FrontEnd { vendor: "concourse", branches: concourse::branches, translate: concourse::translate },
    FrontEnd { vendor: "appveyor", branches: appveyor::branches, translate: appveyor::translate },
    FrontEnd { vendor: "semaphore", branches: semaphore::branches, translate: semaphore::translate },
    FrontEnd { vendor: "netlify", branches: hosted::branches, translate: hosted::netlify },
    FrontEnd { vendor: "vercel", branches: hosted::branches, translate: hosted::vercel },
    FrontEnd { vendor: "render", branches: hosted::branches, translate: hosted::render },
    FrontEnd { vendor: "heroku", branches: hosted::branches, translate: hosted::heroku },
    FrontEnd { vendor: "amplify", branches: hosted::branches, translate: hosted::amplify },
    FrontEnd { vendor: "app-runner", branches: hosted::branches, translate: hosted::app_runner },
    FrontEnd { vendor: "upsun", branches: hosted::branches, translate: hosted::upsun },
    FrontEnd { vendor: "digitalocean", branches: hosted::branches, translate: hosted::digitalocean },
    FrontEnd { vendor: "terraform", branches: terraform_runs::branches, translate: terraform_runs::translate },
    FrontEnd { vendor: "atlantis", branches: atlantis::branches, translate: atlantis::translate },
];

/// Vendors whose pipelines take files from other repositories, with what tells which.
type Asking = (&'static str, fn(&Input<'_>) -> BTreeSet<Ask>);

/// All of them.
const ASKING: &[Asking] = &[("gitlab-ci", gitlab::asks), ("azure-pipelines", azure::asks)];

/// Files that are asked for may ask for others, at most so often.
const MAX_ROUNDS: usize = 20;

/// Files by the vendor whose pipelines they are; test fixtures and examples are none of the repository's.
fn found<'a>(sources: &'a SourceSet, catalogue: &Catalogue) -> BTreeMap<&'static str, Vec<&'a SourceFile>> {
    let table = Detect::embedded();
    let mut out: BTreeMap<&'static str, Vec<&SourceFile>> = BTreeMap::new();
    for file in sources.files() {
        if let Some(vendor) = table.vendor(&file.path, &file.text)
            && !catalogue.words().fixture_path(&file.path)
        {
            out.entry(vendor.id).or_default().push(file);
        }
    }
    out
}

/// Read the files of other repositories that pipelines ask for, from directories of repositories.
pub fn siblings(sources: &mut SourceSet, catalogue: &Catalogue, with: &[PathBuf]) {
    let mut tried: BTreeSet<Ask> = BTreeSet::new();
    for _ in 0..MAX_ROUNDS {
        let mut asks = BTreeSet::new();
        let mut found = found(sources, catalogue);
        for (vendor, asked) in ASKING {
            let files = found.remove(vendor).unwrap_or_default();
            asks.extend(asked(&Input { sources, catalogue, trunk: "", files: &files }));
        }
        let mut new = false;
        for ask in asks {
            if tried.insert(ask.clone()) {
                new |= sources.read_sibling(with, &ask);
            }
        }
        if !new {
            break;
        }
    }
}

/// Count the branches that pipelines name.
pub fn survey(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    github::survey(sources, program);
    let found = found(sources, catalogue);
    for front_end in FRONT_ENDS {
        for file in found.get(front_end.vendor).into_iter().flatten() {
            for name in (front_end.branches)(file) {
                *program.branches.entry(name).or_default() += 1;
            }
        }
    }
    for (vendor, files) in &found {
        if let Some((_, language)) = declared::language(vendor) {
            for name in files.iter().flat_map(|file| declared::branches(language, file)) {
                *program.branches.entry(name).or_default() += 1;
            }
        }
    }
}

/// Translate every pipeline, and name those that no front end reads.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, trunk: &str, program: &mut Program) {
    github::translate(sources, catalogue, trunk, program);
    let mut found = found(sources, catalogue);
    for front_end in FRONT_ENDS {
        let files = found.remove(front_end.vendor).unwrap_or_default();
        (front_end.translate)(&Input { sources, catalogue, trunk, files: &files }, program);
    }
    for (vendor, files) in found {
        if let Some((vendor, language)) = declared::language(vendor) {
            declared::translate(vendor, language, &Input { sources, catalogue, trunk, files: &files }, program);
            continue;
        }
        let name = Detect::embedded().name(vendor).unwrap_or(vendor);
        program.unread_pipelines.extend(files.into_iter().map(|file| (name.to_owned(), file.id)));
    }
    program.unread_pipelines.sort_by_key(|(_, file)| *file);
}

/// What a vendor's front end makes of files, of which the first so many are the vendor's; their branches are counted as well.
#[cfg(test)]
fn translated(vendor: &str, files: &[(&str, &str)], given: usize) -> Program {
    let mut sources = SourceSet::default();
    for (path, text) in files {
        sources.add(path, text);
    }
    let own: Vec<&SourceFile> = files.iter().take(given).filter_map(|(path, _)| sources.get(path)).collect();
    let mut program = Program::default();
    for front_end in FRONT_ENDS.iter().filter(|f| f.vendor == vendor) {
        for file in &own {
            drop((front_end.branches)(file));
        }
        let input = Input { sources: &sources, catalogue: Catalogue::embedded(), trunk: "main", files: &own };
        (front_end.translate)(&input, &mut program);
    }
    program
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelines_of_other_vendors_are_named() {
        let mut sources = SourceSet::default();
        sources.add("bitrise.yml", "workflows: {}\n");
        sources.add("README.md", "x\n");
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), "main", &mut program);
        assert_eq!(program.unread_pipelines, [("Bitrise".to_owned(), sources.files()[0].id)]);
    }
}
