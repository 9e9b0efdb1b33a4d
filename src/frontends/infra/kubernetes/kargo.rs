//! Kargo: stages that promote what a warehouse found from one environment to the next
//! (<https://docs.kargo.io/user-guide/how-to-guides/working-with-stages/>).

use super::objects::{Object, Read};
use crate::frontends::infra::{literal_name, varying};
use crate::model::{Program, Reconciler, ReconcilerKind, glob};
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::yaml::Node;
use regex::RegexBuilder;
use std::collections::{BTreeMap, BTreeSet};

/// At most so many bytes a compiled pattern of names may take.
const MAX_PATTERN: usize = 1 << 16;

/// Whether an object is Kargo's.
pub(super) fn is_one(object: &Object) -> bool {
    object.api_version.starts_with("kargo.akuity.io/")
}

/// Note a stage that promotes; one without steps only leads the way.
pub(super) fn read(object: &Object, node: Node, file: &SourceFile, program: &mut Program) {
    if !is_one(object) || object.kind != "Stage" {
        return;
    }
    let Some(spec) = node.get("spec") else { return };
    let steps = steps(spec);
    if steps.is_empty() {
        return;
    }
    let uses = |name: &str| steps.iter().find(|s| s.get_str("uses") == Some(name)).copied();
    let freight = spec.get("requestedFreight").map(|n| n.items()).unwrap_or_default();
    let after = freight.iter().filter_map(|f| f.at(&["sources", "stages"])).flat_map(|n| n.texts()).map(str::to_owned);
    let merged = uses("git-merge-pr").is_some();
    let hints = [Some(object.name.clone()), object.namespace.clone()];
    program.reconcilers.push(Reconciler {
        automated: false,
        gate: Some(object.first_line(node, file)),
        merge: uses("git-open-pr").filter(|_| !merged).map(|s| s.item_span()),
        after: after.collect(),
        waits: spec.get("verification").is_some_and(|v| !v.is_null()),
        environment_hints: hints.into_iter().flatten().filter_map(|h| literal_name(&h)).collect(),
        ..object.reconciler(ReconcilerKind::KargoStage, object.name.clone())
    });
}

fn steps(spec: Node<'_>) -> Vec<Node<'_>> {
    spec.at(&["promotionTemplate", "spec", "steps"]).map(|n| n.items()).unwrap_or_default()
}

/// Decide which stages promote by themselves, and let the applications that they update go with them.
pub(super) fn promote(reconcilers: &mut [Reconciler], manifests: &BTreeMap<FileId, Read>) {
    let policies: Vec<Policy> = manifests
        .values()
        .flat_map(|read| read.objects.iter().map(move |o| (read, o)))
        .filter(|(_, o)| is_one(o) && matches!(o.kind.as_str(), "Project" | "ProjectConfig"))
        .filter_map(|(read, o)| read.node(o).at(&["spec", "promotionPolicies"]))
        .flat_map(|n| n.items())
        .filter_map(policy)
        .collect();
    for stage in reconcilers.iter_mut().filter(|r| r.kind == ReconcilerKind::KargoStage) {
        if let Some(policy) = policies.iter().find(|p| p.fits(&stage.name)) {
            stage.automated = policy.automatic;
            stage.gate = if policy.automatic { None } else { Some(policy.line) };
        }
    }
    let updated: BTreeMap<String, String> = manifests
        .values()
        .flat_map(|read| read.objects.iter().map(move |o| (read, o)))
        .filter(|(_, o)| is_one(o) && o.kind == "Stage")
        .flat_map(|(read, o)| applications(read.node(o)).into_iter().map(|name| (name, o.name.clone())))
        .collect();
    let stages: BTreeMap<String, Reconciler> =
        reconcilers.iter().filter(|r| r.kind == ReconcilerKind::KargoStage).map(|r| (r.name.clone(), r.clone())).collect();
    for one in reconcilers.iter_mut().filter(|r| r.kind == ReconcilerKind::ArgoApplication && !r.automated) {
        // A stage syncs it.
        let stage = updated.get(&one.name).and_then(|name| stages.get(name));
        if let Some(stage) = stage {
            one.automated = stage.automated;
            one.gate = stage.gate;
            one.merge = stage.merge;
            one.after.clone_from(&stage.after);
        }
    }
}

/// Names of the Argo CD Applications that a stage updates.
fn applications(stage: Node) -> BTreeSet<String> {
    let Some(spec) = stage.get("spec") else { return BTreeSet::new() };
    let name = stage.at(&["metadata", "name"]).map(|n| n.raw()).unwrap_or_default();
    let updates = steps(spec).into_iter().filter(|s| s.get_str("uses") == Some("argocd-update"));
    let apps = updates.filter_map(|s| s.at(&["config", "apps"])).flat_map(|n| n.items());
    let named = apps.filter_map(|a| a.get_str("name")).map(|text| varying(&text.replace("${{ ctx.stage }}", name)));
    named.filter_map(|n| literal_name(&n)).collect()
}

/// Which stages promote by themselves.
struct Policy {
    name: String,
    automatic: bool,
    line: Span,
}

fn policy(node: Node) -> Option<Policy> {
    let name = node.get_str("stage").or_else(|| node.at(&["stageSelector", "name"]).and_then(|n| n.scalar()))?;
    let enabled = node.entry("autoPromotionEnabled");
    let automatic = enabled.is_some_and(|e| e.value.boolean() == Some(true));
    Some(Policy { name: name.to_owned(), automatic, line: enabled.map_or_else(|| node.span(), |e| e.span()) })
}

impl Policy {
    fn fits(&self, stage: &str) -> bool {
        if let Some(pattern) = self.name.strip_prefix("glob:") {
            return glob(pattern, stage);
        }
        let regex = self.name.strip_prefix("regex:").or_else(|| self.name.strip_prefix("regexp:"));
        match regex {
            Some(pattern) => RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build().is_ok_and(|r| r.is_match(stage)),
            None => self.name == stage,
        }
    }
}
