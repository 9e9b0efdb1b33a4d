//! The images of services: the Dockerfiles that steps build for them, up to the stage that is built.

use super::scene::Scene;
use super::texts::once;
use crate::catalogue::Catalogue;
use crate::flow::names::tokens;
use crate::flow::reach::image_name;
use crate::model::{BuiltImage, DockerfileFacts, ServiceKind};
use crate::source::{SourceFile, Span};
use std::collections::BTreeSet;

/// Base images of base images that are followed.
const MAX_BASES: usize = 8;

/// The Dockerfile of an image with the stage that is built.
#[derive(Clone, Copy)]
pub(super) struct Product<'s> {
    /// The image's name; empty where it is not known.
    pub name: &'s str,
    /// The Dockerfile.
    pub file: &'s SourceFile,
    /// What it says.
    pub facts: &'s DockerfileFacts,
    /// The index of the stage that is built.
    pub stage: usize,
}

/// What is known of the images of services.
#[derive(Default)]
pub(super) struct Products<'s> {
    /// Those whose Dockerfile is in the repository.
    pub known: Vec<Product<'s>>,
    /// Steps that build one of which no Dockerfile is known.
    pub unseen: Vec<Span>,
}

impl Products<'_> {
    /// No image is built.
    pub fn none(&self) -> bool {
        self.known.is_empty() && self.unseen.is_empty()
    }
}

/// The images of services. Where no step says which Dockerfile it builds, or what may build one was not read, those are taken that
/// stand where services do.
pub(super) fn products<'s>(scene: &Scene<'s>) -> Products<'s> {
    let built: Vec<&BuiltImage> = scene.map.images.iter().filter(|i| i.product).collect();
    let mut out = Products::default();
    let mut seen = BTreeSet::new();
    for image in &built {
        match product(scene, image) {
            Some(product) if seen.insert((product.file.path.clone(), product.stage)) => out.known.push(product),
            Some(_) => {}
            None if image.manual => {}
            None => out.unseen.extend(image.span),
        }
    }
    let unread = built.is_empty() && !scene.unread_like(&[""]).is_empty() && ships(scene);
    if out.known.is_empty() && (unread || !out.unseen.is_empty()) {
        out.known = at_services(scene);
        if !out.known.is_empty() {
            out.unseen.clear();
        }
    }
    // A call that was not read may build the image of the repository itself.
    if !scene.unread_like(&["docker", "image"]).is_empty()
        && let Some(whole) = of_file(scene, "Dockerfile", "", None).filter(|_| ships(scene))
        && !out.known.iter().any(|p| p.file.path == whole.file.path)
    {
        out.known.push(whole);
    }
    out.unseen = once(out.unseen);
    out
}

/// The Dockerfile of an image that a step builds.
fn product<'s>(scene: &Scene<'s>, image: &'s BuiltImage) -> Option<Product<'s>> {
    let path = image.dockerfile.as_deref()?;
    of_file(scene, path, &image.name, image.target.as_deref())
}

fn of_file<'s>(scene: &Scene<'s>, path: &str, name: &'s str, target: Option<&str>) -> Option<Product<'s>> {
    let facts = scene.program.dockerfiles.get(path)?;
    let asked = target.and_then(|t| facts.stages.iter().position(|s| s.eq_ignore_ascii_case(t)));
    let stage = asked.or_else(|| facts.stages.len().checked_sub(1))?;
    Some(Product { name, file: scene.sources.get(path)?, facts, stage })
}

/// Whether something of the repository is delivered as what a Dockerfile may make.
fn ships(scene: &Scene<'_>) -> bool {
    scene.map.services.iter().any(|s| s.kind == Some(ServiceKind::Deployed) && !s.foreign)
}

/// The Dockerfiles of the repository that are neither a sample's, nor a test's, nor for a developer's own machine.
fn at_services<'s>(scene: &Scene<'s>) -> Vec<Product<'s>> {
    let words = Catalogue::embedded().words();
    let test = |path: &str| tokens(path).iter().any(|t| matches!(t.as_str(), "test" | "tests" | "e2e" | "perf"));
    let own = |path: &&String| !words.fixture_path(path) && !words.local_file(path) && !test(path);
    scene.program.dockerfiles.keys().filter(own).filter_map(|path| of_file(scene, path, "", None)).collect()
}

impl<'s> Product<'s> {
    /// The place of the instruction that begins the stage, else of the file.
    pub fn origin(&self) -> Span {
        self.base().map_or_else(|| self.file.whole(), |(_, span)| span)
    }

    /// The image of another place that the stage goes back to.
    pub fn base(&self) -> Option<(&'s str, Span)> {
        let mut stage = self.stage;
        for _ in 0..=self.facts.stages.len() {
            let origin = self.facts.origins.get(stage)?;
            match (origin.stage, origin.base) {
                (Some(earlier), _) => stage = earlier,
                (None, base) => return self.facts.bases.get(base?).map(|(image, span)| (image.as_str(), *span)),
            }
        }
        None
    }

    /// The images of other places that building the stage takes.
    pub fn bases(&self) -> Vec<(&'s str, Span)> {
        let Some(origin) = self.facts.origins.get(self.stage) else { return Vec::new() };
        let taken = origin.takes.iter().filter_map(|stage| self.facts.origins.get(*stage)?.base);
        taken.filter_map(|base| self.facts.bases.get(base)).map(|(image, span)| (image.as_str(), *span)).collect()
    }

    /// The user that the stage ends with, its own or that of the stage it starts from.
    pub fn user(&self) -> Option<(&'s str, Span)> {
        let mut stage = self.stage;
        for _ in 0..=self.facts.stages.len() {
            if let Some((_, user, span)) = self.facts.users.iter().rev().find(|(at, ..)| *at == stage) {
                return Some((user, *span));
            }
            stage = self.facts.origins.get(stage)?.stage?;
        }
        None
    }

    /// The image of this repository that the stage goes back to, where one of its steps builds it.
    pub fn parent(&self, scene: &Scene<'s>) -> Option<Self> {
        built_here(scene, self.base()?.0, self.file)
    }

    /// This image and those of this repository that it goes back to.
    pub fn line(&self, scene: &Scene<'s>) -> Vec<Self> {
        let parents = std::iter::successors(Some(*self), |image| image.parent(scene));
        parents.take(MAX_BASES).collect()
    }
}

/// The image of that reference, where a step of the repository builds it from another Dockerfile.
pub(super) fn built_here<'s>(scene: &Scene<'s>, reference: &str, except: &SourceFile) -> Option<Product<'s>> {
    let name = image_name(reference)?;
    // A bare name (`nginx`) is somebody else's image.
    if !reference.contains('/') && Catalogue::embedded().words().third_party_image(reference) {
        return None;
    }
    let other = |image: &&BuiltImage| image.name == name && image.dockerfile.as_deref().is_some_and(|path| path != except.path);
    scene.map.images.iter().filter(other).find_map(|image| product(scene, image))
}
