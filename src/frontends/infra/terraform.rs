//! Terraform, OpenTofu and Terragrunt: root modules, what they call, and the workloads they declare.
//!
//! <https://developer.hashicorp.com/terraform/language/modules>, <https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/>

mod evaluate;
mod folder;
mod provisioners;
mod workloads;

use crate::catalogue::Catalogue;
use crate::catalogue::resources::Resources;
use crate::model::{Applicable, Declaration, DeclarationKind, Expr, OrphanKind, Program, TerraformRoot, Unit, UnitId, UnitKind};
use crate::source::paths::{is_under, join};
use crate::source::{SourceFile, SourceSet, Span};
use folder::Folder;
use std::collections::{BTreeMap, BTreeSet};

/// Read every folder of Terraform files.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let tables = Resources::terraform();
    let folders = folders(sources, catalogue, program);
    let called: BTreeSet<&str> = folders.values().flat_map(|f| f.calls.iter().filter_map(|c| c.dir.as_deref())).collect();
    let roots: BTreeSet<&str> = folders.values().filter(|f| is_root(f, &called, &folders)).map(|f| f.dir.as_str()).collect();
    for folder in folders.values() {
        workloads::declare(folder, roots.contains(folder.dir.as_str()), &folders, tables, program);
        if !roots.contains(folder.dir.as_str()) && !folder.terragrunt {
            declare_module(folder, program);
        }
    }
    let var_files = var_files(sources, &roots);
    for dir in &roots {
        let Some(folder) = folders.get(*dir) else { continue };
        let modules = closure(folder, &folders);
        let own = var_files.get(*dir).map_or(&[][..], Vec::as_slice);
        let set = set_variables(own);
        let unit = unit(&Root { folder, modules: &modules, folders: &folders, set: &set }, sources, catalogue, program);
        let members = || std::iter::once(folder).chain(modules.iter().filter_map(|m| folders.get(m)));
        let workloads = members().any(|f| workloads::any(f, tables));
        let reads = members().flat_map(workloads::reads).collect();
        let backend = folder.backend;
        program.applicables.push(Applicable {
            kind: OrphanKind::TerraformRoot,
            unit,
            path: folder.dir.clone(),
            deploys: workloads,
            only_configuration: false,
            shared: true,
        });
        let mut environment_literals = literals(folder, tables, own);
        environment_literals.extend(inherited(folder, sources, tables));
        let root = TerraformRoot {
            environment_literals,
            modules,
            workloads,
            backend,
            files: folder.files.iter().map(|f| f.file.id).collect(),
            reads,
            var_files: own.iter().filter(|f| !loads_itself(f)).map(|f| f.path.clone()).collect(),
        };
        program.roots.insert(folder.dir.clone(), root);
    }
}

/// Every folder with `*.tf` files or a `terragrunt.hcl`, without test fixtures and examples.
fn folders<'s>(sources: &'s SourceSet, catalogue: &Catalogue, program: &mut Program) -> BTreeMap<String, Folder<'s>> {
    let mut out: BTreeMap<String, Folder<'s>> = BTreeMap::new();
    let ours = |f: &SourceFile| matches!(f.name().rsplit_once('.'), Some((_, "tf"))) || f.name() == "terragrunt.hcl";
    for file in sources.files().iter().filter(|f| ours(f) && !catalogue.words().fixture_path(&f.path)) {
        let dir = file.dir().to_owned();
        let folder = out.entry(dir.clone()).or_insert_with(|| Folder::new(dir));
        let document = folder.add(file);
        if document.partly() {
            program.partly_read.push((file.id, "a block is not valid HCL".to_owned()));
            program.diagnostics.extend(document.diagnostics.iter().cloned());
        }
    }
    let known: BTreeSet<String> = out.keys().cloned().collect();
    for call in out.values_mut().flat_map(|f| &mut f.calls) {
        call.read = call.dir.as_ref().is_some_and(|d| known.contains(d));
    }
    out
}

/// Whether a folder is applied by itself: its state has a place of its own, or nothing calls it.
fn is_root(folder: &Folder, called: &BTreeSet<&str>, folders: &BTreeMap<String, Folder>) -> bool {
    if folder.terragrunt {
        // A parent's terragrunt.hcl without a source is only included by those below it.
        let included = || folders.values().any(|f| f.terragrunt && f.dir != folder.dir && is_under(&f.dir, &folder.dir));
        return folder.acts || folder.has_source || !included();
    }
    if folder.backend {
        return true;
    }
    if !folder.acts || called.contains(folder.dir.as_str()) {
        return false;
    }
    // What stands among modules and has no state of its own is one that others call from elsewhere.
    !folder.dir.split('/').any(|part| matches!(part, "modules" | "module"))
}

/// The local modules that a folder calls, directly or not, in order of their folders.
fn closure(folder: &Folder, folders: &BTreeMap<String, Folder>) -> Vec<String> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<&Folder> = vec![folder];
    while let Some(next) = open.pop() {
        for dir in next.calls.iter().filter_map(|c| c.dir.as_ref()) {
            if let Some(module) = folders.get(dir).filter(|_| *dir != folder.dir && seen.insert(dir.clone())) {
                open.push(module);
            }
        }
    }
    seen.into_iter().collect()
}

/// A root with what it is put together from.
struct Root<'f, 's> {
    folder: &'f Folder<'s>,
    modules: &'f [String],
    folders: &'f BTreeMap<String, Folder<'s>>,
    set: &'f BTreeSet<String>,
}

/// The names that variable files set.
fn set_variables(files: &[&SourceFile]) -> BTreeSet<String> {
    let all = files.iter().flat_map(|f| crate::syntax::hcl::parse(f).body.attributes);
    all.map(|a| a.name).collect()
}

/// The unit of a root, at its `main.tf` or else its first file (model ruling 8); its body are the commands that it runs.
fn unit(root: &Root<'_, '_>, sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) -> UnitId {
    let folder = root.folder;
    let name = if folder.dir.is_empty() { "." } else { folder.dir.rsplit('/').next().unwrap_or(".") };
    let mut unit = Unit::new(UnitKind::TerraformRoot, name, folder.place());
    unit.dir = Some(Expr::lit(folder.dir.clone()));
    // Terragrunt works in a copy of the module.
    let module = folder.calls.iter().find(|c| c.read && folder.terragrunt && !folder.acts).and_then(|c| c.dir.clone());
    let works_in = module.unwrap_or_else(|| folder.dir.clone());
    for member in std::iter::once(folder).chain(root.modules.iter().filter_map(|m| root.folders.get(m))) {
        provisioners::read(member, &works_in, root.set, &mut unit, sources, catalogue, program);
    }
    program.add(unit)
}

fn declare_module(folder: &Folder, program: &mut Program) {
    let Some(name) = folder.dir.rsplit('/').next().filter(|n| !n.is_empty()) else { return };
    program.declarations.push(Declaration {
        kind: DeclarationKind::Module,
        name: name.to_owned(),
        span: folder.place(),
        dir: folder.dir.clone(),
        images: Vec::new(),
        context: None,
        facts: BTreeMap::new(),
    });
}

/// Variable files by the root that they are for: that of their folder or the nearest above, else the only one in the
/// nearest folder above that has one below it.
fn var_files<'s>(sources: &'s SourceSet, roots: &BTreeSet<&str>) -> BTreeMap<String, Vec<&'s SourceFile>> {
    let mut out: BTreeMap<String, Vec<&SourceFile>> = BTreeMap::new();
    for file in sources.files().iter().filter(|f| f.path.ends_with(".tfvars")) {
        let mut dir = file.dir();
        let root = loop {
            if let Some(own) = roots.get(dir) {
                break Some(*own);
            }
            let mut below = roots.iter().filter(|r| is_under(r, dir));
            if let Some(first) = below.next() {
                break below.next().is_none().then_some(*first);
            }
            match dir.rsplit_once('/') {
                Some((parent, _)) => dir = parent,
                None if dir.is_empty() => break None,
                None => dir = "",
            }
        };
        if let Some(root) = root {
            out.entry(root.to_owned()).or_default().push(file);
        }
    }
    out
}

/// Whether Terraform reads a variable file by itself.
fn loads_itself(file: &SourceFile) -> bool {
    file.name() == "terraform.tfvars" || file.name().ends_with(".auto.tfvars")
}

/// Attributes of backends that say where a root's state is kept.
const STATE_KEYS: &[&str] = &["key", "prefix", "path", "workspace_key_prefix"];

/// Literals that name a root's environment, the surest first.
fn literals(folder: &Folder, tables: &Resources, var_files: &[&SourceFile]) -> Vec<(String, String, Span)> {
    let mut out = Vec::new();
    let mut note = |name: &str, value: Option<&str>, span: Span| {
        if let Some(value) = value.filter(|v| !v.is_empty() && tables.names_environment(name)) {
            out.push((name.to_owned(), value.to_owned(), span));
        }
    };
    let blocks = |kind: &'static str| folder.blocks().filter(move |b| b.kind == kind);
    for attribute in blocks("locals").flat_map(|b| &b.body.attributes) {
        note(&attribute.name, attribute.value.literal(), attribute.span);
    }
    for file in var_files.iter().filter(|f| loads_itself(f) && f.dir() == folder.dir) {
        for attribute in &crate::syntax::hcl::parse(file).body.attributes {
            note(&attribute.name, attribute.value.literal(), attribute.span);
        }
    }
    // Modules that are given different environments say none of the root.
    let given = || blocks("module").flat_map(|b| &b.body.attributes);
    let differs = |name: &str, value: &str| given().any(|a| a.name == name && a.value.literal().is_some_and(|v| v != value));
    for attribute in given() {
        let value = attribute.value.literal().filter(|v| !differs(&attribute.name, v));
        note(&attribute.name, value, attribute.span);
    }
    let settings = || blocks("terraform").flat_map(|b| &b.body.blocks);
    for workspace in settings().filter(|b| b.kind == "cloud" || b.label(0) == "remote").flat_map(|b| b.body.blocks("workspaces"))
    {
        if let Some(name) = workspace.body.get("name") {
            note("workspace", name.value.literal(), name.span);
        }
    }
    for inputs in folder.inputs() {
        inputs.walk("inputs", &mut |name, value| note(name, value.literal(), value.span));
    }
    for variable in blocks("variable") {
        if let Some(default) = variable.body.get("default") {
            note(variable.label(0), default.value.literal(), default.span);
        }
    }
    // Where its state is kept says it where nothing else does.
    for backend in settings().filter(|b| b.kind == "backend") {
        for key in STATE_KEYS.iter().filter_map(|key| backend.body.get(key)) {
            note("workspace", key.value.literal(), key.span);
        }
    }
    out
}

/// The literals of the files above a Terragrunt unit that it reads (`find_in_parent_folders("env.hcl")`), the nearest first.
fn inherited(folder: &Folder, sources: &SourceSet, tables: &Resources) -> Vec<(String, String, Span)> {
    let mut out = Vec::new();
    for file in folder.files.iter().filter(|f| f.file.name() == "terragrunt.hcl") {
        for call in file.file.text.split("find_in_parent_folders(\"").skip(1).take(MAX_PARENTS) {
            let name = call.split('"').next().unwrap_or("");
            let mut dir = folder.dir.as_str();
            let found = loop {
                let Some((parent, _)) = dir.rsplit_once('/').or_else(|| (!dir.is_empty()).then_some(("", dir))) else {
                    break None;
                };
                dir = parent;
                if let Some(found) = join(dir, name).and_then(|p| sources.get(&p)) {
                    break Some(found);
                }
            };
            for block in found.map(|f| crate::syntax::hcl::parse(f).body.blocks).unwrap_or_default() {
                let named = block.body.attributes.iter().filter(|a| block.kind == "locals" && tables.names_environment(&a.name));
                out.extend(named.filter_map(|a| Some((a.name.clone(), a.value.literal()?.to_owned(), a.span))));
            }
        }
    }
    out
}

/// At most so many files above a unit are looked for.
const MAX_PARENTS: usize = 8;

/// The folder of a module's source, where it is in this repository; Terragrunt's `//` marks only where the copy starts.
fn local_module(dir: &str, source: &str) -> Option<String> {
    let local = source.starts_with("./") || source.starts_with("../") || matches!(source, "." | "..");
    if local { join(dir, &source.replace("//", "/")) } else { None }
}

#[cfg(test)]
mod tests;
