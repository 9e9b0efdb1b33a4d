//! Jobs and their work.

use super::find::{self, Found};
use super::starts::condition;
use crate::catalogue::declared::{Language, Order, Text};
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::runs::all;
use crate::frontends::pipelines::values;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Expr, GateDecl, GateKind, Item, Need, Unit, UnitId, UnitKind};
use crate::source::Span;

/// At most so many jobs are read.
const MAX_JOBS: usize = 1_000;
/// Deepest nesting of groups.
const MAX_DEPTH: usize = 20;

/// The jobs and groups of a file.
pub fn listed<'d>(language: &Language, root: &'d Data) -> Vec<Found<'d>> {
    let mut out = Vec::new();
    collect(language, find::all(root, &language.jobs), 0, &mut out);
    out
}

fn collect<'d>(language: &Language, jobs: Vec<Found<'d>>, depth: usize, out: &mut Vec<Found<'d>>) {
    for job in jobs.into_iter().filter(|j| j.data.is_map()).take(MAX_JOBS) {
        out.push(job);
        if depth < MAX_DEPTH {
            collect(language, members(language, job.data), depth + 1, out);
        }
    }
}

/// The jobs of a group.
fn members<'d>(language: &Language, job: &'d Data) -> Vec<Found<'d>> {
    let members = language.group.as_deref().and_then(|key| job.get(key)).map(Data::items).unwrap_or_default();
    members.iter().map(|m| Found { name: None, data: m, span: m.item }).collect()
}

/// Translate the jobs of a file.
pub fn translate(reader: &mut Reader<'_>, language: &Language, root: &Data) -> Vec<UnitId> {
    let mut jobs = Jobs { reader, language, names: Vec::new(), out: Vec::new() };
    let found = find::all(root, &language.jobs);
    jobs.read(found, None, false, 0);
    jobs.out
}

struct Jobs<'r, 'a> {
    reader: &'r mut Reader<'a>,
    language: &'r Language,
    names: Vec<String>,
    out: Vec<UnitId>,
}

impl Jobs<'_, '_> {
    /// Jobs in a row, or beside one another; `outer` is the condition of the group that they are in.
    fn read(&mut self, jobs: Vec<Found<'_>>, outer: Option<&(Expr, Option<Span>)>, beside: bool, depth: usize) {
        let all_before = self.names.clone();
        for job in jobs.into_iter().filter(|j| j.data.is_map()) {
            if self.names.len() >= MAX_JOBS {
                return;
            }
            let before = if beside { all_before.clone() } else { self.names.clone() };
            let (mut when, mut span) = condition(self.language, &self.language.job.conditions, job.data);
            if let Some((more, place)) = outer {
                when = all(vec![more.clone(), when]);
                span = span.or(*place);
            }
            let members = members(self.language, job.data);
            if !members.is_empty() {
                if depth < MAX_DEPTH {
                    self.read(members, Some(&(when, span)), true, depth + 1);
                }
                continue;
            }
            let known = self.names.len();
            let mut unit = self.job(job);
            if unit.body.is_empty() {
                self.names.truncate(known);
                continue;
            }
            unit.when = when;
            unit.when_span = span;
            if self.language.order == Order::Listed {
                unit.needs.extend(before.into_iter().map(Need::earlier));
            }
            let id = self.reader.program.add(unit);
            self.out.push(id);
        }
    }

    fn job(&mut self, found: Found<'_>) -> Unit {
        let (language, data) = (self.language, found.data);
        let name = find::text(data, &language.job.name).or(found.name).unwrap_or("job");
        let mut unit = Unit::new(UnitKind::Job, values::unique(name, &mut self.names), found.span);
        unit.dir = Some(Expr::lit(""));
        let needs = find::texts(data, &language.job.needs).into_iter();
        unit.needs = needs.map(|n| Need { name: n.to_owned(), optional: true, order_only: false }).collect();
        unit.bind = find::all(data, &language.variables).iter().flat_map(|f| values::environment(f.data)).collect();
        unit.environment = find::text(data, &language.job.environment).map(values::value);
        unit.local_services = find::all(data, &language.job.services).iter().any(|f| !f.data.one_or_many().is_empty());
        unit.continue_on_error = find::text(data, &language.job.may_fail) == Some("true");
        for (key, value) in &language.job.manual {
            if let Some(pair) = data.pair(key).filter(|p| p.value.str() == Some(value)) {
                let gate = GateDecl { kind: GateKind::ManualJob, span: pair.span, name: unit.name.clone(), blocking: true };
                unit.body.push(Item::Gate(gate));
            }
        }
        let gates = unit.body.len();
        for work in &language.work {
            for found in find::at(data, &work.at) {
                let mut items = self.work(found, false);
                if let Some(status) = work.after {
                    let mut block = Block::new(BlockKind::Step, found.span);
                    block.when = Expr::Status(status);
                    block.continue_on_error = true;
                    block.items = items;
                    items = vec![Item::Block(Box::new(block))];
                }
                unit.body.extend(items);
            }
        }
        if unit.body.len() == gates {
            unit.body.clear();
        }
        unit.functions = std::mem::take(&mut self.reader.functions);
        unit
    }

    /// A text is a script, a mapping a step; lines of a list that follow one another are read together.
    fn work(&mut self, found: Found<'_>, listed: bool) -> Vec<Item> {
        let data = found.data;
        if let Some(text) = data.str() {
            if listed && self.language.step.text == Text::BuiltIn {
                return vec![self.built_in(text, &[], found.span)];
            }
            return self.reader.lines(data, Dialect::Posix);
        }
        if data.is_map() {
            return self.step(data, found.span);
        }
        let mut out = Vec::new();
        let lines = |d: &Data| d.str().is_some() && self.language.step.text == Text::Script;
        let mut rest = data.items();
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|d| lines(d)).count();
            if run > 0 {
                let together = data.with(crate::frontends::pipelines::data::Kind::List(std::rc::Rc::new(rest[..run].to_vec())));
                out.extend(self.reader.lines(&together, Dialect::Posix));
                rest = &rest[run..];
            } else {
                let found = Found { name: None, data: first, span: first.item };
                out.extend(if first.is_list() { self.reader.lines(first, Dialect::Posix) } else { self.work(found, true) });
                rest = &rest[1..];
            }
        }
        out
    }

    /// A step: its commands, or a built-in.
    fn step(&mut self, data: &Data, span: Span) -> Vec<Item> {
        let step = &self.language.step;
        let mut block = Block::new(BlockKind::Step, span);
        block.name = find::text(data, &step.name).map(str::to_owned);
        (block.when, block.when_span) = condition(self.language, &step.conditions, data);
        block.bind = find::all(data, &step.variables).iter().flat_map(|f| values::environment(f.data)).collect();
        let scripts = find::all(data, &step.script);
        let named = step.built_in.as_deref().and_then(|key| data.get_str(key));
        if let Some(script) = scripts.first() {
            block.items = self.reader.lines(script.data, Dialect::Posix);
        } else if let Some(name) = named {
            let own = |p: &&Pair| Some(&*p.key) != step.built_in.as_deref();
            let pairs: Vec<Pair> = match step.inputs.as_deref() {
                Some(key) => data.get(key).map(Data::pairs).unwrap_or_default().to_vec(),
                None => data.pairs().iter().filter(own).cloned().collect(),
            };
            block.items = vec![self.built_in(name, &pairs, span)];
        } else if let ([pair], true) = (data.pairs(), step.named) {
            block.name = Some(pair.key.to_string());
            block.items = if pair.value.is_map() || pair.value.is_null() {
                vec![self.built_in(&pair.key, pair.value.pairs(), span)]
            } else {
                self.reader.lines(&pair.value, Dialect::Posix)
            };
        }
        if block.items.is_empty() { Vec::new() } else { vec![Item::Block(Box::new(block))] }
    }

    fn built_in(&mut self, written: &str, inputs: &[Pair], span: Span) -> Item {
        let last = written.rfind('/').map_or(0, |at| at + 1);
        let split = written[last..].find(['@', ':']).map(|at| last + at);
        let (name, version) = split.map_or((written, ""), |at| (&written[..at], &written[at + 1..]));
        self.reader.expressions = &values::variables;
        let item = self.reader.built_in(name, version, &values::inputs(inputs), span, written);
        self.reader.expressions = &values::none;
        item
    }
}
