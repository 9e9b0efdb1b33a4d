//! The terms of delivery, spelled as the report writes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! term {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word the report writes.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value that the report writes as `text`.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

term! {
    /// What starts work, in the order in which ties between chains are settled.
    Event {
        /// A push to a branch.
        Push = "push",
        /// A pull or merge request, or a merge queue.
        Change = "change",
        /// A tag or a release.
        Tag = "tag",
        /// A GitOps controller.
        Reconcile = "reconcile",
        /// Another pipeline finished or calls it.
        Upstream = "upstream",
        /// A timer.
        Schedule = "schedule",
        /// A call of the platform's interface.
        Api = "api",
        /// A person presses run.
        Manual = "manual",
    }
}

term! {
    /// The phase of delivery that a step belongs to.
    Stage {
        /// Checkout, submodules, version or tag calculation, changelog.
        Source = "source",
        /// Compile, install the product's dependencies.
        Build = "build",
        /// Lint, format, types, style, validation of infrastructure code, documentation check.
        Check = "check",
        /// Unit, component, integration, contract, end-to-end, performance.
        Test = "test",
        /// Security: static analysis, dependencies, secrets, images, SBOM, signing.
        Scan = "scan",
        /// Build an image or an installable artifact.
        Package = "package",
        /// Push to a registry or artifact store.
        Publish = "publish",
        /// Create or alter infrastructure.
        Provision = "provision",
        /// Configuration management, secrets, migrations.
        Configure = "configure",
        /// Put a version into an environment.
        Deploy = "deploy",
        /// After deploy: rollout status, smoke test, health check.
        Verify = "verify",
        /// Shift traffic.
        Release = "release",
        /// Undo a deployment.
        Rollback = "rollback",
        /// Notify, monitor, back up, clean up: off the path.
        Operate = "operate",
    }
}

term! {
    /// How far a step runs by itself; the order is the strength.
    Automation {
        /// Needed, and nothing in the repository does it.
        Missing = "missing",
        /// In the repository in runnable form, but no pipeline reaches it.
        Manual = "manual",
        /// The machine does it all, after a person clicks.
        PushButton = "push-button",
        /// Some chain reaches it with no person acting.
        Automated = "automated",
    }
}

term! {
    /// In what form a step is written.
    Means {
        /// An action, task, plugin, keyword or reconciler object.
        BuiltIn = "built-in",
        /// One invocation of a standard tool.
        Command = "command",
        /// Logic around it decides what is done, or an own helper program.
        Script = "script",
        /// Prose or inline code only.
        Hand = "hand",
    }
}

term! {
    /// Where a person must act.
    GateKind {
        /// A pipeline or job that only a manual event starts.
        Start = "start",
        /// An approval or hold.
        Approval = "approval",
        /// A job that a person starts.
        ManualJob = "manual-job",
        /// A choice asked while running.
        Input = "input",
        /// Reviewers declared in a file.
        Reviewers = "reviewers",
        /// A pull request to a deployment branch or repository without auto-merge.
        Merge = "merge",
        /// A reconciler without automated sync.
        Sync = "sync",
    }
}

term! {
    /// What kind of place an environment is; the order is that of promotion.
    Tier {
        /// A developer's shared environment.
        Development = "development",
        /// For testing.
        Test = "test",
        /// A change's own environment, before it is merged.
        Preview = "preview",
        /// Like production.
        Staging = "staging",
        /// Where the users are.
        Production = "production",
        /// The files do not say.
        Unknown = "unknown",
    }
}

term! {
    /// What a service is.
    ServiceKind {
        /// It runs somewhere.
        Deployed = "deployed",
        /// A published package.
        Library = "library",
        /// Infrastructure only.
        Infrastructure = "infrastructure",
        /// Configuration that is deployed.
        Configuration = "configuration",
        /// A documentation or story site.
        Site = "site",
    }
}

term! {
    /// A part of a service's path that has to be filled.
    Cell {
        /// Build or package.
        Build = "build",
        /// Test.
        Test = "test",
        /// Publish.
        Publish = "publish",
        /// Provision.
        Provision = "provision",
        /// Deploy.
        Deploy = "deploy",
        /// Verify.
        Verify = "verify",
    }
}

impl Cell {
    /// The stage a missing step of this cell carries.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Build => Stage::Build,
            Self::Test => Stage::Test,
            Self::Publish => Stage::Publish,
            Self::Provision => Stage::Provision,
            Self::Deploy => Stage::Deploy,
            Self::Verify => Stage::Verify,
        }
    }
}

term! {
    /// How a service reaches production: the best way counts.
    Verdict {
        /// A push to trunk, a merged change or a reconciler gets there, no person.
        EveryCommit = "every-commit",
        /// A tag or release starts it.
        OnTag = "on-tag",
        /// A timer starts it.
        OnSchedule = "on-schedule",
        /// Gates on the way.
        AfterApproval = "after-approval",
        /// Starts only by a manual event.
        ByButton = "by-button",
        /// Only manual steps reach production.
        ByHand = "by-hand",
        /// The path leaves this repository.
        Elsewhere = "elsewhere",
        /// Nothing deploys it to production.
        None = "none",
        /// The files cannot decide.
        Unknown = "unknown",
    }
}

term! {
    /// How sure the classification is.
    Confidence {
        /// Read off the files.
        Certain = "certain",
        /// A hosted integration, a PowerShell line.
        Likely = "likely",
        /// By a name only.
        Low = "low",
    }
}

term! {
    /// What is worth knowing about a step beside its fields.
    Flag {
        /// A person makes the tag that starts it.
        TagByHand = "tag-by-hand",
        /// A person merges the release pull request before it.
        PersonMerges = "person-merges",
        /// The server may hold a gate that no file shows.
        MayBeGated = "may-be-gated",
        /// Classified by a name only.
        ByName = "by-name",
        /// It acts on another repository.
        Elsewhere = "elsewhere",
        /// The user's answers state it.
        Stated = "stated",
        /// A condition on the way is unknown.
        ReachUnknown = "reach-unknown",
        /// Only a branch other than trunk reaches it.
        OtherBranch = "other-branch",
    }
}

term! {
    /// What an orphan is.
    OrphanKind {
        /// A script.
        Script = "script",
        /// An Ansible playbook.
        Playbook = "playbook",
        /// A Terraform root.
        TerraformRoot = "terraform-root",
        /// A Helm chart.
        Chart = "chart",
        /// A Kustomize overlay.
        Overlay = "overlay",
        /// Kubernetes manifests.
        Manifest = "manifest",
        /// A compose file for a server.
        Compose = "compose",
        /// A make fragment that nothing includes.
        MakeFragment = "make-fragment",
    }
}

term! {
    /// How the trunk was found.
    TrunkSource {
        /// The user's configuration.
        Config = "config",
        /// `origin/HEAD`.
        Git = "git",
        /// The branches that pipelines name.
        Pipelines = "pipelines",
        /// Nothing names one.
        None = "none",
    }
}

term! {
    /// What a link of a chain is: an event, a unit, a gate on the way, or the step at its end.
    LinkKind {
        /// What started the run.
        Event = "event",
        /// A pipeline or workflow.
        Pipeline = "pipeline",
        /// A stage of a pipeline.
        Stage = "stage",
        /// A job.
        Job = "job",
        /// A composite action or template of the repository.
        Action = "action",
        /// A script.
        Script = "script",
        /// A function of a script.
        Function = "function",
        /// A make, just or Task target.
        Target = "target",
        /// A script of a package.json.
        NpmScript = "npm-script",
        /// A Dockerfile.
        Dockerfile = "dockerfile",
        /// A compose file.
        Compose = "compose",
        /// A Terraform root.
        TerraformRoot = "terraform-root",
        /// A playbook.
        Playbook = "playbook",
        /// A chart.
        Chart = "chart",
        /// An overlay.
        Overlay = "overlay",
        /// Manifests.
        Manifest = "manifest",
        /// A template or project of infrastructure.
        Template = "template",
        /// A code block of a document.
        Document = "document",
        /// A person must act here.
        Gate = "gate",
        /// The step itself.
        Step = "step",
    }
}
