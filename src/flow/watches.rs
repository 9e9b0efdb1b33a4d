//! What controllers' objects watch: which repository, folder and branch each reads, here and in the repositories beside.

use crate::catalogue::environments::Environments;
use crate::model::{Bundle, HOLE, Program, Reconciler};
use crate::source::SourceSet;
use crate::source::paths::join;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the repository that an address or a path on a server ends with, in lower case; none where that is not known.
pub fn repository_of(source: &str) -> Option<String> {
    let name = source.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or("").trim_end_matches(".git").to_ascii_lowercase();
    (!name.is_empty() && !name.contains(HOLE)).then_some(name)
}

/// The repository that an object names by its address; none where it names one by a source of its controller, or says none.
fn named(r: &Reconciler) -> Option<String> {
    r.source.as_deref().filter(|source| source.contains(['/', ':'])).and_then(repository_of)
}

/// Whether a controller's object reads a part of this repository, as far as its files tell: a folder of it, from an address
/// that ends with its name, or by the name of a source. An object that says neither may.
pub fn reads_here(r: &Reconciler, program: &Program, sources: &SourceSet) -> bool {
    let own = program.repository.to_ascii_lowercase();
    let is_own = |r: &Reconciler| named(r).map(|name| name == own);
    // A checkout's folder may be called otherwise: then no object's address ends with its name.
    let known = program.reconcilers.iter().any(|other| is_own(other) == Some(true));
    let there =
        r.path.as_deref().map(|path| path.trim_start_matches("./").trim_matches('/')).filter(|p| !p.contains([HOLE, '{']));
    let exists = there.is_none_or(|path| path.is_empty() || path == "." || sources.dirs.contains(path));
    exists && (is_own(r) != Some(false) || (!known && there.is_some_and(|path| !path.is_empty() && path != ".")))
}

/// The objects of this repository, and those of repositories beside it that name it and read a folder it has.
pub fn objects<'p>(program: &'p Program, sources: &SourceSet) -> Vec<&'p Reconciler> {
    let own = program.repository.to_ascii_lowercase();
    let beside = program.neighbours.iter().flat_map(|n| &n.reconcilers);
    let named = beside.filter(|r| named(r).is_some_and(|name| name == own) && reads_here(r, program, sources));
    program.reconcilers.iter().chain(named).collect()
}

/// An object that watches a repository.
pub struct Watch<'p> {
    /// The object.
    pub object: &'p Reconciler,
    /// What is applied with the paths of the repository it watches; none where that was not read.
    bundles: Option<&'p BTreeMap<String, Bundle>>,
}

impl Watch<'_> {
    /// Whether it follows a branch; `trunk` is what the repositories call theirs.
    pub fn follows(&self, branch: &str, trunk: &str) -> bool {
        match self.object.revision.as_deref() {
            Some(revision) if !matches!(revision, "" | "HEAD") => revision.contains(HOLE) || revision == branch,
            _ => branch == trunk || matches!(branch, "main" | "master"),
        }
    }

    /// Whether a path of the repository it watches is a part of what it applies.
    pub fn reads(&self, path: &str) -> bool {
        let Some(own) = self.object.path.as_deref().and_then(|p| join("", p)) else { return true };
        let mut open = vec![own.as_str()];
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while let Some(part) = open.pop() {
            if fits(path, part) {
                return true;
            }
            if seen.insert(part) {
                open.extend(self.bundles.and_then(|all| all.get(part)).into_iter().flat_map(|b| &b.parts).map(String::as_str));
            }
        }
        false
    }
}

/// Whether a path is a folder's or stands below it; variable parts may be anything.
fn fits(path: &str, dir: &str) -> bool {
    let mut parts = path.split('/');
    dir.split('/').filter(|d| !d.is_empty()).all(|d| parts.next().is_some_and(|p| p == d || p.contains(HOLE) || d.contains(HOLE)))
}

/// The objects that watch a repository by its name.
pub fn watches<'p>(repository: &str, program: &'p Program, sources: &SourceSet) -> Vec<Watch<'p>> {
    let repository = repository.to_ascii_lowercase();
    if repository == program.repository.to_ascii_lowercase() {
        let watch = |object| Watch { object, bundles: Some(&program.bundles) };
        return objects(program, sources).into_iter().filter(|r| reads_here(r, program, sources)).map(watch).collect();
    }
    let bundles = program.neighbours.iter().find(|n| n.name == repository).map(|n| &n.bundles);
    let watch = |object| Watch { object, bundles };
    let at = |home: &str, r: &Reconciler| named(r).map_or(home == repository, |name| name == repository);
    let own = program.reconcilers.iter().filter(|r| at(&program.repository, r)).map(watch);
    let beside = program.neighbours.iter().flat_map(|n| n.reconcilers.iter().filter(|r| at(&n.name, r)).map(watch));
    own.chain(beside).collect()
}

/// The environment that an object names, else that of its file.
pub fn environment_of(r: &Reconciler, sources: &SourceSet, names: &Environments) -> Option<String> {
    let path = sources.path_within(r.span.file);
    r.environment_hints.iter().find_map(|h| names.find_in(h)).or_else(|| names.find_in(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ReconcilerKind;
    use crate::source::{FileId, Span};

    #[test]
    fn an_object_reads_this_repository_by_its_address_and_folder() {
        let mut sources = SourceSet::default();
        sources.add("deploy/prod/app.yaml", "x: y\n");
        let object = |source: Option<&str>, path: Option<&str>| Reconciler {
            kind: ReconcilerKind::ArgoApplication,
            name: "app".into(),
            path: path.map(str::to_owned),
            source: source.map(str::to_owned),
            chart: None,
            revision: None,
            automated: true,
            gate: None,
            merge: None,
            after: Vec::new(),
            waits: false,
            environment_hints: Vec::new(),
            span: Span::new(FileId(0), 0, 1),
        };
        let own = object(Some("https://git.example.com/acme/shop.git"), Some("deploy/prod"));
        let program = |all: Vec<Reconciler>| Program { repository: "shop".into(), reconcilers: all, ..Program::default() };
        let reads = |r: &Reconciler, all: Vec<Reconciler>| reads_here(r, &program(all), &sources);
        assert!(reads(&own, Vec::new()));
        assert!(!reads(&object(Some("https://git.example.com/acme/shop"), Some("deploy/gone")), Vec::new()), "no such folder");
        let other = object(Some("git@git.example.com:acme/monitoring.git"), Some("deploy/prod"));
        assert!(reads(&other, Vec::new()), "the checkout may be called otherwise");
        assert!(!reads(&other, vec![own.clone()]), "this one is called like its address");
        assert!(!reads(&object(Some("https://charts.example.com"), None), Vec::new()), "a registry of charts");
        assert!(reads(&object(Some("flux-system"), Some("deploy")), Vec::new()), "by the name of a source");
    }
}
