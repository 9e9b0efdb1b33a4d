//! The texts of tasks that run a command or a shell
//! (<https://docs.ansible.com/ansible/latest/collections/ansible/builtin/shell_module.html>).

use crate::catalogue::Catalogue;
use crate::frontends::infra::is_yaml;
use crate::frontends::scripts::shell::{Masked, mask};
use crate::model::{Expr, Program, Snippet};
use crate::source::{SourceFile, SourceSet};
use crate::syntax::yaml::{self, Node};

/// Tasks in blocks in each other that are looked at.
const MAX_DEPTH: usize = 12;

/// Modules that run a command.
const MODULES: &[&str] = &["shell", "command", "ansible.builtin.shell", "ansible.builtin.command"];

/// Note the commands of all tasks of playbooks and roles.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    for file in sources.files().iter().filter(|f| may_hold_tasks(f) && !catalogue.words().fixture_path(&f.path)) {
        let tree = yaml::parse(file);
        for document in tree.documents() {
            tasks(document, 0, program);
        }
    }
}

fn may_hold_tasks(file: &SourceFile) -> bool {
    let in_role = file.dir().split('/').any(|part| matches!(part, "tasks" | "handlers"));
    is_yaml(file) && (in_role || file.text.contains("hosts:")) && ["shell:", "command:"].iter().any(|key| file.text.contains(key))
}

fn tasks(node: Node<'_>, depth: usize, program: &mut Program) {
    if depth > MAX_DEPTH {
        return;
    }
    for task in node.items() {
        for list in ["tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"] {
            task.get(list).into_iter().for_each(|inner| tasks(inner, depth + 1, program));
        }
        let module = MODULES.iter().find_map(|m| task.get(m));
        let line = module.and_then(|m| if m.is_mapping() { m.get("cmd") } else { Some(m) });
        let Some(text) = line.and_then(|l| l.text()) else { continue };
        let (text, masked) = mask(&text, expressions(&text.text));
        let masked = masked.into_iter().map(|m| m.range).collect();
        program.snippets.push(Snippet { text, masked, vendor: None, is_task: true, inside: false });
    }
}

/// Expressions of a text (`{{ … }}`).
fn expressions(text: &str) -> Vec<Masked> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|i| at + i) {
        let Some(end) = text[start..].find("}}").map(|i| start + i + 2) else { break };
        out.push(Masked { range: start..end, expr: Expr::Unknown(text[start..end].to_owned()) });
        at = end;
    }
    out
}
