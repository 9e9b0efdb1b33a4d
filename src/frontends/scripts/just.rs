//! Front end of justfiles (<https://just.systems/man/en/>): a unit for every recipe. Variables and parameters are bound under
//! `env.NAME`, a parameter to the argument (`arg.N`) that a call gives.

use super::shell::{self, Script, Shell};
use crate::catalogue::Catalogue;
use crate::frontends::bodies::apart;
use crate::frontends::template;
use crate::model::targets::Include;
use crate::model::{Expr, MakeFile, Need, Program, Unit, UnitKind};
use crate::source::paths::{clamp, directory};
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::just::{self, Justfile, Line, Recipe};
use crate::syntax::splice::Splice;

/// Translate every justfile.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    for file in sources.files().iter().filter(|f| is_justfile(f)) {
        let just = just::parse(file);
        let mut entry = MakeFile {
            includes: includes(file, &just, sources),
            default: just.recipes.iter().find(|r| r.name == "default").or(just.recipes.first()).map(|r| r.name.clone()),
            ..MakeFile::default()
        };
        let variables: Vec<(String, Expr)> =
            just.variables.iter().take(MAX_VARIABLES).map(|(n, v)| (format!("env.{n}"), value(v))).collect();
        for recipe in just.recipes.iter().take(MAX_RECIPES) {
            let unit = unit(file, recipe, &variables, catalogue, program);
            entry.targets.push((recipe.name.clone(), program.add(unit)));
        }
        for (alias, name) in &just.aliases {
            entry.targets.extend(entry.target(name).map(|unit| (alias.clone(), unit)));
        }
        program.justfiles.insert(file.path.clone(), entry);
    }
    let included: Vec<String> = program.justfiles.values().flat_map(|j| j.includes.iter().map(|i| i.path.clone())).collect();
    for path in included {
        if let Some(entry) = program.justfiles.get_mut(&path) {
            entry.included = true;
        }
    }
}

/// At most this many recipes of a file are read.
const MAX_RECIPES: usize = 4096;
/// At most this many variables of a file are bound.
const MAX_VARIABLES: usize = 512;

fn is_justfile(file: &SourceFile) -> bool {
    let name = file.name().to_ascii_lowercase();
    name.rsplit_once('.').map_or(name.as_str(), |(_, ending)| ending) == "just"
        || matches!(name.as_str(), "justfile" | ".justfile")
}

fn includes(file: &SourceFile, just: &Justfile, sources: &SourceSet) -> Vec<Include> {
    let dir = directory(&file.path);
    let mut out: Vec<Include> = just.imports.iter().map(|p| Include::plain(clamp(dir, p))).collect();
    for (name, path) in &just.modules {
        let candidates = match path {
            Some(path) => vec![path.clone(), format!("{path}/mod.just"), format!("{path}/justfile")],
            None => {
                vec![format!("{name}.just"), format!("{name}/mod.just"), format!("{name}/justfile"), format!("{name}/.justfile")]
            }
        };
        let found = candidates.iter().map(|c| clamp(dir, c)).find(|c| sources.get(c).is_some());
        out.extend(found.map(|path| Include { path, namespace: name.clone() }));
    }
    out
}

/// A variable's value: strings and names, joined by `+`; anything else is unknown.
fn value(text: &str) -> Expr {
    let part = |part: &str| -> Option<Expr> {
        let part = part.trim();
        let quoted = ['"', '\''].iter().find_map(|q| part.strip_prefix(*q)?.strip_suffix(*q));
        if let Some(inner) = quoted.filter(|t| !t.contains(['"', '\''])) {
            return Some(Expr::lit(inner));
        }
        let name = !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        name.then(|| Expr::Var(format!("env.{part}")))
    };
    let parts: Option<Vec<Expr>> = text.split('+').map(part).collect();
    parts.map_or_else(|| Expr::Unknown(text.to_owned()), Expr::concat)
}

fn unit(file: &SourceFile, recipe: &Recipe, variables: &[(String, Expr)], catalogue: &Catalogue, program: &mut Program) -> Unit {
    let mut unit = Unit::new(UnitKind::Target, &recipe.name, Span::new(file.id, recipe.span.start, recipe.span.end));
    unit.dir = Some(Expr::lit(file.dir()));
    unit.local_only = catalogue.words().local(&recipe.name) || catalogue.words().local_file(&file.path);
    unit.bind = variables.to_vec();
    for (index, (name, default)) in recipe.parameters.iter().enumerate() {
        let given = Expr::Var(format!("arg.{}", index + 1));
        let bound = match default {
            Some(default) => Expr::Default(Box::new(given), Box::new(value(default))),
            None => given,
        };
        unit.bind.push((format!("env.{name}"), bound));
    }
    unit.needs = recipe.before.iter().chain(&recipe.after).map(|n| Need::of(n.clone())).collect();
    match &recipe.shebang {
        Some(interpreter) if !interpreter.contains("sh") => {}
        Some(_) => {
            let script = script(file, &recipe.lines, catalogue, program);
            unit.body = script.items;
            unit.functions = script.functions;
        }
        None => {
            for line in &recipe.lines {
                let span = Span::new(file.id, line.range.start, line.range.end);
                let script = script(file, std::slice::from_ref(line), catalogue, program);
                unit.body.extend(apart(script.items, line.ignored, span));
                unit.functions.extend(script.functions);
            }
        }
    }
    unit
}

fn script(file: &SourceFile, lines: &[Line], catalogue: &Catalogue, program: &mut Program) -> Script {
    let mut splice = Splice::new(file);
    for line in lines {
        splice.copy(line.range.clone());
        splice.put("\n", line.range.end..line.range.end);
    }
    let text = splice.finish();
    let (text, masked) = shell::mask(&text, template::masks(&text.text));
    let shell = Shell { masked: &masked, ..Shell::new(catalogue) };
    shell::items(&text, &shell, program)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::model::find_target;

    #[test]
    fn recipes_are_units_with_parameters_and_needs() {
        let mut sources = SourceSet::default();
        sources.add("infra.just", "apply:\n  terraform apply\n");
        sources.add("justfile", "REG := 'reg/' + NAME\nmod infra\nalias d := deploy\ndeploy env='staging': build\n  kubectl apply -k {{env}}\nbuild:\n  docker build .\n");
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let deploy = program.unit(find_target(&program.justfiles, "justfile", "d").unwrap().unit);
        assert_eq!(deploy.needs[0].name, "build");
        assert_eq!(deploy.bind.last().unwrap().1.eval(&crate::model::Scope::default()).known(), Some("staging"));
        assert!(
            find_target(&program.justfiles, "justfile", "infra::apply").is_some() && program.justfiles["infra.just"].included
        );
    }
}
