//! Kustomize (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>).

use super::objects::Read;
use super::{Claimed, Reader, Traits};
use crate::frontends::infra::{content, untagged};
use crate::model::{Bundle, OrphanKind, Program, Unit, UnitKind};
use crate::source::paths::join;
use crate::source::{FileId, SourceFile, SourceSet, Span};
use crate::syntax::yaml::{self, Node, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// What overlays make of the files that they take over.
#[derive(Default)]
pub(super) struct Changes {
    /// Files that only change others.
    pub(super) patches: BTreeSet<FileId>,
    /// Images by the names that files give them, and the names that overlays put in their place.
    pub(super) images: BTreeMap<FileId, Vec<(String, String)>>,
}

/// A folder with a kustomization.
struct Overlay<'s> {
    file: &'s SourceFile,
    /// Files and folders that it takes over as they are, from the root.
    resources: Vec<String>,
    /// What it takes from another repository: the place and what it is.
    remote: Vec<(Span, String)>,
    /// Names of images, and the names that it puts in their place.
    images: Vec<(String, String)>,
    /// The namespace that it puts everything in.
    namespace: Option<String>,
    /// Files that change what it takes over.
    patches: Vec<String>,
    /// It makes ConfigMaps or Secrets.
    generates: bool,
    /// It is a part for others (`kind: Component`).
    component: bool,
}

/// Read every overlay. What they list is claimed.
pub(super) fn read(
    sources: &SourceSet,
    manifests: &BTreeMap<FileId, Read>,
    reader: &Reader,
    claimed: &mut Claimed,
    program: &mut Program,
) -> Changes {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let files = sources.files().iter().filter(|f| names.contains(&f.name()) && !claimed.contains(&f.id));
    let overlays: BTreeMap<&str, Overlay> =
        files.filter(|f| !reader.is_fixture(&f.path)).map(|f| (f.dir(), overlay(f, &yaml::parse(f)))).collect();
    let id = |path: &String| sources.get(path).map(|f| f.id);
    let mut changes = Changes::default();
    let mut bases: BTreeSet<&str> = BTreeSet::new();
    for overlay in overlays.values() {
        claimed.insert(overlay.file.id);
        claimed.extend(overlay.resources.iter().filter_map(id));
        claimed.extend(overlay.patches.iter().filter_map(id));
        changes.patches.extend(overlay.patches.iter().filter_map(id));
        bases.extend(overlay.resources.iter().map(String::as_str).filter(|dir| *dir != overlay.file.dir()));
    }
    for (dir, overlay) in &overlays {
        let parts = parts(dir, &overlays);
        for file in parts.iter().filter_map(|path| sources.get(path)) {
            changes.images.entry(file.id).or_default().extend(overlay.images.iter().cloned());
        }
        let bundle = Bundle { parts, environment_literals: overlay.namespace.iter().cloned().collect() };
        program.bundles.insert((*dir).to_owned(), bundle);
        for (span, what) in &overlay.remote {
            program.unknowns.push((*span, format!("what `{what}` holds is not in this repository")));
        }
    }
    for (dir, overlay) in overlays.iter().filter(|(dir, o)| !bases.contains(**dir) && !o.component) {
        let name = if dir.is_empty() { "." } else { dir.rsplit('/').next().unwrap_or(".") };
        let traits = traits(dir, &overlays, sources, manifests);
        if !traits.is_none() {
            let unit = Unit::new(UnitKind::Overlay, name, content(overlay.file));
            reader.applicable(OrphanKind::Overlay, unit, dir, traits, program);
        }
    }
    changes
}

/// The files and folders that an overlay takes over, directly or through others, without its own.
fn parts(dir: &str, overlays: &BTreeMap<&str, Overlay>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for path in overlays.get(next.as_str()).into_iter().flat_map(|o| &o.resources) {
            if path != dir && out.insert(path.clone()) {
                open.push(path.clone());
            }
        }
    }
    out
}

/// What an overlay holds, with what it takes over from others.
fn traits(dir: &str, overlays: &BTreeMap<&str, Overlay>, sources: &SourceSet, manifests: &BTreeMap<FileId, Read>) -> Traits {
    let mut out = Traits::default();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open = vec![dir];
    while let Some(next) = open.pop() {
        let Some(overlay) = overlays.get(next).filter(|_| seen.insert(next)) else { continue };
        // What another repository holds is not known; a workload is likely.
        out.deploys |= !overlay.remote.is_empty();
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
    let mut out = Overlay {
        file,
        resources: Vec::new(),
        remote: Vec::new(),
        images: Vec::new(),
        namespace: None,
        patches: Vec::new(),
        generates: false,
        component: false,
    };
    let Some(root) = tree.root() else { return out };
    out.component = root.get_str("kind") == Some("Component");
    out.generates = root.get("configMapGenerator").is_some() || root.get("secretGenerator").is_some();
    out.namespace = root.get_str("namespace").map(ToOwned::to_owned);
    out.images = images(root);
    charts(root, &mut out);
    let texts = |key: &str| root.get(key).map(|n| n.texts()).unwrap_or_default();
    for key in ["resources", "bases", "components", "crds", "generators", "transformers"] {
        for item in root.get(key).map(|n| n.items()).unwrap_or_default() {
            let Some(resource) = item.scalar() else { continue };
            let remote = resource.contains("://") || resource.contains("?ref=") || resource.starts_with("git@");
            match join(file.dir(), resource) {
                Some(path) if !remote && !resource.starts_with("github.com/") => out.resources.push(path),
                _ => out.remote.push((item.own_span(), resource.to_owned())),
            }
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

/// The images that it gives another name.
fn images(root: Node) -> Vec<(String, String)> {
    let list = root.get("images").map(|n| n.items()).unwrap_or_default();
    let renamed = |image: &Node| Some((untagged(image.get_str("name")?)?, untagged(image.get_str("newName")?)?));
    list.iter().filter_map(renamed).collect()
}

/// The charts that it inflates: those of a folder of the repository, else remote ones.
fn charts(root: Node, out: &mut Overlay) {
    let home = root.at(&["helmGlobals", "chartHome"]).and_then(|n| n.scalar()).unwrap_or("charts");
    let lists = ["helmCharts", "helmChartInflationGenerator"].into_iter().filter_map(|key| root.get(key));
    for chart in lists.flat_map(|n| n.items()) {
        let name = chart.get_str("name").or_else(|| chart.get_str("chartName")).unwrap_or("");
        if chart.get("repo").is_some() || chart.get("chartRepoUrl").is_some() {
            out.remote.push((chart.item_span(), format!("chart {name}")));
        } else {
            out.resources.extend(join(out.file.dir(), &format!("{home}/{name}")));
        }
    }
}
