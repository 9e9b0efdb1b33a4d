//! The questions to a report.

use crate::sample;
use prodpath::report::look::Look;
use std::path::Path;

use prodpath::report::views::{Target, audit, explain, path, score, why_not};

fn look(width: usize) -> Look {
    Look { width: Some(width), ..Look::default() }
}

#[test]
fn way_to_production() {
    let report = sample::report();
    insta::assert_snapshot!("path_cart", path(&report, report.service("cart").unwrap(), look(100)));
    insta::assert_snapshot!("path_catalog_80", path(&report, report.service("catalog").unwrap(), look(80)));
}

#[test]
fn what_stops_a_service() {
    let report = sample::report();
    insta::assert_snapshot!("why_not_cart", why_not(&report, report.service("shop-cart").unwrap(), look(100)));
    insta::assert_snapshot!("why_not_catalog_80", why_not(&report, report.service("catalog").unwrap(), look(80)));
}

#[test]
fn explanations() {
    let report = sample::report();
    let at = |place: &str, width| explain(&report, &Target::parse(place), look(width));
    insta::assert_snapshot!("explain_gated", at("scripts/rollout.sh:9", 100).0);
    insta::assert_snapshot!("explain_two_ways_80", at(".github/workflows/ci.yml:14", 80).0);
    insta::assert_snapshot!("explain_no_step", at(".github/workflows/ci.yml:20", 100).0);
    let missing = &report.steps.last().unwrap().id;
    insta::assert_snapshot!("explain_missing", at(missing, 100).0);
    assert_eq!(at("catalog:verify", 100).0, at(missing, 100).0, "a cell by its name");
    insta::assert_snapshot!("explain_orphan", at("scripts/deploy.sh", 100).0);
    assert!(at("scripts/rollout.sh:9", 100).1);
    assert!(!at("ffffffffffff", 100).1, "an unknown id is no answer");
    assert!(!at("no/such/file.yml:3", 100).1, "a file without anything is no answer");
    let gate = at(".github/workflows/release.yml:31", 100).0;
    assert!(gate.contains("is a gate (approval)"), "{gate}");
}

#[test]
fn the_audit_answers_each_question_with_its_place() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/harbourline");
    let report = prodpath::scan::scan(&example, &prodpath::config::Config::default()).unwrap();
    insta::assert_snapshot!("audit", audit(&report, look(100)));
}

#[test]
fn score_adds_up() {
    insta::assert_snapshot!("explain_score", score(&sample::report(), look(100)));
}
