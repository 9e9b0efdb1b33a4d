//! Front end of Rakefiles (<https://ruby.github.io/rake/doc/rakefile_rdoc.html>): a unit for every task, with the commands that stand
//! in it as literals (`sh "…"`, `system`, back ticks) and the tasks that it invokes.

use super::tasks::{Reader, commands, task};
use crate::catalogue::runners;
use crate::catalogue::{Action, Catalogue};
use crate::model::targets::Include;
use crate::model::{MakeFile, Need, Program, Unit};
use crate::source::paths::is_under;
use crate::source::{SourceFile, SourceSet};
use crate::syntax::literals::{self, Language, Token, after_indented, call_at};

const RUNNER: &str = "rake";

/// Translate every Rakefile, and the files of tasks below it.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let Some(runner) = runners::named(RUNNER) else { return };
    let is_rakefile = |f: &SourceFile| runner.files.iter().any(|n| n == f.name());
    let all: Vec<&SourceFile> = sources.files().iter().filter(|f| is_rakefile(f) || f.name().ends_with(".rake")).collect();
    for file in &all {
        let reader = Reader { file, catalogue, runner };
        let mut entry = tasks(&reader, program);
        if is_rakefile(file) {
            let below = all.iter().filter(|f| !is_rakefile(f) && is_under(f.dir(), file.dir()));
            entry.includes = below.map(|f| Include::plain(f.path.clone())).collect();
            entry.default.clone_from(&runner.default);
        }
        program.runners.entry(RUNNER.to_owned()).or_default().insert(file.path.clone(), entry);
    }
}

fn tasks(reader: &Reader, program: &mut Program) -> MakeFile {
    let tokens = literals::tokens(reader.file, Language::Ruby);
    let mut entry = MakeFile::default();
    let mut spaces: Vec<(usize, String)> = Vec::new();
    for at in 0..tokens.len() {
        let token = &tokens[at];
        if !token.first {
            continue;
        }
        while spaces.last().is_some_and(|(indent, _)| token.indent <= *indent) {
            spaces.pop();
        }
        let Some(call) = call_at(&tokens, at) else { continue };
        match call.name {
            "namespace" => spaces.extend(call.args.first().and_then(|a| name(a)).map(|n| (token.indent, n.0))),
            "task" | "multitask" => {
                let Some((own, rest)) = call.args.first().and_then(|a| name(a)) else { continue };
                let full: String = spaces.iter().map(|(_, s)| format!("{s}:")).collect::<String>() + &own;
                let end = after_indented(&tokens, at);
                // `end` stands as far out as the task.
                let closing = tokens.get(end).filter(|t| t.word() == Some("end")).map(|t| t.range.end);
                let body = if tokens.get(call.end).is_some_and(|t| t.word() == Some("do") || t.is('{')) {
                    &tokens[call.end..end]
                } else {
                    &[]
                };
                let last = closing.filter(|_| !body.is_empty()).unwrap_or(call.range.end);
                let mut unit = task(reader.file, &full, token.range.start..last, reader.catalogue);
                let mut needs = names(rest);
                for arg in call.args.iter().skip(1) {
                    let arrow = arg.windows(2).position(|w| w[0].is('=') && w[1].is('>'));
                    needs.extend(arrow.map(|i| names(&arg[i + 2..])).unwrap_or_default());
                }
                unit.needs = needs.into_iter().map(Need::of).collect();
                commands(body, reader, &mut unit, program);
                invoked(body, reader, &mut unit);
                let id = program.add(unit);
                entry.targets.push((full, id));
            }
            _ => {}
        }
    }
    entry
}

/// The name that an argument begins with (`:a`, `'a'`, `a:`), and what stands after it.
fn name(arg: &[Token]) -> Option<(String, &[Token])> {
    match arg {
        [sign, token, rest @ ..] if sign.is(':') => {
            let name = token.word().or_else(|| token.literal()?.plain())?;
            Some((name.to_owned(), rest))
        }
        [token, rest @ ..] => match token.literal() {
            Some(literal) => Some((literal.plain()?.to_owned(), rest)),
            None if rest.first().is_some_and(|t| t.is(':')) => Some((token.word()?.to_owned(), rest)),
            None => None,
        },
        [] => None,
    }
}

/// The names in a list: symbols and texts.
fn names(tokens: &[Token]) -> Vec<String> {
    let symbols = tokens.windows(2).filter(|w| w[0].is(':')).filter_map(|w| w[1].word().map(ToOwned::to_owned));
    let texts = tokens.iter().filter_map(|t| t.literal()?.plain().map(ToOwned::to_owned));
    symbols.chain(texts).collect()
}

/// `Rake::Task['x'].invoke`: a task that the tables know is a command, another one of the repository's is run as well.
fn invoked(body: &[Token], reader: &Reader, unit: &mut Unit) {
    for (at, window) in body.windows(3).enumerate() {
        if window[0].word() == Some("Task")
            && window[1].is('[')
            && let Some(name) = window[2].literal().and_then(|l| l.plain())
            && body.iter().skip(at + 4).take(3).any(|t| t.word().is_some_and(|w| w.ends_with("invoke") || w.ends_with("execute")))
        {
            let words = [RUNNER.to_owned(), name.to_owned()];
            if reader.catalogue.command(&words).is_some_and(|c| matches!(c.action, Action::Step(_))) {
                unit.body.push(reader.call(name, window[0].range.start..window[2].range.end));
            } else {
                unit.needs.push(Need::of(name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::model::{Item, find_target};

    #[test]
    fn tasks_have_commands_needs_and_namespaces() {
        let mut sources = SourceSet::default();
        sources.add("Rakefile", "require 'x'\ntask default: [:spec, 'lint']\nnamespace :app do\n  desc 'd'\n  task :ship, [:env] => [:build] do |t, args|\n    sh \"kubectl apply -f #{args[:env]}.yaml\"\n    Rake::Task['db:migrate'].invoke\n    sh cmd\n  end\nend\ntask :after do\n  system 'docker', 'push', 'shop'\nend\n");
        sources.add("lib/tasks/db.rake", "namespace :db do\n  task(:migrate) { `flyway migrate` }\nend\n");
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let find = |name: &str| program.unit(find_target(&program.runners["rake"], "Rakefile", name).unwrap().unit);
        let texts = |name: &str| {
            let all = find(name).body.iter().filter_map(|i| if let Item::Command(c) = i { Some(c.text.clone()) } else { None });
            all.collect::<Vec<_>>()
        };
        assert_eq!(find("default").needs.len(), 2);
        assert_eq!(find("app:ship").needs[0].name, "build");
        assert_eq!(texts("app:ship")[1], "rake db:migrate");
        assert_eq!(find("app:ship").needs.len(), 1);
        assert!(texts("app:ship")[0].starts_with("kubectl apply -f"));
        assert_eq!(
            (texts("after"), texts("db:migrate")),
            (vec!["docker push shop".to_owned()], vec!["flyway migrate".to_owned()])
        );
        assert_eq!(sources.files()[0].line_range(find("app:ship").span), (5, 9));
    }
}
