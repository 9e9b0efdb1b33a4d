//! Helmfiles (<https://helmfile.readthedocs.io/en/latest/#configuration>): releases with their charts and values, environments,
//! and the helmfiles that one takes in. Templates are masked.

use crate::frontends::infra::{content, images_of_values, is_yaml, literal_name, untagged, varying};
use crate::model::{
    Applicable, Bundle, Declaration, DeclarationKind, HOLE, OrphanKind, Plan, PlannedRelease, Program, Unit, UnitKind, glob,
};
use crate::source::paths::{directory, join};
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::mask;
use crate::syntax::yaml::{self, Node, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// At most so many releases of a file are read.
const MAX_RELEASES: usize = 2048;

/// Read every helmfile; one that no other takes in is applied as a whole.
pub(super) fn translate(sources: &SourceSet, program: &mut Program) {
    let charts = Charts::new(program);
    let mut found: BTreeMap<String, Plan> = BTreeMap::new();
    let files: Vec<&SourceFile> = sources.files().iter().filter(|f| is_helmfile(f)).collect();
    let repeated = repeated(&files);
    for file in files {
        let reader = Reader { file, sources, repeated: &repeated, charts: &charts };
        found.extend(reader.plan(program).map(|plan| (file.path.clone(), plan)));
    }
    let included: BTreeSet<&String> = found.values().flat_map(|p| &p.includes).collect();
    for (path, plan) in &found {
        let Some(file) = sources.get(path) else { continue };
        let parts = plan.releases.iter().flat_map(|r| r.paths.iter().cloned()).chain(plan.includes.iter().cloned()).collect();
        program.bundles.insert(path.clone(), Bundle { parts, ..Bundle::default() });
        if included.contains(path) || included.iter().any(|i| *i == file.dir()) || plan.releases.is_empty() {
            continue;
        }
        let unit = program.add(Unit::new(UnitKind::Chart, path.clone(), content(file)));
        program.applicables.push(Applicable {
            kind: OrphanKind::Chart,
            unit,
            path: path.clone(),
            deploys: true,
            only_configuration: false,
            shared: true,
        });
    }
    program.plans.extend(found);
}

/// A helmfile with its templates masked.
fn parse(file: &SourceFile) -> Tree {
    if file.text.contains("{{") { yaml::parse_masked(file.id, mask::template(&file.text).0) } else { yaml::parse(file) }
}

/// The names of releases that stand in the files of more than one folder.
fn repeated(files: &[&SourceFile]) -> BTreeSet<String> {
    let mut once: BTreeMap<String, &str> = BTreeMap::new();
    let mut often = BTreeSet::new();
    for file in files {
        let tree = parse(file);
        let releases = tree.documents().filter_map(|d| d.get("releases")).flat_map(|r| r.items());
        let names: BTreeSet<String> = releases.filter_map(|r| literal_name(&varying(r.get_str("name")?))).collect();
        for name in names {
            if *once.entry(name.clone()).or_insert(file.dir()) != file.dir() {
                often.insert(name);
            }
        }
    }
    often
}

fn is_helmfile(file: &SourceFile) -> bool {
    let name = file.name().trim_end_matches(".gotmpl");
    let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    let in_folder = file.dir().rsplit('/').next() == Some("helmfile.d");
    yaml && (name.starts_with("helmfile") || (in_folder && (is_yaml(file) || file.name().ends_with(".gotmpl"))))
        && (file.text.contains("releases:") || file.text.contains("helmfiles:"))
}

/// The charts of the repository by name; more than one of a name are none.
struct Charts(BTreeMap<String, Option<String>>);

impl Charts {
    fn new(program: &Program) -> Self {
        let mut all = BTreeMap::new();
        for d in program.declarations.iter().filter(|d| d.kind == DeclarationKind::Chart && !d.facts.contains_key("subchart")) {
            all.entry(d.name.clone()).and_modify(|dir| *dir = None).or_insert_with(|| Some(d.dir.clone()));
        }
        Self(all)
    }

    /// The folder of the chart that a release names: by its path, or as one that the repository itself publishes.
    fn find(&self, chart: &str, dir: &str, sources: &SourceSet) -> Option<String> {
        let path = join(dir, chart).filter(|p| chart.starts_with('.') || sources.get(&format!("{p}/Chart.yaml")).is_some());
        if chart.contains("://") {
            return None;
        }
        path.or_else(|| self.0.get(chart.rsplit('/').next()?)?.clone())
    }
}

struct Reader<'s> {
    file: &'s SourceFile,
    sources: &'s SourceSet,
    /// Names of releases that stand in several files.
    repeated: &'s BTreeSet<String>,
    charts: &'s Charts,
}

impl Reader<'_> {
    fn plan(&self, program: &mut Program) -> Option<Plan> {
        let file = self.file;
        let tree = parse(file);
        let in_folder = file.dir().rsplit('/').next() == Some("helmfile.d");
        let home = if in_folder { directory(file.dir()) } else { file.dir() };
        let stem = file.name().trim_end_matches(".gotmpl").rsplit_once('.').map_or("", |(s, _)| s);
        let usual = in_folder || stem == "helmfile";
        let mut plan =
            Plan { tool: "helmfile", home: usual.then(|| home.to_owned()), span: Some(content(file)), ..Plan::default() };
        self.read(&tree, &mut plan, program);
        if tree.partly {
            program.diagnostics.extend(tree.diagnostics.iter().cloned());
            program.partly_read.push((file.id, "templates that are no YAML as they stand".to_owned()));
        }
        (!plan.releases.is_empty() || !plan.includes.is_empty()).then_some(plan)
    }

    fn read(&self, tree: &Tree, plan: &mut Plan, program: &mut Program) {
        for document in tree.documents() {
            plan.variants.extend(document.get("environments").iter().flat_map(Node::entries).map(|e| e.name().to_owned()));
            for one in document.get("helmfiles").iter().flat_map(Node::items) {
                let path = one.scalar().or_else(|| one.get_str("path"));
                plan.includes.extend(path.map(varying).into_iter().flat_map(|p| self.included(&p)));
            }
            for release in document.get("releases").iter().flat_map(Node::items).take(MAX_RELEASES) {
                if release.get("installed").and_then(|n| n.boolean()) != Some(false) {
                    plan.releases.extend(self.release(release, program));
                }
            }
        }
    }

    /// The helmfiles that a path or glob names.
    fn included(&self, path: &str) -> Vec<String> {
        let Some(path) = join(self.file.dir(), &path.replace(HOLE, "*")) else { return Vec::new() };
        if self.sources.dirs.contains(&path) {
            let names = ["helmfile.yaml", "helmfile.yaml.gotmpl"].map(|name| format!("{path}/{name}"));
            return names.into_iter().filter(|p| self.sources.get(p).is_some()).collect();
        }
        self.sources.files().iter().map(|f| &f.path).filter(|p| glob(&path, p)).cloned().collect()
    }

    fn release(&self, node: Node, program: &mut Program) -> Option<PlannedRelease> {
        let name = node.get_str("name").map(varying)?;
        let chart = node.get_str("chart").map(varying).unwrap_or_default();
        let local = self.charts.find(&chart, self.file.dir(), self.sources);
        let mut out = PlannedRelease { name: literal_name(&name).unwrap_or_default(), ..PlannedRelease::default() };
        out.paths.extend(local.clone());
        out.environment_literals.extend(node.get_str("namespace").map(varying));
        let labels = node.get("labels").map(|n| n.entries()).unwrap_or_default();
        out.labels = labels.iter().filter_map(|l| Some((l.name().to_owned(), l.value.scalar()?.to_owned()))).collect();
        let images = self.images(node);
        if images.is_empty() {
            return Some(out);
        }
        if let Some(dir) = &local {
            // The chart is a pattern: its releases are the workloads.
            for d in program.declarations.iter_mut().filter(|d| d.kind == DeclarationKind::Chart && d.dir == *dir) {
                d.images.clear();
                d.facts.insert("library".to_owned(), "true".to_owned());
            }
        }
        out.name = self.telling(out.name);
        if !out.name.is_empty() {
            program.declarations.push(self.declaration(&out.name, images, node.item_span()));
        }
        Some(out)
    }

    /// A name that several helmfiles give says nothing of what is released: their folders do.
    fn telling(&self, name: String) -> String {
        if !name.is_empty() && !self.repeated.contains(&name) {
            return name;
        }
        let folder = self.file.dir().rsplit('/').find(|f| !matches!(*f, "" | "helmfile.d" | "helmfile"));
        folder.map_or(name, ToOwned::to_owned)
    }

    /// A release whose values name its images is a workload (model.md, Service).
    fn declaration(&self, name: &str, images: BTreeSet<String>, span: Span) -> Declaration {
        Declaration {
            kind: DeclarationKind::Workload,
            name: name.to_owned(),
            span,
            dir: self.file.dir().to_owned(),
            images: images.into_iter().collect(),
            context: None,
            facts: BTreeMap::from([("kind".to_owned(), "Release".to_owned())]),
        }
    }

    /// The images that the values of a release name: in files, in place, or one by one.
    fn images(&self, node: Node) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        for value in node.get("values").iter().flat_map(Node::items) {
            match value.scalar() {
                Some(path) => {
                    for file in self.files(&varying(path)) {
                        if let Some(root) = parse(file).root() {
                            images_of_values(root, &mut out);
                        }
                    }
                }
                None => images_of_values(value, &mut out),
            }
        }
        for one in node.get("set").iter().flat_map(Node::items) {
            if one.get_str("name").is_some_and(|n| n == "image.repository" || n.ends_with(".image.repository") || n == "image") {
                out.extend(one.get_str("value").and_then(|v| untagged(&varying(v))));
            }
        }
        out
    }

    /// The files of values that a path with holes fits.
    fn files(&self, path: &str) -> Vec<&SourceFile> {
        let Some(path) = join(self.file.dir(), &path.replace(HOLE, "*")) else { return Vec::new() };
        match self.sources.get(&path) {
            Some(file) => vec![file],
            None if path.contains('*') => self.sources.files().iter().filter(|f| glob(&path, &f.path)).collect(),
            None => Vec::new(),
        }
    }
}
