//! Values as small vendors write them: variables in texts, `NAME=value` words, inputs of built-ins; and what else their front
//! ends share.

use super::data::{Data, Kind, Pair};
use super::runs::Pattern;
use crate::frontends::scripts::shell::{Masked, filled};
use crate::model::{Call, Expr, Item, Start, Target, Truth, UnitId};
use crate::source::{SourceFile, Span};
use regex::Regex;
use std::sync::LazyLock;

/// No expressions: of scripts whose variables the shell replaces.
pub fn none(_: &str) -> Vec<Masked> {
    Vec::new()
}

/// `$NAME` and `${NAME}` in a value.
static VARIABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)|\{[^}]*\}|\([^)]*\))").ok());

/// The variables of a value that a shell, or what is like one, fills in: `$NAME`, `${NAME}`; anything more is unknown.
pub fn variables(text: &str) -> Vec<Masked> {
    VARIABLE.as_ref().map(|regex| found(regex, text)).unwrap_or_default()
}

fn found(regex: &Regex, text: &str) -> Vec<Masked> {
    let masked = |found: regex::Captures<'_>| {
        let whole = found.get(0)?;
        let expr = match found.get(1).or_else(|| found.get(2)) {
            Some(name) => Expr::Var(format!("env.{}", name.as_str())),
            None => Expr::Unknown(whole.as_str().to_owned()),
        };
        Some(Masked { range: whole.range(), expr })
    };
    regex.captures_iter(text).filter_map(masked).collect()
}

/// `$$NAME` and `$${NAME}`: a variable that the pipeline leaves to the shell.
static ESCAPED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)|\{[^}]*\})").ok());

/// The variables of a script that the pipeline would replace but for a second `$`.
pub fn escaped(text: &str) -> Vec<Masked> {
    ESCAPED.as_ref().map(|regex| found(regex, text)).unwrap_or_default()
}

/// A value with its variables.
pub fn value(text: &str) -> Expr {
    filled(text, variables(text))
}

/// The bindings of `A=1 B="two words"`; names get the prefix `env.`.
pub fn words(text: &str) -> Vec<(String, Expr)> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (word, after) = word(rest);
        rest = after.trim_start();
        let assignment = word.split_once('=').filter(|(name, _)| !name.is_empty());
        let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if let Some((name, text)) = assignment.filter(|(name, _)| plain(name)) {
            out.push((format!("env.{name}"), value(text.trim_end_matches(';'))));
        }
    }
    out
}

/// The next word, its quotes taken off, and what follows it.
fn word(text: &str) -> (String, &str) {
    let mut out = String::new();
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() => return (out, &text[i..]),
            _ => out.push(c),
        }
    }
    (out, "")
}

/// The bindings of environment variables in any of the usual forms: a mapping, `NAME=value`, or a list of these. A value that
/// is a mapping (a secret) is unknown.
pub fn environment(data: &Data) -> Vec<(String, Expr)> {
    let mut out = Vec::new();
    for one in data.one_or_many() {
        if let Some(text) = one.str() {
            out.extend(words(text));
        }
        for pair in one.pairs() {
            let value = match pair.value.str() {
                Some(text) => value(text),
                None if pair.value.is_null() => Expr::lit(""),
                None => Expr::Unknown(pair.key.to_string()),
            };
            out.push((format!("env.{}", pair.key), value));
        }
    }
    out
}

/// The inputs of a built-in: entries of a mapping, lists of texts with a line for each.
pub fn inputs(pairs: &[Pair]) -> Vec<(String, Data)> {
    let input = |pair: &Pair| {
        let value = &pair.value;
        let texts = value.texts();
        let joined = if value.is_list() && texts.len() == value.items().len() {
            Data::scalar_at(texts.join("\n"), value.span)
        } else {
            value.clone()
        };
        (pair.key.to_string(), joined)
    };
    pairs.iter().map(input).collect()
}

/// Texts that scripts compare one of these variables with: `[ "$BRANCH" = main ]`, `[[ $BRANCH =~ ^v ]]`.
pub fn compared(text: &str, variables: &[&str]) -> Vec<Pattern> {
    let names = variables.join("|");
    let pattern = format!(r#"\$\{{?(?:{names})\}}?["']?\s*(=~|==?|!=)\s*["']?([^\s"'$;]+)"#);
    let Ok(regex) = Regex::new(&pattern) else { return Vec::new() };
    let named = |found: regex::Captures<'_>| {
        let text = found.get(2)?.as_str().to_owned();
        Some(if found.get(1)?.as_str() == "=~" { Pattern::Regex(text) } else { Pattern::glob(&text) })
    };
    regex.captures_iter(text).filter_map(named).collect()
}

/// The names among patterns, for finding the trunk.
pub fn literal(patterns: Vec<Pattern>) -> Vec<String> {
    let name = |pattern| match pattern {
        Pattern::Name(name) => Some(name),
        _ => None,
    };
    spread(patterns).into_iter().filter_map(name).collect()
}

/// Patterns with those that only list names (`^(main|staging)$`) as these names.
pub fn spread(patterns: Vec<Pattern>) -> Vec<Pattern> {
    let plain = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_/".contains(c));
    let names = |pattern: &Pattern| {
        let Pattern::Regex(regex) = pattern else { return None };
        let inner = regex.strip_prefix('^')?.strip_suffix('$')?;
        let inner = inner.strip_prefix('(').and_then(|i| i.strip_suffix(')')).unwrap_or(inner);
        let names: Vec<&str> = inner.split('|').collect();
        names.iter().all(|n| plain(n)).then(|| names.into_iter().map(|n| Pattern::Name(n.to_owned())).collect::<Vec<_>>())
    };
    patterns.into_iter().flat_map(|p| names(&p).unwrap_or_else(|| vec![p])).collect()
}

/// The texts of a pattern with alternatives in braces (`{main,release/*}`).
pub fn alternatives(pattern: &str) -> Vec<String> {
    let inner = pattern.split_once('{').and_then(|(head, rest)| rest.split_once('}').map(|(inner, tail)| (head, inner, tail)));
    match inner {
        Some((head, inner, tail)) => inner.split(',').map(|one| format!("{head}{}{tail}", one.trim())).collect(),
        None => vec![pattern.to_owned()],
    }
}

/// A call of a unit, which sees the caller's values.
pub fn call(unit: UnitId, span: Span, text: &str) -> Item {
    Item::Call(Box::new(Call { target: Target::Unit(unit), bind: Vec::new(), isolated: false, span, text: text.to_owned() }))
}

/// Starts in which a condition may hold.
pub fn possible(mut starts: Vec<Start>, condition: &Expr) -> Vec<Start> {
    starts.retain(|start| condition.truth(&start.scope()) != Truth::False);
    starts
}

/// The first line of a file that is no comment.
pub fn first_line(file: &SourceFile) -> Span {
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        let bare = line.trim();
        if !bare.is_empty() && !bare.starts_with('#') && bare != "---" {
            return Span::new(file.id, at, at + line.trim_end().len());
        }
        at += line.len();
    }
    file.whole()
}

/// A name that none of these is yet, with a number where it has to.
pub fn unique(name: &str, taken: &mut Vec<String>) -> String {
    let mut out = name.to_owned();
    let mut number = 2;
    while taken.contains(&out) {
        out = format!("{name} {number}");
        number += 1;
    }
    taken.push(out.clone());
    out
}

/// Whether a value is the plain text or truth value `true`.
pub fn is_true(data: Option<&Data>) -> bool {
    data.and_then(Data::str).is_some_and(|t| t.eq_ignore_ascii_case("true"))
}

/// Whether a mapping holds this key, even with nothing behind it.
pub fn has(data: &Data, key: &str) -> bool {
    matches!(&data.kind, Kind::Map(pairs) if pairs.iter().any(|p| &*p.key == key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_bound_with_their_variables() {
        let bound = words("GROUP=shop TAG=\"${TRAVIS_TAG}\" REPO='front end'; x EMPTY=");
        let names: Vec<&str> = bound.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["env.GROUP", "env.TAG", "env.REPO", "env.EMPTY"]);
        assert_eq!(bound[1].1, Expr::Var("env.TRAVIS_TAG".to_owned()));
        assert_eq!((bound[2].1.literal(), bound[3].1.literal()), (Some("front end"), Some("")));
    }

    #[test]
    fn a_pattern_that_lists_names_is_these_names() {
        let spread = spread(vec![Pattern::Regex("^(main|rel/1)$".into()), Pattern::Regex("^v.*$".into())]);
        let wanted = [Pattern::Name("main".into()), Pattern::Name("rel/1".into()), Pattern::Regex("^v.*$".into())];
        assert_eq!(spread, wanted);
    }

    #[test]
    fn scripts_say_which_branches_they_tell_apart() {
        let script = "if [ \"$BRANCH\" == \"develop\" ] || [[ ${BRANCH} =~ ^v[0-9] ]]; then\n[ \"$BRANCH\" = \"$OTHER\" ]\n";
        assert_eq!(compared(script, &["BRANCH"]), [Pattern::Name("develop".into()), Pattern::Regex("^v[0-9]".into())]);
    }
}
