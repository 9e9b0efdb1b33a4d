//! Deployments: <https://docs.travis-ci.com/user/deployment-v2>, <https://docs.travis-ci.com/user/deployment-v2/conditional>.

use super::conditions::{BRANCH, TAG};
use super::jobs::{Config, lines};
use super::matrix;
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::runs::{self, Pattern, all, any, is, not};
use crate::frontends::pipelines::values;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Expr, Item};
use crate::source::{OffsetMap, Span, Text};

/// The branch that is deployed where none is named.
const DEFAULT_BRANCH: &str = "master";
/// Keys of a deployment that say when, not what.
const FILTERS: &[&str] = &["provider", "on", "true", "if", "edge", "allow_failure"];

/// The branches that a job's deployments name.
pub fn branches(job: &Data) -> Vec<Pattern> {
    let all = job.get("deploy").map(Data::one_or_many).unwrap_or_default();
    all.iter().flat_map(|deploy| deployed(deploy, filter(deploy).map(|p| &p.value))).map(Pattern::Name).collect()
}

/// The deployments of a job, each with what runs before and after it.
pub fn items(reader: &mut Reader<'_>, config: Config<'_>) -> Vec<Item> {
    let Some(data) = config.get("deploy") else { return Vec::new() };
    let mut out = Vec::new();
    for deploy in data.one_or_many() {
        let span = if data.is_list() { deploy.item } else { config.span("deploy").unwrap_or(deploy.span) };
        let Some(provider) = deploy.get_str("provider").or_else(|| deploy.str()).filter(|p| !matches!(*p, "false" | "skip"))
        else {
            continue;
        };
        let filter = filter(deploy);
        let mut block = Block::new(BlockKind::Step, span);
        block.when = condition(reader, deploy, filter.map(|p| &p.value));
        block.when_span = filter.map(|p| p.span);
        block.continue_on_error = values::is_true(deploy.get("allow_failure"));
        block.items = lines(reader, config, "before_deploy");
        if provider == "script" {
            if let Some(script) = deploy.get("script") {
                block.items.extend(reader.lines(script, Dialect::Posix));
            }
        } else {
            block.items.push(built_in(reader, deploy, provider, span));
        }
        block.items.extend(lines(reader, config, "after_deploy"));
        out.push(Item::Block(Box::new(block)));
    }
    out
}

/// What says when a deployment runs: `on`, which readers of YAML 1.1 made a truth value, or `if`.
fn filter(deploy: &Data) -> Option<&Pair> {
    ["if", "on", "true"].iter().find_map(|key| deploy.pair(key)).filter(|p| !p.value.is_null())
}

/// The branches of a filter; without one, those that an input tells apart, else the default.
fn named(deploy: &Data, filter: Option<&Data>) -> Vec<String> {
    let asked = filter.and_then(|f| if f.is_map() { f.get("branch") } else { Some(f) });
    let keys = |data: &Data| data.pairs().iter().map(|p| p.key.to_string()).collect::<Vec<_>>();
    let asked = asked.map(|b| if b.is_map() { keys(b) } else { b.texts().into_iter().map(str::to_owned).collect() });
    asked.filter(|names| !names.is_empty()).unwrap_or_else(|| {
        let inputs = deploy.pairs().iter().filter(|p| !FILTERS.contains(&&*p.key) && by_branch(&p.value));
        inputs.flat_map(|p| keys(&p.value)).collect()
    })
}

/// The branches that a deployment is for; none: it asks for no branch.
fn deployed(deploy: &Data, filter: Option<&Data>) -> Vec<String> {
    let asks = |key: &str| values::is_true(filter.and_then(|f| f.get(key)));
    if asks("all_branches") || asks("tags") {
        return Vec::new();
    }
    let names = named(deploy, filter);
    if names.is_empty() { vec![DEFAULT_BRANCH.to_owned()] } else { names }
}

/// Whether an input has a value for each branch; a secret is a mapping as well.
fn by_branch(value: &Data) -> bool {
    value.is_map() && !values::has(value, "secure")
}

fn condition(reader: &mut Reader<'_>, deploy: &Data, filter: Option<&Data>) -> Expr {
    let mut parts = vec![runs::is("env.TRAVIS_PULL_REQUEST", "false")];
    let of = |key: &str| filter.and_then(|f| f.get(key));
    let on_tags = of("tags").and_then(Data::str).map(|t| t.eq_ignore_ascii_case("true"));
    let branches: Vec<Pattern> = deployed(deploy, filter).into_iter().map(Pattern::Name).collect();
    if !branches.is_empty() {
        parts.push(any(BRANCH, &branches));
    }
    match on_tags {
        Some(true) => parts.push(not(runs::is(TAG, ""))),
        Some(false) => parts.push(runs::is(TAG, "")),
        None => {}
    }
    for pair in filter.map(Data::pairs).unwrap_or_default() {
        if let (Some(variable), Some(version)) = (matrix::variable(&pair.key), pair.value.str()) {
            parts.push(runs::is(&format!("env.{variable}"), version));
        }
    }
    if let Some(data) = of("condition") {
        parts.extend(data.scalars().into_iter().map(|condition| bash(reader, condition)));
    }
    all(parts)
}

/// A condition of bash, as between `[[` and `]]`.
fn bash(reader: &mut Reader<'_>, condition: &Data) -> Expr {
    let Some(inner) = condition.text() else { return Expr::always() };
    let mut text = Text { file: condition.span.file, text: String::new(), map: OffsetMap::default() };
    around(&mut text, "if [[ ", condition.span.start);
    text.append(inner);
    around(&mut text, " ]]; then true; fi", condition.span.end);
    match reader.script(&text, Dialect::Posix).into_iter().next() {
        Some(Item::Block(block)) if block.kind == BlockKind::Branch => block.when,
        _ => Expr::Unknown(inner.text.clone()),
    }
}

/// Add what stands in no file.
fn around(text: &mut Text, more: &str, at: u32) {
    text.text.push_str(more);
    text.map.push(more.len(), at as usize, 0);
}

/// A provider as a built-in; an input that has a value for each branch is the one of the branch that is built.
fn built_in(reader: &mut Reader<'_>, deploy: &Data, provider: &str, span: Span) -> Item {
    let pairs: Vec<Pair> = deploy.pairs().iter().filter(|p| !FILTERS.contains(&&*p.key)).cloned().collect();
    let name = format!("deploy:{}", provider.trim().to_ascii_lowercase());
    reader.expressions = &values::variables;
    let mut item = reader.built_in(&name, "", &values::inputs(&pairs), span, &format!("deploy: {provider}"));
    reader.expressions = &values::none;
    if let Item::BuiltIn(built_in) = &mut item {
        for pair in pairs.iter().filter(|p| by_branch(&p.value)) {
            let one = |p: &Pair| Some(Expr::And(vec![is(BRANCH, &p.key), values::value(p.value.str()?)]));
            let chosen: Vec<Expr> = pair.value.pairs().iter().filter_map(one).chain([Expr::lit("")]).collect();
            if let Some((_, value)) = built_in.inputs.iter_mut().find(|(name, _)| **name == *pair.key) {
                *value = Expr::Or(chosen);
            }
        }
    }
    item
}
