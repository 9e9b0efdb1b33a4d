//! Tasks, their steps, and step actions: <https://tekton.dev/docs/pipelines/tasks/>,
//! <https://tekton.dev/docs/pipelines/stepactions/>.

use super::Tekton;
use crate::frontends::pipelines::containers::{self, Container};
use crate::frontends::pipelines::data::{Data, Kind};
use crate::frontends::pipelines::objects::Object;
use crate::frontends::pipelines::runs::all;
use crate::model::{Block, BlockKind, Call, Expr, Item, Param, Target, Test, Unit, UnitId, UnitKind};

/// What a reference names: an object of the repository, or one of elsewhere.
pub(super) enum Referred<'o> {
    /// An object of the repository.
    Here(&'o Object),
    /// A name and a version that the repository does not hold.
    Elsewhere(String, String),
}

impl<'o> Tekton<'_, 'o> {
    /// The unit of a task or step action; one object has one.
    pub(super) fn task(&mut self, object: &'o Object) -> UnitId {
        if let Some(known) = self.tasks.get(&object.span) {
            return *known;
        }
        let mut unit = Unit::new(UnitKind::Action, object.name.clone(), object.span);
        // Alone it is nothing that a person runs.
        unit.local_only = true;
        if let Some(spec) = object.data.get("spec") {
            unit.dir = Some(Expr::lit(""));
            unit.params = self.params(spec);
            unit.body = self.steps(spec, &object.path);
            unit.functions = std::mem::take(&mut self.reader.functions);
        }
        let id = self.reader.program.add(unit);
        self.tasks.insert(object.span, id);
        id
    }

    /// Parameters with their defaults.
    pub(super) fn params(&self, spec: &Data) -> Vec<Param> {
        let mut out = Vec::new();
        let declared = spec.get("params").or_else(|| spec.at(&["inputs", "params"]));
        for param in declared.map(Data::items).unwrap_or_default() {
            let Some(name) = param.get_str("name") else { continue };
            let options: Vec<String> =
                param.get("enum").map(Data::texts).unwrap_or_default().into_iter().map(str::to_owned).collect();
            match param.pair("default").map(|p| &p.value) {
                Some(value) => out.extend(self.values(name, value).into_iter().map(|(name, e)| Param {
                    name,
                    default: Some(e),
                    options: options.clone(),
                })),
                None => out.push(Param { name: format!("input.{name}"), default: None, options }),
            }
        }
        out
    }

    /// A parameter's values: a list's elements are words, an object's have names of their own.
    fn values(&self, name: &str, value: &Data) -> Vec<(String, Expr)> {
        match &value.kind {
            Kind::List(items) => {
                let parts = items.iter().enumerate().flat_map(|(i, item)| {
                    let space = (i > 0).then(|| Expr::lit(" "));
                    space.into_iter().chain([self.reader.value(item)])
                });
                vec![(format!("input.{name}"), Expr::concat(parts.collect()))]
            }
            Kind::Map(pairs) => pairs.iter().map(|p| (format!("input.{name}.{}", p.key), self.reader.value(&p.value))).collect(),
            _ => vec![(format!("input.{name}"), self.reader.value(value))],
        }
    }

    /// Values that a caller gives (`params: [{name, value}]`).
    pub(super) fn given(&self, data: &Data) -> Vec<(String, Expr)> {
        let mut out = Vec::new();
        for param in data.get("params").map(Data::items).unwrap_or_default() {
            if let (Some(name), Some(value)) = (param.get_str("name"), param.get("value")) {
                out.extend(self.values(name, value));
            }
        }
        out
    }

    /// The steps of a task or the one of a step action.
    pub(super) fn steps(&mut self, spec: &Data, path: &str) -> Vec<Item> {
        let template = spec.get("stepTemplate").cloned();
        let none = Data::scalar_at("", spec.span).with(Kind::Null);
        let template = template.unwrap_or(none);
        let Some(steps) = spec.get("steps") else {
            let single = ["script", "command", "args"].iter().any(|k| spec.get(k).is_some());
            return if single { vec![Item::Block(Box::new(self.step(spec, &template, path)))] } else { Vec::new() };
        };
        steps.items().iter().filter(|s| s.is_map()).map(|s| Item::Block(Box::new(self.step(s, &template, path)))).collect()
    }

    fn step(&mut self, step: &Data, template: &Data, path: &str) -> Block {
        let mut block = Block::new(BlockKind::Step, step.item);
        let of = |key: &str| step.get(key).or_else(|| template.get(key));
        block.name = step.get_str("name").map(str::to_owned);
        block.when = self.when(step);
        block.when_span = step.pair("when").map(|p| p.span);
        block.continue_on_error = step.get_str("onError") == Some("continue");
        block.bind = containers::variables(template.get("env"), &self.reader);
        block.bind.extend(containers::variables(step.get("env"), &self.reader));
        block.dir = of("workingDir").map(|d| self.dir(d));
        if let Some(reference) = step.get("ref") {
            block.items = self.step_action(step, reference, path);
        } else if let Some(script) = step.get("script").and_then(Data::text).cloned() {
            if let Some(dialect) = containers::language(&script.text) {
                block.items = self.reader.script(&script, dialect);
            }
        } else {
            let container = Container { image: of("image"), command: of("command"), args: of("args") };
            block.items = containers::items(container, step.item, &mut self.reader);
        }
        block
    }

    fn step_action(&mut self, step: &Data, reference: &Data, path: &str) -> Vec<Item> {
        match self.referred(reference, &["StepAction"], path) {
            Referred::Here(object) => {
                let target = Target::Unit(self.task(object));
                let bind = containers::with_environment(self.given(step));
                let text = format!("ref: {}", object.name);
                vec![Item::Call(Box::new(Call { target, bind, isolated: true, span: step.item, text }))]
            }
            Referred::Elsewhere(name, version) => self.elsewhere(&name, &version, step, "ref"),
        }
    }

    /// The working directory of a step, from the repository's root; the place where workspaces are mounted is that root.
    fn dir(&self, data: &Data) -> Expr {
        match self.reader.value(data) {
            Expr::Lit(text) => {
                let inside = text.strip_prefix("/workspace/").map(|rest| rest.split_once('/').map_or("", |(_, tail)| tail));
                Expr::Lit(inside.unwrap_or(&text).to_owned())
            }
            other => other,
        }
    }

    /// The condition of a step or task: all of its `when` expressions
    /// (<https://tekton.dev/docs/pipelines/pipelines/#guard-task-execution-using-when-expressions>).
    pub(super) fn when(&self, data: &Data) -> Expr {
        let mut out = Vec::new();
        for one in data.get("when").map(Data::items).unwrap_or_default() {
            if let Some(cel) = one.get_str("cel") {
                out.push(Expr::Unknown(cel.to_owned()));
                continue;
            }
            let Some(input) = one.pair("input").or_else(|| one.pair("Input")) else { continue };
            let input = self.reader.value(&input.value);
            let values = one.get("values").or_else(|| one.get("Values")).map(Data::one_or_many).unwrap_or_default();
            let equal =
                values.iter().map(|v| Expr::Compare(Test::Equals, Box::new(input.clone()), Box::new(self.reader.value(v))));
            let any = Expr::Or(equal.collect());
            let operator = one.get_str("operator").or_else(|| one.get_str("Operator")).unwrap_or("in");
            out.push(if operator == "notin" { Expr::Not(Box::new(any)) } else { any });
        }
        all(out)
    }

    /// What a reference names (<https://tekton.dev/docs/pipelines/resolution/>).
    pub(super) fn referred(&self, reference: &Data, kinds: &[&str], path: &str) -> Referred<'o> {
        let own = reference.get_str("name").unwrap_or("");
        let param = |name: &str| {
            let params = reference.get("params").or_else(|| reference.get("resource")).map(Data::items).unwrap_or_default();
            params.iter().find(|p| p.get_str("name") == Some(name)).and_then(|p| p.get_str("value"))
        };
        let stem = |file: &str| {
            let last = file.rsplit('/').next().unwrap_or(file);
            last.trim_end_matches(".yaml").trim_end_matches(".yml").to_owned()
        };
        let version = param("version").or_else(|| param("revision")).unwrap_or("").to_owned();
        let name = match reference.get_str("resolver") {
            Some("git") => {
                let file = param("pathInRepo").unwrap_or("");
                let here =
                    self.objects.all.iter().find(|o| o.path == file.trim_start_matches("./") && kinds.contains(&o.kind.as_str()));
                if let Some(object) = here {
                    return Referred::Here(object);
                }
                return Referred::Elsewhere(stem(file), version);
            }
            Some("http") => return Referred::Elsewhere(stem(param("url").unwrap_or("")), version),
            Some("hub" | "bundles") => return Referred::Elsewhere(param("name").unwrap_or("").to_owned(), version),
            Some(_) => param("name").unwrap_or(own),
            None if reference.get("bundle").is_some() => return Referred::Elsewhere(own.to_owned(), version),
            None => own,
        };
        match self.found(kinds, name, path) {
            Some(object) => Referred::Here(object),
            None => Referred::Elsewhere(name.to_owned(), version),
        }
    }
}
