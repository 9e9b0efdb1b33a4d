//! Statements from the nodes of tree-sitter's grammar.

use super::commands::is_word;
use super::{Arm, Branch, CaseArm, For, Kind, MAX_DEPTH, Statement, Tree, Word};
use std::ops::Range;
use tree_sitter::{Node, Tree as Nodes};

/// Builds statements of one text.
pub(super) struct Builder<'a> {
    pub(super) source: &'a str,
    pub(super) masks: &'a [Range<usize>],
    /// Statements that the grammar took for the beginning of the one after them.
    pub(super) hoisted: Vec<Statement>,
}

/// The statements of a syntax tree.
pub(super) fn build(source: &str, masks: &[Range<usize>], tree: &Nodes) -> Tree {
    let mut builder = Builder { source, masks, hoisted: Vec::new() };
    let root = tree.root_node();
    Tree { statements: builder.body(root, 0), faults: faults(root) }
}

pub(super) fn children(node: Node) -> Vec<Node> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

/// What the grammar does not understand, or misses.
fn faults(root: Node) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let fault = node.is_error() || node.is_missing();
        if fault {
            out.push(node.byte_range());
        }
        if !fault && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return out;
            }
        }
    }
}

pub(super) fn statement(range: Range<usize>, kind: Kind) -> Statement {
    Statement { range, kind, redirects: Vec::new(), background: false }
}

impl Builder<'_> {
    pub(super) fn text(&self, node: Node) -> &str {
        self.source.get(node.byte_range()).unwrap_or("")
    }

    /// The statements inside a node.
    pub(super) fn body(&mut self, node: Node, depth: usize) -> Vec<Statement> {
        let nodes = children(node);
        self.statements(&nodes, depth)
    }

    /// The statements among nodes; loose words, which only an error leaves, are taken together as commands.
    fn statements(&mut self, nodes: &[Node], depth: usize) -> Vec<Statement> {
        let mut out: Vec<Statement> = Vec::new();
        let mut loose: Vec<Node> = Vec::new();
        for node in nodes {
            let is_loose = is_word(node.kind()) || matches!(node.kind(), "command_name" | "file_redirect");
            let breaks = loose.last().is_some_and(|last| self.ends_line(last.end_byte()..node.start_byte()));
            if !is_loose || breaks {
                self.flush(&mut loose, depth, &mut out);
            }
            match node.kind() {
                _ if is_loose => loose.push(*node),
                "&" => {
                    if let Some(last) = out.last_mut() {
                        last.background = true;
                    }
                }
                "ERROR" => {
                    if depth < MAX_DEPTH {
                        let nodes = children(*node);
                        out.extend(self.statements(&nodes, depth + 1));
                    }
                }
                _ => self.push_statement(*node, depth, &mut out),
            }
        }
        self.flush(&mut loose, depth, &mut out);
        out
    }

    fn push_statement(&mut self, node: Node, depth: usize, out: &mut Vec<Statement>) {
        if !node.is_named()
            || node.is_missing()
            || matches!(node.kind(), "comment" | "variable_name" | "heredoc_end" | "heredoc_start")
        {
            return;
        }
        let statement = self.statement(node, depth + 1);
        out.append(&mut self.hoisted);
        out.push(statement);
    }

    fn flush(&mut self, loose: &mut Vec<Node>, depth: usize, out: &mut Vec<Statement>) {
        if loose.iter().any(|n| n.kind() != "file_redirect") && depth < MAX_DEPTH {
            let statement = self.simple(loose, depth + 1);
            out.append(&mut self.hoisted);
            out.push(statement);
        }
        loose.clear();
    }

    /// Whether a gap between two nodes ends a command: a line break that no backslash continues.
    pub(super) fn ends_line(&self, gap: Range<usize>) -> bool {
        let text = self.source.get(gap).unwrap_or("").replace('\r', "");
        text.match_indices('\n').any(|(at, _)| !text[..at].ends_with('\\'))
    }

    pub(super) fn statement(&mut self, node: Node, depth: usize) -> Statement {
        let range = self.trimmed(node);
        if depth > MAX_DEPTH {
            return statement(range, Kind::Unknown);
        }
        let kind = match node.kind() {
            "command" | "unset_command" => {
                let nodes = children(node);
                return self.simple(&nodes, depth);
            }
            "list" | "pipeline" | "redirected_statement" => return self.chain(node, depth),
            "variable_assignment" => Kind::Assign(vec![self.assignment(node, depth)]),
            "variable_assignments" => {
                let all = children(node).into_iter().filter(|n| n.kind() == "variable_assignment");
                Kind::Assign(all.map(|n| self.assignment(n, depth)).collect())
            }
            "declaration_command" => Kind::Assign(self.declared(node, depth)),
            "test_command" => Kind::Test(self.test(node, depth)),
            "negated_command" => match children(node).into_iter().find(Node::is_named) {
                Some(inner) => Kind::Not(Box::new(self.statement(inner, depth + 1))),
                None => Kind::Unknown,
            },
            "subshell" => Kind::Subshell(self.body(node, depth)),
            "compound_statement" if self.text(node).starts_with("((") => Kind::Arithmetic,
            "compound_statement" | "do_group" => Kind::Group(self.body(node, depth)),
            "if_statement" => self.if_statement(node, depth),
            "for_statement" | "c_style_for_statement" => self.for_statement(node, depth),
            "while_statement" => self.while_statement(node, depth),
            "case_statement" => self.case_statement(node, depth),
            "function_definition" => self.function(node, depth),
            _ => Kind::Unknown,
        };
        statement(range, kind)
    }

    fn if_statement(&mut self, node: Node, depth: usize) -> Kind {
        let mut arms = Vec::new();
        let mut otherwise = None;
        let mut own: Vec<Node> = Vec::new();
        for child in children(node) {
            match child.kind() {
                "elif_clause" => {
                    let nodes = children(child);
                    arms.push(self.arm(&nodes, depth));
                }
                "else_clause" => {
                    let body = self.body(child, depth);
                    otherwise = Some(Branch { range: child.byte_range(), body });
                }
                "fi" => {}
                _ => own.push(child),
            }
        }
        arms.insert(0, self.arm(&own, depth));
        Kind::If { arms, otherwise }
    }

    /// `if CONDITION; then BODY`
    fn arm(&mut self, nodes: &[Node], depth: usize) -> Arm {
        let then = nodes.iter().position(|n| n.kind() == "then").unwrap_or(nodes.len());
        let condition = self.statements(&nodes[..then], depth);
        let body = self.statements(&nodes[then..], depth);
        let start = nodes.get(then).or(nodes.first()).map_or(0, Node::start_byte);
        let end = nodes.last().map_or(start, Node::end_byte);
        Arm { condition, branch: Branch { range: start..end, body } }
    }

    fn for_statement(&mut self, node: Node, depth: usize) -> Kind {
        let mut out = For { counts: node.kind() == "c_style_for_statement", ..For::default() };
        for child in children(node) {
            match child.kind() {
                "do_group" | "compound_statement" => out.body = self.body(child, depth + 1),
                "in" => out.values = Some(Vec::new()),
                "variable_name" if out.variable.is_empty() && !out.counts => self.text(child).clone_into(&mut out.variable),
                kind if is_word(kind) => {
                    let word = self.word(child, depth + 1);
                    out.values.iter_mut().for_each(|values| values.push(word.clone()));
                }
                _ => {}
            }
        }
        Kind::For(out)
    }

    fn while_statement(&mut self, node: Node, depth: usize) -> Kind {
        let (bodies, condition): (Vec<Node>, Vec<Node>) = children(node).into_iter().partition(|n| n.kind() == "do_group");
        let condition = self.statements(&condition, depth);
        let body = bodies.first().map(|n| self.body(*n, depth + 1)).unwrap_or_default();
        Kind::Loop { condition, body }
    }

    fn case_statement(&mut self, node: Node, depth: usize) -> Kind {
        let mut subject = None;
        let mut arms = Vec::new();
        for child in children(node) {
            if child.kind() == "case_item" {
                let nodes = children(child);
                let close = nodes.iter().position(|n| n.kind() == ")").unwrap_or(0);
                let patterns = nodes[..close].iter().filter(|n| is_word(n.kind()));
                let patterns: Vec<Word> = patterns.map(|n| self.word(*n, depth + 1)).collect();
                let body = self.statements(&nodes[close..], depth);
                arms.push(CaseArm { patterns, branch: Branch { range: child.byte_range(), body } });
            } else if subject.is_none() && is_word(child.kind()) {
                subject = Some(self.word(child, depth + 1));
            }
        }
        Kind::Case { subject: subject.unwrap_or_default(), arms }
    }

    fn function(&mut self, node: Node, depth: usize) -> Kind {
        let name = node.child_by_field_name("name").map_or("", |n| self.text(n)).to_owned();
        let body = match node.child_by_field_name("body") {
            Some(body) if body.kind() == "compound_statement" => self.body(body, depth + 1),
            Some(body) => vec![self.statement(body, depth + 1)],
            None => Vec::new(),
        };
        Kind::Function { name, body }
    }
}
