//! Skaffold configurations (<https://skaffold.dev/docs/references/yaml/>): artifacts, what is deployed, profiles, and the modules
//! that one requires.

use super::fixed;
use crate::frontends::infra::{is_yaml, literal_name, varying};
use crate::model::{Plan, PlannedImage, PlannedRelease, Program};
use crate::source::paths::{clamp, join};
use crate::source::{SourceFile, SourceSet};
use crate::syntax::yaml::{self, Node};

/// Read every configuration.
pub(super) fn translate(sources: &SourceSet, program: &mut Program) {
    for file in sources.files().iter().filter(|f| is_yaml(f) && f.text.contains("skaffold/v")) {
        let tree = yaml::parse(file);
        let is_one = |n: &Node| n.get_str("apiVersion").is_some_and(|v| v.starts_with("skaffold/"));
        let documents: Vec<Node> = tree.documents().filter(is_one).collect();
        if documents.is_empty() {
            continue;
        }
        program.diagnostics.extend(tree.diagnostics.iter().cloned());
        let usual = matches!(file.name(), "skaffold.yaml" | "skaffold.yml");
        let mut plan =
            Plan { tool: "skaffold", home: usual.then(|| file.dir().to_owned()), span: Some(file.whole()), ..Plan::default() };
        for document in documents {
            let module = document.at(&["metadata", "name"]).and_then(|n| n.scalar()).map(ToOwned::to_owned);
            let reader = Reader { file, module };
            reader.part(document, None, &mut plan);
            for profile in document.get("profiles").map(|n| n.items()).unwrap_or_default() {
                let Some(name) = profile.get_str("name") else { continue };
                plan.variants.insert(name.to_owned());
                reader.part(profile, Some(name), &mut plan);
            }
            for required in document.get("requires").map(|n| n.items()).unwrap_or_default() {
                plan.includes.extend(required.get_str("path").and_then(|p| join(file.dir(), p)));
            }
        }
        program.plans.insert(file.path.clone(), plan);
    }
}

struct Reader<'s> {
    file: &'s SourceFile,
    module: Option<String>,
}

impl Reader<'_> {
    /// A configuration or a profile of it.
    fn part(&self, node: Node, variant: Option<&str>, plan: &mut Plan) {
        for artifact in node.at(&["build", "artifacts"]).map(|n| n.items()).unwrap_or_default() {
            plan.images.extend(self.artifact(artifact, variant));
        }
        // What is deployed stood under `deploy` up to version 2.
        for place in ["manifests", "deploy"] {
            let Some(place) = node.get(place) else { continue };
            for release in place.at(&["helm", "releases"]).map(|n| n.items()).unwrap_or_default() {
                plan.releases.push(self.release(release, variant));
            }
            let lists = [&["rawYaml"][..], &["kubectl", "manifests"], &["kustomize", "paths"], &["kustomize", "path"]];
            let mut texts: Vec<&str> = lists.iter().filter_map(|path| place.at(path)).flat_map(|n| n.texts()).collect();
            if place.get("kustomize").is_some_and(|k| k.get("paths").is_none() && k.get("path").is_none()) {
                texts.push(".");
            }
            let paths: Vec<String> = texts.into_iter().map(|t| clamp(self.file.dir(), fixed(t))).collect();
            if !paths.is_empty() {
                plan.releases.push(PlannedRelease { paths, ..self.empty(variant) });
            }
        }
    }

    fn empty(&self, variant: Option<&str>) -> PlannedRelease {
        PlannedRelease { module: self.module.clone(), variant: variant.map(ToOwned::to_owned), ..PlannedRelease::default() }
    }

    fn artifact(&self, node: Node, variant: Option<&str>) -> Option<PlannedImage> {
        let image = varying(node.get_str("image").or_else(|| node.get_str("imageName"))?);
        let docker = node.get("docker").or_else(|| node.get("kaniko"));
        // Builders that need no Dockerfile say so by their key.
        let other =
            ["jib", "buildpacks", "ko", "bazel", "custom", "jibMaven", "jibGradle"].iter().any(|key| node.get(key).is_some());
        let context = node.get_str("context").or_else(|| node.get_str("workspace")).unwrap_or(".");
        let named = docker.and_then(|d| d.get_str("dockerfile").or_else(|| d.get_str("dockerfilePath")));
        Some(PlannedImage {
            name: image.clone(),
            module: self.module.clone(),
            variant: variant.map(ToOwned::to_owned),
            images: vec![image],
            context: Some(clamp(self.file.dir(), context)),
            dockerfile: if other { None } else { Some(named.unwrap_or("Dockerfile").to_owned()) },
            stage: docker.and_then(|d| d.get_str("target")).map(ToOwned::to_owned),
        })
    }

    fn release(&self, node: Node, variant: Option<&str>) -> PlannedRelease {
        let mut out = self.empty(variant);
        out.name = node.get_str("name").and_then(|n| literal_name(&varying(n))).unwrap_or_default();
        let chart = node.get_str("chartPath").filter(|_| node.get("repo").is_none());
        out.paths.extend(chart.map(|c| clamp(self.file.dir(), c)));
        out.environment_literals.extend(node.get_str("namespace").map(varying));
        let values = node.get("valuesFiles").map(|n| n.texts()).unwrap_or_default();
        out.environment_literals.extend(values.into_iter().map(varying));
        out
    }
}
