//! The parts of a configuration that others name: commands, jobs, executors, orbs.
//! <https://circleci.com/docs/reference/configuration-reference/>.

use crate::frontends::pipelines::data::{Data, Pair};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Deepest nesting of orbs inside orbs.
const MAX_ORBS: usize = 8;

/// What names in a configuration, or in an orb that stands inside it, mean.
#[derive(Debug)]
pub(super) struct Scope {
    /// Tells it apart; the names of parameters begin with it.
    pub name: String,
    /// The configuration or orb.
    pub root: Data,
    orbs: BTreeMap<String, Orb>,
}

/// An orb.
#[derive(Clone, Debug)]
pub(super) enum Orb {
    /// It stands in the file.
    Inline(Rc<Scope>),
    /// It stands in a registry.
    Registry {
        /// `namespace/orb`.
        name: String,
        /// As written.
        version: String,
    },
}

/// What a name of a command or job means.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// Its definition, and the names that it may use.
    Defined(Rc<Scope>, Pair),
    /// Something of an orb of a registry: the full name and the orb's version.
    Elsewhere(String, String),
}

impl Scope {
    /// The names of a configuration.
    pub fn new(name: &str, root: &Data) -> Rc<Self> {
        Self::at(name, root, 0)
    }

    fn at(name: &str, root: &Data, depth: usize) -> Rc<Self> {
        let mut orbs = BTreeMap::new();
        for pair in root.get("orbs").map(Data::pairs).unwrap_or_default() {
            let orb = match pair.value.str() {
                Some(written) => {
                    let (name, version) = written.trim().split_once('@').unwrap_or((written.trim(), ""));
                    Orb::Registry { name: name.to_owned(), version: version.to_owned() }
                }
                None if pair.value.is_map() && depth < MAX_ORBS => {
                    Orb::Inline(Self::at(&format!("{name}/{}", pair.key), &pair.value, depth + 1))
                }
                None => continue,
            };
            orbs.insert(pair.key.to_string(), orb);
        }
        Rc::new(Self { name: name.to_owned(), root: root.clone(), orbs })
    }

    /// What is called so in a section (`commands`, `jobs`, `executors`).
    pub fn find(self: &Rc<Self>, section: &str, name: &str) -> Option<Found> {
        if let Some(definition) = self.root.get(section).and_then(|s| s.pair(name)) {
            return Some(Found::Defined(Rc::clone(self), definition.clone()));
        }
        let (orb, inside) = name.split_once('/')?;
        match self.orbs.get(orb) {
            Some(Orb::Inline(scope)) => {
                let definition = scope.root.get(section)?.pair(inside)?;
                Some(Found::Defined(Rc::clone(scope), definition.clone()))
            }
            Some(Orb::Registry { name, version }) => Some(Found::Elsewhere(format!("{name}/{inside}"), version.clone())),
            None => Some(Found::Elsewhere(name.to_owned(), String::new())),
        }
    }
}

/// A parameter as it is declared.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    pub name: String,
    pub kind: String,
    pub default: Option<Data>,
    pub options: Vec<String>,
}

/// The parameters that a job, a command or the whole configuration declares.
pub(super) fn parameters(of: &Data) -> Vec<Parameter> {
    let pairs = of.get("parameters").map(Data::pairs).unwrap_or_default();
    let one = |pair: &Pair| Parameter {
        name: pair.key.to_string(),
        kind: pair.value.get_str("type").unwrap_or("string").to_owned(),
        default: pair.value.pair("default").map(|p| p.value.clone()),
        options: pair.value.get("enum").map(Data::texts).unwrap_or_default().into_iter().map(str::to_owned).collect(),
    };
    pairs.iter().map(one).collect()
}
