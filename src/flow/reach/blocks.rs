//! Bodies: items in order, blocks under their conditions, and what a block leaves to what follows it.

use super::Reach;
use super::frame::Frame;
use crate::model::{Block, BlockKind, Expr, Item, Scope, Test, Truth, Value};
use crate::source::Span;
use crate::source::paths::join;

impl Reach<'_> {
    /// A block of items under its condition; `entry` is what was known where it is asked.
    fn block(&mut self, block: &Block, entry: &Scope, frame: &mut Frame) {
        if block.when.literal() == Some("false") {
            let text = block.name.clone().unwrap_or_else(|| "step".to_owned());
            self.disable(block.span, text, "its condition is the literal false");
            return;
        }
        let mut inner = frame.clone();
        inner.scope = entry.clone();
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
                self.leave(block, entry, frame, round);
            }
            return;
        } else {
            self.items(&block.items, &mut inner);
        }
        self.leave(block, entry, frame, inner);
    }

    /// What a block leaves to what follows it.
    fn leave(&mut self, block: &Block, entry: &Scope, frame: &mut Frame, inner: Frame) {
        frame.goes_on_after(&inner);
        frame.cloud_login |= inner.cloud_login;
        frame.test_job &= inner.test_job;
        if inner.login.is_some() {
            frame.login.clone_from(&inner.login);
        }
        frame.rendered = inner.rendered;
        frame.written = inner.written;
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
                // What a step sets that may not run is one of the possible values.
                let certain = block.when.truth(entry) == Truth::True;
                for (name, value) in inner.scope.changes(entry) {
                    let Some(variable) = name.strip_prefix("exported.") else { continue };
                    let variable = format!("env.{variable}");
                    let after = if certain { value } else { either(&frame.scope.get(&variable), &value) };
                    frame.scope.set(variable, after);
                }
            }
            BlockKind::Branch | BlockKind::Loop | BlockKind::OnFailure => {
                // What a branch sets is one of the possible values afterwards.
                let certain = block.when.truth(entry) == Truth::True && block.each.is_none();
                for (name, value) in inner.scope.changes(entry) {
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
                let certain = block.when.truth(entry) == Truth::True;
                for (name, value) in inner.scope.changes(entry) {
                    if !block.bind.iter().any(|(bound, _)| *bound == name) {
                        let after = if certain { value } else { either(&frame.scope.get(&name), &value) };
                        frame.scope.set(name, after);
                    }
                }
                frame.functions = inner.functions;
            }
            // A later line of a recipe calls what an earlier one sourced, as if they shared a shell: some other file says so.
            BlockKind::Subshell => frame.functions = inner.functions,
        }
    }

    /// Items in order.
    pub(super) fn items(&mut self, items: &[Item], frame: &mut Frame) {
        let mut entry = Scope::default();
        for item in items {
            match item {
                Item::Command(command) => self.command(command, frame),
                Item::BuiltIn(builtin) => self.builtin(builtin, frame),
                Item::Call(call) => self.call(call, frame),
                Item::Block(block) => {
                    if !block.instead {
                        entry = frame.scope.clone();
                    }
                    self.block(block, &entry, frame);
                }
                Item::Assign { name, value } => {
                    let value = value.eval(&frame.scope);
                    frame.scope.set(name.clone(), value);
                }
                Item::Output { name, value } => {
                    let value = value.eval(&frame.scope);
                    frame.scope.set(format!("output.{name}"), value);
                }
                Item::Pushd(to) => {
                    let to = to.eval(&frame.scope);
                    let there = self.change_dir(frame, &to);
                    let before = std::mem::replace(&mut frame.dir, there);
                    frame.left.push(before);
                }
                Item::Popd => frame.dir = frame.left.pop().flatten(),
                Item::Chdir(to) => {
                    let to = to.eval(&frame.scope);
                    let next = if to.known() == Some("-") { frame.back.take() } else { self.change_dir(frame, &to) };
                    frame.back = std::mem::replace(&mut frame.dir, next);
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

/// Whether a pipeline's condition lets a context pass, and what it then says of it.
pub(super) fn passes(when: &Expr, span: Option<Span>, frame: &mut Frame) -> bool {
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

/// Whether a variable's name says that it holds a program.
fn names_a_program(name: &str) -> bool {
    let name = name.strip_prefix("env.").unwrap_or(name);
    ["CMD", "COMMAND", "BIN", "DOCKER", "KUBECTL", "HELM"].iter().any(|end| name.ends_with(end))
}

/// One of two values.
pub(super) fn either(a: &Value, b: &Value) -> Value {
    let (x, y) = (a.alternatives(), b.alternatives());
    if x.is_empty() && matches!(a, Value::Unknown) {
        return b.clone();
    }
    if x.is_empty() || y.is_empty() { Value::Unknown } else { Value::one_of(x.into_iter().chain(y).collect()) }
}
