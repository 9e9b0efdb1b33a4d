//! The tags under which a step pushes an image, as far as the files beside it say what they are.

use super::{Version, known};
use crate::model::{LinkKind, Means, RefKind, Step};
use crate::practices::scene::Scene;
use crate::source::SourceFile;
use std::collections::BTreeSet;

/// Definitions within definitions that are followed.
const MAX_DEPTH: usize = 5;

/// The tags of one step.
pub(super) struct Tags<'s> {
    scene: &'s Scene<'s>,
    step: &'s Step,
    /// Files that may say what a variable is: the step's own, and those on the ways to it.
    files: Vec<&'s SourceFile>,
}

impl<'s> Tags<'s> {
    pub(super) fn new(scene: &'s Scene<'s>, step: &'s Step) -> Self {
        let links = step.ways.iter().flat_map(|w| w.chain.iter()).filter(|l| l.kind != LinkKind::Event).map(|l| l.span.file);
        let ids: BTreeSet<_> = step.span.iter().map(|s| s.file).chain(links).collect();
        Self { scene, step, files: ids.into_iter().map(|id| scene.sources.file(id)).collect() }
    }

    /// What the best of the tags tells.
    pub(super) fn version(&self) -> Version {
        let references = self.references();
        references.iter().map(|r| self.of_reference(r, 0)).max().unwrap_or(Version::Open)
    }

    /// Images as the step names them.
    fn references(&self) -> Vec<String> {
        if self.step.text.contains("compose") {
            return self.of_compose();
        }
        if self.step.means != Some(Means::BuiltIn) {
            return words(&self.step.text)
                .into_iter()
                .filter(|w| !w.starts_with('-') || w.contains('='))
                .filter(|w| names_image(w))
                .collect();
        }
        let text = self.step.span.map_or("", |span| self.scene.text(span));
        inputs(text)
    }

    /// The images of the compose services that have a build.
    fn of_compose(&self) -> Vec<String> {
        let services = self.scene.program.compose.values().flatten().filter(|s| s.context.is_some());
        let lines = services.filter_map(|s| Some(self.scene.text(s.span?))).flat_map(str::lines);
        let images = lines.filter_map(|l| l.trim().strip_prefix("image:"));
        images.map(|i| i.trim().trim_matches(['"', '\'']).to_owned()).collect()
    }

    /// What an image's reference tells by its tag.
    fn of_reference(&self, reference: &str, depth: usize) -> Version {
        let lower = reference.to_ascii_lowercase();
        if let Some(item) = self.metadata(&lower) {
            return self.of_metadata(item);
        }
        if let Some(tag) = tag_of(reference) {
            return self.of_tag(tag, depth);
        }
        let last = last_segment(reference);
        if !last.contains('$') && !last.contains("{{") {
            return Version::Moving;
        }
        let found: Vec<String> = names(last).iter().flat_map(|n| self.definitions(n)).filter(|d| d != reference).collect();
        if depth >= MAX_DEPTH || found.is_empty() {
            // What only a run knows may still be called after what it holds (`steps.version.outputs.image`).
            return self.of_names(last, depth).max(Version::Open);
        }
        found.iter().map(|d| self.of_reference(d, depth + 1)).max().unwrap_or(Version::Open)
    }

    /// What a tag tells: one part of it that is a version is enough.
    fn of_tag(&self, tag: &str, depth: usize) -> Version {
        if !tag.contains('$') && !tag.contains("{{") && !tag.contains('`') {
            return if is_version(tag) { Version::Traceable } else { Version::Moving };
        }
        self.of_names(tag, depth)
    }

    fn of_names(&self, text: &str, depth: usize) -> Version {
        if known().asks_branch.iter().any(|part| text.contains(part.as_str())) {
            return Version::Moving;
        }
        let told: BTreeSet<Version> = names(text).iter().map(|name| self.of_name(name, depth)).collect();
        // Literal parts and defaults tell nothing beside what is known of the others.
        [Version::Traceable, Version::Moving].into_iter().find(|v| told.contains(v)).unwrap_or(Version::Open)
    }

    fn of_name(&self, name: &str, depth: usize) -> Version {
        let lower = name.to_ascii_lowercase();
        let has = |all: &[String]| all.iter().any(|part| lower.contains(part.as_str()));
        if depth < MAX_DEPTH {
            let found = self.definitions(name);
            let told = found.iter().map(|d| self.of_tag(d, depth + 1)).max();
            if let Some(told) = told.filter(|t| *t != Version::Open) {
                return told;
            }
        }
        let tagged = || self.step.ways.iter().any(|w| w.on == Some(RefKind::Tag));
        let by_ref = has(&known().refs);
        if has(&known().moving) || by_ref && !tagged() {
            Version::Moving
        } else if by_ref || has(&known().traceable) {
            Version::Traceable
        } else {
            Version::Open
        }
    }

    /// What the files say a variable or an output is.
    fn definitions(&self, name: &str) -> Vec<String> {
        let short = name.rsplit('.').next().unwrap_or(name);
        if short.len() < 2 {
            return Vec::new();
        }
        let lines = self.files.iter().flat_map(|f| f.text.lines());
        lines
            .filter_map(|line| definition(line, short))
            .filter(|d| !d.is_empty() && !names(d).iter().any(|n| n == name))
            .collect()
    }

    /// The step that makes tags from the run, where a reference reads its outputs (`steps.meta.outputs.tags`).
    fn metadata(&self, reference: &str) -> Option<&'s str> {
        let id = reference.split("steps.").nth(1)?.split('.').next()?;
        let file = self.step.span.map(|s| self.scene.sources.file(s.file))?;
        let item = item_of(&file.text, id)?;
        known().metadata.iter().any(|m| item.contains(m.as_str())).then_some(item)
    }

    fn of_metadata(&self, item: &str) -> Version {
        let tagged = self.step.ways.iter().any(|w| w.on == Some(RefKind::Tag));
        if known().metadata_rules.iter().any(|rule| item.contains(rule.as_str())) {
            return Version::Traceable;
        }
        let raw = item.lines().filter_map(|l| l.split("type=raw,value=").nth(1));
        let best = raw.map(|value| self.of_tag(value.split(",enable").next().unwrap_or(value), 0)).max();
        // By itself it names the image after the ref.
        let by_ref = if tagged { Version::Traceable } else { Version::Moving };
        best.unwrap_or(Version::Moving).max(by_ref)
    }
}

/// The words of a command; what stands in braces, brackets or quotes is not cut.
fn words(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let (mut depth, mut quote) = (0_usize, None);
    for c in text.chars() {
        match c {
            '"' | '\'' if quote == Some(c) => quote = None,
            '"' | '\'' if quote.is_none() && depth == 0 => quote = Some(c),
            c if c.is_whitespace() && depth == 0 && quote.is_none() => out.push(String::new()),
            c => {
                depth = match c {
                    '{' | '(' => depth + 1,
                    '}' | ')' => depth.saturating_sub(1),
                    _ => depth,
                };
                if let Some(word) = out.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    out.retain(|w| !w.is_empty());
    out
}

/// Whether a word of a command may be an image: it has a variable, a folder or a tag, and is no path.
fn names_image(word: &str) -> bool {
    let value = word.split_once('=').filter(|(key, _)| key.starts_with('-')).map_or(word, |(_, value)| value);
    let path = value.starts_with(['.', '/']) || value.contains("://") || value.ends_with("ockerfile") || value.contains("type=");
    !path && (value.contains('/') || value.contains(':') || value.starts_with('$'))
}

/// The values of the inputs of an action that name what is pushed, a line each.
fn inputs(item: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut open: Option<usize> = None;
    for line in item.lines() {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim().trim_start_matches("- ");
        if let Some(key) = open {
            if indent > key {
                out.extend(text.split(',').map(|v| clean(v).to_owned()).filter(|v| !v.is_empty()));
                continue;
            }
            open = None;
        }
        let Some((key, value)) = text.split_once(':') else { continue };
        if known().inputs.contains(&key.trim().to_ascii_lowercase()) {
            let value = value.trim();
            if value.is_empty() || value.starts_with(['|', '>']) {
                open = Some(indent);
            } else {
                let parts = if value.contains("{{") { vec![value] } else { value.split(',').collect() };
                out.extend(parts.into_iter().map(|v| clean(v).to_owned()));
            }
        }
    }
    out
}

fn clean(value: &str) -> &str {
    value.trim().trim_matches(['"', '\'', '[', ']'])
}

/// The tag of a reference: what stands after its last colon outside of braces, behind its last slash.
fn tag_of(reference: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut at = None;
    for (i, c) in reference.char_indices() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => at = Some(i),
            '/' if depth == 0 => at = None,
            _ => {}
        }
    }
    reference.get(at? + 1..).filter(|t| !t.is_empty())
}

fn last_segment(reference: &str) -> &str {
    let mut depth = 0_usize;
    let mut at = 0;
    for (i, c) in reference.char_indices() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => at = i + 1,
            _ => {}
        }
    }
    &reference[at..]
}

/// The names in an expression: of variables, outputs, options of commands.
fn names(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')));
    parts
        .map(|p| p.trim_matches(['-', '.']))
        .filter(|p| p.len() > 1 && p.contains(char::is_alphabetic))
        .map(ToOwned::to_owned)
        .collect()
}

/// What a line says that a name is: `NAME=…`, `NAME: …`, `echo "NAME=…"`.
fn definition(line: &str, name: &str) -> Option<String> {
    let mut rest = line.trim();
    for lead in [
        "- ",
        "export ",
        "local ",
        "readonly ",
        "env.",
        "def ",
        "echo ",
        "\"",
        "'",
        "set ",
        "::set-output name=",
        "run: ",
        "echo ",
        "\"",
        "'",
    ] {
        rest = rest.strip_prefix(lead).unwrap_or(rest);
    }
    let rest = rest.strip_prefix(name)?.trim_start();
    let value = [":=", "?=", "::=", "::", "=", ":"].iter().find_map(|sign| rest.strip_prefix(sign))?;
    let value = value.split(" >> ").next().unwrap_or(value).trim();
    Some(value.trim_matches(['"', '\'']).to_owned())
}

/// The item of a list of steps that has an id.
fn item_of<'t>(text: &'t str, id: &str) -> Option<&'t str> {
    let mut starts: Vec<(usize, usize)> = Vec::new();
    let mut offset = 0;
    let mut found: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().starts_with("- ") {
            if let Some((start, at)) = found
                && indent <= at
            {
                return text.get(start..offset);
            }
            starts.push((offset, indent));
        }
        let value = line.trim().trim_start_matches("- ").strip_prefix("id:").map(clean);
        if found.is_none() && value.is_some_and(|v| v.eq_ignore_ascii_case(id)) {
            found = starts.iter().rev().find(|(start, at)| *at < indent || *start == offset).copied();
        }
        offset += line.len();
    }
    found.and_then(|(start, _)| text.get(start..))
}

/// Whether a literal tag is a version of at least two parts.
fn is_version(tag: &str) -> bool {
    let bytes = tag.as_bytes();
    (1..bytes.len().saturating_sub(1)).any(|i| bytes[i] == b'.' && bytes[i - 1].is_ascii_digit() && bytes[i + 1].is_ascii_digit())
}
