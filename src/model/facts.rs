//! What packages, Dockerfiles and compose files say of themselves beside their commands.

use super::{Stage, UnitId};
use crate::source::Span;
use std::collections::BTreeSet;

/// A package.json.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// The package's name, where it has one.
    pub name: Option<String>,
    /// `"private": true`: never published.
    pub private: bool,
    /// Its scripts by name, in file order.
    pub scripts: Vec<(String, UnitId)>,
    /// Globs of the folders of its workspaces, relative to its own.
    pub workspaces: Vec<String>,
    /// The package manager that it asks for, without version (`pnpm`).
    pub manager: Option<String>,
    /// It says how it is published.
    pub has_publish_config: bool,
    /// It brings a command.
    pub has_bin: bool,
    /// Names of the packages it needs to run or to develop.
    pub dependencies: Vec<String>,
    /// The whole file.
    pub span: Option<Span>,
}

/// A part of what a tool runs that is told by its configuration: an environment of tox, a session of nox, a hook of pre-commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Its name; `*`: any other.
    pub name: String,
    /// It runs where a call names none.
    pub default: bool,
    /// The commands that it runs; unknown parts are holes.
    pub commands: Vec<Vec<String>>,
    /// Its stage, where the configuration itself says it.
    pub stage: Option<Stage>,
}

/// What a stage of a Dockerfile starts from, and takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageOrigin {
    /// The earlier stage that it starts from, by index.
    pub stage: Option<usize>,
    /// The image of another place that it starts from, by its index in [`DockerfileFacts::bases`]; neither: it starts from nothing.
    pub base: Option<usize>,
    /// The stages that building it takes, itself among them.
    pub takes: BTreeSet<usize>,
}

/// What a Dockerfile says beside its commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DockerfileFacts {
    /// Images of other places that its stages start from, with tag or digest, variable parts as holes.
    pub bases: Vec<(String, Span)>,
    /// Names of its stages.
    pub stages: Vec<String>,
    /// What each of its stages starts from.
    pub origins: Vec<StageOrigin>,
    /// Users it switches to, in order, with the index of the stage.
    pub users: Vec<(usize, String, Span)>,
    /// Where it declares a health check other than NONE.
    pub healthcheck: Option<Span>,
    /// Paths of the build context that it copies.
    pub copies: Vec<String>,
    /// The words of the last ENTRYPOINT and CMD: run time, not delivery.
    pub start: Vec<String>,
    /// The commands of them, as units.
    pub start_units: Vec<UnitId>,
}

/// A service of a compose file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComposeService {
    /// Its key.
    pub name: String,
    /// The image it runs or builds, with tag; variable parts are holes.
    pub image: Option<String>,
    /// Folder of the build context from the repository's root.
    pub context: Option<String>,
    /// Path of the Dockerfile from the repository's root, where it builds one.
    pub dockerfile: Option<String>,
    /// The stage that it builds.
    pub stage: Option<String>,
    /// The words of its entrypoint.
    pub entrypoint: Vec<String>,
    /// Its command and entrypoint, on one line.
    pub command: Option<String>,
    /// It has a health check.
    pub healthcheck: Option<Span>,
    /// From its key to its last line.
    pub span: Option<Span>,
}
