//! Front end of compose files (<https://docs.docker.com/reference/compose-file/>): their services, and the file as something
//! that is applied as a whole.

use crate::catalogue::Catalogue;
use crate::frontends::expansion;
use crate::model::{Applicable, ComposeService, Declaration, DeclarationKind, Expr, OrphanKind, Program, Scope, Unit, UnitKind};
use crate::source::paths;
use crate::source::{SourceFile, SourceSet};
use crate::syntax::yaml::{self, Entry, Node};
use std::collections::BTreeMap;

/// Translate every compose file.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    for file in sources.files().iter().filter(|f| may_be_compose(f)) {
        let tree = yaml::parse(file);
        let Some(services) = tree.root().and_then(|r| r.get("services")).filter(Node::is_mapping) else { continue };
        program.diagnostics.extend(tree.diagnostics.iter().cloned());
        if tree.partly {
            program.partly_read.push((file.id, "syntax that could not be read".to_owned()));
        }
        let services: Vec<ComposeService> = services.entries().iter().filter_map(|e| service(file, e)).collect();
        let shared = catalogue.words().server_file(&file.path) && !catalogue.words().local_file(&file.path);
        for one in &services {
            declare(file, one, shared, program);
        }
        let mut unit = Unit::new(UnitKind::Compose, &file.path, file.whole());
        unit.dir = Some(Expr::lit(file.dir()));
        unit.local_only = catalogue.words().local_file(&file.path);
        let unit = program.add(unit);
        program.applicables.push(Applicable {
            kind: OrphanKind::Compose,
            unit,
            path: file.path.clone(),
            deploys: true,
            only_configuration: false,
            shared,
        });
        program.compose.insert(file.path.clone(), services);
    }
}

/// Whether a YAML file's name is one that compose files have: with `compose` or `stack` as a word.
fn may_be_compose(file: &SourceFile) -> bool {
    let name = file.name().to_ascii_lowercase();
    let Some((stem, "yml" | "yaml")) = name.rsplit_once('.') else { return false };
    stem.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| matches!(w, "compose" | "stack" | "dockercompose"))
}

fn value(text: &str) -> String {
    expansion::expr(text).eval(&Scope::default()).shown()
}

fn service(file: &SourceFile, entry: &Entry) -> Option<ComposeService> {
    let node = entry.value;
    if !node.is_mapping() {
        return None;
    }
    let mut out = ComposeService {
        name: entry.name().to_owned(),
        image: node.get_str("image").map(value),
        entrypoint: node.get("entrypoint").map(|n| words(&n.texts())).unwrap_or_default(),
        command: command(node),
        healthcheck: node
            .get("healthcheck")
            .filter(|h| h.get_str("disable") != Some("true"))
            .and_then(|_| node.entry_span("healthcheck")),
        span: Some(entry.span()),
        ..ComposeService::default()
    };
    if let Some(build) = node.get("build").filter(|b| !b.is_null()) {
        let context = if build.is_mapping() { build.get_str("context").unwrap_or(".") } else { build.raw() };
        let context = value(context);
        let remote = context.contains("://") || context.starts_with("git@");
        if !remote {
            let context = paths::clamp(file.dir(), &context);
            let dockerfile = build.get_str("dockerfile").map_or_else(|| "Dockerfile".to_owned(), value);
            let inline = build.get("dockerfile_inline").is_some();
            out.dockerfile = (!inline).then(|| paths::clamp(&context, &dockerfile));
            out.context = Some(context);
        }
        out.stage = build.get_str("target").map(value);
    }
    Some(out)
}

/// The entrypoint and command of a service, on one line.
fn command(node: Node) -> Option<String> {
    let texts: Vec<&str> = ["entrypoint", "command"].iter().filter_map(|k| node.get(k)).flat_map(|n| n.texts()).collect();
    let line = words(&texts).join(" ");
    (!line.is_empty()).then_some(line)
}

/// The words of a command that is written as one text or as a list.
fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().flat_map(|t| t.split_whitespace()).map(ToOwned::to_owned).collect()
}

/// An image without tag and digest.
fn untagged(image: &str) -> String {
    let image = image.split('@').next().unwrap_or(image);
    let last = image.rfind('/').map_or(0, |i| i + 1);
    image[last..].find(':').map_or(image, |i| &image[..last + i]).to_owned()
}

fn declare(file: &SourceFile, service: &ComposeService, shared: bool, program: &mut Program) {
    let mut facts = BTreeMap::new();
    facts.insert("file".to_owned(), file.path.clone());
    facts.insert("server".to_owned(), shared.to_string());
    for (name, value) in [("command", &service.command), ("dockerfile", &service.dockerfile), ("stage", &service.stage)] {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value.clone());
        }
    }
    program.declarations.push(Declaration {
        kind: DeclarationKind::ComposeService,
        name: service.name.clone(),
        span: service.span.unwrap_or_else(|| file.whole()),
        dir: file.dir().to_owned(),
        images: service.image.iter().map(|i| untagged(i)).collect(),
        context: service.context.clone(),
        facts,
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::model::HOLE;

    fn read(files: &[(&str, &str)]) -> (SourceSet, Program) {
        let mut sources = SourceSet::default();
        for (path, text) in files {
            sources.add(path, text);
        }
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        (sources, program)
    }

    #[test]
    fn services_say_what_they_build_and_run() {
        let text = "x-base: &base\n  restart: always\nservices:\n  api:\n    <<: *base\n    image: ${REG:-docker.io}/shop/api:${TAG}\n    build:\n      context: ../api\n      dockerfile: docker/Dockerfile.prod\n      target: run\n    command: [\"serve\", \"--port\", \"80\"]\n    healthcheck:\n      test: curl localhost\n  web:\n    build: web\n  db:\n    image: reg:5000/postgres@sha256:1\nvolumes: {}\n";
        let (sources, program) = read(&[
            ("ops/docker-compose.prod.yml", text),
            ("compose.yaml", "services: [a]\n"),
            ("compose.yml", "services:\n  a: {image: b}\n"),
        ]);
        let services = &program.compose["ops/docker-compose.prod.yml"];
        let api = &services[0];
        assert_eq!(api.image.as_deref(), Some(format!("docker.io/shop/api:{HOLE}").as_str()));
        assert_eq!((api.context.as_deref(), api.dockerfile.as_deref()), (Some("api"), Some("api/docker/Dockerfile.prod")));
        assert_eq!((api.stage.as_deref(), api.command.as_deref()), (Some("run"), Some("serve --port 80")));
        assert_eq!(sources.files()[0].line_range(api.span.unwrap()), (4, 13));
        assert_eq!(services[1].dockerfile.as_deref(), Some("ops/web/Dockerfile"));
        assert_eq!(
            program.declarations.iter().map(|d| d.images.join(",")).collect::<Vec<_>>(),
            ["docker.io/shop/api", "", "reg:5000/postgres", "b"]
        );
        let shared: Vec<(&str, bool)> = program.applicables.iter().map(|a| (a.path.as_str(), a.shared)).collect();
        assert_eq!(shared, [("ops/docker-compose.prod.yml", true), ("compose.yml", false)]);
    }

    #[test]
    fn broken_files_are_read_as_far_as_they_go() {
        let (_, program) = read(&[("docker-compose.yml", "services:\r\n  a:\r\n    image: b\r\n  c: [\r\n"), ("stack.yml", "")]);
        assert!(program.compose.len() <= 1);
    }
}
