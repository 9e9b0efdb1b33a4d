#![allow(clippy::unwrap_used)]
use super::*;
use crate::model::{Expr, Unit, UnitKind};

/// What the files come to; the first ones are given to the front end.
fn program(files: &[(&str, &str)], given: usize) -> Program {
    crate::frontends::pipelines::translated("azure-pipelines", files, given)
}

fn jobs(program: &Program) -> Vec<&Unit> {
    program.units.iter().filter(|u| u.kind == UnitKind::Job).collect()
}

#[test]
fn templates_that_double_are_cut() {
    let template = |n: usize| format!("steps:\n- template: t{n}.yml\n- template: t{n}.yml\n");
    let mut files = vec![("azure-pipelines.yml".to_owned(), template(0))];
    files.extend((0..60).map(|n| (format!("t{n}.yml"), template(n + 1))));
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let program = program(&files, 1);
    assert!(program.unknowns.iter().any(|(_, why)| why.contains("too much")), "{:?}", program.unknowns);
}

#[test]
fn loops_in_loops_are_cut() {
    let mut text = "parameters:\n- name: all\n  type: object\n  default: [a, b, c, d, e, f, g, h]\nsteps:\n".to_owned();
    for depth in 0..12 {
        text.push_str(&format!("{}- ${{{{ each x{depth} in parameters.all }}}}:\n", "  ".repeat(depth)));
    }
    text.push_str(&format!("{}- script: make\n", "  ".repeat(12)));
    let program = program(&[("azure-pipelines.yml", &text)], 1);
    assert!(jobs(&program).len() <= 1);
}

#[test]
fn a_template_that_is_too_deep_or_circular_ends() {
    let files = [
        ("azure-pipelines.yml", "trigger: none\nextends:\n  template: a.yml\n"),
        ("a.yml", "extends:\n  template: b.yml\n"),
        ("b.yml", "extends:\n  template: a.yml\nsteps:\n- template: b.yml\n"),
    ];
    let program = program(&files, 3);
    assert!(program.unknowns.iter().any(|(_, why)| why.contains("includes itself")));
}

#[test]
fn odd_shapes_are_no_trap() {
    for text in [
        "steps: 1\n",
        "steps: [1, {}, {task: }, {script: {}}]\n",
        "jobs: {a: b}\n",
        "stages:\n- stage:\n  jobs: x\n- 1\n",
        "trigger: {branches: {include: }}\nresources: {pipelines: [1], webhooks: [{}]}\njobs: [{deployment: , strategy: {matrix: []}}]\n",
        "parameters: [1, {name: a}, {type: object, name: b}]\ntrigger: none\njobs:\n- ${{ each x in parameters.b }}: []\n- ${{ if }}: []\n- ${{ else }}: [1]\n",
        "variables: ${{ parameters.x }}\nsteps:\n- ${{ @99 }}\n- ${{ if @7 }}:\n  - script: x\n",
        "extends: 1\ntrigger: []\n",
        "steps:\n- script: ${{ format('{0}{', 'a') }} ${{ parameters['a'].b[0] }} $( $() $(a\n",
    ] {
        program(&[("azure-pipelines.yml", text)], 1);
    }
}

#[test]
fn stages_follow_each_other_unless_they_say_otherwise() {
    let text = "stages:\n- stage: a\n- ${{ if eq(variables.x, 'y') }}:\n  - stage: b\n- stage: c\n- stage: d\n  dependsOn: []\n- stage: e\n  dependsOn: [a, d]\n";
    let program = program(&[("azure-pipelines.yml", text)], 1);
    let needs = |name: &str| -> Vec<(String, bool)> {
        let unit = jobs(&program).into_iter().find(|u| u.name == name).unwrap();
        unit.needs.iter().map(|n| (n.name.clone(), n.optional)).collect()
    };
    let need = |name: &str, optional| (name.to_owned(), optional);
    assert_eq!(needs("b"), [need("a", false)]);
    assert_eq!(needs("c"), [need("a", true), need("b", true)]);
    assert_eq!(needs("d"), []);
    assert_eq!(needs("e"), [need("a", false), need("d", false)]);
    let b = jobs(&program).into_iter().find(|u| u.name == "b").unwrap();
    assert!(b.when != Expr::always() && b.when_span.is_some());
}

#[test]
fn templates_are_told_from_pipelines() {
    let root = |path: &str, text: &str| !program(&[(path, text)], 1).units.is_empty();
    assert!(root("azure-pipelines.yml", "steps:\n- script: x\n"));
    assert!(!root("ci/build.yml", "parameters:\n- name: a\nsteps:\n- script: x\n"));
    assert!(root("ci/build.yml", "parameters:\n- name: a\ntrigger: none\nsteps:\n- script: x\n"));
    assert!(!root("templates/build.yml", "jobs:\n- job: a\n"));
    assert!(!root("variables.yml", "variables:\n  a: b\n"));
    let files = [("a.yml", "trigger: none\njobs:\n- template: b.yml\n"), ("b.yml", "pool: x\njobs:\n- job: a\n")];
    let program = program(&files, 2);
    assert_eq!(program.units.iter().filter(|u| u.kind == UnitKind::Pipeline).count(), 1);
}
