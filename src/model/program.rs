//! What front ends produce: units with bodies, and what the repository declares of services and environments.

use super::facts::{ComposeService, DockerfileFacts, Package};
use super::targets::MakeFile;
use super::{Confidence, Event, Expr, GateKind, LinkKind, OrphanKind, Reconciler, ServiceKind, TerraformRoot, Value};
use crate::source::{Diagnostic, Span, Text};
use std::collections::BTreeMap;

/// Index of a unit in its [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u32);

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    /// A pipeline or workflow.
    Pipeline,
    /// A job of a pipeline.
    Job,
    /// A composite action or template of the repository.
    Action,
    /// A shell script.
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
    /// An Ansible playbook.
    Playbook,
    /// A Helm chart.
    Chart,
    /// A Kustomize overlay.
    Overlay,
    /// A file of Kubernetes manifests.
    Manifest,
    /// A code block of a README or runbook.
    Document,
}

impl UnitKind {
    /// The word that a step's `unit` shows.
    pub const fn as_str(self) -> &'static str {
        self.link().as_str()
    }

    /// What it is as a link of a chain.
    pub const fn link(self) -> LinkKind {
        match self {
            Self::Pipeline => LinkKind::Pipeline,
            Self::Job => LinkKind::Job,
            Self::Action => LinkKind::Action,
            Self::Script => LinkKind::Script,
            Self::Function => LinkKind::Function,
            Self::Target => LinkKind::Target,
            Self::NpmScript => LinkKind::NpmScript,
            Self::Dockerfile => LinkKind::Dockerfile,
            Self::Compose => LinkKind::Compose,
            Self::TerraformRoot => LinkKind::TerraformRoot,
            Self::Playbook => LinkKind::Playbook,
            Self::Chart => LinkKind::Chart,
            Self::Overlay => LinkKind::Overlay,
            Self::Manifest => LinkKind::Manifest,
            Self::Document => LinkKind::Document,
        }
    }
}

/// Anything that runs in order.
#[derive(Clone, Debug)]
pub struct Unit {
    /// What it is.
    pub kind: UnitKind,
    /// Its name: workflow name, job id, target, function, script path, folder of a root.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Working directory of its commands from the repository's root; `None`: the caller's.
    pub dir: Option<Expr>,
    /// What starts it, pipelines only.
    pub starts: Vec<Start>,
    /// When it runs, jobs only; a status function in it decides what a skipped need means.
    pub when: Expr,
    /// The line of that condition, where it has one.
    pub when_span: Option<Span>,
    /// Jobs that must come before, by name in the same pipeline; targets that run before.
    pub needs: Vec<Need>,
    /// Values bound on entering, in order; a later one may read an earlier.
    pub bind: Vec<(String, Expr)>,
    /// Inputs with their defaults; a caller's values win. Names carry their prefix (`input.`, `arg.`).
    pub params: Vec<Param>,
    /// The combinations of a matrix; empty: none. Each is a list of bindings (`matrix.NAME`).
    pub matrix: Vec<Vec<(String, Expr)>>,
    /// The environment by keyword.
    pub environment: Option<Expr>,
    /// The jobs of a pipeline, in file order.
    pub jobs: Vec<UnitId>,
    /// Functions of a script, by name.
    pub functions: Vec<(String, UnitId)>,
    /// What it does, in order.
    pub body: Vec<Item>,
    /// Values that a caller may read after it (job outputs, workflow outputs), by name.
    pub outputs: Vec<(String, Expr)>,
    /// Globs of paths whose change starts it, where it has such a filter.
    pub paths: Vec<String>,
    /// Disabled: the reason (`if: false`). A disabled unit has no steps.
    pub disabled: Option<String>,
    /// Its failure is ignored.
    pub continue_on_error: bool,
    /// It brings its own local services (`services:`), so that deploy-like commands in it may set up a test.
    pub local_services: bool,
    /// For a developer's own machine (ruling 7, 32): not reached units of this kind have no manual steps.
    pub local_only: bool,
}

impl Unit {
    /// A unit with an empty body that always runs.
    pub fn new(kind: UnitKind, name: impl Into<String>, span: Span) -> Self {
        Self {
            kind,
            name: name.into(),
            span,
            dir: None,
            starts: Vec::new(),
            when: Expr::always(),
            when_span: None,
            needs: Vec::new(),
            bind: Vec::new(),
            params: Vec::new(),
            matrix: Vec::new(),
            environment: None,
            jobs: Vec::new(),
            functions: Vec::new(),
            body: Vec::new(),
            outputs: Vec::new(),
            paths: Vec::new(),
            disabled: None,
            continue_on_error: false,
            local_services: false,
            local_only: false,
        }
    }
}

/// An input of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Name with its prefix (`input.environment`).
    pub name: String,
    /// Value where the caller gives none.
    pub default: Option<Expr>,
    /// The values a person may choose from.
    pub options: Vec<String>,
}

/// Another unit that must come before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Its name in the same pipeline or file.
    pub name: String,
    /// It may be absent.
    pub optional: bool,
}

/// Which refs a start stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefKind {
    /// The trunk.
    Trunk,
    /// A branch other than the trunk.
    OtherBranch,
    /// A tag.
    Tag,
    /// A change that is not merged.
    Change,
}

/// One way a pipeline is started: an event on a kind of ref. A pipeline has one for each combination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The neutral event.
    pub event: Event,
    /// The ref.
    pub on: RefKind,
    /// What is known in a run that starts so, under the names that the front end's expressions read.
    pub facts: Vec<(String, Value)>,
    /// The line that makes it a trigger.
    pub span: Span,
    /// Upstream only: the pipelines (by name or path) whose end starts it.
    pub after: Vec<String>,
    /// Upstream only: facts of the other pipeline's start that are known here under another name (theirs, ours).
    pub carry: Vec<(String, String)>,
    /// Where this start asks for a person by a condition, not only by the trigger: the gate is the job's condition.
    pub note: Option<String>,
}

/// A place where a person must act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateDecl {
    /// What it is.
    pub kind: GateKind,
    /// The line that makes it one.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// What comes after it waits.
    pub blocking: bool,
}

/// One element of a body.
#[derive(Clone, Debug)]
pub enum Item {
    /// A command of a shell.
    Command(Box<Command>),
    /// An action, task, plugin or keyword.
    BuiltIn(Box<BuiltIn>),
    /// A call of another unit of the repository by the pipeline's own syntax.
    Call(Box<Call>),
    /// Items under a condition, with values of their own.
    Block(Box<Block>),
    /// A variable set for what follows.
    Assign {
        /// Name with its prefix (`env.TAG`).
        name: String,
        /// Its value.
        value: Expr,
    },
    /// The working directory changes for what follows, relative to the present one.
    Chdir(Expr),
    /// A file of functions and variables that is read in (`source lib.sh`).
    Source {
        /// Its path.
        path: Expr,
        /// Where.
        span: Span,
    },
    /// A value that later steps or jobs read (`echo tag=x >> $GITHUB_OUTPUT`).
    Output {
        /// Its name.
        name: String,
        /// Its value.
        value: Expr,
    },
    /// A person must act here; what follows in the unit, and what needs it, waits.
    Gate(GateDecl),
    /// Something here cannot be decided.
    Unknown {
        /// Where.
        span: Span,
        /// Why.
        why: String,
    },
}

/// Items under a condition.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// When it runs.
    pub when: Expr,
    /// The step's id, whose outputs later steps read.
    pub id: Option<String>,
    /// The step's name.
    pub name: Option<String>,
    /// Values bound inside.
    pub bind: Vec<(String, Expr)>,
    /// Working directory inside, from the repository's root.
    pub dir: Option<Expr>,
    /// A loop over values: the variable (with prefix) and its values.
    pub each: Option<(String, Vec<Expr>)>,
    /// Its failure is ignored.
    pub continue_on_error: bool,
    /// Where it stands.
    pub span: Span,
    /// What it holds.
    pub items: Vec<Item>,
}

impl Block {
    /// A block that always runs.
    pub fn new(kind: BlockKind, span: Span) -> Self {
        Self {
            kind,
            when: Expr::always(),
            id: None,
            name: None,
            bind: Vec::new(),
            dir: None,
            each: None,
            continue_on_error: false,
            span,
            items: Vec::new(),
        }
    }
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// A step of a job.
    Step,
    /// A branch of `if` or `case`.
    Branch,
    /// A loop.
    Loop,
    /// A subshell: its variables and directory end with it.
    Subshell,
    /// What runs on a failure of what stands before it.
    OnFailure,
}

/// A command of a shell, its wrappers taken off.
#[derive(Clone, Debug)]
pub struct Command {
    /// Program and arguments; a variable is a [`Expr::Var`] `env.NAME` or `arg.N`.
    pub words: Vec<Expr>,
    /// Where each word stands.
    pub word_spans: Vec<Span>,
    /// Its own lines with continuations (model.md ruling 3).
    pub span: Span,
    /// As it is written, on one line.
    pub text: String,
    /// What was taken off, outermost first (`sudo`, `ssh`, `docker run`).
    pub wrappers: Vec<Wrapper>,
    /// `NAME=value` before the program; names with prefix `env.`.
    pub assigns: Vec<(String, Expr)>,
    /// A here-document or here-string fed to it.
    pub stdin: Option<Text>,
    /// The logic around it.
    pub logic: Logic,
    /// How sure it is a command (PowerShell and cmd lines are likely).
    pub confidence: Confidence,
}

/// Something around a command that is not the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrapper {
    /// `sudo`, `time`, `npx`, `poetry run` and their like.
    Plain(String),
    /// It runs on another host: `ssh HOST`.
    Remote(Expr),
    /// It runs in a container of this image: `docker run IMAGE`.
    Container(Expr),
    /// It runs in a service of a compose file: `docker compose run SERVICE`.
    ComposeService(Expr),
    /// It runs in a pod: `kubectl exec POD --`.
    Pod(Expr),
}

/// The logic around a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logic {
    /// In a loop over values.
    pub in_loop: bool,
    /// In a loop that waits (`until`, `while`), or its condition.
    pub polling: bool,
    /// In a branch of a condition.
    pub conditional: bool,
    /// It is the condition itself (`if cmd; then`).
    pub is_condition: bool,
    /// Its input comes from another command (`a | b`: b).
    pub piped_in: bool,
    /// Its output goes to another command (`a | b`: a).
    pub piped_out: bool,
    /// In `$(…)`.
    pub captured: bool,
    /// After `||`: it runs where what stands before it failed.
    pub fallback: bool,
    /// Its failure is ignored (`|| true`, `|| echo …`).
    pub ignored: bool,
    /// In the background.
    pub background: bool,
}

/// An action, orb, task, plugin or keyword.
#[derive(Clone, Debug)]
pub struct BuiltIn {
    /// The vendor's folder under `grammars/pipelines/` (`github-actions`).
    pub vendor: &'static str,
    /// Its name without version (`docker/build-push-action`).
    pub name: String,
    /// Its version as written.
    pub version: String,
    /// Its inputs, by name.
    pub inputs: Vec<(String, Expr)>,
    /// The whole list item, or the job of an external call.
    pub span: Span,
    /// As it is written, on one line.
    pub text: String,
    /// Commands that one of its inputs holds (a remote script).
    pub inner: Vec<Item>,
    /// It calls a pipeline of another repository (model.md ruling 19).
    pub external_call: bool,
}

/// A call of another unit of the repository by the pipeline's own syntax.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub target: Target,
    /// Values bound in the callee, names with prefix.
    pub bind: Vec<(String, Expr)>,
    /// Whether the callee sees only `bind` and facts, not the caller's variables.
    pub isolated: bool,
    /// The call's own place.
    pub span: Span,
    /// As it is written.
    pub text: String,
}

/// What a call names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A unit that is known already.
    Unit(UnitId),
    /// A pipeline file of this repository, by path from the root.
    Pipeline(String),
    /// A composite action of this repository, by folder from the root.
    Action(String),
}

/// Something the repository declares that a service, an environment or an attribution is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// What it is.
    pub kind: DeclarationKind,
    /// Its name.
    pub name: String,
    /// Where.
    pub span: Span,
    /// Folder it stands for, `""` for the root.
    pub dir: String,
    /// Images it runs or builds, without tag; variable parts are holes.
    pub images: Vec<String>,
    /// Folder of the build context, where it has one.
    pub context: Option<String>,
    /// Other facts, by name.
    pub facts: BTreeMap<String, String>,
}

/// What a declaration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclarationKind {
    /// A Deployment, ECS service, function, server compose service: something that runs.
    Workload,
    /// A package with a name of its own.
    Package,
    /// A chart of this repository.
    Chart,
    /// A compose service, for a server or for development.
    ComposeService,
    /// A Terraform module that is not a root.
    Module,
    /// A documentation site's configuration.
    Site,
}

/// A file or set of files that is applied as a whole: one manual step and an orphan where nothing applies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicable {
    /// What it is.
    pub kind: OrphanKind,
    /// The unit that stands for it.
    pub unit: UnitId,
    /// The path that a command names to apply it: a folder or a file, from the root.
    pub path: String,
    /// Holds a workload, Service or Ingress.
    pub deploys: bool,
    /// Holds only ConfigMap or Secret.
    pub only_configuration: bool,
    /// Clearly meant for something shared (a server's compose file, a root with a backend).
    pub shared: bool,
}

/// Everything the front ends found.
#[derive(Debug, Default)]
pub struct Program {
    /// All units.
    pub units: Vec<Unit>,
    /// What is declared.
    pub declarations: Vec<Declaration>,
    /// What can be applied as a whole.
    pub applicables: Vec<Applicable>,
    /// Faults.
    pub diagnostics: Vec<Diagnostic>,
    /// What cannot be decided, by place.
    pub unknowns: Vec<(Span, String)>,
    /// Files that were read in part, with the reason.
    pub partly_read: Vec<(crate::source::FileId, String)>,
    /// Pipelines that were found but not read: the vendor, and the file.
    pub unread_pipelines: Vec<(String, crate::source::FileId)>,
    /// Branch names that pipelines name, with how often, for finding the trunk.
    pub branches: BTreeMap<String, usize>,
    /// Kind that the repository itself suggests (a site, a library), where a front end sees it.
    pub suggested_kind: Option<ServiceKind>,
    /// Makefiles and their fragments, by path.
    pub makefiles: BTreeMap<String, MakeFile>,
    /// Taskfiles, by path.
    pub taskfiles: BTreeMap<String, MakeFile>,
    /// justfiles, by path.
    pub justfiles: BTreeMap<String, MakeFile>,
    /// Packages of package.json, by folder, `""` for the root.
    pub packages: BTreeMap<String, Package>,
    /// Dockerfiles, by path.
    pub dockerfiles: BTreeMap<String, DockerfileFacts>,
    /// Services of compose files, by path, in file order.
    pub compose: BTreeMap<String, Vec<ComposeService>>,
    /// Terraform roots, by folder, `""` for the root.
    pub roots: BTreeMap<String, TerraformRoot>,
    /// Objects that make a controller apply a part of a repository.
    pub reconcilers: Vec<Reconciler>,
}

impl Program {
    /// Add a unit.
    pub fn add(&mut self, unit: Unit) -> UnitId {
        self.units.push(unit);
        UnitId(self.units.len() as u32 - 1)
    }

    /// The unit with this index.
    pub fn unit(&self, id: UnitId) -> &Unit {
        &self.units[id.0 as usize]
    }

    /// The unit with this index.
    pub fn unit_mut(&mut self, id: UnitId) -> &mut Unit {
        &mut self.units[id.0 as usize]
    }

    /// Units with their indices.
    pub fn iter(&self) -> impl Iterator<Item = (UnitId, &Unit)> {
        self.units.iter().enumerate().map(|(i, u)| (UnitId(i as u32), u))
    }
}
