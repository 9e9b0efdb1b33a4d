//! Lists, pipelines and what is redirected. The grammar nests `a && b | c > f` in ways that the shell does not: all is taken
//! apart into operands and joined again by the shell's precedence.

use super::commands::{finish, is_word};
use super::statements::{Builder, children, statement};
use super::{Kind, Link, Operator, Simple, Statement};
use std::ops::Range;
use tree_sitter::Node;

/// How a statement is joined to the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    First,
    Pipe,
    List(Operator),
}

/// What is left to do of a list or pipeline, so that long ones need no recursion.
enum Work<'t> {
    Node(Node<'t>, Joint),
    Redirects(Vec<Node<'t>>),
}

impl Builder<'_> {
    pub(super) fn chain(&mut self, node: Node, depth: usize) -> Statement {
        let mut done: Vec<(Joint, Statement)> = Vec::new();
        let mut work = vec![Work::Node(node, Joint::First)];
        while let Some(next) = work.pop() {
            match next {
                Work::Node(node, joint) if matches!(node.kind(), "list" | "pipeline") => {
                    let mut parts = Vec::new();
                    joined(node, joint, &mut parts);
                    work.extend(parts.into_iter().rev());
                }
                Work::Node(node, joint) if node.kind() == "redirected_statement" => {
                    let (redirects, others): (Vec<Node>, Vec<Node>) =
                        children(node).into_iter().partition(|n| n.kind().ends_with("_redirect"));
                    work.push(Work::Redirects(redirects));
                    match others.into_iter().find(|n| n.is_named() && !matches!(n.kind(), "comment" | "ERROR")) {
                        Some(body) => work.push(Work::Node(body, joint)),
                        None => done.push((joint, finish(Simple::default(), self.trimmed(node), Vec::new()))),
                    }
                }
                Work::Node(node, joint) => {
                    let statement = self.statement(node, depth + 1);
                    done.push((joint, statement));
                }
                Work::Redirects(nodes) => {
                    for node in nodes {
                        if let Some((_, last)) = done.last_mut() {
                            self.add_redirect(node, last, depth);
                        }
                        let mut after = Vec::new();
                        after_document(node, &mut after);
                        work.extend(after.into_iter().rev());
                    }
                }
            }
        }
        join(done, self.trimmed(node))
    }

    fn add_redirect(&mut self, node: Node, to: &mut Statement, depth: usize) {
        let redirects = self.redirect(node, depth);
        let nodes = children(node);
        let mut place = self.trimmed(node);
        if node.kind() == "heredoc_redirect" {
            place.end = place.start;
            for child in &nodes {
                if child.kind() == "heredoc_start" || child.kind().ends_with("_redirect") {
                    place.end = place.end.max(child.end_byte());
                }
            }
        }
        if let Kind::Simple(simple) = &mut to.kind
            && node.kind() == "heredoc_redirect"
        {
            for argument in nodes.into_iter().filter(|n| is_word(n.kind())) {
                place.end = place.end.max(argument.end_byte());
                simple.words.push(self.word(argument, depth + 1));
            }
        }
        if place.start >= to.range.start {
            to.range.end = to.range.end.max(place.end);
        }
        to.redirects.extend(redirects);
    }
}

/// The operands of a list or pipeline, each with the operator before it.
fn joined<'t>(node: Node<'t>, first: Joint, out: &mut Vec<Work<'t>>) {
    let mut joint = first;
    for child in children(node) {
        match child.kind() {
            "&&" => joint = Joint::List(Operator::And),
            "||" => joint = Joint::List(Operator::Or),
            "|" | "|&" => joint = Joint::Pipe,
            "comment" => {}
            _ if child.is_named() && !child.is_error() => out.push(Work::Node(child, joint)),
            _ => {}
        }
    }
}

/// What stands on the line of `<<` after it: `| cmd`, `&& cmd`.
fn after_document<'t>(redirect: Node<'t>, out: &mut Vec<Work<'t>>) {
    if redirect.kind() != "heredoc_redirect" {
        return;
    }
    let mut joint = None;
    for child in children(redirect) {
        match child.kind() {
            "&&" => joint = Some(Joint::List(Operator::And)),
            "||" => joint = Some(Joint::List(Operator::Or)),
            "pipeline" => joined(child, Joint::Pipe, out),
            kind if child.is_named() && !kind.starts_with("heredoc") && !kind.ends_with("_redirect") => {
                if let Some(joint) = joint.take() {
                    out.push(Work::Node(child, joint));
                }
            }
            _ => {}
        }
    }
}

/// Pipelines of the operands, and a list of these.
fn join(operands: Vec<(Joint, Statement)>, range: Range<usize>) -> Statement {
    let mut links: Vec<(Option<Operator>, Vec<Statement>)> = Vec::new();
    for (joint, operand) in operands {
        match (joint, links.last_mut()) {
            (Joint::Pipe, Some((_, pipeline))) => pipeline.push(operand),
            (Joint::List(operator), _) => links.push((Some(operator), vec![operand])),
            _ => links.push((None, vec![operand])),
        }
    }
    let mut links: Vec<Link> = links
        .into_iter()
        .map(|(operator, mut operands)| {
            let start = operands.first().map_or(range.start, |s| s.range.start);
            let end = operands.iter().map(|s| s.range.end).max().unwrap_or(start);
            let joined = match operands.len() {
                1 => operands.remove(0),
                _ => statement(start..end, Kind::Pipeline(operands)),
            };
            Link { operator, statement: joined }
        })
        .collect();
    match links.len() {
        0 => statement(range, Kind::Unknown),
        1 => links.remove(0).statement,
        _ => statement(range, Kind::List(links)),
    }
}
