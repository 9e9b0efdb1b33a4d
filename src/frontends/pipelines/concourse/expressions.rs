//! Variables in texts: `((name))` (<https://concourse-ci.org/vars.html>); and the folders into which the repository is
//! fetched, which commands name before its own paths.

use crate::frontends::scripts::shell::Masked;
use crate::model::Expr;

/// The variables and folders of a text, in order.
pub(super) fn masked(text: &str, checkouts: &[String]) -> Vec<Masked> {
    let mut out: Vec<Masked> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("((")
            && let Some(len) = rest.find("))").filter(|len| is_variable(&rest[2..*len]))
        {
            out.push(Masked { range: at..at + len + 2, expr: variable(&rest[2..len]) });
            at += len + 2;
            continue;
        }
        if starts_word(&text[..at])
            && let Some((len, expr)) = checkouts.iter().find_map(|name| folder(&text[..at], rest, name))
        {
            out.push(Masked { range: at..at + len, expr });
            at += len;
            continue;
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    out
}

/// `((name))`, `((source:path.field))`, `((."local"))`; not the shell's arithmetic.
fn is_variable(inner: &str) -> bool {
    !inner.is_empty() && inner.chars().all(|c| c.is_alphanumeric() || "-_./:\"'".contains(c))
}

fn variable(inner: &str) -> Expr {
    match inner.strip_prefix(".:") {
        Some(name) => Expr::Var(format!("across.{name}")),
        None => Expr::Unknown(inner.to_owned()),
    }
}

/// Whether a word starts after this text.
fn starts_word(before: &str) -> bool {
    let before = ["$PWD/", "${PWD}/", "$(pwd)/", "../", "./"].iter().find_map(|p| before.strip_suffix(p)).unwrap_or(before);
    before.chars().next_back().is_none_or(|c| c.is_whitespace() || "\"'=:(`;|&".contains(c))
}

/// The name of a checkout that is a folder: a path goes on after it, or a command changes to it.
fn folder(before: &str, rest: &str, name: &str) -> Option<(usize, Expr)> {
    let after = rest.strip_prefix(name)?;
    if let Some(tail) = after.strip_prefix('/') {
        return Some((name.len() + usize::from(!tail.is_empty()), Expr::lit(if tail.is_empty() { "." } else { "./" })));
    }
    let ends = after.chars().next().is_none_or(|c| c.is_whitespace() || "\"';&|)".contains(c));
    let before = before.trim_end_matches(['"', '\'']);
    let changes = ["cd ", "pushd ", "-C ", "--git-dir ", "--chdir="].iter().any(|c| before.ends_with(c));
    (ends && changes).then(|| (name.len(), Expr::lit(".")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_variables_are_told_from_words() {
        let read = |text: &str| {
            let all = masked(text, &["shop".to_owned()]).into_iter();
            all.map(|m| text[m.range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(read("cd shop && ./build.sh shop"), ["shop"]);
        assert_eq!(read("./shop/ci/test.sh --to=shop/out my-shop/x"), ["shop/", "shop/"]);
        assert_eq!(read("echo ((team.key)) $((1 + 2)) ((.:env))"), ["((team.key))", "((.:env))"]);
        assert_eq!(read("((é (( shop"), Vec::<String>::new());
    }
}
