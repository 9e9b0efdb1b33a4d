//! Front ends of infrastructure: what can be applied as a whole, what reconcilers apply, and pipelines that are only found.

pub mod ansible;
pub mod azure_resources;
pub mod cdk;
pub mod cloud_foundry;
pub mod cloudformation;
pub mod compose;
pub mod kubernetes;
pub mod neighbours;
pub mod packer;
pub mod plans;
pub mod pulumi;
pub mod serverless;
mod templates;
pub mod terraform;

use crate::catalogue::Catalogue;
use crate::model::{HOLE, Program};
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::mask;
use crate::syntax::yaml::Node;
use std::collections::BTreeSet;

/// All front ends of this module, in the order of what they leave to each other.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    terraform::translate(sources, catalogue, program);
    compose::translate(sources, catalogue, program);
    kubernetes::translate(sources, catalogue, program);
    plans::translate(sources, program);
    ansible::translate(sources, catalogue, program);
    cloud_foundry::translate(sources, program);
    cloudformation::translate(sources, program);
    serverless::translate(sources, program);
    azure_resources::translate(sources, program);
    pulumi::translate(sources, program);
    cdk::translate(sources, program);
    packer::translate(sources, program);
    neighbours::translate(sources, catalogue, program);
}

/// The whole file without blank lines at its end: the place of what is applied file by file (model ruling 8).
fn content(file: &SourceFile) -> Span {
    Span::new(file.id, 0, file.text.trim_end().len())
}

/// Whether a file is YAML by its name.
fn is_yaml(file: &SourceFile) -> bool {
    matches!(file.name().rsplit_once('.'), Some((_, "yaml" | "yml")))
}

/// An image without tag and digest; none where nothing of it is literal.
fn untagged(image: &str) -> Option<String> {
    let image = image.trim().split('@').next().unwrap_or("");
    let last = image.rfind('/').map_or(0, |i| i + 1);
    let name = image[last..].find(':').map_or(image, |i| &image[..last + i]);
    (name.chars().any(char::is_alphanumeric) && !name.contains(char::is_whitespace)).then(|| name.to_owned())
}

/// A text with holes for template expressions, masked ones, and variables to be substituted (`${NAME}`, `$NAME`).
fn varying(text: &str) -> String {
    let text = mask::unmask(text, HOLE);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['{', '$']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let end = if tail.starts_with("{{") {
            tail.find("}}").map(|i| i + 2)
        } else if tail.starts_with("${") {
            tail.find('}').map(|i| i + 1)
        } else {
            let name = tail.strip_prefix('$').unwrap_or("");
            let len = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
            (len > 0).then_some(len + 1)
        };
        if let Some(end) = end {
            out.push(HOLE);
            rest = &tail[end..];
        } else {
            out.push_str(&tail[..1]);
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Name a file whose values are encrypted (<https://getsops.io/docs/>): what it says is not known.
fn encrypted(root: Node, program: &mut Program) {
    if let Some(entry) = root.entry("sops").filter(|e| e.value.get("mac").is_some()) {
        program.unknowns.push((entry.key.own_span(), "the values of this file are encrypted".to_owned()));
    }
}

/// The images that a chart's values name: `image: NAME`, `image: {repository: NAME}`, in any place.
fn images_of_values(node: Node, out: &mut BTreeSet<String>) {
    for entry in node.entries() {
        let named = entry.name() == "image" || entry.name().ends_with("Image");
        if named {
            let registry = entry.value.get_str("registry").map(|r| format!("{r}/")).unwrap_or_default();
            let repository = entry.value.get_str("repository").or_else(|| entry.value.get_str("name"));
            let image = entry.value.scalar().map(str::to_owned).or_else(|| Some(format!("{registry}{}", repository?)));
            out.extend(image.and_then(|i| untagged(&varying(&i))));
        }
        images_of_values(entry.value, out);
    }
    for item in node.items() {
        images_of_values(item, out);
    }
}

/// A name without its variable parts, each dropped with one separator (model ruling 38); none where nothing is left.
fn literal_name(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split(HOLE).collect();
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        let separator = |c: char| matches!(c, '-' | '_' | '.' | '/' | ':');
        let part = if i > 0 && out.is_empty() { part.strip_prefix(separator).unwrap_or(part) } else { part };
        if i > 0 && out.ends_with(separator) && (part.is_empty() || part.starts_with(separator)) {
            out.pop();
        }
        out.push_str(part);
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_damage_makes_it_panic() {
        let files = [
            (
                "a/main.tf",
                "module \"m\" { source = \"./é${x}\" }\nresource \"aws_ecs_service\" s { name = \"ü-${var.é}\" \n c = <<-E\n ä\n E\n}\n",
            ),
            ("c/Chart.yaml", "name: é\ndependencies: [{name: x}]\n"),
            ("c/templates/a.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: '{{ é }}'}}\n"),
            ("k/kustomization.yaml", "resources: [., ../k, ../.., 'é']\npatches: [{path: ../x}]\n"),
            ("p.yml", "- import_playbook: p.yml\n- hosts: é\n  tasks: &a [*a]\n"),
            (
                "t/template.yaml",
                "Resources:\n  é: {Type: 'AWS::Lambda::Function', Properties: {FunctionName: !Sub 'ü-${é}', Code: &a [*a]}}\n  x: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Image: !Join [é, [a, !Ref é]]}]}}\n",
            ),
            ("t/serverless.yml", "service: é\nprovider: {stage: \"${opt:stage, 'é'}\"}\nfunctions: {é: {}}\n"),
            (
                "t/main.bicep",
                "resource é 'Microsoft.App/containerApps@1' = {\n  name: '${é}ü'\n  image: 'é'\n}\nmodule é '../é.bicep' = {\n}\n",
            ),
            (
                "t/template.json",
                "{\"$schema\": \"x/deploymentTemplate.json#\", \"resources\": [{\"type\": \"Microsoft.Web/sites\", \"name\": \"[é\", \"resources\": [{\"linuxFxVersion\": \"DOCKER|é\"}]}]}",
            ),
            ("t/Pulumi.yaml", "runtime: yaml\nresources: {é: {type: 'aws:ecs:Service', properties: {image: 'é${'}}}\n"),
            (
                "t/x.pkr.hcl",
                "build {\n sources = [\"source.é.é\", source.a.b]\n provisioner \"file\" { source = \"${é}/é\" }\n}\n",
            ),
            (
                "t/packer.json",
                "{\"builders\": [{\"name\": \"é\", \"type\": \"é\"}], \"provisioners\": [{\"type\": \"file\", \"source\": \"{{é\"}]}",
            ),
            (
                "s.yaml",
                "# é\n---\napiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: '{{é}}$é${'}\nspec: {generators: [{list: {elements: [{é: ü}]}}], template: {spec: {source: {path: '{{é}}{{'}}}}\n",
            ),
        ];
        for (path, text) in files {
            for end in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
                let mut sources = SourceSet::default();
                sources.add(path, &text[..end]);
                sources.add("t/samconfig.toml", "[default.deploy.parameters]\nstack_name = \"é\"\n");
                sources.add("k/x.yaml", &text[end..]);
                translate(&sources, Catalogue::embedded(), &mut Program::default());
            }
        }
    }

    #[test]
    fn names_of_images_and_workloads_lose_what_varies() {
        assert_eq!(untagged("host:5000/team/app:1.2@sha256:00").as_deref(), Some("host:5000/team/app"));
        assert_eq!(untagged("\u{fffc}:\u{fffc}"), None);
        assert_eq!(literal_name("web-\u{fffc}").as_deref(), Some("web"));
        assert_eq!(literal_name("\u{fffc}-web-\u{fffc}-api").as_deref(), Some("web-api"));
        assert_eq!(literal_name("\u{fffc}"), None);
    }
}
