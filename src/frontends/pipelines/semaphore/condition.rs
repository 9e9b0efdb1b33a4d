//! Conditions: <https://docs.semaphore.io/reference/conditions-dsl>.

use crate::frontends::pipelines::condition::{self, Language};
use crate::frontends::pipelines::data::{self, Data};
use crate::frontends::pipelines::runs::{Pattern, all, any, not};
use crate::model::{Expr, Program, Status, Test};
use std::cell::RefCell;

/// The branch; empty for a change and a tag.
pub const BRANCH: &str = "semaphore.branch";
/// The tag; empty for anything else.
pub const TAG: &str = "semaphore.tag";
/// The change's number; empty for anything else.
pub const REQUEST: &str = "semaphore.request";
/// How the pipeline ended.
const RESULT: &str = "semaphore.result";

/// The expression of a condition, and the paths whose change it asks for.
pub fn read(text: &str) -> Result<(Expr, Vec<String>), String> {
    let paths = RefCell::new(Vec::new());
    let name = |word: &str| {
        let variable = match word {
            "branch" => BRANCH,
            "tag" => TAG,
            "pull_request" => REQUEST,
            "result" => RESULT,
            "result_reason" => return Some(Expr::Unknown(word.to_owned())),
            _ => return None,
        };
        Some(Expr::Var(variable.to_owned()))
    };
    let call = |name: &str, arguments: &[Expr]| {
        if name != "change_in" {
            return None;
        }
        // A filter of paths: some commit passes it.
        paths.borrow_mut().extend(arguments.first().and_then(Expr::literal).map(|p| p.trim_start_matches('/').to_owned()));
        Some(Expr::always())
    };
    // What `change_in` is told beside the path says only how to compare.
    let text = without_options(text);
    let expr = condition::parse(&text, &Language { name: &name, call: &call }).map(with_results)?;
    Ok((expr, paths.into_inner()))
}

/// Lists and options inside `change_in( … )` as what the reader of conditions knows: its first path.
fn without_options(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("change_in(") {
        out.push_str(before);
        let quote = inside.find(['\'', '"']);
        let first = quote.and_then(|at| {
            let sign = inside[at..].chars().next()?;
            let end = inside[at + 1..].find(sign)?;
            Some(&inside[at..at + end + 2])
        });
        let mut open = 1_usize;
        let close = inside.char_indices().find(|(_, c)| {
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            open == 0
        });
        let Some((close, _)) = close else { break };
        out.push_str(&format!("change_in({})", first.unwrap_or("''")));
        rest = &inside[close + 1..];
    }
    out.push_str(rest);
    out
}

/// Comparisons of the result as questions for the work before.
fn with_results(expr: Expr) -> Expr {
    match expr {
        Expr::Compare(test, a, b) if *a == Expr::Var(RESULT.to_owned()) => match b.literal() {
            Some("passed") => Expr::Status(Status::Success),
            Some("failed") => Expr::Status(Status::Failure),
            Some("stopped" | "canceled") => Expr::Status(Status::Cancelled),
            _ => Expr::Compare(test, a, b),
        },
        // What is not there matches no pattern: `tag =~ '.*'` asks for a tag.
        Expr::Compare(Test::Regex, a, b) => {
            let there = not(Expr::Compare(Test::Equals, a.clone(), Box::new(Expr::lit(""))));
            Expr::And(vec![there, Expr::Compare(Test::Regex, a, b)])
        }
        Expr::And(all) => Expr::And(all.into_iter().map(with_results).collect()),
        Expr::Or(all) => Expr::Or(all.into_iter().map(with_results).collect()),
        Expr::Not(inner) => not(with_results(*inner)),
        other => other,
    }
}

/// A condition of a file; one that cannot be read is unknown.
pub fn of(data: &Data, program: &mut Program) -> (Expr, Vec<String>) {
    let text = data.str().unwrap_or("");
    read(text).unwrap_or_else(|why| {
        data::warn(program, data.span, format!("the condition cannot be read: {why}"));
        (Expr::Unknown(text.to_owned()), Vec::new())
    })
}

/// When a promotion happens by itself: `auto_promote: {when}`, or the older `auto_promote_on`, of which one must fit.
pub fn promotion(data: &Data, program: &mut Program) -> Expr {
    if let Some(when) = data.get("when") {
        return of(when, program).0;
    }
    let mut ways: Vec<Expr> = Vec::new();
    for on in data.items() {
        let mut parts = Vec::new();
        match on.get_str("result") {
            Some("passed") => parts.push(Expr::Status(Status::Success)),
            Some("failed") => parts.push(Expr::Status(Status::Failure)),
            _ => {}
        }
        let branches: Vec<Pattern> =
            on.get("branch").map(Data::texts).unwrap_or_default().into_iter().map(|b| Pattern::Regex(b.to_owned())).collect();
        if !branches.is_empty() {
            parts.push(any(BRANCH, &branches));
        }
        ways.push(all(parts));
    }
    match ways.len() {
        0 => Expr::always(),
        1 => ways.remove(0),
        _ => Expr::Or(ways),
    }
}

/// Every condition of a pipeline that can be read.
pub fn all_in(root: &Data) -> Vec<Expr> {
    let blocks = root.get("blocks").map(Data::items).unwrap_or_default();
    let promotions = root.get("promotions").map(Data::items).unwrap_or_default();
    let of_blocks = blocks.iter().flat_map(|b| [b.at(&["run", "when"]), b.at(&["skip", "when"])]);
    let of_promotions = promotions.iter().map(|p| p.at(&["auto_promote", "when"]));
    of_blocks.chain(of_promotions).flatten().filter_map(Data::str).filter_map(|t| read(t).ok()).map(|(e, _)| e).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_filter_of_paths_is_no_condition() {
        let (expr, paths) = read("branch = 'main' and change_in(['/cart', '/lib'], {default_branch: 'main'})").unwrap();
        assert_eq!(expr, Expr::And(vec![crate::frontends::pipelines::runs::is(BRANCH, "main"), Expr::always()]));
        assert_eq!(paths, ["cart"]);
        assert!(read("change_in('/cart'").is_err());
    }
}
