//! Earthfiles (<https://docs.earthly.dev/docs/earthfile>): the recipes of targets and functions, instruction by instruction.

use crate::source::{SourceFile, Text};
use std::ops::Range;

/// Instructions whose name has two words.
const PAIRS: &[(&str, &str)] =
    &[("SAVE", "IMAGE"), ("SAVE", "ARTIFACT"), ("FROM", "DOCKERFILE"), ("WITH", "DOCKER"), ("GIT", "CLONE"), ("ELSE", "IF")];

/// What an Earthfile says, in its order.
#[derive(Clone, Debug, Default)]
pub struct Earthfile {
    /// The recipe that stands before the first target.
    pub base: Vec<Instruction>,
    /// Targets and functions.
    pub targets: Vec<Target>,
}

/// A target or function.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// From its name to its last instruction.
    pub span: Range<usize>,
    /// Its recipe.
    pub recipe: Vec<Instruction>,
}

/// One instruction with its place.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// Its name, in upper case (`RUN`, `SAVE IMAGE`).
    pub name: String,
    /// Its lines with continuations.
    pub span: Range<usize>,
    /// What follows the name; comments between continued lines are blanks.
    pub rest: Text,
}

impl Instruction {
    /// The words after the name; those in parentheses or quotes are one.
    pub fn words(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut word = String::new();
        let (mut quote, mut depth) = (None, 0usize);
        for c in self.rest.text.replace("\\\n", " ").chars() {
            match (quote, c) {
                (Some(q), c) if q == c => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, c) if c.is_whitespace() && depth == 0 => {
                    if !word.is_empty() {
                        out.push(std::mem::take(&mut word));
                    }
                }
                (None, '(') => {
                    depth += 1;
                    word.push(c);
                }
                (None, ')') => {
                    depth = depth.saturating_sub(1);
                    word.push(c);
                }
                _ => word.push(c),
            }
        }
        if !word.is_empty() {
            out.push(word);
        }
        out
    }
}

/// Read an Earthfile.
pub fn parse(file: &SourceFile) -> Earthfile {
    let mut out = Earthfile::default();
    let lines = lines(&file.text);
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let text = &file.text[line.clone()];
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            at += 1;
            continue;
        }
        if !text.starts_with([' ', '\t'])
            && let Some(name) = target_name(trimmed)
        {
            out.targets.push(Target {
                name: name.to_owned(),
                span: line.start..line.start + text.trim_end().len(),
                recipe: Vec::new(),
            });
            at += 1;
            continue;
        }
        let first = at;
        while continued(&file.text[lines[at].clone()]) && at + 1 < lines.len() {
            at += 1;
            // Comments and blank lines do not end what is continued.
            while at + 1 < lines.len() && passed_over(&file.text[lines[at].clone()]) {
                at += 1;
            }
        }
        let instruction = instruction(file, &lines[first..=at]);
        match out.targets.last_mut() {
            Some(target) => {
                target.span.end = instruction.span.end;
                target.recipe.push(instruction);
            }
            None => out.base.push(instruction),
        }
        at += 1;
    }
    out
}

/// The bytes of each line without its end.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        out.push(at..at + line.trim_end_matches(['\n', '\r']).len());
        at += line.len();
    }
    out
}

fn target_name(line: &str) -> Option<&str> {
    let name = line.split('#').next()?.trim().strip_suffix(':')?;
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.is_empty() && name.chars().all(good)).then_some(name)
}

fn continued(line: &str) -> bool {
    line.trim_end().ends_with('\\') || passed_over(line)
}

fn passed_over(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

fn instruction(file: &SourceFile, lines: &[Range<usize>]) -> Instruction {
    let (start, end) = (lines.first().map_or(0, |l| l.start), lines.last().map_or(0, |l| l.end));
    let source = &file.text[start..end];
    let indent = source.len() - source.trim_start().len();
    let body = source[indent..].trim_end();
    let mut words = body.split_whitespace();
    let first = words.next().unwrap_or("");
    let pair = PAIRS.iter().find(|(one, two)| first.eq_ignore_ascii_case(one) && words.clone().next() == Some(*two));
    let mut from = first.len();
    if let Some((_, two)) = pair {
        from = body[from..].find(two).map_or(from, |i| from + i + two.len());
    }
    let mut rest = String::with_capacity(body.len() - from);
    for (i, line) in body[from..].split_inclusive('\n').enumerate() {
        if i > 0 && line.trim_start().starts_with('#') {
            // A line of blanks that is continued, of the same length.
            rest.push_str(&" ".repeat(line.trim_end_matches(['\n', '\r']).len().saturating_sub(1)));
            rest.push('\\');
            rest.push_str(&line[line.trim_end_matches(['\n', '\r']).len()..]);
        } else {
            rest.push_str(line);
        }
    }
    Instruction {
        name: pair.map_or_else(|| first.to_ascii_uppercase(), |(one, two)| format!("{one} {two}")),
        span: start + indent..start + indent + body.len(),
        rest: Text::verbatim(file.id, rest, start + indent + from),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::source::SourceSet;

    #[test]
    fn targets_hold_instructions_with_their_lines() {
        let text = "VERSION 0.8\nFROM golang:1.22\n\nbuild: # compiles\n    RUN go build \\\n        # fast\n        -o main .\n    SAVE ARTIFACT main\n\nimage:\n  COPY (+build/main --x=\"a b\") /bin/\n  SAVE IMAGE --push acme/app:latest\n";
        let mut sources = SourceSet::default();
        sources.add("Earthfile", text);
        let file = &sources.files()[0];
        let read = parse(file);
        assert_eq!(read.base.iter().map(|i| i.name.as_str()).collect::<Vec<_>>(), ["VERSION", "FROM"]);
        let build = &read.targets[0];
        assert_eq!((build.name.as_str(), build.recipe.len()), ("build", 2));
        let run = &build.recipe[0];
        assert_eq!(&file.text[run.span.clone()], "RUN go build \\\n        # fast\n        -o main .");
        assert_eq!(run.words(), ["go", "build", "\\", "-o", "main", "."].into_iter().filter(|w| *w != "\\").collect::<Vec<_>>());
        let image = &read.targets[1];
        assert_eq!(image.recipe[0].words(), ["(+build/main --x=a b)", "/bin/"]);
        assert_eq!(
            (image.recipe[1].name.as_str(), image.recipe[1].words()),
            ("SAVE IMAGE", vec!["--push".to_owned(), "acme/app:latest".to_owned()])
        );
    }

    #[test]
    fn no_damage_makes_it_panic() {
        let text = "é:\n RUN é \\\n # é\n\\\nSAVE IMAGE\nx:\n";
        for end in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
            let mut sources = SourceSet::default();
            sources.add("Earthfile", &text[..end]);
            parse(&sources.files()[0]);
        }
    }
}
