//! Bake files (<https://docs.docker.com/build/bake/reference/>), in HCL and JSON: targets, groups, what targets inherit, and the
//! combinations of a matrix. Variables have their defaults, functions of the file are filled in; what else an expression does is
//! not known. A compose file that is baked is read as one.

use crate::frontends::infra::varying;
use crate::model::{HOLE, Plan, PlannedImage, Program};
use crate::source::{SourceFile, SourceSet};
use crate::syntax::hcl::{self, Block, Body, Value, ValueKind};
use crate::syntax::yaml::{self, Node};
use std::collections::{BTreeMap, BTreeSet};

/// At most so many combinations of a matrix are told apart.
const MAX_COMBINATIONS: usize = 64;
/// Targets inherit from each other at most so deep.
const MAX_DEPTH: usize = 16;
/// At most so many targets of a file are read.
const MAX_TARGETS: usize = 1024;

/// Read every bake file.
pub(super) fn translate(sources: &SourceSet, program: &mut Program) {
    for file in sources.files() {
        let name = file.name().to_ascii_lowercase();
        let targets = match name.rsplit_once('.') {
            Some((_, "hcl")) if file.text.contains("target") => of_hcl(file),
            Some((stem, "json")) if stem.contains("bake") => of_json(file),
            _ => continue,
        };
        if targets.all.is_empty() {
            continue;
        }
        let usual = matches!(
            name.as_str(),
            "docker-bake.hcl" | "docker-bake.json" | "docker-bake.override.hcl" | "docker-bake.override.json"
        );
        program.plans.insert(file.path.clone(), targets.plan(file, usual));
    }
}

/// A target as it is written.
#[derive(Clone, Default)]
struct Target {
    inherits: Vec<String>,
    context: Option<String>,
    dockerfile: Option<String>,
    stage: Option<String>,
    tags: Vec<String>,
}

#[derive(Default)]
struct Targets {
    /// In file order.
    all: Vec<(String, Target)>,
    groups: BTreeMap<String, Vec<String>>,
}

impl Targets {
    fn plan(&self, file: &SourceFile, usual: bool) -> Plan {
        let mut plan = Plan {
            tool: "docker",
            home: usual.then(|| file.dir().to_owned()),
            groups: self.groups.clone(),
            span: Some(file.whole()),
            ..Plan::default()
        };
        for (name, target) in &self.all {
            let whole = self.whole(target, 0);
            plan.images.push(PlannedImage {
                name: name.clone(),
                images: whole.tags,
                context: Some(whole.context.unwrap_or_else(|| ".".to_owned())),
                dockerfile: whole.dockerfile,
                stage: whole.stage,
                ..PlannedImage::default()
            });
        }
        plan
    }

    /// A target with what it inherits.
    fn whole(&self, target: &Target, depth: usize) -> Target {
        let mut out = target.clone();
        // The last of those that it inherits from has its way.
        for parent in target.inherits.iter().rev() {
            let Some((_, parent)) = self.all.iter().find(|(name, _)| name == parent).filter(|_| depth < MAX_DEPTH) else {
                continue;
            };
            let parent = self.whole(parent, depth + 1);
            out.context = out.context.or(parent.context);
            out.dockerfile = out.dockerfile.or(parent.dockerfile);
            out.stage = out.stage.or(parent.stage);
            if out.tags.is_empty() {
                out.tags = parent.tags;
            }
        }
        out
    }
}

fn of_json(file: &SourceFile) -> Targets {
    let tree = yaml::parse(file);
    let mut out = Targets::default();
    let Some(root) = tree.root() else { return out };
    let list = |node: Node, key: &str| -> Vec<String> {
        node.get(key).map(|n| n.texts().into_iter().map(ToOwned::to_owned).collect()).unwrap_or_default()
    };
    for group in root.get("group").map(|n| n.entries()).unwrap_or_default() {
        out.groups.insert(group.name().to_owned(), list(group.value, "targets"));
    }
    for target in root.get("target").map(|n| n.entries()).unwrap_or_default().iter().take(MAX_TARGETS) {
        let text = |key: &str| target.value.get_str(key).map(varying);
        let read = Target {
            inherits: list(target.value, "inherits"),
            context: text("context"),
            dockerfile: text("dockerfile"),
            stage: text("target"),
            tags: list(target.value, "tags").iter().map(|t| varying(t)).collect(),
        };
        out.all.push((target.name().to_owned(), read));
    }
    out
}

/// What names stand for.
type Names = BTreeMap<String, String>;

struct Evaluation<'b> {
    variables: Names,
    functions: BTreeMap<&'b str, (Vec<String>, &'b Value)>,
}

fn of_hcl(file: &SourceFile) -> Targets {
    let document = hcl::parse(file);
    let body = &document.body;
    let mut out = Targets::default();
    if body.blocks("target").next().is_none() {
        return out;
    }
    let mut evaluation = Evaluation { variables: Names::new(), functions: BTreeMap::new() };
    for variable in body.blocks("variable") {
        if let Some(default) = variable.body.get("default").and_then(|a| evaluation.text(&a.value, &Names::new())) {
            evaluation.variables.insert(variable.label(0).to_owned(), default);
        }
    }
    for function in body.blocks("function") {
        let params = function.body.get("params").map(|a| references(&a.value)).unwrap_or_default();
        if let Some(result) = function.body.get("result") {
            evaluation.functions.insert(function.label(0), (params, &result.value));
        }
    }
    for group in body.blocks("group") {
        let members = group.body.get("targets").map(|a| evaluation.texts(&a.value, &Names::new(), 0)).unwrap_or_default();
        out.groups.insert(group.label(0).to_owned(), members);
    }
    for target in body.blocks("target").take(MAX_TARGETS) {
        let combinations = evaluation.combinations(&target.body);
        let mut members = BTreeSet::new();
        for names in &combinations {
            let name = target.body.get("name").and_then(|a| evaluation.text(&a.value, names));
            let name = name.filter(|_| combinations.len() > 1).unwrap_or_else(|| target.label(0).to_owned());
            members.insert(name.clone());
            out.all.push((name, evaluation.target(target, names)));
        }
        if combinations.len() > 1 {
            // A target with a matrix is the group of its combinations.
            out.groups.insert(target.label(0).to_owned(), members.into_iter().collect());
        }
    }
    out
}

/// Names that a list holds.
fn references(value: &Value) -> Vec<String> {
    let ValueKind::List(items) = &value.kind else { return Vec::new() };
    let name = |v: &Value| match &v.kind {
        ValueKind::Reference(parts) => parts.first().cloned(),
        _ => v.literal().map(ToOwned::to_owned),
    };
    items.iter().filter_map(name).collect()
}

impl Evaluation<'_> {
    fn target(&self, block: &Block, names: &Names) -> Target {
        let text = |key: &str| block.body.get(key).and_then(|a| self.text(&a.value, names));
        let texts = |key: &str| block.body.get(key).map(|a| self.texts(&a.value, names, 0)).unwrap_or_default();
        Target {
            inherits: texts("inherits"),
            context: text("context"),
            dockerfile: text("dockerfile"),
            stage: text("target"),
            tags: texts("tags").into_iter().filter(|t| !t.is_empty()).collect(),
        }
    }

    /// The values of a matrix, each combination under its names; one empty combination where there is none.
    fn combinations(&self, body: &Body) -> Vec<Names> {
        let Some(ValueKind::Map(axes)) = body.get("matrix").map(|a| &a.value.kind) else { return vec![Names::new()] };
        let mut all = vec![Names::new()];
        for (axis, values) in axes {
            let ValueKind::List(values) = &values.kind else { continue };
            let mut next = Vec::new();
            for names in &all {
                for value in values.iter().take(MAX_COMBINATIONS) {
                    let mut with = names.clone();
                    self.bind(axis, value, &mut with);
                    next.push(with);
                }
            }
            next.truncate(MAX_COMBINATIONS);
            all = next;
        }
        all
    }

    /// An axis is a text, or a map of texts (`item.tgt`).
    fn bind(&self, axis: &str, value: &Value, names: &mut Names) {
        if let ValueKind::Map(entries) = &value.kind {
            for (key, value) in entries {
                names.extend(self.text(value, &Names::new()).map(|text| (format!("{axis}.{key}"), text)));
            }
        } else if let Some(text) = self.text(value, &Names::new()) {
            names.insert(axis.to_owned(), text);
        }
    }

    fn text(&self, value: &Value, names: &Names) -> Option<String> {
        value.filled(&|parts| {
            let name = parts.join(".");
            names.get(&name).or_else(|| self.variables.get(&name)).cloned().unwrap_or_else(|| HOLE.to_string())
        })
    }

    /// The texts of a list, of the lists of a list, and of what a function of the file gives.
    fn texts(&self, value: &Value, names: &Names, depth: usize) -> Vec<String> {
        match &value.kind {
            _ if depth > MAX_DEPTH => Vec::new(),
            ValueKind::List(items) => items.iter().flat_map(|v| self.texts(v, names, depth + 1)).collect(),
            ValueKind::Call(name, arguments) => match self.functions.get(name.as_str()) {
                Some((params, result)) => {
                    let values = arguments.iter().map(|a| self.text(a, names).unwrap_or_else(|| HOLE.to_string()));
                    let bound: Names = params.iter().cloned().zip(values).collect();
                    self.texts(result, &bound, depth + 1)
                }
                None => arguments.iter().flat_map(|v| self.texts(v, names, depth + 1)).collect(),
            },
            _ => self.text(value, names).into_iter().collect(),
        }
    }
}
