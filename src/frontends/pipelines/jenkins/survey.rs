//! What a Jenkinsfile names all over: branches, for finding the trunk, and how often variables are set.

use crate::source::SourceFile;
use crate::syntax::groovy::{self, Arg, Expr, ExprKind, Operator, Statement, StatementKind};
use std::collections::HashMap;

/// Branches that conditions of a file name.
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
            StatementKind::Switch { cases, .. } => blocks.extend(cases.iter().map(|c| c.body.as_slice())),
            StatementKind::Try { body, catches, finally } => {
                blocks.push(body);
                blocks.extend(catches.iter().map(Vec::as_slice));
                blocks.push(finally);
            }
            StatementKind::Method(method) => blocks.push(&method.body),
            StatementKind::Block(body) => blocks.push(body),
            StatementKind::Class { .. } | StatementKind::Jump | StatementKind::Import(_) | StatementKind::Unreadable => {}
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
        ExprKind::Not(e) | ExprKind::Unary(e) | ExprKind::Property { of: e, .. } | ExprKind::Index { of: e, .. } => {
            within(e, statement, expression);
        }
        ExprKind::List(all) => all.iter().for_each(|e| within(e, statement, expression)),
        ExprKind::Map(args) | ExprKind::New { args, .. } => arguments(args, statement, expression),
        ExprKind::Text(_)
        | ExprKind::Number(_)
        | ExprKind::Bool(_)
        | ExprKind::Null
        | ExprKind::Name(_)
        | ExprKind::Unreadable => {}
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
        ExprKind::Binary(Operator::Equal | Operator::In, a, b) => {
            for (one, other) in [(a, b), (b, a)] {
                if one.path().is_some_and(|p| p.ends_with("BRANCH_NAME") || p.ends_with("GIT_BRANCH")) {
                    out.extend(texts(other).into_iter().filter(|t| is_name(t)).map(bare));
                }
            }
        }
        _ => {}
    }
}

fn texts(e: &Expr) -> Vec<&str> {
    match &e.kind {
        ExprKind::List(all) => all.iter().filter_map(Expr::plain).collect(),
        _ => e.plain().into_iter().collect(),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?', '|', '^'])
}

fn bare(text: &str) -> String {
    text.strip_prefix("origin/").unwrap_or(text).to_owned()
}
