//! Statements of a pipeline's program as items.

use super::expression::bounded;
use super::names::Branch;
use super::parameters::chooses_environment;
use super::starts::ENVIRONMENT;
use super::{Exit, MAX_DEPTH, MAX_STATEMENTS, Translator};
use crate::frontends::pipelines::runs;
use crate::model::{Block, BlockKind, Expr as Neutral, Item, Test};
use crate::source::Span;
use crate::syntax::groovy::{Assignment, Case, Closure, Expr, ExprKind, Statement, StatementKind};

/// Loops over known values are read once for each, if that is not more often than so.
const MAX_ROUNDS: usize = 24;
/// Loops over values that are not all known go through each, if that is not more often than so.
const MAX_EACH: usize = 64;
/// More conditions before one are not told apart.
const MAX_BEFORE: usize = 24;

impl<'m> Translator<'m> {
    /// The statements of a closure or method; what ends only it ends with it.
    pub(super) fn body(&mut self, all: &'m [Statement]) -> Vec<Item> {
        if self.depth >= MAX_DEPTH {
            let span = all.first().map(|s| s.span);
            return span.map(|span| Item::Unknown { span, why: "nested too deep".to_owned() }).into_iter().collect();
        }
        self.depth += 1;
        let before = self.exits.len();
        let items = self.statements(all);
        let kept: Vec<Exit> = self.exits.drain(before..).filter(|e| e.run).collect();
        self.exits.extend(kept);
        self.depth -= 1;
        items
    }

    /// Statements in order. What follows a statement that may end the run, or the body, stands under the contrary condition.
    pub(super) fn statements(&mut self, all: &'m [Statement]) -> Vec<Item> {
        let mut out = Vec::new();
        for (i, statement) in all.iter().enumerate() {
            let before = self.exits.len();
            self.statement(statement, &mut out);
            let met: Vec<Neutral> = self.exits[before..].iter().map(|e| runs::not(e.when.clone())).collect();
            if met.is_empty() || i + 1 == all.len() {
                continue;
            }
            if self.depth >= MAX_DEPTH {
                return out;
            }
            self.depth += 1;
            let rest = &all[i + 1..];
            let mut block = Block::new(BlockKind::Section, rest[0].span.to(rest[rest.len() - 1].span));
            block.when = bounded(runs::all(met));
            block.items = self.statements(rest);
            self.depth -= 1;
            if !block.items.is_empty() {
                out.push(Item::Block(Box::new(block)));
            }
            return out;
        }
        out
    }

    fn statement(&mut self, statement: &'m Statement, out: &mut Vec<Item>) {
        self.statements += 1;
        if self.statements > MAX_STATEMENTS {
            return;
        }
        match &statement.kind {
            StatementKind::Expr(e) => self.effects(e, true, out),
            StatementKind::Declare { names, value } => {
                self.names.locals.extend(names.iter().cloned());
                match (names.as_slice(), value) {
                    ([name], Some(value)) => self.set_variable(name, value, out),
                    (_, Some(value)) => self.effects(value, false, out),
                    ([name], None) => self.names.forget(name),
                    _ => {}
                }
            }
            StatementKind::If { arms, otherwise } => self.choice(arms, otherwise, statement.span, out),
            StatementKind::For { variable, values, body } => {
                if let Some(values) = values {
                    self.effects(values, false, out);
                }
                self.repeat(variable.as_deref(), values.as_ref(), body, statement.span, out);
            }
            StatementKind::While { condition, body } => {
                self.effects(condition, false, out);
                self.repeat(None, None, body, statement.span, out);
            }
            StatementKind::Switch { subject, cases } => self.switch(subject, cases, statement.span, out),
            StatementKind::Try { body, catches, finally } => self.attempt(body, catches, finally, statement.span, out),
            StatementKind::Return(value) => {
                if let Some(value) = value {
                    self.effects(value, true, out);
                }
                self.leave(Neutral::always(), false);
            }
            StatementKind::Throw(_) => self.leave(Neutral::always(), true),
            StatementKind::Block(body) => out.extend(self.statements(body)),
            StatementKind::Unreadable => {
                out.push(Item::Unknown { span: statement.span, why: "this statement cannot be read".to_owned() });
            }
            StatementKind::Jump | StatementKind::Method(_) | StatementKind::Class { .. } | StatementKind::Import(_) => {}
        }
    }

    /// Items under a condition.
    pub(super) fn guarded(&mut self, when: Neutral, at: Option<Span>, span: Span, body: &'m [Statement], out: &mut Vec<Item>) {
        self.guards.push(when.clone());
        let items = self.statements(body);
        self.guards.pop();
        if !items.is_empty() {
            let mut block = Block::new(BlockKind::Section, span);
            block.when = when;
            block.when_span = at;
            block.items = items;
            out.push(Item::Block(Box::new(block)));
        }
    }

    fn choice(&mut self, arms: &'m [(Expr, Vec<Statement>)], otherwise: &'m [Statement], span: Span, out: &mut Vec<Item>) {
        let first = out.len();
        let mut before: Vec<Neutral> = Vec::new();
        for (e, body) in arms {
            self.effects(e, false, out);
            let condition = self.condition(e);
            let mut all = before.clone();
            all.push(condition.clone());
            // The two ways to write for two systems are one way.
            let plain = asks_for_system(e);
            if plain {
                out.extend(self.statements(body));
            } else {
                self.guarded(bounded(runs::all(all)), Some(e.span), span, body, out);
            }
            before.push(runs::not(condition));
            few(&mut before);
        }
        if !otherwise.is_empty() && !arms.iter().any(|(e, _)| asks_for_system(e)) {
            self.guarded(bounded(runs::all(before)), arms.last().map(|(e, _)| e.span), span, otherwise, out);
        }
        instead(&mut out[first..], span);
    }

    fn switch(&mut self, subject: &'m Expr, cases: &'m [Case], span: Span, out: &mut Vec<Item>) {
        self.effects(subject, false, out);
        let of = self.value(subject);
        let mut before: Vec<Neutral> = Vec::new();
        let mut open: Vec<Neutral> = Vec::new();
        for case in cases {
            let own = match &case.value {
                None => runs::all(before.iter().cloned().map(runs::not).collect()),
                Some(e) => match (self.elements(e), &e.kind) {
                    (Some(all), _) => Neutral::Or(all.into_iter().map(|b| self.test(Test::Equals, of.clone(), b)).collect()),
                    (None, ExprKind::Unary(pattern)) => {
                        let pattern = self.value(pattern);
                        self.test(Test::Regex, of.clone(), pattern)
                    }
                    (None, _) => {
                        let value = self.value(e);
                        self.test(Test::Equals, of.clone(), value)
                    }
                },
            };
            before.push(own.clone());
            few(&mut before);
            open.push(own);
            if case.body.is_empty() {
                continue;
            }
            let when = if open.len() == 1 { open.remove(0) } else { Neutral::Or(std::mem::take(&mut open)) };
            let when = bounded(when);
            self.run.reads(&when);
            self.guarded(when.clone(), case.value.as_ref().map(|e| e.span), span, &case.body, out);
            let goes_on = !case
                .body
                .iter()
                .any(|s| matches!(s.kind, StatementKind::Jump | StatementKind::Return(_) | StatementKind::Throw(_)));
            if goes_on {
                open.push(when);
            }
        }
    }

    fn attempt(
        &mut self,
        body: &'m [Statement],
        catches: &'m [Vec<Statement>],
        finally: &'m [Statement],
        span: Span,
        out: &mut Vec<Item>,
    ) {
        // A handler that asks a person lets no failure pass either.
        let asks = |e: &Expr| e.call().is_some_and(|c| c.name == "input" && c.receiver.is_none());
        let fails = |s: &Statement| match &s.kind {
            StatementKind::Throw(_) => true,
            StatementKind::Declare { value: Some(value), .. } => asks(value),
            StatementKind::Expr(e) => match &e.kind {
                ExprKind::Call(c) => c.name == "error" || asks(e),
                ExprKind::Assign { target, value, .. } => {
                    target.path().is_some_and(|p| p == "currentBuild.result") || asks(value)
                }
                _ => false,
            },
            _ => false,
        };
        let mut block = Block::new(BlockKind::Section, span);
        block.continue_on_error = !catches.is_empty() && !catches.iter().any(|c| c.iter().any(fails));
        let before = self.exits.len();
        block.items = self.statements(body);
        if block.continue_on_error {
            self.exits.truncate(before);
        }
        if !block.items.is_empty() {
            out.push(Item::Block(Box::new(block)));
        }
        for handler in catches {
            // What it does at its end happens only after a failure.
            let before = self.exits.len();
            let mut block = Block::new(BlockKind::OnFailure, span);
            self.failing += 1;
            block.items = self.statements(handler);
            self.failing -= 1;
            self.exits.truncate(before);
            if !block.items.is_empty() {
                out.push(Item::Block(Box::new(block)));
            }
        }
        out.extend(self.statements(finally));
    }

    /// A loop; one over a few known values is read for each of them.
    pub(super) fn repeat(
        &mut self,
        variable: Option<&str>,
        values: Option<&'m Expr>,
        body: &'m [Statement],
        span: Span,
        out: &mut Vec<Item>,
    ) {
        let values = values.and_then(|e| self.elements(e));
        let names = self.names.clone();
        let literal = values.as_ref().is_some_and(|all| {
            !all.is_empty() && all.len() * self.rounds <= MAX_ROUNDS && all.iter().all(|v| v.literal().is_some())
        });
        let mut items = Vec::new();
        if let (true, Some(variable)) = (literal, variable) {
            let values = values.unwrap_or_default();
            let outer = self.rounds;
            self.rounds *= values.len();
            for value in values {
                self.bind(variable, &value);
                let mut block = Block::new(BlockKind::Section, span);
                block.bind = vec![(format!("var.{variable}"), value)];
                block.items = self.body(body);
                items.push(Item::Block(Box::new(block)));
            }
            self.rounds = outer;
        } else {
            let mut block = Block::new(BlockKind::Loop, span);
            if let Some(variable) = variable {
                self.names.forget(variable);
                self.names.locals.insert(variable.to_owned());
                let values = values.filter(|all| all.len() * self.rounds <= MAX_EACH).unwrap_or_default();
                block.each = Some((format!("var.{variable}"), values));
            }
            let outer = self.rounds;
            self.rounds *= block.each.as_ref().map_or(1, |(_, values)| values.len().max(1));
            block.items = self.body(body);
            self.rounds = outer;
            items.push(Item::Block(Box::new(block)));
        }
        in_loop(&mut items, None);
        let branches = std::mem::take(&mut self.names.branches);
        self.names.constants = names.constants;
        self.names.branches = branches;
        out.extend(items);
    }

    /// `x = value`, with what the value does.
    pub(super) fn set_variable(&mut self, name: &str, value: &'m Expr, out: &mut Vec<Item>) {
        self.remember(name, value);
        if matches!(value.kind, ExprKind::Closure(_)) {
            return;
        }
        if let ExprKind::Map(entries) = &value.kind {
            if entries.is_empty() || entries.iter().any(|e| matches!(e.value.kind, ExprKind::Closure(_))) {
                let branches = self.branches_of(value);
                self.names.branches.insert(name.to_owned(), branches);
                return;
            }
            let mut bound = Vec::new();
            self.entries(name, entries, &mut bound);
            out.extend(bound.into_iter().map(|(n, value)| Item::Assign { name: format!("var.{n}"), value }));
            return;
        }
        if let ExprKind::Call(call) = &value.kind {
            if call.name == "load" && call.receiver.is_none() {
                self.load(call, Some(name), out);
                return;
            }
            let docker = call.receiver.as_ref().and_then(|r| r.path()).is_some_and(|p| p == "docker");
            if docker && matches!(call.name.as_str(), "build" | "image") {
                self.names.images.insert(name.to_owned());
            }
            if call.receiver.is_none() && call.name == "library" {
                self.names.objects.insert(name.to_owned());
            }
        }
        if matches!(value.kind, ExprKind::New { .. }) {
            self.names.objects.insert(name.to_owned());
        }
        self.effects(value, false, out);
        let value = self.value(value);
        if let Some(text) = value.literal().filter(|_| self.set_once(name)) {
            self.names.constants.insert(name.to_owned(), text.to_owned());
        }
        out.push(Item::Assign { name: format!("var.{name}"), value });
    }

    /// An assignment that is no declaration.
    pub(super) fn assign(&mut self, target: &'m Expr, how: Assignment, value: &'m Expr, out: &mut Vec<Item>) {
        match (&target.kind, how) {
            (ExprKind::Name(name), Assignment::Set) => {
                self.names.locals.insert(name.clone());
                self.set_variable(name, value, out);
            }
            (ExprKind::Index { of, index }, Assignment::Set) if matches!(value.kind, ExprKind::Closure(_)) => {
                if let (Some(map), [key], ExprKind::Closure(closure)) = (of.path(), index.as_slice(), &value.kind) {
                    let name = self.label(key);
                    self.add_branch(&map, name, closure);
                }
            }
            _ => {
                self.effects(value, false, out);
                let Some(path) = target.path().or_else(|| self.indexed_path(target)) else { return };
                let Neutral::Var(name) = self.named(&path) else { return };
                self.names.forget(&path);
                let set = self.value(value);
                let set = match how {
                    Assignment::Set => set,
                    Assignment::Add => bounded(Neutral::concat(vec![Neutral::Var(name.clone()), set])),
                    Assignment::Other => Neutral::Unknown("a calculation".to_owned()),
                };
                let bare = name.strip_prefix("env.").unwrap_or("");
                if chooses_environment(bare) {
                    out.push(Item::Assign { name: ENVIRONMENT.to_owned(), value: set.clone() });
                }
                out.push(Item::Assign { name, value: set });
            }
        }
    }

    fn indexed_path(&mut self, e: &Expr) -> Option<String> {
        let ExprKind::Index { of, index } = &e.kind else { return None };
        let [key] = index.as_slice() else { return None };
        let key = self.value(key).literal()?.to_owned();
        of.path().map(|of| format!("{of}.{key}"))
    }

    /// `map[name] = closure`, `map.put(name, closure)`.
    pub(super) fn add_branch(&mut self, map: &str, name: String, closure: &'m Closure) {
        let items = self.body(&closure.body);
        let branch = Branch { name, span: closure.span, items };
        self.names.branches.entry(map.to_owned()).or_default().push(branch);
    }
}

/// Of the branches of one choice, each further one is another way than the first.
fn instead(items: &mut [Item], choice: Span) {
    let mut more = false;
    for item in items {
        if let Item::Block(block) = item
            && block.kind == BlockKind::Section
            && block.span == choice
        {
            block.instead = more;
            more = true;
        }
    }
}

/// Many conditions are one that is not known.
fn few(before: &mut Vec<Neutral>) {
    if before.len() > MAX_BEFORE {
        *before = vec![Neutral::Unknown("one of many conditions".to_owned())];
    }
}

/// `if (isUnix())`.
fn asks_for_system(e: &Expr) -> bool {
    e.call().is_some_and(|c| c.name == "isUnix")
}

/// Say of every command that it runs in a loop; not of what is called from `within` it and stands somewhere else.
pub(super) fn in_loop(items: &mut [Item], within: Option<Span>) {
    for item in items {
        match item {
            Item::Command(command) => command.logic.in_loop = true,
            Item::Block(block) => {
                let outside = |of: Span| block.span.file != of.file || block.span.start < of.start || block.span.end > of.end;
                if !within.is_some_and(outside) {
                    in_loop(&mut block.items, within);
                }
            }
            _ => {}
        }
    }
}
