//! What starts a workflow: <https://circleci.com/docs/guides/orchestrate/triggers-overview/>.
//!
//! Every push of a branch starts a pipeline, a tag one only if some job has a filter for tags. What else may start one, a
//! schedule, the API, an event of a change, is told by the file's conditions and parameters.

use super::Translator;
use super::config::{Parameter, parameters};
use super::filters::{names, patterns};
use super::workflows::Condition;
use crate::frontends::pipelines::condition::compared;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{BRANCH, Pattern, REF, Refs, TAG, alias};
use crate::model::{Event, Expr, RefKind, Start, Test, Truth, UnitId, Value};
use crate::source::{SourceFile, SourceSet, Span};

/// At most this many branches and tags are told apart.
const MAX_NAMES: usize = 16;

/// At most this many starts come of the values of parameters.
const MAX_VALUES: usize = 32;

const TRIGGER: &str = "pipeline.trigger_source";
const SCHEDULE: &str = "pipeline.schedule.name";
const EVENT_NAME: &str = "pipeline.event.name";
const DEFAULT_BRANCH: &str = "pipeline.git.branch.is_default";

/// A workflow that was read.
pub(super) struct Workflow {
    pub id: UnitId,
    pub condition: Condition,
    pub data: Data,
    pub span: Span,
}

/// What a configuration's starts depend on.
struct Around<'a> {
    sources: &'a SourceSet,
    file: &'a SourceFile,
    root: &'a Data,
    trunk: &'a str,
    parameters: Vec<Parameter>,
}

/// Give the workflows of a configuration their starts. `steps` are the conditions of steps, `first` is the first unit
/// that was made of it.
pub(super) fn starts(
    translator: &mut Translator<'_>,
    file: &SourceFile,
    root: &Data,
    workflows: &[Workflow],
    steps: &[Expr],
    first: usize,
) {
    let setup = root.get("setup").and_then(Data::boolean) == Some(true);
    let whens = |ids: &[UnitId], translator: &Translator<'_>| -> Vec<Expr> {
        ids.iter().map(|id| translator.reader.program.unit(*id).when.clone()).collect()
    };
    let sources = translator.input.sources;
    let around = Around { sources, file, root, trunk: translator.input.trunk, parameters: parameters(root) };
    for workflow in workflows {
        let jobs = translator.reader.program.unit(workflow.id).jobs.clone();
        let own = whens(&jobs, translator);
        let mut named = vec![workflow.condition.when.clone()];
        named.extend(own.iter().cloned());
        named.extend(steps.iter().cloned());
        if setup {
            // What it continues with tells branches apart as well.
            named.extend(translator.reader.program.units[first..].iter().map(|u| u.when.clone()));
        }
        let all = around.starts(workflow, &named);
        for id in jobs {
            let when = translator.reader.program.unit(id).when.clone();
            if !all.is_empty() && all.iter().all(|s| when.truth(&s.scope()) == Truth::False) {
                let unit = translator.reader.program.unit_mut(id);
                unit.disabled.get_or_insert_with(|| "its filters and conditions fit nothing that starts it".to_owned());
            }
        }
        let reaches = |start: &Start| own.iter().any(|when| when.truth(&start.scope()) != Truth::False);
        translator.reader.program.unit_mut(workflow.id).starts = all.into_iter().filter(reaches).collect();
    }
}

impl Around<'_> {
    fn starts(&self, workflow: &Workflow, named: &[Expr]) -> Vec<Start> {
        let (mut branches, mut tags): (Vec<Pattern>, Vec<Pattern>) = (Vec::new(), Vec::new());
        for expr in named {
            patterns(expr, BRANCH, &mut branches);
            patterns(expr, TAG, &mut tags);
        }
        let span = self.first_line(workflow.span);
        if let Some(triggers) = workflow.data.get("triggers").filter(|t| !t.one_or_many().is_empty()) {
            return triggers.one_or_many().iter().flat_map(|t| self.scheduled(t, &branches, span)).collect();
        }
        branches.truncate(MAX_NAMES);
        tags.truncate(MAX_NAMES);
        let refs = Refs::new(self.trunk, &branches, &tags);
        let webhook = [(TRIGGER, "webhook"), (EVENT_NAME, "push"), (SCHEDULE, "")];
        let mut out: Vec<Start> =
            refs.push(span).into_iter().chain(refs.tag(span)).map(|s| self.complete(s, &webhook, &[])).collect();
        // A workflow that asks for nothing else is reached by every push anyway.
        out.extend(self.by_schedule(named, &refs, span));
        out.extend(self.by_api(workflow, named, &refs, span));
        if compared_in(named, EVENT_NAME).iter().any(|name| name == "pull_request") {
            let facts = [(TRIGGER, "webhook"), (EVENT_NAME, "pull_request"), (SCHEDULE, "")];
            out.extend(refs.change(span).into_iter().map(|s| self.complete(s, &facts, &[])));
        }
        out
    }

    /// A `schedule` of the workflow itself: on the branches that its filters name.
    fn scheduled(&self, trigger: &Data, named: &[Pattern], fallback: Span) -> Vec<Start> {
        let Some(schedule) = trigger.get("schedule") else { return Vec::new() };
        let span = schedule.pair("cron").or_else(|| trigger.pair("schedule")).map_or(fallback, |p| p.span);
        let filter = schedule.at(&["filters", "branches"]);
        let when = names(filter, BRANCH).unwrap_or_else(Expr::always);
        let mut branches = named.to_vec();
        patterns(&when, BRANCH, &mut branches);
        branches.truncate(MAX_NAMES);
        let refs = Refs::new(self.trunk, &branches, &[]);
        let facts = [(TRIGGER, "scheduled_pipeline"), (EVENT_NAME, ""), (SCHEDULE, "")];
        let mut all = vec![refs.on_trunk(Event::Schedule, span)];
        if filter.is_some() {
            all.extend(refs.on_others(Event::Schedule, span));
        }
        let truth = |start: &Start| when.truth(&start.scope());
        let certain = all.iter().any(|s| truth(s) == Truth::True);
        all.retain(|s| truth(s) == Truth::True || (!certain && truth(s) == Truth::Unknown));
        all.into_iter().map(|s| self.complete(s, &facts, &[])).collect()
    }

    /// Schedules that are kept on the server, where the file asks for one.
    fn by_schedule(&self, named: &[Expr], refs: &Refs, span: Span) -> Vec<Start> {
        let mut all: Vec<Value> = compared_in(named, SCHEDULE).into_iter().filter(|n| !n.is_empty()).map(Value::Text).collect();
        if all.is_empty() && compared_in(named, TRIGGER).iter().any(|s| s == "scheduled_pipeline") {
            all.push(Value::Unknown);
        }
        let one = |name: Value| {
            let mut start = refs.on_trunk(Event::Schedule, span);
            start.facts.push((SCHEDULE.to_owned(), name));
            self.complete(start, &[(TRIGGER, "scheduled_pipeline"), (EVENT_NAME, "")], &[])
        };
        all.into_iter().map(one).collect()
    }

    /// Starts by the API, for values of parameters that no push has.
    fn by_api(&self, workflow: &Workflow, named: &[Expr], refs: &Refs, span: Span) -> Vec<Start> {
        let facts = [(TRIGGER, "api"), (EVENT_NAME, ""), (SCHEDULE, "")];
        let mut out = Vec::new();
        if compared_in(named, TRIGGER).iter().any(|s| s == "api") {
            out.push(self.complete(refs.on_trunk(Event::Api, span), &facts, &[]));
        }
        let read: Vec<&Parameter> = self.parameters.iter().filter(|p| self.reads(workflow, &p.name)).collect();
        let mut combinations: Vec<Vec<(String, Value)>> = vec![Vec::new()];
        for parameter in read {
            let others = values(parameter, named);
            let together = combinations.len() * (others.len() + 1) <= MAX_VALUES;
            let known = if together { combinations.clone() } else { vec![Vec::new()] };
            for value in others {
                for one in &known {
                    let given = (parameter.name.clone(), value.clone());
                    combinations.push(one.iter().cloned().chain([given]).collect());
                }
            }
        }
        for one in combinations.into_iter().filter(|c| !c.is_empty()) {
            let at = self.root.get("parameters").and_then(|p| p.pair(&one[0].0)).map_or(span, |p| self.first_line(p.span));
            let values: Vec<(String, Value)> = one.into_iter().map(|(name, v)| (name_of(&name), v)).collect();
            out.push(self.complete(refs.on_trunk(Event::Api, at), &facts, &values));
        }
        out
    }

    /// Whether something that a workflow comes to reads a parameter of the pipeline: what stands in it, or outside of all.
    fn reads(&self, workflow: &Workflow, name: &str) -> bool {
        let wanted = name_of(name);
        let mentions = |text: &str| {
            text.match_indices(&wanted).any(|(at, _)| {
                let next = text[at + wanted.len()..].chars().next();
                next.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
            })
        };
        let all = self.root.get("workflows").map_or(workflow.span, |w| w.span);
        if workflow.span.file != self.file.id || all.file != self.file.id {
            // It is put together from several files.
            return true;
        }
        let text = &self.file.text;
        let part = |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or("");
        [part(workflow.span.start, workflow.span.end), part(0, all.start), part(all.end, text.len() as u32)]
            .into_iter()
            .any(mentions)
    }

    /// What holds for every start beside the ref.
    fn complete(&self, mut start: Start, facts: &[(&str, &str)], values: &[(String, Value)]) -> Start {
        start.facts.extend(facts.iter().map(|(n, v)| ((*n).to_owned(), Value::text(*v))));
        if start.on == RefKind::Change {
            // The branch that the change comes from is built.
            start.facts.push((REF.to_owned(), Value::text("branch")));
        }
        let on_default = Value::text(if start.on == RefKind::Trunk { "true" } else { "false" });
        start.facts.push((DEFAULT_BRANCH.to_owned(), on_default));
        for parameter in &self.parameters {
            let name = name_of(&parameter.name);
            let given = values.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
            let default = || parameter.default.as_ref().and_then(Data::str).map_or(Value::text(""), Value::text);
            start.facts.push((name, given.unwrap_or_else(default)));
        }
        alias(&mut start, BRANCH, "env.CIRCLE_BRANCH");
        alias(&mut start, TAG, "env.CIRCLE_TAG");
        for name in ["env.CI", "env.CIRCLECI"] {
            start.facts.push((name.to_owned(), Value::text("true")));
        }
        start
    }

    /// The first line of a place.
    fn first_line(&self, span: Span) -> Span {
        let file = self.sources.file(span.file);
        let rest = file.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let len = rest.find('\n').unwrap_or(rest.len());
        Span::new(span.file, span.start as usize, span.start as usize + rest[..len].trim_end().len())
    }
}

/// What a parameter may be beside its default, as far as a condition asks for it.
fn values(parameter: &Parameter, conditions: &[Expr]) -> Vec<Value> {
    let default = parameter.default.as_ref().and_then(Data::str).unwrap_or("");
    let all: Vec<String> = match parameter.kind.as_str() {
        "boolean" => vec!["true".to_owned(), "false".to_owned()],
        "enum" => parameter.options.clone(),
        _ => {
            let name = name_of(&parameter.name);
            let mut compared = compared_in(conditions, &name);
            if compared.is_empty() && default.is_empty() && conditions.iter().any(|c| asks(c, &name)) {
                return vec![Value::Other(vec![String::new()])];
            }
            compared.truncate(MAX_VALUES);
            compared
        }
    };
    all.into_iter().filter(|v| v != default).map(Value::Text).collect()
}

/// Literals that conditions compare a name with.
fn compared_in(conditions: &[Expr], name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (test, text) in conditions.iter().flat_map(|c| compared(c, &[name])) {
        if test == Test::Equals && !out.iter().any(|known| known == text) {
            out.push(text.to_owned());
        }
    }
    out
}

/// The name of a parameter of the pipeline in expressions.
fn name_of(parameter: &str) -> String {
    format!("pipeline.parameters.{parameter}")
}

/// Whether a condition wants a name to have a value at all.
pub(super) fn asks(expr: &Expr, name: &str) -> bool {
    match expr {
        Expr::Var(n) => n == name,
        Expr::And(all) | Expr::Or(all) => all.iter().any(|e| asks(e, name)),
        _ => false,
    }
}
