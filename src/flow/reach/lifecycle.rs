//! What a call of a build tool's phases does beside them: the work that the projects bind to those phases. The call stays one
//! step of one stage (model ruling 1); what is bound fills further cells, names the images that it ships, and is no longer left to
//! a person.

use super::frame::Frame;
use super::images::image_name;
use super::{Build, Reach};
use crate::catalogue::lifecycle::Phases;
use crate::catalogue::{Action, Class, Role};
use crate::model::lifecycle::filled;
use crate::model::{Bound, Expr, Item, Lifecycle, Profile, Stage};
use crate::source::Span;
use crate::source::paths::directory;
use std::collections::{BTreeMap, BTreeSet};

/// At most so many projects of one call are looked at.
const MAX_PROJECTS: usize = 256;

/// What a call says of the projects and settings that it wants.
struct Asked<'w> {
    profiles: Vec<&'w str>,
    properties: BTreeMap<&'w str, &'w str>,
    /// Projects that it chooses; those with a `!` are left out.
    chosen: Vec<&'w str>,
    goals: Vec<String>,
    /// Tasks that it leaves out (`-x test`).
    left_out: Vec<&'w str>,
}

impl<'w> Asked<'w> {
    fn new(words: &'w [String], goals: Vec<String>) -> Self {
        let mut asked =
            Self { profiles: Vec::new(), properties: BTreeMap::new(), chosen: Vec::new(), goals, left_out: Vec::new() };
        let list = |text: &'w str| text.split(',').filter(|p| !p.is_empty());
        for (i, word) in words.iter().enumerate().skip(1) {
            let next = words.get(i + 1).map_or("", String::as_str);
            if let Some(rest) = word.strip_prefix("-P") {
                asked.profiles.extend(list(if rest.is_empty() { next } else { rest }));
            } else if word == "--activate-profiles" {
                asked.profiles.extend(list(next));
            } else if word == "-pl" || word == "--projects" {
                asked.chosen.extend(list(next));
            } else if word == "-x" || word == "--exclude-task" {
                asked.left_out.push(next);
            } else if let Some(rest) = word.strip_prefix("-D") {
                let (name, value) = if rest.is_empty() { next } else { rest }.split_once('=').unwrap_or((rest, "true"));
                asked.properties.insert(name, value);
            }
        }
        asked
    }

    /// Whether a project's settings hold in this call.
    fn holds(&self, profile: &Profile, of: &Lifecycle) -> bool {
        if profile.name.is_empty() {
            return true;
        }
        let named = |name: &str| self.profiles.iter().any(|p| p.trim_start_matches('+') == name);
        let off = self.profiles.iter().any(|p| p.strip_prefix(['!', '-']) == Some(profile.name.as_str()));
        let by_property =
            profile.property.as_ref().is_some_and(|(name, value)| match (self.properties.get(name.as_str()), value) {
                (Some(_), None) => true,
                (Some(given), Some(value)) => given == value,
                (None, _) => false,
            });
        let others = of.profiles.iter().any(|p| !p.name.is_empty() && named(&p.name));
        !off && (named(&profile.name) || by_property || (profile.by_default && !others))
    }

    fn skips_tests(&self, phases: &Phases) -> bool {
        self.properties.iter().any(|(name, value)| phases.skips_tests(name) && *value != "false")
    }

    fn wants(&self, dir: &str, project: &Lifecycle) -> bool {
        let is = |name: &str| {
            let name = name.trim_start_matches(['!', '-', '+', '?', '.', '/']);
            name.rsplit(':').next() == Some(project.name.as_str()) || dir == name || dir.ends_with(&format!("/{name}"))
        };
        let out = |name: &&&str| name.starts_with(['!', '-']);
        let (left_out, named): (Vec<&&str>, Vec<&&str>) = self.chosen.iter().partition(|n| out(n));
        !left_out.iter().any(|n| is(n)) && (named.is_empty() || named.iter().any(|n| is(n)))
    }
}

impl<'a> Reach<'a> {
    /// The class of a call of a build tool, with what its projects bind to the phases that it runs.
    pub(super) fn with_bound(&mut self, words: &[String], mut class: Class, at: Span, frame: &mut Frame) -> Class {
        let Some(phases) = Phases::of(&class.tool).filter(|_| matches!(class.action, Action::Step(_))) else { return class };
        let asked = Asked::new(words, self.positional(words));
        let mut integrates = None;
        for (dir, project) in self.projects(&class, &asked, frame) {
            if !asked.wants(&dir, project) {
                continue;
            }
            let holding: Vec<&Profile> = project.profiles.iter().filter(|p| asked.holds(p, project)).collect();
            let value = |name: &str| {
                let given = asked.properties.get(name).map(|v| (*v).to_owned());
                given.or_else(|| holding.iter().rev().find_map(|p| p.properties.get(name).cloned()))
            };
            let knows = project.complete || integrates == Some(true);
            integrates = if knows { integrates.or(Some(false)) } else { integrates };
            for bound in holding.iter().flat_map(|p| &p.bound) {
                if !runs(bound, &asked, phases) || bound.skip.iter().any(|s| filled(s, &value) == "true") {
                    continue;
                }
                if let Some(found) = self.bound(bound, &class, &value, at, frame) {
                    let tests = found.stage() == Some(Stage::Test);
                    if tests && !asked.skips_tests(phases) && found.kind.as_deref() == Some("integration") {
                        integrates = Some(true);
                    }
                    if !tests || (!asked.skips_tests(phases) && found.kind.as_deref() != Some("coverage")) {
                        add(&mut class, &found);
                    }
                }
            }
        }
        // What no project makes an integration test is none.
        if class.stage() == Some(Stage::Test) && class.kind.as_deref() == Some("integration") && integrates == Some(false) {
            let phase_only = asked.goals.iter().all(|g| phases.position(g).is_some());
            class.kind = Some(if phase_only { "unit" } else { "integration" }.to_owned());
        }
        class
    }

    /// The projects that a call builds, by folder: that of its folder or file, and its modules.
    fn projects(&self, class: &Class, asked: &Asked, frame: &Frame) -> Vec<(String, &'a Lifecycle)> {
        let program = self.program;
        let get = |dir: &str| program.lifecycles.get(&(class.tool.clone(), dir.to_owned()));
        let file = class.role(Role::File).next();
        let named = file.map(|f| self.links.candidates(f, frame.dir.as_deref(), &frame.home)).unwrap_or_default();
        let named = named.into_iter().find_map(|p| [p.clone(), directory(&p).to_owned()].into_iter().find(|d| get(d).is_some()));
        let start = match (file, named) {
            (_, Some(dir)) => dir,
            (Some(_), None) => return Vec::new(),
            (None, None) => frame.dir.clone().unwrap_or_else(|| frame.home.clone()),
        };
        let (mut out, mut todo, mut seen) = (Vec::new(), vec![start], BTreeSet::new());
        while let Some(dir) = todo.pop() {
            let Some(project) = get(&dir).filter(|_| out.len() < MAX_PROJECTS && seen.insert(dir.clone())) else { continue };
            let holding = project.profiles.iter().filter(|p| asked.holds(p, project));
            todo.extend(holding.flat_map(|p| p.modules.iter().cloned()));
            out.push((dir, project));
        }
        out
    }

    /// What bound work is; the images that it builds are noted, and what it starts of the repository is used.
    fn bound(
        &mut self,
        bound: &Bound,
        call: &Class,
        value: &dyn Fn(&str) -> Option<String>,
        at: Span,
        frame: &mut Frame,
    ) -> Option<Class> {
        let words: Vec<String> = bound.words.iter().map(|w| filled(w, value)).filter(|w| !w.is_empty()).collect();
        let images: Vec<String> = bound.images.iter().map(|i| filled(i, value)).collect();
        let mut found = match bound.phase {
            Some(_) if words.len() > 1 => self.class_of(&words)?,
            _ => call.clone(),
        };
        found.roles.extend(images.iter().map(|i| (Role::Image, i.clone())));
        let mut inner = Frame { dir: Some(bound.dir.clone()), ..frame.clone() };
        match &found.action {
            Action::Step(Stage::Package | Stage::Publish) if found.kind.as_deref() == Some("image") => {
                if found.tool == call.tool {
                    let build = Build {
                        image: images.iter().find_map(|i| image_name(i)).unwrap_or_default(),
                        context: Some(bound.dir.clone()),
                        dockerfile: bound.dockerfile.clone(),
                        pushed: found.stage() == Some(Stage::Publish),
                        ..Build::default()
                    };
                    self.build_of(build, None, at, &mut inner);
                } else {
                    self.image_build(&words, &found, at, &mut inner);
                }
                Some(found)
            }
            Action::Step(_) => Some(found),
            Action::Resolve { resolver, .. } if matches!(resolver.as_str(), "npm" | "npm-names") => {
                self.use_script(&bound.dir, words.last()?);
                None
            }
            _ => None,
        }
    }

    /// A script of a package that bound work runs, and those that it runs in turn, are not left to a person.
    fn use_script(&mut self, dir: &str, name: &str) {
        let Some(package) = self.program.packages.get(dir) else { return };
        let (mut todo, mut seen) = (vec![name.to_owned()], BTreeSet::new());
        while let Some(name) = todo.pop() {
            let Some((_, unit)) = package.scripts.iter().find(|(n, _)| *n == name).filter(|_| seen.insert(name)) else {
                continue;
            };
            self.found.called.insert(*unit);
            for item in &self.program.unit(*unit).body {
                let Item::Command(command) = item else { continue };
                let words = command.words.iter().filter_map(|w| if let Expr::Lit(text) = w { Some(text.clone()) } else { None });
                todo.extend(words.skip(1));
            }
        }
    }
}

/// Whether a call runs bound work: it runs its phase, or it names a goal of the same plugin.
fn runs(bound: &Bound, asked: &Asked, phases: &Phases) -> bool {
    let last = |task: &str| task.rsplit(':').next().unwrap_or(task).to_owned();
    let out = |task: &String| asked.left_out.iter().any(|x| last(x) == last(task));
    if bound.phase.as_ref().is_some_and(out) || bound.words.get(1).is_some_and(out) {
        return false;
    }
    match (&bound.phase, bound.words.get(1)) {
        (Some(phase), _) => asked.goals.iter().any(|g| phases.runs(g.rsplit(':').next().unwrap_or(g), phase) && !g.contains('.')),
        (None, Some(prefix)) => {
            let plugin = format!("{}-maven-plugin", prefix.trim_end_matches(':'));
            let of = |goal: &String| goal.starts_with(prefix) || goal.split(':').any(|part| part.starts_with(&plugin));
            asked.goals.iter().any(|g| g.contains(':') && of(g))
        }
        (None, None) => false,
    }
}

/// A call does also what is bound; one that makes an image ships it, whatever else it packs.
fn add(class: &mut Class, bound: &Class) {
    if bound.kind.as_deref() == Some("image") && matches!(class.stage(), Some(Stage::Package | Stage::Publish)) {
        class.kind.clone_from(&bound.kind);
    }
    for stage in bound.stage().into_iter().chain(bound.also.iter().copied()) {
        if class.stage() != Some(stage) && !class.also.contains(&stage) && stage != Stage::Source {
            class.also.push(stage);
        }
    }
    for role in bound.roles.iter().filter(|(role, _)| *role == Role::Image) {
        if !class.roles.contains(role) {
            class.roles.push(role.clone());
        }
    }
}
