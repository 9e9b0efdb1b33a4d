//! Sensors and the sources of their events (<https://argoproj.github.io/argo-events/concepts/sensor/>,
//! <https://argoproj.github.io/argo-events/concepts/event_source/>).

use super::{Argo, GROUPS};
use crate::frontends::pipelines::condition::compared;
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::objects::{self, Object, Objects};
use crate::frontends::pipelines::runs::{Refs, all, not};
use crate::frontends::pipelines::webhooks::{self, Asked, Trigger};
use crate::model::{Event, Expr, Test};
use crate::source::Span;

/// Branches that a sensor's filters name.
pub(super) fn branch_names(sensor: &Object) -> Vec<String> {
    let dependencies = sensor.data.at(&["spec", "dependencies"]).map(Data::items).unwrap_or_default();
    dependencies.iter().flat_map(|d| trigger(d, Vec::new()).branch_names()).collect()
}

/// A dependency's events under its filters.
fn trigger(dependency: &Data, events: Vec<(Asked, Span)>) -> Trigger {
    let mut conditions = Vec::new();
    let filters = dependency.get("filters");
    for one in filters.and_then(|f| f.get("data")).map(Data::items).unwrap_or_default() {
        conditions.push(of_data(one));
    }
    for one in filters.and_then(|f| f.get("exprs")).map(Data::items).unwrap_or_default() {
        conditions.push(of_expression(one));
    }
    if filters.is_some_and(|f| ["script", "context", "time"].iter().any(|k| f.get(k).is_some())) {
        conditions.push(Expr::Unknown("what a filter decides".to_owned()));
    }
    let any = filters.is_some_and(|f| f.get_str("dataLogicalOperator") == Some("or"));
    let when = if any && conditions.len() > 1 { Expr::Or(conditions) } else { all(conditions) };
    let when_span = dependency.pair("filters").map(|p| p.span);
    Trigger { events, when, when_span, paths: Vec::new(), assumed: false }
}

/// The name by which webhooks know a path of the event's data.
fn name_of(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    for header in ["x-github-event", "x-gitlab-event", "x-event-key"] {
        if lower.ends_with(header) {
            return format!("header.{header}");
        }
    }
    if path.starts_with("body.") { path.to_owned() } else { format!("body.{path}") }
}

/// `{path, type, comparator, value: [...]}`: one of the values.
fn of_data(filter: &Data) -> Expr {
    let name = name_of(filter.get_str("path").unwrap_or(""));
    let values = filter.get("value").map(Data::texts).unwrap_or_default();
    if filter.get_str("template").is_some() || values.is_empty() {
        return Expr::Unknown("a filter of data".to_owned());
    }
    // A value is a regular expression (https://argoproj.github.io/argo-events/sensors/filters/data/).
    let one = |value: &&str| {
        let bare = value.strip_prefix('^').unwrap_or(value);
        let bare = bare.strip_suffix('$').unwrap_or(bare);
        if bare.contains(['*', '+', '[', '(', '\\', '|', '^', '$']) {
            webhooks::compare(Test::Regex, &name, value)
        } else {
            webhooks::compare(Test::Equals, &name, bare)
        }
    };
    let any = Expr::Or(values.iter().map(one).collect());
    match filter.get_str("comparator") {
        None | Some("=" | "" | "==") => any,
        Some("!=") => not(any),
        Some(_) => Expr::Unknown("a filter of data".to_owned()),
    }
}

/// `{expr, fields: [{name, path}]}`.
fn of_expression(filter: &Data) -> Expr {
    let mut text = filter.get_str("expr").unwrap_or("").to_owned();
    for field in filter.get("fields").map(Data::items).unwrap_or_default() {
        let (Some(name), Some(path)) = (field.get_str("name"), field.get_str("path")) else { continue };
        text = word_replaced(&text, name, &name_of(path));
    }
    webhooks::condition(&text)
}

/// A text in which a name that stands alone is another.
fn word_replaced(text: &str, name: &str, by: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    for c in text.chars().chain([' ']) {
        if quote.is_none() && (c.is_alphanumeric() || c == '_') {
            word.push(c);
            continue;
        }
        out.push_str(if word == name { by } else { &word });
        word.clear();
        match quote {
            Some(q) if q == c => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => {}
        }
        out.push(c);
    }
    out
}

/// The events of a source by its kind, each with the line that asks for it. None: a schedule, or another pipeline's end.
fn asked(kind: &str, event: &Pair) -> Result<Vec<(Asked, Span)>, Event> {
    let named = event.value.pair("events");
    let span = named.map_or(event.key_span, |p| p.span);
    let names = named.map(|p| p.value.texts()).unwrap_or_default();
    match kind {
        "github" | "gitlab" | "bitbucket" | "bitbucketserver" | "gitea" | "gerrit" => {
            let of = |name: &&str| match *name {
                "*" | "PushEvents" => Asked::Push,
                "TagPushEvents" | "TagEvents" | "ReleasesEvents" => Asked::Tag,
                "MergeRequestsEvents" | "MergeRequestEvents" => Asked::Change,
                "NoteEvents" | "IssuesEvents" => Asked::Manual,
                other => Asked::of(other),
            };
            let mut out: Vec<(Asked, Span)> = names.iter().map(|n| (of(n), span)).collect();
            if names.contains(&"*") || out.is_empty() {
                out = vec![(Asked::Push, span), (Asked::Change, span)];
            }
            Ok(out)
        }
        "calendar" => Err(Event::Schedule),
        "minio" | "s3" | "resource" | "file" | "hdfs" | "sftp" | "storageGrid" => Err(Event::Upstream),
        "slack" => Ok(vec![(Asked::Manual, span)]),
        _ => Ok(vec![(Asked::Api, span)]),
    }
}

impl<'o> Argo<'_, 'o> {
    /// Workflows that sensors start.
    pub(super) fn sensors(&mut self) {
        let objects: &'o Objects = self.objects;
        for sensor in objects.of("Sensor") {
            let Some(spec) = sensor.data.get("spec") else { continue };
            let dependencies = spec.get("dependencies").map(Data::items).unwrap_or_default();
            for one in spec.get("triggers").map(Data::items).unwrap_or_default() {
                let Some(template) = one.get("template") else { continue };
                for (object, given) in self.created(template, &sensor.path) {
                    let conditions = template.get_str("conditions").unwrap_or("");
                    let listed = dependencies.iter().filter(|d| names(conditions, d.get_str("name").unwrap_or("")));
                    for dependency in listed {
                        self.depending(dependency, &object, &given, &sensor.path);
                    }
                }
            }
        }
    }

    fn depending(&mut self, dependency: &Data, object: &Object, given: &[(String, Expr)], path: &str) {
        match self.source(dependency, path) {
            Ok(events) => self.triggered(object, &trigger(dependency, events), given.to_vec()),
            Err((event, span)) => {
                let refs = Refs::new(self.input.trunk, &[], &[]);
                let Some(holder) = super::Holder::of(object) else { return };
                self.used.insert(object.span);
                let id = self.workflow(&object.name, &holder, object.span, given.to_vec());
                self.reader.program.unit_mut(id).starts = vec![refs.on_trunk(event, span)];
            }
        }
    }

    /// What a dependency waits for; a source that the repository does not hold is something that calls.
    fn source(&self, dependency: &Data, path: &str) -> Result<Vec<(Asked, Span)>, (Event, Span)> {
        let (source, event) =
            (dependency.get_str("eventSourceName").unwrap_or(""), dependency.get_str("eventName").unwrap_or(""));
        let found = self.objects.find(&["EventSource"], source, path).and_then(|o| o.data.get("spec"));
        for kind in found.map(Data::pairs).unwrap_or_default() {
            if let Some(pair) = kind.value.pair(event) {
                return asked(&kind.key, pair).map_err(|e| (e, pair.key_span));
            }
        }
        let span = dependency.pair("eventName").map_or(dependency.item, |p| p.span);
        let filter = trigger(dependency, Vec::new()).when;
        let headers = compared(&filter, &["header.x-github-event", "header.x-gitlab-event"]);
        let by_header: Vec<(Asked, Span)> = headers.into_iter().map(|(_, name)| (Asked::of(name), span)).collect();
        Ok(if by_header.is_empty() { vec![(Asked::Api, span)] } else { by_header })
    }

    /// The workflows that a trigger creates, with the values that the event gives.
    fn created(&self, template: &Data, path: &str) -> Vec<(Object, Vec<(String, Expr)>)> {
        let mut out = Vec::new();
        for key in ["argoWorkflow", "k8s"] {
            let Some(action) = template.get(key) else { continue };
            let Some(resource) = action.at(&["source", "resource"]) else { continue };
            let file = self.input.sources.get(path);
            let Some(object) = file.and_then(|f| objects::object(resource, f, GROUPS)) else { continue };
            let parameters = object.data.at(&["spec", "arguments", "parameters"]).map(Data::items).unwrap_or_default().to_vec();
            let dests = action.get("parameters").map(Data::items).unwrap_or_default().iter().filter_map(|p| p.get_str("dest"));
            let mut given = Vec::new();
            for dest in dests {
                let index =
                    dest.strip_prefix("spec.arguments.parameters.").and_then(|r| r.split('.').next()?.parse::<usize>().ok());
                let name = index.and_then(|i| parameters.get(i)).and_then(|p| p.get_str("name"));
                given.extend(name.map(|n| (format!("input.{n}"), Expr::Unknown("of the event".to_owned()))));
            }
            // What is submitted by its name is an object of the repository.
            let known =
                object.data.get("spec").is_none().then(|| self.objects.find(&[&object.kind], &object.name, path)).flatten();
            out.push((known.cloned().unwrap_or(object), given));
        }
        out
    }
}

/// Whether a trigger's conditions name a dependency; without conditions each counts.
fn names(conditions: &str, dependency: &str) -> bool {
    conditions.is_empty()
        || conditions.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).any(|word| word == dependency)
}
