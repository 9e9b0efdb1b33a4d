//! What prodpath knows of tools and vendors: the typed view of `grammars/`, embedded at build time as one compact table.

pub mod builtins;
pub mod commands;
pub mod declared;
pub mod detect;
pub mod environments;
pub mod hosted;
pub mod lifecycle;
pub mod objects;
pub mod paths;
pub mod resources;
pub mod runners;
pub mod table;
pub mod words;

use crate::model::{Confidence, Stage, Value};
use std::collections::BTreeMap;

/// What a command or a built-in is, as the tables say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Folder of the tool or vendor under `grammars/`.
    pub tool: String,
    /// The row that matched, as it is written (`kubectl apply`).
    pub row: String,
    /// What to do with it.
    pub action: Action,
    /// Finer class: test kind, scan kind, mechanism (`unit`, `sca`, `k8s`, `gitops`).
    pub kind: Option<String>,
    /// Further stages that the same step fills.
    pub also: Vec<Stage>,
    /// Values read from the words or inputs, by role; unknown parts are holes.
    pub roles: Vec<(Role, String)>,
    /// Traits of the row.
    pub traits: Vec<Trait>,
    /// How sure the row is.
    pub confidence: Confidence,
}

impl Class {
    /// The same in every folder below.
    #[must_use]
    pub fn recursive(mut self) -> Self {
        self.traits.push(Trait::Recursive);
        self
    }

    /// The stage, where it is a step.
    pub fn stage(&self) -> Option<Stage> {
        match &self.action {
            Action::Step(stage) => Some(*stage),
            Action::Resolve { by_name, .. } => *by_name,
            Action::Glue => None,
        }
    }

    /// All values of a role.
    pub fn role(&self, role: Role) -> impl Iterator<Item = &str> {
        self.roles.iter().filter(move |(r, _)| *r == role).map(|(_, v)| v.as_str())
    }

    /// Whether the row has a trait.
    pub fn is(&self, t: Trait) -> bool {
        self.traits.contains(&t)
    }
}

/// What to do with what a row matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is a step of this stage.
    Step(Stage),
    /// It is no step.
    Glue,
    /// It starts something of the repository: open the target, classify what is inside; the call is a step only where the
    /// target cannot be resolved or holds no classified command.
    Resolve {
        /// How the target is found: a name that the flow's resolvers know (`script`, `make`, `npm`, `workflow` …).
        resolver: String,
        /// The stage where the target cannot be resolved, if the words say it clearly.
        by_name: Option<Stage>,
    },
}

/// What a value read from a command says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It names an environment (namespace, context, stack, profile …).
    Environment,
    /// It names an image.
    Image,
    /// It names a service, workload, function or chart release.
    Service,
    /// It names an artifact.
    Artifact,
    /// It is a file or folder that the command applies or builds.
    File,
    /// It is the folder in which the command works (`-C`, `--prefix`, `-chdir`).
    Dir,
}

/// What the rulings ask of some rows beside the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trait {
    /// Only a look (`terraform plan`): a step that fills no cell (ruling 14).
    LookOnly,
    /// It waits for the result and so verifies (ruling 28).
    Waits,
    /// Its stage depends on the manifests it names (rulings 9, 24).
    ByManifest,
    /// What it builds and applies stands in a file of its tool (a bake file, a Skaffold configuration, a helmfile).
    ByPlan,
    /// It deploys by a commit that a controller reads (rulings 15, 37).
    GitOps,
    /// In a job with only local services it sets up a test (ruling 16).
    LocalInTests,
    /// Before a deploy in the same job it is a test, after one it verifies.
    VerifyAfterDeploy,
    /// It opens a release pull request that a person merges (ruling 15).
    PersonMerges,
    /// It merges a change, at once or as soon as its checks have passed.
    Merges,
    /// It makes a tag.
    MakesTag,
    /// Inside a script it is glue; as a step of its own it is one (ruling 37).
    GlueInScript,
    /// Over ssh on a server it deploys (`git pull` on a host).
    DeployOnHost,
    /// It is an approval: a gate for what follows (`trstringer/manual-approval`).
    Approval,
    /// It deploys a third-party chart, when its chart is not of the repository.
    Chart,
    /// It starts containers of a compose file: a server's deploys, a developer's is local (ruling 7).
    ComposeUp,
    /// It only runs on a developer's machine (start, watch, serve).
    LocalOnly,
    /// What it does is told by the name of the script or target it stands in (`tsc` in `lint:types`).
    StageByName,
    /// Set-up of a local cluster or stack (kind, minikube): deploy-like commands after it in the job set up a test.
    LocalCluster,
    /// Gives the job credentials of a cloud account.
    CloudLogin,
    /// It starts a pipeline by its name: where the repository declares that, its steps stand for the command.
    StartsPipeline,
    /// It applies a template that no front end reads: no workload of it is known.
    UnreadTemplate,
    /// It acts on a cloud account, whatever local cluster stands beside it.
    OnAccount,
    /// It acts on a cluster or stack, a local one where the job set one up.
    OnCluster,
    /// It makes what runs in a cluster answer on this machine.
    Forwards,
    /// In a document it is advice for the reader's own cluster or registry, unless it names something of the repository.
    ForReaders,
    /// It acts in every folder below the one it is started in (`terragrunt run-all`).
    Recursive,
}

/// How a wrapper is taken off a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwrap {
    /// The wrapper's program (`ssh`).
    pub name: String,
    /// What it changes.
    pub kind: WrapKind,
    /// Index of the word that names the host, image or service.
    pub subject: Option<usize>,
    /// Where the inner command is.
    pub inner: Inner,
    /// Words of the form `NAME=value` that set its environment.
    pub assigns: Vec<usize>,
}

/// What a wrapper changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WrapKind {
    /// Nothing that matters (`sudo`, `npx`).
    Plain,
    /// The inner command runs on another host.
    Remote,
    /// It runs in a new container of an image (`docker run`).
    Container,
    /// It runs in a service of a compose file.
    ComposeService,
    /// It runs in a pod or a running container.
    Pod,
}

/// Where a wrapper's inner command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inner {
    /// The words from this index on.
    Words(usize),
    /// The words from this index on, joined by spaces and read by a shell (`ssh host 'a; b'`).
    Shell(usize),
    /// One word from this byte on, read by a shell (`bash -c 'a; b'`, `--command='a'`).
    Value {
        /// Index of the word.
        word: usize,
        /// First byte of the command in it.
        from: usize,
    },
    /// There is none (`docker run IMAGE` without a command).
    None,
}

/// All tables. Words and values may hold [`crate::model::HOLE`]s; a hole never equals a literal.
#[derive(Debug)]
pub struct Catalogue {
    commands: commands::Commands,
    builtins: builtins::BuiltIns,
    environments: environments::Environments,
    words: words::Words,
}

impl Catalogue {
    /// The tables that are built in.
    pub fn embedded() -> &'static Self {
        static TABLES: std::sync::OnceLock<Catalogue> = std::sync::OnceLock::new();
        TABLES.get_or_init(|| Self {
            commands: commands::Commands::embedded(),
            builtins: builtins::BuiltIns::embedded(),
            environments: environments::Environments::embedded(),
            words: words::Words::embedded(),
        })
    }

    /// A fingerprint of everything in the tables.
    pub fn hash(&self) -> &'static str {
        env!("PRODPATH_CATALOGUE_HASH")
    }

    /// Whether a word is a program of a tool, not one of the shell's own.
    pub fn is_tool(&self, word: &str) -> bool {
        self.commands.is_tool(word)
    }

    /// What a simple command is: its words, program first, wrappers taken off. `None`: no row knows it.
    pub fn command(&self, words: &[String]) -> Option<Class> {
        self.commands.classify(words)
    }

    /// The wrapper that a command's first words are, if they are one.
    pub fn wrapper(&self, words: &[String]) -> Option<Unwrap> {
        self.commands.unwrap(words)
    }

    /// Whether an option of a program takes the next word as its value.
    pub fn takes_value(&self, program: &str, option: &str) -> bool {
        self.commands.takes_value(program, option)
    }

    /// What a built-in of a vendor is; `name` without version, input values by name (absent inputs are not in the map).
    pub fn builtin(&self, vendor: &str, name: &str, version: &str, inputs: &BTreeMap<String, Value>) -> Option<Class> {
        let mut class = self.builtins.classify(vendor, name, version, inputs)?;
        let lines = self.builtins.program_lines(vendor, name, inputs);
        if lines.is_empty() {
            return Some(class);
        }
        if let Some((_, said)) = self.said_by(&lines) {
            class.action = said.action;
            class.kind = said.kind;
            class.also = said.also;
            class.traits.extend(said.traits);
            class.roles.extend(said.roles);
        } else if let Action::Resolve { by_name: Some(stage), .. } = class.action {
            class.action = Action::Step(stage);
        }
        Some(class)
    }

    /// The command line of a built-in whose input holds the arguments of a program: the words that say what it is.
    pub fn built_in_command(&self, vendor: &str, name: &str, inputs: &BTreeMap<String, Value>) -> Option<Vec<String>> {
        let lines = self.builtins.program_lines(vendor, name, inputs);
        self.said_by(&lines).map(|(words, _)| words.to_vec())
    }

    /// The last line that does something says what all of them are.
    fn said_by<'l>(&self, lines: &'l [Vec<String>]) -> Option<(&'l [String], Class)> {
        let mut known: Vec<(&[String], Class)> =
            lines.iter().filter_map(|words| Some((words.as_slice(), self.command(words)?))).collect();
        let step = known.iter().rposition(|(_, c)| matches!(c.action, Action::Step(_)));
        match step {
            Some(at) => Some(known.swap_remove(at)),
            None => known.pop(),
        }
    }

    /// The input of a built-in that holds shell commands, with whether they run on another host.
    pub fn shell_input(&self, vendor: &str, name: &str) -> Option<(&str, WrapKind)> {
        self.builtins.shell_input(vendor, name)
    }

    /// The program whose arguments a built-in is given, where it is nothing but that program.
    pub fn program_of(&self, vendor: &str, name: &str) -> Option<&str> {
        self.builtins.program(vendor, name)
    }

    /// Names and tiers of environments.
    pub fn environments(&self) -> &environments::Environments {
        &self.environments
    }

    /// Word lists for what is classified by a name.
    pub fn words(&self) -> &words::Words {
        &self.words
    }
}
