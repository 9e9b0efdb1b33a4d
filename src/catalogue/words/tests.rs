use super::*;

fn words() -> Words {
    Words::embedded()
}

#[test]
fn the_embedded_lists_are_read() {
    let lists: Result<Lists, _> = table::single(source());
    assert!(lists.is_ok(), "{lists:?}");
    for stage in words().tables.lists.stages.keys() {
        assert!(stage == "none" || Stage::parse(stage).is_some(), "{stage}");
    }
}

#[test]
fn no_word_means_two_stages() {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (stage, lists) in &words().tables.lists.stages {
        for word in lists.verbs.iter().chain(&lists.nouns).chain(&lists.phrases) {
            assert_eq!(seen.insert(word, stage).unwrap_or(stage), stage, "{word}");
        }
    }
}

#[test]
fn clear_names_have_a_stage() {
    let table = [
        ("deploy.sh", Stage::Deploy),
        ("scripts/deploy-prod.sh", Stage::Deploy),
        ("deployApp", Stage::Deploy),
        ("acme/deploy-to-ecs", Stage::Deploy),
        ("build-and-deploy", Stage::Deploy),
        ("deploy-test", Stage::Deploy),
        ("build", Stage::Build),
        ("build:prod", Stage::Build),
        ("build-image", Stage::Package),
        ("docker-build", Stage::Package),
        ("build-push", Stage::Publish),
        ("docker_build_push", Stage::Publish),
        ("release", Stage::Publish),
        ("publish-image", Stage::Publish),
        ("test:unit", Stage::Test),
        ("e2e", Stage::Test),
        ("integration-tests", Stage::Test),
        ("build-and-test", Stage::Test),
        ("publish-test-results", Stage::Test),
        ("lint:fix", Stage::Check),
        ("terraform-lint-action", Stage::Check),
        ("lint-infra", Stage::Check),
        ("format", Stage::Check),
        ("security-scan", Stage::Scan),
        ("scan-secrets", Stage::Scan),
        ("terraform-plan", Stage::Provision),
        ("deploy-infrastructure", Stage::Provision),
        ("infra", Stage::Provision),
        ("db:migrate", Stage::Configure),
        ("run-migrations.sh", Stage::Configure),
        ("smoke-test", Stage::Verify),
        ("health_check", Stage::Verify),
        ("canary", Stage::Release),
        ("swap-slots", Stage::Release),
        ("rollback", Stage::Rollback),
        ("rollback-deploy.sh", Stage::Rollback),
        ("notify-slack", Stage::Operate),
        ("cleanup", Stage::Operate),
        ("destroy", Stage::Operate),
        ("release-notes", Stage::Source),
        ("apply", Stage::Provision),
        ("team-delete-uat-release", Stage::Operate),
        ("package-lambda", Stage::Package),
        ("build-push-image", Stage::Publish),
    ];
    for (name, stage) in table {
        assert_eq!(words().stage(name), Some(stage), "{name}");
    }
}

#[test]
fn unclear_names_have_none() {
    let names = [
        "",
        "main",
        "index.js",
        "ci",
        "setup",
        "product",
        "latest",
        "contest",
        "builder-pattern",
        "undeployed",
        "continuous-integration",
        "pre-deploy",
        "lint-test-scan",
        "test-release",
        "entrypoint.sh",
        "utils",
        "\u{fffc}",
        "manage.py",
        "build-PublishGrantEvents",
        "hasura-apply",
        "docker-problem-matcher",
        "make-migrations",
        "terraform-init",
        "verify-headers",
        "pull-request",
        "testament",
    ];
    for name in names {
        assert_eq!(words().stage(name), None, "{name}");
    }
}

#[test]
fn helpers_for_a_developers_machine_are_told() {
    for name in [
        "start",
        "watch",
        "test:watch",
        "serve",
        "start:dev",
        "compose-up",
        "docker-down",
        "shell",
        "clean",
        "deploy-local",
        "dev",
        "run",
        "start:audit-worker",
        "debug:scan",
    ] {
        assert!(words().local(name), "{name}");
    }
    for name in [
        "build",
        "deploy-dev",
        "dev-deploy",
        "test",
        "lint",
        "clean-up",
        "scale-up",
        "start-deploy",
        "dev:deploy",
        "start-graphql-prod",
        "setup.sh",
        "push",
        "build:dev",
        "",
    ] {
        assert!(!words().local(name), "{name}");
    }
}

#[test]
fn files_for_a_developers_machine_are_told_from_servers() {
    let local = [
        "docker-compose.override.yml",
        "docker-compose.dev.yml",
        "docker/Dockerfile.dev",
        ".devcontainer/Dockerfile",
        "values.local.yaml",
    ];
    for path in local {
        assert!(words().local_file(path), "{path}");
        assert!(!words().server_file(path), "{path}");
    }
    for path in [
        "docker-compose.prod.yml",
        "deploy/docker-compose.yml",
        "docker-stack.yml",
        "compose.staging.yaml",
        "infra/prod-eu/compose.yml",
    ] {
        assert!(words().server_file(path), "{path}");
        assert!(!words().local_file(path), "{path}");
    }
    for path in ["docker-compose.yml", "Dockerfile", "values.dev.yaml", "fullstack/docker-compose.yml", "product/compose.yml"] {
        assert!(!words().local_file(path), "{path}");
        assert!(!words().server_file(path), "{path}");
    }
}

#[test]
fn fixtures_are_told_from_environments_of_that_name() {
    for path in [
        "examples/app/Dockerfile",
        "src/test/resources/x.yaml",
        "tests/e2e/compose.yml",
        "test/fixtures/a.tf",
        "docs/examples/k8s.yaml",
        "vendor/x/Makefile",
    ] {
        assert!(words().fixture_path(path), "{path}");
    }
    for path in [
        "overlays/test/kustomization.yaml",
        "terraform/test/main.tf",
        "charts/app/templates/deployment.yaml",
        "src/main.rs",
        "test.yml",
        "latest/a.yml",
    ] {
        assert!(!words().fixture_path(path), "{path}");
    }
}

#[test]
fn a_folder_is_an_environment_beside_others() {
    let folders = ["a", "a/delivery", "a/delivery/test", "a/delivery/prod", "a/web", "a/web/test", "a/web/main"];
    let folders = folders.into_iter().map(str::to_owned).collect();
    let environments = crate::catalogue::Catalogue::embedded().environments();
    let fixture = |path| words().fixture_unless(path, |f| environments.beside_others(f, &folders));
    let found = ["a/delivery/test/x.yaml", "a/web/test/x.yaml", "a/delivery/test/fixtures/x.yaml"].map(fixture);
    assert_eq!(found, [false, true, true]);
}

#[test]
fn lists_of_charts_and_samples_in_documents_are_told() {
    for path in ["devspace.yaml", "deploy/werf.yaml"] {
        assert!(words().lists_cluster_files(path), "{path}");
    }
    for read in ["helmfile.yaml", "skaffold.yaml"] {
        assert!(!words().lists_cluster_files(read), "{read}");
    }
    assert!(words().documented_sample("docs/operator-manual/config.yaml"));
    assert!(!words().documented_sample("deploy/docs.yaml"));
}

#[test]
fn images_of_others_are_told_from_own_ones() {
    let others = [
        "postgres",
        "postgres:13-alpine",
        "docker.io/library/redis:6",
        "bitnami/kafka",
        "mcr.microsoft.com/mssql/server:2022-latest",
        "docker.elastic.co/elasticsearch/elasticsearch:8",
        "nginx@sha256:0",
        "public.ecr.aws/docker/library/nginx",
        "localstack/localstack:2",
        "gcr.io/distroless/static",
    ];
    for image in others {
        assert!(words().third_party_image(image), "{image}");
    }
    for image in [
        "ghcr.io/acme/postgres",
        "acme/nginx",
        "app",
        "localhost:5000/redis-own",
        "registry.acme.example/redis:1",
        "gcr.io/acme/app",
        "",
        ":",
    ] {
        assert!(!words().third_party_image(image), "{image}");
    }
}

#[test]
fn names_that_only_set_up_are_told() {
    for name in ["setup-node", "install-tools", "ecr-login", "cache-deps", "action-setup"] {
        assert!(words().sets_up(name), "{name}");
    }
    for name in ["deploy", "lint-action", "test-setup-scripts"] {
        assert!(!words().sets_up(name), "{name}");
    }
}
