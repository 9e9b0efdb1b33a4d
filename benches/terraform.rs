//! Reads repositories of Terraform files, each whole, and says how much of them was read.
//!
//! ```sh
//! cargo bench --bench terraform -- [--list] REPOSITORY...
//! ```
//!
//! A file is read *wholly*, *partly* (a block of it is not valid HCL), or *refused* (no block of it is). Of the commands of
//! provisioners that run when something is created, *resolved* counts those that came to a command with a known program; *other*
//! are those for an interpreter that is no shell. `--list` names what was not read or resolved, with the place.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use prodpath::catalogue::Catalogue;
use prodpath::config::Config;
use prodpath::frontends;
use prodpath::model::{Expr, Item, Program, UnitKind};
use prodpath::scan::analyse;
use prodpath::source::{SourceFile, Span, discover};
use prodpath::syntax::hcl::{self, Body, ValueKind};
use std::path::Path;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Tally {
    files: usize,
    wholly: usize,
    partly: usize,
    refused: usize,
    roots: usize,
    commands: usize,
    resolved: usize,
    other: usize,
    read: Duration,
    scan: Duration,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let (options, paths): (Vec<_>, Vec<_>) = args.iter().partition(|a| a.starts_with("--"));
    if paths.is_empty() {
        println!("usage: cargo bench --bench terraform -- [--list] REPOSITORY...");
        return;
    }
    println!(
        "{:<44} {:>6} {:>7} {:>7} {:>8} {:>6} {:>9} {:>9} {:>6} {:>8} {:>8}",
        "repository", "files", "wholly", "partly", "refused", "roots", "commands", "resolved", "other", "read s", "scan s"
    );
    let mut all = Tally::default();
    for path in paths {
        let tally = read(Path::new(path), options.iter().any(|o| *o == "--list"));
        line(path.trim_end_matches('/').rsplit('/').next().unwrap_or(path), &tally);
        all.add(&tally);
    }
    line("all", &all);
    println!("wholly: {:.4} of the files", all.wholly as f64 / all.files.max(1) as f64);
}

fn line(name: &str, t: &Tally) {
    println!(
        "{name:<44} {:>6} {:>7} {:>7} {:>8} {:>6} {:>9} {:>9} {:>6} {:>8.2} {:>8.2}",
        t.files,
        t.wholly,
        t.partly,
        t.refused,
        t.roots,
        t.commands,
        t.resolved,
        t.other,
        t.read.as_secs_f64(),
        t.scan.as_secs_f64()
    );
}

fn read(root: &Path, list: bool) -> Tally {
    let mut out = Tally::default();
    let config = Config::default();
    let sources = discover(root).unwrap();
    let start = Instant::now();
    let files = sources.files().iter().filter(|f| f.path.ends_with(".tf") || f.path.ends_with(".tofu"));
    let read: Vec<(&SourceFile, hcl::Document)> = files.map(|f| (f, hcl::parse(f))).collect();
    out.read = start.elapsed();
    let start = Instant::now();
    let _ = analyse(&sources, root, &config);
    out.scan = start.elapsed();
    let catalogue = Catalogue::embedded();
    let mut program = frontends::survey(&sources, catalogue);
    frontends::translate(&sources, catalogue, "", &mut program);
    out.roots = program.roots.len();
    let commands = commands(&program);
    for (file, document) in &read {
        out.files += 1;
        let empty = document.body.blocks.is_empty() && document.body.attributes.is_empty();
        match (document.partly(), empty) {
            (false, _) => out.wholly += 1,
            (true, false) => out.partly += 1,
            (true, true) => out.refused += 1,
        }
        if let Some(fault) = document.diagnostics.first().filter(|_| list) {
            println!("  {}:{}: {}", file.path, file.lines.line(fault.span.start), fault.message);
        }
        out.provisioners(file, &document.body, &commands, list);
    }
    out
}

/// The places of commands with a known program in the bodies of roots.
fn commands(program: &Program) -> Vec<Span> {
    let mut out = Vec::new();
    let mut open: Vec<&[Item]> =
        program.units.iter().filter(|u| u.kind == UnitKind::TerraformRoot).map(|u| &u.body[..]).collect();
    while let Some(items) = open.pop() {
        for item in items {
            match item {
                Item::Command(c) if c.words.first().is_some_and(|w| !matches!(w, Expr::Unknown(_))) => out.push(c.span),
                Item::Block(b) => open.push(&b.items),
                _ => {}
            }
        }
    }
    out
}

impl Tally {
    fn provisioners(&mut self, file: &SourceFile, body: &Body, commands: &[Span], list: bool) {
        for block in &body.blocks {
            self.provisioners(file, &block.body, commands, list);
            let destroys = block.body.get("when").is_some_and(|a| a.value.kind == ValueKind::Reference(vec!["destroy".into()]));
            let Some(command) = block.body.get("command").filter(|_| block.kind == "provisioner" && !destroys) else { continue };
            self.commands += 1;
            let inside = |s: &&Span| s.file == block.span.file && s.start >= block.span.start && s.end <= block.span.end;
            if commands.iter().any(|s| inside(&s)) {
                self.resolved += 1;
            } else {
                self.other += usize::from(block.body.get("interpreter").is_some());
                if list {
                    println!("  {}:{}: not resolved", file.path, file.lines.line(command.span.start));
                }
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.wholly += other.wholly;
        self.partly += other.partly;
        self.refused += other.refused;
        self.roots += other.roots;
        self.commands += other.commands;
        self.resolved += other.resolved;
        self.other += other.other;
        self.read += other.read;
        self.scan += other.scan;
    }
}
