//! Releases step by step: Argo Rollouts (<https://argo-rollouts.readthedocs.io/en/stable/features/specification/>) and
//! Flagger (<https://docs.flagger.app/usage/webhooks>). What is of interest here is where a person must act.

use super::objects::Object;
use crate::frontends::infra::{literal_name, varying};
use crate::model::{Hold, Program, ReconcilerKind};
use crate::source::{SourceFile, Span};
use crate::syntax::yaml::Node;

/// Note where a release waits for a person; a Flagger Canary is a reconciler as well.
pub(super) fn read(object: &Object, node: Node, file: &SourceFile, program: &mut Program) {
    let Some(spec) = node.get("spec") else { return };
    match (object.group(), object.kind.as_str()) {
        ("argoproj.io", "Rollout") => {
            let gates = pauses(spec).into_iter().chain(promotion(spec));
            program.holds.extend(gates.map(|gate| hold(&object.name, gate, object, file)));
        }
        ("flagger.app", "Canary") => {
            let target = spec.at(&["targetRef", "name"]).map_or_else(|| object.name.clone(), |n| varying(n.raw()));
            program.holds.extend(confirmations(spec).into_iter().map(|gate| hold(&target, gate, object, file)));
            let mut canary = object.reconciler(ReconcilerKind::FlaggerCanary, target);
            canary.environment_hints = object.namespace.iter().filter_map(|h| literal_name(h)).collect();
            program.reconcilers.push(canary);
        }
        _ => {}
    }
}

fn hold(workload: &str, gate: Span, object: &Object, file: &SourceFile) -> Hold {
    let hints = [object.namespace.clone(), Some(file.path.clone())];
    Hold {
        workload: workload.to_owned(),
        gate,
        environment_hints: hints.into_iter().flatten().filter_map(|h| literal_name(&h)).collect(),
    }
}

/// Pauses of a canary that do not end by themselves.
fn pauses(spec: Node) -> Vec<Span> {
    let steps = spec.at(&["strategy", "canary", "steps"]).map(|n| n.items()).unwrap_or_default();
    let open = |step: &Node| {
        let pause = step.entry("pause")?;
        let timed = pause.value.get("duration").is_some_and(|d| !d.is_null());
        (!timed).then(|| pause.span())
    };
    steps.iter().filter_map(open).collect()
}

/// A switch between blue and green that a person makes.
fn promotion(spec: Node) -> Option<Span> {
    let strategy = spec.at(&["strategy", "blueGreen"])?;
    let enabled = strategy.entry("autoPromotionEnabled")?;
    let timed = strategy.get("autoPromotionSeconds").is_some_and(|s| !s.is_null() && s.raw() != "0");
    (enabled.value.boolean() == Some(false) && !timed).then(|| enabled.span())
}

/// Webhooks that ask before a canary starts, goes on or is promoted.
fn confirmations(spec: Node) -> Vec<Span> {
    let lists = [&["analysis", "webhooks"][..], &["canaryAnalysis", "webhooks"]].into_iter().filter_map(|path| spec.at(path));
    let asks = |webhook: Node| {
        let kind = webhook.entry("type")?;
        kind.value.raw().starts_with("confirm-").then(|| kind.span())
    };
    lists.flat_map(|n| n.items()).filter_map(asks).collect()
}
