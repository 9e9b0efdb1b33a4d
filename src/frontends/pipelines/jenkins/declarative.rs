//! Declarative pipelines: <https://www.jenkins.io/doc/book/pipeline/syntax/#declarative-pipeline>.

use super::expression::{bounded, one_of, unknown};
use super::parameters::chooses_environment;
use super::starts::ENVIRONMENT;
use super::when::{When, calls};
use super::{MAX_DEPTH, Translator};
use crate::frontends::pipelines::runs;
use crate::model::{Block, BlockKind, Expr as Neutral, Item, Unit, UnitKind};
use crate::source::Span;
use crate::syntax::groovy::{Call, Closure, Expr, ExprKind, Statement, StatementKind};

/// More combinations of a matrix are not told apart.
const MAX_CELLS: usize = 256;

/// A stage as it is written.
struct Written<'m> {
    name: String,
    span: Span,
    closure: &'m Closure,
}

/// A stage as a job, with what decides whether it runs.
struct Stage {
    unit: Unit,
    when: Option<(When, Span)>,
    gate: Option<Item>,
}

/// A named part of a pipeline or stage.
fn part<'m>(closure: &'m Closure, name: &str) -> Option<&'m Call> {
    calls(&closure.body).find(|c| c.name == name && c.receiver.is_none())
}

fn part_body<'m>(closure: &'m Closure, name: &str) -> Option<&'m Closure> {
    part(closure, name).and_then(Call::body)
}

/// The expressions that are statements of a part.
fn expressions<'m>(closure: &'m Closure, name: &str) -> impl Iterator<Item = &'m Expr> {
    part_body(closure, name).into_iter().flat_map(|c| &c.body).filter_map(|s| match &s.kind {
        StatementKind::Expr(e) => Some(e),
        _ => None,
    })
}

impl<'m> Translator<'m> {
    /// `pipeline { … }`.
    pub(super) fn declarative(&mut self, closure: &'m Closure, span: Span, out: &mut Vec<Item>) {
        if let Some(call) = part(closure, "parameters") {
            self.declare_parameters(expressions(closure, "parameters"), call.head);
        }
        for e in expressions(closure, "triggers") {
            self.trigger(e);
        }
        let mut block = Block::new(BlockKind::Section, span);
        block.bind = self.environment(closure);
        if let Some(stages) = part_body(closure, "stages") {
            block.items = self.stages(&stages.body);
        }
        let after = self.post(closure);
        if self.run.asks && !after.is_empty() {
            // It runs whether or not somebody agrees.
            let mut unit = Unit::new(UnitKind::Job, "post", part(closure, "post").map_or(span, |c| c.head));
            unit.body = after;
            unit.functions = std::mem::take(&mut self.shell_functions);
            let post = self.beside("post", span, vec![unit]);
            block.items.splice(0..0, post);
        } else {
            block.items.extend(self.job("post", part(closure, "post").map_or(span, |c| c.head), after));
        }
        out.push(Item::Block(Box::new(block)));
    }

    /// The variables that `environment { … }` sets.
    fn environment(&mut self, closure: &'m Closure) -> Vec<(String, Neutral)> {
        let mut out = Vec::new();
        for e in expressions(closure, "environment") {
            if let ExprKind::Assign { target, value, .. } = &e.kind
                && let Some(name) = target.path().or_else(|| target.plain().map(ToOwned::to_owned))
            {
                let name = name.strip_prefix("env.").unwrap_or(&name).to_owned();
                let value = self.value(value);
                if chooses_environment(&name) {
                    out.push((ENVIRONMENT.to_owned(), value.clone()));
                }
                out.push((format!("env.{name}"), value));
            }
        }
        out
    }

    /// Stages one after another; those after one that may end the run stand under the contrary condition.
    fn stages(&mut self, all: &'m [Statement]) -> Vec<Item> {
        let mut out = Vec::new();
        for (i, statement) in all.iter().enumerate() {
            let before = self.exits.len();
            match self.written_stage(statement) {
                Some(stage) => self.sequential(&stage, &mut out),
                // A step of a shared library, or a method, that makes stages.
                None => out.extend(self.statements(std::slice::from_ref(statement))),
            }
            let met: Vec<Neutral> = self.exits[before..].iter().map(|e| runs::not(e.when.clone())).collect();
            if !met.is_empty() && i + 1 < all.len() && self.depth < MAX_DEPTH {
                self.depth += 1;
                let mut block = Block::new(BlockKind::Section, statement.span);
                block.when = bounded(runs::all(met));
                block.items = self.stages(&all[i + 1..]);
                self.depth -= 1;
                out.push(Item::Block(Box::new(block)));
                return out;
            }
        }
        out
    }

    fn written_stage(&mut self, statement: &'m Statement) -> Option<Written<'m>> {
        let StatementKind::Expr(e) = &statement.kind else { return None };
        let call = e.call().filter(|c| c.name == "stage" && c.receiver.is_none())?;
        let closure = call.body()?;
        let name = call.positional().next().map(|e| self.label(e)).unwrap_or_default();
        Some(Written { name, span: statement.span, closure })
    }

    /// A stage of a sequence.
    fn sequential(&mut self, written: &Written<'m>, out: &mut Vec<Item>) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        let outer = std::mem::take(&mut self.shell_functions);
        let stage = self.stage(written);
        self.shell_functions = outer;
        if stage.unit.body.is_empty() && stage.gate.is_none() {
            return;
        }
        let before_input = stage.when.as_ref().is_some_and(|(w, _)| w.before_input);
        let mut gate = stage.gate;
        if !before_input {
            out.extend(gate.take());
        }
        let mut items: Vec<Item> = gate.into_iter().collect();
        if !stage.unit.body.is_empty() {
            let name = stage.unit.name.clone();
            let id = self.program.add(stage.unit);
            items.push(self.call_unit(id, written.span, format!("stage {name}")));
        }
        match stage.when {
            None => out.extend(items),
            Some((when, at)) => {
                let mut block = Block::new(BlockKind::Section, written.span);
                block.name = Some(written.name.clone());
                block.when = when.condition;
                block.when_span = Some(at);
                block.items = items;
                out.push(Item::Block(Box::new(block)));
            }
        }
    }

    /// A stage with what it does.
    fn stage(&mut self, written: &Written<'m>) -> Stage {
        self.depth += 1;
        let closure = written.closure;
        let mut unit = Unit::new(UnitKind::Job, written.name.as_str(), written.span);
        let when = part(closure, "when").and_then(|call| {
            let body = call.body()?;
            Some((self.when(body), call.name_span.to(body.span)))
        });
        let gate = part(closure, "input").map(|call| self.input_directive(call, &mut unit));
        self.guards.push(when.as_ref().map_or_else(Neutral::always, |(w, _)| w.condition.clone()));
        unit.bind.extend(self.environment(closure));
        if let Some(steps) = part_body(closure, "steps") {
            unit.body = self.body(&steps.body);
        } else if let Some(parallel) = part_body(closure, "parallel") {
            let jobs = self.branches(&parallel.body);
            unit.body = self.beside(&written.name, written.span, jobs).into_iter().collect();
        } else if let Some(stages) = part_body(closure, "stages") {
            unit.body = self.stages(&stages.body);
        } else if let Some(matrix) = part_body(closure, "matrix") {
            unit.body = self.matrix(matrix, written).into_iter().collect();
        }
        let after = self.post(closure);
        unit.body.extend(after);
        unit.functions = std::mem::take(&mut self.shell_functions);
        self.guards.pop();
        self.depth -= 1;
        Stage { unit, when, gate }
    }

    /// Stages beside one another.
    fn branches(&mut self, all: &'m [Statement]) -> Vec<Unit> {
        let mut out = Vec::new();
        for statement in all {
            let Some(written) = self.written_stage(statement) else { continue };
            if self.depth >= MAX_DEPTH {
                continue;
            }
            let outer = std::mem::take(&mut self.shell_functions);
            let Stage { mut unit, when, gate } = self.stage(&written);
            self.shell_functions = outer;
            unit.body.splice(0..0, gate);
            if let Some((when, at)) = when {
                unit.when = when.condition;
                unit.when_span = Some(at);
            }
            if unit.when.literal() == Some("false") {
                unit.disabled = Some("its condition is the literal false".to_owned());
            }
            if !unit.body.is_empty() {
                out.push(unit);
            }
        }
        out
    }

    /// `input { message 'x' … }`; the values that it asks for are variables of the stage.
    fn input_directive(&mut self, call: &'m Call, unit: &mut Unit) -> Item {
        let mut message = call.named("message").or_else(|| call.positional().next()).map(|e| self.label(e));
        if let Some(closure) = call.body() {
            if let Some(text) = part(closure, "message").and_then(|c| c.positional().next()) {
                message = Some(self.label(text));
            }
            for e in expressions(closure, "parameters") {
                if let Some(parameter) = self.parameter(e) {
                    let value = if parameter.options.is_empty() { unknown("asked") } else { one_of(&parameter.options) };
                    unit.bind.push((format!("env.{}", parameter.name), value));
                }
            }
        }
        self.asks(message, call.head)
    }

    /// `matrix { axes { … } excludes { … } stages { … } }`.
    fn matrix(&mut self, closure: &'m Closure, written: &Written<'m>) -> Option<Item> {
        let mut cells: Vec<Vec<(String, String)>> = vec![Vec::new()];
        for (name, values, _) in part_body(closure, "axes").map(|axes| self.axes(axes)).unwrap_or_default() {
            cells = cells
                .iter()
                .flat_map(|c| values.iter().map(|v| c.iter().cloned().chain([(name.clone(), v.clone())]).collect()))
                .take(MAX_CELLS)
                .collect();
        }
        for exclude in part_body(closure, "excludes").into_iter().flat_map(|c| calls(&c.body)).filter_map(Call::body) {
            let axes = self.axes(exclude);
            cells.retain(|cell| {
                let fits = |(name, values, negated): &(String, Vec<String>, bool)| {
                    cell.iter().any(|(n, v)| n == name && (values.contains(v) != *negated))
                };
                axes.is_empty() || !axes.iter().all(fits)
            });
        }
        let inner = Written { name: written.name.clone(), span: written.span, closure };
        let Stage { mut unit, when, .. } = self.stage(&inner);
        if let Some((when, at)) = when {
            unit.when = when.condition;
            unit.when_span = Some(at);
        }
        let bound = |cell: Vec<(String, String)>| cell.into_iter().map(|(n, v)| (format!("env.{n}"), Neutral::Lit(v))).collect();
        unit.matrix = cells.into_iter().map(bound).collect();
        self.beside(&written.name, written.span, vec![unit])
    }

    /// Axes: name, values, and whether these are the ones that do not fit.
    fn axes(&mut self, closure: &'m Closure) -> Vec<(String, Vec<String>, bool)> {
        let mut out = Vec::new();
        for axis in calls(&closure.body).filter(|c| c.name == "axis").filter_map(Call::body) {
            let name = part(axis, "name").and_then(|c| c.positional().next()).map(|e| self.label(e)).unwrap_or_default();
            let negated = part(axis, "notValues").is_some();
            let given = part(axis, "values").or_else(|| part(axis, "notValues"));
            let values = given.into_iter().flat_map(Call::positional).map(|e| self.label(e)).collect();
            out.push((name, values, negated));
        }
        out
    }

    /// `post { always { … } failure { … } }`.
    fn post(&mut self, closure: &'m Closure) -> Vec<Item> {
        let mut out = Vec::new();
        for call in part_body(closure, "post").into_iter().flat_map(|c| calls(&c.body)) {
            let Some(body) = call.body() else { continue };
            let fails = matches!(call.name.as_str(), "failure" | "unsuccessful" | "aborted" | "unstable" | "regression");
            let before = self.exits.len();
            self.failing += usize::from(fails);
            let items = self.body(&body.body);
            self.failing -= usize::from(fails);
            self.exits.truncate(before);
            if items.is_empty() {
                continue;
            }
            if fails {
                let mut block = Block::new(BlockKind::OnFailure, body.span);
                block.items = items;
                out.push(Item::Block(Box::new(block)));
            } else {
                out.extend(items);
            }
        }
        out
    }
}
