//! The import matrix of ARCHITECTURE.md, held against the sources: imports run one way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with what it may use beside itself. `cli` and `scan` may use everything above them.
const MATRIX: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("syntax", &["source"]),
    ("model", &["source"]),
    ("config", &["source", "syntax", "model"]),
    ("catalogue", &["source", "syntax", "model"]),
    ("trunk", &["source", "model", "config"]),
    ("frontends", &["source", "syntax", "model", "catalogue"]),
    ("flow", &["source", "model", "catalogue", "config"]),
    ("measure", &["source", "model", "flow", "catalogue", "config"]),
    ("practices", &["source", "syntax", "model", "flow", "catalogue", "config"]),
    ("replace", &["source", "syntax", "model", "flow", "catalogue", "config"]),
    ("report", &["source", "model", "flow", "measure", "practices", "replace", "config"]),
    (
        "scan",
        &[
            "source",
            "syntax",
            "model",
            "config",
            "catalogue",
            "trunk",
            "frontends",
            "flow",
            "measure",
            "practices",
            "replace",
            "report",
        ],
    ),
    ("fix", &["config", "report", "scan"]),
    (
        "cli",
        &[
            "fix",
            "source",
            "syntax",
            "model",
            "config",
            "catalogue",
            "trunk",
            "frontends",
            "flow",
            "measure",
            "replace",
            "report",
            "scan",
        ],
    ),
];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Top-level modules that a source text names by `crate::x`, comments left out.
fn imports(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            if let Some(list) = rest.strip_prefix('{') {
                let names = list.split('}').next().unwrap_or(list);
                out.extend(names.split(',').map(|n| n.trim().split("::").next().unwrap_or("").to_owned()));
            } else {
                out.insert(rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("").to_owned());
            }
        }
    }
    out.remove("");
    out
}

#[test]
fn imports_run_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let matrix: BTreeMap<&str, &[&str]> = MATRIX.iter().copied().collect();
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut breaches = Vec::new();
    let mut seen = 0;
    for file in files {
        let rel = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let module = rel.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if matches!(module.as_str(), "main" | "lib") {
            continue;
        }
        let Some(allowed) = matrix.get(module.as_str()) else {
            breaches.push(format!("{rel}: module {module} is not in the matrix"));
            continue;
        };
        for name in imports(&fs::read_to_string(&file).unwrap()) {
            seen += 1;
            if name != module && matrix.contains_key(name.as_str()) && !allowed.contains(&name.as_str()) {
                breaches.push(format!("{rel} uses {name}"));
            }
        }
    }
    assert!(seen > 50, "the test reads the sources");
    assert!(breaches.is_empty(), "imports against the direction:\n{}", breaches.join("\n"));
}

#[test]
fn among_front_ends_only_the_shell_is_shared() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/frontends");
    let mut files = Vec::new();
    sources(&root, &mut files);
    // The shell, and the small helpers that stand beside the front ends.
    let shared = [
        "scripts::shell",
        "bodies",
        "expansion",
        "template",
        "pipelines::data",
        "pipelines::resources",
        "pipelines::reader",
        "pipelines::runs",
        "pipelines::cel",
        "pipelines::containers",
        "pipelines::objects",
        "pipelines::webhooks",
        "pipelines::condition",
        "pipelines::texts",
        "pipelines::values",
    ];
    let mut breaches = Vec::new();
    for file in files {
        let rel = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let own = rel.trim_end_matches(".rs").replace('/', "::");
        for line in fs::read_to_string(&file).unwrap().lines().filter(|l| !l.trim_start().starts_with("//")) {
            for (at, _) in line.match_indices("crate::frontends::") {
                let rest = &line[at + "crate::frontends::".len()..];
                let rest = rest.trim_start_matches('{');
                let own: Vec<&str> = own.split("::").take(2).collect();
                let (folder, names) = rest.split_once("::").unwrap_or((rest, ""));
                // Helpers of the folder itself are free; another front end of it, or of another folder, is not.
                let sibling = names
                    .trim_start_matches('{')
                    .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .any(|n| own.get(1) != Some(&n) && root.join(folder).join(format!("{n}.rs")).is_file());
                if !shared.iter().any(|s| rest.starts_with(s)) && (sibling || own[0] != folder) {
                    breaches.push(format!("{rel}: {}", line.trim()));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "front ends that use one another:\n{}", breaches.join("\n"));
}
