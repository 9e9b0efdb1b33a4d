//! Travis CI.

use super::view;
use insta::assert_snapshot;

#[test]
fn phases_run_in_order_and_deployments_under_their_conditions() {
    assert_snapshot!(view("travis/phases"));
}

#[test]
fn stages_come_one_after_another_and_jobs_take_the_phases_of_the_root() {
    assert_snapshot!(view("travis/stages"));
}

#[test]
fn a_filter_of_branches_is_held_against_tags_as_well() {
    assert_snapshot!(view("travis/filter"));
}

#[test]
fn rows_and_versions_make_jobs() {
    assert_snapshot!(view("travis/matrix"));
}

#[test]
fn imported_configuration_lies_below() {
    assert_snapshot!(view("travis/imports"));
}

#[test]
fn providers_are_built_ins() {
    assert_snapshot!(view("travis/providers"));
}
