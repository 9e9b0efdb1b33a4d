//! CircleCI: one repository for each behaviour of workflows, jobs, commands and orbs.

cases! {
    "circleci";
    without_workflows_the_job_build_runs_on_every_push: "build-on-push";
    an_approval_holds_back_what_requires_it: "approval";
    a_tag_starts_only_jobs_with_a_filter_for_tags_whose_requirements_have_one: "tags";
    values_that_no_push_has_come_by_the_api: "parameters";
    schedules_of_the_file_and_of_the_server: "schedules";
    orbs_of_a_registry_are_built_ins_and_those_in_the_file_are_read: "orbs";
    commands_and_executors_take_parameters: "commands";
    a_matrix_gives_a_job_a_combination: "matrix";
    a_setup_workflow_continues_with_another_configuration: "dynamic";
    what_filters_leave_out_is_not_required: "requires";
    expressions_filter_jobs_workflows_and_steps: "expressions";
    a_configuration_may_be_json: "json";
    a_configuration_in_parts_is_put_together: "packed";
    a_group_of_jobs_is_a_stage: "groups";
}
