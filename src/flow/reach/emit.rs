//! Reporting a step of a context: its means, flags, environment, and what it says of its service.

use super::Reach;
use super::frame::Frame;
use super::images::image_name;
use super::reads::{ENVIRONMENT_VARIABLES, names_an_environment};
use crate::catalogue::{Action, Class, Role, Trait};
use crate::flow::occurrence::{Hint, Occurrence};
use crate::model::{
    Automation, Command, Confidence, Declaration, Flag, LinkKind, Logic, Means, RefKind, SURROUNDING, Stage, Tier, UnitKind,
    Wrapper,
};
use crate::source::Span;
use crate::source::paths::is_under;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A target or script of this name puts something in place for the next one; it says not where.
const STAGING: &str = "stage";

/// At most this many links of a chain are kept.
const MAX_LINKS: usize = 24;

/// What is to be reported of a command or built-in.
#[derive(Clone)]
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
    /// The environment that a controller's object names.
    pub environment: Option<String>,
}

impl Reach<'_> {
    pub(super) fn emit_command(
        &mut self,
        command: &Command,
        class: &Class,
        stage: Stage,
        frame: &mut Frame,
        flags: BTreeSet<Flag>,
    ) {
        let emission = self.emission(command, class, stage, frame, flags);
        self.emit(emission, frame);
    }

    /// What is reported of a command.
    pub(super) fn emission<'c>(
        &self,
        command: &'c Command,
        class: &'c Class,
        stage: Stage,
        frame: &Frame,
        flags: BTreeSet<Flag>,
    ) -> Emission<'c> {
        let logic = command.logic;
        // A standard runner of tasks is a tool like others; what runs as a program of the repository is its own.
        let own_helper = matches!(&class.action, Action::Resolve { resolver, .. }
            if matches!(resolver.as_str(), "script" | "source-file" | "helper" | "compose"));
        let means = if logic.in_loop || logic.polling || logic.piped_in || logic.piped_out || own_helper {
            Means::Script
        } else {
            Means::Command
        };
        let confidence = if flags.contains(&Flag::ByName) { Confidence::Low } else { class.confidence.max(command.confidence) };
        let subject = command.wrappers.iter().find_map(|w| match w {
            Wrapper::Remote(e) | Wrapper::Container(e) | Wrapper::ComposeService(e) | Wrapper::Pod(e) => {
                Some(e.eval(&frame.scope).shown())
            }
            Wrapper::Plain(_) => None,
        });
        let span = command.span;
        Emission { span, text: &command.text, stage, class, means, logic, flags, confidence, subject, environment: None }
    }

    /// Report a step of this context.
    pub(super) fn emit(&mut self, e: Emission<'_>, frame: &Frame) {
        let mut own: Vec<Hint> = self.hints_of(e.class, frame);
        self.note_unnamed_template(&e, frame);
        let put = self.put_in_place(e.class, e.stage, frame);
        if let Some(put) = &put {
            own.retain(|h| !matches!(h, Hint::Path(_)));
            own.extend(put.applies.iter().cloned().map(Hint::Path));
            own.extend(put.images.iter().filter_map(|i| image_name(i)).map(Hint::Image));
        }
        let (environment, own_environment) = self.environment(&e, frame);
        let mut flags = e.flags;
        if frame.way.uncertain {
            flags.insert(Flag::ReachUnknown);
        }
        let changes_something = matches!(e.stage, Stage::Deploy | Stage::Release | Stage::Provision | Stage::Configure);
        if (frame.keyword.is_some() || frame.assumed) && changes_something && frame.way.automation == Automation::Automated {
            flags.insert(Flag::MayBeGated);
        }
        if frame.workspace.has_others() && flags.contains(&Flag::ByName) && matches!(e.stage, Stage::Deploy | Stage::Provision) {
            // What a program of another repository's checkout ships, it ships from there.
            flags.insert(Flag::Elsewhere);
        }
        if frame.way.on == Some(RefKind::Tag) {
            flags.insert(Flag::TagByHand);
        }
        let mut context = frame.hints.to_vec();
        if let Some(dir) = frame.dir.as_deref().filter(|d| !d.is_empty()) {
            context.push(Hint::Path(dir.to_owned()));
        }
        if let Some(subject) = &e.subject {
            context.push(Hint::Name(subject.clone()));
        }
        let mut way = frame.way.clone();
        if way.chain.len() > MAX_LINKS {
            Rc::make_mut(&mut way.chain).truncate(MAX_LINKS);
        }
        let targets: Vec<&str> = e.class.roles.iter().map(|(_, v)| v.as_str()).collect();
        let occurrence = Occurrence {
            span: e.span,
            stage: e.stage,
            kind: e.class.kind.clone(),
            also: e.class.also.iter().copied().chain(put.is_some().then_some(Stage::Deploy)).filter(|s| *s != e.stage).collect(),
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
            assumed: frame.assumed,
            for_readers: e.class.is(Trait::ForReaders),
            own_hints: own,
            no_workload: self.applies_no_workload(e.class, frame),
            third_party: put.map_or_else(|| self.is_foreign_chart(e.class, frame), |p| !p.on_hosts && p.applies.is_empty()),
            context_hints: context,
        };
        let below = if occurrence.environment.is_none() { self.environments_below(e.class, frame) } else { BTreeSet::new() };
        if !below.is_empty() {
            // One command for several environments is a step in each (ruling 4).
            let each = below.into_iter().map(|name| Occurrence { environment: name, ..occurrence.clone() });
            self.found.occurrences.extend(each);
        } else if occurrence.also.is_empty()
            && e.class.is(Trait::Waits)
            && matches!(occurrence.stage, Stage::Deploy | Stage::Configure)
        {
            self.found.occurrences.push(Occurrence { also: vec![Stage::Verify], ..occurrence });
        } else {
            self.found.occurrences.push(occurrence);
        }
    }

    /// Whether a command applies Terraform folders that are known and declare no workload.
    fn applies_no_workload(&self, class: &Class, frame: &Frame) -> bool {
        if !matches!(class.tool.as_str(), "terraform" | "terragrunt") {
            return self.templates_without_workload(class, frame);
        }
        let dirs = self.folders(class, frame);
        let runs = |dir: &String| self.program.roots.iter().any(|(root, facts)| facts.workloads && is_under(root, dir));
        !dirs.is_empty() && !dirs.iter().any(runs)
    }

    /// Whether a command installs a chart that is known as another's and is not in the repository.
    fn is_foreign_chart(&self, class: &Class, frame: &Frame) -> bool {
        let inside = |path: &str| {
            let all = self.links.candidates(path, frame.dir.as_deref(), &frame.home);
            all.iter().any(|p| self.sources.paths.contains(p) || self.sources.dirs.contains(p))
        };
        let foreign = |chart: &str| self.catalogue.words().third_party_chart(chart) && !inside(chart);
        class.is(Trait::Chart) && class.role(Role::File).next().is_some() && class.role(Role::File).all(foreign)
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
                            .filter(|p| !(p.is_empty() || class.is(Trait::ByPlan) && self.is_plan(p)))
                            .map(Hint::Path),
                    );
                }
                Role::Environment | Role::Artifact => {}
            }
        }
        let images = self.templates_of(class, frame).into_iter().flat_map(|t| &t.images);
        out.extend(images.filter(|i| !i.name.is_empty()).map(|i| Hint::Name(i.name.clone())));
        if class.is(Trait::ByPlan) && self.applies_a_list(class, frame) {
            out.push(Hint::Listed);
        }
        out
    }

    /// The environment that an option's value names, also as a part of a name in camel case (`ShopProd`).
    fn environment_named(&self, value: &str) -> Option<String> {
        self.environment_in(value).or_else(|| {
            let parted = parted(value);
            if parted == value { None } else { self.environment_in(&parted) }
        })
    }

    fn named_by_variable(&self, frame: &Frame, name: &str) -> Option<String> {
        frame.scope.get(name).known().and_then(|v| self.environment_in(v))
    }

    /// The environment in a variable whose name ends like one of an environment (`SHOP_DEPLOY_ENVIRONMENT`), where all such
    /// variables agree.
    fn by_suffix(&self, frame: &Frame) -> Option<String> {
        let named = frame.scope.iter().filter(|(name, _)| names_an_environment(name));
        let mut found = named.filter_map(|(_, value)| self.environment_in(value.known()?));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// The environment of a step in the order of model ruling 34, and whether its own words or a keyword say it.
    fn environment(&self, e: &Emission<'_>, frame: &Frame) -> (Option<String>, bool) {
        if let Some(keyword) = &frame.keyword {
            return (Some(keyword.clone()), true);
        }
        if e.environment.is_some() {
            return (e.environment.clone(), true);
        }
        let changes = matches!(
            e.stage,
            Stage::Provision
                | Stage::Configure
                | Stage::Deploy
                | Stage::Verify
                | Stage::Release
                | Stage::Rollback
                | Stage::Operate
        );
        if !changes {
            // After a deploy, a test is against what a variable of the deployment says.
            let tested = || if e.stage == Stage::Test && frame.deployed { self.by_suffix(frame) } else { None };
            return (self.shared_file(frame).or_else(tested), false);
        }
        let names = self.catalogue.environments();
        let flag = e.class.role(Role::Environment).find_map(|v| self.environment_named(v));
        let variable =
            || ENVIRONMENT_VARIABLES.iter().find_map(|n| self.named_by_variable(frame, n)).or_else(|| self.by_suffix(frame));
        let template = || self.literal_of_templates(e.class, frame);
        let literal = || {
            e.class
                .role(Role::Dir)
                .map(ToOwned::to_owned)
                .chain(self.only_folder(e.class, frame))
                .find_map(|d| self.literal_of_root(&d))
        };
        let literal = || literal().or_else(|| self.literal_of_bundle(e.class, frame));
        let paths = || {
            // Of several files the last one has its way.
            let files: Vec<String> = e.class.role(Role::File).filter_map(|v| self.environment_in(v)).collect();
            if let Some(last) = files.into_iter().next_back() {
                return Some(last);
            }
            e.class
                .role(Role::Dir)
                .chain(e.class.role(Role::Service))
                .find_map(|v| self.environment_in(v))
                .or_else(|| frame.dir.as_deref().and_then(|d| self.environment_in(d)))
        };
        let subject = || e.subject.as_deref().and_then(|s| self.environment_in(s));
        // The hosts that a playbook names for itself.
        let hosts = || self.playbook(e.class, frame)?.hosts.iter().find_map(|h| self.environment_in(h));
        if let Some(own) = flag
            .or_else(variable)
            .or_else(|| frame.login.clone())
            .or_else(subject)
            .or_else(literal)
            .or_else(template)
            .or_else(paths)
            .or_else(hosts)
        {
            return (Some(own), true);
        }
        // The names around it, the innermost first: script, target, function; then the pipeline's file; then the job.
        let mut units: Vec<&str> = Vec::new();
        let unit = self.program.unit(frame.unit);
        if !matches!(unit.kind, UnitKind::Job | UnitKind::Stage | UnitKind::Pipeline | UnitKind::Document) {
            units.extend(Some(unit.name.as_str()).filter(|n| *n != STAGING));
            units.push(self.path_of(frame.unit));
        } else if unit.kind == UnitKind::Document {
            units.push(&unit.name);
        }
        for link in frame.way.chain.iter().rev() {
            if !matches!(link.kind, LinkKind::Event | LinkKind::Job | LinkKind::Stage | LinkKind::Pipeline)
                && link.name != STAGING
            {
                units.push(&link.name);
            }
        }
        let files: Vec<&str> = frame
            .way
            .chain
            .iter()
            .rev()
            .filter(|l| matches!(l.kind, LinkKind::Pipeline | LinkKind::Stage))
            .map(|l| self.sources.file(l.span.file).path.as_str())
            .collect();
        let jobs: Vec<&str> = frame
            .way
            .chain
            .iter()
            .rev()
            .filter(|l| matches!(l.kind, LinkKind::Job | LinkKind::Stage))
            .map(|l| l.name.as_str())
            .collect();
        // A pipeline or job that is only called `ci`, `test` or `qa` says what it does, not where.
        let says = |n: &&str| {
            let stem = n.rsplit('/').next().unwrap_or(n).split('.').next().unwrap_or(n);
            self.environment_in(n).filter(|e| names.tier(e) != Tier::Test || !stem.eq_ignore_ascii_case(e))
        };
        let around = units.iter().find_map(|n| self.environment_in(n)).or_else(|| files.iter().chain(&jobs).find_map(says));
        let around = around.or_else(|| frame.scope.get(SURROUNDING).known().and_then(|n| self.environment_in(n)));
        (around, false)
    }

    /// The shared environment that the name of a pipeline's file, of the script or target itself, or of the job says for all it
    /// does.
    fn shared_file(&self, frame: &Frame) -> Option<String> {
        let unit = self.program.unit(frame.unit);
        let pipeline =
            frame.way.chain.iter().rev().find(|l| l.kind == LinkKind::Pipeline).map(|l| self.sources.file(l.span.file).name());
        let own =
            matches!(unit.kind, UnitKind::Script | UnitKind::Target).then_some(unit.name.as_str()).filter(|n| *n != STAGING);
        let links = frame.way.chain.iter().rev().take_while(|l| l.kind != LinkKind::Pipeline);
        let job = links.filter(|l| l.kind == LinkKind::Job).map(|l| l.name.as_str()).next();
        let said = own.into_iter().chain(pipeline).chain(job).find_map(|n| self.environment_in(n));
        said.filter(|e| self.names_shared_environment(e))
    }

    /// The environment that what a command applies names by a literal: the namespace of an overlay, or of all its workloads.
    fn literal_of_bundle(&self, class: &Class, frame: &Frame) -> Option<String> {
        let applied = |file: &str| {
            let all = self.links.candidates(file, frame.dir.as_deref(), &frame.home);
            all.into_iter().find(|p| !p.is_empty() && (self.sources.dirs.contains(p) || self.sources.paths.contains(p)))
        };
        class.role(Role::File).filter_map(applied).find_map(|path| {
            if let Some(bundle) = self.program.bundles.get(&path) {
                return bundle.environment_literals.iter().find_map(|text| self.environment_in(text));
            }
            let below = |d: &&Declaration| is_under(&self.sources.file(d.span.file).path, &path);
            let mut named = self.program.declarations.iter().filter(below).filter_map(|d| d.facts.get("namespace"));
            let first = named.next()?;
            if named.all(|other| other == first) { self.environment_in(first) } else { None }
        })
    }

    /// An environment that a Terraform root names by a literal.
    pub(super) fn literal_of_root(&self, dir: &str) -> Option<String> {
        let root = self.program.roots.get(dir)?;
        root.environment_literals.iter().find_map(|(_, value, _)| self.environment_in(value))
    }
}

/// A name in camel case with a hyphen before each word; `DevOps` is one word.
fn parted(name: &str) -> String {
    let name = name.replace("DevOps", "Devops");
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            out.push('-');
        }
        out.push(c);
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::parted;

    #[test]
    fn camel_case_is_parted_into_words() {
        assert_eq!(parted("ShopProd"), "Shop-Prod");
        assert_eq!(parted("DevOpsStack"), "Devops-Stack");
        assert_eq!(parted("shop-prod"), "shop-prod");
        assert_eq!(parted("ECSService"), "ECSService");
    }
}
