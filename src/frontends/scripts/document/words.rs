//! Which documents are runbooks, and for whom a heading speaks: the word lists of `grammars/documents.yaml`.

use crate::catalogue::table;
use crate::source::SourceSet;
use crate::syntax::markup::Format;
use std::sync::OnceLock;

/// The word lists.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Words {
    own_machine: Vec<String>,
    shared: Vec<String>,
    development: Vec<String>,
    not_read: Vec<String>,
    for_developers: Vec<String>,
    folders: Vec<String>,
    other_folders: Vec<String>,
    asks: Vec<String>,
    refused: Vec<String>,
    languages: Vec<String>,
    plain_languages: Vec<String>,
}

impl Words {
    /// The embedded lists; a test proves that they can be read.
    pub fn embedded() -> &'static Self {
        static WORDS: OnceLock<Words> = OnceLock::new();
        WORDS.get_or_init(|| Self::parse().unwrap_or_default())
    }

    fn parse() -> Result<Self, serde_json::Error> {
        table::single(table::packed!("documents"))
    }

    /// Whether a code block of this language may hold commands.
    pub fn is_shell(&self, language: Option<&str>) -> bool {
        language.is_none_or(|l| self.is_commands(l) || self.plain_languages.iter().any(|known| known == l))
    }

    /// Whether a code block of this language holds commands.
    pub fn is_commands(&self, language: &str) -> bool {
        self.languages.iter().any(|known| known == language)
    }

    /// Whether a line asks for the inline code that follows this part of it: by its last words, or where the code is all of an
    /// item of a list.
    pub fn asks(&self, before: &str, after: &str) -> bool {
        let lower = before.to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !(c.is_alphanumeric() || "'’-".contains(c)))
            .filter(|w| w.contains(char::is_alphabetic))
            .collect();
        let Some((last, rest)) = words.split_last() else { return !after.contains(char::is_alphanumeric) };
        let refused = rest.iter().rev().take(3).any(|w| self.refused.iter().any(|r| r == w));
        self.asks.iter().any(|a| a == last) && !refused
    }

    /// Whether a document is a README or runbook: in the root, in a folder of documents, or beside what it describes.
    pub fn is_runbook(&self, path: &str, sources: &SourceSet) -> bool {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let name = name.to_ascii_lowercase();
        if begins_with(&name, &self.not_read) || dir.split('/').any(|part| self.other_folders.iter().any(|o| o == part)) {
            return false;
        }
        dir.is_empty() || name.starts_with("readme") || self.document_folder(dir).is_some() || describes(dir, sources)
    }

    /// Index of the first part of a folder's path that is a folder of documents.
    fn document_folder(&self, dir: &str) -> Option<usize> {
        dir.split('/').position(|part| self.folders.iter().any(|f| f.eq_ignore_ascii_case(part)))
    }

    /// The folder in which a document's commands are run: its own, or the one that holds the folder of documents.
    pub fn folder(&self, dir: &str) -> String {
        match self.document_folder(dir) {
            Some(at) => dir.split('/').take(at).collect::<Vec<_>>().join("/"),
            None => dir.to_owned(),
        }
    }

    /// Whether the commands under these headings are for a developer's own machine.
    pub fn is_local(&self, path: &str, headings: &[String]) -> bool {
        for heading in headings.iter().rev() {
            let heading = normalised(heading);
            if says(&heading, &self.own_machine) {
                return true;
            }
            if says(&heading, &self.shared) {
                return false;
            }
            if says(&heading, &self.development) {
                return true;
            }
        }
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        begins_with(&name, &self.for_developers)
    }
}

fn begins_with(name: &str, beginnings: &[String]) -> bool {
    beginnings.iter().any(|b| name.strip_prefix(b.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// Whether a folder holds anything but documents.
fn describes(dir: &str, sources: &SourceSet) -> bool {
    let prefix = format!("{dir}/");
    let mut inside = sources.paths.range(prefix.clone()..).take_while(|p| p.starts_with(&prefix));
    inside.any(|p| !p[prefix.len()..].contains('/') && Format::of(p).is_none())
}

/// Lower case, words apart by one blank, a blank at both ends.
fn normalised(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|w| !w.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

fn says(heading: &str, words: &[String]) -> bool {
    words.iter().any(|w| heading.contains(&format!(" {w} ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_nearest_heading_that_says_it_decides() {
        let words = Words::parse().unwrap();
        let local =
            |path: &str, headings: &[&str]| words.is_local(path, &headings.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>());
        assert!(local("README.md", &["Shop", "Local deployment with Minikube"]));
        assert!(local("README.md", &["Deployment", "Development"]));
        assert!(!local("README.md", &["Development", "Deploy to the development cluster", "Steps"]));
        assert!(!local("README.md", &["Getting started"]));
        assert!(local("CONTRIBUTING.md", &["How to"]) && !local("CONTRIBUTING.md", &["Releasing"]));
    }

    #[test]
    fn two_words_of_code_are_a_command_where_the_line_asks_for_them() {
        let words = Words::parse().unwrap();
        assert!(
            words.asks("1. Now run `", "`, then wait.") && words.asks("- `", "`") && words.asks("In the field, enter `", "`.")
        );
        assert!(!words.asks("What `", "` shows") && !words.asks("`", "` fails") && !words.asks("Do not run `", "` yet"));
    }

    #[test]
    fn documents_beside_what_they_describe_are_runbooks() {
        let words = Words::parse().unwrap();
        let mut sources = SourceSet::default();
        for path in
            ["a/x.md", "a/main.tf", "b/y.adoc", "b/z.adoc", "docs/d/e.md", "CHANGELOG.old.md", ".github/README.md", "c/README.md"]
        {
            sources.add(path, "");
        }
        let read: Vec<&str> = sources
            .paths
            .iter()
            .map(String::as_str)
            .filter(|p| Format::of(p).is_some() && words.is_runbook(p, &sources))
            .collect();
        assert_eq!(read, ["a/x.md", "c/README.md", "docs/d/e.md"]);
        assert_eq!((words.folder("svc/docs/ops"), words.folder("svc")), ("svc".to_owned(), "svc".to_owned()));
    }
}
