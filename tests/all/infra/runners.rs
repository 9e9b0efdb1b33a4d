//! Task runners: a call leads to the commands that the repository's files of tasks hold.

use prodpath::config::Config;
use prodpath::scan::scan;
use std::path::Path;

/// The steps of a fixture with what else they fill, its services, and what is not known.
fn view(case: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/infra").join(case);
    let report = scan(&root, &Config::default()).unwrap();
    let mut out = String::new();
    for step in &report.steps {
        let Some(at) = &step.location else { continue };
        let also: Vec<String> = step.also.iter().map(ToString::to_string).collect();
        let flags: Vec<String> = step.flags.iter().map(|f| format!(" !{f}")).collect();
        out.push_str(&format!(
            "{:<9} {:<11} {} | {}:{} | {} | {} {}{}\n",
            step.stage.to_string(),
            step.automation.to_string(),
            step.services.join("+"),
            at.path,
            at.line,
            step.text.as_deref().unwrap_or(""),
            step.test_kind.as_deref().unwrap_or("-"),
            also.join("+"),
            flags.concat(),
        ));
    }
    for service in &report.services {
        out.push_str(&format!("service {} {} {}\n", service.name, service.kind, service.to_production.verdict));
    }
    for unknown in &report.unknowns {
        out.push_str(&format!("unknown {}:{} {}\n", unknown.location.path, unknown.location.line, unknown.why));
    }
    for orphan in &report.orphans {
        out.push_str(&format!("orphan {} {}\n", orphan.kind, orphan.location.path));
    }
    out
}

#[test]
fn what_a_pom_binds_to_phases_fills_cells() {
    insta::assert_snapshot!(view("runners-maven"));
}

#[test]
fn tasks_of_gradle_are_their_commands_or_what_their_type_says() {
    insta::assert_snapshot!(view("runners-gradle"));
}

#[test]
fn tox_nox_and_pre_commit_are_staged_by_their_configuration() {
    insta::assert_snapshot!(view("runners-sessions"));
}

#[test]
fn tasks_that_are_settings_are_followed() {
    insta::assert_snapshot!(view("runners-settings"));
}

#[test]
fn tasks_that_are_programs_are_followed_where_they_are_literal() {
    insta::assert_snapshot!(view("runners-programs"));
}
