//! Variables in texts: `$(params.x)` (<https://tekton.dev/docs/pipelines/variables/>), which look like a shell's command
//! substitution, and `{{ revision }}` of Pipelines-as-Code (<https://pipelinesascode.com/docs/guide/authoringprs/>).

use crate::frontends::scripts::shell::Masked;
use crate::model::Expr;

/// First words of variables.
const ROOTS: &[&str] = &[
    "params",
    "tasks",
    "finally",
    "workspaces",
    "context",
    "results",
    "inputs",
    "outputs",
    "steps",
    "step",
    "tt",
    "body",
    "header",
    "extensions",
    "resources",
    "credentials",
    "artifacts",
];

/// What Pipelines-as-Code puts in.
const PLACEHOLDERS: &[&str] = &[
    "revision",
    "repo_url",
    "repo_owner",
    "repo_name",
    "source_branch",
    "target_branch",
    "source_url",
    "target_namespace",
    "sender",
    "event_type",
    "event",
    "pull_request_number",
    "pull_request_labels",
    "trigger_comment",
    "git_auth_secret",
    "git_tag",
    "branch_name",
    "commit_author",
];

/// The variables of a text.
pub(super) fn masked(text: &str) -> Vec<Masked> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(['$', '{']) {
        let start = at + found;
        let rest = &text[start..];
        let one = if rest.starts_with("$(") {
            rest.find(')').map(|end| (variable(&rest[2..end]), end + 1))
        } else if rest.starts_with("{{") {
            rest.find("}}").map(|end| (placeholder(&rest[2..end]), end + 2))
        } else {
            None
        };
        at = start + 1;
        if let Some((Some(expr), len)) = one {
            out.push(Masked { range: start..start + len, expr });
            at = start + len;
        }
    }
    out
}

fn placeholder(inner: &str) -> Option<Expr> {
    let name = inner.trim();
    let known = PLACEHOLDERS.contains(&name) || ["body.", "headers.", "cel:"].iter().any(|p| name.starts_with(p));
    known.then(|| match name {
        "source_branch" | "target_branch" | "event_type" | "event" => Expr::Var(name.to_owned()),
        _ => Expr::Unknown(name.to_owned()),
    })
}

/// The value of a variable; `None`: it is none, but a shell's.
fn variable(inner: &str) -> Option<Expr> {
    let path = parts(inner)?;
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    if !ROOTS.contains(names.first()?) || names.len() < 2 {
        return None;
    }
    Some(match names.as_slice() {
        ["params", rest @ ..] | ["inputs", "params", rest @ ..] if !rest.is_empty() => {
            Expr::Var(format!("input.{}", rest.join(".")))
        }
        ["tt", "params", rest @ ..] if !rest.is_empty() => Expr::Var(format!("tt.{}", rest.join("."))),
        // The repository is in a workspace; where in it, only the task that fetched it knows.
        ["workspaces" | "resources", .., "path"] | ["inputs" | "outputs", "resources", .., "path"] => Expr::lit("."),
        ["tasks", name, "results", rest @ ..] => Expr::Var(format!("tasks.{name}.results.{}", rest.join("."))),
        ["body" | "header", ..] => Expr::Var(names.join(".")),
        _ => Expr::Unknown(inner.to_owned()),
    })
}

/// The names of a path: `params.x`, `params["x"]`, `params['x']`; `[*]` and an index say which elements, not which name.
fn parts(inner: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    let mut rest = inner.trim();
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('[') {
            let end = tail.find(']')?;
            let name = tail[..end].trim_matches(['"', '\'']);
            if name != "*" && !name.chars().all(|c| c.is_ascii_digit()) {
                out.push(name.to_owned());
            }
            rest = &tail[end + 1..];
        } else {
            let tail = rest.strip_prefix('.').unwrap_or(rest);
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            let name = &tail[..end];
            if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "$\"'`;|&()".contains(c)) {
                return None;
            }
            out.push(name.to_owned());
            rest = &tail[end..];
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_command_substitutions() {
        let read = |text: &str| masked(text).into_iter().map(|m| (text[m.range].to_owned(), m.expr)).collect::<Vec<_>>();
        let input = |name: &str| Expr::Var(format!("input.{name}"));
        assert_eq!(read("a $(date) $(params.x-y)"), [("$(params.x-y)".to_owned(), input("x-y"))]);
        assert_eq!(read("$(params[\"a.b\"]) $(params.list[*])").len(), 2);
        assert_eq!(read("$(params['x'])")[0].1, input("x"));
        assert_eq!(read("$(inputs.params.x)")[0].1, input("x"));
        assert_eq!(read("cd $(workspaces.source.path)/a")[0].1, Expr::lit("."));
        assert_eq!(read("$(tasks list) $(params) {{ .Id }} {{ if }}"), []);
        assert_eq!(read("$(tasks.tag.results.v) {{ revision }}").len(), 2);
        assert_eq!(read("$(é $( {{ é").len(), 0);
    }
}
