//! What front ends produce: units with bodies, and what the repository declares of services and environments.

use super::facts::{ComposeService, DockerfileFacts, Package, Session};
use super::targets::MakeFile;
use super::{
    Bundle, Hold, Lifecycle, OrphanKind, Plan, Playbook, Reconciler, Review, ServiceKind, Template, TerraformRoot, Tier, Unit,
    UnitId,
};
use crate::source::paths::is_named_by;
use crate::source::{Diagnostic, Span, Text};
use std::collections::BTreeMap;
use std::ops::Range;

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

/// The fact of a declaration that stands for a template with functions: their names, with commas between.
pub const FUNCTIONS_OF: &str = "functions-of";

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
    /// Files that are not what their name says, with the reason: nothing of them was read.
    pub refused: Vec<(crate::source::FileId, String)>,
    /// Pipelines that were found but not read: the vendor, and the file.
    pub unread_pipelines: Vec<(String, crate::source::FileId)>,
    /// Tiers of environments that pipelines declare, by name as the files write it.
    pub tiers: BTreeMap<String, Tier>,
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
    /// Files of further task runners, by runner and path.
    pub runners: BTreeMap<String, BTreeMap<String, MakeFile>>,
    /// What tools run that is told by their configuration, by tool and path.
    pub sessions: BTreeMap<String, BTreeMap<String, Vec<Session>>>,
    /// Projects whose lifecycle other work is bound to, by tool and folder, `""` for the root.
    pub lifecycles: BTreeMap<(String, String), Lifecycle>,
    /// Earthfiles, by path.
    pub earthfiles: BTreeMap<String, MakeFile>,
    /// Packages of package.json, by folder, `""` for the root.
    pub packages: BTreeMap<String, Package>,
    /// Dockerfiles, by path.
    pub dockerfiles: BTreeMap<String, DockerfileFacts>,
    /// Services of compose files, by path, in file order.
    pub compose: BTreeMap<String, Vec<ComposeService>>,
    /// Terraform roots, by folder, `""` for the root.
    pub roots: BTreeMap<String, TerraformRoot>,
    /// Templates and projects of other tools than Terraform that are applied as a whole.
    pub templates: Vec<Template>,
    /// Files in which a tool builds or applies several things at once, by path.
    pub plans: BTreeMap<String, Plan>,
    /// What the containers of workloads do when they are deployed: units that no pipeline calls.
    pub started: Vec<UnitId>,
    /// What is applied with a path that a command names, by path.
    pub bundles: BTreeMap<String, Bundle>,
    /// Ansible playbooks, by path.
    pub playbooks: BTreeMap<String, Playbook>,
    /// Objects that make a controller apply a part of a repository.
    pub reconcilers: Vec<Reconciler>,
    /// Workloads whose release waits for a person.
    pub holds: Vec<Hold>,
    /// The repository's name, where it is known.
    pub repository: String,
    /// Its trunk.
    pub trunk: String,
    /// Repositories beside it, with the objects by which controllers read them or others.
    pub neighbours: Vec<Neighbour>,
    /// Folders of roots that a platform may apply: which repository it follows is not known.
    pub perhaps_applied: Vec<String>,
    /// Environments of which a file declares that persons review what goes there.
    pub reviews: Vec<Review>,
    /// Texts of shell, wherever they stand, in the order in which they were read.
    pub snippets: Vec<Snippet>,
}

/// A text of shell as its file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The text; expressions of a pipeline are masked.
    pub text: Text,
    /// What is masked, in order.
    pub masked: Vec<Range<usize>>,
    /// The vendor of the pipeline in which it stands; none: elsewhere.
    pub vendor: Option<&'static str>,
    /// It is a task of Ansible.
    pub is_task: bool,
    /// It stands in a word of another text (`sh -c '…'`), whose quotes an edit would have to heed.
    pub inside: bool,
}

/// What a repository beside the scanned one says of what controllers apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbour {
    /// Its name, in lower case.
    pub name: String,
    /// Its objects.
    pub reconcilers: Vec<Reconciler>,
    /// What is applied with a path of it.
    pub bundles: BTreeMap<String, Bundle>,
}

impl Playbook {
    /// Whether it puts something in place: what it applies holds a workload, or it starts containers or what it copied.
    pub fn deploys(&self, applicables: &[Applicable]) -> bool {
        let workload = |path: &String| applicables.iter().any(|a| (a.deploys || is_whole(a.kind)) && is_named_by(&a.path, path));
        self.on_hosts || !self.images.is_empty() || self.applies.iter().any(workload)
    }
}

/// A chart and a compose file always deploy.
fn is_whole(kind: OrphanKind) -> bool {
    matches!(kind, OrphanKind::Chart | OrphanKind::Compose)
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
