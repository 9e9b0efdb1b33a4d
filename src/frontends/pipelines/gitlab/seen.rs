//! What a configuration's conditions mention: how pipelines are started, and the branches and tags that it tells apart.

use super::condition::{self, Reading};
use super::variables;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::Pattern;
use crate::model::{Expr, Scope, Test, Truth};
use crate::source::Span;
use std::collections::BTreeMap;

/// Ways a pipeline is started, as `CI_PIPELINE_SOURCE` names them.
/// <https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable>
const SOURCES: &[&str] =
    &["merge_request_event", "schedule", "web", "api", "trigger", "pipeline", "chat", "external_pull_request_event"];

/// Words of `only` and `except` that are no names.
const KEYWORDS: &[&str] = &[
    "branches",
    "tags",
    "merge_requests",
    "pushes",
    "schedules",
    "web",
    "api",
    "triggers",
    "pipelines",
    "chat",
    "external",
    "external_pull_requests",
];

/// At most this many names are told apart.
const MAX_NAMES: usize = 12;

/// What conditions mention.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Ways a pipeline is started, with the first line that mentions each.
    pub sources: BTreeMap<String, Span>,
    /// Branches.
    pub branches: Vec<Pattern>,
    /// Tags.
    pub tags: Vec<Pattern>,
    /// Branches that merge requests are for.
    pub targets: Vec<Pattern>,
    /// Branch names that are asked for, as often as they are.
    pub named: Vec<String>,
}

fn push(list: &mut Vec<Pattern>, pattern: &Pattern) {
    let open = matches!(pattern, Pattern::Name(name) if name.is_empty() || name.contains('$'));
    if list.len() < MAX_NAMES && !open && !list.contains(pattern) {
        list.push(pattern.clone());
    }
}

impl Seen {
    /// A way in which a pipeline is started.
    pub fn source(&mut self, name: &str, span: Span) {
        self.sources.entry(name.to_owned()).or_insert(span);
    }

    /// Pushes are kept out: then it runs by a schedule, or a person starts it.
    pub fn no_push(&mut self, span: Span) {
        self.source("schedule", span);
        self.source("web", span);
    }

    /// A ref of `only` or `except`.
    pub fn reference(&mut self, pattern: &Pattern) {
        push(&mut self.branches, pattern);
        match pattern {
            Pattern::Name(name) => {
                self.named.push(name.clone());
                // Where a version is named, a tag is meant.
                if name.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) {
                    push(&mut self.tags, pattern);
                }
            }
            _ => push(&mut self.tags, pattern),
        }
    }

    /// What a condition mentions.
    pub fn condition(&mut self, expr: &Expr, literals: &BTreeMap<String, String>, span: Span) {
        self.walk(expr, literals, span, true);
    }

    fn walk(&mut self, expr: &Expr, literals: &BTreeMap<String, String>, span: Span, wanted: bool) {
        match expr {
            Expr::Compare(test, a, b) => self.compared(*test, (a, b), literals, span, wanted),
            Expr::And(all) | Expr::Or(all) | Expr::Concat(all) => all.iter().for_each(|e| self.walk(e, literals, span, wanted)),
            Expr::Not(e) => self.walk(e, literals, span, !wanted),
            Expr::Unknown(name) if name.starts_with("$CI_MERGE_REQUEST_") => self.source("merge_request_event", span),
            Expr::Var(name) => self.variable(name, span),
            _ => {}
        }
    }

    fn variable(&mut self, name: &str, span: Span) {
        if name.starts_with("env.CI_MERGE_REQUEST_") {
            self.source("merge_request_event", span);
        } else if name.starts_with("env.CI_EXTERNAL_PULL_REQUEST_") {
            self.source("external_pull_request_event", span);
        } else if matches!(name, "env.CI_PIPELINE_TRIGGERED" | "env.TRIGGER_PAYLOAD") {
            self.source("trigger", span);
        }
    }

    fn compared(&mut self, test: Test, of: (&Expr, &Expr), literals: &BTreeMap<String, String>, span: Span, wanted: bool) {
        let (name, text) = match of {
            (Expr::Var(name), other) | (other, Expr::Var(name)) => (name.as_str(), literal(other, literals)),
            _ => return,
        };
        self.variable(name, span);
        if let Expr::Var(other) = of.1 {
            self.variable(other, span);
        }
        let Some(text) = text else { return };
        let pattern = if test == Test::Regex { Pattern::Regex(text.clone()) } else { Pattern::Name(text.clone()) };
        match name {
            "env.CI_PIPELINE_SOURCE" => {
                let fits = |source: &&&str| {
                    let asked = Expr::Compare(test, Box::new(Expr::lit(**source)), Box::new(Expr::lit(text.as_str())));
                    asked.truth(&Scope::default()) == Truth::True
                };
                for source in SOURCES.iter().filter(fits) {
                    self.source(source, span);
                }
                if !wanted && text == "push" {
                    self.no_push(span);
                }
            }
            "env.CI_COMMIT_BRANCH" => self.branch(&pattern, wanted),
            "env.CI_COMMIT_REF_NAME" | "env.CI_BUILD_REF_NAME" => {
                self.branch(&pattern, wanted);
                if test == Test::Regex {
                    push(&mut self.tags, &pattern);
                }
            }
            super::SLUG if test == Test::Equals => self.branch(&pattern, wanted),
            "env.CI_COMMIT_TAG" => push(&mut self.tags, &pattern),
            "env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME" => {
                push(&mut self.targets, &pattern);
                if wanted && let Pattern::Name(name) = &pattern {
                    self.named.push(name.clone());
                }
            }
            _ => {}
        }
    }

    fn branch(&mut self, pattern: &Pattern, wanted: bool) {
        push(&mut self.branches, pattern);
        if wanted && let Pattern::Name(name) = pattern {
            self.named.push(name.clone());
        }
    }
}

/// A literal, also by way of a variable of the pipeline.
fn literal(expr: &Expr, literals: &BTreeMap<String, String>) -> Option<String> {
    match expr {
        Expr::Lit(text) if !text.is_empty() => Some(text.clone()),
        Expr::Var(name) => literals.get(name.strip_prefix("env.")?).filter(|t| !t.is_empty()).cloned(),
        _ => None,
    }
}

/// What the conditions of one file mention, templates included.
pub(super) fn survey(body: &Data) -> Seen {
    let mut seen = Seen::default();
    let literals = variables::literals(&variables::of(body.get("variables")));
    walk(body, &literals, &mut seen, 0);
    seen
}

fn walk(data: &Data, literals: &BTreeMap<String, String>, seen: &mut Seen, depth: usize) {
    for pair in data.pairs() {
        match &*pair.key {
            "if" => {
                let reading = Reading { literals, excludes: false };
                if let Some(Ok(expr)) = pair.value.str().map(|text| condition::parse(text, reading)) {
                    seen.condition(&expr, literals, pair.span);
                }
            }
            "only" | "except" => {
                let refs = if pair.value.is_map() { pair.value.get("refs") } else { Some(&pair.value) };
                for text in refs.map(Data::texts).unwrap_or_default() {
                    if !KEYWORDS.contains(&text) && !text.starts_with('/') {
                        seen.named.push(text.split('@').next().unwrap_or(text).to_owned());
                    }
                }
            }
            _ if depth < 6 => walk(&pair.value, literals, seen, depth + 1),
            _ => {}
        }
    }
    if depth < 6 {
        data.items().iter().for_each(|i| walk(i, literals, seen, depth + 1));
    }
}
