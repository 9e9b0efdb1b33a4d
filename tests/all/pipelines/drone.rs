//! Drone and Woodpecker.

use super::view;
use insta::assert_snapshot;

#[test]
fn a_promotion_waits_for_a_person_and_its_target_is_the_environment() {
    assert_snapshot!(view("drone/promote"));
}

#[test]
fn branches_refs_and_targets_decide_what_runs() {
    assert_snapshot!(view("drone/conditions"));
}

#[test]
fn a_program_that_writes_the_pipeline_is_found_and_not_read() {
    assert_snapshot!(view("drone/program"));
}

#[test]
fn woodpecker_reads_each_file_as_a_workflow() {
    assert_snapshot!(view("woodpecker/workflows"));
}

#[test]
fn woodpecker_in_one_file() {
    assert_snapshot!(view("woodpecker/single"));
}
