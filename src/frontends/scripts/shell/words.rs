//! Words to expressions, and words back to text for whoever reads them as a script.

use super::{Masked, Shell};
use crate::model::{Expr, HOLE};
use crate::source::{OffsetMap, Text};
use crate::syntax::shell::{Kind, Part, PartKind, Simple, Statement, Word};
use std::collections::BTreeMap;
use std::ops::Range;

/// A text with what is masked in it.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a Text,
    pub(super) masked: &'a [Masked],
}

/// What a script set a variable to, where that is literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// One text.
    Text(String),
    /// The elements of an array.
    List(Vec<String>),
    /// Several things.
    Various,
}

/// Literal variables by name.
pub(super) type Variables = BTreeMap<String, Known>;

/// What was decoded from words.
#[derive(Clone, Debug)]
pub(super) struct Decoded {
    pub(super) text: Text,
    pub(super) masked: Vec<Masked>,
}

impl Decoded {
    /// What follows the first `from` bytes.
    pub(super) fn after(&self, from: usize) -> Self {
        let text = self.text.slice(from..self.text.text.len());
        let masked = self
            .masked
            .iter()
            .filter(|m| m.range.start >= from)
            .map(|m| Masked { range: m.range.start - from..m.range.end - from, expr: m.expr.clone() });
        Self { text, masked: masked.collect() }
    }
}

/// What stands for a part that the words do not decide.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// A hole, for readers of data.
    Hole,
    /// A mask, for the shell.
    Mask,
}

impl Source<'_> {
    /// The bytes of a range.
    pub(super) fn slice(&self, range: &Range<usize>) -> &str {
        self.text.text.get(range.clone()).unwrap_or("")
    }

    /// Whether something is masked in a range.
    pub(super) fn is_masked(&self, range: &Range<usize>) -> bool {
        let first = self.masked.partition_point(|m| m.range.end <= range.start);
        self.masked.get(first).is_some_and(|m| m.range.start < range.end)
    }

    /// What stands in a range, on one line, with the names of masked expressions.
    pub(super) fn one_line(&self, range: &Range<usize>) -> String {
        let mut out = String::new();
        let mut at = range.start;
        let first = self.masked.partition_point(|m| m.range.end <= range.start);
        for mask in self.masked.iter().skip(first) {
            if mask.range.start < at || mask.range.end > range.end {
                break;
            }
            out.push_str(self.slice(&(at..mask.range.start)));
            out.push_str(&shown(&mask.expr));
            at = mask.range.end;
        }
        out.push_str(self.slice(&(at..range.end)));
        let joined = out.replace("\\\r\n", " ").replace("\\\n", " ");
        joined.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The expression of a word.
    pub(super) fn expr(&self, word: &Word, shell: &Shell) -> Expr {
        self.parts(&word.parts, shell)
    }

    fn parts(&self, parts: &[Part], shell: &Shell) -> Expr {
        Expr::concat(parts.iter().map(|part| self.part(part, shell)).collect())
    }

    pub(super) fn part(&self, part: &Part, shell: &Shell) -> Expr {
        match &part.kind {
            PartKind::Literal(text) => Expr::lit(text.as_str()),
            PartKind::Variable(name) => self.variable(name, &part.range, shell),
            PartKind::Default(name, parts) => {
                let first = self.variable(name, &part.range, shell);
                Expr::Default(Box::new(first), Box::new(self.parts(parts, shell)))
            }
            PartKind::Masked(index) => self.masked.get(*index).map_or_else(|| Expr::Unknown(String::new()), |m| m.expr.clone()),
            PartKind::Substitution(body) if let Some(name) = self.base_name(body, shell) => Expr::lit(name),
            PartKind::Elements(_) | PartKind::Substitution(_) | PartKind::Process(_) | PartKind::Other => {
                Expr::Unknown(self.one_line(&part.range))
            }
        }
    }

    /// What `$(basename PATH)` prints, where the last part of the path is literal.
    fn base_name(&self, body: &[Statement], shell: &Shell) -> Option<String> {
        let [Statement { kind: Kind::Simple(Simple { words, .. }), .. }] = body else { return None };
        let [program, path] = words.as_slice() else { return None };
        if program.literal()? != "basename" {
            return None;
        }
        let tail = match self.expr(path, shell) {
            Expr::Lit(text) => text,
            Expr::Concat(parts) => parts.last()?.literal().filter(|tail| tail.contains('/'))?.to_owned(),
            _ => return None,
        };
        let name = tail.trim_end_matches('/').rsplit('/').next()?;
        (!name.is_empty() && !name.contains(['*', '?', '['])).then(|| name.to_owned())
    }

    fn variable(&self, name: &str, range: &Range<usize>, shell: &Shell) -> Expr {
        match name {
            "@" | "*" => Expr::Var("arg.@".to_owned()),
            "" | "#" | "?" | "!" | "$" | "-" | "_" | "0" => Expr::Unknown(self.one_line(range)),
            _ => match name.parse::<usize>() {
                Ok(n) => shell.arguments.get(n.saturating_sub(1)).cloned().unwrap_or_else(|| Expr::Var(format!("arg.{n}"))),
                Err(_) => Expr::Var(format!("env.{name}")),
            },
        }
    }

    /// The text that words are, joined by spaces. Literal variables are put in where a shell reads it.
    pub(super) fn decode<'w>(
        &self,
        words: impl IntoIterator<Item = &'w Word>,
        fill: Fill,
        variables: &Variables,
        shell: &Shell,
    ) -> Decoded {
        let mut out = Writer::default();
        let mut last: Option<usize> = None;
        for word in words {
            if let Some(end) = last {
                out.push(" ", &(end..word.range.start.max(end)));
            }
            for part in &word.parts {
                self.decode_part(part, fill, variables, shell, &mut out);
            }
            last = Some(word.range.end);
        }
        let mut text = self.text.derive(out.text, &out.map);
        if text.text.is_empty() {
            text.map = OffsetMap::identity(self.text.map.start(last.unwrap_or(0)), 0);
        }
        Decoded { text, masked: out.masked }
    }

    fn decode_part(&self, part: &Part, fill: Fill, variables: &Variables, shell: &Shell, out: &mut Writer) {
        match &part.kind {
            PartKind::Literal(text) => out.push(text, &part.range),
            PartKind::Variable(name) if fill == Fill::Mask && matches!(variables.get(name), Some(Known::Text(_))) => {
                if let Some(Known::Text(text)) = variables.get(name) {
                    out.push(text, &part.range);
                }
            }
            _ if fill == Fill::Hole => out.push(HOLE.encode_utf8(&mut [0; 4]), &part.range),
            _ => {
                let start = out.text.len();
                out.push(&"_".repeat(part.range.len().max(1)), &part.range);
                let expr = self.part(part, shell);
                out.masked.push(Masked { range: start..out.text.len(), expr });
            }
        }
    }
}

/// Decoded text as it grows.
#[derive(Default)]
struct Writer {
    text: String,
    map: OffsetMap,
    masked: Vec<Masked>,
}

impl Writer {
    fn push(&mut self, text: &str, from: &Range<usize>) {
        if !text.is_empty() {
            self.text.push_str(text);
            self.map.push(text.len(), from.start, from.len());
        }
    }
}

/// How a masked expression is shown in the text of a command.
fn shown(expr: &Expr) -> String {
    match expr {
        Expr::Lit(text) | Expr::Unknown(text) if !text.is_empty() => text.clone(),
        Expr::Var(name) => match ["env.", "arg.", "var."].iter().find_map(|p| name.strip_prefix(p)) {
            Some(short) => format!("${short}"),
            None => format!("${{{name}}}"),
        },
        Expr::Default(first, second) => match &**first {
            Expr::Var(name) => format!("${{{}:-{}}}", name.rsplit('.').next().unwrap_or(name), shown(second)),
            _ => "…".to_owned(),
        },
        Expr::Concat(parts) => parts.iter().map(shown).collect(),
        _ => "…".to_owned(),
    }
}

/// The texts of `{a,b}` between a head and a tail; one text where there is no such list.
pub(super) fn braces(text: &str) -> Vec<String> {
    let plain = || vec![text.to_owned()];
    let Some((head, rest)) = text.split_once('{') else { return plain() };
    let Some((list, tail)) = rest.split_once('}') else { return plain() };
    if !list.contains(',') || list.contains('{') || tail.contains('{') || head.ends_with('$') {
        return plain();
    }
    list.split(',').map(|one| format!("{head}{one}{tail}")).collect()
}
