//! One delivery, written for ten vendors, is one delivery: the law of translation.
//!
//! ```sh
//! cargo test --test all translations -- --nocapture      # prints the table
//! ```

#![allow(clippy::print_stdout)]

use prodpath::config::Config;
use prodpath::model::{GateKind, Stage, Verdict};
use prodpath::report::Report;
use prodpath::scan::{analyse, scan};
use prodpath::source::{SourceSet, discover};
use serde::Deserialize;
use serde_yaml::Value as Yaml;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

const VENDORS: &[&str] =
    &["github", "gitlab", "azure", "circleci", "bitbucket", "jenkins", "buildkite", "drone", "cloud-build", "tekton"];

fn report(vendor: &str) -> Report {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/translations").join(vendor);
    scan(&root, &Config::default()).unwrap()
}

/// What a gate asks for, whatever the vendor calls it: a person lets a run go on that a push began, or starts one.
fn asked(kind: GateKind, verdict: Verdict) -> &'static str {
    if kind == GateKind::Start && verdict == Verdict::ByButton { "starts" } else { "lets go on" }
}

/// What must be the same in every language. Getting the source is left out: vendors do it without saying so.
fn delivery(report: &Report) -> String {
    let mut out = String::new();
    for service in &report.services {
        let verdict = service.to_production.verdict;
        let _ = writeln!(out, "{} {} {verdict} {:.3}", service.name, service.kind, service.coverage);
        for cell in &service.path {
            let _ = writeln!(out, "  {} {}", cell.cell, cell.value);
        }
    }
    let steps: BTreeSet<String> = report
        .steps
        .iter()
        .filter(|s| s.stage != Stage::Source)
        .map(|s| {
            let environment = s.environment.as_deref().unwrap_or("-");
            format!("{} {} {environment} {}", s.stage, s.automation, s.services.join("+"))
        })
        .collect();
    for step in steps {
        let _ = writeln!(out, "{step}");
    }
    let mut gates: BTreeSet<String> = BTreeSet::new();
    for gate in &report.gates {
        for (environment, service) in gate.environments.iter().flat_map(|e| gate.services.iter().map(move |s| (e, s))) {
            let verdict = report.services.iter().find(|s| s.name == *service).map(|s| s.to_production.verdict);
            let asked = asked(gate.kind, verdict.unwrap_or(Verdict::Unknown));
            gates.insert(format!("a person {asked} {environment} {service}"));
        }
    }
    for gate in gates {
        let _ = writeln!(out, "{gate}");
    }
    if let Some(score) = &report.score {
        let _ = writeln!(out, "coverage {:?} delivery {:?}", score.coverage, score.delivery);
    }
    out
}

fn row(vendor: &str, report: &Report) -> String {
    let services: Vec<String> = report.services.iter().map(|s| format!("{} {}", s.name, s.to_production.verdict)).collect();
    let kinds: BTreeSet<String> = report.gates.iter().map(|g| g.kind.to_string()).collect();
    let environments: Vec<&str> = report.environments.iter().map(|e| e.name.as_str()).collect();
    let coverage = report.score.as_ref().map_or(0.0, |s| s.coverage.value);
    let delivery = report.score.as_ref().map_or(0.0, |s| s.delivery.value);
    let kinds: Vec<String> = kinds.into_iter().collect();
    format!(
        "{vendor:<12} {:>5} {:<24} {:<12} {:>8.3} {:>8.3}  {}",
        report.steps.iter().filter(|s| s.stage != Stage::Source).count(),
        environments.join(" "),
        kinds.join(" "),
        coverage,
        delivery,
        services.join(", ")
    )
}

/// Writes a document anew.
type Style = fn(&Yaml) -> String;

/// A translation whose YAML files are written in another style.
fn restyled(vendor: &str, style: Style) -> Report {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/translations").join(vendor);
    let mut sources = SourceSet::default();
    for file in discover(&root).unwrap().files() {
        let yaml = file.path.ends_with(".yml") || file.path.ends_with(".yaml");
        let text = if yaml {
            let documents = serde_yaml::Deserializer::from_str(&file.text).map(|d| {
                let mut document = Yaml::deserialize(d).unwrap();
                document.apply_merge().unwrap();
                style(&document)
            });
            documents.collect::<Vec<_>>().join("---\n")
        } else {
            file.text.clone()
        };
        sources.add(&file.path, &text);
    }
    analyse(&sources, &root, &Config::default())
}

/// Flow style, every text in double quotes, on one line.
fn flow(document: &Yaml) -> String {
    format!("{}\n", serde_json::to_string(document).unwrap())
}

/// Block style without anchors, keys in the contrary order.
fn reversed(document: &Yaml) -> String {
    fn turn(value: &Yaml) -> Yaml {
        match value {
            Yaml::Mapping(map) => {
                let mut entries: Vec<(Yaml, Yaml)> = map.iter().map(|(k, v)| (k.clone(), turn(v))).collect();
                entries.reverse();
                Yaml::Mapping(entries.into_iter().collect())
            }
            Yaml::Sequence(list) => Yaml::Sequence(list.iter().map(turn).collect()),
            other => other.clone(),
        }
    }
    serde_yaml::to_string(&turn(document)).unwrap()
}

/// Scripts that are lists of lines as one text.
fn one_text(document: &Yaml) -> String {
    fn turn(key: Option<&str>, value: &Yaml) -> Yaml {
        match value {
            Yaml::Sequence(list)
                if matches!(key, Some("script" | "commands" | "command")) && list.iter().all(Yaml::is_string) =>
            {
                Yaml::String(list.iter().filter_map(Yaml::as_str).collect::<Vec<_>>().join("\n"))
            }
            Yaml::Mapping(map) => Yaml::Mapping(map.iter().map(|(k, v)| (k.clone(), turn(k.as_str(), v))).collect()),
            Yaml::Sequence(list) => Yaml::Sequence(list.iter().map(|v| turn(None, v)).collect()),
            other => other.clone(),
        }
    }
    serde_yaml::to_string(&turn(None, document)).unwrap()
}

#[test]
fn the_style_of_yaml_changes_nothing() {
    let styles: [(&str, Style); 3] = [("flow", flow), ("reversed", reversed), ("one text", one_text)];
    for vendor in VENDORS {
        let expected = delivery(&report(vendor));
        for (name, style) in styles {
            // Tekton's commands are a program and its arguments, and Bitbucket's scripts are lists by its schema.
            if name == "one text" && matches!(*vendor, "tekton" | "bitbucket") {
                continue;
            }
            assert_eq!(delivery(&restyled(vendor, style)), expected, "{vendor} in the style `{name}` (left)");
        }
    }
}

#[test]
fn one_delivery_is_the_same_in_every_language() {
    let reports: Vec<(&str, Report)> = VENDORS.iter().map(|v| (*v, report(v))).collect();
    println!(
        "{:<12} {:>5} {:<24} {:<12} {:>8} {:>8}  to production",
        "vendor", "steps", "environments", "gates", "coverage", "delivery"
    );
    for (vendor, report) in &reports {
        println!("{}", row(vendor, report));
    }
    let expected = delivery(&reports[0].1);
    for (vendor, report) in &reports[1..] {
        assert_eq!(delivery(report), expected, "{vendor} (left) tells another delivery than {} (right)", reports[0].0);
    }
}
