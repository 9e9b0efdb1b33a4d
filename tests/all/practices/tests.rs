//! Of which kind tests are, where they stand, and what runs beside them.

use super::answer;

/// A repository with a pipeline whose jobs are these, and a web service with tests.
fn with_jobs(jobs: &str) -> String {
    format!("name: CI\non: [push, pull_request]\njobs:\n{jobs}")
}

const PACKAGE: &str = "{\n  \"name\": \"shop\",\n  \"private\": true,\n  \"scripts\": {\n    \"test\": \"jest\",\n    \"e2e\": \"playwright test\"\n  }\n}\n";
const DOCKERFILE: &str = "FROM node:20.11\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"server.js\"]\n";
const UNIT: &str = "  unit:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm ci\n      - run: npm test\n";
const DEPLOY: &str = "    runs-on: ubuntu-latest\n    environment: production\n    steps:\n      - run: docker build -t r/shop . && docker push r/shop\n      - run: kubectl set image deployment/shop shop=r/shop\n";

/// The word of an answer.
fn word(jobs: &str, more: &[(&str, &str)], id: &str) -> String {
    let pipeline = with_jobs(jobs);
    let mut files = vec![(".github/workflows/ci.yml", pipeline.as_str()), ("Dockerfile", DOCKERFILE), ("package.json", PACKAGE)];
    files.retain(|(path, _)| !more.iter().any(|(other, _)| other == path));
    files.extend(more);
    answer(&files, id).0
}

#[test]
fn component_tests_are_told_by_command_name_neighbours_files_and_packages() {
    let id = "component-or-integration-tests";
    let run = |command: &str| format!("  t:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {command}\n");
    assert_eq!(word(UNIT, &[], id), "absent");
    assert_eq!(word(&run("npx jest --config jest.integration.config.js"), &[], id), "present");
    assert_eq!(word(&run("pytest -m 'not integration'"), &[], id), "absent");
    assert_eq!(word(&run("./gradlew test -x integrationTest"), &[], id), "absent");
    assert_eq!(word(UNIT, &[("test/api/orders.test.js", "")], id), "present");
    assert_eq!(word(UNIT, &[("src/components/cart.test.js", "")], id), "absent");
    assert_eq!(word(&run("npm ci"), &[("test/api/orders.test.js", "")], id), "absent");
    let beside = "  t:\n    runs-on: ubuntu-latest\n    services:\n      db:\n        image: postgres:16.2\n    steps:\n      - run: npm test\n";
    assert_eq!(word(beside, &[], id), "present");
    let supertest = PACKAGE.replace("\"private\"", "\"devDependencies\": {\"supertest\": \"7\"},\n  \"private\"");
    assert_eq!(word(UNIT, &[("package.json", &supertest)], id), "present");
}

#[test]
fn end_to_end_tests_run_from_outside() {
    let id = "e2e-tests";
    let run = |command: &str| format!("  t:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {command}\n");
    assert_eq!(word(&run("npm run e2e"), &[], id), "present");
    assert_eq!(word(UNIT, &[("e2e/login.spec.ts", "")], id), "absent");
    assert_eq!(word(&run("pytest -m system"), &[], id), "present");
    assert_eq!(word(&run("pytest -m 'not system'"), &[], id), "absent");
    // The application is in the test's own process, whatever the test is called.
    let nest = PACKAGE
        .replace("playwright test", "jest --config test/jest-e2e.json")
        .replace("\"private\"", "\"devDependencies\": {\"supertest\": \"7\"},\n  \"private\"");
    assert_eq!(word(&run("npm run e2e"), &[("package.json", &nest)], id), "absent");
}

#[test]
fn contract_tests_are_told_by_command_and_package() {
    let id = "contract-tests";
    let run = |command: &str| format!("  t:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {command}\n");
    assert_eq!(word(&run("buf breaking --against '.git#branch=main'"), &[], id), "present");
    assert_eq!(word(UNIT, &[], id), "absent");
    let pact = PACKAGE.replace("\"private\"", "\"devDependencies\": {\"@pact-foundation/pact\": \"13\"},\n  \"private\"");
    assert_eq!(word(UNIT, &[("package.json", &pact)], id), "present");
    assert_eq!(word(&run("npm ci"), &[("package.json", &pact)], id), "absent");
    // A contract in the sense of the business is none.
    assert_eq!(word(UNIT, &[("src/contract_renewal.test.js", "")], id), "absent");
}

#[test]
fn only_an_extreme_balance_is_a_finding() {
    let id = "test-balance";
    assert_eq!(word(UNIT, &[("src/a.test.js", ""), ("e2e/a.spec.ts", "")], id), "present");
    assert_eq!(word(UNIT, &[("src/a.test.js", ""), ("e2e/a.spec.ts", ""), ("e2e/b.spec.ts", "")], id), "absent");
    assert_eq!(word(UNIT, &[("e2e/a.spec.ts", "")], id), "absent");
    assert_eq!(word("  b:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm ci\n", &[], id), "not-applicable");
    // Examples are not tests of the product.
    assert_eq!(
        word(UNIT, &[("src/a.test.js", ""), ("examples/e2e/a.spec.ts", ""), ("examples/e2e/b.spec.ts", "")], id),
        "present"
    );
}

#[test]
fn a_test_stands_before_the_deploy_where_it_can_stop_it() {
    let id = "tests-before-deploy";
    assert_eq!(word(&format!("{UNIT}  deploy:\n    needs: [unit]\n{DEPLOY}"), &[], id), "present");
    assert_eq!(word(&format!("{UNIT}  deploy:\n{DEPLOY}"), &[], id), "absent");
    let between = format!(
        "{UNIT}  middle:\n    needs: unit\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm ci\n  deploy:\n    needs: middle\n{DEPLOY}"
    );
    assert_eq!(word(&between, &[], id), "present");
    let ignored = UNIT.replace("npm test", "npm test || true");
    assert_eq!(word(&format!("{ignored}  deploy:\n    needs: [unit]\n{DEPLOY}"), &[], id), "absent");
    assert_eq!(word(UNIT, &[], id), "not-applicable");
    let after = format!("  deploy:\n{DEPLOY}      - run: npm test\n");
    assert_eq!(word(&after, &[], id), "absent");
    // The pipeline that tests starts the one that deploys.
    let cd = format!(
        "on:\n  workflow_run:\n    workflows: [CI]\n    types: [completed]\njobs:\n  deploy:\n    if: github.event.workflow_run.conclusion == 'success'\n{DEPLOY}"
    );
    assert_eq!(word(UNIT, &[(".github/workflows/cd.yml", &cd)], id), "present");
}

#[test]
fn every_change_is_built_and_tested() {
    let id = "ci-on-every-change";
    assert_eq!(word(UNIT, &[], id), "present");
    assert_eq!(word("  b:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm ci\n", &[], id), "absent");
    let button = with_jobs(UNIT).replace("[push, pull_request]", "workflow_dispatch");
    assert_eq!(word(UNIT, &[(".github/workflows/ci.yml", &button)], id), "absent");
    let filtered = with_jobs(UNIT).replace("[push, pull_request]", "\n  pull_request:\n    paths: [src/**]");
    let (word, why, _) =
        answer(&[(".github/workflows/ci.yml", &filtered), ("Dockerfile", DOCKERFILE), ("package.json", PACKAGE)], id);
    assert_eq!((word.as_str(), why.as_str()), ("present", "a change is built and tested, where it touches src/**"));
}

#[test]
fn services_are_tested_together_before_they_are_published() {
    let id = "works-together";
    let compose = "services:\n  web: {build: web}\n  api: {build: api}\n";
    let manifest = |name: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{template: {{spec: {{containers: [{{name: {name}, image: r/{name}}}]}}}}}}\n"
        )
    };
    let (web, api) = (manifest("web"), manifest("api"));
    let of = |jobs: &str| {
        let files = [
            ("docker-compose.yml", compose),
            ("k8s/web.yaml", web.as_str()),
            ("k8s/api.yaml", api.as_str()),
            ("web/Dockerfile", DOCKERFILE),
            ("api/Dockerfile", DOCKERFILE),
        ];
        word(jobs, &files, id)
    };
    let deploy = "  deploy:\n    needs: t\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build -t r/web web && docker push r/web\n      - run: docker build -t r/api api && docker push r/api\n      - run: kubectl apply -f k8s/\n";
    let test = |first: &str, command: &str| {
        format!("  t:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {first}\n      - run: {command}\n{deploy}")
    };
    assert_eq!(of(&test("docker compose up -d", "npm run e2e")), "present");
    assert_eq!(of(&test("npm ci", "npm test")), "absent");
    assert_eq!(of(&test("docker compose up -d api", "npm ci")), "absent");
    assert_eq!(word(UNIT, &[], id), "not-applicable");
}

#[test]
fn neighbours_of_a_test_are_pinned() {
    let id = "shared-test-setup-pinned";
    let compose = |image: &str| format!("services:\n  shop: {{build: .}}\n  payments:\n    image: {image}\n");
    let of = |path: &str, image: &str| word(UNIT, &[(path, &compose(image))], id);
    assert_eq!(of("docker-compose.test.yml", "r/payments:latest"), "absent");
    assert_eq!(of("docker-compose.test.yml", "r/payments"), "absent");
    assert_eq!(of("docker-compose.test.yml", "r/payments:main"), "absent");
    assert_eq!(of("docker-compose.test.yml", "r/payments:1.4.2"), "present");
    assert_eq!(
        of("docker-compose.test.yml", "r/payments@sha256:0000000000000000000000000000000000000000000000000000000000000000"),
        "present"
    );
    // A compose file for a developer is no test's, and what only the run knows is not judged.
    assert_eq!(of("docker-compose.yml", "r/payments:latest"), "not-applicable");
    assert_eq!(of("docker-compose.test.yml", "r/payments:${TAG}"), "not-applicable");
    let beside = "  t:\n    runs-on: ubuntu-latest\n    services:\n      db:\n        image: postgres:latest\n    steps:\n      - run: npm test\n";
    assert_eq!(word(beside, &[], id), "absent");
}
