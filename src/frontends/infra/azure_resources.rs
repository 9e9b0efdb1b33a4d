//! Front end of templates of the Azure Resource Manager, in Bicep and JSON.
//!
//! <https://learn.microsoft.com/en-us/azure/azure-resource-manager/bicep/file>,
//! <https://learn.microsoft.com/en-us/azure/azure-resource-manager/templates/syntax>

use super::literal_name;
use super::templates::{self, Found};
use crate::catalogue::resources::Resources;
use crate::model::{HOLE, Program, Template};
use crate::source::paths::join;
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::json;
use crate::syntax::yaml::Node;
use std::collections::{BTreeMap, BTreeSet};

const TOOL: &str = "azure-resource-manager";

/// Deployments inside deployments are followed so far.
const MAX_DEPTH: usize = 8;

/// Read every template.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    for file in sources.files() {
        match file.name().rsplit_once('.') {
            Some((_, "bicep")) => bicep(file, program),
            Some((_, "json")) if file.text.contains("eploymentTemplate.json") => arm(file, program),
            Some((_, "bicepparam")) => parameters(file, program),
            _ => {}
        }
    }
}

/// A declaration of a Bicep file: its type or path, its symbol, its lines.
struct Block<'f> {
    symbol: &'f str,
    what: &'f str,
    body: Vec<&'f str>,
    span: Span,
}

/// The declarations of a kind (`resource`, `module`) that stand at the margin.
fn blocks<'f>(file: &'f SourceFile, keyword: &str) -> Vec<Block<'f>> {
    let mut out: Vec<Block> = Vec::new();
    let mut at = 0;
    let mut inside = false;
    for line in file.text.split_inclusive('\n') {
        let end = at + line.trim_end().len();
        if inside {
            if let Some(block) = out.last_mut() {
                block.body.push(line.trim());
                block.span = Span::new(file.id, block.span.start as usize, end.max(block.span.start as usize));
            }
            inside = !(line.starts_with('}') || line.starts_with(']'));
        } else if let Some(rest) = line.strip_prefix(keyword).and_then(|r| r.strip_prefix(' ')) {
            let parts = rest.split_once('\'').and_then(|(symbol, r)| Some((symbol.trim(), r.split_once('\'')?)));
            let own = parts.filter(|(_, (_, after))| !after.contains(" existing"));
            if let Some((symbol, (what, after))) = own {
                out.push(Block { symbol, what, body: Vec::new(), span: Span::new(file.id, at, end) });
                inside = after.contains(['{', '[']) && !after.trim_end().ends_with('}');
            }
        }
        at += line.len();
    }
    out
}

fn bicep(file: &SourceFile, program: &mut Program) {
    let tables = Resources::of(TOOL);
    let mut template = templates::add(file, TOOL, program);
    template.workloads = Some(false);
    let in_modules = file.dir().split('/').any(|part| matches!(part, "modules" | "module" | "shared" | "core" | "br"));
    let modules = blocks(file, "module");
    let local = modules.iter().filter(|m| !m.what.starts_with("br:") && !m.what.starts_with("br/") && !m.what.starts_with("ts"));
    template.parts = local.filter_map(|m| join(file.dir(), m.what)).collect();
    let resources = blocks(file, "resource");
    template.whole = !(in_modules || resources.is_empty() && modules.is_empty());
    let values = if in_modules { BTreeMap::new() } else { values(file) };
    for block in resources {
        let kind = block.what.split('@').next().unwrap_or("");
        let Some(row) = tables.workload(kind) else { continue };
        let value = |key: &str| {
            let line = block.body.iter().find_map(|l| l.strip_prefix(key)?.strip_prefix(':'))?;
            Some(literal(line.trim(), &values))
        };
        let images = ["image", "linuxFxVersion"].iter().filter_map(|k| value(k)).filter_map(|v| container(&v)).collect();
        // Of a module only what is written in it is sure: its caller gives the rest.
        let name = value("name").and_then(|n| literal_name(&n)).or_else(|| (!in_modules).then(|| block.symbol.to_owned()));
        if let Some(name) = name {
            templates::declare(file, Found { name, kind: kind.to_owned(), span: block.span, images }, program);
        }
        let workload = templates::is_workload(row, &|key| value(key).is_some());
        template.workloads = Some(workload || template.workloads == Some(true));
    }
    program.templates.push(template);
}

/// Literal values of parameters and variables, by name.
fn values(file: &SourceFile) -> BTreeMap<&str, String> {
    let mut out = BTreeMap::new();
    for line in file.text.lines().filter(|l| l.starts_with("param ") || l.starts_with("var ")) {
        let Some((left, right)) = line.split_once('=') else { continue };
        let (Some(name), right) = (left.split_whitespace().nth(1), right.trim()) else { continue };
        if right.len() > 2 && right.starts_with('\'') {
            out.insert(name, literal(right, &BTreeMap::new()));
        }
    }
    out
}

/// A string with its interpolations as holes; a name for what it stands for.
fn literal(value: &str, known: &BTreeMap<&str, String>) -> String {
    if let Some(inside) = value.strip_prefix('\'').and_then(|v| v.split('\'').next()) {
        return templates::masked(inside, "${", "}");
    }
    known.get(value).cloned().unwrap_or_else(|| HOLE.to_string())
}

/// The image of a container, also where a site names it (`DOCKER|image`).
fn container(value: &str) -> Option<String> {
    let image = value.strip_prefix("DOCKER|").or_else(|| (!value.contains('|')).then_some(value))?;
    templates::image(image)
}

/// A file of parameters names the template that it is for.
fn parameters(file: &SourceFile, program: &mut Program) {
    let using = file.text.lines().find_map(|l| l.strip_prefix("using ")).map(|l| l.trim().trim_matches('\''));
    let Some(target) = using.and_then(|u| join(file.dir(), u)) else { return };
    let mut template = templates::add(file, TOOL, program);
    template.workloads = Some(false);
    template.parts.push(target);
    // By itself it applies nothing.
    template.whole = false;
    program.templates.push(template);
}

fn arm(file: &SourceFile, program: &mut Program) {
    let tree = json::parse(file);
    let Some(root) = tree.root() else { return };
    if !root.get_str("$schema").is_some_and(|s| s.contains("eploymentTemplate.json")) {
        return;
    }
    let mut template = templates::add(file, TOOL, program);
    template.workloads = Some(false);
    resources(file, root, 0, &mut template, program);
    let linked = file.dir().to_ascii_lowercase();
    template.whole = !["linked", "nested", "modules"].iter().any(|w| linked.contains(w)) && root.get("resources").is_some();
    program.templates.push(template);
}

fn resources(file: &SourceFile, root: Node, depth: usize, template: &mut Template, program: &mut Program) {
    let tables = Resources::of(TOOL);
    for resource in root.get("resources").map(|r| r.items()).unwrap_or_default() {
        let kind = resource.get_str("type").unwrap_or("");
        if let Some(link) = tables.part(kind) {
            let uri = resource.at(&["properties", link, "relativePath"]).or_else(|| resource.at(&["properties", link, "uri"]));
            template.parts.extend(uri.and_then(|u| templates::tail(&last_text(u.raw()))));
        }
        if depth < MAX_DEPTH {
            if let Some(inner) = resource.at(&["properties", "template"]) {
                resources(file, inner, depth + 1, template, program);
            }
            resources(file, resource, depth + 1, template, program);
        }
        let Some(row) = tables.workload(kind) else { continue };
        let (mut images, mut keys) = (BTreeSet::new(), BTreeSet::new());
        walk(resource, 0, &mut |key, value| {
            keys.insert(key.to_owned());
            if tables.holds_image(key) {
                images.extend(container(&expression(value)));
            }
        });
        let name = resource.get_str("name").and_then(|n| literal_name(&expression(n)));
        if let Some(name) = name.or_else(|| templates::named_by(&images)) {
            templates::declare(file, Found { name, kind: kind.to_owned(), span: resource.item_span(), images }, program);
        }
        let workload = templates::is_workload(row, &|key| keys.contains(key));
        template.workloads = Some(workload || template.workloads == Some(true));
    }
}

/// A value without what a deployment computes.
fn expression(value: &str) -> String {
    if value.starts_with('[') { HOLE.to_string() } else { value.to_owned() }
}

/// The last text in an expression: `[concat(variables('base'), 'nested/site.json')]`.
fn last_text(value: &str) -> String {
    if !value.starts_with('[') {
        return value.to_owned();
    }
    value.rsplit('\'').nth(1).map_or_else(String::new, |t| format!("{HOLE}{t}"))
}

/// Scalars below a node, with their keys.
fn walk(node: Node, depth: usize, visit: &mut dyn FnMut(&str, &str)) {
    if depth > 30 {
        return;
    }
    for entry in node.own_entries() {
        if let Some(text) = entry.value.scalar() {
            visit(entry.name(), text);
        }
        walk(entry.value, depth + 1, visit);
    }
    for item in node.items() {
        walk(item, depth + 1, visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bicep_declares_what_is_new_and_takes_in_local_modules() {
        let mut sources = SourceSet::default();
        let text = "var host = 'shop'\nresource old 'Microsoft.App/containerApps@1' existing = { name: 'old' }\nresource web 'Microsoft.Web/sites@1' = if (on) {\n  name: '${host}-web'\n  properties: {\n    siteConfig: {\n      linuxFxVersion: 'DOCKER|acme/web:1'\n    }\n  }\n}\nresource plain 'Microsoft.Web/sites@1' = {\n  name: host\n}\nmodule data './data.bicep' = {\n}\nmodule far 'br/public:x:1' = {\n}\n";
        sources.add("infra/main.bicep", text);
        sources.add("infra/p.bicepparam", "using 'main.bicep'\n");
        let mut program = Program::default();
        translate(&sources, &mut program);
        let said: Vec<_> = program.declarations.iter().map(|d| (d.name.as_str(), d.images.join(","))).collect();
        assert_eq!(said, [("web", "acme/web".to_owned()), ("shop", String::new())]);
        let (main, parameters) = (&program.templates[0], &program.templates[1]);
        assert_eq!((main.workloads, main.parts.as_slice()), (Some(true), &["infra/data.bicep".to_owned()][..]));
        assert!(main.whole && !parameters.whole && parameters.takes_in(main));
    }

    #[test]
    fn expressions_of_templates_are_open() {
        assert_eq!(last_text("[concat(variables('base'), 'nested/site.json')]"), format!("{HOLE}nested/site.json"));
        assert_eq!(last_text("[parameters('uri')]"), format!("{HOLE}uri"));
        assert_eq!(container("NODE|18-lts"), None);
    }
}
