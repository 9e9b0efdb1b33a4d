//! Bitbucket Pipelines: one repository for each behaviour of pipelines, steps, stages and pipes.

cases! {
    "bitbucket";
    a_branch_has_its_own_pipeline_or_the_default_one: "starts";
    a_manual_step_holds_back_what_comes_after_its_group: "gates";
    a_stage_has_its_deployment_gate_and_condition: "stages";
    pipes_are_built_ins: "pipes";
    a_person_starts_a_custom_pipeline_unless_a_trigger_does: "custom";
    pipelines_come_from_other_files: "imports";
}
