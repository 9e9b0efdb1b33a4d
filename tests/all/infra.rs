//! What front ends of infrastructure and of task runners make of files: one fixture repository a behaviour, its map frozen as lines.

mod kube;
mod runners;
mod templates;
mod terraform;

use crate::pipelines::lines;
use prodpath::config::Config;
use prodpath::scan::scan;
use std::path::Path;

/// The map of the fixture `tests/fixtures/infra/<case>` as lines, orphans last.
pub fn view(case: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/infra").join(case);
    let report = scan(&root, &Config::default()).unwrap();
    let mut out = lines(&report);
    for orphan in &report.orphans {
        out.push_str(&format!("orphan {}: {}\n", orphan.kind, orphan.location.path));
    }
    out
}
