//! Helm charts (<https://helm.sh/docs/topics/charts/>). Templates are looked at line by line: what kinds they hold is enough.

use super::objects;
use super::{Claimed, Reader, Traits, reconcilers, starts};
use crate::catalogue::objects::ObjectClass;
use crate::frontends::infra::{content, encrypted, images_of_values, is_yaml, untagged, varying};
use crate::model::{Bundle, Declaration, DeclarationKind, OrphanKind, Program, Unit, UnitKind};
use crate::source::paths::{is_under, join};
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::yaml;
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
    let needs: BTreeMap<&str, Needs> = charts.iter().map(|c| (c.dir(), needs(c))).collect();
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
        let place = Place {
            dir,
            needs: &needs[dir],
            subchart: charts.iter().any(|c| c.id != chart.id && is_under(dir, &below(c.dir(), "charts"))),
            needed: needs
                .iter()
                .any(|(other, n)| *other != dir && n.local.contains(dir) && !reader.is_fixture(&below(other, "Chart.yaml"))),
        };
        let values: Vec<&SourceFile> = sources.files().iter().filter(|f| is_values(f, dir)).collect();
        translate(chart, &own, sources, &values, &place, reader, program);
    }
}

/// What a chart asks for beside its own templates.
#[derive(Default)]
struct Needs {
    /// Folders of charts of the repository, those below its own `charts` not among them.
    local: BTreeSet<String>,
    /// Names of charts that stand elsewhere.
    remote: Vec<String>,
    /// Where it asks for them.
    span: Option<Span>,
}

/// Where a chart stands among others.
struct Place<'c> {
    dir: &'c str,
    needs: &'c Needs,
    /// It is a part of the chart above it.
    subchart: bool,
    /// Another chart of the repository brings it along.
    needed: bool,
}

/// The dependencies of a chart (<https://helm.sh/docs/topics/charts/#chart-dependencies>); those of Helm 2 stand in a file of
/// their own.
fn needs(chart: &SourceFile) -> Needs {
    let tree = yaml::parse(chart);
    let Some(list) = tree.root().and_then(|root| root.get("dependencies")) else { return Needs::default() };
    let mut out = Needs { span: Some(list.own_span()), ..Needs::default() };
    for one in list.items() {
        match one.get_str("repository") {
            Some(at) if at.starts_with("file://") => {
                out.local.extend(join(chart.dir(), at.trim_start_matches("file://")).filter(|dir| dir != chart.dir()));
            }
            Some(at) if !at.is_empty() => out.remote.extend(one.get_str("name").map(ToOwned::to_owned)),
            _ => {}
        }
    }
    out
}

/// Whether a file holds values of the chart in a folder: those beside it, and those of its `values` folder.
fn is_values(file: &SourceFile, dir: &str) -> bool {
    let named = |n: &str| n.starts_with("values") || n.ends_with("values.yaml") || n.ends_with("values.yml");
    is_yaml(file) && ((file.dir() == dir && named(file.name())) || file.dir() == below(dir, "values"))
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
    values: &[&SourceFile],
    place: &Place,
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
        started(file, reader, program);
    }
    let mut named = BTreeSet::new();
    for values in values {
        if let Some(root) = yaml::parse(values).root() {
            images_of_values(root, &mut named);
            encrypted(root, program);
        }
    }
    // Where the templates name images themselves, a bare word called `image` is the tag of one.
    named.retain(|image| held.images.is_empty() || image.contains(['/', '.']));
    held.images.append(&mut named);
    bundle(place, &held, program);
    if !place.subchart && !place.needed && !library {
        let mut traits = held.traits;
        traits.deploys |= depends;
        let unit = Unit::new(UnitKind::Chart, name.clone(), content(chart));
        reader.applicable(OrphanKind::Chart, unit, chart.dir(), traits, program);
    }
    let facts = [("workloads", held.workloads), ("dependencies", depends), ("library", library), ("subchart", place.subchart)];
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

/// Note what a chart brings along. One that only brings others is not known where these stand elsewhere.
fn bundle(place: &Place, held: &Templates, program: &mut Program) {
    let mut parts = place.needs.local.clone();
    parts.insert(below(place.dir, "charts"));
    program.bundles.insert(place.dir.to_owned(), Bundle { parts, ..Bundle::default() });
    if let (Some(span), false, [first, ..]) = (place.needs.span, held.workloads || place.subchart, place.needs.remote.as_slice())
    {
        program.unknowns.push((span, format!("what the chart `{first}` installs is not in this repository")));
    }
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

/// Migrations of a template's workloads: those of a hook, of an init container.
fn started(file: &SourceFile, reader: &Reader, program: &mut Program) {
    if !file.text.contains("migrat") || file.path.contains("/templates/tests/") {
        return;
    }
    let Some(read) = objects::read(file, reader.tables) else { return };
    for object in &read.objects {
        starts::read(object, read.node(object), file, reader.catalogue, program);
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
