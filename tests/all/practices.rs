//! The audit's questions, on small repositories that lie in the test.

mod flow;

use prodpath::config::Config;
use prodpath::scan::scan;
use std::fs;

/// The answer to a question on a repository of these files: its word, why, and the places as `path:line`.
fn answer(files: &[(&str, &str)], id: &str) -> (String, String, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let report = scan(dir.path(), &Config::default()).unwrap();
    let practice = report.practices.iter().find(|p| p.check == id).unwrap();
    let status = serde_json::to_value(practice.status).unwrap().as_str().unwrap().to_owned();
    let places = practice.locations.iter().map(|l| format!("{}:{}", l.path, l.line)).collect();
    (status, practice.why.clone(), places)
}
