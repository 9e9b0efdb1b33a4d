//! Of which kind the tests of a repository are, where they run, and what stands beside them.

pub(super) mod order;
mod unread;
pub(super) mod words;

use super::Answer;
use super::scene::Scene;
use crate::model::{Flag, Item, LinkKind, Service, ServiceKind, Stage, Step, Unit, UnitKind, Way};
use crate::source::paths::{directory, is_under};
use crate::source::{SourceFile, Span};
use serde::Deserialize;
use std::collections::BTreeMap;
pub(super) use unread::may_test;
use words::words;

/// A kind of tests, from the most to the least that they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// What two services promise each other.
    Contract,
    /// From outside, against what runs.
    EndToEnd,
    /// How fast it is.
    Performance,
    /// A whole service, or one with its neighbours.
    Component,
    /// A part of a program.
    Unit,
}

impl Kind {
    /// Its name in a sentence.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::EndToEnd => "end-to-end",
            Self::Performance => "performance",
            Self::Component => "component or integration",
            Self::Unit => "unit",
        }
    }
}

/// A step that runs tests.
pub(super) struct TestRun<'s> {
    /// The step.
    pub step: &'s Step,
    /// The kinds of tests that it runs, with what says so.
    pub kinds: BTreeMap<Kind, Said>,
}

/// What says of which kind tests are.
pub(super) enum Said {
    /// The step itself.
    Step,
    /// A line of a file.
    Line(Span),
    /// The path of a test file.
    File(String),
    /// What runs beside it.
    Beside,
}

/// The steps of pipelines that run tests.
pub(super) fn runs<'s>(scene: &Scene<'s>) -> Vec<TestRun<'s>> {
    let files: Vec<(&str, Kind)> = test_files(scene).collect();
    let tests = |s: &&Step| s.fills(Stage::Test) || (s.stage == Stage::Verify && own_kind(s).is_some());
    scene.in_pipelines().filter(tests).map(|step| TestRun { step, kinds: kinds(scene, step, &files) }).collect()
}

/// The test files of the repository, by path, with their kinds.
pub(super) fn test_files<'s>(scene: &Scene<'s>) -> impl Iterator<Item = (&'s str, Kind)> {
    scene.sources.paths.iter().filter_map(|path| Some((path.as_str(), words().of_file(path)?)))
}

/// The kind that the table of commands says, where a check after a deploy is no plain look.
fn own_kind(step: &Step) -> Option<Kind> {
    step.kind.as_deref().and_then(|kind| words().of_step(kind))
}

fn kinds(scene: &Scene<'_>, step: &Step, files: &[(&str, Kind)]) -> BTreeMap<Kind, Said> {
    let mut out = BTreeMap::new();
    let reports = step.stage == Stage::Test && step.kind.is_some() && own_kind(step).is_none();
    if (reports && words().of_row(&step.row).is_none()) || waits(scene, step) {
        return out;
    }
    let kind = plain_kind(scene, step);
    let in_process = || manifest_line(scene, step, words().in_process());
    if let Some(line) = (kind == Kind::EndToEnd && is_runner(step)).then(in_process).flatten() {
        out.insert(Kind::Component, Said::Line(line));
        return out;
    }
    out.insert(kind, Said::Step);
    if step.flags.contains(&Flag::ByName) {
        out.extend(around(step).map(|kind| (kind, Said::Step)));
    }
    if kind == Kind::Unit {
        if brings_neighbours(scene, step) {
            out.insert(Kind::Component, Said::Beside);
        }
        among_files(scene, step, files, &mut out);
    }
    for kind in [Kind::Contract, Kind::Component] {
        if matches!(kind, Kind::Contract) || out.contains_key(&Kind::Unit) {
            let line = manifest_line(scene, step, words().packages(kind));
            let asked = |line: &Span| words().only_on_request(&scene.sources.file(line.file).text);
            if let Some(line) = line.filter(|line| kind == Kind::Contract || !asked(line)) {
                out.entry(kind).or_insert(Said::Line(line));
            }
        }
    }
    out
}

/// A request that only waits for what has been started, cannot fail, or asks something that was not started for the test.
fn waits(scene: &Scene<'_>, step: &Step) -> bool {
    let named = |name: &str| words::parts(name).iter().any(|p| p == "wait");
    let file = step.span.is_some_and(|s| named(scene.sources.file(s.file).name()));
    let around = step.ways.first().is_some_and(|w| w.chain.iter().rev().take(2).any(|l| named(&l.name)));
    let tests = step.blocking && !file && !around && words().asks_local_host(&step.text);
    step.kind.is_none() && step.row.starts_with("curl") && !tests
}

/// The kind by the step's own kind, its row, its words, and the names of what it stands in.
fn plain_kind(scene: &Scene<'_>, step: &Step) -> Kind {
    let own = own_kind(step).filter(|_| step.stage != Stage::Package);
    let spoken = words().of_command(&step.text);
    if let Some(kind) = own.filter(|kind| *kind != Kind::Unit) {
        return if kind == Kind::Component && spoken == Some(Kind::EndToEnd) { Kind::EndToEnd } else { kind };
    }
    let folder = || step.span.and_then(|s| words().of_name(scene.sources.file(s.file).dir()));
    let said = spoken.or_else(|| words().of_row(&step.row));
    said.or_else(|| around(step)).or_else(folder).or(own).unwrap_or(Kind::Unit)
}

/// The kind that the names of what a step stands in say.
fn around(step: &Step) -> Option<Kind> {
    let way = step.ways.first()?;
    let named = |k: LinkKind| matches!(k, LinkKind::Target | LinkKind::NpmScript | LinkKind::Function | LinkKind::Job);
    way.chain.iter().rev().filter(|l| named(l.kind)).find_map(|l| words().of_name(&l.name))
}

/// A runner that may hold the application in its own process.
fn is_runner(step: &Step) -> bool {
    ["jest", "vitest", "mocha"].iter().any(|runner| step.row.starts_with(runner))
}

/// Add the kinds of the test files that a step runs without naming them.
fn among_files(scene: &Scene<'_>, step: &Step, files: &[(&str, Kind)], out: &mut BTreeMap<Kind, Said>) {
    if !words().runs_all(&step.row, &step.text) {
        return;
    }
    let folders = folders(scene, step);
    let runs = |path: &str| folders.iter().any(|dir| is_under(path, dir)) && !words().by_name_only(path);
    for (path, kind) in files.iter().filter(|(path, kind)| matches!(kind, Kind::Component | Kind::Contract) && runs(path)) {
        out.entry(*kind).or_insert_with(|| Said::File((*path).to_owned()));
    }
}

/// The folders whose tests a step runs.
fn folders(scene: &Scene<'_>, step: &Step) -> Vec<String> {
    let Some(span) = step.span else { return Vec::new() };
    let file = scene.sources.file(span.file);
    if file.name() == "package.json" {
        return vec![file.dir().to_owned()];
    }
    let roots = step.services.iter().filter_map(|i| scene.map.services.get(*i)).flat_map(|s| s.roots.clone());
    let roots: Vec<String> = roots.collect();
    let unit = step.unit.map(|id| scene.program.unit(id).kind);
    let at_home = matches!(unit, Some(UnitKind::Target | UnitKind::Dockerfile | UnitKind::NpmScript));
    match roots.is_empty() {
        true if at_home => vec![directory(&file.path).to_owned()],
        // Where a pipeline or a script works is not known here.
        true => vec![String::new()],
        false => roots,
    }
}

/// The line of a manifest in the folders of a step that names one of these packages.
pub(super) fn manifest_line(scene: &Scene<'_>, step: &Step, packages: &[String]) -> Option<Span> {
    let folders = folders(scene, step);
    let manifests = scene.sources.files().iter().filter(|f| words().is_manifest(f.name()));
    manifests.filter(|f| folders.iter().any(|dir| is_under(&f.path, dir))).find_map(|f| line_with(f, packages))
}

/// The first line of a file that holds one of these texts and is no comment.
fn line_with(file: &SourceFile, texts: &[String]) -> Option<Span> {
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let said = line.trim();
        let comment = said.starts_with('#') || said.starts_with("//") || said.starts_with("<!--");
        if !comment && texts.iter().any(|t| said.contains(t.as_str())) {
            let indent = line.len() - line.trim_start().len();
            return Some(Span::new(file.id, start + indent, start + indent + said.len()));
        }
    }
    None
}

/// Whether the job of a step brings databases, brokers or services of its own.
pub(super) fn brings_neighbours(scene: &Scene<'_>, step: &Step) -> bool {
    step.ways.iter().any(|way| jobs_of(scene, way).iter().any(|job| job.local_services || composes(&job.body)))
}

/// The jobs on a way.
pub(super) fn jobs_of<'s>(scene: &Scene<'s>, way: &Way) -> Vec<&'s Unit> {
    let jobs = way.chain.iter().filter(|l| l.kind == LinkKind::Job);
    jobs.filter_map(|l| scene.program.units.iter().find(|u| u.span == l.span && u.kind.link() == l.kind)).collect()
}

/// Whether a body starts the services of a compose file.
fn composes(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Command(command) => command.text.contains("compose") && command.text.split_whitespace().any(|w| w == "up"),
        Item::Block(block) => composes(&block.items),
        _ => false,
    })
}

/// The places of what says that steps run tests of a kind, the steps first.
pub(super) fn evidence(runs: &[TestRun<'_>], kind: Kind) -> (Vec<Span>, Option<String>) {
    let mut places = Vec::new();
    let mut file = None;
    for run in runs {
        match run.kinds.get(&kind) {
            Some(Said::Line(line)) => places.extend(run.step.span.into_iter().chain([*line])),
            Some(Said::File(path)) => {
                file.get_or_insert_with(|| path.clone());
                places.extend(run.step.span);
            }
            Some(Said::Step | Said::Beside) => places.extend(run.step.span),
            None => {}
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    places.retain(|p| seen.insert(*p));
    places.truncate(20);
    (places, file)
}

/// Whether nothing of the repository is a product that tests could hold.
pub(super) fn nothing_to_test(scene: &Scene<'_>) -> bool {
    use ServiceKind::{Configuration, Infrastructure, Site};
    let services = &scene.map.services;
    let other = |k: Option<ServiceKind>| matches!(k, Some(Configuration | Infrastructure | Site));
    services.iter().all(|s| s.foreign || other(s.kind)) && test_files(scene).next().is_none()
}

/// The services of the repository that run somewhere.
pub(super) fn own_services(scene: &Scene<'_>) -> usize {
    let runs = |s: &&Service| !s.foreign && !s.package && (s.kind == Some(ServiceKind::Deployed) || s.workload || s.ships);
    scene.map.services.iter().filter(runs).count()
}

/// Whether a pipeline runs tests of a kind, which are called `what`.
pub(super) fn runs_kind(scene: &Scene<'_>, kind: Kind, what: &str) -> Answer {
    let (places, file) = evidence(&runs(scene), kind);
    if !places.is_empty() {
        let why = format!("a pipeline runs {what}");
        return Answer::present(file.map_or_else(|| why.clone(), |f| format!("{why}, such as {f}")), places);
    }
    if nothing_to_test(scene) {
        return Answer::not_applicable("the repository holds no program");
    }
    let unread = may_test(scene, Some(kind));
    if !unread.is_empty() {
        return Answer::unknown(format!("a call that was not read may run {what}"), unread);
    }
    let by_hand = test_files(scene).filter(|(_, of)| *of == kind).map(|(path, _)| path).next();
    let why = by_hand.map_or_else(|| format!("no pipeline runs {what}"), |f| format!("no pipeline is seen to run {f}"));
    Answer::absent(why, Vec::new())
}
