//! Builds whose lifecycle other work is bound to: what a call of one phase does beside it.

use super::HOLE;
use std::collections::BTreeMap;

/// A project of such a build (a Maven project): what it binds to the phases that are run for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// The project's name, by which a call may choose it.
    pub name: String,
    /// All that it inherits is in the repository, or is known to bind nothing.
    pub complete: bool,
    /// Its settings, those that always hold first; later ones win.
    pub profiles: Vec<Profile>,
}

/// Settings of a project that hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The name by which a call asks for them; empty: they always hold.
    pub name: String,
    /// They hold where a call asks for no others.
    pub by_default: bool,
    /// They hold where a call sets this property, to this value if one is given.
    pub property: Option<(String, Option<String>)>,
    /// Values of `${NAME}`.
    pub properties: BTreeMap<String, String>,
    /// Folders of the projects that are built with this one.
    pub modules: Vec<String>,
    /// What is bound.
    pub bound: Vec<Bound>,
}

/// Work that is bound to a phase. Texts may hold `${NAME}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// The phase; none: it only runs where a call names its goal.
    pub phase: Option<String>,
    /// The command that it amounts to: a goal of the tool (`mvn docker:push`), or a program with its arguments.
    pub words: Vec<String>,
    /// The folder it runs in.
    pub dir: String,
    /// It does nothing where one of these texts is `true`.
    pub skip: Vec<String>,
    /// The images that it makes or pushes.
    pub images: Vec<String>,
    /// The Dockerfile that it builds.
    pub dockerfile: Option<String>,
}

/// Texts are filled in at most so deep.
const MAX_FILLED: usize = 8;

/// A text with its `${NAME}`s filled in; what is not known is a hole.
pub fn filled(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    fill(text, value, 0)
}

fn fill(text: &str, value: &dyn Fn(&str) -> Option<String>, depth: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('}') else {
            rest = &rest[at..];
            break;
        };
        match value(&rest[at + 2..at + end]).filter(|_| depth < MAX_FILLED && out.len() < 4096) {
            Some(known) => out.push_str(&fill(&known, value, depth + 1)),
            None => out.push(HOLE),
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_filled_in_and_what_refers_to_itself_ends() {
        let value = |name: &str| match name {
            "a" => Some("x${b}".to_owned()),
            "b" => Some("y".to_owned()),
            "loop" => Some("${loop}${loop}".to_owned()),
            _ => None,
        };
        assert_eq!(filled("r/${a}:${c}", &value), format!("r/xy:{HOLE}"));
        assert_eq!(filled("${open", &value), "${open");
        assert!(filled("${loop}", &value).len() < 100_000);
    }
}
