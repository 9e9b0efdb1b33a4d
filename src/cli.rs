//! The command line: arguments in, text and an exit code out. Nothing here prints by itself or ends the process.

mod args;
mod fix;
mod output;
mod rules;

pub use args::{Args, ColorWhen, Command, Format, SchemaOf, Show};

use crate::config::{self, Config, Selection};
use crate::report::look::Look;
use crate::report::terminal::{self, Detail, Options};
use crate::report::views::{self, Target};
use crate::report::{Interval, Report, Service, json, words};
use crate::scan::scan;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use output::Output;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Everything is fine.
pub const FINE: u8 = 0;
/// A threshold was missed.
pub const MISSED: u8 = 1;
/// It could not run: usage, configuration, a path that cannot be read.
pub const FAILED: u8 = 2;
/// No delivery step was found.
pub const NOTHING: u8 = 3;

/// Columns of a pipe or a file.
const PIPE: usize = 120;
/// Columns of help, at most.
const HELP: usize = 100;

/// What is known of the standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Columns; `None`: it is no terminal.
    pub width: Option<usize>,
    /// It shows colours, and the environment (`NO_COLOR` and its kin) does not say no.
    pub color: bool,
}

/// What ends a run early: a message for the standard error.
struct Failure(String);

/// Run with these arguments (the program's name first). Returns the exit code.
pub fn run<A>(arguments: A, out: &mut impl Write, err: &mut impl Write, terminal: Terminal) -> u8
where
    A: IntoIterator<Item = OsString>,
{
    let mut output = Output::new(out, err);
    let help = terminal.width.unwrap_or(HELP).min(HELP);
    let mut command = Args::command().term_width(help);
    let parsed = command.try_get_matches_from_mut(arguments).and_then(|matches| {
        misplaced(&matches).map_or(Ok(()), |option| {
            let text = format!("{option} belongs to a scan: put it after `scan`, and leave it out of other commands");
            Err(command.error(ErrorKind::ArgumentConflict, text))
        })?;
        Args::from_arg_matches(&matches)
    });
    let args = match parsed {
        Ok(args) => args,
        Err(error) => return usage(&error, terminal, &mut output),
    };
    let show = args.show.clone();
    match dispatch(args, terminal, &mut output) {
        Ok(code) => code,
        Err(Failure(message)) => {
            output.message(&look(&show, terminal).escape(&message));
            FAILED
        }
    }
}

/// What stands before a command and belongs only to a scan without one.
fn misplaced(matches: &ArgMatches) -> Option<String> {
    matches.subcommand_name()?;
    let given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let options = ["format", "report", "fail_under", "service", "quiet", "verbose"];
    let option = options.into_iter().find(|id| given(id)).map(|id| format!("--{}", id.replace('_', "-")));
    option.or_else(|| given("path").then(|| "the PATH before a command".to_owned()))
}

/// Help and version are answers; anything else that clap says is an error.
fn usage(error: &clap::Error, terminal: Terminal, output: &mut Output<impl Write, impl Write>) -> u8 {
    let text = if terminal.color { error.render().ansi().to_string() } else { error.render().to_string() };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output.text(&text);
            FINE
        }
        _ => {
            output.error(&text);
            FAILED
        }
    }
}

fn look(show: &Show, terminal: Terminal) -> Look {
    let width = if show.wide { None } else { Some(terminal.width.unwrap_or(PIPE)) };
    let color = match show.color {
        ColorWhen::Auto => terminal.color,
        ColorWhen::Always => true,
        ColorWhen::Never => false,
    };
    Look { width, color, ascii: show.ascii }
}

fn dispatch(args: Args, terminal: Terminal, output: &mut Output<impl Write, impl Write>) -> Result<u8, Failure> {
    let look = look(&args.show, terminal);
    let show = args.show;
    match args.command {
        None => whole(&args.scan, &show, look, output).map_err(|failure| match failure {
            Failure(text) if may_be_command(&args.scan.path) => Failure(format!("{text}; nor is it a command (see --help)")),
            other => other,
        }),
        Some(Command::Scan(scan)) => whole(&scan, &show, look, output),
        Some(Command::Path(view)) => one_service(&view, &show, look, output, views::path),
        Some(Command::WhyNot(view)) => one_service(&view, &show, look, output, views::why_not),
        Some(Command::Audit { path }) => {
            output.text(&views::audit(&read(&path, &show)?, look));
            Ok(FINE)
        }
        Some(Command::Explain(view)) => explain(&view, &show, look, output),
        Some(Command::Fix(view)) => fix::fix(&view, &show, look, output),
        Some(Command::Rules(view)) => rules::rules(&view, look, output),
        Some(Command::Schema { of }) => {
            let schema = if of == SchemaOf::Config { config::file::schema() } else { json::schema() };
            output.text(&schema.map_err(|e| Failure(e.to_string()))?);
            Ok(FINE)
        }
    }
}

/// Whether a path that is not there may be a command spelled wrong.
fn may_be_command(path: &Path) -> bool {
    !path.exists() && path.components().count() == 1 && path.is_relative()
}

fn read(path: &Path, show: &Show) -> Result<Report, Failure> {
    scan(path, &config(path, show)?).map_err(|e| Failure(e.to_string()))
}

/// What is settled for a scan of a folder: the options, then a file's settings.
fn config(root: &Path, show: &Show) -> Result<Config, Failure> {
    if let Some(missing) = show.with.iter().find(|dir| !dir.is_dir()) {
        return Err(Failure(format!("--with {}: no such folder", missing.display())));
    }
    let files = rules::files_of(&show.rules)?;
    let selection = Selection { select: show.select.clone(), ignore: show.ignore.clone() };
    let mut config = Config {
        jobs: show.jobs.map(usize::from),
        with: show.with.clone(),
        rules: files,
        isolated: show.isolated,
        today: today(),
        selection,
        ..Config::default()
    };
    let own = root.join(config::file::PATH);
    match &show.config {
        Some(path) => {
            let limit = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            config::file::apply(&mut config, path, limit).map_err(Failure)?;
        }
        None if own.is_file() && !show.isolated => config::file::apply(&mut config, &own, root).map_err(Failure)?,
        None => {}
    }
    rules::known(&config.selection, &config.rules)?;
    Ok(config)
}

/// The day in UTC, `YYYY-MM-DD`; `SOURCE_DATE_EPOCH` (<https://reproducible-builds.org/specs/source-date-epoch/>) sets it.
fn today() -> String {
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|s| s.parse::<u64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    // Days since 0000-03-01, in eras of 400 years: <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
    let days = given.unwrap_or_else(now) / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (date, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

/// `prodpath scan`.
fn whole(args: &args::Scan, show: &Show, look: Look, output: &mut Output<impl Write, impl Write>) -> Result<u8, Failure> {
    let report = read(&args.path, show)?;
    let services: Result<Vec<String>, Failure> =
        args.service.iter().map(|name| service(&report, name).map(|s| s.name.clone())).collect();
    let detail = match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    };
    let options = Options { look, detail, services: if report.score.is_some() { services? } else { Vec::new() } };
    for (format, file) in &args.report {
        // A file is no terminal: it has no colours and the width of a pipe.
        let options = Options { look: Look { width: Some(PIPE), color: false, ..look }, ..options.clone() };
        let text = format_as(*format, &report, &options)?;
        std::fs::write(file, text).map_err(|e| Failure(format!("{}: cannot be written: {e}", file.display())))?;
    }
    output.text(&format_as(args.format, &report, &options)?);
    let Some(score) = &report.score else {
        if args.format != Format::Terminal {
            output.message(&format!("nothing to score: no delivery step found; looked for {}", terminal::LOOKED_FOR));
        }
        return Ok(NOTHING);
    };
    let Some(wanted) = args.fail_under else { return Ok(FINE) };
    if misses(&score.coverage, wanted) {
        output.message(&format!(
            "path coverage {} is below --fail-under {wanted} (its low end counts)",
            words::interval(&score.coverage, &look)
        ));
        return Ok(MISSED);
    }
    Ok(FINE)
}

/// Whether the low end of a coverage is below a percentage.
fn misses(coverage: &Interval, percent: f64) -> bool {
    // Means of thirds and the like are not exact; a coverage of 80 % never misses 80.
    coverage.low * 100.0 + 1e-9 < percent
}

fn format_as(format: Format, report: &Report, options: &Options) -> Result<String, Failure> {
    match format {
        Format::Terminal => Ok(terminal::render(report, options)),
        Format::Json => json::render(report).map_err(|e| Failure(e.to_string())),
    }
}

/// The service with this name, or a message that names those there are.
fn service<'a>(report: &'a Report, name: &str) -> Result<&'a Service, Failure> {
    report.service(name).ok_or_else(|| {
        let known = words::known_services(report, &Look::default());
        Failure(format!("no service is called {name}; known: {known}"))
    })
}

/// Nothing can be asked of a report without steps.
fn nothing(report: &Report, look: Look, output: &mut Output<impl Write, impl Write>) -> Option<u8> {
    report.score.is_none().then(|| {
        output.text(&terminal::render(report, &Options { look, ..Options::default() }));
        NOTHING
    })
}

/// `prodpath path` and `prodpath why-not`.
fn one_service(
    args: &args::OneService,
    show: &Show,
    look: Look,
    output: &mut Output<impl Write, impl Write>,
    view: fn(&Report, &Service, Look) -> String,
) -> Result<u8, Failure> {
    let report = read(&args.path, show)?;
    if let Some(code) = nothing(&report, look, output) {
        return Ok(code);
    }
    let service = service(&report, &args.service)?;
    output.text(&view(&report, service, look));
    Ok(FINE)
}

/// `prodpath explain`.
fn explain(args: &args::Explain, show: &Show, look: Look, output: &mut Output<impl Write, impl Write>) -> Result<u8, Failure> {
    if let Some(page) = rules::page_of(&args.target) {
        output.text(&page);
        return Ok(FINE);
    }
    let report = read(&args.path, show)?;
    if let Some(code) = nothing(&report, look, output) {
        return Ok(code);
    }
    if args.target == "score" {
        output.text(&views::score(&report, look));
        return Ok(FINE);
    }
    let mut target = Target::parse(&args.target);
    if let Target::Place { path, .. } = &mut target {
        // A shell completes paths from where it stands, which may be outside the repository.
        if let Ok(inside) = Path::new(&*path).strip_prefix(&args.path) {
            *path = inside.to_string_lossy().into_owned();
        }
        let beside = show.with.iter().any(|dir| Path::new(&*path).starts_with(dir) && Path::new(&*path).exists());
        if !beside && !args.path.join(&*path).exists() {
            return Err(Failure(format!("{path}: no such file in {}", args.path.display())));
        }
    }
    let (text, found) = views::explain(&report, &target, look);
    match target {
        Target::Id(_) if !found => Err(Failure(text.trim_end().to_owned())),
        _ => {
            output.text(&text);
            Ok(FINE)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_uses_the_low_end() {
        let coverage = Interval { low: 0.1 + 0.2, value: 0.5, high: 0.9 };
        assert!(!misses(&coverage, 30.0));
        assert!(misses(&coverage, 30.1));
        assert!(!misses(&Interval { low: 0.7 * 0.1 + 0.73, ..coverage }, 80.0));
    }
}
