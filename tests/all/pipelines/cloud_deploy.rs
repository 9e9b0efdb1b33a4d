//! Google Cloud Deploy.

use super::view;

#[test]
fn a_release_goes_to_the_first_target_and_further_by_persons() {
    insta::assert_snapshot!(view("cloud-deploy/release"));
}

#[test]
fn an_automation_promotes_unless_it_is_suspended() {
    insta::assert_snapshot!(view("cloud-deploy/automated"));
}

#[test]
fn without_a_release_all_stages_are_manual() {
    insta::assert_snapshot!(view("cloud-deploy/terraform"));
}
