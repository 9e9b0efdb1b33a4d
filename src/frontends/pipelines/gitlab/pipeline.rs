//! A pipeline: its stages and jobs in order, its workflow, and what it includes but cannot be read.

use super::extend::{Complete, complete};
use super::files::Files;
use super::include::{Expanded, Unread};
use super::rules::{self, Around, Workflow};
use super::seen::Seen;
use super::starts;
use super::variables::{self, Variables};
use super::{VENDOR, first_line};
use crate::frontends::pipelines::data::{self, Data, Pair};
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::runs;
use crate::model::{Call, Expr, Item, Need, Param, Target, Unit, UnitId, UnitKind};
use crate::source::{SourceFile, SourceSet, Span};
use std::collections::BTreeMap;

/// At most this many jobs of a pipeline are read.
const MAX_JOBS: usize = 1000;

/// Keys at the top that are no jobs: <https://docs.gitlab.com/ci/yaml/#global-keywords>.
const RESERVED: &[&str] = &[
    "default",
    "include",
    "stages",
    "types",
    "variables",
    "workflow",
    "spec",
    "image",
    "services",
    "before_script",
    "after_script",
    "cache",
];

/// The state of the translation.
pub(super) struct Front<'a> {
    pub reader: Reader<'a>,
    pub sources: &'a SourceSet,
    /// The trunk's name, never empty.
    pub trunk: &'a str,
    pub files: Files,
    /// Child pipelines that were translated.
    pub children: usize,
}

/// A pipeline while it is translated.
pub(super) struct Scene<'d> {
    /// The configuration.
    pub root: &'d Data,
    /// Its variables, in the order of binding.
    pub variables: &'d Variables,
    /// Literal values of them.
    pub literals: &'d BTreeMap<String, String>,
    /// It has `workflow: rules`.
    pub workflow: &'d Workflow,
    /// Jobs with templates that no file has.
    pub complete: &'d Complete,
    /// The configuration with its includes.
    pub expanded: &'d Expanded,
    /// How many pipelines are above it.
    pub depth: usize,
}

impl Front<'_> {
    /// A pipeline of the repository; `assumed`: no file says that it is one.
    pub fn root(&mut self, file: &SourceFile, assumed: bool, expanded: &Expanded) {
        let mut unit = Unit::new(UnitKind::Pipeline, file.path.as_str(), file.whole());
        unit.params = self.params(file);
        let id = self.pipeline(unit, expanded, 0, Some(first_line(file)));
        for start in &mut self.reader.program.unit_mut(id).starts {
            start.assumed |= assumed;
        }
    }

    /// Inputs of the pipeline itself, which a person may give.
    fn params(&mut self, file: &SourceFile) -> Vec<Param> {
        let header = self.files.header(file, self.reader.program);
        let declared = header.as_ref().and_then(|h| h.at(&["spec", "inputs"])).map(Data::pairs).unwrap_or_default();
        let param = |p: &Pair| Param {
            name: format!("input.{}", p.key),
            default: p.value.get_str("default").map(variables::value),
            options: p.value.get("options").map(Data::texts).unwrap_or_default().into_iter().map(str::to_owned).collect(),
        };
        declared.iter().map(param).collect()
    }

    /// Translate a configuration; `first` is the first line of one that is started by itself, none for a child's.
    pub fn pipeline(&mut self, mut unit: Unit, expanded: &Expanded, depth: usize, first: Option<Span>) -> UnitId {
        let complete = complete(&expanded.root, expanded.unread.is_empty(), self.reader.program);
        let root = &complete.root;
        let given = variables::ordered(variables::of(root.get("variables")));
        let literals = variables::literals(&given);
        let mut seen = Seen::default();
        let workflow = rules::workflow(
            root,
            &mut Around { sources: self.sources, program: self.reader.program, literals: &literals, seen: &mut seen },
        );
        let scene =
            Scene { root, variables: &given, literals: &literals, workflow: &workflow, complete: &complete, expanded, depth };
        unit.dir = Some(Expr::lit(""));
        unit.bind = globals(&given, &workflow, first.is_none());
        let mut jobs = self.jobs(&scene, &mut seen);
        jobs.extend(expanded.unread.iter().map(|u| self.unread(u, &scene)));
        unit.jobs = jobs.into_iter().map(|job| self.reader.program.add(job)).collect();
        if let Some(first) = first {
            let around = starts::Around { trunk: self.trunk, seen: &seen, workflow: &workflow, variables: &given, first };
            unit.starts = starts::starts(&around);
        }
        self.reader.program.add(unit)
    }

    /// The jobs, in the order of their stages.
    fn jobs(&mut self, scene: &Scene<'_>, seen: &mut Seen) -> Vec<Unit> {
        let mut stages = stages(scene.root);
        let mut found: Vec<(usize, &Pair)> = Vec::new();
        let written = scene.root.pairs().iter().filter(|p| !p.key.starts_with('.') && !RESERVED.contains(&&*p.key));
        for pair in written.filter(|p| p.value.is_map()) {
            if found.len() == MAX_JOBS {
                self.reader.program.unknowns.push((pair.key_span, format!("only the first {MAX_JOBS} jobs are read")));
                break;
            }
            let name = pair.value.get_str("stage").unwrap_or("test");
            let known = stages.iter().position(|s| s == name);
            let at = known.unwrap_or_else(|| {
                if scene.expanded.unread.is_empty() {
                    let at = pair.value.get("stage").map_or(pair.key_span, |s| s.span);
                    data::warn(self.reader.program, at, format!("{name} is no stage of the pipeline"));
                }
                let end = stages.len() - 1;
                stages.insert(end, name.to_owned());
                end
            });
            found.push((at, pair));
        }
        found.sort_by_key(|(at, _)| *at);
        let mut out: Vec<Unit> = Vec::new();
        let mut before: Vec<String> = Vec::new();
        for stage in found.chunk_by(|a, b| a.0 == b.0) {
            let names: Vec<String> = stage.iter().map(|(_, pair)| pair.key.to_string()).collect();
            for (_, pair) in stage {
                let needs = needs(&pair.value).unwrap_or_else(|| before.iter().map(Need::earlier).collect());
                out.extend(self.job(pair, needs, scene, seen));
            }
            before.extend(names);
        }
        out
    }

    /// An include that cannot be read, as a job that does what its name says.
    fn unread(&mut self, unread: &Unread, scene: &Scene<'_>) -> Unit {
        let name = unread.name.split_once(':').map_or(unread.name.as_str(), |(_, name)| name);
        let remote = unread.name.starts_with("remote:");
        let name = if remote { name.rsplit('/').next().unwrap_or(name) } else { name };
        let mut unit = Unit::new(UnitKind::Job, name, unread.span);
        unit.dir = Some(Expr::lit(""));
        let conditions = [scene.workflow.when.clone().unwrap_or_else(Expr::always), unread.when.clone()];
        unit.when = runs::all(conditions.to_vec());
        let own_jobs = unread.name.starts_with("template:") || unread.name.starts_with("component:");
        let (span, text) = (unread.span, unread.text.clone());
        if unread.own {
            let target = Target::Pipeline(unread.name.clone());
            unit.body.push(Item::Call(Box::new(Call { target, bind: Vec::new(), isolated: false, span, text })));
            return unit;
        }
        if !own_jobs && (!scene.complete.missing.is_empty() || scene.complete.dangling) {
            // It has the templates that jobs here take; whether it has jobs of its own cannot be seen.
            unit.body.push(Item::Unknown { span, why: format!("{text} is in another repository") });
            return unit;
        }
        let mut inputs: Vec<(String, Expr)> = unread
            .inputs
            .iter()
            .map(|(name, d)| (name.clone(), d.str().map_or(Expr::Unknown("a list".to_owned()), variables::value)))
            .collect();
        if unread.name.starts_with("template:") {
            inputs.extend(scene.variables.iter().cloned());
        }
        unit.body.push(Item::external(VENDOR, unread.name.as_str(), &unread.version, inputs, span, text));
        unit
    }
}

/// What a pipeline binds: its variables, unless its workflow or the pipeline above gives another value.
fn globals(given: &Variables, workflow: &Workflow, child: bool) -> Vec<(String, Expr)> {
    let mut all = given.clone();
    for (name, _) in workflow.rules.iter().flat_map(|(_, _, variables, _)| variables) {
        if !all.iter().any(|(n, _)| n == name) {
            let otherwise = if child { Expr::Unknown(format!("${name}")) } else { Expr::lit("") };
            all.push((name.clone(), otherwise));
        }
    }
    let one = |(name, e): (String, Expr)| {
        let value = Expr::Default(Box::new(Expr::Var(format!("given.{name}"))), Box::new(e));
        (format!("env.{name}"), value)
    };
    all.into_iter().map(one).collect()
}

/// Stages with those that GitLab adds: <https://docs.gitlab.com/ci/yaml/#stages>.
fn stages(root: &Data) -> Vec<String> {
    let own = root.get("stages").or_else(|| root.get("types")).map(Data::texts).filter(|s| !s.is_empty());
    let own = own.unwrap_or_else(|| vec!["build", "test", "deploy"]);
    let middle = own.into_iter().filter(|s| !matches!(*s, ".pre" | ".post"));
    let mut out: Vec<String> = std::iter::once(".pre").chain(middle).chain([".post"]).map(str::to_owned).collect();
    let mut known = std::collections::BTreeSet::new();
    out.retain(|s| known.insert(s.clone()));
    out
}

/// What a job needs, where it says so; jobs of other pipelines are over before.
/// <https://docs.gitlab.com/ci/yaml/#needs>
fn needs(job: &Data) -> Option<Vec<Need>> {
    let needs = job.get("needs")?;
    let mut out = Vec::new();
    for need in needs.one_or_many() {
        if let Some(name) = need.str() {
            out.push(Need::of(name));
        } else if need.get("project").is_none()
            && need.get("pipeline").is_none()
            && let Some(name) = need.get_str("job")
        {
            out.push(Need { optional: need.get("optional").and_then(Data::boolean) == Some(true), ..Need::of(name) });
        }
    }
    Some(out)
}
