//! Commands and built-ins in a context: what each is, and what the rulings make of it there.

use super::frame::Frame;
use super::{Build, MAX_VARIANTS, Reach};
use crate::catalogue::{Action, Class, Role, Trait};
use crate::flow::occurrence::{Hint, Occurrence};
use crate::model::{LinkKind, 
    Automation, BuiltIn, Command, Confidence, Flag, HOLE, Logic, Means, RefKind, Stage, UnitKind, Value, Wrapper,
};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be reported of a command or built-in.
pub(super) struct Emission<'a> {
    pub span: Span,
    pub text: &'a str,
    pub stage: Stage,
    pub class: &'a Class,
    pub means: Means,
    pub logic: Logic,
    pub flags: BTreeSet<Flag>,
    pub confidence: Confidence,
    pub subject: Option<String>,
}

impl Reach<'_> {
    /// A command, for each of the values its words may have.
    pub(super) fn command(&mut self, command: &Command, frame: &mut Frame) {
        let mut inner = None;
        if !command.assigns.is_empty() {
            let mut f = frame.clone();
            for (name, e) in &command.assigns {
                let value = e.eval(&f.scope);
                f.scope.set(name.clone(), value);
            }
            inner = Some(f);
        }
        let values: Vec<Value> = command.words.iter().map(|w| w.eval(&inner.as_ref().unwrap_or(frame).scope)).collect();
        for words in variants(&values) {
            match &mut inner {
                Some(f) => {
                    self.simple(command, &words, f);
                    frame.deployed |= f.deployed;
                    frame.local_cluster |= f.local_cluster;
                    frame.edited |= f.edited;
                }
                None => self.simple(command, &words, frame),
            }
        }
    }

    fn simple(&mut self, command: &Command, words: &[String], frame: &mut Frame) {
        let Some(program) = words.first().filter(|p| !p.is_empty()) else { return };
        let remote = command.wrappers.iter().any(|w| matches!(w, Wrapper::Remote(_)));
        if program.chars().all(|c| c == HOLE) {
            if !frame.by_hand() && !command.logic.captured {
                self.unresolved(frame, command.span, "the program is a variable".to_owned(), Vec::new());
            }
            return;
        }
        if let Some(function) = frame.functions.get(program.as_str()).copied() {
            self.enter_unit(function, frame, command.span, Some(&words[1..]), &[], None);
            return;
        }
        let container = command.wrappers.iter().rev().find_map(|w| match w {
            Wrapper::Container(image) => Some(image.eval(&frame.scope).shown()),
            _ => None,
        });
        let mut class = self.catalogue.command(words);
        if !class.as_ref().is_some_and(|c| matches!(c.action, Action::Step(_)))
            && let Some(by_image) = self.class_of_image(words, container.as_deref())
        {
            class = Some(by_image);
        }
        let Some(class) = class else {
            return;
        };
        if class.kind.as_deref() == Some("template") || class.kind.as_deref() == Some("edit") {
            frame.edited = true;
        }
        self.login(&class, frame);
        match class.action.clone() {
            Action::Glue => self.glue(command, words, &class, frame),
            Action::Step(stage) => self.step(command, words, &class, stage, frame),
            Action::Resolve { resolver, by_name } => {
                if remote && matches!(resolver.as_str(), "script" | "helper") {
                    // A script on a host that has its own copy (ruling 25): the call is the step.
                    self.emit_command(command, &class, by_name.unwrap_or(Stage::Deploy), frame, BTreeSet::new());
                    frame.deployed = true;
                } else if container.is_some() && resolver == "script" {
                    self.by_name(command, words, &class, by_name, frame);
                } else {
                    let steps = self.resolve(&resolver, words, &class, command.span, frame);
                    if steps != Some(0) && steps.is_some() {
                        return;
                    }
                    if steps.is_none() || by_name.is_some() || resolver == "script" {
                        self.by_name(command, words, &class, by_name, frame);
                    }
                }
            }
        }
    }

    /// A call that could not be resolved, or that holds no classified command: a step if its name says a stage clearly.
    fn by_name(&mut self, command: &Command, words: &[String], class: &Class, by_name: Option<Stage>, frame: &mut Frame) {
        let name = class.role(Role::File).next().map_or_else(|| words.join(" "), ToOwned::to_owned);
        let stage = by_name.or_else(|| self.catalogue.words().stage(&name));
        match stage {
            Some(stage) if !self.catalogue.words().local(&name) => {
                self.emit_command(command, class, stage, frame, BTreeSet::from([Flag::ByName]));
            }
            _ if !frame.by_hand() && !command.logic.captured => {
                let why = format!("what {} does is not in this repository", name.replace(HOLE, "…"));
                let hints = self.hints_of(class, frame);
                self.unresolved(frame, command.span, why, hints);
            }
            _ => {}
        }
    }

    /// A tool that runs as a container: the image's name stands for the program.
    fn class_of_image(&self, words: &[String], container: Option<&str>) -> Option<Class> {
        let (image, rest) = match container {
            Some(image) => (image.to_owned(), words),
            None if words.len() > 2 && words[1] == "run" && matches!(words[0].as_str(), "docker" | "podman" | "nerdctl") => {
                let at = (2..words.len()).find(|i| {
                    !words[*i].starts_with('-') && !(words[i - 1].starts_with('-') && self.catalogue.takes_value("docker", &words[i - 1]))
                })?;
                (words[at].clone(), &words[at + 1..])
            }
            None => return None,
        };
        let name = image_name(&image)?;
        let mut as_command = vec![name];
        as_command.extend(rest.iter().cloned());
        self.catalogue.command(&as_command).filter(|c| matches!(c.action, Action::Step(_)))
    }

    /// A login that names an environment says it for the commands after it.
    fn login(&self, class: &Class, frame: &mut Frame) {
        if class.action == Action::Glue
            && let Some(name) = class.role(Role::Environment).find_map(|v| self.catalogue.environments().find_in(v))
        {
            frame.login = Some(name);
        }
    }

    fn glue(&mut self, command: &Command, words: &[String], class: &Class, frame: &mut Frame) {
        if class.is(Trait::LocalCluster) {
            frame.local_cluster = true;
        }
        if class.is(Trait::VerifyAfterDeploy) {
            self.probe(command, words, class, frame);
        }
    }

    /// A request that looks whether something answers: after a deploy it verifies, against a local stack it tests.
    fn probe(&mut self, command: &Command, words: &[String], class: &Class, frame: &mut Frame) {
        if command.logic.captured || frame.by_hand() && !frame.deployed {
            return;
        }
        let asserts = command.logic.polling || command.logic.piped_out || command.logic.is_condition || command.logic.fallback;
        let local = words.iter().any(|w| w.contains("localhost") || w.contains("127.0.0.1"));
        if frame.deployed && !local {
            self.emit_command(command, class, Stage::Verify, frame, BTreeSet::new());
        } else if (asserts && frame.in_test()) || (local && !frame.by_hand()) {
            self.emit_command(command, class, Stage::Test, frame, BTreeSet::new());
        }
    }

    fn step(&mut self, command: &Command, words: &[String], class: &Class, stage: Stage, frame: &mut Frame) {
        let remote = command.wrappers.iter().any(|w| matches!(w, Wrapper::Remote(_)));
        let pod = command.wrappers.iter().any(|w| matches!(w, Wrapper::Pod(_)));
        if class.is(Trait::LocalOnly) {
            return;
        }
        if class.is(Trait::LocalCluster) {
            frame.local_cluster = true;
            return;
        }
        if class.is(Trait::GlueInScript) && frame.in_script && !remote {
            return;
        }
        let mut stage = stage;
        let mut flags = BTreeSet::new();
        if remote && class.is(Trait::DeployOnHost) {
            stage = Stage::Deploy;
        }
        if class.is(Trait::ComposeUp) && !remote && !self.server_compose(class, words, frame) {
            // A stack on the runner or on a developer's machine: what follows in the job tests against it.
            frame.local_cluster |= !frame.by_hand();
            return;
        }
        if class.is(Trait::ByManifest) {
            stage = self.by_manifest(class, stage, frame);
        }
        if class.is(Trait::GitOps) {
            if frame.other_repository && frame.edited {
                stage = Stage::Deploy;
                flags.insert(Flag::Elsewhere);
            } else if frame.edited && !self.program.reconcilers.is_empty() {
                stage = Stage::Deploy;
            }
        }
        if class.is(Trait::PersonMerges) {
            flags.insert(Flag::PersonMerges);
        }
        if class.is(Trait::LocalInTests) && !remote && !pod {
            if frame.local_services || frame.local_cluster {
                return;
            }
            if frame.by_hand() && frame.keyword.is_none() && class.role(Role::Environment).next().is_none() {
                return;
            }
        }
        if frame.local_cluster && !remote {
            match stage {
                Stage::Deploy | Stage::Configure | Stage::Provision | Stage::Release | Stage::Rollback => return,
                Stage::Verify => stage = Stage::Test,
                _ => {}
            }
        }
        if class.is(Trait::VerifyAfterDeploy) && frame.deployed && stage == Stage::Test {
            stage = Stage::Verify;
        }
        if stage == Stage::Deploy && frame.on_failure && class.kind.as_deref() == Some("undo") {
            stage = Stage::Rollback;
        }
        self.emit_command(command, class, stage, frame, flags);
        frame.deployed |= stage == Stage::Deploy || (stage == Stage::Provision && !class.is(Trait::LookOnly));
        self.apply(class, frame);
        if class.tool == "git" && words.get(1).is_some_and(|w| w == "clone") {
            frame.other_repository = true;
        }
        if class.kind.as_deref() == Some("deps") {
            self.lifecycle(words, class, command.span, frame);
        }
        if class.kind.as_deref() == Some("image") && matches!(stage, Stage::Package | Stage::Publish) {
            self.image_build(words, class, command.span, frame);
        }
    }

    /// Whether `docker compose up` acts on a server: by the name of its file, or by a context of its own.
    fn server_compose(&self, class: &Class, words: &[String], frame: &Frame) -> bool {
        if words.iter().any(|w| w == "--context" || w == "-H" || w.starts_with("--context=") || w.starts_with("--host")) {
            return true;
        }
        let words_of = self.catalogue.words();
        let named: Vec<&str> = class.role(Role::File).collect();
        if named.is_empty() {
            return frame.scope.get("env.DOCKER_HOST").known().is_some_and(|h| h.starts_with("ssh://") || h.starts_with("tcp://"));
        }
        named.iter().any(|f| words_of.server_file(f)) && !named.iter().any(|f| words_of.local_file(f))
    }

    /// What `kubectl apply` does depends on what it names (rulings 9, 24).
    fn by_manifest(&self, class: &Class, stage: Stage, frame: &Frame) -> Stage {
        let (mut deploys, mut other, mut configuration, mut any) = (false, false, false, false);
        for file in class.role(Role::File) {
            for path in self.links.candidates(file, frame.dir.as_deref(), &frame.home) {
                for a in self.program.applicables.iter().filter(|a| a.path == path || a.path.starts_with(&format!("{path}/"))) {
                    any = true;
                    deploys |= a.deploys;
                    configuration |= a.only_configuration;
                    other |= !a.deploys && !a.only_configuration;
                }
            }
        }
        match (any, deploys, other, configuration) {
            (false, ..) | (_, true, ..) => stage,
            (_, _, true, _) => Stage::Provision,
            (_, _, false, true) => Stage::Configure,
            _ => stage,
        }
    }

    /// Note what a command applies, so that it is no orphan.
    fn apply(&mut self, class: &Class, frame: &Frame) {
        let mut paths: Vec<String> = class
            .role(Role::File)
            .flat_map(|f| self.links.candidates(f, frame.dir.as_deref(), &frame.home))
            .collect();
        for dir in class.role(Role::Dir) {
            paths.extend(self.links.candidates(dir, frame.dir.as_deref(), &frame.home));
        }
        if class.tool == "terraform" || class.tool == "terragrunt" || class.tool == "pulumi" {
            if class.role(Role::Dir).next().is_none() {
                paths.extend(frame.dir.clone());
            }
        }
        if self.program.unit(frame.unit).kind == UnitKind::Document {
            self.found.documented.extend(paths);
            return;
        }
        for path in paths {
            let level = self.found.applied.entry(path).or_insert(Automation::Missing);
            *level = (*level).max(frame.way.automation);
        }
    }

    fn emit_command(
        &mut self, command: &Command, class: &Class, stage: Stage, frame: &mut Frame, flags: BTreeSet<Flag>,
    ) {
        let logic = command.logic;
        let own_helper = matches!(&class.action, Action::Resolve { .. });
        let means = if logic.in_loop || logic.polling || logic.piped_in || logic.piped_out || own_helper { Means::Script } else { Means::Command };
        let confidence = if flags.contains(&Flag::ByName) { Confidence::Low } else { class.confidence.max(command.confidence) };
        let subject = command.wrappers.iter().find_map(|w| match w {
            Wrapper::Remote(e) | Wrapper::Container(e) | Wrapper::ComposeService(e) | Wrapper::Pod(e) => Some(e.eval(&frame.scope).shown()),
            Wrapper::Plain(_) => None,
        });
        let emission = Emission { span: command.span, text: &command.text, stage, class, means, logic, flags, confidence, subject };
        self.emit(emission, frame);
    }

    /// An action, task or keyword.
    pub(super) fn builtin(&mut self, builtin: &BuiltIn, frame: &mut Frame) {
        let inputs: BTreeMap<String, Value> = builtin.inputs.iter().map(|(n, e)| (n.clone(), e.eval(&frame.scope))).collect();
        let mut class = self.catalogue.builtin(builtin.vendor, &builtin.name, &builtin.version, &inputs);
        if class.is_none()
            && let Some(image) = builtin.name.strip_prefix("docker://")
        {
            let args = inputs.get("args").map(Value::shown).unwrap_or_default();
            let mut words: Vec<String> = image_name(image).into_iter().collect();
            words.extend(args.split_whitespace().map(ToOwned::to_owned));
            class = self.catalogue.command(&words);
        }
        let Some(class) = class else {
            if !builtin.inner.is_empty() {
                self.items(&builtin.inner, frame);
            } else if builtin.external_call {
                let why = format!("{} is a pipeline of another repository", builtin.name);
                self.unresolved(frame, builtin.span, why, frame.hints.clone());
            }
            return;
        };
        self.login(&class, frame);
        if class.is(Trait::LocalCluster) {
            frame.local_cluster = true;
        }
        if class.kind.as_deref() == Some("checkout") && inputs.contains_key("repository") {
            frame.other_repository = true;
        }
        let stage = match class.action.clone() {
            Action::Glue => {
                self.items(&builtin.inner, frame);
                return;
            }
            Action::Step(stage) => stage,
            Action::Resolve { resolver, by_name } => {
                if !builtin.inner.is_empty() {
                    self.items(&builtin.inner, frame);
                    return;
                }
                let words: Vec<String> = std::iter::once(builtin.name.clone()).collect();
                if self.resolve(&resolver, &words, &class, builtin.span, frame).is_some_and(|n| n > 0) {
                    return;
                }
                match by_name {
                    Some(stage) => stage,
                    None => {
                        let hints = self.hints_of(&class, frame);
                        self.unresolved(frame, builtin.span, format!("what {} starts is not in this repository", builtin.name), hints);
                        return;
                    }
                }
            }
        };
        self.builtin_step(builtin, &class, stage, frame);
    }

    fn builtin_step(&mut self, builtin: &BuiltIn, class: &Class, stage: Stage, frame: &mut Frame) {
        let mut stage = stage;
        let mut flags = BTreeSet::new();
        if class.confidence == Confidence::Low {
            flags.insert(Flag::ByName);
        }
        if class.is(Trait::PersonMerges) {
            flags.insert(Flag::PersonMerges);
        }
        if class.is(Trait::ByManifest) {
            stage = self.by_manifest(class, stage, frame);
        }
        if class.is(Trait::GitOps) && frame.other_repository && frame.edited {
            stage = Stage::Deploy;
            flags.insert(Flag::Elsewhere);
        }
        if frame.local_cluster && matches!(stage, Stage::Deploy | Stage::Configure | Stage::Provision | Stage::Release) {
            return;
        }
        if class.is(Trait::VerifyAfterDeploy) && frame.deployed && stage == Stage::Test {
            stage = Stage::Verify;
        }
        let emission = Emission {
            span: builtin.span,
            text: &builtin.text,
            stage,
            class,
            means: Means::BuiltIn,
            logic: Logic::default(),
            flags,
            confidence: class.confidence,
            subject: None,
        };
        self.emit(emission, frame);
        frame.deployed |= stage == Stage::Deploy;
        self.apply(class, frame);
        if class.kind.as_deref() == Some("image") && matches!(stage, Stage::Package | Stage::Publish) {
            self.image_build_of(class, None, builtin.span, frame);
        }
    }

    /// Report a step of this context.
    pub(super) fn emit(&mut self, e: Emission<'_>, frame: &Frame) {
        let own: Vec<Hint> = self.hints_of(e.class, frame);
        let (environment, own_environment) = self.environment(&e, frame);
        let mut flags = e.flags;
        if frame.way.uncertain {
            flags.insert(Flag::ReachUnknown);
        }
        let changes_something = matches!(e.stage, Stage::Deploy | Stage::Release | Stage::Provision | Stage::Configure);
        if frame.keyword.is_some() && changes_something && frame.way.automation == Automation::Automated {
            flags.insert(Flag::MayBeGated);
        }
        if frame.way.on == Some(RefKind::Tag) {
            flags.insert(Flag::TagByHand);
        }
        let mut context = frame.hints.clone();
        if let Some(dir) = frame.dir.as_deref().filter(|d| !d.is_empty()) {
            context.push(Hint::Path(dir.to_owned()));
        }
        if let Some(subject) = &e.subject {
            context.push(Hint::Name(subject.clone()));
        }
        let mut way = frame.way.clone();
        way.chain.truncate(24);
        let targets: Vec<&str> = e.class.roles.iter().map(|(_, v)| v.as_str()).collect();
        let occurrence = Occurrence {
            span: e.span,
            stage: e.stage,
            kind: e.class.kind.clone(),
            also: e.class.also.iter().copied().filter(|s| *s != e.stage).collect(),
            means: if self.program.unit(frame.unit).name == "inline" { Means::Hand } else { e.means },
            environment,
            environment_is_own: own_environment,
            blocking: !(frame.ignored || e.logic.ignored || frame.on_failure),
            confidence: e.confidence,
            flags,
            text: e.text.to_owned(),
            distinct: format!("{} {} {}", e.class.row, targets.join(" "), frame.dir.as_deref().unwrap_or("")),
            row: e.class.row.clone(),
            unit: frame.unit,
            job: frame.job,
            pipeline: frame.pipeline,
            look_only: e.class.is(Trait::LookOnly),
            way,
            entry: frame.entry,
            job_run: frame.job_run,
            own_hints: own,
            context_hints: context,
        };
        if occurrence.also.is_empty() && e.class.is(Trait::Waits) && matches!(occurrence.stage, Stage::Deploy | Stage::Configure) {
            self.found.occurrences.push(Occurrence { also: vec![Stage::Verify], ..occurrence });
        } else {
            self.found.occurrences.push(occurrence);
        }
    }

    /// What a command's own words say of the service.
    pub(super) fn hints_of(&self, class: &Class, frame: &Frame) -> Vec<Hint> {
        let mut out = Vec::new();
        for (role, value) in &class.roles {
            match role {
                Role::Image => out.extend(value.split([',', '\n', ' ']).filter_map(image_name).map(Hint::Image)),
                Role::Service => out.push(Hint::Name(value.clone())),
                Role::File | Role::Dir => {
                    out.extend(
                        self.links
                            .candidates(value, frame.dir.as_deref(), &frame.home)
                            .into_iter()
                            .find(|p| self.sources.paths.contains(p) || self.sources.dirs.contains(p))
                            .filter(|p| !p.is_empty())
                            .map(Hint::Path),
                    );
                }
                Role::Environment | Role::Artifact => {}
            }
        }
        out
    }

    /// The environment of a step in the order of model ruling 34, and whether its own words or a keyword say it.
    fn environment(&self, e: &Emission<'_>, frame: &Frame) -> (Option<String>, bool) {
        if let Some(keyword) = &frame.keyword {
            return (Some(keyword.clone()), true);
        }
        let changes = matches!(
            e.stage,
            Stage::Provision | Stage::Configure | Stage::Deploy | Stage::Verify | Stage::Release | Stage::Rollback | Stage::Operate
        );
        if !changes {
            return (None, false);
        }
        let names = self.catalogue.environments();
        let flag = e.class.role(Role::Environment).find_map(|v| names.find_in(v));
        let variable = || {
            ["ENVIRONMENT", "ENV", "DEPLOY_ENV", "TARGET_ENV", "STAGE", "DEPLOYMENT_ENV", "ENVIRONMENT_NAME", "ENV_NAME"]
                .iter()
                .find_map(|n| frame.scope.get(&format!("env.{n}")).known().and_then(|v| names.find_in(v)))
        };
        let literal = || e.class.role(Role::Dir).map(ToOwned::to_owned).chain(frame.dir.clone()).find_map(|d| self.literal_of_root(&d));
        let paths = || {
            e.class
                .role(Role::File)
                .chain(e.class.role(Role::Dir))
                .chain(e.class.role(Role::Service))
                .find_map(|v| names.find_in(v))
                .or_else(|| frame.dir.as_deref().and_then(|d| names.find_in(d)))
        };
        let subject = || e.subject.as_deref().and_then(|s| names.find_in(s));
        if let Some(own) = flag.or_else(variable).or_else(|| frame.login.clone()).or_else(subject).or_else(literal).or_else(paths) {
            return (Some(own), true);
        }
        // The names around it, the innermost first: script, target, function; then the pipeline's file; then the job.
        let mut units: Vec<&str> = Vec::new();
        let unit = self.program.unit(frame.unit);
        if !matches!(unit.kind, UnitKind::Job | UnitKind::Pipeline | UnitKind::Document) {
            units.push(&unit.name);
            units.push(self.path_of(frame.unit));
        } else if unit.kind == UnitKind::Document {
            units.push(&unit.name);
        }
        for link in frame.way.chain.iter().rev() {
            if !matches!(link.kind, LinkKind::Event | LinkKind::Job | LinkKind::Pipeline) {
                units.push(&link.name);
            }
        }
        let files: Vec<&str> = frame.way.chain.iter().rev().filter(|l| l.kind == LinkKind::Pipeline).map(|l| self.sources.file(l.span.file).path.as_str()).collect();
        let jobs: Vec<&str> = frame.way.chain.iter().rev().filter(|l| l.kind == LinkKind::Job).map(|l| l.name.as_str()).collect();
        let around = units.into_iter().chain(files).chain(jobs).find_map(|n| names.find_in(n));
        (around, false)
    }

    /// An environment that a Terraform root names by a literal.
    fn literal_of_root(&self, dir: &str) -> Option<String> {
        let names = self.catalogue.environments();
        let root = self.program.roots.get(dir)?;
        root.environment_literals.iter().find_map(|(_, value, _)| names.find_in(value))
    }

    /// Note an image build and reach the Dockerfile's own commands.
    pub(super) fn build_of(&mut self, image: Option<String>, context: Option<String>, dockerfile: Option<String>, at: Span, frame: &mut Frame) {
        let unit = dockerfile.as_deref().and_then(|d| self.links.at(UnitKind::Dockerfile, d));
        self.found.builds.insert(Build {
            image: image.unwrap_or_default(),
            context: context.clone(),
            dockerfile: unit.map(|u| self.path_of(u).to_owned()).or(dockerfile),
            manual: frame.by_hand(),
        });
        if let Some(unit) = unit {
            let dir = Some(context.or_else(|| Some(self.home_of(unit).to_owned())));
            let mut inner = frame.clone();
            inner.scope.clear("env.");
            inner.local_cluster = false;
            inner.local_services = false;
            self.enter_unit(unit, &mut inner, at, None, &[], dir);
        }
    }
}

/// The values of a command's words: one line each, at most [`MAX_VARIANTS`].
fn variants(values: &[Value]) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = vec![Vec::with_capacity(values.len())];
    for value in values {
        let options = match value {
            Value::OneOf(options) if all.len() * options.len() <= MAX_VARIANTS => options.clone(),
            other => vec![other.shown()],
        };
        if options.len() == 1 {
            for words in &mut all {
                words.push(options[0].clone());
            }
        } else {
            all = all.iter().flat_map(|w| options.iter().map(move |o| w.iter().cloned().chain([o.clone()]).collect())).collect();
        }
    }
    all
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
        // `$REGISTRY/app/$VARIANT`: the segment before the variable one.
        let before = image.rsplit('/').skip(1).find(|s| !s.contains(HOLE) && !s.contains('.') && !s.contains(':'))?;
        return Some(before.to_owned()).filter(|b| !b.is_empty());
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
    }
}
