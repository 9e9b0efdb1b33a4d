//! Targets that are called by the folder of their file and a name (`./services/cart+image`).

use super::Reach;
use super::calls::Folder;
use super::frame::Frame;
use crate::model::{Found, HOLE, PUSHES, Value, glob};
use crate::source::Span;
use crate::source::paths::{directory, join};

impl Reach<'_> {
    /// Follow a call of such targets; the number of steps behind it, or none where the repository has none of them.
    pub(super) fn referenced(&mut self, words: &[String], at: Span, frame: &mut Frame) -> Option<usize> {
        let place = words.iter().skip(1).position(|w| !w.starts_with('-') && w.contains('+'))? + 1;
        let (path, name) = words[place].split_once('+')?;
        let from = frame.dir.clone().unwrap_or_else(|| frame.home.clone());
        let folder = join(&from, &path.replace(HOLE, "*"))?;
        let name = name.replace(HOLE, "*");
        let program = self.program;
        let fits = |pattern: &str, text: &str| if pattern.contains('*') { glob(pattern, text) } else { pattern == text };
        let found: Vec<(&String, Found)> = program
            .earthfiles
            .iter()
            .filter(|(file, _)| !path.contains("://") && fits(&folder, directory(file)))
            .flat_map(|(file, table)| table.targets.iter().map(move |(target, unit)| (file, target, *unit)))
            .filter(|(_, target, _)| fits(&name, target))
            .map(|(file, _, unit)| (file, Found { unit, stem: None }))
            .collect();
        if found.is_empty() || found.len() > super::MAX_CONTEXTS {
            return None;
        }
        let mut bind: Vec<(String, Value)> = arguments(words, place);
        if words[..place].iter().any(|w| w == "--push" || w == "-P" || w == "--push=true") {
            bind.push((PUSHES.to_owned(), Value::text("true")));
        }
        let dir = |file: &str| Folder::At(Some(directory(file).to_owned()));
        Some(found.into_iter().map(|(file, target)| self.enter_target(&target, frame, at, &bind, dir(file))).sum())
    }
}

/// Values for a target: `--NAME=value` after it, `--build-arg NAME=value` before it.
fn arguments(words: &[String], place: usize) -> Vec<(String, Value)> {
    let after = words[place + 1..].iter().filter_map(|w| w.strip_prefix("--"));
    let before = words[..place].windows(2).filter(|pair| pair[0] == "--build-arg").map(|pair| pair[1].as_str());
    let joined = words[..place].iter().filter_map(|w| w.strip_prefix("--build-arg="));
    let value = |text: &str| if text.chars().all(|c| c == HOLE) { Value::Unknown } else { Value::text(text) };
    let all = after.chain(before).chain(joined).filter_map(|w| w.split_once('='));
    all.map(|(name, text)| (format!("env.{name}"), value(text))).collect()
}
