//! Files of targets (makefiles, Taskfiles, justfiles), through which a call by a target's name is resolved.

use super::UnitId;
use std::collections::{BTreeMap, BTreeSet};

/// A file of targets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MakeFile {
    /// Its own targets by name, in file order, aliases too; those of included files stand in these. A make pattern keeps
    /// its `%`.
    pub targets: Vec<(String, UnitId)>,
    /// Paths of the repository's files that it includes.
    pub includes: Vec<Include>,
    /// The target that runs where none is named.
    pub default: Option<String>,
    /// Another file includes it.
    pub included: bool,
}

/// A file that another one includes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Include {
    /// Its path.
    pub path: String,
    /// What stands before its targets' names (`ops` in `task ops:deploy`); empty: nothing.
    pub namespace: String,
}

impl Include {
    /// An include without a namespace.
    pub fn plain(path: impl Into<String>) -> Self {
        Self { path: path.into(), namespace: String::new() }
    }
}

/// A target that was found by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its unit.
    pub unit: UnitId,
    /// What `%` stands for, where a pattern matched: the value of `arg.stem` in the unit.
    pub stem: Option<String>,
}

impl MakeFile {
    /// The unit of a target of this file alone.
    pub fn target(&self, name: &str) -> Option<UnitId> {
        self.targets.iter().find(|(n, _)| n == name).map(|(_, id)| *id)
    }

    /// The pattern of this file alone that fits a name best: the one with the shortest stem.
    fn pattern(&self, name: &str) -> Option<Found> {
        let fits = self.targets.iter().filter_map(|(pattern, id)| {
            let (head, tail) = pattern.split_once('%')?;
            let stem = name.strip_prefix(head)?.strip_suffix(tail)?;
            (!stem.is_empty()).then(|| Found { unit: *id, stem: Some(stem.to_owned()) })
        });
        fits.min_by_key(|f| f.stem.as_ref().map_or(0, String::len))
    }
}

/// The unit that a target's name stands for when `path` is the file that is run: its own targets, those of the files that it
/// includes, then patterns.
pub fn find_target(files: &BTreeMap<String, MakeFile>, path: &str, name: &str) -> Option<Found> {
    let mut todo = vec![(path.to_owned(), name.to_owned())];
    let mut seen = BTreeSet::new();
    let mut pattern = None;
    while let Some((path, name)) = todo.pop() {
        let Some(file) = files.get(&path) else { continue };
        if !seen.insert((path, name.clone())) {
            continue;
        }
        if let Some(unit) = file.target(&name) {
            return Some(Found { unit, stem: None });
        }
        pattern = pattern.or_else(|| file.pattern(&name));
        for include in file.includes.iter().rev() {
            if include.namespace.is_empty() {
                todo.push((include.path.clone(), name.clone()));
            } else if let Some(rest) = name.strip_prefix(&include.namespace) {
                // `ns:` may be left out for the default target of a namespace.
                let rest = rest.trim_start_matches("::").trim_start_matches(':');
                let rest = if rest.is_empty() {
                    files.get(&include.path).and_then(|f| f.default.clone())
                } else {
                    Some(rest.to_owned())
                };
                todo.extend(rest.map(|r| (include.path.clone(), r)));
            }
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(targets: &[&str], includes: &[(&str, &str)], first: u32) -> MakeFile {
        MakeFile {
            targets: targets.iter().zip(first..).map(|(t, i)| ((*t).to_owned(), UnitId(i))).collect(),
            includes: includes.iter().map(|(p, n)| Include { path: (*p).to_owned(), namespace: (*n).to_owned() }).collect(),
            default: targets.first().map(|t| (*t).to_owned()),
            included: false,
        }
    }

    #[test]
    fn names_are_found_through_includes_namespaces_and_patterns() {
        let mut files = BTreeMap::new();
        files.insert("a".to_owned(), file(&["x-%", "x-y-%"], &[("b", ""), ("c", "ops")], 0));
        files.insert("b".to_owned(), file(&["x-z", "b"], &[("a", "")], 10));
        files.insert("c".to_owned(), file(&["default", "go"], &[], 20));
        let found = |name: &str| find_target(&files, "a", name).map(|f| (f.unit.0, f.stem));
        assert_eq!(found("x-z"), Some((10, None)));
        assert_eq!(found("x-y-1"), Some((1, Some("1".to_owned()))));
        assert_eq!(found("ops:go"), Some((21, None)));
        assert_eq!(found("ops"), Some((20, None)));
        assert_eq!(found("none"), None);
    }
}
