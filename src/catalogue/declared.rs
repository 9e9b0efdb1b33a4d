//! How pipelines of small vendors are read: the typed view of `grammars/pipelines/<vendor>/pipeline.yaml`.
//!
//! The language is explained in `grammars/pipelines/cirrus-ci/pipeline.yaml`.

use super::table;
use crate::model::{Event, Status};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One value or a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Paths to values, as they are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "OneOrMany")]
pub struct Paths(pub Vec<Path>);

impl From<OneOrMany> for Paths {
    fn from(written: OneOrMany) -> Self {
        match written {
            OneOrMany::One(one) => Self(vec![Path::parse(&one)]),
            OneOrMany::Many(many) => Self(many.iter().map(|p| Path::parse(p)).collect()),
        }
    }
}

/// A path to values: keys with `.` between them, `*` in a key for any characters, `[]` for every item of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Segment>);

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A key, or a pattern of keys.
    Key(String),
    /// Every item of a list.
    Items,
}

impl Path {
    /// A path by its text.
    pub fn parse(text: &str) -> Self {
        let mut out = Vec::new();
        for part in text.split('.') {
            let key = part.trim_end_matches("[]");
            if !key.is_empty() {
                out.push(Segment::Key(key.to_owned()));
            }
            out.extend(std::iter::repeat_n(Segment::Items, (part.len() - key.len()) / 2));
        }
        Self(out)
    }
}

/// What a variable of a run holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The branch that is built, of a change the one that it comes from.
    Branch,
    /// The branch that a change is for.
    Target,
    /// The tag.
    Tag,
    /// The trunk.
    Trunk,
    /// The change, by number; empty for anything else.
    Change,
}

/// How a vendor writes patterns of branches and tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Patterns {
    /// As a shell does.
    #[default]
    Glob,
    /// As a regular expression.
    Regex,
    /// By name, or a regular expression between slashes.
    Slashed,
}

/// What comes before a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The jobs that stand before it.
    #[default]
    Listed,
    /// What it says itself.
    Beside,
}

/// Conditions of a job or step.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Conditions {
    /// A condition in infix notation.
    pub when: Paths,
    /// Branches, or tags, that are built.
    pub refs: Paths,
    /// Branches that are built.
    pub branches: Paths,
    /// Branches, or tags, that are not built.
    pub except: Paths,
    /// Names of events that start it.
    pub events: Paths,
}

/// How a job says what it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Job {
    /// Its name; without, the key it stands under.
    pub name: Paths,
    /// Jobs that come before it.
    pub needs: Paths,
    /// The environment that it deploys to.
    pub environment: Paths,
    /// Keys whose value makes a person start it.
    pub manual: BTreeMap<String, String>,
    /// Its services.
    pub services: Paths,
    /// Its failure is ignored where this is true.
    pub may_fail: Paths,
    /// When it runs.
    #[serde(rename = "if")]
    pub conditions: Conditions,
}

/// How an item of a list of steps says what it does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Step {
    /// Its name.
    pub name: Paths,
    /// Where its commands stand.
    pub script: Paths,
    /// A mapping of one key is a step by that name: its value is a script, or what a built-in is given.
    pub named: bool,
    /// A text by itself names a built-in; it is a script otherwise.
    pub text: Text,
    /// The key that names a built-in.
    pub built_in: Option<String>,
    /// The key that holds what a built-in is given; without, all its other keys.
    pub inputs: Option<String>,
    /// Its variables.
    pub variables: Paths,
    /// When it runs.
    #[serde(rename = "if")]
    pub conditions: Conditions,
}

/// What a text by itself is in a list of steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Text {
    /// A script.
    #[default]
    Script,
    /// The name of a built-in.
    BuiltIn,
}

/// Where work stands in a job.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Written")]
pub struct Work {
    /// Its place.
    pub at: Path,
    /// After what: nothing asked, or a failure, or whatever happened.
    pub after: Option<Status>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    At(String),
    After { at: String, after: After },
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum After {
    Failure,
    Anything,
}

impl From<Written> for Work {
    fn from(written: Written) -> Self {
        match written {
            Written::At(at) => Self { at: Path::parse(&at), after: None },
            Written::After { at, after } => {
                let status = match after {
                    After::Failure => Status::Failure,
                    After::Anything => Status::Always,
                };
                Self { at: Path::parse(&at), after: Some(status) }
            }
        }
    }
}

/// How a vendor's pipelines are read.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Language {
    /// Events that start a run where the file says nothing.
    pub events: Vec<Event>,
    /// What starts a run stands on the server.
    #[serde(default)]
    pub assumed: bool,
    /// The vendor's names of events.
    #[serde(default)]
    pub event_names: BTreeMap<String, Event>,
    /// The vendor's variables of a run.
    #[serde(default)]
    pub facts: BTreeMap<String, Fact>,
    /// Calls in conditions that only ask which paths changed.
    #[serde(default)]
    pub path_calls: Vec<String>,
    /// How patterns are written.
    #[serde(default)]
    pub patterns: Patterns,
    /// Where the jobs stand.
    pub jobs: Paths,
    /// The key of a group of jobs, which run beside one another.
    #[serde(default)]
    pub group: Option<String>,
    /// What comes before a job.
    #[serde(default)]
    pub order: Order,
    /// Keys of the root and of a job that hold variables.
    #[serde(default)]
    pub variables: Paths,
    /// What a job says.
    #[serde(default)]
    pub job: Job,
    /// Where its work stands, in the order in which it runs.
    pub work: Vec<Work>,
    /// What an item of a list of work says.
    #[serde(default)]
    pub step: Step,
}

/// The languages of all vendors that are read by data, by their ids.
pub fn languages() -> &'static BTreeMap<String, Language> {
    static LANGUAGES: OnceLock<BTreeMap<String, Language>> = OnceLock::new();
    LANGUAGES.get_or_init(|| {
        let files = table::entries::<Language>(table::packed!("pipeline")).unwrap_or_default();
        files.into_iter().map(|f| (f.id, f.data)).collect()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_language_is_read() {
        assert_eq!(table::entries::<Language>(table::packed!("pipeline")).map(|l| l.len()).unwrap(), languages().len());
        assert!(languages().contains_key("cirrus-ci") && languages().contains_key("codeship"));
    }

    #[test]
    fn paths_are_keys_and_items() {
        let key = |k: &str| Segment::Key(k.to_owned());
        assert_eq!(Path::parse("[]").0, [Segment::Items]);
        assert_eq!(Path::parse("*_task").0, [key("*_task")]);
        assert_eq!(
            Path::parse("triggering.patterns[].pattern").0,
            [key("triggering"), key("patterns"), Segment::Items, key("pattern")]
        );
    }
}
