#![allow(clippy::expect_used)]
use super::*;
use crate::model::{Item, RefKind, Target, Truth};

/// The program of a Jenkinsfile with other files.
fn program(jenkinsfile: &str, others: &[(&str, &str)]) -> Program {
    let files: Vec<(&str, &str)> = [("Jenkinsfile", jenkinsfile)].into_iter().chain(others.iter().copied()).collect();
    crate::frontends::pipelines::translated("jenkins", &files, 1)
}

fn pipeline(program: &Program) -> &Unit {
    program.units.iter().find(|u| u.kind == UnitKind::Pipeline).expect("a pipeline")
}

/// The first condition of a body.
fn first(items: &[Item]) -> Option<&Expr> {
    items.iter().find_map(|i| match i {
        Item::Block(b) if b.when.is_always() => first(&b.items),
        Item::Block(b) => Some(&b.when),
        _ => None,
    })
}

/// The commands of a body.
fn commands(items: &[Item], out: &mut Vec<String>) {
    for item in items {
        match item {
            Item::Command(c) => out.push(c.words.iter().filter_map(Expr::literal).collect::<Vec<_>>().join(" ")),
            Item::Block(b) => commands(&b.items, out),
            _ => {}
        }
    }
}

/// The truth of the first condition in a pipeline, for a push to the trunk, to another branch, for a change and a tag.
fn truths(condition: &str) -> [Truth; 4] {
    let text = format!("node {{\n  if ({condition}) {{ sh 'make' }}\n}}\n");
    let program = program(&text, &[]);
    let job = program.units.iter().find(|u| u.kind == UnitKind::Job).expect("a job");
    let when = first(&job.body).expect("a condition");
    let of = |on: RefKind| {
        let start = pipeline(&program).starts.iter().rfind(|s| s.on == on && s.event != Event::Manual).expect("a start");
        when.truth(&start.scope())
    };
    [of(RefKind::Trunk), of(RefKind::OtherBranch), of(RefKind::Change), of(RefKind::Tag)]
}

#[test]
fn conditions_are_decided_by_what_starts_a_run() {
    use Truth::{False, True, Unknown};
    for (condition, expected) in [
        ("env.BRANCH_NAME == 'main'", [True, False, False, False]),
        ("BRANCH_NAME != 'main'", [False, True, True, True]),
        ("env.BRANCH_NAME in ['main', 'develop']", [True, False, False, False]),
        ("['main', 'develop'].contains(env.BRANCH_NAME)", [True, False, False, False]),
        ("env.BRANCH_NAME ==~ /(main|develop)/", [True, False, False, False]),
        ("env.GIT_BRANCH == 'origin/main'", [True, False, False, False]),
        ("env.BRANCH_NAME.startsWith('PR-')", [False, False, True, False]),
        ("env.BRANCH_NAME == 'PR-18'", [False, False, Unknown, False]),
        ("env.CHANGE_ID", [False, False, True, False]),
        ("env.TAG_NAME", [False, False, False, True]),
        ("env.CHANGE_ID == null && env.BRANCH_NAME == 'main'", [True, False, False, False]),
        ("currentBuild.getBuildCauses('hudson.model.Cause$UserIdCause')", [False, False, False, False]),
        ("fileExists('x')", [Unknown, Unknown, Unknown, Unknown]),
    ] {
        assert_eq!(truths(condition), expected, "{condition}");
    }
}

#[test]
fn changes_start_for_each_target_that_a_condition_names() {
    use Truth::{False, True};
    let targets = |condition: &str| -> Vec<Truth> {
        let program = program(&format!("node {{\n  if ({condition}) {{ sh 'make' }}\n}}\n"), &[]);
        let job = program.units.iter().find(|u| u.kind == UnitKind::Job).expect("a job");
        let when = first(&job.body).expect("a condition");
        let changes = pipeline(&program).starts.iter().filter(|s| s.on == RefKind::Change);
        changes.map(|start| when.truth(&start.scope())).collect()
    };
    // For the trunk, for the branches that are named, for any other.
    assert_eq!(targets("env.CHANGE_TARGET == 'release'"), [False, True, False]);
    assert_eq!(targets("CHANGE_TARGET in ['main', 'release']"), [True, True, False]);
    assert_eq!(targets("env.CHANGE_TARGET != 'main'"), [False, True]);
    assert_eq!(targets("env.CHANGE_ID"), [True]);
}

#[test]
fn methods_are_unused_only_where_no_call_has_a_computed_name() {
    let functions = |call: &str| {
        let program = program(&format!("def lint() {{ sh 'make lint' }}\nnode {{ {call} }}\n"), &[]);
        program.units.iter().filter(|u| u.kind == UnitKind::Function).count()
    };
    assert_eq!(functions("sh 'make'"), 1);
    assert_eq!(functions("\"${what}\"()"), 0);
    assert_eq!(functions("run('lint')"), 0);
}

#[test]
fn branches_that_conditions_name_tell_the_trunk() {
    let mut sources = SourceSet::default();
    sources.add(
        "Jenkinsfile",
        "node {\n  if (env.CHANGE_TARGET != 'trunk' && BRANCH_NAME != 'PR-18') { sh 'make' }\n  if ('next'.equals(env.BRANCH_NAME)) { sh 'make' }\n}\npipeline { stages { stage('a') { when { changeRequest target: 'release' } } } }\n",
    );
    let named: Vec<String> = sources.files().iter().flat_map(branches).collect();
    assert_eq!(named, ["trunk", "next", "release"]);
}

#[test]
fn methods_give_values_and_are_read_for_their_arguments() {
    let text = "def where(b) {\n  if (b == 'main') { return 'production' }\n  return 'staging'\n}\ndef ship(to) {\n  stage(\"to ${to}\") { sh \"helm upgrade a b -n ${to}\" }\n}\nnode { ship(where('main')); ship('qa'); ship('qa') }\n";
    let program = program(text, &[]);
    let names: Vec<&str> = program.units.iter().filter(|u| u.kind == UnitKind::Job).map(|u| u.name.as_str()).collect();
    assert_eq!(names, ["to production", "to qa", "script"]);
    let calls = program.units.iter().flat_map(|u| &u.body).filter(|i| matches!(i, Item::Call(_))).count();
    assert!(calls > 0);
}

#[test]
fn a_step_of_the_library_takes_its_arguments_and_its_body() {
    let library = "def call(Map c, Closure body) {\n  sh \"helm upgrade ${c.name} chart\"\n  body()\n}\n";
    let program = program("node { ship(name: 'shop') { sh 'npm publish' } }\n", &[("vars/ship.groovy", library)]);
    let function = program.units.iter().find(|u| u.kind == UnitKind::Function).expect("a function");
    assert_eq!(function.name, "ship");
    let mut words = Vec::new();
    commands(&function.body, &mut words);
    assert_eq!(words, ["helm upgrade shop chart", "npm publish"]);
    assert!(matches!(&program.units.last().expect("a pipeline").body[0], Item::Call(c) if matches!(c.target, Target::Unit(_))));
}

#[test]
fn hostile_pipelines_end() {
    let calls: String = (0..40).map(|i| format!("def f{i}(x) {{ f{0}(x + 'a'); f{0}(x + 'b') }}\n", i + 1)).collect();
    let values: String = (0..40).map(|i| format!("def v{i}(x) {{ return v{0}(x) + v{0}(x) }}\n", i + 1)).collect();
    let loops: String = (0..12).map(|i| format!("for (x{i} in l) {{ ")).collect();
    let exits: String = (0..500).map(|i| format!("if (params.P == '{i}') {{ error 'x' }}\nsh 'make'\n")).collect();
    for text in [
        format!("{calls}def f40(x) {{ sh x }}\nnode {{ f0('') }}"),
        format!("{values}def v40(x) {{ return x }}\nnode {{ def y = v0('a'); sh \"npm publish ${{y}}\" }}"),
        format!("def l = ['a', 'b', 'c', 'd', 'e', 'f']\nnode {{ {loops} sh 'make' {} }}", "}".repeat(12)),
        format!("properties([parameters([string(name: 'P')])])\nnode {{\n{exits}}}"),
        format!("node {{ {} }}", "stage('a') { ".repeat(3000)),
        format!("pipeline {{ stages {{ {}", "stage('a') { stages { ".repeat(3000)),
        "def f(x) { g(x) }\ndef g(x) { f(x) }\nnode { f('a'); def y = f('b') }".to_owned(),
        "def a = b\ndef b = a\ndef c = { c() }\nnode { sh a; sh \"${b}\"; c() }".to_owned(),
    ] {
        program(&text, &[]);
    }
}
