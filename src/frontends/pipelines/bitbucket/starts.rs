//! What starts a pipeline: <https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/>.

use super::conditions::{condition, fits, is_name, patterns};
use super::{Pipeline, Section, Translator};
use crate::frontends::pipelines::condition::compared;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{BRANCH, Pattern, Refs, TAG, TARGET, alias, all, not};
use crate::model::{Event, Expr, RefKind, Start, Truth, UnitId, Value};
use crate::source::Span;

/// At most this many values of the variables of a pipeline that a person starts are told apart.
const MAX_CHOICES: usize = 64;

impl Translator<'_> {
    /// Give the pipelines of a file their starts.
    pub(super) fn starts(&mut self, root: &Data, pipelines: &[Pipeline]) {
        let keys = |section: Section| pipelines.iter().filter(move |p| p.section == section).map(|p| p.key.as_str());
        let mut of_branches: Vec<Pattern> = keys(Section::Branches).flat_map(patterns).collect();
        let rules = triggers(root);
        for rule in &rules {
            of_branches.extend(compared(&rule.condition, &[BRANCH]).into_iter().map(|(test, text)| Pattern::of(test, text)));
        }
        let of_tags: Vec<Pattern> = keys(Section::Tags).flat_map(patterns).collect();
        let refs = Refs::new(self.input.trunk, &of_branches, &of_tags);
        let (names, tags): (Vec<&str>, Vec<&str>) = (keys(Section::Branches).collect(), keys(Section::Tags).collect());
        for pipeline in pipelines {
            let mut starts = match pipeline.section {
                Section::Default => {
                    let own = names.iter().map(|key| not(fits(key, BRANCH))).collect();
                    self.kept(pipeline, refs.push(pipeline.span), &all(own))
                }
                Section::Branches => self.kept(pipeline, refs.push(pipeline.span), &first(&pipeline.key, &names, BRANCH)),
                Section::Tags => self.kept(pipeline, refs.tag(pipeline.span), &first(&pipeline.key, &tags, TAG)),
                Section::PullRequests => changes(pipeline, &refs),
                Section::Custom => by_hand(pipeline, &refs),
            };
            if pipeline.section == Section::Custom {
                for rule in rules.iter().filter(|r| r.pipelines.contains(&pipeline.key)) {
                    starts.extend(rule.starts(&refs));
                }
            }
            for start in &mut starts {
                complete(start);
            }
            self.reader.program.unit_mut(pipeline.id).starts = starts;
        }
    }

    /// The starts for which a condition holds; where it is not known whether it does, the jobs ask for it.
    fn kept(&mut self, pipeline: &Pipeline, mut starts: Vec<Start>, when: &Expr) -> Vec<Start> {
        starts.retain(|start| truth(when, start) != Truth::False);
        if starts.iter().any(|start| truth(when, start) == Truth::Unknown) {
            let jobs: Vec<UnitId> = self.reader.program.unit(pipeline.id).jobs.clone();
            for id in jobs {
                let job = self.reader.program.unit_mut(id);
                job.when = all(vec![when.clone(), std::mem::replace(&mut job.when, Expr::always())]);
                job.when_span.get_or_insert(pipeline.span);
            }
        }
        starts
    }
}

fn truth(when: &Expr, start: &Start) -> Truth {
    when.truth(&start.scope())
}

/// When the pipeline of a pattern runs: a name goes before patterns, of patterns the first that fits.
fn first(key: &str, keys: &[&str], fact: &str) -> Expr {
    let mut conditions = vec![fits(key, fact)];
    if !is_name(key) {
        let before = keys.iter().take_while(|k| **k != key).filter(|k| !is_name(k));
        conditions.extend(keys.iter().filter(|k| is_name(k)).chain(before).map(|k| not(fits(k, fact))));
    }
    all(conditions)
}

/// A change, from a branch that fits the pattern.
fn changes(pipeline: &Pipeline, refs: &Refs) -> Vec<Start> {
    let samples: Vec<String> = patterns(&pipeline.key).iter().filter_map(Pattern::sample).collect();
    let mut out = refs.change(pipeline.span);
    if let Some(sample) = samples.into_iter().next() {
        for start in &mut out {
            start.facts.push((BRANCH.to_owned(), Value::text(sample.as_str())));
        }
    }
    out
}

/// A person starts it, with values for its variables.
fn by_hand(pipeline: &Pipeline, refs: &Refs) -> Vec<Start> {
    let mut combinations: Vec<Vec<(String, Value)>> = vec![Vec::new()];
    let variables = pipeline.data.items().iter().filter_map(|item| item.get("variables")).flat_map(Data::items);
    for variable in variables {
        let Some(name) = variable.get_str("name") else { continue };
        let allowed = variable.get("allowed-values").map(Data::texts).unwrap_or_default();
        let values: Vec<Value> = match (allowed.as_slice(), variable.get_str("default")) {
            ([], Some(default)) => vec![Value::text(default)],
            ([], None) => vec![Value::Unknown],
            (all, _) if all.len() * combinations.len() <= MAX_CHOICES => all.iter().map(|v| Value::text(*v)).collect(),
            (all, _) => vec![Value::one_of(all.iter().map(|v| (*v).to_owned()).collect())],
        };
        let name = format!("env.{name}");
        let with = |(one, value): (&Vec<(String, Value)>, &Value)| {
            one.iter().cloned().chain([(name.clone(), value.clone())]).collect::<Vec<_>>()
        };
        combinations = combinations.iter().flat_map(|one| values.iter().map(move |v| (one, v))).map(with).collect();
    }
    let start = |values: Vec<(String, Value)>| {
        let mut start = refs.on_trunk(Event::Manual, pipeline.span);
        start.facts.extend(values);
        start
    };
    combinations.into_iter().map(start).collect()
}

/// A rule of `triggers`: the custom pipelines that an event starts.
struct Rule {
    event: String,
    condition: Expr,
    pipelines: Vec<String>,
    span: Span,
}

fn triggers(root: &Data) -> Vec<Rule> {
    let mut out = Vec::new();
    for event in root.get("triggers").map(Data::pairs).unwrap_or_default() {
        for rule in event.value.one_or_many() {
            out.push(Rule {
                event: event.key.to_string(),
                condition: condition(rule.get("condition")),
                pipelines: rule.get("pipelines").map(Data::texts).unwrap_or_default().into_iter().map(str::to_owned).collect(),
                span: rule.pair("condition").map_or(event.key_span, |p| p.span),
            });
        }
    }
    out
}

impl Rule {
    fn starts(&self, refs: &Refs) -> Vec<Start> {
        let mut all = match self.event.as_str() {
            "repository-push" => refs.push(self.span).into_iter().chain(refs.tag(self.span)).collect(),
            // A change that is merged is a push to its target.
            "pullrequest-fulfilled" | "pullrequest-merged" => vec![refs.on_trunk(Event::Change, self.span)],
            _ => refs.change(self.span),
        };
        all.retain(|start| truth(&self.condition, start) != Truth::False);
        let certain = |start: &Start| truth(&self.condition, start) == Truth::True;
        if all.iter().any(certain) {
            all.retain(certain);
        }
        all
    }
}

/// What steps read of it: <https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/>.
fn complete(start: &mut Start) {
    alias(start, TAG, "env.BITBUCKET_TAG");
    alias(start, TARGET, "env.BITBUCKET_PR_DESTINATION_BRANCH");
    let branch = start.facts.iter().rev().find(|(name, _)| name == BRANCH).map(|(_, value)| value.clone());
    start.facts.extend(branch.map(|value| ("env.BITBUCKET_BRANCH".to_owned(), value)));
    let change = if start.on == RefKind::Change { Value::Other(vec![String::new()]) } else { Value::text("") };
    start.facts.push(("env.BITBUCKET_PR_ID".to_owned(), change));
    start.facts.push(("env.CI".to_owned(), Value::text("true")));
}
