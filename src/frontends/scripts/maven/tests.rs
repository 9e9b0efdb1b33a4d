#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn plugins_are_bound_with_what_they_inherit() {
    let mut sources = SourceSet::default();
    sources.add("app/Dockerfile", "FROM x");
    sources.add("app/pom.xml", "<project><parent><artifactId>root</artifactId></parent><artifactId>app</artifactId><build><plugins><plugin><artifactId>dockerfile-maven-plugin</artifactId></plugin></plugins></build></project>");
    sources.add("pom.xml", "<project><artifactId>root</artifactId><modules><module>app</module></modules><properties><reg>r.io</reg></properties><build><pluginManagement><plugins><plugin><artifactId>dockerfile-maven-plugin</artifactId><executions><execution><id>d</id><goals><goal>build</goal><goal>push</goal></goals></execution></executions><configuration><repository>${reg}/${project.artifactId}</repository></configuration></plugin></plugins></pluginManagement></build><profiles><profile><id>ship</id><activation><property><name>env</name></property></activation><build><plugins><plugin><artifactId>exec-maven-plugin</artifactId><executions><execution><phase>install</phase><goals><goal>exec</goal></goals><configuration><executable>kubectl</executable><arguments><argument>apply</argument></arguments></configuration></execution></executions></plugin></plugins></build></profile></profiles></project>");
    let mut program = Program::default();
    translate(&sources, &mut program);
    let app = &program.lifecycles[&("maven".to_owned(), "app".to_owned())];
    assert!(app.complete);
    let bound = &app.profiles[0].bound;
    let phases: Vec<_> = bound.iter().map(|b| (b.phase.as_deref(), b.words[1].as_str())).collect();
    assert_eq!(phases, [(Some("package"), "dockerfile:build"), (Some("deploy"), "dockerfile:push"), (None, "dockerfile:")]);
    assert_eq!(
        (bound[0].images[0].as_str(), bound[0].dockerfile.as_deref()),
        ("${reg}/${project.artifactId}", Some("app/Dockerfile"))
    );
    assert_eq!(app.profiles[0].properties["reg"], "r.io");
    let ship = &app.profiles[1];
    assert_eq!((ship.name.as_str(), ship.bound[0].words.join(" ")), ("ship", "kubectl apply".to_owned()));
    assert_eq!(program.lifecycles[&("maven".to_owned(), String::new())].profiles[0].modules, ["app"]);
}
