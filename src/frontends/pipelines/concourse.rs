//! Concourse: <https://concourse-ci.org/pipelines.html>, <https://concourse-ci.org/jobs.html>.
//!
//! Names that expressions read: `across.NAME` (the value of an `across` step), `env.NAME`; facts of a start are
//! `concourse.resource` (the resource whose new version triggers) and `concourse.job` (the job that a person starts).

mod expressions;
mod plan;
mod resources;

use super::Input;
use super::data::{self, Data};
use super::reader::Reader;
use super::runs::is;
use crate::model::{Expr, Item, Need, Program, Unit, UnitId, UnitKind};
use crate::source::{SourceFile, Span};
use plan::Site;
use resources::{Get, Resources};
use std::collections::{BTreeMap, BTreeSet};

/// The folder of the vendor's tables.
const VENDOR: &str = "concourse";
/// The resource whose new version starts a run.
const RESOURCE: &str = "concourse.resource";
/// The job that a person starts.
const JOB: &str = "concourse.job";
/// At most so many jobs of a pipeline are read.
const MAX_JOBS: usize = 2_000;

/// Branches of the git resources that trigger jobs.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let mut program = Program::default();
    data::read(file, &mut program).iter().flat_map(|root| Resources::of(root).branches(root)).collect()
}

/// Translate all pipelines.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    for file in input.files {
        for root in data::read(file, program) {
            if root.get("jobs").is_some_and(Data::is_list) {
                pipeline(input, file, &root, program);
            }
        }
    }
}

/// A job as it is written, with what of its plan decides when it runs.
struct Job<'d> {
    name: &'d str,
    data: &'d Data,
    gets: Vec<Get<'d>>,
    /// Resources that it makes new versions of.
    puts: Vec<&'d str>,
}

impl Job<'_> {
    /// Nothing triggers it: a person presses its button.
    fn by_button(&self) -> bool {
        !self.gets.iter().any(|g| g.trigger)
    }

    /// The first line of its list item: what makes it wait for a person.
    fn line(&self) -> Span {
        let first = self.data.pairs().first().map_or(self.data.item.end, |p| p.key_span.end);
        Span { end: first.max(self.data.item.start), ..self.data.item }
    }
}

fn pipeline(input: &Input<'_>, file: &SourceFile, root: &Data, program: &mut Program) {
    let resources = Resources::of(root);
    let jobs: Vec<Job<'_>> = root
        .get("jobs")
        .map(Data::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|data| {
            let (gets, puts) = plan::gets_and_puts(data);
            Some(Job { name: data.get_str("name")?, data, gets, puts })
        })
        .take(MAX_JOBS)
        .collect();
    let order = Order::of(&jobs, &resources);
    let checkouts = resources.checkouts();
    let expressions = |text: &str| expressions::masked(text, &checkouts);
    let mut reader = Reader::new(input.catalogue, program, VENDOR, &expressions);
    let mut unit = Unit::new(UnitKind::Pipeline, file.path.clone(), file.whole());
    unit.dir = Some(Expr::lit(""));
    for (at, job) in jobs.iter().enumerate() {
        let site = Site { sources: input.sources, resources: &resources, checkouts: &checkouts };
        unit.jobs.push(translate_job(at, job, &jobs, &order, &site, &mut reader));
    }
    let mut triggered: BTreeMap<&str, Span> = BTreeMap::new();
    for job in &jobs {
        for get in job.gets.iter().filter(|g| g.trigger && order.before_get(g, job).is_empty()) {
            triggered.entry(get.resource).or_insert(get.line);
        }
    }
    for (name, line) in triggered {
        unit.starts.extend(resources.starts(name, line, input.trunk));
    }
    for (at, job) in jobs.iter().enumerate() {
        if job.by_button() && order.before[at].is_empty() {
            unit.starts.push(resources::by_person(job.name, job.line(), input.trunk));
        }
    }
    reader.program.add(unit);
}

/// Which jobs must have run before which.
struct Order<'d> {
    /// For each job the jobs that it passed.
    before: Vec<BTreeSet<&'d str>>,
    /// For each job the buttons on its way, its own left out.
    buttons: Vec<BTreeSet<usize>>,
    /// Resources that exactly one job makes, by name: a new version is that job's.
    made_by: BTreeMap<&'d str, &'d str>,
}

impl<'d> Order<'d> {
    fn of(jobs: &[Job<'d>], resources: &Resources<'_>) -> Self {
        let mut makers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for job in jobs {
            for put in job.puts.iter().filter(|p| !resources.is_checkout(p)) {
                makers.entry(put).or_default().insert(job.name);
            }
        }
        let made_by = makers.into_iter().filter(|(_, m)| m.len() == 1).filter_map(|(r, m)| Some((r, m.into_iter().next()?)));
        let mut out = Self { before: Vec::new(), buttons: Vec::new(), made_by: made_by.collect() };
        out.before = jobs.iter().map(|j| j.gets.iter().flat_map(|g| out.before_get(g, j)).collect()).collect();
        out.buttons = (0..jobs.len()).map(|at| out.buttons_before(at, jobs)).collect();
        out
    }

    /// The jobs that an input waits for.
    fn before_get(&self, get: &Get<'d>, job: &Job<'d>) -> Vec<&'d str> {
        if !get.passed.is_empty() {
            return get.passed.clone();
        }
        let maker = self.made_by.get(get.resource).filter(|maker| get.trigger && **maker != job.name);
        maker.copied().into_iter().collect()
    }

    fn buttons_before(&self, of: usize, jobs: &[Job<'d>]) -> BTreeSet<usize> {
        let index = |name: &str| jobs.iter().position(|j| j.name == name);
        let mut seen = BTreeSet::from([of]);
        let mut open = vec![of];
        let mut out = BTreeSet::new();
        while let Some(at) = open.pop() {
            for before in self.before[at].iter().filter_map(|n| index(n)) {
                if seen.insert(before) {
                    open.push(before);
                    if jobs[before].by_button() {
                        out.insert(before);
                    }
                }
            }
        }
        out
    }
}

fn translate_job(
    at: usize,
    job: &Job<'_>,
    jobs: &[Job<'_>],
    order: &Order<'_>,
    site: &Site<'_>,
    reader: &mut Reader<'_>,
) -> UnitId {
    let mut unit = Unit::new(UnitKind::Job, job.name, job.data.item);
    unit.dir = Some(Expr::lit(""));
    unit.when = when(job, order);
    unit.needs = order.before[at].iter().map(|n| Need { optional: true, ..Need::of(*n) }).collect();
    let own = (job.by_button() && !order.before[at].is_empty()).then_some(at);
    for button in order.buttons[at].iter().copied().chain(own) {
        unit.body.push(Item::Gate(resources::button(jobs[button].name, jobs[button].line())));
    }
    unit.body.extend(plan::job(job.data, site, reader));
    unit.functions = std::mem::take(&mut reader.functions);
    reader.program.add(unit)
}

/// When a job runs: a resource that triggers it has a new version, or the jobs that such a resource passed have run; without
/// a trigger where its inputs have passed theirs, or a person started it.
fn when(job: &Job<'_>, order: &Order<'_>) -> Expr {
    let ran = |name: &str| {
        Expr::Compare(
            crate::model::Test::Equals,
            Box::new(Expr::Var(format!("needs.{name}.result"))),
            Box::new(Expr::lit("success")),
        )
    };
    let button = job.by_button();
    let mut any = Vec::new();
    for get in job.gets.iter().filter(|g| g.trigger || button) {
        let before = order.before_get(get, job);
        if !before.is_empty() {
            any.push(Expr::And(before.into_iter().map(ran).collect()));
        } else if get.trigger {
            any.push(is(RESOURCE, get.resource));
        }
    }
    if any.is_empty() { is(JOB, job.name) } else { Expr::Or(any) }
}
