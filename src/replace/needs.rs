//! The words that a text must hold for a rule to meet it. The build reads them off the rules' files, so that a rule that can meet
//! nothing is not even read; the file has no other part of the crate in it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Words that a script may say in another way than a pattern does.
const LOOSE: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "in", "do", "done", "while", "until", "case", "esac", "function", "true", "false",
    "test", "export", "sudo", "command", "time", "exec", "builtin", "env", "...",
];

/// What a text must hold: of each item one word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs(Vec<Vec<String>>);

impl Needs {
    /// What a pattern of shell, or of instructions, needs.
    pub fn of(pattern: &str) -> Self {
        let mut needs = Self::default();
        let pattern = pattern.replace("while|until ", " ");
        for token in without_holes(&pattern).split(|c: char| c.is_whitespace() || "()`;&$".contains(c)) {
            let words: Vec<&str> = token.split('|').collect();
            if words.iter().all(|w| is_plain(w) && !LOOSE.contains(w)) {
                needs.add(&words);
            }
        }
        needs
    }

    /// What a `yaml` leaf needs: its keys and plain values, and the words of its shell.
    pub fn of_field(leaf: &Value) -> Self {
        let mut needs = Self::default();
        let text = |key: &str| leaf.get(key).and_then(Value::as_str);
        needs.keys(text("at").unwrap_or_default());
        needs.value(text("is").unwrap_or_default());
        if let Some(pattern) = text("shell") {
            Self::of(pattern).0.iter().for_each(|words| needs.add(&words.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        for field in ["beside", "root"] {
            for (path, value) in leaf.get(field).and_then(Value::as_object).into_iter().flatten() {
                needs.keys(path);
                needs.value(value.as_str().unwrap_or_default());
            }
        }
        needs
    }

    /// And that it stands in one of these places.
    #[must_use]
    pub fn and_in(mut self, places: &[&str]) -> Self {
        let words: Vec<String> = places.iter().map(|p| place(p)).collect();
        self.add(&words.iter().map(String::as_str).collect::<Vec<_>>());
        self
    }

    fn and_in_all(self, all: &[Vec<&str>]) -> Self {
        all.iter().fold(self, |needs, places| needs.and_in(places))
    }

    /// Whether a text may hold all of it.
    pub fn may_be_in(&self, text: &str) -> bool {
        self.0.iter().all(|words| words.iter().any(|w| text.contains(w.as_str())))
    }

    /// Its items.
    pub fn items(&self) -> &[Vec<String>] {
        &self.0
    }

    fn add(&mut self, words: &[&str]) {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        if !self.0.contains(&words) {
            self.0.push(words);
        }
    }

    fn keys(&mut self, path: &str) {
        for part in path.split('.') {
            let keys: Vec<&str> = part.split('|').collect();
            if keys.iter().all(|k| is_plain(k)) {
                self.add(&keys);
            }
        }
    }

    fn value(&mut self, text: &str) {
        if is_plain(text) {
            self.add(&[text]);
        }
    }
}

/// The word that stands for a place (`github-actions`, `ansible`): no text holds it.
pub fn place(name: &str) -> String {
    format!("@{name}")
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && !word.starts_with('-') && word.bytes().all(is_word)
}

/// Whether a byte is part of a word; all others stand between words.
pub fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.')
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

/// The bracket that closes the one at `at`.
pub fn closing(chars: &[char], at: usize, with: char) -> Option<usize> {
    let open = chars[at];
    let mut depth = 0;
    let mut in_regex = false;
    for (i, c) in chars.iter().enumerate().skip(at) {
        match *c {
            '/' if open == '<' && (in_regex || chars.get(i.wrapping_sub(1)) == Some(&':')) => in_regex = !in_regex,
            _ if in_regex => {}
            c if c == open => depth += 1,
            c if c == with => {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

/// What texts a rule is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Corpus {
    /// Scripts of any kind.
    Scripts,
    /// Dockerfiles.
    Dockerfiles,
    /// YAML files.
    Yaml,
}

/// Where a rule may meet something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// It cannot be told beforehand.
    Anywhere,
    /// In a text that holds these words.
    In(Corpus, Needs),
    /// Where all of these may.
    All(Vec<Reach>),
    /// Where one of these may.
    Any(Vec<Reach>),
}

impl Reach {
    /// Of a rule's file.
    pub fn of_rule(rule: &Value) -> Self {
        let list = |of: &Value| of.get("where").and_then(Value::as_array).cloned().unwrap_or_default();
        let shared = list(rule);
        let of = |case: &Value| {
            let conditions: Vec<Value> = shared.iter().cloned().chain(list(case)).collect();
            Self::of_case(case.get("pattern").and_then(Value::as_str), case.get("match"), &conditions)
        };
        match rule.get("cases").and_then(Value::as_array) {
            Some(cases) => Self::Any(cases.iter().map(of).collect()),
            None => Self::of_case(rule.get("pattern").and_then(Value::as_str), rule.get("match"), &shared),
        }
    }

    /// Of a pattern or a tree, with its conditions.
    pub fn of_case(pattern: Option<&str>, tree: Option<&Value>, conditions: &[Value]) -> Self {
        // The place of a finding: that of the first leaf that has any. Further leaves of shell may stand elsewhere.
        let places: Vec<Vec<&str>> = conditions
            .iter()
            .filter_map(|c| match c.get("in")? {
                Value::Array(all) => all.iter().map(Value::as_str).collect(),
                one => Some(vec![one.as_str()?]),
            })
            .collect();
        match (pattern, tree) {
            (Some(pattern), _) => Self::In(Corpus::Scripts, Needs::of(pattern).and_in_all(&places)),
            (None, Some(tree)) => Self::of_tree(tree, &places),
            (None, None) => Self::Anywhere,
        }
    }

    fn of_tree(tree: &Value, places: &[Vec<&str>]) -> Self {
        let Some((key, inner)) = tree.as_object().and_then(|o| o.iter().next()) else { return Self::Anywhere };
        let all = |places: &[Vec<&str>]| inner.as_array().into_iter().flatten().map(|t| Self::of_tree(t, places)).collect();
        match (key.as_str(), inner.as_str()) {
            ("all", _) => Self::All(all(&[])),
            ("any", _) => Self::Any(all(places)),
            ("shell", Some(pattern)) => Self::In(Corpus::Scripts, Needs::of(pattern).and_in_all(places)),
            ("task", Some(pattern)) => Self::In(Corpus::Scripts, Needs::of(pattern).and_in(&["ansible"])),
            ("dockerfile", Some(pattern)) => Self::In(Corpus::Dockerfiles, Needs::of(pattern)),
            ("yaml", _) => Self::In(Corpus::Yaml, Needs::of_field(inner)),
            _ => Self::Anywhere,
        }
    }

    /// Its needs, corpus by corpus.
    pub fn each(&self, out: &mut dyn FnMut(Corpus, &Needs)) {
        match self {
            Self::Anywhere => {}
            Self::In(corpus, needs) => out(*corpus, needs),
            Self::All(all) | Self::Any(all) => all.iter().for_each(|one| one.each(out)),
        }
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
        assert_eq!(needs("COPY|ADD <A...>\nRUN chown <B...>"), "COPY|ADD RUN chown");
    }

    #[test]
    fn a_rule_reaches_the_places_that_it_names() {
        let rule = serde_json::json!({"match": {"any": [{"shell": "cd <D>"}, {"task": "npm ci"}]}, "where": [{"in": ["drone"]}]});
        let (first, second) = (Needs::of("cd <D>").and_in(&["drone"]), Needs::of("npm ci").and_in(&["ansible"]));
        let wanted = Reach::Any(vec![Reach::In(Corpus::Scripts, first), Reach::In(Corpus::Scripts, second)]);
        assert_eq!(Reach::of_rule(&rule), wanted);
    }

    #[test]
    fn what_a_field_needs_is_its_keys_and_values() {
        let leaf = serde_json::json!({"at": "**.livenessProbe|readinessProbe.exec.command", "shell": "curl <URL>", "root": {"kind": "/x/"}});
        let needs = Needs::of_field(&leaf).0.iter().map(|w| w.join("|")).collect::<Vec<_>>().join(" ");
        assert_eq!(needs, "livenessProbe|readinessProbe exec command curl kind");
    }
}
