//! The folders that a job works in: checkouts of other repositories, and the files that it has edited in place.

use crate::catalogue::Class;
use crate::flow::watches::repository_of;
use crate::model::HOLE;
use crate::source::paths::{is_under, join};
use std::collections::{BTreeMap, BTreeSet};

/// What a job has fetched and edited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Workspace {
    /// Repositories by the folder they are checked out to; a folder that is not known begins with [`HOLE`]. An empty name:
    /// not known either.
    checkouts: BTreeMap<String, String>,
    /// Files and folders that were edited; one in a folder that is not known begins with [`HOLE`].
    edited: BTreeSet<String>,
}

/// The repository that a folder of a job belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home<'w> {
    /// The scanned one.
    Own,
    /// Another one: the folder it is checked out to, and its name, where they are known.
    Other(Option<&'w str>, Option<&'w str>),
}

impl Workspace {
    /// Another repository is checked out: by its address or path on its server, to a folder.
    pub fn check_out(&mut self, repository: &str, dir: Option<&str>) {
        let name = repository_of(repository).unwrap_or_default();
        let dir = dir.map_or_else(|| format!("{HOLE}/{name}"), ToOwned::to_owned);
        self.checkouts.insert(dir, name);
    }

    /// A file or folder is edited; a path that leaves the job's folder is not known.
    pub fn edit(&mut self, dir: Option<&str>, path: &str) {
        let inside = if path.starts_with(['/', '~']) { None } else { dir.and_then(|d| join(d, path)) };
        self.edited.insert(inside.unwrap_or_else(|| format!("{HOLE}/{path}")));
    }

    /// Whether another repository was checked out.
    pub fn has_others(&self) -> bool {
        !self.checkouts.is_empty()
    }

    /// Whether a file was edited.
    pub fn is_edited(&self) -> bool {
        !self.edited.is_empty()
    }

    /// What other commands of the job have fetched and edited.
    pub fn extend(&mut self, other: &Self) {
        self.checkouts.extend(other.checkouts.iter().map(|(dir, name)| (dir.clone(), name.clone())));
        self.edited.extend(other.edited.iter().cloned());
    }

    /// The checkout of another repository around a folder: its own folder, and its name.
    pub fn around(&self, dir: &str) -> Option<(&String, &String)> {
        self.checkouts.iter().filter(|(to, _)| is_under(dir, to)).max_by_key(|(to, _)| to.len())
    }

    /// The repository that a folder belongs to. What is committed where nothing was edited belongs to the checkout that was.
    pub fn home(&self, dir: Option<&str>) -> Home<'_> {
        let own_edits = || self.edited.iter().any(|path| !path.starts_with(HOLE) && self.around(path).is_none());
        let sole = || if self.checkouts.len() == 1 { self.checkouts.iter().next() } else { None };
        let found = match dir {
            Some(dir) if self.around(dir).is_some() => self.around(dir),
            Some(_) if self.checkouts.is_empty() || own_edits() => return Home::Own,
            _ => sole(),
        };
        let Some((to, name)) = found else { return if dir.is_some() { Home::Own } else { Home::Other(None, None) } };
        Home::Other(
            Some(to).filter(|to| !to.starts_with(HOLE)).map(String::as_str),
            Some(name.as_str()).filter(|n| !n.is_empty()),
        )
    }

    /// The paths that were edited in a repository, from its root; none where one of them is not known.
    pub fn edited_in(&self, home: &Home<'_>) -> Option<Vec<&str>> {
        let mut out = Vec::new();
        for path in &self.edited {
            match home {
                _ if path.starts_with(HOLE) => return None,
                Home::Own => out.extend((self.home(Some(path)) == Home::Own).then_some(path.as_str())),
                Home::Other(to, _) => {
                    let to = (*to)?;
                    out.extend(is_under(path, to).then(|| path[to.len()..].trim_start_matches('/')));
                }
            }
        }
        (!out.is_empty()).then_some(out)
    }
}

/// The manifests, values files or folders that a command edits in place; an empty path: the folder it works in.
pub(super) fn edits(class: &Class, words: &[String]) -> Vec<String> {
    let manifest = |w: &&String| w.contains(".yaml") || w.contains(".yml") || w.contains("values") || w.contains("kustomization");
    match words.first().map(String::as_str) {
        Some("kustomize") if words.iter().any(|w| w == "edit" || w == "set") => vec![String::new()],
        Some("yq" | "sed" | "perl" | "envsubst" | "jq" | "tee") if matches!(class.kind.as_deref(), Some("template" | "edit")) => {
            // An expression that speaks of a file is none.
            let found: Vec<String> = words.iter().skip(1).filter(manifest).cloned().collect();
            let plain = |w: &String| !w.starts_with(['.', '-']) || w.starts_with("./") || w.starts_with("../");
            let files: Vec<String> = found.iter().filter(|w| plain(w) && !w.contains([' ', '=', '|'])).cloned().collect();
            if files.is_empty() && !found.is_empty() { vec![HOLE.to_string()] } else { files }
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_belongs_to_the_checkout_around_it() {
        let mut one = Workspace::default();
        assert_eq!(one.home(Some("")), Home::Own);
        assert_eq!(one.home(None), Home::Other(None, None));
        one.check_out("https://x@git.example.com/acme/shop-config.git", Some("config"));
        one.edit(Some("config"), "apps/prod/values.yaml");
        let config = Home::Other(Some("config"), Some("shop-config"));
        assert_eq!(one.home(Some("config/apps")), config);
        assert_eq!(one.home(None), config);
        assert_eq!(one.home(Some("")), config, "nothing of the own repository was edited");
        assert_eq!(one.edited_in(&config), Some(vec!["apps/prod/values.yaml"]));
        one.edit(Some(""), "chart/values.yaml");
        assert_eq!(one.home(Some("")), Home::Own);
        assert_eq!(one.edited_in(&Home::Own), Some(vec!["chart/values.yaml"]));
        one.edit(None, "values.yaml");
        assert_eq!(one.edited_in(&config), None);
    }
}
