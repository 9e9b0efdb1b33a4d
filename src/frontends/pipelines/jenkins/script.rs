//! Scripts of steps: `sh`, `bat`, `powershell`, `pwsh`, and inputs that hold commands.

use super::Translator;
use crate::frontends::pipelines::reader::dialect;
use crate::frontends::scripts::shell::{self, Dialect, Masked, Shell};
use crate::model::{Expr as Neutral, Item};
use crate::source::{OffsetMap, Span, Text};
use crate::syntax::groovy::{Expr, ExprKind, Operator, Quoted};

/// Deepest nesting of strings that are put together.
const MAX_DEPTH: usize = 30;

/// A script with what stands in it for values.
pub(super) struct Source {
    text: Text,
    masked: Vec<Masked>,
}

impl<'m> Translator<'m> {
    /// The items of a script that an expression holds.
    pub(super) fn commands(&mut self, e: &'m Expr, step: &str) -> Vec<Item> {
        match self.source(e, 0) {
            Some(source) => self.items_of(source, step),
            None => vec![Item::Unknown { span: e.span, why: "the script is computed".to_owned() }],
        }
    }

    /// The items of a command line whose words are arguments of a step.
    pub(super) fn command_line(&mut self, words: &[&'m Expr]) -> Vec<Item> {
        let source = self.joined(words, " ", 0);
        source.map(|s| self.items_of(s, "sh")).unwrap_or_default()
    }

    fn items_of(&mut self, source: Source, step: &str) -> Vec<Item> {
        let Some(dialect) = dialect_of(step, &source.text.text) else { return Vec::new() };
        let (text, masked) = shell::mask(&source.text, source.masked);
        let shell = Shell { catalogue: self.catalogue, masked: &masked, arguments: &[], dialect, vendor: Some("jenkins") };
        let script = shell::items(&text, &shell, self.program);
        self.shell_functions.extend(script.functions);
        script.items
    }

    /// The text of a script, put together from strings.
    fn source(&mut self, e: &'m Expr, depth: usize) -> Option<Source> {
        if depth > MAX_DEPTH {
            return None;
        }
        match &e.kind {
            ExprKind::Text(quoted) => Some(self.quoted(quoted, depth)),
            ExprKind::Name(name) => {
                let text = *self.names.texts.get(name)?;
                self.source(text, depth + 1)
            }
            ExprKind::Call(call) if matches!(call.name.as_str(), "stripIndent" | "stripMargin" | "trim" | "toString") => {
                self.source(call.receiver.as_ref()?, depth + 1)
            }
            ExprKind::Call(call) if call.name == "join" => {
                let ExprKind::List(all) = &call.receiver.as_ref()?.kind else { return None };
                let between = call.positional().next().and_then(Expr::plain).unwrap_or("").to_owned();
                self.joined(&all.iter().collect::<Vec<_>>(), &between, depth)
            }
            ExprKind::Binary(Operator::Plus, a, b) => {
                let mut first = self.source(a, depth + 1).unwrap_or_else(|| self.hole(a));
                let second = self.source(b, depth + 1).unwrap_or_else(|| self.hole(b));
                first.append(second);
                Some(first)
            }
            _ => None,
        }
    }

    /// A string; one that is only a variable is what that holds.
    fn quoted(&mut self, quoted: &'m Quoted, depth: usize) -> Source {
        if let [part] = quoted.parts.as_slice()
            && part.range == (0..quoted.text.text.len())
            && let Some(source) = self.source(&part.expr, depth + 1)
        {
            return source;
        }
        let masked = quoted.parts.iter().map(|p| Masked { range: p.range.clone(), expr: self.value(&p.expr) }).collect();
        Source { text: quoted.text.clone(), masked }
    }

    /// A value that is not written as a string.
    fn hole(&mut self, e: &Expr) -> Source {
        Source::of(e.span, self.value(e))
    }

    fn joined(&mut self, all: &[&'m Expr], between: &str, depth: usize) -> Option<Source> {
        let mut out: Option<Source> = None;
        for e in all {
            let next = self.source(e, depth + 1).unwrap_or_else(|| self.hole(e));
            match &mut out {
                None => out = Some(next),
                Some(out) => {
                    let end = next.text.map.start(0);
                    out.text.text.push_str(between);
                    out.text.map.push(between.len(), end, 0);
                    out.append(next);
                }
            }
        }
        out
    }
}

impl Source {
    fn of(span: Span, value: Neutral) -> Self {
        let mut map = OffsetMap::default();
        map.push(3, span.start as usize, (span.end - span.start) as usize);
        let text = Text { file: span.file, text: "___".to_owned(), map };
        Self { text, masked: vec![Masked { range: 0..3, expr: value }] }
    }

    /// Put another behind it.
    fn append(&mut self, other: Self) {
        let at = self.text.text.len();
        let moved = other.masked.into_iter().map(|m| Masked { range: m.range.start + at..m.range.end + at, expr: m.expr });
        self.masked.extend(moved);
        self.text.append(&other.text);
    }
}

/// Which shell reads a step's script; none where a program that is no shell does.
fn dialect_of(step: &str, text: &str) -> Option<Dialect> {
    match step {
        "bat" => Some(Dialect::Cmd),
        "powershell" | "pwsh" => Some(Dialect::PowerShell),
        _ => match text.trim_start().strip_prefix("#!") {
            Some(line) => {
                let line = line.lines().next().unwrap_or("").trim();
                dialect(line.trim_start_matches("/usr/bin/env").trim_start_matches(" -S").trim())
            }
            None => Some(Dialect::Posix),
        },
    }
}
