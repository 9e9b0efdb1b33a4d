//! Which scripts a pattern may meet: those that hold every word it must have. A rule that may meet none is not even made ready,
//! which takes longer than asking it.

use super::pattern::closing;
use std::collections::{HashMap, HashSet};

/// Words of the shell that a script may say in another way than a pattern does.
const LOOSE: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "in", "do", "done", "while", "until", "case", "esac", "function", "true", "false",
    "test", "export", "sudo", "command", "time", "exec", "builtin", "env", "...",
];

/// What a script must hold for a pattern to meet it: of each item one word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs(Vec<Vec<String>>);

impl Needs {
    /// What a pattern needs.
    pub fn of(pattern: &str) -> Self {
        let pattern = pattern.replace("while|until ", " ");
        let mut needs: Vec<Vec<String>> = Vec::new();
        for token in without_holes(&pattern).split(|c: char| c.is_whitespace() || "()`;&$".contains(c)) {
            let words: Vec<&str> = token.split('|').collect();
            if words.iter().all(|w| is_plain(w)) {
                let words: Vec<String> = words.into_iter().map(ToOwned::to_owned).collect();
                if !needs.contains(&words) {
                    needs.push(words);
                }
            }
        }
        Self(needs)
    }

    /// Its words.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flatten()
    }
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && !word.starts_with('-') && word.chars().all(is_word) && !LOOSE.contains(&word)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// A pattern without its holes and its optional parts, each with the word it is a part of.
fn without_holes(pattern: &str) -> String {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        let blank = at.checked_sub(1).is_none_or(|i| chars[i].is_whitespace());
        let next = chars.get(at + 1);
        let end = match chars[at] {
            '<' if next.is_some_and(char::is_ascii_uppercase) => closing(&chars, at, '>'),
            '[' if blank && next.is_some_and(|n| !n.is_whitespace() && *n != '[') => closing(&chars, at, ']'),
            _ => None,
        };
        // No word holds it: what stands beside it in the same word is not looked for either.
        out.push(if end.is_some() { '\u{0}' } else { chars[at] });
        at = end.unwrap_or(at) + 1;
    }
    out
}

/// The scripts that hold each word of a vocabulary.
#[derive(Debug, Default)]
pub struct Index {
    holders: HashMap<String, Vec<usize>>,
    count: usize,
}

impl Index {
    /// Read texts. Only the words of the vocabulary are kept.
    pub fn new<'t>(texts: impl Iterator<Item = &'t str>, vocabulary: impl Iterator<Item = String>) -> Self {
        let mut holders: HashMap<String, Vec<usize>> = vocabulary.map(|w| (w, Vec::new())).collect();
        let mut count = 0;
        for (index, text) in texts.enumerate() {
            count = index + 1;
            for word in text.split(|c: char| !is_word(c)).filter(|w| !w.is_empty()) {
                if let Some(all) = holders.get_mut(word).filter(|all| all.last() != Some(&index)) {
                    all.push(index);
                }
            }
        }
        Self { holders, count }
    }

    /// The texts that hold what a pattern needs, in order.
    pub fn candidates(&self, needs: &Needs) -> Vec<usize> {
        let mut found: Option<HashSet<usize>> = None;
        for words in &needs.0 {
            let lists: Option<Vec<&Vec<usize>>> = words.iter().map(|w| self.holders.get(w)).collect();
            // A word outside of the vocabulary says nothing.
            let Some(lists) = lists else { continue };
            let holds = lists.into_iter().flatten().copied();
            found = Some(match &found {
                Some(before) => holds.filter(|i| before.contains(i)).collect(),
                None => holds.collect(),
            });
            if found.as_ref().is_some_and(HashSet::is_empty) {
                return Vec::new();
            }
        }
        let mut out: Vec<usize> = found.map_or_else(|| (0..self.count).collect(), |f| f.into_iter().collect());
        out.sort_unstable();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_needs_is_its_plain_words() {
        let needs = |pattern: &str| Needs::of(pattern).0.iter().map(|w| w.join("|")).collect::<Vec<_>>().join(" ");
        assert_eq!(needs("terraform|tofu [-chdir=<DIR>] workspace select <NAME>"), "terraform|tofu workspace select");
        assert_eq!(needs("for <V> in <ITEMS...>; do aws s3 cp $<V> s3://<B>/; done"), "aws s3 cp");
        assert_eq!(needs("while|until <COND...>; do sleep <N:/[0-9 a]+/>; done"), "sleep");
        assert_eq!(needs("<V>=$( jq -r '.version' package.json | tr <A...> )"), "jq package.json tr");
        assert_eq!(needs("if ! git diff --quiet; then <BODY...>; fi"), "git diff");
    }

    #[test]
    fn a_script_without_a_needed_word_is_passed_over() {
        let index =
            Index::new(["git diff\n", "x=$(git log)", "gitk diff"].into_iter(), ["git", "diff"].map(String::from).into_iter());
        assert_eq!(index.candidates(&Needs::of("git diff")), [0]);
        assert_eq!(index.candidates(&Needs::of("git <ARGS...>")), [0, 1]);
        assert_eq!(index.candidates(&Needs::of("git log")), [0, 1], "a word that was not indexed decides nothing");
        assert_eq!(index.candidates(&Needs::of("<ANY>")), [0, 1, 2]);
    }
}
