//! The jobs that lists of versions, systems and variables make: <https://docs.travis-ci.com/user/build-matrix>.

use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::values;
use crate::model::Expr;

/// At most so many combinations are told apart; of more, only the variables are.
const MAX_COMBINATIONS: usize = 64;

/// Keys that make a job for each of their values, with the variable that holds the value.
const AXES: &[(&str, &str)] = &[
    ("os", "TRAVIS_OS_NAME"),
    ("arch", "TRAVIS_CPU_ARCH"),
    ("dist", "TRAVIS_DIST"),
    ("osx_image", "TRAVIS_OSX_IMAGE"),
    ("compiler", "TRAVIS_COMPILER"),
    ("gemfile", "BUNDLE_GEMFILE"),
    ("d", "TRAVIS_D_VERSION"),
    ("dart", "TRAVIS_DART_VERSION"),
    ("dotnet", "TRAVIS_DOTNET_VERSION"),
    ("elixir", "TRAVIS_ELIXIR_VERSION"),
    ("elm", "TRAVIS_ELM_VERSION"),
    ("ghc", "TRAVIS_HASKELL_VERSION"),
    ("go", "TRAVIS_GO_VERSION"),
    ("haxe", "TRAVIS_HAXE_VERSION"),
    ("jdk", "TRAVIS_JDK_VERSION"),
    ("julia", "TRAVIS_JULIA_VERSION"),
    ("mono", "TRAVIS_MONO_VERSION"),
    ("node_js", "TRAVIS_NODE_VERSION"),
    ("otp_release", "TRAVIS_OTP_RELEASE"),
    ("perl", "TRAVIS_PERL_VERSION"),
    ("php", "TRAVIS_PHP_VERSION"),
    ("python", "TRAVIS_PYTHON_VERSION"),
    ("r", "TRAVIS_R_VERSION"),
    ("ruby", "TRAVIS_RUBY_VERSION"),
    ("rust", "TRAVIS_RUST_VERSION"),
    ("rvm", "TRAVIS_RUBY_VERSION"),
    ("scala", "TRAVIS_SCALA_VERSION"),
    ("smalltalk", "TRAVIS_SMALLTALK_VERSION"),
    ("swift", "TRAVIS_SWIFT_VERSION"),
    ("xcode_sdk", "TRAVIS_XCODE_SDK"),
];

/// Values by name.
type Bindings = Vec<(String, Expr)>;

/// The variable that holds the version which a filter of deployments asks for.
pub fn variable(key: &str) -> Option<&'static str> {
    let key = if key == "node" { "node_js" } else { key };
    AXES.iter().find(|(name, _)| *name == key).map(|(_, variable)| *variable)
}

/// The variables for all jobs, and a list of those of each job that they make.
pub fn environment(env: Option<&Data>) -> (Bindings, Vec<Bindings>) {
    let Some(env) = env else { return (Vec::new(), Vec::new()) };
    let rows = |data: &Data| data.one_or_many().iter().map(values::environment).filter(|b| !b.is_empty()).collect();
    if !["global", "jobs", "matrix"].iter().any(|key| values::has(env, key)) {
        return (Vec::new(), rows(env));
    }
    let global = env.get("global").map(values::environment).unwrap_or_default();
    (global, env.get("jobs").or_else(|| env.get("matrix")).map(rows).unwrap_or_default())
}

/// What the values of the root's keys bind in every job.
pub fn bound(config: &Data) -> Bindings {
    let one = |(key, variable): &(&str, &str)| {
        let values = config.get(key)?.texts();
        (values.len() == 1).then(|| (format!("env.{variable}"), values::value(values[0])))
    };
    AXES.iter().filter_map(one).collect()
}

/// The combinations of the root's lists; empty where there is but one job.
pub fn combinations(root: &Data) -> Vec<Bindings> {
    let rows = environment(root.get("env")).1;
    let mut axes: Vec<Vec<Bindings>> = Vec::new();
    for (key, variable) in AXES {
        let values = root.get(key).map(Data::texts).unwrap_or_default();
        if values.len() > 1 {
            axes.push(values.iter().map(|v| vec![(format!("env.{variable}"), Expr::lit(*v))]).collect());
        }
    }
    if !axes.is_empty() && axes.iter().map(Vec::len).try_fold(rows.len().max(1), usize::checked_mul) > Some(MAX_COMBINATIONS) {
        axes.clear();
    }
    if rows.len() > 1 {
        axes.push(rows);
    }
    let mut out: Vec<Bindings> = Vec::new();
    for axis in axes {
        out = if out.is_empty() {
            axis
        } else {
            out.iter().flat_map(|row| axis.iter().map(|more| row.iter().chain(more).cloned().collect())).collect()
        };
    }
    out
}
