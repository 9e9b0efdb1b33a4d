//! Texts of expressions, as GitHub and Azure write them.

use crate::model::Expr;

/// A text in single quotes, `''` for one, and how many bytes it takes.
pub fn quoted(rest: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c != '\'' {
            value.push(c);
        } else if chars.next_if(|(_, c)| *c == '\'').is_some() {
            value.push('\'');
        } else {
            return Some((value, i + 1));
        }
    }
    None
}

/// How many bytes the name, number or version takes that a text begins with.
pub fn word(rest: &str) -> Option<usize> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let first = rest.chars().next()?;
    let signed = matches!(first, '-' | '+') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    let number = signed || first.is_ascii_digit();
    let inside = |c: char| is_word(c) || c == '-' || (number && c == '.');
    (signed || is_word(first)).then(|| rest[1..].find(|c| !inside(c)).map_or(rest.len(), |p| p + 1))
}

/// `format('{0}-{1}', a, b)`: the values put in, `{{` for a bracket; a value that is not given is unknown.
pub fn format(pattern: &str, values: &[Expr]) -> Expr {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        parts.push(Expr::lit(&rest[..at]));
        let tail = &rest[at..];
        let number = tail.find('}').and_then(|end| Some((tail.get(1..end)?.parse::<usize>().ok()?, end)));
        match number {
            _ if tail.starts_with("{{") || tail.starts_with("}}") => {
                parts.push(Expr::lit(&tail[..1]));
                rest = &tail[2..];
            }
            Some((n, end)) => {
                parts.push(values.get(n).cloned().unwrap_or_else(|| Expr::Unknown(format!("{{{n}}}"))));
                rest = &tail[end + 1..];
            }
            None => {
                parts.push(Expr::lit(&tail[..1]));
                rest = &tail[1..];
            }
        }
    }
    parts.push(Expr::lit(rest));
    parts.retain(|p| p.literal() != Some(""));
    Expr::concat(parts)
}
