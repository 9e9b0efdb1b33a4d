//! Whether one vendor's pipelines deliver each service, and every pipeline runs.

use super::Answer;
use super::delivering::{few, runs};
use super::scene::Scene;
use crate::catalogue::detect::Detect;
use crate::model::{Automation, Event, Link, LinkKind, RefKind, Stage, Step, UnitKind, Way};
use crate::source::{FileId, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The vendor whose files a person may send where no trigger of them is in the repository.
const SUBMITTED: &str = "cloud-build";

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let pipelines: Vec<Span> = scene.program.units.iter().filter(|u| u.kind == UnitKind::Pipeline).map(|u| u.span).collect();
    if pipelines.is_empty() {
        return match scene.program.unread_pipelines.first() {
            Some((vendor, file)) => {
                Answer::unknown(format!("a pipeline of {vendor} was not read"), vec![scene.sources.file(*file).whole()])
            }
            None => Answer::not_applicable("the repository holds no pipeline"),
        };
    }
    let (rivals, at) = rivals(scene);
    let dead = dead(scene);
    let mut why = Vec::new();
    if !rivals.is_empty() {
        why.push(format!("{} deliver the same", rivals.into_iter().collect::<Vec<_>>().join(" and ")));
    }
    if let Some(one) = dead.first() {
        why.push(format!("all work of {} is switched off", scene.sources.file(one.file).path));
    }
    if why.is_empty() {
        return Answer::present("each service is delivered by one vendor's pipelines, and none is switched off", few(pipelines));
    }
    Answer::absent(why.join("; "), few(at.into_iter().chain(dead)))
}

/// The vendors that do the same for the same service and environment, and where.
fn rivals(scene: &Scene<'_>) -> (BTreeSet<String>, Vec<Span>) {
    type Work<'s> = (usize, Stage, Option<&'s str>, Option<&'s str>, (Event, RefKind));
    let mut by_work: BTreeMap<Work<'_>, BTreeMap<String, Span>> = BTreeMap::new();
    let delivers = |s: &&Step| runs(s) && !s.look_only && !s.third_party && s.span.is_some();
    for step in scene.map.steps.iter().filter(delivers) {
        let stages = [Stage::Publish, Stage::Deploy, Stage::Provision];
        let Some(stage) = stages.into_iter().find(|stage| step.stage == *stage) else { continue };
        let Some(span) = step.span else { continue };
        // The same infrastructure is the same command.
        let what = if stage == Stage::Provision { Some(step.distinct.as_str()) } else { step.kind.as_deref() };
        for way in step.ways.iter().filter(|w| w.automation == Automation::Automated) {
            let (Some(vendor), Some(event), Some(on)) = (vendor_of(scene, way), way.event, way.on) else { continue };
            for service in &step.services {
                let work = (*service, stage, what, step.environment.as_deref(), (event, on));
                by_work.entry(work).or_default().entry(vendor.clone()).or_insert(span);
            }
        }
    }
    let mut vendors = BTreeSet::new();
    let mut places = Vec::new();
    for (_, found) in by_work.into_iter().filter(|(_, found)| found.len() > 1) {
        for (vendor, span) in found {
            vendors.insert(vendor);
            places.push(span);
        }
    }
    (vendors, places)
}

/// The vendor of the first pipeline of a way.
fn vendor_of(scene: &Scene<'_>, way: &Way) -> Option<String> {
    let file = scene.sources.file(first_pipeline(&way.chain)?);
    // Its front end knows these by their folder.
    if file.dir() == ".github/workflows" {
        return Some("GitHub Actions".to_owned());
    }
    let vendor = Detect::embedded().vendor(&file.path, &file.text)?;
    let units = scene.program.units.iter().filter(|u| u.kind == UnitKind::Pipeline && u.span.file == file.id);
    let assumed = units.flat_map(|u| &u.starts).any(|s| s.assumed);
    (vendor.id != SUBMITTED || !assumed).then(|| vendor.name.to_owned())
}

fn first_pipeline(chain: &[Link]) -> Option<FileId> {
    chain.iter().find(|l| l.kind == LinkKind::Pipeline).map(|l| l.span.file)
}

/// Work that is switched off, in files of which nothing runs.
fn dead(scene: &Scene<'_>) -> Vec<Span> {
    let ways = scene.map.steps.iter().filter(|s| runs(s)).flat_map(|s| &s.ways);
    let alive: BTreeSet<FileId> = ways.flat_map(|w| w.chain.iter().map(|l| l.span.file)).collect();
    let is_pipeline = |file: FileId| scene.program.units.iter().any(|u| u.kind == UnitKind::Pipeline && u.span.file == file);
    let off = scene.map.disabled.iter().map(|d| d.span).filter(|span| !alive.contains(&span.file) && is_pipeline(span.file));
    let mut seen = BTreeSet::new();
    off.filter(|span| seen.insert(span.file)).collect()
}
