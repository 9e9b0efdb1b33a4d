//! Steps: commands in a container, or a plugin: <https://docs.drone.io/pipeline/docker/syntax/steps/>,
//! <https://woodpecker-ci.org/docs/usage/workflow-syntax#steps>.

use super::starts::TARGET;
use super::when::{Filter, Subject};
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::reader::{Reader, wrap};
use crate::frontends::pipelines::values;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Expr, Item, Need, Unit, UnitKind, Wrapper};
use crate::source::Span;

/// What holds for all steps of a job.
pub struct Around {
    /// Its commands are PowerShell.
    pub windows: bool,
    /// Its commands run on a server.
    pub remote: Option<Wrapper>,
    /// Its services hold data of their own.
    pub services: bool,
    /// Whose steps they are.
    pub subject: Subject,
}

/// At most so many steps of a pipeline are read.
const MAX_STEPS: usize = 1_000;
/// Keys of a step that are none of its plugin's options, where these stand beside them (Drone up to 0.8).
const OWN_KEYS: &[&str] = &[
    "name",
    "image",
    "pull",
    "privileged",
    "when",
    "commands",
    "environment",
    "secrets",
    "settings",
    "depends_on",
    "failure",
    "detach",
    "volumes",
    "group",
    "user",
    "network_mode",
    "dns",
    "entrypoint",
    "command",
    "resources",
    "backend_options",
];

/// The steps of a list or mapping, each a job: it runs in a container of its own. One after another, unless some say what they
/// depend on.
pub fn stage(reader: &mut Reader<'_>, steps: Option<&Data>, name: &str, around: &Around) -> Vec<Item> {
    let Some(steps) = steps else { return Vec::new() };
    let listed = steps.items().iter().map(|step| (step.get_str("name"), step, step.item));
    let mapped = steps.pairs().iter().map(|pair| (Some(&*pair.key), &pair.value, pair.span));
    let all: Vec<_> = listed.chain(mapped).filter(|(_, step, _)| step.is_map()).take(MAX_STEPS).collect();
    let graph = all.iter().any(|(_, step, _)| values::has(step, "depends_on"));
    let mut stage = Unit::new(UnitKind::Stage, name, steps.span);
    let mut names: Vec<String> = Vec::new();
    for (name, step, span) in all {
        let before = names.clone();
        let mut unit = Unit::new(UnitKind::Job, values::unique(name.unwrap_or("step"), &mut names), span);
        unit.needs = if graph { needs(step) } else { before.into_iter().map(Need::earlier).collect() };
        fill(reader, &mut unit, step, around);
        stage.jobs.push(reader.program.add(unit));
    }
    if stage.jobs.is_empty() {
        return Vec::new();
    }
    vec![values::call(reader.program.add(stage), steps.span, name)]
}

/// What a step or pipeline depends on; one that is left out by its condition is not waited for.
pub fn needs(config: &Data) -> Vec<Need> {
    let all = config.get("depends_on").map(Data::one_or_many).unwrap_or_default();
    let names = all.iter().filter_map(|one| one.str().or_else(|| one.get_str("name")));
    names.map(|name| Need { name: name.to_owned(), optional: true, order_only: false }).collect()
}

/// A step; one that a person's deployment asks for has the environment of its target.
fn fill(reader: &mut Reader<'_>, unit: &mut Unit, step: &Data, around: &Around) {
    let filter = step.get("when").map_or_else(Filter::always, |when| Filter::of(when, around.subject));
    unit.dir = Some(Expr::lit(step.get_str("directory").unwrap_or("")));
    unit.when = filter.when;
    unit.when_span = filter.span;
    unit.paths = filter.paths;
    unit.bind = step.get("environment").map(values::environment).unwrap_or_default();
    unit.continue_on_error = step.get_str("failure") == Some("ignore");
    unit.local_services = around.services;
    if filter.deploys {
        unit.environment = Some(Expr::Var(TARGET.to_owned()));
    }
    unit.body = work(reader, step, unit.span, around);
    unit.functions = std::mem::take(&mut reader.functions);
}

/// What a step does.
fn work(reader: &mut Reader<'_>, step: &Data, span: Span, around: &Around) -> Vec<Item> {
    if let Some(commands) = step.get("commands") {
        let dialect = if around.windows { Dialect::PowerShell } else { Dialect::Posix };
        let mut items = reader.lines(commands, dialect);
        if let Some(remote) = &around.remote {
            wrap(&mut items, remote);
        }
        return items;
    }
    let Some(image) = step.get_str("image") else { return Vec::new() };
    let (name, version) = named(image);
    let own: Vec<Pair> = step.pairs().iter().filter(|p| !OWN_KEYS.contains(&&*p.key)).cloned().collect();
    let settings = step.get("settings").map_or(own.as_slice(), Data::pairs);
    reader.expressions = &values::variables;
    let item = reader.built_in(name, version, &values::inputs(settings), span, &format!("image: {image}"));
    reader.expressions = &values::escaped;
    vec![item]
}

/// An image's name without the usual registry, and its tag.
fn named(image: &str) -> (&str, &str) {
    let image = image.trim().split('@').next().unwrap_or(image);
    let slash = image.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = image[slash..].split_once(':').map_or((image, ""), |(last, tag)| (&image[..slash + last.len()], tag));
    (name.strip_prefix("docker.io/").or_else(|| name.strip_prefix("index.docker.io/")).unwrap_or(name), tag)
}
