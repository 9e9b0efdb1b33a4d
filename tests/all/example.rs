//! The example company: its whole report, as it ships beside it.
//!
//! `UPDATE_EXPECTED=1 cargo test example` writes the report anew; read the difference before it is committed.

use assert_cmd::Command;
use prodpath::config::Config;
use prodpath::report::json::render;
use prodpath::scan::scan;
use std::fs;
use std::path::{Path, PathBuf};

fn harbourline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/harbourline")
}

#[test]
fn the_example_has_its_expected_report() {
    let mut report = scan(&harbourline(), &Config::default()).unwrap();
    // What differs between machines, or with every row of the tables, is no part of the expectation.
    report.repository.root = String::new();
    report.tool.catalogue_hash = String::new();
    let text = render(&report).unwrap();
    let expected = harbourline().join("expected.json");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected, &text).unwrap();
    }
    let wanted = fs::read_to_string(&expected).unwrap();
    assert!(text == wanted, "the report of the example changed: {}", first_difference(&wanted, &text));
}

fn first_difference(a: &str, b: &str) -> String {
    let at = a.lines().zip(b.lines()).position(|(x, y)| x != y).unwrap_or(0);
    let line = |t: &str| t.lines().nth(at).unwrap_or("").to_owned();
    format!("line {}: expected {:?}, got {:?}", at + 1, line(a), line(b))
}

#[test]
fn the_first_screen_of_the_example() {
    let out = Command::cargo_bin("prodpath").unwrap().arg(harbourline()).env("NO_COLOR", "1").output().unwrap();
    insta::assert_snapshot!("example", String::from_utf8(out.stdout).unwrap());
}

#[test]
fn two_runs_give_the_same_bytes() {
    let run = || render(&scan(&harbourline(), &Config::default()).unwrap()).unwrap();
    assert_eq!(run(), run());
}

#[test]
fn the_report_follows_its_schema() {
    let report = scan(&harbourline(), &Config::default()).unwrap();
    let schema = serde_json::from_str(&prodpath::report::json::schema().unwrap()).unwrap();
    let value = serde_json::to_value(&report).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn contributions_add_up_and_thresholds_decide_the_exit_code() {
    let report = scan(&harbourline(), &Config::default()).unwrap();
    let score = report.score.unwrap();
    let sum: f64 = score.contributions.iter().map(|c| c.points).sum();
    assert!((sum - score.coverage.value).abs() < 1e-9);
    assert!(score.coverage.low <= score.coverage.value && score.coverage.value <= score.coverage.high);
    let low = score.coverage.low * 100.0;
    for (percent, code) in [(low.floor(), 0), (low.ceil() + 1.0, 1)] {
        let mut command = Command::cargo_bin("prodpath").unwrap();
        command.arg(harbourline()).args(["--fail-under", &percent.to_string()]).assert().code(code);
    }
}
