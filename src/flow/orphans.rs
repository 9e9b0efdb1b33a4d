//! Orphans: what could deliver and nothing runs. Things applied as a whole (roots, charts, manifests, playbooks, compose
//! files for servers) become one manual step each (rulings 8, 24); scripts are orphans by what they hold.

use super::reach::{Reached, is_planned};
use super::watches;
use crate::catalogue::Catalogue;
use crate::model::{
    Applicable, Automation, Confidence, LinkKind, Means, Orphan, OrphanKind, Program, Stage, Step, UnitKind, Way,
};
use crate::source::paths::{is_named_by, is_under};
use crate::source::{SourceFile, SourceSet, Span};
use std::collections::{BTreeMap, BTreeSet};

/// What is left over: orphans, and the manual steps of what nothing applies.
pub fn find(
    program: &Program,
    reached: &Reached,
    steps: &[Step],
    sources: &SourceSet,
    catalogue: &Catalogue,
) -> (Vec<Orphan>, Vec<Step>) {
    let mut orphans = scripts(program, reached, steps, sources, catalogue);
    let mut more = Vec::new();
    let listed = || sources.files().iter().any(|f| catalogue.words().lists_cluster_files(&f.path));
    let environments = catalogue.environments();
    // Charts that are published are applied by others.
    let by_pipeline = |s: &&Step| s.automation() > Automation::Manual && s.fills(Stage::Publish);
    let publishes_charts = steps.iter().filter(by_pipeline).any(|s| s.kind.as_deref() == Some("chart"));
    let others_apply = !program.unread_pipelines.is_empty() || listed();
    for a in &program.applicables {
        let path = &sources.file(program.unit(a.unit).span.file).path;
        if !a.shared
            || (in_cluster(a.kind) && (others_apply || catalogue.words().documented_sample(path)))
            || is_applied(a, program, reached, sources)
            || (a.kind == OrphanKind::TerraformRoot && (reached.applies_any || is_template(&a.path)))
            || (reached.applies_any && read_by_a_root(a, program))
            || is_planned(program, &a.path)
            || (a.kind == OrphanKind::Chart && publishes_charts && !program.plans.contains_key(&a.path))
            || catalogue.words().fixture_unless(path, |f| in_cluster(a.kind) && environments.beside_others(f, &sources.dirs))
            || catalogue.words().local_file(path)
        {
            continue;
        }
        let stage = stage_of(a);
        let span = program.unit(a.unit).span;
        orphans.push(Orphan { kind: a.kind, span, stages: BTreeSet::from([stage]) });
        // A command of a document that names it is the step (ruling 8).
        if !named(reached.documented.iter(), a) {
            more.push(whole_file(a, stage, program, sources, catalogue));
        }
    }
    orphans.sort_by_key(|o| (o.span, o.kind));
    orphans.dedup();
    (orphans, more)
}

/// Whether it is for a cluster. Where pipelines or lists of charts are not read, it is likely one of those that applies it.
fn in_cluster(kind: OrphanKind) -> bool {
    matches!(kind, OrphanKind::Chart | OrphanKind::Overlay | OrphanKind::Manifest)
}

/// Whether a root's resources are made from it.
fn read_by_a_root(a: &Applicable, program: &Program) -> bool {
    program.roots.values().any(|root| named(root.reads.iter(), a))
}

/// Whether a folder is there to be copied.
fn is_template(dir: &str) -> bool {
    dir.split('/')
        .any(|part| matches!(part, "template" | "templates") || part.ends_with("-template") || part.ends_with("-templates"))
}

fn stage_of(a: &Applicable) -> Stage {
    match a.kind {
        OrphanKind::TerraformRoot => Stage::Provision,
        OrphanKind::Playbook => Stage::Configure,
        _ if a.deploys => Stage::Deploy,
        _ if a.only_configuration => Stage::Configure,
        OrphanKind::Chart | OrphanKind::Compose => Stage::Deploy,
        _ => Stage::Provision,
    }
}

fn named<'p>(mut paths: impl Iterator<Item = &'p String>, a: &Applicable) -> bool {
    paths.any(|p| is_named_by(&a.path, p))
}

fn is_applied(a: &Applicable, program: &Program, reached: &Reached, sources: &SourceSet) -> bool {
    if named(reached.applied.keys(), a) || program.perhaps_applied.contains(&a.path) {
        return true;
    }
    // A playbook that is left over itself stands for what it applies.
    if a.kind != OrphanKind::Playbook && named(program.playbooks.values().flat_map(|p| p.applies.iter()), a) {
        return true;
    }
    // A controller that watches its folder applies it.
    watches::objects(program, sources).iter().any(|r| {
        let path = r.path.as_deref().unwrap_or("").trim_start_matches("./").trim_end_matches('/');
        !path.is_empty() && is_under(&a.path, path)
    })
}

fn whole_file(a: &Applicable, stage: Stage, program: &Program, sources: &SourceSet, catalogue: &Catalogue) -> Step {
    let unit = program.unit(a.unit);
    let path = &sources.file(unit.span.file).path;
    let literal = program
        .roots
        .get(&a.path)
        .and_then(|r| r.environment_literals.iter().find_map(|(_, v, _)| catalogue.environments().find_in(v)));
    let bundle = program.bundles.get(&a.path).into_iter().flat_map(|b| &b.environment_literals);
    let literal = literal.or_else(|| bundle.into_iter().find_map(|text| catalogue.environments().find_in(text)));
    let environment = literal.or_else(|| catalogue.environments().find_in_path(path, &sources.dirs));
    let way = Way::by_hand(unit);
    let puts = program.playbooks.get(&a.path).is_some_and(|p| p.deploys(&program.applicables) && p.images.is_empty());
    Step {
        span: Some(unit.span),
        stage,
        kind: Some(a.kind.as_str().to_owned()),
        also: if puts { vec![Stage::Deploy] } else { Vec::new() },
        means: Some(Means::Command),
        environment,
        services: BTreeSet::new(),
        blocking: true,
        confidence: Confidence::Certain,
        flags: BTreeSet::new(),
        text: path.clone(),
        distinct: format!("{} {}", a.kind, a.path),
        row: a.kind.as_str().to_owned(),
        unit: Some(a.unit),
        look_only: false,
        no_workload: program.roots.get(&a.path).is_some_and(|r| !r.workloads),
        third_party: false,
        ways: vec![way],
        why_missing: None,
    }
}

/// Whether a file is a part of a makefile that none includes.
fn is_left_fragment(file: &SourceFile, program: &Program) -> bool {
    file.name().ends_with(".mk") && program.makefiles.get(&file.path).is_some_and(|m| !m.included)
}

/// Scripts that publish, provision, configure or deploy to something shared and that nothing runs (ruling 24).
fn scripts(program: &Program, reached: &Reached, steps: &[Step], sources: &SourceSet, catalogue: &Catalogue) -> Vec<Orphan> {
    let mut by_file: BTreeMap<&str, (Span, BTreeSet<Stage>, OrphanKind)> = BTreeMap::new();
    for step in steps.iter().filter(|s| s.automation() == Automation::Manual) {
        let (Some(span), Some(unit)) = (step.span, step.unit) else { continue };
        let file = sources.file(span.file);
        let shared = matches!(step.stage, Stage::Publish | Stage::Provision | Stage::Configure | Stage::Deploy | Stage::Release);
        // What only a test puts in place is no orphan (ruling 37).
        let tests = catalogue.words().stage(file.name()) == Some(Stage::Test);
        if !shared || tests || catalogue.words().fixture_path(&file.path) {
            continue;
        }
        // A fragment of a makefile that nothing includes, by whose targets it is reached.
        for link in
            step.ways.iter().flat_map(|w| w.chain.iter()).filter(|l| l.kind == LinkKind::Target && l.span.file != span.file)
        {
            let fragment = sources.file(link.span.file);
            if is_left_fragment(fragment, program) {
                let entry = (fragment.whole(), BTreeSet::new(), OrphanKind::MakeFragment);
                by_file.entry(&fragment.path).or_insert(entry).1.insert(step.stage);
            }
        }
        let unit = program.unit(unit);
        let kind = match unit.kind {
            UnitKind::Script | UnitKind::Function => {
                let is_run = |id| reached.called.contains(&id) && reached.run.contains(&id);
                let runs = program.iter().any(|(id, u)| u.kind == UnitKind::Script && u.span.file == span.file && is_run(id));
                // A function that nothing calls is no orphan where its file is used (ruling 22), as a pipeline's is.
                let of_pipeline = program.iter().any(|(_, u)| u.kind == UnitKind::Pipeline && u.span.file == span.file);
                if runs || of_pipeline {
                    continue;
                }
                OrphanKind::Script
            }
            UnitKind::Target => {
                if !is_left_fragment(file, program) {
                    continue;
                }
                OrphanKind::MakeFragment
            }
            _ => continue,
        };
        by_file.entry(&file.path).or_insert((file.whole(), BTreeSet::new(), kind)).1.insert(step.stage);
    }
    by_file.into_values().map(|(span, stages, kind)| Orphan { kind, span, stages }).collect()
}
