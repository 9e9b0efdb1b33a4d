//! Front end of Pulumi projects: <https://www.pulumi.com/docs/iac/concepts/projects/project-file/>. The resources of a project
//! are read where they are written in YAML (<https://www.pulumi.com/docs/iac/languages-sdks/yaml/>).

use super::literal_name;
use super::templates::{self, Found, masked};
use crate::catalogue::resources::Resources;
use crate::model::Program;
use crate::source::{SourceFile, SourceSet};
use crate::syntax::yaml::{self, Node};
use std::collections::BTreeSet;

const TOOL: &str = "pulumi";

/// Read every project.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    let tables = Resources::of(TOOL);
    for file in sources.files().iter().filter(|f| tables.is_read(f.name())) {
        let tree = yaml::parse(file);
        let Some(root) = tree.root().filter(|r| r.get("runtime").is_some()) else { continue };
        let mut template = templates::add(file, TOOL, program);
        let in_yaml = root.get("runtime").is_some_and(|r| r.raw() == "yaml" || r.get_str("name") == Some("yaml"));
        template.workloads = in_yaml.then_some(false);
        template.stacks = stacks(sources, file);
        // The only stack there is.
        if let [(stack, _)] = template.stacks.as_slice() {
            template.environment_literals.push(("stack".to_owned(), stack.clone()));
        }
        for resource in root.get("resources").map(|r| r.entries()).unwrap_or_default() {
            let kind = resource.value.get_str("type").unwrap_or("");
            let Some(row) = tables.workload(kind) else { continue };
            template.workloads = Some(true);
            let properties = resource.value.get("properties");
            let name = row.name.iter().find_map(|path| {
                let parts: Vec<&str> = path.split('.').collect();
                literal_name(&masked(properties?.at(&parts)?.scalar()?, "${", "}"))
            });
            let mut images = BTreeSet::new();
            if let Some(properties) = properties {
                collect(properties, 0, tables, &mut images);
            }
            let name = name.or_else(|| templates::named_by(&images)).unwrap_or_else(|| resource.name().to_owned());
            templates::declare(file, Found { name, kind: kind.to_owned(), span: resource.span(), images }, program);
        }
        program.templates.push(template);
    }
}

/// The stacks that have a file of settings beside a project, with that file.
fn stacks(sources: &SourceSet, project: &SourceFile) -> Vec<(String, String)> {
    let prefix = if project.dir().is_empty() { "Pulumi.".to_owned() } else { format!("{}/Pulumi.", project.dir()) };
    let beside = sources.paths.range(prefix.clone()..).take_while(|p| p.starts_with(&prefix));
    let stacks = beside.filter_map(|path| {
        let rest = &path[prefix.len()..];
        Some((rest.strip_suffix(".yaml").or_else(|| rest.strip_suffix(".yml"))?, path))
    });
    let named = stacks.filter(|(stack, _)| !stack.is_empty() && !stack.contains('/'));
    named.map(|(stack, path)| (stack.to_owned(), path.clone())).collect()
}

/// Images below a node.
fn collect(node: Node, depth: usize, tables: &Resources, out: &mut BTreeSet<String>) {
    if depth > 30 || node.is_alias() {
        return;
    }
    for entry in node.own_entries() {
        if tables.holds_image(entry.name()) {
            out.extend(entry.value.scalar().and_then(|t| templates::image(&masked(t, "${", "}"))));
        }
        collect(entry.value, depth + 1, tables, out);
    }
    for item in node.items() {
        collect(item, depth + 1, tables, out);
    }
}
