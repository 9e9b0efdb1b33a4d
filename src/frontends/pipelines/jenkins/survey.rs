//! What a Jenkinsfile names all over: branches, for finding the trunk, and how often variables are set.

use crate::source::SourceFile;
use crate::syntax::groovy::{self, Arg, Expr, ExprKind, Operator, Statement, StatementKind};
use std::collections::{HashMap, HashSet};

/// Branches that conditions of a file name; `PR-12` is a change.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let mut out = Vec::new();
    let script = groovy::parse(file);
    each(&script.statements, &mut |_| {}, &mut |e| branches_of(e, &mut out));
    out
}

/// How often each variable is set.
pub(super) fn sets(statements: &[Statement]) -> HashMap<String, usize> {
    let mut declared: Vec<String> = Vec::new();
    let mut assigned: Vec<String> = Vec::new();
    each(
        statements,
        &mut |s| {
            if let StatementKind::Declare { names, value: Some(_) } = &s.kind {
                declared.extend(names.iter().cloned());
            }
        },
        &mut |e| match &e.kind {
            ExprKind::Assign { target, .. } => assigned.extend(target.path()),
            ExprKind::Unary(inner) => assigned.extend(inner.path()),
            _ => {}
        },
    );
    let mut out = HashMap::new();
    for name in declared.into_iter().chain(assigned) {
        *out.entry(name).or_default() += 1;
    }
    out
}

/// Every name that files call or read; none where one of them calls by a name that is computed.
pub(super) fn mentioned<'e>(files: impl Iterator<Item = &'e [Statement]>) -> Option<HashSet<&'e str>> {
    let mut names = HashSet::new();
    let mut computed = false;
    for statements in files {
        each(statements, &mut |_| {}, &mut |e| match &e.kind {
            ExprKind::Call(call) => {
                let of_text = call.receiver.as_ref().is_some_and(|r| matches!(&r.kind, ExprKind::Text(_)) && r.plain().is_none());
                computed |= call.name.is_empty() || (call.name == "call" && of_text);
                names.insert(call.name.as_str());
            }
            ExprKind::Name(name) | ExprKind::Property { name, .. } => {
                names.insert(name.as_str());
            }
            ExprKind::Text(quoted) => names.extend(quoted.plain()),
            _ => {}
        });
    }
    (!computed).then_some(names)
}

/// Every statement and expression.
fn each<'e>(all: &'e [Statement], statement: &mut dyn FnMut(&'e Statement), expression: &mut dyn FnMut(&'e Expr)) {
    for one in all {
        statement(one);
        let mut blocks: Vec<&'e [Statement]> = Vec::new();
        match &one.kind {
            StatementKind::Expr(e) => within(e, statement, expression),
            StatementKind::Declare { value: e, .. } | StatementKind::Return(e) | StatementKind::Throw(e) => {
                if let Some(e) = e {
                    within(e, statement, expression);
                }
            }
            StatementKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    within(condition, statement, expression);
                    blocks.push(body);
                }
                blocks.push(otherwise);
            }
            StatementKind::For { values, body, .. } => {
                if let Some(e) = values {
                    within(e, statement, expression);
                }
                blocks.push(body);
            }
            StatementKind::While { condition, body } => {
                within(condition, statement, expression);
                blocks.push(body);
            }
            StatementKind::Switch { subject, cases } => {
                within(subject, statement, expression);
                cases.iter().filter_map(|c| c.value.as_ref()).for_each(|e| within(e, statement, expression));
                blocks.extend(cases.iter().map(|c| c.body.as_slice()));
            }
            StatementKind::Try { body, catches, finally } => {
                blocks.push(body);
                blocks.extend(catches.iter().map(Vec::as_slice));
                blocks.push(finally);
            }
            StatementKind::Method(method) => blocks.push(&method.body),
            StatementKind::Block(body) | StatementKind::Class { body, .. } => blocks.push(body),
            StatementKind::Jump | StatementKind::Import(_) | StatementKind::Unreadable => {}
        }
        for body in blocks {
            each(body, statement, expression);
        }
    }
}

fn within<'e>(e: &'e Expr, statement: &mut dyn FnMut(&'e Statement), expression: &mut dyn FnMut(&'e Expr)) {
    expression(e);
    match &e.kind {
        ExprKind::Call(call) => {
            if let Some(receiver) = &call.receiver {
                within(receiver, statement, expression);
            }
            arguments(&call.args, statement, expression);
        }
        ExprKind::Closure(closure) => each(&closure.body, statement, expression),
        ExprKind::Binary(_, a, b) | ExprKind::Elvis(a, b) | ExprKind::Assign { target: a, value: b, .. } => {
            within(a, statement, expression);
            within(b, statement, expression);
        }
        ExprKind::Ternary(a, b, c) => [a, b, c].into_iter().for_each(|e| within(e, statement, expression)),
        ExprKind::Not(e) | ExprKind::Unary(e) | ExprKind::Property { of: e, .. } => within(e, statement, expression),
        ExprKind::Index { of, index } => {
            within(of, statement, expression);
            for e in index {
                within(e, statement, expression);
            }
        }
        ExprKind::Text(quoted) => quoted.parts.iter().for_each(|p| within(&p.expr, statement, expression)),
        ExprKind::List(all) => all.iter().for_each(|e| within(e, statement, expression)),
        ExprKind::Map(args) | ExprKind::New { args, .. } => arguments(args, statement, expression),
        ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Null | ExprKind::Name(_) | ExprKind::Unreadable => {}
    }
}

fn arguments<'e>(args: &'e [Arg], statement: &mut dyn FnMut(&'e Statement), expression: &mut dyn FnMut(&'e Expr)) {
    for arg in args {
        within(&arg.value, statement, expression);
    }
}

/// Branches that an expression asks for.
fn branches_of(e: &Expr, out: &mut Vec<String>) {
    match &e.kind {
        ExprKind::Call(call) if call.name == "branch" && call.receiver.is_none() => {
            let named = call.named("pattern").or_else(|| call.positional().next());
            let plain = named.and_then(Expr::plain).filter(|t| call.named("comparator").is_none() && is_name(t));
            out.extend(plain.map(ToOwned::to_owned));
        }
        ExprKind::Call(call) if call.name == "changeRequest" && call.receiver.is_none() => {
            let plain = call.named("target").and_then(Expr::plain);
            out.extend(plain.filter(|t| call.named("comparator").is_none() && is_name(t)).map(bare));
        }
        ExprKind::Call(call) if matches!(call.name.as_str(), "equals" | "equalsIgnoreCase") => {
            if let (Some(a), Some(b)) = (call.receiver.as_deref(), call.positional().next()) {
                compared(a, b, out);
            }
        }
        ExprKind::Binary(Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn, a, b) => compared(a, b, out),
        _ => {}
    }
}

/// Branches that one of the two holds where the other is the branch of a run, or the one that a change is for.
fn compared(a: &Expr, b: &Expr, out: &mut Vec<String>) {
    for (one, other) in [(a, b), (b, a)] {
        if one.path().is_some_and(|p| ["BRANCH_NAME", "GIT_BRANCH", "CHANGE_TARGET"].iter().any(|n| p.ends_with(n))) {
            out.extend(texts(other).into_iter().filter(|t| is_name(t)).map(bare));
        }
    }
}

fn texts(e: &Expr) -> Vec<&str> {
    match &e.kind {
        ExprKind::List(all) => all.iter().filter_map(Expr::plain).collect(),
        _ => e.plain().into_iter().collect(),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("PR-") && !text.contains(['*', '?', '|', '^'])
}

fn bare(text: &str) -> String {
    text.strip_prefix("origin/").unwrap_or(text).to_owned()
}
