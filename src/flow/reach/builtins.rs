//! Actions, tasks and keywords in a context.

use super::Reach;
use super::emit::Emission;
use super::frame::Frame;
use super::images::image_name;
use crate::catalogue::{Action, Class, Role, Trait, WrapKind};
use crate::model::{BuiltIn, Confidence, Flag, HOLE, Logic, Means, Stage, Value};
use crate::source::paths::join;
use std::collections::{BTreeMap, BTreeSet};

impl Reach<'_> {
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
            class = self.class_of(&words);
        }
        let class = class.map(|c| if c.is(Trait::ByPlan) { self.with_plans(c.clone(), &targets(&c), frame) } else { c });
        let Some(class) = class else {
            if !builtin.inner.is_empty() {
                self.items(&builtin.inner, frame);
            } else if builtin.external_call {
                self.applies_elsewhere(builtin, false, frame);
                let why = format!("{} is a pipeline of another repository", builtin.name);
                self.unresolved(frame, builtin.span, why, frame.hints.to_vec());
            }
            return;
        };
        self.login(&class, frame);
        if class.is(Trait::LocalCluster) {
            frame.local_cluster = true;
        }
        self.fetches(&class, &inputs, frame);
        if class.kind.as_deref() == Some("version")
            && let Some(image) = class.role(Role::Image).next().filter(|i| !i.is_empty())
        {
            // The tags that it calculates are of this image.
            frame.scope.set("output.tags".to_owned(), Value::text(format!("{}:{HOLE}", image.trim())));
        }
        let mut flags = BTreeSet::new();
        let stage = match class.action.clone() {
            Action::Glue => {
                self.inside(builtin, &class, frame);
                return;
            }
            Action::Step(_)
                if class.is(Trait::StartsPipeline) && self.start_pipeline(&[], &class, builtin.span, frame).is_some() =>
            {
                return;
            }
            Action::Step(stage) => stage,
            // Commands that an action runs on another host are what that one step does (ruling 25).
            Action::Resolve { by_name: Some(stage), .. } if self.runs_elsewhere(builtin) => stage,
            Action::Resolve { resolver, by_name } => {
                if !builtin.inner.is_empty() {
                    self.inside(builtin, &class, frame);
                    return;
                }
                let command = self.catalogue.built_in_command(builtin.vendor, &builtin.name, &inputs);
                let words = command.unwrap_or_else(|| vec![builtin.name.clone()]);
                if self.resolve(&resolver, &words, &class, builtin.span, frame).is_some_and(|n| n > 0) {
                    return;
                }
                let named = if starts_pipeline(&resolver) {
                    flags.extend([Flag::ByName, Flag::Elsewhere]);
                    class.role(Role::File).find_map(|name| self.catalogue.words().stage(name))
                } else {
                    None
                };
                let Some(stage) = by_name.or(named) else {
                    let why = format!("what {} starts is not in this repository", builtin.name);
                    let hints = self.hints_of(&class, frame);
                    self.unresolved(frame, builtin.span, why, hints);
                    return;
                };
                stage
            }
        };
        self.builtin_step(builtin, &class, stage, flags, frame);
    }

    /// Note a checkout of another repository, and files that an action edits and pushes in one go.
    fn fetches(&self, class: &Class, inputs: &BTreeMap<String, Value>, frame: &mut Frame) {
        let pushes = class.is(Trait::GitOps);
        if class.kind.as_deref() != Some("checkout") && !pushes {
            return;
        }
        let input = |names: &[&str]| names.iter().find_map(|name| inputs.get(*name)).map(Value::shown);
        let dir = || match input(&["path"]) {
            Some(path) => frame.dir.as_deref().and_then(|from| join(from, &path)),
            None => frame.dir.clone(),
        };
        if let Some(repository) = input(&["repository", "url"]) {
            let dir = dir();
            self.check_out(&repository, dir.as_deref(), frame);
        }
        if pushes {
            for file in class.role(Role::File) {
                self.edit(file, frame);
            }
        }
    }

    /// The commands that an action's input holds, in the folder that another input names.
    fn inside(&mut self, builtin: &BuiltIn, class: &Class, frame: &mut Frame) {
        let outer = frame.dir.clone();
        if let Some(dir) = class.role(Role::Dir).next() {
            frame.dir = self.change_dir(frame, &Value::text(dir));
        }
        self.items(&builtin.inner, frame);
        frame.dir = outer;
    }

    fn runs_elsewhere(&self, builtin: &BuiltIn) -> bool {
        self.catalogue.shell_input(builtin.vendor, &builtin.name).is_some_and(|(_, kind)| kind == WrapKind::Remote)
    }

    fn builtin_step(&mut self, builtin: &BuiltIn, class: &Class, stage: Stage, mut flags: BTreeSet<Flag>, frame: &mut Frame) {
        let mut stage = stage;
        if stage != Stage::Deploy {
            flags.remove(&Flag::Elsewhere);
        }
        if class.confidence == Confidence::Low {
            flags.insert(Flag::ByName);
        }
        if class.is(Trait::PersonMerges) {
            flags.insert(Flag::PersonMerges);
        }
        if class.is(Trait::ByManifest) {
            stage = self.by_manifest(class, stage, frame);
        }
        let landings = self.landings(class, &[], builtin.span, frame);
        if !landings.is_empty() {
            stage = Stage::Deploy;
        }
        if self.tears_down(frame) && matches!(stage, Stage::Deploy | Stage::Configure | Stage::Verify) {
            stage = Stage::Operate;
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
            environment: None,
        };
        if landings.is_empty() {
            self.emit(emission, frame);
        } else {
            for landing in landings {
                let mut flags = emission.flags.clone();
                flags.extend(landing.elsewhere.then_some(Flag::Elsewhere));
                self.emit(Emission { flags, environment: landing.environment, ..emission.clone() }, &landing.frame);
            }
        }
        frame.deployed |= stage == Stage::Deploy;
        self.apply(class, frame);
        self.provisioners(class, stage, builtin.span, frame);
        if stage == Stage::Provision && class.confidence == Confidence::Low {
            self.applies_elsewhere(builtin, true, frame);
        }
        // A keyword that only pushes what the steps before it have built builds nothing.
        let only_pushes =
            stage == Stage::Publish && class.confidence == Confidence::Certain && !class.also.contains(&Stage::Package);
        if class.is(Trait::ByPlan) {
            self.planned_builds(class, &targets(class), stage, builtin.span, frame);
        } else if class.kind.as_deref() == Some("image") && matches!(stage, Stage::Package | Stage::Publish) && !only_pushes {
            let target = builtin.inputs.iter().find(|(name, _)| name == "target").map(|(_, e)| e.eval(&frame.scope));
            self.image_build_of(class, None, target.as_ref().and_then(Value::known), builtin.span, frame);
        }
    }
}

/// The targets of a plan that an action's inputs name.
fn targets(class: &Class) -> Vec<String> {
    class
        .role(Role::Artifact)
        .flat_map(|t| t.split([',', '\n', ' ']))
        .map(|t| t.trim().to_owned())
        .filter(|t| !t.is_empty())
        .collect()
}

/// Whether a resolver leads to a pipeline, which is another repository's where it is not found.
pub(super) fn starts_pipeline(resolver: &str) -> bool {
    matches!(resolver, "workflow" | "dispatch" | "pipeline" | "job")
}
