//! Patterns over the instructions of a Dockerfile.

use super::find::{Asked, Finding, Repository};
use super::matching::{Bindings, Matcher};
use super::needs::Needs;
use super::pattern::{Pattern, TakesValue};
use super::tree::{Node, Reader};
use crate::source::{SourceFile, Span};
use crate::syntax::dockerfile::{self, Kind};
use crate::syntax::shell::parse;

/// Instructions, one a line.
#[derive(Clone, Debug)]
pub struct Instructions {
    lines: Vec<Line>,
    /// What a file must hold.
    needs: Needs,
}

#[derive(Clone, Debug)]
enum Line {
    /// `...`: any instructions.
    Any,
    /// `RUN` with the whole of its body.
    Run(Pattern),
    /// Any other, read as a command.
    Other(Pattern),
}

impl Instructions {
    /// Read a pattern. Errors: what is wrong with it, in words.
    pub fn read(text: &str, takes_value: TakesValue<'_>) -> Result<Self, String> {
        let line = |line: &str| {
            Ok(match line.strip_prefix("RUN ") {
                _ if line == "..." => Line::Any,
                Some(body) => Line::Run(Pattern::read(body, takes_value)?),
                None => Line::Other(Pattern::read(line, takes_value)?),
            })
        };
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty()).map(line).collect::<Result<Vec<_>, String>>()?;
        if lines.is_empty() { Err("no instruction".to_owned()) } else { Ok(Self { lines, needs: Needs::of(text) }) }
    }
}

/// An instruction of a file.
pub struct Instruction {
    span: Span,
    run: bool,
    from: bool,
    nodes: Vec<Node>,
    /// The text that the nodes' ranges belong to.
    text: String,
}

/// All findings in the Dockerfiles of the repository.
pub fn find(pattern: &Instructions, asked: &Asked<'_>, repository: &Repository<'_>, out: &mut Vec<Finding>) {
    for all in repository.dockerfiles_for(&pattern.needs) {
        for stage in all.split(|i| i.from) {
            let mut at = 0;
            while at < stage.len() {
                let Some((end, bindings)) = lines(&pattern.lines, stage, at, &Bindings::default(), repository.takes_value) else {
                    at += 1;
                    continue;
                };
                let path = &repository.sources.file(stage[at].span.file).path;
                if asked.case.conditions.iter().all(|c| c.holds_for(&bindings, path, repository)) {
                    let span = stage[at].span.to(stage[end - 1].span);
                    out.push(asked.finding(span, &bindings, &|_| String::new(), true, repository));
                }
                at = end.max(at + 1);
            }
        }
    }
}

/// The instructions of a file.
pub fn instructions(file: &SourceFile) -> Vec<Instruction> {
    let mut out = Vec::new();
    for one in dockerfile::parse(file).instructions {
        let end = one.span.start + file.text.get(one.span.clone()).unwrap_or("").trim_end().len();
        let span = Span::new(file.id, one.span.start, end);
        let (run, text) = match &one.kind {
            Kind::Run(texts) => (true, if let [only] = texts.as_slice() { only.text.clone() } else { String::new() }),
            _ => (false, file.text.get(one.span.start..end).unwrap_or("").to_owned()),
        };
        let tree = parse(&text, &[]);
        let nodes = Reader { text: &text, masked: &|_| String::new() }.sequence(&tree.statements);
        out.push(Instruction { span, run, from: matches!(one.kind, Kind::From { .. }), nodes, text });
    }
    out
}

fn lines(
    pattern: &[Line],
    all: &[Instruction],
    at: usize,
    bindings: &Bindings,
    takes_value: TakesValue<'_>,
) -> Option<(usize, Bindings)> {
    let Some((head, rest)) = pattern.split_first() else { return Some((at, bindings.clone())) };
    let one = |wanted: &Pattern, run: bool| {
        let instruction = all.get(at).filter(|i| i.run == run)?;
        let mut inner = bindings.clone();
        let fits = Matcher { takes_value }.whole(&wanted.nodes, &instruction.nodes, &mut inner);
        inner.settle(&instruction.text);
        if fits { lines(rest, all, at + 1, &inner, takes_value) } else { None }
    };
    match head {
        Line::Any => (at..=all.len()).find_map(|next| lines(rest, all, next, bindings, takes_value)),
        Line::Run(body) => one(body, true),
        Line::Other(body) => one(body, false),
    }
}
