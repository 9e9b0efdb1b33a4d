//! Front end of CloudFormation and SAM templates: what they declare, and the file as something that is applied as a whole.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>,
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>

use super::literal_name;
use super::templates::{self, Found, masked};
use crate::catalogue::resources::{Resources, Workload};
use crate::model::{HOLE, Program, Stage, Template};
use crate::source::paths::join;
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::toml;
use crate::syntax::yaml::{self, Node};
use std::collections::BTreeSet;

const TOOL: &str = "cloudformation";

/// Kinds that are functions of the unit that their template is.
const FUNCTIONS: &[&str] = &["AWS::Lambda::Function", "AWS::Serverless::Function"];

/// A resource of a template.
struct Resource<'t> {
    label: &'t str,
    kind: &'t str,
    properties: Option<Node<'t>>,
    span: Span,
}

/// Read every template.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    for file in sources.files().iter().filter(|f| may_be_template(f)) {
        let tree = yaml::parse(file);
        let Some(root) = tree.root() else { continue };
        let resources = resources(root);
        if resources.is_empty() || !resources.iter().all(|r| r.kind.contains("::")) {
            continue;
        }
        let mut template = templates::add(file, TOOL, program);
        let serverless = root.get("Transform").is_some_and(|t| t.texts().iter().any(|x| x.starts_with("AWS::Serverless")));
        if serverless {
            template.stage = Stage::Deploy;
        }
        template.whole = serverless || root.get("AWSTemplateFormatVersion").is_some();
        let configured = configured(sources, file);
        declare(file, &resources, configured.as_ref(), &mut template, program);
        if let Some(configured) = configured {
            template.environment_literals = configured.literals;
        }
        program.templates.push(template);
    }
}

fn may_be_template(file: &SourceFile) -> bool {
    matches!(file.name().rsplit_once('.'), Some((_, "yaml" | "yml" | "json" | "template")))
        && file.text.contains("Resources")
        && file.text.contains("AWS::")
}

fn resources(root: Node<'_>) -> Vec<Resource<'_>> {
    let Some(resources) = root.get("Resources").filter(Node::is_mapping) else { return Vec::new() };
    let read = resources.entries().into_iter().filter_map(|e| {
        let kind = e.value.get_str("Type")?;
        Some(Resource { label: e.name(), kind, properties: e.value.get("Properties"), span: e.span() })
    });
    read.collect()
}

/// Declare the workloads of a template, and what it takes in.
fn declare(
    file: &SourceFile,
    resources: &[Resource],
    configured: Option<&Configured>,
    template: &mut Template,
    program: &mut Program,
) {
    let tables = Resources::of(TOOL);
    let rows: Vec<(&Resource, &Workload)> = resources.iter().filter_map(|r| Some((r, tables.workload(r.kind)?))).collect();
    let rows: Vec<_> = rows.into_iter().filter(|(r, row)| templates::is_workload(row, &|path| r.at(path).is_some())).collect();
    template.workloads = Some(!rows.is_empty());
    template.parts =
        resources.iter().filter_map(|r| text(r.at(tables.part(r.kind)?)?)).filter_map(|t| templates::tail(&t)).collect();
    let used = |part: &Resource| {
        let uses = |r: &Resource| r.at("TaskDefinition").is_some_and(|n| refers(n, part.label));
        rows.iter().find(|(r, row)| !row.part && uses(r)).map(|(r, _)| r.label)
    };
    let mut functions = Vec::new();
    for (resource, row) in &rows {
        let owned = row.part && used(resource).is_some();
        let mut images = resource.images(tables);
        for (part, _) in rows.iter().filter(|(part, row)| row.part && used(part) == Some(resource.label)) {
            images.extend(part.images(tables));
        }
        let name = row.name.iter().find_map(|path| literal_name(&text(resource.at(path)?)?));
        if FUNCTIONS.contains(&resource.kind) && images.is_empty() {
            functions.push(resource.label.to_owned());
            functions.extend(name);
        } else if !owned {
            let name = name.or_else(|| templates::named_by(&images)).unwrap_or_else(|| resource.label.to_owned());
            templates::declare(file, Found { name, kind: resource.kind.to_owned(), span: resource.span, images }, program);
        }
    }
    if let Some((first, _)) = rows.iter().find(|(r, _)| FUNCTIONS.contains(&r.kind)).filter(|_| !functions.is_empty()) {
        templates::declare_unit(file, configured.and_then(|c| c.stack.clone()), &functions, first.span, program);
    }
}

impl<'t> Resource<'t> {
    /// A property, by its path.
    fn at(&self, path: &str) -> Option<Node<'t>> {
        let parts: Vec<&str> = path.split('.').collect();
        self.properties?.at(&parts)
    }

    /// The images that it names, wherever they stand in it.
    fn images(&self, tables: &Resources) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        let mut open: Vec<(Node, usize)> = self.properties.map(|p| (p, 0)).into_iter().collect();
        while let Some((node, depth)) = open.pop() {
            if depth > 30 || node.is_alias() {
                continue;
            }
            for entry in node.own_entries() {
                if tables.holds_image(entry.name()) {
                    out.extend(text(entry.value).and_then(|t| templates::image(&t)));
                }
                open.push((entry.value, depth + 1));
            }
            open.extend(node.items().into_iter().map(|n| (n, depth + 1)));
        }
        out
    }
}

/// A value as a text, what only a deployment knows as holes.
fn text(node: Node) -> Option<String> {
    let hole = || Some(HOLE.to_string());
    match node.tag().map(|t| t.trim_start_matches('!')) {
        Some("Sub") => return node.scalar().or_else(|| node.items().first()?.scalar()).map(|t| masked(t, "${", "}")),
        Some("Join") => return Some(joined(&node.items())),
        Some("Ref" | "GetAtt" | "ImportValue" | "If" | "FindInMap" | "Select") => return hole(),
        _ => {}
    }
    if let Some(scalar) = node.scalar() {
        return Some(scalar.to_owned());
    }
    let [only] = node.entries().try_into().ok()?;
    match only.name() {
        "Fn::Sub" => only.value.scalar().or_else(|| only.value.items().first()?.scalar()).map(|t| masked(t, "${", "}")),
        "Fn::Join" => Some(joined(&only.value.items())),
        _ => hole(),
    }
}

/// `Fn::Join`: its separator between its texts.
fn joined(arguments: &[Node]) -> String {
    let [separator, list] = arguments else { return HOLE.to_string() };
    let parts: Vec<String> = list
        .items()
        .iter()
        .map(|n| n.scalar().filter(|_| n.tag().is_none()).map_or_else(|| HOLE.to_string(), str::to_owned))
        .collect();
    parts.join(separator.raw())
}

/// Whether a value is a reference to a resource.
fn refers(node: Node, label: &str) -> bool {
    node.raw() == label || node.get_str("Ref") == Some(label)
}

/// What the configuration of `sam` says of a template where a command says nothing
/// (<https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>).
struct Configured {
    stack: Option<String>,
    literals: Vec<(String, String)>,
}

fn configured(sources: &SourceSet, file: &SourceFile) -> Option<Configured> {
    let tables = Resources::of(TOOL);
    if !tables.is_read(file.name()) {
        return None;
    }
    let config = sources.get(&join(file.dir(), "samconfig.toml")?)?;
    let mut out = Configured { stack: None, literals: Vec::new() };
    for entry in toml::entries(config) {
        if !matches!(entry.table.as_str(), "default.deploy.parameters" | "default.global.parameters") {
            continue;
        }
        let value = entry.value.text.as_str();
        if entry.key == "stack_name" {
            out.stack = literal_name(value);
            out.literals.push((entry.key.clone(), value.to_owned()));
        } else if entry.key == "parameter_overrides" {
            let pairs = value.split_whitespace().filter_map(|p| p.split_once('='));
            let named = pairs.filter(|(name, _)| tables.names_environment(name));
            out.literals.extend(named.map(|(name, v)| (name.to_owned(), v.trim_matches(['"', '\\', '\'']).to_owned())));
        }
    }
    Some(out)
}
