//! The audit's questions, asked of small repositories.

mod environments;

use prodpath::config::Config;
use std::fs;

/// The answer to a question about these files: its word, why, and the places as `path:line`.
pub fn answer(files: &[(&str, &str)], id: &str) -> (String, String, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let full = dir.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, text).unwrap();
    }
    let report = prodpath::scan::scan(dir.path(), &Config::default()).unwrap();
    let report = serde_json::to_value(&report).unwrap();
    let practice = report["practices"].as_array().unwrap().iter().find(|p| p["check"] == id).unwrap();
    let text = |key: &str| practice[key].as_str().unwrap().to_owned();
    let place = |at: &serde_json::Value| format!("{}:{}", at["path"].as_str().unwrap(), at["line"]);
    (text("status"), text("why"), practice["locations"].as_array().unwrap().iter().map(place).collect())
}
