//! Azure Pipelines: triggers, stages, conditions, parameters, templates, tasks.

use super::with_siblings;

cases! {
    "azure";
    without_a_trigger_every_branch_and_change_starts_it: "implied-trigger";
    without_any_trigger_a_person_starts_it: "manual-only";
    triggers_tell_branches_tags_schedules_and_other_pipelines: "triggers";
    stages_wait_for_each_other_and_for_persons: "stages";
    what_only_other_parameters_reach_is_push_button: "parameters";
    a_required_parameter_asks_for_a_person: "required-parameter";
    templates_are_expanded_where_they_stand: "templates";
    a_pipeline_extends_a_template: "extends";
    variables_are_values_and_macros: "variables";
    tasks_hold_scripts_or_call_them: "tasks";
    a_change_starts_what_has_no_trigger_where_that_is_honoured: "change-only";
    a_command_that_names_a_pipeline_starts_it: "called";
    phases_are_jobs: "legacy";
    keys_may_stand_under_conditions: "conditional-keys";
}

#[test]
fn templates_of_sibling_repositories_are_read() {
    insta::assert_snapshot!(with_siblings("azure", "with"));
}
