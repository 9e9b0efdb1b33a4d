//! Platforms that apply Terraform roots when their repository is pushed to, as resources of Terraform declare it: workspaces of
//! Terraform Cloud (<https://developer.hashicorp.com/terraform/cloud-docs/workspaces/settings/vcs>), stacks of Spacelift
//! (<https://docs.spacelift.io/concepts/stack>), workspaces of Scalr. Which resources these are is said by `resources.yaml`.
//!
//! What asks reviewers of an environment is declared in the same way, for the repository that it names.

use super::Input;
use super::data::{Data, Kind};
use super::reader::Reader;
use super::resources::terraform::Terraform;
use super::resources::{Object, REFERENCE, below, field, pair, switch};
use super::runs::{BRANCH, Pattern, Refs};
use crate::catalogue::resources::{Resources, Run};
use crate::frontends::scripts::shell::Masked;
use crate::model::{Event, Expr, GateDecl, GateKind, HOLE, Item, Program, Review, Start, Unit, UnitKind};
use crate::source::paths::join;
use crate::source::{SourceFile, Span};

/// The folder of the tables.
pub(super) const VENDOR: &str = "terraform";

/// Types of resources that are a repository, by whose name others mean it.
const REPOSITORIES: &[&str] = &["github_repository", "gitlab_project"];

/// No file is read for its branches: what names none follows the trunk.
pub fn branches(_: &SourceFile) -> Vec<String> {
    Vec::new()
}

/// Whether a repository is this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Ours,
    Others,
    /// Only a run knows which it is.
    Open,
}

/// All platforms' resources, and what declares reviewers.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    let tables = Resources::terraform();
    let mut terraform = Terraform::new(input.sources, input.catalogue);
    let repositories = terraform.resources(REPOSITORIES);
    for run in tables.runs() {
        let kinds: Vec<&str> = run.types.iter().map(String::as_str).collect();
        let arguments: Vec<&str> = run.arguments.iter().map(String::as_str).collect();
        let mut objects = terraform.resources(&kinds);
        if !arguments.is_empty() {
            objects.extend(terraform.calls(&arguments));
        }
        for object in &objects {
            apply(input, run, object, &repositories, program);
        }
    }
    for review in tables.reviews() {
        let kinds: Vec<&str> = review.types.iter().map(String::as_str).collect();
        for object in terraform.resources(&kinds) {
            let Some(asked) = review.reviewers.iter().find_map(|key| pair(&object.data, key)).filter(|p| asks(&p.value)) else {
                continue;
            };
            let whose = review.repository.iter().find_map(|key| field(&object.data, key));
            let environment = field(&object.data, &review.environment).and_then(known);
            match (whose.map_or(Whose::Open, |d| whose_is(d, &repositories, program)), environment) {
                (Whose::Ours, Some(environment)) => {
                    program.reviews.push(Review { environment: environment.to_owned(), gate: asked.span });
                }
                (Whose::Others, _) => {}
                _ => program
                    .unknowns
                    .push((object.span, "whose environment these reviewers guard is only known when it is applied".to_owned())),
            }
        }
    }
}

/// Whether a value names persons, or a number of them.
fn asks(value: &Data) -> bool {
    match &value.kind {
        Kind::List(items) => !items.is_empty(),
        Kind::Map(pairs) => pairs.is_empty() || pairs.iter().any(|p| asks(&p.value)),
        _ => value.str().is_none_or(|text| !matches!(text, "" | "0" | "false")),
    }
}

/// A text that is known whole.
fn known(data: &Data) -> Option<&str> {
    data.str().filter(|t| data.tag.is_none() && !t.is_empty() && !t.contains(HOLE))
}

fn whose_is(data: &Data, repositories: &[Object], program: &Program) -> Whose {
    let referred = || {
        let object = repositories.iter().find(|o| o.is_meant_by(data))?;
        ["path", "name"].iter().find_map(|key| field(&object.data, key).and_then(known))
    };
    let name = if data.tag.as_deref() == Some(REFERENCE) { referred() } else { known(data) };
    match name.map(|n| n.trim_end_matches(".git").rsplit('/').next().unwrap_or(n)) {
        None => Whose::Open,
        Some(name) if name.eq_ignore_ascii_case(&program.repository) => Whose::Ours,
        Some(_) => Whose::Others,
    }
}

/// The pipeline of one workspace or stack: what is pushed is planned, confirmed by a person unless that is off, and applied.
fn apply(input: &Input<'_>, run: &Run, object: &Object, repositories: &[Object], program: &mut Program) {
    let at = |path: &str| below(&object.data, &path.split('.').collect::<Vec<_>>());
    let Some(repository) = at(&run.repository) else { return };
    let name = run.name.iter().find_map(|key| known(at(key)?)).unwrap_or(&object.label);
    let whose = whose_is(repository, repositories, program);
    let dir = match at(&run.dir) {
        None => Some(String::new()),
        Some(data) => data.str().filter(|d| d.chars().any(|c| c != HOLE)).and_then(|d| join("", d)),
    };
    match (whose, dir) {
        (Whose::Others, _) => {}
        (Whose::Ours, Some(dir)) if dir.contains(HOLE) || input.sources.dirs.contains(&dir) => {
            let mut texts = run.environment.iter().filter_map(|key| at(key)).flat_map(Data::texts);
            let environment = texts.find_map(|t| input.catalogue.environments().find_in(t));
            let gate = (switch(&object.data, &run.automatic) != Some(true)).then(|| GateDecl {
                kind: GateKind::Approval,
                span: pair(&object.data, &run.automatic).map_or(Span { end: object.span.start, ..object.span }, |p| p.span),
                name: name.to_owned(),
                blocking: true,
            });
            let text = format!("{}: {name}", run.platform);
            let one = Applied { name, dir: &dir, environment: environment.as_deref(), span: object.span };
            let mut job = one.job(input, "apply", &text, gate, program);
            if object.kind == "module" && field(&object.data, &run.automatic).is_none() {
                // Another repository's module decides it.
                job.when = Expr::Unknown("whether a person confirms is a default of the module".to_owned());
            }
            let mut unit = Unit::new(UnitKind::Pipeline, text, object.span);
            unit.dir = Some(Expr::lit(""));
            unit.starts = starts(at(&run.branch).and_then(known), input.trunk, object.span);
            unit.jobs = vec![program.add(job)];
            program.add(unit);
        }
        (whose, dir) => {
            program.perhaps_applied.extend(dir.filter(|_| whose == Whose::Open));
            let why = format!("what {} applies here is only known when it is set up", run.platform);
            program.unknowns.push((object.span, why));
        }
    }
}

/// A root that a platform applies.
pub(super) struct Applied<'a> {
    pub(super) name: &'a str,
    pub(super) dir: &'a str,
    pub(super) environment: Option<&'a str>,
    pub(super) span: Span,
}

impl Applied<'_> {
    /// A job that plans or applies it, past a gate where there is one.
    pub(super) fn job(&self, input: &Input<'_>, what: &str, text: &str, gate: Option<GateDecl>, program: &mut Program) -> Unit {
        let nothing = |_: &str| -> Vec<Masked> { Vec::new() };
        let reader = &mut Reader::new(input.catalogue, program, VENDOR, &nothing);
        let given = [("dir", Some(self.dir)), ("environment", self.environment)];
        let inputs: Vec<(String, Data)> = given
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), Data::scalar_at(value.filter(|v| !v.is_empty())?, self.span))))
            .collect();
        let mut job = Unit::new(UnitKind::Job, self.name, self.span);
        job.dir = Some(Expr::lit(""));
        job.body.extend(gate.map(Item::Gate));
        job.body.push(reader.built_in(what, "", &inputs, self.span, text));
        job
    }
}

/// A push to the branch that is followed; to the trunk where none is named.
fn starts(branch: Option<&str>, trunk: &str, span: Span) -> Vec<Start> {
    let first = Span { end: span.start, ..span };
    let named: Vec<Pattern> = branch.map(|b| Pattern::Name(b.to_owned())).into_iter().collect();
    let refs = Refs::new(trunk, &named, &[]);
    let follows = |s: &Start| s.facts.iter().any(|(n, v)| n == BRANCH && v.known().is_some() && v.known() == branch);
    let found: Vec<Start> = refs.push(first).into_iter().filter(follows).collect();
    if found.is_empty() || trunk.is_empty() { vec![refs.on_trunk(Event::Push, first)] } else { found }
}
