//! What is deployed to clusters, and what builds and applies several things at once: Kustomize, Helm, helmfile, Skaffold, bake
//! files, Earthfiles.

use super::view;

/// An overlay deploys what its bases hold, under the images that it puts in, to the environment of its namespace; what nothing
/// applies is one orphan; a base, a component and an overlay for a developer's machine are none; a remote base is named.
#[test]
fn kustomize_overlay_of_many() {
    insta::assert_snapshot!(view("kustomize-overlay-of-many"));
}

/// A chart that brings others along deploys their services, one of its own only its own; what others install is named.
#[test]
fn helm_umbrella() {
    insta::assert_snapshot!(view("helm-umbrella"));
}

/// A helmfile deploys the releases that a selector chooses to the environment that is asked for; a third party's serve none of
/// the repository's services; one that nothing applies is an orphan, and so is a chart whose release is switched off.
#[test]
fn helmfile_environments() {
    insta::assert_snapshot!(view("helmfile-environments"));
}

/// A bake file's groups and matrix say which images a call builds, with the commands of their Dockerfiles.
#[test]
fn bake_groups() {
    insta::assert_snapshot!(view("bake-groups"));
}

/// Skaffold builds its artifacts and deploys what its profiles and modules say.
#[test]
fn skaffold_profiles() {
    insta::assert_snapshot!(view("skaffold-profiles"));
}

/// Targets call each other; an image is published only by a run that pushes, and `RUN --push` runs only there.
#[test]
fn earthfile_targets() {
    insta::assert_snapshot!(view("earthfile-targets"));
}

/// Manifests that go through a template, a pipe or a file are those they are written from; what a program makes is named.
#[test]
fn piped_manifests() {
    insta::assert_snapshot!(view("piped-manifests"));
}

/// A hook's or init container's migration is done with the deploy that applies it, in its environment; a nightly job's is not.
#[test]
fn chart_hooks() {
    insta::assert_snapshot!(view("chart-hooks"));
}

/// A compose file is baked like a bake file: the services that are asked for.
#[test]
fn bake_compose() {
    insta::assert_snapshot!(view("bake-compose"));
}
