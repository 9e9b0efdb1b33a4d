//! Whether the configuration of what is deployed stands with it and goes out with it.

use super::Answer;
use super::scene::Scene;
use crate::model::{Applicable, Automation, Flag, OrphanKind, ServiceKind, Stage, Step};
use crate::source::Span;
use std::collections::BTreeSet;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let deploys: Vec<&Step> = scene.deliveries();
    if deploys.is_empty() {
        return if scene.unread().is_empty() || !scene.is_deployed() {
            Answer::not_applicable("nothing of the repository is deployed by it")
        } else {
            Answer::unknown("a call that was not read may deploy", scene.unread())
        };
    }
    let services: Vec<usize> = (0..scene.map.services.len())
        .filter(|i| scene.map.services[*i].kind == Some(ServiceKind::Deployed) && deploys.iter().any(|s| s.services.contains(i)))
        .collect();
    if services.is_empty() {
        return Answer::not_applicable("no service of the repository is deployed");
    }
    let spans = |steps: &[&Step]| -> Vec<Span> { steps.iter().filter_map(|s| s.span).take(20).collect() };
    let elsewhere: Vec<&Step> = deploys.iter().copied().filter(|s| s.flags.contains(&Flag::Elsewhere)).collect();
    let own: Vec<usize> = services.iter().copied().filter(|i| !scene.map.services[*i].foreign).collect();
    if own.is_empty() {
        return Answer::absent(
            "the configuration stands here, what it configures is built in another repository",
            spans(&deploys),
        );
    }
    let applied = applied(scene, &deploys);
    let running = |step: &Step| matches!(step.automation(), Automation::Automated | Automation::PushButton);
    let builds = |service: usize| {
        let made = [Stage::Build, Stage::Package, Stage::Publish];
        let serves = |s: &&Step| s.services.is_empty() || s.services.contains(&service);
        scene.in_pipelines().filter(serves).any(|s| made.iter().any(|stage| s.fills(*stage)))
    };
    let goes = |service: usize| {
        deploys.iter().any(|s| running(s) && !s.flags.contains(&Flag::Elsewhere) && s.services.contains(&service))
    };
    let together: Vec<usize> = own.iter().copied().filter(|i| builds(*i) && goes(*i)).collect();
    if !together.is_empty() && together.len() == own.len() && !applied.is_empty() {
        let mut places: Vec<Span> = applied.into_iter().take(10).collect();
        places.extend(spans(&deploys.iter().copied().filter(|s| running(s)).collect::<Vec<_>>()).into_iter().take(10));
        return Answer::present(
            "what is applied stands beside the code, and pipelines of this repository build and deploy both",
            places,
        );
    }
    if !elsewhere.is_empty() {
        return Answer::absent("the configuration that is deployed stands in another repository", spans(&elsewhere));
    }
    if !deploys.iter().any(|s| running(s)) {
        return Answer::absent("no pipeline deploys the configuration with what it configures", spans(&deploys));
    }
    if together.is_empty() && services.len() > own.len() {
        return Answer::absent("most of what is configured here is built in other repositories", spans(&deploys));
    }
    if together.len() < own.len() && !applied.is_empty() {
        let left: Vec<&str> =
            own.iter().filter(|i| !together.contains(i)).take(5).map(|i| scene.map.services[*i].name.as_str()).collect();
        let why = format!("not every service is built and deployed by a pipeline of this repository: {}", left.join(", "));
        return if scene.unread().is_empty() {
            Answer::absent(why, spans(&deploys))
        } else {
            Answer::unknown(why, scene.unread())
        };
    }
    Answer::unknown("the deploy names no file of this repository, its configuration may stand on the platform", spans(&deploys))
}

/// Where charts, overlays, manifests, templates and roots that hold workloads stand and something applies them.
fn applied(scene: &Scene<'_>, deploys: &[&Step]) -> Vec<Span> {
    let orphans: BTreeSet<_> = scene.map.orphans.iter().map(|o| o.span.file).collect();
    let by_compose = deploys.iter().any(|s| s.row.contains("compose") || s.row.contains("stack deploy"));
    // A compose file may be for a developer's machine: it counts where one is deployed, and is a server's.
    let fits = |a: &&Applicable| a.deploys && (a.kind != OrphanKind::Compose || (by_compose && a.shared));
    let whole = scene.program.applicables.iter().filter(fits).map(|a| scene.program.unit(a.unit).span);
    let templates = scene.program.templates.iter().filter(|t| t.workloads == Some(true));
    let roots = scene.program.roots.values().filter(|r| r.workloads).filter_map(|r| r.files.first());
    let roots = roots.map(|file| scene.sources.file(*file).whole());
    let all = whole.chain(templates.map(|t| scene.program.unit(t.unit).span)).chain(roots);
    let mut out: Vec<Span> = all.filter(|s| !orphans.contains(&s.file)).collect();
    out.sort();
    out.dedup_by_key(|s| s.file);
    out
}
