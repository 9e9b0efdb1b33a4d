//! Front end of services of the Serverless Framework: <https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>,
//! and of several that are deployed together: <https://www.serverless.com/framework/docs/guides/compose>.

use super::templates::{self, masked};
use super::{is_yaml, literal_name};
use crate::model::{Program, Stage};
use crate::source::paths::join;
use crate::source::{SourceFile, SourceSet};
use crate::syntax::yaml::{self, Node};

const TOOL: &str = "serverless";

/// Read every service.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    for file in sources.files().iter().filter(|f| is_yaml(f) && f.name().starts_with(TOOL)) {
        let tree = yaml::parse(file);
        let Some(root) = tree.root() else { continue };
        if file.name().starts_with("serverless-compose.") {
            compose(file, root, program);
        } else if root.get("service").is_some() && root.get("provider").is_some() {
            service(file, root, program);
        }
    }
}

fn service(file: &SourceFile, root: Node, program: &mut Program) {
    let mut template = templates::add(file, TOOL, program);
    let functions = root.get("functions");
    let listed = |f: Node| !f.entries().is_empty() || !f.items().is_empty() || f.scalar().is_some_and(|t| !t.is_empty());
    template.workloads = Some(functions.is_some_and(listed));
    if template.workloads == Some(true) {
        template.stage = Stage::Deploy;
        template.also = vec![Stage::Package, Stage::Publish];
    }
    template.environment_literals.extend(stage(root).map(|stage| ("stage".to_owned(), stage)));
    if let Some(functions) = functions.filter(|_| template.workloads == Some(true)) {
        let service = root.get_str("service").or_else(|| root.get("service")?.get_str("name"));
        let name = service.and_then(|n| literal_name(&masked(n, "${", "}")));
        let names: Vec<String> = functions.entries().iter().map(|e| e.name().to_owned()).collect();
        let span = root.entry_span("service").unwrap_or_else(|| functions.span());
        templates::declare_unit(file, name, &names, span, program);
    }
    program.templates.push(template);
}

/// The stage that is deployed where a command names none, where the file says it.
fn stage(root: Node) -> Option<String> {
    let stage = root.at(&["provider", "stage"])?.scalar()?;
    let Some(inside) = stage.strip_prefix("${").and_then(|s| s.strip_suffix('}')) else {
        return (!stage.contains("${")).then(|| stage.to_owned());
    };
    let (option, fallback) = inside.split_once(',')?;
    if !matches!(option.trim(), "opt:stage" | "opt:stage:" | "opt:s") {
        return None;
    }
    let fallback = fallback.trim();
    if let Some(path) = fallback.strip_prefix("self:").or_else(|| fallback.strip_prefix("${self:")?.strip_suffix('}')) {
        let parts: Vec<&str> = path.split('.').collect();
        return root.at(&parts)?.scalar().filter(|t| !t.contains("${")).map(str::to_owned);
    }
    let literal = fallback.trim_matches(['\'', '"']);
    (literal.len() < fallback.len() && !literal.contains(['$', ','])).then(|| literal.to_owned())
}

/// Services that are deployed together are parts of a whole.
fn compose(file: &SourceFile, root: Node, program: &mut Program) {
    let mut template = templates::add(file, TOOL, program);
    let services = root.get("services").map(|s| s.entries()).unwrap_or_default();
    for path in services.iter().filter_map(|e| e.value.get_str("path")) {
        let names = ["serverless.yml", "serverless.yaml"];
        template.parts.extend(names.iter().filter_map(|n| join(&join(file.dir(), path)?, n)));
    }
    if !template.parts.is_empty() {
        program.templates.push(template);
    }
}
