//! Flow: passes over the program that make the delivery map: link, reach, services, steps, gates, orphans, path.

pub mod attribution;
pub mod gates;
pub mod holds;
pub mod link;
pub mod names;
pub mod occurrence;
pub mod orphans;
pub mod path;
pub mod reach;
pub mod reconcilers;
pub mod services;
pub mod steps;
pub mod templates;
pub mod watches;

use crate::catalogue::Catalogue;
use crate::model::{DeclarationKind, DeliveryMap, OrphanKind, Program, Service, Unresolved};
use crate::source::SourceSet;
use attribution::Attribution;
use path::Holdings;

/// Make the delivery map of a program.
pub fn deliver(program: &Program, sources: &SourceSet, catalogue: &Catalogue, repository: &str) -> DeliveryMap {
    let mut reached = reach::reach(program, sources, catalogue, repository);
    let occurrences = steps::settle(reached.occurrences.clone(), program);
    let services = services::find(program, &reached, sources, catalogue, repository);
    let attribution = Attribution::new(program, sources, catalogue, &services, &occurrences);
    let mut map = DeliveryMap {
        services,
        images: services::built(program, &reached, sources, catalogue, repository),
        unknowns: reached.unknowns.clone(),
        disabled: reached.disabled.clone(),
        ..DeliveryMap::default()
    };
    let occurrences = occurrences.into_iter().filter(|o| attribution.is_own(o)).collect();
    map.steps = steps::merge(occurrences, &attribution, sources);
    let (orphans, mut whole) = orphans::find(program, &reached, &map.steps, sources, catalogue);
    for step in &mut whole {
        if let Some(span) = step.span {
            let file = sources.file(span.file);
            step.services = attribution.of_file(&file.path, file.dir());
        }
    }
    map.steps.extend(reconcilers::steps(program, sources, catalogue, &attribution, &mut reached.gates));
    map.orphans = orphans;
    map.steps.extend(whole);
    map.steps.extend(templates::unapplied(program, &reached, sources, catalogue, &attribution));
    let stacks = templates::forgotten_stacks(program, &reached, &map.steps, sources, catalogue, &attribution);
    map.steps.extend(stacks);
    holds::apply(program, sources, catalogue, &attribution, &mut reached.gates, &mut map.steps);
    map.steps.sort_by_cached_key(|s| {
        let at = s.span.map(|span| (sources.file(span.file).path.clone(), span.start, span.end));
        (at, s.stage, s.environment.clone(), s.services.clone())
    });
    map.gates = gates::settle(&reached.gates, &mut map.steps, program);
    map.unresolved = reached
        .unresolved
        .iter()
        .map(|u| Unresolved {
            span: u.span,
            why: u.why.clone(),
            automation: u.way.automation,
            services: attribution.by_hints(&u.hints, u.pipeline),
        })
        .collect();
    let holdings = holdings(program, catalogue, &map.services);
    path::fill(&mut map, &holdings, catalogue);
    map
}

fn holdings(program: &Program, catalogue: &Catalogue, services: &[Service]) -> Holdings {
    let any = |kinds: &[OrphanKind]| program.applicables.iter().any(|a| kinds.contains(&a.kind));
    // A root in a service's own folder is that service's.
    let mut roots = program.applicables.iter().filter(|a| a.kind == OrphanKind::TerraformRoot).map(|a| &a.path);
    Holdings {
        infrastructure: roots.any(|root| !services.iter().any(|s| s.roots.contains(root))),
        manifests: any(&[OrphanKind::Chart, OrphanKind::Overlay, OrphanKind::Manifest]),
        site: program.declarations.iter().any(|d| d.kind == DeclarationKind::Site),
        unread_pipelines: !program.unread_pipelines.is_empty(),
        tiers: program.tiers.iter().map(|(name, tier)| (catalogue.environments().normalise(name), *tier)).collect(),
    }
}
