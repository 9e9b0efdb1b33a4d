//! What the front ends of templates share: the unit that stands for one, and names.

use crate::catalogue::Catalogue;
use crate::catalogue::resources::{Resources, Workload};
use crate::frontends::infra::{content, literal_name, untagged};
use crate::model::{Declaration, DeclarationKind, Expr, FUNCTIONS_OF, HOLE, Program, Stage, Template, Unit, UnitKind};
use crate::source::{SourceFile, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Add a template that is a file, or the file that makes its folder a project.
pub(super) fn add(file: &SourceFile, tool: &str, program: &mut Program) -> Template {
    let mut unit = Unit::new(UnitKind::Template, &file.path, content(file));
    unit.dir = Some(Expr::lit(file.dir()));
    let unit = program.add(unit);
    Template {
        tool: tool.to_owned(),
        unit,
        path: file.path.clone(),
        stage: Stage::Provision,
        also: Vec::new(),
        workloads: None,
        parts: Vec::new(),
        whole: true,
        environment_literals: Vec::new(),
        images: Vec::new(),
        stacks: Vec::new(),
    }
}

/// A workload that a template declares.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) span: Span,
    pub(super) images: BTreeSet<String>,
}

/// Declare a workload of a template. An image of which nothing but the registry is known names nothing.
pub(super) fn declare(file: &SourceFile, found: Found, program: &mut Program) {
    program.declarations.push(Declaration {
        kind: DeclarationKind::Workload,
        name: found.name,
        span: found.span,
        dir: file.dir().to_owned(),
        images: found.images.into_iter().collect(),
        context: None,
        facts: BTreeMap::from([("type".to_owned(), found.kind)]),
    });
}

/// Declare a template whose functions are deployed together: one unit, under its own name where it has one.
pub(super) fn declare_unit(file: &SourceFile, name: Option<String>, functions: &[String], span: Span, program: &mut Program) {
    let stem = file.name().split('.').next().unwrap_or("");
    let read = ["serverless", "cloudformation", "pulumi"].iter().any(|t| Resources::of(t).is_read(file.name()));
    let folder = file.dir().rsplit('/').next().unwrap_or("");
    let mut facts = BTreeMap::from([("type".to_owned(), "functions".to_owned()), (FUNCTIONS_OF.to_owned(), functions.join(","))]);
    if name.is_some() {
        facts.insert("named".to_owned(), "true".to_owned());
    }
    program.declarations.push(Declaration {
        kind: DeclarationKind::Workload,
        name: name.unwrap_or_else(|| if read { folder.to_owned() } else { stem.to_owned() }),
        span,
        dir: file.dir().to_owned(),
        images: Vec::new(),
        context: None,
        facts,
    });
}

/// An image whose name is known.
pub(super) fn image(text: &str) -> Option<String> {
    let image = untagged(text)?;
    let last = image.rsplit('/').next()?;
    last.chars().any(|c| c.is_alphanumeric() && c != HOLE).then_some(image)
}

/// What a workload without a name of its own is called after: the image that it runs, where nobody else makes it.
pub(super) fn named_by(images: &BTreeSet<String>) -> Option<String> {
    let words = Catalogue::embedded().words();
    let own = images.iter().find(|i| !words.third_party_image(i))?;
    own.rsplit('/').next().and_then(literal_name)
}

/// Whether a resource of this kind is a workload, by the attributes that it has.
pub(super) fn is_workload(row: &Workload, has: &dyn Fn(&str) -> bool) -> bool {
    !row.unless.iter().any(|a| has(a)) && (row.needs.is_empty() || row.needs.iter().any(|a| has(a)))
}

/// A text with what stands between `open` and `close` as holes.
pub(super) fn masked(text: &str, open: &str, close: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(open) {
        out.push_str(&rest[..at]);
        out.push(HOLE);
        rest = rest[at..].find(close).map_or("", |end| &rest[at + end + close.len()..]);
    }
    out.push_str(rest);
    out
}

/// The part of a path that is known: what stands behind its last hole and scheme.
pub(super) fn tail(path: &str) -> Option<String> {
    let path = path.rsplit(HOLE).next().unwrap_or(path).replace('\\', "/");
    let path = path.rsplit("amazonaws.com/").next().unwrap_or("");
    let path = path.trim_start_matches("./").trim_start_matches("../").trim_start_matches('/');
    let name = path.rsplit('/').next().unwrap_or("");
    (name.contains('.') && !path.contains("://")).then(|| path.to_owned())
}
