//! Steps of a plan: <https://concourse-ci.org/steps.html>, and tasks: <https://concourse-ci.org/tasks.html>.

use super::resources::{Get, Resources};
use crate::frontends::pipelines::containers::{self, Container};
use crate::frontends::pipelines::data::{self, Data, Kind};
use crate::frontends::pipelines::reader::Reader;
use crate::model::{Block, BlockKind, Confidence, Expr, Item, Value};
use crate::source::{SourceSet, Span};
use std::collections::BTreeMap;

/// Deepest nesting of steps.
const MAX_DEPTH: usize = 30;
/// Keys of lists of steps.
const LISTS: &[&str] = &["do", "in_parallel", "aggregate"];
/// Hooks, with whether they run only after a failure.
const HOOKS: &[(&str, bool)] =
    &[("on_success", false), ("on_failure", true), ("on_error", true), ("on_abort", true), ("ensure", false)];
/// Inputs of tasks and resources that are folders or files of a checkout.
const PATHS: &[&str] = &["CONTEXT", "DOCKERFILE", "build", "context", "dockerfile", "path", "cd"];

/// What reading a plan needs to know.
pub(super) struct Site<'s> {
    pub(super) sources: &'s SourceSet,
    pub(super) resources: &'s Resources<'s>,
    /// Folders into which repositories are fetched.
    pub(super) checkouts: &'s [String],
}

/// The inputs of a job and the resources that it makes new versions of, wherever in its plan they stand.
pub(super) fn gets_and_puts(job: &Data) -> (Vec<Get<'_>>, Vec<&str>) {
    let (mut gets, mut puts) = (Vec::new(), Vec::new());
    for step in job.get("plan").map(Data::items).unwrap_or_default() {
        collect(step, 0, &mut gets, &mut puts);
    }
    (gets, puts)
}

fn collect<'d>(step: &'d Data, depth: usize, gets: &mut Vec<Get<'d>>, puts: &mut Vec<&'d str>) {
    if depth > MAX_DEPTH {
        return;
    }
    if let Some(name) = step.get_str("get") {
        let trigger = step.pair("trigger").filter(|p| p.value.boolean() == Some(true));
        gets.push(Get {
            resource: step.get_str("resource").unwrap_or(name),
            trigger: trigger.is_some(),
            passed: step.get("passed").map(Data::texts).unwrap_or_default(),
            line: trigger.map_or(step.item, |p| p.span),
        });
    }
    if let Some(name) = step.get_str("put") {
        puts.push(step.get_str("resource").unwrap_or(name));
    }
    for inner in nested(step) {
        collect(inner, depth + 1, gets, puts);
    }
}

/// The steps that a step holds, its hooks left out.
fn nested(step: &Data) -> Vec<&Data> {
    let mut out = Vec::new();
    for key in LISTS {
        let Some(list) = step.get(key) else { continue };
        out.extend(if list.is_list() { list.items() } else { list.get("steps").map(Data::items).unwrap_or_default() });
    }
    out.extend(step.get("try"));
    out
}

/// The items of a job: its plan and its hooks.
pub(super) fn job(job: &Data, site: &Site<'_>, reader: &mut Reader<'_>) -> Vec<Item> {
    let mut out = Vec::new();
    for one in job.get("plan").map(Data::items).unwrap_or_default() {
        step(one, site, reader, 0, &mut out);
    }
    hooks(job, site, reader, 0, &mut out);
    out
}

fn step(data: &Data, site: &Site<'_>, reader: &mut Reader<'_>, depth: usize, out: &mut Vec<Item>) {
    if depth > MAX_DEPTH || !data.is_map() {
        return;
    }
    let mut items = Vec::new();
    if let Some(name) = data.get_str("get") {
        items.push(resource("get", name, data, site, reader));
    } else if let Some(name) = data.get_str("put") {
        items.push(resource("put", name, data, site, reader));
    } else if data.get("task").is_some() {
        items = task(data, site, reader);
    } else if let Some(name) = data.get_str("set_pipeline") {
        let inputs: Vec<(String, Data)> =
            ["file", "team"].iter().filter_map(|k| Some(((*k).to_owned(), data.get(k)?.clone()))).collect();
        items.push(reader.built_in("set_pipeline", "", &inputs, data.item, &format!("set_pipeline: {name}")));
    } else {
        for inner in nested(data) {
            step(inner, site, reader, depth + 1, &mut items);
        }
    }
    hooks(data, site, reader, depth, &mut items);
    if let Some(across) = data.get("across") {
        items = repeated(across, items, data.item, reader);
    }
    if data.get("try").is_some() {
        let mut block = Block::new(BlockKind::Step, data.item);
        block.continue_on_error = true;
        block.items = items;
        items = vec![Item::Block(Box::new(block))];
    }
    out.extend(items);
}

fn hooks(data: &Data, site: &Site<'_>, reader: &mut Reader<'_>, depth: usize, out: &mut Vec<Item>) {
    for (key, failed) in HOOKS {
        let Some(hook) = data.get(key) else { continue };
        let mut items = Vec::new();
        step(hook, site, reader, depth + 1, &mut items);
        if *failed && !items.is_empty() {
            let mut block = Block::new(BlockKind::OnFailure, hook.span);
            block.items = items;
            items = vec![Item::Block(Box::new(block))];
        }
        out.extend(items);
    }
}

/// Steps for each value of a variable (<https://concourse-ci.org/across-step.html>).
fn repeated(across: &Data, items: Vec<Item>, span: Span, reader: &Reader<'_>) -> Vec<Item> {
    let mut items = items;
    for one in across.items().iter().rev() {
        let Some(name) = one.get_str("var") else { continue };
        let values: Vec<Expr> = one.get("values").map(Data::items).unwrap_or_default().iter().map(|v| reader.value(v)).collect();
        let mut block = Block::new(BlockKind::Loop, span);
        block.each = Some((format!("across.{name}"), values));
        block.items = items;
        items = vec![Item::Block(Box::new(block))];
    }
    items
}

/// A get or put: known by the type of its resource.
fn resource(verb: &str, name: &str, data: &Data, site: &Site<'_>, reader: &mut Reader<'_>) -> Item {
    let known = site.resources.get(data.get_str("resource").unwrap_or(name));
    let kinds = known.map(|r| r.kinds.as_slice()).unwrap_or_default();
    let by_row = kinds.iter().find(|k| is_known(&format!("{verb}:{k}"), reader));
    let kind = by_row.or(kinds.first()).map_or("", String::as_str);
    let mut inputs: BTreeMap<String, Data> = BTreeMap::new();
    for source in [known.and_then(|r| r.source), data.get("params")].into_iter().flatten() {
        for pair in source.pairs() {
            inputs.insert(pair.key.to_string(), scalar(&pair.key, &pair.value, site));
        }
    }
    let inputs: Vec<(String, Data)> = inputs.into_iter().filter(|(_, d)| !d.is_null()).collect();
    let text = format!("{verb}: {name}");
    if verb == "put" && by_row.is_none() {
        // What a type that no row knows does is said by its name, or not known.
        return Item::external(super::VENDOR, format!("put/{kind}"), "", Vec::new(), data.item, text);
    }
    reader.built_in(&format!("{verb}:{kind}"), "", &inputs, data.item, &text)
}

fn is_known(name: &str, reader: &Reader<'_>) -> bool {
    let class = reader.catalogue.builtin(super::VENDOR, name, "", &BTreeMap::<String, Value>::new());
    class.is_some_and(|c| c.confidence != Confidence::Low)
}

/// An input as one text; the folder of a checkout is the repository's root.
fn scalar(key: &str, value: &Data, site: &Site<'_>) -> Data {
    match &value.kind {
        Kind::Scalar { text, .. } if PATHS.contains(&key) && site.checkouts.contains(&text.text) => {
            Data::scalar_at(".", value.span)
        }
        Kind::List(_) => Data::scalar_at(value.texts().join("\n"), value.span),
        Kind::Map(_) => value.with(Kind::Null),
        _ => value.clone(),
    }
}

/// A task: its configuration stands in the plan or in a file.
fn task(data: &Data, site: &Site<'_>, reader: &mut Reader<'_>) -> Vec<Item> {
    let name = data.get_str("task").unwrap_or("task");
    let mut from_file = None;
    if let Some(file) = data.get_str("file") {
        let inside = file.split_once('/').map_or(file, |(_, rest)| rest);
        let found = [inside, file].iter().find_map(|p| site.sources.get(p.trim_start_matches("./")));
        match found {
            Some(found) => from_file = data::read(found, reader.program).into_iter().next(),
            None if file.contains("((") => {
                return vec![Item::Unknown { span: data.item, why: format!("which file {file} is") }];
            }
            None => {
                let last = file.rsplit('/').next().unwrap_or(file);
                let stem = last.split('.').next().unwrap_or(last);
                return vec![Item::external(
                    super::VENDOR,
                    format!("task/{stem}/{name}"),
                    "",
                    Vec::new(),
                    data.item,
                    format!("task: {name}"),
                )];
            }
        }
    }
    let Some(config) = from_file.as_ref().or_else(|| data.get("config")) else { return Vec::new() };
    let image = config.at(&["image_resource", "source", "repository"]).and_then(Data::str).unwrap_or("");
    let mut params: BTreeMap<String, Data> = BTreeMap::new();
    for one in [config.get("params"), data.get("params")].into_iter().flatten().flat_map(Data::pairs) {
        params.insert(one.key.to_string(), scalar(&one.key, &one.value, site));
    }
    let params: Vec<(String, Data)> = params.into_iter().filter(|(_, d)| !d.is_null()).collect();
    if !image.is_empty() && is_known(&format!("task:{image}"), reader) {
        return vec![reader.built_in(&format!("task:{image}"), "", &params, data.item, &format!("task: {name}"))];
    }
    let mut block = Block::new(BlockKind::Step, data.item);
    block.name = Some(name.to_owned());
    block.bind = params.iter().map(|(n, d)| (format!("env.{n}"), reader.value(d))).collect();
    let Some(run) = config.get("run") else { return Vec::new() };
    block.dir = run.get_str("dir").map(|dir| {
        let (first, rest) = dir.trim_start_matches("./").split_once('/').unwrap_or((dir, ""));
        let known = site.checkouts.iter().any(|c| c == first);
        reader.expr(if known { rest } else { dir })
    });
    let container = Container {
        image: config.at(&["image_resource", "source", "repository"]),
        command: run.get("path"),
        args: run.get("args"),
    };
    let span = if from_file.is_some() { run.span } else { data.item };
    block.items = containers::items(container, span, reader);
    vec![Item::Block(Box::new(block))]
}
