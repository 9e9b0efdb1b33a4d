//! Google Cloud Deploy: <https://cloud.google.com/deploy/docs/config-files>, also as Terraform writes it
//! (<https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/clouddeploy_delivery_pipeline>).
//!
//! A delivery pipeline is a unit that is called by the command that makes a release: a rollout to each target in order. The
//! next target is reached by a promotion, which is a person's unless an automation does it or a command names the target.

use super::Input;
use super::data::{Data, Pair};
use super::reader::Reader;
use super::resources::terraform::Terraform;
use super::resources::{self, Object, REFERENCE, below, field, pair, switch};
use super::runs::is;
use crate::model::{
    Block, BlockKind, Call, Expr, GateDecl, GateKind, HOLE, Item, Param, Program, TARGET_OF_RELEASE, Target, Unit, UnitKind,
};
use crate::source::{SourceFile, Span};
use std::collections::BTreeMap;

/// The folder of the vendor's tables.
const VENDOR: &str = "cloud-deploy";

/// Most stages that are read of one pipeline.
const MAX_STAGES: usize = 100;

/// Nothing of a delivery pipeline names a branch.
pub(super) fn branches(_: &SourceFile) -> Vec<String> {
    Vec::new()
}

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pipeline,
    Target,
    Automation,
}

/// An object of Cloud Deploy.
struct Found {
    kind: Kind,
    name: String,
    /// How references name it.
    reference: String,
    data: Data,
    span: Span,
}

/// What an automation does by itself.
struct Automation {
    /// The delivery pipeline; none: any.
    pipeline: Option<String>,
    /// The targets whose rollouts it follows; empty: all.
    targets: Vec<String>,
    promotes: bool,
    /// The target that it promotes to; none: the next.
    to: Option<String>,
    advances: bool,
}

/// Translate all delivery pipelines.
pub(super) fn translate(input: &Input<'_>, program: &mut Program) {
    let found = objects(input, program);
    let names: BTreeMap<&str, &str> = found.iter().map(|f| (f.reference.as_str(), f.name.as_str())).collect();
    let targets: BTreeMap<&str, &Found> = found.iter().filter(|f| f.kind == Kind::Target).map(|f| (f.name.as_str(), f)).collect();
    let automations: Vec<Automation> =
        found.iter().filter(|f| f.kind == Kind::Automation).flat_map(|f| automations(f, &names)).collect();
    for pipeline in found.iter().filter(|f| f.kind == Kind::Pipeline) {
        Delivery { pipeline, names: &names, targets: &targets, automations: &automations }.add(input, program);
    }
}

/// All objects, of any file.
fn objects(input: &Input<'_>, program: &mut Program) -> Vec<Found> {
    let mut out = Vec::new();
    let fixture = |f: &SourceFile| input.catalogue.words().fixture_path(&f.path);
    let yaml = |f: &SourceFile| f.path.ends_with(".yaml") || f.path.ends_with(".yml");
    for file in input.sources.files().iter().filter(|f| yaml(f) && f.text.contains("deploy.cloud.google.com/") && !fixture(f)) {
        for document in resources::documents(file, program) {
            let own = document.get_str("apiVersion").is_some_and(|v| v.starts_with("deploy.cloud.google.com/"));
            let kind = match document.get_str("kind") {
                Some("DeliveryPipeline") => Kind::Pipeline,
                Some("Target") => Kind::Target,
                Some("Automation") => Kind::Automation,
                _ => continue,
            };
            if let Some(name) = document.at(&["metadata", "name"]).and_then(Data::str).filter(|_| own) {
                let (name, span) = (name.to_owned(), document.span);
                out.push(Found { kind, reference: format!("\0{name}"), name, data: document, span });
            }
        }
    }
    let kinds = ["google_clouddeploy_delivery_pipeline", "google_clouddeploy_target", "google_clouddeploy_automation"];
    let resources: Vec<Object> = Terraform::new(input.sources, input.catalogue).resources(&kinds);
    for object in resources {
        let kind = match object.kind.as_str() {
            "google_clouddeploy_target" => Kind::Target,
            "google_clouddeploy_automation" => Kind::Automation,
            _ => Kind::Pipeline,
        };
        let name = resources::text(&object.data, "name").filter(|n| n.chars().any(|c| c != HOLE)).unwrap_or(&object.label);
        out.push(Found {
            kind,
            name: name.to_owned(),
            reference: object.reference(),
            span: object.span,
            data: object.data.clone(),
        });
    }
    out
}

/// The name that a value gives or refers to.
fn name_of(data: &Data, names: &BTreeMap<&str, &str>) -> Option<String> {
    let text = data.str()?;
    if data.tag.as_deref() != Some(REFERENCE) {
        return Some(text.rsplit('/').next().unwrap_or(text).to_owned());
    }
    let object: Vec<&str> = text.split('.').take(2).collect();
    names.get(object.join(".").as_str()).map(|n| (*n).to_owned())
}

fn automations(found: &Found, names: &BTreeMap<&str, &str>) -> Vec<Automation> {
    if switch(&found.data, "suspended") == Some(true) {
        return Vec::new();
    }
    let pipeline = field(&found.data, "delivery_pipeline").and_then(|d| name_of(d, names));
    let pipeline = pipeline.or_else(|| found.name.split_once('/').map(|(pipeline, _)| pipeline.to_owned()));
    let mut targets = Vec::new();
    for selector in field(&found.data, "selector").map(Data::one_or_many).unwrap_or_default() {
        let all = field(selector, "targets").or_else(|| field(selector, "target")).map(Data::one_or_many).unwrap_or_default();
        targets.extend(all.iter().filter_map(|t| field(t, "id")).filter_map(|id| name_of(id, names)));
    }
    targets.retain(|t| t != "*");
    let rule = |rule: &Data| {
        let promote = field(rule, "promote_release_rule").or_else(|| field(rule, "promote_release"));
        let to = promote.and_then(|p| field(p, "destination_target_id").or_else(|| field(p, "to_target_id")));
        Automation {
            pipeline: pipeline.clone(),
            targets: targets.clone(),
            promotes: promote.is_some() || rule.pair("promoteReleaseRule").is_some(),
            to: to.and_then(|t| name_of(t, names)).filter(|t| t != "@next"),
            advances: rule.pairs().iter().any(|p| p.key.to_ascii_lowercase().starts_with("advance")),
        }
    };
    field(&found.data, "rules").map(Data::one_or_many).unwrap_or_default().iter().map(rule).collect()
}

/// A delivery pipeline with what decides how it goes on.
struct Delivery<'f> {
    pipeline: &'f Found,
    names: &'f BTreeMap<&'f str, &'f str>,
    targets: &'f BTreeMap<&'f str, &'f Found>,
    automations: &'f [Automation],
}

impl Delivery<'_> {
    /// The unit of the stages, and a pipeline by its name that calls it.
    fn add(&self, input: &Input<'_>, program: &mut Program) {
        let Some(stages) = below(&self.pipeline.data, &["serial_pipeline", "stages"]) else { return };
        let name = self.pipeline.name.as_str();
        let mut unit = Unit::new(UnitKind::Action, name, self.pipeline.span);
        unit.params.push(Param { name: TARGET_OF_RELEASE.to_owned(), default: Some(Expr::lit("")), options: Vec::new() });
        let nothing = |_: &str| Vec::new();
        let mut reader = Reader::new(input.catalogue, program, VENDOR, &nothing);
        let mut before: Option<String> = None;
        for stage in stages.one_or_many().iter().take(MAX_STAGES) {
            let target = field(stage, "target_id").and_then(|t| name_of(t, self.names)).unwrap_or_else(|| HOLE.to_string());
            unit.body.push(self.stage(stage, &target, before.as_deref(), &mut reader));
            before = Some(target);
        }
        let span = self.pipeline.span;
        let unit = program.add(unit);
        let mut job = Unit::new(UnitKind::Job, "release", span);
        let call = Call { target: Target::Unit(unit), bind: Vec::new(), isolated: false, span, text: name.to_owned() };
        job.body.push(Item::Call(Box::new(call)));
        let mut pipeline = Unit::new(UnitKind::Pipeline, name, span);
        pipeline.jobs = vec![program.add(job)];
        program.add(pipeline);
    }

    /// A rollout to a target, in the order of the pipeline or because a command names it.
    fn stage(&self, stage: &Data, target: &str, before: Option<&str>, reader: &mut Reader<'_>) -> Item {
        let in_order = is(TARGET_OF_RELEASE, "");
        let mut block = Block::new(BlockKind::Step, stage.item);
        block.name = Some(target.to_owned());
        block.when = Expr::Or(vec![in_order.clone(), is(TARGET_OF_RELEASE, target)]);
        if let Some(before) = before.filter(|before| !self.promoted(before, target)) {
            let span = pair(stage, "target_id").map_or(stage.item, |p| p.span);
            let mut inner = Block::new(BlockKind::Step, stage.item);
            inner.when = in_order;
            inner.items.push(gate(GateKind::ManualJob, span, format!("promotion from {before}")));
            block.items.push(Item::Block(Box::new(inner)));
        }
        let object = self.targets.get(target);
        let approval = object.filter(|o| switch(&o.data, "require_approval") == Some(true));
        if let Some(line) = approval.and_then(|o| pair(&o.data, "require_approval")) {
            block.items.push(gate(GateKind::Approval, line.span, target.to_owned()));
        }
        let mut inputs = vec![("targetId".to_owned(), Data::scalar_at(target, stage.span))];
        inputs.push(("pipeline".to_owned(), Data::scalar_at(self.pipeline.name.as_str(), self.pipeline.span)));
        let verify = below(stage, &["strategy", "standard"]).and_then(|s| field(s, "verify"));
        inputs.extend(verify.map(|v| ("strategy.standard.verify".to_owned(), v.clone())));
        block.items.push(reader.built_in("DeliveryPipeline.stage", "", &inputs, stage.item, &format!("targetId: {target}")));
        if let Some(canary) = field(stage, "strategy").and_then(|s| pair(s, "canary")) {
            self.canary(canary, target, &inputs, &mut block, reader);
        }
        Item::Block(Box::new(block))
    }

    /// The phases of a canary: each after the first is begun by a person, unless an automation does it.
    fn canary(&self, canary: &Pair, target: &str, inputs: &[(String, Data)], block: &mut Block, reader: &mut Reader<'_>) {
        if !self.of(target).any(|a| a.advances) {
            block.items.push(gate(GateKind::ManualJob, canary.span, format!("phases of {target}")));
        }
        block.items.push(reader.built_in("DeliveryPipeline.stage.canary", "", inputs, canary.span, "canary"));
    }

    /// The automations that follow rollouts to a target of this pipeline.
    fn of<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a Automation> {
        let own = |a: &&Automation| a.pipeline.as_deref().is_none_or(|p| p == self.pipeline.name);
        self.automations.iter().filter(own).filter(move |a| a.targets.is_empty() || a.targets.iter().any(|t| t == target))
    }

    /// Whether an automation promotes from one target to the next.
    fn promoted(&self, from: &str, to: &str) -> bool {
        self.of(from).any(|a| a.promotes && a.to.as_deref().is_none_or(|t| t == to))
    }
}

fn gate(kind: GateKind, span: Span, name: String) -> Item {
    Item::Gate(GateDecl { kind, span, name, blocking: true })
}
