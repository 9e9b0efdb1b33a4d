//! What the body of a unit holds: commands, built-ins, calls, blocks with a condition, gates.

use super::{Confidence, Expr, GateKind, UnitId};
use crate::source::{Span, Text};

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
    /// The same, and [`Item::Popd`] returns to where it was (`pushd`).
    Pushd(Expr),
    /// The working directory is again what it was before the last [`Item::Pushd`].
    Popd,
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

impl Item {
    /// A built-in that calls what another repository or a server holds (model ruling 19).
    pub fn external(
        vendor: &'static str,
        name: impl Into<String>,
        version: &str,
        inputs: Vec<(String, Expr)>,
        span: Span,
        text: impl Into<String>,
    ) -> Self {
        Self::BuiltIn(Box::new(BuiltIn {
            vendor,
            name: name.into(),
            version: version.to_owned(),
            inputs,
            span,
            text: text.into(),
            inner: Vec::new(),
            external_call: true,
        }))
    }
}

/// Items under a condition.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// When it runs.
    pub when: Expr,
    /// It is another way than the block before it (`else`, a further `case`): its condition is asked, and what is in it starts,
    /// where the first of them does.
    pub instead: bool,
    /// The line of that condition, where a pipeline writes it.
    pub when_span: Option<Span>,
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
            instead: false,
            when_span: None,
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
    /// A part of a pipeline that is written as a program, under a condition, in a folder or with values of its own: what else
    /// it sets stays.
    Section,
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
    /// A file that it reads (`< FILE`).
    pub reads: Option<Expr>,
    /// A file that it writes (`> FILE`).
    pub writes: Option<Expr>,
    /// The logic around it.
    pub logic: Logic,
    /// How sure it is a command (PowerShell and cmd lines are likely).
    pub confidence: Confidence,
}

impl Command {
    /// A command of these words that stands by itself: nothing around it, nothing fed to it.
    pub fn plain(words: Vec<Expr>, word_spans: Vec<Span>, span: Span, text: String) -> Self {
        Self {
            words,
            word_spans,
            span,
            text,
            wrappers: Vec::new(),
            assigns: Vec::new(),
            stdin: None,
            reads: None,
            writes: None,
            logic: Logic::default(),
            confidence: Confidence::Certain,
        }
    }
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
