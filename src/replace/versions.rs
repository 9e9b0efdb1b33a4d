//! Versions of tools that a repository pins: an option younger than a pin is not advised.

use crate::source::{SourceFile, SourceSet};
use regex::Regex;
use std::collections::BTreeMap;

/// The lowest version that the files pin a tool to, by the tool's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(BTreeMap<String, Vec<u32>>);

/// What an abbreviation stands for in names of variables and images.
const SHORT: &[(&str, &str)] =
    &[("tf", "terraform"), ("tofu", "opentofu"), ("k8s", "kubectl"), ("kubernetes", "kubectl"), ("compose", "docker-compose")];

/// `TERRAFORM_VERSION=1.2.3`, `helm-version: 3.1`, `terraform_version: "1.2.3"`; `hashicorp/terraform:1.2.3`, `docker:20.10-dind`.
const NAMED: [&str; 2] = [
    r#"(?i)\b([a-z][a-z0-9]*(?:[_-]cli)?)[_-]?version["']?\s*[:=]\s*["']?v?(\d+(?:\.\d+)+)"#,
    r"(?:^|[\s/])([a-z][a-z0-9-]*):v?(\d+(?:\.\d+)+)",
];

/// `required_version = "~> 1.2.0"`, `"= 1.2.3"`; a lower bound pins nothing.
const REQUIRED: &str = r#"required_version\s*=\s*"\s*(~>|=|<=)?\s*v?(\d+(?:\.\d+)+)\s*""#;

impl Pins {
    /// Read the pins of a repository.
    pub fn read(sources: &SourceSet) -> Self {
        let named: Vec<Regex> = NAMED.iter().filter_map(|p| Regex::new(p).ok()).collect();
        let required = Regex::new(REQUIRED).ok();
        let mut out = Self::default();
        for file in sources.files() {
            match file.name() {
                ".tool-versions" => out.tool_versions(file),
                ".terraform-version" => out.pin("terraform", file.text.trim()),
                ".opentofu-version" => out.pin("opentofu", file.text.trim()),
                ".nvmrc" | ".node-version" => out.pin("node", file.text.trim().trim_start_matches('v')),
                name if name.ends_with(".tf") => {
                    for found in required.iter().flat_map(|r| r.captures_iter(&file.text)) {
                        // Without an operator it is one version.
                        out.pin("terraform", &found[2]);
                    }
                }
                _ => {
                    for found in named.iter().flat_map(|r| r.captures_iter(&file.text)) {
                        let name = found[1].to_ascii_lowercase();
                        let name = name.trim_end_matches("_cli").trim_end_matches("-cli");
                        let known = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| long);
                        out.pin(known, &found[2]);
                    }
                }
            }
        }
        out
    }

    fn tool_versions(&mut self, file: &SourceFile) {
        for line in file.text.lines() {
            if let Some((tool, version)) = line.trim().split_once(char::is_whitespace) {
                self.pin(tool, version.trim());
            }
        }
    }

    fn pin(&mut self, tool: &str, version: &str) {
        let Some(version) = numbers(version) else { return };
        let entry = self.0.entry(tool.to_owned()).or_insert_with(|| version.clone());
        if version < *entry {
            *entry = version;
        }
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
        let mut pinned = self.0.get(&tool.to_ascii_lowercase())?.clone();
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

    fn pins(path: &str, text: &str) -> Pins {
        let mut sources = SourceSet::default();
        sources.add(path, text);
        Pins::read(&sources)
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
            assert!(pins(path, text).are_older("terraform 1.4"), "{path}");
        }
        for (path, text) in [
            ("main.tf", "terraform {\n  required_version = \">= 1.0\"\n}\n"),
            (".tool-versions", "terraform 1.4.0\nhelm 2.1.0\n"),
            ("Dockerfile", "FROM node:1.2.0\n"),
        ] {
            assert!(!pins(path, text).are_older("terraform 1.4"), "{path}");
        }
        assert!(pins(".terraform-version", "1.9.8\n").are_enough("terraform 1.4"));
    }
}
