//! Methods and closures of the program: those of the file, of files that it loads, of the shared library. A method is read once
//! for each set of literal arguments, so that what they name is known in it.

use super::expression::{bounded, choice, compare};
use super::names::Captured;
use super::{Exit, Translator, library_step};
use crate::frontends::pipelines::runs;
use crate::model::{Block, BlockKind, Call as Called, Expr as Neutral, Item, Scope, Target, Test, Unit, UnitId, UnitKind, Value};
use crate::syntax::groovy::{Call, Expr, ExprKind, Method, Param, Statement, StatementKind};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A method is read for at most this many sets of literal arguments.
const MAX_VARIANTS: usize = 32;
/// Longest literal argument that is told apart.
const MAX_LITERAL: usize = 60;
/// How much deeper a value is that a method gives.
const CALL_LEVEL: usize = 12;

/// A method that was read.
#[derive(Clone, Debug)]
pub(super) struct Function {
    unit: UnitId,
    /// Conditions under which the run ends in it.
    exits: Vec<Exit>,
}

/// What a call gives to parameters: values, and closures.
type Given<'m> = (Vec<(String, Neutral)>, Vec<(String, Captured<'m>)>);

/// What a call names.
pub(super) enum Callee<'m> {
    /// A method of a file.
    Method(usize, &'m Method),
    /// A closure that stands in a variable.
    Closure(Captured<'m>),
}

impl<'m> Translator<'m> {
    /// What a call names, where that is in this repository.
    pub(super) fn resolve(&self, call: &Call) -> Option<Callee<'m>> {
        let modules = self.modules;
        let method = |module: usize, name: &str| modules[module].method(name).map(|m| Callee::Method(module, m));
        match call.receiver.as_ref().map(|r| r.path()) {
            None => {
                if let Some(closure) = self.names.closures.get(&call.name) {
                    return Some(Callee::Closure(closure.clone()));
                }
                method(self.module, &call.name).or_else(|| method(*self.library.get(call.name.as_str())?, "call"))
            }
            Some(Some(path)) if matches!(path.as_str(), "this" | "script" | "steps") => {
                method(self.module, &call.name).or_else(|| method(*self.library.get(call.name.as_str())?, "call"))
            }
            Some(Some(path)) => {
                if call.name == "call"
                    && let Some(closure) = self.names.closures.get(&path)
                {
                    return Some(Callee::Closure(closure.clone()));
                }
                let module = self.names.loaded.get(&path).or_else(|| self.library.get(path.as_str()))?;
                method(*module, &call.name)
            }
            Some(None) => None,
        }
    }

    /// What the methods of a file can see of it: the variables that stand outside of them.
    pub(super) fn declare_methods(&mut self, module: usize) {
        let modules = self.modules;
        for statement in &modules[module].script.statements {
            match &statement.kind {
                StatementKind::Declare { names, value } => {
                    self.names.locals.extend(names.iter().cloned());
                    if let ([name], Some(value)) = (names.as_slice(), value) {
                        self.remember(name, value);
                    }
                }
                StatementKind::Expr(Expr { kind: ExprKind::Assign { target, .. }, .. }) => {
                    if let ExprKind::Name(name) = &target.kind {
                        self.names.locals.insert(name.clone());
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a variable is set in one place of the file only.
    pub(super) fn set_once(&self, name: &str) -> bool {
        self.modules[self.module].sets.get(name).is_none_or(|n| *n <= 1)
    }

    /// Keep what a variable is set to.
    pub(super) fn remember(&mut self, name: &str, value: &'m Expr) {
        self.names.forget(name);
        let once = self.set_once(name);
        match &value.kind {
            ExprKind::Text(_) | ExprKind::Binary(..) | ExprKind::List(_) if !once => {}
            ExprKind::Text(_) | ExprKind::Binary(..) => {
                self.names.texts.insert(name.to_owned(), value);
            }
            ExprKind::List(all) => {
                self.names.lists.insert(name.to_owned(), all);
            }
            ExprKind::Closure(closure) => {
                let captured = Captured { closure, module: self.module, names: None };
                self.names.closures.insert(name.to_owned(), captured);
            }
            _ => {}
        }
    }

    /// Values of the parameters in a call, by name.
    fn arguments(&mut self, params: &[Param], call: &'m Call) -> Given<'m> {
        let mut bound = Vec::new();
        let mut closures = Vec::new();
        let mut positional = call.positional();
        let named = call.args.iter().any(|a| a.key.is_some());
        for (i, param) in params.iter().enumerate() {
            let map = if i == 0 && named { Some(call.args.as_slice()) } else { None };
            let value = if map.is_some() { None } else { positional.next() };
            match value.map(|e| &e.kind) {
                Some(ExprKind::Closure(closure)) => {
                    let names = Some(Rc::new(self.names.clone()));
                    closures.push((param.name.clone(), Captured { closure, module: self.module, names }));
                }
                Some(ExprKind::Map(entries)) => self.entries(&param.name, entries, &mut bound),
                _ => match (value, map, &param.default) {
                    (Some(e), ..) => bound.push((param.name.clone(), self.value(e))),
                    (None, Some(entries), _) => self.entries(&param.name, entries, &mut bound),
                    (None, None, Some(default)) => bound.push((param.name.clone(), self.value(default))),
                    (None, None, None) => {}
                },
            }
        }
        (bound, closures)
    }

    /// Entries of a map as properties of a name.
    pub(super) fn entries(&mut self, name: &str, entries: &[crate::syntax::groovy::Arg], out: &mut Vec<(String, Neutral)>) {
        for entry in entries {
            if let Some(key) = entry.name() {
                out.push((format!("{name}.{key}"), self.value(&entry.value)));
            }
        }
    }

    /// Call a method or closure of this repository.
    pub(super) fn call_of(&mut self, callee: &Callee<'m>, call: &'m Call, out: &mut Vec<Item>) {
        match callee {
            Callee::Closure(captured) => self.call_closure(captured, call, out),
            Callee::Method(module, method) => self.call_method(*module, method, call, out),
        }
    }

    fn call_closure(&mut self, captured: &Captured<'m>, call: &'m Call, out: &mut Vec<Item>) {
        let closure = captured.closure;
        let (bound, closures) = self.arguments(&closure.params, call);
        let outer = (self.module, self.names.clone());
        self.module = captured.module;
        if let Some(names) = &captured.names {
            self.names = (**names).clone();
        }
        self.names.closures.extend(closures);
        for (name, value) in &bound {
            self.bind(name, value);
        }
        self.names.locals.extend(closure.params.iter().map(|p| p.name.clone()));
        let mut block = Block::new(BlockKind::Section, closure.span);
        block.items = self.body(&closure.body);
        block.bind = bound.into_iter().map(|(n, v)| (format!("var.{n}"), v)).collect();
        (self.module, self.names) = outer;
        if !block.items.is_empty() {
            out.push(Item::Block(Box::new(block)));
        }
    }

    /// A variable with this value, which is known where it is a literal.
    pub(super) fn bind(&mut self, name: &str, value: &Neutral) {
        self.names.forget(name);
        self.names.locals.insert(name.split('.').next().unwrap_or(name).to_owned());
        if let Some(text) = value.literal().filter(|t| t.len() <= MAX_LITERAL) {
            self.names.constants.insert(name.to_owned(), text.to_owned());
        }
    }

    fn call_method(&mut self, module: usize, method: &'m Method, call: &'m Call, out: &mut Vec<Item>) {
        self.used.insert(module);
        let (bound, closures) = self.arguments(&method.params, call);
        let start = method.span.start as usize;
        let literal =
            |(name, value): &(String, Neutral)| value.literal().filter(|t| t.len() <= MAX_LITERAL).map(|t| format!("{name}={t}"));
        let mut key: Vec<String> = bound.iter().filter_map(literal).collect();
        let variants = self.functions.keys().filter(|(m, s, _)| *m == module && *s == start).count();
        let known = variants < MAX_VARIANTS;
        if !known {
            key.clear();
        }
        key.extend(closures.iter().map(|(name, c)| format!("{name}@{}:{}", c.closure.span.file.0, c.closure.span.start)));
        let key = (module, start, key);
        if !self.functions.contains_key(&key) && variants < 2 * MAX_VARIANTS {
            self.read_method(&key, method, if known { &bound } else { &[] }, closures);
        }
        let Some(function) = self.functions.get(&key).cloned() else { return };
        let bind = bound.into_iter().map(|(n, v)| (format!("var.{n}"), v)).collect();
        let text = self.written(call.head);
        let target = Target::Unit(function.unit);
        out.push(Item::Call(Box::new(Called { target, bind, isolated: false, span: call.head, text })));
        for exit in function.exits {
            self.leave(exit.when, true);
        }
    }

    /// Read a method with these arguments as a unit.
    pub(super) fn read_method(
        &mut self,
        key: &(usize, usize, Vec<String>),
        method: &'m Method,
        bound: &[(String, Neutral)],
        closures: Vec<(String, Captured<'m>)>,
    ) {
        let module = key.0;
        let modules = self.modules;
        let name = match library_step(&modules[module].file.path) {
            Some(step) if method.name == "call" => step,
            _ => method.name.as_str(),
        };
        let id = self.program.add(Unit::new(UnitKind::Function, name, method.span));
        self.functions.insert(key.clone(), Function { unit: id, exits: Vec::new() });
        let outer = (self.module, self.names.clone(), std::mem::take(&mut self.guards), std::mem::take(&mut self.exits));
        let shell_functions = std::mem::take(&mut self.shell_functions);
        let failing = std::mem::take(&mut self.failing);
        if module != self.module {
            self.names = super::Names::default();
            self.module = module;
            self.declare_methods(module);
        }
        self.names.locals.extend(method.params.iter().map(|p| p.name.clone()));
        for param in &method.params {
            self.names.forget(&param.name);
        }
        for (name, value) in bound {
            self.bind(name, value);
        }
        self.names.closures.extend(closures);
        let body = self.body(&method.body);
        let exits = std::mem::take(&mut self.exits);
        let unit = self.program.unit_mut(id);
        unit.body = body;
        unit.functions = std::mem::replace(&mut self.shell_functions, shell_functions);
        self.failing = failing;
        (self.module, self.names, self.guards, self.exits) = outer;
        if let Some(function) = self.functions.get_mut(key) {
            function.exits = exits;
        }
    }

    /// What a call of a method of this repository gives.
    pub(super) fn returned(&mut self, call: &Call) -> Option<Neutral> {
        let Some(Callee::Method(module, method)) = self.resolve(call) else { return None };
        let mut values: BTreeMap<String, Neutral> = BTreeMap::new();
        let mut positional = call.positional();
        let named = call.args.iter().any(|a| a.key.is_some());
        for (i, param) in method.params.iter().enumerate() {
            if i == 0 && named {
                for arg in call.args.iter().filter(|a| a.key.is_some()) {
                    let value = self.value(&arg.value);
                    values.insert(format!("var.{}.{}", param.name, arg.name().unwrap_or("")), value);
                }
            } else if let Some(e) = positional.next().or(param.default.as_ref()) {
                values.insert(format!("var.{}", param.name), self.value(e));
            }
        }
        if self.level + CALL_LEVEL > 100 {
            return None;
        }
        self.level += CALL_LEVEL;
        let outer = (self.module, self.names.clone());
        if module != self.module {
            self.names = super::Names::default();
            self.module = module;
            self.declare_methods(module);
        }
        self.names.locals.extend(method.params.iter().map(|p| p.name.clone()));
        method.params.iter().for_each(|p| self.names.forget(&p.name));
        let result = self.result_of(&method.body);
        (self.module, self.names) = outer;
        self.level -= CALL_LEVEL;
        result.map(|r| decided(bounded(substituted(&r, &values))))
    }

    /// What a body gives: what it returns, or its last expression.
    pub(super) fn result_of(&mut self, body: &[Statement]) -> Option<Neutral> {
        let mut set: BTreeMap<String, Neutral> = BTreeMap::new();
        for (i, statement) in body.iter().enumerate() {
            let rest = &body[i + 1..];
            let found = match &statement.kind {
                StatementKind::Return(Some(e)) => Some(self.value(e)),
                StatementKind::Return(None) | StatementKind::Throw(_) => Some(Neutral::lit("")),
                StatementKind::If { arms, otherwise } if returns(statement) => {
                    let after = self.result_of(rest).unwrap_or_else(|| Neutral::lit(""));
                    let mut out = self.result_of(otherwise).unwrap_or_else(|| after.clone());
                    for (condition, arm) in arms.iter().rev() {
                        let value = self.result_of(arm).unwrap_or_else(|| after.clone());
                        out = bounded(choice(self.value(condition), value, out));
                    }
                    Some(out)
                }
                StatementKind::Switch { subject, cases } if returns(statement) => {
                    let mut out = self.result_of(rest).unwrap_or_else(|| Neutral::lit(""));
                    let of = self.value(subject);
                    for case in cases.iter().rev() {
                        let Some(value) = self.result_of(&case.body) else { continue };
                        out = match &case.value {
                            None => value,
                            Some(e) => bounded(choice(compare(Test::Equals, of.clone(), self.value(e)), value, out)),
                        };
                    }
                    Some(out)
                }
                StatementKind::Try { body, .. } if returns(statement) => self.result_of(body),
                StatementKind::Declare { names, value: Some(value) } => {
                    if let [name] = names.as_slice() {
                        self.names.locals.insert(name.clone());
                        self.names.forget(name);
                        let value = self.value(value);
                        set.insert(format!("var.{name}"), bounded(substituted(&value, &set)));
                    }
                    None
                }
                StatementKind::Expr(e) if rest.is_empty() && !matches!(e.kind, ExprKind::Assign { .. }) => Some(self.value(e)),
                _ => None,
            };
            if let Some(found) = found {
                return Some(bounded(substituted(&found, &set)));
            }
        }
        None
    }

    /// The body or the run ends here under the conditions around it.
    pub(super) fn leave(&mut self, when: Neutral, run: bool) {
        let mut all = self.guards.clone();
        all.push(when);
        let when = bounded(runs::all(all));
        let decided = if run { self.run.decides(&when) } else { !holds_unknown(&when) };
        if decided && !when.is_always() {
            self.run.reads(&when);
            self.exits.push(Exit { when, run });
        }
    }
}

/// Whether a statement returns somewhere.
fn returns(statement: &Statement) -> bool {
    let any = |all: &[Statement]| all.iter().any(returns);
    match &statement.kind {
        StatementKind::Return(_) => true,
        StatementKind::If { arms, otherwise } => arms.iter().any(|(_, body)| any(body)) || any(otherwise),
        StatementKind::Switch { cases, .. } => cases.iter().any(|c| any(&c.body)),
        StatementKind::Try { body, .. } | StatementKind::Block(body) => any(body),
        _ => false,
    }
}

/// Whether something in it cannot be decided.
fn holds_unknown(e: &Neutral) -> bool {
    match e {
        Neutral::Unknown(_) => true,
        Neutral::Concat(all) | Neutral::And(all) | Neutral::Or(all) => all.iter().any(holds_unknown),
        Neutral::Not(e) | Neutral::Json(e) => holds_unknown(e),
        Neutral::Compare(_, a, b) | Neutral::Default(a, b) => holds_unknown(a) || holds_unknown(b),
        Neutral::Lit(_) | Neutral::Var(_) | Neutral::Status(_) => false,
    }
}

/// A value that nothing else decides, as a literal.
fn decided(e: Neutral) -> Neutral {
    let mut names = Vec::new();
    e.names(&mut names);
    let known = if names.is_empty() && !holds_unknown(&e) { e.eval(&Scope::default()) } else { Value::Unknown };
    known.known().map_or(e, Neutral::lit)
}

/// A value with variables replaced by what they stand for.
fn substituted(e: &Neutral, values: &BTreeMap<String, Neutral>) -> Neutral {
    let all = |list: &[Neutral]| list.iter().map(|e| substituted(e, values)).collect::<Vec<_>>();
    let one = |e: &Neutral| Box::new(substituted(e, values));
    match e {
        Neutral::Var(name) => values.get(name).cloned().unwrap_or_else(|| e.clone()),
        Neutral::Concat(list) => Neutral::concat(all(list)),
        Neutral::And(list) => Neutral::And(all(list)),
        Neutral::Or(list) => Neutral::Or(all(list)),
        Neutral::Not(e) => Neutral::Not(one(e)),
        Neutral::Json(e) => Neutral::Json(one(e)),
        Neutral::Compare(test, a, b) => Neutral::Compare(*test, one(a), one(b)),
        Neutral::Default(a, b) => Neutral::Default(one(a), one(b)),
        Neutral::Lit(_) | Neutral::Status(_) | Neutral::Unknown(_) => e.clone(),
    }
}
