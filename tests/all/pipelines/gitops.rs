//! What controllers do beside applying: Argo Rollouts, Flagger, Kargo.

use super::view;

/// An open pause of a canary holds the deploy of its workload where it is, not that of others; a timed one holds nothing.
#[test]
fn rollouts() {
    insta::assert_snapshot!(view("gitops/rollouts"));
}

/// A canary shifts traffic by itself; a webhook that asks for a confirmation holds it and the deploy.
#[test]
fn flagger() {
    insta::assert_snapshot!(view("gitops/flagger"));
}

/// A stage promotes by itself where a policy says so; what comes after one that does not waits for the same person; a pull
/// request is merged by one; an application that a stage updates goes with it.
#[test]
fn kargo() {
    insta::assert_snapshot!(view("gitops/kargo"));
}

/// A set of applications gives one for each folder of the repository, or a preview for each change; image updates that are
/// pushed to a branch of their own are merged by a person.
#[test]
fn sets() {
    insta::assert_snapshot!(view("gitops/sets"));
}

/// A folder `test` beside a folder `production` is an environment: its objects are no fixtures. One that stands alone is.
#[test]
fn environments() {
    insta::assert_snapshot!(view("gitops/environments"));
}
