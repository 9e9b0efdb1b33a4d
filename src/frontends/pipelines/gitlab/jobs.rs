//! Jobs: <https://docs.gitlab.com/ci/yaml/#job-keywords>.

use super::VENDOR;
use super::pipeline::{Front, Scene};
use super::rules::{self, Added, Around};
use super::seen::Seen;
use super::variables::{self, Variables, bindings, of_job, substitute};
use crate::frontends::pipelines::data::{self, Data, Pair};
use crate::frontends::pipelines::runs;
use crate::model::{BuiltIn, Expr, Item, Need, Tier, Unit, UnitKind};
use crate::source::Span;
use std::collections::BTreeMap;

/// At most this many combinations of a matrix are told apart; more are one of which nothing is known.
const MAX_COMBINATIONS: usize = 64;

/// Keys that say what a job does.
const WORK: &[&str] = &["script", "run", "trigger"];

impl Front<'_> {
    /// A job, and behind it the child pipeline that it starts without waiting for it; none where a template that was included
    /// does its work.
    pub fn job(&mut self, pair: &Pair, needs: Vec<Need>, scene: &Scene<'_>, seen: &mut Seen) -> Vec<Unit> {
        let job = &pair.value;
        let works = WORK.iter().any(|key| job.get(key).is_some() || job.pair(key).is_some_and(|p| p.value.tag.is_some()));
        let elsewhere = self.elsewhere(pair, works, scene);
        if !works && elsewhere.is_empty() {
            return Vec::new();
        }
        let mut unit = Unit::new(UnitKind::Job, &*pair.key, pair.span);
        unit.dir = Some(Expr::lit(""));
        unit.needs = needs;
        unit.matrix = combinations(job);
        let environment = self.environment(job, &mut unit);
        let own = own_variables(pair, &unit, environment);
        let added = self.added(pair, &own, scene, seen);
        self.condition(pair, works, scene, &mut unit);
        unit.disabled.clone_from(&added.disabled);
        unit.paths.clone_from(&added.paths);
        bind(&mut unit, added, &own, scene.variables);
        unit.local_services = unit.environment.is_none() && job.get("services").is_some_and(brings_services);
        if unit.disabled.is_some() {
            return vec![unit];
        }
        unit.body = elsewhere;
        self.scripts(job, scene.root, &mut unit);
        self.keywords(pair, &mut unit);
        unit.functions = std::mem::take(&mut self.reader.functions);
        self.trigger(job, unit, scene)
    }

    /// What a job does that takes its work from a template which is not at hand.
    fn elsewhere(&mut self, pair: &Pair, works: bool, scene: &Scene<'_>) -> Vec<Item> {
        let missing = scene.complete.missing.get(&*pair.key).map(Vec::as_slice).unwrap_or_default();
        let unread = &scene.expanded.unread;
        let known = unread.iter().any(|u| gives_job(&u.name, &pair.key));
        let other = unread.iter().find(|u| !known && !u.name.starts_with("template:"));
        if works {
            return Vec::new();
        }
        let (name, text) = match (missing.last(), other) {
            (Some(template), _) => {
                let known = format!("job:{template}");
                let exact = self.reader.catalogue.builtin(VENDOR, &known, "", &BTreeMap::new()).is_some();
                let named = format!("extends/{}/{}", template.trim_start_matches('.'), pair.key);
                (if exact { known } else { named }, format!("extends: {template}"))
            }
            (None, Some(include)) => (format!("{}/{}", include.name, pair.key), format!("{}: of {}", pair.key, include.text)),
            (None, None) => {
                if unread.is_empty() {
                    data::warn(self.reader.program, pair.key_span, format!("{} has no script", pair.key));
                }
                return Vec::new();
            }
        };
        vec![Item::external(VENDOR, name, "", Vec::new(), pair.span, text)]
    }

    /// The environment by keyword: <https://docs.gitlab.com/ci/yaml/#environment>.
    fn environment(&mut self, job: &Data, unit: &mut Unit) -> Option<Expr> {
        let data = job.get("environment")?;
        let name = if data.is_map() { data.get("name") } else { Some(data) };
        let name = name.and_then(Data::str)?;
        let value = variables::value(name);
        let tier = data.get_str("deployment_tier").and_then(Tier::parse);
        if let (Some(tier), Some(literal)) = (tier, value.literal()) {
            self.reader.program.tiers.insert(literal.to_owned(), tier);
        }
        unit.stops_environment = data.get_str("action") == Some("stop");
        unit.environment = Some(value.clone());
        Some(value)
    }

    fn added(&mut self, pair: &Pair, own: &Variables, scene: &Scene<'_>, seen: &mut Seen) -> Added {
        let mut literals = scene.literals.clone();
        literals.extend(variables::literals(own));
        let job = rules::Job { name: &pair.key, data: &pair.value, ruled: scene.workflow.when.is_some() };
        let around = &mut Around { sources: self.sources, program: self.reader.program, literals: &literals, seen };
        rules::added(&job, around)
    }

    /// What must hold beside the job's own rules.
    fn condition(&mut self, pair: &Pair, works: bool, scene: &Scene<'_>, unit: &mut Unit) {
        let mut all = Vec::new();
        all.extend(scene.workflow.when.clone());
        all.extend(scene.expanded.conditional.get(&*pair.key).cloned());
        let ruled = ["rules", "only", "except", "when"].iter().any(|key| pair.value.get(key).is_some());
        let missing = scene.complete.missing.get(&*pair.key);
        if let Some(template) = missing.and_then(|m| m.last()).filter(|_| works && !ruled) {
            all.push(Expr::Unknown(format!("the rules of {template}")));
        }
        unit.when = runs::all(all);
    }

    /// Keywords that do work.
    fn keywords(&mut self, pair: &Pair, unit: &mut Unit) {
        let job = &pair.value;
        if let Some(release) = job.pair("release").filter(|p| p.value.is_map()) {
            unit.body.push(keyword("release", &release.value, release.span));
        }
        let pages = match job.pair("pages") {
            Some(p) => p.value.boolean() != Some(false),
            None => &*pair.key == "pages",
        };
        if pages {
            let empty = job.with(data::Kind::Null);
            unit.body.push(keyword("pages", job.get("pages").unwrap_or(&empty), pair.key_span));
        }
    }
}

/// Whether a well-known template or component is called like one of its jobs (`Security/Secret-Detection.gitlab-ci.yml` and
/// `secret_detection`).
fn gives_job(include: &str, job: &str) -> bool {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let Some(path) = include.strip_prefix("template:").or_else(|| include.strip_prefix("component:")) else { return false };
    let stem = plain(path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or(path));
    let job = plain(job);
    stem.contains(&job) || job.contains(&stem)
}

/// A keyword that does work, with its own keys as inputs.
pub(super) fn keyword(name: &str, data: &Data, span: Span) -> Item {
    let input = |p: &Pair| Some((p.key.to_string(), variables::value(p.value.str()?)));
    Item::BuiltIn(Box::new(BuiltIn {
        vendor: VENDOR,
        name: format!("keyword:{name}"),
        version: String::new(),
        inputs: data.pairs().iter().filter_map(input).collect(),
        span,
        text: name.to_owned(),
        inner: Vec::new(),
        external_call: false,
    }))
}

/// The job's own variables with what GitLab sets for it; those of its matrix win.
fn own_variables(pair: &Pair, unit: &Unit, environment: Option<Expr>) -> Variables {
    let job = &pair.value;
    let mut own = variables::of(job.get("variables"));
    let axes: Vec<&str> = unit.matrix.iter().flatten().filter_map(|(n, _)| n.strip_prefix("env.")).collect();
    own.retain(|(name, _)| !axes.contains(&name.as_str()));
    own.push(("CI_JOB_NAME".to_owned(), Expr::lit(&*pair.key)));
    own.push(("CI_JOB_STAGE".to_owned(), Expr::lit(job.get_str("stage").unwrap_or("test"))));
    own.extend(environment.map(|e| ("CI_ENVIRONMENT_NAME".to_owned(), e)));
    own
}

/// Bind the variables of a job, and where a rule has some of its own, those over them.
fn bind(unit: &mut Unit, added: Added, own: &Variables, pipeline: &Variables) {
    let by_name: BTreeMap<&str, &Expr> = own.iter().map(|(n, e)| (n.as_str(), e)).collect();
    let varies = added.variables.iter().any(|v| !v.is_empty());
    unit.rules = added.rules;
    for (rule, variables) in unit.rules.iter_mut().zip(&added.variables) {
        rule.when = substitute(&rule.when, &by_name, 0);
        if varies {
            let all: Variables = own.iter().chain(variables).cloned().collect();
            rule.bind = bindings(of_job(pipeline, &all));
        }
    }
    if !varies {
        let axes = unit.matrix.iter().flatten().filter_map(|(n, _)| n.strip_prefix("env."));
        let touched: Variables = axes.map(|n| (n.to_owned(), Expr::lit(""))).collect();
        let all: Variables = touched.iter().chain(own).cloned().collect();
        let names: Vec<String> = touched.into_iter().map(|(n, _)| n).collect();
        let kept = of_job(pipeline, &all).into_iter().filter(|(n, _)| !names.contains(n));
        unit.bind = bindings(kept.collect());
    }
}

/// Whether services are more than the Docker daemon that builds images.
fn brings_services(services: &Data) -> bool {
    services.one_or_many().iter().any(|service| {
        let name = service.str().or_else(|| service.get_str("name")).unwrap_or("");
        let last = name.rsplit('/').next().unwrap_or(name);
        !name.is_empty() && !name.contains("dind") && last.split(':').next() != Some("docker")
    })
}

/// The combinations of `parallel: matrix`: <https://docs.gitlab.com/ci/yaml/#parallelmatrix>.
fn combinations(job: &Data) -> Vec<Vec<(String, Expr)>> {
    let Some(matrix) = job.at(&["parallel", "matrix"]) else { return Vec::new() };
    let mut out = Vec::new();
    for entry in matrix.one_or_many() {
        let mut all: Vec<Vec<(String, Expr)>> = vec![Vec::new()];
        for pair in entry.pairs() {
            let values = pair.value.scalars();
            if all.len() * values.len().max(1) > MAX_COMBINATIONS {
                return vec![Vec::new()];
            }
            let with = |one: &Vec<(String, Expr)>, value: &Data| {
                let mut one = one.clone();
                one.push((format!("env.{}", pair.key), variables::value(value.str().unwrap_or(""))));
                one
            };
            all = all.iter().flat_map(|one| values.iter().map(move |v| (one, v))).map(|(one, v)| with(one, v)).collect();
        }
        out.extend(all);
        if out.len() > MAX_COMBINATIONS {
            return vec![Vec::new()];
        }
    }
    out
}
