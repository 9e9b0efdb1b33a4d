//! Word lists for what can only be told by a name; `grammars/words.yaml` explains them.

mod files;

use super::table;
use crate::model::{HOLE, Stage};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

/// The embedded lists.
fn source() -> &'static str {
    table::packed!("words")
}

/// The lists as they are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Lists {
    noise: HashSet<String>,
    extensions: HashSet<String>,
    joins: HashSet<String>,
    order: Vec<Stage>,
    furthest: Vec<Stage>,
    dominant: HashSet<String>,
    objects: HashSet<String>,
    adjuncts: HashSet<String>,
    stages: BTreeMap<String, StageWords>,
    sets_up: Ends,
    local: Local,
    local_files: files::LocalFiles,
    server_files: files::ServerFiles,
    fixtures: files::Fixtures,
    cluster_files: files::ClusterFiles,
    third_party_images: files::Images,
    repository_name: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StageWords {
    verbs: Vec<String>,
    nouns: Vec<String>,
    phrases: Vec<String>,
    alone: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ends {
    first: HashSet<String>,
    last: HashSet<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Local {
    starting: HashSet<String>,
    not_with: HashSet<String>,
    anywhere: HashSet<String>,
    whole: HashSet<String>,
    first: HashSet<String>,
    last: HashSet<String>,
    except: Vec<String>,
}

/// How strongly a word says a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Noun,
    Verb,
}

/// The lists with what is looked up often by key.
#[derive(Debug, Default)]
struct Tables {
    lists: Lists,
    /// Words and phrases; no stage where they mean none.
    meanings: HashMap<String, (Option<Stage>, Strength)>,
    /// Words in the longest phrase.
    longest: usize,
    /// Words that mean a stage only as the whole name.
    alone: HashMap<String, Stage>,
}

impl Tables {
    fn new(lists: Lists) -> Self {
        let mut meanings = HashMap::new();
        let mut alone = HashMap::new();
        let mut longest = 1;
        for (stage, words) in &lists.stages {
            let stage = Stage::parse(stage);
            alone.extend(words.alone.iter().filter_map(|w| Some((w.clone(), stage?))));
            let nouns = words.nouns.iter().map(|w| (w, Strength::Noun));
            let rest = words.verbs.iter().chain(&words.phrases).map(|w| (w, Strength::Verb));
            for (word, strength) in nouns.chain(rest) {
                longest = longest.max(word.split(' ').count());
                meanings.insert(word.clone(), (stage, strength));
            }
        }
        Self { lists, meanings, longest, alone }
    }
}

/// Words that name stages, sites and what is local.
#[derive(Debug)]
pub struct Words {
    tables: &'static Tables,
}

impl Words {
    /// The embedded words, read once.
    pub fn embedded() -> Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        Self { tables: TABLES.get_or_init(|| Tables::new(table::single(source()).unwrap_or_default())) }
    }

    /// The stage that the name of a script, target or job clearly says (`deploy.sh`, `build-image`, `test:unit`).
    pub fn stage(&self, name: &str) -> Option<Stage> {
        let Tables { lists, alone, .. } = self.tables;
        let words = self.words_of(name);
        if let [word] = words.as_slice()
            && let Some(stage) = alone.get(word)
        {
            return Some(*stage);
        }
        let (mut verbs, mut nouns, mut joined, mut plain) = (Vec::new(), Vec::new(), false, true);
        let mut at = 0;
        while at < words.len() {
            let (taken, meaning) = self.meaning_at(&words[at..]);
            match meaning {
                Some((Some(stage), Strength::Verb)) if verbs.is_empty() && lists.dominant.contains(&words[at]) => {
                    return Some(stage);
                }
                Some((Some(_), Strength::Verb)) if taken == 1 && self.is_adjunct(&words, at) => plain = false,
                Some((Some(stage), Strength::Verb)) => verbs.push(stage),
                Some((Some(stage), Strength::Noun)) => nouns.push(stage),
                _ if lists.joins.contains(&words[at]) => joined = true,
                _ => plain &= lists.objects.contains(&words[at]),
            }
            at += taken;
        }
        self.settle(if verbs.is_empty() { &nouns } else { &verbs }, joined, plain)
    }

    /// Whether a verb stands before a word that is none of what it may be done with.
    fn is_adjunct(&self, words: &[String], at: usize) -> bool {
        let lists = &self.tables.lists;
        let next = words.get(at + 1);
        let unlike = |next: &String| {
            let told = self.meaning_at(&words[at + 1..]).1.is_some();
            let of_it = lists.objects.contains(next) || lists.joins.contains(next) || lists.noise.contains(next);
            !told && !of_it
        };
        lists.adjuncts.contains(&words[at]) && next.is_some_and(unlike)
    }

    /// Whether the name is that of a helper for a developer's own machine (`start`, `watch`, `compose-up`), which has no
    /// step (model ruling 7).
    pub fn local(&self, name: &str) -> bool {
        let local = &self.tables.lists.local;
        let words = self.split(name);
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
        let joined = words.join(" ");
        if name.split_once(':').is_some_and(|(task, _)| local.starting.contains(&task.to_ascii_lowercase())) {
            return true;
        }
        if words.iter().any(|w| local.not_with.contains(w)) || local.except.iter().any(|phrase| contains_words(&joined, phrase)) {
            return false;
        }
        if words.iter().any(|w| local.anywhere.contains(w)) || (words.len() == 1 && local.whole.contains(first)) {
            return true;
        }
        self.stage(name).is_none() && words.len() > 1 && (local.first.contains(first) || local.last.contains(last))
    }

    /// Whether the name says that it only sets something up for the job (`setup-node`, `ecr-login`): glue.
    pub fn sets_up(&self, name: &str) -> bool {
        let ends = &self.tables.lists.sets_up;
        let words = self.words_of(name);
        words.first().is_some_and(|w| ends.first.contains(w)) || words.last().is_some_and(|w| ends.last.contains(w))
    }

    /// One stage of several, where the name tells which: `joined` by a word between them, `plain` without further words.
    fn settle(&self, stages: &[Stage], joined: bool, plain: bool) -> Option<Stage> {
        let Lists { order, furthest, .. } = &self.tables.lists;
        let first = stages.first()?;
        if stages.iter().all(|s| s == first) {
            return Some(*first);
        }
        let clear: &[Stage] = match (joined, plain) {
            (true, _) => order,
            (false, true) => furthest,
            (false, false) => &[],
        };
        let place = |stage: &Stage| order.iter().position(|o| o == stage).filter(|_| clear.contains(stage));
        let places: Option<Vec<usize>> = stages.iter().map(place).collect();
        order.get(places?.into_iter().max()?).copied()
    }

    /// The longest phrase or word at the start, with how many words it has.
    fn meaning_at(&self, words: &[String]) -> (usize, Option<(Option<Stage>, Strength)>) {
        for count in (1..=self.tables.longest.min(words.len())).rev() {
            let key = words[..count].join(" ");
            if let Some(meaning) = self.tables.meanings.get(&key) {
                return (count, Some(*meaning));
            }
        }
        (1, None)
    }

    /// The variables in which a run of a pipeline finds the repository's own name.
    pub fn repository_names(&self) -> &'static [String] {
        &self.tables.lists.repository_name
    }

    /// Whether a name has no word that says anything (`main`, `reusable-workflow`).
    pub fn is_noise(&self, name: &str) -> bool {
        self.split(name).iter().all(|w| self.tables.lists.noise.contains(w))
    }

    /// The words of a name without noise; those of the name itself where it is all noise.
    fn words_of(&self, name: &str) -> Vec<String> {
        let all = self.split(name);
        let kept: Vec<String> = all.iter().filter(|w| !self.tables.lists.noise.contains(*w)).cloned().collect();
        if kept.is_empty() { all } else { kept }
    }

    /// The words of a name: the last part of a path, without the ending of a script file and plain numbers.
    fn split(&self, name: &str) -> Vec<String> {
        let path = !name.contains(char::is_whitespace);
        let base = if path { name.trim_end_matches('/').rsplit('/').next().unwrap_or(name) } else { name };
        let stem = match base.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() && self.tables.lists.extensions.contains(&ending.to_ascii_lowercase()) => {
                stem
            }
            _ => base,
        };
        let words = words(stem);
        words.into_iter().filter(|w| !w.chars().all(|c| c.is_ascii_digit())).collect()
    }
}

/// Words in lower case, cut at everything that is no letter or digit and at camelCase; a word with a hole says nothing.
fn words(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        let border = !(c.is_alphanumeric() || c == HOLE);
        if border || (c.is_uppercase() && before.is_lowercase()) {
            all.push(String::new());
        }
        if !border && let Some(word) = all.last_mut() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    all.retain(|w| !w.is_empty() && !w.contains(HOLE));
    all
}

/// Whether the words of `phrase` stand in `text` one after the other.
fn contains_words(text: &str, phrase: &str) -> bool {
    format!(" {text} ").contains(&format!(" {phrase} "))
}

#[cfg(test)]
mod tests;
