//! Services that templates are: functions that one template deploys together, and machine images.

use super::{Finder, generic};
use crate::flow::names::{plain, tokens};
use crate::flow::reach::Reached;
use crate::model::{Automation, Declaration, FUNCTIONS_OF, Service};
use std::collections::BTreeSet;

impl Finder<'_> {
    /// Templates with functions: each is one service under its own name, the only one that of the repository.
    pub(super) fn units(&mut self, units: &[&Declaration]) {
        let dirs: BTreeSet<&str> = units.iter().map(|d| d.dir.as_str()).collect();
        // Several templates in one folder are parts or variants of one.
        let alone = dirs.len() == 1;
        let empty = self.services.is_empty();
        for unit in units {
            let name = self.short(&unit.name);
            let telling = self.telling(&name) && !generic(&name);
            let at = self.named(&name).filter(|_| telling).or_else(|| self.rooted_at(&unit.dir));
            let at = at.or_else(|| (alone && self.services.len() == 1).then_some(0));
            let at = match at {
                Some(at) => at,
                None if telling && (empty || unit.facts.contains_key("named") || !unit.dir.is_empty()) => {
                    let name = if alone && !unit.facts.contains_key("named") { self.repository.to_owned() } else { name.clone() };
                    let roots = Some(unit.dir.clone()).filter(|d| !d.is_empty()).into_iter().collect();
                    self.services.push(Service { name, roots, ..Service::default() });
                    self.services.len() - 1
                }
                None if empty => {
                    let own = self.named(self.repository);
                    own.unwrap_or_else(|| {
                        self.services.push(Service { name: self.repository.to_owned(), ..Service::default() });
                        self.services.len() - 1
                    })
                }
                None => continue,
            };
            let own =
                unit.facts.contains_key("named") && telling && alone && plain(&self.services[at].name) == plain(self.repository);
            let service = &mut self.services[at];
            service.workload = true;
            service.declared_in.push(unit.dir.clone());
            service.aliases.extend(unit.dir.rsplit('/').next().filter(|f| !f.is_empty() && !generic(f)).map(str::to_owned));
            let functions = unit.facts.get(FUNCTIONS_OF).map_or("", String::as_str);
            service
                .aliases
                .extend(functions.split(',').filter(|f| !f.is_empty() && !f.contains(crate::model::HOLE)).map(str::to_owned));
            if own {
                let old = std::mem::replace(&mut service.name, name);
                service.aliases.insert(old);
            } else if telling {
                service.aliases.insert(name);
            }
        }
    }

    /// A unit's name without its environment; an organisation's prefix before the repository's name goes.
    fn short(&self, name: &str) -> String {
        let name = self.strip(name);
        let (words, own) = (tokens(&name), tokens(self.repository));
        if words.len() > own.len() && words.ends_with(&own) { self.repository.to_owned() } else { name }
    }

    /// The service whose own folder this is.
    fn rooted_at(&self, dir: &str) -> Option<usize> {
        self.services.iter().position(|s| !dir.is_empty() && s.roots.iter().any(|r| r == dir))
    }

    /// Machine images that have a name of their own, and into which a part of the repository is put, are services; beside them
    /// also those that pipelines make.
    pub(super) fn machine_images(&mut self, reached: &Reached) {
        let templates = self.program.templates.iter().filter(|t| !self.fixture(&t.path));
        let all: Vec<_> =
            templates.flat_map(|t| t.images.iter().map(move |i| (t, i))).filter(|(_, i)| !i.name.is_empty()).collect();
        let any = all.iter().any(|(_, i)| i.holds.is_some());
        let made = |path: &str| reached.applied.get(path).is_some_and(|level| *level > Automation::Manual);
        for (template, image) in all {
            let name = self.strip(&image.name);
            if let Some(at) = self.named(&name) {
                self.services[at].aliases.insert(image.name.clone());
            } else if self.telling(&name) && (image.holds.is_some() || (any && made(&template.path))) {
                let roots = image.holds.clone().filter(|d| !d.is_empty()).into_iter().collect();
                self.services.push(Service { name, roots, ships: true, ..Service::default() });
            }
        }
    }
}
