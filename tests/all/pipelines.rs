//! What each vendor's front end makes of a pipeline: one fixture repository a behaviour, its map frozen as lines.

/// A snapshot of the fixture for each behaviour of a vendor.
macro_rules! cases {
    ($vendor:literal; $($name:ident: $case:literal;)+) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(super::view(concat!($vendor, "/", $case)));
        })+
    };
}

mod appveyor;
mod argo;
mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod cloud_build;
mod cloud_deploy;
mod code_pipeline;
mod codebuild;
mod concourse;
mod declared;
mod drone;
mod gitlab;
mod gitops;
mod hosted;
mod hostile_objects;
mod jenkins;
mod semaphore;
mod tekton;
mod travis;

use prodpath::config::Config;
use prodpath::report::{Location, Report};
use prodpath::scan::scan;
use std::path::Path;

/// The map of the fixture `tests/fixtures/pipelines/<case>` as lines.
pub fn view(case: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pipelines").join(case);
    lines(&scan(&root, &Config::default()).unwrap())
}

/// The map of a vendor's fixture of which a folder beside it holds other repositories; links and absolute places are the machine's.
pub fn with_siblings(vendor: &str, with: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pipelines").join(vendor).join("siblings");
    let config = Config { with: vec![root.join(with)], ..Config::default() };
    lines(&scan(&root.join("repo"), &config).unwrap()).replace(&format!("{}/", root.display()), "")
}

/// A report as lines: its steps with their gates, what is disabled or not known, what reaches production, faults.
pub fn lines(report: &Report) -> String {
    let mut out = String::new();
    for step in report.steps.iter().filter(|s| s.location.is_some()) {
        let at = step.location.as_ref().map(place).unwrap_or_default();
        let gates: Vec<String> = report
            .gates
            .iter()
            .filter(|g| g.steps.contains(&step.id))
            .map(|g| format!(" [{} at {}]", g.kind, place(&g.location)))
            .collect();
        let events: Vec<String> = step.events.iter().map(ToString::to_string).collect();
        let flags: Vec<String> = step.flags.iter().map(|f| format!(" !{f}")).collect();
        out.push_str(&format!(
            "{:<9} {:<11} {:<11} {} | {at} | {} | {}{}{}{}\n",
            step.stage.to_string(),
            step.automation.to_string(),
            step.environment.as_deref().unwrap_or("-"),
            step.services.join("+"),
            step.text.as_deref().unwrap_or(""),
            events.join(" "),
            gates.concat(),
            flags.concat(),
            if step.blocking { "" } else { " non-blocking" },
        ));
    }
    for gate in report.gates.iter().filter(|g| !g.blocking) {
        out.push_str(&format!("gate {} at {} does not block\n", gate.kind, place(&gate.location)));
    }
    for disabled in &report.disabled {
        out.push_str(&format!("disabled {}: {}\n", place(&disabled.location), disabled.why));
    }
    for unknown in &report.unknowns {
        out.push_str(&format!("unknown {}: {}\n", place(&unknown.location), unknown.why));
    }
    for service in &report.services {
        out.push_str(&format!("{}: {}\n", service.name, service.to_production.verdict));
    }
    for diagnostic in &report.diagnostics {
        out.push_str(&format!("{:?} {}: {}\n", diagnostic.severity, place(&diagnostic.location), diagnostic.message));
    }
    out
}

fn place(location: &Location) -> String {
    if location.end_line > location.line {
        format!("{}:{}-{}", location.path, location.line, location.end_line)
    } else {
        format!("{}:{}", location.path, location.line)
    }
}
