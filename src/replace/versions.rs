//! Versions of tools that a repository pins: an option younger than a pin is not advised.

use crate::source::{SourceFile, SourceSet};
use regex::Regex;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The versions that the files of a repository pin tools to; each tool is looked for where it is asked about.
pub struct Pins<'s> {
    sources: &'s SourceSet,
    read: RefCell<BTreeMap<String, Option<Vec<u32>>>>,
}

/// What an abbreviation stands for in names of variables and images.
const SHORT: &[(&str, &str)] = &[
    ("tf", "terraform"),
    ("tofu", "opentofu"),
    ("k8s", "kubectl"),
    ("kubernetes", "kubectl"),
    ("compose", "docker-compose"),
    ("golang", "go"),
    ("nodejs", "node"),
];

/// `TERRAFORM_VERSION=1.2.3`, `helm-version: 3.1`, `terraform_version: "1.2.3"`.
const NAMED: &str = r#"(?i)(?-u:\b)(?:NAME)(?:[_-]cli)?[_-]?version["']?\s*[:=]\s*["']?v?(\d{1,3}(?:\.\d+)*)(?-u:\b)"#;

/// `hashicorp/terraform:1.2.3`, `docker:20.10-dind`; `yarn@3.2.0` of `packageManager`; `gradle-7.6-bin.zip` of a wrapper.
const IMAGE: &str = r"(?:^|[\s/])(?:NAME)(?:-cli)?:v?(\d{1,3}(?:\.\d+)*)(?-u:\b)";

/// `required_version = "~> 1.2.0"`, `"= 1.2.3"`; a lower bound pins nothing.
const REQUIRED: &str = r#"required_version\s*=\s*"\s*(?:~>|=|<=)?\s*v?(\d+(?:\.\d+)+)\s*""#;

/// Files that hold one version of one tool, and the text before it.
const FILES: &[(&str, &str, &str)] = &[
    (".terraform-version", "terraform", ""),
    (".opentofu-version", "opentofu", ""),
    (".nvmrc", "node", ""),
    (".node-version", "node", ""),
    (".python-version", "python", ""),
    (".go-version", "go", ""),
    ("gradle-wrapper.properties", "gradle", "/gradle-"),
    ("maven-wrapper.properties", "maven", "/apache-maven-"),
    ("go.mod", "go", "\ngo "),
    ("package.json", "npm", "\"packageManager\": \"npm@"),
    ("package.json", "yarn", "\"packageManager\": \"yarn@"),
    ("package.json", "pnpm", "\"packageManager\": \"pnpm@"),
];

/// What finds the pins of one tool.
struct Search<'t> {
    tool: &'t str,
    texts: Vec<Regex>,
    terraform: Option<Regex>,
}

impl<'t> Search<'t> {
    fn new(tool: &'t str) -> Self {
        let short = SHORT.iter().filter(|(_, long)| *long == tool).map(|(short, _)| *short);
        let names: Vec<String> = short.chain([tool]).map(regex::escape).collect();
        let texts = [NAMED, IMAGE].iter().filter_map(|p| Regex::new(&p.replace("NAME", &names.join("|"))).ok()).collect();
        let terraform = (tool == "terraform").then(|| Regex::new(REQUIRED).ok()).flatten();
        Self { tool, texts, terraform }
    }

    /// The versions that a file says.
    fn file(&self, file: &SourceFile, said: &mut dyn FnMut(&str)) {
        let name = file.name();
        for (_, _, before) in FILES.iter().filter(|(path, of, _)| *path == name && *of == self.tool) {
            file.text.split_once(before).into_iter().for_each(|(_, version)| said(version));
        }
        let mut all = |regex: &Regex| regex.captures_iter(&file.text).for_each(|found| said(&found[1]));
        if name == ".tool-versions" {
            let lines = file.text.lines().filter_map(|l| l.trim().split_once(char::is_whitespace));
            lines.filter(|(of, _)| named(of) == self.tool).for_each(|(_, version)| said(version));
        } else if name.ends_with(".tf") {
            self.terraform.iter().for_each(&mut all);
        } else {
            self.texts.iter().for_each(&mut all);
        }
    }
}

/// The tool that a name means.
fn named(name: &str) -> &str {
    SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| long)
}

impl<'s> Pins<'s> {
    /// The pins of a repository.
    pub fn new(sources: &'s SourceSet) -> Self {
        Self { sources, read: RefCell::default() }
    }

    /// The lowest version that the files pin a tool to.
    fn of(&self, tool: &str) -> Option<Vec<u32>> {
        if let Some(known) = self.read.borrow().get(tool) {
            return known.clone();
        }
        let search = Search::new(tool);
        let mut lowest: Option<Vec<u32>> = None;
        for file in self.sources.files() {
            search.file(file, &mut |version| {
                if let Some(version) = numbers(version).filter(|v| lowest.as_ref().is_none_or(|l| v < l)) {
                    lowest = Some(version);
                }
            });
        }
        self.read.borrow_mut().insert(tool.to_owned(), lowest.clone());
        lowest
    }

    /// Whether the files pin the tool of `since` (`terraform 1.4`) to something older.
    pub fn are_older(&self, since: &str) -> bool {
        self.compare(since).is_some_and(|(pinned, wanted)| pinned < wanted)
    }

    /// Whether the files pin it to that version or a younger one.
    pub fn are_enough(&self, since: &str) -> bool {
        self.compare(since).is_some_and(|(pinned, wanted)| pinned >= wanted)
    }

    fn compare(&self, since: &str) -> Option<(Vec<u32>, Vec<u32>)> {
        let (tool, version) = since.split_once(' ')?;
        let wanted = numbers(version)?;
        let mut pinned = self.of(&tool.to_ascii_lowercase())?;
        // `1.4` pins no patch: any may run.
        pinned.resize(pinned.len().max(wanted.len()), u32::MAX);
        Some((pinned, wanted))
    }
}

/// The numbers of a version; none where it begins with none.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let text = text.trim().trim_start_matches('v');
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let all: Vec<u32> = text[..end].split('.').filter(|p| !p.is_empty()).map_while(|p| p.parse().ok()).collect();
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask<T>(path: &str, text: &str, ask: impl Fn(&Pins<'_>) -> T) -> T {
        let mut sources = SourceSet::default();
        sources.add(path, text);
        ask(&Pins::new(&sources))
    }

    #[test]
    fn an_option_younger_than_a_pin_is_known() {
        for (path, text) in [
            (".tool-versions", "terraform 1.3.9\n"),
            ("main.tf", "terraform {\n  required_version = \"~> 1.3.0\"\n}\n"),
            (".github/workflows/ci.yml", "with:\n  terraform_version: 1.3.9\n"),
            ("Dockerfile", "FROM hashicorp/terraform:1.2.0\n"),
            ("deploy.sh", "TF_VERSION=\"1.1.0\"\n"),
        ] {
            assert!(ask(path, text, |p| p.are_older("terraform 1.4")), "{path}");
        }
        for (path, text) in [
            ("main.tf", "terraform {\n  required_version = \">= 1.0\"\n}\n"),
            (".tool-versions", "terraform 1.4.0\nhelm 2.1.0\n"),
            ("Dockerfile", "FROM node:1.2.0\n"),
            ("ci.yml", "services:\n  - terraform:2375\n"),
        ] {
            assert!(!ask(path, text, |p| p.are_older("terraform 1.4")), "{path}");
        }
        assert!(ask(".terraform-version", "1.9.8\n", |p| p.are_enough("terraform 1.4")));
    }

    #[test]
    fn wrappers_and_manifests_pin_too() {
        for (path, text, since) in [
            ("go.mod", "module a\n\ngo 1.15\n", "go 1.16"),
            ("package.json", "{\n  \"packageManager\": \"yarn@1.22.0\"\n}\n", "yarn 2"),
            ("gradle/wrapper/gradle-wrapper.properties", "distributionUrl=https\\://x.org/gradle-6.1-bin.zip\n", "gradle 7.0"),
            (".github/workflows/ci.yml", "with:\n  node-version: 14\n", "node 16"),
            ("Dockerfile", "FROM node:14-alpine\n", "node 16"),
        ] {
            assert!(ask(path, text, |p| p.are_older(since)), "{path}");
        }
    }
}
