//! AppVeyor.

use super::view;
use insta::assert_snapshot;

#[test]
fn phases_keywords_and_deployments() {
    assert_snapshot!(view("appveyor/phases"));
}

#[test]
fn branches_have_configurations_of_their_own() {
    assert_snapshot!(view("appveyor/variants"));
}
