//! The shapes of reach: for each, which environment is reached how. One fixture repository a shape.

use prodpath::config::Config;
use prodpath::model::{Automation, Stage};
use prodpath::report::Report;
use prodpath::scan::scan;
use std::path::Path;

fn report(shape: &str) -> Report {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/shapes").join(shape);
    scan(&root, &Config::default()).unwrap()
}

/// The deploys of a shape: environment, services where there are several, automation, gates on the way.
fn deploys(report: &Report) -> Vec<String> {
    let mut out: Vec<String> = report
        .steps
        .iter()
        .filter(|s| s.stage == Stage::Deploy && s.automation != Automation::Missing)
        .map(|s| {
            let services = if report.services.len() > 1 { format!("{} ", s.services.join("+")) } else { String::new() };
            let gates: Vec<String> = report
                .gates
                .iter()
                .filter(|g| g.steps.contains(&s.id))
                .map(|g| format!(" ({} at {}:{})", g.kind, g.location.path.rsplit('/').next().unwrap(), g.location.line))
                .collect();
            format!("{services}{} {}{}", s.environment.as_deref().unwrap_or("-"), s.automation, gates.concat())
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

fn verdicts(report: &Report) -> Vec<String> {
    report.services.iter().map(|s| s.to_production.verdict.to_string()).collect()
}

macro_rules! shapes {
    ($($name:ident: $folder:literal => $deploys:expr, $verdicts:expr;)+) => {
        $(#[test]
        fn $name() {
            let report = report($folder);
            let expected: Vec<&str> = $deploys.to_vec();
            assert_eq!(deploys(&report), expected, "deploys");
            let expected: Vec<&str> = $verdicts.to_vec();
            assert_eq!(verdicts(&report), expected, "to production");
        })+
    };
}

shapes! {
    a_target_by_pattern_for_each_chosen_environment: "chosen-environment-by-pattern-target" =>
        ["development push-button (start at deploy.yml:2)", "production push-button (start at deploy.yml:2)",
         "uat push-button (start at deploy.yml:2)"], ["by-button"];
    a_needs_chain_through_a_gate: "needs-chain-through-a-gate" =>
        ["production push-button (approval at release.yml:20)", "staging automated"], ["after-approval"];
    two_needs_one_gated: "two-needs-one-gated" =>
        ["production push-button (approval at release.yml:11)", "staging automated"], ["after-approval"];
    a_job_on_push_needed_by_a_job_on_dispatch: "push-job-needed-by-dispatch-job" =>
        ["production push-button (start at deploy.yml:13)"], ["by-button"];
    a_reusable_workflow_called_on_push_and_on_dispatch: "reusable-on-push-and-dispatch" =>
        ["production push-button (start at production.yml:2)", "staging automated"], ["by-button"];
    one_script_called_by_three_pipelines: "one-script-three-pipelines" =>
        ["development automated", "production push-button (start at production.yml:2)", "staging automated"], ["by-button"];
    a_matrix_of_environments_with_one_gated: "matrix-with-one-gated" =>
        ["development automated", "production push-button (start at deploy.yml:13)", "staging automated"], ["by-button"];
    workflow_run_behind_a_dispatch_only_workflow: "workflow-run-behind-dispatch" =>
        ["production push-button (start at build.yml:2)"], ["by-button"];
    a_merge_queue: "merge-queue" => ["staging automated"], ["none"];
    a_nightly_deploy: "nightly-deploy" => ["production automated"], ["on-schedule"];
    path_filters_for_each_service: "path-filters-per-service" =>
        ["cart production automated", "catalog production push-button (start at catalog.yml:3)"], ["every-commit", "by-button"];
    a_manual_gate_on_production_only: "gate-on-production-only" =>
        ["production push-button (start at deploy.yml:18)", "staging automated"], ["by-button"];
    a_root_without_the_workload_deploys_nothing: "root-without-workload" => [], ["by-button"];
    environment_alone_gates_nothing: "environment-alone-is-no-gate" => ["production automated"], ["every-commit"];
}

#[test]
fn an_environment_by_keyword_may_be_gated_on_the_server() {
    let report = report("environment-alone-is-no-gate");
    let deploy = report.steps.iter().find(|s| s.stage == Stage::Deploy).unwrap();
    assert!(deploy.flags.contains(&prodpath::model::Flag::MayBeGated));
}
