//! Templates: containers, scripts, steps, graphs, objects, waits
//! (<https://argo-workflows.readthedocs.io/en/latest/fields/#template>).

use super::expressions::condition;
use super::{Argo, Holder, MAX_DEPTH, MAX_JOBS};
use crate::catalogue::objects::{ObjectClass, Objects as Kinds};
use crate::frontends::pipelines::containers::{self, Container, with_environment};
use crate::frontends::pipelines::data::{Data, Kind, Pair};
use crate::frontends::pipelines::reader::dialect;
use crate::model::{Block, BlockKind, Call, Expr, GateDecl, GateKind, Item, Need, Param, Status, Target, Unit, UnitId, UnitKind};
use crate::source::Span;
use crate::syntax::yaml;

/// Kinds of objects that run once and are not delivered by it.
const BATCH: &[&str] = &["Job", "Pod", "SparkApplication", "ScaledJob", "Workflow", "RayJob", "TFJob", "PyTorchJob", "MPIJob"];
/// At most so many elements of a loop are told apart.
const MAX_ELEMENTS: usize = 256;

impl Argo<'_, '_> {
    /// The unit of a template by its name; none where the holder has no such template.
    pub(super) fn template(&mut self, holder: &Holder, name: &str) -> Option<UnitId> {
        let key = (holder.spec.span, name.to_owned());
        if let Some(known) = self.templates.get(&key) {
            return Some(*known);
        }
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let templates = holder.spec.get("templates")?.items();
        let data = templates.iter().find(|t| t.get_str("name") == Some(name))?.clone();
        self.depth += 1;
        let unit = self.unit(holder, &data, name, Some(key));
        self.depth -= 1;
        Some(unit)
    }

    /// The unit of a template. It has its place among the units before what it holds is read: templates may hold themselves.
    fn unit(&mut self, holder: &Holder, data: &Data, name: &str, key: Option<(Span, String)>) -> UnitId {
        let groups = data.get("steps").is_some();
        let graph = data.get("dag").is_some();
        let kind = if groups || graph { UnitKind::Stage } else { UnitKind::Action };
        let mut unit = Unit::new(kind, name, data.item);
        unit.dir = Some(Expr::lit(""));
        unit.params = self.inputs(data);
        // Alone it is nothing that a person runs.
        unit.local_only = true;
        let id = self.reader.program.add(unit);
        if let Some(key) = key {
            self.templates.insert(key, id);
        }
        if groups {
            let jobs = self.groups(holder, data.get("steps"));
            self.reader.program.unit_mut(id).jobs = jobs;
        } else if graph {
            let jobs = self.graph(holder, data.at(&["dag", "tasks"]));
            self.reader.program.unit_mut(id).jobs = jobs;
        } else {
            let body = self.body(data);
            let functions = std::mem::take(&mut self.reader.functions);
            let unit = self.reader.program.unit_mut(id);
            unit.body = body;
            unit.functions = functions;
        }
        id
    }

    fn inputs(&self, data: &Data) -> Vec<Param> {
        let list = data.at(&["inputs", "parameters"]).map(Data::items).unwrap_or_default();
        let param = |p: &Data| {
            let default = p.get("value").or_else(|| p.get("default")).map(|v| self.reader.value(v));
            let options = p.get("enum").map(Data::texts).unwrap_or_default().into_iter().map(str::to_owned).collect();
            Some(Param { name: format!("input.{}", p.get_str("name")?), default, options })
        };
        list.iter().filter_map(param).collect()
    }

    /// Steps: groups one after another, what is in a group side by side. A step that is skipped holds up none.
    fn groups(&mut self, holder: &Holder, steps: Option<&Data>) -> Vec<UnitId> {
        let mut out = Vec::new();
        let mut before: Vec<Need> = Vec::new();
        for group in steps.map(Data::items).unwrap_or_default() {
            let mut names = Vec::new();
            for step in group.one_or_many() {
                if let Some(mut job) = self.job(holder, step) {
                    job.needs.clone_from(&before);
                    names.push(Need { optional: true, ..Need::of(job.name.clone()) });
                    out.push(self.reader.program.add(job));
                }
            }
            before = names;
        }
        out
    }

    fn graph(&mut self, holder: &Holder, tasks: Option<&Data>) -> Vec<UnitId> {
        let mut out = Vec::new();
        for task in tasks.map(Data::items).unwrap_or_default() {
            if let Some(mut job) = self.job(holder, task) {
                let listed = task.get("dependencies").map(Data::texts).unwrap_or_default();
                job.needs = listed.into_iter().map(|n| Need { optional: true, ..Need::of(n) }).collect();
                if let Some(depends) = task.get_str("depends") {
                    depend(depends, &mut job);
                }
                out.push(self.reader.program.add(job));
            }
        }
        out
    }

    /// A step or task: a call of a template.
    fn job(&mut self, holder: &Holder, step: &Data) -> Option<Unit> {
        self.jobs += 1;
        if !step.is_map() || self.jobs > MAX_JOBS {
            return None;
        }
        let mut unit = Unit::new(UnitKind::Job, step.get_str("name").unwrap_or("step"), step.item);
        unit.dir = Some(Expr::lit(""));
        if let Some(pair) = step.pair("when") {
            unit.when = pair.value.str().map_or_else(Expr::always, condition);
            unit.when_span = Some(pair.span);
            if pair.value.str().map(str::trim) == Some("false") {
                unit.disabled = Some("when: false".to_owned());
            }
        }
        unit.continue_on_error = step.get("continueOn").is_some_and(|c| !c.pairs().is_empty());
        unit.matrix = self.elements(step);
        let given = self.given(step.get("arguments"));
        unit.body = self.call(holder, step, given);
        for exit in [step.get_str("onExit"), step.at(&["hooks", "exit", "template"]).and_then(Data::str)].into_iter().flatten() {
            if let Some(target) = self.template(holder, exit) {
                let mut block = Block::new(BlockKind::Step, step.item);
                block.when = Expr::Status(Status::Always);
                block.items = vec![self.call_of(target, Vec::new(), step.item, exit)];
                unit.body.push(Item::Block(Box::new(block)));
            }
        }
        Some(unit)
    }

    /// What a step calls: a template of its own workflow, of another object, or one that is written out.
    fn call(&mut self, holder: &Holder, step: &Data, given: Vec<(String, Expr)>) -> Vec<Item> {
        if let Some(inline) = step.get("inline") {
            let target = self.unit(holder, inline, step.get_str("name").unwrap_or("inline"), None);
            return vec![self.call_of(target, given, step.item, "inline")];
        }
        if let Some(reference) = step.get("templateRef") {
            let (object, name) = (reference.get_str("name").unwrap_or(""), reference.get_str("template").unwrap_or(""));
            let found = self.objects.find(&["WorkflowTemplate", "ClusterWorkflowTemplate"], object, &holder.path);
            if let Some(found) = found {
                self.used.insert(found.span);
                let target = Holder::of(found).and_then(|other| self.template(&other, name));
                if let Some(target) = target {
                    return vec![self.call_of(target, given, step.item, name)];
                }
            }
            return vec![self.elsewhere(&format!("{object}/{name}"), step.item)];
        }
        let name = step.get_str("template").unwrap_or("");
        match self.template(holder, name) {
            Some(target) => vec![self.call_of(target, given, step.item, name)],
            None if name.is_empty() => Vec::new(),
            None if name.contains("{{") => vec![Item::Unknown { span: step.item, why: format!("which template {name} is") }],
            None => vec![self.elsewhere(&format!("template/{name}"), step.item)],
        }
    }

    /// A template that the repository does not hold: it goes by its name, and may do anything.
    pub(super) fn elsewhere(&self, name: &str, span: Span) -> Item {
        Item::external(super::VENDOR, name, "", Vec::new(), span, format!("template: {name}"))
    }

    /// A call of a template. What it takes and is not given is its default, never the caller's value of the same name.
    pub(super) fn call_of(&self, target: UnitId, given: Vec<(String, Expr)>, span: Span, name: &str) -> Item {
        let mut bind = given;
        for param in &self.reader.program.unit(target).params {
            if !bind.iter().any(|(n, _)| *n == param.name) {
                let unknown = || Expr::Unknown("a parameter that nothing gives".to_owned());
                bind.push((param.name.clone(), param.default.clone().unwrap_or_else(unknown)));
            }
        }
        let text = format!("template: {name}");
        Item::Call(Box::new(Call { target: Target::Unit(target), bind: with_environment(bind), isolated: false, span, text }))
    }

    /// Values that a caller gives (`arguments: {parameters: [{name, value}]}`).
    pub(super) fn given(&self, arguments: Option<&Data>) -> Vec<(String, Expr)> {
        let list = arguments.and_then(|a| a.get("parameters")).map(Data::items).unwrap_or_default();
        let value = |p: &Data| match p.get("value") {
            Some(value) => self.reader.value(value),
            None => p.get("default").map_or_else(|| Expr::Unknown("a value of the run".to_owned()), |d| self.reader.value(d)),
        };
        list.iter().filter_map(|p| Some((format!("input.{}", p.get_str("name")?), value(p)))).collect()
    }

    /// The elements of a loop.
    fn elements(&self, step: &Data) -> Vec<Vec<(String, Expr)>> {
        let items = step.get("withItems").map(Data::items).unwrap_or_default();
        let row = |item: &Data| match &item.kind {
            Kind::Map(pairs) => pairs.iter().map(|p| (format!("matrix.item.{}", p.key), self.reader.value(&p.value))).collect(),
            _ => vec![("matrix.item".to_owned(), self.reader.value(item))],
        };
        let mut out: Vec<Vec<(String, Expr)>> = items.iter().take(MAX_ELEMENTS).map(row).collect();
        if let Some(serde_json::Value::Array(list)) = step.get_str("withParam").and_then(|t| serde_json::from_str(t).ok()) {
            let text = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
            for element in list.iter().take(MAX_ELEMENTS) {
                out.push(match element {
                    serde_json::Value::Object(map) => {
                        map.iter().map(|(k, v)| (format!("matrix.item.{k}"), Expr::lit(text(v)))).collect()
                    }
                    other => vec![("matrix.item".to_owned(), Expr::lit(text(other)))],
                });
            }
        }
        out.retain(|row: &Vec<(String, Expr)>| !row.is_empty());
        out
    }

    /// What a template that is no list of others does.
    fn body(&mut self, data: &Data) -> Vec<Item> {
        if let Some(pair) = data.pair("suspend") {
            // With a duration it goes on by itself.
            let waits = pair.value.get("duration").is_none();
            let name = data.get_str("name").unwrap_or("suspend").to_owned();
            let gate = GateDecl { kind: GateKind::Approval, span: pair.span, name, blocking: true };
            return if waits { vec![Item::Gate(gate)] } else { Vec::new() };
        }
        if let Some(pair) = data.pair("resource") {
            return self.resource(pair);
        }
        let mounts = mounts(data);
        if let Some(script) = data.get("script") {
            return vec![self.container(script, data.item, &mounts)];
        }
        if let Some(container) = data.pair("container") {
            return vec![self.container(&container.value, container.span, &mounts)];
        }
        let several = data.at(&["containerSet", "containers"]).map(Data::items).unwrap_or_default();
        several.iter().map(|c| self.container(c, c.item, &mounts)).collect()
    }

    fn container(&mut self, data: &Data, span: Span, mounts: &[String]) -> Item {
        let mut block = Block::new(BlockKind::Step, span);
        block.bind = containers::variables(data.get("env"), &self.reader);
        block.dir = data.get_str("workingDir").map(|dir| match super::expressions::text(dir) {
            Expr::Lit(dir) => Expr::Lit(inside(&dir, mounts).to_owned()),
            other => other,
        });
        if let Some(source) = data.get("source").and_then(Data::text).cloned() {
            let shell = data.get("command").map(Data::texts).unwrap_or_default().join(" ");
            let by_command = if shell.is_empty() { containers::language(&source.text) } else { dialect(&shell) };
            if let Some(dialect) = by_command.filter(|_| containers::language(&source.text).is_some()) {
                block.items = self.reader.script(&source, dialect);
            }
        } else {
            let container = Container { image: data.get("image"), command: data.get("command"), args: data.get("args") };
            block.items = containers::items(container, span, &mut self.reader);
        }
        Item::Block(Box::new(block))
    }

    /// A template that acts on an object (<https://argo-workflows.readthedocs.io/en/latest/walk-through/kubernetes-resources/>).
    fn resource(&mut self, pair: &Pair) -> Vec<Item> {
        let action = pair.value.get_str("action").unwrap_or("create").to_owned();
        let manifest = pair.value.get("manifest").and_then(Data::text).cloned();
        let tree = manifest.as_ref().map(yaml::parse_embedded);
        let root = tree.as_ref().and_then(yaml::Tree::root);
        let text = |keys: &[&str]| root.and_then(|r| r.at(keys)).and_then(|n| n.scalar()).unwrap_or("").to_owned();
        let (api, kind) = (text(&["apiVersion"]), text(&["kind"]));
        let name = super::expressions::masked(&text(&["metadata", "name"])).is_empty().then(|| text(&["metadata", "name"]));
        let class = match Kinds::embedded().class(&api, &kind) {
            _ if BATCH.contains(&kind.as_str()) => "batch",
            _ if kind.is_empty() => return Vec::new(),
            ObjectClass::Workload => "workload",
            ObjectClass::Serving => "serving",
            ObjectClass::Configuration => "configuration",
            ObjectClass::NotApplied => "batch",
            ObjectClass::Other => "other",
        };
        let scalar = |text: String| Data::scalar_at(text, pair.span);
        let mut inputs = vec![("action".to_owned(), scalar(action.clone())), ("class".to_owned(), scalar(class.to_owned()))];
        inputs.extend(name.filter(|n| !n.is_empty()).map(|n| ("name".to_owned(), scalar(n))));
        inputs.push(("namespace".to_owned(), scalar(text(&["metadata", "namespace"]))));
        vec![self.reader.built_in("resource", "", &inputs, pair.span, &format!("resource: {action} {kind}"))]
    }
}

/// Folders in which a template's git artifacts stand.
fn mounts(data: &Data) -> Vec<String> {
    let artifacts = data.at(&["inputs", "artifacts"]).map(Data::items).unwrap_or_default();
    artifacts.iter().filter_map(|a| a.get_str("path")).map(|p| p.trim_end_matches('/').to_owned()).collect()
}

/// A folder of a container as one of the repository: where an artifact is mounted is its root.
fn inside<'d>(dir: &'d str, mounts: &[String]) -> &'d str {
    if !dir.starts_with('/') {
        return dir;
    }
    mounts.iter().find_map(|m| dir.strip_prefix(m.as_str())).map_or("", |rest| rest.trim_start_matches('/'))
}

/// `depends: "A.Succeeded && (B.Failed || C)"`: the names, and whether it runs after success, failure or whatever happened
/// (<https://argo-workflows.readthedocs.io/en/latest/enhanced-depends-logic/>).
fn depend(depends: &str, job: &mut Unit) {
    let terms = depends.split(['&', '|', '!', '(', ')', ' ', '\n']).filter(|t| !t.is_empty());
    let (mut failed, mut succeeded) = (false, false);
    for term in terms {
        let (name, status) = term.split_once('.').unwrap_or((term, ""));
        match status {
            "Failed" | "Errored" | "AnyFailed" | "AllFailed" => failed = true,
            _ => succeeded = true,
        }
        let optional = status != "Succeeded" || depends.contains("||");
        job.needs.push(Need { optional, ..Need::of(name) });
    }
    let status = match (failed, succeeded || depends.contains('!')) {
        (true, false) => Status::Failure,
        (true, true) => Status::Always,
        _ => return,
    };
    let when = std::mem::replace(&mut job.when, Expr::always());
    job.when = crate::frontends::pipelines::runs::all(vec![Expr::Status(status), when]);
}
