//! What an ApplicationSet's generators give, as far as the repository says it
//! (<https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators/>): lists, folders and files of the
//! repository, and the products of two of them.

use crate::model::glob;
use crate::source::SourceSet;
use crate::syntax::yaml::{self, Node};

/// The values of one element, by name.
pub(super) type Values = Vec<(String, String)>;

/// At most so many elements are told apart.
const MAX_ELEMENTS: usize = 64;
/// Generators in generators.
const MAX_DEPTH: usize = 4;

/// What generators give.
#[derive(Debug, Default)]
pub(super) struct Generated {
    /// Elements with their values; empty: not known.
    pub(super) elements: Vec<Values>,
    /// There is one for each open change.
    pub(super) of_changes: bool,
}

/// The elements of an ApplicationSet.
pub(super) fn elements(set: Node, sources: &SourceSet) -> Generated {
    let generators = set.at(&["spec", "generators"]).map(|n| n.items()).unwrap_or_default();
    let mut out = Generated::default();
    for generator in generators {
        out.of_changes |= of_changes(generator, 0);
        out.elements.extend(of(generator, sources, 0));
    }
    out.elements.truncate(MAX_ELEMENTS);
    out
}

fn of_changes(generator: Node, depth: usize) -> bool {
    let inner = ["matrix", "merge"].iter().filter_map(|k| generator.at(&[k, "generators"])).flat_map(|n| n.items());
    generator.get("pullRequest").is_some() || (depth < MAX_DEPTH && inner.into_iter().any(|g| of_changes(g, depth + 1)))
}

fn of(generator: Node, sources: &SourceSet, depth: usize) -> Vec<Values> {
    if depth > MAX_DEPTH {
        return Vec::new();
    }
    if let Some(list) = generator.at(&["list", "elements"]) {
        return list.items().into_iter().take(MAX_ELEMENTS).map(|element| flat(element, "", 0)).collect();
    }
    if let Some(git) = generator.get("git") {
        let mut out = folders(git, sources);
        out.extend(files(git, sources));
        return out;
    }
    let several = |key: &str| generator.at(&[key, "generators"]).map(|n| n.items());
    if let Some(all) = several("matrix") {
        let mut out: Vec<Values> = Vec::new();
        for one in all {
            let next = of(one, sources, depth + 1);
            if out.is_empty() {
                out = next;
            } else if !next.is_empty() && out.len() * next.len() <= MAX_ELEMENTS {
                out = out.iter().flat_map(|a| next.iter().map(move |b| [a.clone(), b.clone()].concat())).collect();
            }
        }
        return out;
    }
    // Of a merge the first says which elements there are.
    several("merge").and_then(|all| all.into_iter().next()).map(|first| of(first, sources, depth + 1)).unwrap_or_default()
}

/// Folders of the repository by patterns; those that are excluded left out.
fn folders(git: Node, sources: &SourceSet) -> Vec<Values> {
    let patterns = git.get("directories").map(|n| n.items()).unwrap_or_default();
    let listed = |excluded: bool| {
        let wanted = patterns.iter().filter(move |p| (p.get("exclude").and_then(|e| e.boolean()) == Some(true)) == excluded);
        wanted.filter_map(|p| p.get_str("path")).collect::<Vec<_>>()
    };
    let (wanted, excluded) = (listed(false), listed(true));
    let fits = |dir: &String, patterns: &[&str]| patterns.iter().any(|p| same_depth(p, dir) && glob(p, dir));
    let found = sources.dirs.iter().filter(|d| fits(d, &wanted) && !fits(d, &excluded));
    found.take(MAX_ELEMENTS).map(|dir| path_values(dir)).collect()
}

/// `*` stays in a folder, `**` does not.
fn same_depth(pattern: &str, path: &str) -> bool {
    pattern.contains("**") || pattern.matches('/').count() == path.matches('/').count()
}

/// Files of the repository by patterns, with what stands in them.
fn files(git: Node, sources: &SourceSet) -> Vec<Values> {
    let patterns: Vec<&str> =
        git.get("files").map(|n| n.items()).unwrap_or_default().iter().filter_map(|p| p.get_str("path")).collect();
    let fits = |path: &str| patterns.iter().any(|p| same_depth(p, path) && glob(p, path));
    let found = sources.files().iter().filter(|f| fits(&f.path)).take(MAX_ELEMENTS);
    found
        .map(|file| {
            let mut values = path_values(file.dir());
            if let Some(root) = yaml::parse(file).root() {
                values.extend(flat(root, "", 0));
            }
            values
        })
        .collect()
}

/// What is known of a folder, in both of Argo CD's notations.
fn path_values(dir: &str) -> Values {
    let base = dir.rsplit('/').next().unwrap_or(dir);
    let mut out: Values = ["path", "path.path"].map(|n| (n.to_owned(), dir.to_owned())).into();
    out.extend(["path.basename", "path.basenameNormalized"].map(|n| (n.to_owned(), base.to_owned())));
    for (i, part) in dir.split('/').enumerate() {
        out.push((format!("path[{i}]"), part.to_owned()));
    }
    out
}

/// The scalars of a mapping by their paths.
fn flat(node: Node, prefix: &str, depth: usize) -> Values {
    let mut out = Vec::new();
    for entry in node.entries() {
        let name = if prefix.is_empty() { entry.name().to_owned() } else { format!("{prefix}.{}", entry.name()) };
        match entry.value.scalar() {
            Some(text) => out.push((name, text.to_owned())),
            None if depth < MAX_DEPTH => out.extend(flat(entry.value, &name, depth + 1)),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::source::SourceFile;

    fn names(spec: &str) -> (Vec<String>, bool) {
        let mut sources = SourceSet::default();
        for path in ["apps/prod/shop/x.yaml", "apps/stage/shop/x.yaml", "apps/stage/old/x.yaml"] {
            sources.add(path, "tier: gold\nmeta: {team: a}\n");
        }
        let file = SourceFile::new(crate::source::FileId(9), "set.yaml", spec);
        let tree = yaml::parse(&file);
        let found = elements(tree.root().unwrap(), &sources);
        let shown =
            |v: &Values| v.iter().filter(|(n, _)| !n.starts_with("path")).map(|(_, v)| v.as_str()).collect::<Vec<_>>().join(" ");
        let path = |v: &Values| v.iter().find(|(n, _)| n == "path").map(|(_, v)| v.clone()).unwrap_or_default();
        (found.elements.iter().map(|v| format!("{} {}", path(v), shown(v)).trim().to_owned()).collect(), found.of_changes)
    }

    #[test]
    fn generators_give_lists_folders_files_and_their_products() {
        let set = |generators: &str| names(&format!("spec:\n  generators:\n{generators}"));
        assert_eq!(
            set("    - git: {directories: [{path: apps/*/*}, {path: apps/stage/old, exclude: true}]}\n").0,
            ["apps/prod/shop", "apps/stage/shop"]
        );
        assert_eq!(set("    - git: {files: [{path: 'apps/prod/**/x.yaml'}]}\n").0, ["apps/prod/shop gold a"]);
        let matrix = "    - matrix: {generators: [{list: {elements: [{a: x}, {a: y}]}}, {clusters: {}}]}\n";
        assert_eq!(set(matrix).0, ["x", "y"]);
        assert_eq!(set("    - pullRequest: {github: {}}\n"), (Vec::new(), true));
    }
}
