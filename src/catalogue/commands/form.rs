//! The form of `grammars/tools/<tool>/commands.yaml`, shared by the build script, which checks and packs the files, and
//! the reader of the packed table.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One file: what the commands of a tool, or of a family of small tools, are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ToolForm {
    /// The programs; one that no row of the file starts with is another spelling of the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
    /// Several sub-commands may stand in one call.
    #[serde(skip_serializing_if = "is_false")]
    pub goals: bool,
    /// What separates a goal from the module before it (`:app:test`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_separator: Option<String>,
    /// Options whose value is the next word.
    #[serde(skip_serializing_if = "OptionsForm::is_empty")]
    pub options_with_value: OptionsForm,
    /// Facts that hold for every row of the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traits: Vec<String>,
    /// Where values stand in every row of the file.
    #[serde(flatten)]
    pub roles: RolesForm,
    /// The rows.
    pub commands: Vec<RowForm>,
}

/// Options with a value: of the tool, or by sub-command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OptionsForm {
    /// For every sub-command.
    All(Vec<String>),
    /// By program and sub-command (`docker build`).
    By(BTreeMap<String, Vec<String>>),
}

impl Default for OptionsForm {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl OptionsForm {
    fn is_empty(&self) -> bool {
        match self {
            Self::All(list) => list.is_empty(),
            Self::By(map) => map.is_empty(),
        }
    }
}

/// Where the values of each role stand.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct RolesForm {
    /// Of environments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// Of images.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub image: Vec<String>,
    /// Of services.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<String>,
    /// Of artifacts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifact: Vec<String>,
    /// Of files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file: Vec<String>,
    /// Of working folders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dir: Vec<String>,
}

/// One row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct RowForm {
    /// One pattern, or several.
    pub run: OneOrMany,
    /// What it is.
    #[serde(flatten)]
    pub what: WhatForm,
    /// In a call of several goals any other goal wins over it.
    #[serde(skip_serializing_if = "is_false")]
    pub beside: bool,
    /// Where values stand.
    #[serde(flatten)]
    pub roles: RolesForm,
    /// How a wrapper is taken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrap: Option<WrapForm>,
    /// Exceptions, the first that fits wins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<ExceptionForm>,
    /// Commands that are this row.
    #[serde(skip_serializing_if = "OneOrMany::is_empty")]
    pub example: OneOrMany,
}

/// What a row or an exception says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct WhatForm {
    /// The stage; with `action: resolve` the stage where the target cannot be resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// `glue`, `wrap` or `resolve`; absent: a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Finer class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How the target is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver: Option<String>,
    /// Further stages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Traits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traits: Vec<String>,
    /// How sure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<String>,
}

/// An exception of a row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ExceptionForm {
    /// All of these words are present.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// None of these is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// What it is then.
    #[serde(flatten)]
    pub what: WhatForm,
    /// Where further values stand then.
    #[serde(flatten)]
    pub roles: RolesForm,
    /// Commands that are this exception.
    #[serde(skip_serializing_if = "OneOrMany::is_empty")]
    pub example: OneOrMany,
}

/// How a wrapper is taken off.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WrapForm {
    /// What it changes.
    pub kind: String,
    /// `words`, `shell` or `none`.
    pub inner: String,
    /// Positional words before the inner command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<usize>,
    /// Which of the skipped words names the host, image or service, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<usize>,
    /// The inner command starts after this word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The inner command is this option's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// Leading `NAME=value` words set its environment.
    #[serde(skip_serializing_if = "is_false")]
    pub assigns: bool,
}

/// A text, or a list of texts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    /// The texts.
    pub fn list(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(list) => list,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
