//! Projects of CodeBuild: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-codebuild-project.html>,
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/codebuild_project>.

use super::{codebuild, name_of, starts};
use crate::frontends::pipelines::Input;
use crate::frontends::pipelines::data::{Data, Kind};
use crate::frontends::pipelines::resources::{FILE, Object, REFERENCE, below, field, switch, text};
use crate::model::{Expr, HOLE, Program, Start, UnitId};
use crate::source::Span;
use crate::source::paths::join;
use crate::syntax::yaml;

/// A project.
pub(super) struct Project<'o> {
    pub(super) object: &'o Object,
    pub(super) name: String,
    pub(super) span: Span,
    /// What it builds by.
    pub(super) unit: Option<UnitId>,
    /// The file of that, where it is one.
    pub(super) path: Option<String>,
    pub(super) bind: Vec<(String, Expr)>,
    /// What its webhook starts.
    pub(super) starts: Vec<Start>,
    /// A pipeline of the repository runs it.
    pub(super) used: bool,
    /// It takes its sources from a pipeline.
    pub(super) in_pipeline: bool,
}

/// Read a project.
pub(super) fn read<'o>(object: &'o Object, webhooks: &[&Object], input: &Input<'_>, program: &mut Program) -> Project<'o> {
    let name = name_of(object);
    let source = field(&object.data, "source");
    let kind = source.and_then(|s| text(s, "type")).unwrap_or("");
    let mut project = Project {
        object,
        span: object.span,
        unit: None,
        path: None,
        bind: variables(
            below(&object.data, &["environment", "environment_variables"])
                .or_else(|| below(&object.data, &["environment", "environment_variable"])),
        ),
        starts: Vec::new(),
        used: false,
        in_pipeline: kind == "CODEPIPELINE",
        name,
    };
    let spec = source.and_then(|s| field(s, "build_spec").or_else(|| field(s, "buildspec")));
    (project.unit, project.path) = built_by(spec, &project.name, object, kind, input, program);
    let hook = webhooks
        .iter()
        .filter(|w| super::near(w, object))
        .find(|w| field(&w.data, "project_name").is_some_and(|p| object.is_meant_by(p)));
    if let Some(hook) = hook {
        project.starts = starts::of_webhook(field(&hook.data, "filter_group"), input.trunk, hook.span);
    } else if let Some(triggers) = field(&object.data, "triggers").filter(|t| switch(t, "webhook") == Some(true)) {
        project.starts = starts::of_webhook(field(triggers, "filter_groups"), input.trunk, triggers.span);
    }
    project
}

/// The unit of a specification: a file, an inline text, or what stands at the usual place.
pub(super) fn built_by(
    spec: Option<&Data>,
    name: &str,
    object: &Object,
    kind: &str,
    input: &Input<'_>,
    program: &mut Program,
) -> (Option<UnitId>, Option<String>) {
    let Some(spec) = spec else {
        let usual = ["buildspec.yml", "buildspec.yaml"].into_iter().find(|p| input.sources.get(p).is_some());
        let path = usual.filter(|_| kind != "NO_SOURCE");
        return (path.and_then(|p| codebuild::of_file(p, input, program)), path.map(str::to_owned));
    };
    if spec.is_map() {
        return (Some(codebuild::specification(spec, name, spec.span, input.catalogue, program)), None);
    }
    let Some(text) = spec.text().filter(|_| spec.tag.as_deref() != Some(REFERENCE)) else { return (None, None) };
    if text.text.trim().contains('\n') || text.text.trim_start().starts_with('{') {
        let tree = yaml::parse_embedded(text);
        let root = tree.root().map(Data::of).filter(Data::is_map);
        return (root.map(|root| codebuild::specification(&root, name, spec.span, input.catalogue, program)), None);
    }
    let written = text.text.trim();
    let mut places = vec![join("", written)];
    if spec.tag.as_deref() == Some(FILE) {
        places.insert(0, join(&object.dir, written));
    }
    let path = places.into_iter().flatten().find(|p| input.sources.get(p).is_some());
    (path.as_deref().and_then(|p| codebuild::of_file(p, input, program)), path)
}

/// Variables as lists of `name` and `value`; secrets are not known.
pub(super) fn variables(list: Option<&Data>) -> Vec<(String, Expr)> {
    let of = |one: &Data| {
        let name = text(one, "name")?;
        let plain = text(one, "type").is_none_or(|t| t == "PLAINTEXT");
        let value = field(one, "value").filter(|v| plain && v.tag.as_deref() != Some(REFERENCE)).and_then(Data::str);
        let value = value.filter(|v| v.is_empty() || v.chars().any(|c| c != HOLE)).filter(|v| !v.contains("#{"));
        Some((format!("env.{name}"), value.map_or_else(|| Expr::Unknown(format!("the value of {name}")), Expr::lit)))
    };
    list.map(Data::one_or_many).unwrap_or_default().iter().filter_map(of).collect()
}

/// Variables of an action, which are a text of JSON, or what Terraform makes one of.
pub(super) fn variables_of_action(data: Option<&Data>) -> Vec<(String, Expr)> {
    match data.map(|d| &d.kind) {
        Some(Kind::Scalar { text, .. }) => {
            let tree = yaml::parse_embedded(text);
            let list = tree.root().map(Data::of);
            variables(list.as_ref())
        }
        _ => variables(data),
    }
}
