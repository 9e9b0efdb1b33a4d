//! How a product runs: rollback, canary, health, verification, strategy, drift, messages, flags.

const PRESENT: &str = "present";
const ABSENT: &str = "absent";
const UNKNOWN: &str = "unknown";
const NOT_APPLICABLE: &str = "not-applicable";

/// The answer, its status as one of the words above.
fn answer(files: &[(&str, &str)], id: &str) -> (&'static str, String, Vec<String>) {
    let (status, why, places) = super::answer(files, id);
    ([PRESENT, ABSENT, UNKNOWN, NOT_APPLICABLE].into_iter().find(|word| *word == status).unwrap(), why, places)
}

/// A pipeline that deploys a folder of manifests on a push, with these further steps.
fn pipeline(steps: &str) -> String {
    format!(
        "on:\n  push:\n    branches: [main]\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build -t ghcr.io/acme/shop:1 . && docker push ghcr.io/acme/shop:1\n      - run: kubectl apply -f k8s/\n{steps}"
    )
}

/// A deployment with a text in its spec and one in its container.
fn deployment(spec: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\nspec:\n{spec}  template:\n    spec:\n      containers:\n        - name: shop\n          image: ghcr.io/acme/shop:1\n{container}"
    )
}

const PIPELINE: &str = ".github/workflows/ship.yml";
const MANIFEST: &str = "k8s/shop.yaml";

/// The answer to a question over a delivery with further steps and manifests.
fn over(id: &str, steps: &str, spec: &str, container: &str) -> (&'static str, String, Vec<String>) {
    let (pipeline, manifest) = (pipeline(steps), deployment(spec, container));
    answer(&[(PIPELINE, &pipeline), (MANIFEST, &manifest), ("Dockerfile", "FROM scratch\n")], id)
}

const PROBE: &str = "          readinessProbe:\n            httpGet:\n              path: /ready\n              port: 80\n";

#[test]
fn a_rollback_is_a_step_or_an_option() {
    let (status, _, places) =
        over("rollback", "      - if: failure()\n        run: kubectl rollout undo deployment/shop\n", "", "");
    assert_eq!((status, places), (PRESENT, vec![format!("{PIPELINE}:11")]));
    let (status, _, places) = over("rollback", "      - run: helm upgrade --install shop chart --atomic\n", "", "");
    assert_eq!((status, places), (PRESENT, vec![format!("{PIPELINE}:10")]));
    assert_eq!(over("rollback", "      - run: helm upgrade --install shop chart --wait\n", "", "").0, ABSENT);
}

#[test]
fn undoing_a_migration_is_no_rollback_of_a_deployment() {
    assert_eq!(over("rollback", "      - run: npx knex migrate:rollback\n", "", "").0, ABSENT);
    assert_eq!(answer(&[("README.md", "A library.\n")], "rollback").0, NOT_APPLICABLE);
}

#[test]
fn a_circuit_breaker_rolls_back_only_where_it_is_told_to() {
    let service = |rollback: &str| {
        format!(
            "resource \"aws_ecs_service\" \"shop\" {{\n  deployment_circuit_breaker {{\n    enable = true\n    rollback = {rollback}\n  }}\n}}\n"
        )
    };
    let (status, why, places) = answer(&[("infra/main.tf", &service("true"))], "rollback");
    assert_eq!(
        (status, why.as_str(), places),
        (PRESENT, "ECS rolls back a deployment that fails", vec!["infra/main.tf:4".to_owned()])
    );
    assert_eq!(answer(&[("infra/main.tf", &service("false"))], "rollback").0, ABSENT);
}

#[test]
fn a_canary_shares_traffic_between_versions() {
    let rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  name: shop\nspec:\n  strategy:\n    canary:\n      steps:\n        - setWeight: 20\n";
    let (status, _, places) = answer(&[(MANIFEST, rollout)], "canary-or-bluegreen");
    assert_eq!((status, places), (PRESENT, vec![format!("{MANIFEST}:8")]));
    let route = |weights: [u8; 2]| {
        let [a, b] = weights;
        format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: shop\nspec:\n  http:\n    - route:\n        - weight: {a}\n        - weight: {b}\n"
        )
    };
    assert_eq!(answer(&[(MANIFEST, &route([90, 10]))], "canary-or-bluegreen").0, PRESENT);
    assert_ne!(answer(&[(MANIFEST, &route([100, 0]))], "canary-or-bluegreen").0, PRESENT, "all requests go one way");
    assert_eq!(over("canary-or-bluegreen", "", "  strategy:\n    type: RollingUpdate\n", "").0, ABSENT);
}

#[test]
fn a_slot_is_swapped_and_all_traffic_at_once_is_no_canary() {
    let swap = "      - run: az webapp deployment slot swap -g shop -n shop --slot staging\n";
    assert_eq!(over("canary-or-bluegreen", swap, "", "").0, PRESENT);
    let all = "      - run: gcloud run services update-traffic shop --to-revisions=shop-2=100\n";
    assert_eq!(over("canary-or-bluegreen", all, "", "").0, ABSENT);
    let some = "      - run: gcloud run services update-traffic shop --to-revisions=shop-2=10,shop-1=90\n";
    assert_eq!(over("canary-or-bluegreen", some, "", "").0, PRESENT);
}

#[test]
fn a_probe_of_the_product_counts_and_one_of_a_database_does_not() {
    let (status, _, places) = over("healthcheck", "", "", PROBE);
    assert_eq!((status, places), (PRESENT, vec![format!("{MANIFEST}:11")]));
    assert_eq!(over("healthcheck", "", "", "").0, ABSENT);
    let database = deployment("", PROBE).replace("ghcr.io/acme/shop:1", "postgres:16").replace("name: shop", "name: db");
    let (pipeline, own) = (pipeline(""), deployment("", ""));
    let files = [(PIPELINE, pipeline.as_str()), (MANIFEST, &own), ("k8s/db.yaml", &database)];
    assert_eq!(answer(&files, "healthcheck").0, ABSENT);
}

#[test]
fn a_compose_file_for_development_is_no_health_check_of_the_product() {
    let compose = "services:\n  shop:\n    build: .\n    healthcheck:\n      test: curl -f localhost\n";
    let pipeline = pipeline("");
    let at =
        |path: &'static str| answer(&[(PIPELINE, &pipeline), (path, compose), ("Dockerfile", "FROM scratch\n")], "healthcheck").0;
    assert_eq!((at("docker-compose.yml"), at("docker-compose.prod.yml")), (ABSENT, PRESENT));
}

#[test]
fn a_chart_that_puts_in_an_empty_probe_has_none() {
    let template = deployment("", "          livenessProbe: {{ toYaml .Values.livenessProbe | nindent 12 }}\n");
    let with = |values: &str| {
        let files = [
            ("chart/Chart.yaml", "name: shop\nversion: 1.0.0\n"),
            ("chart/templates/shop.yaml", &template),
            ("chart/values.yaml", values),
        ];
        answer(&files, "healthcheck").0
    };
    assert_eq!((with("livenessProbe: {}\n"), with("livenessProbe:\n  httpGet:\n    path: /\n")), (ABSENT, PRESENT));
}

#[test]
fn a_rollout_is_looked_at_in_the_pipeline_that_deploys() {
    let (status, _, places) = over("verify-after-deploy", "      - run: kubectl rollout status deployment/shop\n", "", "");
    assert_eq!((status, places), (PRESENT, vec![format!("{PIPELINE}:10")]));
    assert_eq!(over("verify-after-deploy", "", "", "").0, ABSENT);
    let by_hand = [
        (PIPELINE, &*pipeline("")),
        (MANIFEST, &*deployment("", "")),
        ("check.sh", "#!/bin/sh\nkubectl rollout status deployment/shop\n"),
    ];
    assert_eq!(answer(&by_hand, "verify-after-deploy").0, ABSENT, "nothing runs the script");
}

#[test]
fn a_strategy_is_declared_or_the_default() {
    let (status, why, _) = over("deployment-strategy", "", "  strategy:\n    type: Recreate\n", "");
    assert_eq!((status, why.as_str()), (PRESENT, "recreate: shop"));
    let (status, why, places) = over("deployment-strategy", "", "", "");
    assert_eq!((status, why.as_str()), (ABSENT, "rolling by default, not said: shop"));
    assert_eq!(places, vec![format!("{MANIFEST}:1")]);
}

#[test]
fn a_controller_that_heals_reconciles() {
    let application = |heal: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\nspec:\n  source:\n    path: k8s\n  syncPolicy:\n    automated:\n      selfHeal: {heal}\n"
        )
    };
    let manifest = deployment("", "");
    let with = |heal: &str| answer(&[("argo/shop.yaml", &application(heal)), (MANIFEST, &manifest)], "drift-reconcile");
    let (status, _, places) = with("true");
    assert_eq!((status, places), (PRESENT, vec!["argo/shop.yaml:10".to_owned()]));
    assert_eq!(with("false").0, ABSENT);
}

#[test]
fn a_plan_on_a_timer_finds_drift_and_one_on_a_push_does_not() {
    let on = |event: &str| {
        let text = format!(
            "on:\n  {event}\njobs:\n  plan:\n    runs-on: ubuntu-latest\n    steps:\n      - run: terraform plan -detailed-exitcode\n"
        );
        answer(&[(".github/workflows/plan.yml", &text), ("main.tf", "resource \"aws_s3_bucket\" \"b\" {}\n")], "drift-reconcile")
            .0
    };
    assert_eq!((on("schedule: [{cron: '0 1 * * *'}]"), on("push: {}")), (PRESENT, ABSENT));
}

#[test]
fn a_message_counts_in_the_pipeline_that_deploys() {
    let message = "      - uses: slackapi/slack-github-action@v2\n";
    let (status, _, places) = over("deploy-observability", message, "", "");
    assert_eq!((status, places), (PRESENT, vec![format!("{PIPELINE}:10")]));
    let other = format!("on: push\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n{message}");
    let files = [(PIPELINE, &*pipeline("")), (MANIFEST, &*deployment("", "")), (".github/workflows/lint.yml", &other)];
    assert_eq!(answer(&files, "deploy-observability").0, ABSENT);
}

#[test]
fn a_library_of_flags_is_a_dependency_by_its_whole_name() {
    let with = |dependency: &str| {
        let package = format!("{{\n  \"name\": \"shop\",\n  \"dependencies\": {{\n    \"{dependency}\": \"1.0.0\"\n  }}\n}}\n");
        answer(&[(PIPELINE, &pipeline("")), (MANIFEST, &deployment("", "")), ("package.json", &package)], "feature-flags")
    };
    let (status, why, places) = with("launchdarkly-node-server-sdk");
    assert_eq!((status, why.as_str(), places), (PRESENT, "a product depends on launchdarkly", vec!["package.json:4".to_owned()]));
    assert_eq!(with("country-flags").0, ABSENT);
    let files = [(PIPELINE, &*pipeline("")), (MANIFEST, &*deployment("", "")), ("requirements.txt", "flask\n")];
    assert_eq!(answer(&files, "feature-flags").0, UNKNOWN, "a manifest that is not read may name one");
}
