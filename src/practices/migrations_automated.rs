//! Whether a database is migrated with no person's command: by a pipeline before or at the deploy, or by the application when it
//! starts.

use super::Answer;
use super::delivering::{beside_the_product, by_hand, deploys, few, places, runs, shared, unread};
use super::scene::Scene;
use crate::catalogue::table;
use crate::model::{LinkKind, Stage, Step, UnitId};
use crate::source::{FileId, SourceFile, Span};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The class of steps that migrate.
const MIGRATION: &str = "migration";

/// What shows migrations.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Signs {
    files: Vec<Sign>,
    other_work: Vec<String>,
    other_files: Vec<String>,
    clients: Vec<String>,
    start_files: Vec<String>,
    at_start: Vec<AtStart>,
}

/// A file that only migrations have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sign {
    folder: String,
    ends: String,
}

/// Dependencies by which an application migrates when it starts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AtStart {
    files: Vec<String>,
    framework: String,
    dependencies: Vec<String>,
    off: Vec<String>,
}

fn signs() -> &'static Signs {
    static SIGNS: OnceLock<Signs> = OnceLock::new();
    SIGNS.get_or_init(|| table::single(table::packed!("migrations-automated")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let migrates = |s: &&Step| s.stage == Stage::Configure && s.kind.as_deref() == Some(MIGRATION) && !is_other_work(&s.text);
    let path = |span: Span| scene.sources.file(span.file).path.as_str();
    let product = |s: &&Step| s.span.is_some_and(|span| !beside_the_product(path(span)) && !is_other_file(path(span)));
    let all: Vec<&Step> = scene.map.steps.iter().filter(migrates).filter(product).collect();
    let delivering: BTreeSet<FileId> = deploys(scene).into_iter().filter(|s| runs(s)).filter_map(first_pipeline).collect();
    let started = started(scene);
    // What an image is built with migrates what the image holds.
    let in_image = |s: &Step| s.span.is_some_and(|span| scene.program.dockerfiles.contains_key(path(span)));
    let (start, mut other): (Vec<&Step>, Vec<&Step>) = all.iter().copied().partition(|s| at_start(scene, s, &started));
    other.retain(|s| !in_image(s));
    let run: Vec<&Step> = other
        .iter()
        .copied()
        .filter(|s| runs(s) && s.blocking && shared(scene, s) && for_a_deploy(scene, s, &delivering))
        .collect();
    let hand: Vec<&Step> = other.into_iter().filter(|s| by_hand(s)).collect();
    let start: Vec<Span> = places(start).into_iter().chain(by_dependency(scene)).collect();
    if !run.is_empty() {
        let also = if start.is_empty() { "" } else { ", and the application does when it starts" };
        return Answer::present(format!("a pipeline migrates the database{also}"), few(places(run).into_iter().chain(start)));
    }
    if !start.is_empty() {
        return Answer::present("the application migrates the database when it starts", few(start));
    }
    if !hand.is_empty() {
        return Answer::absent("only commands that no pipeline runs migrate the database", places(hand));
    }
    if !all.is_empty() || scene.sources.paths.iter().any(|path| is_migration(path)) {
        let files = scene.sources.files().iter().filter(|f| is_migration(&f.path)).map(SourceFile::whole);
        let why = "nothing that was read migrates the database, the application's code, which is not read, may when it starts";
        return Answer::unknown(why, few(unread(scene).into_iter().chain(files)));
    }
    Answer::not_applicable("the repository holds no database migrations")
}

/// Whether a command of a tool that migrates does something else: loads data, makes users, sends one statement.
fn is_other_work(text: &str) -> bool {
    let client =
        text.split_whitespace().next().is_some_and(|first| signs().clients.iter().any(|c| first.starts_with(c.as_str())));
    signs().other_work.iter().any(|word| text.contains(word.as_str())) || (client && !text.contains("migrat"))
}

/// Whether a file is for copies of data.
fn is_other_file(path: &str) -> bool {
    path.split(['/', '-', '_', '.']).any(|part| signs().other_files.iter().any(|word| word == part))
}

fn is_migration(path: &str) -> bool {
    let stands_in = |folder: &str| folder.is_empty() || format!("/{path}").contains(&format!("{folder}/"));
    !beside_the_product(path) && signs().files.iter().any(|s| path.ends_with(&s.ends) && stands_in(&s.folder))
}

fn first_pipeline(step: &Step) -> Option<FileId> {
    step.ways.first()?.chain.iter().find(|l| l.kind == LinkKind::Pipeline).map(|l| l.span.file)
}

fn job(step: &Step) -> Option<Span> {
    step.ways.first()?.chain.iter().rev().find(|l| l.kind == LinkKind::Job).map(|l| l.span)
}

/// Whether it migrates an environment, and not what a test needs: its pipeline deploys or it names an environment, and its job runs
/// no tests unless it deploys.
fn for_a_deploy(scene: &Scene<'_>, step: &Step, delivering: &BTreeSet<FileId>) -> bool {
    let Some(job) = job(step) else { return true };
    let beside = |stage: Stage| scene.steps(stage).any(|s| runs(s) && self::job(s) == Some(job));
    if beside(Stage::Test) && !beside(Stage::Deploy) {
        return false;
    }
    step.environment.is_some() || first_pipeline(step).is_some_and(|file| delivering.contains(&file))
}

/// Units that containers start with.
fn started(scene: &Scene<'_>) -> BTreeSet<UnitId> {
    let images = scene.program.dockerfiles.values().flat_map(|facts| facts.start_units.iter().copied());
    images.chain(scene.program.started.iter().copied()).collect()
}

/// Whether a container does it when it starts.
fn at_start(scene: &Scene<'_>, step: &Step, started: &BTreeSet<UnitId>) -> bool {
    let Some(span) = step.span else { return false };
    let name = scene.sources.file(span.file).name();
    let calls = |text: &str| text.split([' ', '\n', '/', '"', '\'', ',', ';', '&']).any(|word| word == name);
    let in_images = || scene.program.dockerfiles.values().any(|facts| facts.start.iter().any(|word| calls(word)));
    let in_services = || {
        let services = scene.program.compose.iter().filter(|(path, _)| !beside_the_product(path)).flat_map(|(_, all)| all);
        services.filter_map(|s| s.command.as_deref()).any(calls)
    };
    let on_platform = || {
        let starts = |f: &&SourceFile| signs().start_files.iter().any(|known| known == f.name());
        scene.sources.files().iter().filter(starts).any(|f| calls(&f.text))
    };
    step.unit.is_some_and(|unit| started.contains(&unit))
        || (name.contains('.') && (in_images() || in_services() || on_platform()))
}

/// Lines of build files that name a dependency by which the application migrates when it starts.
fn by_dependency(scene: &Scene<'_>) -> Vec<Span> {
    let mut out = Vec::new();
    for known in &signs().at_start {
        let builds = |f: &&SourceFile| known.files.iter().any(|name| name == f.name()) && !beside_the_product(&f.path);
        let files: Vec<&SourceFile> = scene.sources.files().iter().filter(builds).collect();
        let framework = files.iter().any(|f| f.text.contains(&known.framework));
        for file in files.iter().filter(|_| framework && !is_off(scene, &known.off)) {
            let found = known.dependencies.iter().filter_map(|name| file.text.find(name.as_str()).map(|at| (at, name.len())));
            out.extend(found.map(|(at, len)| Span::new(file.id, at, at + len)));
        }
    }
    out
}

/// Whether a configuration of the application says that it does not migrate (`spring.flyway.enabled: false`).
fn is_off(scene: &Scene<'_>, tools: &[String]) -> bool {
    let application = |f: &SourceFile| f.name().starts_with("application.");
    let said = |tool: &String| {
        scene
            .documents()
            .filter(|(f, _)| application(f))
            .any(|(_, node)| node.at(&["spring", tool.as_str(), "enabled"]).and_then(|n| n.boolean()) == Some(false))
    };
    tools.iter().any(said)
}
