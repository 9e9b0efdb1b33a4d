//! What the documents show is what the product prints.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

#[test]
fn the_readme_shows_the_example_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut command = Command::cargo_bin("prodpath").unwrap();
    let out = command.current_dir(root).arg("examples/harbourline").env("NO_COLOR", "1").output().unwrap();
    let screen = String::from_utf8(out.stdout).unwrap();
    assert!(readme.contains(screen.trim_end()), "README.md shows another first screen than the example's:\n{screen}");
}

#[test]
fn every_dependency_has_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let architecture = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let mut section = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.contains("dependencies")
            && let Some((name, _)) = line.split_once(" =")
        {
            assert!(architecture.contains(name), "{name} has no reason in ARCHITECTURE.md");
        }
    }
}
