#![allow(clippy::expect_used)]

use super::super::{Role, Trait};
use super::*;
use Stage::{Build, Check, Configure, Deploy, Operate, Package, Provision, Publish, Release, Scan, Source, Test, Verify};

const GITHUB: &str = "github-actions";

fn text(text: &str) -> Value {
    Value::text(text)
}

fn classify(name: &str, inputs: &[(&str, Value)]) -> Option<Class> {
    of_version(name, "v4", inputs)
}

fn of_version(name: &str, version: &str, inputs: &[(&str, Value)]) -> Option<Class> {
    let inputs = inputs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    BuiltIns::embedded().classify(GITHUB, name, version, &inputs)
}

fn stage(name: &str, inputs: &[(&str, Value)]) -> Option<Stage> {
    classify(name, inputs).and_then(|c| c.stage())
}

#[test]
fn the_tables_are_read_and_no_name_stands_twice() {
    let files = table::entries::<Vec<Row>>(source()).map_err(|e| e.to_string()).expect("tables");
    assert_eq!(files.len(), BuiltIns::embedded().vendors.len());
    assert!(files.len() > 1 && files.iter().all(|f| !f.data.is_empty()));
    for (vendor, table) in BuiltIns::embedded().vendors {
        for (name, rows) in &table.exact {
            let versions: std::collections::HashSet<String> =
                rows.iter().map(|(_, i)| format!("{:?}", table.rows[*i].version)).collect();
            assert_eq!(versions.len(), rows.len(), "{vendor}: {name} stands twice");
        }
    }
}

#[test]
fn every_name_classifies_as_its_own_row() {
    for (vendor, table) in BuiltIns::embedded().vendors {
        for row in &table.rows {
            let version = row.version.iter().next().map_or("", String::as_str);
            for name in row.uses.iter() {
                let example = name.replace('*', "zz");
                let class = BuiltIns::embedded().classify(vendor, &example, version, &BTreeMap::new());
                assert_eq!(class.map(|c| c.row), Some(name.clone()), "{vendor}: {example}");
                let capitals = BuiltIns::embedded().classify(vendor, &example.to_uppercase(), version, &BTreeMap::new());
                assert!(capitals.is_some(), "{vendor}: {example} in capitals");
            }
        }
    }
}

#[test]
fn an_image_is_published_where_the_push_is_true_or_not_known() {
    let build = "docker/build-push-action";
    assert_eq!(stage(build, &[]), Some(Package));
    assert_eq!(stage(build, &[("push", text("false"))]), Some(Package));
    for push in [text("true"), text("\u{fffc}"), Value::Unknown, Value::one_of(vec!["true".into(), "false".into()])] {
        let class = classify(build, &[("push", push)]).expect("a class");
        assert_eq!((class.stage(), class.also.as_slice()), (Some(Publish), [Package].as_slice()));
    }
    assert_eq!(stage(build, &[("outputs", text("type=image,name=x,push=true"))]), Some(Publish));
    assert_eq!(stage(build, &[("outputs", text("type=docker"))]), Some(Package));
}

#[test]
fn version_one_pushes_unless_it_is_told_not_to() {
    let build = "docker/build-push-action";
    assert_eq!(of_version(build, "v1", &[]).and_then(|c| c.stage()), Some(Publish));
    assert_eq!(of_version(build, "v1.1.0", &[("push", text("false"))]).and_then(|c| c.stage()), Some(Package));
    assert_eq!(of_version(build, "v10", &[]).and_then(|c| c.stage()), Some(Package));
}

#[test]
fn values_are_read_by_role() {
    let class = classify(
        "docker/build-push-action",
        &[("tags", text("ghcr.io/acme/app:1\nacme/app:\u{fffc}")), ("file", text("app/Dockerfile")), ("context", text("app"))],
    )
    .expect("a class");
    assert_eq!(class.role(Role::Image).collect::<Vec<_>>(), ["ghcr.io/acme/app:1", "acme/app:\u{fffc}"]);
    assert_eq!(class.role(Role::File).collect::<Vec<_>>(), ["app/Dockerfile"]);
    assert_eq!(class.role(Role::Dir).collect::<Vec<_>>(), ["app"]);
    let class = classify("serverless/github-action", &[("args", text("deploy --stage prod"))]).expect("a class");
    assert_eq!(class.role(Role::Environment).collect::<Vec<_>>(), ["prod"]);
    let class = classify("amondnet/vercel-action", &[("vercel-args", text("--prod"))]).expect("a class");
    assert_eq!(class.role(Role::Environment).collect::<Vec<_>>(), ["production"]);
    let class = classify("aws-actions/amazon-ecs-deploy-task-definition", &[("cluster", text("\u{fffc}"))]).expect("a class");
    assert_eq!(class.role(Role::Environment).count(), 0, "nothing is known");
}

#[test]
fn rulings_decide_the_stage() {
    let table = [
        ("actions/checkout", Source),
        ("Actions/Checkout", Source),
        ("docker/metadata-action", Source),
        ("actions/upload-artifact", Package),
        ("actions/attest-build-provenance", Scan),
        ("actions/deploy-pages", Deploy),
        ("actions/dependency-review-action", Scan),
        ("github/codeql-action/analyze", Scan),
        ("codecov/codecov-action", Test),
        ("dorny/test-reporter", Test),
        ("psf/black", Check),
        ("bridgecrewio/checkov-action", Scan),
        ("dawidd6/action-ansible-playbook", Configure),
        ("actions/stale", Operate),
        ("slackapi/slack-github-action", Operate),
        ("jtalk/url-health-check-action", Verify),
        ("slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml", Scan),
        ("dockersamples/.github/.github/workflows/reusable-docker-build.yaml", Publish),
    ];
    for (name, expected) in table {
        assert_eq!(stage(name, &[]), Some(expected), "{name}");
    }
    for glue in [
        "github/codeql-action/init",
        "github/codeql-action/autobuild",
        "step-security/harden-runner",
        "docker/login-action",
        "actions/cache",
    ] {
        assert_eq!(classify(glue, &[]).map(|c| c.action), Some(Action::Glue), "{glue}");
    }
}

#[test]
fn a_look_at_infrastructure_is_told_from_a_change() {
    let look = |name: &str, inputs: &[(&str, Value)]| classify(name, inputs).is_some_and(|c| c.is(Trait::LookOnly));
    assert!(look("dflook/terraform-plan", &[]));
    assert!(!look("dflook/terraform-apply", &[]));
    assert!(look("pulumi/actions", &[("command", text("preview"))]));
    assert!(!look("pulumi/actions", &[("command", Value::Unknown)]));
    assert!(!look("pulumi/actions", &[("command", Value::one_of(vec!["preview".into(), "up".into()]))]));
    assert_eq!(stage("dflook/terraform-destroy", &[]), Some(Operate));
    assert_eq!(stage("dflook/terraform-fmt-check", &[]), Some(Check));
}

#[test]
fn gates_and_local_clusters_have_their_traits() {
    let has = |name: &str, t: Trait| classify(name, &[]).is_some_and(|c| c.is(t));
    assert!(has("trstringer/manual-approval", Trait::Approval));
    for name in ["helm/kind-action", "medyagh/setup-minikube", "LocalStack/setup-localstack"] {
        assert!(has(name, Trait::LocalCluster), "{name}");
    }
    assert!(has("googleapis/release-please-action", Trait::PersonMerges));
    assert!(has("changesets/action", Trait::PersonMerges));
    let waits = classify("aws-actions/amazon-ecs-deploy-task-definition", &[("wait-for-service-stability", text("true"))]);
    assert!(waits.is_some_and(|c| c.is(Trait::Waits) && c.also == [Verify]));
}

#[test]
fn a_script_of_githubs_interface_is_told_by_its_calls() {
    let script = |code: &str| classify("actions/github-script", &[("script", text(code))]).map(|c| c.action);
    assert_eq!(script("await github.rest.repos.createRelease({ tag_name })"), Some(Action::Step(Publish)));
    assert_eq!(script("github.rest.issues.createComment({ body: '\u{fffc}' })"), Some(Action::Step(Operate)));
    assert_eq!(script("core.setOutput('tag', '\u{fffc}')"), Some(Action::Glue));
    assert_eq!(stage("actions/github-script", &[("script", Value::Unknown)]), Some(Operate));
}

#[test]
fn shell_inputs_are_opened() {
    let tables = BuiltIns::embedded();
    assert_eq!(tables.shell_input(GITHUB, "appleboy/ssh-action"), Some(("script", WrapKind::Remote)));
    assert_eq!(tables.shell_input(GITHUB, "nick-fields/retry"), Some(("command", WrapKind::Plain)));
    assert_eq!(tables.shell_input(GITHUB, "azure/cli"), Some(("inlineScript", WrapKind::Plain)));
    assert_eq!(tables.shell_input(GITHUB, "actions-hub/kubectl"), None, "it holds arguments of a program");
    assert_eq!(tables.shell_input(GITHUB, "actions/checkout"), None);
    let ssh = classify("appleboy/ssh-action", &[("script", text("./update.sh"))]).map(|c| c.action);
    assert_eq!(ssh, Some(Action::Resolve { resolver: "shell".to_owned(), by_name: Some(Deploy) }));
    assert_eq!(classify("gradle/actions/setup-gradle", &[]).map(|c| c.action), Some(Action::Glue));
}

#[test]
fn an_unknown_name_counts_only_where_it_is_clear() {
    let low = classify("foo/terraform-lint-action", &[]).expect("a class");
    assert_eq!((low.stage(), low.confidence), (Some(Check), Confidence::Low));
    assert_eq!(stage("acme/deploy-to-ecs", &[]), Some(Deploy));
    assert_eq!(stage("acme/tools/.github/workflows/deploy-service.yml", &[]), Some(Deploy));
    assert_eq!(stage("acme/deploy-tools/.github/workflows/main.yml", &[]), Some(Deploy));
    assert_eq!(stage("acme/deploy-tools/.github/workflows/card-poster.yml", &[]), None, "the file has a name of its own");
    let deploys = classify("acme/tools/.github/workflows/deploy.yml", &[("environment", Value::text("prod"))]).expect("a class");
    assert_eq!(deploys.role(Role::Environment).collect::<Vec<_>>(), ["prod"]);
    assert_eq!(classify("acme/setup-tools", &[]).map(|c| c.action), Some(Action::Glue));
    for name in ["deploy-corp/widget", "acme/latest", "acme/product", "./.github/actions/deploy", "acme/\u{fffc}", "", "acme"] {
        assert_eq!(classify(name, &[]), None, "{name}");
    }
}

#[test]
fn images_and_other_servers_are_named_by_address() {
    let class = classify("docker://alpine:3.20", &[]).expect("a class");
    assert_eq!((&class.action, class.role(Role::Image).next()), (&Action::Glue, Some("alpine:3.20")));
    assert_eq!(stage("https://github.com/actions/checkout", &[]), Some(Source));
}

#[test]
fn a_pattern_that_a_long_script_almost_matches_is_no_trap() {
    let long = "a(".repeat(200_000);
    assert_eq!(stage("actions/github-script", &[("script", text(&long))]), None, "it calls nothing that changes anything");
    let holes = "\u{fffc}a".repeat(200_000);
    assert_eq!(stage("docker/build-push-action", &[("push", text(&holes))]), Some(Publish));
}

#[test]
fn a_vendor_without_a_table_knows_nothing() {
    assert_eq!(BuiltIns::embedded().classify("no-vendor", "slack/notify", "", &BTreeMap::new()), None);
}

/// What a built-in of a vendor is, with inputs that are known.
fn of_vendor(vendor: &str, name: &str, version: &str, inputs: &[(&str, &str)]) -> Option<Class> {
    let inputs = inputs.iter().map(|(k, v)| ((*k).to_owned(), text(v))).collect();
    BuiltIns::embedded().classify(vendor, name, version, &inputs)
}

/// A vendor, a built-in's name and version, its inputs and the stage that they give; no stage where it is no step.
type Case = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], Option<Stage>);

#[test]
fn each_vendors_built_ins_have_the_stage_that_their_inputs_ask_for() {
    let table: &[Case] = &[
        ("gitlab-ci", "template:Security/SAST.gitlab-ci.yml", "", &[], Some(Scan)),
        ("gitlab-ci", "template:Jobs/Build.gitlab-ci.yml", "", &[], Some(Publish)),
        ("gitlab-ci", "component:components/opentofu/apply", "2", &[], Some(Provision)),
        ("gitlab-ci", "keyword:release", "", &[("tag_name", "v1")], Some(Publish)),
        ("gitlab-ci", "keyword:artifacts", "", &[], None),
        ("azure-pipelines", "DotNetCoreCLI", "2", &[], Some(Build)),
        ("azure-pipelines", "DotNetCoreCLI", "2", &[("command", "test")], Some(Test)),
        ("azure-pipelines", "DotNetCoreCLI", "2", &[("command", "publish")], Some(Package)),
        ("azure-pipelines", "DotNetCoreCLI", "2", &[("command", "push")], Some(Publish)),
        (
            "azure-pipelines",
            "DotNetCoreCLI",
            "2",
            &[("command", "custom"), ("custom", "ef"), ("arguments", "database update")],
            Some(Configure),
        ),
        ("azure-pipelines", "DotNetCoreCLI", "2", &[("command", "custom"), ("custom", "tool"), ("arguments", "install x")], None),
        ("azure-pipelines", "Docker", "2", &[("repository", "shop")], Some(Publish)),
        ("azure-pipelines", "Docker", "2", &[("command", "build")], Some(Package)),
        ("azure-pipelines", "docker", "2", &[("command", "login")], None),
        ("azure-pipelines", "Docker", "1", &[("command", "Push an image")], Some(Publish)),
        ("azure-pipelines", "HelmDeploy", "0", &[], None),
        ("azure-pipelines", "HelmDeploy", "0", &[("command", "upgrade")], Some(Deploy)),
        ("azure-pipelines", "HelmDeploy", "1", &[("command", "package")], Some(Package)),
        ("azure-pipelines", "KubernetesManifest", "1", &[("action", "createSecret")], Some(Configure)),
        ("azure-pipelines", "Kubernetes", "1", &[("command", "get")], None),
        ("azure-pipelines", "TerraformTaskV4", "4", &[("command", "init")], None),
        ("azure-pipelines", "TerraformTaskV4", "4", &[("command", "validate")], Some(Check)),
        ("azure-pipelines", "TerraformTaskV4", "4", &[("command", "apply")], Some(Provision)),
        ("azure-pipelines", "PublishBuildArtifacts", "1", &[], Some(Package)),
        ("azure-pipelines", "AzureAppServiceManage", "0", &[("Action", "Restart Azure App Service")], Some(Operate)),
        ("azure-pipelines", "Npm", "1", &[("command", "ci")], Some(Build)),
        ("azure-pipelines", "Npm", "1", &[("command", "publish")], Some(Publish)),
        ("jenkins", "archiveArtifacts", "", &[("artifacts", "target/*.jar")], Some(Package)),
        ("jenkins", "docker.build", "", &[("arg", "shop")], Some(Package)),
        ("jenkins", "docker.image.push", "", &[("arg", "latest")], Some(Publish)),
        ("jenkins", "withCredentials", "", &[], None),
        ("jenkins", "slackSend", "", &[], Some(Operate)),
        ("circleci", "slack/notify", "", &[], Some(Operate)),
        ("circleci", "aws-ecr/build-and-push-image", "", &[("repo", "shop")], Some(Publish)),
        ("circleci", "aws-ecr/build_and_push_image", "", &[("push_image", "false")], Some(Package)),
        ("circleci", "persist_to_workspace", "", &[], None),
        ("circleci", "store_test_results", "", &[], Some(Test)),
        ("bitbucket-pipelines", "atlassian/aws-ecs-deploy", "1.0.0", &[], Some(Deploy)),
        ("bitbucket-pipelines", "atlassian/aws-lambda-deploy", "1", &[("COMMAND", "alias")], Some(Release)),
        ("buildkite", "docker-compose", "", &[("run", "app")], None),
        ("buildkite", "docker-compose", "", &[("push", "app")], Some(Publish)),
        ("buildkite", "artifacts", "", &[("download", "dist")], None),
        ("drone", "plugins/docker", "", &[("repo", "shop")], Some(Publish)),
        ("drone", "plugins/docker", "", &[("dry_run", "true")], Some(Package)),
        ("drone", "woodpeckerci/plugin-git", "", &[], Some(Source)),
        ("travis-ci", "deploy:pypi", "", &[], Some(Publish)),
        ("travis-ci", "deploy:heroku", "", &[("app", "shop")], Some(Deploy)),
        ("tekton", "buildah", "", &[("IMAGE", "shop")], Some(Publish)),
        ("tekton", "git-clone", "", &[], Some(Source)),
        ("concourse", "get:registry-image", "", &[], None),
        ("concourse", "put:registry-image", "", &[], Some(Publish)),
        ("concourse", "get:git", "", &[], Some(Source)),
        ("cloud-build", "gcr.io/kaniko-project/executor", "", &[("args", "--destination=shop:1")], Some(Publish)),
        ("cloud-build", "keyword:images", "", &[], Some(Publish)),
        ("appveyor", "deploy:NuGet", "", &[], Some(Publish)),
        ("semaphore", "test-results publish", "", &[], Some(Test)),
        ("code-pipeline", "Deploy/ECS", "", &[], Some(Deploy)),
        ("code-pipeline", "Deploy/CloudFormation", "", &[("ActionMode", "CREATE_UPDATE")], Some(Provision)),
        ("cloud-deploy", "DeliveryPipeline.stage", "", &[("targetId", "prod")], Some(Deploy)),
    ];
    for (vendor, name, version, inputs, expected) in table {
        let class = of_vendor(vendor, name, version, inputs).expect(name);
        assert_eq!(class.stage(), *expected, "{vendor}: {name} with {inputs:?}");
    }
}

#[test]
fn other_vendors_shell_inputs_programs_and_approvals_are_known() {
    let tables = BuiltIns::embedded();
    assert_eq!(tables.shell_input("azure-pipelines", "AzureCLI"), Some(("inlineScript", WrapKind::Plain)));
    assert_eq!(tables.shell_input("azure-pipelines", "SSH"), Some(("inline|commands", WrapKind::Remote)));
    assert_eq!(tables.shell_input("jenkins", "sshCommand"), Some(("command", WrapKind::Remote)));
    let file = of_vendor("azure-pipelines", "AzureCLI", "2", &[("scriptPath", "ci/deploy.sh")]).expect("a class");
    assert_eq!(file.role(Role::File).collect::<Vec<_>>(), ["ci/deploy.sh"]);
    assert_eq!(file.action, Action::Resolve { resolver: "script".to_owned(), by_name: None });
    let approval = |inputs| of_vendor("azure-pipelines", "ManualValidation", "1", inputs).expect("a class").is(Trait::Approval);
    assert!(approval(&[]));
    assert!(!approval(&[("onTimeout", "resume")]), "it goes on by itself");
    for (vendor, gate) in [
        ("circleci", "type:approval"),
        ("buildkite", "step:block"),
        ("tekton", "ApprovalTask"),
        ("semaphore", "keyword:promotion"),
        ("code-pipeline", "Approval/Manual"),
        ("cloud-deploy", "Target.requireApproval"),
    ] {
        assert!(of_vendor(vendor, gate, "", &[]).is_some_and(|c| c.is(Trait::Approval)), "{vendor}: {gate}");
    }
    let promotes = of_vendor("semaphore", "keyword:promotion", "", &[("auto_promote", "when: branch = 'main'")]);
    assert!(promotes.is_some_and(|c| !c.is(Trait::Approval)), "it goes on by itself");
    let plan = of_vendor("azure-pipelines", "TerraformCLI", "1", &[("command", "plan")]).expect("a class");
    assert!(plan.is(Trait::LookOnly));
    let goals = BTreeMap::from([("goals".to_owned(), text("clean deploy"))]);
    let maven = crate::catalogue::Catalogue::embedded().builtin("azure-pipelines", "Maven", "4", &goals);
    assert_eq!(maven.map(|c| c.action), Some(Action::Step(Publish)));
    let args = BTreeMap::from([("args".to_owned(), text("push eu.gcr.io/acme/shop:1"))]);
    let push = crate::catalogue::Catalogue::embedded().builtin("cloud-build", "gcr.io/cloud-builders/docker", "", &args);
    assert_eq!(push.map(|c| c.action), Some(Action::Step(Publish)));
}

#[test]
fn an_action_with_a_programs_arguments_is_what_the_command_is() {
    let catalogue = crate::catalogue::Catalogue::embedded();
    let of = |name: &str, input: &str, value: &str| {
        let inputs = BTreeMap::from([(input.to_owned(), text(value))]);
        catalogue.builtin(GITHUB, name, "v1", &inputs).map(|c| c.action)
    };
    let step = |stage: Stage| Some(Action::Step(stage));
    assert_eq!(of("cloud-gov/cg-cli-tools", "cf_command", "push shop -f manifest.yml"), step(Deploy));
    assert_eq!(of("cloud-gov/cg-cli-tools", "command", "cf set-env a B c\ncf set-env a D e\n"), step(Configure));
    assert_eq!(of("cloud-gov/cg-cli-tools", "cf_command", "run-task shop\n-c \"rake db:migrate\"\n-k 2G\n"), step(Configure));
    assert_eq!(of("cloud-gov/cg-cli-tools", "cf_command", "run-task shop\n-c \"bin/remind\"\n-k 2G\n"), step(Operate));
    assert_eq!(of("superfly/flyctl-actions", "args", "deploy --remote-only"), step(Deploy));
    assert_eq!(of("actions-hub/kubectl", "args", "apply -f k8s/"), step(Deploy));
    assert_eq!(of("actions-hub/kubectl", "args", "get pods"), Some(Action::Glue));
}
