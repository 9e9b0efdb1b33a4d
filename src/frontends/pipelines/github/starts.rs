//! What starts a workflow:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows>.

use super::filter::Filter;
use crate::frontends::pipelines::runs::REF;
use crate::model::{Event, HOLE, RefKind, Start, Value};
use crate::source::Span;
use crate::syntax::yaml::{Entry, Node};

/// At most this many starts come from the inputs of one manual trigger.
const MAX_CHOICES: usize = 64;

/// At most this many while inputs that are only switched on or off are tried both ways.
const MAX_SWITCHED: usize = 16;

/// One trigger of a workflow.
#[derive(Clone, Copy)]
pub(super) struct Trigger<'t> {
    /// The event's name.
    pub name: &'t str,
    /// Where it is named.
    pub span: Span,
    /// Its settings.
    pub settings: Option<Node<'t>>,
}

impl<'t> Trigger<'t> {
    /// The triggers of `on:` in each of its shapes.
    pub fn all(on: Node<'t>) -> Vec<Self> {
        if on.is_mapping() {
            let of = |e: Entry<'t>| Self { name: e.name(), span: e.key.own_span(), settings: Some(e.value) };
            return on.entries().into_iter().map(of).collect();
        }
        let of = |n: Node<'t>| n.scalar().map(|name| Self { name, span: n.own_span(), settings: None });
        on.one_or_many().into_iter().filter_map(of).collect()
    }

    fn filter(&self, name: &str) -> Filter {
        self.settings.map(|s| Filter::read(s, name)).unwrap_or_default()
    }

    /// The values of a key that is a text or a list of them.
    pub fn list(&self, key: &str) -> Vec<String> {
        let node = self.settings.and_then(|s| s.get(key));
        node.map(|n| n.texts().into_iter().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// The declared inputs.
    pub fn inputs(&self) -> Vec<Entry<'t>> {
        self.settings.and_then(|s| s.get("inputs")).map(|i| i.entries()).unwrap_or_default()
    }

    /// Branch names that it writes out.
    pub fn branch_names(&self) -> Vec<String> {
        self.filter("branches").names().map(str::to_owned).collect()
    }
}

/// What a workflow's starts depend on beside its triggers.
pub(super) struct Around<'a> {
    /// The trunk's name; empty: any.
    pub trunk: &'a str,
    /// The workflow's text.
    pub text: &'a str,
    /// All triggers.
    pub triggers: &'a [Trigger<'a>],
}

/// The starts of a trigger.
pub(super) fn starts(trigger: &Trigger<'_>, around: &Around<'_>) -> Vec<Start> {
    let make = Make { trigger, around };
    let mut out = match trigger.name {
        "push" => make.push(),
        "pull_request" | "pull_request_target" => make.pull_request(),
        "merge_group" => {
            let name = Value::text(format!("gh-readonly-queue/{}/{HOLE}", around.trunk));
            vec![make.start(Event::Change, RefKind::Trunk, Make::refs("heads", name))]
        }
        "release" => make.with_actions(make.start(Event::Tag, RefKind::Tag, make.tag())),
        "create" => {
            let tag = make.start(Event::Tag, RefKind::Tag, make.tag());
            vec![tag, make.start(Event::Push, RefKind::OtherBranch, Make::refs("heads", make.other()))]
        }
        "delete" => vec![make.start(Event::Push, RefKind::OtherBranch, make.trunk())],
        "schedule" => make.schedule(),
        "workflow_dispatch" => make.dispatch(),
        "workflow_call" => Vec::new(),
        "workflow_run" => make.workflow_run(),
        "pull_request_review" | "pull_request_review_comment" => {
            vec![make.start(Event::Change, RefKind::Change, Make::refs("pull", Value::text(format!("{HOLE}/merge"))))]
        }
        // A comment is how a person gives orders (`/deploy`); whoever opens an issue or stars the repository asks for nothing.
        "issue_comment" | "discussion_comment" => make.with_actions(make.start(Event::Manual, RefKind::Trunk, make.trunk())),
        "repository_dispatch"
        | "issues"
        | "label"
        | "discussion"
        | "milestone"
        | "project"
        | "project_card"
        | "project_column"
        | "watch"
        | "fork"
        | "gollum" => make.with_actions(make.start(Event::Api, RefKind::Trunk, make.trunk())),
        _ => vec![make.start(Event::Upstream, RefKind::Trunk, make.trunk())],
    };
    for start in &mut out {
        make.complete(start);
    }
    out
}

/// An input that a person fills in.
struct Choice {
    name: String,
    /// What there is to choose from; none: anything.
    options: Vec<String>,
    switch: bool,
    /// Something in the file reads it.
    read: bool,
}

/// What a start knows.
pub(super) type Facts = Vec<(String, Value)>;

struct Make<'a> {
    trigger: &'a Trigger<'a>,
    around: &'a Around<'a>,
}

fn fact(name: &str, value: impl Into<String>) -> (String, Value) {
    (name.to_owned(), Value::text(value))
}

impl Make<'_> {
    fn start(&self, event: Event, on: RefKind, facts: Facts) -> Start {
        Start { facts, ..Start::new(event, on, self.trigger.span) }
    }

    /// What is known of the ref, by its folder.
    fn refs(folder: &str, name: Value) -> Facts {
        let full = Value::text(format!("refs/{folder}/{}", name.shown()));
        let (kind, own) = match folder {
            "tags" => ("tag", "tag"),
            "pull" => ("change", "branch"),
            _ => ("branch", "branch"),
        };
        vec![fact(REF, kind), ("github.ref_name".to_owned(), name), ("github.ref".to_owned(), full), fact("github.ref_type", own)]
    }

    fn trunk(&self) -> Facts {
        let name = if self.around.trunk.is_empty() { Value::Unknown } else { Value::text(self.around.trunk) };
        Self::refs("heads", name)
    }

    /// Some branch but the trunk.
    fn other(&self) -> Value {
        let trunk = self.around.trunk;
        Value::Other(if trunk.is_empty() { Vec::new() } else { vec![trunk.to_owned()] })
    }

    /// Some tag.
    fn tag(&self) -> Facts {
        Self::refs("tags", self.other())
    }

    fn mentions(&self, text: &str) -> bool {
        self.around.text.contains(text)
    }

    fn push(&self) -> Vec<Start> {
        let (branches, tags) = (self.trigger.filter("branches"), self.trigger.filter("tags"));
        let mut out = Vec::new();
        if branches.is_given() || !tags.is_given() {
            if branches.passes(self.around.trunk) {
                out.push(self.start(Event::Push, RefKind::Trunk, self.trunk()));
            }
            let others = branches.others(self.around.trunk).into_iter();
            out.extend(others.map(|name| self.start(Event::Push, RefKind::OtherBranch, Self::refs("heads", name))));
        }
        if tags.is_given() || !branches.is_given() {
            let names = tags.others(self.around.trunk).into_iter();
            out.extend(names.map(|name| self.start(Event::Tag, RefKind::Tag, Self::refs("tags", name))));
        }
        for start in &mut out {
            let full = start.fact("github.ref");
            start.facts.push(("github.event.ref".to_owned(), full));
            start.facts.push(fact("github.event.deleted", "false"));
        }
        out
    }

    fn pull_request(&self) -> Vec<Start> {
        let types = self.trigger.list("types");
        let default = ["opened", "synchronize", "reopened"].map(str::to_owned).to_vec();
        let types = if types.is_empty() { default } else { types };
        let of = |keep: fn(&str) -> bool| types.iter().filter(|t| keep(t)).cloned().collect::<Vec<_>>();
        let labels = of(is_label);
        let open = of(|t| !is_label(t) && t != "closed");
        let mut out = Vec::new();
        for (on, base) in self.bases() {
            if types.iter().any(|t| t == "closed") {
                out.push(self.change(Event::Change, on, &["closed".to_owned()], &base, "true"));
                out.push(self.change(Event::Change, RefKind::Change, &["closed".to_owned()], &base, "false"));
            }
            if !open.is_empty() {
                out.push(self.change(Event::Change, RefKind::Change, &open, &base, "false"));
            }
            if !labels.is_empty() {
                out.push(self.change(Event::Manual, RefKind::Change, &labels, &base, "false"));
            }
        }
        out
    }

    /// The branches that a change may be for; that a merge goes there is a push to it.
    fn bases(&self) -> Vec<(RefKind, Value)> {
        let branches = self.trigger.filter("branches");
        let trunk = self.around.trunk;
        let mut out = Vec::new();
        if branches.passes(trunk) {
            out.push((RefKind::Trunk, if trunk.is_empty() { Value::Unknown } else { Value::text(trunk) }));
        }
        let asked = ["base_ref", "pull_request.base", "BASE_REF"].iter().any(|t| self.mentions(t));
        if out.is_empty() || asked {
            out.extend(branches.others(trunk).into_iter().map(|name| (RefKind::OtherBranch, name)));
        }
        out
    }

    fn change(&self, event: Event, on: RefKind, types: &[String], base: &Value, merged: &str) -> Start {
        let target = self.trigger.name == "pull_request_target" || merged == "true";
        let mut facts =
            if target { Self::refs("heads", base.clone()) } else { Self::refs("pull", Value::text(format!("{HOLE}/merge"))) };
        facts.push(("github.event.action".to_owned(), Value::one_of(types.to_vec())));
        facts.push(("github.base_ref".to_owned(), base.clone()));
        facts.push(("github.event.pull_request.base.ref".to_owned(), base.clone()));
        facts.push(fact("github.event.pull_request.merged", merged));
        facts.push(fact("github.event.pull_request.draft", "false"));
        for name in ["github.head_ref", "github.event.pull_request.head.ref", "github.event.pull_request.head.repo.fork"] {
            facts.push((name.to_owned(), Value::Unknown));
        }
        self.start(event, on, facts)
    }

    /// One start for each type that the trigger names.
    fn with_actions(&self, start: Start) -> Vec<Start> {
        let types = self.trigger.list("types");
        if types.is_empty() {
            return vec![start];
        }
        let action = |value: Value| {
            let mut start = start.clone();
            start.facts.push(("github.event.action".to_owned(), value));
            start
        };
        if self.mentions("event.action") && types.len() <= MAX_SWITCHED {
            types.iter().map(|t| action(Value::text(t.as_str()))).collect()
        } else {
            vec![action(Value::one_of(types))]
        }
    }

    fn schedule(&self) -> Vec<Start> {
        let items = self.trigger.settings.map(|s| s.one_or_many()).unwrap_or_default();
        let crons: Vec<&str> = items.iter().filter_map(|i| i.get_str("cron")).collect();
        let start = |cron: Option<Value>| {
            let mut facts = self.trunk();
            facts.extend(cron.map(|c| ("github.event.schedule".to_owned(), c)));
            self.start(Event::Schedule, RefKind::Trunk, facts)
        };
        if self.mentions("event.schedule") && (1..=MAX_SWITCHED).contains(&crons.len()) {
            crons.into_iter().map(|c| start(Some(Value::text(c)))).collect()
        } else {
            vec![start(None)]
        }
    }

    fn workflow_run(&self) -> Vec<Start> {
        let mut start = self.start(Event::Upstream, RefKind::Trunk, self.trunk());
        start.after = self.trigger.list("workflows");
        let carry = [
            ("github.event_name", "github.event.workflow_run.event"),
            ("github.ref_name", "github.event.workflow_run.head_branch"),
        ];
        start.carry = carry.map(|(theirs, ours)| (theirs.to_owned(), ours.to_owned())).to_vec();
        let with = |conclusion: &str| {
            let mut start = start.clone();
            start.facts.push(fact("github.event.workflow_run.conclusion", conclusion));
            start.facts.push(fact("github.event.action", "completed"));
            start
        };
        let mut out = vec![with("success")];
        if self.mentions("workflow_run.conclusion") && self.mentions("failure") {
            out.push(with("failure"));
        }
        out
    }

    /// A person runs it: one start for each combination of what the inputs offer to choose from.
    fn dispatch(&self) -> Vec<Start> {
        let mut refs = vec![(RefKind::Trunk, self.trunk())];
        let only = self.around.triggers.iter().all(|t| matches!(t.name, "workflow_dispatch" | "workflow_call"));
        if only && (self.mentions("github.ref") || self.mentions("GITHUB_REF")) {
            refs.push((RefKind::OtherBranch, Self::refs("heads", self.other())));
            refs.push((RefKind::Tag, self.tag()));
        }
        let mut combinations: Vec<Facts> = vec![Vec::new()];
        for input in self.choices() {
            let limit = if input.switch { MAX_SWITCHED } else { MAX_CHOICES };
            let values = match input.options.len() {
                0 => vec![Value::Unknown],
                n if input.read && n * combinations.len() * refs.len() <= limit => {
                    input.options.into_iter().map(Value::Text).collect()
                }
                _ => vec![Value::one_of(input.options)],
            };
            let mut next = Vec::new();
            for facts in &combinations {
                for value in &values {
                    let mut facts = facts.clone();
                    facts.push((input.name.clone(), value.clone()));
                    next.push(facts);
                }
            }
            combinations = next;
        }
        let start = |(on, refs): &(RefKind, Facts), inputs: &Facts| {
            self.start(Event::Manual, *on, refs.iter().chain(inputs).cloned().collect())
        };
        combinations.iter().flat_map(|inputs| refs.iter().map(move |r| start(r, inputs))).collect()
    }

    /// The inputs of a manual start, those that are only switched on or off last.
    fn choices(&self) -> Vec<Choice> {
        let of = |input: Entry<'_>| {
            let switch = input.value.get_str("type") == Some("boolean");
            let options = if switch { vec!["true", "false"] } else { options_of(input.value) };
            Choice {
                name: format!("input.{}", input.name()),
                options: options.into_iter().map(str::to_owned).collect(),
                switch,
                read: ["inputs.{}", "inputs['{}']"].iter().any(|p| self.mentions(&p.replace("{}", input.name()))),
            }
        };
        let mut out: Vec<Choice> = self.trigger.inputs().into_iter().map(of).collect();
        out.sort_by_key(|c| c.switch);
        out
    }

    /// What holds for every start.
    fn complete(&self, start: &mut Start) {
        let mut more = vec![
            fact("github.event_name", self.trigger.name),
            fact("github.event.repository.default_branch", self.around.trunk),
            fact("github.workspace", "."),
            fact("github.head_ref", ""),
            fact("github.base_ref", ""),
        ];
        for trigger in self.around.triggers {
            more.extend(trigger.inputs().iter().map(|input| fact(&format!("input.{}", input.name()), "")));
        }
        for (name, value) in more {
            if !name.ends_with("default_branch") || !self.around.trunk.is_empty() {
                add(&mut start.facts, name, value);
            }
        }
        // The runner shows some of it to scripts: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
        for name in ["event_name", "ref", "ref_name", "ref_type", "head_ref", "base_ref", "workspace"] {
            let value = start.fact(&format!("github.{name}"));
            add(&mut start.facts, format!("env.GITHUB_{}", name.to_ascii_uppercase()), value);
        }
        for name in ["SHA", "RUN_ID", "RUN_NUMBER", "RUN_ATTEMPT", "REPOSITORY", "REPOSITORY_OWNER", "ACTOR", "TOKEN"] {
            add(&mut start.facts, format!("env.GITHUB_{name}"), Value::Unknown);
        }
        // `act`, which runs workflows on a developer's machine, sets ACT.
        add(&mut start.facts, "env.ACT".to_owned(), Value::text(""));
        for name in ["env.CI", "env.GITHUB_ACTIONS"] {
            add(&mut start.facts, name.to_owned(), Value::text("true"));
        }
    }
}

/// What a person may choose for an input; of a required one, not the empty entry that only makes them look.
pub(super) fn options_of(input: Node<'_>) -> Vec<&str> {
    let mut options = input.get("options").map(|o| o.texts()).unwrap_or_default();
    if input.get_str("required") == Some("true") && options.len() > 1 {
        options.retain(|o| !o.is_empty());
    }
    options
}

/// Add a fact that is not known yet.
pub(super) fn add(facts: &mut Facts, name: String, value: Value) {
    if !facts.iter().any(|(n, _)| *n == name) {
        facts.push((name, value));
    }
}

fn is_label(kind: &str) -> bool {
    matches!(kind, "labeled" | "unlabeled")
}
