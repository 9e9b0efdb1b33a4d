//! Pipelines that are declared as objects of infrastructure: resources of Terraform and of CloudFormation, each as the same
//! kind of data, so that one reader reads both.

pub mod cloudformation;
pub mod refs;
pub mod terraform;

use super::data::{self, Data, Kind, Pair};
use crate::model::{HOLE, Item, Program};
use crate::source::{SourceFile, Span};
use crate::syntax::json;

/// The tag of a scalar that names another object: `type.name` of Terraform, the logical id of CloudFormation.
pub const REFERENCE: &str = "!reference-to";

/// The tag of a scalar that is the path of a file whose content is meant.
pub const FILE: &str = "!content-of";

/// An object of an infrastructure file.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its type (`aws_codepipeline`, `AWS::CodePipeline::Pipeline`).
    pub kind: String,
    /// Its label or logical id.
    pub label: String,
    /// What it says: attributes and blocks, or properties.
    pub data: Data,
    /// Where it stands, whole.
    pub span: Span,
    /// The folder of its file.
    pub dir: String,
    /// Which of its module's callers it is for.
    pub caller: usize,
}

impl Object {
    /// The name that a reference to it has.
    pub fn reference(&self) -> String {
        if self.kind.contains("::") { self.label.clone() } else { format!("{}.{}", self.kind, self.label) }
    }

    /// Whether a value names it: by reference, or by the name that it gives itself.
    pub fn is_meant_by(&self, value: &Data) -> bool {
        let Some(text) = value.str() else { return false };
        if value.tag.as_deref() == Some(REFERENCE) {
            let own = self.reference();
            return text.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        }
        text.chars().any(|c| c != HOLE) && field(&self.data, "Name").and_then(Data::str) == Some(text)
    }
}

/// Show what is open in the texts of commands as such.
pub fn shown(items: &mut [Item]) {
    for item in items {
        match item {
            Item::Command(command) if command.text.contains(HOLE) => command.text = command.text.replace(HOLE, "…"),
            Item::Block(block) => shown(&mut block.items),
            _ => {}
        }
    }
}

/// The documents of a YAML or JSON file.
pub fn documents(file: &SourceFile, program: &mut Program) -> Vec<Data> {
    if file.path.ends_with(".json") { data::documents(file, &json::parse(file), program) } else { data::read(file, program) }
}

/// A key with case and underscores left out: `RunOrder`, `runOrder` and `run_order` are the same.
fn plain(key: &str) -> String {
    key.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// An entry of a mapping by its name in any of the ways in which infrastructure files write it.
pub fn pair<'d>(data: &'d Data, key: &str) -> Option<&'d Pair> {
    let wanted = plain(key);
    data.pairs().iter().find(|p| plain(&p.key) == wanted && !p.value.is_null())
}

/// A value by its name in any of these ways.
pub fn field<'d>(data: &'d Data, key: &str) -> Option<&'d Data> {
    pair(data, key).map(|p| &p.value)
}

/// A text by its name, where nothing of it is left open.
pub fn text<'d>(data: &'d Data, key: &str) -> Option<&'d str> {
    field(data, key).filter(|d| d.tag.as_deref() != Some(REFERENCE)).and_then(Data::str)
}

/// A value below, by its keys.
pub fn below<'d>(data: &'d Data, path: &[&str]) -> Option<&'d Data> {
    path.iter().try_fold(data, |data, key| field(data, key))
}

/// The value of a switch; none where it is not given or not known.
pub fn switch(data: &Data, key: &str) -> Option<bool> {
    match field(data, key)?.str()?.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A text that nothing says, at a place.
fn open(span: Span) -> Data {
    Data::scalar_at(HOLE.to_string(), span)
}

/// A mapping at a place.
fn mapping(span: Span, pairs: Vec<Pair>) -> Data {
    Data { span, item: span, tag: None, kind: Kind::Map(std::rc::Rc::new(pairs)) }
}

/// A list at a place.
fn list(span: Span, items: Vec<Data>) -> Data {
    Data { span, item: span, tag: None, kind: Kind::List(std::rc::Rc::new(items)) }
}

#[cfg(test)]
mod tests {
    use super::super::translate;
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::source::SourceSet;

    #[test]
    fn keys_are_found_however_they_are_written() {
        let mut sources = SourceSet::default();
        sources.add("a.yml", "RunOrder: 2\nbuild_spec: é\nwaitFor: null\n");
        let data = documents(&sources.files()[0], &mut Program::default()).remove(0);
        assert_eq!((text(&data, "run_order"), text(&data, "buildspec"), text(&data, "wait_for")), (Some("2"), Some("é"), None));
    }

    #[test]
    fn no_damage_makes_it_panic() {
        let files = [
            (
                "cloudbuild.yaml",
                "steps: [{name: 'é${_X', args: [-c, '$$é', $, '${é}'], waitFor: [é, '-'], env: [é], script: 'é'}, é, {}]\nimages: [$é]\nsubstitutions: {_é: $_é}\n",
            ),
            (
                "t.tf",
                "locals {\n é = local.é\n a = \"${local.a}é\"\n}\nresource \"google_cloudbuild_trigger\" x {\n name = \"é-${var.é}\"\n filename = local.a\n github {\n push { branch = \"^(é\" }\n }\n substitutions = local.é\n}\nresource \"aws_codepipeline\" p {\n dynamic \"stage\" {\n content {\n name = stage.value\n action {\n category = \"Source\"\n provider = \"é\"\n }\n }\n }\n}\n",
            ),
            (
                "m/m.tf",
                "module \"m\" {\n source = \"../m\"\n}\nmodule \"n\" {\n source = \".\"\n x = var.x\n}\nresource \"aws_codebuild_project\" p {\n source {\n buildspec = <<-E\n é: [\n E\n }\n}\n",
            ),
            (
                "d.yaml",
                "apiVersion: deploy.cloud.google.com/v1\nkind: DeliveryPipeline\nmetadata: {name: é}\nserialPipeline: {stages: [é, {targetId: é, strategy: {canary: é}}, {}]}\n",
            ),
            (
                "p.yaml",
                "Resources:\n  é: {Type: AWS::CodePipeline::Pipeline, Properties: {Name: !Sub 'é${é', Stages: !If [é, [{Name: é, Actions: [{Configuration: {EnvironmentVariables: '[{é'}, ActionTypeId: {Provider: CodeBuild}}]}], !Ref é]}}\n  p: {Type: AWS::CodeBuild::Project, Properties: {Source: {BuildSpec: !Join ['é', [!Ref p, \"é\\n: [\"]]}, Triggers: {Webhook: true, FilterGroups: [[{Type: EVENT, Pattern: 'é, PUSH'}, {Type: HEAD_REF, Pattern: '^refs/heads/(é'}]]}}}\n",
            ),
            (
                "buildspec.yml",
                "phases: {build: {commands: [é, [é]], finally: é}}\nbatch: {build-list: [{buildspec: buildspec.yml}, é], build-matrix: {dynamic: {env: {variables: {É: [a, b], x: é}}}}}\n",
            ),
            ("appspec.yml", "hooks: {AfterInstall: [{location: 'é $('}, é]}\n"),
        ];
        for (path, text) in files {
            for end in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
                let mut sources = SourceSet::default();
                sources.add(path, &text[..end]);
                translate(&sources, Catalogue::embedded(), "main", &mut Program::default());
                translate(&sources, Catalogue::embedded(), "", &mut Program::default());
            }
        }
    }
}
