//! The arguments of a step as the words of one command: <https://cloud.google.com/build/docs/configuring-builds/substitute-variable-values>.

use crate::frontends::scripts::shell::Masked;
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

/// Substitutions that every build has.
const BUILT_IN: &[&str] = &[
    "PROJECT_ID",
    "PROJECT_NUMBER",
    "BUILD_ID",
    "LOCATION",
    "TRIGGER_NAME",
    "TRIGGER_BUILD_CONFIG_PATH",
    "COMMIT_SHA",
    "REVISION_ID",
    "SHORT_SHA",
    "REPO_NAME",
    "REPO_FULL_NAME",
    "BRANCH_NAME",
    "TAG_NAME",
    "REF_NAME",
    "SERVICE_ACCOUNT",
    "SERVICE_ACCOUNT_EMAIL",
];

/// The script that a shell is given as an argument: `$$` is a dollar sign, all other `$` look like the shell's own. The
/// values of substitutions are put in before the shell reads it, so between single quotes as well: these are listed.
pub(super) fn script(text: &Text) -> (Text, Vec<Masked>) {
    let source = text.text.as_str();
    let mut out = String::with_capacity(source.len());
    let mut map = OffsetMap::default();
    let mut masks = Vec::new();
    let mut quotes = Quotes { open: None, escaped: false, blank: true };
    let (mut from, mut at) = (0, 0);
    while let Some(c) = source[at..].chars().next() {
        if c != '$' {
            quotes.pass(c);
            at += c.len_utf8();
        } else if source[at + 1..].starts_with('$') {
            out.push_str(&source[from..at]);
            map.push(at - from, from, at - from);
            out.push('$');
            map.push(1, at, 2);
            quotes.pass(c);
            at += 2;
            from = at;
        } else {
            quotes.pass(c);
            let substitution = name_at(source, at).filter(|(name, _)| name.starts_with('_') || BUILT_IN.contains(name));
            let Some((name, end)) = substitution.filter(|_| quotes.single()) else {
                at += 1;
                continue;
            };
            let start = out.len() + at - from;
            masks.push(Masked { range: start..start + end - at, expr: Expr::Var(format!("env.{name}")) });
            at = end;
        }
    }
    out.push_str(&source[from..]);
    map.push(source.len() - from, from, source.len() - from);
    (text.derive(out, &map), masks)
}

/// Where in a shell's text something stands.
struct Quotes {
    open: Option<char>,
    escaped: bool,
    /// Whether the character before was a blank, behind which a comment may begin.
    blank: bool,
}

impl Quotes {
    /// Between single quotes.
    fn single(&self) -> bool {
        self.open == Some('\'')
    }

    /// Go past one character.
    fn pass(&mut self, c: char) {
        let escaped = std::mem::take(&mut self.escaped);
        match (self.open, c) {
            (Some('#'), '\n') | (Some('\''), '\'') => self.open = None,
            (Some('#' | '\''), _) => {}
            (_, _) if escaped => {}
            (_, '\\') => self.escaped = true,
            (Some('"'), '"') => self.open = None,
            (None, '\'' | '"') => self.open = Some(c),
            (None, '#') if self.blank => self.open = Some(c),
            _ => {}
        }
        self.blank = c.is_whitespace();
    }
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
        let (out, masks) = script(&text);
        assert_eq!((out.text.as_str(), masks.len()), ("a=$b; $c", 0));
        assert_eq!(out.span(4..5), text.span(5..6));
    }

    #[test]
    fn substitutions_are_put_in_between_single_quotes_as_well() {
        let text = "# don't $_A\n$$x '$BRANCH_NAME' \"it's $_B\" \\' $_C 'awk $$_D $NF ${_E}'";
        let (out, masks) = script(&Text::verbatim(FileId(0), text, 0));
        let shown: Vec<&str> = masks.iter().filter_map(|m| out.text.get(m.range.clone())).collect();
        assert_eq!(shown, ["$BRANCH_NAME", "${_E}"]);
        assert_eq!(masks[0].expr, Expr::Var("env.BRANCH_NAME".to_owned()));
    }
}
