//! AppVeyor: <https://www.appveyor.com/docs/appveyor-yml/>, <https://www.appveyor.com/docs/build-configuration/>.
//!
//! Names that expressions read are the variables of a build: `env.APPVEYOR_REPO_BRANCH` (of a change the branch that it is for,
//! of a tag the tag), `env.APPVEYOR_REPO_TAG`, `env.APPVEYOR_REPO_TAG_NAME`.

use super::data::{self, Data, Pair};
use super::reader::Reader;
use super::runs::{self, Pattern, Refs, all, any, is, not};
use super::{Input, values};
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Event, Expr, Item, Program, Start, Status, Unit, UnitKind, Value};
use crate::source::{SourceFile, Span};

/// The folder of the vendor's tables.
const VENDOR: &str = "appveyor";

const BRANCH: &str = "env.APPVEYOR_REPO_BRANCH";
const TAG: &str = "env.APPVEYOR_REPO_TAG";
const TAG_NAME: &str = "env.APPVEYOR_REPO_TAG_NAME";
const REQUEST: &str = "env.APPVEYOR_PULL_REQUEST_NUMBER";

/// Services that hold no data.
const NO_STORES: &[&str] = &["docker", "iis", "msmq"];
/// Keys of a deployment that say when, not what.
const FILTERS: &[&str] = &["provider", "on"];

/// Branches that a file names.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let documents = data::read(file, &mut Program::default());
    values::literal(documents.first().map(|root| patterns(root, &file.text)).unwrap_or_default())
}

/// The branches that a configuration names.
fn patterns(root: &Data, text: &str) -> Vec<Pattern> {
    let mut out = values::compared(text, &["APPVEYOR_REPO_BRANCH"]);
    let variants = root.get("for").map(Data::one_or_many).unwrap_or_default();
    for config in std::iter::once(root).chain(variants) {
        out.extend(listed(config.get("branches")));
        let deploys = config.get("deploy").map(Data::one_or_many).unwrap_or_default();
        out.extend(deploys.iter().flat_map(|d| listed(d.at(&["on", "branch"]))));
    }
    values::spread(out)
}

fn listed(data: Option<&Data>) -> Vec<Pattern> {
    let texts = data.map(|d| if d.is_map() { d.get("only").map(Data::texts) } else { Some(d.texts()) });
    texts.flatten().unwrap_or_default().into_iter().map(Pattern::slashed).collect()
}

/// Translate every configuration.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    for file in input.files {
        let Some(root) = data::read(file, program).into_iter().next().filter(Data::is_map) else { continue };
        let mut pipeline = Unit::new(UnitKind::Pipeline, file.path.as_str(), file.whole());
        pipeline.dir = Some(Expr::lit(""));
        let (when, when_span) = filter(&root);
        pipeline.starts = values::possible(starts(file, &root, input.trunk), &when);
        let mut reader = Reader::new(input.catalogue, program, VENDOR, &values::none);
        let mut others = Vec::new();
        for variant in root.get("for").map(Data::one_or_many).unwrap_or_default() {
            let (own, span) = filter(variant);
            let mut unit = job(&mut reader, &root.merged(variant), "variant", variant.item);
            unit.name = format!("variant {}", others.len() + 1);
            unit.when = all(vec![when.clone(), own.clone()]);
            unit.when_span = span.or(when_span);
            // One for some values of the matrix leaves the others to the common configuration.
            others.push(if variant.get("matrix").is_some() { Expr::lit("false") } else { own });
            pipeline.jobs.push(reader.program.add(unit));
        }
        let mut unit = job(&mut reader, &root, "build", file.whole());
        others.retain(|o| o.literal() != Some("false"));
        unit.when = all(std::iter::once(when).chain(others.into_iter().map(not)).collect());
        unit.when_span = when_span;
        pipeline.jobs.push(reader.program.add(unit));
        program.add(pipeline);
    }
}

/// What a configuration's filters of branches and tags ask for.
fn filter(config: &Data) -> (Expr, Option<Span>) {
    let mut parts = Vec::new();
    let mut span = None;
    if let Some(pair) = config.pair("branches") {
        let only = listed(Some(&pair.value));
        if !only.is_empty() {
            parts.push(any(BRANCH, &only));
        }
        let except = listed(pair.value.get("except"));
        if !except.is_empty() {
            parts.push(not(any(BRANCH, &except)));
        }
        span = Some(pair.span);
    }
    for (key, tag) in [("skip_tags", "false"), ("skip_non_tags", "true")] {
        if values::is_true(config.get(key)) {
            parts.push(is(TAG, tag));
        }
    }
    (all(parts), span)
}

fn starts(file: &SourceFile, root: &Data, trunk: &str) -> Vec<Start> {
    let patterns = patterns(root, &file.text);
    // A filter of branches is held against the name of a tag as well.
    let mut tags: Vec<Pattern> = patterns.iter().filter(|p| matches!(p, Pattern::Regex(_))).cloned().collect();
    tags.extend(values::compared(&file.text, &["APPVEYOR_REPO_TAG_NAME"]));
    let refs = Refs::new(trunk, &patterns, &tags);
    let span = root.pair("branches").map_or_else(|| values::first_line(file), |p| p.span);
    let mut out = refs.push(span);
    out.extend(refs.change(span));
    out.extend(refs.tag(span));
    let mut taken = values::literal(patterns);
    taken.push(trunk.to_owned());
    for start in &mut out {
        bind(start, &taken);
    }
    out
}

/// The variables of a build, beside branches of these names: <https://www.appveyor.com/docs/environment-variables/>.
fn bind(start: &mut Start, taken: &[String]) {
    let change = start.event == Event::Change;
    let branch = match (start.event, start.fact(runs::TAG)) {
        (Event::Change, _) => start.fact(runs::TARGET),
        // No tag has the name of a branch.
        (Event::Tag, Value::Other(not)) => Value::Other(not.into_iter().chain(taken.iter().cloned()).collect()),
        (Event::Tag, tag) => tag,
        _ => start.fact(runs::BRANCH),
    };
    let tag = if start.event == Event::Tag { "true" } else { "false" };
    let more = [
        (BRANCH, branch),
        (TAG, Value::text(tag)),
        (TAG_NAME, start.fact(runs::TAG)),
        (REQUEST, if change { Value::Other(vec![String::new()]) } else { Value::text("") }),
        ("env.APPVEYOR_BUILD_FOLDER", Value::text(".")),
        ("env.APPVEYOR", Value::text("True")),
        ("env.CI", Value::text("True")),
    ];
    start.facts.extend(more.map(|(name, value)| (name.to_owned(), value)));
}

/// A job with its phases.
fn job(reader: &mut Reader<'_>, config: &Data, name: &str, span: Span) -> Unit {
    let mut unit = Unit::new(UnitKind::Job, name, span);
    unit.dir = Some(Expr::lit(""));
    let environment = config.get("environment");
    for pair in environment.map(Data::pairs).unwrap_or_default() {
        match &*pair.key {
            "global" => unit.bind.extend(values::environment(&pair.value)),
            "matrix" => unit.matrix = pair.value.items().iter().map(values::environment).filter(|row| !row.is_empty()).collect(),
            key => unit.bind.push((format!("env.{key}"), pair.value.str().map_or(Expr::Unknown(key.to_owned()), values::value))),
        }
    }
    let services = config.get("services").map(Data::texts).unwrap_or_default();
    unit.local_services = services.iter().any(|s| !NO_STORES.contains(s));
    unit.paths =
        config.at(&["only_commits", "files"]).map(Data::texts).unwrap_or_default().into_iter().map(str::to_owned).collect();
    let images = config.get("image").map(Data::texts).unwrap_or_default();
    let linux = !images.is_empty() && images.iter().all(|i| !i.to_ascii_lowercase().contains("visual studio"));
    let plain = if linux { Dialect::Posix } else { Dialect::Cmd };
    let mut body = Vec::new();
    for phase in ["init", "install"] {
        body.extend(lines(reader, config.get(phase), plain));
    }
    for (before, script, keyword, after) in
        [("before_build", "build_script", "build", "after_build"), ("before_test", "test_script", "test", "after_test")]
    {
        body.extend(lines(reader, config.get(before), plain));
        match (config.get(script), config.pair(keyword)) {
            (Some(script), _) => body.extend(lines(reader, Some(script), plain)),
            (None, Some(pair)) if pair.value.is_map() => body.push(self::keyword(reader, pair)),
            _ => {}
        }
        body.extend(lines(reader, config.get(after), plain));
    }
    if let Some(pair) = config.pair("artifacts").filter(|p| p.value.is_list()) {
        body.push(keyword(reader, pair));
    }
    // A change is never deployed.
    let mut deploy = Block::new(BlockKind::Step, span);
    deploy.when = is(REQUEST, "");
    deploy.items = lines(reader, config.get("before_deploy"), plain);
    deploy.items.extend(lines(reader, config.get("deploy_script"), plain));
    deploy.items.extend(deployments(reader, config));
    deploy.items.extend(lines(reader, config.get("after_deploy"), plain));
    body.push(Item::Block(Box::new(deploy)));
    for (phase, when) in [("on_success", Status::Success), ("on_failure", Status::Failure), ("on_finish", Status::Always)] {
        if let Some(pair) = config.pair(phase) {
            let mut block = Block::new(BlockKind::Step, pair.span);
            block.when = Expr::Status(when);
            block.continue_on_error = true;
            block.items = lines(reader, Some(&pair.value), plain);
            body.push(Item::Block(Box::new(block)));
        }
    }
    unit.body = body;
    unit.functions = std::mem::take(&mut reader.functions);
    unit
}

/// The commands of a phase: each is a text, or a mapping from the shell that reads it.
fn lines(reader: &mut Reader<'_>, data: Option<&Data>, plain: Dialect) -> Vec<Item> {
    let mut out = Vec::new();
    for line in data.map(Data::one_or_many).unwrap_or_default() {
        if line.str().is_some() {
            out.extend(reader.lines(line, plain));
        }
        for pair in line.pairs() {
            let dialect = match &*pair.key {
                "ps" | "pwsh" => Dialect::PowerShell,
                "cmd" => Dialect::Cmd,
                "sh" | "bash" => Dialect::Posix,
                _ => continue,
            };
            out.extend(reader.lines(&pair.value, dialect));
        }
    }
    out
}

/// A keyword that does work.
fn keyword(reader: &mut Reader<'_>, pair: &Pair) -> Item {
    let of = pair.value.one_or_many().first().map(Data::pairs).unwrap_or_default();
    reader.expressions = &values::variables;
    let item = reader.built_in(&format!("keyword:{}", pair.key), "", &values::inputs(of), pair.span, &format!("{}:", pair.key));
    reader.expressions = &values::none;
    item
}

/// The deployments: <https://www.appveyor.com/docs/deployment/>.
fn deployments(reader: &mut Reader<'_>, config: &Data) -> Vec<Item> {
    let Some(pair) = config.pair("deploy") else { return Vec::new() };
    let mut out = Vec::new();
    for deploy in pair.value.one_or_many() {
        let Some(provider) = deploy.get_str("provider") else { continue };
        let span = if pair.value.is_list() { deploy.item } else { pair.span };
        let on = deploy.pair("on").or_else(|| deploy.pair("true"));
        let mut block = Block::new(BlockKind::Step, span);
        block.when = all(on.into_iter().flat_map(|p| conditions(&p.value)).collect());
        block.when_span = on.map(|p| p.span);
        let options: Vec<Pair> = deploy.pairs().iter().filter(|p| !FILTERS.contains(&&*p.key)).cloned().collect();
        reader.expressions = &values::variables;
        let name = format!("deploy:{}", provider.trim());
        block.items.push(reader.built_in(&name, "", &values::inputs(&options), span, &format!("deploy: {provider}")));
        reader.expressions = &values::none;
        out.push(Item::Block(Box::new(block)));
    }
    out
}

/// The conditions of a deployment: the branch, and variables by their values.
fn conditions(on: &Data) -> Vec<Expr> {
    let one = |pair: &Pair| {
        let texts = pair.value.texts().into_iter().map(Pattern::slashed).collect::<Vec<_>>();
        match &*pair.key {
            "branch" => any(BRANCH, &texts),
            name => any(&format!("env.{}", name.to_ascii_uppercase()), &texts),
        }
    };
    on.pairs().iter().filter(|p| !p.value.texts().is_empty()).map(one).collect()
}
