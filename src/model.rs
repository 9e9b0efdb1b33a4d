//! The neutral model: what every front end translates its files into, and the vocabulary of the report.
//!
//! A [`Program`] is a set of [`Unit`]s, anything that runs in order: pipeline, job, script, function, make target,
//! npm script, Dockerfile, Terraform root. A unit's body is a list of [`Item`]s: commands, built-ins, calls, blocks with
//! a condition. No vendor's key names exist past this point: conditions are [`Expr`]essions over named values,
//! and the names are opaque to whoever evaluates them.

pub mod delivery;
mod evaluate;
pub mod expr;
pub mod facts;
pub mod infrastructure;
pub mod item;
pub mod lifecycle;
pub mod names;
pub mod plan;
pub mod program;
pub mod targets;
pub mod unit;
pub mod value;
pub mod vocabulary;
pub mod wildcard;

pub use delivery::*;
pub use expr::{Expr, Status, Test};
pub use facts::{ComposeService, DockerfileFacts, Package, Session, StageOrigin};
pub use infrastructure::*;
pub use item::*;
pub use lifecycle::{Bound, Lifecycle, Profile};
pub use names::named_pipeline;
pub use plan::*;
pub use program::*;
pub use targets::{Found, Include, MakeFile, find_target};
pub use unit::*;
pub use value::{Scope, Truth, Value};
pub use vocabulary::*;
pub use wildcard::{glob, starred};

/// Stands in a string for a part that the files do not decide (a variable, a template expression). No tool, option
/// or path contains it, so a literal never matches it.
pub const HOLE: char = '\u{fffc}';

/// The name under which a script knows whether it is run by itself (`true`), or read in by another (`false`).
pub const IS_MAIN: &str = "script.is-main";

/// The name under which it is bound whether a run of targets pushes what they make.
pub const PUSHES: &str = "run.pushes";

/// The name under which a build's stage (`--target`) is bound while its Dockerfile is interpreted.
pub const BUILD_TARGET: &str = "build.target";

/// The name under which the folder is bound that a command sends to a build: the root of what the build works on.
pub const WORK_FOLDER: &str = "work.folder";

/// The name under which the target is bound that a release is made for or promoted to; empty: the first.
pub const TARGET_OF_RELEASE: &str = "release.target";

/// The name under which a text is bound that names an environment but is no keyword for one: a set of variables that a job
/// uses, a parameter that it is given.
pub const SURROUNDING: &str = "surrounding.environment";

/// The name under which stands what a pipeline is connected to (a service connection, a group of variables): what it says of
/// the environment counts as a variable does.
pub const CONNECTED_TO: &str = "ci.connected-to";
