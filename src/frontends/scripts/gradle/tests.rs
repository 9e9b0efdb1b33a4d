#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

fn read(path: &str, text: &str) -> Program {
    let mut sources = SourceSet::default();
    sources.add(path, text);
    let mut program = Program::default();
    translate(&sources, Catalogue::embedded(), &mut program);
    program
}

fn commands(unit: &Unit) -> Vec<&str> {
    unit.body.iter().filter_map(|i| if let Item::Command(c) = i { Some(c.text.as_str()) } else { None }).collect()
}

#[test]
fn tasks_with_literal_commands_are_units() {
    let text = "apply from: 'gradle/x.gradle'\ntask pushAll(type: Exec, dependsOn: [build, ':app:jib']) {\n  workingDir 'deploy'\n  commandLine 'kubectl', 'apply', '-f', \"$env/x y.yaml\"\n}\ntasks.register('accept', Test) {}\nbuild.finalizedBy pushAll\n";
    let program = read("build.gradle", text);
    let file = &program.runners["gradle"]["build.gradle"];
    assert_eq!(file.includes, [Include::plain("gradle/x.gradle")]);
    let push = program.unit(file.target("pushAll").unwrap());
    assert_eq!(push.needs.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["build", "app:jib"]);
    assert_eq!(commands(push).len(), 1);
    let Item::Command(command) = &push.body[1] else { panic!() };
    assert_eq!((command.words.len(), command.words[1].clone()), (4, Expr::lit("apply")));
    assert_eq!(program.unit(file.target("accept").unwrap()).needs[0].name, "test");
    let bound = &program.lifecycles[&("gradle".to_owned(), String::new())].profiles[0].bound;
    assert_eq!((bound[0].phase.as_deref(), bound[0].words[1].as_str()), (Some("build"), "pushAll"));
}

#[test]
fn kotlin_is_read_as_well() {
    let text = "jib {\n  to {\n    image = \"reg/shop:$v\"\n  }\n}\nval ship by tasks.registering(Exec::class) {\n  dependsOn(tasks.jib)\n  commandLine(\"helm\", \"upgrade\", \"shop\", \"chart\")\n}\ntasks.named(\"check\") { dependsOn(\"e2e\") }\ntasks.register<Exec>(\"x\") { commandLine = listOf(\"terraform\", \"apply\") }\n";
    let program = read("app/build.gradle.kts", text);
    let file = &program.runners["gradle"]["app/build.gradle.kts"];
    assert_eq!(commands(program.unit(file.target("ship").unwrap())), ["helm upgrade shop chart"]);
    assert_eq!(commands(program.unit(file.target("x").unwrap())), ["terraform apply"]);
    let bound = &program.lifecycles[&("gradle".to_owned(), "app".to_owned())].profiles[0].bound;
    let images: Vec<_> = bound.iter().flat_map(|b| &b.images).collect();
    assert_eq!((images.len(), bound[0].phase.as_deref()), (3, Some("check")));
    assert!(images[0].starts_with("reg/shop:"));
}
