//! Objects that make a controller apply a part of a repository: Argo CD (<https://argo-cd.readthedocs.io/>) and
//! Flux (<https://fluxcd.io/flux/components/>).

use super::generators::{self, Values};
use super::objects::{Object, Read};
use crate::frontends::infra::{literal_name, varying};
use crate::model::{HOLE, Program, Reconciler, ReconcilerKind};
use crate::source::paths::{is_under, join};
use crate::source::{FileId, SourceFile, SourceSet, Span};
use crate::syntax::yaml::Node;
use std::collections::BTreeMap;

/// What an object is, where it is a reconciler.
fn kind(object: &Object) -> Option<ReconcilerKind> {
    Some(match (object.group(), object.kind.as_str()) {
        ("argoproj.io", "Application") => ReconcilerKind::ArgoApplication,
        ("argoproj.io", "ApplicationSet") => ReconcilerKind::ArgoApplicationSet,
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => ReconcilerKind::FluxKustomization,
        ("helm.toolkit.fluxcd.io", "HelmRelease") => ReconcilerKind::FluxHelmRelease,
        ("image.toolkit.fluxcd.io", "ImageUpdateAutomation") => ReconcilerKind::FluxImageUpdate,
        _ => return None,
    })
}

/// Whether an object belongs to a controller: a reconciler, or what it reads (sources, projects, policies of images, analyses).
pub(super) fn is_one(object: &Object) -> bool {
    let group = object.group();
    let argo = matches!(
        object.kind.as_str(),
        "AppProject" | "AnalysisTemplate" | "ClusterAnalysisTemplate" | "AnalysisRun" | "Experiment"
    );
    kind(object).is_some()
        || group.ends_with(".fluxcd.io")
        || group == "flagger.app"
        || group == "fluxcd.controlplane.io"
        || super::kargo::is_one(object)
        || (group == "argoproj.io" && argo)
}

/// Note an object that is a reconciler.
pub(super) fn read(object: &Object, node: Node, file: &SourceFile, sources: &SourceSet, program: &mut Program) {
    super::rollouts::read(object, node, file, program);
    super::kargo::read(object, node, file, program);
    let Some(kind) = kind(object) else { return };
    let site = Site { object, kind, node, head: object.first_line(node, file) };
    match kind {
        ReconcilerKind::ArgoApplication => program.reconcilers.extend(site.application(node, &|text| varying(text))),
        ReconcilerKind::ArgoApplicationSet => site.set(sources, program),
        _ => program.reconcilers.push(site.flux()),
    }
}

/// Replace the names of Flux sources by the addresses that these have, where the repository declares them.
pub(super) fn name_sources(reconcilers: &mut [Reconciler], manifests: &BTreeMap<FileId, Read>) {
    let mut addresses: BTreeMap<&str, &str> = BTreeMap::new();
    for read in manifests.values() {
        for object in read.objects.iter().filter(|o| o.api_version.starts_with("source.toolkit.fluxcd.io/")) {
            if let Some(url) = read.node(object).at(&["spec", "url"]).and_then(|n| n.scalar()) {
                addresses.insert(&object.name, url);
            }
        }
    }
    for one in reconcilers {
        if let Some(url) = one.source.as_deref().and_then(|name| addresses.get(name)) {
            one.source = Some((*url).to_owned());
        }
    }
}

/// Folders of artifacts that are put together from folders of the repository, by the artifact's name and the folder of the
/// file that says it (<https://github.com/fluxcd/source-watcher>).
pub(super) fn name_folders(reconcilers: &mut [Reconciler], manifests: &BTreeMap<FileId, Read>, sources: &SourceSet) {
    let mut copies: Vec<(&str, String, String, String)> = Vec::new();
    for read in manifests.values() {
        for object in read.objects.iter().filter(|o| o.kind == "ArtifactGenerator") {
            let artifacts = read.node(object).at(&["spec", "artifacts"]).map(|n| n.items()).unwrap_or_default();
            for artifact in artifacts {
                let name = artifact.get_str("name").unwrap_or("").to_owned();
                for copy in artifact.get("copy").map(|n| n.items()).unwrap_or_default() {
                    let of = |key: &str| {
                        let text = copy.get_str(key).unwrap_or("");
                        text.split_once('/').map_or("", |(_, rest)| rest).trim_end_matches("**").trim_matches('/').to_owned()
                    };
                    copies.push((sources.file(read.file).dir(), name.clone(), of("from"), of("to")));
                }
            }
        }
    }
    for one in reconcilers {
        let dir = sources.file(one.span.file).dir();
        let (Some(name), Some(path)) = (one.source.as_deref(), one.path.as_deref()) else { continue };
        let fits = copies.iter().filter(|(_, n, _, to)| n == name && (to.is_empty() || is_under(path, to)));
        let best = fits.max_by_key(|(home, _, _, to)| (*home == dir, to.len()));
        if let Some((_, _, from, to)) = best {
            let rest = path[to.len()..].trim_start_matches('/');
            one.path = join(from, rest);
        }
    }
}

/// An object under translation.
struct Site<'t> {
    object: &'t Object,
    kind: ReconcilerKind,
    node: Node<'t>,
    /// Its first line.
    head: Span,
}

impl Site<'_> {
    /// An Application, or the template of an ApplicationSet; `text` puts in what a generator gives.
    fn application(&self, node: Node, text: &dyn Fn(&str) -> String) -> Option<Reconciler> {
        let spec = node.get("spec")?;
        let mut out =
            self.object.reconciler(self.kind, node.at(&["metadata", "name"]).map(|n| text(n.raw())).unwrap_or_default());
        let several = spec.get("sources").map(|n| n.items()).unwrap_or_default();
        let source =
            spec.get("source").or_else(|| several.iter().copied().find(|s| s.get("path").is_some())).or(several.first().copied());
        let of = |key: &str| source.and_then(|s| s.get_str(key)).map(text);
        out.path = of("path").and_then(|p| join("", &p));
        out.source = of("repoURL");
        out.chart = of("chart");
        out.revision = of("targetRevision");
        let automated = spec.at(&["syncPolicy", "automated"]).filter(|n| !n.is_null());
        let enabled = automated.and_then(|n| n.get("enabled"));
        out.automated = automated.is_some() && enabled.is_none_or(|n| n.boolean() != Some(false));
        if !out.automated {
            let line = enabled.map(|n| n.own_span()).or_else(|| spec.key_span("syncPolicy"));
            out.gate = Some(line.unwrap_or(self.head));
        }
        let target = |key: &str| spec.at(&["destination", key]).and_then(|n| n.scalar()).map(text);
        let hints = [target("namespace"), target("name"), out.path.clone(), Some(out.name.clone())];
        out.environment_hints = hints.into_iter().flatten().filter_map(|h| literal_name(&h)).collect();
        Some(out)
    }

    /// An ApplicationSet: one Application an element that its generators give, else one with holes.
    fn set(&self, sources: &SourceSet, program: &mut Program) {
        let Some(template) = self.node.at(&["spec", "template"]) else { return };
        let generated = generators::elements(self.node, sources);
        let by_hand = self.by_hand();
        let mut add = |text: &dyn Fn(&str) -> String| {
            let mut one = self.application(template, text);
            if let Some(one) = &mut one {
                if let Some(gate) = by_hand {
                    one.automated = false;
                    one.gate = Some(gate);
                }
                if generated.of_changes {
                    // One for each open change: it is looked at before it is merged (model ruling 16).
                    one.environment_hints.insert(0, "preview".to_owned());
                }
            }
            program.reconcilers.extend(one);
        };
        if generated.elements.is_empty() {
            add(&|text| varying(text));
        }
        for element in &generated.elements {
            add(&|text| varying(&fill(text, element)));
        }
    }

    /// A step of a rolling sync that updates nothing until a person syncs.
    fn by_hand(&self) -> Option<Span> {
        let strategy = self.node.at(&["spec", "strategy"])?;
        let steps = strategy.at(&["rollingSync", "steps"])?.items();
        steps.iter().find_map(|s| s.entry("maxUpdate").filter(|e| e.value.raw().trim_end_matches('%') == "0")).map(|e| e.span())
    }

    /// A Flux object: it works by itself unless it is suspended.
    fn flux(&self) -> Reconciler {
        let mut out = self.object.reconciler(self.kind, self.object.name.clone());
        let Some(spec) = self.node.get("spec") else { return out };
        let text = |path: &[&str]| spec.at(path).and_then(|n| n.scalar()).map(varying);
        out.automated = spec.get("suspend").and_then(|n| n.boolean()) != Some(true);
        out.gate = if out.automated { None } else { spec.entry_span("suspend") };
        let yes = |path: &[&str]| spec.at(path).and_then(|n| n.boolean()) == Some(true);
        out.waits = yes(&["wait"]) || yes(&["test", "enable"]);
        let (from, to) = (text(&["git", "checkout", "ref", "branch"]), text(&["git", "push", "branch"]));
        if from.is_some() && to.is_some() && from != to {
            // It pushes to a branch of its own: a person merges that.
            out.merge = spec.at(&["git", "push"]).and_then(|n| n.entry_span("branch"));
        }
        out.path = text(&["path"]).or_else(|| text(&["update", "path"])).and_then(|p| join("", &p));
        out.source = text(&["sourceRef", "name"]).or_else(|| text(&["chart", "spec", "sourceRef", "name"]));
        out.chart = text(&["chart", "spec", "chart"]).or_else(|| text(&["chartRef", "name"]));
        out.revision = text(&["git", "push", "branch"]).or_else(|| text(&["git", "checkout", "ref", "branch"]));
        if let Some(local) = out.chart.as_deref().filter(|c| c.starts_with("./") || c.starts_with("../")) {
            out.path = join("", local.trim_start_matches("../"));
        }
        let hints = [text(&["targetNamespace"]), out.path.clone(), Some(out.name.clone()), self.object.namespace.clone()];
        out.environment_hints =
            hints.into_iter().flatten().filter_map(|h| literal_name(&h)).filter(|h| !h.contains(HOLE)).collect();
        out
    }
}

/// A template with the values of one element put in, in both of Argo CD's notations.
fn fill(text: &str, values: &Values) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let Some(end) = rest[at..].find("}}") else { break };
        let name = rest[at + 2..at + end].trim().trim_matches('-').trim().trim_start_matches('.');
        out.push_str(&rest[..at]);
        match values.iter().find(|(key, _)| key == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[at..at + end + 2]),
        }
        rest = &rest[at + end + 2..];
    }
    out.push_str(rest);
    out
}
