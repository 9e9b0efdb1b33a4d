//! Edits: put into the files, which are then scanned again; one that harms is withdrawn.

use crate::config::Config;
use crate::report::{Replacement, Report, Safety, Step};
use crate::scan::{ScanError, scan};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What was done to a repository.
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// The unified diff of all edits that stay.
    pub diff: String,
    /// Edits that stay.
    pub applied: usize,
    /// Edits that were withdrawn: rule and place, with the reason.
    pub withdrawn: Vec<(String, String)>,
}

/// An edit of one file.
struct Edit<'r> {
    finding: &'r Replacement,
    start: usize,
    end: usize,
    text: String,
}

/// Plan the edits of a report's replacements, and with `write` apply them: file by file, each in one write; then everything is
/// scanned again. An edit that brings a new diagnostic, loses a step, changes an automation or leaves a finding of the same
/// rule at its place is taken back.
///
/// Errors: the repository cannot be scanned again, or a file cannot be written.
pub fn fix(root: &Path, config: &Config, report: &Report, unsafe_too: bool, write: bool) -> Result<Fixed, ScanError> {
    let mut out = Fixed::default();
    let mut plans: BTreeMap<&str, Vec<&Replacement>> = BTreeMap::new();
    for one in &report.replacements {
        let wanted = one.fix.as_ref().is_some_and(|f| unsafe_too || f.safety == Safety::Safe);
        if wanted {
            plans.entry(&one.location.path).or_default().push(one);
        }
    }
    let mut written: Vec<Edited<'_>> = Vec::new();
    for (path, findings) in plans {
        let Some(full) = inside(root, path) else {
            out.withdrawn.push((path.to_owned(), "it is a link, or lies outside of the repository".to_owned()));
            continue;
        };
        let Ok(old) = fs::read_to_string(&full) else { continue };
        let one = Edited::new(full, old, path, findings);
        if one.new != one.old {
            written.push(one);
        }
    }
    if write {
        for one in &written {
            put(&one.full, &one.new)?;
        }
        let after = scan(root, config)?;
        for one in &mut written {
            if let Some(why) = harm(report, &after, one.path, &one.findings) {
                let mut tried = |path: &str, all: &[&Replacement]| Ok(harm(report, &scan(root, config)?, path, all));
                one.apart(&why, &mut tried, &mut out)?;
            }
        }
    }
    for one in written.iter().filter(|one| one.new != one.old) {
        out.applied += one.findings.len();
        out.diff.push_str(&unified(one.path, &one.old, &one.new));
    }
    Ok(out)
}

/// Scans what is written: why the edits of a file do harm.
type Tried<'t> = &'t mut dyn FnMut(&str, &[&Replacement]) -> Result<Option<String>, ScanError>;

/// A file with its edits.
struct Edited<'r> {
    full: PathBuf,
    old: String,
    new: String,
    path: &'r str,
    findings: Vec<&'r Replacement>,
}

impl<'r> Edited<'r> {
    fn new(full: PathBuf, old: String, path: &'r str, findings: Vec<&'r Replacement>) -> Self {
        let edits: Vec<Edit<'_>> = findings.iter().filter_map(|f| edit(f, &old)).collect();
        let new = edited(&old, &edits);
        Self { full, old, new, path, findings }
    }

    /// Of edits that together do harm, keep those that do none, one after the other.
    fn apart(&mut self, why: &str, harm: Tried<'_>, out: &mut Fixed) -> Result<(), ScanError> {
        let all = std::mem::take(&mut self.findings);
        let alone = all.len() == 1;
        for finding in all {
            let mut tried = self.findings.clone();
            tried.push(finding);
            let text = Self::new(self.full.clone(), self.old.clone(), self.path, tried.clone()).new;
            put(&self.full, &text)?;
            match if alone { Some(why.to_owned()) } else { harm(self.path, &tried)? } {
                None => self.findings = tried,
                Some(why) => out.withdrawn.push((format!("{}:{}", self.path, finding.location.line), why)),
            }
        }
        self.new = Self::new(self.full.clone(), self.old.clone(), self.path, self.findings.clone()).new;
        put(&self.full, &self.new)
    }
}

fn put(path: &Path, text: &str) -> Result<(), ScanError> {
    fs::write(path, text).map_err(|source| ScanError::Unreadable { path: path.to_string_lossy().into_owned(), source })
}

/// The file of a path, unless a link leads to it or it lies outside.
fn inside(root: &Path, path: &str) -> Option<PathBuf> {
    let mut full = root.to_path_buf();
    for part in path.split('/') {
        if part == ".." {
            return None;
        }
        full.push(part);
        if fs::symlink_metadata(&full).ok()?.file_type().is_symlink() {
            return None;
        }
    }
    Some(full)
}

fn edit<'r>(finding: &'r Replacement, text: &str) -> Option<Edit<'r>> {
    let edit = finding.fix.as_ref()?.edits.first()?;
    let start = offset(text, edit.location.line, edit.location.column)?;
    let end = offset(text, edit.location.end_line, edit.location.end_column)?;
    // The file must still say what was found.
    (text.get(start..end)? == finding.before).then(|| Edit { finding, start, end, text: edit.text.clone() })
}

/// The byte of a line and column.
fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let start = if line == 1 { 0 } else { text.match_indices('\n').nth(line as usize - 2)?.0 + 1 };
    let rest = text.get(start..)?;
    let at = rest.char_indices().nth(column as usize - 1).map_or(rest.len(), |(at, _)| at);
    Some(start + at)
}

/// The text with the edits; lines of an edit that follow its first stand as deep as the line it begins in.
fn edited(old: &str, edits: &[Edit<'_>]) -> String {
    let mut new = old.to_owned();
    let mut sorted: Vec<&Edit<'_>> = edits.iter().collect();
    sorted.sort_by_key(|e| std::cmp::Reverse(e.start));
    let mut before = usize::MAX;
    let end_of_line = if old.contains("\r\n") { "\r\n" } else { "\n" };
    for one in sorted.into_iter().filter(|e| !e.finding.before.is_empty()) {
        if one.end > before {
            continue;
        }
        before = one.start;
        let line = old[..one.start].rfind('\n').map_or(0, |i| i + 1);
        let depth: String = old[line..one.start].chars().take_while(|c| c.is_whitespace()).collect();
        let text = one.text.lines().collect::<Vec<_>>().join(&format!("{end_of_line}{depth}"));
        new.replace_range(one.start..one.end, &text);
    }
    new
}

/// Why the edits of a file do harm; none where they do not.
fn harm(before: &Report, after: &Report, path: &str, findings: &[&Replacement]) -> Option<String> {
    let faults = |r: &Report| r.diagnostics.iter().filter(|d| d.location.path == path).count();
    if faults(after) > faults(before) {
        return Some("the file could not be read as before".to_owned());
    }
    let rules: BTreeSet<&str> = findings.iter().map(|f| f.rule.as_str()).collect();
    let left = |r: &Report| r.replacements.iter().filter(|f| f.location.path == path && rules.contains(f.rule.as_str())).count();
    if left(after) + findings.len() > left(before) {
        return Some("the same finding is left".to_owned());
    }
    // What the map says, but for the words that the edits changed.
    let said = |r: &Report| {
        let mut all: Vec<String> = r.steps.iter().filter(|s| s.location.is_some()).map(shape).collect();
        all.sort();
        all.dedup();
        all
    };
    if said(before) != said(after) {
        return Some("the map of the way to production would change".to_owned());
    }
    None
}

fn shape(step: &Step) -> String {
    let path = step.location.as_ref().map_or("", |l| l.path.as_str());
    format!("{path} {} {:?} {} {:?}", step.stage, step.environment, step.automation, step.services)
}

/// A unified diff of one file.
fn unified(path: &str, old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new).unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}
