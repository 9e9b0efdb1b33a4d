//! `.prodpath/config.yaml`: what a repository, or whoever audits it, settles in a file.

use super::{Config, Selection};
use crate::model::{Cell, Tier};
use crate::source::{FileId, SourceFile};
use crate::syntax::yaml::{self, Node};
use globset::{Glob, GlobSetBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Where a repository keeps it.
pub const PATH: &str = ".prodpath/config.yaml";

/// Files that may extend one another.
const MAX_EXTENDS: usize = 8;

/// The file's form; every key may be left out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct File {
    /// Another such file, relative to this one, whose settings hold where this one says nothing; it stays inside of the
    /// repository, or of the folder of `--config`
    pub extends: Option<String>,
    /// The trunk's name
    pub trunk: Option<String>,
    /// Paths that are left out (globs from the repository's root); the score without this is printed, too
    pub exclude: Vec<String>,
    /// Environments by name, with their tier
    pub environments: BTreeMap<String, Tier>,
    /// Which rules are asked
    pub rules: Rules,
    /// How much each cell weighs in the path coverage (1 where nothing is said); the score is then marked as custom
    pub weights: BTreeMap<Cell, Weight>,
}

/// Which rules are asked: an id, a tool, `high`, `medium`, `low`, `hygiene`, `default` or `all`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Rules {
    /// Only these
    pub select: Vec<String>,
    /// Not these
    pub ignore: Vec<String>,
}

/// A number from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, JsonSchema)]
pub struct Weight(#[schemars(range(min = 0.0))] pub f64);

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The values of a file come as texts.
        let text = String::deserialize(deserializer)?;
        let number = text.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
        number.map(Self).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no number from 0 on")))
    }
}

/// The JSON Schema of the file.
///
/// Errors: it cannot be written as JSON.
pub fn schema() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&schemars::schema_for!(File)).map(|text| text + "\n")
}

/// Put what a file says behind what is settled already; `limit` is the folder that `extends` does not leave.
///
/// Errors: the file cannot be read, or what is wrong in it, with path and line.
pub fn apply(config: &mut Config, path: &Path, limit: &Path) -> Result<(), String> {
    let mut hash = Sha256::new();
    let mut next = Some(path.to_path_buf());
    for _ in 0..MAX_EXTENDS {
        let Some(path) = next.take() else { break };
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        hash.update(&text);
        let file = read(&path.to_string_lossy(), &text)?;
        next = match &file.extends {
            Some(extends) => Some(inside(&path, extends, limit)?),
            None => None,
        };
        merge(config, file);
    }
    if let Some(path) = next {
        return Err(format!("{}: more than {MAX_EXTENDS} files extend one another", path.display()));
    }
    config.hash = hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
    config.file = path.to_string_lossy().into_owned();
    Ok(())
}

/// Read a file's text. Errors: what is wrong in it, with path and line.
pub fn read(path: &str, text: &str) -> Result<File, String> {
    let file = SourceFile::new(FileId(0), path, text);
    let tree = yaml::parse(&file);
    let at = |offset: u32, message: &str| format!("{path}:{}: {message}", file.place(offset).line);
    if let Some(fault) = tree.diagnostics.first() {
        return Err(at(fault.span.start, &fault.message));
    }
    let Some(root) = tree.root() else { return Ok(File::default()) };
    let read: File = serde_path_to_error::deserialize(root.to_value()).map_err(|error| {
        let keys: Vec<String> = error.path().iter().map(ToString::to_string).collect();
        at(offset(root, &keys, &error.inner().to_string()), &error.inner().to_string())
    })?;
    let mut globs = GlobSetBuilder::new();
    for text in &read.exclude {
        globs.add(Glob::new(text).map_err(|e| at(offset(root, &["exclude".to_owned()], ""), &e.to_string()))?);
    }
    Ok(read)
}

/// The byte at which a path of keys stands; of a key that is not known, the key.
fn offset(root: Node<'_>, keys: &[String], message: &str) -> u32 {
    let quoted = message.split('`').nth(1);
    let unknown = quoted.filter(|_| message.starts_with("unknown ")).map(ToOwned::to_owned);
    let (mut node, mut at) = (root, root.span().start);
    for key in keys.iter().chain(&unknown) {
        let key = key.trim_start_matches('.');
        let entries = node.entries();
        let items = node.items();
        let index = key.trim_matches(['[', ']']).parse::<usize>().ok();
        // A key that is one of a few words has no name in the path.
        let is_meant = |e: &&yaml::Entry<'_>| e.name() == key || (key == "?" && e.value.scalar() == quoted);
        if let Some(entry) = entries.iter().find(is_meant) {
            (node, at) = (entry.value, entry.span().start);
        } else if let Some(item) = index.and_then(|i| items.get(i)) {
            (node, at) = (*item, item.span().start);
        }
    }
    at
}

/// The file that another extends.
fn inside(from: &Path, extends: &str, limit: &Path) -> Result<PathBuf, String> {
    let mut out = from.parent().unwrap_or(Path::new("")).to_path_buf();
    let leaves = || format!("{}: extends {extends}, which lies outside of {}", from.display(), limit.display());
    for part in Path::new(extends).components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::ParentDir if out.pop() => {}
            Component::CurDir => {}
            _ => return Err(leaves()),
        }
    }
    let real = |path: &Path| path.canonicalize().map_err(|e| format!("{}: {e}", path.display()));
    if real(&out)?.starts_with(real(limit)?) { Ok(out) } else { Err(leaves()) }
}

/// What is settled already stays.
fn merge(config: &mut Config, file: File) {
    config.trunk = config.trunk.take().or(file.trunk);
    if config.exclude.is_empty() {
        config.exclude = file.exclude;
    }
    for (name, tier) in file.environments {
        config.environments.entry(name).or_insert(tier);
    }
    for (cell, weight) in file.weights {
        config.weights.entry(cell).or_insert(weight.0);
    }
    let Selection { select, ignore } = &mut config.selection;
    if select.is_empty() {
        *select = file.rules.select;
    }
    ignore.extend(file.rules.ignore);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_their_line() {
        for (text, fault) in [
            ("trunk: main\nexclud: []\n", "c:2: unknown field `exclud`"),
            ("environments:\n  live: prod\n", "c:2: unknown variant `prod`"),
            ("exclude: docs\n", "c:1: invalid type: string \"docs\", expected a sequence"),
            ("weights:\n  test: much\n", "c:2: `much` is no number from 0 on"),
            ("rules:\n  ignored: [x]\n", "c:2: unknown field `ignored`"),
            ("exclude: ['a[']\n", "c:1: "),
        ] {
            let error = read("c", text).unwrap_err();
            assert!(error.starts_with(fault), "{error}");
        }
    }

    #[test]
    fn what_a_file_says_is_read() {
        let file = read("c", "trunk: main\nenvironments: {live: production}\nweights: {verify: 2}\n").unwrap();
        assert_eq!(file.trunk.as_deref(), Some("main"));
        assert_eq!(file.environments["live"], Tier::Production);
        assert_eq!(file.weights[&Cell::Verify], Weight(2.0));
        assert!(read("c", "").unwrap().trunk.is_none());
    }
}
