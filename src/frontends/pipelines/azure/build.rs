//! Pipelines and stages: <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/pipeline>.

use super::VENDOR;
use super::expand::{Entry, entries};
use super::manual;
use super::shared::Shared;
use super::starts::{Around, automatic};
use super::steps::Surroundings;
use super::value::{Evaluator, Names};
use crate::catalogue::Catalogue;
use crate::frontends::pipelines::data::{self, Data, Kind};
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::runs;
use crate::model::{Call, Expr, GateDecl, GateKind, Item, Need, Program, Status, Target, Unit, UnitId, UnitKind};
use crate::source::{SourceFile, Span};

/// Most jobs of one pipeline.
const MAX_JOBS: usize = 10_000;

/// Builds the units of one pipeline.
pub(super) struct Build<'a, 'b> {
    pub reader: Reader<'a>,
    pub shared: &'b Shared,
    pub jobs: usize,
}

impl Build<'_, '_> {
    /// A pipeline; `root` is its file as it is written.
    pub fn pipeline(
        catalogue: &Catalogue,
        program: &mut Program,
        shared: &Shared,
        file: &SourceFile,
        expanded: &Data,
        root: &Data,
        around: &Around<'_>,
    ) {
        let expressions = |text: &str| shared.masks(text);
        let reader = Reader::new(catalogue, program, VENDOR, &expressions);
        let mut build = Build { reader, shared, jobs: 0 };
        let mut unit = Unit::new(UnitKind::Pipeline, file.path.as_str(), file.whole());
        unit.dir = Some(Expr::lit(""));
        unit.server_named = true;
        unit.bind = build.variables(expanded.get("variables"));
        unit.params = manual::params(root);
        unit.jobs = build.body(expanded);
        let automatic = automatic(file, expanded, shared, around);
        unit.paths.clone_from(&automatic.paths);
        unit.starts = manual::starts(automatic, root, &unit.params, shared);
        program.add(unit);
    }

    /// The jobs of a pipeline: its stages, its jobs, or the one job that its steps are.
    fn body(&mut self, root: &Data) -> Vec<UnitId> {
        let around = Surroundings::default().within(root);
        if let Some(stages) = root.get("stages") {
            return self.stages(stages, &around);
        }
        if let Some(jobs) = root.get("jobs").or_else(|| root.get("phases")) {
            return self.jobs(jobs, &around);
        }
        if let Some(steps) = root.pair("steps") {
            let job = root.with(Kind::Map(std::rc::Rc::new(
                root.pairs().iter().filter(|p| !matches!(&*p.key, "variables" | "resources" | "name")).cloned().collect(),
            )));
            let entry = Entry { data: Data { item: steps.span, ..job }, when: Expr::always(), when_span: None };
            return vec![self.job(&entry, 0, &around)];
        }
        match root.get("extends") {
            Some(call) => self.external_pipeline(call, &around),
            None => Vec::new(),
        }
    }

    /// Whether there may be one more job.
    pub(super) fn one_more(&mut self, span: Span) -> bool {
        self.jobs += 1;
        if self.jobs == MAX_JOBS {
            self.reader.program.unknowns.push((span, "there are more jobs than are read".to_owned()));
        }
        self.jobs < MAX_JOBS
    }

    /// The stages of a pipeline, each a job that runs a unit of jobs.
    pub(super) fn stages(&mut self, list: &Data, around: &Surroundings) -> Vec<UnitId> {
        let mut out = Vec::new();
        // What a stage without `dependsOn` comes after: the one before; where that may be left out, also the one before it.
        let mut before: Vec<Need> = Vec::new();
        for (index, entry) in entries(list, self.shared).iter().enumerate() {
            if !entry.data.is_map() {
                self.warn(entry.data.span, "a stage must be a mapping");
                continue;
            }
            if !self.one_more(entry.data.span) {
                break;
            }
            let unit = match entry.data.get_str("template") {
                Some(_) => self.external_stage(entry, index, around),
                None => self.stage(entry, index, around),
            };
            let mut unit = unit;
            unit.needs = match entry.data.pair("dependsOn") {
                Some(pair) => self.depends_on(&pair.value),
                None => before.clone(),
            };
            if entry.when.is_always() {
                before.clear();
            }
            for need in &mut before {
                need.optional = true;
            }
            before.push(Need { optional: !entry.when.is_always(), ..Need::of(unit.name.clone()) });
            out.push(self.reader.program.add(unit));
        }
        out
    }

    fn stage(&mut self, entry: &Entry, index: usize, around: &Surroundings) -> Unit {
        let data = &entry.data;
        let name = data.get_str("stage").map(|n| self.shared.name(n)).filter(|n| !n.is_empty());
        let name = name.unwrap_or_else(|| format!("Stage{}", index + 1));
        let mut stage = Unit::new(UnitKind::Stage, name.as_str(), data.item);
        stage.bind = self.variables(data.get("variables"));
        let around = around.within(data);
        if let Some(jobs) = data.get("jobs").or_else(|| data.get("phases")) {
            stage.jobs = self.jobs(jobs, &around);
        } else if data.get("steps").is_some() {
            stage.jobs = vec![self.job(entry, 0, &around)];
        }
        let mut unit = self.reached(entry, Unit::new(UnitKind::Job, name.as_str(), data.item));
        if let Some(pair) = data.pair("trigger").filter(|p| p.value.str().is_some_and(|t| t.eq_ignore_ascii_case("manual"))) {
            unit.body.push(Item::Gate(GateDecl {
                kind: GateKind::Approval,
                span: pair.span,
                name: name.clone(),
                blocking: true,
            }));
        }
        let target = Target::Unit(self.reader.program.add(stage));
        unit.body.push(Item::Call(Box::new(Call { target, bind: Vec::new(), isolated: false, span: data.item, text: name })));
        unit
    }

    /// A job or stage with the conditions under which it runs.
    pub(super) fn reached(&mut self, entry: &Entry, mut unit: Unit) -> Unit {
        let condition = entry.data.pair("condition");
        unit.when_span = condition.map(|p| p.span).or(entry.when_span);
        let Some(pair) = condition.filter(|p| !p.value.is_null()) else {
            unit.when = entry.when.clone();
            return unit;
        };
        if pair.value.str().is_some_and(|t| t.trim().eq_ignore_ascii_case("false")) {
            unit.disabled = Some("condition: false".to_owned());
        }
        let own = self.condition(&pair.value);
        // A condition takes the place of `succeeded()`: it alone says whether what came before matters.
        let own = if asks_status(&own) { own } else { runs::all(vec![Expr::Status(Status::Always), own]) };
        unit.when = runs::all(vec![entry.when.clone(), own]);
        unit
    }

    /// The condition of a stage, job or step.
    pub(super) fn condition(&mut self, data: &Data) -> Expr {
        let text = data.str().unwrap_or("").trim();
        let expr = if text.is_empty() { Expr::always() } else { self.expression(text, data.span) };
        self.shared.decides(&expr);
        expr
    }

    /// An expression of the run.
    pub(super) fn expression(&mut self, text: &str, at: Span) -> Expr {
        let names = Names::default();
        let evaluator = Evaluator { shared: self.shared, names: &names, run_time: true, at };
        match evaluator.condition(text) {
            Ok(expr) => expr,
            Err(why) => {
                self.warn(at, format!("the condition cannot be read: {why}"));
                Expr::Unknown(text.to_owned())
            }
        }
    }

    /// What `dependsOn` names; where the run decides which, those may be left out.
    pub(super) fn depends_on(&mut self, data: &Data) -> Vec<Need> {
        let mut out = Vec::new();
        for entry in entries(data, self.shared) {
            let Some(text) = entry.data.str() else { continue };
            let expr = self.shared.expr(text);
            match self.shared.known(&expr) {
                Some(name) if name.is_empty() => {}
                Some(name) => out.push(Need { optional: !entry.when.is_always(), ..Need::of(name) }),
                None => {
                    let names = self.shared.alternatives(&expr).into_iter().filter(|n| !n.is_empty());
                    out.extend(names.map(|name| Need { optional: true, ..Need::of(name) }));
                }
            }
        }
        out
    }

    pub(super) fn warn(&mut self, span: Span, message: impl Into<String>) {
        data::warn(self.reader.program, span, message);
    }

    /// A truth value that may be left for the run.
    pub(super) fn switch(&self, data: Option<&Data>) -> Option<Expr> {
        let text = data?.str()?.trim();
        Some(match text.to_ascii_lowercase().as_str() {
            "true" | "false" => Expr::Lit(text.to_ascii_lowercase()),
            _ => self.shared.expr(text),
        })
    }
}

/// Whether a condition says itself what the work before it means.
fn asks_status(expr: &Expr) -> bool {
    match expr {
        Expr::Status(_) => true,
        Expr::Not(e) => asks_status(e),
        Expr::And(all) | Expr::Or(all) | Expr::Concat(all) => all.iter().any(asks_status),
        _ => false,
    }
}
