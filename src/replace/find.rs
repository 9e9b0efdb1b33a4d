//! Asking the rules: every place where one matches, and which of several has its way.

use super::conditions::reads;
use super::matching::{Match, Matcher};
use super::pattern::TakesValue;
use super::readings::Readings;
use super::rules::{Case, ConfidenceForm, FixForm, Rule, Tree};
use super::scripts::{Around, Script, scripts};
use super::tree::{Kind, Node};
use super::versions::Pins;
use super::{dockerfile, fields, keys};
use crate::model::{DeliveryMap, Program};
use crate::source::{SourceSet, Span};
use std::ops::Range;
use std::sync::Arc;

/// What rules are asked about.
pub struct Repository<'r> {
    /// Its files.
    pub sources: &'r SourceSet,
    /// What front ends made of them.
    pub program: &'r Program,
    /// The steps.
    pub map: &'r DeliveryMap,
    /// Its scripts.
    pub scripts: Vec<Script<'r>>,
    /// Its files, as far as they were read.
    pub readings: Readings,
    /// Versions that its files pin.
    pins: Pins<'r>,
    /// Whether an option of a program has a value.
    pub takes_value: TakesValue<'r>,
}

/// A match in its surroundings.
pub struct Site<'s> {
    /// The repository.
    pub repository: &'s Repository<'s>,
    /// The script.
    pub script: &'s Script<'s>,
    /// The sequence in which it stands.
    pub nodes: &'s [Node],
    /// What stands around that.
    pub around: Around,
    /// The match.
    pub found: &'s Match,
}

/// What is asked: a rule, and which of its cases.
pub struct Asked<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The case.
    pub case: &'a Case,
    /// The rule's index.
    pub index: usize,
}

impl Asked<'_> {
    /// A finding at a place.
    pub fn finding(&self, span: Span, after: Option<String>, same: bool, repository: &Repository<'_>) -> Finding {
        let editable = same && after.is_some();
        let after = after.or_else(|| self.case.advice.clone());
        Finding { rule: self.index, span, after, editable, safe: editable && repository.may_be_safe(self.rule) }
    }
}

/// A place where a rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, by its index.
    pub rule: usize,
    /// The place.
    pub span: Span,
    /// What takes its place, or what to do, in words.
    pub after: Option<String>,
    /// The replaced text can be put into the file as it is.
    pub editable: bool,
    /// The edit may be applied unseen: the option is there in the version that the files pin, or in any.
    pub safe: bool,
}

impl<'r> Repository<'r> {
    /// Read the scripts of a repository.
    pub fn new(sources: &'r SourceSet, program: &'r Program, map: &'r DeliveryMap, takes_value: TakesValue<'r>) -> Self {
        let scripts = scripts(program, sources);
        Self { sources, program, map, scripts, readings: Readings::new(sources), pins: Pins::new(sources), takes_value }
    }
}

impl Repository<'_> {
    /// Whether an edit of a rule may be applied unseen.
    pub fn may_be_safe(&self, rule: &Rule) -> bool {
        rule.form.fix == FixForm::Safe && rule.form.since.as_deref().is_none_or(|since| self.pins.are_enough(since))
    }
}

impl Site<'_> {
    /// Whether these nodes of the sequence are glue.
    pub fn only_glue(&self, nodes: Range<usize>) -> bool {
        self.nodes.get(nodes).unwrap_or_default().iter().all(Node::is_glue)
    }

    /// Whether a variable or file is read elsewhere in the script, outside of the match.
    pub fn is_read_elsewhere(&self, name: &str) -> bool {
        let name = name.trim_start_matches('$').trim_matches(['{', '}']);
        let outside = |nodes: &[Node]| nodes.iter().any(|n| reads_outside(n, name, &self.found.range));
        outside(self.script.nodes())
    }

    /// Whether the mapping around the script, or one around that, has a key.
    pub fn has_key(&self, key: &str) -> bool {
        self.key(key).is_some()
    }

    /// The value of a key of the nearest mapping around the script that has it.
    pub fn key(&self, key: &str) -> Option<String> {
        keys::around(self.repository, self.script.span(self.found.range.clone())).remove(key)
    }

    /// The path of its file.
    pub fn path(&self) -> &str {
        &self.repository.sources.file(self.script.span(self.found.range.clone()).file).path
    }

    /// Whether another file names a text.
    pub fn is_named_in_other_files(&self, text: &str) -> bool {
        let own = self.script.span(self.found.range.clone()).file;
        text.is_empty() || self.repository.sources.files().iter().any(|f| f.id != own && f.text.contains(text))
    }

    /// The stages of the steps at its place.
    pub fn stages(&self) -> impl Iterator<Item = String> + '_ {
        let span = self.script.span(self.found.range.clone());
        let meets = move |s: &Span| s.file == span.file && s.start < span.end && span.start < s.end;
        self.repository.map.steps.iter().filter(move |s| s.span.as_ref().is_some_and(meets)).map(|s| s.stage.to_string())
    }
}

fn reads_outside(node: &Node, name: &str, without: &Range<usize>) -> bool {
    if node.range.end <= without.start || node.range.start >= without.end {
        return reads(node, name);
    }
    if without.start <= node.range.start && node.range.end <= without.end {
        return false;
    }
    let all = |nodes: &[Node]| nodes.iter().any(|n| reads_outside(n, name, without));
    match &node.kind {
        Kind::Pipe(nodes) | Kind::Subshell(nodes) | Kind::Function(nodes) => all(nodes),
        Kind::Or(left, right) => all(left) || all(right),
        Kind::Not(inner) => reads_outside(inner, name, without),
        Kind::If(arms, otherwise) => arms.iter().any(|(c, b)| all(c) || all(b)) || otherwise.as_ref().is_some_and(|b| all(b)),
        Kind::For(_, _, body) => all(body),
        Kind::Loop(_, condition, body) => all(condition) || all(body),
        Kind::Case(_, arms) => arms.iter().any(|(_, b)| all(b)),
        _ => false,
    }
}

/// All findings of these rules, one a place, in order.
pub fn find(repository: &Repository<'_>, rules: &[Arc<Rule>]) -> Vec<Finding> {
    let mut out = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        for case in &rule.cases {
            let asked = Asked { rule, case, index };
            matches(&case.tree, &asked, repository, &mut out);
        }
    }
    let too_young = |f: &Finding| {
        let since = rules.get(f.rule).and_then(|r| r.form.since.as_deref());
        since.is_some_and(|since| repository.pins.are_older(since))
    };
    out.retain(|f| !too_young(f));
    settle(out, rules)
}

/// The places of a leaf. Of several leaves that must all hold, the first that has places gives them.
fn matches(tree: &Tree, asked: &Asked<'_>, repository: &Repository<'_>, out: &mut Vec<Finding>) {
    match tree {
        Tree::Any(all) => all.iter().for_each(|t| matches(t, asked, repository, out)),
        Tree::All(all) => {
            let mut places = Vec::new();
            for one in all {
                if matches!(one, Tree::Not(_) | Tree::File(_)) {
                    if !holds(one, asked, repository) {
                        return;
                    }
                } else if places.is_empty() {
                    matches(one, asked, repository, &mut places);
                } else if !holds(one, asked, repository) {
                    return;
                }
            }
            out.extend(places);
        }
        Tree::Shell(pattern) | Tree::Task(pattern) => {
            let task = matches!(tree, Tree::Task(_));
            for script in repository.scripts.iter().filter(|s| s.places.contains("ansible") == task) {
                if asked.case.fits(script) && (pattern.programs.is_empty() || script.calls(pattern.programs.iter())) {
                    in_script(pattern, asked, repository, script, out);
                }
            }
        }
        Tree::Dockerfile(instructions) => dockerfile::find(instructions, asked, repository, out),
        Tree::Yaml(field) => fields::find(field, asked, repository, out),
        Tree::Not(_) | Tree::File(_) => {}
    }
}

fn holds(tree: &Tree, asked: &Asked<'_>, repository: &Repository<'_>) -> bool {
    match tree {
        Tree::Not(inner) => !holds(inner, asked, repository),
        Tree::File(glob) => repository.sources.paths.iter().any(|p| glob.is_match(p)),
        Tree::All(all) => all.iter().all(|t| holds(t, asked, repository)),
        Tree::Any(all) => all.iter().any(|t| holds(t, asked, repository)),
        other => {
            let mut places = Vec::new();
            matches(other, asked, repository, &mut places);
            !places.is_empty()
        }
    }
}

fn in_script(
    pattern: &super::pattern::Pattern,
    asked: &Asked<'_>,
    repository: &Repository<'_>,
    script: &Script<'_>,
    out: &mut Vec<Finding>,
) {
    let matcher = Matcher { takes_value: repository.takes_value };
    for (nodes, around) in script.sequences() {
        let mut at = 0;
        while at < nodes.len() {
            let Some(found) = matcher.at(&pattern.nodes, nodes, at) else {
                at += 1;
                continue;
            };
            let site = Site { repository, script, nodes, around, found: &found };
            if asked.case.conditions.iter().all(|c| c.holds(&site)) {
                let written = |range: Range<usize>| script.written(range);
                let after = asked.case.replace.as_ref().and_then(|t| t.fill(&found.bindings, &written));
                let span = script.span(found.range.clone());
                let file = repository.sources.file(span.file);
                // In a block of YAML its lines are indented.
                let flat = |text: &str| text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
                let written = file.text.get(span.start as usize..span.end as usize).map(flat);
                let same = !script.snippet.inside && written == Some(flat(&script.written(found.range.clone())));
                let mut finding = asked.finding(span, after, same, repository);
                finding.safe &= !loses(&script.written(found.range.clone()), finding.after.as_deref().unwrap_or_default());
                out.push(finding);
                at = found.nodes.end.max(at + 1);
            } else {
                at += 1;
            }
        }
    }
}

/// Whether what takes a text's place leaves out what the comparison did not look at.
fn loses(before: &str, after: &str) -> bool {
    let lost = |what: &str| before.contains(what) && !after.contains(what);
    ["/dev/null", "2>&1", "sudo ", "env ", "exec ", "#", "echo "].iter().any(|what| lost(what))
}

/// One finding a place: the widest has its way, of equal ones the surer.
fn settle(mut all: Vec<Finding>, rules: &[Arc<Rule>]) -> Vec<Finding> {
    let sure = |f: &Finding| rules.get(f.rule).map_or(ConfidenceForm::Low, |r| r.form.confidence);
    all.sort_by(|a, b| {
        let width = |f: &Finding| f.span.end - f.span.start;
        width(b).cmp(&width(a)).then(sure(b).cmp(&sure(a))).then(a.rule.cmp(&b.rule)).then(a.span.cmp(&b.span))
    });
    let mut kept: Vec<Finding> = Vec::new();
    for one in all {
        let meets = |k: &Finding| k.span.file == one.span.file && k.span.start < one.span.end && one.span.start < k.span.end;
        if !kept.iter().any(meets) {
            kept.push(one);
        }
    }
    kept.sort_by_key(|f| (f.span, f.rule));
    kept
}
