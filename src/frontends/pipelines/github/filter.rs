//! Filters of branches and tags:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet>.

use crate::model::{HOLE, Value};
use crate::syntax::yaml::Node;

/// A trigger's filter of branches or of tags.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// The patterns; none: no such key.
    only: Option<Vec<String>>,
    ignore: Option<Vec<String>>,
}

impl Filter {
    /// Of a trigger's keys `name` and `name-ignore`.
    pub fn read(trigger: Node<'_>, name: &str) -> Self {
        let list = |key: &str| trigger.get(key).map(|n| n.texts().into_iter().map(str::to_owned).collect());
        Self { only: list(name), ignore: list(&format!("{name}-ignore")) }
    }

    /// Whether the trigger has one.
    pub fn is_given(&self) -> bool {
        self.only.is_some() || self.ignore.is_some()
    }

    /// Whether a ref of this name passes. An empty name stands for any.
    pub fn passes(&self, name: &str) -> bool {
        if name.is_empty() {
            return true;
        }
        if let Some(ignore) = &self.ignore {
            return !ignore.iter().any(|p| matches(p, name));
        }
        let Some(only) = &self.only else { return true };
        only.iter().fold(false, |passes, pattern| match pattern.strip_prefix('!') {
            Some(not) => passes && !matches(not, name),
            None => passes || pattern == "$default-branch" || matches(pattern, name),
        })
    }

    /// What the names may be that pass and are not `trunk`: one value for each pattern, or one for all.
    pub fn others(&self, trunk: &str) -> Vec<Value> {
        let mut not: Vec<String> = if trunk.is_empty() { Vec::new() } else { vec![trunk.to_owned()] };
        let Some(only) = &self.only else {
            not.extend(self.ignore.iter().flatten().filter(|p| is_literal(p)).cloned());
            return vec![Value::Other(not)];
        };
        let mut out: Vec<Value> = Vec::new();
        for pattern in only.iter().filter(|p| !p.starts_with('!') && *p != trunk && *p != "$default-branch") {
            let value = match known_part(pattern) {
                text if text.chars().all(|c| c == HOLE) => Value::Other(not.clone()),
                text => Value::text(text),
            };
            if self.passes_pattern(pattern) && !out.contains(&value) {
                out.push(value);
            }
        }
        out
    }

    /// The names that are written out.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.only.iter().flatten().map(String::as_str).filter(|p| is_literal(p) && !p.starts_with('!'))
    }

    /// A literal name may be taken back by a later pattern.
    fn passes_pattern(&self, pattern: &str) -> bool {
        !is_literal(pattern) || self.passes(pattern)
    }
}

fn is_literal(pattern: &str) -> bool {
    !pattern.contains(['*', '?', '+', '[', '!', '$'])
}

/// A pattern with a hole for each part that is not literal.
fn known_part(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let hole = match c {
            '*' => true,
            '?' | '+' => {
                // It repeats the character before it.
                out.pop();
                true
            }
            '[' => {
                chars.by_ref().find(|c| *c == ']');
                true
            }
            '\\' => {
                out.extend(chars.next());
                false
            }
            _ => {
                out.push(c);
                false
            }
        };
        if hole && !out.ends_with(HOLE) {
            out.push(HOLE);
        }
    }
    out
}

/// Whether a name matches a pattern.
fn matches(pattern: &str, name: &str) -> bool {
    if is_literal(pattern) {
        return pattern == name;
    }
    let mut expression = String::from("^(?:");
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => expression.push_str(".*"),
            '*' => expression.push_str("[^/]*"),
            '?' | '+' | '[' | ']' => expression.push(c),
            '-' => expression.push('-'),
            '\\' => expression.push_str(&regex::escape(&chars.next().map(String::from).unwrap_or_default())),
            _ => expression.push_str(&regex::escape(&c.to_string())),
        }
    }
    expression.push_str(")$");
    regex::Regex::new(&expression).is_ok_and(|r| r.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(patterns: &[&str]) -> Filter {
        Filter { only: Some(patterns.iter().map(|p| (*p).to_owned()).collect()), ignore: None }
    }

    #[test]
    fn patterns_match_as_the_cheat_sheet_says() {
        assert!(matches("releases/**", "releases/a/b") && !matches("releases/*", "releases/a/b"));
        assert!(matches("v[12].[0-9]+.x", "v1.10.x") && !matches("v[12].[0-9]+.x", "v3.1.x"));
        assert!(matches("*.jsx?", "a.js") && matches("**", "a/b") && !matches("*", "a/b") && matches("main*", "main"));
    }

    #[test]
    fn a_later_pattern_takes_back() {
        let filter = only(&["**", "!main"]);
        assert!(!filter.passes("main") && filter.passes("dev"));
        assert_eq!(filter.others("main"), [Value::Other(vec!["main".into()])]);
    }

    #[test]
    fn other_branches_are_known_as_far_as_the_patterns_say() {
        let filter = only(&["main", "develop", "release/**"]);
        assert_eq!(filter.others("main"), [Value::text("develop"), Value::text(format!("release/{HOLE}"))]);
        assert_eq!(filter.names().collect::<Vec<_>>(), ["main", "develop"]);
    }
}
