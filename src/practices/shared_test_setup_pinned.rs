//! Whether the neighbours that a test is set up with are pinned.

use super::Answer;
use super::scene::Scene;
use super::testing::{jobs_of, runs, words::words};
use crate::model::HOLE;
use crate::source::Span;
use crate::syntax::yaml::Node;
use std::collections::BTreeSet;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let mut images = in_compose(scene);
    images.extend(beside_jobs(scene));
    let judged: Vec<(String, Span, bool)> =
        images.into_iter().filter_map(|(image, span)| Some((image.clone(), span, moves(&image)?))).collect();
    if judged.is_empty() {
        return Answer::not_applicable("no test is set up with an image that a file names");
    }
    let moving: Vec<_> = judged.iter().filter(|(.., moves)| *moves).collect();
    if let Some((image, ..)) = moving.first() {
        let why = format!(
            "{} of {} images that tests are set up with change by themselves, such as {image}",
            moving.len(),
            judged.len()
        );
        return Answer::absent(why, moving.iter().map(|(_, span, _)| *span).take(20).collect());
    }
    Answer::present(
        "every image that a test is set up with has a fixed tag",
        judged.iter().map(|(_, span, _)| *span).take(20).collect(),
    )
}

/// Whether an image is another one from one day to the next; none where its tag is not known.
fn moves(image: &str) -> Option<bool> {
    if image.contains("@sha256:") {
        return Some(false);
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    if image.contains(HOLE) || image.contains('$') || image.contains("{{") || name.is_empty() || words().is_tool(image) {
        return None;
    }
    Some(name.split_once(':').is_none_or(|(_, tag)| words().moves(tag)))
}

/// Images of other makers in compose files that are of tests.
fn in_compose(scene: &Scene<'_>) -> Vec<(String, Span)> {
    let started: Vec<&str> = runs(scene).iter().map(|r| r.step.text.as_str()).collect();
    let mut out = Vec::new();
    for (path, services) in &scene.program.compose {
        let name = path.rsplit('/').next().unwrap_or(path);
        let named = || started.iter().any(|text| text.contains("compose") && text.split([' ', '/']).any(|w| w == name));
        if !words().sets_up(path) && !named() {
            continue;
        }
        let neighbours = services.iter().filter(|s| s.context.is_none() && !is_built(scene, s.image.as_deref()));
        out.extend(neighbours.filter_map(|s| Some((s.image.clone()?, image_line(scene, s.span?)))));
    }
    out
}

/// Whether a compose file of the repository builds an image: it is the product, and no neighbour.
fn is_built(scene: &Scene<'_>, image: Option<&str>) -> bool {
    let name = |image: &str| image.rsplit('/').next().unwrap_or(image).split([':', '@']).next().map(ToOwned::to_owned);
    let built = scene.program.compose.values().flatten().filter(|s| s.context.is_some());
    let mut names = built.filter_map(|s| s.image.as_deref().and_then(name));
    image.and_then(name).is_some_and(|image| names.any(|built| built == image))
}

/// The line that names the image of a service.
fn image_line(scene: &Scene<'_>, service: Span) -> Span {
    let text = scene.text(service);
    text.find("image:").map_or(service, |at| {
        let start = service.start as usize + at;
        let line = text[at..].lines().next().unwrap_or("").trim_end();
        Span::new(service.file, start, start + line.len())
    })
}

/// Images beside the jobs that run tests.
fn beside_jobs(scene: &Scene<'_>) -> Vec<(String, Span)> {
    let mut jobs: BTreeSet<Span> = BTreeSet::new();
    for run in runs(scene) {
        jobs.extend(run.step.ways.iter().flat_map(|w| jobs_of(scene, w)).map(|job| job.span));
    }
    let mut out = Vec::new();
    for (_, document) in scene.documents() {
        if jobs.iter().any(|j| j.file == document.own_span().file) {
            services(document, &jobs, 0, &mut out);
        }
    }
    out.sort_unstable_by_key(|(_, span)| *span);
    out.dedup();
    out
}

/// The images of the `services` below a node that stand in one of these jobs.
fn services(node: Node<'_>, jobs: &BTreeSet<Span>, depth: usize, out: &mut Vec<(String, Span)>) {
    if depth > 8 {
        return;
    }
    for entry in node.own_entries() {
        if entry.name() == "services" && jobs.iter().any(|j| j.contains(entry.span())) {
            let named = entry.value.own_entries().into_iter().map(|e| e.value);
            for service in named.chain(entry.value.items()) {
                let image = service.scalar().map(|image| (image, service.own_span()));
                let inner = || {
                    Some((
                        service.get_str("image").or_else(|| service.get_str("name"))?,
                        service.entry_span("image").or_else(|| service.entry_span("name"))?,
                    ))
                };
                out.extend(image.or_else(inner).filter(|(i, _)| i.contains([':', '/'])).map(|(i, span)| (i.to_owned(), span)));
            }
        } else {
            services(entry.value, jobs, depth + 1, out);
        }
    }
    node.items().into_iter().for_each(|item| services(item, jobs, depth + 1, out));
}
