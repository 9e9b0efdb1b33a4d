//! Steps, and what groups them: <https://support.atlassian.com/bitbucket-cloud/docs/step-options/>,
//! <https://support.atlassian.com/bitbucket-cloud/docs/stage-options/>.

use super::Translator;
use super::conditions::condition;
use crate::frontends::pipelines::data::{Data, Kind, Pair, warn};
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Call, Expr, GateDecl, GateKind, Item, Need, Status, Target, Unit, UnitId, UnitKind};
use std::rc::Rc;

/// Deepest nesting of stages and groups.
const MAX_DEPTH: usize = 8;

/// At most this many steps are read of one pipeline.
const MAX_STEPS: usize = 2_000;

impl Translator<'_> {
    /// Jobs of a list of which each waits for the one before it.
    pub(super) fn sequence(&mut self, list: &Data, depth: usize) -> Vec<UnitId> {
        let mut out = Vec::new();
        let mut before: Vec<String> = Vec::new();
        for item in list.items().iter().take(MAX_STEPS) {
            let group = match item.pair("parallel") {
                Some(pair) => {
                    let inside = if pair.value.is_list() { Some(&pair.value) } else { pair.value.get("steps") };
                    inside.map(Data::items).unwrap_or_default().to_vec()
                }
                None => vec![item.clone()],
            };
            let mut names = Vec::new();
            for one in &group {
                if let Some((name, id)) = self.one(one, &before, depth) {
                    names.push(name);
                    out.push(id);
                }
            }
            if !names.is_empty() {
                before = names;
            }
        }
        out
    }

    fn one(&mut self, item: &Data, before: &[String], depth: usize) -> Option<(String, UnitId)> {
        let step = item.pair("step").or_else(|| item.pair("stage").filter(|_| depth < MAX_DEPTH));
        let Some(pair) = step else {
            if item.pair("variables").is_none() && !item.is_null() {
                warn(self.reader.program, item.span, "a step, a stage or steps in parallel are expected here");
            }
            return None;
        };
        let name = self.unused(pair.value.get_str("name").unwrap_or(&pair.key));
        let mut unit = Unit::new(UnitKind::Job, name.as_str(), pair.span);
        unit.dir = Some(Expr::lit(""));
        unit.needs = before.iter().map(|name| Need::earlier(name.as_str())).collect();
        self.settings(&mut unit, &pair.value);
        if &*pair.key == "stage" {
            let mut stage = Unit::new(UnitKind::Stage, name.as_str(), pair.span);
            if let Some(steps) = pair.value.get("steps") {
                stage.jobs = self.sequence(steps, depth + 1);
            }
            let target = Target::Unit(self.reader.program.add(stage));
            let call = Call { target, bind: Vec::new(), isolated: false, span: pair.span, text: name.clone() };
            unit.body.push(Item::Call(Box::new(call)));
        } else {
            self.step(&mut unit, pair);
        }
        unit.functions = std::mem::take(&mut self.reader.functions);
        Some((name, self.reader.program.add(unit)))
    }

    /// A name that no other step of the pipeline has.
    fn unused(&mut self, name: &str) -> String {
        let count = self.names.entry(name.to_owned()).or_default();
        *count += 1;
        if *count == 1 { name.to_owned() } else { format!("{name} {count}") }
    }

    /// What steps and stages have in common.
    fn settings(&mut self, unit: &mut Unit, data: &Data) {
        if let Some(pair) = data.pair("trigger").filter(|p| p.value.str() == Some("manual")) {
            let gate = GateDecl { kind: GateKind::ManualJob, span: pair.span, name: unit.name.clone(), blocking: true };
            unit.body.push(Item::Gate(gate));
        }
        if let Some(name) = data.get("deployment") {
            let value = self.value(name);
            unit.bind.push(("env.BITBUCKET_DEPLOYMENT_ENVIRONMENT".to_owned(), value.clone()));
            unit.environment = Some(value);
        }
        if let Some(pair) = data.pair("condition") {
            unit.when_span = Some(pair.span);
            let expression = if pair.value.is_map() { pair.value.get("expression") } else { Some(&pair.value) };
            unit.when = condition(expression);
            let changed = pair.value.at(&["changesets", "includePaths"]).map(Data::texts).unwrap_or_default();
            unit.paths = changed.into_iter().map(str::to_owned).collect();
        }
    }

    fn step(&mut self, unit: &mut Unit, pair: &Pair) {
        let step = &pair.value;
        unit.bind.push(("env.BITBUCKET_CLONE_DIR".to_owned(), Expr::lit(".")));
        unit.local_services = step.get("services").map(Data::texts).unwrap_or_default().iter().any(|s| !self.is_docker(s));
        unit.continue_on_error = step.at(&["on-fail", "strategy"]).and_then(Data::str) == Some("ignore");
        if step.get_str("type") == Some("pipeline") {
            let item = self.child(pair);
            unit.body.push(item);
            return;
        }
        if let Some(script) = step.get("script") {
            let items = self.script(script);
            unit.body.extend(items);
        }
        if let Some(after) = step.pair("after-script") {
            let mut block = Block::new(BlockKind::Step, after.span);
            block.when = Expr::Status(Status::Always);
            block.items = self.script(&after.value);
            unit.body.push(Item::Block(Box::new(block)));
        }
    }

    /// A step that runs a custom pipeline of the file.
    fn child(&mut self, pair: &Pair) -> Item {
        let step = &pair.value;
        let name = step.get_str("custom").unwrap_or("");
        let Some(id) = self.custom.get(name).copied() else {
            return Item::Unknown { span: pair.span, why: format!("no custom pipeline is called {name}") };
        };
        let mut bind = Vec::new();
        for variable in step.get("input-variables").map(Data::pairs).unwrap_or_default() {
            bind.push((format!("env.{}", variable.key), self.value(&variable.value)));
        }
        let target = Target::Unit(id);
        Item::Call(Box::new(Call { target, bind, isolated: false, span: pair.span, text: name.to_owned() }))
    }

    /// Whether a service is the docker daemon, which serves the step itself.
    fn is_docker(&self, name: &str) -> bool {
        let kind = self.definitions.as_ref().and_then(|d| d.at(&["services", name, "type"])).and_then(Data::str);
        name == "docker" || kind == Some("docker")
    }

    /// A value in which `$NAME` is a variable.
    fn value(&self, data: &Data) -> Expr {
        let outer = self.values.replace(true);
        let value = self.reader.value(data);
        self.values.set(outer);
        value
    }

    /// Lines of a shell with pipes among them.
    fn script(&mut self, script: &Data) -> Vec<Item> {
        let mut out = Vec::new();
        let mut lines: Vec<Data> = Vec::new();
        for item in script.one_or_many() {
            if item.is_map() {
                out.extend(self.lines(script, std::mem::take(&mut lines)));
                out.extend(self.pipe(item));
            } else {
                lines.push(item.clone());
            }
        }
        out.extend(self.lines(script, lines));
        out
    }

    fn lines(&mut self, script: &Data, lines: Vec<Data>) -> Vec<Item> {
        self.reader.lines(&script.with(Kind::List(Rc::new(lines))), Dialect::Posix)
    }

    /// <https://support.atlassian.com/bitbucket-cloud/docs/use-pipes-in-bitbucket-pipelines/>.
    fn pipe(&mut self, item: &Data) -> Option<Item> {
        let Some(written) = item.get_str("pipe").map(str::trim) else {
            let span = item.span;
            return (!item.pairs().is_empty()).then(|| Item::Unknown { span, why: "this is no command and no pipe".to_owned() });
        };
        let image = written.strip_prefix("docker://").unwrap_or(written);
        let (name, version) = match image.rsplit_once(':') {
            Some((name, version)) if !version.contains('/') => (name, version),
            _ => (image, ""),
        };
        let lines = |data: &Data| match &data.kind {
            Kind::List(items) if items.iter().all(|i| i.str().is_some()) => Data::scalar_at(data.texts().join("\n"), data.span),
            _ => data.clone(),
        };
        let variables = item.get("variables").map(Data::pairs).unwrap_or_default();
        let inputs: Vec<(String, Data)> = variables.iter().map(|p| (p.key.to_string(), lines(&p.value))).collect();
        let outer = self.values.replace(true);
        let out = self.reader.built_in(name, version, &inputs, item.item, &format!("pipe: {written}"));
        self.values.set(outer);
        Some(out)
    }
}
