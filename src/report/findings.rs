//! What the report lists beside services and steps: gates, orphans, findings, practices, faults.

use super::Location;
use crate::model::{GateKind, OrphanKind, Stage};
use crate::source::Severity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Work that is switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disabled {
    /// Where.
    pub location: Location,
    /// What it is.
    pub text: String,
    /// What switches it off.
    pub why: String,
}

/// A place where a person must act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// What it is.
    pub kind: GateKind,
    /// The line that makes it one.
    pub location: Location,
    /// Its name.
    pub name: String,
    /// What comes after it waits.
    pub blocking: bool,
    /// Names of the services behind it.
    pub services: Vec<String>,
    /// Names of the environments behind it.
    pub environments: Vec<String>,
    /// Ids of the steps behind it.
    pub steps: Vec<String>,
}

/// A file that would deliver something and that nothing applies or runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Orphan {
    /// What it is.
    pub kind: OrphanKind,
    /// The file that stands for it.
    pub location: Location,
    /// The stages of what it would do.
    pub stages: Vec<Stage>,
}

/// A script that an option of a tool already in use replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replacement {
    /// Fingerprint of rule, normalised text and ordinal.
    pub key: String,
    /// The rule's id.
    pub rule: String,
    /// Folder of the tool or vendor in `grammars/`.
    pub tool: String,
    /// Whether it replaces a script or is hygiene.
    pub kind: ReplacementKind,
    /// How sure the rule is.
    pub confidence: RuleConfidence,
    /// The lines that would be deleted or rewritten.
    pub location: Location,
    /// What to do, one sentence.
    pub message: String,
    /// The lines as they are.
    pub before: String,
    /// The lines as they would be.
    pub after: String,
    /// Address of the option's documentation.
    pub docs: String,
    /// The tool's version from which the option exists.
    pub since: String,
    /// `exact`, or what differs.
    pub equivalence: String,
    /// Lines saved; negative where it takes more.
    pub lines_saved: i64,
    /// The edit that does it, where one can.
    pub fix: Option<Fix>,
}

/// What kind of finding a [`Replacement`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReplacementKind {
    /// An option replaces a script.
    Replace,
    /// Better style that replaces no script; never counted.
    Hygiene,
}

/// How sure a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleConfidence {
    /// Opt-in.
    Low,
    /// Shown as a suggestion.
    Medium,
    /// On.
    High,
}

/// Edits that put a replacement in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// Whether it may be applied without asking.
    pub safety: Safety,
    /// The edits, in file order, not overlapping.
    pub edits: Vec<Edit>,
}

/// Whether a [`Fix`] may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// It changes nothing but the form.
    Safe,
    /// A person should look.
    Suggestion,
}

/// New text for a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// What is replaced.
    pub location: Location,
    /// By what.
    pub text: String,
}

/// Sums over the replacements of kind replace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replaceable {
    /// Number of places.
    pub places: usize,
    /// Lines that would go.
    pub lines: usize,
    /// Places by tool.
    pub by_tool: BTreeMap<String, usize>,
    /// Places by service.
    pub by_service: BTreeMap<String, usize>,
}

/// The answer to one audit question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Practice {
    /// The question's id.
    pub check: String,
    /// The question.
    pub asks: String,
    /// The answer.
    pub status: PracticeStatus,
    /// What decided it.
    pub why: String,
    /// Files can prove it; `absent` only means that it was not found.
    pub one_sided: bool,
    /// What was looked for.
    pub looked_for: Vec<String>,
    /// Where.
    pub locations: Vec<Location>,
    /// Standards that ask for it.
    pub standards: Vec<String>,
}

/// The answer to an audit question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PracticeStatus {
    /// It is done.
    Present,
    /// It is not done.
    Absent,
    /// The files cannot decide.
    Unknown,
    /// The question does not arise.
    NotApplicable,
}

/// A key that some files of a group have and others lack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// The group's name.
    pub group: String,
    /// Its files.
    pub files: Vec<String>,
    /// The key.
    pub key: String,
    /// Files that have it.
    #[serde(rename = "in")]
    pub present_in: Vec<String>,
    /// Files that lack it.
    pub not_in: Vec<String>,
}

/// Something the files could not decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Unknown {
    /// Where.
    pub location: Location,
    /// Why, one sentence without a full stop.
    pub why: String,
}

/// One fault of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub location: Location,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
}

/// What was read and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Files {
    /// Number of files that were read, partly read ones included.
    pub read: usize,
    /// Files that were read in part.
    pub partly_read: Vec<PassedFile>,
    /// Files that could not be read.
    pub unread: Vec<PassedFile>,
    /// Files passed over on purpose.
    pub skipped: Vec<PassedFile>,
}

/// A file that was not read, or not whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct PassedFile {
    /// Its path.
    pub path: String,
    /// Why.
    pub why: String,
}

/// A finding that a comment or the configuration suppresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// The rule.
    pub rule: String,
    /// Where.
    pub location: Location,
    /// The reason that was given.
    pub reason: String,
    /// The date (ISO 8601) on which it ends, where one was given.
    pub until: Option<String>,
}
