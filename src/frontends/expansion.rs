//! Variables in values of Dockerfiles and compose files (`$NAME`, `${NAME:-default}`), which look like the shell's and
//! are not read by one.

use crate::model::Expr;

/// Defaults inside of defaults stop here.
const MAX_DEPTH: usize = 8;

/// A value as an expression over `env.NAME`.
pub fn expr(text: &str) -> Expr {
    nested(text, 0)
}

fn nested(text: &str, depth: usize) -> Expr {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        parts.push(Expr::lit(&rest[..at]));
        let after = &rest[at + 1..];
        if let Some(inner) = after.strip_prefix('{') {
            let Some(end) = closing(inner) else {
                parts.push(Expr::Unknown(rest[at..].to_owned()));
                return Expr::concat(parts);
            };
            parts.push(braced(&inner[..end], depth));
            rest = &inner[end + 1..];
        } else if let Some(tail) = after.strip_prefix('$') {
            parts.push(Expr::lit("$"));
            rest = tail;
        } else {
            let end = name_end(after);
            let digits = after.starts_with(|c: char| c.is_ascii_digit());
            parts.push(if end == 0 || digits { Expr::lit("$") } else { Expr::Var(format!("env.{}", &after[..end])) });
            rest = if digits { after } else { &after[end..] };
        }
    }
    parts.push(Expr::lit(rest));
    let empty = |e: &Expr| matches!(e, Expr::Lit(t) if t.is_empty());
    parts.retain(|p| !empty(p));
    Expr::concat(parts)
}

fn name_end(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// Where the brace closes that was opened before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1usize;
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(i);
        }
    }
    None
}

fn braced(inner: &str, depth: usize) -> Expr {
    let end = name_end(inner);
    let name = Expr::Var(format!("env.{}", &inner[..end]));
    let rest = &inner[end..];
    if end == 0 || depth > MAX_DEPTH {
        return Expr::Unknown(inner.to_owned());
    }
    if rest.is_empty() {
        return name;
    }
    let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'));
    match (default, rest.strip_prefix(":?").or_else(|| rest.strip_prefix('?'))) {
        (Some(default), _) => Expr::Default(Box::new(name), Box::new(nested(default, depth + 1))),
        (None, Some(_)) => name,
        (None, None) => Expr::Unknown(inner.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HOLE, Scope, Value};

    #[test]
    fn variables_and_defaults_are_values() {
        let mut scope = Scope::default();
        scope.set("env.A", Value::text("1"));
        let shown = |text: &str| expr(text).eval(&scope).shown();
        assert_eq!(shown("x:$A-${A}"), "x:1-1");
        assert_eq!(shown("${B:-a/${C-z}}:${A:?must}"), "a/z:1");
        assert_eq!(shown("$B.$$A"), format!("{HOLE}.$A"));
        assert_eq!(shown("$5${"), format!("$5{HOLE}"));
    }

    #[test]
    fn deep_nesting_ends() {
        expr(&"${A:-".repeat(50_000));
        expr(&format!("{}{}", "${A:-".repeat(5_000), "}".repeat(5_000)));
    }
}
