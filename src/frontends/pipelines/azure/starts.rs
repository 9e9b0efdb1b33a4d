//! What starts a pipeline: <https://learn.microsoft.com/azure/devops/pipelines/build/triggers>.

use super::filter::Filter;
use super::shared::{Shared, variable};
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::runs::{self, Pattern, Refs};
use crate::model::{Event, HOLE, Start, Value, named_pipeline};
use crate::source::{SourceFile, SourceSet, Span};
use std::collections::BTreeSet;

/// What a pipeline's starts depend on beside its file.
pub(super) struct Around<'a> {
    /// The trunk's name; empty: any.
    pub trunk: &'a str,
    /// Paths of all pipelines.
    pub paths: &'a BTreeSet<&'a str>,
    /// The repository stands where `pr` is honoured: it is not in Azure Repos.
    pub changes: bool,
}

/// Whether something in the repository says that it is not in Azure Repos, which knows no `pr`.
pub(super) fn builds_changes(sources: &SourceSet, read: &[(&SourceFile, Data)]) -> bool {
    let hosted = [".github", ".bitbucket"].iter().any(|dir| sources.dirs.contains(*dir));
    hosted || sources.get("bitbucket-pipelines.yml").is_some() || read.iter().any(|(_, root)| root.pair("pr").is_some())
}

/// A `trigger` or `pr`.
enum Trigger {
    /// It is not given.
    Implied,
    /// `none`
    None,
    /// By branches, by tags.
    By(Box<By>),
}

#[derive(Default)]
struct By {
    branches: Option<Filter>,
    tags: Option<Filter>,
    batch: bool,
}

impl Trigger {
    fn of(pair: Option<&Pair>) -> Self {
        let Some(data) = pair.map(|p| &p.value).filter(|v| !v.is_null()) else { return Self::Implied };
        if data.str() == Some("none") || data.get_str("enabled") == Some("false") {
            return Self::None;
        }
        let by = if data.is_map() {
            let filter = |key: &str, kind: &str| data.get(key).map(|d| Filter::of(d, kind));
            By {
                branches: filter("branches", "heads"),
                tags: filter("tags", "tags"),
                batch: data.get_str("batch") == Some("true"),
            }
        } else {
            let tags = Filter::of(data, "tags");
            let only_tags = data.texts().iter().all(|t| t.starts_with("refs/tags/"));
            let named = data.texts().iter().any(|t| t.starts_with("refs/tags/"));
            By { branches: (!only_tags).then(|| Filter::of(data, "heads")), tags: named.then_some(tags), batch: false }
        };
        Self::By(Box::new(by))
    }
}

/// The automatic starts of a pipeline, and the line at which a person would start it.
pub(super) struct Automatic {
    pub starts: Vec<Start>,
    pub refs: Refs,
    /// Where a manual start stands: the line that says that nothing else starts it.
    pub place: Span,
    /// Paths whose change starts it.
    pub paths: Vec<String>,
}

struct Make<'a> {
    path: &'a str,
    root: &'a Data,
    around: &'a Around<'a>,
    refs: Refs,
    first: Span,
    out: Vec<Start>,
}

/// The starts that no person makes.
pub(super) fn automatic(file: &SourceFile, root: &Data, shared: &Shared, around: &Around<'_>) -> Automatic {
    let trigger = Trigger::of(root.pair("trigger"));
    let pr = Trigger::of(root.pair("pr"));
    let mut branches: Vec<Pattern> = shared.branches.borrow().clone();
    let mut tags: Vec<Pattern> = shared.tags.borrow().clone();
    if let Trigger::By(by) = &trigger {
        branches.extend(by.branches.iter().flat_map(Filter::patterns).cloned());
        tags.extend(by.tags.iter().flat_map(Filter::patterns).cloned());
    }
    for schedule in root.get("schedules").map(Data::items).unwrap_or_default() {
        branches.extend(schedule.get("branches").into_iter().flat_map(|b| Filter::of(b, "heads").include));
    }
    branches.retain(|p| !matches!(p, Pattern::Name(n) | Pattern::Glob(n) if n.is_empty() || n.contains("${{")));
    let first = Span::new(file.id, 0, file.text.lines().next().map_or(0, str::len));
    let refs = Refs::new(around.trunk, &branches, &tags);
    let mut make = Make { path: &file.path, root, around, refs, first, out: Vec::new() };
    make.pushes(&trigger);
    make.changes(&pr, matches!(trigger, Trigger::None));
    make.schedules();
    make.resources();
    let place = root.pair("trigger").or_else(|| root.pair("pr")).map_or(first, |p| p.span);
    let paths = root.at(&["trigger", "paths"]).map(|p| p.get("include").unwrap_or(p).texts()).unwrap_or_default();
    let paths = paths.into_iter().map(|p| p.trim_start_matches('/').to_owned()).collect();
    Automatic { starts: make.out, refs: make.refs, place, paths }
}

impl Make<'_> {
    fn span(&self, key: &str) -> Span {
        self.root.pair(key).map_or(self.first, |p| p.span)
    }

    fn add(&mut self, mut start: Start, reason: &[&str]) {
        complete(&mut start, reason);
        self.out.push(start);
    }

    fn pushes(&mut self, trigger: &Trigger) {
        let any = By { branches: Some(Filter::default()), ..By::default() };
        let by = match trigger {
            Trigger::None => return,
            Trigger::Implied => &any,
            Trigger::By(by) => by,
        };
        let span = self.span("trigger");
        let reasons: &[&str] = if by.batch { &["BatchedCI", "IndividualCI"] } else { &["IndividualCI"] };
        // With tags alone no branch starts it; with neither every branch does.
        let all = Filter::default();
        let branches = by.branches.as_ref().or(if by.tags.is_none() { Some(&all) } else { None });
        if let Some(filter) = branches {
            for start in self.refs.push(span) {
                if filter.passes(&start.fact(runs::BRANCH)) {
                    self.add(start, reasons);
                }
            }
        }
        if let Some(filter) = &by.tags {
            for start in self.refs.tag(span) {
                if filter.passes(&start.fact(runs::TAG)) {
                    self.add(start, reasons);
                }
            }
        }
    }

    /// A change: where `pr` is not given, every change starts it, but for Azure Repos; where nothing else does and nothing
    /// tells the host, that is not assumed.
    fn changes(&mut self, pr: &Trigger, only: bool) {
        let filter = match pr {
            Trigger::None => return,
            Trigger::Implied if only && !self.around.changes => return,
            Trigger::Implied => Filter::default(),
            Trigger::By(by) => by.branches.clone().unwrap_or_default(),
        };
        let assumed = only && matches!(pr, Trigger::Implied);
        for mut start in self.refs.change(self.span("pr")) {
            start.assumed = assumed;
            if !filter.passes(&start.fact(runs::TARGET)) {
                let Some(name) = filter.include.iter().find_map(Pattern::sample) else { continue };
                start.set(runs::TARGET, Value::text(name));
            }
            self.add(start, &["PullRequest"]);
        }
    }

    fn schedules(&mut self) {
        for schedule in self.root.get("schedules").map(Data::items).unwrap_or_default() {
            let filter = schedule.get("branches").map(|b| Filter::of(b, "heads")).unwrap_or_default();
            let mut starts = vec![self.refs.on_trunk(Event::Schedule, schedule.item)];
            starts.extend(self.refs.on_others(Event::Schedule, schedule.item));
            let name = schedule.get_str("displayName").unwrap_or("");
            for mut start in starts {
                if filter.passes(&start.fact(runs::BRANCH)) {
                    start.set(&variable("Build.CronSchedule.DisplayName"), Value::text(name));
                    self.add(start, &["Schedule"]);
                }
            }
        }
    }

    /// Other pipelines, repositories, images and packages: <https://learn.microsoft.com/azure/devops/pipelines/process/resources>.
    fn resources(&mut self) {
        let Some(resources) = self.root.get("resources") else { return };
        for pair in resources.pairs() {
            for resource in pair.value.items() {
                let event = if &*pair.key == "webhooks" { Event::Api } else { Event::Upstream };
                let trigger = resource.pair("trigger").filter(|t| {
                    let enabled = t.value.get_str("enabled").or(t.value.str()).unwrap_or("true");
                    !matches!(enabled, "none" | "false")
                });
                let span = match (&*pair.key, trigger) {
                    ("webhooks", trigger) => trigger.map_or(resource.item, |t| t.span),
                    (_, Some(trigger)) => trigger.span,
                    _ => continue,
                };
                let mut start = self.refs.on_trunk(event, span);
                if &*pair.key == "pipelines" {
                    start.after = self.pipeline(resource);
                }
                if !start.after.is_empty() {
                    let ours = [runs::BRANCH, runs::REF, runs::TAG, "env.BUILD_SOURCEBRANCH", "env.BUILD_SOURCEBRANCHNAME"];
                    start.carry = ours.iter().map(|n| ((*n).to_owned(), (*n).to_owned())).collect();
                }
                self.add(start, &["ResourceTrigger"]);
            }
        }
    }

    /// The path of the pipeline whose end starts this one, where a file of this repository has the name that it has on the
    /// server.
    fn pipeline(&self, resource: &Data) -> Vec<String> {
        let Some(source) = resource.get_str("source").filter(|_| resource.get("project").is_none()) else { return Vec::new() };
        let others = self.around.paths.iter().copied().filter(|path| *path != self.path);
        named_pipeline(source, others).map(str::to_owned).into_iter().collect()
    }
}

/// Predefined variables: <https://learn.microsoft.com/azure/devops/pipelines/build/variables>.
pub(super) fn complete(start: &mut Start, reason: &[&str]) {
    let kind = start.fact(runs::REF);
    let (branch, tag, target) = (start.fact(runs::BRANCH), start.fact(runs::TAG), start.fact(runs::TARGET));
    let is_change = kind.known() == Some("change");
    let (full, short) = match kind.known() {
        Some("tag") => (Value::text(format!("refs/tags/{}", tag.shown())), last(&tag)),
        Some("change") => (Value::text(format!("refs/pull/{HOLE}/merge")), Value::text("merge")),
        _ => (Value::text(format!("refs/heads/{}", branch.shown())), last(&branch)),
    };
    let nothing = || Value::text("");
    let of_change = |value: Value| if is_change { value } else { nothing() };
    let facts = [
        ("Build.Reason", Value::one_of(reason.iter().map(|r| (*r).to_owned()).collect())),
        ("Build.SourceBranch", full),
        ("Build.SourceBranchName", short),
        // Azure Repos gives the full name, others the short one.
        ("System.PullRequest.TargetBranch", of_change(full_or_short(&target))),
        ("System.PullRequest.TargetBranchName", of_change(target.clone())),
        ("System.PullRequest.SourceBranch", of_change(Value::Unknown)),
        ("System.PullRequest.PullRequestId", of_change(Value::Unknown)),
        ("System.PullRequest.PullRequestNumber", of_change(Value::Unknown)),
        ("Build.CronSchedule.DisplayName", nothing()),
        ("Build.SourcesDirectory", Value::text(".")),
        ("Build.Repository.LocalPath", Value::text(".")),
        ("System.DefaultWorkingDirectory", Value::text(".")),
        ("TF_BUILD", Value::text("True")),
    ];
    for (name, value) in facts {
        let name = variable(name);
        if !start.facts.iter().any(|(n, _)| *n == name) {
            start.facts.push((name, value));
        }
    }
}

fn full_or_short(branch: &Value) -> Value {
    match branch.known() {
        Some(name) => Value::one_of(vec![format!("refs/heads/{name}"), name.to_owned()]),
        None => Value::Unknown,
    }
}

/// The last part of a branch's name.
fn last(name: &Value) -> Value {
    match name {
        Value::Text(text) => Value::text(text.rsplit('/').next().unwrap_or(text)),
        other => other.clone(),
    }
}
