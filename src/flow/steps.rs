//! From occurrences to steps: the rulings that need the whole job or unit, then one step for each place, environment and
//! set of services, with its best way first.

use super::attribution::Attribution;
use super::occurrence::{Hint, Occurrence, way_order};
use crate::model::{Automation, Event, Flag, Program, RefKind, Stage, Step, UnitId, UnitKind, Way};
use crate::source::{FileId, SourceSet, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// At most this many other ways are kept of a step.
const MAX_WAYS: usize = 6;

/// Apply the rulings that look at more than one occurrence.
pub fn settle(mut all: Vec<Occurrence>, program: &Program) -> Vec<Occurrence> {
    all = drop_test_migrations(all);
    reinstalls(&mut all);
    all = drop_lone_checkouts(all);
    agree(&mut all, program);
    previews(&mut all);
    verifies(&mut all);
    pushes(&mut all);
    all
}

/// What builds an image and pushes it for some events is one step: it publishes (ruling 1).
fn pushes(all: &mut Vec<Occurrence>) {
    let one_image = |o: &Occurrence| o.kind.as_deref() == Some("image");
    let pushed: BTreeSet<Span> = all
        .iter()
        .filter(|o| one_image(o) && o.stage == Stage::Publish && o.also.contains(&Stage::Package))
        .map(|o| o.span)
        .collect();
    all.retain(|o| !(one_image(o) && o.stage == Stage::Package && pushed.contains(&o.span)));
}

/// A migration in a job that tests and deploys nothing sets up the test (ruling 16).
fn drop_test_migrations(all: Vec<Occurrence>) -> Vec<Occurrence> {
    #[derive(Default)]
    struct Job {
        tests: bool,
        deploys: bool,
    }
    let mut jobs: HashMap<(UnitId, u32), Job> = HashMap::new();
    for o in &all {
        if let Some(job) = o.job {
            let seen = jobs.entry((job, o.job_run)).or_default();
            seen.tests |= matches!(o.stage, Stage::Test | Stage::Check);
            seen.deploys |= matches!(o.stage, Stage::Deploy | Stage::Provision | Stage::Release);
        }
    }
    all.into_iter()
        .filter(|o| {
            let migration = o.stage == Stage::Configure && matches!(o.kind.as_deref(), Some("migration" | "data" | "schema"));
            let set_up = o.job.and_then(|j| jobs.get(&(j, o.job_run))).is_some_and(|j| j.tests && !j.deploys);
            !(migration && set_up && !o.environment_is_own)
        })
        .collect()
}

/// By hand, getting the source is a step only where something is delivered with it.
fn drop_lone_checkouts(all: Vec<Occurrence>) -> Vec<Occurrence> {
    let delivers = |s: Stage| matches!(s, Stage::Package | Stage::Publish | Stage::Provision | Stage::Configure | Stage::Deploy);
    let runs: BTreeSet<u32> = all.iter().filter(|o| delivers(o.stage)).map(|o| o.job_run).collect();
    all.into_iter()
        .filter(|o| o.way.automation != Automation::Manual || o.stage != Stage::Source || runs.contains(&o.job_run))
        .collect()
}

/// What is stopped or deleted before it is deployed again in the same unit belongs to the deployment (ruling 9).
fn reinstalls(all: &mut [Occurrence]) {
    let mut deploys: HashMap<u32, Vec<(String, Span)>> = HashMap::new();
    for o in all.iter().filter(|o| o.stage == Stage::Deploy) {
        deploys.entry(o.entry).or_default().push((program_of(&o.row), o.span));
    }
    for o in all
        .iter_mut()
        .filter(|o| o.stage == Stage::Operate && matches!(o.kind.as_deref(), Some("compose" | "k8s" | "helm" | "cleanup")))
    {
        let tool = program_of(&o.row);
        if deploys
            .get(&o.entry)
            .is_some_and(|d| d.iter().any(|(t, at)| *t == tool && at.file == o.span.file && at.start > o.span.end))
        {
            o.stage = Stage::Deploy;
        }
    }
}

/// The program of a row, with `compose` for docker's.
fn program_of(row: &str) -> String {
    let mut words = row.split(|c: char| c.is_whitespace() || c == '|');
    let first = words.next().unwrap_or("");
    if words.next() == Some("compose") || first == "docker-compose" { "docker compose".to_owned() } else { first.to_owned() }
}

/// A step without an environment takes that of its unit, else of its job, where all others that have one agree (ruling 38).
fn agree(all: &mut [Occurrence], program: &Program) {
    let mut by_entry: HashMap<u32, BTreeSet<String>> = HashMap::new();
    let mut by_job: HashMap<u32, BTreeSet<String>> = HashMap::new();
    let mut by_file: HashMap<FileId, BTreeSet<(String, Span)>> = HashMap::new();
    let mut planned: HashMap<String, BTreeSet<String>> = HashMap::new();
    for o in all.iter() {
        if let Some(env) = &o.environment {
            if let (true, Some(folder)) = (o.look_only, folder_of(o)) {
                planned.entry(folder.to_owned()).or_default().insert(env.clone());
            }
            by_entry.entry(o.entry).or_default().insert(env.clone());
            by_job.entry(o.job_run).or_default().insert(env.clone());
            if program.unit(o.unit).kind == UnitKind::Target {
                by_file.entry(o.span.file).or_default().insert((env.clone(), o.span));
            }
        }
    }
    for o in all.iter_mut().filter(|o| o.environment.is_none()) {
        let only = |set: Option<&BTreeSet<String>>| set.filter(|s| s.len() == 1).and_then(|s| s.first().cloned());
        // A makefile's targets serve different purposes: it takes two that agree to say where the others go, if anywhere.
        let makefile = || {
            let changes = matches!(o.stage, Stage::Provision | Stage::Configure | Stage::Deploy);
            let of_file = by_file.get(&o.span.file).filter(|_| changes && program.unit(o.unit).kind == UnitKind::Target)?;
            let (first, _) = of_file.first()?;
            (of_file.len() > 1 && of_file.iter().all(|(e, _)| e == first)).then(|| first.clone())
        };
        let unit = only(by_entry.get(&o.entry));
        let job =
            if o.job.is_some() || program.unit(o.unit).kind != UnitKind::Document { only(by_job.get(&o.job_run)) } else { None };
        // What is applied is what was looked at before, in whatever job.
        let plan = if o.stage == Stage::Provision { folder_of(o).and_then(|folder| only(planned.get(folder))) } else { None };
        o.environment = unit.or(job).or(plan).or_else(makefile);
    }
}

/// The folder that a step works in, where it says one.
fn folder_of(o: &Occurrence) -> Option<&str> {
    o.own_hints.iter().chain(&o.context_hints).find_map(|h| if let Hint::Path(path) = h { Some(path.as_str()) } else { None })
}

/// A deploy that only an unmerged change reaches goes to a preview environment (ruling 16).
fn previews(all: &mut Vec<Occurrence>) {
    let by_change = |o: &Occurrence| o.way.event == Some(Event::Change) && o.way.on == Some(RefKind::Change);
    let also_otherwise: BTreeSet<(Span, Stage)> =
        all.iter().filter(|o| !by_change(o) && o.way.automation > Automation::Manual).map(|o| (o.span, o.stage)).collect();
    // A pipeline that takes changes to production, past a person, delivers from them; what it deploys on the way is no preview.
    let delivers: BTreeSet<UnitId> = all
        .iter()
        .filter(|o| by_change(o) && o.stage == Stage::Deploy && o.way.automation == Automation::PushButton)
        .filter(|o| o.environment.as_deref() == Some("production"))
        .filter_map(|o| o.pipeline)
        .collect();
    all.retain_mut(|o| {
        if o.environment.is_some() && o.pipeline.is_some_and(|p| delivers.contains(&p)) {
            return true;
        }
        if !by_change(o) || !matches!(o.stage, Stage::Deploy | Stage::Release | Stage::Verify) {
            return true;
        }
        if also_otherwise.contains(&(o.span, o.stage)) && (!o.environment_is_own || o.assumed) {
            return false;
        }
        if o.stage != Stage::Verify || !o.environment_is_own {
            let own = o.environment.take().filter(|e| o.environment_is_own && !matches!(e.as_str(), "production" | "staging"));
            o.environment = Some(own.unwrap_or_else(|| "preview".to_owned()));
        }
        true
    });
}

/// What verifies a deployment when one run of its job follows a deploy verifies in the job's other runs too: by schedule, or
/// by a change of its own file.
fn verifies(all: &mut [Occurrence]) {
    let after_deploy: BTreeSet<(Span, UnitId)> = all
        .iter()
        .filter(|o| o.stage == Stage::Verify && o.way.automation > Automation::Manual)
        .filter_map(|o| o.job.map(|job| (o.span, job)))
        .collect();
    for o in all.iter_mut().filter(|o| o.stage == Stage::Test) {
        if o.job.is_some_and(|job| after_deploy.contains(&(o.span, job))) {
            o.stage = Stage::Verify;
        }
    }
}

/// Tell what deploys, and looks after, nothing of this repository's own.
fn third_parties(all: &mut [Occurrence], attribution: &Attribution<'_>) {
    let mut own_deploys: BTreeSet<u32> = BTreeSet::new();
    let mut others: BTreeSet<u32> = BTreeSet::new();
    for o in all.iter_mut().filter(|o| o.stage == Stage::Deploy) {
        o.third_party = attribution.is_third_party(o);
        if o.third_party { &mut others } else { &mut own_deploys }.insert(o.job_run);
    }
    // A playbook that puts in place what others make deploys nothing of the repository's own.
    for o in all.iter_mut().filter(|o| o.stage == Stage::Configure && o.also.contains(&Stage::Deploy)) {
        if attribution.is_third_party(o) {
            o.also.retain(|s| *s != Stage::Deploy);
        }
        o.third_party = false;
    }
    for o in all.iter_mut().filter(|o| o.stage == Stage::Verify) {
        o.third_party = others.contains(&o.job_run) && !own_deploys.contains(&o.job_run);
    }
}

/// Bring occurrences together.
pub fn merge(mut all: Vec<Occurrence>, attribution: &Attribution<'_>, sources: &SourceSet) -> Vec<Step> {
    type Key = (String, u32, u32, Span, Stage, Option<String>, BTreeSet<usize>);
    let mut groups: BTreeMap<Key, Vec<Occurrence>> = BTreeMap::new();
    third_parties(&mut all, attribution);
    for o in all {
        let file = sources.file(o.span.file);
        let (first, last) = file.line_range(o.span);
        let services = attribution.services(&o);
        groups.entry((file.path.clone(), first, last, o.span, o.stage, o.environment.clone(), services)).or_default().push(o);
    }
    let mut steps: Vec<Step> = groups.into_iter().map(|(key, group)| step(key.6, group)).collect();
    drop_weaker(&mut steps);
    steps
}

fn step(services: BTreeSet<usize>, mut group: Vec<Occurrence>) -> Step {
    group.sort_by_cached_key(|o| way_order(&o.way));
    let mut ways: Vec<Way> = Vec::new();
    for o in &group {
        let known = ways.iter().any(|w| w.automation == o.way.automation && w.event == o.way.event && w.on == o.way.on);
        if !known && ways.len() < MAX_WAYS {
            ways.push(o.way.clone());
        }
    }
    let pushed = group.iter().any(|o| o.way.on == Some(RefKind::Trunk) || o.way.on == Some(RefKind::Change));
    let other_only = !pushed
        && group.iter().any(|o| o.way.on == Some(RefKind::OtherBranch))
        && group.iter().all(|o| o.way.on != Some(RefKind::Tag));
    let also: BTreeSet<Stage> = group.iter().flat_map(|o| o.also.iter().copied()).collect();
    let no_workload = group.iter().all(|o| o.no_workload);
    let third_party = group.iter().all(|o| o.third_party);
    // A step that is called twice alike stops what follows where one of the calls does.
    let level = group.first().map_or(Automation::Missing, |o| o.way.automation);
    let blocking = group.iter().any(|o| o.blocking && o.way.automation == level);
    let best = group.remove(0);
    let mut flags = best.flags;
    if other_only {
        flags.insert(Flag::OtherBranch);
    }
    Step {
        span: Some(best.span),
        stage: best.stage,
        kind: best.kind,
        also: also.into_iter().filter(|s| *s != best.stage).collect(),
        means: Some(best.means),
        environment: best.environment,
        services,
        blocking,
        confidence: best.confidence,
        flags,
        text: best.text,
        distinct: best.distinct,
        row: best.row,
        unit: Some(best.unit),
        look_only: best.look_only,
        no_workload,
        third_party,
        ways,
        why_missing: None,
    }
}

/// At one place and stage, a row without an environment says nothing where others name theirs; a smaller set of services
/// that another row of the same environment holds is the same step.
fn drop_weaker(steps: &mut Vec<Step>) {
    let mut named: BTreeSet<(Option<Span>, Stage)> = BTreeSet::new();
    for s in steps.iter().filter(|s| s.environment.is_some() && s.automation() > Automation::Manual) {
        named.insert((s.span, s.stage));
    }
    let best = best_at(steps.iter());
    let named_best = best_at(steps.iter().filter(|s| s.environment.is_some()));
    steps.retain(|s| {
        let key = (s.span, s.stage);
        s.environment.is_some() || !named.contains(&key) || named_best.get(&key) < best.get(&key)
    });
}

/// The best automation at each place and stage.
fn best_at<'s>(steps: impl Iterator<Item = &'s Step>) -> BTreeMap<(Option<Span>, Stage), Automation> {
    let mut best = BTreeMap::new();
    for s in steps {
        let automation = best.entry((s.span, s.stage)).or_insert(Automation::Missing);
        *automation = (*automation).max(s.automation());
    }
    best
}
