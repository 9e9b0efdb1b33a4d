//! Built-ins of pipelines: actions, tasks, orbs, plugins.

use super::{Class, WrapKind};
use crate::model::Value;
use std::collections::BTreeMap;

/// The built-in tables of all vendors.
#[derive(Debug)]
pub struct BuiltIns {}

impl BuiltIns {
    /// The embedded tables.
    pub fn embedded() -> Self {
        Self {}
    }

    /// What a built-in is.
    pub fn classify(&self, _vendor: &str, _name: &str, _version: &str, _inputs: &BTreeMap<String, Value>) -> Option<Class> {
        None
    }

    /// The input that holds shell commands.
    pub fn shell_input(&self, _vendor: &str, _name: &str) -> Option<(&str, WrapKind)> {
        None
    }
}
