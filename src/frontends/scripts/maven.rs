//! Front end of Maven's project files (<https://maven.apache.org/pom.html>): what a project binds to the phases of its lifecycle.
//! The phases themselves are no units: a call of one is one step, whatever is bound to it.

mod plugins;

use crate::catalogue::lifecycle::Phases;
use crate::model::{Lifecycle, Profile, Program};
use crate::source::paths::{clamp, directory};
use crate::source::{SourceFile, SourceSet};
use crate::syntax::xml::{self, Element};
use std::collections::BTreeMap;

const TOOL: &str = "maven";
/// Parents are followed at most so far.
const MAX_PARENTS: usize = 8;

/// A project file.
struct Pom<'a> {
    file: &'a SourceFile,
    root: Element,
}

/// Translate every pom.xml.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    let Some(phases) = Phases::of(TOOL) else { return };
    let mut poms: BTreeMap<&str, Pom> = BTreeMap::new();
    for file in sources.files().iter().filter(|f| is_pom(f)) {
        match xml::parse(file).filter(|root| root.name == "project") {
            Some(root) => drop(poms.insert(file.path.as_str(), Pom { file, root })),
            None => program.partly_read.push((file.id, "syntax that could not be read".to_owned())),
        }
    }
    for (path, pom) in &poms {
        let (chain, complete) = chain(path, &poms, phases);
        let reader = plugins::Reader { phases, chain: &chain, dir: pom.file.dir(), sources };
        let lifecycle = Lifecycle {
            name: pom.root.text_at(&["artifactId"]).unwrap_or_default().to_owned(),
            complete,
            profiles: profiles(&chain, &reader),
        };
        program.lifecycles.insert((TOOL.to_owned(), pom.file.dir().to_owned()), lifecycle);
    }
}

fn is_pom(file: &SourceFile) -> bool {
    file.name() == "pom.xml"
}

/// A project with its parents, the nearest first, and whether they are all known.
fn chain<'p>(path: &str, poms: &'p BTreeMap<&str, Pom<'p>>, phases: &Phases) -> (Vec<&'p Pom<'p>>, bool) {
    let mut out: Vec<&Pom> = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(pom) = next.take().and_then(|p| poms.get(p.as_str())) {
        if out.len() >= MAX_PARENTS || out.iter().any(|p| p.file.id == pom.file.id) {
            return (out, false);
        }
        out.push(pom);
        let Some(parent) = pom.root.child("parent") else { return (out, true) };
        let artifact = parent.text_at(&["artifactId"]).unwrap_or_default();
        let relative = parent.child("relativePath").map_or("../pom.xml", |e| e.text.as_str());
        let file = clamp(
            pom.file.dir(),
            if relative.ends_with(".xml") { relative.to_owned() } else { format!("{relative}/pom.xml") }.as_str(),
        );
        let fits = |p: &&Pom| p.root.text_at(&["artifactId"]) == Some(artifact);
        if relative.is_empty() || !poms.get(file.as_str()).is_some_and(|p| fits(&p)) {
            return (out, phases.plain_parent(artifact));
        }
        next = Some(file);
    }
    (out, true)
}

/// The settings of a project: its own and what it inherits, then its profiles.
fn profiles(chain: &[&Pom], reader: &plugins::Reader) -> Vec<Profile> {
    let own = chain.first().copied();
    let mut properties = BTreeMap::new();
    for pom in chain.iter().rev() {
        properties.extend(properties_of(&pom.root));
    }
    for (name, path) in [("project.artifactId", "artifactId"), ("project.version", "version"), ("project.groupId", "groupId")] {
        let value = chain.iter().find_map(|p| p.root.text_at(&[path])).map(ToOwned::to_owned);
        properties.extend(value.map(|v| (name.to_owned(), v)));
    }
    let mut out = vec![Profile {
        modules: own.map(|p| modules(p, &p.root)).unwrap_or_default(),
        bound: reader.bound(None),
        properties,
        ..Profile::default()
    }];
    let mut seen: Vec<&str> = Vec::new();
    for pom in chain {
        for profile in pom.root.list(&["profiles"]) {
            let name = profile.text_at(&["id"]).unwrap_or_default();
            if name.is_empty() || seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let property = profile.at(&["activation", "property"]);
            out.push(Profile {
                name: name.to_owned(),
                by_default: profile.text_at(&["activation", "activeByDefault"]) == Some("true"),
                property: property
                    .and_then(|p| Some((p.text_at(&["name"])?.to_owned(), p.text_at(&["value"]).map(ToOwned::to_owned)))),
                properties: properties_of(profile),
                modules: if own.is_some_and(|o| o.file.id == pom.file.id) { modules(pom, profile) } else { Vec::new() },
                bound: reader.bound(Some(name)),
            });
        }
    }
    out
}

fn properties_of(of: &Element) -> BTreeMap<String, String> {
    of.list(&["properties"]).iter().map(|p| (p.name.clone(), p.text.clone())).collect()
}

/// The folders of the modules that an element lists.
fn modules(pom: &Pom, of: &Element) -> Vec<String> {
    let list = of.list(&["modules"]).iter().map(|m| clamp(pom.file.dir(), &m.text));
    list.map(|m| if m.ends_with(".xml") { directory(&m).to_owned() } else { m }).collect()
}

#[cfg(test)]
mod tests;
