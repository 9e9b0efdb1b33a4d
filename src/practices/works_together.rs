//! Whether a change to one service runs a test that holds its neighbours as well, before it is published.

use super::Answer;
use super::scene::Scene;
use super::testing::{Kind, TestRun, jobs_of, may_test, order::stands_before, own_services, runs, words::words};
use crate::model::{Automation, Event, Stage, Step};
use std::collections::BTreeSet;

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let all: Vec<TestRun<'_>> = runs(scene);
    let early: Vec<&TestRun<'_>> = all.iter().filter(|r| before_published(scene, r.step)).collect();
    let of = |fits: &dyn Fn(&TestRun<'_>) -> bool| -> Vec<_> {
        early.iter().filter(|r| fits(r)).filter_map(|r| r.step.span).take(20).collect()
    };
    let contracts = of(&|r| r.kinds.contains_key(&Kind::Contract));
    if !contracts.is_empty() {
        return Answer::present("contracts are checked before anything is published", contracts);
    }
    let stubbed = of(&|r| stands_in(scene, r));
    if !stubbed.is_empty() {
        return Answer::present("a service is tested with stand-ins of its neighbours before it is published", stubbed);
    }
    let own = own_services(scene);
    let together =
        of(&|r| own > 1 && r.kinds.keys().any(|k| matches!(k, Kind::EndToEnd | Kind::Component)) && holds_several(scene, r.step));
    if !together.is_empty() {
        return Answer::present("services are started together and tested before they are published", together);
    }
    if own < 2 {
        return Answer::not_applicable("the repository delivers no two services, and no test names a neighbour");
    }
    let unread = may_test(scene, None);
    if !unread.is_empty() {
        return Answer::unknown("a call that was not read may test services together", unread);
    }
    let wide = |r: &&TestRun<'_>| r.kinds.contains_key(&Kind::EndToEnd) || r.kinds.contains_key(&Kind::Contract);
    let late = all.iter().filter(wide).filter(|r| !before_published(scene, r.step));
    let late: Vec<_> = late.filter_map(|r| r.step.span).take(20).collect();
    let why = if late.is_empty() {
        "each service is tested alone, if at all"
    } else {
        "what holds several services is tested only after it was published"
    };
    Answer::absent(why, late)
}

/// Whether a test runs by itself before the change is merged, or before something is published.
fn before_published(scene: &Scene<'_>, test: &Step) -> bool {
    let runs = |e: Event| test.ways.iter().any(|w| w.automation == Automation::Automated && w.event == Some(e));
    if test.stage == Stage::Verify {
        return false;
    }
    let published = || scene.steps(Stage::Publish).filter(|p| p.automation() >= Automation::PushButton);
    runs(Event::Change)
        || (runs(Event::Push)
            && (published().next().is_none() || published().any(|p| p.ways.iter().any(|w| stands_before(scene, test, p, w)))))
}

/// Whether a program that stands in for a neighbour is in a test's command, its job, or the files it names.
fn stands_in(scene: &Scene<'_>, run: &TestRun<'_>) -> bool {
    let kinds = run.kinds.keys().any(|k| matches!(k, Kind::Component | Kind::EndToEnd));
    kinds
        && (words().stub(&run.step.text)
            || run.step.ways.iter().any(|w| jobs_of(scene, w).iter().any(|job| words().stub(scene.text(job.span)))))
}

/// Whether the job of a test starts several services of the repository.
fn holds_several(scene: &Scene<'_>, test: &Step) -> bool {
    let texts: Vec<&str> = test.ways.iter().flat_map(|w| jobs_of(scene, w)).map(|job| scene.text(job.span)).collect();
    let cluster =
        |text: &&str| ["kind create", "kind-action", "minikube", "k3d", "k3s", "microk8s"].iter().any(|w| text.contains(w));
    if texts.iter().any(cluster) {
        return true;
    }
    let composes = texts.iter().chain([&test.text.as_str()]).any(|text| text.contains("compose"));
    let named: Vec<_> = scene.program.compose.iter().filter(|(path, _)| composes && is_started(path, test, &texts)).collect();
    let built: BTreeSet<_> = named.into_iter().flat_map(|(_, all)| all).filter_map(|s| s.context.as_deref()).collect();
    built.len() > 1
}

/// Whether a compose file is named by a test or its job, or is the one that is started where none is named.
fn is_started(path: &str, test: &Step, jobs: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let says = |text: &str| text.split(|c: char| c.is_whitespace() || "/'\"=:,".contains(c)).any(|w| w == name);
    let usual = ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"].contains(&name);
    let texts = || jobs.iter().copied().chain([test.text.as_str()]);
    let names_none = |text: &str| text.contains("compose") && !text.contains(" -f ") && !text.contains("--file");
    texts().any(says) || (usual && texts().any(names_none))
}
