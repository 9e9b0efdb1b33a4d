//! AWS CodePipeline.

use super::view;

#[test]
fn a_template_with_short_functions_and_an_inline_specification() {
    insta::assert_snapshot!(view("code-pipeline/cloudformation"));
}

#[test]
fn a_source_that_nothing_watches_is_started_by_a_person() {
    insta::assert_snapshot!(view("code-pipeline/json"));
}

#[test]
fn a_module_is_a_pipeline_for_each_of_its_callers() {
    insta::assert_snapshot!(view("code-pipeline/terraform"));
}

#[test]
fn a_dynamic_block_is_made_for_each_element_that_its_caller_gives() {
    insta::assert_snapshot!(view("code-pipeline/dynamic"));
}
