//! Runs: those that Pipelines-as-Code starts (<https://pipelinesascode.com/docs/guide/matchingevents/>), and those that a
//! person creates.

use super::{GROUPS, Tekton};
use crate::frontends::pipelines::containers::with_environment;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::objects::Object;
use crate::frontends::pipelines::runs::all;
use crate::frontends::pipelines::webhooks::{Asked, Trigger, branch, condition};
use crate::model::{Call, Expr, Item, Target, Test, Unit, UnitKind};

/// The annotations of Pipelines-as-Code.
const PREFIX: &str = "pipelinesascode.tekton.dev/";

/// When Pipelines-as-Code starts an object; `None`: it does not.
pub(super) fn filter(object: &Object) -> Option<Trigger> {
    if object.kind != "PipelineRun" {
        return None;
    }
    let annotations = object.data.at(&["metadata", "annotations"])?;
    let pair = |name: &str| annotations.pair(&format!("{PREFIX}{name}"));
    let texts = |name: &str| pair(name).and_then(|p| p.value.str()).map(list).unwrap_or_default();
    let mut out = Trigger { events: Vec::new(), when: Expr::always(), when_span: None, paths: Vec::new(), assumed: false };
    if let Some((pair, text)) = pair("on-cel-expression").and_then(|p| Some((p, p.value.str()?))) {
        out.when = condition(text);
        out.when_span = Some(pair.span);
        out.events = vec![(Asked::Push, pair.span), (Asked::Change, pair.span)];
    } else if let Some(on) = pair("on-event") {
        out.events = texts("on-event").iter().map(|e| (Asked::of(e), on.span)).collect();
        let targets = texts("on-target-branch");
        if !targets.is_empty() {
            let test = |t: &str| if t.contains(['*', '?']) { Test::Glob } else { Test::Equals };
            out.when = Expr::Or(targets.iter().map(|t| branch(test(t), t)).collect());
            out.when_span = pair("on-target-branch").map(|p| p.span);
        }
    }
    out.paths = texts("on-path-change");
    for name in ["on-comment", "on-label"] {
        if let Some(pair) = pair(name) {
            if name == "on-label" && !out.events.is_empty() {
                // The label is asked for beside the event.
                out.events.retain(|(asked, _)| *asked != Asked::Change);
            }
            out.events.push((Asked::Manual, pair.span));
        }
    }
    (!out.events.is_empty()).then_some(out)
}

/// The names of `[a, b]`.
fn list(text: &str) -> Vec<String> {
    let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
    inner.split(',').map(|t| t.trim().trim_matches(['"', '\'']).to_owned()).filter(|t| !t.is_empty()).collect()
}

impl Tekton<'_, '_> {
    /// Runs that Pipelines-as-Code starts.
    pub(super) fn runs(&mut self) {
        for object in self.objects.of("PipelineRun") {
            if let Some(trigger) = filter(object) {
                self.started_run(object, &trigger, Vec::new());
            }
        }
    }

    /// A pipeline for each run: one job that holds what is run.
    pub(super) fn started_run(&mut self, object: &Object, trigger: &Trigger, bind: Vec<(String, Expr)>) {
        let (starts, when) = trigger.starts(self.input.trunk);
        let Some(spec) = object.data.get("spec") else { return };
        let mut job = Unit::new(UnitKind::Job, object.name.clone(), spec.span);
        job.dir = Some(Expr::lit(""));
        job.when = all(vec![when]);
        job.when_span = trigger.when_span;
        job.body = self.run(object);
        job.functions = std::mem::take(&mut self.reader.functions);
        let job = self.reader.program.add(job);
        let mut unit = Unit::new(UnitKind::Pipeline, object.name.clone(), object.span);
        unit.dir = Some(Expr::lit(""));
        unit.bind = bind;
        unit.starts = starts;
        unit.paths.clone_from(&trigger.paths);
        unit.jobs = vec![job];
        self.reader.program.add(unit);
    }

    /// What a run runs.
    pub(super) fn run(&mut self, object: &Object) -> Vec<Item> {
        let Some(spec) = object.data.get("spec") else { return Vec::new() };
        let given = with_environment(self.given(spec));
        if object.kind == "TaskRun" {
            if let Some(reference) = spec.get("taskRef") {
                return self.task_ref(&at(spec, "taskRef"), reference, given, &object.path);
            }
            let Some(task) = spec.get("taskSpec") else { return Vec::new() };
            let mut items: Vec<Item> =
                self.params(task).into_iter().filter_map(|p| Some((p.name, p.default?))).map(assign).collect();
            items.extend(given.into_iter().map(assign));
            items.extend(self.steps(task, &object.path));
            return items;
        }
        if let Some(reference) = spec.get("pipelineRef") {
            return self.pipeline_ref(&at(spec, "pipelineRef"), reference, given, &object.path);
        }
        if let Some(pipeline) = spec.get("pipelineSpec") {
            let target = self.pipeline_of(&object.name, pipeline, object.span, &object.path);
            let text = format!("pipelineSpec: {}", object.name);
            let call = Call { target: Target::Unit(target), bind: given, isolated: false, span: pipeline.span, text };
            return vec![Item::Call(Box::new(call))];
        }
        Vec::new()
    }

    /// What nothing starts but a person: runs without a trigger, and pipelines that nothing refers to. Tasks that nothing
    /// uses are a library.
    pub(super) fn by_hand(&mut self) {
        for object in self.objects.all.iter().filter(|o| matches!(o.kind.as_str(), "PipelineRun" | "TaskRun")) {
            if filter(object).is_none() {
                let body = self.run(object);
                self.left_to_a_person(object, body);
            }
        }
        for object in self.objects.of("Pipeline") {
            let Some(target) = self.pipeline(object).filter(|id| !self.started.contains(id)) else { continue };
            let text = format!("pipeline {}", object.name);
            let call = Call { target: Target::Unit(target), bind: Vec::new(), isolated: true, span: object.span, text };
            self.left_to_a_person(object, vec![Item::Call(Box::new(call))]);
        }
    }

    fn left_to_a_person(&mut self, object: &Object, body: Vec<Item>) {
        let mut unit = Unit::new(UnitKind::Action, object.name.clone(), object.span);
        unit.dir = Some(Expr::lit(""));
        unit.body = body;
        unit.functions = std::mem::take(&mut self.reader.functions);
        unit.local_only = self.reader.catalogue.words().local_file(&object.path);
        self.reader.program.add(unit);
    }

    /// An object that stands inside another one (a template).
    pub(super) fn inner(&self, data: &Data, path: &str) -> Option<Object> {
        let file = self.input.sources.get(path)?;
        crate::frontends::pipelines::objects::object(data, file, GROUPS)
    }
}

fn assign((name, value): (String, Expr)) -> Item {
    Item::Assign { name, value }
}

/// A specification with the place of one of its keys: that of a call.
fn at(spec: &Data, key: &str) -> Data {
    let span = spec.pair(key).map_or(spec.span, |p| p.span);
    Data { item: span, ..spec.clone() }
}
