//! What starts a pipeline: its triggers (<https://www.jenkins.io/doc/book/pipeline/syntax/#triggers>), else the multibranch job
//! that such a file is usually run by, and a person where parameters decide what runs.

use super::parameters::{Parameter, combinations};
use super::{Translator, assumed, expression};
use crate::frontends::pipelines::runs::{self, Pattern, Refs};
use crate::model::{Event, Expr as Neutral, Param, RefKind, Start, Truth, Value};
use crate::source::Span;
use crate::syntax::groovy::{Call, Expr, ExprKind};
use std::collections::{BTreeMap, BTreeSet};

/// The variable that names the environment of a run, where its parameters or variables do.
pub(super) const ENVIRONMENT: &str = "env.ENVIRONMENT_NAME";

/// More branches or tags that a file names are not told apart.
const MAX_PATTERNS: usize = 40;

/// A trigger.
#[derive(Clone, Debug)]
pub(super) struct Trigger {
    event: Event,
    /// Changes start it as well.
    changes: bool,
    /// The jobs whose end starts it.
    after: Vec<String>,
    /// Its time, which may be empty on other branches.
    when: Neutral,
    span: Span,
}

/// What a file says of its runs.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// It asks for what only a multibranch job knows.
    pub multibranch: bool,
    branches: Vec<Pattern>,
    tags: Vec<Pattern>,
    /// Branches that changes are for.
    targets: Vec<Pattern>,
    /// Names that conditions read.
    read: BTreeSet<String>,
    /// Texts that parameters are compared with.
    compared: BTreeMap<String, BTreeSet<String>>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Where they stand.
    pub parameters_span: Option<Span>,
    triggers: Vec<Trigger>,
    /// A person is asked somewhere.
    pub asks: bool,
    /// A condition asks whether a person started it.
    pub by_person: bool,
    /// The sources were fetched.
    pub checked_out: bool,
}

impl Run {
    /// Remember what a condition reads.
    pub fn reads(&mut self, condition: &Neutral) {
        self.by_person |= asks_for_person(condition);
        let mut names = Vec::new();
        condition.names(&mut names);
        for name in names {
            self.multibranch |= matches!(name, "env.BRANCH_NAME" | "env.TAG_NAME" | "env.CHANGE_ID" | "env.CHANGE_TARGET");
            self.read.insert(name.to_owned());
        }
    }

    /// Remember what a variable is compared with.
    pub fn pattern(&mut self, name: &str, pattern: Pattern, branch: bool) {
        let target = matches!(name, "env.CHANGE_TARGET" | runs::TARGET);
        let kept = match (branch, target) {
            (true, _) => &mut self.branches,
            (false, true) => &mut self.targets,
            (false, false) => &mut self.tags,
        };
        if branch || target || name == "env.TAG_NAME" {
            for one in alternatives(pattern) {
                // A change has such a name, no branch.
                let change = branch && one.sample().is_some_and(|s| s.starts_with("PR-"));
                if kept.len() < MAX_PATTERNS && !change && !kept.contains(&one) {
                    kept.push(one);
                }
            }
        } else if let (Pattern::Name(text), Some((_, bare))) = (pattern, name.split_once('.')) {
            self.compared.entry(bare.to_owned()).or_default().insert(text);
        }
    }

    /// Whether a condition is decided by what starts the run.
    pub fn decides(&self, condition: &Neutral) -> bool {
        let mut names = Vec::new();
        condition.names(&mut names);
        let known = |name: &str| match name.split_once('.') {
            Some(("params" | "ci", _)) => true,
            Some(("env", bare)) => {
                matches!(bare, "BRANCH_NAME" | "GIT_BRANCH" | "TAG_NAME" | "CHANGE_ID" | "CHANGE_TARGET" | "CHANGE_BRANCH")
                    || self.parameters.iter().any(|p| p.name == bare)
            }
            _ => false,
        };
        !names.is_empty() && names.into_iter().all(known) && !matches!(condition, Neutral::Unknown(_))
    }

    /// The parameters as inputs with their defaults.
    pub fn params(&self) -> Vec<Param> {
        let one = |p: &Parameter| Param {
            name: format!("params.{}", p.name),
            default: Some(Neutral::lit(p.default.as_str())),
            options: p.options.clone(),
        };
        self.parameters.iter().map(one).collect()
    }

    /// Parameters are variables of the environment as well.
    pub fn bindings(&self) -> Vec<(String, Neutral)> {
        let value = |p: &Parameter| Neutral::Var(format!("params.{}", p.name));
        let mut out: Vec<(String, Neutral)> = Vec::new();
        out.extend(self.parameters.iter().find(|p| p.environment).map(|p| (ENVIRONMENT.to_owned(), value(p))));
        out.extend(self.parameters.iter().map(|p| (format!("env.{}", p.name), value(p))));
        out
    }

    fn is_read(&self, parameter: &str) -> bool {
        self.read.contains(&format!("params.{parameter}")) || self.read.contains(&format!("env.{parameter}"))
    }
}

impl Translator<'_> {
    /// A trigger by its name, or by the class that scripted pipelines name.
    pub(super) fn trigger(&mut self, e: &Expr) {
        let (name, call) = match &e.kind {
            ExprKind::Call(call) => (call.name.clone(), Some(&**call)),
            ExprKind::Map(entries) => {
                let class = self.entry(entries, "$class").and_then(|c| c.literal().map(ToOwned::to_owned));
                (class.unwrap_or_default(), None)
            }
            ExprKind::Name(name) => (name.clone(), None),
            _ => return,
        };
        let lower = name.to_ascii_lowercase();
        let event = match lower.as_str() {
            "cron" | "timertrigger" | "parameterizedcron" | "parameterizedtimertrigger" => Event::Schedule,
            "upstream" | "reversebuildtrigger" => Event::Upstream,
            n if n.contains("generic") || n.contains("url") || n.contains("dockerhub") => Event::Api,
            n if n.contains("comment") || n.contains("pullrequest") => Event::Change,
            _ => Event::Push,
        };
        let after = match call {
            Some(call) if event == Event::Upstream => self.upstream_jobs(call),
            _ => Vec::new(),
        };
        let time = call.filter(|_| event == Event::Schedule).and_then(|c| c.positional().next());
        let when = time.map_or_else(Neutral::always, |e| self.condition(e));
        let asks_changes = |c: &Call| c.named("triggerOnMergeRequest").is_some_and(|e| matches!(e.kind, ExprKind::Bool(true)));
        let changes = event == Event::Change || call.is_some_and(asks_changes);
        self.run.triggers.push(Trigger { event, changes, after, when, span: e.span });
    }

    fn upstream_jobs(&mut self, call: &Call) -> Vec<String> {
        let named = self.known(call, "upstreamProjects", 0).unwrap_or_default();
        named.split(',').filter_map(|job| self.jenkinsfile_of(job.trim())).collect()
    }

    /// The ways in which the pipeline is started; `first` is the first line of its file.
    pub(super) fn starts(&mut self, trunk: &str, first: Span) -> Vec<Start> {
        let refs = Refs::new(trunk, &self.run.branches, &self.run.tags);
        let mut out = Vec::new();
        for trigger in &self.run.triggers {
            match trigger.event {
                Event::Push => out.extend(refs.push(trigger.span)),
                Event::Change => {}
                Event::Schedule => out.extend(self.scheduled(trigger, &refs)),
                event => {
                    let mut start = refs.on_trunk(event, trigger.span);
                    start.after.clone_from(&trigger.after);
                    out.push(start);
                }
            }
            if trigger.changes {
                out.extend(refs.changes_for(&self.run.targets, trigger.span));
            }
        }
        let pushed = out.iter().any(|s| s.event == Event::Push);
        if self.run.triggers.is_empty() || (self.run.multibranch && !pushed) {
            let usual = [refs.push(first), refs.changes_for(&self.run.targets, first), refs.tag(first)];
            out.extend(usual.into_iter().flatten().map(assumed));
        }
        if self.run.parameters.iter().any(|p| !p.default_is_valid()) {
            // Nothing but a person can give a value that is accepted.
            out.clear();
        }
        self.started_by_a_person(&refs, first, &mut out);
        out.iter_mut().for_each(variables);
        out
    }

    /// A schedule starts the trunk, and other branches where its time is one for some of them only.
    fn scheduled(&self, trigger: &Trigger, refs: &Refs) -> Vec<Start> {
        let mut out = vec![refs.on_trunk(Event::Schedule, trigger.span)];
        if self.run.decides(&trigger.when) {
            out.extend(refs.on_others(Event::Schedule, trigger.span));
        }
        let runs = |start: &Start| {
            let mut start = start.clone();
            variables(&mut start);
            trigger.when.truth(&start.scope())
        };
        out.retain(|start| match (runs(start), start.on) {
            (Truth::False, _) => false,
            (Truth::Unknown, on) => on == RefKind::Trunk,
            (Truth::True, _) => true,
        });
        out
    }

    /// A person can choose other values of the parameters that decide what runs.
    fn started_by_a_person(&self, refs: &Refs, first: Span, out: &mut Vec<Start>) {
        let mut choices: Vec<(&str, Vec<Value>)> = Vec::new();
        for parameter in &self.run.parameters {
            let read = self.run.is_read(&parameter.name);
            if read || (parameter.environment && !parameter.options.is_empty()) || !parameter.default_is_valid() {
                let compared = self.run.compared.get(&parameter.name).cloned().unwrap_or_default();
                choices.push((&parameter.name, parameter.values(&compared)));
            }
        }
        let span = self.run.parameters_span.unwrap_or(first);
        let automatic = !out.is_empty() && !self.run.by_person;
        for (at, values) in combinations(&choices).into_iter().enumerate() {
            // The first combination is the defaults', with which it starts by itself.
            if automatic && at == 0 {
                continue;
            }
            let mut start = refs.on_trunk(Event::Manual, span);
            for ((name, _), value) in choices.iter().zip(values) {
                start.facts.push((format!("params.{name}"), value));
            }
            out.push(start);
        }
    }

    /// The Jenkinsfile that a job of this name runs, as far as paths tell.
    pub(super) fn jenkinsfile_of(&self, job: &str) -> Option<String> {
        let job = job.trim_start_matches('/');
        // The last part may be the branch of a multibranch job.
        job.rsplit('/').take(2).find_map(|part| self.jenkinsfile_named(part))
    }

    fn jenkinsfile_named(&self, name: &str) -> Option<String> {
        let plain = |text: &str| text.to_lowercase().replace(['_', '.', ' '], "-");
        let wanted = plain(name);
        let fits = |path: &str| {
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
            let stem = file.strip_suffix(".groovy").unwrap_or(file);
            let lower = plain(stem);
            if lower == "jenkinsfile" {
                return folder.rsplit('/').next().is_some_and(|f| !f.is_empty() && plain(f) == wanted);
            }
            let bare = lower.trim_start_matches("jenkinsfile-").trim_end_matches("-jenkinsfile").to_owned();
            bare == wanted || lower == wanted
        };
        let current = self.modules[self.module].file.path.as_str();
        let mut all = self.modules.iter().map(|m| m.file.path.as_str()).filter(|p| *p != current && fits(p));
        let found = all.next()?;
        all.next().is_none().then(|| found.to_owned())
    }

    /// The value that a person chooses where a step asks for parameters.
    pub(super) fn asked_value(&mut self, call: &Call) -> Option<Neutral> {
        let mut parameters = Vec::new();
        let given = call.named("parameters")?;
        let ExprKind::List(all) = &given.kind else { return None };
        for e in all {
            parameters.extend(self.parameter(e));
        }
        match parameters.as_slice() {
            [only] if !only.options.is_empty() => Some(expression::one_of(&only.options)),
            _ => None,
        }
    }
}

/// The alternatives of a regular expression, each as one.
fn alternatives(pattern: Pattern) -> Vec<Pattern> {
    let Pattern::Regex(regex) = &pattern else { return vec![pattern] };
    let mut inner = regex.trim_start_matches('^').trim_end_matches('$');
    while let Some(bare) = inner.strip_prefix("(?:").or(inner.strip_prefix('(')).and_then(|t| t.strip_suffix(')')) {
        inner = bare.trim_start_matches('^').trim_end_matches('$');
    }
    if !inner.contains('|') || inner.contains(['(', ')']) {
        return vec![pattern];
    }
    inner.split('|').map(|one| Pattern::Regex(format!("^(?:{})$", one.trim_start_matches('^').trim_end_matches('$')))).collect()
}

/// Whether a condition asks for a start by a person.
fn asks_for_person(condition: &Neutral) -> bool {
    match condition {
        Neutral::Compare(_, a, b) => matches!(&**a, Neutral::Var(n) if n == runs::EVENT) && b.literal() == Some("manual"),
        Neutral::And(all) | Neutral::Or(all) => all.iter().any(asks_for_person),
        Neutral::Not(e) => asks_for_person(e),
        _ => false,
    }
}

/// Bind Jenkins' own variables (<https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables>).
fn variables(start: &mut Start) {
    let fact = |name: &str| start.fact(name);
    let on = fact(runs::REF).known().map(ToOwned::to_owned);
    let some = Value::Other(vec![String::new()]);
    let none = || Value::text("");
    let change = on.as_deref() == Some("change");
    let name = match on.as_deref() {
        Some("tag") => fact(runs::TAG),
        Some("change") => Value::text("PR-1"),
        _ => fact(runs::BRANCH),
    };
    let primary = if start.on == RefKind::Trunk { Value::text("true") } else { none() };
    let own = [
        ("BRANCH_NAME", name.clone()),
        ("GIT_BRANCH", name.clone()),
        ("GIT_LOCAL_BRANCH", name),
        ("TAG_NAME", fact(runs::TAG)),
        ("CHANGE_ID", if change { some } else { none() }),
        ("CHANGE_TARGET", fact(runs::TARGET)),
        ("CHANGE_BRANCH", if change { fact(runs::BRANCH) } else { none() }),
        ("BRANCH_IS_PRIMARY", primary),
    ];
    start.facts.extend(own.map(|(n, v)| (format!("env.{n}"), v)));
}
