//! Shell, wherever it stands: from text to the items of a body.

use crate::catalogue::Catalogue;
use crate::model::{Expr, Item, Program, UnitId};
use crate::source::Text;
use std::ops::Range;

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
}

/// What a script holds.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Its items, in order.
    pub items: Vec<Item>,
    /// Its functions, by name; they are units of the program.
    pub functions: Vec<(String, UnitId)>,
}

/// Replace ranges of a text by words of equal length that no tool is called, and remember what stood there.
pub fn mask(text: &Text, expressions: Vec<Masked>) -> (Text, Vec<Masked>) {
    (text.clone(), expressions)
}

/// The items of a script.
pub fn items(_text: &Text, _shell: &Shell, _program: &mut Program) -> Script {
    Script::default()
}
