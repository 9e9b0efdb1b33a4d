//! The whole scan of a checkout against its floor: walk, read and parse the same files, and the scripts inside them, with the
//! same parsers on one thread.
//!
//! ```sh
//! cargo bench --bench floor -- PATH...
//! ```
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use prodpath::config::Config;
use prodpath::source::{SourceFile, discover};
use prodpath::syntax::{dockerfile, hcl, json, make, markup, mask, shell, yaml};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

fn main() {
    let paths: Vec<PathBuf> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).map(PathBuf::from).collect();
    if paths.is_empty() {
        println!("usage: cargo bench --bench floor -- PATH...");
        return;
    }
    println!("{:<40} {:>8} {:>10} {:>10} {:>7}", "checkout", "files", "scan", "floor", "ratio");
    for path in paths {
        let files = discover(&path).unwrap().files().len();
        // The scan's first round also reads the tables: part of what a user waits for, but not of one checkout.
        let scan = best(|| {
            black_box(prodpath::scan::scan(&path, &Config::default()).unwrap());
        });
        let floor = best(|| parse_all(&path));
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let ratio = scan.as_secs_f64() / floor.as_secs_f64();
        println!("{name:<40} {files:>8} {:>8.1}ms {:>8.1}ms {ratio:>7.2}", millis(scan), millis(floor));
    }
}

fn millis(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

fn best(mut work: impl FnMut()) -> Duration {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn parse_all(root: &Path) {
    let sources = discover(root).unwrap();
    for file in sources.files() {
        parse(file);
    }
}

fn script(text: &str) {
    let (masked, _) = mask::mask(text, "${{", "}}");
    black_box(shell::parse(&masked, &[]));
}

fn parse(file: &SourceFile) {
    let name = file.name().to_ascii_lowercase();
    let ext = name.rsplit_once('.').map_or("", |(_, e)| e);
    match ext {
        "yml" | "yaml" => {
            let tree = yaml::parse(file);
            if file.path.starts_with(".github/") || name.starts_with("action.") {
                for document in tree.documents() {
                    runs(document, 0);
                }
            }
        }
        "json" => {
            let tree = json::parse(file);
            if let Some(scripts) = tree.root().and_then(|r| r.get("scripts")) {
                for entry in scripts.entries() {
                    script(entry.value.scalar().unwrap_or(""));
                }
            }
        }
        "tf" | "hcl" | "tfvars" => {
            black_box(hcl::parse(file));
        }
        "sh" | "bash" => script(&file.text),
        "mk" => {
            black_box(make::parse(file));
        }
        "md" | "adoc" | "rst" => {
            if let Some(format) = markup::Format::of(&file.path) {
                black_box(markup::parse(&file.text, format));
            }
        }
        _ if name.contains("dockerfile") => {
            black_box(dockerfile::parse(file));
        }
        _ if name.contains("makefile") => {
            black_box(make::parse(file));
        }
        _ if file.text.starts_with("#!") => script(&file.text),
        _ => {}
    }
}

/// Every `run:` of a workflow or action.
fn runs(node: yaml::Node<'_>, depth: usize) {
    if depth > 12 {
        return;
    }
    for item in node.items() {
        runs(item, depth + 1);
    }
    for entry in node.entries() {
        if entry.name() == "run" {
            script(entry.value.scalar().unwrap_or(""));
        }
        runs(entry.value, depth + 1);
    }
}
