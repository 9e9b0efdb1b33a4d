#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::model::{Scope, find_target};

const ROOT: &str = "version: '3'
includes:
  ops:
    taskfile: .taskfiles/ops.yml
    dir: infra
vars:
  TAG: '1.{{.MINOR | default \"0\"}}'
tasks:
  default: task --list
  build:
    aliases: [b]
    dir: cmd
    deps: [gen, {task: lint}]
    vars: {IMAGE: 'shop:{{.TAG}}'}
    cmds:
      - docker build -t {{.IMAGE}} .
      - task: ops:apply
        vars: {ENV: prod}
      - for: [a, b]
        cmd: docker push {{.ITEM}}
      - {cmd: 'cd x && make', ignore_error: true}
";

fn read() -> (SourceSet, Program) {
    let mut sources = SourceSet::default();
    sources.add(
        ".taskfiles/ops.yml",
        "version: '3'\ntasks:\n  apply:\n    - task: init\n    - terraform apply\n  init: terraform init\n",
    );
    sources.add("Taskfile.yml", ROOT);
    let mut program = Program::default();
    translate(&sources, Catalogue::embedded(), &mut program);
    (sources, program)
}

#[test]
fn tasks_are_units_with_needs_variables_and_calls() {
    let (sources, program) = read();
    let build = program.unit(find_target(&program.taskfiles, "Taskfile.yml", "b").unwrap().unit);
    assert_eq!((build.name.as_str(), &build.dir), ("build", &Some(Expr::lit("cmd"))));
    assert_eq!(build.needs.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["gen", "lint"]);
    let mut scope = Scope::default();
    for (name, value) in &build.bind {
        let value = value.eval(&scope);
        scope.set(name, value);
    }
    assert_eq!(scope.get("env.IMAGE").known(), Some("shop:1.0"));
    let call = build
        .body
        .iter()
        .find_map(|i| if let Item::Command(c) = i { Some(c).filter(|c| c.text == "task ops:apply") } else { None })
        .unwrap();
    assert_eq!(call.words.iter().map(|w| w.literal().unwrap()).collect::<Vec<_>>(), ["task", "ops:apply", "ENV=prod"]);
    assert_eq!(sources.file(call.span.file).line_range(call.span), (17, 18));
}

#[test]
fn included_tasks_have_their_namespace_and_folder() {
    let (_, program) = read();
    let apply = program.unit(find_target(&program.taskfiles, "Taskfile.yml", "ops:apply").unwrap().unit);
    assert_eq!((apply.name.as_str(), &apply.dir), ("ops:apply", &Some(Expr::lit("infra"))));
    assert!(matches!(&apply.body[0], Item::Command(c) if c.text == "task init" && c.words[1] == Expr::lit("ops:init")));
    assert!(program.taskfiles[".taskfiles/ops.yml"].included);
}

#[test]
fn broken_taskfiles_do_no_harm() {
    let mut sources = SourceSet::default();
    sources.add(
        "Taskfile.yml",
        "includes: {a: ., b: [x]}\ntasks:\r\n  a: {cmds: [{for: {var: X}, cmd: 1}, {defer: }, {}]}\r\n  b: [\r\n",
    );
    let mut program = Program::default();
    translate(&sources, Catalogue::embedded(), &mut program);
    crate::frontends::template::expr("{{ {{ a }} {{");
}
