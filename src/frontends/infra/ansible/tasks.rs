//! What the tasks of a playbook put in place, and those of the roles and files that it takes in
//! (<https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_reuse.html>).

use super::super::untagged;
use crate::catalogue::{Catalogue, Role, Trait};
use crate::frontends::scripts::shell::{self, Shell};
use crate::model::{HOLE, Item, Playbook, Program, Scope, Stage};
use crate::source::paths::{directory, join};
use crate::source::{FileId, SourceSet, Text};
use crate::syntax::mask;
use crate::syntax::yaml::{self, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Files take in others at most so deep.
const MAX_DEPTH: usize = 8;

/// Reads a playbook with all that it takes in.
pub(super) struct Reader<'s> {
    sources: &'s SourceSet,
    catalogue: &'s Catalogue,
    /// Folder of the playbook.
    home: String,
    /// Literal variables of the play.
    vars: BTreeMap<String, String>,
    seen: BTreeSet<String>,
    found: Playbook,
    /// Something of the repository was copied to the hosts.
    copied: bool,
    /// A compose file of the repository was.
    compose: bool,
    /// A service was restarted.
    restarted: bool,
}

/// What the playbook at a path puts in place.
pub(super) fn read(sources: &SourceSet, catalogue: &Catalogue, path: &str) -> Playbook {
    let mut reader = Reader {
        sources,
        catalogue,
        home: directory(path).to_owned(),
        vars: BTreeMap::new(),
        seen: BTreeSet::new(),
        found: Playbook::default(),
        copied: false,
        compose: false,
        restarted: false,
    };
    reader.file(path, 0);
    reader.found.on_hosts |= reader.copied && reader.restarted;
    reader.found.applies.sort();
    reader.found.applies.dedup();
    reader.found
}

impl Reader<'_> {
    /// The plays or tasks of a file.
    fn file(&mut self, path: &str, depth: usize) {
        let Some(file) = self.sources.get(path).filter(|_| depth < MAX_DEPTH) else { return };
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        let mut tree = yaml::parse(file);
        if tree.partly && file.text.contains("{{") {
            tree = yaml::parse_masked(file.id, mask::template(&file.text).0);
        }
        let Some(root) = tree.root().filter(Node::is_sequence) else { return };
        for node in root.items() {
            if let Some(import) = super::IMPORTS.iter().find_map(|key| node.get_str(key)) {
                if let Some(path) = join(directory(path), import) {
                    self.file(&path, depth + 1);
                }
            } else if let Some(hosts) = node.get("hosts") {
                self.found.hosts.extend(hosts.texts().into_iter().filter(|h| !h.contains("{{")).map(ToOwned::to_owned));
                self.play(&node, path, depth);
            } else {
                self.task(&node, path, depth);
            }
        }
    }

    fn play(&mut self, play: &Node<'_>, path: &str, depth: usize) {
        for entry in play.get("vars").iter().flat_map(Node::entries) {
            if let Some(value) = entry.value.scalar() {
                self.vars.insert(entry.name().to_owned(), value.to_owned());
            }
        }
        for role in play.get("roles").iter().flat_map(Node::items) {
            if let Some(name) = role.scalar().or_else(|| role.get_str("role")).or_else(|| role.get_str("name")) {
                self.role(name, "main", depth);
            }
        }
        for key in ["pre_tasks", "tasks", "post_tasks", "handlers"] {
            for task in play.get(key).iter().flat_map(Node::items) {
                self.task(&task, path, depth);
            }
        }
    }

    fn role(&mut self, name: &str, tasks: &str, depth: usize) {
        let places = ["roles", "../roles", ""].map(|from| join(&self.home, &format!("{from}/{name}")));
        let found = places.into_iter().chain([join("roles", name)]).flatten().find(|dir| self.sources.dirs.contains(dir));
        let Some(dir) = found else { return };
        let tasks = tasks.trim_end_matches(".yml").trim_end_matches(".yaml");
        for part in [format!("tasks/{tasks}"), "handlers/main".to_owned()] {
            for end in ["yml", "yaml"] {
                self.file(&format!("{dir}/{part}.{end}"), depth + 1);
            }
        }
    }

    fn task(&mut self, task: &Node<'_>, path: &str, depth: usize) {
        if depth >= MAX_DEPTH {
            return;
        }
        for key in ["block", "rescue", "always"] {
            for inner in task.get(key).iter().flat_map(Node::items) {
                self.task(&inner, path, depth + 1);
            }
        }
        let items = ["loop", "with_items"].iter().find_map(|key| task.get(key)).map(|n| n.texts()).unwrap_or_default();
        for entry in task.entries() {
            let module = entry.name().rsplit('.').next().unwrap_or_default();
            let absent = entry.value.get_str("state").is_some_and(|s| matches!(s, "absent" | "stopped"));
            if absent {
                continue;
            }
            let folder = entry.value.get_str("chdir").or_else(|| task.at(&["args", "chdir"]).and_then(|n| n.scalar()));
            for item in items.iter().copied().map(Some).chain(items.is_empty().then_some(None)) {
                self.module(module, &entry.value, folder, (path, item), depth);
            }
        }
    }

    fn module(&mut self, module: &str, value: &Node<'_>, folder: Option<&str>, at: (&str, Option<&str>), depth: usize) {
        let text = |this: &Self, key: &str| value.get_str(key).map(|v| this.render(v, at.1));
        let own = |v: &str, word: &str| vec![v.to_owned(), word.to_owned()];
        match module {
            "include_role" | "import_role" => {
                if let Some(name) = text(self, "name") {
                    self.role(&name, value.get_str("tasks_from").unwrap_or("main"), depth);
                }
            }
            "include_tasks" | "import_tasks" | "include" => {
                let Some(name) = value.scalar().or_else(|| value.get_str("file")) else { return };
                let name = self.render(name, at.1);
                for from in [directory(at.0), self.home.as_str()].map(ToOwned::to_owned) {
                    if let Some(path) = join(&from, &name) {
                        self.file(&path, depth + 1);
                    }
                }
            }
            "shell" | "command" => {
                let Some(line) = value.scalar().or_else(|| value.get_str("cmd")) else { return };
                let line = self.render(line, at.1);
                let folder = folder.map(|f| self.render(f, at.1));
                self.script(&line, folder.as_deref());
            }
            "k8s" => {
                let template = value.get_str("definition").and_then(looked_up).map(ToOwned::to_owned);
                for path in text(self, "src").into_iter().chain(text(self, "template")).chain(template) {
                    self.applies(&path, at.0);
                }
            }
            "helm" => {
                if let Some(chart) = text(self, "chart_ref") {
                    self.applies(&chart, at.0);
                }
            }
            "docker_container" | "podman_container" => {
                let image = text(self, "image");
                self.found.images.extend(image.as_deref().and_then(untagged));
            }
            "docker_compose" | "docker_compose_v2" | "docker_stack" => {
                let mut named = own(&text(self, "project_src").unwrap_or_default(), "");
                for key in ["files", "compose"] {
                    named.extend(value.get(key).iter().flat_map(Node::texts).map(|v| self.render(v, at.1)));
                }
                self.found.on_hosts |= self.compose;
                for path in named.iter().filter(|p| !p.is_empty()) {
                    self.applies(path, at.0);
                }
            }
            "copy" | "template" | "synchronize" | "unarchive" => {
                let Some(source) = text(self, "src") else { return };
                let name = source.rsplit('/').next().unwrap_or_default();
                self.compose |= name.contains("compose") && self.path_of(&source, at.0).is_some();
                let remote = source.contains("://") || value.get("remote_src").is_some();
                self.copied |= matches!(module, "synchronize" | "unarchive") && !remote && self.path_of(&source, at.0).is_some();
            }
            "service" | "systemd" | "systemd_service" => {
                let product = text(self, "name").is_none_or(|n| self.catalogue.words().third_party_product(&n));
                self.restarted |= value.get_str("state") == Some("restarted") && !product;
            }
            _ => {}
        }
    }

    /// What a line of a shell applies.
    fn script(&mut self, line: &str, folder: Option<&str>) {
        let mut program = Program::default();
        let script = shell::items(&Text::verbatim(FileId(0), line, 0), &Shell::new(self.catalogue), &mut program);
        let mut open: Vec<Item> = script.items;
        while let Some(item) = open.pop() {
            let command = match item {
                Item::Command(command) => command,
                Item::Block(block) => {
                    open.extend(block.items);
                    continue;
                }
                _ => continue,
            };
            let words: Vec<String> = command.words.iter().map(|w| w.eval(&Scope::default()).shown()).collect();
            let Some(class) = self.catalogue.command(&words) else { continue };
            let compose = class.is(Trait::ComposeUp);
            if class.stage() != Some(Stage::Deploy) && !compose {
                continue;
            }
            self.found.on_hosts |= compose && self.compose;
            self.found.images.extend(class.role(Role::Image).filter_map(untagged));
            let from = folder.map_or_else(|| self.home.clone(), |f| join(&self.home, f).unwrap_or_default());
            for path in class.role(Role::File).chain(class.role(Role::Dir)) {
                self.applies(path, &format!("{from}/-"));
            }
            if compose && class.role(Role::File).next().is_none() && folder.is_some_and(|f| !f.starts_with('/')) {
                self.applies(&from, "");
            }
        }
    }

    fn applies(&mut self, path: &str, from: &str) {
        let found = self.path_of(path, from);
        self.found.applies.extend(found);
    }

    /// The file or folder of the repository that a task of a file names.
    fn path_of(&self, path: &str, from: &str) -> Option<String> {
        let path = path.trim_end_matches('/');
        if path.is_empty() || path.contains(HOLE) || path.starts_with(['/', '~']) {
            return None;
        }
        let beside = directory(from);
        let role = directory(beside);
        let folders = [beside.to_owned(), self.home.clone(), format!("{role}/templates"), format!("{role}/files")];
        let more = [format!("{}/templates", self.home), format!("{}/files", self.home), String::new()];
        let known = |p: &String| !p.is_empty() && (self.sources.paths.contains(p) || self.sources.dirs.contains(p));
        folders.iter().chain(&more).filter_map(|dir| join(dir, path)).find(known)
    }

    /// A text with its expressions filled by literals; what is not known is a hole.
    fn render(&self, text: &str, item: Option<&str>) -> String {
        let mut out = text.to_owned();
        for _ in 0..MAX_DEPTH {
            let Some(start) = out.find("{{") else { break };
            let Some(end) = out[start..].find("}}").map(|e| start + e) else { break };
            let name = out[start + 2..end].split('|').next().unwrap_or_default().trim();
            let value = match name {
                "item" => item.map(ToOwned::to_owned),
                // From the folder of the playbook, where everything is looked for.
                "playbook_dir" => Some(".".to_owned()),
                name => self.vars.get(name).cloned(),
            };
            out.replace_range(start..end + 2, &value.unwrap_or_else(|| HOLE.to_string()));
        }
        out
    }
}

/// The file that a lookup reads: `{{ lookup('template', 'app.yml.j2') }}`.
fn looked_up(text: &str) -> Option<&str> {
    let (_, arguments) = text.split_once("lookup(")?;
    arguments.split(['\'', '"']).nth(3)
}
