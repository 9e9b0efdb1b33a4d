//! What starts a run that a webhook asks for: events with a condition over the names that payloads, interceptors and
//! Pipelines-as-Code use.

use crate::frontends::pipelines::cel;
use crate::frontends::pipelines::condition::compared;
use crate::frontends::pipelines::runs::{self, BRANCH, Pattern, REF, Refs, TAG, TARGET, all, is};
use crate::model::{Event, Expr, RefKind, Start, Test, Truth, Value};
use crate::source::Span;

/// Whether a change is merged, in the run of a closed change.
const MERGED: &str = "merged";

/// An event that a trigger asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A push of branches and tags.
    Push,
    /// A push of tags.
    Tag,
    /// An open change.
    Change,
    /// A call by another program.
    Api,
    /// A person, by a comment or a label.
    Manual,
}

impl Asked {
    /// The event of a webhook by the name that GitHub, GitLab and Bitbucket give it.
    pub fn of(name: &str) -> Self {
        let lower = name.trim().to_ascii_lowercase();
        match lower.as_str() {
            "push" | "push hook" | "repo:push" | "repo:refs_changed" => Self::Push,
            "create" | "release" | "tag push hook" | "release hook" => Self::Tag,
            "pull_request" | "pull_request_target" | "merge request hook" => Self::Change,
            "issue_comment" | "issues" | "note hook" | "issue hook" | "commit_comment" | "pull_request_review_comment" => {
                Self::Manual
            }
            _ if lower.starts_with("pullrequest:") || lower.starts_with("pr:") => {
                if lower.contains("comment") {
                    Self::Manual
                } else {
                    Self::Change
                }
            }
            _ => Self::Api,
        }
    }
}

/// Events under a condition.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The events, each with the line that asks for it.
    pub events: Vec<(Asked, Span)>,
    /// The condition.
    pub when: Expr,
    /// Where it stands.
    pub when_span: Option<Span>,
    /// Globs of paths whose change starts it.
    pub paths: Vec<String>,
    /// No file says what calls it.
    pub assumed: bool,
}

impl Trigger {
    /// Branches that the condition names.
    pub fn branch_names(&self) -> Vec<String> {
        let named = compared(&self.when, &[BRANCH, TARGET]).into_iter();
        named.filter(|(test, _)| *test == Test::Equals).map(|(_, name)| name.to_owned()).collect()
    }

    /// The starts for which the condition may hold, and what of it is left to be decided in the run.
    pub fn starts(&self, trunk: &str) -> (Vec<Start>, Expr) {
        let branches = patterns(&self.when, &[BRANCH, TARGET]);
        let refs = Refs::new(trunk, &branches, &patterns(&self.when, &[TAG]));
        let mut out = Vec::new();
        for (asked, span) in &self.events {
            match asked {
                Asked::Push => {
                    out.extend(refs.push(*span));
                    out.extend(refs.tag(*span));
                }
                Asked::Tag => out.extend(refs.tag(*span)),
                Asked::Change => out.extend(self.changes(&refs, &branches, trunk, *span)),
                Asked::Api => out.push(refs.on_trunk(Event::Api, *span)),
                Asked::Manual => out.push(refs.on_trunk(Event::Manual, *span)),
            }
        }
        for start in &mut out {
            name_event(start);
            start.assumed = self.assumed;
        }
        let truth = |start: &Start| self.when.truth(&start.scope());
        out.retain(|start| truth(start) != Truth::False);
        let open = out.iter().any(|start| truth(start) == Truth::Unknown);
        (out, if open { self.when.clone() } else { Expr::always() })
    }

    /// A change for the trunk, for each other branch that is named, and where the condition asks for it one that is merged.
    fn changes(&self, refs: &Refs, branches: &[Pattern], trunk: &str, span: Span) -> Vec<Start> {
        let mut out = refs.change(span);
        let Some(first) = out.first().cloned() else { return out };
        let others = branches.iter().filter(|b| trunk.is_empty() || !b.is(trunk)).filter_map(Pattern::sample);
        for name in others {
            let mut start = first.clone();
            start.set(TARGET, Value::text(name));
            out.push(start);
        }
        let mut names = Vec::new();
        self.when.names(&mut names);
        if names.contains(&MERGED) {
            let mut start = first;
            start.on = RefKind::Trunk;
            start.facts.push((MERGED.to_owned(), Value::text("true")));
            out.push(start);
        }
        out
    }
}

/// Bind the names that conditions have for the event.
fn name_event(start: &mut Start) {
    let (own, gitlab) = match (start.event, start.on) {
        (Event::Change, _) => ("pull_request", "Merge Request Hook"),
        (Event::Tag, _) => ("push", "Tag Push Hook"),
        (Event::Push, _) => ("push", "Push Hook"),
        _ => return,
    };
    for name in ["event", "event_type", "header.x-github-event"] {
        start.facts.push((name.to_owned(), Value::text(own)));
    }
    start.facts.push(("header.x-gitlab-event".to_owned(), Value::text(gitlab)));
    if !start.facts.iter().any(|(n, _)| n == MERGED) {
        start.facts.push((MERGED.to_owned(), Value::text("false")));
    }
    runs::alias(start, BRANCH, "source_branch");
    let target = if start.event == Event::Change { TARGET } else { BRANCH };
    runs::alias(start, target, "target_branch");
}

/// Patterns that names are tested for.
fn patterns(when: &Expr, names: &[&str]) -> Vec<Pattern> {
    compared(when, names).into_iter().map(|(test, text)| Pattern::of(test, text)).collect()
}

/// A condition in the Common Expression Language over the facts of starts.
pub fn condition(text: &str) -> Expr {
    neutral(cel::condition(text))
}

fn neutral(expr: Expr) -> Expr {
    match expr {
        Expr::And(all) => Expr::And(all.into_iter().map(neutral).collect()),
        Expr::Or(all) => Expr::Or(all.into_iter().map(neutral).collect()),
        Expr::Not(inner) => Expr::Not(Box::new(neutral(*inner))),
        Expr::Compare(test, a, b) => match (*a, *b) {
            (Expr::Var(name), Expr::Lit(text)) | (Expr::Lit(text), Expr::Var(name)) => compare(test, &name, &text),
            (a, b) => Expr::Compare(test, Box::new(a), Box::new(b)),
        },
        Expr::Var(name) if name == "body.pull_request.merged" => Expr::Var(MERGED.to_owned()),
        other => other,
    }
}

/// A comparison of a name of a webhook or of Pipelines-as-Code with a text.
pub fn compare(test: Test, name: &str, text: &str) -> Expr {
    let of = |fact: &str, text: &str| Expr::Compare(test, Box::new(Expr::Var(fact.to_owned())), Box::new(Expr::lit(text)));
    match name {
        "body.ref" => on_ref(test, text),
        "target_branch" => branch(test, text),
        "source_branch" | "body.pull_request.head.ref" => of(BRANCH, text),
        "body.pull_request.base.ref" | "body.object_attributes.target_branch" | "body.pullrequest.destination.branch.name" => {
            of(TARGET, text)
        }
        "body.action" if test == Test::Equals => {
            let merged = Expr::Var(MERGED.to_owned());
            if text == "closed" { merged } else { runs::not(merged) }
        }
        "body.pull_request.merged" if text == "true" => Expr::Var(MERGED.to_owned()),
        "body.pull_request.merged" => runs::not(Expr::Var(MERGED.to_owned())),
        _ => of(name, text),
    }
}

/// A test of the branch that is pushed to, or that a change is for; a tag is written as `refs/tags/NAME`.
pub fn branch(test: Test, text: &str) -> Expr {
    let name = text.strip_prefix("refs/heads/").unwrap_or(text);
    if name.starts_with("refs/tags/") {
        return on_ref(test, name);
    }
    if test == Test::Glob && name == "*" {
        return runs::not(is(REF, "tag"));
    }
    let of = |fact: &str| Expr::Compare(test, Box::new(Expr::Var(fact.to_owned())), Box::new(Expr::lit(name)));
    Expr::Or(vec![all(vec![is(REF, "branch"), of(BRANCH)]), all(vec![is(REF, "change"), of(TARGET)])])
}

/// A test of the full name of a ref.
fn on_ref(test: Test, text: &str) -> Expr {
    let kinds = [("refs/heads/", "branch", BRANCH), ("refs/tags/", "tag", TAG)];
    let bare = text.strip_prefix('^').filter(|_| test == Test::Regex).unwrap_or(text);
    for (prefix, kind, fact) in kinds {
        let Some(rest) = bare.strip_prefix(prefix).or_else(|| (bare == prefix.trim_end_matches('/')).then_some("")) else {
            continue;
        };
        let rest = if matches!(rest, "*" | ".*" | ".+") { "" } else { rest };
        let rest = if test == Test::Regex && !rest.is_empty() { format!("^{rest}") } else { rest.to_owned() };
        let named = Expr::Compare(test, Box::new(Expr::Var(fact.to_owned())), Box::new(Expr::lit(rest.as_str())));
        return if rest.is_empty() { is(REF, kind) } else { all(vec![is(REF, kind), named]) };
    }
    match (test, text.strip_prefix('/')) {
        (Test::EndsWith, Some(name)) => {
            let ends = |e: Test, text: &str| Expr::Compare(e, Box::new(Expr::Var(BRANCH.to_owned())), Box::new(Expr::lit(text)));
            all(vec![is(REF, "branch"), Expr::Or(vec![ends(Test::Equals, name), ends(Test::EndsWith, text)])])
        }
        (Test::Equals, _) => Expr::lit("false"),
        _ => Expr::Unknown(format!("the ref and {text}")),
    }
}
