//! Which templates of the repository a command applies, and what these say of its environment and workloads.

use super::Reach;
use super::emit::Emission;
use super::frame::Frame;
use crate::catalogue::resources::Resources;
use crate::catalogue::{Class, Role, Trait};
use crate::flow::names::tokens;
use crate::model::{HOLE, Stage, Template};
use crate::source::paths::{is_named_by, join};
use std::collections::BTreeSet;

impl<'a> Reach<'a> {
    /// The templates that a command names: by a file, by a folder, or by where it is called.
    pub(super) fn templates_of(&self, class: &Class, frame: &Frame) -> Vec<&'a Template> {
        let all = &self.program.templates;
        if all.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<&Template> = Vec::new();
        let row = tokens(&class.row);
        let fits = |t: &Template| Resources::of(&t.tool).may_be_applied_by(&row);
        let mut named = false;
        for word in class.role(Role::File) {
            let word = word.trim_start_matches("file://").trim_start_matches('@').replace('\\', "/");
            named |= !word.contains('=');
            let paths = self.links.candidates(&word, frame.dir.as_deref(), &frame.home);
            found.extend(all.iter().filter(|t| paths.iter().any(|p| *p == t.path || (holds(p, t) && fits(t)))));
            let tail = word.rsplit(HOLE).next().unwrap_or("").trim_start_matches('/');
            if word.contains(HOLE) && tail.contains('.') {
                found.extend(all.iter().filter(|t| ends_with(tail, &t.path) || ends_with(&t.path, tail)));
            }
        }
        if named || !found.is_empty() {
            return found;
        }
        let dirs: Vec<String> = match class.role(Role::Dir).next() {
            Some(dir) => self.links.candidates(dir, frame.dir.as_deref(), &frame.home),
            None => vec![frame.dir.clone().unwrap_or_else(|| frame.home.clone())],
        };
        let program = class.row.split(' ').next().unwrap_or("");
        let given = class.role(Role::Dir).next().is_some();
        let reads = |t: &Template| {
            let name = t.path.rsplit('/').next().unwrap_or("");
            Resources::read_by(program).any(|f| f == name) || (given && Resources::of(&t.tool).is_read(name))
        };
        found.extend(all.iter().filter(|t| dirs.iter().any(|d| d == t.dir()) && reads(t)));
        if found.is_empty() && program == "serverless" {
            let compose = dirs.iter().filter_map(|d| join(d, "serverless-compose.yml"));
            found.extend(compose.filter_map(|path| all.iter().find(|t| t.path == path)));
        }
        found
    }

    /// The same, with the templates that they take in.
    pub(super) fn templates_with_parts(&self, class: &Class, frame: &Frame) -> Vec<&'a Template> {
        let mut found = self.templates_of(class, frame);
        let mut at = 0;
        while let Some(whole) = found.get(at).copied() {
            let parts: Vec<&Template> = self.program.templates.iter().filter(|t| whole.takes_in(t)).collect();
            for part in parts {
                if !found.iter().any(|t| t.path == part.path) {
                    found.push(part);
                }
            }
            at += 1;
        }
        found
    }

    /// A tool that deploys the template of its folder only provisions where that declares no workload (ruling 9).
    pub(super) fn by_template(&self, class: &Class, stage: Stage, frame: &Frame) -> Stage {
        let program = class.row.split(' ').next().unwrap_or("");
        if stage != Stage::Deploy || Resources::read_by(program).next().is_none() {
            return stage;
        }
        let templates = self.templates_with_parts(class, frame);
        let only = |t: &&Template| t.stage == Stage::Provision && t.workloads != Some(true);
        if !templates.is_empty() && templates.iter().all(only) { Stage::Provision } else { stage }
    }

    /// Whether all templates that a command applies are known to declare no workload.
    pub(super) fn templates_without_workload(&self, class: &Class, frame: &Frame) -> bool {
        let templates = self.templates_with_parts(class, frame);
        if templates.iter().any(|t| t.workloads == Some(true)) {
            return false;
        }
        class.is(Trait::UnreadTemplate) || (!templates.is_empty() && templates.iter().all(|t| t.workloads == Some(false)))
    }

    /// The environment that a template or its settings name where the command says nothing of it.
    pub(super) fn literal_of_templates(&self, class: &Class, frame: &Frame) -> Option<String> {
        if class.role(Role::Environment).next().is_some() {
            return None;
        }
        let templates = self.templates_of(class, frame);
        let mut literals = templates.iter().flat_map(|t| &t.environment_literals);
        literals.find_map(|(_, value)| self.environment_in(value))
    }

    /// A template is applied that is not known: it may be any of its tool.
    pub(super) fn note_unnamed_template(&mut self, e: &Emission<'_>, frame: &Frame) {
        let applies = matches!(e.stage, Stage::Provision | Stage::Deploy | Stage::Package | Stage::Publish | Stage::Configure);
        if self.program.templates.is_empty() || !applies {
            return;
        }
        let open: BTreeSet<&String> = self.program.templates.iter().map(|t| &t.tool).collect();
        let open: Vec<&String> = open.into_iter().filter(|tool| !self.found.vague.contains(*tool)).collect();
        if open.is_empty() {
            return;
        }
        let mut words = tokens(&e.class.row);
        words.extend(tokens(e.text));
        let tools = open.into_iter().filter(|tool| Resources::of(tool).may_be_applied_by(&words));
        let tools: Vec<String> = tools.cloned().collect();
        if !tools.is_empty() && self.templates_of(e.class, frame).is_empty() {
            self.found.vague.extend(tools);
        }
    }
}

/// Whether a template stands in a folder or below it; in the root only by itself.
fn holds(folder: &str, template: &Template) -> bool {
    if folder.is_empty() { template.dir().is_empty() } else { is_named_by(&template.path, folder) }
}

/// Whether a path ends with another, at a folder's border.
fn ends_with(path: &str, tail: &str) -> bool {
    path.strip_suffix(tail).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}
