//! Commands of `local-exec` provisioners (<https://developer.hashicorp.com/terraform/language/provisioners/local-exec>).

use super::folder::Folder;
use crate::catalogue::Catalogue;
use crate::frontends::scripts::shell::{self, Masked, Shell};
use crate::model::{Block, BlockKind, Expr, Program, Unit};
use crate::source::Text;
use crate::source::paths::join;
use crate::syntax::hcl::{self, Body, Hole, Value, ValueKind};

/// Append the commands that applying a folder runs to the unit of its root, whose folder they run in.
pub(super) fn read(folder: &Folder, unit: &mut Unit, catalogue: &Catalogue, program: &mut Program) {
    let resources = folder.blocks().filter(|b| matches!(b.kind.as_str(), "resource" | "module"));
    for provisioner in resources.flat_map(|b| b.body.blocks("provisioner")) {
        if provisioner.label(0) == "local-exec" {
            execute(folder, provisioner, unit, catalogue, program);
        }
    }
}

/// The commands of one provisioner, unless it runs when the resource is destroyed or for another interpreter than a shell.
fn execute(folder: &Folder, provisioner: &hcl::Block, unit: &mut Unit, catalogue: &Catalogue, program: &mut Program) {
    let body = &provisioner.body;
    let destroys = matches!(body.get("when").map(|a| &a.value.kind), Some(ValueKind::Reference(parts)) if parts == &["destroy"]);
    let Some(command) = body.get("command").filter(|_| !destroys && is_shell(body)) else { return };
    let root = unit.dir.as_ref().and_then(Expr::literal).unwrap_or("").to_owned();
    let known = |reference: &[String]| meaning(folder, &root, reference);
    let Some((text, masked)) = script(&command.value, &known) else { return };
    let shell = Shell { masked: &masked, ..Shell::new(catalogue) };
    let script = shell::items(&text, &shell, program);
    unit.functions.extend(script.functions);
    let mut block = Block::new(BlockKind::Step, command.value.span);
    block.items = script.items;
    block.bind = bindings(body, &known);
    block.dir = body.get("working_dir").map(|a| {
        let dir = a.value.literal().map(str::to_owned).or_else(|| {
            let filled = a.value.filled(&|r| known(r).literal().unwrap_or("\0").to_owned())?;
            (!filled.contains('\0')).then_some(filled)
        });
        let resolved = dir.and_then(|d| join(&root, &d));
        resolved.map_or_else(|| Expr::Unknown("working_dir".to_owned()), Expr::Lit)
    });
    unit.body.push(crate::model::Item::Block(Box::new(block)));
}

/// Whether the commands are for a shell that reads them as one text.
fn is_shell(body: &Body) -> bool {
    let Some(interpreter) = body.get("interpreter") else { return true };
    let ValueKind::List(words) = &interpreter.value.kind else { return false };
    let program = words.first().and_then(Value::literal).unwrap_or("");
    matches!(program.rsplit('/').next(), Some("sh" | "bash" | "zsh" | "dash" | "ksh"))
}

/// The text of a command with its holes masked.
fn script(value: &Value, known: &dyn Fn(&[String]) -> Expr) -> Option<(Text, Vec<Masked>)> {
    match &value.kind {
        ValueKind::Literal(text) => Some((text.clone(), Vec::new())),
        ValueKind::Template(template) => {
            let one = |hole: &Hole| Masked { range: hole.range.clone(), expr: known(&hole.reference) };
            Some(shell::mask(&template.text, template.holes.iter().map(one).collect()))
        }
        _ => None,
    }
}

/// The variables that a provisioner sets for its command.
fn bindings(body: &Body, known: &dyn Fn(&[String]) -> Expr) -> Vec<(String, Expr)> {
    let Some(ValueKind::Map(entries)) = body.get("environment").map(|a| &a.value.kind) else { return Vec::new() };
    let value = |value: &Value| match &value.kind {
        ValueKind::Literal(text) => Expr::lit(text.text.clone()),
        ValueKind::Reference(parts) => known(parts),
        _ => Expr::Unknown("an expression of Terraform".to_owned()),
    };
    entries.iter().map(|(name, v)| (format!("env.{name}"), value(v))).collect()
}

/// What a reference means in a command: paths are relative to the root's folder, locals are what they say.
fn meaning(folder: &Folder, root: &str, reference: &[String]) -> Expr {
    match reference {
        [scope, name] if scope == "path" && name == "module" => Expr::Lit(relative(root, &folder.dir)),
        [scope, name] if scope == "path" && (name == "root" || name == "cwd") => Expr::lit("."),
        [scope, name] if scope == "local" => folder.local(name).map_or_else(|| Expr::Unknown(format!("local.{name}")), Expr::lit),
        _ => Expr::Unknown(reference.join(".")),
    }
}

/// The way from one folder to another.
fn relative(from: &str, to: &str) -> String {
    let parts = |dir: &'static str, text: &str| text.split('/').filter(|p| *p != dir).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts("", from), parts("", to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut out = vec!["..".to_owned(); from.len() - shared];
    out.extend(to[shared..].iter().cloned());
    if out.is_empty() { ".".to_owned() } else { out.join("/") }
}
