//! One row of a vendor's table and how it reads a built-in's inputs.

use super::super::{Action, Class, Role, Trait};
use crate::model::{Confidence, HOLE, Stage, Truth, Value, glob};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One value or a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum List {
    /// Not given.
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl List {
    pub(super) fn iter(&self) -> std::slice::Iter<'_, String> {
        match self {
            Self::None => [].iter(),
            Self::One(one) => std::slice::from_ref(one).iter(),
            Self::Many(many) => many.iter(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// What a row or an exception does with what it matches, where it is no stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Deed {
    Glue,
    Resolve,
}

/// A row.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Row {
    pub(super) uses: List,
    #[serde(default)]
    pub(super) version: List,
    stage: Option<Stage>,
    action: Option<Deed>,
    resolver: Option<String>,
    by_name: Option<Stage>,
    kind: Option<String>,
    #[serde(default)]
    also: Vec<Stage>,
    pub(super) shell: Option<String>,
    #[serde(default)]
    pub(super) remote: bool,
    pub(super) program: Option<String>,
    #[serde(default)]
    environment: List,
    #[serde(default)]
    image: List,
    #[serde(default)]
    service: List,
    #[serde(default)]
    artifact: List,
    #[serde(default)]
    file: List,
    #[serde(default)]
    dir: List,
    r#in: Option<String>,
    #[serde(default)]
    defaults: BTreeMap<String, String>,
    #[serde(default)]
    traits: Vec<Trait>,
    #[serde(default = "certain")]
    confidence: Confidence,
    #[serde(default)]
    unless: Vec<Exception>,
}

fn certain() -> Confidence {
    Confidence::Certain
}

/// An exception of a row.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Exception {
    input: String,
    #[serde(default)]
    is: List,
    #[serde(default)]
    surely: List,
    #[serde(default)]
    without: List,
    stage: Option<Stage>,
    action: Option<Deed>,
    resolver: Option<String>,
    by_name: Option<Stage>,
    kind: Option<String>,
    also: Option<Vec<Stage>>,
    traits: Option<Vec<Trait>>,
    r#in: Option<String>,
}

/// A built-in's inputs, with the row's defaults for what is not given. Names ignore case, as GitHub's do.
struct Inputs<'a> {
    given: &'a BTreeMap<String, Value>,
    defaults: &'a BTreeMap<String, String>,
}

impl Inputs<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        let given =
            self.given.get(name).or_else(|| self.given.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v));
        given.cloned().or_else(|| self.defaults.get(name).map(Value::text))
    }
}

impl Row {
    /// Whether the row is for this version: `v1` is v1 and v1.2.3; a row without versions is for all.
    pub(super) fn is_of_version(&self, version: &str) -> bool {
        let is = |v: &String| version.strip_prefix(v.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.version.is_empty() || self.version.iter().any(is)
    }

    /// What the built-in is with these inputs.
    pub(super) fn class(&self, vendor: &str, written: &str, given: &BTreeMap<String, Value>) -> Class {
        let inputs = Inputs { given, defaults: &self.defaults };
        let mut class = Class {
            tool: vendor.to_owned(),
            row: written.to_owned(),
            action: self.action(&inputs),
            kind: self.kind.clone(),
            also: self.also.clone(),
            roles: Vec::new(),
            traits: self.traits.clone(),
            confidence: self.confidence,
        };
        let exception = self.unless.iter().find(|e| e.holds(&inputs));
        if let Some(exception) = exception {
            exception.apply(&mut class);
        }
        self.read_roles(&inputs, &mut class);
        if class.role(Role::Environment).next().is_none()
            && let Some(environment) = exception.and_then(|e| e.r#in.as_ref()).or(self.r#in.as_ref())
        {
            class.roles.push((Role::Environment, environment.clone()));
        }
        class
    }

    fn action(&self, inputs: &Inputs<'_>) -> Action {
        let by_name = self.by_name.or(self.stage);
        match (&self.shell, self.stage, self.action) {
            (Some(names), ..) if names.split('|').any(|n| inputs.get(n).is_some()) => {
                Action::Resolve { resolver: "shell".to_owned(), by_name }
            }
            (_, Some(stage), _) => Action::Step(stage),
            (_, None, Some(Deed::Resolve)) => Action::Resolve { resolver: self.resolver.clone().unwrap_or_default(), by_name },
            _ => Action::Glue,
        }
    }

    fn read_roles(&self, inputs: &Inputs<'_>, class: &mut Class) {
        let roles = [
            (Role::Environment, &self.environment),
            (Role::Image, &self.image),
            (Role::Service, &self.service),
            (Role::Artifact, &self.artifact),
            (Role::File, &self.file),
            (Role::Dir, &self.dir),
        ];
        for (role, names) in roles {
            for name in names.iter() {
                let value = name.split('|').find_map(|one| read(one, inputs));
                for text in value.iter().flat_map(texts).flat_map(|t| split(role, &t)) {
                    if !class.roles.contains(&(role, text.clone())) {
                        class.roles.push((role, text));
                    }
                }
            }
        }
    }
}

/// The value of an input, or with `input --option` that of an option inside it.
fn read(name: &str, inputs: &Inputs<'_>) -> Option<Value> {
    let Some((input, option)) = name.split_once(' ') else {
        return inputs.get(name).filter(|v| v.known() != Some(""));
    };
    let value = inputs.get(input)?;
    let found: Vec<String> = texts(&value).iter().filter_map(|text| option_value(text, option)).collect();
    (!found.is_empty()).then(|| if found.len() == 1 { Value::text(found[0].as_str()) } else { Value::one_of(found) })
}

fn option_value(text: &str, option: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if word == option {
            return words.next().map(str::to_owned);
        }
        if let Some(value) = word.strip_prefix(option).and_then(|rest| rest.strip_prefix('=')) {
            return Some(value.to_owned());
        }
    }
    None
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => vec![text.clone()],
        other => other.alternatives(),
    }
}

/// The names in a value: one a line, in most roles also separated by commas; what is not known at all is left out.
fn split(role: Role, text: &str) -> Vec<String> {
    let separators: &[char] = if matches!(role, Role::Environment | Role::Dir) { &['\n'] } else { &['\n', ','] };
    let names = text.split(separators).map(str::trim).filter(|part| part.chars().any(|c| c != HOLE));
    names.map(str::to_owned).collect()
}

impl Exception {
    fn holds(&self, inputs: &Inputs<'_>) -> bool {
        let Some(value) = inputs.get(&self.input) else { return false };
        let is = !self.is.is_empty() && matches(&value, &self.is) != Truth::False;
        let surely = !self.surely.is_empty() && matches(&value, &self.surely) == Truth::True;
        let without = !self.without.is_empty()
            && matches!(&value, Value::Text(text) if !self.without.iter().any(|p| glob(&p.to_ascii_lowercase(), &text.to_ascii_lowercase())));
        is || surely || without
    }

    fn apply(&self, class: &mut Class) {
        if let Some(stage) = self.stage {
            class.action = Action::Step(stage);
        }
        match (self.action, &mut class.action) {
            (Some(Deed::Glue), action) => *action = Action::Glue,
            (Some(Deed::Resolve), action) => {
                *action = Action::Resolve { resolver: self.resolver.clone().unwrap_or_default(), by_name: self.by_name };
            }
            (None, Action::Resolve { by_name, .. }) if self.by_name.is_some() => *by_name = self.by_name,
            _ => {}
        }
        if self.kind.is_some() {
            class.kind.clone_from(&self.kind);
        }
        if let Some(also) = &self.also {
            class.also.clone_from(also);
        } else if self.stage.is_some() || self.action.is_some() {
            class.also.clear();
        }
        if let Some(traits) = &self.traits {
            class.traits.clone_from(traits);
        }
    }
}

/// Whether a value is one of the patterns, case ignored.
fn matches(value: &Value, patterns: &List) -> Truth {
    let any = |text: &str| patterns.iter().map(|p| matches_text(text, p)).fold(Truth::False, Truth::or);
    match value {
        Value::Text(text) => any(text),
        Value::OneOf(all) => {
            let truths: Vec<Truth> = all.iter().map(|text| any(text)).collect();
            match truths.iter().filter(|t| **t == Truth::True).count() {
                0 => Truth::False,
                n if n == truths.len() => Truth::True,
                _ => Truth::Unknown,
            }
        }
        Value::Other(not) => {
            let excluded = |p: &String| not.iter().any(|n| n.eq_ignore_ascii_case(p));
            if patterns.iter().all(excluded) { Truth::False } else { Truth::Unknown }
        }
        Value::Unknown => Truth::Unknown,
    }
}

fn matches_text(text: &str, pattern: &str) -> Truth {
    let (text, pattern) = (text.to_ascii_lowercase(), pattern.to_ascii_lowercase());
    if glob(&pattern, &text) {
        return Truth::True;
    }
    if text.contains(HOLE) && may_match(&pattern, &text) { Truth::Unknown } else { Truth::False }
}

/// Longest product of pattern and text that is compared exactly; beyond, anything is possible.
const MAX_COMPARED: usize = 1 << 20;

/// Whether some filling of the text's holes matches the pattern.
fn may_match(pattern: &str, text: &str) -> bool {
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    if p.len().saturating_mul(t.len()) > MAX_COMPARED {
        return true;
    }
    let mut reached = vec![vec![false; t.len() + 1]; p.len() + 1];
    reached[0][0] = true;
    for i in 0..=p.len() {
        for j in 0..=t.len() {
            if !reached[i][j] {
                continue;
            }
            let (star, hole) = (p.get(i) == Some(&'*'), t.get(j) == Some(&HOLE));
            if i < p.len() && (star || hole) {
                reached[i + 1][j] = true;
            }
            if j < t.len() && (star || hole) {
                reached[i][j + 1] = true;
            }
            if i < p.len() && j < t.len() && (p[i] == '?' || p[i] == t[j]) {
                reached[i + 1][j + 1] = true;
            }
        }
    }
    reached[p.len()][t.len()]
}
