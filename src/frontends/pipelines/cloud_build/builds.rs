//! A build: its steps and what it pushes and keeps after them. And where its file says something of what starts it.

use super::steps::{steps, variables};
use super::{VENDOR, arguments::expr};
use crate::catalogue::Catalogue;
use crate::frontends::pipelines::Input;
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::resources::{pair, shown};
use crate::frontends::pipelines::runs::Pattern;
use crate::model::{Expr, Item, Param, Program, Unit, UnitId, UnitKind, WORK_FOLDER};
use crate::source::paths::join;
use crate::source::{SourceFile, SourceSet, Span};
use regex::Regex;
use std::sync::OnceLock;

/// Substitutions that name an environment.
const ENVIRONMENTS: &[&str] =
    &["_ENVIRONMENT", "_ENV", "_DEPLOY_ENV", "_TARGET_ENV", "_DEPLOYMENT_ENV", "_ENVIRONMENT_NAME", "_ENV_NAME", "_STAGE"];

/// The unit of a build.
pub(super) fn unit(root: &Data, name: &str, span: Span, input: &Input<'_>, program: &mut Program) -> UnitId {
    let mut unit = Unit::new(UnitKind::Action, name, span);
    unit.params.push(Param { name: WORK_FOLDER.to_owned(), default: Some(Expr::lit("")), options: Vec::new() });
    unit.dir = Some(Expr::Var(WORK_FOLDER.to_owned()));
    for pair in root.get("substitutions").map(Data::pairs).unwrap_or_default() {
        let default = pair.value.str().map(expr);
        unit.params.push(Param { name: format!("env.{}", pair.key), default, options: Vec::new() });
    }
    unit.bind.push((super::starts::ENVIRONMENT.to_owned(), environment()));
    unit.bind.extend(variables(root.get("options").and_then(|o| o.get("env"))));
    let nothing = |_: &str| Vec::new();
    let mut reader = Reader::new(input.catalogue, program, VENDOR, &nothing);
    unit.body = steps(root, input.sources, &mut reader);
    shown(&mut unit.body);
    if let Some(pair) = pair(root, "images") {
        unit.body.push(keyword("images", pair, &mut reader));
    }
    if let Some(all) = root.get("artifacts") {
        unit.body.extend(artifacts(all, &mut reader));
    }
    unit.functions = std::mem::take(&mut reader.functions);
    program.add(unit)
}

/// The environment: the first of the usual substitutions that is given, else what the trigger's name says.
fn environment() -> Expr {
    let known = Expr::Var(super::starts::ENVIRONMENT.to_owned());
    let first = |rest, name: &&str| Expr::Default(Box::new(Expr::Var(format!("env.{name}"))), Box::new(rest));
    ENVIRONMENTS.iter().rev().fold(known, first)
}

/// What a key of the file does after the steps.
fn keyword(name: &str, pair: &Pair, reader: &mut Reader<'_>) -> Item {
    let texts = pair.value.texts();
    let text = format!("{}: {}", pair.key, texts.join(" "));
    let mut item = reader.built_in(&format!("keyword:{name}"), "", &[], pair.span, text.trim());
    if let Item::BuiltIn(built_in) = &mut item {
        built_in.inputs = if texts.is_empty() {
            let all = pair.value.items().first().unwrap_or(&pair.value).pairs();
            all.iter().filter(|p| !p.value.is_null()).map(|p| (p.key.to_string(), expr(&p.value.texts().join("\n")))).collect()
        } else {
            vec![(pair.key.to_string(), expr(&texts.join("\n")))]
        };
    }
    item
}

/// `artifacts:`: images and packages that are pushed, files that are kept.
fn artifacts(all: &Data, reader: &mut Reader<'_>) -> Vec<Item> {
    let given = all.pairs().iter().filter(|p| !p.value.is_null());
    given
        .map(
            |p| {
                if &*p.key == "images" {
                    keyword("images", p, reader)
                } else {
                    keyword(&format!("artifacts.{}", p.key), p, reader)
                }
            },
        )
        .collect()
}

/// Branches that a file's conditions or triggers name.
pub(super) fn compared_branches(text: &str) -> Vec<String> {
    static NAMED: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = r#"(?:BRANCH_NAME[:}\-a-z]*["']?\s*={1,2}\s*|\bbranch(?:_name|Name)?["']?\s*[=:]\s*)["']?\^?([A-Za-z][\w/-]*)\$?["']?(?:\s|$|\])"#;
    let Some(named) = NAMED.get_or_init(|| Regex::new(pattern).ok()) else { return Vec::new() };
    named.captures_iter(text).filter_map(|c| c.get(1)).map(|m| m.as_str().to_owned()).collect()
}

/// The same as what a run tells apart.
pub(super) fn patterns(text: &str) -> Vec<Pattern> {
    compared_branches(text).into_iter().map(Pattern::Name).collect()
}

/// Whether a build's file stands where a trigger usually looks: at the root, in a folder of the top, or beside what it builds.
pub(super) fn usual_place(file: &SourceFile, sources: &SourceSet) -> bool {
    const APART: &[&str] = &["hack", "docs", "doc", ".github", "contrib", "tools"];
    const BUILT: &[&str] = &[
        "Dockerfile",
        "package.json",
        "go.mod",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "requirements.txt",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "Pipfile",
        "Cargo.toml",
        "Gemfile",
        "composer.json",
        "main.tf",
        "kustomization.yaml",
        "Chart.yaml",
    ];
    let dir = file.dir();
    if dir.is_empty() {
        return true;
    }
    let usual = matches!(file.name(), "cloudbuild.yaml" | "cloudbuild.yml" | "cloudbuild.json");
    let beside = || BUILT.iter().filter_map(|name| join(dir, name)).any(|path| sources.paths.contains(&path));
    usual && !dir.split('/').any(|part| APART.contains(&part)) && (!dir.contains('/') || beside())
}

/// Whether something of the repository submits a build's file by a command.
pub(super) fn is_submitted(file: &SourceFile, sources: &SourceSet, catalogue: &Catalogue) -> bool {
    sources.files().iter().any(|other| {
        let read = !matches!(other.path.rsplit_once('.'), Some((_, "md" | "rst" | "adoc" | "txt" | "html" | "ipynb")));
        read && other.id != file.id
            && other.text.contains("builds submit")
            && !catalogue.words().fixture_path(&other.path)
            && submits(&other.text, other.dir(), &file.path)
    })
}

fn submits(text: &str, dir: &str, path: &str) -> bool {
    let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with('#')).collect();
    for (at, _) in code.iter().enumerate().filter(|(_, line)| line.contains("builds submit")) {
        // The command with the lines that it goes on in.
        let end = (at..code.len()).find(|i| !code[*i].trim_end().ends_with('\\')).unwrap_or(code.len() - 1);
        let command = code[at..=end].join(" ");
        let words: Vec<&str> = command.split(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'' | '\\')).collect();
        let named = words.iter().position(|w| *w == "--config").map(|i| words[i + 1..].iter().find(|w| !w.is_empty()));
        let means = |name: &str| {
            let tail = name.rsplit(['$', '}']).next().unwrap_or(name).trim_start_matches(|c| c != '/').trim_start_matches('/');
            let whole = [join(dir, name), join("", name)].into_iter().flatten().any(|p| p == path);
            whole
                || (!tail.is_empty() && (path == tail || path.ends_with(&format!("/{tail}"))))
                || name.rsplit('/').next() == path.rsplit('/').next()
        };
        match named {
            Some(Some(name)) if means(name) => return true,
            None if matches!(path.rsplit('/').next(), Some("cloudbuild.yaml" | "cloudbuild.yml" | "cloudbuild.json"))
                && !words.iter().any(|w| matches!(*w, "--tag" | "-t" | "--pack")) =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_are_named_by_conditions_and_triggers() {
        let text =
            "if [[ \"$BRANCH_NAME\" == \"main\" ]]\n[ \"${BRANCH_NAME}\" = develop ]\n branch = \"^release$\"\n branch: .*\n";
        assert_eq!(compared_branches(text), ["main", "develop", "release"]);
    }

    #[test]
    fn a_command_submits_the_file_that_it_names() {
        assert!(submits("gcloud builds submit \\\n  --config=build/cloudbuild.yaml .\n", "", "build/cloudbuild.yaml"));
        assert!(submits("gcloud builds submit --config \"$ROOT/ci/release.yaml\"\n", "x", "ci/release.yaml"));
        assert!(!submits("# gcloud builds submit --config a.yaml\ngcloud builds submit --tag x .\n", "", "cloudbuild.yaml"));
        assert!(!submits("gcloud builds submit --config other.yaml\n", "", "cloudbuild.yaml"));
        assert!(submits("gcloud builds submit .\n", "", "cloudbuild.yaml"));
    }
}
