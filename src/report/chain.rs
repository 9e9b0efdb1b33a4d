//! The links of a chain: what leads from an event to a step.

use super::Location;
use crate::model::UnitKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// What a [`Link`] of a chain is: an event, a unit, a gate on the way, or the step at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// What started the run.
    Event,
    /// A pipeline or workflow.
    Pipeline,
    /// A job.
    Job,
    /// A composite action or template of the repository.
    Action,
    /// A script.
    Script,
    /// A function of a script.
    Function,
    /// A make, just or Task target.
    Target,
    /// A script of a package.json.
    NpmScript,
    /// A Dockerfile.
    Dockerfile,
    /// A compose file.
    Compose,
    /// A Terraform root.
    TerraformRoot,
    /// A playbook.
    Playbook,
    /// A chart.
    Chart,
    /// An overlay.
    Overlay,
    /// Manifests.
    Manifest,
    /// A code block of a document.
    Document,
    /// A person must act here.
    Gate,
    /// The step itself.
    Step,
}

impl LinkKind {
    /// The word that the report writes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Pipeline => "pipeline",
            Self::Job => "job",
            Self::Action => "action",
            Self::Script => "script",
            Self::Function => "function",
            Self::Target => "target",
            Self::NpmScript => "npm-script",
            Self::Dockerfile => "dockerfile",
            Self::Compose => "compose",
            Self::TerraformRoot => "terraform-root",
            Self::Playbook => "playbook",
            Self::Chart => "chart",
            Self::Overlay => "overlay",
            Self::Manifest => "manifest",
            Self::Document => "document",
            Self::Gate => "gate",
            Self::Step => "step",
        }
    }
}

impl From<UnitKind> for LinkKind {
    fn from(kind: UnitKind) -> Self {
        match kind {
            UnitKind::Pipeline => Self::Pipeline,
            UnitKind::Job => Self::Job,
            UnitKind::Action => Self::Action,
            UnitKind::Script => Self::Script,
            UnitKind::Function => Self::Function,
            UnitKind::Target => Self::Target,
            UnitKind::NpmScript => Self::NpmScript,
            UnitKind::Dockerfile => Self::Dockerfile,
            UnitKind::Compose => Self::Compose,
            UnitKind::TerraformRoot => Self::TerraformRoot,
            UnitKind::Playbook => Self::Playbook,
            UnitKind::Chart => Self::Chart,
            UnitKind::Overlay => Self::Overlay,
            UnitKind::Manifest => Self::Manifest,
            UnitKind::Document => Self::Document,
        }
    }
}
