//! A service's path: its cells, what is missing, and how it reaches production (model.md rulings 13, 14 and the
//! headline figures).

use crate::catalogue::Catalogue;
use crate::catalogue::paths::{Paths, When};
use crate::model::{
    Automation, Blocker, Cell, Confidence, DeliveryMap, Environment, Event, Flag, HOLE, LinkKind, Means, OrphanKind, PathCell,
    RefKind, ServiceKind, ServicePath, Stage, Step, Tier, Verdict, Way,
};
use std::collections::{BTreeMap, BTreeSet};

/// What the repository has beside its steps that decides which cells a path needs.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// It holds infrastructure code that is not one service's alone.
    pub infrastructure: bool,
    /// It holds manifests, charts or overlays.
    pub manifests: bool,
    /// It holds a documentation site.
    pub site: bool,
    /// Pipelines of it were found and not read.
    pub unread_pipelines: bool,
    /// Tiers that pipelines declare, by the environment's name.
    pub tiers: BTreeMap<String, Tier>,
}

/// Fill kinds, cells, missing steps, verdicts and environments of a map whose steps and services are known.
pub fn fill(map: &mut DeliveryMap, holdings: &Holdings, catalogue: &Catalogue) {
    map.environments = environments(&map.steps, &holdings.tiers, catalogue);
    let tiers: BTreeMap<String, Tier> = map.environments.iter().map(|e| (e.name.clone(), e.tier)).collect();
    let mut missing = Vec::new();
    let mut paths = Vec::new();
    for service in 0..map.services.len() {
        let own: Vec<usize> = (0..map.steps.len()).filter(|i| map.steps[*i].services.contains(&service)).collect();
        let kind = kind_of(map, service, &own, holdings);
        map.services[service].kind = Some(kind);
        let path = Path { map, service, own: &own, kind, holdings, tiers: &tiers };
        let (path, gaps) = path.walk(map.steps.len() + missing.len());
        missing.extend(gaps);
        paths.push(path);
    }
    map.steps.extend(missing);
    map.paths = paths;
}

/// Environments that steps carry, in the order of promotion.
fn environments(steps: &[Step], declared: &BTreeMap<String, Tier>, catalogue: &Catalogue) -> Vec<Environment> {
    let known = catalogue.environments();
    let tier = |name: &str| match declared.get(name).copied().unwrap_or_else(|| known.tier(name)) {
        unsure @ (Tier::Unknown | Tier::Preview) if !known.is_sure_preview(name) => {
            by_names_around(name, steps, catalogue).unwrap_or(unsure)
        }
        tier => tier,
    };
    let names: BTreeSet<&str> = steps.iter().filter_map(|s| s.environment.as_deref()).collect();
    let mut all: Vec<(Tier, &str)> = names.into_iter().map(|n| (tier(n), n)).collect();
    all.sort_by_key(|(tier, name)| (rank(*tier), *name));
    all.into_iter().enumerate().map(|(i, (tier, name))| Environment { name: name.to_owned(), tier, order: i as u32 }).collect()
}

/// The tier that the jobs and scripts say which deploy to an environment whose own name does not (`pr` in `deploy-to-prod`),
/// where they agree.
fn by_names_around(name: &str, steps: &[Step], catalogue: &Catalogue) -> Option<Tier> {
    let deploys = steps.iter().filter(|s| s.environment.as_deref() == Some(name) && s.stage == Stage::Deploy);
    let said = |step: &Step| {
        let links = step.ways.first().map(|w| w.chain.iter().rev()).into_iter().flatten();
        let names = links.filter(|l| matches!(l.kind, LinkKind::Job | LinkKind::Stage | LinkKind::Script | LinkKind::Target));
        names.filter_map(|l| catalogue.environments().find_in(&l.name)).find(|e| e != name)
    };
    let tiers: Option<BTreeSet<Tier>> = deploys.map(|s| said(s).map(|e| catalogue.environments().tier(&e))).collect();
    let mut tiers = tiers?.into_iter();
    let first = tiers.next().filter(|t| !matches!(t, Tier::Unknown | Tier::Preview))?;
    tiers.next().is_none().then_some(first)
}

fn rank(tier: Tier) -> u8 {
    match tier {
        Tier::Preview => 0,
        Tier::Development => 1,
        Tier::Test => 2,
        Tier::Unknown => 3,
        Tier::Staging => 4,
        Tier::Production => 5,
    }
}

fn kind_of(map: &DeliveryMap, service: usize, own: &[usize], holdings: &Holdings) -> ServiceKind {
    let has = |stage: Stage| own.iter().any(|i| map.steps[*i].fills(stage) && !map.steps[*i].look_only);
    let it = &map.services[service];
    let pages =
        own.iter().filter(|i| map.steps[**i].stage == Stage::Deploy).all(|i| map.steps[*i].kind.as_deref() == Some("pages"));
    if has(Stage::Deploy) && pages && !it.ships && !has(Stage::Publish) {
        return ServiceKind::Site;
    }
    let deploys = own.iter().any(|i| {
        let step = &map.steps[*i];
        step.fills(Stage::Deploy)
            && !step.third_party
            && step.environment.as_deref() != Some("preview")
            && step.kind.as_deref() != Some("pages")
    });
    if deploys || it.workload || !it.declared_in.is_empty() || it.foreign {
        return if !has(Stage::Build)
            && !has(Stage::Package)
            && !it.ships
            && !it.foreign
            && !it.workload
            && it.declared_in.is_empty()
            && holdings.manifests
        {
            ServiceKind::Configuration
        } else {
            ServiceKind::Deployed
        };
    }
    let image = own.iter().any(|i| map.steps[*i].kind.as_deref() == Some("image"));
    if it.ships && image && !it.package {
        return ServiceKind::Deployed;
    }
    // What is uploaded to be applied is no package.
    let applied = |s: &Step| s.stage == Stage::Provision && s.kind.as_deref() == Some("apply");
    if it.ships || own.iter().any(|i| map.steps[*i].fills(Stage::Publish) && !applied(&map.steps[*i])) {
        return ServiceKind::Library;
    }
    let builds = has(Stage::Build) || has(Stage::Package) || has(Stage::Test);
    if has(Stage::Provision) || (holdings.infrastructure && !builds) {
        return ServiceKind::Infrastructure;
    }
    if holdings.site && !builds {
        return ServiceKind::Site;
    }
    ServiceKind::Library
}

struct Path<'a> {
    map: &'a DeliveryMap,
    service: usize,
    own: &'a [usize],
    kind: ServiceKind,
    holdings: &'a Holdings,
    tiers: &'a BTreeMap<String, Tier>,
}

impl Path<'_> {
    fn step(&self, i: usize) -> &Step {
        &self.map.steps[i]
    }

    /// The cells that this service's path has.
    fn needed(&self) -> Vec<Cell> {
        let service = &self.map.services[self.service];
        let ships = service.ships || self.own.iter().any(|i| self.step(*i).fills(Stage::Publish));
        let provisions = self.holdings.infrastructure || self.own.iter().any(|i| self.step(*i).fills(Stage::Provision));
        Paths::embedded().cells(self.kind, service.foreign, |when| match when {
            When::Ships => ships,
            When::Infrastructure => provisions,
        })
    }

    /// Whether a step fills a cell.
    fn fills(&self, i: usize, cell: Cell) -> bool {
        let step = self.step(i);
        let service = &self.map.services[self.service];
        // A product of others that is deployed takes no service anywhere, where the service is more than the repository's name.
        let named = service.ships || service.workload || service.foreign;
        if step.look_only || (step.third_party && named) {
            return false;
        }
        match cell {
            Cell::Build => step.fills(Stage::Build) || step.fills(Stage::Package),
            Cell::Deploy => {
                let applies = step.kind.as_deref() == Some("apply") || step.row == OrphanKind::TerraformRoot.as_str();
                let by_root = step.stage == Stage::Provision && applies && !step.no_workload && !service.declared_in.is_empty();
                // The pages of a service that is deployed as an image are its documents or stories.
                let documents = service.ships && step.kind.as_deref() == Some("pages");
                // Infrastructure of another repository that is applied with the new version takes it there.
                let by_another = step.stage == Stage::Provision && step.flags.contains(&Flag::Elsewhere) && service.ships;
                (step.fills(Stage::Deploy) || by_root || by_another) && !documents && self.tier(step) != Some(Tier::Preview)
            }
            other => step.fills(other.stage()),
        }
    }

    fn tier(&self, step: &Step) -> Option<Tier> {
        step.environment.as_ref().map(|e| self.tiers.get(e).copied().unwrap_or(Tier::Unknown))
    }

    /// Whether a deploy step goes to production: by its tier, or because there is no other environment.
    fn to_production(&self, deploys: &[usize]) -> Vec<usize> {
        let named: Vec<usize> = deploys.iter().copied().filter(|i| self.tier(self.step(*i)) == Some(Tier::Production)).collect();
        if !named.is_empty() {
            return named;
        }
        // Where something deploys by itself, what only a person may run makes no further environment.
        let by_hand = |i: &usize| self.step(*i).automation() <= Automation::Manual;
        let all_by_hand = deploys.iter().all(by_hand);
        let counted = deploys.iter().filter(|i| all_by_hand || !by_hand(i));
        let mut environments: BTreeSet<Option<&str>> = counted.map(|i| self.step(*i).environment.as_deref()).collect();
        if !all_by_hand {
            environments.extend(self.earlier().map(Some));
        }
        // What leaves the repository without saying where to is no production by being the only one (ruling 40).
        let unreadable: Vec<usize> = deploys
            .iter()
            .copied()
            .filter(|i| matches!(self.tier(self.step(*i)), None | Some(Tier::Unknown)))
            .filter(|i| !self.leaves(self.step(*i)))
            .collect();
        // A helper that only a person may run says less than a pipeline that takes it elsewhere.
        let best = |all: &mut dyn Iterator<Item = usize>| all.map(|i| self.step(i).automation()).max();
        let gone = best(&mut deploys.iter().copied().filter(|i| self.leaves(self.step(*i))));
        if gone > Some(Automation::Manual) && best(&mut unreadable.iter().copied()) <= Some(Automation::Manual) {
            return Vec::new();
        }
        if environments.len() == 1 { unreadable } else { Vec::new() }
    }

    /// The earlier environments that pipelines make or switch over for this service: beside one of them, what names none is no
    /// production by being the only one.
    fn earlier(&self) -> impl Iterator<Item = &str> {
        let steps = self.own.iter().map(|i| self.step(*i));
        let applies = |s: &Step| s.stage == Stage::Provision && s.kind.as_deref() == Some("apply");
        let works = steps.filter(move |s| (applies(s) || s.stage == Stage::Release) && !s.look_only);
        let named = works.filter(|s| s.automation() > Automation::Manual);
        named
            .filter(|s| !matches!(self.tier(s), None | Some(Tier::Production | Tier::Preview)))
            .filter_map(|s| s.environment.as_deref())
    }

    /// Whether a step does not say where it goes to: a commit to another repository, a pipeline of another one that is only
    /// known by its name, an object that is a template for environments which only a run names.
    fn leaves(&self, step: &Step) -> bool {
        let built_in = step.means == Some(Means::BuiltIn) && step.environment.is_none();
        let unsaid = step.flags.contains(&Flag::ByName) || step.text.contains([HOLE, '…']);
        step.flags.contains(&Flag::Elsewhere) || (built_in && unsaid)
    }

    fn walk(&self, next: usize) -> (ServicePath, Vec<Step>) {
        let mut cells = Vec::new();
        let mut gaps = Vec::new();
        let unresolved = self.map.unresolved.iter().filter(|u| u.services.is_empty() || u.services.contains(&self.service));
        let beyond = unresolved.map(|u| u.automation).max();
        let beyond = if self.holdings.unread_pipelines { Some(Automation::Automated) } else { beyond };
        let mut blockers = Vec::new();
        let deploys: Vec<usize> = self.own.iter().copied().filter(|i| self.fills(*i, Cell::Deploy)).collect();
        let production = self.to_production(&deploys);
        for cell in self.needed() {
            let steps: Vec<usize> = self.own.iter().copied().filter(|i| self.fills(*i, cell)).collect();
            let value = |steps: &[usize], least: Automation| -> f64 {
                let best = |of: &[usize]| of.iter().any(|i| steps.contains(i) && self.step(*i).automation() >= least);
                if cell == Cell::Deploy {
                    if best(&production) {
                        1.0
                    } else if best(steps) {
                        0.5
                    } else {
                        0.0
                    }
                } else {
                    f64::from(u8::from(best(steps)))
                }
            };
            let sure: Vec<usize> = steps.iter().copied().filter(|i| self.step(*i).confidence != Confidence::Low).collect();
            let (now, delivery) = (value(&steps, Automation::Automated), value(&steps, Automation::PushButton));
            let reach = |least: Automation| beyond.is_some_and(|b| b >= least);
            let high = |v: f64, least: Automation| if steps.is_empty() && reach(least) { 1.0 } else { v };
            cells.push(PathCell {
                cell,
                value: now,
                delivery,
                low: value(&sure, Automation::Automated),
                high: high(now, Automation::Automated),
                delivery_low: value(&sure, Automation::PushButton),
                delivery_high: high(delivery, Automation::PushButton),
                steps: steps.clone(),
            });
            if steps.is_empty() {
                blockers.push(Blocker::Missing { cell, step: next + gaps.len() });
                gaps.push(self.missing(cell));
            } else if now < 1.0 {
                self.blocked(
                    cell,
                    if cell == Cell::Deploy && !production.is_empty() { &production } else { &steps },
                    &mut blockers,
                );
            }
        }
        let (verdict, decided_by) = self.verdict(&production, &deploys, beyond.is_some());
        (ServicePath { cells, verdict, blockers, decided_by }, gaps)
    }

    fn blocked(&self, cell: Cell, steps: &[usize], blockers: &mut Vec<Blocker>) {
        let Some(best) = steps.iter().copied().max_by_key(|i| (self.step(*i).automation(), std::cmp::Reverse(*i))) else {
            return;
        };
        let step = self.step(best);
        match step.automation() {
            Automation::PushButton => {
                for gate in step.ways.first().iter().flat_map(|w| &w.gates) {
                    let blocker = Blocker::Gate { gate: *gate, cell, environment: step.environment.clone() };
                    if !blockers.contains(&blocker) {
                        blockers.push(blocker);
                    }
                }
            }
            Automation::Manual => blockers.push(Blocker::Manual { cell, step: best }),
            _ => {}
        }
    }

    fn missing(&self, cell: Cell) -> Step {
        let name = &self.map.services[self.service].name;
        let what = match self.kind {
            ServiceKind::Deployed => "a deployed service",
            ServiceKind::Library => "a library",
            ServiceKind::Infrastructure => "infrastructure",
            ServiceKind::Configuration => "a configuration repository",
            ServiceKind::Site => "a site",
        };
        let why = match cell {
            Cell::Build => format!("nothing here builds {name}; a build command or an image build would"),
            Cell::Test => format!("nothing here tests {name}; a test command in a pipeline, script or target would"),
            Cell::Publish => format!("{name} ships, and nothing here pushes it anywhere; a push of its image or package would"),
            Cell::Provision => {
                format!("the repository holds infrastructure, and nothing applies that of {name}; an apply that reaches it would")
            }
            Cell::Deploy => {
                format!("nothing here puts {name} into an environment; a deploy command or a controller's object would")
            }
            Cell::Verify => {
                format!("nothing checks {name} after it is deployed; a rollout status, a health check or a smoke test would")
            }
        };
        let why = format!("the path of {what} has this stage, and {why}");
        Step {
            span: None,
            stage: cell.stage(),
            kind: None,
            also: Vec::new(),
            means: None,
            environment: None,
            services: BTreeSet::from([self.service]),
            blocking: false,
            confidence: Confidence::Certain,
            flags: BTreeSet::new(),
            text: String::new(),
            distinct: format!("missing {cell} {name}"),
            row: String::new(),
            unit: None,
            look_only: false,
            no_workload: false,
            third_party: false,
            ways: Vec::new(),
            why_missing: Some(why),
        }
    }

    /// How the service reaches production; the best way counts.
    fn verdict(&self, production: &[usize], deploys: &[usize], beyond: bool) -> (Verdict, Option<usize>) {
        let candidates: Vec<usize> = match self.kind {
            ServiceKind::Library => self.own.iter().copied().filter(|i| self.step(*i).fills(Stage::Publish)).collect(),
            ServiceKind::Infrastructure => {
                let applies: Vec<usize> = self.own.iter().copied().filter(|i| self.fills(*i, Cell::Provision)).collect();
                self.to_production(&applies)
            }
            _ => production.to_vec(),
        };
        let best = candidates
            .iter()
            .flat_map(|i| self.step(*i).ways.iter().map(move |w| (verdict_of(w), *i)))
            .min_by_key(|(v, i)| (*v, *i));
        if let Some((verdict, step)) = best {
            return (verdict, Some(step));
        }
        if deploys.iter().any(|i| self.step(*i).flags.contains(&Flag::Elsewhere)) {
            return (Verdict::Elsewhere, deploys.first().copied());
        }
        let unreadable = deploys.iter().any(|i| matches!(self.tier(self.step(*i)), None | Some(Tier::Unknown)));
        // A pipeline that is not read may take to production what those that are read take no further than to a test environment.
        if unreadable || (beyond && (deploys.is_empty() || self.holdings.unread_pipelines)) {
            (Verdict::Unknown, deploys.first().copied())
        } else {
            (Verdict::None, None)
        }
    }
}

fn verdict_of(way: &Way) -> Verdict {
    match way.automation {
        Automation::Automated => match origin(way) {
            Some(Event::Tag) => Verdict::OnTag,
            Some(Event::Schedule) => Verdict::OnSchedule,
            // What calls from outside is in no file.
            Some(Event::Api) => Verdict::Unknown,
            Some(Event::Change) if way.on == Some(RefKind::Change) => Verdict::None,
            _ if way.on == Some(RefKind::Tag) => Verdict::OnTag,
            _ => Verdict::EveryCommit,
        },
        Automation::PushButton => {
            // Where a push began it, a person only lets it go on, whatever the vendor calls the button.
            if origin(way) == Some(Event::Manual) { Verdict::ByButton } else { Verdict::AfterApproval }
        }
        Automation::Manual => Verdict::ByHand,
        Automation::Missing => Verdict::None,
    }
}

/// The event that everything on a way goes back to.
fn origin(way: &Way) -> Option<Event> {
    way.chain.iter().find(|l| l.kind == LinkKind::Event).and_then(|l| Event::parse(&l.name)).or(way.event)
}
