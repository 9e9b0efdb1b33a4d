//! Reach: which steps each event gets to, in which context, past which gates.
//!
//! Every pipeline is interpreted once for each of its starts (an event on a kind of ref), with the values that this
//! start binds. Jobs run in the order of their needs: a job's level is the minimum over what must come before it, a
//! step's the maximum over all contexts that reach it. Calls are followed with the values bound at the call, so that
//! one script called for three environments is three contexts. What no pipeline reaches is interpreted last, as manual.

mod blocks;
mod builtins;
mod calls;
mod commands;
mod emit;
mod frame;
mod gitops;
mod images;
mod jobs;
mod lifecycle;
mod manual;
mod pipelines;
mod plans;
mod reads;
mod references;
mod rendered;
mod resolve;
mod roots;
mod rulings;
mod run_time;
mod runners;
mod sessions;
mod started;
mod templates;
mod workspace;

pub use frame::Frame;
pub use images::image_name;
pub(super) use plans::is_planned;

use super::link::Links;
use super::occurrence::{Hint, Occurrence, Unresolved};
use crate::catalogue::{Catalogue, Class};
use crate::model::{Automation, Disabled, Flag, GateDecl, LinkKind, Program, UnitId};
use crate::source::{SourceSet, Span};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// At most this many contexts of a unit within one job and start; more are widened to one with unknown values.
pub const MAX_CONTEXTS: usize = 64;
/// Calls deeper than this are unknown.
pub const MAX_DEPTH: usize = 20;
/// At most this many alternatives of one command line are told apart.
const MAX_VARIANTS: usize = 8;

/// What interpretation finds.
#[derive(Debug, Default)]
pub struct Reached {
    /// Steps by context.
    pub occurrences: Vec<Occurrence>,
    /// Gates that were passed, in the order of finding.
    pub gates: Vec<GateDecl>,
    /// Units that some pipeline reaches.
    pub by_pipeline: BTreeSet<UnitId>,
    /// Units that something of the repository calls, by a pipeline or by hand.
    pub called: BTreeSet<UnitId>,
    /// Those of them that something other than a document calls.
    pub run: BTreeSet<UnitId>,
    /// Paths of things that a command applies, with the best level; a command of a document only says how, it applies nothing.
    pub applied: BTreeMap<String, Automation>,
    /// Tools of templates of which something applies one that is not known.
    pub vague: BTreeSet<String>,
    /// A pipeline applies roots in a folder that only a run knows.
    pub applies_any: bool,
    /// Paths of things that a command of a document names.
    pub documented: BTreeSet<String>,
    /// Units of which a job used something to set up a test: by hand they may do more.
    pub set_up: BTreeSet<UnitId>,
    /// Dockerfiles of which a build asked for one stage: by hand there are the others.
    pub partly_built: BTreeSet<UnitId>,
    /// Names that images are given besides: the one they have, and the new one where it is known.
    pub tags: BTreeSet<(String, Option<String>)>,
    /// Images that are built, with their context and Dockerfile.
    pub builds: BTreeSet<Build>,
    /// Disabled work.
    pub disabled: Vec<Disabled>,
    /// Calls that could not be resolved.
    pub unresolved: Vec<Unresolved>,
    /// Places that cannot be decided.
    pub unknowns: BTreeMap<Span, String>,
}

/// An image that a step builds.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Build {
    /// Its name without registry and tag; empty where it is not known.
    pub image: String,
    /// The folder it is built from.
    pub context: Option<String>,
    /// Its Dockerfile.
    pub dockerfile: Option<String>,
    /// It is built by hand only.
    pub manual: bool,
    /// The same step pushes it.
    pub pushed: bool,
    /// The job that builds it.
    pub job: Option<UnitId>,
    /// The stage of its Dockerfile that is asked for.
    pub target: Option<String>,
    /// The step that builds it.
    pub at: Option<Span>,
}

/// The interpreter.
pub struct Reach<'a> {
    /// The repository's name.
    repository: &'a str,
    program: &'a Program,
    sources: &'a SourceSet,
    catalogue: &'a Catalogue,
    links: Links<'a>,
    found: Reached,
    gate_at: HashMap<Span, usize>,
    contexts: HashMap<(UnitId, Option<UnitId>, u8, u8), usize>,
    seen: HashSet<u64>,
    quiet: HashSet<u64>,
    cut: usize,
    running: Vec<UnitId>,
    pending: Vec<pipelines::Started>,
    commanded: BTreeSet<pipelines::Commanded>,
    entries: u32,
    reads: HashSet<String>,
    classes: RefCell<HashMap<Vec<String>, Option<Class>>>,
    environments: RefCell<HashMap<String, Option<String>>>,
}

/// Interpret a whole program: its pipelines by their starts, then what is left by hand.
pub fn reach(program: &Program, sources: &SourceSet, catalogue: &Catalogue, repository: &str) -> Reached {
    let mut reach = Reach {
        repository,
        program,
        sources,
        catalogue,
        links: Links::new(program, sources),
        found: Reached::default(),
        gate_at: HashMap::new(),
        contexts: HashMap::new(),
        seen: HashSet::new(),
        quiet: HashSet::new(),
        cut: 0,
        running: Vec::new(),
        pending: Vec::new(),
        commanded: BTreeSet::new(),
        entries: 0,
        reads: reads::by_called_units(program),
        classes: RefCell::default(),
        environments: RefCell::default(),
    };
    reach.pipelines();
    reach.manual();
    reach.found.forget_named();
    reach.found
}

impl Reached {
    /// A call that was resolved in some context is no step by its name in another, where nothing behind it was reached.
    fn forget_named(&mut self) {
        let links = self.occurrences.iter().flat_map(|o| o.way.chain.iter());
        let calls = [LinkKind::Script, LinkKind::Function, LinkKind::Target, LinkKind::NpmScript];
        let followed: HashSet<Span> = links.filter(|l| calls.contains(&l.kind)).map(|l| l.span).collect();
        self.occurrences.retain(|o| !(o.flags.contains(&Flag::ByName) && followed.contains(&o.span)));
    }
}

impl Reach<'_> {
    fn gate(&mut self, gate: &GateDecl) -> usize {
        if let Some(at) = self.gate_at.get(&gate.span) {
            return *at;
        }
        self.found.gates.push(gate.clone());
        let at = self.found.gates.len() - 1;
        self.gate_at.insert(gate.span, at);
        at
    }

    /// What a command is; the same words are looked up once.
    fn class_of(&self, words: &[String]) -> Option<Class> {
        if let Some(known) = self.classes.borrow().get(words) {
            return known.clone();
        }
        let class = self.catalogue.command(words);
        self.classes.borrow_mut().insert(words.to_vec(), class.clone());
        class
    }

    /// The environment that a text names; the same text is looked at once.
    fn environment_in(&self, text: &str) -> Option<String> {
        if let Some(known) = self.environments.borrow().get(text) {
            return known.clone();
        }
        // The folder `ci` holds what a pipeline runs; it says not where.
        let in_ci = |e: &String| e == "ci" && text.split('/').rev().skip(1).any(|folder| folder.eq_ignore_ascii_case(e));
        let found = self.catalogue.environments().find_in_path(text, &self.sources.dirs).filter(|e| !in_ci(e));
        self.environments.borrow_mut().insert(text.to_owned(), found.clone());
        found
    }

    fn next_entry(&mut self) -> u32 {
        self.entries += 1;
        self.entries
    }

    fn path_of(&self, unit: UnitId) -> &str {
        &self.sources.file(self.program.unit(unit).span.file).path
    }

    fn home_of(&self, unit: UnitId) -> &str {
        self.sources.file(self.program.unit(unit).span.file).dir()
    }

    fn unresolved(&mut self, frame: &Frame, span: Span, why: String, hints: Vec<Hint>) {
        self.found.unknowns.insert(span, why.clone());
        if self.found.unresolved.iter().any(|u| u.span == span && u.way.automation == frame.way.automation) {
            return;
        }
        let way = frame.way.clone();
        self.found.unresolved.push(Unresolved { span, why, way, hints, job: frame.job, pipeline: frame.pipeline });
    }
}
