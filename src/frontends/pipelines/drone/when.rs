//! Triggers and conditions: <https://docs.drone.io/pipeline/triggers/>, <https://docs.drone.io/pipeline/conditions/>,
//! <https://woodpecker-ci.org/docs/usage/workflow-syntax#when---conditional-execution>.

use super::span_of;
use super::starts::{BRANCH, CRON, EVENT, TAG, TARGET};
use crate::frontends::pipelines::condition::{self, Language};
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{Pattern, all, any, either, is, not};
use crate::frontends::pipelines::values;
use crate::model::{Expr, Status};
use crate::source::Span;

/// Events of which a person is the cause.
pub const DEPLOYMENTS: &[&str] = &["deployment", "rollback"];

/// Whose condition it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Drone,
    /// A filter of branches says nothing of tags, one of paths or timers only of their own events.
    Woodpecker,
}

/// What a trigger or condition says.
#[derive(Clone, Debug)]
pub struct Filter {
    /// When it holds.
    pub when: Expr,
    /// Its line that names the events, else the whole of it.
    pub span: Option<Span>,
    /// It is about deployments that a person starts.
    pub deploys: bool,
    /// Globs of paths.
    pub paths: Vec<String>,
}

impl Filter {
    /// No condition.
    pub fn always() -> Self {
        Self { when: Expr::always(), span: None, deploys: false, paths: Vec::new() }
    }

    /// Another condition as well.
    pub fn and(mut self, when: Expr, span: Span) -> Self {
        self.when = all(vec![self.when, when]);
        self.span = self.span.or(Some(span));
        self
    }

    /// Of a mapping, or of a list of mappings of which one must hold.
    pub fn of(data: &Data, subject: Subject) -> Self {
        let filters: Vec<Self> = data.one_or_many().iter().filter(|d| d.is_map()).map(|d| Self::one(d, subject)).collect();
        let mut whens: Vec<Expr> = Vec::new();
        let mut out = Self::always();
        for filter in filters {
            whens.push(filter.when);
            // The line that a person's start is asked for on is the one to point at.
            out.span = if filter.deploys && !out.deploys { filter.span } else { out.span.or(filter.span) };
            out.deploys |= filter.deploys;
            out.paths.extend(filter.paths);
        }
        out.when = match whens.len() {
            0 => Expr::always(),
            1 => whens.remove(0),
            _ if whens.iter().any(Expr::is_always) => Expr::always(),
            _ => Expr::Or(whens),
        };
        out
    }

    fn one(map: &Data, subject: Subject) -> Self {
        let mut out = Self::always();
        let mut parts = Vec::new();
        for pair in map.pairs() {
            match &*pair.key {
                "event" => {
                    let named = List::of(&pair.value).map(|name| vec![event(name).to_owned()]);
                    out.deploys |= named.include.iter().any(|e| DEPLOYMENTS.contains(&e.as_str()));
                    parts.push(named.fits(|names| names_of(EVENT, names)));
                }
                "branch" if subject == Subject::Woodpecker => parts.push(Expr::Or(vec![is_tag(), branches(&pair.value)])),
                "branch" => parts.push(branches(&pair.value)),
                "ref" => parts.push(
                    List::of(&pair.value).map(values::alternatives).fits(|refs| either(refs.iter().map(|r| of_ref(r)).collect())),
                ),
                "tag" => parts.push(List::of(&pair.value).map(values::alternatives).fits(|tags| any(TAG, &globs(tags)))),
                "target" | "environment" => {
                    out.deploys = true;
                    parts.push(List::of(&pair.value).fits(|names| any(TARGET, &globs(names))));
                }
                "cron" => {
                    let named = List::of(&pair.value).fits(|names| any(CRON, &globs(names)));
                    let other = not(is(EVENT, "cron"));
                    parts.push(if subject == Subject::Woodpecker { Expr::Or(vec![other, named]) } else { named });
                }
                "status" => parts.push(status(&pair.value)),
                "matrix" => parts.extend(pair.value.pairs().iter().map(|p| matrix(&p.key, &p.value))),
                "evaluate" => parts.push(evaluate(pair.value.str().unwrap_or(""))),
                "path" | "paths" => {
                    let include = List::of(&pair.value).include;
                    out.paths.extend(include.into_iter().filter(|p| !p.starts_with('!')));
                }
                "action" => parts.push(Expr::Or(vec![not(is(EVENT, "pull_request")), action(&pair.value)])),
                // Which server, which agent, which fork of the repository: this one.
                _ => {}
            }
        }
        // A target is asked for by a person's start, with no event named.
        if out.deploys && map.get("event").is_none() && (map.get("target").is_some() || map.get("environment").is_some()) {
            out.span = span_of(map, "target").or_else(|| span_of(map, "environment"));
        }
        out.span = span_of(map, "event").or(out.span).or_else(|| map.pairs().first().map(|p| p.span));
        out.when = all(parts);
        out
    }
}

/// A list of patterns, or what is included and what excluded.
struct List {
    include: Vec<String>,
    exclude: Vec<String>,
}

impl List {
    fn of(data: &Data) -> Self {
        let texts = |d: Option<&Data>| d.map(Data::texts).unwrap_or_default().into_iter().map(str::to_owned).collect();
        if data.is_map() {
            return Self { include: texts(data.get("include")), exclude: texts(data.get("exclude")) };
        }
        Self { include: texts(Some(data)), exclude: Vec::new() }
    }

    fn map(self, change: impl Fn(&str) -> Vec<String>) -> Self {
        let each = |list: Vec<String>| list.iter().flat_map(|one| change(one)).collect();
        Self { include: each(self.include), exclude: each(self.exclude) }
    }

    fn fits(&self, one_of: impl Fn(&[String]) -> Expr) -> Expr {
        let included = if self.include.is_empty() { Expr::always() } else { one_of(&self.include) };
        let excluded = if self.exclude.is_empty() { Expr::always() } else { not(one_of(&self.exclude)) };
        all(vec![included, excluded])
    }
}

/// Old and new names of one event.
pub fn event(name: &str) -> &str {
    match name {
        "promote" => "deployment",
        "custom" => "manual",
        other => other,
    }
}

fn globs(names: &[String]) -> Vec<Pattern> {
    names.iter().map(|n| Pattern::glob(n)).collect()
}

fn names_of(fact: &str, names: &[String]) -> Expr {
    any(fact, &names.iter().map(|n| Pattern::glob(n)).collect::<Vec<_>>())
}

/// A filter of branches.
pub fn branches(data: &Data) -> Expr {
    List::of(data).map(values::alternatives).fits(|names| any(BRANCH, &globs(names)))
}

/// A tag is built.
pub fn is_tag() -> Expr {
    not(is(TAG, ""))
}

/// A ref by its full name: what it says of the branch or tag.
fn of_ref(pattern: &str) -> Expr {
    if let Some(branch) = pattern.strip_prefix("refs/heads/") {
        return all(vec![is(TAG, ""), not(is(EVENT, "pull_request")), Pattern::glob(branch).fits(Expr::Var(BRANCH.to_owned()))]);
    }
    if let Some(tag) = pattern.strip_prefix("refs/tags/") {
        return all(vec![is_tag(), Pattern::glob(tag).fits(Expr::Var(TAG.to_owned()))]);
    }
    if pattern.starts_with("refs/pull") || pattern.starts_with("refs/merge-requests") {
        return is(EVENT, "pull_request");
    }
    Expr::Unknown(pattern.to_owned())
}

fn status(data: &Data) -> Expr {
    let statuses = List::of(data).include;
    let has = |name: &str| statuses.iter().any(|s| s == name);
    match (has("failure") || has("killed"), has("success")) {
        (true, true) => Expr::Status(Status::Always),
        (true, false) => Expr::Status(Status::Failure),
        _ => Expr::always(),
    }
}

fn matrix(key: &str, value: &Data) -> Expr {
    value.str().map_or_else(Expr::always, |text| Pattern::glob(text).fits(Expr::Var(format!("env.{key}"))))
}

/// What was done with the change: a new one, or one that got new commits, runs without any condition too.
fn action(data: &Data) -> Expr {
    let usual = ["opened", "synchronized", "synchronize", "created"];
    if data.texts().iter().any(|a| usual.contains(a)) { Expr::always() } else { Expr::Unknown("action".to_owned()) }
}

/// An expression over the variables of a run: <https://woodpecker-ci.org/docs/usage/workflow-syntax#evaluate>.
pub fn evaluate(text: &str) -> Expr {
    let name = |word: &str| Some(Expr::Var(format!("env.{word}")));
    condition::parse(text, &Language { name: &name, call: &|_, _| None }).unwrap_or_else(|_| Expr::Unknown(text.to_owned()))
}

/// Every trigger and condition of a document.
pub fn all_in(document: &Data) -> Vec<&Data> {
    let mut out: Vec<&Data> = ["trigger", "when"].iter().filter_map(|key| document.get(key)).collect();
    for steps in ["steps", "pipeline"].iter().filter_map(|key| document.get(key)) {
        out.extend(steps.items().iter().filter_map(|s| s.get("when")));
        out.extend(steps.pairs().iter().filter_map(|p| p.value.get("when")));
    }
    out.into_iter().flat_map(Data::one_or_many).filter(|d| d.is_map()).collect()
}

/// What a condition includes under a key.
pub fn included(map: &Data, key: &str) -> Vec<String> {
    map.get(key).map(|d| List::of(d).include).unwrap_or_default()
}

/// What a condition includes or excludes under a key.
pub fn listed(map: &Data, key: &str) -> Vec<String> {
    let Some(data) = map.get(key) else { return Vec::new() };
    let list = List::of(data).map(values::alternatives);
    list.include.into_iter().chain(list.exclude).collect()
}
