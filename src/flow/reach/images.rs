//! Images: tools that run as containers, builds with the Dockerfiles they reach, compose files that build.

use super::calls::Folder;
use super::frame::Frame;
use super::{Build, Reach};
use crate::catalogue::{Action, Class, Role};
use crate::flow::names::tokens;
use crate::model::{Automation, BUILD_TARGET, Command, Confidence, HOLE, Scope, Stage, UnitId, UnitKind, Value, Wrapper};
use crate::source::Span;
use crate::source::paths::join;

/// Files that Compose reads in a folder.
const COMPOSE_FILES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

impl Reach<'_> {
    /// A tool that runs as a container: the image's name stands for the program; where that is a variable, the name of the
    /// function it runs in may say the tool (`run-hadolint-in-docker`).
    pub(super) fn class_of_image(&self, words: &[String], container: Option<&str>, frame: &Frame) -> Option<Class> {
        if let [_, second, third, ..] = words
            && container.is_none()
            && second == "compose"
            && third == "run"
        {
            let class = self.catalogue.command(words)?;
            return class.role(Role::Service).next().and_then(|service| self.checking(service, words));
        }
        let (image, rest) = match container {
            Some(image) => (image.to_owned(), words),
            None if words.len() > 2 && words[1] == "run" && matches!(words[0].as_str(), "docker" | "podman" | "nerdctl") => {
                let valued = |i: usize| words[i].starts_with('-') && self.catalogue.takes_value("docker", &words[i]);
                let at = (2..words.len()).find(|i| !words[*i].starts_with('-') && !valued(i - 1))?;
                (words[at].clone(), &words[at + 1..])
            }
            None => return None,
        };
        let as_tool = |name: String| {
            let mut command = vec![name];
            command.extend(rest.iter().cloned());
            self.class_of(&command).filter(|c| matches!(c.action, Action::Step(_)))
        };
        if let Some(name) = image_name(&image) {
            let own = || if container.is_none() && rest.is_empty() { self.checking(&name, words) } else { None };
            return as_tool(name.clone()).or_else(own);
        }
        let unit = self.program.unit(frame.unit);
        if unit.kind != UnitKind::Function {
            return None;
        }
        let tokens = tokens(&unit.name);
        let pairs = tokens.windows(2).map(|w| w.join("-"));
        let mut class = pairs.chain(tokens.iter().cloned()).filter(|t| t.len() > 3).find_map(as_tool)?;
        class.confidence = class.confidence.max(Confidence::Likely);
        Some(class)
    }

    /// An image or service that is run for what it finds: its name ends with that (`shop-e2e`, `frontendTests`).
    fn checking(&self, name: &str, words: &[String]) -> Option<Class> {
        if words.iter().any(|w| matches!(w.as_str(), "-d" | "--detach" | "-itd" | "-dit")) {
            return None;
        }
        let last = name.rsplit(|c: char| !c.is_alphanumeric()).next()?;
        let last = last.rfind(char::is_uppercase).map_or(last, |at| &last[at..]);
        let stage = self.catalogue.words().stage(last)?;
        matches!(stage, Stage::Test | Stage::Check | Stage::Scan).then(|| Class {
            tool: "docker".to_owned(),
            row: format!("docker run {name}"),
            action: Action::Step(stage),
            kind: None,
            also: Vec::new(),
            roles: Vec::new(),
            traits: Vec::new(),
            confidence: Confidence::Likely,
        })
    }

    /// Note an image build and reach the Dockerfile's own commands.
    pub(super) fn build_of(&mut self, mut build: Build, target: Option<&str>, at: Span, frame: &mut Frame) {
        let unit = build.dockerfile.as_deref().and_then(|d| self.links.at(UnitKind::Dockerfile, d));
        let (context, dockerfile) = (build.context.clone(), build.dockerfile.clone());
        build.manual = frame.by_hand();
        build.job = frame.job;
        build.target = target.map(ToOwned::to_owned);
        build.at = Some(at);
        if let Some(unit) = unit {
            build.dockerfile = Some(self.path_of(unit).to_owned());
        }
        // What a document builds is its reader's.
        if self.program.unit(frame.unit).kind != UnitKind::Document {
            self.found.builds.insert(build);
        }
        self.enter_dockerfile(dockerfile.as_deref(), context, target, at, frame);
    }

    /// The commands of the Dockerfile that a target starts from.
    pub(super) fn built_on(&mut self, class: &Class, at: Span, frame: &mut Frame) {
        let context = class.role(Role::Dir).next().and_then(|dir| self.change_dir(frame, &Value::text(dir)));
        let file = class.role(Role::File).next().unwrap_or("Dockerfile").to_owned();
        let mut all: Vec<String> = self.links.candidates(&file, frame.dir.as_deref(), &frame.home);
        all.extend(context.as_deref().and_then(|c| join(c, &file)));
        let known = all.into_iter().find(|p| self.program.dockerfiles.contains_key(p));
        self.enter_dockerfile(known.as_deref(), context, None, at, frame);
    }

    /// The commands of a Dockerfile that is built in a folder, up to the stage that is asked for.
    pub(super) fn enter_dockerfile(
        &mut self,
        dockerfile: Option<&str>,
        context: Option<String>,
        target: Option<&str>,
        at: Span,
        frame: &mut Frame,
    ) {
        let Some(unit) = dockerfile.and_then(|d| self.links.at(UnitKind::Dockerfile, d)) else { return };
        let dir = Folder::At(context.or_else(|| Some(self.home_of(unit).to_owned())));
        let mut inner = frame.clone();
        inner.scope = Scope::default();
        if let Some(stage) = self.stage_of_build(unit, target) {
            inner.scope.set(BUILD_TARGET, Value::text(stage));
            self.found.partly_built.insert(unit);
        }
        inner.local_cluster = false;
        inner.local_services = false;
        self.enter_unit(unit, &mut inner, at, None, &[], dir);
    }

    /// The stage that a build asks for, as its Dockerfile writes it.
    fn stage_of_build(&self, dockerfile: UnitId, target: Option<&str>) -> Option<&str> {
        let stages = &self.program.dockerfiles.get(self.path_of(dockerfile))?.stages;
        stages.iter().find(|s| target.is_some_and(|t| s.eq_ignore_ascii_case(t))).map(String::as_str)
    }

    /// `docker build` and its like: the image, its context and Dockerfile.
    pub(super) fn image_build(&mut self, words: &[String], class: &Class, at: Span, frame: &mut Frame) {
        if words.iter().any(|w| w == "compose") || words[0] == "docker-compose" {
            self.compose_build(words, class, at, frame);
            return;
        }
        if words[0] == "SAVE" {
            // A target saves what it is itself.
            for image in words[2..].iter().filter(|w| !w.starts_with("--")) {
                let context = Some(frame.home.clone()).filter(|home| !home.is_empty());
                let pushed = words.iter().any(|w| w == "--push");
                let build = Build { image: image_name(image).unwrap_or_default(), context, pushed, ..Build::default() };
                self.build_of(build, None, at, frame);
            }
            return;
        }
        // kaniko's executor is nothing but a build.
        let kaniko = words[0] == "executor" || words[0].ends_with("/executor");
        if !kaniko && !words.iter().any(|w| w == "build" || w == "buildx" || w == "bud") {
            return;
        }
        let context = self.positional(words).into_iter().last().filter(|c| !matches!(c.as_str(), "build" | "-"));
        let by_option = |i: usize| words[i].strip_prefix("--target").map(|v| (i, v));
        let target = (0..words.len()).find_map(by_option).and_then(|(i, value)| match value.strip_prefix('=') {
            Some(value) => Some(value.to_owned()),
            None => words.get(i + 1).cloned(),
        });
        self.image_build_of(class, context, target.as_deref(), at, frame);
    }

    /// The same from what a row's roles say.
    pub(super) fn image_build_of(
        &mut self,
        class: &Class,
        context: Option<String>,
        target: Option<&str>,
        at: Span,
        frame: &mut Frame,
    ) {
        let image = class.role(Role::Image).flat_map(|v| v.split([',', '\n'])).find_map(image_name);
        let context = context.or_else(|| class.role(Role::Dir).next().map(ToOwned::to_owned)).unwrap_or_else(|| ".".to_owned());
        let context = match self.change_dir(frame, &Value::text(context.as_str())) {
            Some(dir) if self.sources.dirs.contains(&dir) => Some(dir),
            _ => None,
        };
        let file = class.role(Role::File).next().map(ToOwned::to_owned);
        let candidates: Vec<String> = match &file {
            Some(file) => {
                let mut all = self.links.candidates(file, frame.dir.as_deref(), &frame.home);
                all.extend(context.as_deref().and_then(|c| join(c, file)));
                // A context stands for the Dockerfile in it.
                let inside: Vec<String> = all.iter().filter_map(|p| join(p, "Dockerfile")).collect();
                all.extend(inside);
                all
            }
            None => context.iter().filter_map(|c| join(c, "Dockerfile")).collect(),
        };
        let dockerfile = candidates.into_iter().find(|p| self.links.at(UnitKind::Dockerfile, p).is_some());
        let pushed = class.stage() == Some(Stage::Publish);
        let build = Build { image: image.unwrap_or_default(), context, dockerfile, pushed, ..Build::default() };
        self.build_of(build, target, at, frame);
    }

    /// The compose files that a command reads: those it names, else the usual ones of its folder.
    fn compose_files(&self, class: &Class, frame: &Frame) -> Vec<String> {
        let named: Vec<Vec<String>> =
            class.role(Role::File).map(|f| self.links.candidates(f, frame.dir.as_deref(), &frame.home)).collect();
        if named.iter().any(|n| !n.is_empty()) {
            // A name means one file: the first place where there is one.
            let first = |all: Vec<String>| {
                let at = all.iter().position(|p| self.program.compose.contains_key(p));
                all.into_iter().nth(at.unwrap_or(0))
            };
            return named.into_iter().filter_map(first).collect();
        }
        let dir = frame.dir.clone().unwrap_or_default();
        COMPOSE_FILES.iter().filter_map(|n| join(&dir, n)).collect()
    }

    /// Note that a compose file is used.
    pub(super) fn apply_compose(&mut self, class: &Class, frame: &Frame) {
        for file in self.compose_files(class, frame) {
            let level = self.found.applied.entry(file).or_insert(crate::model::Automation::Missing);
            *level = (*level).max(frame.way.automation);
        }
    }

    /// The words of a command in a compose service, with the tool that its entrypoint or third-party image puts before them
    /// (`docker compose run terraform plan`).
    pub(super) fn in_service(&self, command: &Command, words: &[String], frame: &Frame) -> Option<Vec<String>> {
        if self.catalogue.command(words).is_some_and(|c| c.tool != "shell") {
            return None;
        }
        let dir = frame.dir.clone().unwrap_or_default();
        let near: Vec<String> = COMPOSE_FILES.iter().filter_map(|n| join(&dir, n)).collect();
        let names = command.wrappers.iter().filter_map(|w| match w {
            Wrapper::ComposeService(e) => e.eval(&frame.scope).known().map(ToOwned::to_owned),
            _ => None,
        });
        for name in names {
            let all = near.iter().filter_map(|f| self.program.compose.get(f)).chain(self.program.compose.values());
            let Some(service) = all.flatten().find(|s| s.name == name) else { continue };
            let mut full = service.entrypoint.clone();
            if full.is_empty() && service.context.is_none() {
                full.extend(service.image.as_deref().and_then(image_name));
            }
            if full.is_empty() {
                continue;
            }
            full.extend(words.iter().cloned());
            let known = self.catalogue.command(&full);
            if known.is_some_and(|c| c.tool != "shell" && matches!(c.action, Action::Step(_) | Action::Glue)) {
                return Some(full);
            }
        }
        None
    }

    /// Whether the compose service that a command runs in stands in a compose file of the repository.
    pub(super) fn knows_service(&self, command: &Command, frame: &Frame) -> bool {
        let names = command.wrappers.iter().filter_map(|w| match w {
            Wrapper::ComposeService(e) => e.eval(&frame.scope).known().map(ToOwned::to_owned),
            _ => None,
        });
        names.into_iter().any(|name| self.program.compose.values().flatten().any(|s| s.name == name))
    }

    /// The build context of the compose service that a command runs in.
    pub(super) fn service_context(&self, command: &Command, frame: &Frame) -> Option<String> {
        let name = command.wrappers.iter().find_map(|w| match w {
            Wrapper::ComposeService(e) => e.eval(&frame.scope).known().map(ToOwned::to_owned),
            _ => None,
        })?;
        let dir = frame.dir.clone().unwrap_or_default();
        let near = COMPOSE_FILES.iter().filter_map(|n| join(&dir, n));
        let mut services = near.filter_map(|f| self.program.compose.get(&f)).flatten();
        services.find(|s| s.name == name)?.context.clone()
    }

    /// `docker compose run SERVICE` builds the service's image where it has a build context.
    pub(super) fn run_compose(&mut self, command: &Command, frame: &mut Frame) {
        let services: Vec<String> = command
            .wrappers
            .iter()
            .filter_map(|w| match w {
                Wrapper::ComposeService(e) => e.eval(&frame.scope).known().map(ToOwned::to_owned),
                _ => None,
            })
            .collect();
        let dir = frame.dir.clone().unwrap_or_default();
        let program = self.program;
        for file in COMPOSE_FILES.iter().filter_map(|n| join(&dir, n)) {
            for service in program.compose.get(&file).into_iter().flatten().filter(|s| services.contains(&s.name)) {
                let level = self.found.applied.entry(file.clone()).or_insert(Automation::Missing);
                *level = (*level).max(frame.way.automation);
                if service.context.is_some() {
                    let image = service.image.as_deref().and_then(image_name);
                    let build = Build {
                        image: image.unwrap_or_default(),
                        context: service.context.clone(),
                        dockerfile: service.dockerfile.clone(),
                        ..Build::default()
                    };
                    self.build_of(build, service.stage.as_deref(), command.span, frame);
                }
            }
        }
    }

    /// `docker compose build [SERVICE…]`: every service of its files that has a build context.
    pub(super) fn compose_build(&mut self, words: &[String], class: &Class, at: Span, frame: &mut Frame) {
        let files = self.compose_files(class, frame);
        let program = self.program;
        let wanted = self.positional(words);
        for service in files.iter().filter_map(|f| program.compose.get(f)).flatten() {
            let named = wanted.contains(&service.name);
            let any_named = wanted.iter().any(|w| program.compose.values().flatten().any(|s| s.name == *w));
            if service.context.is_some() && (named || !any_named) {
                let image = service.image.as_deref().and_then(image_name).or_else(|| Some(service.name.clone()));
                let build = Build {
                    image: image.unwrap_or_default(),
                    context: service.context.clone(),
                    dockerfile: service.dockerfile.clone(),
                    ..Build::default()
                };
                self.build_of(build, service.stage.as_deref(), at, frame);
            }
        }
    }
}

/// The name of an image: the last segment of its path without tag and digest; variable parts go with one separator
/// (ruling 38). None where nothing of it is known.
pub fn image_name(image: &str) -> Option<String> {
    let image = image.trim().trim_matches('"');
    let image = image.split('@').next().unwrap_or(image);
    let last = image.rsplit('/').next().unwrap_or(image);
    let name = last.split(':').next().unwrap_or(last);
    let clean: Vec<&str> = name.split(HOLE).map(|p| p.trim_matches(|c| "-_.".contains(c))).filter(|p| !p.is_empty()).collect();
    let name = clean.join("-");
    if name.is_empty() {
        // `$REGISTRY/app/$VARIANT`: the segment before the variable one, unless it is the registry or the owner.
        let (before, _) = image.rsplit_once('/')?;
        let (_, before) = before.rsplit_once('/')?;
        return Some(before.to_owned()).filter(|b| !b.is_empty() && !b.contains([HOLE, '.', ':']));
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_names_drop_registry_tag_and_variables() {
        assert_eq!(image_name("ghcr.io/acme/shop-cart:1.2").as_deref(), Some("shop-cart"));
        assert_eq!(image_name("localhost:5000/cart@sha256:abc").as_deref(), Some("cart"));
        assert_eq!(image_name(&format!("{HOLE}/cart-{HOLE}:{HOLE}")).as_deref(), Some("cart"));
        assert_eq!(image_name(&format!("{HOLE}:{HOLE}")), None);
        assert_eq!(image_name(&format!("{HOLE}/cart/{HOLE}")).as_deref(), Some("cart"));
        assert_eq!(image_name(&format!("team/{HOLE}:{HOLE}")), None);
    }
}
