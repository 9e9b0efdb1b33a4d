//! One repository: from its folder to its report.

pub mod check;

use self::check::check;
use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::flow;
use crate::frontends;
use crate::measure::measure;
use crate::model::Program;
use crate::practices::{self, scene::Scene};
use crate::replace::suppress::{Aside, suppress};
use crate::replace::{self, rules::Rule, selection::Candidate};
use crate::report::assemble::{Facts, assemble};
use crate::report::{Configuration, Interval, Report, Repository, Tool, Trunk};
use crate::source::discovery::{LEFT_OUT, discover_but};
use crate::source::{SourceSet, paths};
use crate::syntax::yaml::Readings;
use crate::trunk;
use globset::{Glob, GlobSetBuilder};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Version of the definitions that steps, stages, cells and figures follow.
pub const MODEL_VERSION: &str = "1";

/// Why a folder could not be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It does not exist, is no folder or cannot be listed.
    #[error("{path}: {source}")]
    Unreadable {
        /// The folder as it was given.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Scan the repository under `root`.
///
/// Errors: `root` does not exist, is no folder or cannot be listed. Whatever is wrong with a file inside is a diagnostic.
pub fn scan(root: &Path, config: &Config) -> Result<Report, ScanError> {
    let mut report = analyse(&read(root, config)?, root, config);
    if config.file.is_empty() {
        return Ok(report);
    }
    // What the configuration makes of the score is shown beside it.
    let changes = !(config.exclude.is_empty() && config.weights.is_empty() && config.environments.is_empty());
    let without = if changes {
        let plain = Config { exclude: Vec::new(), weights: BTreeMap::new(), environments: BTreeMap::new(), ..config.clone() };
        score_of(&analyse(&read(root, &plain)?, root, &plain))
    } else {
        score_of(&report)
    };
    report.configuration = Some(Configuration {
        file: shown(root, &config.file),
        left_out: report.files.skipped.iter().filter(|f| f.why == LEFT_OUT).map(|f| f.path.clone()).collect(),
        custom_weights: !config.weights.is_empty(),
        coverage_without: without,
    });
    Ok(report)
}

fn score_of(report: &Report) -> Option<Interval> {
    report.score.as_ref().map(|s| s.coverage)
}

/// The path of a file, relative to the scanned folder where it lies in it.
fn shown(root: &Path, file: &str) -> String {
    let path = Path::new(file);
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// The files of the repository and of those beside it.
fn read(root: &Path, config: &Config) -> Result<SourceSet, ScanError> {
    let unreadable = |source| ScanError::Unreadable { path: root.to_string_lossy().into_owned(), source };
    let mut globs = GlobSetBuilder::new();
    // Whoever reads a configuration has asked for faults in them first.
    config.exclude.iter().filter_map(|g| Glob::new(g).ok()).for_each(|g| {
        globs.add(g);
    });
    let globs = globs.build().unwrap_or_default();
    let discover = || discover_but(root, &|path| globs.is_match(path));
    let mut sources = match config.jobs {
        // A pool that cannot be made is no reason not to read.
        Some(jobs) => match rayon::ThreadPoolBuilder::new().num_threads(jobs).build() {
            Ok(pool) => pool.install(discover),
            Err(_) => discover(),
        },
        None => discover(),
    }
    .map_err(unreadable)?;
    frontends::siblings(&mut sources, Catalogue::embedded(), root, &config.with);
    Ok(sources)
}

/// The report of files that are read already. `root` names the repository; its `.git`, where there is one, tells commit and
/// trunk.
pub fn analyse(sources: &SourceSet, root: &Path, config: &Config) -> Report {
    let name = name_of(root);
    let catalogue = Catalogue::embedded();
    let mut program = program_of(sources, &name);
    let (trunk, from) = trunk::find(root, config, &program);
    front(sources, &trunk, &mut program);
    program.tiers.extend(config.environments.clone());
    let own = own_rules(config, sources, &mut program);
    let map = flow::deliver(&program, sources, catalogue, &name);
    let figures = measure(&map, &config.weights);
    let readings = Readings::new(sources);
    let asking = replace::repository(sources, &program, &map, &readings);
    let rules = asked(config, own, &asking);
    let found = replace::find(&asking, &rules);
    let aside = if config.isolated { Aside::none(found) } else { suppress(found, &rules, sources, &config.today) };
    let drift = practices::drift::groups(sources, &program, &readings);
    let practices = practices::ask(&Scene { sources, program: &program, map: &map, readings: &readings, drift: &drift });
    let tool = Tool {
        name: "prodpath".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model_version: MODEL_VERSION.to_owned(),
        catalogue_hash: catalogue.hash().to_owned(),
        config_hash: config.hash.clone(),
    };
    let shown = root.to_string_lossy().into_owned();
    let repository = Repository { name, root: shown, commit: trunk::commit(root), trunk: Trunk { name: trunk, from } };
    assemble(
        &map,
        figures.as_ref(),
        &program,
        sources,
        Facts { tool, repository, aside: &aside, rules: &rules, practices: &practices, drift: &drift },
    )
}

/// The rules that the repository and the user bring along; what is wrong with the repository's is said.
fn own_rules(config: &Config, sources: &SourceSet, program: &mut Program) -> Vec<Arc<Rule>> {
    let mut own = Vec::new();
    if !config.isolated {
        let (rules, faults) = replace::of_repository(sources);
        program.diagnostics.extend(faults);
        for one in rules {
            match check(&one.rule).first() {
                Some(fault) => program.diagnostics.push(replace::not_asked(&one.file, one.offset(fault), fault)),
                None => own.push(one.rule),
            }
        }
    }
    // Whoever gives the files has asked for faults in them first.
    own.extend(config.rules.iter().filter_map(|path| Some(replace::read_file(path).ok()?.rule)));
    own
}

/// The rules that are asked: the built-in ones and these, as far as they are selected. One with the id of another takes its place.
fn asked(config: &Config, own: Vec<Arc<Rule>>, repository: &replace::find::Repository<'_>) -> Vec<Arc<Rule>> {
    let mut out = replace::for_repository(repository, &config.selection);
    for rule in own {
        out.retain(|other| other.id != rule.id);
        if Candidate::own(&rule).is_in(&config.selection) {
            out.push(rule);
        }
    }
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out
}

/// What is known before the trunk is.
fn program_of(sources: &SourceSet, name: &str) -> Program {
    let mut program = frontends::survey(sources, Catalogue::embedded());
    name.clone_into(&mut program.repository);
    program
}

/// What the front ends make of all files.
fn front(sources: &SourceSet, trunk: &str, program: &mut Program) {
    trunk.clone_into(&mut program.trunk);
    frontends::translate(sources, Catalogue::embedded(), trunk, program);
}

/// The repository's name: that of its folder.
fn name_of(root: &Path) -> String {
    let full = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    full.file_name().map_or_else(|| "repository".to_owned(), |name| paths::repository_name(&name.to_string_lossy()).to_owned())
}
