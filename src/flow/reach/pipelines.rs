//! Pipelines by their starts: jobs in the order of their needs, matrices, environments, outputs.

use super::frame::{Frame, adds_nothing, after, meet};
use super::{MAX_DEPTH, Reach};
use crate::flow::occurrence::way_order;
use crate::model::{
    Automation, Block, BlockKind, Disabled, Event, Expr, GateDecl, GateKind, HOLE, Item, Link, LinkKind, Need, Program, RefKind,
    Rule, Scope, Stage, Start, Test, Truth, Unit, UnitId, UnitKind, Value, Way,
};
use crate::source::Span;
use crate::source::paths::join;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A pipeline that is to be run: by one of its starts, or by a command that starts it.
#[derive(Clone, Debug)]
pub struct Started {
    pub pipeline: UnitId,
    pub start: usize,
    pub way: Way,
    pub extra: Vec<(String, Value)>,
    pub depth: usize,
    /// The pipeline that it waited for has deployed.
    pub deployed: bool,
}

/// What tells the runs apart that commands start: pipeline, start, level, ref and values.
pub type Commanded = (UnitId, usize, Automation, Option<RefKind>, Vec<(String, Value)>);

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

/// How a whole run ended, for pipelines that wait for it.
struct Outcome {
    way: Way,
    facts: Rc<Scope>,
    deployed: bool,
}

impl Reach<'_> {
    /// Run every pipeline by each of its starts, then those that wait for others, to a fixed point.
    pub(super) fn pipelines(&mut self) {
        let ids: Vec<UnitId> = self.program.iter().filter(|(_, u)| u.kind == UnitKind::Pipeline).map(|(id, _)| id).collect();
        let mut queue: Vec<Started> = Vec::new();
        for id in ids {
            for (index, start) in self.program.unit(id).starts.iter().enumerate() {
                if start.after.is_empty() {
                    let way = self.start_way(id, start);
                    queue.push(Started { pipeline: id, start: index, way, extra: Vec::new(), depth: 0, deployed: false });
                }
            }
        }
        let mut done: BTreeSet<(UnitId, usize, Automation, Option<Event>, bool)> = BTreeSet::new();
        let mut at = 0;
        while at < queue.len() {
            let started = queue[at].clone();
            at += 1;
            let outcome = self.run(&started);
            for next in std::mem::take(&mut self.pending) {
                // A pipeline that commands start is run once for each set of values and level.
                if self.commanded.insert((next.pipeline, next.start, next.way.automation, next.way.on, next.extra.clone())) {
                    queue.push(next);
                }
            }
            if started.depth < MAX_DEPTH {
                for next in self.waiting_for(&started, &outcome) {
                    let event = next.extra.iter().find(|(k, _)| k.ends_with(".event")).map(|(_, v)| v.shown());
                    let carried = Event::parse(event.as_deref().unwrap_or("")).or(outcome.way.event);
                    if done.insert((next.pipeline, next.start, next.way.automation, carried, next.way.uncertain)) {
                        queue.push(next);
                    }
                }
            }
        }
    }

    fn start_way(&mut self, pipeline: UnitId, start: &Start) -> Way {
        let unit = self.program.unit(pipeline);
        let by_person = start.event == Event::Manual;
        let begins = if start.promotes { Event::Push } else { start.event };
        let mut gates = BTreeSet::new();
        if by_person {
            let gate = GateDecl { kind: GateKind::Start, span: start.span, name: unit.name.clone(), blocking: true };
            gates.insert(self.gate(&gate));
        }
        Way {
            automation: if by_person { Automation::PushButton } else { Automation::Automated },
            event: Some(start.event),
            on: Some(start.on),
            uncertain: false,
            asked: None,
            gates,
            chain: Rc::new(vec![Link { kind: LinkKind::Event, name: begins.to_string(), span: start.span }]),
        }
    }

    /// Pipelines that start when this one has ended.
    fn waiting_for(&self, started: &Started, outcome: &Outcome) -> Vec<Started> {
        let ended = self.program.unit(started.pipeline);
        let path = self.path_of(started.pipeline).to_owned();
        let mut out = Vec::new();
        for (id, unit) in self.program.iter().filter(|(_, u)| u.kind == UnitKind::Pipeline) {
            for (index, start) in unit.starts.iter().enumerate() {
                if !start.after.iter().any(|name| *name == ended.name || *name == path) {
                    continue;
                }
                let extra = start.carry.iter().map(|(theirs, ours)| (ours.clone(), outcome.facts.get(theirs))).collect();
                let mut way = outcome.way.clone();
                way.event = Some(Event::Upstream);
                way.on = if outcome.way.on == Some(RefKind::Change) { Some(RefKind::Change) } else { Some(start.on) };
                let chain = Rc::make_mut(&mut way.chain);
                chain.truncate(2);
                chain.push(Link { kind: LinkKind::Event, name: Event::Upstream.to_string(), span: start.span });
                let (depth, deployed) = (started.depth + 1, outcome.deployed);
                out.push(Started { pipeline: id, start: index, way, extra, depth, deployed });
            }
        }
        out
    }

    fn run(&mut self, started: &Started) -> Outcome {
        let unit = self.program.unit(started.pipeline);
        let mut scope = Scope::default();
        if let Some(start) = unit.starts.get(started.start) {
            for (name, value) in &start.facts {
                scope.set(name.clone(), value.clone());
            }
        }
        for (name, value) in &started.extra {
            scope.set(name.clone(), value.clone());
        }
        let mut frame = Frame::new(started.pipeline, started.way.clone());
        frame.facts = Rc::new(scope.clone());
        frame.scope = scope;
        frame.pipeline = Some(started.pipeline);
        frame.depth = started.depth;
        frame.deployed = started.deployed;
        frame.assumed = unit.starts.get(started.start).is_some_and(|s| s.assumed);
        let facts = Rc::clone(&frame.facts);
        let (way, _, deployed) = self.pipeline(started.pipeline, frame);
        Outcome { way, facts, deployed }
    }

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

    /// A block of items under its condition.
    pub(super) fn block(&mut self, block: &Block, frame: &mut Frame) {
        if block.when.literal() == Some("false") {
            let text = block.name.clone().unwrap_or_else(|| "step".to_owned());
            self.disable(block.span, text, "its condition is the literal false");
            return;
        }
        let mut inner = frame.clone();
        for (name, e) in &block.bind {
            let value = e.eval(&inner.scope);
            inner.scope.set(name.clone(), value);
        }
        // A branch of a script is told by the script's own data: only a pipeline's condition decides a step's reach.
        if matches!(block.kind, BlockKind::Step | BlockKind::Section) {
            if !passes(&block.when, block.when_span, &mut inner) {
                return;
            }
        } else if block.when.truth(&inner.scope) == Truth::False {
            return;
        }
        inner.on_failure |= block.when.asks_failure() || block.kind == BlockKind::OnFailure;
        inner.ignored |= block.continue_on_error;
        if let Some(dir) = &block.dir {
            inner.dir = dir.eval(&inner.scope).known().and_then(|d| join("", d));
        }
        if let Some((name, values)) = &block.each {
            let mut all: Vec<Value> = values.iter().map(|v| v.eval(&inner.scope)).collect();
            if all.len() > super::MAX_CONTEXTS || all.is_empty() {
                all = vec![Value::Unknown];
            }
            for value in all {
                inner.scope.set(name.clone(), value);
                self.items(&block.items, &mut inner);
            }
        } else if let Some((name, values)) = told(&block.when, &inner.scope) {
            // One of them holds: each round begins where the others do.
            let before = inner.scope.get(&name);
            for value in values {
                let mut round = inner.clone();
                round.scope.set(name.clone(), Value::Text(value));
                self.items(&block.items, &mut round);
                round.scope.set(name.clone(), before.clone());
                self.leave(block, frame, round);
            }
            return;
        } else {
            self.items(&block.items, &mut inner);
        }
        self.leave(block, frame, inner);
    }

    /// What a block leaves to what follows it.
    fn leave(&mut self, block: &Block, frame: &mut Frame, inner: Frame) {
        frame.deployed |= inner.deployed;
        frame.local_cluster |= inner.local_cluster;
        frame.cloud_login |= inner.cloud_login;
        frame.test_job &= inner.test_job;
        if inner.login.is_some() {
            frame.login.clone_from(&inner.login);
        }
        // Who is asked after a failure holds up nothing where all goes well.
        if frame.on_failure || !inner.on_failure {
            frame.way.automation = frame.way.automation.min(inner.way.automation);
            frame.way.gates.extend(inner.way.gates.iter().copied());
        }
        match block.kind {
            BlockKind::Step => {
                if let Some(id) = &block.id {
                    for (name, value) in inner.scope.iter().filter(|(n, _)| n.starts_with("output.")) {
                        frame.scope.set(format!("steps.{id}.outputs.{}", &name["output.".len()..]), value.clone());
                    }
                }
                for (name, value) in inner.scope.iter().filter(|(n, _)| n.starts_with("exported.")) {
                    frame.scope.set(format!("env.{}", &name["exported.".len()..]), value.clone());
                }
            }
            BlockKind::Branch | BlockKind::Loop | BlockKind::OnFailure => {
                // What a branch sets is one of the possible values afterwards.
                let certain = block.when.truth(&frame.scope) == Truth::True && block.each.is_none();
                for (name, value) in inner.scope.changes(&frame.scope) {
                    let before = frame.scope.get(&name);
                    // Of several programs, of which some are not known, the known one tells what is run.
                    let kept = value == Value::Unknown && !before.alternatives().is_empty() && names_a_program(&name);
                    let after = if kept {
                        before
                    } else if certain {
                        value
                    } else {
                        either(&before, &value)
                    };
                    frame.scope.set(name, after);
                }
                if certain {
                    frame.dir = inner.dir;
                }
                frame.functions = inner.functions;
            }
            BlockKind::Section => {
                let certain = block.when.truth(&frame.scope) == Truth::True;
                for (name, value) in inner.scope.changes(&frame.scope) {
                    if !block.bind.iter().any(|(bound, _)| *bound == name) {
                        let after = if certain { value } else { either(&frame.scope.get(&name), &value) };
                        frame.scope.set(name, after);
                    }
                }
                frame.functions = inner.functions;
            }
            BlockKind::Subshell => {}
        }
    }

    /// Items in order.
    pub(super) fn items(&mut self, items: &[Item], frame: &mut Frame) {
        for item in items {
            match item {
                Item::Command(command) => self.command(command, frame),
                Item::BuiltIn(builtin) => self.builtin(builtin, frame),
                Item::Call(call) => self.call(call, frame),
                Item::Block(block) => self.block(block, frame),
                Item::Assign { name, value } => {
                    let value = value.eval(&frame.scope);
                    frame.scope.set(name.clone(), value);
                }
                Item::Output { name, value } => {
                    let value = value.eval(&frame.scope);
                    frame.scope.set(format!("output.{name}"), value);
                }
                Item::Chdir(to) => {
                    let to = to.eval(&frame.scope);
                    frame.dir = self.change_dir(frame, &to);
                }
                Item::Source { path, span } => self.source(path, *span, frame),
                Item::Gate(gate) => {
                    let at = self.gate(gate);
                    if gate.blocking {
                        frame.pass(at);
                    }
                }
                Item::Unknown { span, why } => {
                    self.found.unknowns.insert(*span, why.clone());
                }
            }
        }
    }
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

/// Whether a pipeline's condition lets a context pass, and what it then says of it.
fn passes(when: &Expr, span: Option<Span>, frame: &mut Frame) -> bool {
    match when.truth(&frame.scope) {
        Truth::False => return false,
        Truth::Unknown => frame.way.uncertain |= !when.asks_failure(),
        Truth::True => {}
    }
    frame.on_failure |= when.asks_failure();
    frame.way.asked = span.or(frame.way.asked);
    true
}

/// What a condition that may hold tells of a value where it does: a name that is not known, and what it then may be.
fn told(when: &Expr, scope: &Scope) -> Option<(String, Vec<String>)> {
    fn texts<'e>(when: &'e Expr, out: &mut Vec<(&'e str, &'e str)>) -> bool {
        match when {
            Expr::Compare(test, name, text) => match (test, &**name, &**text) {
                (Test::Equals, Expr::Var(name), Expr::Lit(text)) if !text.is_empty() => {
                    out.push((name, text));
                    true
                }
                (Test::Glob, Expr::Var(name), Expr::Lit(text)) if !text.is_empty() && !text.contains(['*', '?', '[']) => {
                    out.push((name, text));
                    true
                }
                _ => false,
            },
            Expr::Or(all) => all.iter().all(|e| texts(e, out)),
            _ => false,
        }
    }
    if let Expr::And(all) = when {
        return all.iter().find_map(|e| told(e, scope));
    }
    let mut found = Vec::new();
    if !texts(when, &mut found) {
        return None;
    }
    let (name, _) = *found.first()?;
    if found.iter().any(|(n, _)| *n != name) || scope.get(name).known().is_some() {
        return None;
    }
    let may_be = scope.get(name).alternatives();
    let mut values: Vec<String> = found.into_iter().map(|(_, text)| text.to_owned()).collect();
    values.retain(|v| may_be.is_empty() || may_be.iter().any(|m| m.eq_ignore_ascii_case(v)));
    (!values.is_empty() && values.len() <= super::MAX_VARIANTS).then(|| (name.to_owned(), values))
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

/// Whether a variable's name says that it holds a program.
fn names_a_program(name: &str) -> bool {
    let name = name.strip_prefix("env.").unwrap_or(name);
    ["CMD", "COMMAND", "BIN", "DOCKER", "KUBECTL", "HELM"].iter().any(|end| name.ends_with(end))
}

/// One of two values.
fn either(a: &Value, b: &Value) -> Value {
    let (x, y) = (a.alternatives(), b.alternatives());
    if x.is_empty() && matches!(a, Value::Unknown) {
        return b.clone();
    }
    if x.is_empty() || y.is_empty() { Value::Unknown } else { Value::one_of(x.into_iter().chain(y).collect()) }
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
