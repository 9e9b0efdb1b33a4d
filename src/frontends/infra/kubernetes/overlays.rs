//! Kustomize (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>).

use super::objects::Read;
use super::{Claimed, Reader, Traits};
use crate::frontends::infra::content;
use crate::model::{OrphanKind, Program, Unit, UnitKind};
use crate::source::paths::join;
use crate::source::{FileId, SourceFile, SourceSet};
use crate::syntax::yaml::{self, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// A folder with a kustomization.
struct Overlay<'s> {
    file: &'s SourceFile,
    /// Files and folders that it takes over as they are, from the root.
    resources: Vec<String>,
    /// It takes something from another repository.
    remote: bool,
    /// Files that change what it takes over.
    patches: Vec<String>,
    /// It makes ConfigMaps or Secrets.
    generates: bool,
    /// It is a part for others (`kind: Component`).
    component: bool,
}

/// Read every overlay. What they list is claimed; the patches among it are returned.
pub(super) fn read(
    sources: &SourceSet,
    manifests: &BTreeMap<FileId, Read>,
    reader: &Reader,
    claimed: &mut Claimed,
    program: &mut Program,
) -> BTreeSet<FileId> {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let files = sources.files().iter().filter(|f| names.contains(&f.name()) && !claimed.contains(&f.id));
    let overlays: BTreeMap<&str, Overlay> =
        files.filter(|f| !reader.is_fixture(&f.path)).map(|f| (f.dir(), overlay(f, &yaml::parse(f)))).collect();
    let id = |path: &String| sources.get(path).map(|f| f.id);
    let mut patches = BTreeSet::new();
    let mut bases: BTreeSet<&str> = BTreeSet::new();
    for overlay in overlays.values() {
        claimed.insert(overlay.file.id);
        claimed.extend(overlay.resources.iter().filter_map(id));
        claimed.extend(overlay.patches.iter().filter_map(id));
        patches.extend(overlay.patches.iter().filter_map(id));
        bases.extend(overlay.resources.iter().map(String::as_str).filter(|dir| *dir != overlay.file.dir()));
    }
    for (dir, overlay) in overlays.iter().filter(|(dir, o)| !bases.contains(**dir) && !o.component) {
        let name = if dir.is_empty() { "." } else { dir.rsplit('/').next().unwrap_or(".") };
        let traits = traits(dir, &overlays, sources, manifests);
        if !traits.is_none() {
            let unit = Unit::new(UnitKind::Overlay, name, content(overlay.file));
            reader.applicable(OrphanKind::Overlay, unit, dir, traits, program);
        }
    }
    patches
}

/// What an overlay holds, with what it takes over from others.
fn traits(dir: &str, overlays: &BTreeMap<&str, Overlay>, sources: &SourceSet, manifests: &BTreeMap<FileId, Read>) -> Traits {
    let mut out = Traits::default();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open = vec![dir];
    while let Some(next) = open.pop() {
        let Some(overlay) = overlays.get(next).filter(|_| seen.insert(next)) else { continue };
        // What another repository holds is not known; a workload is likely.
        out.deploys |= overlay.remote;
        out.configures |= overlay.generates;
        for path in &overlay.resources {
            match sources.get(path).and_then(|f| manifests.get(&f.id)) {
                Some(read) => out.add(read.traits),
                None => open.push(path),
            }
        }
    }
    out
}

fn overlay<'s>(file: &'s SourceFile, tree: &Tree) -> Overlay<'s> {
    let mut out = Overlay { file, resources: Vec::new(), remote: false, patches: Vec::new(), generates: false, component: false };
    let Some(root) = tree.root() else { return out };
    out.component = root.get_str("kind") == Some("Component");
    out.generates = root.get("configMapGenerator").is_some() || root.get("secretGenerator").is_some();
    out.remote = root.get("helmCharts").is_some();
    let texts = |key: &str| root.get(key).map(|n| n.texts()).unwrap_or_default();
    for resource in ["resources", "bases", "components", "crds", "generators", "transformers"].into_iter().flat_map(texts) {
        let remote = resource.contains("://") || resource.contains("?ref=") || resource.starts_with("git@");
        match join(file.dir(), resource) {
            Some(path) if !remote && !resource.starts_with("github.com/") => out.resources.push(path),
            _ => out.remote = true,
        }
    }
    let mut changes: Vec<&str> = texts("patchesStrategicMerge");
    for key in ["patches", "patchesJson6902", "replacements"] {
        let list = root.get(key).map(|n| n.items()).unwrap_or_default();
        changes.extend(list.iter().filter_map(|p| p.get_str("path")));
    }
    out.patches = changes.into_iter().filter(|p| !p.contains('\n')).filter_map(|p| join(file.dir(), p)).collect();
    out
}
