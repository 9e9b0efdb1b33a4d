//! `prodpath rules`: the rules there are, one rule's page, and rule files held against their own examples.

use super::args::Rules;
use super::output::Output;
use super::{FINE, Failure, MISSED};
use crate::config::Selection;
use crate::replace::rules::Rule;
use crate::replace::selection::{Candidate, is_group};
use crate::replace::{embedded, is_built_in, read_file};
use crate::report::look::Look;
use crate::report::rule_page;
use crate::scan::check::check;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::WalkDir;

pub(super) fn rules(args: &Rules, look: Look, output: &mut Output<impl Write, impl Write>) -> Result<u8, Failure> {
    if !args.check.is_empty() {
        return Ok(files(&all_files(&args.check)?, look, output));
    }
    let all = embedded();
    if let Some(page) = args.id.as_deref().and_then(page_of) {
        output.text(&page);
        return Ok(FINE);
    }
    let wanted: Vec<&Rule> = all.iter().map(|r| &**r).filter(|r| args.id.as_ref().is_none_or(|tool| r.tool == *tool)).collect();
    if wanted.is_empty() {
        let id = args.id.as_deref().unwrap_or_default();
        return Err(Failure(format!("no rule and no tool with rules is called {id}; `prodpath rules` lists them")));
    }
    if let Some(dir) = &args.pages {
        pages(&wanted, dir)?;
    } else {
        output.text(&list(&wanted));
    }
    Ok(FINE)
}

/// The page of the rule with this id.
pub(super) fn page_of(id: &str) -> Option<String> {
    embedded().iter().find(|r| r.id == id).map(|r| rule_page::text(r))
}

fn list(rules: &[&Rule]) -> String {
    let width = rules.iter().map(|r| r.id.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules {
        let _ = writeln!(out, "{:width$}  {:6}  {}", rule.id, rule_page::sure(rule), rule.form.title);
    }
    let tools: std::collections::BTreeSet<&str> = rules.iter().map(|r| r.tool.as_str()).collect();
    let _ = writeln!(out, "\n{} rules for {} tools", rules.len(), tools.len());
    out
}

/// Write the page of each rule, and the list of them, under a folder.
fn pages(rules: &[&Rule], dir: &Path) -> Result<(), Failure> {
    let write = |path: PathBuf, text: String| {
        let parent = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        parent.and_then(|()| std::fs::write(&path, text)).map_err(|e| Failure(format!("{}: {e}", path.display())))
    };
    for rule in rules {
        write(dir.join(format!("{}.md", rule.id)), rule_page::markdown(rule))?;
    }
    write(dir.join("README.md"), rule_page::index(rules))
}

/// The rule files that these paths are or hold, each read without a fault.
pub(super) fn files_of(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let all = all_files(paths)?;
    for path in &all {
        read_file(path).map_err(|why| Failure(format!("{}: {why}", path.display())))?;
    }
    Ok(all)
}

/// Whether every word of a selection means a rule.
pub(super) fn known(selection: &Selection, files: &[PathBuf]) -> Result<(), Failure> {
    let own: Vec<_> = files.iter().filter_map(|f| Some(read_file(f).ok()?.rule)).collect();
    for word in selection.words().filter(|w| !is_group(w)) {
        let means = |rule: &Arc<Rule>| Candidate::own(rule).is(word);
        if !own.iter().any(means) && !is_built_in(word) {
            let text = format!("no rule and no tool with rules is called {word}; `prodpath rules` lists them");
            return Err(Failure(text));
        }
    }
    Ok(())
}

/// The files that these paths are, or that a folder of rules holds.
fn all_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut out = Vec::new();
    for path in paths {
        if !path.exists() {
            return Err(Failure(format!("{}: no such file", path.display())));
        }
        let yaml = |p: &Path| p.is_file() && p.extension().is_some_and(|e| e == "yaml" || e == "yml");
        let walker = WalkDir::new(path).sort_by_file_name().into_iter().flatten();
        out.extend(walker.map(walkdir::DirEntry::into_path).filter(|p| p == path || yaml(p)).filter(|p| p.is_file()));
    }
    Ok(out)
}

fn files(paths: &[PathBuf], look: Look, output: &mut Output<impl Write, impl Write>) -> u8 {
    let mut failed = 0;
    for path in paths {
        let shown = path.to_string_lossy();
        let faults = match read_file(path) {
            Ok(own) => check(&own.rule).iter().map(|fault| own.told(fault)).collect(),
            Err(why) => vec![why],
        };
        failed += usize::from(!faults.is_empty());
        for fault in faults {
            output.message(&look.escape(&format!("{shown}, {fault}")));
        }
    }
    output.text(&format!("{} of {} rules pass their examples\n", paths.len() - failed, paths.len()));
    if failed == 0 { FINE } else { MISSED }
}
