//! Questions about the way from trunk to production.

use super::answer;

const DOCKERFILE: (&str, &str) = ("Dockerfile", "FROM node:22.1\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"shop.js\"]\n");
const MANIFEST: (&str, &str) = (
    "k8s/shop.yaml",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        - name: shop\n          image: registry.example.com/shop:1\n",
);

/// A workflow that builds and deploys to production, with these events.
fn workflow(events: &str, more: &str) -> String {
    format!(
        "name: deliver\non:\n{events}jobs:\n  deliver:\n    runs-on: ubuntu-latest\n    environment: production\n    steps:\n      - uses: actions/checkout@v4\n{more}      - run: docker build -t registry.example.com/shop:$GITHUB_SHA .\n      - run: docker push registry.example.com/shop:$GITHUB_SHA\n      - run: kubectl apply -f k8s/shop.yaml\n"
    )
}

const PUSH: &str = "  push:\n    branches: [main]\n";
const PATH: &str = ".github/workflows/deliver.yml";

fn delivered(id: &str, events: &str, more: &str, others: &[(&str, &str)]) -> (String, String, Vec<String>) {
    let text = workflow(events, more);
    let mut files = vec![(PATH, text.as_str()), DOCKERFILE, MANIFEST];
    files.extend(others);
    answer(&files, id)
}

fn word(answer: (String, String, Vec<String>)) -> String {
    answer.0
}

#[test]
fn deploy_on_every_trunk_commit() {
    let id = "deploy-on-every-trunk-commit";
    let (status, _, places) = delivered(id, PUSH, "", &[]);
    assert_eq!((status.as_str(), places), ("present", vec![format!("{PATH}:13")]));
    assert_eq!(word(delivered(id, "  workflow_dispatch:\n", "", &[])), "absent");
    // A change that is not merged goes to a preview.
    assert_eq!(word(delivered(id, "  pull_request:\n", "", &[])), "absent");
    assert_eq!(word(answer(&[("README.md", "# Shop\n")], id)), "not-applicable");
    // A condition that is asked while it runs stops nothing for good.
    let asked = workflow(PUSH, "").replace("    steps:", "    if: vars.GO == 'yes'\n    steps:");
    let (status, why, _) = answer(&[(PATH, &asked), DOCKERFILE, MANIFEST], id);
    assert_eq!(status, "present");
    assert!(why.contains("condition"), "{why}");
}

#[test]
fn deploy_by_an_apply_that_takes_the_version() {
    let id = "deploy-on-every-trunk-commit";
    let root = (
        "infra/main.tf",
        "terraform {\n  backend \"s3\" {}\n}\nresource \"aws_s3_bucket\" \"files\" {\n  bucket = \"shop\"\n}\n",
    );
    let of = |apply: &str| {
        let text = workflow(PUSH, "").replace("kubectl apply -f k8s/shop.yaml", apply);
        answer(&[(PATH, &text), DOCKERFILE, root], id).0
    };
    assert_eq!(of("terraform -chdir=infra apply -auto-approve -var image_tag=$GITHUB_SHA"), "present");
    assert_eq!(of("terraform -chdir=infra apply -auto-approve -var region=eu"), "absent");
    assert_eq!(of("terraform -chdir=infra apply -auto-approve -var-file=versions.tfvars"), "absent");
}

#[test]
fn trunk_trigger() {
    let id = "trunk-trigger";
    assert_eq!(word(delivered(id, PUSH, "", &[])), "present");
    // Trunk goes to staging, a branch that lives long to production.
    let late = workflow("  push:\n    branches: [production]\n", "");
    let early = workflow(PUSH, "").replace("environment: production", "environment: staging");
    let (status, why, places) = answer(&[(PATH, &early), (".github/workflows/late.yml", &late), DOCKERFILE, MANIFEST], id);
    assert_eq!(status, "absent");
    assert!(
        why.contains("`production`") && places.iter().all(|p| p.starts_with(".github/workflows/late.yml")),
        "{why} {places:?}"
    );
    // A branch for a feature does not live long.
    let feature = workflow("  push:\n    branches: ['feature/**']\n", "").replace("environment: production", "environment: demo");
    assert_eq!(word(answer(&[(PATH, &early), (".github/workflows/late.yml", &feature), DOCKERFILE, MANIFEST], id)), "present");
    assert_eq!(word(delivered(id, "  push:\n    tags: ['v*']\n", "", &[])), "absent");
    let test =
        "on:\n  push:\n    branches: [main]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n";
    assert_eq!(word(answer(&[(PATH, test)], id)), "not-applicable");
}

#[test]
fn delivery_or_deployment() {
    let id = "delivery-or-deployment";
    let (status, why, _) = delivered(id, PUSH, "", &[]);
    assert_eq!(status, "present");
    assert!(why.contains("continuous deployment"), "{why}");
    // One approval in the middle.
    let gated = |gates: &[&str]| {
        let mut jobs = String::from(
            "version: 2.1\njobs:\n  build:\n    docker: [{image: cimg/base:2024.01}]\n    steps:\n      - checkout\n      - run: docker build -t shop .\n      - run: docker push registry.example.com/shop:1\n  deploy-production:\n    docker: [{image: cimg/base:2024.01}]\n    steps:\n      - checkout\n      - run: kubectl apply -f k8s/shop.yaml\nworkflows:\n  all:\n    jobs:\n      - build: {filters: {branches: {only: main}}}\n",
        );
        let mut last = "build";
        for gate in gates {
            jobs.push_str(&format!("      - {gate}:\n          type: approval\n          requires: [{last}]\n"));
            last = gate;
        }
        jobs.push_str(&format!("      - deploy-production:\n          requires: [{last}]\n"));
        answer(&[(".circleci/config.yml", &jobs), DOCKERFILE, MANIFEST], id)
    };
    let (status, why, places) = gated(&["hold"]);
    assert_eq!(status, "present");
    assert!(why.contains("continuous delivery") && places[0].starts_with(".circleci/config.yml:"), "{why} {places:?}");
    let (status, why, _) = gated(&["hold", "hold-again"]);
    assert_eq!(status, "absent");
    assert!(why.contains("more than one act"), "{why}");
    // A button that starts all of it is no chain from trunk.
    let (status, why, _) = delivered(id, "  workflow_dispatch:\n", "", &[]);
    assert_eq!(status, "absent");
    assert!(why.contains("trunk prepares nothing"), "{why}");
    assert_eq!(word(answer(&[("README.md", "# Shop\n")], id)), "not-applicable");
}

#[test]
fn pipeline_only_way_to_deploy() {
    let id = "pipeline-only-way-to-deploy";
    assert_eq!(word(delivered(id, PUSH, "", &[])), "present");
    let script = ("scripts/hotfix.sh", "#!/bin/sh\nkubectl apply -f k8s/shop.yaml -n production\n");
    let (status, _, places) = delivered(id, PUSH, "", &[script]);
    assert_eq!(status, "absent");
    assert!(places.contains(&"scripts/hotfix.sh:2".to_owned()), "{places:?}");
    // A developer's own machine is no shared environment.
    let local = ("docs/local.md", "# Local\n\n```sh\nminikube start\nkubectl apply -f k8s/shop.yaml\n```\n");
    assert_eq!(word(delivered(id, PUSH, "", &[local])), "present");
    assert_eq!(word(answer(&[DOCKERFILE, MANIFEST], id)), "absent");
    assert_eq!(word(answer(&[("README.md", "# Shop\n")], id)), "not-applicable");
}

#[test]
fn infrastructure_by_pipeline() {
    let id = "infrastructure-by-pipeline";
    let root = "terraform {\n  backend \"s3\" {}\n}\nresource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";
    let apply = "on:\n  push:\n    branches: [main]\njobs:\n  infra:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: terraform -chdir=infra init && terraform -chdir=infra apply -auto-approve\n";
    assert_eq!(word(answer(&[(PATH, apply), ("infra/main.tf", root)], id)), "present");
    let (status, _, places) = answer(&[(PATH, apply), ("infra/main.tf", root), ("dns/main.tf", root)], id);
    assert_eq!((status.as_str(), places), ("absent", vec!["dns/main.tf:1".to_owned()]));
    // What the pipeline needs before it can run is applied once, by a person.
    assert_eq!(word(answer(&[(PATH, apply), ("infra/main.tf", root), ("bootstrap/main.tf", root)], id)), "present");
    // A look is no apply.
    let plan = apply.replace("apply -auto-approve", "plan");
    assert_ne!(word(answer(&[(PATH, &plan), ("infra/main.tf", root)], id)), "present");
    assert_eq!(word(answer(&[("README.md", "# Shop\n")], id)), "not-applicable");
}

#[test]
fn migrations_automated() {
    let id = "migrations-automated";
    let ini = ("alembic.ini", "[alembic]\n");
    let run = "      - run: alembic upgrade head\n";
    let (status, why, places) = delivered(id, PUSH, run, &[ini]);
    assert_eq!((status.as_str(), places), ("present", vec![format!("{PATH}:11")]), "{why}");
    let readme = ("README.md", "# Shop\n\nOn the production server:\n\n```sh\nssh shop.example.com alembic upgrade head\n```\n");
    assert_eq!(word(delivered(id, PUSH, "", &[ini, readme])), "absent");
    // What a test's database gets is no migration of an environment.
    let test = "on:\n  push:\n    branches: [main]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: alembic upgrade head\n      - run: pytest\n";
    assert_ne!(word(delivered(id, PUSH, "", &[ini, (".github/workflows/test.yml", test)])), "present");
    // At the start of the container, and of the application.
    let start = ("Dockerfile", "FROM python:3.12\nCOPY . .\nCMD alembic upgrade head && gunicorn shop\n");
    let text = workflow(PUSH, "");
    let (status, why, _) = answer(&[(PATH, &text), start, MANIFEST, ini], id);
    assert_eq!(status, "present");
    assert!(why.contains("when it starts"), "{why}");
    let pom = "<project><parent><groupId>org.springframework.boot</groupId></parent>\n<dependencies><dependency>\n<artifactId>flyway-core</artifactId></dependency></dependencies></project>\n";
    let (status, _, places) = answer(&[("pom.xml", pom)], id);
    assert_eq!((status.as_str(), places), ("present", vec!["pom.xml:3".to_owned()]));
    let off = ("src/main/resources/application.yml", "spring:\n  flyway:\n    enabled: false\n");
    assert_ne!(word(answer(&[("pom.xml", pom), off], id)), "present");
    // What an image is built with is no environment's.
    let built = ("Dockerfile", "FROM python:3.12\nCOPY . .\nRUN alembic upgrade head\nCMD gunicorn shop\n");
    assert_ne!(word(answer(&[(PATH, &text), built, MANIFEST, ini], id)), "present");
    // The code of the application may do it, and is not read.
    assert_eq!(word(delivered(id, PUSH, "", &[ini])), "unknown");
    assert_eq!(word(delivered(id, PUSH, "", &[])), "not-applicable");
}

#[test]
fn secrets_handed_over() {
    let id = "secrets-handed-over";
    let login = "      - run: echo \"$PASSWORD\" | docker login -u shop --password-stdin\n        env:\n          PASSWORD: ${{ secrets.REGISTRY_PASSWORD }}\n";
    let (status, _, places) = delivered(id, PUSH, login, &[]);
    assert_eq!((status.as_str(), places), ("present", vec![format!("{PATH}:13")]));
    let secret =
        |value: &str| format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\nstringData:\n  password: {value}\n");
    let (status, why, places) = delivered(id, PUSH, login, &[("k8s/secret.yaml", &secret("hunter2hunter2"))]);
    assert_eq!((status.as_str(), places), ("absent", vec!["k8s/secret.yaml:6".to_owned()]));
    assert!(!why.contains("hunter2"), "{why}");
    for filled in ["<password>", "$PASSWORD", "CHANGEME", "\"\"", "PHJlZGFjdGVkPg=="] {
        assert_eq!(word(delivered(id, PUSH, login, &[("k8s/secret.yaml", &secret(filled))])), "present", "{filled}");
    }
    // Values for production, and values that name a secret of a store.
    let values = |line: &str| word(delivered(id, PUSH, login, &[("chart/values-production.yaml", line)]));
    assert_eq!(values("db:\n  password: h4nter2-Xy\n"), "absent");
    assert_eq!(values("db:\n  existingSecret: shop-db-1\n  passwordKey: db-Pass1\n"), "present");
    assert_eq!(values("db:\n  clientSecret: shop-client-secret\n"), "present");
    assert_eq!(word(answer(&[("README.md", "# Shop\n")], id)), "not-applicable");
}

#[test]
fn no_rival_or_dead_pipelines() {
    let id = "no-rival-or-dead-pipelines";
    assert_eq!(word(delivered(id, PUSH, "", &[])), "present");
    let gitlab = |script: &str| format!("deliver:\n  script:\n    - {script}\n  environment: production\n  only: [main]\n");
    let push = gitlab("docker build -t registry.example.com/shop . && docker push registry.example.com/shop");
    let (status, why, places) = delivered(id, PUSH, "", &[(".gitlab-ci.yml", &push)]);
    assert_eq!(status, "absent");
    assert!(why.contains("GitHub Actions") && why.contains("GitLab CI") && places.len() == 2, "{why} {places:?}");
    // Another vendor that only tests is no rival.
    assert_eq!(word(delivered(id, PUSH, "", &[(".gitlab-ci.yml", &gitlab("npm test"))])), "present");
    let dead = "on: push\njobs:\n  old:\n    if: false\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n";
    let (status, why, _) = delivered(id, PUSH, "", &[(".github/workflows/old.yml", dead)]);
    assert_eq!(status, "absent");
    assert!(why.contains("old.yml"), "{why}");
    assert_eq!(word(answer(&[("README.md", "# Shop\n")], id)), "not-applicable");
}

#[test]
fn ready_any_time() {
    let id = "ready-any-time";
    let test = "      - run: pytest\n";
    assert_eq!(word(delivered(id, PUSH, test, &[])), "present");
    let (status, why, _) = delivered(id, PUSH, "", &[]);
    assert_eq!(status, "absent");
    assert!(why.contains("not tested on trunk"), "{why}");
    // A failure that is ignored proves nothing.
    let (status, why, _) = delivered(id, PUSH, "      - run: pytest || true\n", &[]);
    assert_eq!(status, "absent");
    assert!(why.contains("stops nothing"), "{why}");
    // Sending the coverage is no test.
    let (status, why, _) = delivered(id, PUSH, "      - uses: codecov/codecov-action@v4\n", &[]);
    assert_eq!(status, "absent");
    assert!(why.contains("not tested on trunk"), "{why}");
    // Tests of changes only do not prove trunk.
    let change = "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n";
    let (status, why, _) = delivered(id, PUSH, "", &[(".github/workflows/change.yml", change)]);
    assert_eq!(status, "absent");
    assert!(why.contains("only on other events"), "{why}");
    assert_eq!(word(answer(&[MANIFEST], id)), "not-applicable");
}
