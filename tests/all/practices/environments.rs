//! Environments: their drift, and what deploys to them.

use super::answer;
use prodpath::config::Config;
use std::fs;

fn status(files: &[(&str, &str)], id: &str) -> String {
    answer(files, id).0
}

/// What drifts in these files: the group, the key, and the files that lack it.
fn drift(files: &[(&str, &str)]) -> Vec<(String, String, Vec<String>)> {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let full = dir.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, text).unwrap();
    }
    let report = prodpath::scan::scan(dir.path(), &Config::default()).unwrap();
    report.drift.into_iter().map(|d| (d.group, d.key, d.not_in)).collect()
}

fn keys(files: &[(&str, &str)]) -> Vec<String> {
    drift(files).into_iter().map(|(_, key, _)| key).collect()
}

const PARITY: &str = "env-parity";

#[test]
fn values_with_the_same_keys_are_at_parity_whatever_they_say() {
    let same = [
        ("chart/values-staging.yaml", "host: a\nreplicas: 1\ndb: {name: x}\n"),
        ("chart/values-prod.yaml", "host: b\nreplicas: 5\ndb: {name: y}\n"),
    ];
    let (status, _, places) = answer(&same, PARITY);
    assert_eq!((status.as_str(), places[0].as_str()), ("present", "chart/values-prod.yaml:1"));
    assert!(drift(&same).is_empty());
}

#[test]
fn a_key_that_production_lacks_is_drift_with_its_place() {
    let files = [("chart/values-staging.yaml", "host: a\nfeature:\n  search: true\n"), ("chart/values-prod.yaml", "host: b\n")];
    let (status, why, places) = answer(&files, PARITY);
    assert_eq!((status.as_str(), places), ("absent", vec!["chart/values-staging.yaml:2".to_owned()]), "{why}");
    let lacking = vec!["chart/values-prod.yaml".to_owned()];
    assert_eq!(drift(&files), [("chart/values-*.yaml".to_owned(), "feature".to_owned(), lacking)]);
}

#[test]
fn nested_keys_are_named_with_dots_and_values_are_never_said() {
    let files = [
        ("config/settings.staging.yaml", "db:\n  host: a\n  password: hunter2hunter2\n"),
        ("config/settings.production.yaml", "db:\n  host: b\n"),
    ];
    assert_eq!(keys(&files), ["db.password"]);
    assert!(!answer(&files, PARITY).1.contains("hunter2"));
}

#[test]
fn what_a_file_for_all_says_is_no_drift() {
    let base = ("chart/values.yaml", "host: x\nfeature: {search: false}\n");
    let files =
        [base, ("chart/values-staging.yaml", "host: a\nfeature: {search: true}\n"), ("chart/values-prod.yaml", "host: b\n")];
    assert_eq!(status(&files, PARITY), "present");
    assert!(drift(&files).is_empty());
    let beside = [
        ("helm/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("helm/shop/values.yaml", "search: false\n"),
        ("helm/values-staging.yaml", "search: true\nhost: a\n"),
        ("helm/values-prod.yaml", "host: b\n"),
    ];
    assert!(drift(&beside).is_empty());
    let folders = [
        ("envs/base/vars.yaml", "log: info\n"),
        ("envs/staging/vars.yaml", "log: debug\nhost: a\n"),
        ("envs/prod/vars.yaml", "host: b\n"),
    ];
    assert!(drift(&folders).is_empty());
}

#[test]
fn one_file_or_none_tells_nothing_apart() {
    assert_eq!(status(&[("chart/values-prod.yaml", "a: 1\n")], PARITY), "not-applicable");
    assert_eq!(status(&[("chart/values.yaml", "a: 1\n"), ("README.md", "hi\n")], PARITY), "not-applicable");
    // Examples, files for people, manifests and pipelines are no settings.
    let others = [
        ("examples/values-staging.yaml", "a: 1\n"),
        ("examples/values-prod.yaml", "b: 1\n"),
        ("k8s/staging.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {x: y}}\n"),
        ("k8s/prod.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"),
        (".env.example", "A=1\n"),
        (".env.production", "B=1\n"),
    ];
    assert_eq!(status(&others, PARITY), "not-applicable");
    assert!(drift(&others).is_empty());
}

#[test]
fn production_and_one_environment_before_it_suffice_but_all_drift_is_told() {
    let files = [
        ("chart/values-uat.yaml", "host: a\nextra: 1\n"),
        ("chart/values-staging.yaml", "host: a\n"),
        ("chart/values-prod.yaml", "host: b\n"),
    ];
    assert_eq!(status(&files, PARITY), "present");
    assert_eq!(keys(&files), ["extra"]);
}

#[test]
fn variable_files_are_compared() {
    let files = [
        ("infra/staging.tfvars", "region = \"a\"\nflags = { search = true }\n"),
        ("infra/production.tfvars", "region = \"b\"\nflags = {}\nhandles = []\n"),
        ("infra/local.tfvars", "other = 1\n"),
    ];
    assert_eq!(keys(&files), ["flags.search", "handles"]);
    assert_eq!(status(&files, PARITY), "absent");
    let folders = [
        ("envs/stg/terraform.tfvars", "region = \"a\"\n"),
        ("envs/prd/terraform.tfvars", "region = \"b\"\ninstance_type = \"large\"\n"),
    ];
    assert_eq!(status(&folders, PARITY), "present", "how large an environment is may be said for it alone");
}

#[test]
fn dotenv_and_settings_files_are_compared() {
    let files =
        [(".env.staging", "\u{feff}export A=1\nTEXT=\"two\nLINE=no key\"\nB=2\n"), (".env.production", "A=1\nTEXT=x\n# B=1\n")];
    assert_eq!(keys(&files), ["B"]);
    let json = [
        ("api/appsettings.json", "{\"Logging\": {\"Level\": \"x\"}}"),
        ("api/appsettings.Staging.json", "{\"Logging\": {\"Level\": \"y\"}, \"Queue\": {\"Name\": \"q\", \"Key\": 1}}"),
        ("api/appsettings.Production.json", "{ // c\n\"Queue\": {\"Name\": \"q\"}}"),
    ];
    assert_eq!(keys(&json), ["Queue.Key"]);
    let spring = [
        ("app/src/main/resources/application-staging.properties", "a.b=1\nc: 2\n"),
        ("app/src/main/resources/application-prod.properties", "a.b=1\nd=\\\n  x=1\n"),
    ];
    assert_eq!(keys(&spring), ["c", "d"]);
}

#[test]
fn group_vars_are_folders_or_files_with_one_for_all() {
    let files = [
        ("inventory/group_vars/all.yml", "common: 1\n"),
        ("inventory/group_vars/staging/vars.yml", "host: a\ncommon: 2\n"),
        ("inventory/group_vars/staging/more.yml", "port: 1\n"),
        ("inventory/group_vars/production.yml", "host: b\n"),
    ];
    assert_eq!(keys(&files), ["port"]);
    let vault =
        [("group_vars/staging.yml", "host: a\nport: 1\n"), ("group_vars/production.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n")];
    assert_eq!(status(&vault, PARITY), "unknown", "what is encrypted may have it");
}

#[test]
fn overlays_bring_variables_that_their_base_does_not() {
    let workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          image: shop\n          env: [{name: BASE, value: x}]\n";
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          env:\n            - {name: BASE, value: y}\n            - {name: QUEUE, value: z}\n";
    let staging =
        "resources: [../../base]\npatches: [{path: patch.yaml}]\nconfigMapGenerator:\n  - name: conf\n    literals: [A=1, B=2]\n";
    let production = "resources: [../../base]\nconfigMapGenerator:\n  - name: conf\n    literals:\n      - A=1\n";
    let files = [
        ("k8s/base/kustomization.yaml", "resources: [deployment.yaml]\n"),
        ("k8s/base/deployment.yaml", workload),
        ("k8s/overlays/staging/kustomization.yaml", staging),
        ("k8s/overlays/staging/patch.yaml", patch),
        ("k8s/overlays/production/kustomization.yaml", production),
    ];
    assert_eq!(keys(&files), ["conf.B", "shop.QUEUE"]);
    let (status, _, places) = answer(&files, PARITY);
    assert_eq!((status.as_str(), places[0].as_str()), ("absent", "k8s/overlays/staging/kustomization.yaml:5"));
}

const JOBS: &str = "on: {push: {branches: [main]}}\njobs:\n  deploy-staging:\n    environment: staging\n    env: {URL: a, TOKEN: b}\n    steps: [{run: kubectl apply -f k8s/}]\n  deploy-production:\n    environment: production\n    env: {URL: a}\n    steps: [{run: kubectl apply -f k8s/}]\n";

#[test]
fn jobs_that_differ_by_their_environment_are_compared() {
    let files = [(".github/workflows/deploy.yml", JOBS)];
    assert_eq!(keys(&files), ["env.TOKEN"]);
    assert_eq!(status(&files, PARITY), "absent");
    let same = JOBS.replace(", TOKEN: b", "");
    let same = [(".github/workflows/deploy.yml", same.as_str())];
    assert_eq!(status(&same, PARITY), "not-applicable", "there are no files of settings");
}

#[test]
fn broken_and_templated_files_prove_nothing() {
    let broken = [("chart/values-staging.yaml", "a: 1\nb: 2\n"), ("chart/values-prod.yaml", "a: 1\nb: [\n")];
    assert_eq!(status(&broken, PARITY), "unknown");
    let templated = [
        ("chart/values-staging.yaml", "a: 1\nb: 2\n"),
        ("chart/values-prod.yaml", "a: 1\n{{ if .Values.x }}\nb: 2\n{{ end }}\n"),
    ];
    assert_ne!(status(&templated, PARITY), "absent");
    let deep = format!("{}x: 1\n", (0..60).map(|i| format!("{}k:\n", " ".repeat(i))).collect::<String>() + &" ".repeat(60));
    let deep = [("values-staging.yaml", deep.as_str()), ("values-prod.yaml", "k: {k: {}}\n")];
    assert_ne!(status(&deep, PARITY), "present");
}

#[test]
fn an_environments_own_name_in_a_key_is_no_drift() {
    let files = [
        ("values-staging.yaml", "staging_url: a\ndb: {shop-staging: x}\n"),
        ("values-prod.yaml", "prod_url: b\ndb: {shop-prod: y}\n"),
    ];
    assert_eq!(status(&files, PARITY), "present");
    let read_by_all = [("infra/test.auto.tfvars", "test_ids = []\nx = 1\n"), ("infra/prod.auto.tfvars", "prod_ids = []\n")];
    assert_eq!(status(&read_by_all, PARITY), "not-applicable");
}

const WORKLOAD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n      containers: [{name: shop, image: example.org/shop}]\n";

fn delivery(staging: &str, production: &str) -> String {
    format!(
        "on: {{push: {{branches: [main]}}}}\njobs:\n  build:\n    steps:\n      - run: docker build -t example.org/shop .\n      - run: docker push example.org/shop\n{staging}{production}"
    )
}

fn job(environment: &str, run: &str) -> String {
    format!("  deploy-{environment}:\n    environment: {environment}\n    steps:\n      - run: {run}\n")
}

fn repository(pipeline: &str) -> [(&str, &str); 3] {
    [("Dockerfile", "FROM scratch\n"), ("k8s/deployment.yaml", WORKLOAD), (".github/workflows/deploy.yml", pipeline)]
}

#[test]
fn an_environment_before_production_is_deployed_to() {
    let apply = "kubectl apply -f k8s/";
    let both = delivery(&job("staging", apply), &job("production", apply));
    let (status_of, why, places) = answer(&repository(&both), "preproduction-exists");
    assert_eq!((status_of.as_str(), places[0].as_str()), ("present", ".github/workflows/deploy.yml:10"), "{why}");
    let one = delivery("", &job("production", apply));
    assert_eq!(status(&repository(&one), "preproduction-exists"), "absent");
    let nothing = [("README.md", "hi\n")];
    assert_eq!(status(&nothing, "preproduction-exists"), "not-applicable");
    // A name that says nothing is no proof of either.
    let unnamed = delivery(&job("edge", apply), &job("production", apply));
    assert_eq!(status(&repository(&unnamed), "preproduction-exists"), "unknown");
}

#[test]
fn production_is_deployed_to_as_what_comes_before_it() {
    let id = "production-like-test-environment";
    let apply = "kubectl apply -f k8s/";
    let same = delivery(&job("staging", apply), &job("production", apply));
    assert_eq!(status(&repository(&same), id), "present");
    let other = delivery(&job("staging", "docker compose -f docker-compose.staging.yml up -d shop"), &job("production", apply));
    assert_ne!(status(&repository(&other), id), "present");
    let alone = delivery("", &job("production", apply));
    assert_eq!(status(&repository(&alone), id), "not-applicable");
}

#[test]
fn every_environment_is_told_with_what_deploys_it() {
    let id = "environment-inventory";
    let apply = "kubectl apply -f k8s/";
    let both = delivery(&job("staging", apply), &job("production", apply));
    let (status_of, why, _) = answer(&repository(&both), id);
    assert_eq!(status_of, "present");
    assert!(why.contains("staging (staging): kubectl apply in .github/workflows/deploy.yml of shop"), "{why}");
    let mut files = repository(&both).to_vec();
    files.extend([("chart/values-uat.yaml", "a: 1\n"), ("chart/values-prod.yaml", "a: 1\n")]);
    let (status_of, why, places) = answer(&files, id);
    assert_eq!((status_of.as_str(), places[0].as_str()), ("absent", "chart/values-uat.yaml:1"), "{why}");
    assert_eq!(status(&[("README.md", "hi\n")], id), "not-applicable");
}

#[test]
fn configuration_goes_out_with_what_it_configures() {
    let id = "config-with-artifact";
    let apply = "kubectl apply -f k8s/";
    let both = delivery("", &job("production", apply));
    let (status_of, why, places) = answer(&repository(&both), id);
    assert_eq!((status_of.as_str(), places[0].as_str()), ("present", "k8s/deployment.yaml:1"), "{why}");
    // Nothing builds it here.
    let deploy = format!("on: {{push: {{branches: [main]}}}}\njobs:\n{}", job("production", apply));
    let only = [("k8s/deployment.yaml", WORKLOAD), (".github/workflows/deploy.yml", deploy.as_str())];
    assert_eq!(status(&only, id), "absent");
    // A compose file for a developer's machine is not what is deployed.
    let platform = delivery("", &job("production", "kubectl set image deployment/shop shop=example.org/shop"));
    let files = [
        ("Dockerfile", "FROM scratch\n"),
        ("docker-compose.yml", "services: {shop: {build: .}}\n"),
        (".github/workflows/deploy.yml", platform.as_str()),
    ];
    assert_ne!(status(&files, id), "present");
    assert_eq!(status(&[("README.md", "hi\n")], id), "not-applicable");
}
