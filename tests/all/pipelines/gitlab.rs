//! GitLab CI: one fixture repository a behaviour, its map frozen.

use super::with_siblings;

cases! {
    "gitlab";
    the_first_rule_that_holds_decides: "rules";
    only_and_except_are_by_default_for_branches_and_tags: "policies";
    a_manual_job_blocks_by_its_rule_and_not_by_itself: "manual";
    stages_and_needs_order_jobs: "order";
    environments_have_names_tiers_and_ends: "environments";
    pipelines_start_by_what_the_file_mentions: "starts";
    the_workflow_lets_pipelines_in_and_sets_variables: "workflow";
    keywords_do_work: "keywords";
    lines_of_scripts_keep_their_places: "scripts";
    jobs_extend_others: "extends";
    references_bring_what_others_have: "references";
    inputs_are_filled_in: "inputs";
    includes_are_merged_and_what_cannot_be_read_is_named: "includes";
    templates_of_other_repositories_are_told_by_name: "templates-elsewhere";
    children_are_waited_for_by_strategy: "children";
    variables_are_bound_in_order: "variables";
    a_file_that_nothing_names_is_no_pipeline: "unclaimed";
}

#[test]
fn templates_of_sibling_repositories_are_read() {
    insta::assert_snapshot!(with_siblings("gitlab", "with"));
}

#[test]
fn without_siblings_they_are_named() {
    insta::assert_snapshot!(with_siblings("gitlab", "nothing"));
}
