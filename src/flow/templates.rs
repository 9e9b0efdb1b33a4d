//! Templates that nothing applies: one manual step each, over the whole file (model ruling 8). The contract's list of orphans
//! has no kind for them, so that they are none.

use super::attribution::Attribution;
use super::occurrence::Hint;
use super::reach::Reached;
use crate::catalogue::Catalogue;
use crate::catalogue::resources::Resources;
use crate::model::{Automation, Confidence, Means, Program, Stage, Step, Template, Tier, UnitKind, Way};
use crate::source::paths::is_named_by;
use crate::source::{SourceFile, SourceSet};
use std::collections::BTreeSet;

/// Suffixes of documents.
const DOCUMENTS: &[&str] = &["md", "markdown", "adoc", "asciidoc", "rst"];

/// Folders of what stands beside the product.
const ASIDE: &[&str] = &["contrib", "hack", "test-infra", "benchmark", "benchmarks", "demo", "demos"];

/// The manual steps of templates that nothing applies, as far as that is sure: where something applies one that is not named, or
/// another file names it, it is left open.
pub fn unapplied(
    program: &Program,
    reached: &Reached,
    sources: &SourceSet,
    catalogue: &Catalogue,
    attribution: &Attribution,
) -> Vec<Step> {
    if !program.unread_pipelines.is_empty() {
        return Vec::new();
    }
    let words = catalogue.words();
    let left = program.templates.iter().filter(|t| {
        t.whole
            && !reached.vague.contains(&t.tool)
            && !reached.applied.keys().chain(&reached.documented).any(|named| is_named_by(&t.path, named))
            && !words.fixture_path(&t.path)
            && !t.dir().split('/').any(|folder| ASIDE.contains(&folder))
            && !words.local_file(&t.path)
            && !words.documented_sample(&t.path)
            && !program.templates.iter().any(|other| other.takes_in(t))
            && !holds_a_pipeline(program, t)
            && !is_mentioned(t, sources)
            && !is_offered(t, sources)
    });
    let steps = left.map(|t| {
        let images = t.images.iter().map(|i| Hint::Name(i.name.clone()));
        let mut hints: Vec<Hint> = images.filter(|h| !matches!(h, Hint::Name(n) if n.is_empty())).collect();
        hints.push(Hint::Path(t.path.clone()));
        Step { services: attribution.by_hints(&hints, None), ..step(t, program, catalogue) }
    });
    steps.collect()
}

/// The manual steps of stacks for production that no command names, of projects that only a person applies: one over each
/// stack's file of settings. What a pipeline applies is not known to be applied for others by hand.
pub fn forgotten_stacks(
    program: &Program,
    reached: &Reached,
    steps: &[Step],
    sources: &SourceSet,
    catalogue: &Catalogue,
    attribution: &Attribution,
) -> Vec<Step> {
    let names = catalogue.environments();
    let mut out = Vec::new();
    for template in program.templates.iter().filter(|t| !t.stacks.is_empty() && !reached.vague.contains(&t.tool)) {
        let applied = reached.applied.iter().filter(|(path, _)| is_named_by(&template.path, path));
        let by_pipeline = applied.clone().any(|(_, level)| *level > Automation::Manual);
        let documented = reached.documented.iter().any(|path| is_named_by(&template.path, path));
        if by_pipeline || !(documented || applied.count() > 0) || catalogue.words().fixture_path(&template.path) {
            continue;
        }
        for (stack, path) in &template.stacks {
            let Some(environment) = names.find_in(stack).filter(|e| names.tier(e) == Tier::Production) else { continue };
            // A command that names no stack may be for this one.
            let is_for = |s: &Step| match &s.environment {
                Some(of) => *of == environment,
                None => s.kind.as_deref() == Some("apply") && s.row.starts_with(template.tool.as_str()),
            };
            let named = steps.iter().any(|s| s.stage == Stage::Provision && !s.look_only && is_for(s));
            if named {
                continue;
            }
            let span = sources.get(path).map(SourceFile::whole);
            let services = attribution.by_hints(&[Hint::Path(path.clone())], None);
            let (text, distinct) = (path.clone(), format!("template {path}"));
            let of_project = step(template, program, catalogue);
            let span = span.or(of_project.span);
            out.push(Step { span, services, environment: Some(environment), text, distinct, ..of_project });
        }
    }
    out
}

/// Whether the template is that of a pipeline, which is how the repository's own pipeline is written.
fn holds_a_pipeline(program: &Program, template: &Template) -> bool {
    let file = program.unit(template.unit).span.file;
    program.units.iter().any(|u| matches!(u.kind, UnitKind::Pipeline | UnitKind::Action) && u.span.file == file)
}

/// Whether another file that is no document names it: a helper program or a list may apply it.
fn is_mentioned(template: &Template, sources: &SourceSet) -> bool {
    let name = template.path.rsplit('/').next().unwrap_or("");
    let usual =
        Resources::of(&template.tool).is_read(name) || matches!(name, "main.bicep" | "azuredeploy.json" | "template.json");
    let folder = template.dir().rsplit('/').next().unwrap_or("");
    // A project is meant by its folder or where it is called, not by the name that every project's file has.
    let needle = if !usual {
        name.to_owned()
    } else if folder.is_empty() {
        return false;
    } else {
        format!("{folder}/{name}")
    };
    let others = sources.files().iter().filter(|f| f.path != template.path && !is_document(f) && f.name() != "samconfig.toml");
    others.into_iter().any(|f| f.text.contains(&needle))
}

/// Whether a document offers it to its readers, for an account of their own.
fn is_offered(template: &Template, sources: &SourceSet) -> bool {
    let tables = Resources::of(&template.tool);
    sources.files().iter().filter(|f| is_document(f)).any(|f| tables.is_offered_by(&f.text))
}

fn is_document(file: &SourceFile) -> bool {
    file.name().rsplit_once('.').is_some_and(|(_, ext)| DOCUMENTS.contains(&ext.to_ascii_lowercase().as_str()))
}

fn step(template: &Template, program: &Program, catalogue: &Catalogue) -> Step {
    let unit = program.unit(template.unit);
    let names = catalogue.environments();
    let literal = template.environment_literals.iter().find_map(|(_, value)| names.find_in(value));
    let kind = if template.images.is_empty() { "apply" } else { "machine-image" };
    Step {
        span: Some(unit.span),
        stage: template.stage,
        kind: Some(if template.stage == Stage::Deploy { "lambda" } else { kind }.to_owned()),
        also: template.also.clone(),
        means: Some(Means::Command),
        environment: literal.or_else(|| names.find_in(&template.path)),
        services: BTreeSet::new(),
        blocking: true,
        confidence: Confidence::Certain,
        flags: BTreeSet::new(),
        text: template.path.clone(),
        distinct: format!("template {}", template.path),
        row: "template".to_owned(),
        unit: Some(template.unit),
        look_only: false,
        no_workload: template.workloads != Some(true),
        third_party: false,
        ways: vec![Way::by_hand(unit)],
        why_missing: None,
    }
}
