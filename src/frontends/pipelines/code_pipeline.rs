//! AWS CodePipeline (<https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html>) and the
//! projects of CodeBuild, as CloudFormation and Terraform declare them.
//!
//! A stage is a job, an action a built-in (model ruling 39): one of CodeBuild is resolved to what its project builds by, one
//! that asks for an approval is a gate.

mod actions;
pub mod codebuild;
mod projects;
mod starts;

use super::Input;
use super::data::Data;
use super::resources::terraform::Terraform;
use super::resources::{Object, cloudformation, field, refs, text};
use super::runs::Refs;
use crate::model::{
    Call, Expr, GateDecl, GateKind, HOLE, Item, Need, Program, SURROUNDING, Start, Target, Unit, UnitId, UnitKind,
};
use crate::source::{SourceFile, Span};
use projects::Project;

/// The folder of the vendor's tables.
const VENDOR: &str = "code-pipeline";

/// Types of Terraform's resources that are read.
const TERRAFORM: &[&str] = &["aws_codepipeline", "aws_codebuild_project", "aws_codebuild_webhook", "aws_codepipeline_webhook"];

/// Types of CloudFormation's resources that are read.
const CLOUD_FORMATION: &[&str] = &["AWS::CodePipeline::Pipeline", "AWS::CodeBuild::Project", "AWS::CodePipeline::Webhook"];

/// Branches that the source actions of a template name.
pub(super) fn branches(file: &SourceFile) -> Vec<String> {
    starts::named_branches(&file.text)
}

/// Translate all pipelines and projects.
pub(super) fn translate(input: &Input<'_>, program: &mut Program) {
    let objects = objects(input, program);
    let mut named = Vec::new();
    for object in &objects {
        starts::branches_of(&object.data, &mut named);
    }
    let trunk = refs::trunk_among(input.trunk, &named);
    let input = &Input { trunk: &trunk, ..*input };
    let is = |o: &&Object, names: [&str; 2]| names.contains(&o.kind.as_str());
    let webhooks: Vec<&Object> = objects.iter().filter(|o| is(o, ["aws_codebuild_webhook", ""])).collect();
    let found = objects.iter().filter(|o| is(o, ["aws_codebuild_project", "AWS::CodeBuild::Project"]));
    let mut projects: Vec<Project> = found.map(|o| projects::read(o, &webhooks, input, program)).collect();
    for object in objects.iter().filter(|o| is(o, ["aws_codepipeline", "AWS::CodePipeline::Pipeline"])) {
        let hooked =
            objects.iter().any(|o| is(&o, ["aws_codepipeline_webhook", "AWS::CodePipeline::Webhook"]) && near(o, object));
        pipeline(object, hooked, &mut projects, input, program);
    }
    for project in &projects {
        add_project(project, input, program);
    }
    let root = ["buildspec.yml", "buildspec.yaml"].iter().find_map(|path| input.sources.get(path));
    if let Some(file) = root
        && !projects.iter().any(|p| p.path.as_deref() == Some(file.path.as_str()))
        && let Some(unit) = known(&file.path, program)
    {
        // The usual name at the root: some project builds by it.
        let starts = starts::assumed(input.trunk, Span::new(file.id, 0, 0));
        run(&file.path, file.whole(), starts, unit, Vec::new(), program);
    }
}

/// Whether two objects stand in the same template or folder.
fn near(a: &Object, b: &Object) -> bool {
    if a.kind.contains("::") || b.kind.contains("::") {
        return a.span.file == b.span.file;
    }
    a.dir == b.dir && a.caller == b.caller
}

fn known(name: &str, program: &Program) -> Option<UnitId> {
    program.iter().find(|(_, u)| u.kind == UnitKind::Action && u.name == name).map(|(id, _)| id)
}

/// All objects of all files.
fn objects(input: &Input<'_>, program: &mut Program) -> Vec<Object> {
    let mut out = Terraform::new(input.sources, input.catalogue).resources(TERRAFORM);
    let endings = [".yaml", ".yml", ".json", ".template"];
    for file in input.sources.files() {
        let named = endings.iter().any(|e| file.path.ends_with(e)) && CLOUD_FORMATION.iter().any(|t| file.text.contains(t));
        if named && !input.catalogue.words().fixture_path(&file.path) {
            out.extend(cloudformation::resources(file, CLOUD_FORMATION, program));
        }
    }
    out
}

/// The name that an object gives itself, else its label.
fn name_of(object: &Object) -> String {
    let own = text(&object.data, "name").map(|n| n.replace(HOLE, "")).map(|n| n.trim_matches(['-', '_', '.']).to_owned());
    own.filter(|n| !n.is_empty()).unwrap_or_else(|| object.label.clone())
}

/// A pipeline with a job a stage.
fn pipeline(object: &Object, hooked: bool, projects: &mut [Project], input: &Input<'_>, program: &mut Program) {
    let mut unit = Unit::new(UnitKind::Pipeline, name_of(object), object.span);
    let file = input.sources.file(object.span.file);
    unit.starts = starts::of_pipeline(object, file, hooked, input.trunk);
    let stages = field(&object.data, "stages").or_else(|| field(&object.data, "stage")).map(Data::one_or_many);
    let mut before: Option<String> = None;
    for stage in stages.unwrap_or_default() {
        let name = text(stage, "name").unwrap_or("stage").replace(HOLE, "");
        let mut job = Unit::new(UnitKind::Job, name.as_str(), stage.item);
        job.needs.extend(before.take().map(Need::of));
        if stage.item.file != object.span.file {
            // What a module is given stands in its caller's file, whose path may say where it leads.
            let path = input.sources.file(stage.item.file).path.as_str();
            job.bind.push((SURROUNDING.to_owned(), Expr::lit(path)));
        }
        if let Some(gate) = stopped(object, &name) {
            job.body.push(Item::Gate(gate));
        }
        actions::read(stage, object, projects, &mut job, input, program);
        before = Some(name);
        unit.jobs.push(program.add(job));
    }
    program.add(unit);
}

/// A stage that nothing enters until a person allows it:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/transitions.html>.
fn stopped(pipeline: &Object, stage: &str) -> Option<GateDecl> {
    let all = field(&pipeline.data, "disable_inbound_stage_transitions")?.one_or_many();
    let one = all.iter().find(|t| text(t, "stage_name") == Some(stage))?;
    Some(GateDecl { kind: GateKind::ManualJob, span: one.item, name: stage.to_owned(), blocking: true })
}

/// A project that starts by itself, and may be started by its name.
fn add_project(project: &Project, input: &Input<'_>, program: &mut Program) {
    let Some(unit) = project.unit else { return };
    let mut starts = project.starts.clone();
    if starts.is_empty() && !project.used && !project.in_pipeline {
        starts = starts::assumed(input.trunk, project.span);
    }
    run(&project.name, project.span, starts, unit, project.bind.clone(), program);
}

/// A pipeline of one build.
fn run(name: &str, span: Span, starts: Vec<Start>, unit: UnitId, bind: Vec<(String, Expr)>, program: &mut Program) {
    let mut job = Unit::new(UnitKind::Job, "build", span);
    let text = program.unit(unit).name.clone();
    let call = Call { target: Target::Unit(unit), bind, isolated: false, span, text };
    job.body.push(Item::Call(Box::new(call)));
    let mut pipeline = Unit::new(UnitKind::Pipeline, name, span);
    pipeline.starts = starts;
    pipeline.jobs = vec![program.add(job)];
    program.add(pipeline);
}
