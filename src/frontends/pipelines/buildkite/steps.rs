//! Steps: commands, plugins, `wait`, `block`, `input`, `trigger`, `group`:
//! <https://buildkite.com/docs/pipelines/configure/step-types>.

use super::order::{Order, Place};
use super::{condition, file_of};
use crate::frontends::pipelines::data::{self, Data, Pair};
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::runs::all;
use crate::frontends::pipelines::values;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Call, Expr, GateDecl, GateKind, Item, Target, Unit, UnitId, UnitKind};
use crate::source::{SourceSet, Span};

/// At most so many steps are read.
const MAX_STEPS: usize = 2_000;
/// Deepest nesting of groups; Buildkite has one.
const MAX_DEPTH: usize = 4;

/// The types of steps, by the keys that make one.
const TYPES: &[(&str, Type)] = &[
    ("group", Type::Group),
    ("block", Type::Gate(GateKind::Approval)),
    ("manual", Type::Gate(GateKind::Approval)),
    ("input", Type::Gate(GateKind::Input)),
    ("trigger", Type::Trigger),
    ("wait", Type::Wait),
    ("waiter", Type::Wait),
    ("command", Type::Command),
    ("commands", Type::Command),
    ("script", Type::Command),
];

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Command,
    Wait,
    Gate(GateKind),
    Trigger,
    Group,
}

/// The list of steps of a pipeline, which may be all of it.
fn list(root: &Data) -> &[Data] {
    if root.is_list() { root.items() } else { root.get("steps").map(Data::items).unwrap_or_default() }
}

/// What a step is, with its keys: `- wait`, `- type: wait`, `- wait: …` and `- wait: { … }` are all one.
fn typed(step: &Data) -> (Type, &Data) {
    let of = |name: &str| TYPES.iter().find(|(key, _)| *key == name).map(|(_, kind)| *kind);
    if let Some(word) = step.str() {
        return (of(word.trim()).unwrap_or(Type::Command), step);
    }
    if let Some(kind) = step.get_str("type").and_then(of) {
        return (kind, step);
    }
    for (key, kind) in TYPES {
        if let Some(pair) = step.pair(key) {
            return (*kind, if pair.value.is_map() { &pair.value } else { step });
        }
    }
    (Type::Command, step)
}

/// Every step and group of a pipeline.
pub fn all_in(root: &Data) -> Vec<&Data> {
    let mut out = Vec::new();
    collect(list(root), 0, &mut out);
    out
}

fn collect<'d>(steps: &'d [Data], depth: usize, out: &mut Vec<&'d Data>) {
    for step in steps.iter().take(MAX_STEPS) {
        let (kind, step) = typed(step);
        out.push(step);
        if kind == Type::Group && depth < MAX_DEPTH {
            collect(list(step), depth + 1, out);
        }
    }
}

/// The pipelines that steps trigger, by their slugs.
pub fn triggers(root: &Data) -> Vec<String> {
    all_in(root).into_iter().filter_map(|s| s.get_str("trigger")).map(str::to_owned).collect()
}

/// The jobs of a pipeline.
pub fn translate(reader: &mut Reader<'_>, root: &Data, sources: &SourceSet) -> Vec<UnitId> {
    let mut steps = Steps { reader, sources, order: Order::default(), names: Vec::new() };
    steps.read(list(root), None, 0, 0);
    let (order, reader) = (steps.order, steps.reader);
    order.settle(reader.program)
}

struct Steps<'r, 'a> {
    reader: &'r mut Reader<'a>,
    sources: &'r SourceSet,
    order: Order,
    names: Vec<String>,
}

impl Steps<'_, '_> {
    fn read(&mut self, steps: &[Data], outer: Option<&Data>, group: usize, depth: usize) {
        for written in steps {
            if self.names.len() >= MAX_STEPS {
                data::warn(self.reader.program, written.span, "no more steps are read");
                return;
            }
            let (kind, step) = typed(written);
            if kind == Type::Group {
                if depth < MAX_DEPTH {
                    let inner = self.order.group();
                    self.read(list(step), Some(step), inner, depth + 1);
                }
                continue;
            }
            let (unit, place) = self.step(kind, written, step, outer);
            let name = unit.name.clone();
            let job = self.reader.program.add(unit);
            self.order.add(job, &name, step, outer, place, group);
        }
    }

    fn step(&mut self, kind: Type, written: &Data, step: &Data, outer: Option<&Data>) -> (Unit, Place) {
        let span = written.item;
        let label = ["label", "name", "block", "input", "manual", "key"].iter().find_map(|key| step.get_str(key));
        let usual = match kind {
            Type::Wait => "wait",
            Type::Trigger => step.get_str("trigger").unwrap_or("trigger"),
            _ => "step",
        };
        let name = label.map(without_emoji).filter(|n| !n.is_empty()).unwrap_or_else(|| usual.to_owned());
        let mut unit = Unit::new(UnitKind::Job, values::unique(&name, &mut self.names), span);
        unit.dir = Some(Expr::lit(""));
        self.condition(&mut unit, step, outer);
        match kind {
            Type::Wait => return (unit, Place::Barrier),
            Type::Gate(gate) => {
                let at = TYPES.iter().find_map(|(k, t)| (*t == kind).then(|| written.pair(k)).flatten());
                let at = at.or_else(|| written.pair("type")).map_or(span, first_line);
                unit.body = vec![Item::Gate(GateDecl { kind: gate, span: at, name, blocking: true })];
                let place = if gate == GateKind::Input { Place::Apart } else { Place::Barrier };
                return (unit, place);
            }
            Type::Trigger => unit.body = vec![self.trigger(step, span)],
            _ => self.command(&mut unit, step),
        }
        unit.functions = std::mem::take(&mut self.reader.functions);
        (unit, Place::Beside)
    }

    /// When a step runs, and whether it may fail.
    fn condition(&mut self, unit: &mut Unit, step: &Data, outer: Option<&Data>) {
        let mut parts = Vec::new();
        for config in outer.into_iter().chain([step]) {
            if let Some(pair) = config.pair("if").filter(|p| !p.value.is_null()) {
                let text = pair.value.str().unwrap_or("");
                parts.push(condition::read(text).unwrap_or_else(|why| {
                    data::warn(self.reader.program, pair.value.span, format!("the condition cannot be read: {why}"));
                    Expr::Unknown(text.to_owned())
                }));
                unit.when_span = Some(pair.span);
            }
            if let Some(pair) = config.pair("branches") {
                parts.push(condition::branches(config));
                unit.when_span = unit.when_span.or(Some(pair.span));
            }
            unit.paths.extend(config.get("if_changed").map(Data::texts).unwrap_or_default().into_iter().map(str::to_owned));
            let skip = config.get_str("skip").filter(|s| !s.is_empty() && *s != "false");
            if skip.is_some() {
                unit.disabled = Some("skip".to_owned());
            }
        }
        unit.when = all(parts);
        let soft = step.get("soft_fail");
        let any_code = |d: &Data| d.items().iter().any(|code| code.get_str("exit_status") == Some("*"));
        unit.continue_on_error = values::is_true(soft) || soft.is_some_and(any_code);
    }

    fn command(&mut self, unit: &mut Unit, step: &Data) {
        unit.bind = step.get("env").map(values::environment).unwrap_or_default();
        unit.matrix = matrix(step.get("matrix"));
        let group = step.get_str("concurrency_group").and_then(|g| self.reader.catalogue.environments().find_in(g));
        unit.environment = group.map(Expr::lit);
        for plugin in step.get("plugins").map(Data::one_or_many).unwrap_or_default() {
            if let Some(text) = plugin.str() {
                unit.body.push(self.plugin(text, &[], plugin.item));
            }
            let several = plugin.pairs().len() > 1;
            for pair in plugin.pairs() {
                // Of a mapping of plugins each is its own entry.
                let span = if several { pair.span } else { plugin.item };
                unit.body.push(self.plugin(&pair.key, pair.value.pairs(), span));
            }
        }
        let agents = step.get("agents");
        let windows = agents.is_some_and(|a| {
            let pairs = a.pairs().iter().filter_map(|p| p.value.str());
            a.texts().into_iter().chain(pairs).any(|t| t.to_ascii_lowercase().contains("windows"))
        });
        let dialect = if windows { Dialect::Cmd } else { Dialect::Posix };
        for commands in ["command", "commands", "script"].iter().filter_map(|key| step.get(key)) {
            let items = self.reader.lines(commands, dialect);
            unit.body.extend(items);
        }
    }

    fn plugin(&mut self, written: &str, options: &[Pair], span: Span) -> Item {
        let (source, version) = written.split_once('#').unwrap_or((written, ""));
        self.reader.expressions = &values::variables;
        let item =
            self.reader.built_in(&plugin_name(source), version, &values::inputs(options), span, &format!("plugin: {written}"));
        self.reader.expressions = &condition::masked;
        item
    }

    /// Another pipeline: a file of the repository, or what is only on the server.
    fn trigger(&mut self, step: &Data, span: Span) -> Item {
        let slug = step.get_str("trigger").unwrap_or("");
        let text = format!("trigger: {slug}");
        let bind = step.at(&["build", "env"]).map(values::environment).unwrap_or_default();
        if let Some(path) = file_of(slug, self.sources) {
            return Item::Call(Box::new(Call { target: Target::Pipeline(path), bind, isolated: true, span, text }));
        }
        Item::external(super::VENDOR, "step:trigger", "", vec![("trigger".to_owned(), values::value(slug))], span, text)
    }
}

/// The line of a key: from it to the end of a value that is no mapping.
fn first_line(pair: &Pair) -> Span {
    if pair.value.is_map() { pair.key_span } else { pair.span }
}

/// A label without `:emoji:`.
fn without_emoji(label: &str) -> String {
    let plain = |word: &&str| !(word.len() > 2 && word.starts_with(':') && word.ends_with(':'));
    label.split_whitespace().filter(plain).collect::<Vec<_>>().join(" ")
}

/// A plugin's name as the tables write it: `docker`, `owner/name`, without address and the usual ending.
fn plugin_name(source: &str) -> String {
    let path = source.trim_end_matches(".git");
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or(rest, |(_, path)| path));
    let path = path.rsplit_once(':').map_or(path, |(_, path)| path).trim_end_matches("-buildkite-plugin");
    path.strip_prefix("buildkite-plugins/").unwrap_or(path).to_owned()
}

/// At most so many combinations of a matrix are told apart.
const MAX_COMBINATIONS: usize = 64;

/// The combinations of a matrix: a list of values, or lists by name.
fn matrix(data: Option<&Data>) -> Vec<Vec<(String, Expr)>> {
    let Some(data) = data else { return Vec::new() };
    let setup = data.get("setup").unwrap_or(data);
    if setup.is_list() {
        return setup.texts().into_iter().take(MAX_COMBINATIONS).map(|t| vec![("matrix".to_owned(), Expr::lit(t))]).collect();
    }
    let mut out: Vec<Vec<(String, Expr)>> = Vec::new();
    for pair in setup.pairs().iter().filter(|p| &*p.key != "adjustments") {
        let values = pair.value.texts();
        if values.is_empty() || out.len().max(1) * values.len() > MAX_COMBINATIONS {
            continue;
        }
        let one = |value: &&str| (format!("matrix.{}", pair.key), Expr::lit(*value));
        out = if out.is_empty() {
            values.iter().map(|v| vec![one(v)]).collect()
        } else {
            out.iter().flat_map(|row| values.iter().map(|v| [row.clone(), vec![one(v)]].concat())).collect()
        };
    }
    out
}
