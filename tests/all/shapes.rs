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
    a_branch_asks_what_was_known_before_the_others: "branch-of-a-script-by-ref" =>
        ["development automated", "production automated", "uat automated"], ["every-commit"];
    functions_that_are_deployed_one_by_one_are_services: "functions-deployed-one-by-one" =>
        ["shop-cart development automated", "shop-cart production push-button (manual-job at .gitlab-ci-prod.yml:3)",
         "shop-cart uat automated",
         "shop-orders development automated", "shop-orders production push-button (manual-job at .gitlab-ci-prod.yml:3)",
         "shop-orders uat automated"], ["after-approval", "after-approval"];
    a_product_of_others_takes_no_service_to_production: "product-of-others-beside-a-service" =>
        ["production automated", "production push-button (start at release.yml:14)"], ["by-button"];
    a_job_s_name_tells_the_tier_of_an_abbreviation: "tier-by-the-job-s-name" =>
        ["pr automated", "te automated"], ["every-commit"];
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
    a_pipeline_that_is_not_read_may_go_to_production: "unread-pipeline-beside" => ["staging automated"], ["unknown"];
    a_nightly_deploy: "nightly-deploy" => ["production automated"], ["on-schedule"];
    path_filters_for_each_service: "path-filters-per-service" =>
        ["cart production automated", "catalog production push-button (start at catalog.yml:3)"], ["every-commit", "by-button"];
    a_manual_gate_on_production_only: "gate-on-production-only" =>
        ["production push-button (start at deploy.yml:18)", "staging automated"], ["by-button"];
    a_matrix_of_a_list_that_an_expression_chooses: "matrix-of-a-chosen-list" =>
        ["development automated", "production push-button (start at deploy.yml:5)", "staging automated"], ["by-button"];
    an_event_that_starts_another_repositorys_pipeline: "event-starts-elsewhere" => ["- automated"], ["elsewhere"];
    a_root_without_the_workload_deploys_nothing: "root-without-workload" => [], ["by-button"];
    another_repositorys_workflow_for_a_chosen_environment: "chosen-environment-elsewhere" =>
        ["intg automated", "production push-button (start at deploy.yml:2)"], ["by-button"];
    applications_that_are_pushed_as_source: "pushed-applications" =>
        ["shop-api+shop-worker production automated"], ["every-commit", "every-commit"];
    a_change_that_is_opened_in_another_repository: "change-in-another-repository" =>
        ["- push-button (merge at deploy.yml:14)"], ["elsewhere"];
    a_commit_that_a_controller_reads: "commit-that-a-controller-reads" =>
        ["production automated"], ["every-commit"];
    a_variable_that_a_step_before_has_set: "variable-of-a-step-before" =>
        ["production automated", "staging automated"], ["every-commit"];
    what_names_none_is_no_production_beside_an_earlier_one: "unnamed-deploy-beside-an-environment" => ["- automated"], ["unknown"];
    a_preview_or_a_document_s_command_is_no_earlier_one: "unnamed-deploy-beside-a-document" => ["- automated"], ["every-commit"];
    a_report_that_is_kept_for_readers_deploys_nothing: "site-without-an-environment" => ["- automated"], ["every-commit"];
    a_run_of_what_is_there_deploys_nothing: "run-of-a-scheduled-job" =>
        ["production push-button (manual-job at .gitlab-ci.yml:7)"], ["after-approval"];
    a_stack_for_production_that_no_command_names_is_applied_by_hand: "stack-that-no-command-names" => [], ["by-hand"];
    a_stack_beside_one_that_a_pipeline_applies_is_none: "stacks-of-a-pipeline" => [], ["none"];
    environment_alone_gates_nothing: "environment-alone-is-no-gate" => ["production automated"], ["every-commit"];
}

/// A playbook stays one step of stage configure; what its roles put in place fills the deploy cell and is left over nowhere.
#[test]
fn a_playbook_deploys_what_its_tasks_apply() {
    let report = report("playbook-that-deploys");
    let playbook = report.steps.iter().find(|s| s.stage == Stage::Configure).unwrap();
    assert_eq!(playbook.also, [Stage::Deploy]);
    assert_eq!(playbook.environment.as_deref(), Some("production"));
    assert_eq!(deploys(&report), [""; 0]);
    assert_eq!(verdicts(&report), ["every-commit"]);
    assert!(report.orphans.is_empty(), "{:?}", report.orphans);
    assert!(report.unknowns.iter().any(|u| u.location.path == "ansible/secrets.yml"));
}

/// The configuration of a product of others, and a container of another's image, deploy nothing of the repository.
#[test]
fn a_playbook_that_only_configures_deploys_nothing() {
    let report = report("playbook-that-only-configures");
    let playbook = report.steps.iter().find(|s| s.stage == Stage::Configure).unwrap();
    assert!(playbook.also.is_empty());
    assert_eq!(verdicts(&report), ["none"]);
}

/// A template that is given the version stays provision, and puts it into its environment.
#[test]
fn a_template_that_is_given_an_image_deploys_it() {
    let report = report("template-with-an-image");
    let template = report.steps.iter().find(|s| s.stage == Stage::Provision).unwrap();
    assert_eq!((template.also.as_slice(), template.environment.as_deref()), ([Stage::Deploy].as_slice(), Some("qa")));
}

/// A wait after the run of a backup waits for the backup; after a deploy or a migration it verifies.
#[test]
fn a_wait_is_for_what_was_started_last() {
    let report = report("run-of-a-scheduled-job");
    let lines: Vec<u32> =
        report.steps.iter().filter(|s| s.stage == Stage::Verify).filter_map(|s| Some(s.location.as_ref()?.line)).collect();
    assert_eq!(lines, [10, 12]);
}

/// Where pipelines make and release the product at once, an image that only a person builds is a helper; a release of notes
/// makes nothing.
#[test]
fn an_image_by_hand_is_a_service_where_pipelines_make_none() {
    let names = |shape: &str| report(shape).services.into_iter().map(|s| s.name).collect::<Vec<_>>();
    assert_eq!(names("helpers-beside-a-released-product"), ["helpers-beside-a-released-product"]);
    assert_eq!(names("image-beside-a-changelog"), ["generator"]);
}

#[test]
fn an_environment_by_keyword_may_be_gated_on_the_server() {
    let report = report("environment-alone-is-no-gate");
    let deploy = report.steps.iter().find(|s| s.stage == Stage::Deploy).unwrap();
    assert!(deploy.flags.contains(&prodpath::model::Flag::MayBeGated));
}

/// A tool that a compose service or a package manager brings is that tool; a database that the job starts makes no cloud
/// account local; what a container does when it starts is no delivery.
#[test]
fn tools_are_found_behind_what_runs_them() {
    let report = report("tools-behind-runners");
    let steps: Vec<String> = report
        .steps
        .iter()
        .filter_map(|s| Some((s, s.location.as_ref()?)))
        .filter(|(_, at)| at.path.starts_with("scripts") || at.path == "package.json")
        .map(|(s, at)| format!("{}:{} {} {}", at.path, at.line, s.stage, s.automation))
        .collect();
    let expected = [
        "package.json:4 check manual",
        "package.json:5 test manual",
        "scripts/infra:7 provision automated",
        "scripts/infra:10 publish manual",
        "scripts/test:2 test automated",
        "scripts/test:3 check automated",
        "scripts/test:4 package automated",
        "scripts/test:5 test automated",
    ];
    assert_eq!(steps, expected);
    assert!(report.orphans.is_empty(), "{:?}", report.orphans);
}

#[test]
fn what_a_shared_module_declares_is_deployed_by_the_root_of_each_service() {
    let report = report("one-service-module-many-roots");
    let services: Vec<&str> = report.services.iter().map(|s| s.name.as_str()).collect();
    assert_eq!((services, verdicts(&report)), (vec!["shop-cart", "shop-catalog"], vec!["every-commit".to_owned(); 2]));
    let initialised = report.steps.iter().any(|s| s.text.as_deref().is_some_and(|t| t.contains("terraform-init")));
    assert!(!initialised, "a script is named by its own path, not by what it is given");
}

#[test]
fn of_what_starts_a_container_only_migrations_are_steps_and_reached_like_the_deploy() {
    let report = report("migrations-of-a-container-start");
    let mut found: Vec<String> = report
        .steps
        .iter()
        .filter_map(|s| Some((s, s.location.as_ref()?)))
        .filter(|(s, at)| s.stage != Stage::Build && !at.path.starts_with(".github"))
        .map(|(s, at)| {
            format!("{}:{} {} {} {}", at.path, at.line, s.stage, s.environment.as_deref().unwrap_or("-"), s.automation)
        })
        .collect();
    found.sort();
    let expected = ["Dockerfile:5", "bin/start.sh:3"]
        .map(|place| ["production push-button", "staging automated"].map(|reached| format!("{place} configure {reached}")));
    assert_eq!(found, expected.concat());
    assert!(report.orphans.is_empty());
}

#[test]
fn a_document_beside_a_root_that_goes_there_from_the_top_applies_that_root() {
    let report = report("document-from-the-root");
    let places: Vec<String> = report
        .steps
        .iter()
        .filter_map(|s| s.location.as_ref())
        .map(|at| format!("{}:{}", at.path.rsplit('/').next().unwrap(), at.line))
        .collect();
    assert_eq!(
        (places, report.orphans.len()),
        (vec!["README.md:8".to_owned()], 1),
        "the command is the step, the root an orphan"
    );
}

/// An action that pushes for some events is one step, with the automation of those.
#[test]
fn a_push_absorbs_its_build() {
    let report = report("tools-behind-runners");
    let stages: Vec<Stage> = report
        .steps
        .iter()
        .filter(|s| s.location.as_ref().is_some_and(|at| at.path.ends_with("image.yml")))
        .map(|s| s.stage)
        .collect();
    assert_eq!(stages, [Stage::Source, Stage::Publish]);
    let named = |name: &str| report.services.iter().any(|s| s.name == name || s.aliases.iter().any(|a| a == name));
    assert!(named("storefront"), "the image that the tags were calculated for");
}

/// Checks after a job or a pipeline that deployed verify, whatever else starts them; before it they test. A script that a
/// compose service's shell is given is read, and a table in an emulator or a message is no step of the path.
#[test]
fn what_follows_a_deploy_in_another_job_or_pipeline_verifies() {
    let report = report("checks-after-a-deploy");
    let mut found: Vec<String> = report
        .steps
        .iter()
        .filter_map(|s| Some((s, s.location.as_ref()?)))
        .map(|(s, at)| format!("{}:{} {} {}", at.path.rsplit('/').next().unwrap(), at.line, s.stage, s.automation))
        .collect();
    found.sort();
    let expected = [
        "data:8 publish manual",
        "deploy.yml:14 test automated",
        "deploy.yml:29 verify automated",
        "rollout:3 deploy automated",
        "smoke.yml:12 verify automated",
        "style.sh:2 check manual",
    ];
    assert_eq!(found, expected);
    assert_eq!(verdicts(&report), ["every-commit"]);
}

/// A manifest that nothing applies is left over; one of a document, or where a list that is not read may hold it, is not
/// known to be.
#[test]
fn a_manifest_that_nothing_applies_is_an_orphan() {
    let orphans = |shape| -> Vec<String> { report(shape).orphans.into_iter().map(|o| o.location.path).collect() };
    assert_eq!(orphans("manifest-that-nothing-applies"), ["ops/mailer.yaml"]);
    assert!(orphans("manifests-listed-elsewhere").is_empty());
}
