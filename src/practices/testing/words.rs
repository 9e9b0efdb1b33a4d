//! What tells kinds of tests apart: `grammars/practices/test-kinds.yaml`, which explains its keys.

use super::Kind;
use crate::catalogue::table;
use regex::{Regex, RegexSet};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    kinds: Vec<Row>,
    test_files: Vec<String>,
    passed_over: String,
    by_name_only: String,
    runs_all: Vec<String>,
    choosing: Vec<String>,
    excluding: Vec<String>,
    manifests: Vec<String>,
    packages: BTreeMap<Kind, Vec<String>>,
    in_process: Vec<String>,
    only_on_request: Vec<String>,
    local_hosts: Vec<String>,
    stubs: Vec<String>,
    moving_tags: Vec<String>,
    test_setups: Vec<String>,
    tool_images: Vec<String>,
    test_words: Vec<String>,
    no_test_words: Vec<String>,
}

/// A kind of tests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    kind: Kind,
    #[serde(default)]
    steps: Vec<String>,
    #[serde(default)]
    rows: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    asked: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
}

/// The table with its expressions compiled.
pub(in crate::practices) struct Words {
    table: Table,
    tests: RegexSet,
    passed_over: Option<Regex>,
    by_name_only: Option<Regex>,
    files: Vec<(Kind, RegexSet)>,
}

/// The embedded table.
pub(in crate::practices) fn words() -> &'static Words {
    static ALL: OnceLock<Words> = OnceLock::new();
    ALL.get_or_init(|| {
        // A test proves that the file is well formed.
        let table: Table = table::single(table::packed!("test-kinds")).unwrap_or_default();
        let set = |all: &[String]| RegexSet::new(all).unwrap_or_default();
        Words {
            tests: set(&table.test_files),
            passed_over: Regex::new(&table.passed_over).ok(),
            by_name_only: Regex::new(&table.by_name_only).ok(),
            files: table.kinds.iter().map(|row| (row.kind, set(&row.files))).collect(),
            table,
        }
    })
}

impl Words {
    /// The kind that a step's own kind says.
    pub fn of_step(&self, kind: &str) -> Option<Kind> {
        self.table.kinds.iter().find(|row| row.steps.iter().any(|k| k == kind)).map(|row| row.kind)
    }

    /// The kind that the row of a command says.
    pub fn of_row(&self, row: &str) -> Option<Kind> {
        self.table.kinds.iter().find(|known| known.rows.iter().any(|r| row.contains(r.as_str()))).map(|known| known.kind)
    }

    /// The kind that a name says.
    pub fn of_name(&self, name: &str) -> Option<Kind> {
        let parts = parts(name);
        if parts.iter().any(|p| p == "continuous" || p == "deploy") {
            return None;
        }
        self.table.kinds.iter().find(|row| row.words.iter().any(|w| parts.contains(w))).map(|row| row.kind)
    }

    /// The kind of the tests that a command chooses.
    pub fn of_command(&self, text: &str) -> Option<Kind> {
        let chosen = self.chosen(text);
        let one = |row: &&Row| {
            let said = |(word, asked): &(Vec<String>, bool)| {
                word.iter().any(|w| row.words.contains(w) || (*asked && row.asked.contains(w)))
            };
            chosen.iter().any(said)
        };
        self.table.kinds.iter().find(one).map(|row| row.kind)
    }

    /// Whether a command of this row runs all tests of its package: it names none of them.
    pub fn runs_all(&self, row: &str, text: &str) -> bool {
        let names_some = || {
            text.split_whitespace().skip(1).any(|w| {
                let path = w.contains('/') && !w.starts_with('-') && !w.contains("...") && !w.contains('$');
                path || self.table.choosing.iter().any(|c| w == c || w.starts_with(&format!("{c}=")))
            })
        };
        let known = |r: &String| {
            let mut wanted = r.split(' ');
            row.starts_with(wanted.next().unwrap_or("")) && wanted.all(|w| row.contains(w))
        };
        self.table.runs_all.iter().any(known) && (!names_some() || text.contains(" not "))
    }

    /// The kind of a test file by its path; none for any other file.
    pub fn of_file(&self, path: &str) -> Option<Kind> {
        if self.passed_over.as_ref().is_some_and(|r| r.is_match(path)) || !self.tests.is_match(path) {
            return None;
        }
        Some(self.files.iter().find(|(_, set)| set.is_match(path)).map_or(Kind::Unit, |(kind, _)| *kind))
    }

    /// Whether runners leave a test file out unless they are asked for it.
    pub fn by_name_only(&self, path: &str) -> bool {
        self.by_name_only.as_ref().is_some_and(|r| r.is_match(path))
    }

    /// Whether a file names packages.
    pub fn is_manifest(&self, name: &str) -> bool {
        self.table.manifests.iter().any(|m| m == name) || (name.starts_with("requirements") && name.ends_with(".txt"))
    }

    /// Packages by which tests are of a kind.
    pub fn packages(&self, kind: Kind) -> &[String] {
        self.table.packages.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Packages that put the application into the test's own process.
    pub fn in_process(&self) -> &[String] {
        &self.table.in_process
    }

    /// Whether a manifest's packages are for tests that a plain run leaves out.
    pub fn only_on_request(&self, manifest: &str) -> bool {
        self.table.only_on_request.iter().any(|package| manifest.contains(package.as_str()))
    }

    /// Whether a command asks something that was started beside it.
    pub fn asks_local_host(&self, text: &str) -> bool {
        self.table.local_hosts.iter().any(|host| text.contains(host.as_str()))
    }

    /// Whether a text names a program that stands in for a neighbour.
    pub fn stub(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        self.table.stubs.iter().any(|stub| {
            lower
                .match_indices(stub.as_str())
                .any(|(at, _)| ends(lower[..at].chars().next_back()) && ends(lower[at + stub.len()..].chars().next()))
        })
    }

    /// Whether a tag names another image from one day to the next.
    pub fn moves(&self, tag: &str) -> bool {
        self.table.moving_tags.iter().any(|t| t.eq_ignore_ascii_case(tag))
    }

    /// Whether an image, without its tag, is a tool and no neighbour.
    pub fn is_tool(&self, image: &str) -> bool {
        let name = image.rsplit('/').next().unwrap_or(image);
        let name = name.split([':', '@']).next().unwrap_or(name);
        self.table.tool_images.iter().any(|tool| tool == name)
    }

    /// Whether a text says that something is tested.
    pub fn tests(&self, text: &str) -> bool {
        let parts = parts(text);
        parts.iter().any(|p| self.table.test_words.contains(p)) && !parts.iter().any(|p| self.table.no_test_words.contains(p))
    }

    /// Whether a path says that it sets up a test.
    pub fn sets_up(&self, path: &str) -> bool {
        parts(path).iter().any(|p| self.table.test_setups.contains(p))
    }

    /// The words of a command that choose tests, taken apart, and whether an option asks for them; what it leaves out is dropped.
    fn chosen(&self, text: &str) -> Vec<(Vec<String>, bool)> {
        let mut out = Vec::new();
        let mut all = text.split(|c: char| c.is_whitespace() || "'\"();|".contains(c)).filter(|w| !w.is_empty());
        let mut asked = false;
        while let Some(word) = all.next() {
            let (option, value) = word.split_once('=').map_or((word, None), |(o, v)| (o, Some(v)));
            if self.table.excluding.iter().any(|e| e == option) {
                if value.is_none() {
                    all.next();
                }
                continue;
            }
            let chooses = self.table.choosing.iter().any(|c| c == option);
            out.push((parts(word), asked || (chooses && value.is_some())));
            asked = chooses && value.is_none();
        }
        out
    }
}

/// The words of a name, lower case; a change from small to capital letters parts them as well.
pub(in crate::practices) fn parts(name: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (small && c.is_uppercase()) {
            out.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = out.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        small = c.is_lowercase();
    }
    out.retain(|w| !w.is_empty());
    // `end-to-end` and `contract-tests` are one word.
    let joined: Vec<String> = out.windows(2).chain(out.windows(3)).map(<[String]>::concat).collect();
    out.extend(joined);
    out
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let table: Table = table::entries(table::packed!("test-kinds")).expect("its form").remove(0).data;
        let expressions = table.kinds.iter().flat_map(|r| &r.files).chain(&table.test_files);
        for text in expressions.chain([&table.passed_over, &table.by_name_only]) {
            assert!(Regex::new(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn commands_and_paths_say_their_kind() {
        let of = |text: &str| words().of_command(text);
        assert_eq!(of("pytest -m system"), Some(Kind::EndToEnd));
        assert_eq!(of("pytest -m 'not system'"), None);
        assert_eq!(of("sbt ;test;apiIntegrationTest/test"), Some(Kind::Component));
        assert_eq!(of("gradle test -x integrationTest"), None);
        assert_eq!(of("npm run test:end-to-end"), Some(Kind::EndToEnd));
        let file = |path: &str| words().of_file(path);
        assert_eq!(file("test/api/endpoints_test.js"), Some(Kind::Component));
        assert_eq!(file("src/components/Cart.test.tsx"), Some(Kind::Unit));
        assert_eq!(file("e2e/login.spec.ts"), Some(Kind::EndToEnd));
        assert_eq!(file("src/main.ts"), None);
        assert_eq!(file("vendor/x/a_test.go"), None);
    }
}
