//! What the interpretation of units finds: steps as they are reached, before they are brought together.

use crate::model::{Confidence, Flag, Link, Means, Stage, UnitId, Way};
use crate::source::Span;
use std::collections::BTreeSet;

/// A step as one context reaches it.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// Its place.
    pub span: Span,
    /// Its stage.
    pub stage: Stage,
    /// Finer class.
    pub kind: Option<String>,
    /// Further stages it fills.
    pub also: Vec<Stage>,
    /// In what form it is written.
    pub means: Means,
    /// The environment that the context says.
    pub environment: Option<String>,
    /// Whether the environment was said by a keyword or a flag of its own, and not by a name around it.
    pub environment_is_own: bool,
    /// It fails loudly.
    pub blocking: bool,
    /// How sure the classification is.
    pub confidence: Confidence,
    /// What else is worth knowing.
    pub flags: BTreeSet<Flag>,
    /// As it is written.
    pub text: String,
    /// Program, verb and literal target.
    pub distinct: String,
    /// The table row.
    pub row: String,
    /// The unit it stands in.
    pub unit: UnitId,
    /// The job it runs in, where it is in a pipeline.
    pub job: Option<UnitId>,
    /// The pipeline it runs in.
    pub pipeline: Option<UnitId>,
    /// It only looks.
    pub look_only: bool,
    /// How this context reaches it.
    pub way: Way,
    /// Which entry of its unit it belongs to.
    pub entry: u32,
    /// Which run of its job it belongs to.
    pub job_run: u32,
    /// No file says what starts its pipeline.
    pub assumed: bool,
    /// What its own words say of the service: images, names, folders.
    pub own_hints: Vec<Hint>,
    /// In a document it is advice for the reader's own cluster or registry.
    pub for_readers: bool,
    /// It applies a Terraform folder that declares no workload.
    pub no_workload: bool,
    /// What it deploys, or looks after, is a product that others make; until services are known: a chart that is known as another's.
    pub third_party: bool,
    /// What the context says of the service: matrix values, arguments, working directory.
    pub context_hints: Vec<Hint>,
}

/// Something that may say which service a step serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hint {
    /// An image, without registry and tag.
    Image(String),
    /// A name: workload, release, function, matrix value, argument.
    Name(String),
    /// A folder or file of the repository.
    Path(String),
    /// All that it applies is listed, and is among the other hints.
    Listed,
}

/// A command that starts something which could not be resolved.
#[derive(Clone, Debug)]
pub struct Unresolved {
    /// Where.
    pub span: Span,
    /// Why.
    pub why: String,
    /// How it is reached.
    pub way: Way,
    /// What it says of the service.
    pub hints: Vec<Hint>,
    /// The job it runs in.
    pub job: Option<UnitId>,
    /// The pipeline it runs in.
    pub pipeline: Option<UnitId>,
}

/// Orders ways: the strongest first, then by event, length, place.
pub fn way_order(way: &Way) -> (std::cmp::Reverse<crate::model::Automation>, bool, u8, usize, Vec<Span>) {
    let spans = way.chain.iter().map(|l: &Link| l.span).collect();
    (std::cmp::Reverse(way.automation), way.uncertain, way.event.map_or(u8::MAX, |e| e as u8), way.chain.len(), spans)
}
