//! Services: what the repository deploys or publishes by itself, under which names (model.md, Service).

mod built;
mod bundles;
mod deployed;
mod units;
mod workloads;

pub use built::built;

use super::names::{plain, tokens};
use super::occurrence::{Hint, Occurrence};
use super::reach::{Build, Reached};
use crate::catalogue::Catalogue;
use crate::model::{Automation, Program, Service, Stage, UnitKind};
use crate::source::SourceSet;
use built::{Groups, Shipping};
use std::collections::{BTreeMap, BTreeSet};

/// Find the services of a repository; at least one.
pub fn find(program: &Program, reached: &Reached, sources: &SourceSet, catalogue: &Catalogue, repository: &str) -> Vec<Service> {
    let mut finder = Finder { program, sources, catalogue, repository, services: Vec::new(), unnamed_image: false };
    finder.images(reached);
    finder.bundles(&reached.occurrences);
    finder.deployed(&reached.occurrences);
    finder.workloads(&reached.occurrences);
    finder.machine_images(reached);
    finder.packages(&reached.occurrences);
    finder.finish()
}

struct Finder<'a> {
    program: &'a Program,
    sources: &'a SourceSet,
    catalogue: &'a Catalogue,
    repository: &'a str,
    services: Vec<Service>,
    /// Something builds an image of which neither the name nor the Dockerfile is known.
    unnamed_image: bool,
}

impl Finder<'_> {
    fn fixture(&self, path: &str) -> bool {
        self.catalogue.words().fixture_path(path) || self.catalogue.words().local_file(path)
    }

    /// Images that are products, by their sources: builds of one Dockerfile from one folder are one image, whatever it is called; so
    /// are those of its variant for production. They are those that a pipeline builds; where none does, those that are built by
    /// hand. Where some are pushed, the others only serve a test.
    fn products<'b>(&self, reached: &Reached, named: &'b [Build], ships: &dyn Fn(&Build) -> bool) -> Groups<'b> {
        let by_pipeline = reached.builds.iter().any(|b| !b.manual) || reached.occurrences.iter().any(ships_itself);
        let of_level: Vec<&Build> = named.iter().filter(|b| b.manual != by_pipeline && !self.is_fixture(b)).collect();
        let any = of_level.iter().any(|b| ships(b));
        let mut groups = Groups::new();
        for build in of_level {
            let source = match &build.dockerfile {
                Some(file) => (self.usual(file), build.context.clone().unwrap_or_default()),
                None => (String::new(), build.image.clone()),
            };
            groups.entry(source).or_default().push(build);
        }
        groups.retain(|_, builds| !any || builds.iter().any(|b| ships(b)));
        // What others are built from or in is no service beside them.
        let tool = |builds: &[&Build]| builds.iter().all(|b| self.builds_others(b));
        if !groups.values().all(|builds| tool(builds)) {
            groups.retain(|_, builds| !tool(builds));
        }
        groups
    }

    /// The services that images are.
    fn images(&mut self, reached: &Reached) {
        let shipping = Shipping::new(reached);
        let named: Vec<Build> = reached.builds.iter().map(|b| renamed(b, reached, &shipping.pushed)).collect();
        let ships = |b: &Build| shipping.ships(b);
        let groups = self.products(reached, &named, &ships);
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        for folder in groups.iter().filter_map(|((file, _), builds)| self.folder_of(file, builds)) {
            *uses.entry(folder).or_default() += 1;
        }
        for ((file, _), builds) in groups {
            if file.is_empty() && builds.iter().all(|b| b.image.is_empty()) {
                self.unnamed_image = true;
                continue;
            }
            // Of several images from one folder only that of its plain Dockerfile is called like it.
            let folder = self.folder_of(&file, &builds).filter(|f| uses.get(f) == Some(&1) || plain_dockerfile(&file));
            self.image(folder.as_deref(), &builds, &ships);
        }
    }

    /// Whether an image is one that other images of the repository start from, or that its pipelines run in.
    fn builds_others(&self, build: &Build) -> bool {
        // A bare name (`nginx`) is somebody else's image.
        let others = self.program.dockerfiles.iter().filter(|(path, _)| build.dockerfile.as_ref() != Some(*path));
        let mut bases = others.flat_map(|(_, d)| &d.bases).filter(|(base, _)| base.contains('/'));
        let is_it = |base: &str| crate::flow::reach::image_name(base).is_some_and(|name| name == build.image);
        !build.image.is_empty()
            && (bases.any(|(base, _)| is_it(base))
                || tokens(&build.image).iter().any(|t| matches!(t.as_str(), "ci" | "builder" | "buildbox")))
    }

    fn is_fixture(&self, build: &Build) -> bool {
        let file = build.dockerfile.as_deref().unwrap_or("");
        let folder = build.context.as_deref().unwrap_or("");
        let test = |path: &str| {
            path.split('/').any(|p| tokens(p).iter().any(|t| matches!(t.as_str(), "test" | "tests" | "e2e" | "cypress" | "perf")))
        };
        self.fixture(file) || self.fixture(&format!("{folder}/")) || test(file) || test(folder)
    }

    /// The Dockerfile whose variant for production this one is, where it stands beside it; else itself.
    fn usual(&self, file: &str) -> String {
        let ends = [".prod", ".production", "-prod", "-production"];
        let usual = ends.iter().find_map(|e| file.strip_suffix(e)).filter(|f| self.program.dockerfiles.contains_key(*f));
        usual.unwrap_or(file).to_owned()
    }

    /// One image under the names it is built by: pushed names come first, then what its folder is called.
    fn image(&mut self, folder: Option<&str>, builds: &[&Build], ships: &dyn Fn(&Build) -> bool) {
        // `services/cart/docker` is called `cart`.
        let folder_name = folder.and_then(|f| f.rsplit('/').find(|p| self.telling(p) && !generic(p))).map(ToOwned::to_owned);
        let mut names: Vec<(bool, String)> =
            builds.iter().map(|b| (!ships(b), self.strip(&b.image))).filter(|(_, n)| self.telling(n)).collect();
        names.sort();
        names.dedup();
        // One Dockerfile for several images of different names: a parameter makes each of them another service.
        let variants = builds.iter().any(|b| b.dockerfile != builds[0].dockerfile);
        let unlike = !variants && names.len() > 1 && !names.iter().all(|(_, n)| alike(n, &names[0].1));
        let groups: Vec<Vec<String>> = if unlike {
            names.into_iter().map(|(_, n)| vec![n]).collect()
        } else {
            vec![names.into_iter().map(|(_, n)| n).collect()]
        };
        // A name that tells nothing (`$FUNCTION-lambda`) still says which image a step means.
        let untelling: Vec<String> = builds.iter().map(|b| self.strip(&b.image)).filter(|n| !n.is_empty()).collect();
        for mut names in groups {
            if names.is_empty() {
                names.clone_from(&untelling);
                names.insert(0, folder_name.clone().unwrap_or_else(|| self.repository.to_owned()));
            }
            let name = names.first().cloned().or_else(|| folder_name.clone()).unwrap_or_else(|| self.repository.to_owned());
            let at = self.named(&name).unwrap_or_else(|| {
                self.services.push(Service { name, ships: true, ..Service::default() });
                self.services.len() - 1
            });
            let service = &mut self.services[at];
            service.aliases.extend(names);
            if !unlike {
                service.aliases.extend(folder_name.clone());
                if let Some(folder) = folder.map(ToOwned::to_owned).filter(|f| !service.roots.contains(f)) {
                    service.roots.push(folder);
                }
            }
        }
    }

    /// The folder that is an image's own: its context, else the folder of its Dockerfile where that holds no other.
    fn folder_of(&self, file: &str, builds: &[&Build]) -> Option<String> {
        let context = builds.iter().find_map(|b| b.context.clone()).filter(|c| !c.is_empty());
        context.or_else(|| {
            let dir = file.rsplit_once('/').map(|(d, _)| d.to_owned())?;
            let in_dir = |p: &&String| p.rsplit_once('/').is_some_and(|(x, _)| x == dir);
            let own = self.program.dockerfiles.keys().filter(in_dir).count() == 1;
            let unnamed = dir.rsplit('/').next().is_some_and(generic);
            Some(dir).filter(|_| own && !unnamed)
        })
    }

    /// Whether a name says more than what every image could be called.
    fn telling(&self, name: &str) -> bool {
        let environment = self.catalogue.environments().find_in(name).is_some_and(|e| plain(&e) == plain(name) || name.len() < 5);
        !name.is_empty()
            && name.contains(char::is_alphabetic)
            && !environment
            && !matches!(
                name,
                "latest"
                    | "image"
                    | "app-image"
                    | "docker"
                    | "lambda"
                    | "function"
                    | "build"
                    | "test"
                    | "tmp"
                    | "local"
                    | "dockerfile"
                    | "buildcache"
                    | "cache"
            )
    }

    fn named(&self, name: &str) -> Option<usize> {
        let name = plain(name);
        self.services.iter().position(|s| plain(&s.name) == name || s.aliases.iter().any(|a| plain(a) == name))
    }

    /// A service whose name the text ends with: `examplevotingapp_vote` is the image of `vote`.
    fn contained(&self, text: &str) -> Option<usize> {
        let tokens = tokens(text);
        let mut fits = self.services.iter().enumerate().filter(|(_, s)| {
            let name = crate::flow::names::tokens(&s.name);
            !name.is_empty() && tokens.len() > name.len() && tokens.ends_with(&name)
        });
        let first = fits.next()?;
        if fits.next().is_some() { None } else { Some(first.0) }
    }

    /// The name without the repository's and the environment's prefix.
    fn strip(&self, name: &str) -> String {
        let name = name.replace(crate::model::HOLE, "");
        let mut rest = name.trim_matches(|c| "-_. ".contains(c));
        for env in ["prod-", "production-", "staging-", "stage-", "dev-"] {
            rest = rest.strip_prefix(env).unwrap_or(rest);
        }
        for env in ["-prod", "-production", "-staging", "-stage", "-dev"] {
            rest = rest.strip_suffix(env).unwrap_or(rest);
        }
        for platform in ["-amd64", "-arm64", "-linux", "-x86_64", "-image"] {
            rest = rest.strip_suffix(platform).unwrap_or(rest);
        }
        rest.to_owned()
    }

    /// Packages that some step publishes, where they are not a service already.
    fn packages(&mut self, occurrences: &[Occurrence]) {
        let published: Vec<&Occurrence> = occurrences
            .iter()
            .filter(|o| publishes_a_package(o) || (o.stage == Stage::Publish && o.kind.as_deref() == Some("release")))
            .collect();
        if !self.services.is_empty() {
            self.packages_beside(&published);
            return;
        }
        if published.is_empty() {
            return;
        }
        let npm = published.iter().any(|o| o.kind.as_deref() == Some("npm"));
        if npm {
            let public: Vec<(&String, &String)> = self
                .program
                .packages
                .iter()
                .filter(|(dir, p)| !p.private && !self.fixture(&format!("{dir}/")))
                .filter_map(|(dir, p)| p.name.as_ref().map(|n| (dir, n)))
                .collect();
            if public.len() <= 12 {
                for (dir, name) in public {
                    let short = name.rsplit('/').next().unwrap_or(name).to_owned();
                    let roots = if dir.is_empty() { Vec::new() } else { vec![dir.clone()] };
                    let aliases = BTreeSet::from([name.clone()]);
                    self.services.push(Service { name: short, aliases, roots, ships: true, ..Service::default() });
                }
            }
        }
        if self.services.is_empty() {
            self.services.push(Service { name: self.repository.to_owned(), ships: true, ..Service::default() });
        }
    }

    /// Packages in folders of their own that are published beside the services.
    fn packages_beside(&mut self, published: &[&Occurrence]) {
        for o in published.iter().filter(|o| o.kind.as_deref() == Some("npm")) {
            let folders = o.own_hints.iter().chain(&o.context_hints).filter_map(|h| match h {
                Hint::Path(path) => self.program.packages.get_key_value(path.trim_end_matches('/')),
                _ => None,
            });
            let mut own = folders.filter(|(dir, p)| !dir.is_empty() && !p.private && !self.fixture(&format!("{dir}/")));
            let found = own.find_map(|(dir, p)| Some((dir, p.name.as_ref()?)));
            let Some((dir, full)) = found.filter(|(dir, _)| !self.services.iter().any(|s| s.roots.contains(dir))) else {
                continue;
            };
            let name = full.rsplit('/').next().unwrap_or(full).to_owned();
            if self.named(&name).is_none() {
                let aliases = BTreeSet::from([full.clone()]);
                let roots = vec![dir.clone()];
                self.services.push(Service { name, aliases, roots, ships: true, package: true, ..Service::default() });
            }
        }
    }

    /// An image whose name is only how those of several services begin (`shop-$SERVICE`) is theirs.
    fn drop_beginnings(&mut self) {
        let words = |s: &Service| -> Vec<Vec<String>> { std::iter::once(&s.name).chain(&s.aliases).map(|n| tokens(n)).collect() };
        let all: Vec<Vec<Vec<String>>> = self.services.iter().map(words).collect();
        let begins = |at: usize| {
            let service = &self.services[at];
            let own = tokens(&service.name);
            let longer = |names: &Vec<Vec<String>>| names.iter().any(|n| n.len() > own.len() && n.starts_with(&own));
            let others =
                all.iter().enumerate().filter(|(i, names)| *i != at && self.services[*i].workload && longer(names)).count();
            !service.workload && service.roots.is_empty() && others > 1
        };
        let gone: BTreeSet<usize> = (0..self.services.len()).filter(|at| begins(*at)).collect();
        let mut at = 0..;
        self.services.retain(|_| at.next().is_none_or(|i| !gone.contains(&i)));
    }

    fn finish(mut self) -> Vec<Service> {
        self.drop_beginnings();
        if self.services.is_empty() {
            let ships = self.unnamed_image;
            self.services.push(Service { name: self.repository.to_owned(), ships, ..Service::default() });
        }
        if self.services.len() == 1 {
            self.services[0].aliases.insert(self.repository.to_owned());
            self.services[0].roots.clear();
        }
        for service in &mut self.services {
            service.roots.sort();
            service.roots.dedup();
            service.declared_in.sort();
            service.declared_in.dedup();
            let name = service.name.clone();
            service.aliases.remove(&name);
            service.aliases.remove("");
        }
        self.services.sort_by(|a, b| a.name.cmp(&b.name));
        self.services
    }
}

/// Whether a pipeline's step makes and publishes a product at once, as its own file says (`goreleaser release`): what is
/// built by hand beside it is a helper.
fn ships_itself(o: &Occurrence) -> bool {
    let makes = o.also.iter().any(|s| matches!(s, Stage::Build | Stage::Package));
    o.way.automation > Automation::Manual && o.stage == Stage::Publish && makes
}

/// Whether a step pushes a package to the registry of its language.
pub fn publishes_a_package(o: &Occurrence) -> bool {
    let packages = ["npm", "pypi", "crate", "gem", "maven", "nuget", "hex", "pub", "jsr", "chart"];
    o.stage == Stage::Publish && o.kind.as_deref().is_some_and(|kind| packages.contains(&kind))
}

/// Whether a folder says nothing of the image in it.
fn generic(folder: &str) -> bool {
    matches!(folder, "docker" | "ci" | "build" | "deploy" | "container" | ".docker" | "image" | "images" | "script" | "scripts")
}

/// A build under the name that its image is pushed by, where it is tagged anew for that. A name that says nothing (`app`)
/// gives way to one that only the run knows.
fn renamed(build: &Build, reached: &Reached, pushed: &BTreeSet<&str>) -> Build {
    let tags = reached.tags.iter().filter(|(from, _)| *from == build.image);
    let mut out = build.clone();
    for (_, to) in tags {
        match to {
            Some(to) if to != &build.image && pushed.contains(to.as_str()) => {
                out.image.clone_from(to);
                out.pushed = true;
                return out;
            }
            None if matches!(build.image.as_str(), "app" | "application") => out.image.clear(),
            _ => {}
        }
    }
    out
}

/// Whether two names of images mean the same: one holds the words of the other.
fn alike(a: &str, b: &str) -> bool {
    let (a, b) = (tokens(a), tokens(b));
    a.iter().all(|t| b.contains(t)) || b.iter().all(|t| a.contains(t))
}

/// Whether a unit is one that a service's own folder may hold.
pub fn is_own_kind(kind: UnitKind) -> bool {
    !matches!(kind, UnitKind::Pipeline | UnitKind::Stage | UnitKind::Job | UnitKind::Action)
}

/// Whether a file is the Dockerfile that a build reads where none is named.
fn plain_dockerfile(file: &str) -> bool {
    file.rsplit('/').next().is_some_and(|name| matches!(name, "Dockerfile" | "Containerfile"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hold_each_other_are_alike_and_generic_folders_name_nothing() {
        assert!(alike("shop-cart", "cart") && !alike("shop-cart", "shop-web"));
        assert!(generic("image") && generic("docker") && !generic("cart"));
    }
}
