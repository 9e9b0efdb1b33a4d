//! Recipes: each logical line is a shell script of its own.

use super::super::shell::{self, Masked, Shell};
use super::conditional;
use super::variables::{self, Variables, expr, reference_expr};
use crate::catalogue::Catalogue;
use crate::frontends::bodies::apart;
use crate::model::{Expr, Item, Program, UnitId};
use crate::source::{SourceFile, Span};
use crate::syntax::make::{Line, Reference, Rule, parts};
use crate::syntax::splice::Splice;
use std::collections::BTreeSet;
use std::ops::Range;

/// Functions inside of functions are followed so far.
const MAX_DEPTH: usize = 8;

/// The recipe of one target.
pub(super) struct Recipe<'a> {
    pub file: &'a SourceFile,
    pub catalogue: &'a Catalogue,
    pub variables: &'a Variables,
    /// What `$@` is.
    pub target: &'a str,
    /// What `$*` is, where the rule decides it.
    pub stem: Option<&'a str>,
    /// Functions that its lines define.
    pub functions: Vec<(String, UnitId)>,
}

impl Recipe<'_> {
    /// Names that the recipe reads, as make or as shell variables.
    pub fn names(&self, rule: &Rule) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        let mut read = |e: &Expr| {
            let mut names = Vec::new();
            e.names(&mut names);
            out.extend(names.into_iter().filter_map(|n| n.strip_prefix("env.")).map(str::to_owned));
        };
        for line in &rule.recipe {
            read(&variables::all(&line.conditions));
            let raw = self.raw(line);
            let mut after_dollar = false;
            for part in parts(raw) {
                match &part.reference {
                    None if after_dollar => {
                        let name = raw[part.range].trim_start_matches('{');
                        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
                        read(&Expr::Var(format!("env.{}", &name[..end])));
                    }
                    None => {}
                    Some(reference) => read(&reference_expr(reference, &raw[part.range.clone()], 0)),
                }
                after_dollar = part.reference == Some(Reference::Dollar);
            }
        }
        out
    }

    fn raw(&self, line: &Line) -> &str {
        self.file.text.get(line.range.clone()).unwrap_or("")
    }

    /// What the recipe does.
    pub fn items(&mut self, rule: &Rule, one_shell: bool, program: &mut Program) -> Vec<Item> {
        let mut out = Vec::new();
        if one_shell {
            let mut script = Script::new(self.file);
            for line in &rule.recipe {
                self.line(line, &mut script);
                script.splice.put("\n", line.range.end..line.range.end);
            }
            let mut out = self.captured(&std::mem::take(&mut script.captured), 0, program);
            let (evaluated, items) = self.read(script, program);
            out.extend(evaluated);
            out.extend(items);
            return out;
        }
        for line in &rule.recipe {
            let mut script = Script::new(self.file);
            self.line(line, &mut script);
            let mut before = self.captured(&std::mem::take(&mut script.captured), 0, program);
            let span = Span::new(self.file.id, line.range.start, line.range.end);
            let (evaluated, own) = self.read(script, program);
            before.extend(evaluated);
            before.extend(apart(own, line.ignored, span));
            out.extend(conditional(before, variables::all(&line.conditions), span));
        }
        out
    }

    /// What make itself does in a line, and what the shell does.
    fn read(&mut self, script: Script, program: &mut Program) -> (Vec<Item>, Vec<Item>) {
        let Script { splice, masked, evaluated, .. } = script;
        let (text, masked) = shell::mask(&splice.finish(), masked);
        if text.text.trim().is_empty() {
            return (evaluated, Vec::new());
        }
        let shell = Shell { masked: &masked, ..Shell::new(self.catalogue) };
        let script = shell::items(&text, &shell, program);
        self.functions.extend(script.functions);
        (evaluated, script.items)
    }

    fn line(&self, line: &Line, script: &mut Script) {
        let raw = self.raw(line);
        for part in parts(raw) {
            let range = line.range.start + part.range.start..line.range.start + part.range.end;
            match &part.reference {
                None => script.splice.copy(range),
                Some(reference) => self.reference(reference, &raw[part.range], range, script),
            }
        }
    }

    fn reference(&self, reference: &Reference, written: &str, range: Range<usize>, script: &mut Script) {
        match reference {
            Reference::Dollar => script.splice.put("$", range),
            Reference::Automatic('@', false) => script.mask(self.stemmed(self.target), range),
            Reference::Automatic('*', false) => script.mask(self.stemmed("%"), range),
            Reference::Function(name, arguments) => {
                Self::commands_in(written, range.start, 0, script);
                let says = |what: &str| name == what || arguments.contains(&format!("$({what} "));
                if name == "eval" {
                    script.evaluated.extend(self.evaluated(arguments, &range));
                }
                if name == "eval" || ["info", "warning", "error"].into_iter().any(says) {
                    script.splice.blank(range);
                } else {
                    script.mask(reference_expr(reference, written, 0), range);
                }
            }
            other => match reference_expr(other, written, 0) {
                Expr::Lit(word) => script.splice.put(&word, range),
                value => match self.inlined(other, script) {
                    Some(text) => script.splice.put(&text, range),
                    None => script.mask(value, range),
                },
            },
        }
    }

    /// Note the commands that `$(shell …)` runs in make text, which stands in the file from byte `start` on.
    fn commands_in(text: &str, start: usize, depth: usize, script: &mut Script) {
        for part in parts(text) {
            let Some(Reference::Function(name, _)) = &part.reference else { continue };
            let written = &text[part.range.clone()];
            let inner = &written[2..written.len() - 1];
            let after = inner.trim_start().strip_prefix(name.as_str()).unwrap_or("").trim_start();
            let from = start + part.range.start + written.len() - 1 - after.len();
            if name == "shell" {
                let range = from..from + after.trim_end().len();
                script.captured.push(Line { range, ignored: false, conditions: Vec::new() });
            } else if depth < MAX_DEPTH {
                Self::commands_in(after, from, depth + 1, script);
            }
        }
    }

    /// The commands of `$(shell …)`: make runs them before the line, and takes their output.
    fn captured(&mut self, lines: &[Line], depth: usize, program: &mut Program) -> Vec<Item> {
        let mut out = Vec::new();
        for line in lines {
            let mut script = Script::new(self.file);
            self.line(line, &mut script);
            let inner = std::mem::take(&mut script.captured);
            if depth < MAX_DEPTH {
                out.extend(self.captured(&inner, depth + 1, program));
            }
            let mut items = self.read(script, program).1;
            items.retain_mut(|item| match item {
                Item::Command(command) => {
                    command.logic.captured = true;
                    true
                }
                Item::Block(_) | Item::Unknown { .. } => true,
                _ => false,
            });
            out.extend(items);
        }
        out
    }

    /// The value of a variable that the shell must see to read the line: a program, an option, several words, quotes.
    fn inlined(&self, reference: &Reference, script: &Script) -> Option<String> {
        let Reference::Variable(name) = reference else { return None };
        let value = self.variables.literal(&format!("$({name})")).or_else(|| self.variables.option(name))?;
        let words = value.split_whitespace().count();
        let seen = words > 1 || value.starts_with('-') || value.contains(['"', '\'', '$', '`', ';', '|', '&', '<', '>', '(']);
        (seen || (words == 1 && script.expects_program())).then_some(value)
    }

    /// A text in which `%` is the stem.
    fn stemmed(&self, text: &str) -> Expr {
        match (text.split_once('%'), self.stem) {
            (None, _) => Expr::lit(text),
            (Some((head, tail)), Some(stem)) if text == "%" => Expr::lit(format!("{head}{stem}{tail}")),
            (Some((head, tail)), _) => {
                let mut all = vec![Expr::lit(head), Expr::Var("arg.stem".to_owned()), Expr::lit(tail)];
                all.retain(|part| part.literal() != Some(""));
                Expr::concat(all)
            }
        }
    }

    /// `$(eval include FILE)` and `$(eval NAME = value)` in a recipe.
    fn evaluated(&self, arguments: &str, range: &Range<usize>) -> Option<Item> {
        let arguments = arguments.trim();
        let span = Span::new(self.file.id, range.start, range.end);
        if let Some(path) = arguments.strip_prefix("include ").or_else(|| arguments.strip_prefix("-include ")) {
            return Some(Item::Source { path: expr(path.trim(), 0), span });
        }
        let (name, value) = arguments.strip_prefix("export ").unwrap_or(arguments).split_once('=')?;
        let name = name.trim_end_matches([':', '?', '+']).trim();
        Some(Item::Assign { name: format!("env.{name}"), value: expr(value.trim(), 0) })
    }
}

/// The shell text of a line under construction.
struct Script<'a> {
    splice: Splice<'a>,
    masked: Vec<Masked>,
    /// What `$(eval …)` in it does for the lines after it.
    evaluated: Vec<Item>,
    /// Commands of `$(shell …)` in it.
    captured: Vec<Line>,
}

impl<'a> Script<'a> {
    fn new(file: &'a SourceFile) -> Self {
        Self { splice: Splice::new(file), masked: Vec::new(), evaluated: Vec::new(), captured: Vec::new() }
    }

    fn mask(&mut self, expr: Expr, range: Range<usize>) {
        let start = self.splice.len();
        self.splice.copy(range);
        self.masked.push(Masked { range: start..self.splice.len(), expr });
    }

    /// Whether the next word is a command's program.
    fn expects_program(&self) -> bool {
        let text = self.splice.text();
        let from = text.rfind([';', '&', '|', '(', '\n', '!', '{']).map_or(0, |i| i + 1);
        let before = &text[from..];
        let whole = before.is_empty() || before.ends_with(char::is_whitespace);
        whole && before.split_whitespace().all(|w| w.contains('=') || matches!(w, "then" | "do" | "else" | "if" | "sudo"))
    }
}
