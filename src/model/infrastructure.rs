//! What front ends find of infrastructure beside units: Terraform roots and what reconcilers apply.

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
    /// Paths of the variable files that a command may choose for it (`prod.tfvars`).
    pub var_files: Vec<String>,
}

/// What is applied with a path, and what it says of its environment: an overlay's bases, a chart's dependencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Files and folders that are applied with it, from the root.
    pub parts: BTreeSet<String>,
    /// Literals that may name its environment (model ruling 34), such as the namespace that it puts everything in.
    pub environment_literals: Vec<String>,
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
