//! Files in which a tool builds or applies several things at once: what a command takes of them.

use super::frame::Frame;
use super::images::image_name;
use super::{Build, Reach};
use crate::catalogue::{Class, Role, Trait};
use crate::model::{HOLE, Plan, PlannedImage, PlannedRelease, Stage};
use crate::source::Span;
use crate::source::paths::{directory, is_under, join};
use std::collections::BTreeSet;

/// What a command takes of the plans that it reads.
pub(super) struct Taken<'p> {
    /// Images with the path of the plan that builds them.
    images: Vec<(&'p str, &'p PlannedImage)>,
    releases: Vec<&'p PlannedRelease>,
    plans: BTreeSet<&'p str>,
}

impl<'p> Reach<'p> {
    /// What a command takes of the plans that it names, or that its tool finds in its folder; none where there is no plan.
    pub(super) fn taken(&self, class: &Class, names: &[String], frame: &Frame) -> Option<Taken<'p>> {
        if !class.is(Trait::ByPlan) {
            return None;
        }
        let plans = self.plans(class, frame);
        if plans.is_empty() {
            return None;
        }
        // What is not known is not asked for.
        let known = |name: &&String| !name.contains(HOLE) && !name.is_empty();
        let names: Vec<String> = names.iter().filter(known).cloned().collect();
        let variant =
            class.role(Role::Environment).flat_map(|v| v.split(',')).find(|v| plans.iter().any(|(_, p)| p.variants.contains(*v)));
        let mut taken = Taken { images: Vec::new(), releases: Vec::new(), plans: plans.iter().map(|(path, _)| *path).collect() };
        for (path, plan) in &plans {
            taken.images.extend(plan.images(&asked(plan, &names), variant).into_iter().map(|i| (*path, i)));
            taken.releases.extend(plan.releases(&names, variant));
        }
        Some(taken)
    }

    /// What a command asks for of a plan: the words after its verbs, and what its options choose.
    pub(super) fn asked_for(&self, words: &[String], class: &Class) -> Vec<String> {
        let verbs = class.row.split_whitespace().filter(|w| !w.starts_with('-')).count();
        let mut names: Vec<String> = self.positional(words).into_iter().skip(verbs.saturating_sub(1)).collect();
        // What the plans have said of releases since is not asked for.
        let written = |s: &&str| words.iter().any(|w| w == s || w.split_once('=').is_some_and(|(_, value)| value == *s));
        names.extend(class.role(Role::Service).filter(written).flat_map(alternatives).map(ToOwned::to_owned));
        names
    }

    /// The class of a command with what its plans say: images, releases, what is applied.
    pub(super) fn with_plans(&self, class: Class, names: &[String], frame: &Frame) -> Class {
        let Some(taken) = self.taken(&class, names, frame) else { return class };
        let mut class = class;
        let mut roles: Vec<(Role, String)> = Vec::new();
        roles.extend(taken.images.iter().flat_map(|(_, i)| &i.images).map(|image| (Role::Image, image.clone())));
        if applies(&class) {
            for release in &taken.releases {
                roles.extend(Some(release.name.clone()).filter(|n| !n.is_empty()).map(|name| (Role::Service, name)));
                roles.extend(release.paths.iter().map(|path| (Role::File, path.clone())));
            }
            // A namespace that all of them share says where they go, after what the command itself says.
            let mut literals = taken.releases.iter().map(|r| r.environment_literals.first());
            if let Some(Some(first)) = literals.next()
                && literals.all(|other| other == Some(first))
            {
                roles.push((Role::Environment, first.clone()));
            }
            roles.extend(taken.plans.iter().map(|path| (Role::File, (*path).to_owned())));
        }
        class.roles.extend(roles.into_iter().filter(|r| !class.roles.contains(r)).collect::<Vec<_>>());
        class
    }

    /// Whether a command applies what a plan lists.
    pub(super) fn applies_a_list(&self, class: &Class, frame: &Frame) -> bool {
        applies(class) && self.plans(class, frame).iter().any(|(_, plan)| !plan.releases.is_empty())
    }

    /// Whether a path is a plan, or a folder in which a tool finds one.
    pub(super) fn is_plan(&self, path: &str) -> bool {
        self.program.plans.iter().any(|(p, plan)| p == path || plan.home.as_deref() == Some(path))
    }

    /// Build what the plans of a command build.
    pub(super) fn planned_builds(&mut self, class: &Class, names: &[String], stage: Stage, at: Span, frame: &mut Frame) {
        let builds = matches!(stage, Stage::Package | Stage::Publish) || class.also.contains(&Stage::Package);
        let Some(taken) = self.taken(class, names, frame) else {
            // A compose file says what is built as well.
            if builds {
                let words: Vec<String> = std::iter::once(class.tool.clone()).chain(names.iter().cloned()).collect();
                self.compose_build(&words, class, at, frame);
            }
            return;
        };
        if !builds {
            return;
        }
        let pushed = stage == Stage::Publish || class.also.contains(&Stage::Publish);
        for (path, image) in taken.images {
            let context = image.context.as_deref().and_then(|c| self.context_of(c, path, frame));
            let dockerfile = context.as_deref().and_then(|c| self.dockerfile_of(image, c, path));
            if image.images.is_empty() {
                // What it builds is no image: files, or the result of a check.
                self.enter_dockerfile(dockerfile.as_deref(), context, image.stage.as_deref(), at, frame);
                continue;
            }
            let build = Build {
                image: image.images.iter().find_map(|i| image_name(i)).unwrap_or_else(|| image.name.clone()),
                context,
                dockerfile,
                pushed,
                ..Build::default()
            };
            self.build_of(build, image.stage.as_deref(), at, frame);
        }
    }

    /// A context is a folder from where the command runs, else from where the plan stands.
    fn context_of(&self, context: &str, plan: &str, frame: &Frame) -> Option<String> {
        if context.contains("://") || context.contains(HOLE) {
            return None;
        }
        let near = frame.dir.as_deref().and_then(|dir| join(dir, context));
        let all = [near, join(directory(plan), context), join("", context)];
        all.into_iter().flatten().find(|dir| self.sources.dirs.contains(dir))
    }

    fn dockerfile_of(&self, image: &PlannedImage, context: &str, plan: &str) -> Option<String> {
        let name = image
            .dockerfile
            .as_deref()
            .or_else(|| self.program.plans.get(plan).filter(|p| p.tool == "docker").map(|_| "Dockerfile"))?;
        let all = [join(context, name), join(directory(plan), name), join("", name)];
        all.into_iter().flatten().find(|path| self.program.dockerfiles.contains_key(path))
    }

    /// The plans that a command reads, with those that they take in.
    fn plans(&self, class: &Class, frame: &Frame) -> Vec<(&'p str, &'p Plan)> {
        let program = self.program;
        let of_tool = || {
            program
                .plans
                .iter()
                .filter(|(_, p)| p.tool == class.tool || (p.tool == "docker" && class.kind.as_deref() == Some("image")))
        };
        let files: Vec<&str> = class.role(Role::File).flat_map(|f| f.split([',', '\n'])).map(str::trim).collect();
        let named: BTreeSet<String> =
            files.iter().flat_map(|f| self.links.candidates(f, frame.dir.as_deref(), &frame.home)).collect();
        let mut open: Vec<&str> = if files.iter().any(|f| !f.is_empty()) {
            let is_it = |path: &str, plan: &Plan| named.iter().any(|n| n == path || plan.home.as_ref() == Some(n));
            of_tool().filter(|(path, plan)| is_it(path, plan)).map(|(path, _)| path.as_str()).collect()
        } else {
            let dir = frame.dir.clone().unwrap_or_else(|| frame.home.clone());
            of_tool().filter(|(_, plan)| plan.home.as_ref() == Some(&dir)).map(|(path, _)| path.as_str()).collect()
        };
        let mut out: Vec<(&str, &Plan)> = Vec::new();
        while let Some(path) = open.pop() {
            let Some((path, plan)) = program.plans.get_key_value(path) else { continue };
            if out.iter().any(|(known, _)| known == path) {
                continue;
            }
            out.push((path, plan));
            let includes = |other: &str, home: Option<&String>| plan.includes.iter().any(|i| i == other || home == Some(i));
            open.extend(of_tool().filter(|(p, other)| includes(p, other.home.as_ref())).map(|(p, _)| p.as_str()));
        }
        out.sort_unstable_by_key(|(path, _)| *path);
        out
    }
}

/// Several names in one word; what a selector asks for holds together.
fn alternatives(word: &str) -> Vec<&str> {
    if word.contains('=') { vec![word] } else { word.split(',').collect() }
}

/// The names that a command asks for; where it names none, those that are built by default.
fn asked(plan: &Plan, names: &[String]) -> Vec<String> {
    let by_default = || plan.groups.contains_key("default") || plan.images.iter().any(|i| i.name == "default");
    if names.is_empty() && by_default() { vec!["default".to_owned()] } else { names.to_vec() }
}

/// Whether a command applies something.
fn applies(class: &Class) -> bool {
    !matches!(class.stage(), Some(Stage::Package | Stage::Publish))
}

/// Whether something that is applied is brought along by a plan.
pub(in crate::flow) fn is_planned(program: &crate::model::Program, path: &str) -> bool {
    let parts = program.plans.keys().filter(|plan| *plan != path).filter_map(|plan| program.bundles.get(plan));
    parts.flat_map(|b| &b.parts).any(|part| is_under(path, part))
}
