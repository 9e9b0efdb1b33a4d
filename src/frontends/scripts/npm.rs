//! Front end of package.json (<https://docs.npmjs.com/cli/configuring-npm/package-json>): a unit for every script, and what
//! the package says of itself.

use super::shell::{self, Shell};
use crate::catalogue::Catalogue;
use crate::model::{Declaration, DeclarationKind, Expr, Package, Program, Unit, UnitId, UnitKind};
use crate::source::paths::clamp;
use crate::source::{SourceFile, SourceSet};
use crate::syntax::yaml::{Entry, Node};
use crate::syntax::{json, yaml};
use std::collections::BTreeMap;

/// Translate every package.json.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    for file in sources.files().iter().filter(|f| f.name() == "package.json") {
        let tree = json::parse(file);
        program.diagnostics.extend(tree.diagnostics.iter().cloned());
        if tree.partly {
            program.partly_read.push((file.id, "syntax that could not be read".to_owned()));
        }
        let Some(root) = tree.root().filter(Node::is_mapping) else { continue };
        let mut package = package(file, root, sources);
        for entry in root.get("scripts").map(|s| s.entries()).unwrap_or_default() {
            if let Some(unit) = script(file, &entry, catalogue, program) {
                package.scripts.push((entry.name().to_owned(), unit));
            }
        }
        declare(file, root, &package, program);
        program.packages.insert(file.dir().to_owned(), package);
    }
}

fn script(file: &SourceFile, entry: &Entry, catalogue: &Catalogue, program: &mut Program) -> Option<UnitId> {
    let text = entry.value.text()?;
    let mut unit = Unit::new(UnitKind::NpmScript, entry.name(), entry.span());
    unit.dir = Some(Expr::lit(file.dir()));
    let local = |name: &str| catalogue.words().local(name);
    // `prestart` and `poststart` belong to `start`.
    let around = entry.name().strip_prefix("pre").or_else(|| entry.name().strip_prefix("post"));
    unit.local_only = local(entry.name()) || around.is_some_and(local);
    let script = shell::items(&text, &Shell::new(catalogue), program);
    unit.body = script.items;
    unit.functions = script.functions;
    Some(program.add(unit))
}

fn package(file: &SourceFile, root: Node, sources: &SourceSet) -> Package {
    let names = |key: &str| root.get(key).map(|n| n.entries()).unwrap_or_default().iter().map(|e| e.name().to_owned()).collect();
    let mut dependencies: Vec<String> = names("dependencies");
    dependencies.extend::<Vec<String>>(names("devDependencies"));
    Package {
        name: root.get_str("name").filter(|n| !n.is_empty()).map(str::to_owned),
        private: root.get("private").and_then(|n| n.boolean()).unwrap_or(false),
        scripts: Vec::new(),
        workspaces: workspaces(file, root, sources),
        manager: manager(file, root, sources),
        has_publish_config: root.get("publishConfig").is_some_and(|n| !n.is_null()),
        has_bin: root.get("bin").is_some_and(|n| !n.is_null()),
        dependencies,
        span: Some(file.whole()),
    }
}

/// Globs of workspaces: of the file itself, of `pnpm-workspace.yaml`, of `lerna.json`.
fn workspaces(file: &SourceFile, root: Node, sources: &SourceSet) -> Vec<String> {
    let own = root.get("workspaces").map(|n| n.get("packages").unwrap_or(n));
    let mut out: Vec<String> = own.map(|n| n.texts()).unwrap_or_default().into_iter().map(str::to_owned).collect();
    for (name, read) in [("pnpm-workspace.yaml", yaml::parse as fn(&SourceFile) -> yaml::Tree), ("lerna.json", json::parse)] {
        if let Some(other) = sources.get(&clamp(file.dir(), name)) {
            let tree = read(other);
            let globs = tree.root().and_then(|r| r.get("packages"));
            out.extend(globs.map(|n| n.texts()).unwrap_or_default().into_iter().map(str::to_owned));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// The package manager: what `packageManager` says, else whose lock file stands beside.
fn manager(file: &SourceFile, root: Node, sources: &SourceSet) -> Option<String> {
    if let Some(stated) = root.get_str("packageManager") {
        return stated.split('@').next().filter(|m| !m.is_empty()).map(str::to_owned);
    }
    let locks = [
        ("pnpm-lock.yaml", "pnpm"),
        ("yarn.lock", "yarn"),
        ("package-lock.json", "npm"),
        ("npm-shrinkwrap.json", "npm"),
        ("bun.lock", "bun"),
        ("bun.lockb", "bun"),
    ];
    let lock = locks.iter().find(|(name, _)| sources.paths.contains(&clamp(file.dir(), name)));
    lock.map(|(_, manager)| (*manager).to_owned())
}

fn declare(file: &SourceFile, root: Node, package: &Package, program: &mut Program) {
    let Some(name) = &package.name else { return };
    let mut facts = BTreeMap::new();
    facts.insert("private".to_owned(), package.private.to_string());
    facts.insert("publish-config".to_owned(), package.has_publish_config.to_string());
    facts.insert("ecosystem".to_owned(), "npm".to_owned());
    program.declarations.push(Declaration {
        kind: DeclarationKind::Package,
        name: name.clone(),
        span: root.entry_span("name").unwrap_or_else(|| file.whole()),
        dir: file.dir().to_owned(),
        images: Vec::new(),
        context: None,
        facts,
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn scripts_are_units_at_their_lines_and_the_package_is_declared() {
        let text = "{\n  \"name\": \"@shop/web\",\n  \"private\": true,\n  \"packageManager\": \"pnpm@9.1.0\",\n  \"workspaces\": {\"packages\": [\"apps/*\"]},\n  \"scripts\": {\n    \"build\": \"tsc -b && vite build\",\n    \"prestart\": \"node x\",\n    \"bad\": 1\n  },\n  \"devDependencies\": {\"vite\": \"1\"}\n}";
        let mut sources = SourceSet::default();
        sources.add("web/package.json", text);
        sources.add("web/lerna.json", "{\"packages\": [\"libs/*\", \"apps/*\"]}");
        sources.add("broken/package.json", "{\"name\": \"b\", \"scripts\": {\"x\": \"make\"");
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let package = &program.packages["web"];
        assert_eq!(package.workspaces, ["apps/*", "libs/*"]);
        assert_eq!((package.manager.as_deref(), package.private, package.dependencies.len()), (Some("pnpm"), true, 1));
        let build = program.unit(package.scripts[0].1);
        assert_eq!((build.name.as_str(), sources.files()[0].line_range(build.span)), ("build", (7, 7)));
        assert!(program.unit(package.scripts[1].1).local_only && !build.local_only);
        assert_eq!(program.declarations[0].facts["private"], "true");
        assert!(!program.diagnostics.is_empty());
    }
}
