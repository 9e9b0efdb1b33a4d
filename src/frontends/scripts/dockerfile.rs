//! Front end of Dockerfiles (<https://docs.docker.com/reference/dockerfile/>): a unit for each, its stages as blocks.

use super::shell::{self, Shell};
use crate::catalogue::Catalogue;
use crate::frontends::bodies::apart;
use crate::frontends::expansion;
use crate::model::{
    BUILD_TARGET, Block, BlockKind, DockerfileFacts, Expr, Item, Program, Scope, StageOrigin, Test, Unit, UnitId, UnitKind,
};
use crate::source::{Diagnostic, Severity, SourceFile, SourceSet, Span, Text};
use crate::syntax::dockerfile::{self, Dockerfile, Instruction, Kind};
use std::collections::BTreeSet;

/// Translate every Dockerfile.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    for file in sources.files().iter().filter(|f| is_dockerfile(f)) {
        let parsed = dockerfile::parse(file);
        if parsed.instructions.iter().any(|i| matches!(i.kind, Kind::From { .. })) {
            faults(file, &parsed, program);
            let facts = Reader { file, catalogue }.unit(&parsed, program);
            program.dockerfiles.insert(file.path.clone(), facts);
        }
    }
}

/// Endings of files whose names only begin like a Dockerfile's.
const OTHER_FORMATS: &[&str] = &[
    "sh",
    "md",
    "yml",
    "yaml",
    "json",
    "py",
    "txt",
    "dockerignore",
    "adoc",
    "rst",
    "j2",
    "tmpl",
    "erb",
    "orig",
    "bak",
    "groovy",
    "js",
];

fn is_dockerfile(file: &SourceFile) -> bool {
    let name = file.name().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, e)| e);
    let begins = (name.starts_with("dockerfile") || name.starts_with("containerfile")) && !OTHER_FORMATS.contains(&ending);
    begins || matches!(ending, "dockerfile" | "containerfile")
}

fn faults(file: &SourceFile, parsed: &Dockerfile, program: &mut Program) {
    let Some(first) = parsed.faults.first() else { return };
    program.diagnostics.push(Diagnostic {
        severity: Severity::Warning,
        span: Span::new(file.id, first.start, first.end),
        message: "this part of the Dockerfile could not be read".to_owned(),
    });
    program.partly_read.push((file.id, "syntax that could not be read".to_owned()));
}

struct Reader<'a> {
    file: &'a SourceFile,
    catalogue: &'a Catalogue,
}

/// What is known while the instructions are read.
#[derive(Default)]
struct State {
    facts: DockerfileFacts,
    /// Build arguments before the first stage, for the images.
    global: Scope,
    entrypoint: Option<Text>,
    cmd: Option<Text>,
    /// Functions that commands define.
    functions: Vec<(String, UnitId)>,
    /// For each stage, which stages building it takes, itself among them.
    takes: Vec<BTreeSet<usize>>,
}

impl State {
    /// The index of an earlier stage by its name or number.
    fn earlier(&self, name: &str) -> Option<usize> {
        let last = self.facts.stages.len().checked_sub(1)?;
        let named = self.facts.stages[..last].iter().rposition(|s| s.eq_ignore_ascii_case(name));
        named.or_else(|| name.parse().ok().filter(|i| *i < last))
    }

    /// The open stage takes what an earlier one takes.
    fn take(&mut self, name: &str) {
        if let Some(more) = self.earlier(name).and_then(|i| self.takes.get(i)).cloned()
            && let Some(open) = self.takes.last_mut()
        {
            open.extend(more);
        }
    }

    /// When a stage is built: where no stage is asked for, and for those that take it.
    fn built(&self, index: usize) -> Expr {
        if self.facts.stages.len() < 2 {
            return Expr::lit("true");
        }
        let asked = |name: &str| {
            let target = Expr::Default(Box::new(Expr::Var(BUILD_TARGET.to_owned())), Box::new(Expr::lit("")));
            Expr::Compare(Test::Equals, Box::new(target), Box::new(Expr::lit(name)))
        };
        let takers = self.facts.stages.iter().zip(&self.takes).filter(|(_, takes)| takes.contains(&index));
        Expr::Or(std::iter::once(asked("")).chain(takers.map(|(name, _)| asked(name))).collect())
    }
}

impl Reader<'_> {
    fn unit(&self, parsed: &Dockerfile, program: &mut Program) -> DockerfileFacts {
        let mut unit = Unit::new(UnitKind::Dockerfile, &self.file.path, self.file.whole());
        unit.dir = Some(Expr::lit(self.file.dir()));
        unit.local_only = self.catalogue.words().local_file(&self.file.path);
        let mut state = State::default();
        let mut open: Option<Block> = None;
        for instruction in &parsed.instructions {
            if let Kind::From { image, span, alias } = &instruction.kind {
                unit.body.extend(open.take().map(|b| Item::Block(Box::new(b))));
                open = Some(self.stage(instruction, image, span.clone(), alias.as_deref(), &mut state));
                continue;
            }
            let items = self.items(instruction, &mut state, program);
            match &mut open {
                Some(block) => {
                    block.span = block.span.to(self.span(instruction));
                    block.items.extend(items);
                }
                None => {
                    for item in items {
                        if let Item::Assign { name, value } = item {
                            unit.bind.push((name, value));
                        }
                    }
                }
            }
        }
        unit.body.extend(open.map(|b| Item::Block(Box::new(b))));
        for (index, item) in unit.body.iter_mut().enumerate() {
            if let Item::Block(block) = item {
                block.when = state.built(index);
            }
        }
        for (origin, takes) in state.facts.origins.iter_mut().zip(&state.takes) {
            origin.takes.clone_from(takes);
        }
        unit.functions = std::mem::take(&mut state.functions);
        program.add(unit);
        self.start(&mut state, program);
        state.facts
    }

    /// What the container starts: its words, and its commands as a unit of their own.
    fn start(&self, state: &mut State, program: &mut Program) {
        let texts: Vec<Text> = [state.entrypoint.take(), state.cmd.take()].into_iter().flatten().collect();
        for text in &texts {
            state.facts.start.extend(text.text.split_whitespace().filter(|w| *w != "\\").map(str::to_owned));
            let script = shell::items(text, &Shell::new(self.catalogue), program);
            if !script.items.is_empty() {
                let mut unit = Unit::new(UnitKind::Function, "container start", text.span(0..text.text.len()));
                unit.dir = Some(Expr::lit(self.file.dir()));
                unit.local_only = self.catalogue.words().local_file(&self.file.path);
                unit.body = script.items;
                unit.functions = script.functions;
                state.facts.start_units.push(program.add(unit));
            }
        }
    }

    /// Whether only the instruction's own options (`--mount=…`) stand on the lines before its first command.
    fn only_options_before(&self, instruction: &Instruction, command: Span) -> bool {
        let before = self.file.text.get(instruction.span.start..command.start as usize).unwrap_or("");
        let mut words = before.split_whitespace().skip(1).filter(|w| *w != "\\").peekable();
        before.contains('\n') && words.peek().is_some() && words.all(|w| w.starts_with("--"))
    }

    fn span(&self, instruction: &Instruction) -> Span {
        Span::new(self.file.id, instruction.span.start, instruction.span.end)
    }

    fn stage(
        &self,
        instruction: &Instruction,
        image: &str,
        span: std::ops::Range<usize>,
        alias: Option<&str>,
        state: &mut State,
    ) -> Block {
        let index = state.facts.stages.len();
        state.takes.push(BTreeSet::from([index]));
        let image = expansion::expr(image).eval(&state.global).shown();
        let facts = &mut state.facts;
        let earlier = facts.stages.iter().any(|s| s.eq_ignore_ascii_case(&image));
        let mut base = None;
        if !earlier && !image.eq_ignore_ascii_case("scratch") && !image.is_empty() {
            facts.bases.push((image.clone(), Span::new(self.file.id, span.start, span.end)));
            base = Some(facts.bases.len() - 1);
        }
        let name = alias.map_or_else(|| facts.stages.len().to_string(), str::to_owned);
        facts.stages.push(name.clone());
        let stage = if earlier { state.earlier(&image) } else { None };
        state.facts.origins.push(StageOrigin { stage, base, ..StageOrigin::default() });
        state.take(&image);
        state.entrypoint = None;
        state.cmd = None;
        let mut block = Block::new(BlockKind::Step, self.span(instruction));
        block.name = Some(name);
        block
    }

    fn items(&self, instruction: &Instruction, state: &mut State, program: &mut Program) -> Vec<Item> {
        let span = self.span(instruction);
        match &instruction.kind {
            Kind::Copy { from: Some(from), .. } => state.take(from),
            Kind::Run(_) => {
                let text = self.file.text.get(instruction.span.clone()).unwrap_or("");
                let mounts = text.split_whitespace().filter_map(|w| w.strip_prefix("--mount="));
                mounts.flat_map(|m| m.split(',')).filter_map(|o| o.strip_prefix("from=")).for_each(|s| state.take(s));
            }
            _ => {}
        }
        let facts = &mut state.facts;
        let index = facts.stages.len().saturating_sub(1);
        match &instruction.kind {
            Kind::Run(texts) => {
                let shell = Shell::new(self.catalogue);
                let mut items = Vec::new();
                for text in texts {
                    let mut script = shell::items(text, &shell, program);
                    if items.is_empty()
                        && let Some(Item::Command(first)) = script.items.first_mut()
                        && self.only_options_before(instruction, first.span)
                    {
                        first.span = Span::new(span.file, instruction.span.start, first.span.end as usize);
                    }
                    items.extend(script.items);
                    state.functions.extend(script.functions);
                }
                return apart(items, false, span);
            }
            Kind::Env(pairs) => {
                return pairs.iter().map(|(n, v)| Item::Assign { name: format!("env.{n}"), value: expansion::expr(v) }).collect();
            }
            Kind::Arg(pairs) => return pairs.iter().filter_map(|(n, v)| argument(n, v.as_deref(), state)).collect(),
            Kind::User(user) => facts.users.push((index, expansion::expr(user).eval(&state.global).shown(), span)),
            Kind::Healthcheck(true) => facts.healthcheck = Some(span),
            Kind::Healthcheck(false) => facts.healthcheck = None,
            Kind::Copy { from: None, sources } => facts.copies.extend(sources.iter().cloned()),
            Kind::Entrypoint(text) => state.entrypoint.clone_from(text),
            Kind::Cmd(text) => state.cmd.clone_from(text),
            Kind::From { .. } | Kind::Copy { .. } | Kind::Other => {}
        }
        Vec::new()
    }
}

/// A build argument: whoever builds may set it, else its default holds, else what an earlier `ARG` of it says.
fn argument(name: &str, default: Option<&str>, state: &mut State) -> Option<Item> {
    let full = format!("env.{name}");
    let value = Expr::Default(Box::new(Expr::Var(full.clone())), Box::new(expansion::expr(default?)));
    if state.facts.stages.is_empty() {
        let known = value.eval(&state.global);
        state.global.set(full.clone(), known);
    }
    Some(Item::Assign { name: full, value })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::model::{Truth, Value};

    #[test]
    fn stages_are_blocks_and_facts_are_kept_apart() {
        let mut sources = SourceSet::default();
        let text = "ARG NODE=18.2\nFROM node:${NODE} AS build\nARG ENVIRONMENT\nENV TARGET=prod\nRUN npm ci\nFROM nginx\nCOPY --from=build /a /b\nCOPY conf /etc\nUSER 101\nHEALTHCHECK CMD curl localhost\nENTRYPOINT [\"run\"]\nCMD [\"a\"]\n";
        sources.add("web/Dockerfile", text);
        sources.add("web/dockerfile.sh", "echo FROM\n");
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let unit = &program.units[0];
        assert_eq!((unit.name.as_str(), &unit.dir), ("web/Dockerfile", &Some(Expr::lit("web"))));
        let names: Vec<_> =
            unit.body.iter().map(|i| if let Item::Block(b) = i { b.name.clone().unwrap() } else { panic!() }).collect();
        assert_eq!(names, ["build", "1"]);
        let facts = &program.dockerfiles["web/Dockerfile"];
        assert_eq!(facts.bases.iter().map(|b| b.0.as_str()).collect::<Vec<_>>(), ["node:18.2", "nginx"]);
        assert_eq!(facts.users.iter().map(|u| (u.0, u.1.as_str())).collect::<Vec<_>>(), [(1, "101")]);
        assert_eq!(
            (facts.copies.clone(), facts.start.clone()),
            (vec!["conf".to_owned()], vec!["run".to_owned(), "a".to_owned()])
        );
        let started: Vec<&str> = facts.start_units.iter().map(|id| program.unit(*id).name.as_str()).collect();
        assert_eq!((program.units.len(), started), (3, vec!["container start"; 2]));
        assert!(facts.healthcheck.is_some());
    }

    #[test]
    fn a_stage_is_built_for_those_that_take_it() {
        let mut sources = SourceSet::default();
        let text = "FROM node AS base\nRUN npm ci\nFROM base AS test\nRUN npm test\nFROM node AS tools\nRUN npm i -g x\nFROM nginx AS run\nCOPY --from=base /a /b\nRUN --mount=type=bind,from=tools,target=/t npm run build\n";
        sources.add("Dockerfile", text);
        sources.add("one/Dockerfile", "FROM node\nRUN npm ci\n");
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let built = |unit: usize, target: &str| -> Vec<Truth> {
            let mut scope = Scope::default();
            if !target.is_empty() {
                scope.set(BUILD_TARGET, Value::text(target));
            }
            let blocks = program.units[unit].body.iter().filter_map(|i| if let Item::Block(b) = i { Some(b) } else { None });
            blocks.map(|b| b.when.truth(&scope)).collect()
        };
        let (yes, no) = (Truth::True, Truth::False);
        assert_eq!(built(0, ""), [yes; 4]);
        assert_eq!(built(0, "test"), [yes, yes, no, no]);
        assert_eq!(built(0, "run"), [yes, no, yes, yes]);
        assert_eq!(built(1, ""), [yes]);
    }
}
