//! Jobs in the order of their needs: the ways in which they are added, matrices, environments, outputs.

use super::Reach;
use super::blocks::{either, passes};
use super::frame::{Frame, adds_nothing, after, meet};
use crate::flow::occurrence::way_order;
use crate::model::{
    Disabled, Expr, GateDecl, GateKind, HOLE, Link, LinkKind, Need, Program, Rule, Stage, Truth, Unit, UnitId, UnitKind, Value,
    Way,
};
use crate::source::Span;
use crate::source::paths::join;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How a job ended.
#[derive(Clone, Debug)]
enum End {
    Reached(Ended),
    Skipped,
}

/// A job that ran.
#[derive(Clone, Debug)]
struct Ended {
    /// For what needs it.
    way: Way,
    /// For what only comes after it: a gate that does not block is not waited for.
    after: Way,
    /// Whether it, or what came before it, deployed.
    deployed: bool,
}

/// What comes before a job: the way to it, whether something it needs was not there, and whether something deployed.
#[derive(Clone)]
struct Before {
    way: Way,
    skipped: bool,
    /// Something that it names was there.
    some: bool,
    deployed: bool,
}

impl Reach<'_> {
    /// Interpret a pipeline in a context; the way in which it ends, its outputs, and whether it deployed.
    pub(super) fn pipeline(&mut self, id: UnitId, mut frame: Frame) -> (Way, Vec<(String, Value)>, bool) {
        let program = self.program;
        let unit = program.unit(id);
        self.mark(id, &frame);
        frame.unit = id;
        frame.home = self.home_of(id).to_owned();
        if unit.kind == UnitKind::Stage && frame.way.chain.last().is_some_and(|l| l.kind == LinkKind::Job && l.name == unit.name)
        {
            // The job that only stands for the stage.
            Rc::make_mut(&mut frame.way.chain).pop();
        }
        frame.follow(Link { kind: unit.kind.link(), name: unit.name.clone(), span: unit.span });
        if let Some(why) = &unit.disabled {
            self.disable(unit.span, unit.name.clone(), why);
            return (frame.way, Vec::new(), false);
        }
        self.enter(unit, &mut frame);
        if frame.job.is_some() {
            frame.about(&unit.paths);
        }
        let began = frame.way.clone();
        let mut ends: BTreeMap<&str, End> = BTreeMap::new();
        let mut end = began.clone();
        let mut deployed = false;
        // Jobs of one stage come after the same jobs.
        let mut known: Option<(&[Need], Before)> = None;
        for job in order(program, unit) {
            let job_unit = program.unit(job);
            let before = match known.take() {
                Some((needs, before)) if needs == job_unit.needs => before,
                _ => before(&job_unit.needs, &began, frame.deployed, &ends),
            };
            known = Some((&job_unit.needs, before.clone()));
            let reached = self.job(job, &frame, before);
            if let End::Reached(ended) = &reached.0 {
                end = after(&end, &ended.after);
                deployed |= ended.deployed;
            }
            for (name, value) in reached.1 {
                frame.scope.set(format!("needs.{}.outputs.{name}", job_unit.name), value.clone());
                frame.scope.set(format!("jobs.{}.outputs.{name}", job_unit.name), value);
            }
            let result = if matches!(reached.0, End::Reached(_)) { "success" } else { "skipped" };
            frame.scope.set(format!("needs.{}.result", job_unit.name), Value::text(result));
            ends.insert(job_unit.name.as_str(), reached.0);
        }
        if !unit.body.is_empty() {
            self.items(&unit.body, &mut frame);
            end = meet(&end, &frame.way);
            deployed |= frame.deployed;
        }
        let outputs = unit.outputs.iter().map(|(name, e)| (name.clone(), e.eval(&frame.scope))).collect();
        (end, outputs, deployed)
    }

    /// One job: its needs, its condition, then each combination of its matrix.
    fn job(&mut self, id: UnitId, outer: &Frame, before: Before) -> (End, Vec<(String, Value)>) {
        let program = self.program;
        let unit = program.unit(id);
        let Before { way, skipped, some, mut deployed } = before;
        if let Some(why) = &unit.disabled {
            self.disable(unit.span, unit.name.clone(), why);
            return (End::Skipped, Vec::new());
        }
        let missed = skipped && !(unit.any_need && some);
        if missed && !unit.when.runs_after_skip() {
            return (End::Skipped, Vec::new());
        }
        let mut frame = outer.clone();
        frame.way = way;
        // What comes after a job that deployed looks at what it deployed.
        frame.deployed = deployed;
        self.begin(id, &mut frame);
        let combinations: Vec<&[(String, Expr)]> =
            if unit.matrix.is_empty() { vec![&[]] } else { unit.matrix.iter().map(Vec::as_slice).collect() };
        let mut end: Option<Ended> = None;
        let mut outputs: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for combination in combinations {
            let mut frame = frame.clone();
            for (name, value) in combination {
                let value = value.eval(&frame.scope);
                if let Some(text) = value.known() {
                    frame.name(text);
                }
                frame.scope.set(name.clone(), value);
            }
            if !passes(&unit.when, unit.when_span, &mut frame) {
                continue;
            }
            for (rule, mut frame) in added(unit, &frame) {
                let before = frame.way.clone();
                if let Some(gate) = rule.and_then(|r| r.gate.as_ref()) {
                    frame.pass(self.gate(gate));
                }
                self.mark(id, &frame);
                for (name, value) in self.combination(id, &mut frame) {
                    outputs.entry(name).or_default().push(value);
                }
                deployed |= frame.deployed;
                let waits = rule.and_then(|r| r.gate.as_ref()).is_none_or(|g| g.blocking);
                let after = if waits { frame.way.clone() } else { before };
                end = Some(match end {
                    Some(best) if way_order(&best.way) <= way_order(&frame.way) => best,
                    _ => Ended { way: frame.way, after, deployed },
                });
            }
        }
        let outputs = outputs.into_iter().map(|(name, values)| (name, one(values))).collect();
        let end = end.map(|ended| Ended { deployed, ..ended });
        (end.map_or(End::Skipped, End::Reached), outputs)
    }

    /// Enter a job.
    pub(super) fn begin(&self, id: UnitId, frame: &mut Frame) {
        let unit = self.program.unit(id);
        frame.unit = id;
        frame.job = Some(id);
        frame.follow(Link { kind: LinkKind::Job, name: unit.name.clone(), span: unit.span });
        frame.local_services = unit.local_services;
        frame.test_job = unit.environment.is_none() && self.catalogue.words().stage(&unit.name) == Some(Stage::Test);
        frame.ignored |= unit.continue_on_error;
        frame.name(&unit.name);
        frame.about(&unit.paths);
        frame.stops |= unit.stops_environment;
    }

    /// One combination of a job, for each environment its keyword may name.
    pub(super) fn combination(&mut self, id: UnitId, frame: &mut Frame) -> Vec<(String, Value)> {
        let program = self.program;
        let unit = program.unit(id);
        self.enter(unit, frame);
        let mut names: Vec<Option<String>> = vec![frame.keyword.clone()];
        if let Some(keyword) = &unit.environment {
            names = environments(&keyword.eval(&frame.scope)).into_iter().map(|n| n.or_else(|| frame.keyword.clone())).collect();
        }
        let mut last = frame.clone();
        for name in names {
            let mut frame = frame.clone();
            self.reviewed(name.as_deref(), &mut frame);
            frame.keyword = name.map(|n| self.catalogue.environments().normalise(&n)).filter(|n| !n.is_empty());
            frame.job_run = self.next_entry();
            frame.entry = frame.job_run;
            self.items(&unit.body, &mut frame);
            last = frame;
        }
        let outputs = unit.outputs.iter().map(|(name, e)| (name.clone(), e.eval(&last.scope))).collect();
        *frame = last;
        outputs
    }

    /// Pass the reviewers that a file declares for an environment.
    fn reviewed(&mut self, environment: Option<&str>, frame: &mut Frame) {
        let program = self.program;
        let Some(name) = environment else { return };
        for review in program.reviews.iter().filter(|r| r.environment.eq_ignore_ascii_case(name)) {
            let gate =
                GateDecl { kind: GateKind::Reviewers, span: review.gate, name: review.environment.clone(), blocking: true };
            let at = self.gate(&gate);
            frame.pass(at);
        }
    }

    /// Bind what a unit binds on entering: inputs that no caller gave, then its own values.
    pub(super) fn enter(&mut self, unit: &Unit, frame: &mut Frame) {
        for param in &unit.params {
            if !frame.scope.has(&param.name)
                && let Some(default) = &param.default
            {
                let value = default.eval(&frame.scope);
                frame.scope.set(param.name.clone(), value);
            }
        }
        for (name, e) in &unit.bind {
            let value = e.eval(&frame.scope);
            frame.scope.set(name.clone(), value);
        }
        if let Some(dir) = &unit.dir {
            frame.dir = dir.eval(&frame.scope).known().and_then(|d| join("", d));
        }
        if !unit.functions.is_empty() {
            let mut all = (*frame.functions).clone();
            all.extend(unit.functions.iter().cloned());
            frame.functions = Rc::new(all);
        }
    }

    pub(super) fn mark(&mut self, id: UnitId, frame: &Frame) {
        self.found.called.insert(id);
        if self.program.unit(frame.unit).kind != UnitKind::Document {
            self.found.run.insert(id);
        }
        if frame.pipeline.is_some() {
            self.found.by_pipeline.insert(id);
        }
    }

    /// Note work that never runs, once for each place.
    pub(super) fn disable(&mut self, span: Span, text: String, why: &str) {
        let disabled = Disabled { span, text, why: why.to_owned() };
        if !self.found.disabled.contains(&disabled) {
            self.found.disabled.push(disabled);
        }
    }
}

/// What these needs say.
fn before(needs: &[Need], began: &Way, deployed: bool, ends: &BTreeMap<&str, End>) -> Before {
    let mut out = Before { way: began.clone(), skipped: false, some: false, deployed };
    for need in needs {
        match ends.get(need.name.as_str()) {
            Some(End::Reached(ended)) => {
                out.deployed |= ended.deployed;
                out.some = true;
                let earlier = if need.order_only { &ended.after } else { &ended.way };
                if !(need.order_only || need.optional) {
                    out.way = meet(&out.way, earlier);
                } else if !adds_nothing(&out.way, earlier) {
                    // Whether one that may be left out is added decides only by a gate of its own: this one runs either way.
                    out.way = after(&out.way, earlier);
                }
            }
            Some(End::Skipped) if need.optional || need.order_only => {}
            Some(End::Skipped) => out.skipped = true,
            None => {}
        }
    }
    out
}

/// The ways in which a job's rules add it, each with its context: the first that holds, and before it those that may.
fn added<'p>(unit: &'p Unit, frame: &Frame) -> Vec<(Option<&'p Rule>, Frame)> {
    if unit.rules.is_empty() {
        return vec![(None, frame.clone())];
    }
    let mut frame = frame.clone();
    let mut out = Vec::new();
    for rule in &unit.rules {
        let mut inner = frame.clone();
        if !passes(&rule.when, rule.span, &mut inner) {
            continue;
        }
        let decided = rule.when.truth(&frame.scope) == Truth::True;
        if !rule.never {
            for (name, e) in &rule.bind {
                let value = e.eval(&inner.scope);
                inner.scope.set(name.clone(), value);
            }
            inner.ignored |= rule.ignored;
            out.push((Some(rule), inner));
        }
        if decided {
            break;
        }
        // What a later rule adds depends on this one not holding.
        frame.way.uncertain = true;
    }
    out
}

fn one(values: Vec<Value>) -> Value {
    let mut values = values.into_iter();
    let Some(first) = values.next() else { return Value::Unknown };
    values.fold(first, |a, b| if a == b { a } else { either(&a, &b) })
}

/// The environments a keyword's value may name; none where it is not known at all.
fn environments(value: &Value) -> Vec<Option<String>> {
    match value {
        Value::Text(t) => vec![Some(t.replace(HOLE, "").trim_matches(|c| "-_/. ".contains(c)).to_owned())],
        Value::OneOf(all) => all.iter().filter(|t| !t.is_empty()).map(|t| Some(t.clone())).collect(),
        _ => vec![None],
    }
}

/// Jobs so that each comes after its needs; a cycle keeps file order.
fn order(program: &Program, unit: &Unit) -> Vec<UnitId> {
    let name = |at: usize| program.unit(unit.jobs[at]).name.as_str();
    let names: BTreeSet<&str> = (0..unit.jobs.len()).map(name).collect();
    let mut waiting: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut open: Vec<usize> = Vec::new();
    for (at, job) in unit.jobs.iter().enumerate() {
        let needs: BTreeSet<&str> =
            program.unit(*job).needs.iter().map(|n| n.name.as_str()).filter(|n| names.contains(n)).collect();
        open.push(needs.len());
        for need in needs {
            waiting.entry(need).or_default().push(at);
        }
    }
    let mut left: BTreeSet<usize> = (0..unit.jobs.len()).collect();
    let mut ready: BTreeSet<usize> = left.iter().copied().filter(|at| open[*at] == 0).collect();
    let mut out = Vec::new();
    while let Some(at) = ready.pop_first().or_else(|| left.first().copied()) {
        left.remove(&at);
        out.push(unit.jobs[at]);
        for next in waiting.remove(name(at)).unwrap_or_default() {
            open[next] -= 1;
            if open[next] == 0 && left.contains(&next) {
                ready.insert(next);
            }
        }
    }
    out
}
