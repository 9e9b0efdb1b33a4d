//! The arguments of a step as the words of one command: <https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values>.

use crate::model::Expr;
use crate::source::{OffsetMap, Text};

/// Where the name of a substitution ends that begins behind the `$` at `at`: `$NAME`, `${NAME}`; the name, and its end.
fn name_at(text: &str, at: usize) -> Option<(&str, usize)> {
    let rest = text.get(at + 1..)?;
    let (braced, inner) = rest.strip_prefix('{').map_or((false, rest), |inner| (true, inner));
    let len = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
    let name = inner.get(..len).filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))?;
    let start = at + 1 + usize::from(braced);
    if !braced {
        return Some((name, start + len));
    }
    inner[len..].starts_with('}').then_some((name, start + len + 1))
}

/// A text with its substitutions; `$$` stands for a dollar sign.
pub(super) fn expr(text: &str) -> Expr {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c == '$' && text[at + 1..].starts_with('$') {
            literal.push('$');
            at += 2;
        } else if c == '$'
            && let Some((name, end)) = name_at(text, at)
        {
            parts.push(Expr::lit(std::mem::take(&mut literal)));
            parts.push(Expr::Var(format!("env.{name}")));
            at = end;
        } else {
            literal.push(c);
            at += c.len_utf8();
        }
    }
    parts.push(Expr::lit(literal));
    parts.retain(|p| p.literal() != Some(""));
    Expr::concat(parts)
}

/// The script that a shell is given as an argument: `$$` is a dollar sign, all other `$` look like the shell's own.
pub(super) fn script(text: &Text) -> Text {
    let mut out = String::with_capacity(text.text.len());
    let mut map = OffsetMap::default();
    let mut at = 0;
    while let Some(found) = text.text[at..].find("$$") {
        let from = at + found;
        out.push_str(&text.text[at..from]);
        map.push(from - at, at, from - at);
        out.push('$');
        map.push(1, from, 2);
        at = from + 2;
    }
    out.push_str(&text.text[at..]);
    map.push(text.text.len() - at, at, text.text.len() - at);
    text.derive(out, &map)
}

/// The words of one command as a shell's line: substitutions stay variables, nothing else is the shell's.
pub(super) fn line(words: &[&Text]) -> Option<Text> {
    let first = words.first()?;
    let mut out = Text { file: first.file, text: String::new(), map: OffsetMap::default() };
    for word in words {
        let at = word.span(0..word.text.len());
        let quoted = quoted(&word.text);
        let shown = if out.text.is_empty() { quoted } else { format!(" {quoted}") };
        out.map.push(shown.len(), at.start as usize, (at.end - at.start) as usize);
        out.text.push_str(&shown);
    }
    Some(out)
}

fn quoted(word: &str) -> String {
    if !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./:=@,+%".contains(c)) {
        return word.to_owned();
    }
    let mut out = String::from("\"");
    let mut at = 0;
    while let Some(c) = word[at..].chars().next() {
        let end = if c == '$' { name_at(word, at).map(|(_, end)| end) } else { None };
        if c == '$' && word[at + 1..].starts_with('$') {
            out.push_str("\\$");
            at += 2;
        } else if let Some(end) = end {
            out.push_str(&word[at..end]);
            at = end;
        } else {
            if matches!(c, '"' | '\\' | '`' | '$') {
                out.push('\\');
            }
            out.push(c);
            at += c.len_utf8();
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn dollars_are_substitutions_escapes_or_themselves() {
        let var = |n: &str| Expr::Var(format!("env.{n}"));
        assert_eq!(
            expr("gcr.io/$PROJECT_ID/a:${_TAG}"),
            Expr::Concat(vec![Expr::lit("gcr.io/"), var("PROJECT_ID"), Expr::lit("/a:"), var("_TAG"),])
        );
        assert_eq!(expr("$$HOME $5 ${x"), Expr::lit("$HOME $5 ${x"));
        assert_eq!(quoted("--tag=$_A$$B\"c"), "\"--tag=$_A\\$B\\\"c\"");
        let text = Text::verbatim(FileId(0), "a=$$b; $c", 10);
        let out = script(&text);
        assert_eq!(out.text, "a=$b; $c");
        assert_eq!(out.span(4..5), text.span(5..6));
    }
}
