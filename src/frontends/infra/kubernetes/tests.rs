#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::model::ReconcilerKind;

fn program(files: &[(&str, &str)]) -> (SourceSet, Program) {
    let mut sources = SourceSet::default();
    for (path, text) in files {
        sources.add(path, text);
    }
    let mut program = Program::default();
    translate(&sources, Catalogue::embedded(), &mut program);
    (sources, program)
}

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: m, image: 'reg.example.org/team/migrate:1'}]
      containers:
        - {name: web, image: \"reg.example.org/team/web:${TAG}\"}
";

fn applied(program: &Program) -> Vec<(OrphanKind, &str, bool, bool)> {
    program.applicables.iter().map(|a| (a.kind, a.path.as_str(), a.deploys, a.only_configuration)).collect()
}

#[test]
fn manifests_are_told_by_their_kinds() {
    let namespace =
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";
    let (_, program) = program(&[
        ("k8s/web.yaml", DEPLOYMENT),
        ("k8s/secret.yml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"),
        ("k8s/namespace.yml", namespace),
        ("k8s/service.yml", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: web}\n"),
        ("kind.yaml", "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n"),
        ("values.yaml", "kind: x\n"),
    ]);
    let expected = [
        (OrphanKind::Manifest, "k8s/web.yaml", true, false),
        (OrphanKind::Manifest, "k8s/secret.yml", false, true),
        (OrphanKind::Manifest, "k8s/namespace.yml", false, false),
        (OrphanKind::Manifest, "k8s/service.yml", true, false),
    ];
    assert_eq!(applied(&program), expected);
    let workload = &program.declarations[0];
    assert_eq!((workload.name.as_str(), workload.dir.as_str(), program.declarations.len()), ("web", "k8s", 1));
    assert_eq!(workload.images, ["reg.example.org/team/web", "reg.example.org/team/migrate"]);
}

#[test]
fn a_template_holds_objects_with_parameters() {
    let template = "apiVersion: template.openshift.io/v1
kind: Template
parameters:
- {name: APP, value: shop}
- {name: ZONE, required: true}
- {name: PART, value: api}
objects:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: '${APP}-${ZONE}-${PART}'}
  spec: {template: {spec: {containers: [{name: a, image: 'reg.example.org/${APP}/${PART}:${TAG}'}]}}}
- {apiVersion: v1, kind: Secret, metadata: {name: '${APP}'}}
";
    let no_objects = "apiVersion: v1\nkind: Template\nmetadata: {name: t}\n";
    let (_, program) = program(&[("api/deploy.yml", template), ("t.yml", no_objects)]);
    assert_eq!(
        applied(&program),
        [(OrphanKind::Manifest, "api/deploy.yml", true, false), (OrphanKind::Manifest, "t.yml", false, false)]
    );
    let workload = &program.declarations[0];
    assert_eq!((workload.name.as_str(), workload.images.join(",").as_str()), ("shop-api", "reg.example.org/shop/api"));
}

#[test]
fn an_overlay_takes_its_manifests_with_it() {
    let (sources, program) = program(&[
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", DEPLOYMENT),
        ("prod/kustomization.yaml", "resources:\n- ../base\n- ../prod\npatches:\n- path: patch.yaml\n"),
        ("prod/patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"),
        ("loose/web.yaml", DEPLOYMENT),
    ]);
    assert_eq!(
        applied(&program),
        [(OrphanKind::Overlay, "prod", true, false), (OrphanKind::Manifest, "loose/web.yaml", true, false)]
    );
    let unit = program.unit(program.applicables[0].unit);
    assert_eq!((unit.name.as_str(), sources.file(unit.span.file).path.as_str()), ("prod", "prod/kustomization.yaml"));
    assert_eq!(program.declarations.len(), 2);
}

#[test]
fn a_chart_takes_its_templates_with_it() {
    let (_, program) = program(&[
        ("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("chart/values.yaml", "web:\n  image:\n    registry: reg.example.org\n    repository: team/web\n    tag: x\n"),
        (
            "chart/templates/web.yaml",
            "{{- if .Values.on }}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n{{- end }}\n",
        ),
        ("chart/charts/sub/Chart.yaml", "name: sub\n"),
        ("chart/charts/sub/templates/s.yaml", "apiVersion: v1\nkind: Secret\n"),
        ("secrets/Chart.yaml", "name: secrets\n"),
        ("secrets/templates/s.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ x }}\n"),
    ]);
    assert_eq!(applied(&program), [(OrphanKind::Chart, "chart", true, false), (OrphanKind::Chart, "secrets", false, true)]);
    let shop = program.declarations.iter().find(|d| d.name == "shop").unwrap();
    assert_eq!(shop.images, ["reg.example.org/team/web"]);
    assert!(shop.facts.contains_key("workloads"));
    assert_eq!(program.declarations.len(), 3);
}

#[test]
fn reconciler_objects_are_kept_apart() {
    let argo = "# the shop\napiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop-prod}
spec:
  source: {repoURL: https://example.org/r.git, path: ./overlays/prod/, targetRevision: main}
  destination: {namespace: shop}
  syncPolicy:
    automated: {}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: by-hand}
spec:
  source: {path: x}
";
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec:\n  path: ./apps\n  suspend: true\n  wait: true\n  sourceRef: {kind: GitRepository, name: repo}\n";
    let (sources, program) = program(&[("argo.yaml", argo), ("flux.yaml", flux)]);
    assert!(program.applicables.is_empty());
    let [shop, by_hand, apps] = &program.reconcilers[..] else { panic!("{:?}", program.reconcilers) };
    assert_eq!((shop.kind, shop.path.as_deref(), shop.automated), (ReconcilerKind::ArgoApplication, Some("overlays/prod"), true));
    assert_eq!(shop.environment_hints, ["shop", "overlays/prod", "shop-prod"]);
    assert_eq!(sources.file(shop.span.file).line_range(shop.span), (1, 9));
    assert_eq!((by_hand.automated, by_hand.gate.map(|g| sources.files()[0].lines.line(g.start))), (false, Some(11)));
    assert_eq!((apps.automated, apps.waits, apps.path.as_deref()), (false, true, Some("apps")));
    assert_eq!(sources.files()[1].lines.line(apps.gate.unwrap().start), 6);
}

#[test]
fn the_elements_of_a_list_become_applications() {
    let set = "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: shop}
spec:
  generators:
    - list:
        elements:
          - {env: staging}
          - {env: prod}
  template:
    metadata: {name: 'shop-{{env}}'}
    spec:
      source: {path: 'overlays/{{ .env }}'}
      syncPolicy: {automated: {enabled: true}}
";
    let (_, program) = program(&[("set.yaml", set)]);
    let names: Vec<_> = program.reconcilers.iter().map(|r| (r.name.as_str(), r.path.as_deref().unwrap(), r.automated)).collect();
    assert_eq!(names, [("shop-staging", "overlays/staging", true), ("shop-prod", "overlays/prod", true)]);
}
