//! Front end of Invoke's tasks (<https://docs.pyinvoke.org/en/stable/concepts/invoking-tasks.html>): a unit for every function that is
//! one, with the commands that it runs as literals.

use super::tasks::{Reader, commands, local, task};
use crate::catalogue::Catalogue;
use crate::catalogue::runners;
use crate::model::{Expr, MakeFile, Need, Program};
use crate::source::SourceSet;
use crate::syntax::literals::{self, Language, Token, after_closing, after_indented, split};

const RUNNER: &str = "invoke";

/// Translate every tasks.py that uses Invoke.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let Some(runner) = runners::named(RUNNER) else { return };
    for file in sources.files().iter().filter(|f| runner.files.iter().any(|n| n == f.name())) {
        // Many a tasks.py is of another framework.
        if !file.text.contains("from invoke") && !file.text.contains("import invoke") {
            continue;
        }
        let reader = Reader { file, catalogue, runner };
        let entry = tasks(&reader, program);
        program.runners.entry(RUNNER.to_owned()).or_default().insert(file.path.clone(), entry);
    }
}

fn tasks(reader: &Reader, program: &mut Program) -> MakeFile {
    let tokens = literals::tokens(reader.file, Language::Python);
    let mut entry = MakeFile::default();
    for at in 0..tokens.len() {
        if !tokens[at].first || !matches!(tokens[at].word(), Some("@task" | "@invoke.task")) {
            continue;
        }
        let open = tokens.get(at + 1).filter(|t| t.is('(')).map(|_| at + 1);
        let end = open.map_or(at + 1, |o| after_closing(&tokens, o));
        let options = open.and_then(|o| tokens.get(o + 1..end.saturating_sub(1))).unwrap_or_default();
        let def = (end..tokens.len().min(end + 64)).find(|i| tokens[*i].word() == Some("def"));
        let Some((def, function)) = def.and_then(|d| Some((d, tokens.get(d + 1)?.word()?))) else { continue };
        let after = after_indented(&tokens, def);
        let last = tokens[after - 1].range.end;
        let named = value(options, "name").and_then(|v| v.first()?.literal()?.plain());
        let name = named.unwrap_or(function).replace('_', "-");
        let mut unit = task(reader.file, &name, tokens[at].range.start..last, reader.catalogue);
        for (parameter, default) in parameters(&tokens, def + 2) {
            let given = default.map_or_else(|| Expr::Unknown(parameter.clone()), Expr::Lit);
            unit.bind.push((local(&parameter), given));
        }
        let before = split(options).into_iter().filter(|o| !o.iter().any(|t| t.is('='))).flatten();
        let before = before.chain(value(options, "pre").unwrap_or_default()).chain(value(options, "post").unwrap_or_default());
        unit.needs = before.filter_map(Token::word).map(|w| Need::of(w.replace('_', "-"))).collect();
        commands(tokens.get(def..after).unwrap_or_default(), reader, &mut unit, program);
        if options.windows(3).any(|w| w[0].word() == Some("default") && w[2].word() == Some("True")) {
            entry.default = Some(name.clone());
        }
        let id = program.add(unit);
        entry.targets.extend([(name.clone(), id), (name.replace('-', "_"), id)]);
    }
    entry
}

/// The value of an option that is given by its name.
fn value<'t>(options: &'t [Token], name: &str) -> Option<&'t [Token]> {
    split(options).into_iter().find_map(|o| match o {
        [key, sign, rest @ ..] if key.word() == Some(name) && sign.is('=') => Some(rest),
        _ => None,
    })
}

/// The parameters of a function but the first, with their defaults where these are texts.
fn parameters(tokens: &[Token], open: usize) -> Vec<(String, Option<String>)> {
    let end = after_closing(tokens, open);
    let all = split(tokens.get(open + 1..end.saturating_sub(1)).unwrap_or_default());
    let one = |p: &[Token]| {
        let default = p.iter().position(|t| t.is('=')).and_then(|i| p.get(i + 1)?.literal()?.plain().map(ToOwned::to_owned));
        Some((p.first()?.word()?.to_owned(), default))
    };
    all.into_iter().skip(1).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::model::Item;

    #[test]
    fn functions_are_tasks() {
        let text = "from invoke import task\n\n@task\ndef build_all(c):\n    c.run(\"docker build .\", pty=True)\n\n@task(build_all, name='ship')\ndef x(ctx, env='prod'):\n    if env:\n        ctx.run(f\"helm upgrade shop chart -f {env}.yaml\")\n\ndef helper(c):\n    c.run('terraform apply')\n";
        let mut sources = SourceSet::default();
        sources.add("tasks.py", text);
        sources.add("app/tasks.py", "@task\ndef mail(c):\n    c.run('terraform apply')\n");
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let all = &program.runners["invoke"];
        assert_eq!(all.len(), 1);
        let ship = program.unit(all["tasks.py"].target("ship").unwrap());
        assert_eq!((ship.needs[0].name.as_str(), ship.body.len()), ("build-all", 1));
        let Item::Command(command) = &ship.body[0] else { panic!() };
        assert_eq!(command.words[0], Expr::lit("helm"));
        assert!(all["tasks.py"].target("build_all").is_some() && all["tasks.py"].target("helper").is_none());
    }
}
