//! Stages and branches as jobs.

use super::Translator;
use super::names::Branch;
use crate::model::{Call as Called, Expr as Neutral, GateDecl, GateKind, Item, Target, Unit, UnitKind};
use crate::source::Span;
use crate::syntax::groovy::{Call, Closure, Expr, ExprKind, Statement, StatementKind};

/// More branches of one `parallel` are not read.
const MAX_BRANCHES: usize = 200;

impl<'m> Translator<'m> {
    /// A job with this body, called here; none where it does nothing.
    pub(super) fn job(&mut self, name: &str, span: Span, body: Vec<Item>) -> Option<Item> {
        self.job_with(name, span, body, Vec::new())
    }

    /// A job with values of its own.
    pub(super) fn job_with(&mut self, name: &str, span: Span, body: Vec<Item>, bind: Vec<(String, Neutral)>) -> Option<Item> {
        let functions = std::mem::take(&mut self.shell_functions);
        if body.is_empty() {
            return None;
        }
        let mut unit = Unit::new(UnitKind::Job, name, span);
        unit.body = body;
        unit.bind = bind;
        unit.functions = functions;
        let id = self.program.add(unit);
        Some(self.call_unit(id, span, format!("stage {name}")))
    }

    /// A call of a job or stage.
    pub(super) fn call_unit(&self, id: crate::model::UnitId, span: Span, text: String) -> Item {
        Item::Call(Box::new(Called { target: Target::Unit(id), bind: Vec::new(), isolated: false, span, text }))
    }

    /// Jobs that run beside one another, called here.
    pub(super) fn beside(&mut self, name: &str, span: Span, jobs: Vec<Unit>) -> Option<Item> {
        if jobs.is_empty() {
            return None;
        }
        let mut unit = Unit::new(UnitKind::Stage, name, span);
        unit.jobs = jobs.into_iter().map(|job| self.program.add(job)).collect();
        let id = self.program.add(unit);
        Some(self.call_unit(id, span, name.to_owned()))
    }

    /// `stage('x') { … }` of a scripted pipeline.
    pub(super) fn scripted_stage(&mut self, call: &'m Call, span: Span, out: &mut Vec<Item>) {
        let Some(closure) = call.body() else { return };
        let name = call.named("name").or_else(|| call.positional().next()).map(|e| self.label(e)).unwrap_or_default();
        let outer = std::mem::take(&mut self.shell_functions);
        let body = self.body(&closure.body);
        out.extend(self.job(&name, span, body));
        self.shell_functions = outer;
    }

    /// `parallel a: { … }, b: { … }`, `parallel branches`.
    pub(super) fn parallel(&mut self, call: &'m Call, span: Span, out: &mut Vec<Item>) {
        let mut branches = Vec::new();
        for arg in &call.args {
            match (&arg.key, &arg.value.kind) {
                (Some(key), ExprKind::Closure(closure)) => {
                    let branch = self.branch(key, closure);
                    branches.push(branch);
                }
                (None, _) => branches.extend(self.branches_of(&arg.value)),
                _ => {}
            }
        }
        branches.truncate(MAX_BRANCHES);
        let jobs = branches.into_iter().filter(|b| !b.items.is_empty()).map(|branch| {
            let mut unit = Unit::new(UnitKind::Job, branch.name, branch.span);
            unit.body = branch.items;
            unit
        });
        let jobs: Vec<Unit> = jobs.collect();
        out.extend(self.beside("parallel", span, jobs));
    }

    fn branch(&mut self, key: &Expr, closure: &'m Closure) -> Branch {
        let name = self.label(key);
        Branch { name, span: key.span.to(closure.span), items: self.body(&closure.body) }
    }

    /// The branches that an expression holds: a map, a variable that holds one, a map made of a list.
    pub(super) fn branches_of(&mut self, e: &'m Expr) -> Vec<Branch> {
        match &e.kind {
            ExprKind::Name(name) => self.names.branches.get(name).cloned().unwrap_or_default(),
            ExprKind::Map(entries) => {
                let mut out = Vec::new();
                for entry in entries {
                    if let (Some(key), ExprKind::Closure(closure)) = (&entry.key, &entry.value.kind) {
                        let branch = self.branch(key, closure);
                        out.push(branch);
                    }
                }
                out
            }
            ExprKind::List(pair) => match pair.as_slice() {
                [key, Expr { kind: ExprKind::Closure(closure), .. }] => vec![self.branch(key, closure)],
                _ => Vec::new(),
            },
            ExprKind::Call(call) if call.receiver.is_some() => self.made_of_list(call),
            ExprKind::Binary(_, a, b) => {
                let mut out = self.branches_of(a);
                out.extend(self.branches_of(b));
                out
            }
            _ => Vec::new(),
        }
    }

    /// `list.collectEntries { x -> ["name": { … }] }`.
    fn made_of_list(&mut self, call: &'m Call) -> Vec<Branch> {
        let (Some(closure), Some(receiver)) = (call.body(), &call.receiver) else { return Vec::new() };
        let variable = closure.params.first().map_or("it", |p| p.name.as_str()).to_owned();
        let values = self.elements(receiver).filter(|all| all.len() <= MAX_BRANCHES);
        let names = self.names.clone();
        let mut out = Vec::new();
        for value in values.unwrap_or_else(|| vec![Neutral::Unknown("an element".to_owned())]) {
            self.bind(&variable, &value);
            if let Some(Statement { kind: StatementKind::Expr(e) | StatementKind::Return(Some(e)), .. }) = closure.body.last() {
                let mut found = self.branches_of(e);
                if value.literal().is_some() {
                    for branch in &mut found {
                        branch.items.insert(0, Item::Assign { name: format!("var.{variable}"), value: value.clone() });
                    }
                }
                out.extend(found);
            }
        }
        self.names = names;
        out
    }

    /// A gate where a person is asked; `line` makes it one. One that is asked only after a failure holds nothing back.
    pub(super) fn asks(&mut self, message: Option<String>, line: Span) -> Item {
        self.run.asks = true;
        let name = message.filter(|m| !m.is_empty()).unwrap_or_else(|| "input".to_owned());
        Item::Gate(GateDecl { kind: GateKind::Input, span: line, name, blocking: self.failing == 0 })
    }
}
