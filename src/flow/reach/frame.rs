//! The state of one context while its items are interpreted.

use super::super::occurrence::Hint;
use super::rendered::Rendered;
use super::workspace::Workspace;
use crate::model::{Automation, Link, Scope, UnitId, Way};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// What a context knows.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Values by name.
    pub scope: Scope,
    /// What is known of the event; inherited by every callee.
    pub facts: Rc<Scope>,
    /// The working directory from the root; none where it is not known.
    pub dir: Option<String>,
    /// The working directory before the last change, for `cd -`.
    pub back: Option<String>,
    /// Working directories that were left, to return to.
    pub left: Vec<Option<String>>,
    /// Folder of the file that is interpreted.
    pub home: String,
    /// Functions in reach, by name.
    pub functions: Rc<BTreeMap<String, UnitId>>,
    /// The unit.
    pub unit: UnitId,
    /// The job.
    pub job: Option<UnitId>,
    /// The pipeline that was started.
    pub pipeline: Option<UnitId>,
    /// The environment by keyword.
    pub keyword: Option<String>,
    /// The environment that a login of this job names (`aws eks update-kubeconfig`).
    pub login: Option<String>,
    /// How this context is reached.
    pub way: Way,
    /// What the context says of the service.
    pub hints: Rc<Vec<Hint>>,
    /// Inside a script, function, target, not directly in a pipeline.
    pub in_script: bool,
    /// A local cluster or stack was set up in this job: what deploys here sets up a test.
    pub local_cluster: bool,
    /// The job has credentials of a cloud account.
    pub cloud_login: bool,
    /// The job's name says that it tests, and nothing in it names an environment or logs in to a cluster.
    pub test_job: bool,
    /// The job brings services of its own.
    pub local_services: bool,
    /// It is what a container's start runs.
    pub container_start: bool,
    /// Something was deployed in this job before.
    pub deployed: bool,
    /// What was started last is a run of what is there already: a backup, a report.
    pub ran: bool,
    /// What was deployed answers on this machine, too.
    pub forwarded: bool,
    /// Other repositories that the job has checked out, and files that it has edited.
    pub workspace: Rc<Workspace>,
    /// What the command before wrote manifests from, for the one that reads them from a pipe.
    pub rendered: Option<Rendered>,
    /// Files that commands before have written manifests to, with what they wrote them from.
    pub written: Rc<BTreeMap<String, Vec<String>>>,
    /// A failure here stops nothing.
    pub ignored: bool,
    /// What runs here runs only after a failure.
    pub on_failure: bool,
    /// What runs here stops or deletes its environment.
    pub stops: bool,
    /// No file says what starts the pipeline.
    pub assumed: bool,
    /// Depth of calls.
    pub depth: usize,
    /// Number of this entry of the unit: steps of one entry share their environment.
    pub entry: u32,
    /// Number of this run of the job.
    pub job_run: u32,
}

impl Frame {
    /// A context of a unit that nothing has been bound in.
    pub fn new(unit: UnitId, way: Way) -> Self {
        Self {
            scope: Scope::default(),
            facts: Rc::new(Scope::default()),
            dir: Some(String::new()),
            left: Vec::new(),
            back: None,
            home: String::new(),
            functions: Rc::default(),
            unit,
            job: None,
            pipeline: None,
            keyword: None,
            login: None,
            way,
            hints: Rc::default(),
            in_script: false,
            local_cluster: false,
            cloud_login: false,
            test_job: false,
            local_services: false,
            container_start: false,
            deployed: false,
            ran: false,
            forwarded: false,
            workspace: Rc::default(),
            rendered: None,
            written: Rc::default(),
            ignored: false,
            on_failure: false,
            stops: false,
            assumed: false,
            depth: 0,
            entry: 0,
            job_run: 0,
        }
    }

    /// Whether a person started it by hand, outside of any pipeline.
    pub fn by_hand(&self) -> bool {
        self.way.automation == Automation::Manual
    }

    /// Whether what runs here runs in a job against something local, or in a job at all.
    pub fn in_test(&self) -> bool {
        self.job.is_some() && !self.deployed
    }

    /// A name that stands around what follows.
    pub fn name(&mut self, name: impl Into<String>) {
        Rc::make_mut(&mut self.hints).push(Hint::Name(name.into()));
    }

    /// What follows runs where one of these paths has changed: it is about what stands there.
    pub fn about(&mut self, globs: &[String]) {
        for glob in globs.iter().filter(|g| !g.starts_with('!')) {
            let literal = &glob[..glob.find(['*', '?', '[', '{']).unwrap_or(glob.len())];
            let folder =
                if literal.len() < glob.len() { literal.rsplit_once('/').map_or("", |(folder, _)| folder) } else { literal };
            if !folder.is_empty() {
                Rc::make_mut(&mut self.hints).push(Hint::Path(folder.to_owned()));
            }
        }
    }

    /// Put a link at the end of the chain.
    pub fn follow(&mut self, link: Link) {
        if self.way.chain.last() != Some(&link) {
            Rc::make_mut(&mut self.way.chain).push(link);
        }
    }

    /// A gate was passed: what follows is push-button at best.
    pub fn pass(&mut self, gate: usize) {
        self.way.gates.insert(gate);
        self.way.automation = self.way.automation.min(Automation::PushButton);
    }

    /// A fingerprint of all that decides what a callee does; of the values only those that called units read.
    pub fn fingerprint(&self, callee: UnitId, reads: &HashSet<String>) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.course(callee, reads).hash(&mut hasher);
        self.keyword.hash(&mut hasher);
        self.login.hash(&mut hasher);
        (self.job, self.pipeline, self.way.automation, self.way.event, self.way.on, self.way.uncertain).hash(&mut hasher);
        self.way.gates.hash(&mut hasher);
        (self.ignored, self.on_failure, self.stops, self.assumed).hash(&mut hasher);
        self.hints.hash(&mut hasher);
        hasher.finish()
    }

    /// A fingerprint of what decides which commands a callee comes to, not of how they are reported.
    pub fn course(&self, callee: UnitId, reads: &HashSet<String>) -> u64 {
        let mut hasher = DefaultHasher::new();
        callee.hash(&mut hasher);
        (&self.dir, &self.back, &self.home, self.by_hand(), self.job.is_some(), self.pipeline.is_some()).hash(&mut hasher);
        self.state().hash(&mut hasher);
        (self.local_services, self.in_script).hash(&mut hasher);
        self.functions.values().for_each(|id| id.hash(&mut hasher));
        for (name, value) in self.scope.iter() {
            if name.starts_with("arg.") || reads.contains(name) {
                (name, value).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// What was deployed or set up inside is there for what follows.
    pub fn goes_on_after(&mut self, inner: &Self) {
        self.deployed |= inner.deployed;
        self.forwarded |= inner.forwarded;
        self.local_cluster |= inner.local_cluster;
        if self.workspace != inner.workspace {
            Rc::make_mut(&mut self.workspace).extend(&inner.workspace);
        }
    }

    /// What the commands of a job leave to those after them.
    pub fn state(&self) -> ([bool; 6], Rc<Workspace>) {
        let set = [self.local_cluster, self.cloud_login, self.test_job, self.deployed, self.ran, self.forwarded];
        (set, Rc::clone(&self.workspace))
    }
}

/// The weaker of two ways that must both be passed: levels and certainty meet, gates add up; the chain is the first's.
pub fn meet(way: &Way, other: &Way) -> Way {
    let gates: BTreeSet<usize> = way.gates.union(&other.gates).copied().collect();
    let asked = way.asked.or(other.asked);
    let uncertain = way.uncertain || other.uncertain;
    Way { automation: way.automation.min(other.automation), uncertain, asked, gates, ..way.clone() }
}

/// A way after another that only comes before it: its gates and level hold, but whether it was there at all does not matter
/// unless it is the weaker one, and what it asked for is its own.
pub fn after(way: &Way, earlier: &Way) -> Way {
    let uncertain = way.uncertain || (earlier.uncertain && earlier.automation < way.automation);
    Way { uncertain, asked: way.asked, ..meet(way, earlier) }
}

/// Whether a way is the same [`after`] an earlier one.
pub fn adds_nothing(way: &Way, earlier: &Way) -> bool {
    earlier.automation >= way.automation && earlier.gates.is_subset(&way.gates)
}
