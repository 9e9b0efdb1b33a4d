//! Drift: keys that the settings of some environments have and those of others lack.
//!
//! A group is a set of files, folders or jobs that differ by the name of an environment and nothing else. Keys are compared,
//! never values. What a file for all environments says is there for each.

mod dotenv;
mod files;
mod group_vars;
mod jobs;
mod keys;
mod naming;
mod overlays;
mod tfvars;
mod values;

pub use keys::Keys;
pub(super) use naming::naming;

use crate::catalogue::table;
use crate::model::{Program, Tier};
use crate::source::{SourceSet, Span};
use crate::syntax::yaml::Readings;
use serde::Deserialize;
use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

/// At most so many keys of a group are reported.
const MAX_DIFFERENCES: usize = 100;

/// The settings of one environment in a group.
#[derive(Clone, Debug)]
pub struct Member {
    /// The environment, as the report writes it.
    pub environment: String,
    /// Its tier.
    pub tier: Tier,
    /// The file or folder; of a job its file and its name.
    pub label: String,
    /// Where its settings begin; none of a file that was not read.
    pub span: Option<Span>,
    /// Its keys.
    pub keys: Keys,
    /// It may have keys that were not read.
    pub open: bool,
}

/// Settings that differ by the name of an environment and nothing else.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name: the path with `*` for the environment.
    pub name: String,
    /// Its members, in order of their labels.
    pub members: Vec<Member>,
    /// Its members are jobs of pipelines.
    pub of_jobs: bool,
    /// Keys that are there for each environment.
    pub base: BTreeSet<String>,
}

/// A key that some members have and others lack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key.
    pub key: String,
    /// Members that have it, with its place.
    pub have: Vec<(usize, Span)>,
    /// Members that lack it.
    pub lack: Vec<usize>,
}

/// Whether production and what comes before it have the same keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parity {
    /// The same.
    Same,
    /// Not the same.
    Differs(Vec<Difference>),
    /// What was not read decides.
    Open,
    /// There are not two environments to compare.
    Alone,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Lists {
    settings: HashSet<String>,
    not_in: HashSet<String>,
    no_environments: HashSet<String>,
    bases: Vec<String>,
    samples: HashSet<String>,
    size: HashSet<String>,
}

/// The embedded words.
fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    // A test proves that the file is well formed.
    LISTS.get_or_init(|| table::single(table::packed!("drift")).unwrap_or_default())
}

/// Every group of a repository.
pub fn groups(sources: &SourceSet, program: &Program, readings: &Readings) -> Vec<Group> {
    let mut out = files::groups(sources, program, readings);
    out.extend(overlays::groups(sources, program, readings));
    out.extend(jobs::groups(sources, program, readings));
    for group in &mut out {
        for member in &mut group.members {
            member.keys = std::mem::take(&mut member.keys).without(&member.environment);
        }
        group.members.sort_by(|a, b| a.label.cmp(&b.label));
    }
    out.retain(Group::is_one);
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

impl Group {
    /// Whether it tells two shared environments apart.
    fn is_one(&self) -> bool {
        let names: BTreeSet<&str> = self.members.iter().map(|m| m.environment.as_str()).collect();
        let late = self.members.iter().any(|m| matches!(m.tier, Tier::Staging | Tier::Production));
        let tiers: BTreeSet<Tier> = self.members.iter().map(|m| m.tier).collect();
        names.len() > 1 && (late || tiers.len() > 1)
    }

    /// What drifts between all members.
    pub fn differences(&self) -> Vec<Difference> {
        let mut out = self.between(&(0..self.members.len()).collect::<Vec<_>>());
        out.truncate(MAX_DIFFERENCES);
        out
    }

    /// What drifts between some members.
    fn between(&self, members: &[usize]) -> Vec<Difference> {
        let all: BTreeSet<&String> = members.iter().flat_map(|m| self.members[*m].keys.names()).collect();
        let lacking = |key: &str| -> Vec<usize> { members.iter().copied().filter(|m| !self.members[*m].keys.has(key)).collect() };
        let mut out = Vec::new();
        for key in all {
            let lack = lacking(key);
            let sure: Vec<usize> = lack.iter().copied().filter(|m| !self.members[*m].open).collect();
            let have: Vec<(usize, Span)> = members.iter().filter_map(|m| Some((*m, self.members[*m].keys.place(key)?))).collect();
            let parents = have.first().map(|(m, _)| self.members[*m].keys.above(key)).unwrap_or_default();
            // A whole branch that is missing is one difference.
            let within = parents.iter().any(|parent| !self.base.contains(*parent) && lacking(parent) == lack);
            let size = parents.iter().copied().chain([key.as_str()]).any(is_size);
            if !sure.is_empty() && !within && !size && !self.base.contains(key) {
                out.push(Difference { key: key.clone(), have, lack: sure });
            }
        }
        out
    }

    /// Whether some environment right before production has production's keys; without production, whether all have the same.
    pub fn parity(&self) -> Parity {
        let of = |tier: Tier| -> Vec<usize> { (0..self.members.len()).filter(|m| self.members[*m].tier == tier).collect() };
        let production = of(Tier::Production);
        let before = [Tier::Staging, Tier::Test, Tier::Development].map(of);
        let candidates: Vec<Vec<usize>> = if production.is_empty() {
            vec![before.concat()]
        } else {
            let last = before.into_iter().find(|all| !all.is_empty()).unwrap_or_default();
            last.into_iter().map(|one| [production.as_slice(), &[one]].concat()).collect()
        };
        let candidates: Vec<Vec<usize>> = candidates.into_iter().filter(|c| c.len() > 1).collect();
        if candidates.is_empty() {
            return Parity::Alone;
        }
        let mut least: Option<Vec<Difference>> = None;
        let mut open = false;
        for candidate in &candidates {
            let differences = self.between(candidate);
            if differences.is_empty() {
                if !candidate.iter().any(|m| self.members[*m].open) {
                    return Parity::Same;
                }
                open = true;
            } else if least.as_ref().is_none_or(|l| differences.len() < l.len()) {
                least = Some(differences);
            }
        }
        match least {
            Some(differences) if !open => Parity::Differs(differences),
            _ => Parity::Open,
        }
    }
}

/// Whether the last part of a key says how large or where something is.
fn is_size(key: &str) -> bool {
    key.split('.').any(|part| lists().size.contains(part.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_read() {
        assert!(!lists().settings.is_empty() && !lists().bases.is_empty());
    }
}
