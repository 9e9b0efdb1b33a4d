//! Jobs and deployments: <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/jobs-job>,
//! <https://learn.microsoft.com/azure/devops/pipelines/process/deployment-jobs>.

use super::VENDOR;
use super::build::Build;
use super::expand::{Entry, entries};
use super::shared::variable;
use super::steps::Surroundings;
use super::templates::Reference;
use crate::frontends::pipelines::data::Data;
use crate::model::{Block, BlockKind, Call, Expr, Item, Need, Target, Unit, UnitId, UnitKind};
use std::collections::BTreeMap;

/// The hooks of a strategy, in the order in which they run.
const HOOKS: &[&str] = &["preDeploy", "deploy", "routeTraffic", "postRouteTraffic"];
/// Deepest nesting in which a template's parameters are looked through for parts of a pipeline.
const MAX_PARTS: usize = 4;

/// Keys whose value names a job.
pub(super) const JOBS: &[&str] = &["job", "deployment", "phase"];
const STEPS: &[&str] = &["script", "bash", "pwsh", "powershell", "task", "checkout", "publish", "download", "upload"];

impl Build<'_, '_> {
    /// The jobs of a stage.
    pub(super) fn jobs(&mut self, list: &Data, around: &Surroundings) -> Vec<UnitId> {
        let mut out = Vec::new();
        for (index, entry) in entries(list, self.shared).iter().enumerate() {
            if !entry.data.is_map() {
                self.warn(entry.data.span, "a job must be a mapping");
            } else if self.one_more(entry.data.span) {
                if entry.data.get_str("template").is_some() {
                    let mut unit = self.reached(entry, Unit::new(UnitKind::Job, self.name_of(&entry.data), entry.data.item));
                    unit.dir = Some(Expr::lit(""));
                    unit.body = vec![self.external(&entry.data)];
                    unit.needs = entry.data.get("dependsOn").map(|d| self.depends_on(d)).unwrap_or_default();
                    out.push(self.reader.program.add(unit));
                    out.extend(self.given_jobs(&entry.data, around));
                } else {
                    out.push(self.job(entry, index, around));
                }
            }
        }
        out
    }

    /// A job.
    pub(super) fn job(&mut self, entry: &Entry, index: usize, around: &Surroundings) -> UnitId {
        let data = &entry.data;
        let name = JOBS.iter().find_map(|k| data.get_str(k)).map(|n| self.shared.name(n)).filter(|n| !n.is_empty());
        let name = name.unwrap_or_else(|| if index == 0 { "Job".to_owned() } else { format!("Job{}", index + 1) });
        let mut unit = if JOBS.iter().any(|k| data.pair(k).is_some()) {
            self.reached(entry, Unit::new(UnitKind::Job, name, data.item))
        } else {
            // The one job of a stage or pipeline that only has steps.
            Unit::new(UnitKind::Job, name, data.item)
        };
        unit.dir = Some(Expr::lit(""));
        unit.needs = data.get("dependsOn").map(|d| self.depends_on(d)).unwrap_or_default();
        unit.matrix = self.matrix(data);
        let mut around = around.within(data);
        around.choose_system(&unit.matrix, self.shared);
        if let Some(system) = around.system_name() {
            unit.bind.push((variable("Agent.OS"), Expr::lit(system)));
        }
        unit.bind.extend(self.variables(data.get("variables")));
        unit.environment = data.get("environment").and_then(|e| self.environment(e));
        unit.continue_on_error = self.switch(data.get("continueOnError")).is_some_and(|e| e.is_always());
        unit.local_services = data.get("services").is_some_and(|s| !s.pairs().is_empty());
        unit.body = match data.get("strategy").and_then(strategy) {
            Some(strategy) => self.hooks(strategy, &around),
            None => data.get("steps").map(|s| self.steps(s, &around)).unwrap_or_default(),
        };
        unit.functions = std::mem::take(&mut self.reader.functions);
        self.reader.program.add(unit)
    }

    /// `name`, `name.resource`, or a mapping; the resource is no part of the environment.
    fn environment(&mut self, data: &Data) -> Option<Expr> {
        let name = if data.is_map() { data.get("name")? } else { data };
        let text = name.str()?.trim();
        let named = match text.split_once('.') {
            Some((head, _)) if !data.is_map() && !head.contains(['$', '{']) => head,
            _ => text,
        };
        let expr = self.reader.expr(named);
        self.shared.decides(&expr);
        Some(expr)
    }

    /// The combinations of a matrix: each leg is a set of variables.
    fn matrix(&mut self, data: &Data) -> Vec<Vec<(String, Expr)>> {
        let Some(legs) = ["strategy", "queue", "server"].iter().find_map(|key| data.at(&[key, "matrix"])) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for leg in legs.pairs().iter().filter(|l| l.value.is_map()) {
            let of = |p: &crate::frontends::pipelines::data::Pair| {
                self.shared.declare(&p.key);
                (variable(&p.key), self.reader.value(&p.value))
            };
            out.push(leg.value.pairs().iter().map(of).collect());
        }
        out
    }

    /// The steps of a deployment's hooks, in order.
    fn hooks(&mut self, strategy: &Data, around: &Surroundings) -> Vec<Item> {
        let mut out = Vec::new();
        for hook in HOOKS {
            if let Some(pair) = strategy.pair(hook) {
                let around = around.within(&pair.value);
                out.extend(pair.value.get("steps").map(|s| self.steps(s, &around)).unwrap_or_default());
            }
        }
        // Readers of YAML 1.1 made `on` a truth value.
        let on = strategy.get("on").or_else(|| strategy.get("true"));
        if let Some(steps) = on.and_then(|o| o.at(&["success", "steps"])) {
            out.extend(self.steps(steps, around));
        }
        if let Some(pair) = on.and_then(|o| o.pair("failure")) {
            let mut block = Block::new(BlockKind::OnFailure, pair.span);
            block.items = pair.value.get("steps").map(|s| self.steps(s, around)).unwrap_or_default();
            out.push(Item::Block(Box::new(block)));
        }
        out
    }

    /// What another repository's template is called here: with its repository, without its ending.
    pub(super) fn name_of(&self, call: &Data) -> String {
        let reference = Reference::of(&self.shared.name(call.get_str("template").unwrap_or("")));
        let path = reference.path.trim_end_matches(".yaml").trim_end_matches(".yml");
        let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && !part.starts_with('.')).collect();
        format!("{}/{}", reference.repository.as_deref().unwrap_or("self"), path.join("/"))
    }

    /// A template that is not in this repository.
    pub(super) fn external(&mut self, call: &Data) -> Item {
        let written = self.shared.name(call.get_str("template").unwrap_or(""));
        let text = format!("template: {written}");
        let name = self.name_of(call);
        let own = !Reference::of(&written).is_elsewhere();
        if own && self.reader.catalogue.builtin(VENDOR, &name, "", &BTreeMap::new()).is_none() {
            return Item::Unknown { span: call.item, why: format!("the template {written} is not in this repository") };
        }
        Item::external(VENDOR, name, "", self.reader.bindings(call.get("parameters"), ""), call.item, text)
    }

    /// A stage that another repository's template is, with the jobs that it is given.
    pub(super) fn external_stage(&mut self, entry: &Entry, index: usize, around: &Surroundings) -> Unit {
        let name = format!("{} {}", self.name_of(&entry.data), index + 1);
        let mut unit = self.reached(entry, Unit::new(UnitKind::Job, name.as_str(), entry.data.item));
        unit.dir = Some(Expr::lit(""));
        unit.body = vec![self.external(&entry.data)];
        let jobs = self.given_jobs(&entry.data, around);
        if !jobs.is_empty() {
            let mut stage = Unit::new(UnitKind::Stage, name.as_str(), entry.data.item);
            stage.jobs = jobs;
            let target = Target::Unit(self.reader.program.add(stage));
            let (span, bind) = (entry.data.item, Vec::new());
            unit.body.push(Item::Call(Box::new(Call { target, bind, isolated: false, span, text: name })));
        }
        unit
    }

    /// A pipeline that extends a template of another repository: the template, then what it is given to run.
    pub(super) fn external_pipeline(&mut self, call: &Data, around: &Surroundings) -> Vec<UnitId> {
        let name = self.name_of(call);
        let mut unit = Unit::new(UnitKind::Job, name.as_str(), call.item);
        unit.dir = Some(Expr::lit(""));
        unit.body = vec![self.external(call)];
        let mut out = vec![self.reader.program.add(unit)];
        let mut parts = Vec::new();
        if let Some(parameters) = call.get("parameters") {
            parts_of(parameters, &["stage"], 0, &mut parts);
        }
        for list in &parts {
            out.extend(self.stages(list, around));
        }
        if parts.is_empty() {
            out.extend(self.given_jobs(call, around));
        }
        for id in out.iter().skip(1) {
            let first = self.reader.program.unit_mut(*id);
            if first.needs.is_empty() {
                first.needs.push(Need { optional: true, ..Need::earlier(name.clone()) });
            }
        }
        out
    }

    /// Jobs, or steps as a job, that a template of another repository is given: it is there to run them.
    pub(super) fn given_jobs(&mut self, call: &Data, around: &Surroundings) -> Vec<UnitId> {
        let Some(parameters) = call.get("parameters") else { return Vec::new() };
        let mut parts = Vec::new();
        parts_of(parameters, JOBS, 0, &mut parts);
        let jobs: Vec<UnitId> = parts.iter().flat_map(|list| self.jobs(list, around)).collect();
        if !jobs.is_empty() {
            return jobs;
        }
        let body = self.given_steps(call, around);
        if body.is_empty() {
            return Vec::new();
        }
        let mut unit = Unit::new(UnitKind::Job, format!("{} steps", self.name_of(call)), call.item);
        unit.dir = Some(Expr::lit(""));
        unit.body = body;
        unit.functions = std::mem::take(&mut self.reader.functions);
        vec![self.reader.program.add(unit)]
    }

    /// Steps that a template of another repository is given.
    pub(super) fn given_steps(&mut self, call: &Data, around: &Surroundings) -> Vec<Item> {
        let mut parts = Vec::new();
        if let Some(parameters) = call.get("parameters") {
            parts_of(parameters, STEPS, 0, &mut parts);
        }
        parts.iter().flat_map(|list| self.steps(list, around)).collect()
    }
}

/// `runOnce`, `rolling` or `canary` of a deployment.
fn strategy(data: &Data) -> Option<&Data> {
    ["runOnce", "rolling", "canary"].into_iter().find_map(|key| data.get(key))
}

/// Lists below a template's parameters that hold an item with one of these keys.
fn parts_of(data: &Data, keys: &[&str], depth: usize, out: &mut Vec<Data>) {
    if depth > MAX_PARTS {
        return;
    }
    let holds = |item: &Data| keys.iter().any(|k| item.pair(k).is_some());
    if data.items().iter().any(holds) {
        out.push(data.clone());
        return;
    }
    for pair in data.pairs() {
        parts_of(&pair.value, keys, depth + 1, out);
    }
}
