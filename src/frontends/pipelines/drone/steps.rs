//! Steps: commands in a container, or a plugin: <https://docs.drone.io/pipeline/docker/syntax/steps/>,
//! <https://woodpecker-ci.org/docs/usage/workflow-syntax#steps>.

use super::starts::TARGET;
use super::when::{Filter, Subject};
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::reader::{Reader, wrap};
use crate::frontends::pipelines::values;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Expr, Item, Unit, UnitKind, Wrapper};
use crate::source::Span;

/// What holds for all steps of a job.
pub struct Around {
    /// Its commands are PowerShell.
    pub windows: bool,
    /// Its commands run on a server.
    pub remote: Option<Wrapper>,
    /// Whose steps they are.
    pub subject: Subject,
}

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

/// The steps of a list or mapping, in order.
pub fn items(reader: &mut Reader<'_>, steps: Option<&Data>, around: &Around) -> Vec<Item> {
    let Some(steps) = steps else { return Vec::new() };
    let mut out = Vec::new();
    for step in steps.items().iter().filter(|s| s.is_map()) {
        out.push(item(reader, step, step.get_str("name"), step.item, around));
    }
    for pair in steps.pairs().iter().filter(|p| p.value.is_map()) {
        out.push(item(reader, &pair.value, Some(&*pair.key), pair.span, around));
    }
    out
}

/// A step; one that a person's deployment asks for has the environment of its target.
fn item(reader: &mut Reader<'_>, step: &Data, name: Option<&str>, span: Span, around: &Around) -> Item {
    let filter = step.get("when").map_or_else(Filter::always, |when| Filter::of(when, around.subject));
    let mut block = Block::new(BlockKind::Step, span);
    block.name = name.map(str::to_owned);
    block.when = filter.when;
    block.when_span = filter.span;
    block.bind = step.get("environment").map(values::environment).unwrap_or_default();
    block.dir = step.get_str("directory").map(Expr::lit);
    block.continue_on_error = step.get_str("failure") == Some("ignore");
    block.items = work(reader, step, span, around);
    if !filter.deploys {
        return Item::Block(Box::new(block));
    }
    let name = name.unwrap_or("deployment");
    let mut job = Unit::new(UnitKind::Job, name, span);
    job.environment = Some(Expr::Var(TARGET.to_owned()));
    job.when = std::mem::replace(&mut block.when, Expr::always());
    job.when_span = block.when_span;
    job.body = vec![Item::Block(Box::new(block))];
    let mut stage = Unit::new(UnitKind::Stage, name, span);
    stage.jobs.push(reader.program.add(job));
    values::call(reader.program.add(stage), span, name)
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
