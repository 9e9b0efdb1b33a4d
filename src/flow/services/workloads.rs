//! Services that are declared: workloads of manifests and charts, task definitions and functions of Terraform roots, programs
//! that run on hosts.

use super::{Finder, alike};
use crate::flow::names::plain;
use crate::flow::occurrence::Occurrence;
use crate::flow::reach::image_name;
use crate::model::{Declaration, DeclarationKind, FUNCTIONS_OF, Program, Service, Stage};
use std::collections::{BTreeMap, BTreeSet};

/// Files that a build tool reads in a program's folder.
const BUILD_FILES: &[&str] = &[
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "package.json",
    "go.mod",
    "Cargo.toml",
    "pyproject.toml",
    "requirements.txt",
    "Gemfile",
    "composer.json",
    "mix.exs",
];

impl<'a> Finder<'a> {
    /// Services of what is declared, joined with those that are known by their images.
    pub(super) fn workloads(&mut self, occurrences: &[Occurrence]) {
        let words = self.catalogue.words();
        // Where images are built, or nothing pushes it, the source that a manifest names is another way to run the same.
        let pushes = |o: &Occurrence| o.stage == Stage::Deploy && matches!(o.kind.as_deref(), Some("cf" | "cloudfoundry"));
        let pushed = self.services.is_empty() && occurrences.iter().any(pushes);
        let namespaces = self.own_namespaces();
        let mut grouped: BTreeMap<String, Vec<&Declaration>> = BTreeMap::new();
        let (mut loose, mut units): (Vec<&Declaration>, Vec<&Declaration>) = (Vec::new(), Vec::new());
        for d in &self.program.declarations {
            let path = &self.sources.file(d.span.file).path;
            let workload = match d.kind {
                DeclarationKind::Workload => pushed || !d.facts.contains_key("pushed"),
                DeclarationKind::ComposeService => words.server_file(path) && !words.local_file(path),
                DeclarationKind::Chart => !d.images.is_empty() || self.is_own_chart(d),
                _ => false,
            };
            if !workload || self.fixture(path) {
                continue;
            }
            if d.facts.contains_key(FUNCTIONS_OF) {
                units.push(d);
                continue;
            }
            let mut own: Vec<String> =
                d.images.iter().filter(|i| !self.made_by_others(i, &d.name, &namespaces)).filter_map(|i| image_name(i)).collect();
            if own.is_empty() && d.kind == DeclarationKind::Chart && self.is_own_chart(d) {
                own.push(d.name.clone());
            }
            if own.is_empty() {
                if d.images.is_empty() && d.context.is_none() {
                    loose.push(d);
                } else if d.context.is_some() {
                    grouped.entry(plain(&d.name)).or_default().push(d);
                }
                continue;
            }
            if d.kind == DeclarationKind::Chart && self.deploys_several(&own) {
                continue;
            }
            grouped.entry(own[0].clone()).or_default().push(d);
        }
        for (image, workloads) in grouped {
            let image = self.strip(&image);
            let known = self
                .named(&image)
                .or_else(|| workloads.iter().find_map(|w| self.named(&w.name)))
                .or_else(|| self.contained(&image))
                // An image that has no name of its own is called like the repository, and so is this.
                .or_else(|| {
                    self.named(self.repository)
                        .filter(|_| self.of_repository(&image) || workloads.iter().any(|w| self.of_repository(&w.name)))
                });
            let at = known.unwrap_or_else(|| {
                let sources = self.built_in(&image, &workloads);
                let foreign = sources.is_empty() && !self.of_repository(&image);
                // Its source folder, where only one is called like it.
                let roots = if sources.len() == 1 { sources.into_iter().collect() } else { Vec::new() };
                let name = Some(self.strip(&workloads[0].name)).filter(|n| !n.is_empty());
                let name = name.unwrap_or_else(|| self.repository.to_owned());
                self.services.push(Service { name, roots, ships: !foreign, foreign, ..Service::default() });
                self.services.len() - 1
            });
            let names: Vec<String> = workloads.iter().map(|w| self.strip(&w.name)).collect();
            let service = &mut self.services[at];
            service.workload = true;
            service.aliases.insert(image);
            for (workload, name) in workloads.iter().zip(names) {
                service.aliases.insert(workload.name.clone());
                service.aliases.insert(name);
                if workload.facts.contains_key("type") {
                    service.declared_in.push(workload.dir.clone());
                }
                if let Some(context) = workload.context.as_deref().filter(|c| !c.is_empty()) {
                    service.roots.push(context.to_owned());
                    service.foreign = false;
                    service.ships = true;
                }
                if workload.facts.contains_key("pushed") {
                    // Its source is what is deployed; no image is.
                    service.foreign = false;
                    service.ships = false;
                }
            }
            // The workload's name is the service's, where there is exactly one.
            if known.is_some() && workloads.len() == 1 {
                let name = self.strip(&workloads[0].name);
                let old = std::mem::replace(&mut self.services[at].name, name);
                self.services[at].aliases.insert(old);
            }
        }
        self.units(&units);
        self.loose(&loose);
    }

    /// Where the images are kept that are built here and that manifests name.
    fn own_namespaces(&self) -> BTreeSet<&'a str> {
        let program: &'a Program = self.program;
        let images = program.declarations.iter().flat_map(|d| &d.images);
        let built = images.filter(|i| image_name(i).is_some_and(|name| self.named(&self.strip(&name)).is_some()));
        built.map(|i| namespace(i)).collect()
    }

    /// Whether an image is no service's of this repository or its neighbours: it is known as another's, or nothing here builds
    /// it and it is called after a product or is kept apart from the images that are built here.
    fn made_by_others(&self, image: &str, workload: &str, own: &BTreeSet<&str>) -> bool {
        let words = self.catalogue.words();
        if words.third_party_image(image) {
            return true;
        }
        let Some(name) = image_name(image).map(|name| self.strip(&name)) else { return false };
        let product = words.third_party_product(&name) || words.third_party_product(workload);
        let apart = product || (!own.is_empty() && !own.contains(namespace(image)));
        apart
            && self.named(&name).or_else(|| self.named(workload)).or_else(|| self.contained(&name)).is_none()
            && !self.of_repository(&name)
            && self.built_in(&name, &[]).is_empty()
    }

    /// A chart of several services that are known by their images is none of them: it deploys each.
    fn deploys_several(&mut self, images: &[String]) -> bool {
        let known: BTreeSet<usize> = images.iter().filter_map(|i| self.named(&self.strip(i))).collect();
        if known.len() < 2 {
            return false;
        }
        for at in known {
            self.services[at].workload = true;
        }
        true
    }

    /// Whether a chart whose images only a run's values name is that of something built here, and no pattern for many.
    fn is_own_chart(&self, chart: &Declaration) -> bool {
        let is = |fact: &str| chart.facts.contains_key(fact);
        is("workloads")
            && !is("library")
            && !is("subchart")
            && (!self.built_in(&chart.name, &[]).is_empty() || self.of_repository(&chart.name))
    }

    /// The folders that are called like the image or workload and hold a Dockerfile or what a build tool reads.
    fn built_in(&self, image: &str, workloads: &[&Declaration]) -> BTreeSet<String> {
        let names: BTreeSet<String> = workloads.iter().map(|w| plain(&w.name)).chain([plain(image)]).collect();
        let mut folders = BTreeSet::new();
        for path in self.program.dockerfiles.keys().filter(|p| !self.fixture(p)) {
            let parts: Vec<&str> = path.split('/').collect();
            if let Some(at) = parts.iter().position(|p| names.contains(&plain(p))) {
                folders.insert(parts[..=at].join("/"));
            }
        }
        for path in self.sources.paths.iter().filter(|p| !self.fixture(p)) {
            if let Some((folder, file)) = path.rsplit_once('/')
                && BUILD_FILES.contains(&file)
                && folder.rsplit('/').next().is_some_and(|f| names.contains(&plain(f)))
            {
                folders.insert(folder.to_owned());
            }
        }
        folders
    }

    /// Whether the image is that of the repository's only Dockerfile.
    fn of_repository(&self, image: &str) -> bool {
        self.program.dockerfiles.contains_key("Dockerfile") && alike(image, self.repository)
    }

    /// Workloads without an image of their own that one root deploys together are one service.
    fn loose(&mut self, loose: &[&Declaration]) {
        if loose.is_empty() {
            return;
        }
        let (hosts, loose): (Vec<&Declaration>, Vec<&Declaration>) =
            loose.iter().copied().partition(|d| d.facts.contains_key("host"));
        self.run_on(&hosts);
        if loose.is_empty() {
            return;
        }
        let names: BTreeSet<String> = loose.iter().map(|d| d.name.clone()).filter(|n| !n.contains(crate::model::HOLE)).collect();
        let dirs: BTreeSet<String> = loose.iter().map(|d| d.dir.clone()).collect();
        let at = match self.services.len() {
            0 => {
                self.services.push(Service { name: self.repository.to_owned(), ..Service::default() });
                0
            }
            1 => 0,
            _ => {
                for d in loose {
                    self.rooted(d);
                    let own = self.named(&d.name).or_else(|| self.contained(&d.name));
                    // A function that none of them is called like belongs to the one that is called like the repository.
                    let function = d.facts.contains_key("type");
                    let whole = || self.services.iter().position(|s| function && s.name == self.repository);
                    if let Some(at) = own.or_else(whole) {
                        self.services[at].aliases.insert(d.name.clone());
                        self.services[at].declared_in.push(d.dir.clone());
                    } else if function && self.is_own_root(d) {
                        self.services.push(Service {
                            name: self.strip(&d.name),
                            roots: vec![d.dir.clone()],
                            workload: true,
                            foreign: self.built_in(&d.name, &[]).is_empty(),
                            declared_in: vec![d.dir.clone()],
                            ..Service::default()
                        });
                    }
                }
                return;
            }
        };
        self.services[at].aliases.extend(names);
        self.services[at].declared_in.extend(dirs);
    }

    /// Whether a workload is that of a root that is called like it.
    fn is_own_root(&self, workload: &Declaration) -> bool {
        let folder = workload.dir.rsplit('/').next().unwrap_or("");
        self.program.roots.contains_key(&workload.dir)
            && !folder.is_empty()
            && plain(folder) == plain(&self.strip(&workload.name))
    }

    /// A workload that several roots share is that of the service that a root's folder is called like.
    fn rooted(&mut self, workload: &Declaration) {
        let program = self.program;
        let calls = |root: &crate::model::TerraformRoot| root.modules.contains(&workload.dir);
        for dir in program.roots.iter().filter(|(_, root)| calls(root)).map(|(dir, _)| dir) {
            if let Some(at) = dir.rsplit('/').find_map(|part| self.named(part)) {
                self.services[at].declared_in.push(dir.clone());
            }
        }
    }

    /// Services without a workload of their own run on the hosts that a root declares.
    fn run_on(&mut self, hosts: &[&Declaration]) {
        let dirs: Vec<String> = hosts.iter().map(|h| h.dir.clone()).collect();
        if self.services.is_empty() && !dirs.is_empty() {
            self.services.push(Service { name: self.repository.to_owned(), ..Service::default() });
        }
        for service in self.services.iter_mut().filter(|s| s.declared_in.is_empty() && !s.foreign) {
            service.declared_in.extend(dirs.iter().cloned());
        }
    }
}

/// Where an image is kept: its registry and folders.
fn namespace(image: &str) -> &str {
    image.rsplit_once('/').map_or("", |(before, _)| before)
}
