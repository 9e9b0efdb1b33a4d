//! Helm charts (<https://helm.sh/docs/topics/charts/>). Templates are looked at line by line: what kinds they hold is enough.

use super::objects::{self, varying};
use super::{Claimed, Reader, Traits, reconcilers};
use crate::catalogue::objects::ObjectClass;
use crate::frontends::infra::{content, untagged};
use crate::model::{Declaration, DeclarationKind, OrphanKind, Program, Unit, UnitKind};
use crate::source::paths::is_under;
use crate::source::{SourceFile, SourceSet};
use crate::syntax::yaml::{self, Node};
use std::collections::{BTreeMap, BTreeSet};

/// What the templates of a chart hold.
#[derive(Default)]
struct Templates {
    traits: Traits,
    workloads: bool,
    images: BTreeSet<String>,
}

/// Read every chart; all files of charts are claimed.
pub(super) fn read(sources: &SourceSet, reader: &Reader, claimed: &mut Claimed, program: &mut Program) {
    let charts: Vec<&SourceFile> = sources.files().iter().filter(|f| f.name() == "Chart.yaml" && is_chart(f)).collect();
    for chart in &charts {
        let dir = chart.dir();
        let folders = ["templates", "charts", "crds"].map(|folder| below(dir, folder));
        // Put-away templates (`old_templates/`) are none that anything applies.
        let put_away =
            |f: &SourceFile| is_under(&f.path, dir) && f.dir().get(dir.len()..).is_some_and(|below| below.contains("templates"));
        let parts = sources.files().iter().filter(|f| folders.iter().any(|d| is_under(&f.path, d)) || put_away(f));
        claimed.extend(parts.map(|f| f.id));
        let own: Vec<&SourceFile> = sources.files().iter().filter(|f| is_under(&f.path, &folders[0])).collect();
        claimed.insert(chart.id);
        if reader.is_fixture(&chart.path) {
            continue;
        }
        let subchart = charts.iter().any(|c| c.id != chart.id && is_under(dir, &below(c.dir(), "charts")));
        translate(chart, &own, sources, sources.get(&below(dir, "values.yaml")), subchart, reader, program);
    }
}

/// A path below a folder.
fn below(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

fn is_chart(file: &SourceFile) -> bool {
    yaml::parse(file).root().is_some_and(|root| root.get_str("name").is_some())
}

/// One chart. A subchart is applied with its parent, a library is never applied.
fn translate(
    chart: &SourceFile,
    templates: &[&SourceFile],
    sources: &SourceSet,
    values: Option<&SourceFile>,
    subchart: bool,
    reader: &Reader,
    program: &mut Program,
) {
    let tree = yaml::parse(chart);
    let Some(root) = tree.root() else { return };
    let name = root.get_str("name").map(varying).and_then(|n| crate::frontends::infra::literal_name(&n));
    let name = name.unwrap_or_else(|| chart.dir().rsplit('/').next().unwrap_or("").to_owned());
    let depends = root.get("dependencies").is_some_and(|n| !n.items().is_empty());
    let library = root.get_str("type") == Some("library");
    let mut held = Templates::default();
    for file in templates {
        look(file, reader, &mut held);
        reconciled(file, sources, reader, program);
    }
    if let Some(values) = values {
        let tree = yaml::parse(values);
        if let Some(root) = tree.root() {
            let mut named = BTreeSet::new();
            images(root, &mut named);
            // Where the templates name images themselves, a bare word called `image` is the tag of one.
            named.retain(|image| held.images.is_empty() || image.contains(['/', '.']));
            held.images.append(&mut named);
        }
    }
    if !subchart && !library {
        let mut traits = held.traits;
        traits.deploys |= depends;
        let unit = Unit::new(UnitKind::Chart, name.clone(), content(chart));
        reader.applicable(OrphanKind::Chart, unit, chart.dir(), traits, program);
    }
    let facts = [("workloads", held.workloads), ("dependencies", depends), ("library", library), ("subchart", subchart)];
    program.declarations.push(Declaration {
        kind: DeclarationKind::Chart,
        name,
        span: content(chart),
        dir: chart.dir().to_owned(),
        images: held.images.into_iter().collect(),
        context: None,
        facts: facts
            .into_iter()
            .filter(|(_, yes)| *yes)
            .map(|(k, _)| (k.to_owned(), "true".to_owned()))
            .collect::<BTreeMap<_, _>>(),
    });
}

/// The kinds and literal images of a template.
fn look(file: &SourceFile, reader: &Reader, held: &mut Templates) {
    if file.path.contains("/templates/tests/") {
        return;
    }
    let mut api_version = "";
    for line in file.text.lines() {
        if let Some(version) = line.strip_prefix("apiVersion:") {
            api_version = version.trim();
        } else if let Some(kind) = line.strip_prefix("kind:") {
            let class = reader.tables.class(api_version, kind.trim().trim_matches(['"', '\'']));
            held.traits.note(class);
            held.workloads |= class == ObjectClass::Workload;
        } else if let Some(image) = line.trim_start().trim_start_matches("- ").strip_prefix("image:") {
            let image = varying(image.trim().trim_matches(['"', '\'']));
            held.images.extend(untagged(&image));
        }
    }
}

/// Reconciler objects that a template makes.
fn reconciled(file: &SourceFile, sources: &SourceSet, reader: &Reader, program: &mut Program) {
    if !["argoproj.io/", ".fluxcd.io/", "flagger.app/", "kargo.akuity.io/"].iter().any(|group| file.text.contains(group)) {
        return;
    }
    let Some(read) = objects::read(file, reader.tables) else { return };
    for object in &read.objects {
        reconcilers::read(object, read.node(object), file, sources, program);
    }
}

/// The images that a chart's values name: `image: NAME`, `image: {repository: NAME}`, in any place.
fn images(node: Node, out: &mut BTreeSet<String>) {
    for entry in node.entries() {
        let named = entry.name() == "image" || entry.name().ends_with("Image");
        if named {
            let registry = entry.value.get_str("registry").map(|r| format!("{r}/")).unwrap_or_default();
            let repository = entry.value.get_str("repository").or_else(|| entry.value.get_str("name"));
            let image = entry.value.scalar().map(str::to_owned).or_else(|| Some(format!("{registry}{}", repository?)));
            out.extend(image.and_then(|i| untagged(&varying(&i))));
        }
        images(entry.value, out);
    }
    for item in node.items() {
        images(item, out);
    }
}
