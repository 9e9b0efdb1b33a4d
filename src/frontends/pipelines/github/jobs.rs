//! Workflows, jobs and composite actions:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>,
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax>.

use super::VENDOR;
use super::matrix::combinations;
use super::reader::Reader;
use super::starts::{Around, Trigger, options_of, starts};
use super::steps::{Surroundings, plain};
use crate::model::{Call, Expr, Item, Need, Param, Target, Test, Unit, UnitKind};
use crate::source::SourceFile;
use crate::syntax::yaml::{Entry, Node};

/// The triggers of a workflow; readers of YAML 1.1 made `on` a boolean.
pub(super) fn triggers(root: Node<'_>) -> Vec<Trigger<'_>> {
    root.get("on").or_else(|| root.get("true")).map(Trigger::all).unwrap_or_default()
}

/// The defaults of `run` steps.
struct Defaults {
    dir: Option<Expr>,
    shell: Option<String>,
}

impl Reader<'_> {
    /// A workflow with its jobs.
    pub fn workflow(&mut self, file: &SourceFile, root: Node<'_>, trunk: &str) {
        let name = root.get_str("name").filter(|n| !n.trim().is_empty()).unwrap_or(&file.path).to_owned();
        let mut unit = Unit::new(UnitKind::Pipeline, name, file.whole());
        let triggers = triggers(root);
        let around = Around { trunk, text: &file.text, triggers: &triggers };
        unit.dir = Some(Expr::lit(""));
        unit.starts = triggers.iter().flat_map(|t| starts(t, &around)).collect();
        unit.params = self.params(&triggers);
        unit.bind = self.bindings(root.get("env"), "env.");
        for trigger in triggers.iter().filter(|t| matches!(t.name, "push" | "pull_request" | "pull_request_target")) {
            let paths = trigger.list("paths").into_iter().filter(|p| !p.starts_with('!') && !unit.paths.contains(p));
            let paths: Vec<String> = paths.collect();
            unit.paths.extend(paths);
        }
        unit.outputs = self.workflow_outputs(&triggers);
        let defaults = self.defaults(root, None);
        for job in root.get("jobs").map(|j| j.entries()).unwrap_or_default() {
            if job.value.is_mapping() {
                let job = self.job(job, &defaults);
                unit.jobs.push(self.program.add(job));
            } else {
                self.warn(job.span(), "a job must be a mapping");
            }
        }
        if triggers.is_empty() {
            self.warn(file.whole(), "nothing starts this workflow: `on` is missing or empty");
        }
        self.program.add(unit);
    }

    /// The inputs of a call and of a person, with what they are where none is given.
    fn params(&mut self, triggers: &[Trigger<'_>]) -> Vec<Param> {
        let mut out: Vec<Param> = Vec::new();
        let ordered = ["workflow_call", "workflow_dispatch"];
        for trigger in ordered.iter().flat_map(|name| triggers.iter().filter(move |t| t.name == *name)) {
            for input in trigger.inputs() {
                let options: Vec<String> = options_of(input.value).into_iter().map(str::to_owned).collect();
                let param = self.param(input, options);
                match out.iter_mut().find(|p| p.name == param.name) {
                    Some(known) => known.options.extend(param.options),
                    None => out.push(param),
                }
            }
        }
        out
    }

    fn param(&mut self, input: Entry<'_>, options: Vec<String>) -> Param {
        let required = input.value.get_str("required") == Some("true");
        let default = input.value.get("default").map(|d| self.value(d));
        let empty = match input.value.get_str("type") {
            Some("boolean") => "false",
            Some("number") => "0",
            _ => "",
        };
        let default = default.or_else(|| (!required).then(|| Expr::lit(empty)));
        Param { name: format!("input.{}", input.name()), default, options }
    }

    fn workflow_outputs(&mut self, triggers: &[Trigger<'_>]) -> Vec<(String, Expr)> {
        let call = triggers.iter().find(|t| t.name == "workflow_call").and_then(|t| t.settings);
        self.outputs(call.and_then(|c| c.get("outputs")))
    }

    /// Outputs that are mappings with a `value`.
    fn outputs(&mut self, node: Option<Node<'_>>) -> Vec<(String, Expr)> {
        let entries = node.map(|n| n.entries()).unwrap_or_default();
        entries.into_iter().filter_map(|e| Some((e.name().to_owned(), self.value(e.value.get("value")?)))).collect()
    }

    fn defaults(&mut self, node: Node<'_>, outer: Option<&Defaults>) -> Defaults {
        let run = node.at(&["defaults", "run"]);
        let dir = run.and_then(|r| r.get("working-directory")).map(|d| self.value(d));
        let shell = run.and_then(|r| r.get_str("shell")).map(str::to_owned);
        Defaults {
            dir: dir.or_else(|| outer.and_then(|o| o.dir.clone())),
            shell: shell.or_else(|| outer.and_then(|o| o.shell.clone())),
        }
    }

    fn job(&mut self, entry: Entry<'_>, defaults: &Defaults) -> Unit {
        let job = entry.value;
        let mut unit = Unit::new(UnitKind::Job, entry.name(), entry.span());
        unit.dir = Some(Expr::lit(""));
        unit.when = self.when(job.get("if"));
        unit.when_span = job.entry_span("if");
        if unit.when.literal() == Some("false") {
            unit.disabled = Some("if: false".to_owned());
        }
        let needs = job.get("needs").map(|n| n.texts()).unwrap_or_default();
        unit.needs = needs.into_iter().map(|n| Need::of(n.to_owned())).collect();
        unit.bind = self.bindings(job.get("env"), "env.");
        if let Some(runs_on) = job.get("runs-on") {
            unit.bind.push(("runner.os".to_owned(), self.runner(runs_on)));
        }
        unit.matrix = combinations(job.get("strategy"));
        unit.environment = job
            .get("environment")
            .and_then(|e| if e.is_mapping() { e.get("name") } else { Some(e) })
            .filter(|e| !e.is_null())
            .map(|e| self.value(e));
        unit.local_services = job.get("services").is_some_and(|s| !s.entries().is_empty());
        unit.continue_on_error = job.get_str("continue-on-error") == Some("true");
        unit.outputs = self.bindings(job.get("outputs"), "");
        if let Some(uses) = job.get_str("uses") {
            let item = self.reusable(entry, uses.trim());
            unit.body.push(item);
            return unit;
        }
        let steps = job.get("steps").map(|s| s.items()).unwrap_or_default();
        let own = self.defaults(job, Some(defaults));
        let windows = job.get("runs-on").is_some_and(|r| r.texts().iter().any(|t| t.to_ascii_lowercase().contains("windows")));
        let mut around = Surroundings { dir: own.dir, shell: own.shell, windows, ..Surroundings::default() };
        around.find_checkout(&steps);
        unit.body = self.steps(&steps, &mut around, 0);
        unit.functions = around.functions;
        unit
    }

    /// The operating system, by the label of the runner.
    fn runner(&mut self, runs_on: Node<'_>) -> Expr {
        let labels = if runs_on.is_mapping() { runs_on.get("labels").unwrap_or(runs_on) } else { runs_on };
        let labels: Vec<Expr> = labels.texts().into_iter().map(|t| self.template(t)).collect();
        let systems = [("ubuntu", "Linux"), ("linux", "Linux"), ("windows", "Windows"), ("macos", "macOS")];
        let choice = labels.iter().flat_map(|label| {
            systems.iter().map(|(part, name)| {
                let found = Expr::Compare(Test::Contains, Box::new(label.clone()), Box::new(Expr::lit(*part)));
                Expr::And(vec![found, Expr::lit(*name)])
            })
        });
        Expr::Or(choice.chain([Expr::Unknown("runner.os".to_owned())]).collect())
    }

    /// A job that calls a workflow.
    fn reusable(&mut self, entry: Entry<'_>, uses: &str) -> Item {
        let span = entry.span();
        let text = format!("uses: {uses}");
        let with = entry.value.get("with");
        if uses.starts_with("./") {
            let target = Target::Pipeline(plain(uses).to_owned());
            let bind = self.bindings(with, "input.");
            return Item::Call(Box::new(Call { target, bind, isolated: true, span, text }));
        }
        let (name, version) = uses.split_once('@').unwrap_or((uses, ""));
        Item::external(VENDOR, name, version, self.bindings(with, ""), span, text)
    }

    /// An action of the repository. One that is a program has no items: what it does is not in its file.
    pub fn action(&mut self, file: &SourceFile, root: Node<'_>) {
        let Some(runs) = root.get("runs").filter(Node::is_mapping) else { return };
        let mut unit = Unit::new(UnitKind::Action, file.dir(), file.whole());
        unit.dir = Some(Expr::lit(""));
        for input in root.get("inputs").map(|i| i.entries()).unwrap_or_default() {
            let param = self.param(input, Vec::new());
            unit.params.push(Param { default: param.default.or_else(|| Some(Expr::lit(""))), ..param });
        }
        for name in ["github.action_path", "env.GITHUB_ACTION_PATH"] {
            let path = if file.dir().is_empty() { "." } else { file.dir() };
            unit.bind.push((name.to_owned(), Expr::lit(path)));
        }
        unit.outputs = self.outputs(root.get("outputs"));
        let mut around = Surroundings::default();
        unit.body = self.steps(&runs.get("steps").map(|s| s.items()).unwrap_or_default(), &mut around, 0);
        unit.functions = around.functions;
        self.program.add(unit);
    }
}
