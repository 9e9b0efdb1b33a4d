use super::*;

fn environments() -> Environments {
    Environments::embedded()
}

#[test]
fn the_embedded_words_are_read() {
    let lists: Result<Lists, _> = table::single(source());
    assert!(lists.is_ok(), "{lists:?}");
    assert!(environments().tables.tiers.len() > 50);
}

#[test]
fn only_the_short_forms_are_written_out() {
    let table = [
        ("prod", "production"),
        ("PRD", "production"),
        ("Live", "production"),
        ("stg", "staging"),
        ("stage", "staging"),
        ("dev", "development"),
        ("develop", "development"),
        ("uat", "uat"),
        ("QA", "qa"),
        ("testing", "testing"),
        ("preproduction", "preproduction"),
        ("pre-prod", "pre-prod"),
        ("Integration", "integration"),
        ("sandbox", "sandbox"),
        ("non-prod", "non-prod"),
        ("github-pages", "github-pages"),
        ("azure", "azure"),
        ("customer-facing", "customer-facing"),
    ];
    for (given, written) in table {
        assert_eq!(environments().normalise(given), written, "{given}");
    }
}

#[test]
fn numbers_countries_accounts_and_product_prefixes_are_dropped() {
    let table = [
        ("prod-eu", "production"),
        ("production2", "production"),
        ("prod_us_east_1", "production"),
        ("staging-westeurope", "staging"),
        ("eu-west-1-prod", "production"),
        ("useast1-staging", "staging"),
        ("dev-123456789012", "development"),
        ("dev-wp-np3-15", "development"),
        ("prod-solr-\u{fffc}", "production"),
        ("dev-\u{fffc}", "development"),
        ("qa1", "qa"),
        ("test-2", "test"),
        ("shop-live", "production"),
        ("acme-shop-stg", "staging"),
        ("review/topic-7", "review"),
        ("review/\u{fffc}", "review"),
        ("production/eu", "production"),
        ("prod-blue", "production-blue"),
        ("blue-prod", "blue-production"),
        ("prod-canary", "production-canary"),
        ("cluster-2", "cluster"),
        ("eu-1", "eu-1"),
        ("Production \u{2013} frontend", "production-frontend"),
    ];
    for (given, written) in table {
        assert_eq!(environments().normalise(given), written, "{given}");
    }
}

#[test]
fn tiers_are_read_off_the_words_and_never_guessed_upwards() {
    let table = [
        ("production", Tier::Production),
        ("production-blue", Tier::Production),
        ("canary", Tier::Production),
        ("dr", Tier::Production),
        ("github-pages", Tier::Production),
        ("staging", Tier::Staging),
        ("uat", Tier::Staging),
        ("pre-prod", Tier::Staging),
        ("preprod", Tier::Staging),
        ("acceptance", Tier::Staging),
        ("qa", Tier::Test),
        ("testing", Tier::Test),
        ("integration", Tier::Test),
        ("production-test", Tier::Test),
        ("development", Tier::Development),
        ("sandbox", Tier::Development),
        ("non-prod", Tier::Development),
        ("review", Tier::Preview),
        ("review/topic", Tier::Preview),
        ("pr-17", Tier::Preview),
        ("preview", Tier::Preview),
        ("product", Tier::Unknown),
        ("demo", Tier::Unknown),
        ("devops", Tier::Unknown),
        ("", Tier::Unknown),
    ];
    for (name, tier) in table {
        assert_eq!(environments().tier(name), tier, "{name}");
    }
}

#[test]
fn hints_name_an_environment_on_word_borders() {
    let table = [
        ("deploy-prod", "production"),
        ("Deploy to Production", "production"),
        ("deploy_staging_eu", "staging"),
        ("k8s/overlays/prod/kustomization.yaml", "production"),
        ("environments/dev/main.tf", "development"),
        ("values-uat.yaml", "uat"),
        ("prod.tfvars", "production"),
        ("https://staging.acme.dev", "staging"),
        ("arn:aws:eks:us-east-1:123456789012:cluster/prod", "production"),
        ("environments/prod/test.tf", "production"),
        ("config/test/values.yaml", "test"),
        ("overlays/live", "production"),
        ("live/staging/app", "staging"),
        ("inventory/int.ini", "int"),
        ("test", "test"),
        ("stage", "staging"),
        ("promote-staging-to-production", "production"),
        ("release/prod2", "production"),
        ("namespace=qa", "qa"),
        ("apps/pre-prod/deployment.yaml", "pre-prod"),
        ("sandbox/secrets.yml", "sandbox"),
        ("docker-compose.production.yml", "production"),
    ];
    for (text, name) in table {
        assert_eq!(environments().find_in(text).as_deref(), Some(name), "{text}");
    }
}

#[test]
fn words_that_mean_something_else_are_no_environment() {
    let texts = [
        "product",
        "products/list",
        "reproduce",
        "devops",
        "latest",
        "unit-test",
        "build-test",
        "stage-1-commit",
        "stage-3-build.yaml",
        "dev-dependencies",
        "requirements-dev.txt",
        "live-reload",
        "dockerfile.dev",
        "Dockerfile.dev",
        "integration-tests",
        "ci-build",
        "deployProd",
        "src/test/resources",
        "test-results",
        "developer-guide",
        "prod\u{fffc}",
        "\u{fffc}",
        "",
        "production-dependencies",
        "apps/ingest-staging-manager/Chart.yaml",
        "staging-area",
        "https://api.acme.dev/health",
        "acc-tests",
        "print",
        "sitemap",
        "delivery",
        "alive",
        "contest",
        "development-tools",
        "ci: build",
        "ci/rollout.yaml",
        "Run test suite",
    ];
    for text in texts {
        assert_eq!(environments().find_in(text), None, "{text}");
    }
}

#[test]
fn folders_say_by_their_neighbours_which_of_them_is_an_environment() {
    let folders: BTreeSet<String> = [
        "k8s",
        "k8s/live",
        "k8s/live/dev",
        "k8s/live/scripts",
        "k8s/live/staging",
        "envs",
        "envs/edge",
        "envs/prod",
        "envs/shared",
        "apps/edge",
    ]
    .map(str::to_owned)
    .into();
    let found = |path: &str| environments().find_in_path(path, &folders);
    assert_eq!(found("k8s/live/scripts/deploy.sh"), None);
    assert_eq!(found("k8s/live/staging/deployment.yaml").as_deref(), Some("staging"));
    assert_eq!(found("envs/edge/main.tf").as_deref(), Some("edge"));
    assert_eq!(found("envs/prod/main.tf").as_deref(), Some("production"));
    assert_eq!(found("envs/shared/main.tf"), None);
    assert_eq!(found("apps/edge/main.tf"), None);
    assert_eq!(found("deploy/live/app.yaml").as_deref(), Some("production"));
}

#[test]
fn a_short_form_that_begins_no_word_is_told_from_what_is_glued_to_it() {
    let find = |text: &str| environments().find_in(text);
    assert_eq!(find("shop-stgdjango-config-us-east-1").as_deref(), Some("staging"));
    assert_eq!(find("prddjango").as_deref(), Some("production"));
    for other in ["prds", "prdx", "prodigy", "devotion", "stgs", "echostgdjango"] {
        assert_eq!(find(other), None, "{other}");
    }
}
