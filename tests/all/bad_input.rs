//! Bad input is normal: one file's fault is one file's diagnostic, and everything else is still analysed.

use prodpath::config::Config;
use prodpath::model::Stage;
use prodpath::report::Report;
use prodpath::scan::scan;
use prodpath::source::Severity;
use std::fs;
use std::path::Path;

const GOOD: &str = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n";

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let full = root.join(path);
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    fs::write(full, bytes).unwrap();
}

/// A repository with one good workflow and one bad file; the good one must always be found.
fn beside(path: &str, bytes: impl AsRef<[u8]>) -> Report {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), ".github/workflows/good.yml", GOOD);
    write(dir.path(), path, bytes);
    let report = scan(dir.path(), &Config::default()).unwrap();
    let good =
        report.steps.iter().any(|s| s.stage == Stage::Test && s.location.as_ref().is_some_and(|l| l.path.ends_with("good.yml")));
    assert!(good, "the good file is still analysed beside {path}");
    report
}

fn says(report: &Report, path: &str) -> bool {
    report.diagnostics.iter().any(|d| d.location.path == path && d.severity <= Severity::Warning)
        || report.files.skipped.iter().chain(&report.files.unread).any(|f| f.path == path)
}

#[test]
fn yaml_that_does_not_parse() {
    let path = ".github/workflows/bad.yml";
    let report = beside(path, "on: push\njobs:\n  a: [unclosed\n  b: }\n");
    assert!(says(&report, path));
    assert!(report.files.partly_read.iter().any(|f| f.path == path));
}

#[test]
fn steps_before_the_fault_are_kept() {
    let path = ".github/workflows/bad.yml";
    let text = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: cargo test\n  b: [unclosed\n";
    let report = beside(path, text);
    assert!(says(&report, path));
}

#[test]
fn bytes_that_are_not_utf8() {
    let path = ".github/workflows/latin.yml";
    let report = beside(path, b"name: caf\xe9\non: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: cargo test\n");
    assert!(says(&report, path));
    assert!(report.steps.iter().any(|s| s.location.as_ref().is_some_and(|l| l.path == path)));
}

#[test]
fn binary_and_huge_files() {
    let report = beside("deploy.yml", b"a: b\0c");
    assert!(says(&report, "deploy.yml"));
    let report = beside("values.yaml", vec![b'#'; 6 * 1024 * 1024]);
    assert!(says(&report, "values.yaml"));
}

#[test]
fn deep_nesting_and_endless_aliases() {
    let deep = format!("a: {}1{}", "[".repeat(5000), "]".repeat(5000));
    assert!(says(&beside(".github/workflows/deep.yml", deep), ".github/workflows/deep.yml"));
    let blocks: String = (0..400).map(|i| format!("{}k:\n", " ".repeat(i))).collect();
    assert!(says(&beside(".github/workflows/blocks.yml", blocks), ".github/workflows/blocks.yml"));
    let mut laughs = String::from("a0: &a0 [x]\n");
    for i in 1..40 {
        laughs.push_str(&format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(", ")));
    }
    laughs.push_str("on: push\njobs:\n  a:\n    steps: *a39\n");
    beside(".github/workflows/laughs.yml", laughs);
    beside(".github/workflows/self.yml", "on: push\njobs: &j\n  a: *j\n  <<: *j\n");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_tree_and_loops() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.yml", "a: b\n");
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), ".github/workflows/good.yml", GOOD);
    std::os::unix::fs::symlink(outside.path().join("secret.yml"), dir.path().join("out.yml")).unwrap();
    std::os::unix::fs::symlink("loop.yml", dir.path().join("loop.yml")).unwrap();
    std::os::unix::fs::symlink(dir.path(), dir.path().join("again")).unwrap();
    let report = scan(dir.path(), &Config::default()).unwrap();
    assert!(says(&report, "out.yml"));
    assert!(says(&report, "loop.yml"));
    assert_eq!(report.files.read, 1);
}

#[test]
fn hostile_names_are_shown_and_not_obeyed() {
    let report = beside("scripts/\u{1b}[2Jdeploy.sh", "#!/bin/sh\nkubectl apply -f x.yml\n");
    let text = prodpath::report::terminal::render(&report, &prodpath::report::terminal::Options::default());
    assert!(!text.contains('\u{1b}'), "no control character of a name reaches the terminal");
}

#[test]
fn other_broken_files() {
    for (path, text) in [
        ("main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \n}\nterraform {\n  backend \"s3\" {}\n}\n"),
        ("Makefile", "deploy:\n\tkubectl apply -f x.yml \\\n"),
        ("package.json", "{ \"scripts\": { \"test\": \"jest\", } "),
        ("Dockerfile", "FROM\nRUN \\\n"),
        ("deploy.sh", "#!/bin/bash\nif true; then\n  kubectl apply -f 'unterminated\n"),
        ("README.md", "```sh\nkubectl apply -f unterminated.yml\n"),
    ] {
        beside(path, text);
    }
}

#[test]
fn a_cycle_of_calls_ends() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), ".github/workflows/a.yml", "on: [push, workflow_call]\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n");
    write(
        dir.path(),
        ".github/workflows/b.yml",
        "on: workflow_call\njobs:\n  b:\n    uses: ./.github/workflows/a.yml\n  c:\n    steps:\n      - run: make x\n",
    );
    write(dir.path(), "Makefile", "x: y\n\tnpm run z\ny: x\n\tmake x\n");
    write(dir.path(), "package.json", "{\"scripts\": {\"z\": \"make y && npm test\", \"test\": \"npm run z; jest\"}}");
    let report = scan(dir.path(), &Config::default()).unwrap();
    assert!(report.steps.iter().any(|s| s.stage == Stage::Test));
}

#[test]
fn files_of_task_runners_that_are_none() {
    let names = [
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "tox.ini",
        "noxfile.py",
        ".pre-commit-config.yaml",
        "composer.json",
        "pyproject.toml",
        "Rakefile",
        "tasks.py",
        "Makefile.toml",
        "magefile.go",
        "fastlane/Fastfile",
        "build.sbt",
        "mise.toml",
    ];
    let texts = [
        "",
        "[",
        "{\"",
        "((((",
        "é = \"\\",
        "<project><build><plugins><plugin>",
        "@task(\ndef x(",
        "task x {",
        "from invoke import\n@task",
    ];
    for name in names {
        for text in texts {
            beside(name, text);
        }
    }
}
