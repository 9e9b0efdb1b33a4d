//! Questions about what is shipped: images, their scans and signatures, versions, promotion.

use super::answer;

const PUSH: &str = "name: ship
on:
  push:
    branches: [main]
jobs:
  ship:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker build -t registry.example.com/shop/cart:$GITHUB_SHA .
      - run: docker push registry.example.com/shop/cart:$GITHUB_SHA
";

/// The pipeline with another step after one that has this text.
fn with_step(after: &str, step: &str) -> String {
    let at = PUSH.find(after).unwrap();
    let end = at + PUSH[at..].find('\n').unwrap() + 1;
    format!("{}{step}{}", &PUSH[..end], &PUSH[end..])
}

fn status(files: &[(&str, &str)], id: &str) -> String {
    answer(files, id).0
}

fn of_image(dockerfile: &str, id: &str) -> (String, String, Vec<String>) {
    answer(&[(".github/workflows/ship.yml", PUSH), ("Dockerfile", dockerfile)], id)
}

#[test]
fn a_user_other_than_root_stands_in_the_stage_that_is_built() {
    let (status, _, places) =
        of_image("FROM node:22.1 AS build\nRUN npm ci\nFROM node:22.1\nUSER node\nCMD [\"node\", \"a.js\"]\n", "nonroot-user");
    assert_eq!((status.as_str(), places), ("present", vec!["Dockerfile:4".to_owned()]));
    // The user of a stage that is only copied from is not the image's.
    let (status, _, places) =
        of_image("FROM node:22.1 AS build\nUSER node\nRUN npm ci\nFROM nginx:1.27\nCOPY --from=build /a /b\n", "nonroot-user");
    assert_eq!((status.as_str(), places), ("absent", vec!["Dockerfile:4".to_owned()]));
    // That of a stage that is started from is.
    assert_eq!(of_image("FROM node:22.1 AS base\nUSER node\nFROM base\nCMD [\"a\"]\n", "nonroot-user").0, "present");
    assert_eq!(of_image("FROM node:22.1\nUSER node\nUSER root\nCMD [\"a\"]\n", "nonroot-user").0, "absent");
    assert_eq!(of_image("ARG WHO=0\nFROM node:22.1\nARG WHO=root\nUSER ${WHO}\n", "nonroot-user").0, "absent");
    assert_eq!(of_image("FROM nginxinc/nginx-unprivileged:1.27\nCOPY a /a\n", "nonroot-user").0, "present");
}

#[test]
fn the_manifest_may_ask_for_another_user() {
    let manifest = |line: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart\nspec:\n  template:\n    spec:\n      securityContext:\n        {line}\n      containers:\n        - name: cart\n          image: registry.example.com/shop/cart:1.0\n"
        )
    };
    let ask = |line: &str| {
        let text = manifest(line);
        let files = [(".github/workflows/ship.yml", PUSH), ("Dockerfile", "FROM node:22.1\n"), ("k8s/cart.yaml", text.as_str())];
        answer(&files, "nonroot-user")
    };
    assert_eq!(
        (ask("runAsNonRoot: true").0.as_str(), ask("runAsNonRoot: true").2),
        ("present", vec!["k8s/cart.yaml:9".to_owned()])
    );
    assert_eq!(ask("# runAsNonRoot: true\n        fsGroup: 1").0, "absent");
    // Another one's manifest says nothing of this image.
    let other = manifest("runAsNonRoot: true").replace("shop/cart", "shop/order").replace("name: cart", "name: order");
    let files = [(".github/workflows/ship.yml", PUSH), ("Dockerfile", "FROM node:22.1\n"), ("k8s/order.yaml", other.as_str())];
    assert_eq!(status(&files, "nonroot-user"), "absent");
}

#[test]
fn a_repository_without_images_is_not_asked_about_them() {
    let files = [("Dockerfile.dev", "FROM node\n"), ("README.md", "# nothing\n")];
    for id in [
        "nonroot-user",
        "pinned-base-image",
        "image-scan",
        "image-scan-before-push",
        "image-signed",
        "sbom",
        "build-once-promote",
    ] {
        assert_eq!(status(&files, id), "not-applicable", "{id}");
    }
}

#[test]
fn base_images_are_pinned_by_a_digest_or_a_version() {
    let ask = |text: &str| of_image(text, "pinned-base-image");
    assert_eq!(ask("FROM node:22.1-alpine\n").0, "present");
    assert_eq!(ask("FROM node@sha256:0123 AS build\nFROM build\n").2, ["Dockerfile:1"]);
    let (status, why, places) = ask("FROM node:22.1 AS build\nRUN npm ci\nFROM nginx:alpine\nCOPY --from=build /a /b\n");
    assert_eq!((status.as_str(), places), ("absent", vec!["Dockerfile:3".to_owned()]));
    assert!(why.contains("nginx:alpine"), "{why}");
    // What the version of the system is does not pin the version of the product.
    assert_eq!(ask("FROM node:22-alpine3.19\n").0, "absent");
    // A stage that the image does not take is not built.
    assert_eq!(ask("FROM node:latest AS playground\nRUN npm ci\nFROM node:22.1\nCMD [\"a\"]\n").0, "present");
    assert_eq!(ask("ARG VERSION\nFROM node:${VERSION}\n").0, "unknown");
    assert_eq!(ask("ARG FROM_STAGE=base\nFROM node:22.1 AS base\nFROM ${FROM_STAGE}\n").0, "present");
}

#[test]
fn an_image_scan_is_no_scan_of_files() {
    let ask = |step: &str, id: &str| {
        let text = with_step("docker build", step);
        answer(&[(".github/workflows/ship.yml", text.as_str()), ("Dockerfile", "FROM node:22.1\n")], id)
    };
    let (status, _, places) =
        ask("      - run: trivy image --exit-code 1 registry.example.com/shop/cart:$GITHUB_SHA\n", "image-scan");
    assert_eq!((status.as_str(), places), ("present", vec![".github/workflows/ship.yml:11".to_owned()]));
    assert_eq!(ask("      - run: trivy fs .\n", "image-scan").0, "absent");
    assert_eq!(ask("      - run: trivy fs .\n", "image-scan-before-push").0, "absent");
    let registry = [
        (".github/workflows/ship.yml", PUSH),
        ("Dockerfile", "FROM node:22.1\n"),
        (
            "infra/main.tf",
            "resource \"aws_ecr_repository\" \"cart\" {\n  name = \"cart\"\n  image_scanning_configuration {\n    scan_on_push = true\n  }\n}\n",
        ),
    ];
    assert_eq!(answer(&registry, "image-scan").2, ["infra/main.tf:4"]);
}

#[test]
fn a_scan_guards_the_push_only_where_it_comes_first_and_can_fail() {
    let scan = "      - run: trivy image --exit-code 1 registry.example.com/shop/cart:$GITHUB_SHA\n";
    let ask = |text: &str| {
        answer(&[(".github/workflows/ship.yml", text), ("Dockerfile", "FROM node:22.1\n")], "image-scan-before-push")
    };
    assert_eq!(ask(&with_step("docker build", scan)).0, "present");
    let (status, why, places) = ask(&with_step("docker push", scan));
    assert_eq!((status.as_str(), places), ("absent", vec![".github/workflows/ship.yml:11".to_owned()]), "{why}");
    assert_eq!(ask(&with_step("docker build", &scan.replace('\n', " || true\n"))).0, "absent");
    let jobs = |needs: &str| {
        format!(
            "on:\n  push:\n    branches: [main]\njobs:\n  scan:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build -t a/cart:1.0 .\n      - run: trivy image a/cart:1.0\n  ship:\n    {needs}runs-on: ubuntu-latest\n    steps:\n      - run: docker push a/cart:1.0\n"
        )
    };
    assert_eq!(ask(&jobs("needs: scan\n    ")).0, "present");
    assert_eq!(ask(&jobs("")).0, "absent");
}

#[test]
fn images_are_signed_and_not_only_looked_at() {
    let ask = |step: &str| {
        let text = with_step("docker push", step);
        answer(&[(".github/workflows/ship.yml", text.as_str()), ("Dockerfile", "FROM node:22.1\n")], "image-signed").0
    };
    assert_eq!(ask("      - run: cosign sign --yes registry.example.com/shop/cart:$GITHUB_SHA\n"), "present");
    assert_eq!(ask("      - run: cosign verify registry.example.com/shop/base:1.0\n"), "absent");
    assert_eq!(
        ask("      - uses: actions/attest-build-provenance@v2\n        with:\n          subject-path: dist/a.zip\n"),
        "absent"
    );
    assert_eq!(
        ask(
            "      - uses: actions/attest-build-provenance@v2\n        with:\n          subject-name: registry.example.com/shop/cart\n          push-to-registry: true\n"
        ),
        "present"
    );
}

#[test]
fn a_bill_of_materials_is_made_by_a_step_or_an_option() {
    let ask = |text: &str| answer(&[(".github/workflows/ship.yml", text), ("Dockerfile", "FROM node:22.1\n")], "sbom").0;
    assert_eq!(
        ask(&with_step("docker push", "      - uses: anchore/sbom-action@v0\n        with:\n          image: a/cart\n")),
        "present"
    );
    let built = |sbom: &str| {
        with_step(
            "docker push",
            &format!(
                "      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          sbom: {sbom}\n          tags: a/cart:1.0\n"
            ),
        )
    };
    assert_eq!(
        (ask(&built("true")).as_str(), ask(&built("false")).as_str(), ask(PUSH).as_str()),
        ("present", "absent", "absent")
    );
}

#[test]
fn a_tag_leads_back_to_a_commit_or_a_version() {
    let ask = |tag: &str| {
        let text = PUSH.replace("$GITHUB_SHA", tag);
        answer(&[(".github/workflows/ship.yml", text.as_str()), ("Dockerfile", "FROM node:22.1\n")], "artifact-version-traceable")
            .0
    };
    for tag in ["$GITHUB_SHA", "${{ github.sha }}", "1.4.2", "$(git rev-parse --short HEAD)", "main-${GITHUB_RUN_NUMBER}"] {
        assert_eq!(ask(tag), "present", "{tag}");
    }
    for tag in ["latest", "production", "${GITHUB_REF_NAME}", "$(git rev-parse --abbrev-ref HEAD)"] {
        assert_eq!(ask(tag), "absent", "{tag}");
    }
    assert_eq!(ask("$WHATEVER"), "unknown");
    // A variable is what the pipeline says it is.
    let text = PUSH.replace("$GITHUB_SHA", "$NAME").replace("jobs:\n", "env:\n  NAME: build-${{ github.sha }}\njobs:\n");
    let files = [(".github/workflows/ship.yml", text.as_str()), ("Dockerfile", "FROM node:22.1\n")];
    assert_eq!(status(&files, "artifact-version-traceable"), "present");
    let rules = |rules: &str| {
        let meta = format!(
            "      - id: meta\n        uses: docker/metadata-action@v5\n        with:\n          images: a/cart\n{rules}      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          tags: ${{{{ steps.meta.outputs.tags }}}}\n"
        );
        let text = with_step("actions/checkout", &meta);
        let text = &text[..text.find("      - run: docker build").unwrap()];
        answer(&[(".github/workflows/ship.yml", text), ("Dockerfile", "FROM node:22.1\n")], "artifact-version-traceable").0
    };
    assert_eq!(rules("          tags: |\n            type=ref,event=branch\n            type=sha\n"), "present");
    assert_eq!(rules("          tags: |\n            type=ref,event=branch\n"), "absent");
}

/// A pipeline with a build and a deploy to staging and to production.
fn promotion(production: &str) -> String {
    format!(
        "on:\n  push:\n    branches: [main]\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build -t a/cart:$GITHUB_SHA .\n      - run: docker push a/cart:$GITHUB_SHA\n  staging:\n    needs: build\n    environment: staging\n    runs-on: ubuntu-latest\n    steps:\n      - run: kubectl set image deployment/cart cart=a/cart:$GITHUB_SHA\n{production}"
    )
}

#[test]
fn what_goes_to_production_was_in_staging_before() {
    let job = |steps: &str| {
        format!(
            "  production:\n    needs: staging\n    environment: production\n    runs-on: ubuntu-latest\n    steps:\n{steps}      - run: kubectl set image deployment/cart cart=a/cart:$GITHUB_SHA\n"
        )
    };
    let ask = |files: &[(&str, &str)]| {
        let mut all = vec![("Dockerfile", "FROM node:22.1\n")];
        all.extend(files);
        answer(&all, "build-once-promote")
    };
    let once = promotion(&job(""));
    assert_eq!(ask(&[(".github/workflows/ship.yml", &once)]).0, "present");
    // A pipeline of the tag builds again.
    let first = promotion("");
    let again = "on:\n  push:\n    tags: ['v*']\njobs:\n  production:\n    environment: production\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build -t a/cart:$GITHUB_REF_NAME .\n      - run: docker push a/cart:$GITHUB_REF_NAME\n      - run: kubectl set image deployment/cart cart=a/cart:$GITHUB_REF_NAME\n";
    let (status, why, places) = ask(&[(".github/workflows/ship.yml", &first), (".github/workflows/tag.yml", again)]);
    assert_eq!((status.as_str(), places), ("absent", vec![".github/workflows/tag.yml:9".to_owned()]), "{why}");
    // One that only tags what is there does not.
    let promotes = again.replace(
        "docker build -t a/cart:$GITHUB_REF_NAME .",
        "docker pull a/cart:$GITHUB_SHA && docker tag a/cart:$GITHUB_SHA a/cart:$GITHUB_REF_NAME",
    );
    assert_eq!(ask(&[(".github/workflows/ship.yml", &first), (".github/workflows/tag.yml", &promotes)]).0, "present");
    assert_eq!(ask(&[(".github/workflows/ship.yml", &first)]).0, "not-applicable");
}

#[test]
fn the_odd_artifact_is_named() {
    let compose = "services:\n  cart:\n    image: a/cart\n    build: cart\n  order:\n    image: a/order\n    build: order\n";
    let ship = "on:\n  push:\n    branches: [main]\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build -t a/cart:$GITHUB_SHA cart\n      - run: docker push a/cart:$GITHUB_SHA\n      - run: docker build -t a/order:$GITHUB_SHA order\n      - run: docker push a/order:$GITHUB_SHA\n      - run: kubectl set image deployment/cart cart=a/cart:$GITHUB_SHA\n      - run: kubectl set image deployment/order order=a/order:$GITHUB_SHA\n";
    let files = [
        (".github/workflows/ship.yml", ship),
        ("cart/Dockerfile", "FROM node:22.1\n"),
        ("order/Dockerfile", "FROM node:22.1\n"),
        ("docker-compose.yml", compose),
    ];
    assert_eq!(status(&files, "one-artifact-kind"), "present");
    assert_eq!(
        status(&[(".github/workflows/ship.yml", PUSH), ("Dockerfile", "FROM node:22.1\n")], "one-artifact-kind"),
        "not-applicable"
    );
    let odd = format!("{ship}      - run: serverless deploy\n        working-directory: mailer\n");
    let function =
        "service: mailer\nprovider:\n  name: aws\n  runtime: nodejs20.x\nfunctions:\n  send:\n    handler: index.send\n";
    let mut with_odd = files.to_vec();
    with_odd[0].1 = odd.as_str();
    with_odd.extend([("mailer/serverless.yml", function), ("mailer/package.json", "{\"name\": \"mailer\", \"private\": true}")]);
    let (status, why, _) = answer(&with_odd, "one-artifact-kind");
    assert_eq!(status, "absent", "{why}");
    assert!(why.contains("function archive") && why.contains("mailer"), "{why}");
}
