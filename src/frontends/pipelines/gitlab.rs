//! GitLab CI/CD (<https://docs.gitlab.com/ci/yaml/>).
//!
//! A configuration is put together as GitLab does it: includes and inputs, then `extends`, then `!reference`, then defaults.
//! Names that expressions read: `env.NAME` for variables, predefined ones as facts of a start; `given.NAME` for variables
//! that the workflow or the pipeline above sets; `input.NAME` for inputs that nobody gave.

mod condition;
mod extend;
mod files;
mod include;
mod inputs;
mod jobs;
mod pipeline;
mod rules;
mod script;
mod seen;
mod starts;
mod trigger;
mod variables;

use super::Input;
use super::data::Data;
use super::reader::Reader;
use crate::frontends::scripts::shell::Masked;
use crate::model::{Expr, Program};
use crate::source::siblings::Ask;
use crate::source::{SourceFile, Span};
use crate::syntax::mask::mask;
use files::Files;
use include::Includes;
use pipeline::Front;
use std::collections::BTreeSet;

/// The folder of the vendor's tables.
const VENDOR: &str = "gitlab-ci";

/// How a pipeline was started.
const SOURCE: &str = "env.CI_PIPELINE_SOURCE";

/// The ref's name as conditions see `CI_COMMIT_REF_SLUG`. Scripts do not see it: where images are called after branches, a
/// branch would pass for the image's own name.
const SLUG: &str = "ci.slug";

/// Branches that a file names in conditions, as often as it does.
pub(super) fn branches(file: &SourceFile) -> Vec<String> {
    let mut program = Program::default();
    let mut files = Files::default();
    seen::survey(&files.body(file, &mut program)).named
}

/// Expressions of the vendor in a text that are left: inputs that nobody gave.
fn expressions(text: &str) -> Vec<Masked> {
    let (_, masks) = mask(text, inputs::OPEN, inputs::CLOSE);
    masks
        .into_iter()
        .map(|m| Masked {
            range: m.range,
            expr: match inputs::name_of(&m.expression) {
                Some((name, None)) if !name.starts_with("component.") => Expr::Var(format!("input.{name}")),
                _ => Expr::Unknown(m.expression.clone()),
            },
        })
        .collect()
}

/// Translate the pipeline of the repository: the file at its root, with what it includes.
pub(super) fn translate(input: &Input<'_>, program: &mut Program) {
    run(input, program);
}

/// Files of other repositories that the pipeline includes.
pub(super) fn asks(input: &Input<'_>) -> BTreeSet<Ask> {
    run(input, &mut Program::default())
}

fn run(input: &Input<'_>, program: &mut Program) -> BTreeSet<Ask> {
    let root = input.files.iter().find(|f| matches!(f.path.as_str(), ".gitlab-ci.yml" | ".gitlab-ci.yaml"));
    let Some(root) = root else {
        unclaimed(input, program);
        return BTreeSet::new();
    };
    let mut files = translated(root, false, Files::default(), input, program);
    for own in input.sources.files().iter().filter(|f| of_environment(f, input)) {
        if !files.has_read(own) && runs_jobs(&files.body(own, program)) {
            files = translated(own, true, files, input, program);
        }
    }
    files.asks
}

/// Translate a pipeline with what it includes; `assumed`: only the project's settings can say that it runs.
fn translated(root: &SourceFile, assumed: bool, mut files: Files, input: &Input<'_>, program: &mut Program) -> Files {
    let expanded = Includes::new(input.sources, &mut files, program).file(root);
    let mut front = Front {
        reader: Reader::new(input.catalogue, program, VENDOR, &expressions),
        sources: input.sources,
        trunk: if input.trunk.is_empty() { "main" } else { input.trunk },
        files,
        children: 0,
    };
    front.root(root, assumed, &expanded);
    front.files
}

/// Whether a file is called like a pipeline of one environment (`.gitlab-ci-prod.yml`): that of a project on another server,
/// whose settings name it (<https://docs.gitlab.com/ci/pipelines/settings/#specify-a-custom-cicd-configuration-file>).
fn of_environment(file: &SourceFile, input: &Input<'_>) -> bool {
    let between = file.path.strip_prefix(".gitlab-ci").and_then(|rest| rest.rsplit_once(".y")).map(|(name, _)| name);
    between.is_some_and(|name| {
        name.starts_with(['-', '_', '.']) && !name.contains('/') && input.catalogue.environments().find_in(name).is_some()
    })
}

/// Whether a configuration has a job of its own that runs something.
fn runs_jobs(body: &Data) -> bool {
    body.pairs().iter().any(|p| !p.key.starts_with('.') && p.value.get("script").is_some())
}

/// Without a file at the root, one elsewhere may be the pipeline by the project's settings; that is nowhere in the repository.
fn unclaimed(input: &Input<'_>, program: &mut Program) {
    for file in input.files {
        let mut files = Files::default();
        if runs_jobs(&files.body(file, &mut Program::default())) {
            let first = first_line(file);
            program
                .unknowns
                .push((first, "it runs only if the project's settings name it, or another project includes it".to_owned()));
        }
    }
}

/// The first line of a file that is neither empty nor a comment.
fn first_line(file: &SourceFile) -> Span {
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        let text = line.trim();
        if !text.is_empty() && !text.starts_with('#') && text != "---" {
            return Span::new(file.id, at, at + line.trim_end().len());
        }
        at += line.len();
    }
    Span::new(file.id, 0, 0)
}
