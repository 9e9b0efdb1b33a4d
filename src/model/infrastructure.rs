//! What front ends find of infrastructure beside units: Terraform roots and what reconcilers apply.

use super::{Stage, UnitId};
use crate::source::{FileId, Span};
use std::collections::BTreeSet;

/// A Terraform or OpenTofu root module, or a Terragrunt unit: a folder that is applied as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TerraformRoot {
    /// Literals that name its environment (model ruling 34): name, value, place; the surest first: locals, variable files
    /// that are read by themselves, arguments of modules, defaults of variables.
    pub environment_literals: Vec<(String, String, Span)>,
    /// Folders of the local modules that it calls, directly or not.
    pub modules: Vec<String>,
    /// It, or a module it calls, declares a workload.
    pub workloads: bool,
    /// It has a backend or a cloud block: its state is shared.
    pub backend: bool,
    /// Its own files, in order of their paths.
    pub files: Vec<FileId>,
    /// Files and folders of the repository that its resources are made from: charts, manifests.
    pub reads: Vec<String>,
    /// Paths of the variable files that a command may choose for it (`prod.tfvars`).
    pub var_files: Vec<String>,
}

/// A template or project of another tool than Terraform that is applied as a whole: of CloudFormation, Azure Resource Manager,
/// the Serverless Framework, the AWS CDK, Pulumi or Packer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// The folder of its tables.
    pub tool: String,
    /// The unit that stands for it.
    pub unit: UnitId,
    /// The file that it is, or that makes a folder its project.
    pub path: String,
    /// What applying it does.
    pub stage: Stage,
    /// Further stages that it fills.
    pub also: Vec<Stage>,
    /// Whether applying it puts a version of a workload into its environment; none where it is code, which is not read.
    pub workloads: Option<bool>,
    /// Paths of the templates that it takes in, as far as they are known; the last parts of a path will do.
    pub parts: Vec<String>,
    /// It says of itself that it is whole, and not a fragment.
    pub whole: bool,
    /// Literals that name its environment where a command says none: name, value.
    pub environment_literals: Vec<(String, String)>,
    /// Machine images that it makes.
    pub images: Vec<MachineImage>,
    /// Names that its settings have a file beside it for, with that file's path: it is applied once for each.
    pub stacks: Vec<(String, String)>,
}

impl Template {
    /// The folder that it stands in, `""` for the root.
    pub fn dir(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(dir, _)| dir)
    }

    /// Whether it takes another one in.
    pub fn takes_in(&self, other: &Self) -> bool {
        let named =
            |part: &String| other.path.strip_suffix(part.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        self.path != other.path && self.parts.iter().any(named)
    }
}

/// A machine image that a template makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineImage {
    /// Its name, where the template gives it one.
    pub name: String,
    /// A folder of the repository that is put into it.
    pub holds: Option<String>,
}

/// What is applied with a path, and what it says of its environment: an overlay's bases, a chart's dependencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Files and folders that are applied with it, from the root.
    pub parts: BTreeSet<String>,
    /// Literals that may name its environment (model ruling 34), such as the namespace that it puts everything in.
    pub environment_literals: Vec<String>,
}

/// What an Ansible playbook puts in place, with the roles, task files and playbooks that it takes in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Playbook {
    /// Files and folders of the repository that its tasks apply: manifests, charts, compose files.
    pub applies: Vec<String>,
    /// Images of the containers that it starts, without tag; variable parts are holes.
    pub images: Vec<String>,
    /// It starts what it has copied to its hosts.
    pub on_hosts: bool,
    /// The literal hosts of its plays.
    pub hosts: Vec<String>,
}

/// What a reconciler object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReconcilerKind {
    /// An Argo CD Application: <https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml>.
    ArgoApplication,
    /// An Argo CD ApplicationSet: <https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/>.
    ArgoApplicationSet,
    /// A Flux Kustomization: <https://fluxcd.io/flux/components/kustomize/kustomizations/>.
    FluxKustomization,
    /// A Flux HelmRelease: <https://fluxcd.io/flux/components/helm/helmreleases/>.
    FluxHelmRelease,
    /// A Flux ImageUpdateAutomation, which commits to the branch its controller reads:
    /// <https://fluxcd.io/flux/components/image/imageupdateautomations/>.
    FluxImageUpdate,
    /// A Kargo Stage, which promotes to one environment: <https://docs.kargo.io/user-guide/reference-docs/promotion-steps/>.
    KargoStage,
    /// A Flagger Canary, which shifts traffic to a new version and looks at it: <https://docs.flagger.app/>.
    FlaggerCanary,
}

/// An object that makes a controller apply a part of a repository (model ruling 11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciler {
    /// What it is.
    pub kind: ReconcilerKind,
    /// Its name; variable parts are holes.
    pub name: String,
    /// The folder that it applies, from the root of the repository it reads; `None`: a chart or several sources.
    pub path: Option<String>,
    /// The address of the repository or chart registry that it reads, or the name of the Flux source that has it.
    pub source: Option<String>,
    /// The chart that it installs, where it is one.
    pub chart: Option<String>,
    /// The branch, tag or commit that it follows, where it says so.
    pub revision: Option<String>,
    /// It applies what it finds with no person acting.
    pub automated: bool,
    /// Where it is not automated: the line that says so (`suspend: true`), else the object's first line.
    pub gate: Option<Span>,
    /// Where it asks for a change to be merged by a person: the step that opens it.
    pub merge: Option<Span>,
    /// Names of those of its kind whose work comes before its own.
    pub after: Vec<String>,
    /// It waits for the result (`wait: true`; model ruling 28).
    pub waits: bool,
    /// What may name its environment, the surest first: namespace, cluster, path, name.
    pub environment_hints: Vec<String>,
    /// The whole document: from its first line after `---` to its last.
    pub span: Span,
}

/// A workload of which a new version, once deployed, waits for a person before it is released: an open pause of a canary, a
/// promotion that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The workload's name; variable parts are holes.
    pub workload: String,
    /// The line that makes it wait.
    pub gate: Span,
    /// What may name its environment, the surest first.
    pub environment_hints: Vec<String>,
}

/// Persons who must let a deployment to an environment go on, as a file declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The environment, as the files write it.
    pub environment: String,
    /// The lines that name the persons.
    pub gate: Span,
}
