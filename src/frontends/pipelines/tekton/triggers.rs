//! Triggers: an EventListener's triggers with their interceptors, bindings and templates
//! (<https://tekton.dev/docs/triggers/eventlisteners/>, <https://tekton.dev/docs/triggers/interceptors/>).

use super::Tekton;
use crate::frontends::pipelines::condition::compared;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::objects::Object;
use crate::frontends::pipelines::runs::all;
use crate::frontends::pipelines::webhooks::{Asked, Trigger, condition};
use crate::model::{Expr, Test};
use crate::source::Span;

/// Branches that an object's interceptors name.
pub(super) fn branch_names(object: &Object) -> Vec<String> {
    triggers_of(object).into_iter().flat_map(|t| read(t, &[]).branch_names()).collect()
}

/// The triggers that an object writes out.
fn triggers_of(object: &Object) -> Vec<&Data> {
    match object.kind.as_str() {
        "EventListener" => object.data.at(&["spec", "triggers"]).map(Data::items).unwrap_or_default().iter().collect(),
        "Trigger" => object.data.get("spec").into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The events and the condition of a trigger with those of its group.
fn read(trigger: &Data, group: &[&Data]) -> Trigger {
    let mut out = Trigger { events: Vec::new(), when: Expr::always(), when_span: None, paths: Vec::new(), assumed: false };
    let own = trigger.get("interceptors").map(Data::items).unwrap_or_default();
    let mut conditions = Vec::new();
    for one in group.iter().copied().chain(own) {
        let (events, filter) = interceptor(one);
        out.events.extend(events);
        if let Some((text, span)) = filter {
            conditions.push(condition(&text));
            out.when_span = Some(span);
        }
        if one.get("webhook").is_some() {
            conditions.push(Expr::Unknown("what a webhook of its own decides".to_owned()));
        }
    }
    out.when = all(conditions);
    if out.events.is_empty() {
        let span = out.when_span.or_else(|| trigger.pair("name").map(|p| p.span)).unwrap_or(trigger.span);
        out.events = asked_by(&out.when).into_iter().map(|asked| (asked, span)).collect();
    }
    out
}

/// Events, each with the line that asks for it, and the text of a filter with its place.
type Intercepted = (Vec<(Asked, Span)>, Option<(String, Span)>);

/// What an interceptor asks for.
fn interceptor(one: &Data) -> Intercepted {
    let kind = one.at(&["ref", "name"]).and_then(Data::str).unwrap_or("");
    let param = |name: &str| {
        let params = one.get("params").map(Data::items).unwrap_or_default();
        params.iter().find(|p| p.get_str("name") == Some(name)).and_then(|p| p.pair("value"))
    };
    // The older way to write them has a key for each kind.
    let old = |kind: &str, key: &str| one.get(kind).and_then(|d| d.pair(key));
    let listed = ["github", "gitlab", "bitbucket"].iter().find_map(|k| old(k, "eventTypes"));
    let types = listed.or_else(|| param("eventTypes"));
    let mut events: Vec<(Asked, Span)> =
        types.map(|p| p.value.texts().into_iter().map(|t| (Asked::of(t), p.span)).collect()).unwrap_or_default();
    events.dedup();
    if kind == "slack" {
        events.push((Asked::Manual, one.item));
    }
    let filter = old("cel", "filter").or_else(|| param("filter"));
    (events, filter.and_then(|p| Some((p.value.str()?.to_owned(), p.span))))
}

/// The events that a filter alone asks for.
fn asked_by(when: &Expr) -> Vec<Asked> {
    let headers = compared(when, &["header.x-github-event", "header.x-gitlab-event", "header.x-event-key"]);
    let mut out: Vec<Asked> = headers.into_iter().filter(|(t, _)| *t == Test::Equals).map(|(_, name)| Asked::of(name)).collect();
    if out.is_empty() {
        let mut names = Vec::new();
        when.names(&mut names);
        if names.contains(&"ci.target") || names.contains(&"merged") {
            out.push(Asked::Change);
        }
        if names.contains(&"ci.ref") {
            out.push(Asked::Push);
        }
    }
    if out.is_empty() {
        out.push(Asked::Api);
    }
    out.dedup();
    out
}

impl<'o> Tekton<'_, 'o> {
    /// Everything that listeners start; a template that none of them names is called from elsewhere.
    pub(super) fn triggers(&mut self) {
        let mut named: Vec<Span> = Vec::new();
        for listener in self.objects.of("EventListener") {
            let Some(spec) = listener.data.get("spec") else { continue };
            for trigger in triggers_of(listener) {
                match trigger.get_str("triggerRef") {
                    Some(name) => {
                        if let Some(object) = self.found(&["Trigger"], name, &listener.path) {
                            self.trigger_object(object, &[], &mut named);
                        }
                    }
                    None => self.trigger(trigger, &[], &listener.path, &mut named),
                }
            }
            for group in spec.get("triggerGroups").map(Data::items).unwrap_or_default() {
                let interceptors: Vec<&Data> = group.get("interceptors").map(Data::items).unwrap_or_default().iter().collect();
                for object in self.objects.of("Trigger") {
                    self.trigger_object(object, &interceptors, &mut named);
                }
            }
            if spec.get("labelSelector").is_some() || spec.get("namespaceSelector").is_some() {
                for object in self.objects.of("Trigger") {
                    self.trigger_object(object, &[], &mut named);
                }
            }
        }
        for template in self.objects.of("TriggerTemplate").filter(|t| !named.contains(&t.span)).collect::<Vec<_>>() {
            let span = template.data.pair("kind").map_or(template.span, |p| p.span);
            let trigger = Trigger {
                events: vec![(Asked::Api, span)],
                when: Expr::always(),
                when_span: None,
                paths: Vec::new(),
                assumed: true,
            };
            self.template(template.data.get("spec"), &trigger, &[], &template.path);
        }
    }

    fn trigger_object(&mut self, object: &'o Object, group: &[&Data], named: &mut Vec<Span>) {
        if let Some(spec) = object.data.get("spec") {
            self.trigger(spec, group, &object.path, named);
        }
    }

    fn trigger(&mut self, data: &Data, group: &[&Data], path: &str, named: &mut Vec<Span>) {
        let trigger = read(data, group);
        let bind = self.bindings(data, path);
        let Some(template) = data.get("template") else { return };
        if let Some(spec) = template.get("spec") {
            self.template(Some(spec), &trigger, &bind, path);
            return;
        }
        let Some(name) = template.get_str("ref").or_else(|| template.get_str("name")) else { return };
        if let Some(object) = self.found(&["TriggerTemplate"], name, path) {
            named.push(object.span);
            self.template(object.data.get("spec"), &trigger, &bind, &object.path);
        }
    }

    /// Values of a template's parameters by the bindings of a trigger.
    fn bindings(&self, trigger: &Data, path: &str) -> Vec<(String, Expr)> {
        let mut out = Vec::new();
        for one in trigger.get("bindings").or_else(|| trigger.get("binding")).map(Data::one_or_many).unwrap_or_default() {
            if let (Some(name), Some(value)) = (one.get_str("name"), one.get("value")) {
                out.push((format!("tt.{name}"), self.reader.value(value)));
            } else if let Some(name) = one.get_str("ref").or_else(|| one.get_str("name")) {
                let object = self.found(&["TriggerBinding", "ClusterTriggerBinding"], name, path);
                for param in object.and_then(|o| o.data.at(&["spec", "params"])).map(Data::items).unwrap_or_default() {
                    if let (Some(name), Some(value)) = (param.get_str("name"), param.get("value")) {
                        out.push((format!("tt.{name}"), self.reader.value(value)));
                    }
                }
            }
        }
        out
    }

    /// The runs that a template creates.
    fn template(&mut self, spec: Option<&Data>, trigger: &Trigger, given: &[(String, Expr)], path: &str) {
        let Some(spec) = spec else { return };
        let mut bind = Vec::new();
        for param in spec.get("params").map(Data::items).unwrap_or_default() {
            if let (Some(name), Some(default)) = (param.get_str("name"), param.get("default")) {
                bind.push((format!("tt.{name}"), self.reader.value(default)));
            }
        }
        bind.extend_from_slice(given);
        for resource in spec.get("resourcetemplates").map(Data::items).unwrap_or_default() {
            if let Some(object) = self.inner(resource, path) {
                self.started_run(&object, trigger, bind.clone());
            }
        }
    }
}
