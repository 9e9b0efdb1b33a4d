//! Pipelines and their tasks: <https://tekton.dev/docs/pipelines/pipelines/>.

use super::tasks::Referred;
use super::{MAX_DEPTH, MAX_JOBS, Tekton};
use crate::frontends::pipelines::containers::with_environment;
use crate::frontends::pipelines::data::{Data, Kind};
use crate::frontends::pipelines::objects::Object;
use crate::frontends::pipelines::runs::all;
use crate::model::{
    BuiltIn, Call, Expr, GateDecl, GateKind, Item, Need, Scope, Status, Target, Truth, Unit, UnitId, UnitKind, Value,
};
use std::collections::BTreeMap;

/// At most so many combinations of a matrix are told apart.
const MAX_COMBINATIONS: usize = 256;
/// Custom tasks in which a person must act.
const APPROVALS: &[&str] = &["ApprovalTask"];

impl<'o> Tekton<'_, 'o> {
    /// The unit of a pipeline; one object has one. None while it is read: it holds itself.
    pub(super) fn pipeline(&mut self, object: &'o Object) -> Option<UnitId> {
        if let Some(known) = self.pipelines.get(&object.span) {
            return *known;
        }
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        self.pipelines.insert(object.span, None);
        let id = object.data.get("spec").map(|spec| self.pipeline_of(&object.name, spec, object.span, &object.path));
        self.depth -= 1;
        self.pipelines.insert(object.span, id);
        id
    }

    /// The unit of a pipeline's specification.
    pub(super) fn pipeline_of(&mut self, name: &str, spec: &Data, span: crate::source::Span, path: &str) -> UnitId {
        let mut unit = Unit::new(UnitKind::Pipeline, name, span);
        unit.dir = Some(Expr::lit(""));
        unit.params = self.params(spec);
        let tasks = spec.get("tasks").map(Data::items).unwrap_or_default();
        let names: Vec<&str> = tasks.iter().filter_map(|t| t.get_str("name")).collect();
        for task in tasks {
            let job = self.job(task, path);
            unit.jobs.extend(job.map(|j| self.reader.program.add(j)));
        }
        for task in spec.get("finally").map(Data::items).unwrap_or_default() {
            if let Some(mut job) = self.job(task, path) {
                // It runs whatever happened to the others (https://tekton.dev/docs/pipelines/pipelines/#adding-finally-to-the-pipeline).
                job.when = all(vec![Expr::Status(Status::Always), job.when]);
                job.needs = names.iter().map(|n| Need::earlier(*n)).collect();
                unit.jobs.push(self.reader.program.add(job));
            }
        }
        self.reader.program.add(unit)
    }

    /// A task of a pipeline.
    fn job(&mut self, task: &Data, path: &str) -> Option<Unit> {
        self.jobs += 1;
        if !task.is_map() || self.jobs > MAX_JOBS {
            return None;
        }
        let mut unit = Unit::new(UnitKind::Job, task.get_str("name").unwrap_or("task"), task.item);
        unit.dir = Some(Expr::lit(""));
        unit.needs = needs(task);
        unit.when = self.when(task);
        unit.when_span = task.pair("when").map(|p| p.span);
        if never(&unit.when) {
            unit.disabled = Some("its `when` is never true".to_owned());
        }
        unit.continue_on_error = task.get_str("onError") == Some("continue");
        unit.matrix = self.matrix(task);
        let mut given = self.given(task);
        let axes: Vec<String> = unit.matrix.iter().flatten().map(|(n, _)| n.clone()).collect();
        for axis in axes {
            let input = axis.replacen("matrix.", "input.", 1);
            given.retain(|(n, _)| *n != input);
            given.push((input, Expr::Var(axis)));
        }
        let given = with_environment(given);
        if let Some(spec) = task.get("taskSpec") {
            if spec.get("apiVersion").is_some() {
                unit.body = self.custom(task, spec);
            } else {
                unit.bind = self.params(spec).into_iter().filter_map(|p| Some((p.name, p.default?))).collect();
                unit.bind.extend(given);
                unit.body = self.steps(spec, path);
                unit.functions = std::mem::take(&mut self.reader.functions);
            }
        } else if let Some(reference) = task.get("taskRef") {
            unit.body = self.task_ref(task, reference, given, path);
        } else if let Some(spec) = task.get("pipelineSpec") {
            let name = unit.name.clone();
            let target = self.pipeline_of(&name, spec, task.item, path);
            unit.body = vec![call(target, given, false, task, &format!("pipelineSpec: {name}"))];
        } else if let Some(reference) = task.get("pipelineRef") {
            unit.body = self.pipeline_ref(task, reference, given, path);
        }
        Some(unit)
    }

    /// A call of a task by its name.
    pub(super) fn task_ref(&mut self, at: &Data, reference: &Data, given: Vec<(String, Expr)>, path: &str) -> Vec<Item> {
        let kind = reference.get_str("kind").unwrap_or("Task");
        let own = reference.get_str("apiVersion").is_none_or(|a| a.starts_with("tekton.dev/"));
        if !own || !matches!(kind, "Task" | "ClusterTask" | "Pipeline") {
            return self.custom(at, reference);
        }
        match self.referred(reference, &["Task", "ClusterTask"], path) {
            Referred::Here(object) => {
                let target = self.task(object);
                vec![call(target, given, true, at, &format!("taskRef: {}", object.name))]
            }
            Referred::Elsewhere(name, version) => self.elsewhere(&name, &version, at, "taskRef"),
        }
    }

    /// A call of a pipeline by its name.
    pub(super) fn pipeline_ref(&mut self, at: &Data, reference: &Data, given: Vec<(String, Expr)>, path: &str) -> Vec<Item> {
        match self.referred(reference, &["Pipeline"], path) {
            Referred::Here(object) => match self.pipeline(object) {
                Some(target) => {
                    self.started.push(target);
                    vec![call(target, given, true, at, &format!("pipelineRef: {}", object.name))]
                }
                None => vec![Item::Unknown {
                    span: at.item,
                    why: format!("the pipeline {} holds itself, or is held too deep", object.name),
                }],
            },
            Referred::Elsewhere(name, version) => self.elsewhere(&name, &version, at, "pipelineRef"),
        }
    }

    /// A task of another controller: an approval, or known by its kind.
    fn custom(&mut self, at: &Data, reference: &Data) -> Vec<Item> {
        let kind = reference.get_str("kind").unwrap_or("");
        if APPROVALS.contains(&kind) {
            let span = reference.pair("kind").map_or(at.item, |p| p.span);
            let name = at.get_str("name").unwrap_or(kind).to_owned();
            return vec![Item::Gate(GateDecl { kind: GateKind::Approval, span, name, blocking: true })];
        }
        self.elsewhere(kind, "", at, "taskRef")
    }

    /// Something that the repository does not hold: known by its name, at the whole list item.
    pub(super) fn elsewhere(&mut self, name: &str, version: &str, at: &Data, key: &str) -> Vec<Item> {
        if name.is_empty() || name.contains("$(") {
            return vec![Item::Unknown { span: at.item, why: format!("what {key} names is decided in the run") }];
        }
        let inputs: Vec<(String, Data)> = at
            .get("params")
            .map(Data::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|p| Some((p.get_str("name")?.to_owned(), words(p.get("value")?))))
            .collect();
        let text = format!("{key}: {name}");
        let item = self.reader.built_in(name, version, &inputs, at.item, &text);
        let Item::BuiltIn(built_in) = item else { return vec![item] };
        vec![Item::BuiltIn(Box::new(self.named(*built_in)))]
    }

    /// A built-in that no row knows goes by what its name says, and may do anything.
    fn named(&self, built_in: BuiltIn) -> BuiltIn {
        let nothing = Scope::default();
        let inputs: BTreeMap<String, Value> = built_in.inputs.iter().map(|(n, e)| (n.clone(), e.eval(&nothing))).collect();
        if self.reader.catalogue.builtin(super::VENDOR, &built_in.name, &built_in.version, &inputs).is_some() {
            return built_in;
        }
        BuiltIn { name: format!("task/{}", built_in.name), external_call: true, ..built_in }
    }

    /// The combinations of a matrix (<https://tekton.dev/docs/pipelines/matrix/>).
    fn matrix(&self, task: &Data) -> Vec<Vec<(String, Expr)>> {
        let Some(matrix) = task.get("matrix") else { return Vec::new() };
        let axes = if matrix.is_list() { Some(matrix) } else { matrix.get("params") };
        let pairs = |list: Option<&Data>| {
            let items = list.map(Data::items).unwrap_or_default().to_vec();
            items.into_iter().filter_map(|p| Some((format!("matrix.{}", p.get_str("name")?), p.get("value")?.clone())))
        };
        let mut out: Vec<Vec<(String, Expr)>> = vec![Vec::new()];
        for (name, values) in pairs(axes) {
            if !values.is_list() || out.len() * values.items().len() > MAX_COMBINATIONS {
                continue;
            }
            let with = |row: &Vec<(String, Expr)>, value: &Data| {
                row.iter().cloned().chain([(name.clone(), self.reader.value(value))]).collect()
            };
            out = out.iter().flat_map(|row| values.items().iter().map(|v| with(row, v)).collect::<Vec<_>>()).collect();
        }
        out.retain(|row| !row.is_empty());
        for include in matrix.get("include").map(Data::items).unwrap_or_default() {
            let row: Vec<(String, Expr)> = pairs(include.get("params")).map(|(n, v)| (n, self.reader.value(&v))).collect();
            if !row.is_empty() && out.len() < MAX_COMBINATIONS {
                out.push(row);
            }
        }
        out
    }
}

/// Whether a condition that reads nothing is false.
fn never(when: &Expr) -> bool {
    let mut names = Vec::new();
    when.names(&mut names);
    names.is_empty() && when.truth(&Scope::default()) == Truth::False
}

/// A list of words is one text.
fn words(value: &Data) -> Data {
    match &value.kind {
        Kind::List(_) => Data::scalar_at(value.texts().join(" "), value.span),
        _ => value.clone(),
    }
}

fn call(target: UnitId, bind: Vec<(String, Expr)>, isolated: bool, at: &Data, text: &str) -> Item {
    Item::Call(Box::new(Call { target: Target::Unit(target), bind, isolated, span: at.item, text: text.to_owned() }))
}

/// What must come before a task: `runAfter`, which does not skip it where that was skipped, and the tasks whose results it
/// reads, which do.
fn needs(task: &Data) -> Vec<Need> {
    let after = task.get("runAfter").map(Data::texts).unwrap_or_default();
    let mut out: Vec<Need> = after.into_iter().map(|n| Need { optional: true, ..Need::of(n) }).collect();
    for key in ["params", "when", "matrix", "taskSpec"] {
        if let Some(data) = task.get(key) {
            results(data, 0, &mut out);
        }
    }
    out
}

/// Names of tasks whose results a value reads.
fn results(data: &Data, depth: usize, out: &mut Vec<Need>) {
    if depth > 20 {
        return;
    }
    match &data.kind {
        Kind::Scalar { text, .. } => {
            for part in text.text.split("$(tasks.").skip(1) {
                let Some((name, rest)) = part.split_once('.') else { continue };
                if rest.starts_with("results") && !name.contains(')') {
                    out.retain(|n| n.name != name);
                    out.push(Need::of(name));
                }
            }
        }
        Kind::List(items) => items.iter().for_each(|i| results(i, depth + 1, out)),
        Kind::Map(pairs) => pairs.iter().for_each(|p| results(&p.value, depth + 1, out)),
        Kind::Null => {}
    }
}
