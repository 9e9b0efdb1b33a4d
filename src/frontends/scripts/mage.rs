//! Front end of magefiles (<https://magefile.org/magefiles/>): a unit for every exported function, with the commands that it runs as
//! literals and the targets that it depends on.

use super::tasks::{Reader, commands, task};
use crate::catalogue::Catalogue;
use crate::catalogue::runners;
use crate::model::targets::Include;
use crate::model::{MakeFile, Need, Program};
use crate::source::SourceSet;
use crate::syntax::literals::{self, Language, Token, after_closing, call_at};

const RUNNER: &str = "mage";

/// Translate every magefile.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let Some(runner) = runners::named(RUNNER) else { return };
    for file in sources.files().iter().filter(|f| f.name() == "magefile.go") {
        let reader = Reader { file, catalogue, runner };
        let mut entry = tasks(&reader, program);
        let beside = sources.files().iter().filter(|f| f.dir() == file.dir() && f.id != file.id && f.name().ends_with(".go"));
        entry.includes = beside.map(|f| Include::plain(f.path.clone())).collect();
        program.runners.entry(RUNNER.to_owned()).or_default().insert(file.path.clone(), entry);
    }
}

fn tasks(reader: &Reader, program: &mut Program) -> MakeFile {
    let tokens = literals::tokens(reader.file, Language::Go);
    let mut entry = MakeFile::default();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].first && tokens[at].word() == Some("var") && tokens.get(at + 1).and_then(Token::word) == Some("Default") {
            entry.default = tokens.get(at + 3).and_then(Token::word).map(named);
        }
        let Some((name, signature)) = function(&tokens, at) else {
            at += 1;
            continue;
        };
        let body = (signature..tokens.len().min(signature + 24)).find(|i| tokens[*i].is('{')).filter(|_| exported(&name));
        let Some(open) = body else {
            at += 1;
            continue;
        };
        let end = after_closing(&tokens, open);
        let last = tokens[end - 1].range.end;
        let mut unit = task(reader.file, &named(&name), tokens[at].range.start..last, reader.catalogue);
        unit.dir = Some(crate::model::Expr::lit(reader.file.dir().trim_end_matches("magefiles").trim_end_matches('/')));
        let body = &tokens[open..end];
        for i in 0..body.len() {
            let Some(call) = call_at(body, i).filter(|c| matches!(c.name, "mg.Deps" | "mg.SerialDeps" | "mg.CtxDeps")) else {
                continue;
            };
            let words = call.args.iter().filter_map(|a| a.last()?.word());
            unit.needs.extend(words.filter(|w| exported(w)).map(|w| Need::of(named(w))));
        }
        commands(body, reader, &mut unit, program);
        let id = program.add(unit);
        entry.targets.push((named(&name), id));
        at = end.max(at + 1);
    }
    entry
}

/// The name of a function that starts at a token (`Ns.Name` for a method), and the token after it.
fn function(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    if !tokens[at].first || tokens[at].word() != Some("func") {
        return None;
    }
    let next = tokens.get(at + 1)?;
    if !next.is('(') {
        return Some((next.word()?.to_owned(), at + 2));
    }
    let end = after_closing(tokens, at + 1);
    let of = tokens.get(at + 2..end.saturating_sub(1))?.iter().filter_map(Token::word).next_back()?;
    Some((format!("{of}.{}", tokens.get(end)?.word()?), end + 1))
}

fn exported(name: &str) -> bool {
    name.split('.').all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// A target as it is called: `Ns.Name` is `ns:name`.
fn named(name: &str) -> String {
    name.replace('.', ":").to_lowercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::model::Item;

    #[test]
    fn exported_functions_are_targets() {
        let text = "package main\nvar Default = Build\nfunc Build() error {\n\treturn sh.RunV(\"go\", \"build\", \"./...\")\n}\nfunc (Ship) Prod(ctx context.Context) error {\n\tmg.Deps(Build, helper)\n\treturn sh.RunWith(env, \"kubectl\", \"apply\", \"-f\", file)\n}\nfunc helper() { sh.Run(\"terraform\", \"apply\") }\n";
        let mut sources = SourceSet::default();
        sources.add("magefiles/magefile.go", text);
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let file = &program.runners["mage"]["magefiles/magefile.go"];
        assert_eq!((file.default.as_deref(), file.targets.len()), (Some("build"), 2));
        let prod = program.unit(file.target("ship:prod").unwrap());
        assert_eq!(prod.needs.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["build"]);
        let Item::Command(command) = &prod.body[0] else { panic!() };
        assert_eq!((command.words.len(), command.words[0].clone()), (4, crate::model::Expr::lit("kubectl")));
    }
}
