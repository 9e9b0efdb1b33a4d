//! The audit's questions, each over small repositories.

mod artifacts;
mod environments;
mod flow;
mod running;
mod tests;

use prodpath::config::Config;
use std::fs;

/// The answer to a question about a repository of these files: its status, what decided it, and the places as `path:line`.
fn answer(files: &[(&str, &str)], id: &str) -> (String, String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let report = prodpath::scan::scan(folder.path(), &Config::default()).unwrap();
    let value = serde_json::to_value(&report).unwrap();
    let found = value["practices"].as_array().unwrap().iter().find(|p| p["check"] == id).unwrap();
    let text = |key: &str| found[key].as_str().unwrap().to_owned();
    let places = found["locations"].as_array().unwrap().iter();
    let places = places.map(|l| format!("{}:{}", l["path"].as_str().unwrap(), l["line"])).collect();
    (text("status"), text("why"), places)
}
