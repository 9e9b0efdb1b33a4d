//! Filters by branch and tag: <https://circleci.com/docs/guides/orchestrate/workflows/#using-contexts-and-filtering-in-your-workflows>.

use super::logic::condition;
use crate::frontends::pipelines::condition::compared;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{BRANCH, Pattern, REF, TAG, all, either, is, not};
use crate::model::{Expr, Test};

/// When a job with these filters runs. Without filters, and without one that speaks of tags, no tag starts it.
pub(super) fn filters(filters: Option<&Data>, unit: &str) -> Expr {
    let Some(filters) = filters else { return is(REF, "branch") };
    if filters.str().is_some() {
        let asked = condition(filters, unit);
        let mut names = Vec::new();
        asked.names(&mut names);
        return if names.contains(&TAG) { asked } else { all(vec![is(REF, "branch"), asked]) };
    }
    let branch = all(vec![is(REF, "branch"), names(filters.get("branches"), BRANCH).unwrap_or_else(Expr::always)]);
    match names(filters.get("tags"), TAG) {
        Some(tags) => Expr::Or(vec![branch, all(vec![is(REF, "tag"), tags])]),
        None => branch,
    }
}

/// `only` and `ignore`, or the names alone; none where neither is given.
pub(super) fn names(filter: Option<&Data>, fact: &str) -> Option<Expr> {
    let filter = filter?;
    if !filter.is_map() {
        return Some(any(filter, fact));
    }
    let only = filter.get("only").map(|names| any(names, fact));
    let ignore = filter.get("ignore").map(|names| not(any(names, fact)));
    if only.is_none() && ignore.is_none() {
        return None;
    }
    Some(all(only.into_iter().chain(ignore).collect()))
}

fn any(names: &Data, fact: &str) -> Expr {
    either(names.texts().into_iter().map(|text| fits(text, fact)).collect())
}

/// Whether a name, or an expression between slashes that fits the whole name, is the fact.
fn fits(text: &str, fact: &str) -> Expr {
    let text = text.trim();
    if text.contains("<<") {
        let value = super::logic::template(text, "");
        return Expr::Compare(Test::Equals, Box::new(Expr::Var(fact.to_owned())), Box::new(value));
    }
    let Pattern::Regex(regex) = Pattern::slashed(text) else { return is(fact, text) };
    if matches!(regex.trim_matches(['^', '$']), ".*" | ".+") {
        return Expr::always();
    }
    let whole = |regex: &str| Pattern::Regex(format!("^(?:{regex})$")).fits(Expr::Var(fact.to_owned()));
    match excluding(&regex) {
        Some(excluded) => not(Pattern::Regex(format!("^(?:{excluded})")).fits(Expr::Var(fact.to_owned()))),
        None => whole(&regex),
    }
}

/// What `^(?!main$|live$).*$` leaves out.
fn excluding(regex: &str) -> Option<&str> {
    let rest = regex.trim_start_matches('^').strip_prefix("(?!")?;
    let mut depth = 0_usize;
    let end = rest.char_indices().find_map(|(i, c)| {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(i),
            ')' => depth -= 1,
            _ => {}
        }
        None
    })?;
    matches!(&rest[end + 1..], ".*" | ".*$" | ".+" | ".+$").then_some(&rest[..end])
}

/// The names and patterns that a condition holds a fact against.
pub(super) fn patterns(expr: &Expr, fact: &str, out: &mut Vec<Pattern>) {
    for (test, text) in compared(expr, &[fact]) {
        let pattern = Pattern::of(test, text);
        if !text.is_empty() && !out.contains(&pattern) {
            out.push(pattern);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::frontends::pipelines::data::read;
    use crate::model::{Program, Scope, Truth, Value};
    use crate::source::SourceSet;

    fn runs(text: &str, branch: &str, tag: &str) -> Truth {
        let mut sources = SourceSet::default();
        sources.add("x.yml", text);
        let data = read(&sources.files()[0], &mut Program::default()).remove(0);
        let mut scope = Scope::default();
        scope.set(REF, Value::text(if tag.is_empty() { "branch" } else { "tag" }));
        scope.set(BRANCH, Value::text(branch));
        scope.set(TAG, Value::text(tag));
        filters(Some(&data), "").truth(&scope)
    }

    #[test]
    fn an_expression_between_slashes_fits_the_whole_name() {
        let text = "branches: {only: [main, /release/, '/hotfix\\/.*/']}\n";
        let truths = ["main", "release", "release-1", "hotfix/a", "xhotfix/a"].map(|b| runs(text, b, ""));
        assert_eq!(truths, [Truth::True, Truth::True, Truth::False, Truth::True, Truth::False]);
        assert_eq!(runs(text, "", "v1"), Truth::False, "no filter of tags: no tag");
        let only = "branches: {ignore: /.*/}\ntags: {only: /^v.*/}\n";
        assert_eq!(
            [runs(only, "main", ""), runs(only, "", "v1"), runs(only, "", "x")],
            [Truth::False, Truth::True, Truth::False]
        );
        let not = "branches: {only: '/^(?!main$|live$).*$/'}\n";
        assert_eq!(["main", "live", "lively"].map(|b| runs(not, b, "")), [Truth::False, Truth::False, Truth::True]);
    }
}
