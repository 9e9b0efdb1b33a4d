//! Reads sample files of pipelines, each as a repository of its own, and says how they were read.
//!
//! ```sh
//! cargo bench --bench samples -- [--as NAME] [--name GLOB]... [--list] [--gates] PATH...
//! ```
//!
//! Every file under a PATH whose name fits one of the GLOBs (without: every file) is scanned alone, under its own path or as
//! NAME (`.gitlab-ci.yml`). A file is read *wholly*, *with unknowns* (something in it cannot be decided from it alone: a template of
//! another repository), *partly* (a fault in it costs a part), or *refused* (it is not what its name says); *nothing* counts those in
//! which no front end found anything that runs, *steps in* those that have delivery steps.
//! `--list` names those that are not read wholly, with the reason; `--gates` names every job that asks for a person (file, job,
//! kind, whether it blocks what comes after it, line). A panic is counted, and is a fault of prodpath.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use globset::{Glob, GlobSet, GlobSetBuilder};
use prodpath::catalogue::Catalogue;
use prodpath::config::Config;
use prodpath::frontends;
use prodpath::model::{Item, UnitKind};
use prodpath::report::Report;
use prodpath::scan::analyse;
use prodpath::source::SourceSet;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use walkdir::WalkDir;

#[derive(Default)]
struct Options {
    name: Option<String>,
    globs: Vec<String>,
    list: bool,
    gates: bool,
    paths: Vec<PathBuf>,
}

#[derive(Default)]
struct Tally {
    files: usize,
    wholly: usize,
    unknown: usize,
    partly: usize,
    refused: usize,
    nothing: usize,
    with_steps: usize,
    panics: usize,
    steps: usize,
    gates: BTreeMap<String, usize>,
    time: Duration,
}

fn main() {
    let options = options();
    if options.paths.is_empty() {
        println!("usage: cargo bench --bench samples -- [--as NAME] [--name GLOB]... [--list] [--gates] PATH...");
        return;
    }
    println!(
        "{:<32} {:>6} {:>7} {:>9} {:>7} {:>8} {:>8} {:>7} {:>9} {:>7} {:>8}  gates",
        "samples", "files", "wholly", "unknowns", "partly", "refused", "nothing", "panics", "steps in", "steps", "seconds"
    );
    for path in &options.paths {
        let tally = read(path, &options);
        let gates: Vec<String> = tally.gates.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
        println!(
            "{:<32} {:>6} {:>7} {:>9} {:>7} {:>8} {:>8} {:>7} {:>9} {:>7} {:>8.2}  {}",
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned()),
            tally.files,
            tally.wholly,
            tally.unknown,
            tally.partly,
            tally.refused,
            tally.nothing,
            tally.panics,
            tally.with_steps,
            tally.steps,
            tally.time.as_secs_f64(),
            gates.join(", "),
        );
    }
    if let Some(peak) = peak_memory() {
        println!("peak memory {} MB", peak / 1024);
    }
}

fn options() -> Options {
    let mut out = Options::default();
    let mut args = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--as" => out.name = args.next(),
            "--name" => out.globs.extend(args.next()),
            "--list" => out.list = true,
            "--gates" => out.gates = true,
            _ => out.paths.push(PathBuf::from(arg)),
        }
    }
    out
}

fn globs(patterns: &[String]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern).unwrap());
    }
    builder.build().unwrap()
}

fn read(root: &Path, options: &Options) -> Tally {
    let globs = globs(&options.globs);
    let mut out = Tally::default();
    let files = WalkDir::new(root).sort_by_file_name().into_iter().filter_map(Result::ok).filter(|e| e.file_type().is_file());
    for entry in files {
        let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_string_lossy().into_owned();
        let Ok(bytes) = std::fs::read(entry.path()) else { continue };
        if !globs.is_empty() && !globs.is_match(&path) {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        out.files += 1;
        let mut sources = SourceSet::default();
        sources.add(options.name.as_deref().unwrap_or(&path), &text);
        if options.gates {
            print_gates(&path, &sources);
        }
        let start = Instant::now();
        let report = catch_unwind(AssertUnwindSafe(|| analyse(&sources, Path::new("sample"), &Config::default())));
        out.time += start.elapsed();
        let why = if let Ok(report) = report {
            out.count(&report, runs(&sources))
        } else {
            out.panics += 1;
            Some("panic".to_owned())
        };
        if options.list
            && let Some(why) = why
        {
            println!("  {path}: {why}");
        }
    }
    out
}

/// Every job of the pipelines that asks for a person.
fn print_gates(path: &str, sources: &SourceSet) {
    let catalogue = Catalogue::embedded();
    let mut program = frontends::survey(sources, catalogue);
    frontends::translate(sources, catalogue, "", &mut program);
    for unit in program.units.iter().filter(|u| u.kind == UnitKind::Job) {
        let own = unit.body.iter().filter_map(|i| if let Item::Gate(gate) = i { Some(gate) } else { None });
        for gate in unit.rules.iter().filter_map(|r| r.gate.as_ref()).chain(own) {
            let line = sources.file(gate.span.file).lines.line(gate.span.start);
            let blocking = if gate.blocking { "blocking" } else { "non-blocking" };
            println!("gate\t{path}\t{}\t{}\t{blocking}\t{line}", unit.name, gate.kind);
        }
    }
}

/// Whether a front end found anything that runs.
fn runs(sources: &SourceSet) -> bool {
    let catalogue = Catalogue::embedded();
    let mut program = frontends::survey(sources, catalogue);
    frontends::translate(sources, catalogue, "", &mut program);
    !program.units.is_empty()
}

impl Tally {
    /// Count a report; the reason where the file was not read wholly.
    fn count(&mut self, report: &Report, runs: bool) -> Option<String> {
        self.steps += report.steps.iter().filter(|s| s.location.is_some()).count();
        for gate in &report.gates {
            *self.gates.entry(gate.kind.to_string()).or_default() += 1;
        }
        let seen = report.steps.iter().any(|s| s.location.is_some());
        self.with_steps += usize::from(seen);
        if let Some(file) = report.files.unread.first().or(report.files.skipped.first()) {
            self.refused += 1;
            Some(format!("refused: {}", file.why))
        } else if let Some(file) = report.files.partly_read.first() {
            self.partly += 1;
            Some(format!("partly: {}", file.why))
        } else if let Some(unknown) = report.unknowns.first() {
            self.unknown += 1;
            Some(format!("line {}: {}", unknown.location.line, unknown.why))
        } else if seen || runs {
            self.wholly += 1;
            None
        } else {
            self.nothing += 1;
            Some("nothing runs".to_owned())
        }
    }
}

/// The largest resident size of this process so far, in KiB, where the system tells it.
fn peak_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
