//! What rules cost: whole scans with all rules that are on against scans with none, process by process and in turns.
//! `cargo bench --bench rules -- PATH…`

#![allow(clippy::print_stdout, clippy::expect_used)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Turns of each; the fastest counts.
const TURNS: usize = 5;

fn scan(path: &str, options: &[&str]) -> Duration {
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_prodpath"));
    let _ = command.arg(path).arg("--quiet").args(options).stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it runs");
    start.elapsed()
}

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|a| Path::new(a).is_dir()).collect();
    if paths.is_empty() {
        println!("usage: cargo bench --bench rules -- PATH…");
        return;
    }
    let (mut with, mut without) = (Duration::ZERO, Duration::ZERO);
    let mut worst = (0.0, "");
    for path in &paths {
        let mut best = (Duration::MAX, Duration::MAX);
        for _ in 0..TURNS {
            best = (best.0.min(scan(path, &[])), best.1.min(scan(path, &["--ignore", "all"])));
        }
        with += best.0;
        without += best.1;
        let ratio = best.0.as_secs_f64() / best.1.as_secs_f64();
        if ratio > worst.0 {
            worst = (ratio, path);
        }
    }
    let ratio = with.as_secs_f64() / without.as_secs_f64();
    println!("{} repositories: {with:.2?} with all rules, {without:.2?} with none: {ratio:.3}", paths.len());
    println!("highest: {:.3} {}", worst.0, worst.1);
}
