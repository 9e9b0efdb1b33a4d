//! Go templates in Taskfiles (<https://taskfile.dev/reference/templating>), and the like in justfiles.

use crate::frontends::scripts::shell::Masked;
use crate::model::Expr;
use crate::syntax::mask;

/// The templates of a text, as masks.
pub fn masks(text: &str) -> Vec<Masked> {
    let (_, found) = mask::mask(text, "{{", "}}");
    found.into_iter().map(|m| Masked { range: m.range, expr: one(&m.expression) }).collect()
}

/// A text with templates as an expression.
pub fn expr(text: &str) -> Expr {
    let mut parts = Vec::new();
    let mut at = 0;
    for masked in masks(text) {
        parts.push(Expr::lit(&text[at..masked.range.start]));
        at = masked.range.end;
        parts.push(masked.expr);
    }
    parts.push(Expr::lit(&text[at..]));
    parts.retain(|p| !matches!(p, Expr::Lit(t) if t.is_empty()));
    Expr::concat(parts)
}

/// `.NAME`, `NAME`, `.NAME | default "x"`, `"x"`; anything else is unknown.
fn one(expression: &str) -> Expr {
    let inner = expression.trim_matches('-').trim();
    let (head, default) = match inner.split_once('|') {
        Some((head, function)) => match function.trim().strip_prefix("default ") {
            Some(value) => (head.trim(), Some(value.trim())),
            None => return Expr::Unknown(expression.to_owned()),
        },
        None => (inner, None),
    };
    let value = atom(head).unwrap_or_else(|| Expr::Unknown(expression.to_owned()));
    match default {
        Some(default) => {
            let default = atom(default).unwrap_or_else(|| Expr::Unknown(default.to_owned()));
            Expr::Default(Box::new(value), Box::new(default))
        }
        None => value,
    }
}

fn atom(text: &str) -> Option<Expr> {
    let quoted = ['"', '\'', '`'].iter().find_map(|q| text.strip_prefix(*q)?.strip_suffix(*q));
    if let Some(text) = quoted.filter(|t| !t.contains(['"', '\''])) {
        return Some(Expr::lit(text));
    }
    let name = text.strip_prefix('.').unwrap_or(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (!name.is_empty() && name.chars().all(plain)).then(|| Expr::Var(format!("env.{name}")))
}
