//! The audit's questions, over small repositories.

mod running;

use prodpath::config::Config;
use prodpath::report::PracticeStatus;

/// The answer to a question over these files: its status, why, and the places as `path:line`.
fn answer(files: &[(&str, &str)], id: &str) -> (PracticeStatus, String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let full = folder.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
    }
    let report = prodpath::scan::scan(folder.path(), &Config::default()).unwrap();
    let practice = report.practices.iter().find(|p| p.check == id).unwrap();
    let places = practice.locations.iter().map(|l| format!("{}:{}", l.path, l.line)).collect();
    (practice.status, practice.why.clone(), places)
}
