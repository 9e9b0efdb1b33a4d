//! Rules held against their own examples.

use super::{front, program_of};
use crate::catalogue::Catalogue;
use crate::flow;
use crate::replace::fault::Fault;
use crate::replace::find::Finding;
use crate::replace::{self, rules::Example, rules::Rule};
use crate::source::SourceSet;
use crate::syntax::yaml::Readings;
use std::sync::Arc;

/// What is wrong with a rule's examples: each that should match and does not, each near-miss that matches, each replacement
/// that matches again.
pub fn check(rule: &Arc<Rule>) -> Vec<Fault> {
    let mut out = Vec::new();
    for (index, example) in rule.form.matches.iter().enumerate() {
        let sources = sources(example);
        let found = findings(rule, &sources);
        if found.is_empty() {
            out.push(Fault::new("this example does not match").item(index).under("matches"));
        } else if replaced_matches(rule, &sources, &found) {
            out.push(Fault::new("what takes this example's place matches again").item(index).under("matches"));
        }
    }
    for (index, example) in rule.form.near_misses.iter().enumerate() {
        if !findings(rule, &sources(example)).is_empty() {
            out.push(Fault::new("this near-miss matches").item(index).under("near-misses"));
        }
    }
    out
}

fn sources(example: &Example) -> SourceSet {
    let mut sources = SourceSet::default();
    match example {
        Example::Script(text) => {
            sources.add("script.sh", text);
        }
        Example::Files(files) => {
            for (path, text) in files {
                sources.add(path, text);
            }
        }
    }
    sources
}

fn findings(rule: &Arc<Rule>, sources: &SourceSet) -> Vec<Finding> {
    let mut program = program_of(sources, "example");
    let trunk = "main".to_owned();
    front(sources, &trunk, &mut program);
    let map = flow::deliver(&program, sources, Catalogue::embedded(), "example");
    let readings = Readings::new(sources);
    replace::find(&replace::repository(sources, &program, &map, &readings), &[Arc::clone(rule)])
}

/// Whether the rule matches what it has made of an example.
fn replaced_matches(rule: &Arc<Rule>, before: &SourceSet, found: &[Finding]) -> bool {
    let mut after = SourceSet::default();
    let mut changed = false;
    for file in before.files() {
        let mut text = file.text.clone();
        for one in found.iter().rev().filter(|f| f.span.file == file.id && f.editable) {
            if let Some(new) = &one.after {
                text.replace_range(one.span.start as usize..one.span.end as usize, new);
                changed = true;
            }
        }
        after.add(&file.path, &text);
    }
    changed && !findings(rule, &after).is_empty()
}
