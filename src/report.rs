//! The report: everything prodpath says about one repository, as one immutable value.
//!
//! A [`Report`] is built once, at the end of a scan. Every output (the terminal, JSON and what follows) and every
//! view (`path`, `why-not`, `explain`) is made from it alone. Field names and values are the JSON contract, schema
//! version [`SCHEMA_VERSION`]: fields may be added within a version, none changes its meaning or goes.
//!
//! Shares are fractions from 0 to 1. Lines and columns count from 1. Paths are relative to the scanned folder, with `/`.

pub mod assemble;
pub mod findings;
pub mod index;
pub mod json;
pub mod keys;
pub mod look;
pub mod page;
pub mod replacements;
pub mod rule_page;
pub mod terminal;
pub mod views;
pub mod words;

pub use findings::*;

pub use crate::model::LinkKind;
use crate::model::{Automation, Cell, Confidence, Event, Flag, Means, ServiceKind, Stage, Tier, TrunkSource, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the JSON contract.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that was found out about one repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this structure, [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What made the report.
    pub tool: Tool,
    /// What was scanned.
    pub repository: Repository,
    /// The configuration file that was heeded, and what it changes; null where there is none.
    pub configuration: Option<Configuration>,
    /// The figures; null where no delivery step was found.
    pub score: Option<Score>,
    /// Services, by name.
    pub services: Vec<Service>,
    /// Environments, in the order of promotion.
    pub environments: Vec<Environment>,
    /// Steps, sorted by place; missing ones last.
    pub steps: Vec<Step>,
    /// Work that is switched off and therefore holds no steps.
    pub disabled: Vec<Disabled>,
    /// Places where a person must act.
    pub gates: Vec<Gate>,
    /// Files that would deliver something and that nothing applies or runs.
    pub orphans: Vec<Orphan>,
    /// Scripts that an option of a tool already in use replaces.
    pub replacements: Vec<Replacement>,
    /// Sums over the replacements.
    pub replaceable: Replaceable,
    /// Answers to the audit questions.
    pub practices: Vec<Practice>,
    /// Keys that differ between the files of one group.
    pub drift: Vec<Drift>,
    /// What the files could not decide.
    pub unknowns: Vec<Unknown>,
    /// Faults of files.
    pub diagnostics: Vec<Diagnostic>,
    /// What was read and what was not.
    pub files: Files,
    /// Findings that a comment or the configuration suppresses.
    pub suppressed: Vec<Suppressed>,
}

/// What a configuration file changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Configuration {
    /// Its path, relative to the scanned folder where it lies in it.
    pub file: String,
    /// Files that it leaves out.
    pub left_out: Vec<String>,
    /// It weighs cells: the score is custom.
    pub custom_weights: bool,
    /// The path coverage without what it leaves out, weighs and names.
    pub coverage_without: Option<Interval>,
}

/// What made the report; figures are comparable where all stamps are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `prodpath`.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// Changes when a definition of the model does.
    pub model_version: String,
    /// Changes with any row of the built-in tables.
    pub catalogue_hash: String,
    /// Changes with the configuration.
    pub config_hash: String,
}

/// What was scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// The scanned folder as it was given.
    pub root: String,
    /// The commit that is checked out, where `.git` tells it.
    pub commit: Option<String>,
    /// The branch that leads to production.
    pub trunk: Trunk,
}

/// The branch that leads to production; empty where any branch does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trunk {
    /// The branch's name; empty with `from` none.
    pub name: String,
    /// How it was found.
    pub from: TrunkSource,
}

/// The figures of a repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// How many services reach production, and how.
    pub production: Production,
    /// Path coverage: a cell counts where its best way is automated.
    pub coverage: Interval,
    /// Delivery coverage: push-button counts as automated.
    pub delivery: Interval,
    /// Automated of all distinct steps on the path, 0 to 1.
    pub step_share: f64,
    /// Built-in or plain command of all automated and push-button steps, 0 to 1.
    pub built_in_share: f64,
    /// Test, scan and verify steps that can fail and stop what follows, 0 to 1.
    pub blocking_share: f64,
    /// Distinct steps on the path by automation.
    pub steps: StepCounts,
    /// What each cell of each service adds; the points add up to `coverage.value`.
    pub contributions: Vec<Contribution>,
}

/// Services of kind deployed by how they reach production.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Production {
    /// Services that reach it on every commit.
    pub every_commit: usize,
    /// Services that reach it with the help of buttons or on every commit.
    pub with_buttons: usize,
    /// All deployed services.
    pub services: usize,
}

/// A figure with what the unknowns could make of it; `low <= value <= high`, each 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// With nothing that is classified by a name only.
    pub low: f64,
    /// As the files say.
    pub value: f64,
    /// If every unresolved call filled what it could.
    pub high: f64,
}

/// Distinct steps on the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepCounts {
    /// No person acts.
    pub automated: usize,
    /// The machine does it after a click.
    #[serde(rename = "push-button")]
    pub push_button: usize,
    /// No pipeline reaches it.
    pub manual: usize,
    /// Nothing does it.
    pub missing: usize,
    /// Steps whose reach the files do not decide; counted in the other fields as well.
    pub unknown: usize,
    /// Automated, push-button, manual and missing together.
    pub total: usize,
}

/// What one cell of one service adds to the path coverage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// The service's name.
    pub service: String,
    /// The cell.
    pub cell: Cell,
    /// Its part of `coverage.value`, 0 to 1.
    pub points: f64,
}

/// What is deployed or published by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Other names the files use for it.
    pub aliases: Vec<String>,
    /// Its folder; empty for the repository's root.
    pub root: String,
    /// What it is.
    pub kind: ServiceKind,
    /// Path coverage of this service: the mean of its cells, 0 to 1.
    pub coverage: f64,
    /// How it reaches production.
    pub to_production: ToProduction,
    /// The cells its path needs, in the order of delivery.
    pub path: Vec<PathCell>,
}

/// How a service reaches production: the best way, and what stops a better one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToProduction {
    /// The answer in one word.
    pub verdict: Verdict,
    /// What needs a person, in running order.
    pub blockers: Vec<Blocker>,
    /// The way that decided the verdict; empty where nothing reaches production.
    pub chain: Vec<Link>,
}

/// Something that keeps a service from reaching production on every commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocker {
    /// What kind of thing it is.
    pub kind: BlockerKind,
    /// The cell that it holds up.
    pub cell: Cell,
    /// The environment, where the cell is deploy and it is known.
    pub environment: Option<String>,
    /// Where; null for what is missing.
    pub location: Option<Location>,
}

/// What a [`Blocker`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BlockerKind {
    /// A person must act in a pipeline; the gate at the same location says how.
    Gate,
    /// In the repository, but no pipeline reaches it.
    Manual,
    /// Nothing in the repository does it.
    Missing,
}

/// One cell of a service's path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PathCell {
    /// The cell.
    pub cell: Cell,
    /// 1 where its best way is automated, else 0; deploy has ½ where only an earlier environment is reached automatically.
    pub value: f64,
    /// Ids of the steps that fill it, in the order of `steps`; of the missing step where nothing does.
    pub steps: Vec<String>,
}

/// Where versions run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Its name, as the files write it, lower case.
    pub name: String,
    /// What kind of place it is.
    pub tier: Tier,
    /// Position in the order of promotion, from 0.
    pub order: u32,
}

/// One unit of delivery work in one environment for one set of services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Short name: the first characters of `key`, 12 or as many as make it unique.
    pub id: String,
    /// Fingerprint without line and path (see [`keys`]).
    pub key: String,
    /// Phase of delivery.
    pub stage: Stage,
    /// Kind of test (`unit`, `component`, `integration`, `contract`, `e2e`, `performance`), where it is clear.
    pub test_kind: Option<String>,
    /// Further stages that the same step fills.
    pub also: Vec<Stage>,
    /// How far it runs by itself; the best that is certain.
    pub automation: Automation,
    /// In what form it is written; null for a missing step.
    pub means: Option<Means>,
    /// Name of the environment it acts on, where it acts on one.
    pub environment: Option<String>,
    /// Names of the services it serves.
    pub services: Vec<String>,
    /// It can fail and stop what follows.
    pub blocking: bool,
    /// How sure the classification is.
    pub confidence: Confidence,
    /// What else is worth knowing.
    pub flags: Vec<Flag>,
    /// Where it stands; null for a missing step.
    pub location: Option<Location>,
    /// As it is written, on one line; null for a missing step.
    pub text: Option<String>,
    /// The row of the command or built-in tables that says its stage; null for a missing step.
    pub row: Option<String>,
    /// Why the service's path needs it, and what would fill it; null but for a missing step.
    #[serde(default)]
    pub why: Option<String>,
    /// The unit it stands in (job, script, target …); null for a missing step.
    pub unit: Option<String>,
    /// Events that reach it.
    pub events: Vec<Event>,
    /// The chain that decided its automation, from the event to the step; empty for a missing step.
    pub chain: Vec<Link>,
    /// Other ways it is reached.
    pub other_ways: Vec<OtherWay>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Path relative to the scanned folder, with `/`.
    pub path: String,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// First column in Unicode scalar values, from 1.
    pub column: u32,
    /// One past the last column.
    pub end_column: u32,
}

/// One link of a chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// What it is.
    pub kind: LinkKind,
    /// Its name: the event, the pipeline's or job's name, the script's path, the step's text.
    pub name: String,
    /// Where.
    pub location: Option<Location>,
}

/// Another way a step is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OtherWay {
    /// The automation this way gives.
    pub automation: Automation,
    /// The way.
    pub chain: Vec<Link>,
}

impl Report {
    /// The step with this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|s| s.id == id)
    }

    /// The service with this name or alias; a name wins over an alias, and ASCII case does not matter where nothing else fits.
    pub fn service(&self, name: &str) -> Option<&Service> {
        let by = |fits: &dyn Fn(&Service) -> bool| self.services.iter().find(|s| fits(s));
        by(&|s| s.name == name)
            .or_else(|| by(&|s| s.aliases.iter().any(|a| a == name)))
            .or_else(|| by(&|s| s.name.eq_ignore_ascii_case(name)))
    }

    /// The steps that serve a service, in the report's order.
    pub fn steps_of<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a Step> {
        self.steps.iter().filter(move |s| s.services.iter().any(|n| n == service))
    }

    /// What is known of an environment, by its name.
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|e| e.name == name)
    }

    /// The gate at this place.
    pub fn gate_at(&self, location: &Location) -> Option<&Gate> {
        self.gates
            .iter()
            .find(|g| g.location == *location)
            .or_else(|| self.gates.iter().find(|g| g.location.path == location.path && g.location.line == location.line))
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}
