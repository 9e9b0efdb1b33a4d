//! The report for a terminal: one screen that says how far each service gets by itself and where a person is needed.
//!
//! The table is laid out by our own code instead of a table crate: a cell holds several coloured
//! signs, environments line up inside the deploy column, and the layout changes with the width (see the module `services`),
//! none of which a general table does.

mod environments;
mod notes;
mod people;
mod replaceable;
mod services;
mod steps;

pub(in crate::report) use steps::{column as step_column, lines as step_lines};

use super::index::Index;
use super::look::{BOLD, DIM, Line, Look, PLAIN};
use super::page::Page;
use super::{Report, Score, Service, words};

/// How much is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Only the headline.
    Quiet,
    /// The first screen.
    #[default]
    Normal,
    /// Every service, step and note.
    Verbose,
}

/// What is shown, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What the screen can do.
    pub look: Look,
    /// How much is shown.
    pub detail: Detail,
    /// Names of the services to show; empty: all.
    pub services: Vec<String>,
}

/// Services that the first screen shows; more are left to `--verbose`.
const FIRST_SCREEN: usize = 12;

/// What was looked for, where nothing was found.
pub const LOOKED_FOR: &str = "pipelines, the scripts, make targets and npm scripts they call, Dockerfiles, compose files, \
    Terraform roots, playbooks, charts, manifests, and commands in READMEs and runbooks";

/// The report for a terminal.
pub fn render(report: &Report, options: &Options) -> String {
    let mut page = Page::new(options.look);
    let Some(score) = &report.score else {
        nothing(report, options, &mut page);
        return page.finish();
    };
    if options.detail == Detail::Quiet {
        headline(report, score, options, &mut page);
        return page.finish();
    }
    header(report, score, options, &mut page);
    let index = Index::new(report);
    let (shown, left) = selection(report, options);
    page.gap();
    services::table(report, &index, &shown, left, &mut page);
    people::section(report, &shown, left, options, &mut page);
    page.gap();
    headline(report, score, options, &mut page);
    shares(report, score, options, &mut page);
    notes::section(report, options, &mut page);
    replaceable::section(report, options, &mut page);
    if options.detail == Detail::Verbose {
        steps::section(&index, &shown, &mut page);
        notes::full(report, &mut page);
    }
    page.finish()
}

/// The services to show, and how many are left out.
fn selection<'a>(report: &'a Report, options: &Options) -> (Vec<&'a Service>, usize) {
    let wanted = |s: &&Service| options.services.is_empty() || options.services.contains(&s.name);
    let mut shown: Vec<&Service> = report.services.iter().filter(wanted).collect();
    if options.detail == Detail::Verbose || shown.len() <= FIRST_SCREEN {
        return (shown, 0);
    }
    shown.sort_by(|a, b| a.coverage.total_cmp(&b.coverage).then_with(|| a.name.cmp(&b.name)));
    let left = shown.len() - FIRST_SCREEN;
    shown.truncate(FIRST_SCREEN);
    (shown, left)
}

/// `shop · 2 services · 52 steps · 41 files read, 1 partly`.
fn header(report: &Report, score: &Score, options: &Options, page: &mut Page) {
    let look = page.look;
    let mut parts = vec![Line::of(BOLD, look.escape(&report.repository.name))];
    let all = report.services.len();
    parts.push(Line::plain(if options.services.is_empty() {
        words::count(all, "service", "services")
    } else {
        format!("{} of {}", options.services.len(), words::count(all, "service", "services"))
    }));
    parts.push(Line::plain(words::count(score.steps.total, "step", "steps")));
    parts.push(Line::plain(files(report)));
    page.flow(parts, look.dot(), 2);
    if options.detail == Detail::Verbose {
        origin(report, page);
    }
}

/// `41 files read, 1 partly`.
fn files(report: &Report) -> String {
    let files = &report.files;
    let mut text = format!("{} read", words::count(files.read, "file", "files"));
    if !files.partly_read.is_empty() {
        text = format!("{text}, {} partly", files.partly_read.len());
    }
    if !files.unread.is_empty() {
        text = format!("{text}, {} not", files.unread.len());
    }
    text
}

/// Folder, commit, trunk and the stamps.
fn origin(report: &Report, page: &mut Page) {
    let look = page.look;
    let repository = &report.repository;
    let mut parts = vec![Line::of(DIM, format!("folder {}", look.escape(&repository.root)))];
    if let Some(commit) = &repository.commit {
        parts.push(Line::of(DIM, format!("commit {}", look.escape(commit))));
    }
    let trunk = &repository.trunk;
    parts.push(Line::of(
        DIM,
        if trunk.name.is_empty() {
            "trunk: any branch".to_owned()
        } else {
            format!("trunk {} (from {})", look.escape(&trunk.name), trunk.from)
        },
    ));
    let tool = &report.tool;
    parts.push(Line::of(DIM, format!("{} {}, model {}", tool.name, tool.version, tool.model_version)));
    page.flow(parts, look.dot(), 2);
}

/// The figures that every report leads with.
fn headline(report: &Report, score: &Score, options: &Options, page: &mut Page) {
    let look = page.look;
    let mut parts = vec![Line::of(BOLD, words::production(score))];
    if !options.services.is_empty() && options.detail != Detail::Quiet {
        let all = words::count(report.services.len(), "service", "services");
        parts.insert(0, Line::of(DIM, format!("whole repository, {all}")));
    }
    parts.push(Line::of(BOLD, words::coverage(score, &look)));
    page.flow(parts, look.dot(), 0);
}

/// The figures beside the headline.
fn shares(report: &Report, score: &Score, options: &Options, page: &mut Page) {
    let mut parts = vec![Line::plain(words::step_share(score))];
    parts.push(Line::plain(format!("{} built-in or plain command", words::percent(score.built_in_share))));
    if options.detail == Detail::Verbose {
        let share = words::percent(score.blocking_share);
        parts.push(Line::plain(format!("{share} of tests, scans and verifications can stop a bad change")));
    }
    if report.replaceable.places > 0 {
        let places = words::count(report.replaceable.places, "script", "scripts");
        parts.push(Line::plain(format!("{places} an option of a tool in use replaces")));
    }
    let dot = page.look.dot();
    page.flow(parts, dot, 0);
    settled(report, page);
}

/// What the configuration and comments change.
fn settled(report: &Report, page: &mut Page) {
    let look = page.look;
    let mut parts = Vec::new();
    if let Some(configuration) = &report.configuration {
        parts.push(Line::of(DIM, look.escape(&configuration.file)));
        if !configuration.left_out.is_empty() {
            let files = words::count(configuration.left_out.len(), "file", "files");
            parts.push(Line::plain(format!("{files} left out")));
        }
        if configuration.custom_weights {
            parts.push(Line::plain("custom weights"));
        }
        let changed = report.score.as_ref().map(|s| s.coverage) != configuration.coverage_without;
        if let Some(without) = configuration.coverage_without.filter(|_| changed) {
            parts.push(Line::plain(format!("path coverage without it {}", words::interval(&without, &look))));
        }
    }
    if !report.suppressed.is_empty() {
        let places = words::count(report.suppressed.len(), "place", "places");
        parts.push(Line::plain(format!("{places} set aside by comments")));
    }
    page.flow(parts, look.dot(), 2);
}

/// The screen for a repository without a delivery step.
fn nothing(report: &Report, options: &Options, page: &mut Page) {
    let look = page.look;
    let text = format!("{}: no delivery step found, so nothing to score", look.escape(&report.repository.name));
    page.words(BOLD, &text, 2);
    if options.detail == Detail::Quiet {
        return;
    }
    page.words(PLAIN, &format!("{}. Looked for {LOOKED_FOR}.", files(report)), 0);
    notes::section(report, options, page);
    if options.detail == Detail::Verbose {
        notes::full(report, page);
    }
}
