//! Calls of the OpenShift client plugin (<https://github.com/openshift/jenkins-client-plugin>), whose objects are named by the
//! calls that give them: `openshift.selector('dc', 'x').rollout().status()`.

use super::{Translator, VENDOR};
use crate::frontends::pipelines::reader::wrap;
use crate::model::{Expr as Neutral, Item, Scope, Wrapper};
use crate::source::Span;
use crate::syntax::groovy::{Call, Closure, Expr, ExprKind};
use std::collections::BTreeMap;

/// Most calls that are chained to one another.
const MAX_CHAIN: usize = 30;

/// The name of a call with those of the calls and objects that it is chained to.
pub(super) fn chain_of(call: &Call) -> Option<String> {
    let Some(receiver) = &call.receiver else { return Some(call.name.clone()) };
    name_of(receiver, 0).map(|of| format!("{of}.{}", call.name))
}

fn name_of(e: &Expr, depth: usize) -> Option<String> {
    if depth > MAX_CHAIN {
        return None;
    }
    if let Some(path) = e.path() {
        return Some(path);
    }
    let (of, name) = match &e.kind {
        ExprKind::Call(call) => (call.receiver.as_deref(), &call.name),
        ExprKind::Property { of, name } => (Some(&**of), name),
        ExprKind::Index { of, .. } => return name_of(of, depth + 1),
        _ => return None,
    };
    match of {
        Some(of) => name_of(of, depth + 1).map(|of| format!("{of}.{name}")),
        None => Some(name.clone()),
    }
}

impl<'m> Translator<'m> {
    /// A call on a cluster that is a step in a way of its own.
    pub(super) fn of_cluster(&mut self, name: &str, call: &'m Call, out: &mut Vec<Item>) -> bool {
        match name {
            "openshift.exec" | "openshift.rsh" => self.in_pod(call, out),
            "openshift.raw" => {
                let more = self.of_client(call);
                self.built_in(name, call, more, false, out);
            }
            _ if name.contains(".rollout.") && self.is_known(name) => {
                let more = workload(call).map(|e| ("workload".to_owned(), self.value(e))).into_iter().collect();
                self.built_in(name, call, more, false, out);
            }
            _ => return false,
        }
        true
    }

    /// `openshift.exec(pod, '--', "bash -c '…'")`: what runs in the pod is the step, which stands where the call does.
    fn in_pod(&mut self, call: &'m Call, out: &mut Vec<Item>) {
        let words: Vec<&'m Expr> = call.positional().collect();
        let begins = words.iter().position(|e| e.plain() == Some("--")).map_or_else(
            || 1 + words.iter().skip(1).take_while(|e| e.plain().is_some_and(|t| t.starts_with('-'))).count(),
            |at| at + 1,
        );
        let Some(command) = words.get(begins..).filter(|c| !c.is_empty()) else { return };
        let mut items = self.command_line(command);
        let pod = words.first().map_or_else(|| Neutral::Unknown("not named".to_owned()), |e| self.value(e));
        wrap(&mut items, &Wrapper::Pod(pod));
        stand_at(&mut items, call.head);
        out.extend(items);
    }

    /// `openshift.raw('wait', '--for=…')`: the arguments of the command-line client, where it knows them.
    fn of_client(&mut self, call: &'m Call) -> Vec<(String, Neutral)> {
        let mut parts = Vec::new();
        for e in call.positional() {
            if !parts.is_empty() {
                parts.push(Neutral::lit(" "));
            }
            parts.push(self.value(e));
        }
        let line = super::expression::bounded(Neutral::concat(parts));
        let mut inputs = BTreeMap::new();
        inputs.insert("command".to_owned(), line.eval(&Scope::default()));
        let known = self.catalogue.built_in_command(VENDOR, "openshift.raw", &inputs).is_some();
        known.then(|| ("command".to_owned(), line)).into_iter().collect()
    }

    /// `pods.untilEach(2) { … }`: the closure is what is waited for. A build that is waited for is still the build's own step.
    pub(super) fn waits_for(&mut self, name: &str, call: &'m Call, closure: &'m Closure, out: &mut Vec<Item>) {
        let condition = self.written(closure.span);
        if condition.contains("Complete") || !self.is_known(name) {
            return;
        }
        let more = workload(call).map(|e| ("workload".to_owned(), self.value(e))).into_iter().collect();
        let at = out.len();
        self.built_in(name, call, more, false, out);
        if let Some(Item::BuiltIn(step)) = out.get_mut(at) {
            step.span = call.head.to(closure.span);
        }
    }
}

/// What the selector at the start of a chain names.
fn workload(call: &Call) -> Option<&Expr> {
    let mut at = call;
    for _ in 0..MAX_CHAIN {
        if at.name == "selector" {
            return at.positional().nth(1).filter(|e| !matches!(e.kind, ExprKind::Map(_)));
        }
        at = at.receiver.as_deref()?.call()?;
    }
    None
}

/// Put commands where the step stands that runs them.
fn stand_at(items: &mut [Item], span: Span) {
    for item in items {
        match item {
            Item::Command(command) => command.span = span,
            Item::Block(block) => {
                block.span = span;
                stand_at(&mut block.items, span);
            }
            _ => {}
        }
    }
}
