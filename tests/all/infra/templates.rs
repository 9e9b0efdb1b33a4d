//! Templates and projects that are applied as a whole: CloudFormation and SAM, the Serverless Framework, Azure Resource Manager,
//! Pulumi, CDK, Packer.

use super::view;
use insta::assert_snapshot;

#[test]
fn the_functions_of_a_template_are_one_service_and_its_settings_name_the_environment() {
    assert_snapshot!(view("templates-sam"));
}

#[test]
fn a_template_with_the_workload_deploys_it_and_one_that_nothing_applies_is_a_manual_step() {
    assert_snapshot!(view("templates-cloudformation"));
}

#[test]
fn each_serverless_file_with_functions_is_a_service() {
    assert_snapshot!(view("templates-serverless"));
}

#[test]
fn parameters_name_the_environment_and_the_template_of_a_deployment() {
    assert_snapshot!(view("templates-azure"));
}

#[test]
fn a_project_is_applied_in_its_folder_by_the_name_of_its_stack() {
    assert_snapshot!(view("templates-pulumi"));
}

#[test]
fn an_app_that_is_code_is_infrastructure() {
    assert_snapshot!(view("templates-cdk"));
}

#[test]
fn machine_images_with_a_program_in_them_are_services() {
    assert_snapshot!(view("templates-packer"));
}

#[test]
fn what_may_be_applied_by_something_is_left_open() {
    assert_snapshot!(view("templates-unsure"));
}
