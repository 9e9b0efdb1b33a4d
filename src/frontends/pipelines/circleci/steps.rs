//! Steps: <https://circleci.com/docs/reference/configuration-reference/#steps>.

use super::Translator;
use super::config::{Found, Scope, parameters};
use super::logic::{condition, parameter, template};
use crate::catalogue::Action;
use crate::frontends::pipelines::Input;
use crate::frontends::pipelines::data::{Data, Kind, Pair, warn};
use crate::frontends::pipelines::reader::dialect;
use crate::frontends::pipelines::runs::not;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Call, Expr, Item, SURROUNDING, Status, Target, Unit, UnitId, UnitKind};
use crate::source::Text;
use crate::source::paths::join;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Deepest nesting of `when` in `when`.
const MAX_DEPTH: usize = 30;

/// A unit of more steps, called ones counted, is not followed.
const MAX_STEPS: usize = 20_000;

/// Keywords that are steps.
const KEYWORDS: &[&str] = &[
    "checkout",
    "setup_remote_docker",
    "setup_docker",
    "restore_cache",
    "save_cache",
    "store_artifacts",
    "store_test_results",
    "persist_to_workspace",
    "attach_workspace",
    "add_ssh_keys",
];

/// What holds for the steps of a job or command.
#[derive(Clone)]
pub(super) struct Around {
    /// What names mean.
    pub scope: Rc<Scope>,
    /// Tells the parameters of the job or command from others.
    pub unit: String,
    /// Parameters that are lists of steps.
    pub steps: BTreeMap<String, Vec<Item>>,
    /// The shell; none: no shell reads the commands.
    pub dialect: Option<Dialect>,
    /// Folders of the machine into which the repository is checked out.
    pub roots: Vec<String>,
    /// The job's folder in the repository.
    pub dir: String,
}

impl Around {
    /// A folder of the machine as one of the repository; none where it is elsewhere.
    pub fn folder(&self, dir: &str) -> Option<String> {
        let plain = dir.trim().trim_end_matches('/');
        if !plain.starts_with(['~', '/', '$']) {
            return crate::source::paths::join(&self.dir, plain);
        }
        let plain = plain.replace("$HOME", "~").replace("${HOME}", "~");
        let inside = |root: &String| match plain.strip_prefix(root.as_str())? {
            "" => Some(String::new()),
            rest => rest.strip_prefix('/').map(str::to_owned),
        };
        self.roots.iter().find_map(inside)
    }
}

impl Translator<'_> {
    /// The items of a list of steps.
    pub(super) fn steps(&mut self, list: &Data, around: &Around, depth: usize) -> Vec<Item> {
        let outer = self.enter(&around.unit);
        let mut out = Vec::new();
        if depth > MAX_DEPTH {
            out.push(Item::Unknown { span: list.span, why: "steps that nest too deep".to_owned() });
        } else {
            for step in list.one_or_many() {
                self.step(step, around, depth, &mut out);
            }
        }
        self.enter(&outer);
        out
    }

    fn step(&mut self, step: &Data, around: &Around, depth: usize, out: &mut Vec<Item>) {
        if !self.counts(1) {
            return;
        }
        match &step.kind {
            Kind::Scalar { text, .. } => match of_parameter(&text.text) {
                Some(name) => out.extend(around.steps.get(name).cloned().unwrap_or_default()),
                None => self.named(text.text.trim(), None, step, around, depth, out),
            },
            // A list in a list comes of anchors.
            Kind::List(_) if depth < MAX_DEPTH => out.extend(self.steps(step, around, depth + 1)),
            Kind::Map(pairs) => {
                if let Some(pair) = pairs.first() {
                    self.named(&pair.key, Some(pair), step, around, depth, out);
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, name: &str, given: Option<&Pair>, step: &Data, around: &Around, depth: usize, out: &mut Vec<Item>) {
        let value = given.map(|p| &p.value);
        match (name, value) {
            ("run", Some(value)) => out.extend(self.run(value, step, around)),
            ("deploy", Some(value)) if value.get("command").is_some() || value.str().is_some() => {
                out.extend(self.run(value, step, around));
            }
            ("when" | "unless", Some(value)) => out.push(self.conditional(name, value, step, around, depth)),
            ("steps", Some(value)) => out.extend(self.steps(value, around, depth + 1)),
            _ if KEYWORDS.contains(&name) => {
                let inputs = inputs(value);
                out.push(self.reader.built_in(name, "", &inputs, step.item, name));
            }
            _ => self.command(name, value, step, around, depth, out),
        }
    }

    fn conditional(&mut self, name: &str, value: &Data, step: &Data, around: &Around, depth: usize) -> Item {
        let mut block = Block::new(BlockKind::Step, step.item);
        let asked = value.get("condition").map_or_else(Expr::always, |c| condition(c, &around.unit));
        block.when = if name == "unless" { not(asked) } else { asked };
        block.when_span = value.pair("condition").map(|p| p.span);
        self.conditions.push(block.when.clone());
        if let Some(steps) = value.get("steps") {
            block.items = self.steps(steps, around, depth + 1);
        }
        Item::Block(Box::new(block))
    }

    /// `run:` with a command, or with its settings.
    fn run(&mut self, value: &Data, step: &Data, around: &Around) -> Option<Item> {
        let command = if value.is_map() { value.get("command")? } else { value };
        let mut block = Block::new(BlockKind::Step, step.item);
        block.name = value.get_str("name").map(str::to_owned);
        block.bind = environment(value.get("environment"), &around.unit);
        if let Some(when) = value.pair("when") {
            block.when_span = Some(when.span);
            block.when = match when.value.str() {
                Some("on_fail") => Expr::Status(Status::Failure),
                Some("always") => Expr::Status(Status::Always),
                _ => Expr::always(),
            };
        }
        if let Some(dir) = value.get_str("working_directory") {
            let dir = template(dir, &around.unit);
            block.dir = Some(match dir.literal() {
                Some(text) => around.folder(text).map_or_else(|| Expr::Unknown(text.to_owned()), Expr::Lit),
                None => dir,
            });
        }
        let shell = value.get_str("shell").map_or(around.dialect, dialect);
        let Some(text) = command.text() else {
            warn(self.reader.program, command.span, "a command must be a text");
            return None;
        };
        if let Some(dialect) = shell {
            block.items = self.reader.script(&unescaped(text), dialect);
        }
        if value.get("background").and_then(Data::boolean) == Some(true) {
            in_background(&mut block.items, self.input);
        }
        Some(Item::Block(Box::new(block)))
    }

    /// A command of the configuration or of an orb.
    fn command(&mut self, name: &str, value: Option<&Data>, step: &Data, around: &Around, depth: usize, out: &mut Vec<Item>) {
        match around.scope.find("commands", name) {
            Some(Found::Defined(scope, definition)) => {
                let call = self.own_command(name, &scope, &definition, value, step, around, depth);
                out.push(call);
            }
            Some(Found::Elsewhere(full, version)) => {
                if let Some(items) = self.continues(&full, value, step.item) {
                    out.extend(items);
                    return;
                }
                let inputs = inputs(value);
                out.push(self.reader.built_in(self.name_of_orb(&full), &version, &inputs, step.item, name));
                // What is handed over to be run inside.
                for pair in value.map(Data::pairs).unwrap_or_default() {
                    if self.are_steps(&pair.value, around) {
                        out.extend(self.steps(&pair.value, around, depth + 1));
                    }
                }
            }
            None => warn(self.reader.program, step.span, format!("no command is called `{name}`")),
        }
    }

    /// Whether a value that an orb is given is a list of steps.
    pub(super) fn are_steps(&self, value: &Data, around: &Around) -> bool {
        let is = |name: &str| matches!(name, "run" | "when" | "unless" | "steps") || KEYWORDS.contains(&name);
        let own = |name: &str| matches!(around.scope.find("commands", name), Some(Found::Defined(..)));
        value.items().iter().any(|item| match (item.str(), item.pairs()) {
            (Some(name), _) => is(name) || own(name) || of_parameter(name).is_some_and(|n| around.steps.contains_key(n)),
            (None, [pair]) => is(&pair.key) || own(&pair.key),
            _ => false,
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn own_command(
        &mut self,
        name: &str,
        scope: &Rc<Scope>,
        definition: &Pair,
        value: Option<&Data>,
        step: &Data,
        around: &Around,
        depth: usize,
    ) -> Item {
        let unit = format!("{}/{}", scope.name, definition.key);
        let declared = parameters(&definition.value);
        // Steps that are handed over read the caller's parameters.
        let own = if declared.iter().any(|p| p.kind == "steps") { format!("{}.", definition.key) } else { String::new() };
        let mut bind = Vec::new();
        let mut steps = BTreeMap::new();
        for declared in declared {
            let given = value.and_then(|v| v.pair(&declared.name)).map(|p| p.value.clone());
            if declared.kind == "steps" {
                if let Some(list) = given.or(declared.default) {
                    let items = self.steps(&list, around, depth + 1);
                    steps.insert(declared.name, items);
                }
            } else {
                let given = given.or(declared.default);
                let value = given.map_or_else(|| Expr::Unknown(declared.name.clone()), |g| self.reader.value(&g));
                if self.names_environment(&declared.name, &value) {
                    bind.push((SURROUNDING.to_owned(), value.clone()));
                }
                bind.push((parameter(&own, &declared.name), value));
            }
        }
        if self.open.contains(&unit) || depth > MAX_DEPTH {
            return Item::Unknown { span: step.item, why: format!("the command {name} calls itself") };
        }
        let cached = if own.is_empty() { self.commands.get(&unit).copied() } else { None };
        let (id, size) = cached.unwrap_or_else(|| self.unit_of_command(&unit, &own, scope, definition, steps, around));
        if !self.counts(size) {
            return Item::Unknown { span: step.item, why: "too many steps".to_owned() };
        }
        let text = name.to_owned();
        Item::Call(Box::new(Call { target: Target::Unit(id), bind, isolated: false, span: step.item, text }))
    }

    fn unit_of_command(
        &mut self,
        name: &str,
        own: &str,
        scope: &Rc<Scope>,
        definition: &Pair,
        steps: BTreeMap<String, Vec<Item>>,
        around: &Around,
    ) -> (UnitId, usize) {
        self.open.push(name.to_owned());
        let before = std::mem::take(&mut self.size);
        let functions = std::mem::take(&mut self.reader.functions);
        let mut unit = Unit::new(UnitKind::Action, self.unlike_folders(&definition.key), definition.span);
        // Nobody runs it by hand.
        unit.local_only = true;
        let inner = Around { scope: Rc::clone(scope), unit: own.to_owned(), steps, dir: String::new(), ..around.clone() };
        if let Some(list) = definition.value.get("steps") {
            unit.body = self.steps(list, &inner, 0);
        }
        unit.functions = std::mem::replace(&mut self.reader.functions, functions);
        let size = std::mem::replace(&mut self.size, before);
        self.open.pop();
        let id = self.reader.program.add(unit);
        if own.is_empty() {
            self.commands.insert(name.to_owned(), (id, size));
        }
        (id, size)
    }

    /// A name that is no folder's, so that no action of the repository is called so.
    fn unlike_folders(&self, name: &str) -> String {
        if self.input.sources.dirs.contains(name) { format!("command {name}") } else { name.to_owned() }
    }

    /// Count steps; false where there are too many.
    pub(super) fn counts(&mut self, steps: usize) -> bool {
        if self.size + steps > MAX_STEPS || self.left < steps {
            return false;
        }
        self.size += steps;
        self.left -= steps;
        true
    }
}

/// The name in `<< parameters.NAME >>`, where that is all.
pub(super) fn of_parameter(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("<<")?.strip_suffix(">>")?.trim();
    inner.strip_prefix("parameters.").filter(|n| !n.contains(char::is_whitespace))
}

/// What a keyword or orb is given: scalars, and lists of them as lines.
pub(super) fn inputs(value: Option<&Data>) -> Vec<(String, Data)> {
    let Some(value) = value else { return Vec::new() };
    let lines = |data: &Data| match &data.kind {
        Kind::List(items) if items.iter().all(|i| i.str().is_some()) => Data::scalar_at(data.texts().join("\n"), data.span),
        _ => data.clone(),
    };
    value.pairs().iter().map(|p| (p.key.to_string(), lines(&p.value))).collect()
}

/// Variables, of a mapping or of a list of mappings.
pub(super) fn environment(data: Option<&Data>, unit: &str) -> Vec<(String, Expr)> {
    let all = data.map(Data::one_or_many).unwrap_or_default().iter().flat_map(Data::pairs);
    all.map(|p| (format!("env.{}", p.key), p.value.str().map_or_else(|| Expr::lit(""), |t| template(t, unit)))).collect()
}

/// A script in which `\<<` stands for `<<`.
fn unescaped(text: &Text) -> Text {
    Text { text: text.text.replace("\\<<", " <<"), ..text.clone() }
}

/// What runs in the background serves the steps after it: what it is, where no tool is known, is nothing to ask.
fn in_background(items: &mut Vec<Item>, input: &Input<'_>) {
    items.retain(|item| match item {
        Item::Command(command) => {
            let words: Vec<String> = command.words.iter().map(|w| w.literal().unwrap_or("").to_owned()).collect();
            // A script of the repository is looked into.
            let own = words.first().and_then(|w| join("", w)).is_some_and(|path| input.sources.paths.contains(&path));
            input.catalogue.command(&words).is_some_and(|class| own || !matches!(class.action, Action::Resolve { .. }))
        }
        _ => true,
    });
    for item in items {
        match item {
            Item::Command(command) => command.logic.background = true,
            Item::Block(block) => in_background(&mut block.items, input),
            _ => {}
        }
    }
}
