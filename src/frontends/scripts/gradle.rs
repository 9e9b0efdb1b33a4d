//! Front end of Gradle's build files, in Groovy and in Kotlin (<https://docs.gradle.org/current/userguide/more_about_tasks.html>):
//! a unit for every task that a file defines, with the commands that stand in it as literals; what is bound to the tasks of
//! plugins, and the images that those make.

use super::tasks::{Line, plain_texts, run, task, words};
use crate::catalogue::Catalogue;
use crate::catalogue::lifecycle::{ImageBlock, Phases};
use crate::catalogue::runners::{self, Runner};
use crate::model::targets::Include;
use crate::model::{Bound, Expr, Item, Lifecycle, MakeFile, Need, Profile, Program, Unit};
use crate::source::paths::clamp;
use crate::source::{SourceFile, SourceSet};
use crate::syntax::literals::{self, Language, LiteralCall, Token, TokenKind, after_closing, call_at};

const RUNNER: &str = "gradle";

/// Translate every build file, and what is applied by one.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let (Some(runner), Some(phases)) = (runners::named(RUNNER), Phases::of(RUNNER)) else { return };
    let files = sources.files().iter().filter(|f| f.name().ends_with(".gradle") || f.name().ends_with(".gradle.kts"));
    for file in files.filter(|f| !f.name().starts_with("settings.")) {
        let reader = Reader { file, catalogue, runner, tokens: literals::tokens(file, Language::Jvm) };
        let (entry, hooks) = reader.tasks(program);
        let images = phases.image_blocks().flat_map(|block| reader.images(block));
        let bound: Vec<Bound> = hooks.into_iter().chain(images).collect();
        if runner.files.iter().any(|n| n == file.name()) {
            let profiles = vec![Profile { bound, modules: below(file, sources, runner), ..Profile::default() }];
            let name = file.dir().rsplit('/').next().unwrap_or_default().to_owned();
            let lifecycle = Lifecycle { name, complete: false, profiles };
            program.lifecycles.insert((RUNNER.to_owned(), file.dir().to_owned()), lifecycle);
        }
        program.runners.entry(RUNNER.to_owned()).or_default().insert(file.path.clone(), entry);
    }
}

/// Folders of the build files below one: the projects of a build with several. Only a file with settings beside it has any.
fn below(file: &SourceFile, sources: &SourceSet, runner: &Runner) -> Vec<String> {
    let settings = ["settings.gradle", "settings.gradle.kts"].iter().any(|s| sources.paths.contains(&clamp(file.dir(), s)));
    let inside = |dir: &str| {
        dir.strip_prefix(file.dir()).is_some_and(|rest| !rest.is_empty() && (file.dir().is_empty() || rest.starts_with('/')))
    };
    let builds = sources.files().iter().filter(|f| runner.files.iter().any(|n| n == f.name()) && inside(f.dir()));
    if settings { builds.map(|f| f.dir().to_owned()).collect() } else { Vec::new() }
}

struct Reader<'a> {
    file: &'a SourceFile,
    catalogue: &'a Catalogue,
    runner: &'a Runner,
    tokens: Vec<Token>,
}

/// The head of a task: its name, its type, what stands in the brackets beside them, and the token after it.
struct Head<'t> {
    name: &'t str,
    types: Vec<&'t str>,
    args: &'t [Token],
    end: usize,
    /// It defines the task; else it only says more of one.
    defines: bool,
}

impl Reader<'_> {
    /// The tasks that a file defines, and what it binds to those of plugins.
    fn tasks(&self, program: &mut Program) -> (MakeFile, Vec<Bound>) {
        let (mut entry, mut hooks) = (MakeFile::default(), Vec::new());
        let mut at = 0;
        while at < self.tokens.len() {
            if let Some(include) = self.applied(at) {
                entry.includes.push(include);
            }
            let Some(head) = self.head(at) else {
                self.hook_by_name(at, &mut hooks);
                at += 1;
                continue;
            };
            let open = self.tokens.get(head.end).filter(|t| t.is('{')).map(|_| head.end);
            let end = open.map_or(head.end, |o| after_closing(&self.tokens, o));
            let body = open.and_then(|o| self.tokens.get(o + 1..end.saturating_sub(1))).unwrap_or_default();
            if head.defines {
                let unit = self.unit(&head, body, at, end, program);
                let id = program.add(unit);
                entry.targets.push((head.name.to_owned(), id));
            } else {
                for name in dependencies(body) {
                    hooks.push(self.hook(head.name, &name));
                }
            }
            at = end.max(at + 1);
        }
        (entry, hooks)
    }

    /// `apply from: 'gradle/docker.gradle'`.
    fn applied(&self, at: usize) -> Option<Include> {
        let call = call_at(&self.tokens, at).filter(|c| c.name == "apply")?;
        let first = call.args.first()?;
        let from = first.first()?.word() == Some("from");
        let literal = first.last()?.literal().filter(|_| from)?;
        let path = literal.text.text.replace("$rootDir/", "/").replace("${rootDir}/", "/").replace("$projectDir/", "");
        (!path.contains("://") && !path.contains('$')).then(|| Include::plain(clamp(self.file.dir(), &path)))
    }

    /// The head of a task that starts at a token.
    fn head(&self, at: usize) -> Option<Head<'_>> {
        let word = self.tokens.get(at)?.word()?;
        let next = self.tokens.get(at + 1)?;
        let verb = word.rsplit('.').next().unwrap_or(word);
        let of_tasks = word == "task" || word.ends_with("tasks.register") || word.ends_with("tasks.create");
        let named = word.ends_with("tasks.named") || word.ends_with("tasks.getByName");
        if word == "task" && next.word().is_some() {
            // `task name(type: T) {`
            let open = self.tokens.get(at + 2).filter(|t| t.is('(')).map(|_| at + 2);
            let end = open.map_or(at + 2, |o| after_closing(&self.tokens, o));
            let args = open.and_then(|o| self.tokens.get(o + 1..end.saturating_sub(1))).unwrap_or_default();
            return Some(Head { name: next.word()?, types: type_names(args), args, end: self.past_shift(end), defines: true });
        }
        if of_tasks || named {
            // `tasks.register<T>("name", T::class) {`
            let mut open = at + 1;
            let mut types = Vec::new();
            if next.is('<') {
                let close = (at + 2..self.tokens.len().min(at + 12)).find(|i| self.tokens[*i].is('>'))?;
                types.extend(self.tokens[at + 2..close].iter().filter_map(Token::word));
                open = close + 1;
            }
            if !self.tokens.get(open)?.is('(') {
                return None;
            }
            let end = after_closing(&self.tokens, open);
            let args = self.tokens.get(open + 1..end.saturating_sub(1))?;
            let name = args.first()?.literal()?.plain()?;
            types.extend(type_names(&args[1..]));
            return Some(Head { name, types, args, end: self.past_shift(end), defines: of_tasks });
        }
        if matches!(verb, "registering" | "creating") && at >= 3 && self.tokens[at - 1].word() == Some("by") {
            // `val name by tasks.registering(T::class) {`
            let name = self.tokens[at - 2].word()?;
            let open = next.is('(').then_some(at + 1);
            let end = open.map_or(at + 1, |o| after_closing(&self.tokens, o));
            let args = open.and_then(|o| self.tokens.get(o + 1..end.saturating_sub(1))).unwrap_or_default();
            return Some(Head { name, types: type_names(args), args, end, defines: true });
        }
        // `build {` and `tasks.build {` say more of a task of a plugin.
        let own = self.tokens[at].first && (word.starts_with("tasks.") || !word.contains('.'));
        (own && next.is('{') && word != "tasks" && word != "allprojects" && word != "subprojects" && word != "project").then(
            || {
                let known = self.catalogue.command(&[RUNNER.to_owned(), verb.to_owned()]).is_some();
                known.then_some(Head { name: verb, types: Vec::new(), args: &[], end: at + 1, defines: false })
            },
        )?
    }

    /// `<<` before the body of an old task, `.configure`.
    fn past_shift(&self, end: usize) -> usize {
        let shift = (0..2).all(|i| self.tokens.get(end + i).is_some_and(|t| t.is('<')));
        let dot = self.tokens.get(end).is_some_and(|t| t.is('.')) && self.tokens.get(end + 1).is_some_and(|t| t.word().is_some());
        if shift || dot { end + 2 } else { end }
    }

    fn unit(&self, head: &Head, body: &[Token], at: usize, end: usize, program: &mut Program) -> Unit {
        let last = self.tokens.get(end.saturating_sub(1)).map_or(self.tokens[at].range.end, |t| t.range.end);
        let mut unit = task(self.file, head.name, self.tokens[at].range.start..last, self.catalogue);
        unit.needs = dependencies(head.args).into_iter().chain(dependencies(body)).map(Need::of).collect();
        if let Some(amounts) = head.types.iter().find_map(|t| self.runner.types.get(*t)) {
            unit.needs.push(Need::of(amounts.clone()));
        }
        self.commands(body, &mut unit, program);
        unit
    }

    /// The commands that stand in a body as literals, in order.
    fn commands(&self, body: &[Token], unit: &mut Unit, program: &mut Program) {
        let mut executable: Option<Line> = None;
        let mut at = 0;
        while at < body.len() {
            let Some(call) = setting_at(body, at) else {
                at += 1;
                continue;
            };
            match call.name.rsplit('.').next().unwrap_or(call.name) {
                "workingDir" => {
                    let to = call.args.first().and_then(|a| plain_texts(a).first().copied().map(ToOwned::to_owned));
                    unit.body.extend(to.map(|t| Item::Chdir(Expr::lit(t))));
                }
                "commandLine" => {
                    let mut line = Line::new(self.file);
                    words(&mut line, self.file, &call.args);
                    run(&line, call.range.clone(), self.catalogue, unit, program);
                }
                "executable" => {
                    let mut line = Line::new(self.file);
                    words(&mut line, self.file, &call.args);
                    executable = Some(line);
                }
                "args" => {
                    if let Some(mut line) = executable.take() {
                        words(&mut line, self.file, &call.args);
                        run(&line, call.range.clone(), self.catalogue, unit, program);
                    }
                }
                _ => {
                    at += 1;
                    continue;
                }
            }
            at = call.end.max(at + 1);
        }
    }

    /// `build.dependsOn x`, `tasks.build.finalizedBy(x)`.
    fn hook_by_name(&self, at: usize, hooks: &mut Vec<Bound>) {
        let Some(word) = self.tokens[at].word() else { return };
        let Some((task, "dependsOn" | "finalizedBy")) = word.rsplit_once('.') else { return };
        let Some(call) = call_at(&self.tokens, at) else { return };
        let task = task.rsplit('.').next().unwrap_or(task);
        hooks.extend(names_in(&call.args).iter().map(|n| self.hook(task, n)));
    }

    fn hook(&self, task: &str, runs: &str) -> Bound {
        let words = vec![RUNNER.to_owned(), runs.to_owned()];
        Bound { phase: Some(task.to_owned()), words, dir: self.file.dir().to_owned(), ..Bound::default() }
    }

    /// The images that the tasks of a plugin make, as its block says.
    fn images(&self, block: &ImageBlock) -> Vec<Bound> {
        let mut found = Vec::new();
        let heads =
            (0..self.tokens.len()).filter(|i| self.tokens[*i].word().is_some_and(|w| w.rsplit('.').next() == Some(&block.block)));
        for at in heads {
            let mut range = (at + 1, self.tokens.len().min(at + 1));
            if self.tokens.get(at + 1).is_some_and(|t| t.is('{')) {
                range = (at + 2, after_closing(&self.tokens, at + 1));
            }
            let Some((last, blocks)) = block.path.split_last() else { continue };
            for name in blocks {
                let inner = (range.0..range.1)
                    .find(|i| self.tokens[*i].word() == Some(name) && self.tokens.get(i + 1).is_some_and(|t| t.is('{')));
                range = inner.map_or((0, 0), |i| (i + 2, after_closing(&self.tokens, i + 1)));
            }
            let value = (range.0..range.1).find_map(|i| {
                let named = self.tokens[i].word().map(|w| w.trim_end_matches(".set")) == Some(last.as_str());
                let call = setting_at(&self.tokens, i).filter(|_| named)?;
                call.args.first()?.iter().find_map(Token::literal).cloned()
            });
            if let Some(literal) = value {
                let mut image = literal.text.text.clone();
                for (hole, _) in literal.holes.iter().rev() {
                    image.replace_range(hole.clone(), &crate::model::HOLE.to_string());
                }
                found.extend(block.tasks.iter().map(|task| Bound {
                    phase: Some(task.clone()),
                    images: vec![image.clone()],
                    dir: self.file.dir().to_owned(),
                    ..Bound::default()
                }));
            }
        }
        found
    }
}

/// A call, or an assignment (`commandLine = listOf("a")`), that starts at a token.
fn setting_at(tokens: &[Token], at: usize) -> Option<LiteralCall<'_>> {
    let assigned = tokens.get(at + 1).is_some_and(|t| t.is('=')) && !tokens.get(at + 2).is_some_and(|t| t.is('='));
    if !assigned {
        return call_at(tokens, at);
    }
    let call = call_at(tokens, at)?;
    // The first argument starts after the sign.
    let args = call.args.into_iter().map(|a| if a.first().is_some_and(|t| t.is('=')) { &a[1..] } else { a }).collect();
    Some(LiteralCall { args, ..call })
}

/// The names of types among the arguments of a task: `type: Exec`, `Exec`, `Exec::class`.
fn type_names(args: &[Token]) -> Vec<&str> {
    let upper = |w: &&str| w.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_uppercase()));
    args.iter()
        .filter_map(Token::word)
        .filter(upper)
        .map(|w| w.trim_end_matches(".class").rsplit('.').next().unwrap_or(w))
        .collect()
}

/// The tasks that a body or a list of arguments says to run as well.
fn dependencies(tokens: &[Token]) -> Vec<String> {
    let mut out = Vec::new();
    for at in 0..tokens.len() {
        let Some("dependsOn" | "finalizedBy") = tokens[at].word() else { continue };
        if tokens.get(at + 1).is_some_and(|t| t.is(':')) {
            // `dependsOn: [a, 'b']`
            let end = match tokens.get(at + 2) {
                Some(t) if t.is('[') => after_closing(tokens, at + 2),
                _ => at + 3,
            };
            out.extend(names_in(&[tokens.get(at + 2..end.min(tokens.len())).unwrap_or_default()]));
        } else if let Some(call) = setting_at(tokens, at) {
            out.extend(names_in(&call.args));
        }
    }
    out
}

/// The names of tasks that arguments hold.
fn names_in(args: &[&[Token]]) -> Vec<String> {
    let mut out = Vec::new();
    for token in args.iter().flat_map(|a| a.iter()) {
        match &token.kind {
            TokenKind::Text(literal) => out.extend(literal.plain().map(|t| t.trim_start_matches(':').to_owned())),
            TokenKind::Word(word) if !matches!(word.as_str(), "tasks" | "tasks.named" | "tasks.getByName" | "named" | "it") => {
                let name = word.rsplit('.').next().unwrap_or(word);
                let upper = name.starts_with(|c: char| c.is_ascii_uppercase());
                if !upper && !matches!(name, "collect" | "withType" | "matching" | "name" | "class") {
                    out.push(name.to_owned());
                }
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests;
