//! Which services a step serves: those whose folder, image, path filter, matrix value or argument it names; one that
//! names none serves all that its pipeline delivers.

use super::names::{plain, tokens};
use super::occurrence::{Hint, Occurrence};
use super::reach::image_name;
use super::services::{is_own_kind, publishes_a_package};
use crate::catalogue::Catalogue;
use crate::model::{Declaration, DeclarationKind, Program, Service, Stage, UnitId, UnitKind};
use crate::source::SourceSet;
use crate::source::paths::{is_named_by, is_under};
use std::collections::{BTreeMap, BTreeSet};

/// Attributes steps to services.
pub struct Attribution<'a> {
    program: &'a Program,
    sources: &'a SourceSet,
    catalogue: &'a Catalogue,
    names: Vec<Vec<(String, Vec<String>)>>,
    roots: Vec<Vec<String>>,
    /// Which services the manifests of a file declare.
    declared: BTreeMap<String, BTreeSet<usize>>,
    delivered: BTreeMap<UnitId, BTreeSet<usize>>,
    everything: BTreeSet<usize>,
    /// Services that are published packages.
    packages: BTreeSet<usize>,
    /// Some step names services by a list of all that it applies.
    listed: bool,
}

impl<'a> Attribution<'a> {
    /// Learn from all steps what each pipeline delivers.
    pub fn new(
        program: &'a Program,
        sources: &'a SourceSet,
        catalogue: &'a Catalogue,
        services: &[Service],
        occurrences: &[Occurrence],
    ) -> Self {
        let names = services
            .iter()
            .map(|s| {
                std::iter::once(&s.name).chain(&s.aliases).map(|n| (plain(n), tokens(n))).filter(|(n, _)| !n.is_empty()).collect()
            })
            .collect();
        let roots = services.iter().map(|s| s.roots.clone()).collect();
        let everything = (0..services.len()).collect();
        let packages = (0..services.len()).filter(|i| services[*i].package).collect();
        let mut this = Self {
            program,
            sources,
            catalogue,
            names,
            roots,
            declared: BTreeMap::new(),
            delivered: BTreeMap::new(),
            everything,
            packages,
            listed: false,
        };
        this.declared = this.declarations();
        let lists = |o: &&Occurrence| o.own_hints.contains(&Hint::Listed);
        this.listed = occurrences.iter().filter(lists).any(|o| !this.matching(o.own_hints.iter(), false).is_empty());
        if services.len() > 1 {
            for o in occurrences {
                let delivers = matches!(
                    o.stage,
                    Stage::Build | Stage::Package | Stage::Publish | Stage::Deploy | Stage::Provision | Stage::Test
                );
                if let (Some(pipeline), true) = (o.pipeline, delivers) {
                    let named = this.named(o);
                    this.delivered.entry(pipeline).or_default().extend(named);
                }
            }
        }
        this
    }

    fn declarations(&self) -> BTreeMap<String, BTreeSet<usize>> {
        let mut out: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for d in self.program.declarations.iter().filter(|d| d.kind == DeclarationKind::Workload) {
            let path = &self.sources.file(d.span.file).path;
            if matches!(path.rsplit_once('.'), Some((_, "yaml" | "yml"))) {
                // A pod may run several images of the repository: beside it, before it.
                let others = d.images.iter().skip(1).filter_map(|i| image_name(i));
                let names: Vec<Hint> = std::iter::once(d.name.clone()).chain(others).map(Hint::Name).collect();
                let named = self.matching(names.iter(), false);
                out.entry(path.clone()).or_default().extend(named);
            }
        }
        for d in self.program.declarations.iter().filter(|d| d.kind == DeclarationKind::Chart) {
            let images = d.images.iter().filter_map(|i| image_name(i));
            let hints: Vec<Hint> = images.chain([d.name.clone()]).map(Hint::Name).collect();
            let named = self.matching(hints.iter(), false);
            if !named.is_empty() {
                out.entry(d.dir.clone()).or_default().extend(named);
            }
        }
        let with_parts: Vec<(String, BTreeSet<usize>)> =
            self.program.bundles.keys().map(|path| (path.clone(), self.of_parts(path, &out))).collect();
        for (path, named) in with_parts.into_iter().filter(|(_, named)| !named.is_empty()) {
            out.entry(path).or_default().extend(named);
        }
        out
    }

    /// The services that the parts of something applied as a whole declare, directly or through each other.
    fn of_parts(&self, path: &str, declared: &BTreeMap<String, BTreeSet<usize>>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::from([path]);
        let mut open = vec![path];
        while let Some(next) = open.pop() {
            let parts = self.program.bundles.get(next).into_iter().flat_map(|b| &b.parts);
            for part in parts.filter(|part| seen.insert(part)) {
                let below = declared.iter().filter(|(at, _)| is_named_by(at, part));
                found.extend(below.flat_map(|(_, services)| services.iter().copied()));
                open.push(part);
            }
        }
        found
    }

    /// The services of a step.
    pub fn services(&self, o: &Occurrence) -> BTreeSet<usize> {
        if self.everything.len() <= 1 {
            return self.everything.clone();
        }
        let named = self.named(o);
        if !named.is_empty() || self.of_others(o) {
            return named;
        }
        let all = self.of_pipeline(o.pipeline);
        // Packages are published, and everything else is put into environments.
        let (packages, rest): (BTreeSet<usize>, BTreeSet<usize>) = all.iter().partition(|s| self.packages.contains(s));
        let runs = matches!(
            o.stage,
            Stage::Publish | Stage::Provision | Stage::Configure | Stage::Deploy | Stage::Verify | Stage::Release
        );
        match () {
            () if publishes_a_package(o) && !packages.is_empty() => packages,
            () if runs && !rest.is_empty() => rest,
            () => all,
        }
    }

    /// Whether a command of a document is about this repository: it names a file of it, a service, or another host; a
    /// cluster command that names neither is advice for the reader's own.
    pub fn is_own(&self, o: &Occurrence) -> bool {
        if self.program.unit(o.unit).kind != UnitKind::Document {
            return true;
        }
        // What Compose pushes are the images that the repository's own files build.
        let own_images = o.stage == Stage::Publish && o.row.starts_with("docker compose") && !self.program.compose.is_empty();
        if !o.for_readers || own_images || o.own_hints.iter().any(|h| matches!(h, Hint::Path(_))) {
            return true;
        }
        let words = tokens(&o.text);
        !o.text.contains("://") && (!self.within(&words).is_empty() || self.names_a_chart(&words))
    }

    /// Whether words name a chart that the repository holds, which may be that of several services.
    fn names_a_chart(&self, words: &[String]) -> bool {
        let charts = self.program.declarations.iter().filter(|d| d.kind == DeclarationKind::Chart);
        charts.map(|d| tokens(&d.name)).any(|name| !name.is_empty() && words.windows(name.len()).any(|w| w == name.as_slice()))
    }

    /// Whether a deploy names what is no service: a chart of others, or manifests and a chart with nothing but images of
    /// others.
    pub fn is_third_party(&self, o: &Occurrence) -> bool {
        let mut files = o.own_hints.iter().filter_map(|h| if let Hint::Path(path) = h { Some(path) } else { None }).peekable();
        let foreign = if files.peek().is_some() { files.all(|path| self.holds_third_parties(path)) } else { o.third_party };
        foreign && self.matching(o.own_hints.iter(), true).is_empty()
    }

    /// Whether workloads are declared below a path, and all of them run images that are no service's.
    fn holds_third_parties(&self, path: &str) -> bool {
        let of_others = |image: &String| {
            let hint = image_name(image).map(Hint::Image);
            self.catalogue.words().third_party_image(image) || self.matching(hint.iter(), false).is_empty()
        };
        let workload =
            |d: &&Declaration| matches!(d.kind, DeclarationKind::Workload | DeclarationKind::Chart) && !d.images.is_empty();
        let inside = |d: &&Declaration| is_named_by(&self.sources.file(d.span.file).path, path);
        let mut below = self.program.declarations.iter().filter(workload).filter(inside).peekable();
        below.peek().is_some() && below.all(|d| d.images.iter().all(of_others))
    }

    /// The services of something that is known by hints only.
    pub fn by_hints(&self, hints: &[Hint], pipeline: Option<UnitId>) -> BTreeSet<usize> {
        let named = self.matching(hints.iter(), false);
        if named.is_empty() { self.of_pipeline(pipeline) } else { named }
    }

    /// Whether hints name a service.
    pub fn knows(&self, hints: &[Hint]) -> bool {
        !self.matching(hints.iter(), true).is_empty()
    }

    /// The services of a file that is applied as a whole: those that it names, else those of its folder.
    pub fn of_file(&self, file: &str, folder: &str) -> BTreeSet<usize> {
        let places = [file, folder].into_iter().filter(|p| !p.is_empty());
        let named = places.map(|p| self.matching([Hint::Path(p.to_owned())].iter(), false)).find(|named| !named.is_empty());
        named.unwrap_or_else(|| self.everything.clone())
    }

    /// Whether these are all services there are.
    pub fn is_every(&self, services: &BTreeSet<usize>) -> bool {
        *services == self.everything
    }

    fn of_pipeline(&self, pipeline: Option<UnitId>) -> BTreeSet<usize> {
        if let Some(pipeline) = pipeline {
            let filtered = self.by_paths(&self.program.unit(pipeline).paths);
            if !filtered.is_empty() {
                return filtered;
            }
            let unit = self.program.unit(pipeline);
            let file = self.sources.file(unit.span.file).name().to_owned();
            let named = self.matching([Hint::Name(unit.name.clone()), Hint::Name(file)].iter(), true);
            if !named.is_empty() {
                return named;
            }
            if let Some(delivered) = self.delivered.get(&pipeline).filter(|d| !d.is_empty()) {
                return delivered.clone();
            }
        }
        self.everything.clone()
    }

    /// Whether all that a step applies is known, and none of it is a service of the repository: those that are known by what is
    /// applied are others.
    fn of_others(&self, o: &Occurrence) -> bool {
        self.listed && o.own_hints.contains(&Hint::Listed)
    }

    /// The services that a step names: by its own words, by where it stands, by its context; in this order.
    fn named(&self, o: &Occurrence) -> BTreeSet<usize> {
        // A folder of infrastructure may hold that of them all, whatever charts are in it.
        let tells = |h: &&Hint| match h {
            Hint::Path(path) => o.stage != Stage::Provision || !self.owner(path).is_empty(),
            _ => true,
        };
        let own = self.matching(o.own_hints.iter().filter(tells), false);
        if !own.is_empty() || self.of_others(o) {
            return own;
        }
        let unit = self.program.unit(o.unit);
        if is_own_kind(unit.kind) {
            let path = &self.sources.file(o.span.file).path;
            let place = self.matching([Hint::Path(path.clone())].iter().filter(tells), false);
            if !place.is_empty() {
                return place;
            }
        }
        let paths: Vec<&Hint> = o.context_hints.iter().filter(|h| matches!(h, Hint::Path(_))).filter(tells).collect();
        let by_path = self.matching(paths.into_iter(), false);
        if !by_path.is_empty() {
            return by_path;
        }
        // Matrix values and arguments, the innermost first; then the job's name.
        let exact = self.matching(o.context_hints.iter().filter(tells), false);
        if !exact.is_empty() {
            return exact;
        }
        // A root may hold the infrastructure of them all, whatever the job that applies it is called.
        let loose = if o.stage == Stage::Provision { BTreeSet::new() } else { self.matching(o.context_hints.iter(), true) };
        if !loose.is_empty() {
            return loose;
        }
        if matches!(unit.kind, UnitKind::Target | UnitKind::NpmScript | UnitKind::Function | UnitKind::Script) {
            return self.matching([Hint::Name(unit.name.clone())].iter(), true);
        }
        BTreeSet::new()
    }

    /// Services that hints name; `loose`: a name may be part of a longer one.
    fn matching<'h>(&self, hints: impl Iterator<Item = &'h Hint>, loose: bool) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for hint in hints {
            match hint {
                Hint::Listed => {}
                Hint::Path(path) => {
                    let own = [Self::owner, Self::declared_at, Self::inside].iter().map(|of| of(self, path));
                    found.extend(own.into_iter().find(|services| !services.is_empty()).unwrap_or_default());
                }
                Hint::Image(name) | Hint::Name(name) => {
                    let name_plain = plain(name);
                    let exact: Vec<usize> =
                        (0..self.names.len()).filter(|i| self.names[*i].iter().any(|(n, _)| *n == name_plain)).collect();
                    if exact.is_empty() && (loose || matches!(hint, Hint::Image(_))) {
                        let mut all = self.within(&tokens(name));
                        if all.is_empty() && matches!(hint, Hint::Image(_)) {
                            all = self.beginning(&tokens(name));
                        }
                        found.extend(all);
                    } else {
                        found.extend(exact);
                    }
                }
            }
        }
        found
    }

    /// The services whose names begin with the words of an image of which the run makes up the rest (`shop-$SERVICE`).
    fn beginning(&self, words: &[String]) -> BTreeSet<usize> {
        let begins =
            |names: &Vec<(String, Vec<String>)>| names.iter().any(|(_, n)| n.len() > words.len() && n.starts_with(words));
        let found: BTreeSet<usize> = (0..self.names.len()).filter(|i| !words.is_empty() && begins(&self.names[*i])).collect();
        if found.len() > 1 { found } else { BTreeSet::new() }
    }

    /// The service with the longest name among the words of a text.
    fn within(&self, words: &[String]) -> BTreeSet<usize> {
        let mut best = 0;
        let mut found = BTreeSet::new();
        for (i, names) in self.names.iter().enumerate() {
            for (_, name) in names {
                let fits =
                    name.len() >= best && words.len() >= name.len() && words.windows(name.len()).any(|w| w == name.as_slice());
                let short = name.len() == 1 && name[0].len() < 2;
                if fits && !short {
                    if name.len() > best {
                        best = name.len();
                        found.clear();
                    }
                    found.insert(i);
                }
            }
        }
        found
    }

    /// The services that manifests in a file or folder declare.
    fn declared_at(&self, path: &str) -> BTreeSet<usize> {
        self.declared.iter().filter(|(p, _)| is_named_by(p, path)).flat_map(|(_, services)| services.iter().copied()).collect()
    }

    /// The only service whose folder is in a folder.
    fn inside(&self, path: &str) -> BTreeSet<usize> {
        let path = path.trim_end_matches('/');
        let in_it = |roots: &Vec<String>| !path.is_empty() && roots.iter().any(|root| is_under(root, path));
        let found: BTreeSet<usize> = (0..self.roots.len()).filter(|i| in_it(&self.roots[*i])).collect();
        if found.len() == 1 { found } else { BTreeSet::new() }
    }

    /// The service whose folder holds a path; the deepest folder wins.
    fn owner(&self, path: &str) -> BTreeSet<usize> {
        let mut best = 0;
        let mut found = BTreeSet::new();
        for (i, roots) in self.roots.iter().enumerate() {
            for root in roots {
                if !root.is_empty() && is_under(path, root) && root.len() >= best {
                    if root.len() > best {
                        best = root.len();
                        found.clear();
                    }
                    found.insert(i);
                }
            }
        }
        found
    }

    /// Services whose folder a pipeline's path filter names.
    fn by_paths(&self, globs: &[String]) -> BTreeSet<usize> {
        globs
            .iter()
            .filter(|g| !g.starts_with('!') && !g.starts_with(".github"))
            .flat_map(|g| {
                let fixed = g.split('*').next().unwrap_or("").trim_end_matches('/').to_owned();
                self.owner(&fixed)
            })
            .collect()
    }
}
