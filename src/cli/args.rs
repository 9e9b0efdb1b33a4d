//! The arguments, and the help that teaches them.

use clap::{Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

const ABOUT: &str = "Maps every step from commit to production and shows where a person is needed";

const LONG: &str = "\
prodpath reads a repository (no network, nothing is run) and maps every step from commit to production: pipelines, the \
scripts, make targets and npm scripts they call, Dockerfiles, Terraform roots, compose files, charts and READMEs. For each \
service it shows which parts of the path run by themselves, which wait for a person, and which nobody has written.";

const EXAMPLES: &str = "\
Examples:
  prodpath                                   the repository in this folder
  prodpath ~/src/shop --verbose              another one, with every step
  prodpath path cart                         the commands from commit to production, in order
  prodpath why-not cart                      what keeps cart from production on every commit
  prodpath audit                             rollback, drift between environments, health checks, tests …
  prodpath explain scripts/deploy.sh:12      what this line is, and how it is reached
  prodpath explain score                     where the coverage comes from
  prodpath --report json=report.json         the screen, and the whole report as JSON
  prodpath --quiet --fail-under 80           in a pipeline: exit 1 where path coverage is below 80 %

Exit codes:
  0  fine
  1  a threshold was missed (--fail-under)
  2  it could not run: usage, or a path that cannot be read
  3  nothing to score: no delivery step was found

A folder that is called like a command needs a ./ before it: prodpath ./path";

/// The whole command line.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "prodpath",
    version,
    about = ABOUT,
    long_about = LONG,
    after_help = EXAMPLES,
    subcommand_precedence_over_arg = true,
    override_usage = "prodpath [OPTIONS] [PATH]\n       prodpath <COMMAND>",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Args {
    /// What to do; without a command, `scan`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Arguments of `scan` where no command is given.
    #[command(flatten)]
    pub scan: Scan,
    /// How it is shown.
    #[command(flatten)]
    pub show: Show,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Map a repository and print its report (what prodpath does without a command)
    Scan(Scan),
    /// Print the commands from commit to production of one service, in the order they run
    ///
    /// A newcomer's first question: what happens to my commit? Each command comes with its place and with how it is reached.
    Path(OneService),
    /// Print what stops a service from reaching production on every commit
    ///
    /// In running order, with places; where another environment or service already has the missing piece, that is the example.
    WhyNot(OneService),
    /// Answer the audit's questions: rollback, drift, health checks, tests, images, environments
    ///
    /// Each with what decided it and where. Where files can prove a practice but not disprove it, its absence is called not found.
    Audit {
        /// The repository's folder
        #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
        path: PathBuf,
    },
    /// Explain a line, a step or the score
    ///
    /// For a line or step: its stage and why, the whole chain that decides its automation, other ways to it, and what is not
    /// known. For a line that holds no step: what is there, and what is near.
    Explain(Explain),
    /// Print the edits that replace scripts by options, as a diff; apply the safe ones with --write
    ///
    /// Each file is scanned again after its edits: where one brings a fault, or would change the map of the way to production, the
    /// file is put back as it was.
    Fix(Fix),
    /// List the rules that find scripts which a built-in option replaces
    ///
    /// With an id: that rule's page. With --check: hold rule files against their own examples.
    Rules(Rules),
    /// Print the JSON Schema of the JSON report, or of .prodpath/config.yaml
    Schema {
        /// report or config
        #[arg(value_enum, default_value_t = SchemaOf::Report, hide_possible_values = true, hide_default_value = true)]
        of: SchemaOf,
    },
}

/// Arguments of `scan`.
#[derive(Clone, Debug, clap::Args)]
pub struct Scan {
    /// The repository's folder
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub path: PathBuf,
    /// What to print: terminal, or json (`prodpath schema` describes it)
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Terminal, hide_possible_values = true)]
    pub format: Format,
    /// Also write a report to a file, as often as given: json=report.json
    #[arg(long, value_name = "FORMAT=FILE", value_parser = format_and_file)]
    pub report: Vec<(Format, PathBuf)>,
    /// Exit 1 where the low end of the path coverage is below this percentage
    #[arg(long, value_name = "PERCENT", value_parser = percentage)]
    pub fail_under: Option<f64>,
    /// Show only this service, by name or alias, as often as given (JSON holds all; the figures stay the repository's)
    #[arg(long, value_name = "NAME")]
    pub service: Vec<String>,
    /// Print only the headline
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print every service, step and note
    #[arg(long, short)]
    pub verbose: bool,
}

/// Arguments of `path` and `why-not`.
#[derive(Clone, Debug, clap::Args)]
pub struct OneService {
    /// The service, by name or alias
    pub service: String,
    /// The repository's folder
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub path: PathBuf,
}

/// Arguments of `fix`.
#[derive(Clone, Debug, clap::Args)]
pub struct Fix {
    /// The repository's folder
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub path: PathBuf,
    /// Apply the edits
    #[arg(long)]
    pub write: bool,
    /// Include edits that a person should look at
    #[arg(long = "unsafe")]
    pub unsafe_too: bool,
}

/// Arguments of `rules`.
#[derive(Clone, Debug, clap::Args)]
pub struct Rules {
    /// A rule's id (terraform/workspace-select-or-create), or a tool's: only its rules
    #[arg(value_name = "ID|TOOL")]
    pub id: Option<String>,
    /// Hold these rule files against their own examples; exit 1 where one fails
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "id")]
    pub check: Vec<PathBuf>,
    /// Write their pages as Markdown under this folder
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub pages: Option<PathBuf>,
}

/// Arguments of `explain`.
#[derive(Clone, Debug, clap::Args)]
pub struct Explain {
    /// PATH:LINE or the file of an orphan (relative to the repository), SERVICE:CELL (`cart:verify`), the id of a step or of a
    /// rule (`git/submodule-update-init`), or the word score
    #[arg(value_name = "PATH:LINE|SERVICE:CELL|ID|RULE|score")]
    pub target: String,
    /// The repository's folder
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub path: PathBuf,
}

/// How an answer is shown, and how the scan runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Show {
    /// Threads to read and parse with [default: one for each core]
    #[arg(long, global = true, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// A folder of checked-out repositories (DIR/GROUP/PROJECT or DIR/PROJECT), as often as given: templates that a pipeline
    /// includes are read from them, and a commit to a configuration repository is followed to what a controller applies
    #[arg(long, global = true, value_name = "DIR")]
    pub with: Vec<PathBuf>,
    /// A file of a rule, or a folder of them, to ask beside the built-in ones, as often as given
    #[arg(long, global = true, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Ask only these rules, as often as given: an id (`prodpath rules` lists them), a tool, high, medium, low, hygiene, default
    /// or all
    #[arg(long, global = true, value_name = "RULE")]
    pub select: Vec<String>,
    /// Leave these rules out, named in the same ways
    #[arg(long, global = true, value_name = "RULE")]
    pub ignore: Vec<String>,
    /// A file of settings in place of the repository's .prodpath/config.yaml (`prodpath schema config` describes it)
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Do not heed what the repository says of itself under .prodpath/
    #[arg(long, global = true)]
    pub isolated: bool,
    /// Use only ASCII characters
    #[arg(long, global = true, help_heading = "Display")]
    pub ascii: bool,
    /// Do not fit lines to the terminal
    #[arg(long, global = true, help_heading = "Display")]
    pub wide: bool,
    /// Colours: auto (on a terminal, unless NO_COLOR is set), always or never
    #[arg(
        long, global = true, value_enum, value_name = "WHEN", default_value_t = ColorWhen::Auto, hide_possible_values = true,
        help_heading = "Display"
    )]
    pub color: ColorWhen,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Terminal,
    /// For programs
    Json,
}

/// What a schema is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The JSON report
    Report,
    /// The configuration file
    Config,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn format_and_file(text: &str) -> Result<(Format, PathBuf), String> {
    let Some((format, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        return Err("expected FORMAT=FILE, for example json=report.json".to_owned());
    };
    Ok((Format::from_str(format, true)?, PathBuf::from(file)))
}

fn percentage(text: &str) -> Result<f64, String> {
    let number: f64 = text.trim_end_matches('%').trim().parse().map_err(|_| "expected a number from 0 to 100".to_owned())?;
    if (0.0..=100.0).contains(&number) { Ok(number) } else { Err("expected a number from 0 to 100".to_owned()) }
}
