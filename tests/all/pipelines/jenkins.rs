//! Jenkins: one repository for each behaviour of declarative and scripted pipelines and shared libraries.

cases! {
    "jenkins";
    stages_run_in_order_and_branches_beside_one_another: "declarative";
    conditions_of_stages_tell_starts_apart: "when";
    what_comes_after_an_input_waits: "input";
    a_person_may_give_parameters_other_values: "parameters";
    a_required_parameter_without_a_valid_default_asks_for_a_person: "required-parameter";
    triggers_of_a_file_replace_the_usual_ones: "triggers";
    a_scripted_pipeline_is_a_program: "scripted";
    branches_may_be_put_into_a_map: "branches-of-a-map";
    steps_of_the_repositorys_own_library_are_resolved: "shared-library";
    a_loaded_file_gives_its_methods: "load";
    strings_of_every_kind_are_scripts: "strings";
    images_of_the_docker_plugin: "docker-plugin";
    a_job_that_another_pipeline_starts: "build-job";
    a_matrix_gives_its_stages_a_combination: "matrix";
    failures_that_are_ignored_and_what_runs_after_one: "failures";
    changes_for_each_target_that_the_file_names: "change-targets";
    steps_of_the_openshift_plugin_are_chained: "openshift";
    methods_that_nothing_calls_are_left_for_a_person: "unused-methods";
    a_broken_file_is_read_in_part: "broken";
}
