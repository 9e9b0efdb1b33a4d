//! From a commit over an image and a configuration repository to what a controller applies: in one repository, and in several
//! that lie beside each other.

use prodpath::config::Config;
use prodpath::report::Report;
use prodpath::scan::scan;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A directory of repositories that is removed at the end.
struct Estate(PathBuf);

impl Estate {
    fn new(files: &[(&str, &str)]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("prodpath-estate-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(name);
        for (path, text) in files {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(dir)
    }

    fn alone(&self, repository: &str) -> Report {
        scan(&self.0.join(repository), &Config::default()).unwrap()
    }

    fn together(&self, repository: &str) -> Report {
        scan(&self.0.join(repository), &Config { with: vec![self.0.clone()], ..Config::default() }).unwrap()
    }
}

impl Drop for Estate {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a reader is told of the only service: verdict; then stage, environment, automation and gates of each deploy step by a
/// commit; then all gates.
fn told(report: &Report) -> String {
    let [service] = &report.services[..] else { panic!("{:?}", report.services) };
    let mut out = format!("{}\n", service.to_production.verdict);
    let sends = |text: &str| ["git push", "pr create", "/pulls"].iter().any(|what| text.contains(what));
    let commits = report.steps.iter().filter(|s| s.text.as_deref().is_some_and(sends));
    for step in commits {
        let environment = step.environment.as_deref().unwrap_or("-");
        let flags: Vec<String> = step.flags.iter().map(ToString::to_string).collect();
        out.push_str(&format!("{} {environment} {} {}\n", step.stage, step.automation, flags.join(",")));
    }
    let mut gates: Vec<String> = report.gates.iter().map(|g| g.kind.to_string()).collect();
    gates.sort();
    out.push_str(&gates.join(" "));
    out
}

const DOCKERFILE: &str = "FROM scratch\nCOPY app /app\n";

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
        - name: shop
          image: registry.example.com/acme/shop:1
";

/// The pipeline of the application; `fetch`: how it comes to the configuration, `folder`: where that is, `send`: what it does
/// with the edit.
fn pipeline(fetch: &str, folder: &str, send: &str) -> String {
    format!(
        "on:
  push:
    branches: [main]
jobs:
  deliver:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          docker build -t registry.example.com/acme/shop:$GITHUB_SHA .
          docker push registry.example.com/acme/shop:$GITHUB_SHA
{fetch}      - run: sed -i \"s|shop:.*|shop:$GITHUB_SHA|\" deploy/production/deployment.yaml
        working-directory: ./{folder}
      - working-directory: ./{folder}
        run: |
          git commit -am \"shop $GITHUB_SHA\"
{send}"
    )
}

const CHECKOUT: &str = "      - uses: actions/checkout@v4
        with:
          repository: acme/shop-config
          path: config
          token: ${{ secrets.BOT }}
";

const CLONE: &str = "      - run: git clone https://x:${{ secrets.BOT }}@git.example.com/acme/shop-config.git config
";

const PUSH: &str = "          git push origin main\n";
const PROPOSE: &str =
    "          git push origin HEAD:bump\n          gh pr create --title bump --body 'Synced after the merge'\n";
const PROPOSE_BY_API: &str = "          git push origin HEAD:bump
          curl -X POST -H \"Authorization: token $BOT\" -d '{\"head\":\"bump\",\"base\":\"main\"}' https://api.github.com/repos/acme/shop-config/pulls
";
const PROPOSE_AND_MERGE: &str =
    "          git push origin HEAD:bump\n          gh pr create --fill\n          gh pr merge --auto --squash\n";

fn argo(repository: &str, policy: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  source:
    repoURL: https://git.example.com/acme/{repository}.git
    path: deploy/production
    targetRevision: main
  destination:
    namespace: shop
{policy}"
    )
}

fn flux(repository: &str, policy: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: source
spec:
  url: https://git.example.com/acme/{repository}
  ref:
    branch: main
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: shop
spec:
  sourceRef:
    kind: GitRepository
    name: source
  path: ./deploy/production
{policy}"
    )
}

type Controller = (fn(&str, &str) -> String, &'static str);

const BY_ITSELF: [Controller; 2] = [(argo, "  syncPolicy:\n    automated: {}\n"), (flux, "  prune: true\n")];
const BY_HAND: [Controller; 2] = [(argo, "  syncPolicy: {}\n"), (flux, "  suspend: true\n")];

fn one(controller: Controller, send: &str) -> Estate {
    Estate::new(&[
        ("shop/Dockerfile", DOCKERFILE),
        ("shop/.github/workflows/ci.yml", &pipeline("", "", send)),
        ("shop/deploy/production/deployment.yaml", DEPLOYMENT),
        ("shop/apps/shop.yaml", &controller.0("shop", controller.1)),
    ])
}

fn split(controller: Controller, fetch: &str, send: &str) -> Estate {
    Estate::new(&[
        ("shop/Dockerfile", DOCKERFILE),
        ("shop/.github/workflows/ci.yml", &pipeline(fetch, "config", send)),
        ("shop-config/README.md", "Configuration of shop.\n"),
        ("shop-config/deploy/production/deployment.yaml", DEPLOYMENT),
        ("shop-config/apps/shop.yaml", &controller.0("shop-config", controller.1)),
    ])
}

/// Seen failing with `!o.automated` as `o.automated` in `lands`, and without `read_neighbours`.
#[test]
fn one_repository_and_the_same_split_in_two_have_the_same_path() {
    for (controllers, verdict) in [(BY_ITSELF, "every-commit"), (BY_HAND, "after-approval")] {
        for controller in controllers {
            let whole = told(&one(controller, PUSH).alone("shop"));
            assert!(whole.starts_with(verdict), "{whole}");
            for fetch in [CHECKOUT, CLONE] {
                let estate = split(controller, fetch, PUSH);
                assert_eq!(told(&estate.together("shop")), whole, "{fetch}");
                let alone = told(&estate.alone("shop"));
                assert!(alone.starts_with("elsewhere\ndeploy - automated elsewhere"), "{alone}");
            }
        }
    }
}

#[test]
fn what_a_person_merges_waits_for_the_merge_and_for_the_sync() {
    for send in [PROPOSE, PROPOSE_BY_API] {
        for (controllers, gates) in [(BY_ITSELF, "merge"), (BY_HAND, "merge sync")] {
            for controller in controllers {
                let told = told(&split(controller, CHECKOUT, send).together("shop"));
                assert!(told.starts_with("after-approval\n") && told.ends_with(gates), "{told}");
                assert_eq!(told.matches("deploy production push-button").count(), 1, "{told}");
            }
        }
    }
}

#[test]
fn what_is_merged_by_itself_waits_for_nobody() {
    let told = told(&split(BY_ITSELF[0], CHECKOUT, PROPOSE_AND_MERGE).together("shop"));
    assert!(!told.contains("merge\n") && !told.contains("push-button"), "{told}");
}

#[test]
fn a_branch_or_a_folder_that_nothing_watches_is_no_deploy() {
    let branch = told(&split(BY_ITSELF[0], CHECKOUT, "          git push origin HEAD:attempt\n").together("shop"));
    assert!(branch.starts_with("elsewhere\n"), "{branch}");
    let own = one(BY_ITSELF[0], "          git push origin HEAD:attempt\n").alone("shop");
    assert!(told(&own).contains("source - automated"), "{}", told(&own));
    let other = one(BY_ITSELF[0], PUSH);
    let path = other.0.join("shop/.github/workflows/ci.yml");
    let text = fs::read_to_string(&path).unwrap().replace("deploy/production/deployment.yaml", "docs/values.yaml");
    fs::write(&path, text).unwrap();
    fs::create_dir(other.0.join("shop/docs")).unwrap();
    fs::write(other.0.join("shop/docs/values.yaml"), "image: shop:1\n").unwrap();
    assert!(told(&other.alone("shop")).contains("source - automated"), "{}", told(&other.alone("shop")));
}

/// The objects stand in a third repository; the manifests in the application's own.
#[test]
fn an_object_of_a_platform_repository_deploys_what_it_watches_here() {
    let estate = Estate::new(&[
        ("team/shop/Dockerfile", DOCKERFILE),
        ("team/shop/.github/workflows/ci.yml", &pipeline("", "", "")),
        ("team/shop/deploy/production/deployment.yaml", DEPLOYMENT),
        ("platform/README.md", "Applications of all teams.\n"),
        ("platform/apps/shop.yaml", &argo("shop", "  syncPolicy:\n    automated: {}\n")),
        ("platform/apps/other.yaml", &argo("other", "")),
    ]);
    let alone = estate.alone("team/shop");
    assert_eq!(alone.services[0].to_production.verdict.to_string(), "by-hand");
    assert_eq!(alone.orphans.len(), 1);
    let together = estate.together("team/shop");
    assert_eq!(together.services[0].to_production.verdict.to_string(), "every-commit");
    assert!(together.orphans.is_empty(), "{:?}", together.orphans);
    let step = together.steps.iter().find(|s| s.row.as_deref() == Some("argocd")).unwrap();
    let place = step.location.as_ref().unwrap();
    assert!(place.path.ends_with("/platform/apps/shop.yaml") && Path::new(&place.path).exists(), "{}", place.path);
    assert_eq!(together.steps.iter().filter(|s| s.row.as_deref() == Some("argocd")).count(), 1, "the other's is not ours");
}
