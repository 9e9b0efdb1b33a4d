//! What the rulings of the model make of a classified command in its context: tests against local stacks, commands on a
//! host, manifests, commits that a controller reads.

use super::Reach;
use super::emit::Emission;
use super::frame::Frame;
use super::images::image_name;
use crate::catalogue::{Class, Role, Trait};
use crate::model::{Automation, Command, Flag, HOLE, Playbook, Stage, Tier, UnitKind, Wrapper};
use crate::source::Span;
use crate::source::paths::is_named_by;
use std::collections::BTreeSet;

impl Reach<'_> {
    pub(super) fn glue(&mut self, command: &Command, words: &[String], class: &Class, frame: &mut Frame) {
        if class.is(Trait::LocalCluster) {
            frame.local_cluster = true;
        }
        frame.forwarded |= class.is(Trait::Forwards);
        if class.kind.as_deref() == Some("tag") {
            let mut images = class.role(Role::Image);
            if let (Some(from), Some(to)) = (images.next().and_then(image_name), images.next()) {
                self.found.tags.insert((from, image_name(to)));
            }
        }
        // A command that only reads, asked again and again after a deploy, waits for it (ruling 27).
        let waits = command.logic.polling && frame.deployed && class.tool != "shell";
        if class.is(Trait::VerifyAfterDeploy) || waits {
            self.probe(command, words, class, frame);
        }
    }

    /// A request that looks whether something answers: after a deploy it verifies, against a local stack it tests.
    fn probe(&mut self, command: &Command, words: &[String], class: &Class, frame: &mut Frame) {
        // A status code that is kept is looked at: `CODE=$(curl -o /dev/null -w '%{http_code}' URL)`.
        let status = words.iter().any(|w| w.contains("%{http_code}") || w.contains("%{response_code}"));
        let asserted = command.logic.polling || command.logic.is_condition || (command.logic.captured && status);
        if (command.logic.captured && !asserted) || (frame.by_hand() && !frame.deployed) {
            return;
        }
        // Data for an address that only the run knows are a message, not a look.
        if !asserted && sends_data(words) && words.iter().any(|w| !w.is_empty() && w.chars().all(|c| c == HOLE)) {
            return;
        }
        let asserts = asserted || command.logic.piped_out || command.logic.fallback;
        // In a pod, its own address is that of what was deployed.
        let inside = command.wrappers.iter().any(|w| matches!(w, Wrapper::Pod(_) | Wrapper::Remote(_)));
        let local = !frame.forwarded && !inside && words.iter().any(|w| names_this_machine(w));
        if frame.deployed && !local {
            self.emit_command(command, class, Stage::Verify, frame, BTreeSet::new());
        } else if (asserts && frame.in_test()) || (local && !frame.by_hand()) {
            self.emit_command(command, class, Stage::Test, frame, BTreeSet::new());
        }
    }

    pub(super) fn step(&mut self, command: &Command, words: &[String], class: &Class, stage: Stage, frame: &mut Frame) {
        let remote = command.wrappers.iter().any(|w| matches!(w, Wrapper::Remote(_)));
        // `docker exec` runs in a container of this machine, not of a cluster.
        let pod = command.wrappers.iter().any(|w| matches!(w, Wrapper::Pod(_))) && !command.text.starts_with("docker ");
        if class.is(Trait::LocalOnly) {
            return;
        }
        if class.is(Trait::LocalCluster) {
            frame.local_cluster = true;
            return;
        }
        if class.is(Trait::OnAccount) && !remote && to_an_emulator(words) {
            self.suppressed(frame);
            return;
        }
        // Fetching something where a condition asks for it is a script's way, too.
        let asked = class.kind.as_deref() == Some("checkout") && (command.logic.conditional || command.logic.in_loop);
        let in_script = frame.in_script || asked;
        if class.is(Trait::GlueInScript) && in_script && !remote {
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
            self.suppressed(frame);
            self.used_compose(class, words, command.span, frame);
            return;
        }
        if class.is(Trait::ByManifest) {
            stage = self.by_manifest(class, stage, frame);
        }
        stage = self.by_template(class, stage, frame);
        let landings = self.landings(class, words, command.span, frame);
        if !landings.is_empty() {
            for landing in landings {
                let mut flags = flags.clone();
                flags.extend(landing.elsewhere.then_some(Flag::Elsewhere));
                let emission = self.emission(command, class, Stage::Deploy, &landing.frame, flags);
                self.emit(Emission { environment: landing.environment, ..emission }, &landing.frame);
            }
            frame.deployed = true;
            return;
        }
        if class.is(Trait::PersonMerges) {
            flags.insert(Flag::PersonMerges);
        }
        if class.is(Trait::LocalInTests) && !remote && !pod {
            if frame.local_services || frame.local_cluster {
                self.suppressed(frame);
                return;
            }
            // A Secret that is applied by hand goes where the workloads beside it go.
            let local = (stage == Stage::Configure && !class.is(Trait::ByManifest)) || class.tool == "databases";
            // A container's start waits for its database by such a client; what migrates it is a tool of its own.
            let migrates = frame.container_start && class.tool != "databases";
            if frame.by_hand() && local && !migrates && !self.shared_by_name(class, frame) {
                return;
            }
        }
        if self.tears_down(frame) && !matches!(stage, Stage::Source | Stage::Build | Stage::Check | Stage::Test | Stage::Scan) {
            stage = Stage::Operate;
        }
        if stage == Stage::Configure && command.logic.polling && !remote {
            // Asking a database again and again waits for it.
            self.probe(command, words, class, frame);
            return;
        }
        if frame.by_hand() && class.is(Trait::LocalInTests) && !remote && words.iter().any(|w| names_this_machine(w)) {
            return;
        }
        let on_account = frame.cloud_login && class.is(Trait::OnAccount);
        if ((frame.local_cluster && !on_account) || (frame.test_job && class.is(Trait::OnCluster))) && !remote {
            match stage {
                Stage::Deploy | Stage::Configure | Stage::Provision | Stage::Release | Stage::Rollback => {
                    self.suppressed(frame);
                    return;
                }
                Stage::Verify => stage = Stage::Test,
                _ => {}
            }
        }
        if class.is(Trait::VerifyAfterDeploy) && frame.deployed && stage == Stage::Test {
            stage = Stage::Verify;
        }
        if class.is(Trait::StageByName)
            && let Some(named) = self.catalogue.words().stage(&self.program.unit(frame.unit).name)
        {
            stage = named;
        }
        if stage == Stage::Deploy && frame.on_failure && class.kind.as_deref() == Some("undo") {
            stage = Stage::Rollback;
        }
        // A wait after the run of a backup waits for that (ruling 27).
        if frame.ran && stage == Stage::Verify && class.kind.as_deref() == Some("wait") {
            return;
        }
        self.emit_command(command, class, stage, frame, flags);
        if matches!(stage, Stage::Deploy | Stage::Operate) {
            frame.ran = class.kind.as_deref() == Some("run");
        }
        frame.deployed |= self.put_in_place(class, stage, frame).is_some();
        frame.deployed |= stage == Stage::Deploy || (stage == Stage::Provision && !class.is(Trait::LookOnly));
        self.apply(class, frame);
        self.provisioners(class, stage, command.span, frame);
        if class.kind.as_deref() == Some("deps") {
            self.lifecycle(words, class, command.span, frame);
        }
        if class.is(Trait::ByPlan) {
            self.planned_builds(class, &self.asked_for(words, class), stage, command.span, frame);
        } else if class.kind.as_deref() == Some("image") && matches!(stage, Stage::Package | Stage::Publish) {
            self.image_build(words, class, command.span, frame);
        }
    }

    /// Whether `docker compose up` acts on a server: by a context of its own, by the name of a file, or by the name of what
    /// it stands in.
    fn server_compose(&self, class: &Class, words: &[String], frame: &Frame) -> bool {
        if words.iter().any(|w| w == "--context" || w == "-H" || w.starts_with("--context=") || w.starts_with("--host")) {
            return true;
        }
        let mut named = class.role(Role::File).peekable();
        if named.peek().is_some() {
            return named.any(|f| self.catalogue.words().server_file(f));
        }
        let host = frame.scope.get("env.DOCKER_HOST");
        host.known().is_some_and(|h| h.starts_with("ssh://") || h.starts_with("tcp://"))
            || (frame.by_hand() && self.names_shared_environment(&self.program.unit(frame.unit).name))
    }

    /// Whether the command or what it stands in names an environment that is no developer's own.
    fn shared_by_name(&self, class: &Class, frame: &Frame) -> bool {
        self.names_shared_environment(&self.program.unit(frame.unit).name)
            || class.role(Role::Environment).any(|v| self.names_shared_environment(v))
    }

    /// Whether a name says an environment that is no developer's own.
    pub(super) fn names_shared_environment(&self, name: &str) -> bool {
        let names = self.catalogue.environments();
        self.environment_in(name).is_some_and(|e| matches!(names.tier(&e), Tier::Production | Tier::Staging))
    }

    /// Whether the script, target or job says that it takes something down (ruling 16).
    pub(super) fn tears_down(&self, frame: &Frame) -> bool {
        let operates = |name: &str| self.catalogue.words().stage(name) == Some(Stage::Operate);
        let unit = self.program.unit(frame.unit);
        let own = !matches!(unit.kind, UnitKind::Document | UnitKind::Dockerfile) && operates(&unit.name);
        frame.stops || own || frame.job.is_some_and(|j| operates(&self.program.unit(j).name))
    }

    /// What a job does to its own local stack is no step of it; by hand it may be one.
    fn suppressed(&mut self, frame: &Frame) {
        if frame.in_script && frame.job.is_some() {
            self.found.set_up.insert(frame.unit);
        }
    }

    /// A local stack is built from its services' Dockerfiles, and its file is used.
    fn used_compose(&mut self, class: &Class, words: &[String], at: Span, frame: &mut Frame) {
        self.apply_compose(class, frame);
        if frame.job.is_some() {
            self.compose_build(words, class, at, frame);
        }
    }

    /// What `kubectl apply` does depends on what it names (rulings 9, 24).
    pub(super) fn by_manifest(&self, class: &Class, stage: Stage, frame: &Frame) -> Stage {
        let (mut deploys, mut other, mut configuration, mut any) = (false, false, false, false);
        for file in class.role(Role::File) {
            for path in self.links.candidates(file, frame.dir.as_deref(), &frame.home) {
                for a in self.program.applicables.iter().filter(|a| is_named_by(&a.path, &path)) {
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

    /// The playbook that a command runs.
    pub(super) fn playbook(&self, class: &Class, frame: &Frame) -> Option<&Playbook> {
        if class.kind.as_deref() != Some("ansible") {
            return None;
        }
        let mut files = class.role(Role::File).flat_map(|f| self.links.candidates(f, frame.dir.as_deref(), &frame.home));
        files.find_map(|path| self.program.playbooks.get(&path))
    }

    /// The playbook that a command runs, where its tasks put something in place.
    pub(super) fn put_in_place(&self, class: &Class, stage: Stage, frame: &Frame) -> Option<&Playbook> {
        self.playbook(class, frame).filter(|p| stage == Stage::Configure && p.deploys(&self.program.applicables))
    }

    /// Note what a command applies, so that it is no orphan.
    pub(super) fn apply(&mut self, class: &Class, frame: &Frame) {
        let mut paths: Vec<String> =
            class.role(Role::File).flat_map(|f| self.links.candidates(f, frame.dir.as_deref(), &frame.home)).collect();
        for dir in class.role(Role::Dir) {
            paths.extend(self.links.candidates(dir, frame.dir.as_deref(), &frame.home));
        }
        paths.extend(self.playbook(class, frame).iter().flat_map(|p| p.applies.iter().cloned()));
        let works_in_folder = matches!(class.tool.as_str(), "terraform" | "terragrunt" | "pulumi");
        if works_in_folder {
            paths.extend(self.folders(class, frame));
            let roots = self.roots_of(class, frame);
            paths.extend(roots.iter().filter_map(|r| self.program.roots.get(r)).flat_map(|r| r.reads.iter().cloned()));
            if class.is(Trait::Recursive) {
                paths.extend(self.roots_of(class, frame));
            }
        }
        let templates = self.templates_with_parts(class, frame);
        paths.extend(templates.iter().map(|t| t.path.clone()));
        if self.program.unit(frame.unit).kind == UnitKind::Document {
            self.found.documented.extend(paths);
            return;
        }
        for path in paths {
            let level = self.found.applied.entry(path).or_insert(Automation::Missing);
            *level = (*level).max(frame.way.automation);
        }
    }
}

/// Whether a word names the machine it runs on.
fn names_this_machine(word: &str) -> bool {
    word.contains("localhost") || word.contains("127.0.0.1") || word.contains("0.0.0.0")
}

/// Whether a request carries data.
fn sends_data(words: &[String]) -> bool {
    let data = ["-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "-F", "--form", "--post-data"];
    words.iter().any(|w| data.iter().any(|o| w == o || w.strip_prefix(o).is_some_and(|rest| rest.starts_with('='))))
}

/// Whether a cloud's tool is told to talk to an emulator on this machine or beside it (`--endpoint-url http://localstack:4566`),
/// whose host has no domain.
fn to_an_emulator(words: &[String]) -> bool {
    words.iter().enumerate().any(|(i, word)| {
        let Some(rest) = word.strip_prefix("--endpoint") else { return false };
        let value = match rest.split_once('=') {
            Some((_, value)) => Some(value),
            None if matches!(rest, "" | "-url") => words.get(i + 1).map(String::as_str),
            None => None,
        };
        let Some(url) = value else { return false };
        let host = url.split_once("://").map_or(url, |(_, host)| host).split(['/', ':']).next().unwrap_or_default();
        names_this_machine(url) || (url.contains("://") && !host.is_empty() && !host.contains(['.', HOLE]))
    })
}

#[cfg(test)]
mod tests {
    use super::to_an_emulator;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(ToOwned::to_owned).collect()
    }

    #[test]
    fn an_emulator_is_on_this_machine_or_a_host_without_a_domain() {
        for line in [
            "aws dynamodb create-table --endpoint-url http://localhost:8000",
            "aws --endpoint-url=http://127.0.0.1:4566 s3 mb s3://shop",
            "aws --endpoint-url http://localstack:4566 s3 mb s3://shop",
        ] {
            assert!(to_an_emulator(&words(line)), "{line}");
        }
        for line in [
            "aws s3 sync dist s3://shop --endpoint-url https://fra1.digitaloceanspaces.com",
            "aws s3 sync dist s3://shop --endpoint-url \u{fffc}",
            "aws s3 sync dist s3://shop --endpoint-url https://\u{fffc}/x",
            "aws rds create-db-cluster-endpoint --endpoint-type localhost",
            "aws s3 mb s3://localhost",
        ] {
            assert!(!to_an_emulator(&words(line)), "{line}");
        }
    }
}
