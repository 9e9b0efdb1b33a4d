//! Anything that runs in order, and what starts it.

use super::{Event, Expr, GateDecl, Item, LinkKind, Scope, Value};
use crate::source::Span;

/// Index of a unit in its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u32);

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    /// A pipeline or workflow.
    Pipeline,
    /// A stage of a pipeline: jobs that run as one.
    Stage,
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
    /// A template or project of another tool than Terraform that is applied as a whole.
    Template,
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
            Self::Stage => LinkKind::Stage,
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
            Self::Template => LinkKind::Template,
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
    /// Ways in which a job is added to a run, in the order in which they are tried; empty: it always is.
    pub rules: Vec<Rule>,
    /// Jobs that must come before, by name in the same pipeline; targets that run before.
    pub needs: Vec<Need>,
    /// A need that was not added to a run is not missed as long as another one was.
    pub any_need: bool,
    /// Values bound on entering, in order; a later one may read an earlier.
    pub bind: Vec<(String, Expr)>,
    /// Inputs with their defaults; a caller's values win. Names carry their prefix (`input.`, `arg.`).
    pub params: Vec<Param>,
    /// The combinations of a matrix; empty: none. Each is a list of bindings (`matrix.NAME`).
    pub matrix: Vec<Vec<(String, Expr)>>,
    /// The environment by keyword.
    pub environment: Option<Expr>,
    /// It stops or deletes its environment (model ruling 16).
    pub stops_environment: bool,
    /// The jobs of a pipeline, in file order.
    pub jobs: Vec<UnitId>,
    /// Functions of a script, by name.
    pub functions: Vec<(String, UnitId)>,
    /// What it does, in order; of a pipeline what it does after its jobs, where it is written as a program that calls them.
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
    /// Its name is given on the server: a command or pipeline that names it means one whose file is called so.
    pub server_named: bool,
    /// For a developer's own machine (ruling 7, 32), or nothing alone: where nothing reaches it, it has no manual steps.
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
            rules: Vec::new(),
            needs: Vec::new(),
            any_need: false,
            bind: Vec::new(),
            params: Vec::new(),
            matrix: Vec::new(),
            environment: None,
            stops_environment: false,
            jobs: Vec::new(),
            functions: Vec::new(),
            body: Vec::new(),
            outputs: Vec::new(),
            paths: Vec::new(),
            disabled: None,
            continue_on_error: false,
            local_services: false,
            server_named: false,
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
    /// It only comes before, as an earlier stage does: where it was not added nothing is missed, and a gate that does not
    /// block is not waited for.
    pub order_only: bool,
}

impl Need {
    /// A need that must have run.
    pub fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), optional: false, order_only: false }
    }

    /// A job of an earlier stage.
    pub fn earlier(name: impl Into<String>) -> Self {
        Self { name: name.into(), optional: true, order_only: true }
    }
}

/// One way in which a job is added to a run. The first whose condition holds counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// When it holds.
    pub when: Expr,
    /// It keeps the job out.
    pub never: bool,
    /// A person must act before the job runs; where it does not block, only this job and what needs it wait.
    pub gate: Option<GateDecl>,
    /// Values bound in the job.
    pub bind: Vec<(String, Expr)>,
    /// The job's failure is ignored.
    pub ignored: bool,
    /// Where it stands.
    pub span: Option<Span>,
}

impl Rule {
    /// A rule that adds the job where a condition holds.
    pub fn new(when: Expr) -> Self {
        Self { when, never: false, gate: None, bind: Vec::new(), ignored: false, span: None }
    }
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
    /// No file says that it starts so: it is how such files are usually run.
    pub assumed: bool,
    /// A person lets a run go on that a push has begun (a promotion), instead of starting one.
    pub promotes: bool,
}

impl Start {
    /// A start of which nothing more is known.
    pub fn new(event: Event, on: RefKind, span: Span) -> Self {
        Self { event, on, facts: Vec::new(), span, after: Vec::new(), carry: Vec::new(), assumed: false, promotes: false }
    }

    /// The value of a fact; unknown where the start has none of this name.
    pub fn fact(&self, name: &str) -> Value {
        self.facts.iter().find(|(n, _)| n == name).map_or(Value::Unknown, |(_, v)| v.clone())
    }

    /// Say what a fact is, whatever was known of it.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.facts.iter_mut().find(|(n, _)| n == name) {
            Some((_, known)) => *known = value,
            None => self.facts.push((name.to_owned(), value)),
        }
    }

    /// What is known in a run that starts so, to decide conditions.
    pub fn scope(&self) -> Scope {
        let mut scope = Scope::default();
        self.facts.iter().for_each(|(name, value)| scope.set(name.clone(), value.clone()));
        scope
    }
}
