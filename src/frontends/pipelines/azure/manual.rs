//! Manual starts, and what a person may choose: <https://learn.microsoft.com/azure/devops/pipelines/process/runtime-parameters>.

use super::shared::Shared;
use super::starts::{Automatic, complete};
use super::templates::is_collection;
use crate::frontends::pipelines::condition::compared;
use crate::frontends::pipelines::data::Data;
use crate::model::{Event, Expr, Param, RefKind, Start, Test, Value};
use std::collections::BTreeSet;

/// At most this many combinations of values are tried.
const MAX_CHOICES: usize = 32;

/// The parameters of a root with what a person may choose.
pub(super) fn params(root: &Data) -> Vec<Param> {
    let items = root.get("parameters").map(Data::items).unwrap_or_default();
    let one = |item: &Data| {
        let name = item.get_str("name")?;
        let kind = item.get_str("type");
        if is_collection(kind) {
            return None;
        }
        let mut options: Vec<String> =
            item.get("values").map(|v| v.texts().into_iter().map(str::to_owned).collect()).unwrap_or_default();
        if options.is_empty() && kind.is_some_and(|k| k.eq_ignore_ascii_case("boolean")) {
            options = ["true", "false"].map(str::to_owned).to_vec();
        }
        let default = item.pair("default").map(|p| p.value.str().unwrap_or("").to_owned());
        let first = item.get("values").and(options.first().cloned());
        Some(Param { name: format!("input.{name}"), default: default.or(first).map(Expr::Lit), options })
    };
    items.iter().filter_map(one).collect()
}

/// Parameters that decide what runs or where, with the values that make a difference, the default first.
fn choices(params: &[Param], shared: &Shared) -> Vec<(String, Vec<Value>)> {
    let deciding = shared.deciding.borrow();
    let mut read: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    for expr in deciding.iter() {
        let mut names = Vec::new();
        expr.names(&mut names);
        open.extend(names.into_iter().map(str::to_owned));
    }
    let bound = shared.bound.borrow();
    while let Some(name) = open.pop() {
        if read.insert(name.clone()) {
            for (_, value) in bound.iter().filter(|(n, _)| *n == name) {
                let mut names = Vec::new();
                value.names(&mut names);
                open.extend(names.into_iter().map(str::to_owned));
            }
        }
    }
    let mut out = Vec::new();
    // A choice of environments decides where things go, whatever it is used for.
    let of_environments = |p: &&Param| !p.options.is_empty() && p.name.to_ascii_lowercase().contains("env");
    for param in params.iter().filter(|p| read.contains(&p.name) || of_environments(p)) {
        let mut values: Vec<String> = param.default.iter().filter_map(|d| d.literal()).map(str::to_owned).collect();
        values.extend(param.options.iter().cloned());
        if param.options.is_empty() {
            let held = deciding.iter().flat_map(|e| compared(e, &[&param.name]));
            values.extend(held.filter(|(test, _)| *test == Test::Equals).map(|(_, text)| text.to_owned()));
        }
        let mut seen = BTreeSet::new();
        values.retain(|v| seen.insert(v.to_ascii_lowercase()));
        let mut values: Vec<Value> = values.into_iter().map(Value::Text).collect();
        if param.default.is_none() && param.options.is_empty() {
            values.insert(0, Value::Unknown);
        }
        out.push((param.name.clone(), values));
    }
    out
}

/// The starts of a pipeline: those of events, and those of a person where nothing else starts it on the trunk or where what a
/// person chooses decides something.
pub(super) fn starts(automatic: Automatic, root: &Data, params: &[Param], shared: &Shared) -> Vec<Start> {
    let Automatic { mut starts, refs, place, .. } = automatic;
    let has_events = !starts.is_empty();
    // A run that nobody gives the value of a required parameter fails.
    let asks = root.get("parameters").map(Data::items).unwrap_or_default().iter().find(|item| {
        let name = item.get_str("name").map(|n| format!("input.{n}"));
        params.iter().any(|p| Some(&p.name) == name.as_ref() && p.default.is_none())
    });
    if asks.is_some() {
        starts.clear();
    }
    let choices = choices(params, shared);
    let refs_asked = !shared.branches.borrow().is_empty() || !shared.tags.borrow().is_empty();
    let only_changes = starts.iter().all(|s| s.on == RefKind::Change && (s.assumed || refs_asked));
    let mut combinations: Vec<Vec<(String, Value)>> = vec![Vec::new()];
    for (name, values) in choices {
        let fits = values.len() * combinations.len() <= MAX_CHOICES;
        let values = if fits { values } else { vec![one_of(&values)] };
        combinations = combinations
            .iter()
            .flat_map(|known| values.iter().map(|v| known.iter().cloned().chain([(name.clone(), v.clone())]).collect()))
            .collect();
    }
    let place = match asks {
        Some(item) if has_events => item.item,
        _ if only_changes => place,
        _ => root.pair("parameters").map_or(place, |p| p.key_span),
    };
    // The first is that of the defaults, which every event has as well.
    for facts in combinations.into_iter().skip(usize::from(!only_changes)) {
        let mut all = vec![refs.on_trunk(Event::Manual, place)];
        if only_changes && (!shared.branches.borrow().is_empty()) {
            all.extend(refs.on_others(Event::Manual, place));
        }
        if only_changes && !shared.tags.borrow().is_empty() {
            all.extend(refs.on_tags(Event::Manual, place));
        }
        for mut start in all {
            for (name, value) in &facts {
                start.set(name, value.clone());
            }
            complete(&mut start, &["Manual"]);
            starts.push(start);
        }
    }
    starts
}

fn one_of(values: &[Value]) -> Value {
    let texts: Option<Vec<String>> = values.iter().map(|v| v.known().map(str::to_owned)).collect();
    texts.map_or(Value::Unknown, Value::one_of)
}
