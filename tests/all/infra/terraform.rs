//! Terraform, OpenTofu and Terragrunt.

use super::view;
use insta::assert_snapshot;

#[test]
fn a_workspace_that_follows_the_repository_applies_its_root() {
    assert_snapshot!(view("terraform-cloud"));
}

#[test]
fn a_stack_follows_the_repository_that_it_names() {
    assert_snapshot!(view("terraform-spacelift"));
}

#[test]
fn atlantis_applies_when_a_person_comments_so() {
    assert_snapshot!(view("terraform-atlantis"));
}

#[test]
fn applying_a_root_runs_its_provisioners() {
    assert_snapshot!(view("terraform-provisioners"));
}

#[test]
fn reviewers_of_an_environment_are_a_gate_of_the_repository_that_they_name() {
    assert_snapshot!(view("terraform-reviewers"));
}

#[test]
fn the_environment_is_that_of_variable_files_workspaces_folders_and_literals() {
    assert_snapshot!(view("terraform-environments"));
}

#[test]
fn terragrunt_applies_every_folder_below() {
    assert_snapshot!(view("terragrunt-live"));
}

#[test]
fn what_a_test_applies_is_no_orphan() {
    assert_snapshot!(view("terraform-roots"));
}

#[test]
fn what_scripts_and_others_apply_is_no_orphan() {
    assert_snapshot!(view("terraform-callers"));
}

#[test]
fn where_only_a_run_knows_the_folder_no_root_is_called_an_orphan() {
    assert_snapshot!(view("terraform-any"));
}

#[test]
fn the_only_root_is_what_another_repository_applies() {
    assert_snapshot!(view("terraform-only"));
}

#[test]
fn a_source_may_be_one_of_two() {
    assert_snapshot!(view("terragrunt-sources"));
}

#[test]
fn workloads_of_a_root_are_services_where_they_are_our_own() {
    assert_snapshot!(view("terraform-workloads"));
}
