//! How pipelines of vendors that no front end reads are recognised: the typed view of `detect.yaml`.

use super::table;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::OnceLock;

/// One way to recognise a vendor's pipelines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    name: String,
    files: Vec<String>,
    #[serde(default)]
    keys: Vec<Vec<String>>,
    #[serde(default)]
    words: Vec<Vec<String>>,
}

/// A vendor of pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vendor<'c> {
    /// Its folder under `grammars/pipelines/`.
    pub id: &'c str,
    /// Its name as it writes it.
    pub name: &'c str,
}

/// The table of vendors.
#[derive(Debug, Default)]
pub struct Detect {
    rows: Vec<Row>,
    globs: GlobSet,
    /// The row of each glob.
    row_of: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    vendors: Vec<Row>,
}

impl Detect {
    /// The embedded table.
    pub fn embedded() -> &'static Self {
        static TABLE: OnceLock<Detect> = OnceLock::new();
        TABLE.get_or_init(|| {
            let entries = table::entries::<Table>(table::packed!("detect")).unwrap_or_default();
            Self::new(entries.into_iter().flat_map(|e| e.data.vendors).collect())
        })
    }

    fn new(rows: Vec<Row>) -> Self {
        let mut builder = GlobSetBuilder::new();
        let mut row_of = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            for glob in row.files.iter().filter_map(|g| GlobBuilder::new(g).literal_separator(true).build().ok()) {
                builder.add(glob);
                row_of.push(i);
            }
        }
        Self { rows, globs: builder.build().unwrap_or_default(), row_of }
    }

    /// The name of a vendor by its id.
    pub fn name(&self, id: &str) -> Option<&str> {
        self.rows.iter().find(|row| row.id == id).map(|row| row.name.as_str())
    }

    /// The vendor whose pipeline a file is.
    pub fn vendor<'c>(&'c self, path: &str, text: &str) -> Option<Vendor<'c>> {
        let rows: Vec<&Row> =
            self.globs.matches(path).into_iter().filter_map(|glob| self.rows.get(*self.row_of.get(glob)?)).collect();
        // Words are written as block style writes them.
        let words = rows.iter().any(|row| !row.words.is_empty()) && is_flow(text);
        let spaced = if words { Cow::Owned(text.replace('"', "").replace(':', ": ")) } else { Cow::Borrowed(text) };
        let fits = |row: &&&Row| {
            let keyed = row.keys.iter().all(|group| group.iter().any(|key| has_key(text, key)));
            let says = |word: &String| text.contains(word.as_str()) || (words && spaced.contains(word.as_str()));
            keyed && row.words.iter().all(|group| group.iter().any(says))
        };
        rows.iter().find(fits).map(|row| Vendor { id: &row.id, name: &row.name })
    }
}

/// Whether a text is JSON, or YAML in flow style.
fn is_flow(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Whether a text has a key at its top level: of YAML at a line's start, in flow style or JSON anywhere.
fn has_key(text: &str, key: &str) -> bool {
    let ends = |rest: &str| rest.trim_start().starts_with(':');
    if is_flow(text) {
        return text.match_indices(key).any(|(at, _)| {
            let before = text[..at].trim_end_matches(['"', '\'']).trim_end();
            before.ends_with(['{', ',']) && ends(text[at + key.len()..].trim_start_matches(['"', '\'']))
        });
    }
    text.match_indices(key).any(|(at, _)| {
        let before = &text[..at];
        let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
        let starts = before.is_empty() || before.ends_with('\n');
        starts && ends(text[at + key.len()..].trim_start_matches(['"', '\'']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let table = Detect::embedded();
        assert!(table.rows.len() > 40);
        assert_eq!(table.row_of.len(), table.rows.iter().map(|r| r.files.len()).sum::<usize>());
    }

    #[test]
    fn a_vendor_is_told_by_path_and_content() {
        let vendor = |path: &str, text: &str| Detect::embedded().vendor(path, text).map(|v| v.id);
        assert_eq!(vendor(".gitlab-ci.yml", ""), Some("gitlab-ci"));
        assert_eq!(vendor("build/azure-pipelines-release.yml", "steps:\n- script: x\n"), Some("azure-pipelines"));
        assert_eq!(vendor(".azuredevops/pull_request_template.md", "steps:\n"), None);
        assert_eq!(vendor(".azuredevops/ci/main.yml", "trigger: none\njobs: []\n"), Some("azure-pipelines"));
        assert_eq!(vendor(".azuredevops/ci/steps.yml", "parameters: []\nsteps: []\n"), None);
        assert_eq!(vendor("deploy/Jenkinsfile.release", "pipeline {\n}\n"), Some("jenkins"));
        assert_eq!(vendor("ci/release.groovy", "pipeline {\n  agent any\n}\n"), Some("jenkins"));
        assert_eq!(vendor("src/Main.groovy", "class Main {}\n"), None);
        assert_eq!(vendor("a/cloudbuild.json", "{ \"steps\": [] }\n"), Some("cloud-build"));
        assert_eq!(vendor("a/cloudbuild.json", "{\"images\": [], \"steps\": []}"), Some("cloud-build"));
        assert_eq!(vendor("docs/cloudbuild.yaml", "x: 1\n"), None);
        assert_eq!(vendor(".tekton/push.yaml", "apiVersion: tekton.dev/v1\nkind: PipelineRun\n"), Some("tekton"));
        assert_eq!(vendor(".github/workflows/ci.yml", "on: push\njobs: {}\n"), None);
    }
}
