//! Google Cloud Build.

use super::view;

#[test]
fn each_trigger_starts_its_file_with_its_own_values() {
    insta::assert_snapshot!(view("cloud-build/triggers"));
}

#[test]
fn a_build_whose_trigger_is_not_seen_is_assumed_to_follow_pushes() {
    insta::assert_snapshot!(view("cloud-build/unseen"));
}

#[test]
fn a_build_that_a_workflow_submits_has_its_automation() {
    insta::assert_snapshot!(view("cloud-build/submitted"));
}

#[test]
fn a_trigger_may_hold_its_build_or_be_disabled() {
    insta::assert_snapshot!(view("cloud-build/inline"));
}

#[test]
fn exported_triggers_filter_branches_and_paths() {
    insta::assert_snapshot!(view("cloud-build/exported"));
}

/// A step in an image that the build itself made works in a copy of the image's folder; of other images nothing is known.
/// Substitutions are put in whatever quotes they stand in.
#[test]
fn a_step_may_run_in_an_image_of_its_own_build() {
    insta::assert_snapshot!(view("cloud-build/own-image"));
}
