//! What values stand for where the files alone say it: locals, arguments of the module's only call, defaults that nothing
//! sets, and the simple functions that put texts together. Everything else is a hole with its place.

use super::folder::Folder;
use crate::frontends::scripts::shell::Masked;
use crate::model::Expr;
use crate::source::paths::join;
use crate::source::{SourceSet, Text};
use crate::syntax::hcl::{Hole, Template, Value, ValueKind};
use std::collections::BTreeSet;

/// References that stand for each other are followed so far.
const MAX_DEPTH: usize = 12;

/// Where values are looked up.
pub(super) struct Scope<'f, 's> {
    /// The folder whose values they are.
    pub(super) folder: &'f Folder<'s>,
    /// The root that is applied: commands run there.
    pub(super) root: &'f str,
    /// The variables that a variable file may set.
    pub(super) set: &'f BTreeSet<String>,
    /// All files, for `file` and `templatefile`.
    pub(super) sources: &'f SourceSet,
}

impl Scope<'_, '_> {
    /// A value as an expression.
    pub(super) fn expr(&self, value: &Value, depth: usize) -> Expr {
        let unknown = || Expr::Unknown("an expression of Terraform".to_owned());
        if depth > MAX_DEPTH {
            return unknown();
        }
        match &value.kind {
            ValueKind::Literal(text) => Expr::lit(text.text.as_str()),
            ValueKind::Template(template) => self.template(template, depth),
            ValueKind::Reference(parts) => self.reference(parts, depth),
            ValueKind::Call(name, arguments) => self.call(name, arguments, depth).unwrap_or_else(unknown),
            _ => unknown(),
        }
    }

    fn template(&self, template: &Template, depth: usize) -> Expr {
        let whole = &template.text.text;
        let mut parts = Vec::new();
        let mut at = 0;
        for hole in &template.holes {
            parts.push(Expr::lit(whole.get(at..hole.range.start).unwrap_or("")));
            parts.push(self.hole(hole, depth));
            at = hole.range.end;
        }
        parts.push(Expr::lit(whole.get(at..).unwrap_or("")));
        Expr::concat(parts)
    }

    fn hole(&self, hole: &Hole, depth: usize) -> Expr {
        if hole.reference.is_empty() {
            Expr::Unknown("an expression of Terraform".to_owned())
        } else {
            self.reference(&hole.reference, depth)
        }
    }

    /// What a reference stands for; paths are relative to the root's folder.
    fn reference(&self, reference: &[String], depth: usize) -> Expr {
        let found = match reference {
            [scope, name] if scope == "path" && name == "module" => Some(Expr::Lit(relative(self.root, &self.folder.dir))),
            [scope, name] if scope == "path" && (name == "root" || name == "cwd") => Some(Expr::lit(".")),
            _ => self.value(reference).map(|value| self.expr(value, depth + 1)),
        };
        found.unwrap_or_else(|| Expr::Unknown(reference.join(".")))
    }

    /// The value that a local or a variable always has.
    fn value(&self, reference: &[String]) -> Option<&Value> {
        let [scope, name, rest @ ..] = reference else { return None };
        let whole = match scope.as_str() {
            "local" => self.folder.blocks().filter(|b| b.kind == "locals").find_map(|b| b.body.get(name)),
            "var" if self.folder.dir == self.root && !self.set.contains(name) => {
                let variable = self.folder.blocks().find(|b| b.kind == "variable" && b.label(0) == name);
                variable.and_then(|b| b.body.get("default"))
            }
            _ => None,
        };
        rest.iter().try_fold(&whole?.value, |value, key| match &value.kind {
            ValueKind::Map(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            ValueKind::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        })
    }

    fn call(&self, name: &str, arguments: &[Value], depth: usize) -> Option<Expr> {
        let one = |value: &Value| self.expr(value, depth + 1);
        match (name, arguments) {
            ("trimspace" | "chomp" | "tostring" | "nonsensitive" | "sensitive" | "abspath" | "pathexpand", [value]) => {
                Some(one(value))
            }
            ("lower", [value]) => one(value).literal().map(|t| Expr::Lit(t.to_lowercase())),
            ("upper", [value]) => one(value).literal().map(|t| Expr::Lit(t.to_uppercase())),
            ("format", [format, rest @ ..]) => Some(Expr::concat(formatted(format.literal()?, rest.iter().map(one).collect()))),
            ("join", [separator, list]) => {
                let items = self.items(list)?;
                let mut parts = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    parts.extend((i > 0).then(|| one(separator)));
                    parts.push(one(item));
                }
                Some(Expr::concat(parts))
            }
            _ => None,
        }
    }

    /// The items of a list, or of a local that is one.
    pub(super) fn items<'v>(&'v self, list: &'v Value) -> Option<&'v [Value]> {
        match &list.kind {
            ValueKind::List(items) => Some(items),
            ValueKind::Reference(parts) => match &self.value(parts)?.kind {
                ValueKind::List(items) => Some(items),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text of a command, with what is not known of it or stands elsewhere as ranges.
    pub(super) fn text(&self, value: &Value, depth: usize) -> Option<(Text, Vec<Masked>)> {
        if depth > MAX_DEPTH {
            return None;
        }
        match &value.kind {
            ValueKind::Literal(text) => Some((text.clone(), Vec::new())),
            ValueKind::Template(template) => {
                let one = |hole: &Hole| Masked { range: hole.range.clone(), expr: self.hole(hole, depth) };
                Some((template.text.clone(), template.holes.iter().map(one).collect()))
            }
            ValueKind::Reference(parts) => self.text(self.value(parts)?, depth + 1),
            ValueKind::Call(name, arguments) => match (name.as_str(), arguments.as_slice()) {
                ("trimspace" | "chomp" | "nonsensitive" | "sensitive", [value]) => self.text(value, depth + 1),
                ("format", [format, rest @ ..]) => {
                    let (text, _) = self.text(format, depth + 1)?;
                    let values = rest.iter().map(|v| self.expr(v, depth + 1));
                    let masked = verbs(&text.text).into_iter().zip(values);
                    let masked = masked.map(|(range, expr)| Masked { range, expr }).collect();
                    Some((text, masked))
                }
                ("join", [separator, list]) => self.joined(self.items(list)?, separator.literal()?, depth + 1),
                ("file", [path]) => Some((self.file(path)?, Vec::new())),
                ("templatefile", [path, given]) => {
                    let text = self.file(path)?;
                    let masked = holes(&text.text).into_iter().map(|(range, name)| {
                        let value = match &given.kind {
                            ValueKind::Map(entries) => {
                                entries.iter().find(|(k, _)| *k == name).map(|(_, v)| self.expr(v, depth + 1))
                            }
                            _ => None,
                        };
                        Masked { range, expr: value.unwrap_or(Expr::Unknown(name)) }
                    });
                    let masked = masked.collect();
                    Some((text, masked))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Texts of one file behind each other.
    pub(super) fn joined(&self, items: &[Value], separator: &str, depth: usize) -> Option<(Text, Vec<Masked>)> {
        let mut out: Option<(Text, Vec<Masked>)> = None;
        for item in items {
            let (text, masked) = self.text(item, depth + 1)?;
            let (whole, all) = match &mut out {
                None => {
                    out = Some((text, masked));
                    continue;
                }
                Some(out) => (&mut out.0, &mut out.1),
            };
            if whole.file != text.file {
                return None;
            }
            let end = whole.map.end(whole.text.len());
            whole.text.push_str(separator);
            whole.map.push(separator.len(), end, 0);
            let from = whole.text.len();
            whole.append(&text);
            all.extend(masked.into_iter().map(|m| Masked { range: m.range.start + from..m.range.end + from, ..m }));
        }
        out
    }

    /// A file of the repository, whole.
    fn file(&self, path: &Value) -> Option<Text> {
        let path = self.path(path)?;
        let file = self.sources.get(&path)?;
        Some(Text::verbatim(file.id, file.text.as_str(), 0))
    }

    /// A path as one from the repository's root.
    pub(super) fn path(&self, value: &Value) -> Option<String> {
        join(self.root, self.expr(value, 0).literal()?)
    }
}

/// A format's text with its arguments.
fn formatted(format: &str, arguments: Vec<Expr>) -> Vec<Expr> {
    let mut parts = Vec::new();
    let mut at = 0;
    let mut arguments = arguments.into_iter();
    for range in verbs(format) {
        parts.push(Expr::Lit(format[at..range.start].replace("%%", "%")));
        parts.push(arguments.next().unwrap_or_else(|| Expr::Unknown("an argument of format".to_owned())));
        at = range.end;
    }
    parts.push(Expr::Lit(format[at..].replace("%%", "%")));
    parts
}

/// The verbs of a format (`%s`, `%03d`).
fn verbs(format: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = format.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] != b'%' {
            i += 1;
            continue;
        }
        let start = i;
        i += 1;
        while bytes.get(i).is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b' ' | b'#' | b'.')) {
            i += 1;
        }
        if bytes.get(i).is_some_and(u8::is_ascii_alphabetic) {
            out.push(start..i + 1);
        }
        i += 1;
    }
    out
}

/// The holes of a template file, with what stands in each.
fn holes(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i + 1 < bytes.len() {
        if !matches!(bytes[i], b'$' | b'%') || bytes[i + 1] != b'{' || (i > 0 && bytes[i - 1] == bytes[i]) {
            i += 1;
            continue;
        }
        let Some(end) = text[i..].find(['}', '\n']).map(|n| i + n).filter(|at| bytes[*at] == b'}') else {
            i += 2;
            continue;
        };
        out.push((i..end + 1, text[i + 2..end].trim_matches(['~', ' ']).to_owned()));
        i = end + 1;
    }
    out
}

/// The way from one folder to another.
fn relative(from: &str, to: &str) -> String {
    let parts = |text: &str| text.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut out = vec!["..".to_owned(); from.len() - shared];
    out.extend(to[shared..].iter().cloned());
    if out.is_empty() { ".".to_owned() } else { out.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_and_holes_are_found() {
        let format = "docker push %s/%03d:100%% %";
        let found: Vec<&str> = verbs(format).into_iter().map(|r| &format[r]).collect();
        assert_eq!(found, ["%s", "%03d"]);
        let text = "a ${b} $${c} %{ if d ~}e ${f\n}";
        let found: Vec<(&str, String)> = holes(text).into_iter().map(|(r, n)| (&text[r], n)).collect();
        assert_eq!(found, [("${b}", "b".to_owned()), ("%{ if d ~}", "if d".to_owned())]);
        assert_eq!((relative("a/b", "a/c"), relative("", "x"), relative("a", "a")), ("../c".into(), "x".into(), ".".into()));
    }
}
