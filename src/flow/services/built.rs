//! Images that steps build, and which of them are pushed.

use super::{Finder, renamed};
use crate::catalogue::Catalogue;
use crate::flow::occurrence::Hint;
use crate::flow::reach::{Build, Reached};
use crate::model::{BuiltImage, Program, Stage, UnitId};
use crate::source::SourceSet;
use std::collections::{BTreeMap, BTreeSet};

/// The images that steps build, with whether each is one of a service.
pub fn built(
    program: &Program,
    reached: &Reached,
    sources: &SourceSet,
    catalogue: &Catalogue,
    repository: &str,
) -> Vec<BuiltImage> {
    let finder = Finder { program, sources, catalogue, repository, services: Vec::new(), unnamed_image: false };
    let shipping = Shipping::new(reached);
    let named: Vec<Build> = reached.builds.iter().map(|b| renamed(b, reached, &shipping.pushed)).collect();
    let groups = finder.products(reached, &named, &|b| shipping.ships(b));
    let mut products: BTreeSet<&Build> = BTreeSet::new();
    for builds in groups.into_values() {
        // Of the builds of one image those that are pushed are the product, where any is.
        let any = builds.iter().any(|b| shipping.ships(b));
        products.extend(builds.into_iter().filter(|b| !any || shipping.ships(b)));
    }
    let image = |build: &Build| BuiltImage {
        name: build.image.clone(),
        dockerfile: build.dockerfile.clone(),
        target: build.target.clone(),
        product: products.contains(build),
        manual: build.manual,
        span: build.at,
    };
    named.iter().map(image).collect()
}

/// Builds by the Dockerfile and folder, or else the name, that they have in common.
pub(super) type Groups<'b> = BTreeMap<(String, String), Vec<&'b Build>>;

/// What is pushed to a registry.
pub(super) struct Shipping<'r> {
    /// Names of images.
    pub(super) pushed: BTreeSet<&'r str>,
    /// Jobs that push a name that only the run knows: it ships what the job builds.
    unnamed: BTreeSet<UnitId>,
}

impl<'r> Shipping<'r> {
    pub(super) fn new(reached: &'r Reached) -> Self {
        let publishes = || reached.occurrences.iter().filter(|o| o.stage == Stage::Publish);
        let name = |h: &'r Hint| if let Hint::Image(name) = h { Some(name.as_str()) } else { None };
        let unnamed = publishes()
            .filter(|o| o.kind.as_deref() == Some("image") && !o.own_hints.iter().any(|h| matches!(h, Hint::Image(_))))
            .filter_map(|o| o.job);
        Self { pushed: publishes().flat_map(|o| o.own_hints.iter().filter_map(name)).collect(), unnamed: unnamed.collect() }
    }

    pub(super) fn ships(&self, build: &Build) -> bool {
        build.pushed || self.pushed.contains(build.image.as_str()) || build.job.is_some_and(|j| self.unnamed.contains(&j))
    }
}
