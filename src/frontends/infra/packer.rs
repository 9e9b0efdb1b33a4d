//! Front end of Packer templates, in HCL and JSON: the machine images that they make.
//!
//! <https://developer.hashicorp.com/packer/docs/templates/hcl_templates>, <https://developer.hashicorp.com/packer/docs/templates/legacy_json_templates>

use super::literal_name;
use super::templates::{self, masked};
use crate::catalogue::resources::Resources;
use crate::model::{HOLE, MachineImage, Program, Stage};
use crate::source::paths::join;
use crate::source::{SourceFile, SourceSet};
use crate::syntax::hcl::{self, Block, ValueKind};
use crate::syntax::json;
use crate::syntax::yaml::Node;
use std::collections::BTreeMap;

const TOOL: &str = "packer";

/// Read every template.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    for file in sources.files() {
        let images = if file.name().ends_with(".pkr.hcl") {
            of_hcl(file, sources)
        } else if file.name().ends_with(".json") && file.text.contains("\"builders\"") {
            of_json(file, sources)
        } else {
            continue;
        };
        if let Some(images) = images {
            let mut template = templates::add(file, TOOL, program);
            template.also = vec![Stage::Package, Stage::Publish];
            template.workloads = Some(false);
            template.images = images;
            program.templates.push(template);
        }
    }
}

/// The name of an image: that of its builder or build, the first that says something.
fn named<'n>(mut own: impl Iterator<Item = &'n str>) -> String {
    let tables = Resources::of(TOOL);
    let found = own.find(|n| !n.is_empty() && !n.contains(' ') && !tables.is_untelling(n));
    found.and_then(literal_name).unwrap_or_default()
}

/// The folder of the repository that a provisioner puts into an image: the root, or that of a program.
fn held(source: &str, file: &SourceFile, sources: &SourceSet) -> Option<String> {
    let source = source.trim_end_matches('/');
    let source = source.strip_prefix(HOLE).map_or(source, |rest| rest.trim_start_matches('/'));
    if source.contains(HOLE) {
        return None;
    }
    if matches!(source, "." | "") {
        return Some(String::new());
    }
    let found = [join(file.dir(), source), join("", source)].into_iter().flatten().find(|d| sources.dirs.contains(d))?;
    // Other folders hold what serves to make the image.
    let program = |name: &String| sources.paths.contains(&format!("{found}/{name}"));
    Resources::of(TOOL).program_files().iter().any(program).then_some(found)
}

fn of_json(file: &SourceFile, sources: &SourceSet) -> Option<Vec<MachineImage>> {
    let tree = json::parse(file);
    let root = tree.root()?;
    let builders = root.get("builders").filter(Node::is_sequence)?.items();
    if !builders.iter().any(|b| b.get("type").is_some()) {
        return None;
    }
    let variables: BTreeMap<&str, &str> =
        root.get("variables").map(|v| v.entries()).unwrap_or_default().iter().map(|e| (e.name(), e.value.raw())).collect();
    let copies: Vec<(Vec<&str>, String)> = root
        .get("provisioners")
        .map(|p| p.items())
        .unwrap_or_default()
        .iter()
        .filter(|p| p.get_str("type") == Some("file"))
        .filter_map(|p| Some((p.get("only").map(|o| o.texts()).unwrap_or_default(), filled(p.get_str("source")?, &variables))))
        .collect();
    let images = builders.iter().map(|b| {
        let own = b.get_str("name").or_else(|| b.get_str("type")).unwrap_or("");
        let mut of_it = copies.iter().filter(|(only, _)| only.is_empty() || only.contains(&own));
        let holds = of_it.find_map(|(_, source)| held(source, file, sources));
        MachineImage { name: named(b.get_str("name").into_iter()), holds }
    });
    Some(images.collect())
}

/// A text with its variables as their defaults, what else is computed as holes.
fn filled(text: &str, variables: &BTreeMap<&str, &str>) -> String {
    let mut text = text.to_owned();
    for (name, value) in variables.iter().filter(|(_, v)| !v.is_empty() && !v.contains("{{")) {
        for form in [format!("{{{{user `{name}`}}}}"), format!("{{{{ user `{name}` }}}}")] {
            text = text.replace(&form, value);
        }
    }
    masked(&text, "{{", "}}")
}

fn of_hcl(file: &SourceFile, sources: &SourceSet) -> Option<Vec<MachineImage>> {
    let document = hcl::parse(file);
    let mut out = Vec::new();
    let mut any = false;
    for build in document.body.blocks("build") {
        any = true;
        let copies: Vec<&Block> = build.body.blocks("provisioner").filter(|p| p.label(0) == "file").collect();
        let copied = |block: &&Block| {
            let values = ["source", "sources"].iter().filter_map(|k| block.body.get(k));
            let mut texts = Vec::new();
            for value in values {
                value.value.walk("", &mut |_, v| texts.extend(v.filled(&|_| HOLE.to_string())));
            }
            texts.iter().find_map(|t| held(t, file, sources))
        };
        let holds = copies.iter().find_map(copied);
        let mut labels: Vec<String> = Vec::new();
        if let Some(list) = build.body.get("sources")
            && let ValueKind::List(values) = &list.value.kind
        {
            labels.extend(values.iter().filter_map(|v| match &v.kind {
                ValueKind::Literal(text) => text.text.rsplit('.').next().map(str::to_owned),
                ValueKind::Reference(parts) => parts.last().cloned(),
                _ => None,
            }));
        }
        labels.extend(
            build.body.blocks("source").map(|s| {
                s.body.text("name").map_or_else(|| s.label(0).rsplit('.').next().unwrap_or("").to_owned(), str::to_owned)
            }),
        );
        let own = build.body.text("name").filter(|_| labels.len() <= 1);
        let names = labels.iter().map(|label| named(own.into_iter().chain([label.as_str()])));
        out.extend(names.map(|name| MachineImage { name, holds: holds.clone() }));
    }
    any.then_some(out)
}
