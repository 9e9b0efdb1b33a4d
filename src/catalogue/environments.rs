//! Names and tiers of environments; `grammars/environments.yaml` explains the words.

use super::table;
use crate::model::{HOLE, Tier};
use crate::source::paths::join;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

/// The embedded words.
fn source() -> &'static str {
    table::packed!("environments")
}

/// The words as they are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Lists {
    names: BTreeMap<String, Vec<String>>,
    tiers: BTreeMap<String, Vec<String>>,
    strong: HashSet<String>,
    glued: Vec<String>,
    weak: HashSet<String>,
    companions: HashSet<String>,
    parents: HashSet<String>,
    shared: HashSet<String>,
    code_folders: HashSet<String>,
    places: Places,
    modifiers: HashSet<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    words: HashSet<String>,
    areas: Vec<String>,
    directions: HashSet<String>,
}

/// The words by what is looked up.
#[derive(Debug, Default)]
struct Tables {
    lists: Lists,
    /// The report's word for another one (`prd` → `production`).
    names: HashMap<String, String>,
    /// Tier of a word; a variant of production is only a hint.
    tiers: HashMap<String, (Tier, bool)>,
}

impl Tables {
    fn new(lists: Lists) -> Self {
        let names = lists.names.iter().flat_map(|(to, from)| from.iter().map(|f| (f.clone(), to.clone()))).collect();
        let mut tiers = HashMap::new();
        for (tier, words) in &lists.tiers {
            let entry = Tier::parse(tier).map_or((Tier::Production, false), |tier| (tier, true));
            tiers.extend(words.iter().map(|word| (word.clone(), entry)));
        }
        Self { lists, names, tiers }
    }
}

/// Words that name environments.
#[derive(Debug)]
pub struct Environments {
    tables: &'static Tables,
}

impl Environments {
    /// The embedded words, read once.
    pub fn embedded() -> Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        Self { tables: TABLES.get_or_init(|| Tables::new(table::single(source()).unwrap_or_default())) }
    }

    /// The name as the report writes it: lower case; only prod, prd, live → production, stg, stage → staging,
    /// dev → development; a trailing number, country or account is dropped, and so is a product's prefix
    /// (`shop-live` → production; model ruling 38).
    pub fn normalise(&self, name: &str) -> String {
        let trimmed = name.trim().to_lowercase();
        let segment = self.telling_segment(&trimmed);
        let words = self.join_pairs(&words(segment));
        let Some(at) = words.iter().position(|w| self.is_known(w)) else {
            return self.without_number(&trimmed, &words);
        };
        let before = &words[..at];
        let after: Vec<&String> = words[at + 1..].iter().filter(|w| !self.is_place(w)).collect();
        let mut kept: Vec<&str> = Vec::new();
        if at > 0 && (!after.is_empty() || before.iter().any(|w| self.tables.lists.modifiers.contains(w))) {
            kept.extend(before.iter().filter(|w| !self.is_place(w)).map(String::as_str));
        }
        kept.push(self.written(&words[at]));
        // A host or account beside the name has digits (`dev-wp-np3-15`) or is not known.
        let identifier = |w: &&String| w.chars().any(|c| c.is_ascii_digit()) && !self.is_known(w);
        if !segment.ends_with(HOLE) && !after.iter().any(identifier) {
            kept.extend(after.iter().map(|w| self.written(w)));
        }
        kept.dedup();
        kept.join("-")
    }

    /// The tier that a name tells.
    pub fn tier(&self, name: &str) -> Tier {
        let lower = name.trim().to_lowercase();
        let words = self.join_pairs(&words(&lower));
        let whole = words.join("-");
        let tier_of = |word: &str| self.tables.tiers.get(word).copied();
        if let Some((tier, _)) = tier_of(&whole) {
            return tier;
        }
        let found: Vec<(Tier, bool)> = words.iter().filter_map(|w| tier_of(w)).collect();
        let of = |sure: bool| found.iter().filter(|(_, s)| *s == sure).map(|(tier, _)| *tier).min();
        of(true).or_else(|| of(false)).unwrap_or(Tier::Unknown)
    }

    /// Whether a name of a preview says so by more than an abbreviation (`pr` may be short for production).
    pub fn is_sure_preview(&self, name: &str) -> bool {
        self.tier(name) == Tier::Preview && name.chars().filter(char::is_ascii_alphabetic).count() > 2
    }

    /// Whether a folder stands beside one that is an environment of a late tier: `test` beside `production` is an
    /// environment, too.
    pub fn beside_others(&self, folder: &str, folders: &BTreeSet<String>) -> bool {
        let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        let late = self.tables.tiers.iter().filter(|(_, (tier, sure))| *sure && matches!(tier, Tier::Staging | Tier::Production));
        let mut names = late.filter_map(|(name, _)| join(parent, name));
        names.any(|other| folders.contains(&other))
    }

    /// The environment that a file's or folder's path names. A folder that holds those of other environments is none
    /// (`live/staging`); one that stands among environments is one, whatever it is called (`envs/edge` beside `envs/prod`).
    pub fn find_in_path(&self, path: &str, folders: &BTreeSet<String>) -> Option<String> {
        let path = path.trim_start_matches("./");
        let ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).chain([path.len()]).collect();
        let parts: Vec<&str> = path.split('/').collect();
        let holds_others = |at: usize| {
            let own = self.written(parts[at]);
            children(&path[..ends[at]], folders).filter(|c| self.is_known(c) && self.written(c) != own).count() > 1
        };
        let left: Vec<&str> = (0..parts.len()).map(|at| if holds_others(at) { "" } else { parts[at] }).collect();
        self.find_in(&left.join("/")).or_else(|| {
            let among = |at: &usize| {
                let parent = at.checked_sub(1).map(|p| (parts[p], &path[..ends[p]]));
                parent.is_some_and(|(name, folder)| {
                    self.tables.lists.parents.contains(name)
                        && folders.contains(&path[..ends[*at]])
                        && !self.tables.lists.shared.contains(parts[*at])
                        && children(folder, folders).any(|c| self.is_known(c))
                })
            };
            (0..parts.len()).rev().find(among).map(|at| self.normalise(parts[at]))
        })
    }

    /// The environment that a free text names (a path, job name, branch, flag value), on word borders only:
    /// `deploy-prod` → production, `product` → none. The normalised name; where the text names several, the last
    /// (`promote-staging-to-production`).
    pub fn find_in(&self, text: &str) -> Option<String> {
        let lower = text.trim().to_lowercase();
        let segments: Vec<&str> = lower
            .split(|c: char| matches!(c, '/' | '\\' | '=' | ':' | ',') || c.is_whitespace())
            .filter(|s| !s.is_empty())
            .collect();
        let folders = if lower.contains('/') { segments.len().saturating_sub(1) } else { 0 };
        // `.dev` at the end of an address is a top-level domain.
        let host =
            |at: usize, s: &'_ str| if at == 1 && lower.contains("://") { s.trim_end_matches(".dev").len() } else { s.len() };
        let parts: Vec<Vec<String>> =
            segments.iter().enumerate().map(|(at, s)| self.join_pairs(&words(stem(&s[..host(at, s)])))).collect();
        let strong = parts.iter().enumerate().rev().find_map(|(at, words)| self.strong_word(words, at < folders));
        let weak = || (0..parts.len()).rev().find_map(|at| self.weak_word(&segments, &parts, at, folders > 0));
        Some(self.normalise(&strong.or_else(weak)?))
    }

    /// A part of a text that is a weak word as a whole: of a path beside no folder of code, else the whole text.
    fn weak_word(&self, segments: &[&str], parts: &[Vec<String>], at: usize, path: bool) -> Option<String> {
        let lists = &self.tables.lists;
        let [word] = parts.get(at)?.as_slice() else { return None };
        let code = |at: Option<usize>| at.and_then(|at| segments.get(at)).is_some_and(|s| lists.code_folders.contains(*s));
        // A folder `ci` holds what pipelines run.
        let pipelines = path && word == "ci" && at + 1 < segments.len();
        let fits = segments.len() == 1 || (path && !pipelines && !code(at.checked_sub(1)) && !code(Some(at + 1)));
        (fits && lists.weak.contains(word)).then(|| word.clone())
    }

    /// The last strong word of a part of a text, if nothing beside it says that it means something else.
    fn strong_word(&self, words: &[String], folder: bool) -> Option<String> {
        let lists = &self.tables.lists;
        let companion = |i: Option<usize>| i.and_then(|i| words.get(i)).is_some_and(|w| lists.companions.contains(w));
        let inside = |i: usize| i > 0 && i + 1 < words.len();
        (0..words.len())
            .rev()
            .filter(|i| lists.strong.contains(&words[*i]) && !(folder && inside(*i)))
            .find(|i| !(companion(i.checked_sub(1)) || companion(Some(i + 1))))
            .map(|i| words[i].clone())
    }

    /// Of a path-like name the part that tells the environment: the last that has a known word, for reviews the first
    /// (`review/topic`).
    fn telling_segment<'a>(&self, name: &'a str) -> &'a str {
        let mut segments = name.split('/');
        let first = segments.next().unwrap_or(name);
        if self.tier(first) == Tier::Preview {
            return first;
        }
        name.rsplit('/').find(|s| self.join_pairs(&words(s)).iter().any(|w| self.is_known(w))).unwrap_or(name)
    }

    /// A name without a known word, as it is written but for a number at its end.
    fn without_number(&self, name: &str, words: &[String]) -> String {
        let separator = |c: char| matches!(c, '-' | '_' | '.' | ' ' | '/') || c == HOLE;
        let kept = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = kept.len() < name.len() && kept.ends_with(separator);
        let kept = if number || name.ends_with(HOLE) { kept.trim_end_matches(separator) } else { name };
        if kept.is_empty() || words.iter().all(|w| self.is_place(w)) { name.replace(HOLE, "") } else { kept.replace(HOLE, "") }
    }

    /// The report's word.
    fn written<'a>(&'a self, word: &'a str) -> &'a str {
        self.tables.names.get(word).map_or(word, String::as_str)
    }

    /// Whether a word alone names an environment.
    fn is_known(&self, word: &str) -> bool {
        self.tables.names.contains_key(word) || self.tables.tiers.get(word).is_some_and(|(_, sure)| *sure)
    }

    fn is_place(&self, word: &str) -> bool {
        let Places { words, areas, directions } = &self.tables.lists.places;
        let version = word.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()));
        let direction = |rest: &str| directions.contains(rest.trim_end_matches(|c: char| c.is_ascii_digit()));
        let region = areas.iter().any(|area| {
            word.strip_prefix(area.as_str()).is_some_and(direction)
                || word.strip_suffix(area.as_str()).is_some_and(|rest| directions.contains(rest))
        });
        version || region || words.contains(word) || word.chars().all(|c| c.is_ascii_digit())
    }

    /// Two words that the tables know as one (`pre`, `prod` → `pre-prod`), and words without the number at their end.
    fn join_pairs(&self, words: &[String]) -> Vec<String> {
        let mut joined = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let pair = words.get(at + 1).map(|next| format!("{}-{}", words[at], self.bare(next)));
            if let Some(pair) = pair.filter(|pair| self.tables.tiers.contains_key(pair)) {
                joined.push(pair);
                at += 2;
            } else {
                joined.push(self.bare(&words[at]).to_owned());
                at += 1;
            }
        }
        joined
    }

    /// A known word without the number at its end (`prod2`) or without what is glued to it (`stgdjango`); any other word whole.
    fn bare<'a>(&self, word: &'a str) -> &'a str {
        let glued = self.tables.lists.glued.iter().find(|known| word.strip_prefix(known.as_str()).is_some_and(is_a_name));
        if let Some(known) = glued {
            return &word[..known.len()];
        }
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if !bare.is_empty() && self.is_known(bare) { bare } else { word }
    }
}

/// Whether the rest of a word is long enough to be a name of its own.
fn is_a_name(rest: &str) -> bool {
    rest.chars().filter(char::is_ascii_alphabetic).count() >= 4
}

/// The names of the folders in a folder.
fn children<'f>(folder: &'f str, folders: &'f BTreeSet<String>) -> impl Iterator<Item = &'f str> {
    let inside = move |path: &'f String| path.strip_prefix(folder)?.strip_prefix('/');
    folders.range(format!("{folder}/")..).map_while(inside).filter(|name| !name.contains('/'))
}

/// Words in lower case; a word that is partly unknown says nothing.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || c == HOLE));
    parts.filter(|w| !w.is_empty() && !w.contains(HOLE)).map(str::to_owned).collect()
}

/// A file's name without its endings that name a format.
fn stem(segment: &str) -> &str {
    const FORMATS: [&str; 14] = [
        ".yaml",
        ".yml",
        ".json",
        ".tfvars",
        ".tf",
        ".sh",
        ".env",
        ".properties",
        ".ini",
        ".toml",
        ".hcl",
        ".conf",
        ".xml",
        ".auto",
    ];
    let mut stem = segment;
    while let Some(shorter) = FORMATS.iter().find_map(|f| stem.strip_suffix(f)).filter(|s| !s.is_empty()) {
        stem = shorter;
    }
    stem
}

#[cfg(test)]
mod tests;
