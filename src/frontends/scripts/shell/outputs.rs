//! Values that a command hands to later steps: files that the runner reads
//! (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>,
//! <https://circleci.com/docs/env-vars/>) and lines that it recognises in the log
//! (<https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>).

use super::commands::named;
use super::translate::{Around, Sink, Translator};
use crate::model::{Expr, Item};
use crate::syntax::shell::Word;
use std::borrow::Cow;

impl Translator<'_, '_, '_> {
    /// What the command's words, printed, hand over.
    pub(super) fn outputs(&self, words: &[Cow<Word>], around: &Around, out: &mut Vec<Item>) {
        let Some(program) = words.first().and_then(|w| w.literal()) else { return };
        let arguments: Vec<Expr> = words.iter().skip(1).map(|w| self.expr(w)).collect();
        let printed = match program.as_str() {
            "echo" | "Write-Output" | "Write-Host" => echoed(arguments),
            "printf" => formatted(&arguments),
            "cat" => match &around.input {
                Some(input) => {
                    let mut parts = Vec::new();
                    let mut at = 0;
                    for mask in &input.script.masked {
                        parts.push(Expr::lit(input.script.text.text.get(at..mask.range.start).unwrap_or("")));
                        parts.push(mask.expr.clone());
                        at = mask.range.end;
                    }
                    parts.push(Expr::lit(input.script.text.text.get(at..).unwrap_or("")));
                    Expr::concat(parts)
                }
                None => return,
            },
            _ => return,
        };
        printed_values(&printed, around.sink, out);
    }
}

/// What a printed text hands over.
pub(super) fn printed_values(printed: &Expr, sink: Option<Sink>, out: &mut Vec<Item>) {
    for line in lines(printed) {
        if let Some(sink) = sink {
            let Some((name, value)) = assigned(&line) else { continue };
            match sink {
                Sink::Outputs => out.push(Item::Output { name, value }),
                Sink::Variables => out.extend(exported(&name, &value)),
            }
        } else {
            logged(&line, out);
        }
    }
}

fn echoed(mut arguments: Vec<Expr>) -> Expr {
    arguments.retain(|e| !matches!(e.literal(), Some("-n" | "-e" | "-E" | "-ne" | "-en")));
    let mut parts = Vec::new();
    for (i, argument) in arguments.into_iter().enumerate() {
        if i > 0 {
            parts.push(Expr::lit(" "));
        }
        parts.push(flat(argument));
    }
    let parts = parts.into_iter().flat_map(|p| if let Expr::Concat(all) = p { all } else { vec![p] });
    Expr::concat(parts.collect())
}

/// `printf FORMAT VALUES`: `%s` and `%d` take the values in order.
fn formatted(arguments: &[Expr]) -> Expr {
    let Some((format, values)) = arguments.split_first() else { return Expr::lit("") };
    let mut values = values.iter();
    let mut parts = Vec::new();
    let all = if let Expr::Concat(all) = format { all.as_slice() } else { std::slice::from_ref(format) };
    for part in all {
        let Some(text) = part.literal() else {
            parts.push(part.clone());
            continue;
        };
        let text = text.replace("\\n", "\n");
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['%']) {
            parts.push(Expr::lit(&rest[..at]));
            let taken = rest[at..].chars().take(2).map(char::len_utf8).sum::<usize>();
            let verb = &rest[at..at + taken];
            parts.push(match verb {
                "%%" => Expr::lit("%"),
                _ => values.next().map_or_else(|| Expr::lit(""), |v| flat(v.clone())),
            });
            rest = &rest[at + taken..];
        }
        parts.push(Expr::lit(rest));
    }
    let parts = parts.into_iter().flat_map(|p| if let Expr::Concat(all) = p { all } else { vec![p] });
    Expr::concat(parts.collect())
}

fn flat(expr: Expr) -> Expr {
    match expr {
        Expr::Concat(parts) => Expr::concat(parts),
        other => other,
    }
}

/// The lines of a text.
fn lines(expr: &Expr) -> Vec<Expr> {
    let all = if let Expr::Concat(all) = expr { all.as_slice() } else { std::slice::from_ref(expr) };
    let mut out: Vec<Vec<Expr>> = vec![Vec::new()];
    for part in all {
        let Some(text) = part.literal() else {
            out.last_mut().into_iter().for_each(|l| l.push(part.clone()));
            continue;
        };
        for (i, line) in text.split('\n').enumerate() {
            if i > 0 {
                out.push(Vec::new());
            }
            if !line.is_empty() {
                out.last_mut().into_iter().for_each(|l| l.push(Expr::lit(line)));
            }
        }
    }
    out.into_iter().filter(|l| !l.is_empty()).map(Expr::concat).collect()
}

/// `NAME=value`, also `export NAME=value`; of `NAME<<DELIMITER` the value stands on lines that follow.
fn assigned(line: &Expr) -> Option<(String, Expr)> {
    let first = match line {
        Expr::Concat(parts) => parts.first()?,
        other => other,
    };
    let text = first.literal()?;
    if let Some((name, _)) = text.split_once("<<").filter(|(name, _)| is_name(name.trim())) {
        return Some((name.trim().to_owned(), Expr::Unknown(text.to_owned())));
    }
    let (name, value) = named(line)?;
    let name = name.trim().trim_start_matches("export ").trim().to_owned();
    is_name(&name).then_some((name, value))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// `::set-output name=NAME::value`, `##vso[task.setvariable variable=NAME]value`
fn logged(line: &Expr, out: &mut Vec<Item>) {
    let (first, rest) = match line {
        Expr::Concat(parts) => match parts.split_first() {
            Some((first, rest)) => (first, rest),
            None => return,
        },
        other => (other, [].as_slice()),
    };
    let Some(text) = first.literal() else { return };
    let value = |text: &str| {
        let mut parts = vec![Expr::lit(text)];
        parts.retain(|e| rest.is_empty() || e.literal() != Some(""));
        parts.extend(rest.iter().cloned());
        Expr::concat(parts)
    };
    if let Some((name, tail)) = text.strip_prefix("::set-output name=").and_then(|t| t.split_once("::")) {
        out.push(Item::Output { name: name.to_owned(), value: value(tail) });
    } else if let Some((name, tail)) = text.strip_prefix("::set-env name=").and_then(|t| t.split_once("::")) {
        out.extend(exported(name, &value(tail)));
    } else if let Some((options, tail)) = text.strip_prefix("##vso[task.setvariable ").and_then(|t| t.split_once(']')) {
        let mut name = None;
        let mut output = false;
        for option in options.split(';') {
            match option.trim().split_once('=') {
                // Scripts see it in capitals.
                Some((key, v)) if key.eq_ignore_ascii_case("variable") => name = Some(v.to_ascii_uppercase().replace('.', "_")),
                Some((key, v)) if key.eq_ignore_ascii_case("isoutput") => output = v.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        let Some(name) = name else { return };
        if output {
            out.push(Item::Output { name: name.clone(), value: value(tail) });
            out.push(Item::Assign { name: format!("env.{name}"), value: value(tail) });
        } else {
            out.extend(exported(&name, &value(tail)));
        }
    }
}

/// A variable of this step and of those after it.
fn exported(name: &str, value: &Expr) -> [Item; 2] {
    ["exported", "env"].map(|kind| Item::Assign { name: format!("{kind}.{name}"), value: value.clone() })
}
