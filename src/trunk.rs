//! The trunk: the branch whose commits go to production (model.md, Events).

use crate::config::Config;
use crate::model::{Program, TrunkSource};
use std::path::Path;

/// Names that a trunk usually has, in order.
const USUAL: &[&str] = &["main", "master", "trunk", "develop"];

/// The trunk's name, and how it was found: the configuration, else `origin/HEAD`, else the first usual name that a pipeline
/// names, else the branch that most pipelines name, else none (any branch).
pub fn find(root: &Path, config: &Config, program: &Program) -> (String, TrunkSource) {
    if let Some(name) = &config.trunk {
        return (name.clone(), TrunkSource::Config);
    }
    if let Some(name) = origin_head(root) {
        return (name, TrunkSource::Git);
    }
    if let Some(name) = USUAL.iter().find(|n| program.branches.contains_key(**n)) {
        return ((*name).to_owned(), TrunkSource::Pipelines);
    }
    let most = program
        .branches
        .iter()
        .filter(|(n, _)| !n.contains('*'))
        .max_by_key(|(name, count)| (**count, std::cmp::Reverse((*name).clone())));
    match most {
        Some((name, _)) => (name.clone(), TrunkSource::Pipelines),
        None => (String::new(), TrunkSource::None),
    }
}

/// The branch that `origin/HEAD` points to; <https://git-scm.com/docs/git-remote#Documentation/git-remote.txt-set-head>.
fn origin_head(root: &Path) -> Option<String> {
    let text = std::fs::read_to_string(root.join(".git/refs/remotes/origin/HEAD")).ok()?;
    let name = text.trim().strip_prefix("ref: refs/remotes/origin/")?;
    Some(name.to_owned()).filter(|n| !n.is_empty())
}

/// The commit that is checked out, where `.git` says it.
pub fn commit(root: &Path) -> Option<String> {
    let git = root.join(".git");
    let head = std::fs::read_to_string(git.join("HEAD")).ok()?;
    let head = head.trim();
    let id = match head.strip_prefix("ref: ") {
        None => head.to_owned(),
        Some(name) => std::fs::read_to_string(git.join(name)).ok().map(|t| t.trim().to_owned()).or_else(|| {
            let packed = std::fs::read_to_string(git.join("packed-refs")).ok()?;
            packed.lines().find_map(|l| l.strip_suffix(name).map(|id| id.trim().to_owned()))
        })?,
    };
    Some(id).filter(|id| id.len() >= 40 && id.bytes().all(|b| b.is_ascii_hexdigit()))
}
