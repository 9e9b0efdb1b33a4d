//! Which texts hold which words, so that a pattern is compared only with those that hold all it needs.

use super::needs::{Needs, is_word};
use std::collections::{HashMap, HashSet};

/// The texts that hold each word of a vocabulary.
#[derive(Debug, Default)]
pub struct Index<'v> {
    holders: HashMap<&'v str, Vec<usize>>,
    count: usize,
}

impl<'v> Index<'v> {
    /// Read texts, each with words that it does not hold and stands for all the same. Only the words of the vocabulary are kept.
    pub fn new<'t>(texts: impl Iterator<Item = (&'t str, Vec<String>)>, vocabulary: &'v HashSet<String>) -> Self {
        let mut holders: HashMap<&'v str, Vec<usize>> = vocabulary.iter().map(|w| (w.as_str(), Vec::new())).collect();
        let mut begins = [false; 256];
        vocabulary.iter().filter_map(|w| w.bytes().next()).for_each(|b| begins[usize::from(b)] = true);
        let longest = vocabulary.iter().map(String::len).max().unwrap_or(0);
        let mut count = 0;
        for (index, (text, words)) in texts.enumerate() {
            count = index + 1;
            for word in &words {
                if let Some(all) = holders.get_mut(word.as_str()).filter(|all| all.last() != Some(&index)) {
                    all.push(index);
                }
            }
            let bytes = text.as_bytes();
            let mut at = 0;
            while at < bytes.len() {
                let start = at;
                while at < bytes.len() && is_word(bytes[at]) {
                    at += 1;
                }
                if at > start
                    && begins[usize::from(bytes[start])]
                    && at - start <= longest
                    && let Some(all) = text.get(start..at).and_then(|word| holders.get_mut(word))
                    && all.last() != Some(&index)
                {
                    all.push(index);
                }
                at += 1;
            }
        }
        Self { holders, count }
    }

    /// Whether a text may hold what a pattern needs.
    pub fn has(&self, needs: &Needs) -> bool {
        !self.candidates(needs).is_empty()
    }

    /// The texts that hold what a pattern needs, in order.
    pub fn candidates(&self, needs: &Needs) -> Vec<usize> {
        let mut found: Option<HashSet<usize>> = None;
        for words in needs.items() {
            let lists: Option<Vec<&Vec<usize>>> = words.iter().map(|w| self.holders.get(w.as_str())).collect();
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
    fn a_script_without_a_needed_word_is_passed_over() {
        let vocabulary = ["git", "diff"].map(String::from).into_iter().collect();
        let texts = ["git diff\n", "x=$(git log)", "gitk diff"].map(|text| (text, Vec::new()));
        let index = Index::new(texts.into_iter(), &vocabulary);
        assert_eq!(index.candidates(&Needs::of("git diff")), [0]);
        assert_eq!(index.candidates(&Needs::of("git <ARGS...>")), [0, 1]);
        assert_eq!(index.candidates(&Needs::of("git log")), [0, 1], "a word that was not indexed decides nothing");
        assert_eq!(index.candidates(&Needs::of("<ANY>")), [0, 1, 2]);
    }
}
