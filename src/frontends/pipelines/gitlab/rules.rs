//! When a job is added to a pipeline: `rules` (<https://docs.gitlab.com/ci/yaml/#rules>) and the older `only` and `except`
//! (<https://docs.gitlab.com/ci/yaml/deprecated_keywords/#only--except>).

use super::condition::{self, Reading};
use super::extend::REFERENCE;
use super::include::matcher;
use super::seen::Seen;
use super::variables;
use crate::frontends::pipelines::data::{self, Data, Pair};
use crate::frontends::pipelines::runs::{self, Pattern};
use crate::model::{Expr, GateDecl, GateKind, Program, Rule, Status};
use crate::source::{SourceSet, Span};
use std::collections::BTreeMap;

/// Deepest nesting of lists of rules.
const MAX_DEPTH: usize = 10;

/// What rules are read with.
pub(super) struct Around<'a> {
    pub sources: &'a SourceSet,
    pub program: &'a mut Program,
    /// Variables of the pipeline with a literal value.
    pub literals: &'a BTreeMap<String, String>,
    /// What the conditions mention.
    pub seen: &'a mut Seen,
}

/// One rule as it is written.
struct Written {
    when: Expr,
    /// The line that decides it.
    span: Span,
    /// Its own `when`.
    does: Option<(String, Span)>,
    allow_failure: Option<bool>,
    variables: variables::Variables,
}

impl Written {
    fn never(&self) -> bool {
        self.does.as_ref().is_some_and(|(does, _)| does == "never")
    }
}

/// Rules in lists in lists.
fn flat<'d>(data: &'d Data, depth: usize, out: &mut Vec<&'d Data>) {
    if data.is_list() && depth < MAX_DEPTH {
        data.items().iter().for_each(|i| flat(i, depth + 1, out));
    } else if !data.is_null() || data.tag.is_some() {
        out.push(data);
    }
}

impl Around<'_> {
    fn condition(&mut self, data: &Data, excludes: bool) -> Expr {
        let Some(text) = data.str() else { return Expr::Unknown("a condition that is no text".to_owned()) };
        match condition::parse(text, Reading { literals: self.literals, excludes }) {
            Ok(expr) => {
                self.seen.condition(&expr, self.literals, data.span);
                expr
            }
            Err(fault) => {
                data::warn(self.program, data.span, format!("the condition cannot be read: {fault}"));
                Expr::Unknown(text.to_owned())
            }
        }
    }

    fn rules(&mut self, list: &Data) -> Vec<Written> {
        let mut all = Vec::new();
        flat(list, 0, &mut all);
        all.into_iter().map(|rule| self.rule(rule)).collect()
    }

    fn rule(&mut self, rule: &Data) -> Written {
        let does = rule.pair("when").and_then(|p| Some((p.value.str()?.to_owned(), p.span)));
        let never = does.as_ref().is_some_and(|(d, _)| d == "never");
        let mut conditions = Vec::new();
        let mut span = rule.item;
        if rule.tag.as_deref() == Some(REFERENCE) {
            conditions.push(Expr::Unknown("rules that another repository has".to_owned()));
        }
        if let Some(pair) = rule.pair("if") {
            span = pair.span;
            if !pair.value.is_null() {
                conditions.push(self.condition(&pair.value, never));
            }
        }
        if let Some(exists) = rule.get("exists") {
            conditions.push(self.exists(exists));
        }
        if never && rule.get("changes").is_some() {
            // Of all changes some touch other files as well.
            conditions.push(Expr::lit("false"));
        }
        Written {
            when: runs::all(conditions),
            span,
            does,
            allow_failure: rule.pair("allow_failure").map(|p| p.value.boolean() == Some(true)),
            variables: variables::of(rule.get("variables")),
        }
    }

    /// Whether files of the repository are there: <https://docs.gitlab.com/ci/yaml/#rulesexists>.
    fn exists(&self, exists: &Data) -> Expr {
        if exists.get("project").is_some() {
            return Expr::Unknown("files of another repository".to_owned());
        }
        let globs = exists.get("paths").unwrap_or(exists).texts();
        let mut all = Vec::new();
        for glob in globs {
            let glob = &variables::filled(glob, self.literals);
            if glob.contains('$') {
                all.push(Expr::Unknown(format!("whether {glob} exists")));
                continue;
            }
            let glob = glob.trim_start_matches("./").trim_start_matches('/');
            let found = self.sources.paths.contains(glob)
                || self.sources.dirs.contains(glob.trim_end_matches('/'))
                || matcher(glob).is_some_and(|m| self.sources.paths.iter().any(|p| m.is_match(p)));
            all.push(Expr::lit(if found { "true" } else { "false" }));
        }
        if all.iter().any(Expr::is_always) {
            return Expr::always();
        }
        all.retain(|e| e.literal() != Some("false"));
        if all.is_empty() { Expr::lit("false") } else { Expr::Or(all) }
    }
}

/// Whether a list of rules lets something in, as one condition: the first that holds decides.
fn first_match(rules: &[Written]) -> Expr {
    let mut ways = Vec::new();
    let mut not_before: Vec<Expr> = Vec::new();
    for rule in rules {
        if !rule.never() {
            let mut all = not_before.clone();
            all.push(rule.when.clone());
            ways.push(runs::all(all));
        }
        if rule.when.is_always() {
            break;
        }
        not_before.push(runs::not(rule.when.clone()));
    }
    match ways.len() {
        0 => Expr::lit("false"),
        1 => ways.remove(0),
        _ if ways.iter().any(Expr::is_always) => Expr::always(),
        _ => Expr::Or(ways),
    }
}

/// When an include with rules counts.
pub(super) fn included(list: &Data, sources: &SourceSet, program: &mut Program) -> Expr {
    let literals = BTreeMap::new();
    let mut seen = Seen::default();
    let mut around = Around { sources, program, literals: &literals, seen: &mut seen };
    first_match(&around.rules(list))
}

/// What `workflow: rules` says of a pipeline.
#[derive(Default)]
pub(super) struct Workflow {
    /// When there is a pipeline.
    pub when: Option<Expr>,
    /// Its rules: the condition, whether it keeps the pipeline out, variables, and the line.
    pub rules: Vec<(Expr, bool, variables::Variables, Span)>,
}

/// <https://docs.gitlab.com/ci/yaml/workflow/>
pub(super) fn workflow(root: &Data, around: &mut Around<'_>) -> Workflow {
    let Some(list) = root.at(&["workflow", "rules"]) else { return Workflow::default() };
    let rules = around.rules(list);
    let when = Some(first_match(&rules));
    Workflow { when, rules: rules.into_iter().map(|r| (r.when.clone(), r.never(), r.variables, r.span)).collect() }
}

/// A job as far as it decides when it runs.
pub(super) struct Job<'d> {
    pub name: &'d str,
    pub data: &'d Data,
    /// The pipeline has `workflow: rules`; then a job without rules is not limited to branches and tags.
    pub ruled: bool,
}

/// How a job is added, and why it never is.
#[derive(Default)]
pub(super) struct Added {
    /// The ways; none: always.
    pub rules: Vec<Rule>,
    /// Why it never runs.
    pub disabled: Option<String>,
    /// Variables of its rules, one list a rule.
    pub variables: Vec<variables::Variables>,
    /// Globs of paths whose change it waits for.
    pub paths: Vec<String>,
}

/// The ways in which a job is added.
pub(super) fn added(job: &Job<'_>, around: &mut Around<'_>) -> Added {
    let mut out = Added { paths: paths(job.data), ..Added::default() };
    let own = job.data.pair("when").filter(|p| p.value.str().is_some());
    let fallback = own.map(|p| (p.value.str().unwrap_or("").to_owned(), p.span));
    let allowed = job.data.pair("allow_failure").map(|pair| pair.value.boolean() == Some(true));
    if let Some(list) = job.data.pair("rules").map(|p| &p.value).filter(|list| !list.is_null() || list.tag.is_some()) {
        let written = around.rules(list);
        if written.iter().all(|r| r.never() || r.when.literal() == Some("false")) {
            let never = written.iter().all(Written::never);
            let why = if written.is_empty() {
                "rules: []"
            } else if never {
                "when: never"
            } else {
                "no rule holds"
            };
            out.disabled = Some(why.to_owned());
        }
        for rule in written {
            add(job, rule, fallback.as_ref(), allowed, &mut out);
        }
        return out;
    }
    if fallback.as_ref().is_some_and(|(does, _)| does == "never") {
        out.disabled = Some("when: never".to_owned());
    }
    let (when, span) = policies(job, around);
    let span = span.unwrap_or(job.data.span);
    let rule = Written { when, span, does: None, allow_failure: None, variables: Vec::new() };
    let unlimited = rule.when.is_always();
    add(job, rule, fallback.as_ref(), allowed, &mut out);
    if unlimited && out.rules.len() == 1 {
        let rule = &mut out.rules[0];
        rule.span = None;
        if rule.when.is_always() && rule.gate.is_none() && !rule.ignored {
            out.rules.clear();
            out.variables.clear();
        }
    } else if policies_are_absent(job.data) {
        out.rules.iter_mut().for_each(|r| r.span = None);
    }
    out
}

/// One rule, with what the job itself says where the rule does not.
fn add(job: &Job<'_>, rule: Written, fallback: Option<&(String, Span)>, allowed: Option<bool>, out: &mut Added) {
    let does = rule.does.as_ref().or(fallback).cloned();
    let (does, place) = does.map_or(("on_success".to_owned(), None), |(d, p)| (d, Some(p)));
    let mut way = Rule::new(rule.when.clone());
    way.span = Some(rule.span);
    way.never = does == "never";
    way.ignored = rule.allow_failure.or(allowed).unwrap_or(false);
    let by_hand = fallback.is_some_and(|(d, _)| d == "manual");
    if does == "manual" {
        let passes = rule.allow_failure.or(allowed).unwrap_or(by_hand);
        let span = place.unwrap_or(rule.span);
        way.gate = Some(GateDecl { kind: GateKind::ManualJob, span, name: job.name.to_owned(), blocking: !passes });
    }
    let status = match does.as_str() {
        "on_failure" => Some(Status::Failure),
        "always" => Some(Status::Always),
        _ => None,
    };
    let certain = way.when.clone();
    if let Some(status) = status {
        way.when = runs::all(vec![way.when, Expr::Status(status)]);
    }
    let span = way.span;
    out.rules.push(way);
    out.variables.push(rule.variables);
    if status == Some(Status::Failure) {
        // Whether something failed decides when it runs, not which rule counts.
        out.rules.push(Rule { never: true, span, ..Rule::new(certain) });
        out.variables.push(Vec::new());
    }
}

fn paths(job: &Data) -> Vec<String> {
    let mut rules = Vec::new();
    if let Some(list) = job.get("rules") {
        flat(list, 0, &mut rules);
    }
    let of = |d: &Data| {
        d.get("changes").map(|c| c.get("paths").unwrap_or(c).texts().into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let kept = rules.into_iter().filter(|r| r.get_str("when") != Some("never"));
    let mut out: Vec<String> = kept.chain(job.get("only")).filter_map(of).flatten().collect();
    out.sort();
    out.dedup();
    out
}

fn policies_are_absent(job: &Data) -> bool {
    job.get("only").is_none() && job.get("except").is_none()
}

/// `only` and `except` as one condition, and the line that says it.
fn policies(job: &Job<'_>, around: &mut Around<'_>) -> (Expr, Option<Span>) {
    let (only, except) = (job.data.pair("only"), job.data.pair("except"));
    let given = |pair: Option<&Pair>| pair.is_some_and(|p| !p.value.is_null());
    if !given(only) && !given(except) && job.ruled {
        return (Expr::always(), None);
    }
    let mut all = Vec::new();
    let mut span = None;
    let refs = only.filter(|p| !p.value.is_null()).and_then(|p| refs_of(&p.value));
    match refs {
        Some(refs) => {
            span = refs.one_or_many().first().map(|first| first.item);
            all.push(any(refs.scalars().into_iter().map(|r| around.reference(r)).collect()));
        }
        // By default a job is for branches and tags.
        None => all.push(runs::not(runs::is(runs::REF, "change"))),
    }
    if let Some(only) = only.filter(|p| p.value.is_map()) {
        span = span.or(Some(only.span));
        if let Some(variables) = only.value.get("variables") {
            all.push(any(variables.scalars().into_iter().map(|v| around.condition(v, false)).collect()));
        }
        if only.value.get("kubernetes").is_some() {
            all.push(Expr::Unknown("whether a cluster is connected".to_owned()));
        }
    }
    if let Some(except) = except.filter(|p| !p.value.is_null()) {
        span = span.or(Some(except.span));
        if let Some(refs) = refs_of(&except.value) {
            if let Some(pushes) = refs.scalars().into_iter().find(|r| r.str() == Some("pushes")) {
                around.seen.no_push(pushes.span);
            }
            all.push(runs::not(any(refs.scalars().into_iter().map(|r| around.reference(r)).collect())));
        }
        if let Some(variables) = except.value.get("variables") {
            all.push(runs::not(any(variables.scalars().into_iter().map(|v| around.condition(v, true)).collect())));
        }
        if except.value.get("kubernetes").is_some() {
            all.push(Expr::Unknown("whether a cluster is connected".to_owned()));
        }
    }
    (runs::all(all), span)
}

/// The refs of a policy: the whole list, or those of its mapping.
fn refs_of(policy: &Data) -> Option<&Data> {
    if policy.is_map() { policy.get("refs") } else { Some(policy) }
}

fn any(mut all: Vec<Expr>) -> Expr {
    match all.len() {
        0 => Expr::lit("false"),
        1 => all.remove(0),
        _ => Expr::Or(all),
    }
}

impl Around<'_> {
    /// A ref of `only` or `except`: a keyword, a name or a pattern.
    fn reference(&mut self, data: &Data) -> Expr {
        let text = data.str().unwrap_or("").trim();
        // `main@group/project`: in that project alone, which is this one.
        let text = match text.rsplit_once('@') {
            Some((name, project)) if project.contains('/') && !project.ends_with('/') => name,
            _ => text,
        };
        let from = |source: &str| {
            Expr::Compare(crate::model::Test::Equals, Box::new(Expr::Var(super::SOURCE.to_owned())), Box::new(Expr::lit(source)))
        };
        let source = match text {
            "branches" => return runs::is(runs::REF, "branch"),
            "tags" => return runs::is(runs::REF, "tag"),
            "merge_requests" => {
                self.seen.source("merge_request_event", data.span);
                return runs::is(runs::REF, "change");
            }
            "pushes" => "push",
            "schedules" => "schedule",
            "web" => "web",
            "api" => "api",
            "triggers" => "trigger",
            "pipelines" => "pipeline",
            "chat" => "chat",
            "external" => "external",
            "external_pull_requests" => "external_pull_request_event",
            _ => {
                let pattern = condition::regex_of(text).map_or_else(|| Pattern::Name(text.to_owned()), Pattern::Regex);
                self.seen.reference(&pattern);
                let fits = pattern.fits(Expr::Var("env.CI_COMMIT_REF_NAME".to_owned()));
                return Expr::And(vec![runs::not(runs::is(runs::REF, "change")), fits]);
            }
        };
        self.seen.source(source, data.span);
        from(source)
    }
}
