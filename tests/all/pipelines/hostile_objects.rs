//! Objects that hold one another in long chains or in circles, and values of the wrong shape, are read without harm.

use prodpath::config::Config;
use prodpath::scan::scan;
use std::fmt::Write;

fn reads(path: &str, text: &str) {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join(path), text).unwrap();
    let report = scan(root.path(), &Config::default()).unwrap();
    assert!(report.files.partly_read.is_empty(), "{path}");
}

#[test]
fn long_chains_are_cut() {
    let (mut tekton, mut argo) = (
        String::new(),
        String::from(
            "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec:\n  entrypoint: t0\n  templates:\n",
        ),
    );
    for i in 0..2000 {
        writeln!(tekton, "---\napiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {{name: p{i}}}\nspec: {{tasks: [{{name: t, pipelineRef: {{name: p{}}}}}]}}", i + 1).unwrap();
        writeln!(argo, "    - name: t{i}\n      steps: [[{{name: s, template: t{}}}]]", i + 1).unwrap();
    }
    reads("tekton.yaml", &tekton);
    reads("argo.yaml", &argo);
}

#[test]
fn values_of_the_wrong_shape_are_nothing() {
    reads(
        "a.yaml",
        "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {annotations: [x]}\nspec: {pipelineSpec: {tasks: [1, {taskRef: x, params: y, matrix: [z], when: q}]}}\n",
    );
    reads(
        "b.yaml",
        "apiVersion: triggers.tekton.dev/v1\nkind: EventListener\nspec: {triggers: [1, {interceptors: x, bindings: [y], template: {ref: [z]}}]}\n",
    );
    reads(
        "c.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Sensor\nspec: {dependencies: x, triggers: [1, {template: {k8s: {source: {resource: {apiVersion: argoproj.io/v1alpha1, kind: Workflow}}}}}]}\n",
    );
    reads(
        "pipeline.yml",
        "resources: [1, {name: r, type: []}]\njobs:\n  - 1\n  - name: j\n    plan:\n      - get: r\n        trigger: true\n        passed: [j]\n      - in_parallel: 3\n      - task: [x]\n      - across: x\n",
    );
    reads("vercel.json", "[1, 2]\n");
    reads("netlify.toml", "[build]\ncommand = \"é\n");
    reads("render.yaml", "services: [1, {type: web, buildCommand: [x]}]\n");
}
