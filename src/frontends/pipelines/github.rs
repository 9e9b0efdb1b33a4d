//! GitHub Actions (<https://docs.github.com/en/actions>) and what speaks its language: Gitea and Forgejo.
//!
//! Names that expressions read: `input.NAME`, `env.NAME`, `matrix.NAME`, `needs.JOB.outputs.NAME`, `needs.JOB.result`,
//! `steps.ID.outputs.NAME`, and `github.…` for the facts of a start; the kind of its ref has the neutral name.

mod expression;
mod filter;
mod jobs;
mod matrix;
mod operand;
mod payload;
mod reader;
mod starts;
mod steps;
#[cfg(test)]
mod tests;

use super::runs::REF;
use crate::catalogue::Catalogue;
use crate::model::{Expr, Program, Test, UnitId};
use crate::source::{Severity, SourceFile, SourceSet};
use crate::syntax::yaml::{self, Node, Tree};
use reader::Reader;
use std::collections::BTreeSet;

/// The folder of the vendor's tables.
const VENDOR: &str = "github-actions";

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Workflow,
    Action,
}

fn kind(file: &SourceFile) -> Option<Kind> {
    let name = file.name();
    let yaml = [".yml", ".yaml"].iter().any(|ext| name.ends_with(ext));
    let workflows = [".github/workflows", ".gitea/workflows", ".forgejo/workflows"];
    if yaml && workflows.contains(&file.dir()) {
        Some(Kind::Workflow)
    } else if matches!(name, "action.yml" | "action.yaml") {
        Some(Kind::Action)
    } else {
        None
    }
}

/// Count the branches that workflows name, for finding the trunk.
pub fn survey(sources: &SourceSet, program: &mut Program) {
    for file in sources.files().iter().filter(|f| kind(f) == Some(Kind::Workflow)) {
        for name in branch_names(&yaml::parse(file)) {
            *program.branches.entry(name).or_default() += 1;
        }
    }
}

/// Branches that a workflow names in its triggers and conditions, as often as it does.
pub fn branch_names(tree: &Tree) -> Vec<String> {
    let Some(root) = tree.root() else { return Vec::new() };
    let mut out: Vec<String> = jobs::triggers(root).iter().flat_map(starts::Trigger::branch_names).collect();
    conditions(root, &mut out);
    // Workflow templates stand for the trunk with `$default-branch`.
    out.retain(|name| !name.starts_with('$'));
    out
}

fn conditions(node: Node<'_>, out: &mut Vec<String>) {
    for entry in node.entries() {
        let text = entry.value.scalar().unwrap_or("");
        if entry.name() == "if" {
            out.extend(expression::condition(text).iter().flat_map(compared_branches));
        } else if text.contains("${{") && text.contains("_ref") || text.contains("github.ref") {
            out.extend(compared_branches(&expression::template(text)));
        } else {
            conditions(entry.value, out);
        }
    }
    for item in node.items() {
        conditions(item, out);
    }
}

/// Literals that the name of a branch is compared with.
fn compared_branches(expr: &Expr) -> Vec<String> {
    const NAMES: &[&str] = &["github.ref_name", "github.base_ref", "github.event.workflow_run.head_branch"];
    match expr {
        Expr::Compare(Test::Equals, a, b) => match (&**a, &**b) {
            (Expr::Var(name), Expr::Lit(text)) if NAMES.contains(&name.as_str()) && !text.is_empty() => vec![text.clone()],
            _ => Vec::new(),
        },
        Expr::And(all) if all.iter().any(asks_no_branch) => Vec::new(),
        Expr::And(all) | Expr::Or(all) | Expr::Concat(all) => all.iter().flat_map(compared_branches).collect(),
        Expr::Not(e) => compared_branches(e),
        _ => Vec::new(),
    }
}

/// Whether it wants a tag or a change.
fn asks_no_branch(expr: &Expr) -> bool {
    match expr {
        Expr::Compare(_, a, b) => **a == Expr::Var(REF.to_owned()) && b.literal() != Some("branch"),
        _ => false,
    }
}

/// Translate all workflows and actions. `trunk` is the trunk's name; empty where nothing names one, then any branch is it.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, trunk: &str, program: &mut Program) {
    let first = program.units.len();
    let mut reader = Reader { catalogue, program, names: BTreeSet::new() };
    for file in sources.files() {
        let Some(kind) = kind(file) else { continue };
        let tree = yaml::parse(file);
        if let Some(fault) = tree.diagnostics.iter().find(|d| d.severity == Severity::Error) {
            reader.program.partly_read.push((file.id, fault.message.clone()));
        }
        reader.program.diagnostics.extend(tree.diagnostics.iter().cloned());
        let Some(root) = tree.root().filter(Node::is_mapping) else { continue };
        let belongs = match kind {
            Kind::Workflow => root.get("jobs").is_some() || root.get("on").is_some(),
            Kind::Action => root.get("runs").is_some(),
        };
        if !belongs {
            continue;
        }
        match kind {
            Kind::Workflow => reader.workflow(file, root, trunk),
            Kind::Action => reader.action(file, root),
        }
    }
    let names = reader.names;
    for index in first..program.units.len() {
        for start in &mut program.unit_mut(UnitId(index as u32)).starts {
            payload::bind_absent(start, names.iter().map(String::as_str));
        }
    }
}
