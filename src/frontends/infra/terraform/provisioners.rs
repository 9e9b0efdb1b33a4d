//! Commands that applying a root runs: those of provisioners, here or on a host
//! (<https://developer.hashicorp.com/terraform/language/provisioners>), and programs that give data
//! (<https://registry.terraform.io/providers/hashicorp/external/latest/docs/data-sources/external>).

use super::evaluate::Scope;
use super::folder::Folder;
use crate::catalogue::Catalogue;
use crate::frontends::scripts::shell::{self, Masked, Shell};
use crate::model::{Block, BlockKind, Expr, Item, Program, Unit, Wrapper};
use crate::source::paths::join;
use crate::source::{SourceSet, Span, Text};
use crate::syntax::hcl::{self, Body, Value, ValueKind};
use std::collections::BTreeSet;

/// Interpreters that read a command as one text.
const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh"];

/// Append the commands that applying a folder runs to the unit of its root; they run in the folder `root`. `set` are the
/// variables that variable files set.
pub(super) fn read(
    folder: &Folder,
    root: &str,
    set: &BTreeSet<String>,
    unit: &mut Unit,
    sources: &SourceSet,
    catalogue: &Catalogue,
    program: &mut Program,
) {
    let scope = Scope { folder, root, set, sources };
    let mut reader = Reader { scope, unit, catalogue, program };
    for block in folder.blocks() {
        match (block.kind.as_str(), block.label(0)) {
            ("resource" | "module", _) => {
                let host = block.body.blocks("connection").find_map(|c| c.body.get("host"));
                for provisioner in block.body.blocks("provisioner") {
                    let host = provisioner.body.blocks("connection").find_map(|c| c.body.get("host")).or(host);
                    reader.provisioner(provisioner, host.map(|a| &a.value));
                }
            }
            ("data", "external") => reader.words(block.body.get("program").map(|a| &a.value), &block.body),
            _ => {}
        }
    }
}

struct Reader<'a, 'f, 's> {
    scope: Scope<'f, 's>,
    unit: &'a mut Unit,
    catalogue: &'a Catalogue,
    program: &'a mut Program,
}

impl Reader<'_, '_, '_> {
    /// The commands of one provisioner, unless it runs when the resource is destroyed or for another interpreter than a shell.
    fn provisioner(&mut self, provisioner: &hcl::Block, host: Option<&Value>) {
        let body = &provisioner.body;
        let destroys =
            matches!(body.get("when").map(|a| &a.value.kind), Some(ValueKind::Reference(parts)) if parts == &["destroy"]);
        if destroys {
            return;
        }
        match provisioner.label(0) {
            "local-exec" if is_shell(body) => {
                let Some(command) = body.get("command") else { return };
                match self.scope.text(&command.value, 0) {
                    Some(text) => self.script(text, command.value.span, body, None),
                    None => self.unknown(command.value.span),
                }
            }
            "remote-exec" => {
                let host = host.map_or_else(|| Expr::Unknown("not named".to_owned()), |h| self.scope.expr(h, 0));
                if let Some(inline) = body.get("inline") {
                    let lines = self.scope.items(&inline.value).and_then(|all| self.scope.joined(all, "\n", 0));
                    match lines.or_else(|| self.scope.text(&inline.value, 0)) {
                        Some(text) => self.script(text, inline.value.span, body, Some(&host)),
                        None => self.unknown(inline.value.span),
                    }
                }
                // A script is copied to the host: what it holds runs there.
                let scripts = body.get("scripts").and_then(|a| self.scope.items(&a.value)).unwrap_or_default();
                let all: Vec<Value> = body.get("script").map(|a| &a.value).into_iter().chain(scripts).cloned().collect();
                for script in all {
                    self.words(Some(&script), body);
                }
            }
            _ => {}
        }
    }

    /// A program with its arguments, as one command.
    fn words(&mut self, program: Option<&Value>, body: &Body) {
        let Some(program) = program else { return };
        let words = match &program.kind {
            ValueKind::List(items) => self.scope.joined(items, " ", 0),
            _ => self.scope.text(program, 0),
        };
        if let Some(text) = words {
            self.script(text, program.span, body, None);
        }
    }

    fn script(&mut self, (text, masked): (Text, Vec<Masked>), span: Span, body: &Body, host: Option<&Expr>) {
        let (text, masked) = shell::mask(&text, masked);
        let shell = Shell { masked: &masked, ..Shell::new(self.catalogue) };
        let script = shell::items(&text, &shell, self.program);
        self.unit.functions.extend(script.functions);
        let mut block = Block::new(BlockKind::Step, span);
        block.items = script.items;
        if let Some(host) = host {
            wrap(&mut block.items, &Wrapper::Remote(host.clone()));
        }
        block.bind = self.bindings(body);
        block.dir = Some(body.get("working_dir").map_or_else(
            || Expr::lit(self.scope.root),
            |a| {
                let resolved = self.scope.expr(&a.value, 0).literal().and_then(|d| join(self.scope.root, d));
                resolved.map_or_else(|| Expr::Unknown("working_dir".to_owned()), Expr::Lit)
            },
        ));
        block.continue_on_error =
            matches!(body.get("on_failure").map(|a| &a.value.kind), Some(ValueKind::Reference(parts)) if parts == &["continue"]);
        self.unit.body.push(Item::Block(Box::new(block)));
    }

    fn unknown(&mut self, span: Span) {
        let why = "this command is only known when Terraform runs".to_owned();
        self.unit.body.push(Item::Unknown { span, why });
    }

    /// The variables that a provisioner sets for its command.
    fn bindings(&self, body: &Body) -> Vec<(String, Expr)> {
        let Some(ValueKind::Map(entries)) = body.get("environment").map(|a| &a.value.kind) else { return Vec::new() };
        entries.iter().map(|(name, value)| (format!("env.{name}"), self.scope.expr(value, 0))).collect()
    }
}

/// Whether the commands are for a shell that reads them as one text.
fn is_shell(body: &Body) -> bool {
    let Some(interpreter) = body.get("interpreter") else { return true };
    let ValueKind::List(words) = &interpreter.value.kind else { return false };
    let program = words.first().and_then(Value::literal).unwrap_or("");
    program.rsplit('/').next().is_some_and(|name| SHELLS.contains(&name))
}

/// Put a wrapper around every command.
fn wrap(items: &mut [Item], wrapper: &Wrapper) {
    for item in items {
        match item {
            Item::Command(command) => command.wrappers.insert(0, wrapper.clone()),
            Item::Block(block) => wrap(&mut block.items, wrapper),
            _ => {}
        }
    }
}
