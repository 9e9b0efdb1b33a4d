//! Workflows: <https://circleci.com/docs/reference/configuration-reference/#workflows>.

use super::config::{Found, Scope};
use super::filters::filters;
use super::jobs::Wanted;
use super::logic::{condition, template};
use super::matrix::{Combination, combinations, filled};
use super::steps::inputs;
use super::{Translator, VENDOR};
use crate::frontends::pipelines::data::{Data, Kind, Pair, warn};
use crate::frontends::pipelines::runs::{all, not};
use crate::model::{
    Block, BlockKind, Call, Expr, GateDecl, GateKind, Item, Need, SURROUNDING, Status, Target, Unit, UnitId, UnitKind,
};
use crate::source::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// At most this many jobs are read of one workflow.
const MAX_JOBS: usize = 2_000;

/// Keys of a job in a workflow that are no parameters.
const RESERVED: &[&str] = &[
    "name",
    "requires",
    "filters",
    "context",
    "matrix",
    "type",
    "pre-steps",
    "post-steps",
    "serial-group",
    "override-with",
    "plan_name",
];

/// When a workflow runs, and the line that says so.
pub(super) struct Condition {
    pub when: Expr,
    pub span: Option<Span>,
}

impl Condition {
    /// Of `when` and `unless`.
    pub fn of(workflow: &Data) -> Self {
        let of = |key: &str| workflow.pair(key).filter(|p| !p.value.is_null());
        let (when, unless) = (of("when"), of("unless"));
        let conditions = when.map(|p| condition(&p.value, "")).into_iter();
        let all = all(conditions.chain(unless.map(|p| not(condition(&p.value, "")))).collect());
        Self { when: all, span: when.or(unless).map(|p| p.span) }
    }
}

/// One job of a workflow, one combination of its matrix.
struct Entry {
    /// What it is called in `jobs` or in an orb.
    key: String,
    given: Data,
    span: Span,
    name: String,
    combination: Combination,
}

impl Translator<'_> {
    /// The jobs of a workflow or of a group of jobs.
    pub(super) fn jobs(&mut self, scope: &Rc<Scope>, list: &Data, workflow: &Condition, depth: usize) -> Vec<UnitId> {
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let entries = entries(list, &mut names);
        let mut out = Vec::new();
        for entry in entries.into_iter().take(MAX_JOBS) {
            let mut unit = Unit::new(UnitKind::Job, entry.name.as_str(), entry.span);
            unit.dir = Some(Expr::lit(""));
            self.enter("");
            self.conditions_of(&mut unit, &entry, workflow, &names);
            self.context(&mut unit, &entry);
            self.size = 0;
            self.fill(&mut unit, scope, &entry, depth);
            unit.functions = std::mem::take(&mut self.reader.functions);
            out.push(self.reader.program.add(unit));
        }
        out
    }

    fn conditions_of(&self, unit: &mut Unit, entry: &Entry, workflow: &Condition, names: &BTreeMap<String, Vec<String>>) {
        let mut status = None;
        for required in entry.given.get("requires").map(Data::one_or_many).unwrap_or_default() {
            let (name, results) = match (required.str(), required.pairs()) {
                (Some(name), _) => (name, Vec::new()),
                (None, [pair, ..]) => (&*pair.key, pair.value.texts()),
                _ => continue,
            };
            let name = filled(name, &entry.combination);
            let expanded = names.get(&name).cloned().unwrap_or_else(|| vec![name]);
            unit.needs.extend(expanded.into_iter().map(Need::of));
            // What filters leave out is not waited for, unless they leave out all.
            unit.any_need = true;
            if results.contains(&"terminal") || (results.contains(&"success") && results.len() > 1) {
                status = Some(Expr::Status(Status::Always));
            } else if !results.is_empty() && !results.contains(&"success") {
                status = Some(Expr::Status(Status::Failure));
            }
        }
        let asked = filters(entry.given.get("filters"), "");
        let own = entry.given.pair("filters").map(|p| p.span);
        unit.when = all([workflow.when.clone(), asked].into_iter().chain(status).collect());
        unit.when_span = own.or(workflow.span);
        if !entry.combination.is_empty() {
            let value = |data: &Data| data.str().map_or_else(|| Expr::Unknown("a list".to_owned()), |t| template(t, ""));
            unit.matrix = vec![entry.combination.iter().map(|(n, v)| (format!("matrix.{n}"), value(v))).collect()];
        }
    }

    /// A context holds variables of an environment, and is often called by it.
    fn context(&self, unit: &mut Unit, entry: &Entry) {
        let environments = self.input.catalogue.environments();
        let contexts = entry.given.get("context").map(Data::texts).unwrap_or_default();
        let name = contexts.into_iter().map(|c| filled(c, &entry.combination)).find(|c| environments.find_in(c).is_some());
        if let Some(name) = name {
            unit.bind.push((SURROUNDING.to_owned(), template(&name, "")));
        }
    }

    fn fill(&mut self, unit: &mut Unit, scope: &Rc<Scope>, entry: &Entry, depth: usize) {
        let found = scope.find("jobs", &entry.key);
        let definition = match &found {
            Some(Found::Defined(_, pair)) => Some(pair),
            _ => None,
        };
        let kind = entry.given.pair("type").or_else(|| definition.and_then(|d| d.value.pair("type")));
        match kind.and_then(|k| k.value.str()).unwrap_or("build") {
            "approval" => {
                let span = kind.map_or(entry.span, |k| k.span);
                let gate = GateDecl { kind: GateKind::Approval, span, name: entry.name.clone(), blocking: true };
                unit.body.push(Item::Gate(gate));
                return;
            }
            "no-op" | "lock" | "unlock" => return,
            "release" => {
                let given =
                    if entry.given.get("plan_name").is_some() { Some(&entry.given) } else { definition.map(|d| &d.value) };
                let span = definition.map_or(entry.span, |d| d.span);
                unit.body.push(self.reader.built_in("type:release", "", &inputs(given), span, "type: release"));
                return;
            }
            _ => {}
        }
        match found {
            Some(Found::Defined(inner, definition)) => {
                unit.span = definition.span;
                let wanted = Wanted { outer: Rc::clone(scope), given: &entry.given, matrix: &entry.combination };
                self.job(unit, &inner, &definition, &wanted);
            }
            Some(Found::Elsewhere(full, version)) => self.job_of_orb(unit, scope, entry, &full, &version),
            None => match scope.root.get("job-groups").and_then(|g| g.pair(&entry.key)).filter(|_| depth < 4) {
                Some(group) => self.group(unit, scope, group, depth),
                None => warn(self.reader.program, entry.span, format!("no job is called `{}`", entry.key)),
            },
        }
    }

    fn job_of_orb(&mut self, unit: &mut Unit, scope: &Rc<Scope>, entry: &Entry, full: &str, version: &str) {
        let around = self.around(scope, "");
        if let Some(list) = entry.given.get("pre-steps") {
            unit.body = self.steps(list, &around, 0);
        }
        if let Some(items) = self.continues(full, Some(&entry.given), entry.span) {
            unit.body.extend(items);
        } else {
            let mut given: Vec<(String, Expr)> = Vec::new();
            let mut inside = Vec::new();
            for pair in entry.given.pairs().iter().filter(|p| !RESERVED.contains(&&*p.key)) {
                if self.are_steps(&pair.value, &around) {
                    inside.extend(self.steps(&pair.value, &around, 0));
                }
            }
            for (name, value) in inputs(Some(&entry.given)).into_iter().filter(|(n, _)| !RESERVED.contains(&n.as_str())) {
                given.push((name, self.reader.value(&value)));
            }
            let values = entry.combination.iter().filter_map(|(n, v)| Some((n.clone(), template(v.str()?, ""))));
            given.extend(values);
            unit.body.push(Item::external(VENDOR, self.name_of_orb(full), version, given, entry.span, &*entry.key));
            unit.body.extend(inside);
        }
        if let Some(list) = entry.given.get("post-steps") {
            let items = self.steps(list, &around, 0);
            unit.body.extend(items);
        }
    }

    fn group(&mut self, unit: &mut Unit, scope: &Rc<Scope>, group: &Pair, depth: usize) {
        let list = group.value.get("jobs").cloned().unwrap_or_else(|| group.value.with(Kind::Null));
        // The group's own condition decides; its jobs have theirs.
        let always = Condition { when: Expr::always(), span: None };
        let (bind, name) = (std::mem::take(&mut unit.bind), group.key.to_string());
        let mut stage = Unit::new(UnitKind::Stage, name.as_str(), group.span);
        stage.jobs = self.jobs(scope, &list, &always, depth + 1);
        unit.bind = bind;
        let target = Target::Unit(self.reader.program.add(stage));
        unit.span = group.span;
        unit.body.push(Item::Call(Box::new(Call { target, bind: Vec::new(), isolated: false, span: group.span, text: name })));
    }

    /// Calls of several units of which none waits for another.
    pub(super) fn together(&mut self, name: &str, span: Span, calls: Vec<Call>) -> Item {
        let mut stage = Unit::new(UnitKind::Stage, name, span);
        for (at, call) in calls.into_iter().enumerate() {
            let mut job = Unit::new(UnitKind::Job, format!("{} {}", call.text, at + 1), call.span);
            let mut block = Block::new(BlockKind::Step, call.span);
            block.items.push(Item::Call(Box::new(call)));
            job.body.push(Item::Block(Box::new(block)));
            stage.jobs.push(self.reader.program.add(job));
        }
        let target = Target::Unit(self.reader.program.add(stage));
        Item::Call(Box::new(Call { target, bind: Vec::new(), isolated: false, span, text: name.to_owned() }))
    }
}

/// The jobs of a list, each combination of a matrix for itself; under each name that a job may be required by, the jobs
/// that it means.
fn entries(list: &Data, names: &mut BTreeMap<String, Vec<String>>) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for item in list.one_or_many() {
        let (key, given) = match (item.str(), item.pairs()) {
            (Some(key), _) => (key.trim().to_owned(), item.with(Kind::Null)),
            (None, [pair, ..]) => (pair.key.to_string(), pair.value.clone()),
            _ => continue,
        };
        let matrix = given.get("matrix");
        let own = given.get_str("name");
        for combination in combinations(matrix) {
            let mut name = own.map_or_else(|| key.clone(), |n| filled(n, &combination));
            if own.is_none_or(|n| n == name) && !combination.is_empty() {
                let values = combination.iter().filter_map(|(_, v)| v.str());
                name = std::iter::once(name.as_str()).chain(values).collect::<Vec<_>>().join("-");
            }
            let count = taken.entry(name.clone()).or_default();
            *count += 1;
            if *count > 1 {
                name = format!("{name}-{}", *count - 1);
            }
            let alias = matrix.and_then(|m| m.get_str("alias"));
            let mut called = vec![name.clone()];
            called.extend(alias.or(own).map(str::to_owned));
            if alias.is_none() && own.is_none() {
                called.push(key.clone());
            }
            called.sort();
            called.dedup();
            for one in called {
                names.entry(one).or_default().push(name.clone());
            }
            out.push(Entry { key: key.clone(), given: given.clone(), span: item.item, name, combination });
            if out.len() >= MAX_JOBS {
                return out;
            }
        }
    }
    out
}
