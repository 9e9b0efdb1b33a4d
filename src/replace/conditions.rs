//! Conditions of rules: a small fixed vocabulary (`grammars/replacements.md`).

use super::fault::meant;
use super::find::{Repository, Site};
use super::matching::{Bindings, Bound, Match, Matcher};
use super::paths::Paths;
use super::pattern::{Pattern, TakesValue};
use super::tables::Lookup;
use super::tree::{Kind, Node, Part, Word};
use regex_lite::Regex;
use serde_json::Value;

/// A condition.
#[derive(Clone, Debug)]
pub enum Condition {
    /// It stands in one of these places.
    In(Vec<String>),
    /// It is all that the script does.
    WholeUnit,
    /// Only glue stands before it.
    First,
    /// Only glue stands after it.
    Last,
    /// These holes hold nothing that a run decides.
    Literal(Vec<String>),
    /// What these holes name is read nowhere else in the script.
    UnusedLater(Vec<String>),
    /// It is read.
    UsedLater(Vec<String>),
    /// The step or job sets none of these keys.
    NoKey(Vec<String>),
    /// The repository runs one of these programs.
    Uses(Vec<String>),
    /// One of these files is there.
    HasFile(Vec<Paths>),
    /// None of these files is there.
    NoFile(Vec<Paths>),
    /// Something in the script matches.
    With(Pattern),
    /// Nothing in the script matches.
    Without(Pattern),
    /// It stands in no loop.
    OutsideLoop,
    /// It stands in a loop.
    InLoop,
    /// It stands in no condition.
    Unasked,
    /// It stands in a substitution.
    InSubstitution,
    /// Its result decides nothing.
    DecidesNothing,
    /// The step at its place is of one of these stages.
    Stage(Vec<String>),
    /// What a hole took has a match.
    Hole(Vec<(String, Regex)>),
    /// The nearest value of a key around it has a match.
    Key(Vec<(String, Regex)>),
    /// What a hole took is named in no other file.
    UnusedElsewhere(Vec<String>),
    /// The path of its file has a match.
    Path(Regex),
    /// A table has a row for what the holes took.
    Row(Lookup),
    /// It does not hold.
    Not(Box<Condition>),
}

/// The names of conditions.
const NAMES: &[&str] = &[
    "in",
    "whole-unit",
    "first",
    "last",
    "same-folder",
    "literal",
    "unused-later",
    "used-later",
    "no-key",
    "uses",
    "has-file",
    "no-file",
    "with",
    "without",
    "not-in-loop",
    "in-loop",
    "not-in-condition",
    "in-substitution",
    "not-last-result",
    "stage",
    "hole",
    "key",
    "unused-elsewhere",
    "path",
    "row",
    "not",
];

impl Condition {
    /// Read a condition. Errors: what is wrong with it, in words.
    pub fn read(value: &Value, takes_value: TakesValue<'_>) -> Result<Self, String> {
        let (name, argument) = match value {
            Value::String(name) => (name.as_str(), &Value::Null),
            Value::Object(map) if map.len() == 1 => map.iter().next().map(|(k, v)| (k.as_str(), v)).ok_or("no condition")?,
            _ => return Err("a condition is a name, or a name with its argument".to_owned()),
        };
        let list = || -> Result<Vec<String>, String> {
            match argument {
                Value::String(one) => Ok(vec![one.clone()]),
                Value::Array(all) => {
                    all.iter().map(|v| v.as_str().map(ToOwned::to_owned).ok_or(format!("`{name}` takes texts"))).collect()
                }
                _ => Err(format!("`{name}` takes a list")),
            }
        };
        let globs = || list()?.iter().map(|g| Paths::new(g)).collect::<Result<Vec<_>, _>>();
        let pattern = || Pattern::read(argument.as_str().ok_or(format!("`{name}` takes a pattern"))?, takes_value);
        Ok(match name {
            "in" => Self::In(list()?),
            "whole-unit" => Self::WholeUnit,
            "first" => Self::First,
            // What follows would stand in another folder.
            "last" | "same-folder" => Self::Last,
            "literal" => Self::Literal(list()?),
            "unused-later" => Self::UnusedLater(list()?),
            "used-later" => Self::UsedLater(list()?),
            "no-key" => Self::NoKey(list()?),
            "uses" => Self::Uses(list()?),
            "has-file" => Self::HasFile(globs()?),
            "no-file" => Self::NoFile(globs()?),
            "with" => Self::With(pattern()?),
            "without" => Self::Without(pattern()?),
            "not-in-loop" => Self::OutsideLoop,
            "in-loop" => Self::InLoop,
            "not-in-condition" => Self::Unasked,
            "in-substitution" => Self::InSubstitution,
            "not-last-result" => Self::DecidesNothing,
            "stage" => Self::Stage(list()?),
            "hole" => Self::Hole(regexes(argument, name)?),
            "key" => Self::Key(regexes(argument, name)?),
            "unused-elsewhere" => Self::UnusedElsewhere(list()?),
            "path" => Self::Path(regex(argument.as_str().ok_or("`path` takes a regular expression")?)?),
            "row" => Self::Row(Lookup::read(argument)?),
            "not" => Self::Not(Box::new(Self::read(argument, takes_value)?)),
            other => return Err(format!("`{other}` is no condition{}", meant(other, NAMES))),
        })
    }

    /// Whether it holds for a match.
    pub fn holds(&self, site: &Site<'_, '_>) -> bool {
        let text = |name: &String| site.found.bindings.texts.get(name);
        match self {
            Self::In(places) => site.script.stands_in(places),
            Self::WholeUnit => {
                site.around.top
                    && site.is_whole()
                    && site.only_glue(0..site.found.nodes.start)
                    && site.only_glue(site.found.nodes.end..site.nodes.len())
            }
            Self::First => site.around.top && site.only_glue(0..site.found.nodes.start),
            Self::Last => site.around.top && site.only_glue(site.found.nodes.end..site.nodes.len()),
            Self::UnusedLater(names) => names.iter().all(|n| text(n).is_none_or(|b| !site.is_read_elsewhere(&b.text))),
            Self::UsedLater(names) => names.iter().all(|n| text(n).is_some_and(|b| site.is_read_elsewhere(&b.text))),
            Self::NoKey(keys) => !keys.iter().any(|key| site.has_key(key)),
            Self::Key(all) => all.iter().all(|(key, regex)| site.key(key).is_some_and(|v| regex.is_match(&v))),
            Self::UnusedElsewhere(names) => names.iter().all(|n| text(n).is_none_or(|b| !site.is_named_in_other_files(&b.text))),
            Self::Path(regex) => regex.is_match(site.path()),
            Self::Hole(all) => all.iter().all(|(n, regex)| {
                let taken = |b: &Bound| b.written(&|range| site.script.written(range));
                text(n).is_some_and(|b| regex.is_match(&b.text) || (b.text.is_empty() && regex.is_match(&taken(b))))
            }),
            Self::Literal(_) | Self::Uses(_) | Self::HasFile(_) | Self::NoFile(_) => {
                self.holds_for(&site.found.bindings, site.path(), site.repository)
            }
            Self::With(pattern) => somewhere(pattern, site),
            Self::Without(pattern) => !somewhere(pattern, site),
            Self::OutsideLoop => !site.around.in_loop,
            Self::InLoop => site.around.in_loop,
            Self::Unasked => !site.around.in_condition,
            Self::InSubstitution => site.around.in_substitution,
            Self::DecidesNothing => !site.around.decides,
            Self::Stage(stages) => site.stages().any(|s| stages.contains(&s)),
            Self::Row(lookup) => lookup.join(&mut site.found.bindings.clone()),
            Self::Not(inner) => !inner.holds(site),
        }
    }
}

/// `/REGEX/`
pub(super) fn regex(text: &str) -> Result<Regex, String> {
    let body = text.strip_prefix('/').and_then(|t| t.strip_suffix('/')).ok_or(format!("`{text}` is no `/REGEX/`"))?;
    Regex::new(body).map_err(|e| e.to_string())
}

fn regexes(value: &Value, name: &str) -> Result<Vec<(String, Regex)>, String> {
    let map = value.as_object().ok_or(format!("`{name}` takes names with `/REGEX/`"))?;
    map.iter().map(|(k, v)| Ok((k.clone(), regex(v.as_str().unwrap_or_default())?))).collect()
}

impl Condition {
    /// Whether it can be asked of a match that stands in no script: what it asks must be about the repository, the file or the
    /// holes.
    pub fn is_of_files(&self) -> bool {
        match self {
            Self::Literal(_) | Self::Uses(_) | Self::HasFile(_) | Self::NoFile(_) | Self::Hole(_) | Self::Path(_) => true,
            Self::Not(inner) => matches!(**inner, Self::In(_)) || inner.is_of_files(),
            _ => false,
        }
    }

    /// Whether it holds for a match that stands in no script, in the file with this path.
    pub fn holds_for(&self, bindings: &Bindings, path: &str, repository: &Repository<'_>) -> bool {
        let paths = &repository.sources.paths;
        match self {
            Self::Literal(names) => names.iter().all(|n| bindings.texts.get(n).is_none_or(|b| b.literal)),
            Self::Uses(programs) => programs.iter().any(|p| repository.scripts().iter().any(|s| s.calls(std::iter::once(p)))),
            Self::HasFile(globs) => paths.iter().any(|path| globs.iter().any(|g| g.is_match(path))),
            Self::NoFile(globs) => !paths.iter().any(|path| globs.iter().any(|g| g.is_match(path))),
            Self::Hole(all) => all.iter().all(|(n, regex)| bindings.texts.get(n).is_some_and(|b| regex.is_match(&b.text))),
            Self::Path(regex) => regex.is_match(path),
            Self::Not(inner) => !inner.holds_for(bindings, path, repository),
            _ => false,
        }
    }
}

/// Whether a pattern meets anything of the script outside of the match.
fn somewhere(pattern: &Pattern, site: &Site<'_, '_>) -> bool {
    let matcher = Matcher { takes_value: site.repository.takes_value };
    let own = &site.found.range;
    let outside = |found: &Match| found.range.end <= own.start || own.end <= found.range.start;
    let meets = |nodes: &[Node]| (0..nodes.len()).any(|at| matcher.at(&pattern.nodes, nodes, at).as_ref().is_some_and(outside));
    site.script.sequences().iter().any(|(nodes, _)| meets(nodes))
}

/// Whether a variable or file is named by a node.
pub(super) fn reads(node: &Node, name: &str) -> bool {
    let word = |w: &Word| word_reads(w, name);
    node.redirects.iter().any(|r| word(&r.word))
        || node.inner().into_iter().flatten().any(|n| reads(n, name))
        || match &node.kind {
            Kind::Command(words) | Kind::Test(words) | Kind::For(_, Some(words), _) => words.iter().any(word),
            Kind::Assign(_, value) | Kind::Case(value, _) => word(value),
            Kind::Other => true,
            _ => false,
        }
}

fn word_reads(word: &Word, name: &str) -> bool {
    word.text == name
        || word.parts.iter().any(|part| match part {
            Part::Variable(variable) => variable == name,
            Part::Substitution(nodes) => nodes.iter().any(|n| reads(n, name)),
            Part::Other(text) => text.contains(name),
            Part::Text(text) => name.contains(['/', '.']) && text.contains(name),
        })
}
