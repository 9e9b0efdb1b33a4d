//! Variables of makefiles as expressions.

use crate::model::{Expr, HOLE, Scope, Test as Compare};
use crate::syntax::make::{Assignment, Condition, Kind, Reference, Test, Variable, parts};
use std::collections::{BTreeMap, BTreeSet};

/// Recursion into functions and through variables stops here.
const MAX_DEPTH: usize = 16;
/// A variable that is set more often is not followed.
const MAX_SET: usize = 16;
/// At most this many variables are bound in one target; the exported ones only where they are fewer.
const MAX_BOUND: usize = 512;
/// A value that is longer is not followed.
const MAX_LENGTH: usize = 8192;

/// The variables of a makefile and all it includes.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, Entry>,
    exported: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Entry {
    value: Expr,
    times: usize,
}

impl Variables {
    /// Read a statement that sets or exports a variable.
    pub fn apply(&mut self, kind: &Kind, conditions: &[Condition]) {
        match kind {
            Kind::Variable(variable) => self.set(variable, conditions),
            Kind::Export(names) => self.exported.extend(names.iter().cloned()),
            Kind::Rule(_) | Kind::Include(_) => {}
        }
    }

    fn set(&mut self, variable: &Variable, conditions: &[Condition]) {
        let name = variable.name.as_str();
        if name.is_empty() || name.contains(['$', ' ']) {
            return;
        }
        if variable.exported {
            self.exported.insert(name.to_owned());
        }
        let own = Expr::Var(format!("env.{name}"));
        let before = self.values.get(name).map(|e| e.value.clone());
        let times = self.values.get(name).map_or(0, |e| e.times) + 1;
        let value = if times > MAX_SET || variable.value.len() > MAX_LENGTH {
            Expr::Unknown(format!("variable {name} of the makefile"))
        } else {
            let given = expr(&variable.value, 0);
            let given = before.as_ref().map_or_else(|| given.clone(), |b| substitute(given.clone(), &own, b));
            let value = match variable.how {
                Assignment::Set => given,
                Assignment::Default => before.clone().unwrap_or_else(|| Expr::Default(Box::new(own.clone()), Box::new(given))),
                Assignment::Append => append(before.clone(), given),
                Assignment::Shell => Expr::Unknown(format!("output of {}", variable.value)),
            };
            if conditions.is_empty() {
                value
            } else {
                let mut all: Vec<Expr> = conditions.iter().map(condition).collect();
                all.push(value);
                Expr::Or(vec![Expr::And(all), before.unwrap_or(own)])
            }
        };
        self.values.insert(name.to_owned(), Entry { value, times });
    }

    /// Text without references, where the file decides it (a default counts).
    pub fn literal(&self, text: &str) -> Option<String> {
        self.text(&expr(text, 0), 0, &mut 1000)
    }

    /// One of the options that a variable may be, where a condition chooses and all of them are options.
    pub fn option(&self, name: &str) -> Option<String> {
        let value = Expr::Var(format!("env.{name}")).eval(&self.scope(name));
        let all = value.alternatives();
        let options = all.iter().all(|o| o.trim_start_matches(['"', '\'']).starts_with('-'));
        all.into_iter().next().filter(|_| options)
    }

    fn scope(&self, name: &str) -> Scope {
        let mut order = Order::new(self);
        order.visit(name, 0);
        let mut scope = Scope::default();
        for (name, value) in order.out {
            let value = value.eval(&scope);
            scope.set(name, value);
        }
        scope
    }

    /// The words that these words become; one that the file does not decide stays as it is written.
    pub fn expand(&self, words: &[String]) -> Vec<String> {
        let undecided = |w: &String| each_of(w).unwrap_or_else(|| w.replace(' ', ""));
        let literal =
            words.iter().map(|w| if w.contains('$') { self.literal(w).unwrap_or_else(|| undecided(w)) } else { w.clone() });
        literal.flat_map(|w| w.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    fn text(&self, value: &Expr, depth: usize, budget: &mut usize) -> Option<String> {
        *budget = budget.checked_sub(1)?;
        if depth > MAX_DEPTH {
            return None;
        }
        let text = match value {
            Expr::Lit(t) => t.clone(),
            Expr::Var(name) => self.text(&self.values.get(name.strip_prefix("env.")?)?.value, depth + 1, budget)?,
            Expr::Concat(all) => {
                let mut out = String::new();
                for part in all {
                    out.push_str(&self.text(part, depth + 1, budget)?);
                }
                out
            }
            Expr::Default(_, second) => self.text(second, depth + 1, budget)?,
            _ => return None,
        };
        (text.len() <= MAX_LENGTH).then_some(text)
    }

    /// Bindings of these names and the exported ones, each after those it reads; `own` are the target's variables.
    pub fn bindings(&self, names: &BTreeSet<String>, own: &[Variable]) -> Vec<(String, Expr)> {
        let mut table;
        let table = if own.is_empty() {
            self
        } else {
            table = self.clone();
            for variable in own {
                table.set(variable, &[]);
            }
            &table
        };
        let mut order = Order::new(table);
        for name in names {
            order.visit(name, 0);
        }
        if self.exported.len() < MAX_BOUND {
            self.exported.iter().for_each(|name| order.visit(name, 0));
        }
        // A target's own variable changes those that read it.
        if !own.is_empty() {
            let read: Vec<String> = table.values.keys().filter(|n| table.reads_any(n, own)).cloned().collect();
            for name in &read {
                order.visit(name, 0);
            }
        }
        order.out
    }

    fn reads_any(&self, name: &str, own: &[Variable]) -> bool {
        let mut read = Vec::new();
        if let Some(entry) = self.values.get(name) {
            entry.value.names(&mut read);
        }
        read.iter().any(|r| own.iter().any(|v| r.strip_prefix("env.") == Some(v.name.as_str())))
    }
}

struct Order<'a> {
    table: &'a Variables,
    seen: BTreeSet<String>,
    lengths: BTreeMap<String, usize>,
    out: Vec<(String, Expr)>,
}

impl<'a> Order<'a> {
    fn new(table: &'a Variables) -> Self {
        Self { table, seen: BTreeSet::new(), lengths: BTreeMap::new(), out: Vec::new() }
    }

    fn visit(&mut self, name: &str, depth: usize) {
        if depth > 4 * MAX_DEPTH || self.out.len() >= MAX_BOUND || self.seen.contains(name) {
            return;
        }
        let Some(entry) = self.table.values.get(name) else { return };
        self.seen.insert(name.to_owned());
        let mut read = Vec::new();
        entry.value.names(&mut read);
        let mut length = 1;
        for other in read {
            if let Some(other) = other.strip_prefix("env.") {
                self.visit(other, depth + 1);
                length += self.lengths.get(other).copied().unwrap_or(1);
            }
        }
        let full = format!("env.{name}");
        if length > MAX_LENGTH {
            self.lengths.insert(name.to_owned(), 1);
            self.out.push((full, Expr::Unknown("a very long value".to_owned())));
        } else {
            self.lengths.insert(name.to_owned(), length);
            self.out.push((full, entry.value.clone()));
        }
    }
}

/// What every word of `$(patsubst %, check-%, …)` or `$(addprefix check-, …)` looks like, with a hole for what the file
/// does not decide: it is made by a pattern rule.
fn each_of(text: &str) -> Option<String> {
    let inner = text.strip_prefix("$(").or_else(|| text.strip_prefix("${"))?;
    let name = if let Some(arguments) = inner.strip_prefix("patsubst ") {
        arguments.split(',').nth(1)?.trim().replacen('%', &HOLE.to_string(), 1)
    } else if let Some(arguments) = inner.strip_prefix("addprefix ") {
        format!("{}{HOLE}", arguments.split(',').next()?.trim())
    } else {
        let arguments = inner.strip_prefix("addsuffix ")?;
        format!("{HOLE}{}", arguments.split(',').next()?.trim())
    };
    Some(name).filter(|n| !n.contains(['$', ' ']) && n.chars().count() > 1)
}

fn append(before: Option<Expr>, given: Expr) -> Expr {
    let mut all = match before {
        None => return given,
        Some(Expr::Concat(all)) => all,
        Some(one) => vec![one],
    };
    all.push(Expr::lit(" "));
    match given {
        Expr::Concat(more) => all.extend(more),
        one => all.push(one),
    }
    Expr::concat(all)
}

fn substitute(value: Expr, own: &Expr, before: &Expr) -> Expr {
    match value {
        Expr::Concat(all) => Expr::concat(all.into_iter().map(|e| if e == *own { before.clone() } else { e }).collect()),
        one if one == *own => before.clone(),
        other => other,
    }
}

/// All conditions together.
pub(super) fn all(conditions: &[Condition]) -> Expr {
    match conditions {
        [] => Expr::always(),
        [one] => condition(one),
        all => Expr::And(all.iter().map(condition).collect()),
    }
}

fn condition(condition: &Condition) -> Expr {
    let test = match &condition.test {
        Test::Equal(a, b) => Expr::Compare(Compare::Equals, Box::new(expr(a, 0)), Box::new(expr(b, 0))),
        Test::Defined(name) => expr(&format!("$({name})"), 0),
        Test::Unknown => Expr::Unknown("condition of the makefile".to_owned()),
    };
    if condition.negated { Expr::Not(Box::new(test)) } else { test }
}

/// Make text as an expression.
pub(super) fn expr(text: &str, depth: usize) -> Expr {
    let parts = parts(text);
    Expr::concat(
        parts
            .into_iter()
            .map(|part| match part.reference {
                None => Expr::lit(&text[part.range]),
                Some(reference) => reference_expr(&reference, &text[part.range], depth),
            })
            .collect(),
    )
}

/// A reference as an expression; automatic variables are not known here.
pub(super) fn reference_expr(reference: &Reference, written: &str, depth: usize) -> Expr {
    let unknown = || Expr::Unknown(written.to_owned());
    match reference {
        Reference::Variable(name) => match name.as_str() {
            "MAKE" => Expr::lit("make"),
            "CURDIR" => Expr::lit("."),
            _ => Expr::Var(format!("env.{name}")),
        },
        Reference::Function(name, arguments) if depth < MAX_DEPTH => {
            let split: Vec<&str> = arguments.split(',').map(str::trim).collect();
            match (name.as_str(), split.as_slice()) {
                ("strip", [one]) => expr(one, depth + 1),
                ("or", [a, b]) => Expr::Default(Box::new(expr(a, depth + 1)), Box::new(expr(b, depth + 1))),
                ("if", [c, a, b]) => Expr::Or(vec![Expr::And(vec![expr(c, depth + 1), expr(a, depth + 1)]), expr(b, depth + 1)]),
                _ => unknown(),
            }
        }
        _ => unknown(),
    }
}
