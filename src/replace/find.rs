//! Asking the rules: every place where one matches, and which of several has its way.

use super::conditions::reads;
use super::dockerfile::{Instruction, instructions};
use super::index::Index;
use super::matching::{Bindings, Match, Matcher};
use super::needs::{Corpus, Needs, Reach, place};
use super::pattern::TakesValue;
use super::rules::{Case, ConfidenceForm, FixForm, Rule, Tree};
use super::scripts::{Around, Script, scripts};
use super::tree::Node;
use super::versions::Pins;
use super::{dockerfile, fields, keys};
use crate::model::{DeliveryMap, Program, UnitKind};
use crate::source::{FileId, SourceFile, SourceSet, Span};
use crate::syntax::yaml::Readings;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// The words that patterns need, by what they are compared with.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// In scripts.
    pub scripts: HashSet<String>,
    /// In Dockerfiles.
    pub dockerfiles: HashSet<String>,
    /// In YAML files.
    pub yaml: HashSet<String>,
}

/// What rules are asked about.
pub struct Repository<'r> {
    /// Its files.
    pub sources: &'r SourceSet,
    /// What front ends made of them.
    pub program: &'r Program,
    /// The steps.
    pub map: &'r DeliveryMap,
    /// Its scripts, once they are asked for.
    scripts: OnceCell<Vec<Script<'r>>>,
    /// The words of its scripts, its Dockerfiles and its YAML files.
    script_words: OnceCell<Index<'r>>,
    dockerfile_words: OnceCell<Index<'r>>,
    yaml_words: OnceCell<(Vec<FileId>, Index<'r>)>,
    /// The words that patterns need.
    vocabulary: &'r Vocabulary,
    /// Its YAML files, as far as they were read.
    pub readings: &'r Readings,
    /// The instructions of its Dockerfiles.
    dockerfiles: OnceCell<Vec<(FileId, Vec<Instruction>)>>,
    /// Versions that its files pin.
    pins: Pins<'r>,
    /// Whether an option of a program has a value.
    pub takes_value: TakesValue<'r>,
}

/// A match in its surroundings.
pub struct Site<'s, 'r> {
    /// The repository.
    pub repository: &'s Repository<'r>,
    /// The script.
    pub script: &'s Script<'r>,
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
    /// What to do, in words, with what the holes took.
    fn advice(&self, bindings: &Bindings) -> Option<String> {
        let mut text = self.case.advice.clone()?;
        for (hole, bound) in &bindings.texts {
            text = text.replace(&format!("<{hole}>"), &bound.text);
        }
        Some(text)
    }

    /// A finding at a place; `written` gives what stands in a range of the script, `same`: it can be replaced there as it is.
    pub fn finding(
        &self,
        span: Span,
        bindings: &Bindings,
        written: &dyn Fn(Range<usize>) -> String,
        same: bool,
        repository: &Repository<'_>,
    ) -> Finding {
        let after = self.case.replace.as_ref().and_then(|t| t.fill(bindings, written));
        let editable = same && after.is_some();
        let after = after.or_else(|| self.advice(bindings));
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
    /// Nothing is read yet; `vocabulary`: the words that patterns need.
    pub fn new(
        sources: &'r SourceSet,
        program: &'r Program,
        map: &'r DeliveryMap,
        readings: &'r Readings,
        takes_value: TakesValue<'r>,
        vocabulary: &'r Vocabulary,
    ) -> Self {
        Self {
            sources,
            program,
            map,
            scripts: OnceCell::new(),
            script_words: OnceCell::new(),
            dockerfile_words: OnceCell::new(),
            yaml_words: OnceCell::new(),
            vocabulary,
            readings,
            dockerfiles: OnceCell::new(),
            pins: Pins::new(sources),
            takes_value,
        }
    }

    /// Its scripts.
    pub fn scripts(&self) -> &[Script<'r>] {
        self.scripts.get_or_init(|| scripts(self.program, self.sources))
    }

    /// The scripts that hold what a pattern needs.
    pub fn scripts_for(&self, needs: &Needs) -> impl Iterator<Item = &Script<'r>> {
        self.script_words().candidates(needs).into_iter().filter_map(|index| self.scripts().get(index))
    }

    fn script_words(&self) -> &Index<'r> {
        let places = |s: &Script<'_>| s.places.iter().map(|p| place(p)).collect();
        let texts = || self.scripts().iter().map(|s| (s.snippet.text.text.as_str(), places(s)));
        self.script_words.get_or_init(|| Index::new(texts(), &self.vocabulary.scripts))
    }

    fn dockerfiles(&self) -> &[(FileId, Vec<Instruction>)] {
        self.dockerfiles.get_or_init(|| {
            let units = self.program.iter().filter(|(_, u)| u.kind == UnitKind::Dockerfile);
            let files: BTreeSet<FileId> = units.map(|(_, u)| u.span.file).collect();
            files.into_iter().map(|id| (id, instructions(self.sources.file(id)))).collect()
        })
    }

    /// The instructions of Dockerfiles that hold what a pattern needs.
    pub fn dockerfiles_for(&self, needs: &Needs) -> impl Iterator<Item = &Vec<Instruction>> {
        let all = self.dockerfiles();
        self.dockerfile_words().candidates(needs).into_iter().filter_map(|index| Some(&all.get(index)?.1))
    }

    fn dockerfile_words(&self) -> &Index<'r> {
        let all = self.dockerfiles();
        // Instructions may be written in lower case.
        let begins = |text: &str| text.lines().filter_map(|l| l.split_whitespace().next()).map(str::to_ascii_uppercase).collect();
        let text = |file: FileId| self.sources.file(file).text.as_str();
        let texts = || all.iter().map(|(file, _)| (text(*file), begins(text(*file))));
        self.dockerfile_words.get_or_init(|| Index::new(texts(), &self.vocabulary.dockerfiles))
    }

    /// The YAML files that hold what a pattern needs.
    pub fn yaml_files_for(&self, needs: &Needs) -> impl Iterator<Item = &'r SourceFile> {
        let (files, index) = self.yaml_words();
        index.candidates(needs).into_iter().filter_map(|index| Some(self.sources.file(*files.get(index)?)))
    }

    fn yaml_words(&self) -> &(Vec<FileId>, Index<'r>) {
        self.yaml_words.get_or_init(|| {
            let yaml = |name: &str| name.ends_with(".yml") || name.ends_with(".yaml");
            let files: Vec<&SourceFile> = self.sources.files().iter().filter(|f| yaml(f.name())).collect();
            let index = Index::new(files.iter().map(|f| (f.text.as_str(), Vec::new())), &self.vocabulary.yaml);
            (files.iter().map(|f| f.id).collect(), index)
        })
    }

    /// Whether a rule may meet something.
    pub fn may_meet(&self, reach: &Reach) -> bool {
        match reach {
            Reach::Anywhere => true,
            Reach::In(Corpus::Scripts, needs) => self.script_words().has(needs),
            Reach::In(Corpus::Dockerfiles, needs) => self.dockerfile_words().has(needs),
            Reach::In(Corpus::Yaml, needs) => self.yaml_words().1.has(needs),
            Reach::All(all) => all.iter().all(|one| self.may_meet(one)),
            Reach::Any(all) => all.iter().any(|one| self.may_meet(one)),
        }
    }

    /// Whether an edit of a rule may be applied unseen.
    pub fn may_be_safe(&self, rule: &Rule) -> bool {
        rule.form.fix == FixForm::Safe && rule.form.since.as_deref().is_none_or(|since| self.pins.are_enough(since))
    }
}

impl Site<'_, '_> {
    /// Whether these nodes of the sequence are glue.
    pub fn only_glue(&self, nodes: Range<usize>) -> bool {
        self.nodes.get(nodes).unwrap_or_default().iter().all(Node::is_glue)
    }

    /// Whether it is all of its nodes, not a part of a pipe.
    pub fn is_whole(&self) -> bool {
        let (first, last) = (self.nodes.get(self.found.nodes.start), self.nodes.get(self.found.nodes.end.saturating_sub(1)));
        first.is_none_or(|n| self.found.range.start <= n.range.start) && last.is_none_or(|n| n.range.end <= self.found.range.end)
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
    node.inner().into_iter().flatten().any(|n| reads_outside(n, name, without))
}

/// All findings of these rules, one a place, in order.
pub fn find(repository: &Repository<'_>, rules: &[Arc<Rule>]) -> Vec<Finding> {
    let mut out = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let may_meet = rule.cases.iter().filter(|case| repository.may_meet(&case.reach));
        for case in may_meet.filter_map(|case| case.read(repository.takes_value)) {
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
            let mut places: Option<Vec<Finding>> = None;
            for one in all {
                let looks = matches!(one, Tree::Not(_) | Tree::File(_));
                if looks || places.is_some() {
                    if !holds(one, asked, repository) {
                        return;
                    }
                    continue;
                }
                let mut found = Vec::new();
                matches(one, asked, repository, &mut found);
                if found.is_empty() {
                    return;
                }
                places = Some(found);
            }
            out.extend(places.into_iter().flatten());
        }
        Tree::Shell(pattern) | Tree::Task(pattern) => {
            let task = matches!(tree, Tree::Task(_));
            for script in repository.scripts_for(&pattern.needs) {
                if script.places.contains("ansible") == task && asked.case.fits(script) {
                    in_script(pattern, asked, repository, script, out);
                }
            }
        }
        Tree::Dockerfile(instructions) => dockerfile::find(instructions, asked, repository, out),
        Tree::Yaml(field) => fields::find(field, asked, repository, out),
        Tree::Not(_) | Tree::File(_) => {}
    }
}

/// Whether a tree meets anything. Conditions are about the place of a finding: here they are not asked.
fn holds(tree: &Tree, asked: &Asked<'_>, repository: &Repository<'_>) -> bool {
    match tree {
        Tree::Not(inner) => !holds(inner, asked, repository),
        Tree::File(glob) => repository.sources.paths.iter().any(|p| glob.is_match(p)),
        Tree::All(all) => all.iter().all(|t| holds(t, asked, repository)),
        Tree::Any(all) => all.iter().any(|t| holds(t, asked, repository)),
        other => {
            let case = Case { tree: other.clone(), conditions: Vec::new(), replace: None, advice: None };
            let mut places = Vec::new();
            matches(other, &Asked { case: &case, ..*asked }, repository, &mut places);
            !places.is_empty()
        }
    }
}

fn in_script<'r>(
    pattern: &super::pattern::Pattern,
    asked: &Asked<'_>,
    repository: &Repository<'r>,
    script: &Script<'r>,
    out: &mut Vec<Finding>,
) {
    let matcher = Matcher { takes_value: repository.takes_value };
    for (nodes, around) in script.sequences() {
        let mut at = 0;
        while at < nodes.len() {
            let found = matcher.at(&pattern.nodes, nodes, at).and_then(|mut f| asked.case.join(&mut f.bindings).then_some(f));
            let Some(found) = found else {
                at += 1;
                continue;
            };
            let site = Site { repository, script, nodes, around, found: &found };
            if asked.case.conditions.iter().all(|c| c.holds(&site)) {
                let written = |range: Range<usize>| script.written(range);
                let span = script.span(found.range.clone());
                let file = repository.sources.file(span.file);
                // In a block of YAML its lines are indented.
                let flat = |text: &str| text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
                let there = file.text.get(span.start as usize..span.end as usize).map(flat);
                let kept = !leaves_assignments(&nodes[found.nodes.clone()], found.range.start);
                let same = kept && !script.snippet.inside && there == Some(flat(&script.written(found.range.clone())));
                let mut finding = asked.finding(span, &found.bindings, &written, same, repository);
                finding.safe &= !loses(&script.written(found.range.clone()), finding.after.as_deref().unwrap_or_default());
                out.push(finding);
                at = found.nodes.end.max(at + 1);
            } else {
                at += 1;
            }
        }
    }
}

/// Whether assignments before a command other than that at `start` would go with what is replaced.
fn leaves_assignments(nodes: &[Node], start: usize) -> bool {
    let inner = |node: &Node| node.inner().into_iter().any(|nodes| leaves_assignments(nodes, start));
    nodes.iter().any(|node| (node.preceded && node.range.start > start) || inner(node))
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
