//! Front end of READMEs and runbooks: the commands of their code blocks and inline code (model rulings 7 and 26).

mod words;

use super::shell::{self, Masked, Script, Shell};
use crate::catalogue::Catalogue;
use crate::model::{Command, Expr, Item, Program, Scope, Stage, Unit, UnitKind};
use crate::source::{SourceFile, SourceSet, Span, Text};
use crate::syntax::markup::{self, CodeBlock, Format, InlineCode};
use crate::syntax::splice::Splice;
use std::ops::Range;
use words::Words;

/// Translate every README and runbook.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let words = Words::embedded();
    for file in sources.files() {
        let Some(format) = Format::of(&file.path) else { continue };
        if !words.is_runbook(&file.path, sources) || catalogue.words().fixture_path(&file.path) {
            continue;
        }
        let document = markup::parse(&file.text, format);
        let mut reader = Reader { file, catalogue, words, program };
        for block in &document.blocks {
            reader.block(block);
        }
        for inline in &document.inline {
            reader.inline(inline);
        }
    }
}

struct Reader<'a> {
    file: &'a SourceFile,
    catalogue: &'a Catalogue,
    words: &'a Words,
    program: &'a mut Program,
}

/// Name of the unit of inline code, whose means is `hand` (model ruling 26).
const INLINE: &str = "inline";

impl Reader<'_> {
    fn block(&mut self, block: &CodeBlock) {
        if !self.words.is_shell(block.language.as_deref()) {
            return;
        }
        let (Some(first), Some(last)) = (block.lines.first(), block.lines.last()) else { return };
        let span = Span::new(self.file.id, first.start, last.end);
        if block.lines.iter().any(|l| is_drawing(self.file.text.get(l.clone()).unwrap_or(""))) {
            return;
        }
        let text = script(self.file, &block.lines);
        let units = self.program.units.len();
        let script = self.script(&text);
        let items = &script.items;
        let stated = block.language.as_deref().is_some_and(|l| self.words.is_commands(l));
        let holds_commands = if stated { has_command(items) } else { self.knows_any(items) };
        if holds_commands {
            let name = block.headings.last().map_or_else(|| self.file.name(), String::as_str).to_owned();
            self.add(&name, span, &block.headings, script);
        } else {
            self.program.units.truncate(units);
        }
    }

    fn inline(&mut self, inline: &InlineCode) {
        let text = self.file.text.get(inline.range.clone()).unwrap_or("");
        let prompt = text.len() - text.strip_prefix("$ ").unwrap_or(text).trim_start().len();
        let range = inline.range.start + prompt..inline.range.end;
        // One word is a tool's name, not a command; two may be that of what it does.
        let count = text[prompt..].split_whitespace().count();
        if count < 2 || (count == 2 && !self.is_asked_for(&inline.range)) {
            return;
        }
        let span = Span::new(self.file.id, range.start, range.end);
        let mut splice = Splice::new(self.file);
        splice.copy(range);
        let units = self.program.units.len();
        let script = self.script(&splice.finish());
        if self.delivers(&script.items) {
            self.add(INLINE, span, &inline.headings, script);
        } else {
            self.program.units.truncate(units);
        }
    }

    fn is_asked_for(&self, range: &Range<usize>) -> bool {
        let (before, after) = (self.file.text.get(..range.start).unwrap_or(""), self.file.text.get(range.end..).unwrap_or(""));
        let line = before.rsplit('\n').next().unwrap_or("");
        self.words.asks(line, after.split('\n').next().unwrap_or(""))
    }

    fn add(&mut self, name: &str, span: Span, headings: &[String], script: Script) {
        let mut unit = Unit::new(UnitKind::Document, name, span);
        unit.dir = Some(Expr::lit(self.words.folder(self.file.dir())));
        unit.local_only = self.words.is_local(&self.file.path, headings);
        unit.body = script.items;
        unit.functions = script.functions;
        self.program.add(unit);
    }

    /// The commands of a text that may be anything: what cannot be read in prose is no fault and no unknown.
    fn script(&mut self, text: &Text) -> Script {
        let (text, masked) = shell::mask(text, placeholders(&text.text));
        let faults = (self.program.diagnostics.len(), self.program.unknowns.len(), self.program.partly_read.len());
        let shell = Shell { masked: &masked, ..Shell::new(self.catalogue) };
        let mut script = shell::items(&text, &shell, self.program);
        self.program.diagnostics.truncate(faults.0);
        self.program.unknowns.truncate(faults.1);
        self.program.partly_read.truncate(faults.2);
        drop_unknowns(&mut script.items);
        script
    }

    /// Whether the tables know a command of the items: a block that does not say what it is may be anything.
    fn knows_any(&self, items: &[Item]) -> bool {
        items.iter().any(|item| match item {
            Item::Command(command) => self.catalogue.command(&words_of(command)).is_some(),
            Item::Block(block) => self.knows_any(&block.items),
            _ => false,
        })
    }

    /// Whether the items are one command that publishes, provisions, configures, deploys or takes a deployment back.
    fn delivers(&self, items: &[Item]) -> bool {
        let mut commands = items.iter().filter_map(|i| if let Item::Command(c) = i { Some(c) } else { None });
        let (Some(command), None) = (commands.next(), commands.next()) else { return false };
        let stage = self.catalogue.command(&words_of(command)).and_then(|c| c.stage());
        matches!(
            stage,
            Some(Stage::Publish | Stage::Provision | Stage::Configure | Stage::Deploy | Stage::Release | Stage::Rollback)
        )
    }
}

fn words_of(command: &Command) -> Vec<String> {
    command.words.iter().map(|w| w.eval(&Scope::default()).shown()).collect()
}

fn drop_unknowns(items: &mut Vec<Item>) {
    items.retain_mut(|item| match item {
        Item::Unknown { .. } => false,
        Item::Block(block) => {
            drop_unknowns(&mut block.items);
            !block.items.is_empty()
        }
        _ => true,
    });
}

fn has_command(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Command(_) => true,
        Item::Block(block) => has_command(&block.items),
        _ => false,
    })
}

/// The shell text of a block: its lines; where some begin with a prompt only these, without it.
fn script(file: &SourceFile, lines: &[Range<usize>]) -> Text {
    let text = |range: &Range<usize>| file.text.get(range.clone()).unwrap_or("");
    let prompts = lines.iter().any(|l| prompt(text(l)).is_some());
    let mut splice = Splice::new(file);
    let mut continued = false;
    for line in lines {
        let shown = text(line);
        let skip = match (prompts, prompt(shown)) {
            (false, _) => 0,
            (true, Some(length)) => length,
            (true, None) if continued => shown.len() - shown.strip_prefix("> ").unwrap_or(shown).len(),
            (true, None) => continue,
        };
        continued = shown.ends_with('\\');
        splice.copy(line.start + skip..line.end);
        splice.put("\n", line.end..(line.end + 1).min(file.text.len()));
    }
    splice.finish()
}

/// Whether a line draws a tree of files.
fn is_drawing(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(['│', '├', '└']) || line.starts_with("|--") || line.starts_with("`--") || line.starts_with("+--")
}

/// Length of a shell's prompt: `$ `, `% `, or `user@host:~$ `.
fn prompt(line: &str) -> Option<usize> {
    let body = line.trim_start();
    let blanks = line.len() - body.len();
    let end = body.find(['$', '%', '#']).filter(|i| body[i + 1..].starts_with(' '))?;
    let before = &body[..end];
    let host = before.contains('@') && !before.contains(' ');
    let sign = &body[end..=end];
    (host || (before.is_empty() && sign != "#")).then(|| blanks + end + 2)
}

/// What a reader must fill in: `<cluster name>`.
fn placeholders(text: &str) -> Vec<Masked> {
    let mut out = Vec::new();
    for (start, _) in text.match_indices('<') {
        let inner = &text[start + 1..];
        let Some(length) = inner.find(['>', '<', '\n']).filter(|n| inner[*n..].starts_with('>') && *n <= 60) else { continue };
        let name = &inner[..length];
        let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if begins && name.ends_with(|c: char| c.is_alphanumeric() || "_.)]".contains(c)) && !text[..start].ends_with('<') {
            let expr = Expr::Unknown(format!("<{name}>"));
            out.push(Masked { range: start..start + length + 2, expr });
        }
    }
    out
}

#[cfg(test)]
mod tests;
