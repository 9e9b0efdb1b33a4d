//! What front ends of pipelines share: texts with expressions, scripts, built-ins.

use super::data::Data;
use crate::catalogue::{Catalogue, Trait, WrapKind};
use crate::frontends::scripts::shell::{self, Dialect, Masked, Shell};
use crate::model::{BuiltIn, Expr, GateDecl, GateKind, Item, Program, Scope, UnitId, Value, Wrapper};
use crate::source::{OffsetMap, Span, Text};
use std::collections::BTreeMap;

/// Finds a vendor's expressions in a text: their bytes, in order, and what stands there.
pub type Expressions<'a> = &'a dyn Fn(&str) -> Vec<Masked>;

/// The state of one translation.
pub struct Reader<'a> {
    /// What is known of tools and vendors.
    pub catalogue: &'a Catalogue,
    /// What is found.
    pub program: &'a mut Program,
    /// The vendor's folder of tables.
    pub vendor: &'static str,
    /// How the vendor writes expressions in texts.
    pub expressions: Expressions<'a>,
    /// Functions of the scripts of the job that is read, by name; the front end moves them to the job's unit.
    pub functions: Vec<(String, UnitId)>,
}

impl<'a> Reader<'a> {
    /// A reader that has read nothing.
    pub fn new(catalogue: &'a Catalogue, program: &'a mut Program, vendor: &'static str, expressions: Expressions<'a>) -> Self {
        Self { catalogue, program, vendor, expressions, functions: Vec::new() }
    }

    /// A text that may hold expressions.
    pub fn expr(&self, text: &str) -> Expr {
        shell::filled(text, (self.expressions)(text))
    }

    /// A scalar that may hold expressions; nothing is an empty text.
    pub fn value(&self, data: &Data) -> Expr {
        match data.str() {
            Some(text) => self.expr(text),
            None if data.is_null() => Expr::lit(""),
            None => Expr::Unknown("a list or mapping".to_owned()),
        }
    }

    /// Names and values of a mapping, with a prefix for the names.
    pub fn bindings(&self, data: Option<&Data>, prefix: &str) -> Vec<(String, Expr)> {
        data.map(Data::pairs).unwrap_or_default().iter().map(|p| (format!("{prefix}{}", p.key), self.value(&p.value))).collect()
    }

    /// The items of one script.
    pub fn script(&mut self, text: &Text, dialect: Dialect) -> Vec<Item> {
        let (text, masked) = shell::mask(text, (self.expressions)(&text.text));
        let shell = Shell { catalogue: self.catalogue, masked: &masked, arguments: &[], dialect, vendor: Some(self.vendor) };
        let script = shell::items(&text, &shell, self.program);
        self.functions.extend(script.functions);
        script.items
    }

    /// The items of a list of lines that one shell runs, each line a scalar, lists in lists included. Lines of one file are
    /// read together, so that an `if` may begin in one and end in another.
    pub fn lines(&mut self, data: &Data, dialect: Dialect) -> Vec<Item> {
        let mut out = Vec::new();
        let scalars = data.scalars();
        for lines in scalars.chunk_by(|a, b| a.span.file == b.span.file) {
            let texts: Vec<&Text> = lines.iter().filter_map(|d| d.text()).collect();
            if let Some(text) = joined(&texts) {
                out.extend(self.script(&text, dialect));
            }
        }
        out
    }

    /// A task, orb, plugin or keyword, with the commands that one of its inputs holds; a gate where it asks for a person.
    pub fn built_in(&mut self, name: &str, version: &str, inputs: &[(String, Data)], span: Span, text: &str) -> Item {
        let values: Vec<(String, Expr)> = inputs.iter().map(|(n, d)| (n.clone(), self.value(d))).collect();
        let catalogue = self.catalogue;
        let mut inner = Vec::new();
        if let Some((names, kind)) = catalogue.shell_input(self.vendor, name)
            && let Some(script) = names
                .split('|')
                .find_map(|n| inputs.iter().find(|(name, _)| name.eq_ignore_ascii_case(n)).and_then(|(_, d)| d.text()).cloned())
        {
            inner = self.script(&script, Dialect::Posix);
            if kind == WrapKind::Remote {
                let host = ["host", "hostname", "server", "sshEndpoint", "SERVER", "SSH_HOST"]
                    .iter()
                    .find_map(|n| values.iter().find(|(name, _)| name == n))
                    .map_or_else(|| Expr::Unknown("not named".to_owned()), |(_, e)| e.clone());
                wrap(&mut inner, &Wrapper::Remote(host));
            }
        }
        let nothing = Scope::default();
        let known: BTreeMap<String, Value> = values.iter().map(|(n, v)| (n.clone(), v.eval(&nothing))).collect();
        let class = self.catalogue.builtin(self.vendor, name, version, &known);
        if class.is_some_and(|c| c.is(Trait::Approval)) {
            return Item::Gate(GateDecl { kind: GateKind::Approval, span, name: name.to_owned(), blocking: true });
        }
        Item::BuiltIn(Box::new(BuiltIn {
            vendor: self.vendor,
            name: name.to_owned(),
            version: version.to_owned(),
            inputs: values,
            span,
            text: text.to_owned(),
            inner,
            external_call: false,
        }))
    }
}

/// Lines of one file as one text, a line break after each.
fn joined(lines: &[&Text]) -> Option<Text> {
    let first = lines.first()?;
    let mut out = Text { file: first.file, text: String::new(), map: OffsetMap::default() };
    for line in lines {
        out.append(line);
        if !out.text.ends_with('\n') {
            out.append_break();
        }
    }
    Some(out)
}

/// Put a wrapper around every command.
pub fn wrap(items: &mut [Item], wrapper: &Wrapper) {
    for item in items {
        match item {
            Item::Command(command) => command.wrappers.insert(0, wrapper.clone()),
            Item::Block(block) => wrap(&mut block.items, wrapper),
            _ => {}
        }
    }
}

/// Which shell reads a script, by the name that a pipeline gives it; `None`: it is no shell.
pub fn dialect(shell: &str) -> Option<Dialect> {
    let mut words = shell.split_whitespace().map(|w| w.rsplit(['/', '\\']).next().unwrap_or(w));
    match words.next().unwrap_or("").trim_end_matches(".exe") {
        "pwsh" | "powershell" => Some(Dialect::PowerShell),
        "cmd" => Some(Dialect::Cmd),
        "python" | "python3" | "perl" | "node" | "ruby" | "Rscript" | "deno" | "bun" | "julia" | "php" => None,
        _ => Some(Dialect::Posix),
    }
}
