//! Plugins of a project with what they inherit: their goals by phase, and what their configuration says.

use super::Pom;
use crate::catalogue::lifecycle::{Phases, Plugin, PluginProgram};
use crate::model::Bound;
use crate::source::SourceSet;
use crate::source::paths::clamp;
use crate::syntax::xml::Element;
use std::collections::BTreeMap;

/// Reads the plugins of one project.
pub(super) struct Reader<'a> {
    pub phases: &'a Phases,
    /// The project and its parents, the nearest first.
    pub chain: &'a [&'a Pom<'a>],
    /// The project's folder.
    pub dir: &'a str,
    pub sources: &'a SourceSet,
}

/// A plugin as one project sees it: where it is declared, the nearest first.
struct Declared<'a> {
    artifact: &'a str,
    places: Vec<&'a Element>,
}

impl<'a> Reader<'a> {
    /// What the project's build, or one of its profiles, binds.
    pub fn bound(&self, profile: Option<&str>) -> Vec<Bound> {
        let mut out = Vec::new();
        for plugin in self.plugins(profile) {
            let known = self.phases.plugin(plugin.artifact);
            let mut ids: Vec<&str> = Vec::new();
            for place in &plugin.places {
                for execution in place.list(&["executions"]) {
                    let id = execution.text_at(&["id"]).unwrap_or("default");
                    if ids.contains(&id) && execution.child("goals").is_none() || id != "default" && ids.contains(&id) {
                        continue;
                    }
                    ids.push(id);
                    self.execution(&plugin, known, execution, &mut out);
                }
            }
            if let Some(known) = known.filter(|k| !k.images.is_empty()) {
                let found = self.images(&plugin, known, None);
                if !found.is_empty() {
                    let words = vec!["mvn".to_owned(), format!("{}:", prefix(plugin.artifact))];
                    let dockerfile = self.dockerfile(&plugin, known, None);
                    out.push(Bound { words, images: found, dockerfile, dir: self.dir.to_owned(), ..Bound::default() });
                }
            }
            for goal in known.into_iter().filter(|_| ids.is_empty()).flat_map(|k| &k.managed) {
                let words = vec!["mvn".to_owned(), format!("{}:{goal}", prefix(plugin.artifact))];
                let skip = known.map(|k| properties(&k.skip)).unwrap_or_default();
                let phase = known.and_then(|k| k.phases.get(goal)).cloned();
                out.push(Bound { phase, words, skip, dir: self.dir.to_owned(), ..Bound::default() });
            }
        }
        out
    }

    /// The plugins that a build declares, with all places that say something of them.
    fn plugins(&self, profile: Option<&str>) -> Vec<Declared<'a>> {
        let mut found: BTreeMap<&str, Vec<&Element>> = BTreeMap::new();
        let named = |e: &&Element| profile.is_some() && e.text_at(&["id"]) == profile;
        for pom in self.chain.iter().copied() {
            let of = match profile {
                None => Some(&pom.root),
                Some(_) => pom.root.list(&["profiles"]).iter().find(named),
            };
            for plugin in of.map(|o| o.list(&["build", "plugins"])).unwrap_or_default() {
                let Some(artifact) = plugin.text_at(&["artifactId"]) else { continue };
                found.entry(artifact).or_default().push(plugin);
            }
        }
        let mut out: Vec<Declared> = found.into_iter().map(|(artifact, places)| Declared { artifact, places }).collect();
        for declared in &mut out {
            for pom in self.chain.iter().copied() {
                let mut further: Vec<&Element> = pom.root.list(&["build", "pluginManagement", "plugins"]).iter().collect();
                if profile.is_some() {
                    further.extend(pom.root.list(&["build", "plugins"]));
                }
                let same = further.into_iter().filter(|p| p.text_at(&["artifactId"]) == Some(declared.artifact));
                declared.places.extend(same);
            }
        }
        out
    }

    fn execution(&self, plugin: &Declared, known: Option<&Plugin>, execution: &Element, out: &mut Vec<Bound>) {
        for goal in execution.list(&["goals"]).iter().map(|g| g.text.as_str()) {
            let default = || known.and_then(|k| k.phases.get(goal)).map(String::as_str);
            let Some(phase) = execution.text_at(&["phase"]).or_else(default) else { continue };
            let mut skip = known.map(|k| properties(&k.skip)).unwrap_or_default();
            let off = |e: &&Element| e.name == "skip" || e.name.starts_with("skip") && e.text.starts_with("${");
            skip.extend(
                configurations(plugin, Some(execution)).flat_map(|c| c.children.iter()).find(off).map(|e| e.text.clone()),
            );
            let run = known.and_then(|k| k.program.as_ref()).filter(|p| p.goals.iter().any(|g| g == goal));
            let (words, dir) = match run {
                Some(run) => match self.program(plugin, run, goal, execution) {
                    Some(found) => found,
                    None => continue,
                },
                None => (self.goal(plugin, known, goal, execution), self.dir.to_owned()),
            };
            let images = known.filter(|_| run.is_none()).map(|k| self.images(plugin, k, Some(execution))).unwrap_or_default();
            let dockerfile = known.filter(|_| run.is_none()).and_then(|k| self.dockerfile(plugin, k, Some(execution)));
            out.push(Bound { phase: Some(phase.to_owned()), words, dir, skip, images, dockerfile });
        }
    }

    fn goal(&self, plugin: &Declared, known: Option<&Plugin>, goal: &str, execution: &Element) -> Vec<String> {
        let mut words = vec!["mvn".to_owned(), format!("{}:{goal}", prefix(plugin.artifact))];
        for (option, path) in known.into_iter().flat_map(|k| &k.options) {
            words.extend(texts(plugin, Some(execution), path).into_iter().next().map(|v| format!("{option}={v}")));
        }
        words
    }

    /// The words of a program that a plugin runs, and its folder.
    fn program(&self, plugin: &Declared, run: &PluginProgram, goal: &str, execution: &Element) -> Option<(Vec<String>, String)> {
        let one = |path: &Option<String>| texts(plugin, Some(execution), path.as_deref()?).into_iter().next();
        let mut words = vec![match &run.name {
            Some(_) => one(&run.name)?.to_owned(),
            None => goal.to_owned(),
        }];
        let list = run.arguments.as_deref().and_then(|name| configurations(plugin, Some(execution)).find_map(|c| c.child(name)));
        if let Some(list) = list.filter(|l| !l.children.is_empty()) {
            words.extend(list.children.iter().map(|a| a.text.clone()));
        } else {
            let line = one(&run.line).or(run.default.as_deref()).unwrap_or_default();
            words.extend(line.split_whitespace().map(ToOwned::to_owned));
        }
        let dir = one(&run.dir).map_or_else(|| self.dir.to_owned(), |d| self.place(d).unwrap_or_else(|| self.dir.to_owned()));
        Some((words, dir))
    }

    fn images(&self, plugin: &Declared, known: &Plugin, execution: Option<&Element>) -> Vec<String> {
        known.images.iter().flat_map(|path| texts(plugin, execution, path)).map(ToOwned::to_owned).collect()
    }

    /// The Dockerfile that a plugin builds, where it is in the repository.
    fn dockerfile(&self, plugin: &Declared, known: &Plugin, execution: Option<&Element>) -> Option<String> {
        let said = known.dockerfile.iter().find_map(|path| texts(plugin, execution, path).into_iter().next());
        let place = self.place(said.or(known.default_dockerfile.as_deref())?)?;
        let inside = clamp(&place, "Dockerfile");
        [place, inside].into_iter().find(|p| self.sources.paths.contains(p))
    }

    /// A place that a project names: relative to its folder.
    fn place(&self, text: &str) -> Option<String> {
        let root = self.chain.last().map_or("", |p| p.file.dir());
        let mut text = text.to_owned();
        for name in ["project.basedir", "basedir", "pom.basedir", "maven.multiModuleProjectDirectory"] {
            let dir = if name.starts_with("maven") { root } else { self.dir };
            text = text.replace(&format!("${{{name}}}"), &format!("/{dir}"));
        }
        let properties =
            |name: &str| self.chain.iter().find_map(|p| p.root.text_at(&["properties", name]).map(ToOwned::to_owned));
        let text = crate::model::lifecycle::filled(&text, &properties);
        let text = text.replace("${project.basedir}", &format!("/{}", self.dir)).replace("${basedir}", &format!("/{}", self.dir));
        (!text.contains(crate::model::HOLE)).then(|| clamp(self.dir, &text))
    }
}

/// The configurations that hold for an execution, the nearest first.
fn configurations<'e>(plugin: &'e Declared, execution: Option<&'e Element>) -> impl Iterator<Item = &'e Element> {
    let own = execution.and_then(|e| e.child("configuration"));
    own.into_iter().chain(plugin.places.iter().filter_map(|p| p.child("configuration")))
}

/// The texts at a path (`to/image`) in the nearest configuration that has it; several where a list stands on the way.
fn texts<'e>(plugin: &'e Declared, execution: Option<&'e Element>, path: &str) -> Vec<&'e str> {
    let names: Vec<&str> = path.split('/').collect();
    for configuration in configurations(plugin, execution) {
        let mut found = vec![configuration];
        for name in &names {
            found = found.iter().flat_map(|e| e.children.iter()).filter(|c| c.name == *name).collect();
        }
        let texts: Vec<&str> = found.iter().map(|e| e.text.as_str()).filter(|t| !t.is_empty()).collect();
        if !texts.is_empty() {
            return texts;
        }
    }
    Vec::new()
}

/// Names of properties as texts that are `true` where they are set so.
fn properties(names: &[String]) -> Vec<String> {
    names.iter().map(|n| format!("${{{n}}}")).collect()
}

/// The prefix by which a plugin's goals are called (<https://maven.apache.org/guides/introduction/introduction-to-plugin-prefix-mapping.html>).
fn prefix(artifact: &str) -> &str {
    let name = artifact.strip_suffix("-maven-plugin").unwrap_or(artifact);
    let name = name.strip_prefix("maven-").and_then(|n| n.strip_suffix("-plugin")).unwrap_or(name);
    name.strip_suffix("-maven").unwrap_or(name)
}
