//! Shell, wherever it stands: from text to the items of a body.

mod commands;
mod conditions;
mod files;
mod lines;
mod loops;
mod outputs;
#[cfg(test)]
mod tests;
mod tokens;
mod translate;
mod words;

use crate::catalogue::Catalogue;
use crate::model::{Expr, Item, Program, Snippet, UnitId};
use crate::source::Text;
use std::ops::Range;
use translate::{Around, State};

pub use files::translate;

/// One expression that was masked in a script before it was parsed, by byte range of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// Its bytes in the masked text.
    pub range: Range<usize>,
    /// What stands there.
    pub expr: Expr,
}

/// Which shell reads a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// sh, bash and their like.
    #[default]
    Posix,
    /// Windows PowerShell and pwsh.
    PowerShell,
    /// cmd.exe.
    Cmd,
}

/// How a script is read.
#[derive(Clone, Copy, Debug)]
pub struct Shell<'a> {
    /// The tables that know wrappers.
    pub catalogue: &'a Catalogue,
    /// What was masked in the text, in order.
    pub masked: &'a [Masked],
    /// What `$1`, `$2` … stand for where the front end knows it; others stay `arg.N`.
    pub arguments: &'a [Expr],
    /// Which shell it is.
    pub dialect: Dialect,
    /// The vendor of the pipeline in which it stands; none: elsewhere.
    pub vendor: Option<&'static str>,
}

impl<'a> Shell<'a> {
    /// A POSIX shell without masks.
    pub fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, masked: &[], arguments: &[], dialect: Dialect::Posix, vendor: None }
    }
}

/// What a script holds.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Its items, in order.
    pub items: Vec<Item>,
    /// Its functions, by name; they are units of the program.
    pub functions: Vec<(String, UnitId)>,
}

/// Replace ranges of a text by words of equal length that no tool is called, and remember what stood there. The ranges
/// must be in order, apart from each other and on character borders; others are passed over.
pub fn mask(text: &Text, expressions: Vec<Masked>) -> (Text, Vec<Masked>) {
    let mut out = text.clone();
    let mut kept: Vec<Masked> = Vec::new();
    for one in expressions {
        let follows = kept.last().is_none_or(|last| last.range.end <= one.range.start);
        if follows && !one.range.is_empty() && out.text.get(one.range.clone()).is_some() {
            let mut blank = "_".repeat(one.range.len());
            if ends_in_variable(&out.text[..one.range.start]) {
                // `$NAME${{ … }}`: the blank must not lengthen the name.
                blank.replace_range(..1, ".");
            }
            out.text.replace_range(one.range.clone(), &blank);
            kept.push(one);
        }
    }
    (out, kept)
}

/// A text with what stands in it put in, in order; what overlaps the one before it is passed over.
pub fn filled(text: &str, expressions: impl IntoIterator<Item = Masked>) -> Expr {
    let mut parts = Vec::new();
    let mut at = 0;
    for one in expressions {
        if one.range.start < at {
            continue;
        }
        if one.range.start > at {
            parts.push(Expr::lit(&text[at..one.range.start]));
        }
        at = one.range.end;
        parts.push(one.expr);
    }
    if at < text.len() {
        parts.push(Expr::lit(&text[at..]));
    }
    Expr::concat(parts)
}

/// Whether a text ends in a variable without braces: `$NAME`.
fn ends_in_variable(text: &str) -> bool {
    let name = text.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    name.len() < text.len() && name.ends_with('$') && !text[name.len()..].starts_with(|c: char| c.is_ascii_digit())
}

/// A text of shell as rules are asked about it; `inside`: it stands in a word of another.
fn snippet(text: &Text, shell: &Shell, inside: bool) -> Snippet {
    let masked = shell.masked.iter().map(|m| m.range.clone()).collect();
    Snippet { text: text.clone(), masked, vendor: shell.vendor, is_task: false, inside }
}

/// The items of a script. Functions that it defines are added to `program` as units and returned by name.
pub fn items(text: &Text, shell: &Shell, program: &mut Program) -> Script {
    if shell.dialect != Dialect::Posix {
        let mut out = Vec::new();
        lines::items(text, shell, &Around::default(), &mut out);
        return Script { items: out, functions: Vec::new() };
    }
    program.snippets.push(snippet(text, shell, false));
    let mut state = State::new(program);
    let mut out = Vec::new();
    translate::text(text, shell, &mut state, &Around::default(), &mut out);
    out.append(&mut state.at_exit);
    Script { items: out, functions: state.functions }
}
