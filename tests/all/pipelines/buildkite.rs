//! Buildkite.

use super::view;
use insta::assert_snapshot;

#[test]
fn a_block_holds_up_what_comes_after_it_and_an_input_what_depends_on_it() {
    assert_snapshot!(view("buildkite/gates"));
}

#[test]
fn uploaded_and_triggered_pipelines_are_called() {
    assert_snapshot!(view("buildkite/calls"));
}

#[test]
fn plugins_groups_and_json() {
    assert_snapshot!(view("buildkite/plugins"));
}
