//! Front end of Earthfiles (<https://docs.earthly.dev/docs/earthfile>): a unit for every target and function. What a target
//! takes from others (`BUILD`, `FROM`, `COPY`, `DO`) calls them; images are saved by commands of their own (`SAVE IMAGE`), and
//! pushed, as `RUN --push` is run, where the run is told to push.

use super::shell::{self, Shell};
use crate::catalogue::Catalogue;
use crate::frontends::bodies::apart;
use crate::frontends::expansion;
use crate::model::{Block, BlockKind, Command, Expr, Item, MakeFile, PUSHES, Program, Test, Unit, UnitKind};
use crate::source::{SourceFile, SourceSet, Span, Text};
use crate::syntax::earthfile::{self, Instruction};
use std::collections::BTreeMap;

/// The recipe before the first target, under the name by which targets may call it.
const BASE: &str = "base";
/// At most so many targets of a file are read.
const MAX_TARGETS: usize = 2048;

/// Translate every Earthfile.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    for file in sources.files().iter().filter(|f| f.name().eq_ignore_ascii_case("earthfile")) {
        let read = earthfile::parse(file);
        let mut reader = Reader { file, catalogue, imports: BTreeMap::new() };
        reader.imports(&read.base);
        let mut entry = MakeFile::default();
        let runs = read.base.iter().any(|i| matches!(i.name.as_str(), "RUN" | "BUILD" | "COPY" | "DO"));
        if runs && !read.targets.iter().any(|t| t.name == BASE) {
            let end = read.base.last().map_or(0, |i| i.span.end);
            let unit = reader.unit(BASE, read.base.first().map_or(0, |i| i.span.start)..end, &read.base, false, program);
            entry.targets.push((BASE.to_owned(), program.add(unit)));
        }
        for target in read.targets.iter().take(MAX_TARGETS) {
            reader.imports(&target.recipe);
            let mut unit = reader.unit(&target.name, target.span.clone(), &target.recipe, runs, program);
            unit.bind.extend(reader.arguments(&read.base));
            entry.targets.push((target.name.clone(), program.add(unit)));
        }
        program.earthfiles.insert(file.path.clone(), entry);
    }
}

struct Reader<'a> {
    file: &'a SourceFile,
    catalogue: &'a Catalogue,
    /// What `IMPORT path AS name` calls.
    imports: BTreeMap<String, String>,
}

impl Reader<'_> {
    fn imports(&mut self, recipe: &[Instruction]) {
        for one in recipe.iter().filter(|i| i.name == "IMPORT") {
            let words: Vec<String> = one.words().into_iter().filter(|w| !w.starts_with("--")).collect();
            let Some(path) = words.first() else { continue };
            let name = match words.iter().position(|w| w == "AS") {
                Some(at) => words.get(at + 1),
                None => None,
            };
            let last = path.rsplit('/').next().unwrap_or(path).split(':').next().unwrap_or("");
            self.imports.insert(name.map_or(last, String::as_str).to_owned(), path.clone());
        }
    }

    /// The arguments of a recipe with their defaults; a caller's values win.
    fn arguments(&self, recipe: &[Instruction]) -> Vec<(String, Expr)> {
        recipe.iter().filter(|i| i.name == "ARG").filter_map(|i| assignment(i, true)).collect()
    }

    fn unit(
        &self,
        name: &str,
        span: std::ops::Range<usize>,
        recipe: &[Instruction],
        on_base: bool,
        program: &mut Program,
    ) -> Unit {
        let mut unit = Unit::new(UnitKind::Target, name, Span::new(self.file.id, span.start, span.end));
        unit.dir = Some(Expr::lit(self.file.dir()));
        unit.local_only = self.catalogue.words().local(name) || self.catalogue.words().local_file(&self.file.path);
        let own =
            recipe.iter().any(|i| matches!(i.name.as_str(), "FROM" | "FROM DOCKERFILE" | "LOCALLY" | "FUNCTION" | "COMMAND"));
        if on_base && !own {
            unit.body.push(self.call(&format!("+{BASE}"), &[], Span::new(self.file.id, span.start, span.start + name.len())));
        }
        for instruction in recipe {
            let items = self.items(instruction, program);
            unit.body.extend(items);
        }
        unit
    }

    fn items(&self, instruction: &Instruction, program: &mut Program) -> Vec<Item> {
        let span = Span::new(self.file.id, instruction.span.start, instruction.span.end);
        let words = instruction.words();
        let options = words.iter().take_while(|w| w.starts_with("--")).count();
        match instruction.name.as_str() {
            "ARG" | "ENV" | "LET" | "SET" => {
                let set = assignment(instruction, instruction.name == "ARG");
                set.into_iter().map(|(name, value)| Item::Assign { name, value }).collect()
            }
            "RUN" => self.run(instruction, &words[..options], span, program),
            "BUILD" | "DO" | "FROM" => {
                // What one of another repository starts from is an image like any other.
                let own = |w: &&String| instruction.name != "FROM" || !self.is_elsewhere(w);
                let reference = words.get(options).filter(|w| w.contains('+')).filter(own);
                reference.map(|r| self.call(r, &words[options + 1..], span)).into_iter().collect()
            }
            "COPY" | "WITH DOCKER" => {
                let named = words.iter().filter_map(|w| reference(w)).filter(|(target, _)| !self.is_elsewhere(target));
                named.map(|(target, arguments)| self.call(&target, &arguments, span)).collect()
            }
            "FROM DOCKERFILE" => {
                let mut all = vec![Expr::lit("FROM"), Expr::lit("DOCKERFILE")];
                all.extend(words.iter().filter(|w| !w.contains('+')).map(|w| expansion::expr(w)));
                vec![self.command(all, span)]
            }
            "SAVE IMAGE" => self.image(&words, span),
            _ => Vec::new(),
        }
    }

    /// The commands of `RUN`, its options blanked.
    fn run(&self, instruction: &Instruction, options: &[String], span: Span, program: &mut Program) -> Vec<Item> {
        let text = without_options(&instruction.rest, options.len());
        let script = shell::items(&text, &Shell::new(self.catalogue), program);
        let items = apart(script.items, false, span);
        if options.iter().any(|o| o == "--push") { vec![when_pushing(true, items, span)] } else { items }
    }

    /// `SAVE IMAGE [--push] NAME…`: an image for each name; without one only a cache.
    fn image(&self, words: &[String], span: Span) -> Vec<Item> {
        let names: Vec<&String> = words.iter().filter(|w| !w.starts_with("--")).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let save = |pushes: bool| {
            let mut all = vec![Expr::lit("SAVE"), Expr::lit("IMAGE")];
            all.extend(pushes.then(|| Expr::lit("--push")));
            all.extend(names.iter().map(|n| expansion::expr(n)));
            self.command(all, span)
        };
        if words.iter().any(|w| w == "--push") {
            vec![when_pushing(true, vec![save(true)], span), when_pushing(false, vec![save(false)], span)]
        } else {
            vec![save(false)]
        }
    }

    /// Whether a reference leads to another repository.
    fn is_elsewhere(&self, reference: &str) -> bool {
        let path = reference.split('+').next().unwrap_or("");
        let path = self.imports.get(path).map_or(path, String::as_str);
        let first = path.split('/').next().unwrap_or("");
        !path.starts_with('.') && !path.is_empty() && (first.contains(['.', ':', '@', '$']) || !path.contains('/'))
    }

    /// A call of another target by its reference.
    fn call(&self, reference: &str, arguments: &[String], span: Span) -> Item {
        let (path, target) = reference.split_once('+').unwrap_or(("", reference));
        let path = self.imports.get(path).map_or(path, String::as_str);
        let mut words = vec![Expr::lit("earthly"), expansion::expr(&format!("{path}+{target}"))];
        words.extend(arguments.iter().filter(|a| a.starts_with("--")).map(|a| expansion::expr(a)));
        self.command(words, span)
    }

    fn command(&self, words: Vec<Expr>, span: Span) -> Item {
        let text = self.file.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let text: Vec<&str> = text.split_whitespace().filter(|w| *w != "\\").collect();
        let spans = vec![span; words.len()];
        Item::Command(Box::new(Command::plain(words, spans, span, text.join(" "))))
    }
}

/// Items that run only where the run pushes, or only where it does not.
fn when_pushing(pushes: bool, items: Vec<Item>, span: Span) -> Item {
    let by_variable = Expr::Default(Box::new(Expr::Var("env.EARTHLY_PUSH".to_owned())), Box::new(Expr::lit("false")));
    let told = Expr::Default(Box::new(Expr::Var(PUSHES.to_owned())), Box::new(by_variable));
    let is = Expr::Compare(Test::Equals, Box::new(told), Box::new(Expr::lit("true")));
    let mut block = Block::new(BlockKind::Branch, span);
    block.when = if pushes { is } else { Expr::Not(Box::new(is)) };
    block.items = items;
    Item::Block(Box::new(block))
}

/// `NAME=value` or `NAME value`; `settable`: a caller may say otherwise.
fn assignment(instruction: &Instruction, settable: bool) -> Option<(String, Expr)> {
    let words: Vec<String> = instruction.words().into_iter().filter(|w| !w.starts_with("--")).collect();
    let first = words.first()?;
    let (name, value) = match first.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (first.as_str(), words.get(1).map(|w| w.trim_start_matches('=').to_owned()).filter(|w| !w.is_empty())),
    };
    let name = format!("env.{name}");
    let given = Expr::Var(name.clone());
    let value = match value {
        Some(text) if text.contains("$(") => Expr::Unknown(text),
        Some(text) => expansion::expr(&text),
        // An argument without a default is the caller's.
        None => return None,
    };
    Some((name, if settable { Expr::Default(Box::new(given), Box::new(value)) } else { value }))
}

/// The target that a word takes an artifact or image from: `+build/app`, `(+build/app --x=1)`, `name=+image`.
fn reference(word: &str) -> Option<(String, Vec<String>)> {
    let inner = word.strip_prefix('(').map_or(word, |w| w.strip_suffix(')').unwrap_or(w));
    let mut words = inner.split_whitespace();
    let first = words.next()?;
    let first = first.rsplit('=').next().unwrap_or(first).trim_start_matches('(').trim_end_matches(')');
    let (path, rest) = first.split_once('+')?;
    let target = rest.split('/').next().unwrap_or(rest);
    (!target.is_empty() && !path.starts_with("--"))
        .then(|| (format!("{path}+{target}"), words.map(|w| w.trim_end_matches(')').to_owned()).collect()))
}

/// The text with its first so many options blanked, each byte in its place.
fn without_options(text: &Text, count: usize) -> Text {
    let mut out = text.clone();
    let mut at = 0;
    for _ in 0..count {
        let start = at + out.text[at..].len() - out.text[at..].trim_start_matches([' ', '\t', '\n', '\r', '\\']).len();
        let end = out.text[start..].find(char::is_whitespace).map_or(out.text.len(), |i| start + i);
        out.text.replace_range(at..end, &" ".repeat(end - at));
        at = end;
    }
    out
}
