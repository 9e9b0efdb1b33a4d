//! Steps: <https://cloud.google.com/build/docs/build-config-file-schema#build_steps>.

use super::arguments::{expr, line, script};
use super::images::{Images, below_workspace};
use super::starts::ENVIRONMENT;
use super::{VENDOR, data};
use crate::catalogue::Catalogue;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::reader::{Reader, dialect, wrap};
use crate::frontends::pipelines::resources::{field, switch};
use crate::frontends::scripts::shell::{Dialect, Masked};
use crate::model::{Block, BlockKind, Expr, HOLE, Item, Scope, Wrapper};
use crate::source::{SourceSet, Span, Text};
use std::collections::HashMap;

/// Most steps that are read of one build.
const MAX_STEPS: usize = 1000;

/// The steps of a build, each in a block, so that each comes after those that it waits for; one that waits for none comes
/// before those that do.
pub(super) fn steps(root: &Data, sources: &SourceSet, reader: &mut Reader<'_>) -> Vec<Item> {
    let list = root.get("steps").or_else(|| root.get("step")).map(Data::one_or_many).unwrap_or_default();
    let mut all: Vec<(usize, Item)> = Vec::new();
    let mut depths: HashMap<&str, usize> = HashMap::new();
    let mut deepest = 0;
    let mut images = Images::default();
    for step in list.iter().take(MAX_STEPS) {
        if !step.is_map() {
            data::warn(reader.program, step.span, "a step must be a mapping");
            continue;
        }
        let waits: Option<Vec<&str>> = field(step, "waitFor").map(Data::texts).filter(|w| !w.is_empty());
        let depth = match &waits {
            None => deepest,
            Some(ids) => ids.iter().filter_map(|id| depths.get(id)).copied().max().unwrap_or(0),
        };
        if let Some(id) = step.get_str("id") {
            depths.insert(id, depth + 1);
        }
        deepest = deepest.max(depth + 1);
        all.push((depth, Item::Block(Box::new(block(step, &images, sources, reader)))));
        if let Some((_, Item::Block(block))) = all.last() {
            images.note(&block.items, Some(String::new()), reader.catalogue);
        }
    }
    if list.len() > MAX_STEPS {
        data::warn(reader.program, root.span, "too many steps; the rest is not read");
    }
    all.sort_by_key(|(depth, _)| *depth);
    all.into_iter().map(|(_, item)| item).collect()
}

fn block(step: &Data, images: &Images, sources: &SourceSet, reader: &mut Reader<'_>) -> Block {
    let mut block = Block::new(BlockKind::Step, step.item);
    block.name = step.get_str("id").map(str::to_owned);
    block.continue_on_error =
        switch(step, "allowFailure") == Some(true) || field(step, "allowExitCodes").is_some_and(|c| !c.items().is_empty());
    block.bind = variables(field(step, "env"));
    let names = ["env.CLOUDSDK_CONTAINER_CLUSTER", "env.CLOUDSDK_CORE_PROJECT"];
    if let Some((_, cluster)) = names.iter().find_map(|n| block.bind.iter().find(|(name, _)| name == n)).cloned() {
        // The builder of kubectl logs in to the cluster that these name.
        block.bind.push((ENVIRONMENT.to_owned(), cluster));
    }
    let mut apart = false;
    if let Some(dir) = step.get_str("dir") {
        let shared = below_workspace(dir).or_else(|| (!dir.starts_with('/')).then_some(dir));
        let image = step.get_str("name").unwrap_or("");
        let found = shared.map(str::to_owned).or_else(|| images.folder(image, dir, sources));
        apart = found.is_none();
        if let Some(dir) = found.filter(|d| !matches!(d.as_str(), "" | "." | "./")) {
            block.items.push(Item::Chdir(expr(&dir)));
        }
    }
    let mut inside = inside(step, reader);
    if apart {
        // A folder of an image that is not made here: what stands in it is not known.
        wrap(&mut inside, &Wrapper::Container(expr(step.get_str("name").unwrap_or(""))));
    }
    block.items.extend(inside);
    block
}

/// `NAME=value` texts as variables.
pub(super) fn variables(list: Option<&Data>) -> Vec<(String, Expr)> {
    let texts = list.map(Data::texts).unwrap_or_default();
    texts.iter().filter_map(|t| t.split_once('=')).map(|(name, value)| (format!("env.{name}"), expr(value))).collect()
}

/// What a step runs.
fn inside(step: &Data, reader: &mut Reader<'_>) -> Vec<Item> {
    if let Some(text) = step.get("script").and_then(Data::text) {
        return own_script(text, reader);
    }
    let image = step.get_str("name").unwrap_or("");
    let arguments: Vec<&Text> =
        step.get("args").map(Data::scalars).unwrap_or_default().into_iter().filter_map(Data::text).collect();
    let entrypoint = step.get("entrypoint").and_then(Data::text).filter(|t| !t.text.trim().is_empty());
    let at = step.get("name").map_or(step.span, |n| n.span);
    let words = words(image, at, entrypoint, &arguments, reader.catalogue);
    let refs: Vec<&Text> = words.iter().collect();
    let shown: Vec<&str> = refs.iter().map(|t| t.text.as_str()).collect();
    if let Some(index) = script_of(&shown)
        && let Some(text) = refs.get(index)
    {
        return match dialect(shown.first().copied().unwrap_or("")) {
            Some(dialect) => {
                let (text, quoted) = script(text);
                masked(&text, &quoted, dialect, reader)
            }
            None => Vec::new(),
        };
    }
    let Some(text) = line(&refs) else { return Vec::new() };
    let said = words_shown(&refs);
    let unknown = reader.catalogue.command(&said).is_none() && reader.catalogue.wrapper(&said).is_none();
    if unknown && entrypoint.is_none() && reader.catalogue.program_of(VENDOR, untagged(image)).is_none() {
        let why = format!("what the image `{}` does is not in this repository", untagged(image).replace(HOLE, "…"));
        return vec![Item::Unknown { span: step.item, why }];
    }
    let mut items = reader.script(&text, Dialect::Posix);
    place(&mut items, step.item, &shown.join(" ").split_whitespace().collect::<Vec<_>>().join(" "));
    items
}

/// The items of a script some of whose parts stand for values.
fn masked(text: &Text, masks: &[Masked], dialect: Dialect, reader: &mut Reader<'_>) -> Vec<Item> {
    let expressions = |_: &str| masks.to_vec();
    let mut inner = Reader::new(reader.catalogue, reader.program, VENDOR, &expressions);
    let items = inner.script(text, dialect);
    reader.functions.append(&mut inner.functions);
    items
}

/// A script of a step's own; its first line may name another interpreter. Substitutions are no part of it, but may be
/// mapped to variables.
fn own_script(text: &Text, reader: &mut Reader<'_>) -> Vec<Item> {
    let first = text.text.trim_start().lines().next().unwrap_or("");
    let program = first.strip_prefix("#!").map_or("bash", str::trim);
    let program = program.strip_prefix("/usr/bin/env").map_or(program, |rest| rest.trim().trim_start_matches("-S "));
    match dialect(program) {
        Some(dialect) => reader.script(text, dialect),
        None => Vec::new(),
    }
}

/// The words of a step's command: entry point and arguments, where there is none the image's program.
fn words(image: &str, at: Span, entrypoint: Option<&Text>, arguments: &[&Text], catalogue: &Catalogue) -> Vec<Text> {
    let rest = || arguments.iter().map(|t| (*t).clone());
    if let Some(entrypoint) = entrypoint {
        let words = entrypoint.text.split_whitespace().map(|w| named(w, entrypoint.span(0..entrypoint.text.len())));
        return words.chain(rest()).collect();
    }
    let name = untagged(image);
    if let Some(program) = catalogue.program_of(VENDOR, name) {
        let image = name.rsplit('/').next().unwrap_or(name);
        let own = arguments.first().is_some_and(|a| a.text == program || a.text == image);
        let program = program.split_whitespace().filter(|_| !own).map(|w| named(w, at));
        return program.chain(rest()).collect();
    }
    let program = name.rsplit('/').next().unwrap_or(name);
    if runs_itself(program, arguments, catalogue) {
        return rest().collect();
    }
    std::iter::once(named(program, at)).filter(|_| !program.is_empty()).chain(rest()).collect()
}

/// Whether the arguments of an image name the program that they are for: one that is known, or a file.
fn runs_itself(program: &str, arguments: &[&Text], catalogue: &Catalogue) -> bool {
    let shown = words_shown(arguments);
    let refs: Vec<&str> = shown.iter().map(String::as_str).collect();
    let Some(first) = refs.first().filter(|w| !w.starts_with('-') && !w.contains(HOLE)) else { return false };
    // What these words say to a shell is not what they say to an image.
    let verb = matches!(*first, "test" | "install" | "exec" | "time" | "command" | "env");
    *first == program || first.contains('/') || script_of(&refs).is_some() || (!verb && catalogue.command(&shown).is_some())
}

/// Words as the tables of commands read them.
fn words_shown(words: &[&Text]) -> Vec<String> {
    let nothing = Scope::default();
    words.iter().map(|t| expr(&t.text).eval(&nothing).shown()).collect()
}

/// A word that stands for something at a place.
fn named(word: &str, at: Span) -> Text {
    let data = Data::scalar_at(word, at);
    data.text().cloned().unwrap_or_else(|| Text::verbatim(at.file, word, at.start as usize))
}

/// An image's name without tag and digest.
fn untagged(image: &str) -> &str {
    let image = image.trim().split('@').next().unwrap_or("");
    let last = image.rfind('/').map_or(0, |i| i + 1);
    image[last..].find(':').map_or(image, |i| &image[..last + i])
}

/// The index of the word that a shell is given as its script (`bash -ec SCRIPT`, `pwsh -Command SCRIPT`).
fn script_of(words: &[&str]) -> Option<usize> {
    let (program, rest) = words.split_first()?;
    let program = program.rsplit('/').next().unwrap_or(program);
    let posix = matches!(program, "bash" | "sh" | "ash" | "dash" | "zsh" | "ksh");
    let power = matches!(program, "pwsh" | "powershell" | "powershell.exe" | "cmd" | "cmd.exe");
    if !posix && !power {
        return None;
    }
    let mut given = false;
    let mut words = rest.iter().enumerate();
    while let Some((i, word)) = words.next() {
        let option = word.strip_prefix(['-', '+', '/']).filter(|_| word.starts_with(['-', '+']) || program.starts_with("cmd"));
        let Some(letters) = option else { return given.then_some(i + 1) };
        given |= if posix {
            !letters.starts_with('-') && letters.contains('c')
        } else {
            letters.to_ascii_lowercase().starts_with('c')
        };
        if posix && letters.ends_with(['o', 'O']) {
            words.next();
        }
    }
    None
}

/// One command is its whole list item (model ruling 11).
fn place(items: &mut [Item], at: Span, text: &str) {
    for item in items {
        match item {
            Item::Command(command) => {
                command.span = at;
                text.clone_into(&mut command.text);
            }
            Item::Block(block) => {
                block.span = at;
                place(&mut block.items, at, text);
            }
            _ => {}
        }
    }
}
