//! Workflows: by a schedule (<https://argo-workflows.readthedocs.io/en/latest/cron-workflows/>), by a call of the server
//! (<https://argo-workflows.readthedocs.io/en/latest/events/>), by hand.

use super::{Argo, Holder};
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::objects::Object;
use crate::frontends::pipelines::runs::Refs;
use crate::frontends::pipelines::webhooks::Trigger;
use crate::model::{Call, Event, Expr, Item, Need, Start, Status, Target, Unit, UnitId, UnitKind};
use crate::source::Span;

impl Argo<'_, '_> {
    /// The unit of a workflow: its entry, and what runs at its end. `given` are the values with which it is submitted.
    pub(super) fn workflow(&mut self, name: &str, own: &Holder, span: Span, given: Vec<(String, Expr)>) -> UnitId {
        let mut holder = own.clone();
        let mut arguments = Vec::new();
        let mut missing = None;
        if let Some(reference) = own.spec.get("workflowTemplateRef") {
            let wanted = reference.get_str("name").unwrap_or("");
            match self.objects.find(&["WorkflowTemplate", "ClusterWorkflowTemplate"], wanted, &own.path) {
                Some(object) => {
                    self.used.insert(object.span);
                    if let Some(other) = Holder::of(object) {
                        arguments = self.given(other.spec.get("arguments"));
                        holder = other;
                    }
                }
                None => missing = Some(wanted.to_owned()),
            }
        }
        for (name, value) in self.given(own.spec.get("arguments")).into_iter().chain(given) {
            arguments.retain(|(n, _)| *n != name);
            arguments.push((name, value));
        }
        let mut unit = Unit::new(UnitKind::Pipeline, name, span);
        unit.dir = Some(Expr::lit(""));
        let of_workflow = |n: &str| n.replacen("input.", "workflow.", 1);
        unit.bind = arguments.iter().map(|(n, e)| (of_workflow(n), e.clone())).collect();
        let entry = own.spec.get("entrypoint").or_else(|| holder.spec.get("entrypoint"));
        let mut job = Unit::new(UnitKind::Job, entry.and_then(Data::str).unwrap_or(name), entry.map_or(span, |e| e.span));
        job.dir = Some(Expr::lit(""));
        if let Some(missing) = missing {
            let at = own.spec.pair("workflowTemplateRef").map_or(span, |p| p.span);
            job.body = vec![self.elsewhere(&format!("template/{missing}"), at)];
        } else if let Some(target) = entry.and_then(Data::str).and_then(|e| self.template(&holder, e)) {
            let given = arguments.iter().map(|(n, _)| (n.clone(), Expr::Var(of_workflow(n)))).collect();
            job.body = vec![self.call_of(target, given, job.span, &job.name)];
        }
        let first = job.name.clone();
        unit.jobs.push(self.reader.program.add(job));
        if let Some(exit) = own.spec.get("onExit").or_else(|| holder.spec.get("onExit"))
            && let Some(target) = exit.str().and_then(|e| self.template(&holder, e))
        {
            let mut job = Unit::new(UnitKind::Job, "onExit", exit.span);
            job.dir = Some(Expr::lit(""));
            job.when = Expr::Status(Status::Always);
            job.needs = vec![Need::earlier(first)];
            job.body = vec![self.call_of(target, Vec::new(), exit.span, "onExit")];
            unit.jobs.push(self.reader.program.add(job));
        }
        self.reader.program.add(unit)
    }

    /// Workflows that a schedule starts.
    pub(super) fn scheduled(&mut self) {
        let refs = Refs::new(self.input.trunk, &[], &[]);
        for object in self.objects.of("CronWorkflow") {
            let Some(spec) = object.data.get("spec") else { continue };
            let Some(workflow) = spec.get("workflowSpec") else { continue };
            let holder = Holder { spec: workflow.clone(), path: object.path.clone() };
            let id = self.workflow(&object.name, &holder, object.span, Vec::new());
            let schedule = spec.pair("schedules").or_else(|| spec.pair("schedule"));
            let unit = self.reader.program.unit_mut(id);
            unit.starts = vec![refs.on_trunk(Event::Schedule, schedule.map_or(object.span, |p| p.span))];
            if spec.get("suspend").and_then(Data::boolean) == Some(true) {
                unit.disabled = Some("suspend: true".to_owned());
            }
        }
    }

    /// Templates that a call of the server submits.
    pub(super) fn bindings(&mut self) {
        let refs = Refs::new(self.input.trunk, &[], &[]);
        for object in self.objects.of("WorkflowEventBinding") {
            let Some(submit) = object.data.at(&["spec", "submit"]) else { continue };
            let holder = Holder { spec: submit.clone(), path: object.path.clone() };
            let given =
                self.given(submit.get("arguments")).into_iter().map(|(n, _)| (n, Expr::Unknown("of the event".to_owned())));
            let id = self.workflow(&object.name, &holder, object.span, given.collect());
            let span = object.data.at(&["spec", "event"]).map_or(object.span, |e| e.span);
            self.reader.program.unit_mut(id).starts = vec![refs.on_trunk(Event::Api, span)];
        }
    }

    /// A workflow that a trigger creates or submits.
    pub(super) fn triggered(&mut self, object: &Object, trigger: &Trigger, given: Vec<(String, Expr)>) {
        let Some(holder) = Holder::of(object) else { return };
        let (starts, when): (Vec<Start>, Expr) = trigger.starts(self.input.trunk);
        let target = if matches!(object.kind.as_str(), "WorkflowTemplate" | "ClusterWorkflowTemplate" | "Workflow") {
            self.used.insert(object.span);
            self.workflow(&object.name, &holder, object.span, given)
        } else {
            return;
        };
        if when.is_always() {
            self.reader.program.unit_mut(target).starts = starts;
            return;
        }
        let mut job = Unit::new(UnitKind::Job, object.name.clone(), object.span);
        job.when = when;
        job.when_span = trigger.when_span;
        let call = Call {
            target: Target::Unit(target),
            bind: Vec::new(),
            isolated: true,
            span: object.span,
            text: format!("workflow: {}", object.name),
        };
        job.body = vec![Item::Call(Box::new(call))];
        let job = self.reader.program.add(job);
        let mut unit = Unit::new(UnitKind::Pipeline, object.name.clone(), object.span);
        unit.dir = Some(Expr::lit(""));
        unit.starts = starts;
        unit.jobs = vec![job];
        self.reader.program.add(unit);
    }

    /// What nothing starts but a person: workflows, and templates with an entry that nothing uses. Templates without one are
    /// a library.
    pub(super) fn by_hand(&mut self) {
        let mut left = Vec::new();
        for kind in ["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"] {
            for object in self.objects.of(kind) {
                let holder = Holder::of(object).filter(|h| kind == "Workflow" || h.spec.get_str("entrypoint").is_some());
                if let Some(holder) = holder {
                    left.push((object, holder));
                }
            }
        }
        for (object, holder) in left {
            if object.kind != "Workflow" && self.used.contains(&object.span) {
                continue;
            }
            let target = self.workflow(&object.name, &holder, object.span, Vec::new());
            let mut unit = Unit::new(UnitKind::Action, object.name.clone(), object.span);
            unit.dir = Some(Expr::lit(""));
            unit.local_only = self.reader.catalogue.words().local_file(&object.path);
            let text = format!("workflow {}", object.name);
            let call = Call { target: Target::Unit(target), bind: Vec::new(), isolated: true, span: object.span, text };
            unit.body = vec![Item::Call(Box::new(call))];
            self.reader.program.add(unit);
        }
    }
}
