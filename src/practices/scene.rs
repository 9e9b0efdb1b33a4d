//! What questions are asked about, and what several of them look at.

use super::drift::{Group, naming};
use crate::model::{Automation, Cell, DeliveryMap, Flag, Program, RefKind, ServiceKind, Stage, Step, Tier, Way};
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::yaml::{Node, Readings, Tree};
use std::collections::BTreeSet;

/// A repository, as questions see it.
pub struct Scene<'s> {
    /// Its files.
    pub sources: &'s SourceSet,
    /// What front ends made of them.
    pub program: &'s Program,
    /// Its delivery.
    pub map: &'s DeliveryMap,
    /// Its YAML files, as far as they were read.
    pub readings: &'s Readings,
    /// What its environments are told, compared.
    pub drift: &'s [Group],
}

impl<'s> Scene<'s> {
    /// The steps that fill a stage.
    pub fn steps(&self, stage: Stage) -> impl Iterator<Item = &'s Step> {
        self.map.steps.iter().filter(move |s| s.span.is_some() && s.fills(stage))
    }

    /// The steps that put a product into an environment.
    pub fn deploys(&self) -> impl Iterator<Item = &'s Step> {
        self.steps(Stage::Deploy).filter(|s| !s.third_party && !s.look_only)
    }

    /// The deploys, and what else fills a service's deploy: infrastructure that declares its workload (model ruling 9).
    pub fn deliveries(&self) -> Vec<&'s Step> {
        let cells = self.map.paths.iter().flat_map(|p| &p.cells).filter(|c| c.cell == Cell::Deploy);
        let filling: BTreeSet<usize> = cells.flat_map(|c| c.steps.iter().copied()).collect();
        let counts = |s: &Step| s.fills(Stage::Deploy) && !s.third_party && !s.look_only;
        let all = self.map.steps.iter().enumerate().filter(|(_, s)| s.span.is_some());
        all.filter(|(at, s)| filling.contains(at) || counts(s)).map(|(_, s)| s).collect()
    }

    /// The steps that run in a pipeline, by themselves or by a button.
    pub fn in_pipelines(&self) -> impl Iterator<Item = &'s Step> {
        let runs = |s: &&Step| s.span.is_some() && matches!(s.automation(), Automation::Automated | Automation::PushButton);
        self.map.steps.iter().filter(runs)
    }

    /// The tier of an environment.
    pub fn tier(&self, environment: &str) -> Tier {
        self.map.environments.iter().find(|e| e.name == environment).map_or(Tier::Unknown, |e| e.tier)
    }

    /// Whether something of the repository is deployed anywhere.
    pub fn is_deployed(&self) -> bool {
        self.map.services.iter().any(|s| s.kind == Some(ServiceKind::Deployed))
    }

    /// The places of what could not be read or resolved on the way of delivery.
    pub fn unread(&self) -> Vec<Span> {
        self.map.unresolved.iter().map(|u| u.span).collect()
    }

    /// The places of calls that were not read, or are known by their name only, and whose text has one of these words.
    pub fn unread_like(&self, words: &[&str]) -> Vec<Span> {
        let says = |span: &Span| words.iter().any(|w| self.text(*span).to_ascii_lowercase().contains(w));
        let named = self.in_pipelines().filter(|s| s.flags.contains(&Flag::ByName)).filter_map(|s| s.span);
        self.unread().into_iter().chain(named).filter(says).collect()
    }

    /// The YAML files of the repository with their documents.
    pub fn documents(&self) -> impl Iterator<Item = (&'s SourceFile, Node<'s>)> {
        let yaml = |f: &&SourceFile| f.name().ends_with(".yml") || f.name().ends_with(".yaml");
        let files = self.sources.files().iter().filter(yaml);
        files.flat_map(|f| self.readings.of(f).into_iter().flat_map(Tree::documents).map(move |node| (f, node)))
    }

    /// The text at a place.
    pub fn text(&self, span: Span) -> &'s str {
        self.sources.file(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

/// Whether a way begins with a push to trunk and goes on with no person acting.
pub fn runs_on_trunk(way: &Way) -> bool {
    way.automation == Automation::Automated && way.on == Some(RefKind::Trunk)
}

/// By what a step works: the row of the tables that says its stage; of a file of the repository its name without an environment.
pub fn mechanism(step: &Step) -> String {
    if !step.row.starts_with('<') {
        return step.row.clone();
    }
    let mut words = step.text.split_whitespace().map(|w| w.trim_matches(|c: char| matches!(c, '"' | '\'')));
    let file = words
        .find(|w| w.contains('/') || std::path::Path::new(w).extension().is_some_and(|e| e == "sh"))
        .or_else(|| step.text.split_whitespace().next())
        .unwrap_or("");
    naming(file).map_or_else(|| file.to_owned(), |n| n.pattern)
}

/// By what some steps work.
pub fn mechanisms(steps: &[&Step]) -> BTreeSet<String> {
    steps.iter().map(|s| mechanism(s)).filter(|m| !m.is_empty()).collect()
}

/// Some names, the first ones written out.
pub fn listed(names: &BTreeSet<String>, most: usize) -> String {
    let first: Vec<&str> = names.iter().take(most).map(String::as_str).collect();
    let more = names.len().saturating_sub(most);
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}
