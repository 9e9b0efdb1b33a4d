//! What starts a run, and the conditions of jobs and steps.

use super::find;
use crate::catalogue::declared::{Conditions, Fact, Language, Patterns};
use crate::frontends::pipelines::condition::{self, Language as Infix};
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::{self, Pattern, Refs, all, any, is, not};
use crate::frontends::pipelines::values;
use crate::model::{Event, Expr, Start, Value};
use crate::source::Span;

/// The branch, of a change the one that it is for; empty for a tag.
const BRANCH: &str = "declared.branch";

/// What a file's conditions and scripts name.
#[derive(Debug, Default)]
pub struct Mentioned {
    /// Branches.
    pub branches: Vec<Pattern>,
    tags: Vec<Pattern>,
    /// Events with the place that names them first.
    events: Vec<(Event, Span)>,
}

impl Mentioned {
    /// By the root of a file.
    pub fn of(language: &Language, root: &Data, text: &str) -> Self {
        let mut out = Self::default();
        out.read(language, root);
        for (fact, known) in [(Fact::Branch, true), (Fact::Tag, false)] {
            let names: Vec<&str> = language.facts.iter().filter(|(_, f)| **f == fact).map(|(n, _)| n.as_str()).collect();
            if !names.is_empty() {
                let list = if known { &mut out.branches } else { &mut out.tags };
                list.extend(values::compared(text, &names));
            }
        }
        out
    }

    fn read(&mut self, language: &Language, root: &Data) {
        for job in super::jobs::listed(language, root) {
            self.add(language, &language.job.conditions, job.data);
            for work in language.work.iter().flat_map(|w| find::at(job.data, &w.at)) {
                for step in work.data.one_or_many().iter().filter(|s| s.is_map()) {
                    self.add(language, &language.step.conditions, step);
                }
            }
        }
    }

    fn add(&mut self, language: &Language, conditions: &Conditions, config: &Data) {
        let patterns = |paths| find::texts(config, paths).into_iter().map(|t| pattern(language, t)).collect::<Vec<_>>();
        let both: Vec<Pattern> = [patterns(&conditions.refs), patterns(&conditions.except)].concat();
        self.tags.extend(both.iter().filter(|p| !matches!(p, Pattern::Name(_))).cloned());
        self.branches.extend(both);
        self.branches.extend(patterns(&conditions.branches));
        for expr in find::texts(config, &conditions.when).into_iter().filter_map(|t| infix(language, t).ok()) {
            for (name, fact) in &language.facts {
                let named = condition::named(&expr, &format!("env.{name}"));
                match fact {
                    Fact::Branch | Fact::Target => self.branches.extend(named),
                    Fact::Tag => self.tags.extend(named),
                    Fact::Trunk | Fact::Change => {}
                }
            }
        }
        for found in find::all(config, &conditions.events) {
            for text in found.data.texts() {
                let Some((event, on)) = event(language, text) else { continue };
                self.branches.extend(on);
                if !self.events.iter().any(|(known, _)| *known == event) {
                    self.events.push((event, found.span));
                }
            }
        }
    }

    /// The events that start a run: those that the vendor's always do, and those that the file names.
    pub fn starts(&self, language: &Language, trunk: &str, span: Span) -> Vec<Start> {
        let refs = Refs::new(trunk, &values::spread(self.branches.clone()), &self.tags);
        let usual = language.events.iter().map(|e| (*e, span)).filter(|(e, _)| !self.events.iter().any(|(known, _)| known == e));
        let mut out = Vec::new();
        for (event, span) in usual.chain(self.events.iter().copied()) {
            out.extend(match event {
                Event::Push => refs.push(span),
                Event::Change => refs.change(span),
                Event::Tag => refs.tag(span),
                other => vec![refs.on_trunk(other, span)],
            });
        }
        for start in &mut out {
            start.assumed = language.assumed;
            bind(language, start, trunk);
        }
        out
    }
}

/// The vendor's variables of a run.
fn bind(language: &Language, start: &mut Start, trunk: &str) {
    let known = |name: &str| start.fact(name);
    let change = start.event == Event::Change;
    let mut more = vec![(BRANCH.to_owned(), known(if change { runs::TARGET } else { runs::BRANCH }))];
    for (name, fact) in &language.facts {
        let value = match fact {
            // A change comes from another branch than the trunk.
            Fact::Branch if change => Value::Other(vec![String::new(), trunk.to_owned()]),
            Fact::Branch => known(runs::BRANCH),
            Fact::Target => known(runs::TARGET),
            Fact::Tag => known(runs::TAG),
            Fact::Trunk => known(runs::TRUNK),
            Fact::Change if change => Value::Other(vec![String::new()]),
            Fact::Change => Value::text(""),
        };
        more.push((format!("env.{name}"), value));
    }
    more.push(("env.CI".to_owned(), Value::text("true")));
    start.facts.extend(more);
}

fn pattern(language: &Language, text: &str) -> Pattern {
    match language.patterns {
        Patterns::Glob => Pattern::glob(text),
        Patterns::Regex => Pattern::Regex(text.to_owned()),
        Patterns::Slashed => Pattern::slashed(text),
    }
}

/// An event by the vendor's name, with a branch behind a colon.
fn event(language: &Language, text: &str) -> Option<(Event, Option<Pattern>)> {
    if let Some(event) = language.event_names.get(text) {
        return Some((*event, None));
    }
    let (name, branch) = text.split_once(':')?;
    language.event_names.get(name).map(|event| (*event, Some(Pattern::slashed(branch))))
}

fn infix(language: &Language, text: &str) -> Result<Expr, String> {
    let name = |word: &str| {
        let bare = word.trim_start_matches('$');
        (bare != word || language.facts.contains_key(bare)).then(|| Expr::Var(format!("env.{bare}")))
    };
    // Some commit changes such a path.
    let call = |name: &str, _: &[Expr]| language.path_calls.iter().any(|c| c == name).then(Expr::always);
    condition::parse(text, &Infix { name: &name, call: &call })
}

/// When a job or step runs, and the place that says it.
pub fn condition(language: &Language, conditions: &Conditions, config: &Data) -> (Expr, Option<Span>) {
    let mut parts = Vec::new();
    let mut span: Option<Span> = None;
    let patterns = |paths| find::texts(config, paths).into_iter().map(|t| pattern(language, t)).collect::<Vec<_>>();
    for found in find::all(config, &conditions.when) {
        let text = found.data.texts().join(" and ");
        parts.push(infix(language, &text).unwrap_or(Expr::Unknown(text)));
        span = span.or(Some(found.span));
    }
    let events: Vec<(Event, Option<Pattern>)> =
        find::texts(config, &conditions.events).into_iter().filter_map(|t| event(language, t)).collect();
    if !events.is_empty() {
        let one = |(event, on): (Event, Option<Pattern>)| {
            let on = on.map(|p| p.fits(Expr::Var(BRANCH.to_owned())));
            all(std::iter::once(is(runs::EVENT, event.as_str())).chain(on).collect())
        };
        parts.push(Expr::Or(events.into_iter().map(one).collect()));
        span = span.or(find::all(config, &conditions.events).first().map(|f| f.span));
    }
    let (refs, branches, except) = (patterns(&conditions.refs), patterns(&conditions.branches), patterns(&conditions.except));
    // A branch or a tag; neither is an empty name.
    let either = |patterns: &[Pattern]| {
        let there = |fact: &str| all(vec![not(is(fact, "")), any(fact, patterns)]);
        Expr::Or(vec![there(BRANCH), there(runs::TAG)])
    };
    if !refs.is_empty() {
        parts.push(either(&refs));
    }
    if !branches.is_empty() {
        parts.push(Expr::Or(vec![not(is(runs::TAG, "")), any(BRANCH, &branches)]));
    }
    if !except.is_empty() {
        parts.push(not(either(&except)));
    }
    for paths in [&conditions.refs, &conditions.branches, &conditions.except] {
        span = span.or(find::all(config, paths).first().map(|f| f.span));
    }
    (all(parts), span)
}
