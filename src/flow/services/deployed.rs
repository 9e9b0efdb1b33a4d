//! Services that a command deploys one by one: functions and apps that are known by the name they are deployed under, where
//! no image of them is built.

use super::{Finder, generic, is_own_kind};
use crate::flow::names::{plain, tokens};
use crate::flow::occurrence::{Hint, Occurrence};
use crate::model::{Automation, HOLE, Service, Stage};
use std::collections::{BTreeMap, BTreeSet};

/// Kinds of deploy steps that put one workload's own code where it runs.
const ONE_BY_ONE: &[&str] = &["lambda", "function", "appservice"];

impl Finder<'_> {
    /// Workloads that pipelines deploy one by one. One of them beside one service that is known by its image is that service.
    pub(super) fn deployed(&mut self, occurrences: &[Occurrence]) {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for o in occurrences.iter().filter(|o| {
            o.stage == Stage::Deploy
                && o.way.automation > Automation::Manual
                && o.kind.as_deref().is_some_and(|k| ONE_BY_ONE.contains(&k))
        }) {
            let mut names = o.own_hints.iter().filter_map(|h| if let Hint::Name(name) = h { Some(name) } else { None });
            let folder = self.own_folder(o);
            let named = match (names.next(), names.next()) {
                (Some(name), None) => self.workload_name(name),
                // A tool that deploys the folder it is called in.
                (None, None) => folder.as_ref().and_then(|f| f.rsplit('/').next()).map(str::to_owned),
                _ => None,
            };
            if let Some(name) = named {
                found.entry(name).or_default().extend(folder);
            }
        }
        found.retain(|name, _| self.named(name).is_none() && self.contained(name).is_none());
        let alone = found.len() == 1 && self.services.len() < 2;
        if alone && self.services.is_empty() {
            self.services.push(Service { name: self.repository.to_owned(), workload: true, ..Service::default() });
        }
        if alone {
            self.services[0].aliases.extend(found.into_keys());
            return;
        }
        let mut all: Vec<Service> = Vec::new();
        for (name, roots) in found {
            let roots: Vec<String> = roots.into_iter().collect();
            // One more environment of the one before: `cart` and `cart-blue` from one folder.
            if let Some(of) = all.last_mut()
                && !roots.is_empty()
                && of.roots == roots
                && name.strip_prefix(&of.name).is_some_and(|rest| rest.starts_with('-'))
            {
                of.aliases.insert(name);
                continue;
            }
            all.push(Service { name, roots, workload: true, ..Service::default() });
        }
        self.services.extend(all);
    }

    /// The name of what is deployed, without its environment; none where the run makes it up.
    fn workload_name(&self, name: &str) -> Option<String> {
        let name = name.rsplit([':', '/']).next().unwrap_or(name);
        let words: Vec<String> = tokens(&name.replace(HOLE, " "));
        let environment = |w: &String| self.catalogue.environments().find_in(w).is_some();
        let first = words.iter().position(|w| !environment(w))?;
        let last = words.iter().rposition(|w| !environment(w))?;
        let name = words[first..=last].join("-");
        (self.telling(&name) && words.len() > 1).then_some(name)
    }

    /// The folder of the script that deploys it, where that is a program's own.
    fn own_folder(&self, o: &Occurrence) -> Option<String> {
        let path = &self.sources.file(o.span.file).path;
        let (folder, _) = path.rsplit_once('/')?;
        let last = folder.rsplit('/').next()?;
        let own = is_own_kind(self.program.unit(o.unit).kind) && !folder.starts_with('.') && !generic(last);
        (own && plain(last) != "bin").then(|| folder.to_owned())
    }
}
