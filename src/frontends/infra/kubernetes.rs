//! Kubernetes: manifests, Kustomize overlays, Helm charts, and the objects that make a controller apply them.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/>, <https://kubectl.docs.kubernetes.io/references/kustomize/>,
//! <https://helm.sh/docs/topics/charts/>

mod charts;
mod generators;
mod kargo;
mod objects;
mod overlays;
mod reconcilers;
mod rollouts;
mod starts;

use super::content;
use crate::catalogue::Catalogue;
use crate::catalogue::objects::{ObjectClass, Objects};
use crate::model::{Applicable, Declaration, DeclarationKind, OrphanKind, Program, Unit, UnitKind};
use crate::source::{FileId, SourceFile, SourceSet};
use objects::{Object, Read};
use std::collections::{BTreeMap, BTreeSet};

/// Files that are a part of something else: of a chart or of an overlay.
type Claimed = BTreeSet<FileId>;

/// What a set of objects is when it is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Traits {
    /// Holds a workload, Service or Ingress.
    deploys: bool,
    /// Holds ConfigMap or Secret.
    configures: bool,
    /// Holds anything else.
    other: bool,
}

impl Traits {
    fn note(&mut self, class: ObjectClass) {
        match class {
            ObjectClass::Workload | ObjectClass::Serving => self.deploys = true,
            ObjectClass::Configuration => self.configures = true,
            ObjectClass::Other => self.other = true,
            ObjectClass::NotApplied => {}
        }
    }

    fn add(&mut self, other: Self) {
        self.deploys |= other.deploys;
        self.configures |= other.configures;
        self.other |= other.other;
    }

    /// Whether nothing in it is applied to a cluster.
    fn is_none(self) -> bool {
        self == Self::default()
    }

    fn only_configuration(self) -> bool {
        self.configures && !self.deploys && !self.other
    }
}

/// Read all manifests, overlays, charts and reconciler objects.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let tables = Objects::embedded();
    let reader = Reader { catalogue, tables, folders: &sources.dirs };
    let mut claimed = Claimed::new();
    charts::read(sources, &reader, &mut claimed, program);
    let manifests: BTreeMap<FileId, Read> = sources
        .files()
        .iter()
        .filter(|f| !claimed.contains(&f.id) && !reader.is_fixture(&f.path))
        .filter_map(|f| Some((f.id, objects::read(f, tables)?)))
        .collect();
    let first = program.reconcilers.len();
    let changes = overlays::read(sources, &manifests, &reader, &mut claimed, program);
    for (id, read) in &manifests {
        let file = sources.file(*id);
        read.report(program);
        for object in &read.objects {
            reconcilers::read(object, read.node(object), file, sources, program);
        }
        if changes.patches.contains(id) {
            continue;
        }
        let renamed = changes.images.get(id).map(Vec::as_slice).unwrap_or_default();
        for object in &read.objects {
            reader.declare(file, object, renamed, program);
            starts::read(object, read.node(object), file, catalogue, program);
        }
        if !claimed.contains(id) && !read.traits.is_none() {
            reader.manifest(file, read, program);
        }
    }
    reconcilers::name_folders(&mut program.reconcilers[first..], &manifests, sources);
    reconcilers::name_sources(&mut program.reconcilers[first..], &manifests);
    kargo::promote(&mut program.reconcilers[first..], &manifests);
}

/// What the readers of this module share.
struct Reader<'c> {
    catalogue: &'c Catalogue,
    tables: &'c Objects,
    /// All folders of the repository.
    folders: &'c BTreeSet<String>,
}

impl Reader<'_> {
    /// Whether a path is that of a test fixture or an example, which are not delivered. A folder `test` beside a folder
    /// `production` is neither.
    fn is_fixture(&self, path: &str) -> bool {
        let environments = self.catalogue.environments();
        self.catalogue.words().fixture_unless(path, |folder| environments.beside_others(folder, self.folders))
    }

    /// A file of manifests is applied as a whole: one step a file (model ruling 8).
    fn manifest(&self, file: &SourceFile, read: &Read, program: &mut Program) {
        let unit = Unit::new(UnitKind::Manifest, file.path.clone(), content(file));
        self.applicable(OrphanKind::Manifest, unit, &file.path, read.traits, program);
        if read.objects.iter().all(|o| self.tables.defines(&o.kind))
            && let Some(added) = program.applicables.last_mut()
        {
            // What an operator defines is a product: who installs it brings it along.
            added.shared = false;
        }
    }

    /// Add a unit and what is applied with it.
    fn applicable(&self, kind: OrphanKind, mut unit: Unit, path: &str, traits: Traits, program: &mut Program) {
        unit.local_only = self.catalogue.words().local_file(path);
        let unit = program.add(unit);
        program.applicables.push(Applicable {
            kind,
            unit,
            path: path.to_owned(),
            deploys: traits.deploys,
            only_configuration: traits.only_configuration(),
            shared: true,
        });
    }

    /// Declare a workload; `renamed` are images by other names that overlays give them.
    fn declare(&self, file: &SourceFile, object: &Object, renamed: &[(String, String)], program: &mut Program) {
        if object.class != ObjectClass::Workload || object.part_of.as_deref().is_some_and(|p| self.tables.third_party(p)) {
            return;
        }
        let Some(name) = super::literal_name(&object.name) else { return };
        let mut facts = BTreeMap::from([("kind".to_owned(), object.kind.clone())]);
        if let Some(namespace) = &object.namespace {
            facts.insert("namespace".to_owned(), namespace.clone());
        }
        program.declarations.push(Declaration {
            kind: DeclarationKind::Workload,
            name,
            span: object.span,
            dir: file.dir().to_owned(),
            images: object.images.iter().map(|i| new_name(i, renamed)).collect(),
            context: None,
            facts,
        });
    }
}

/// The name that overlays give an image; its own where they give none.
fn new_name(image: &str, renamed: &[(String, String)]) -> String {
    renamed.iter().find(|(name, _)| name == image).map_or_else(|| image.to_owned(), |(_, new)| new.clone())
}

#[cfg(test)]
mod tests;
