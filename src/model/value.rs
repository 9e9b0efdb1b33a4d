//! Values as far as the files decide them, truths, and values by name.

use super::HOLE;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A value as far as the files decide it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A text; parts that are not known are [`HOLE`]s.
    Text(String),
    /// One of these texts, none of them with a hole.
    OneOf(Vec<String>),
    /// Some text, but none of these; one with holes stands for all that fit it.
    Other(Vec<String>),
    /// Nothing is known.
    Unknown,
}

/// True, false, or undecided by the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// Certainly true.
    True,
    /// Certainly false.
    False,
    /// Possible.
    Unknown,
}

impl Truth {
    /// Of a decided condition.
    pub fn of(yes: bool) -> Self {
        if yes { Self::True } else { Self::False }
    }

    /// Negation.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    /// Conjunction.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// Disjunction.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.negate().and(other.negate()).negate()
    }
}

/// Values by name.
///
/// Copies share their values until one of them changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    values: Rc<BTreeMap<String, Value>>,
}

impl Scope {
    /// The value of a name; unknown where nothing bound it.
    pub fn get(&self, name: &str) -> Value {
        self.values.get(name).cloned().unwrap_or(Value::Unknown)
    }

    /// Whether something bound the name.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Bind a name.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        let name = name.into();
        if self.values.get(&name) != Some(&value) {
            Rc::make_mut(&mut self.values).insert(name, value);
        }
    }

    /// Names and values that are not the same in `base`, in order of names.
    pub fn changes(&self, base: &Self) -> Vec<(String, Value)> {
        if Rc::ptr_eq(&self.values, &base.values) {
            return Vec::new();
        }
        let mut before = base.values.iter().peekable();
        let mut out = Vec::new();
        for (name, value) in self.values.iter() {
            while before.next_if(|(n, _)| *n < name).is_some() {}
            if !before.peek().is_some_and(|(n, v)| *n == name && *v == value) {
                out.push((name.clone(), value.clone()));
            }
        }
        out
    }

    /// Forget all names with this prefix.
    pub fn clear(&mut self, prefix: &str) {
        if self.values.range(prefix.to_owned()..).next().is_some_and(|(k, _)| k.starts_with(prefix)) {
            Rc::make_mut(&mut self.values).retain(|k, _| !k.starts_with(prefix));
        }
    }

    /// Names and values, in order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(k, v)| (k.as_str(), v))
    }
}

/// At most this many alternatives are kept; more make the value unknown.
pub(super) const MAX_ALTERNATIVES: usize = 16;

impl Value {
    /// A known text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// One of several texts; a single one is a text, none or too many are unknown.
    pub fn one_of(mut texts: Vec<String>) -> Self {
        texts.sort();
        texts.dedup();
        match texts.len() {
            0 => Self::Unknown,
            1 => Self::Text(texts.remove(0)),
            n if n > MAX_ALTERNATIVES => Self::Unknown,
            _ => Self::OneOf(texts),
        }
    }

    /// The text, where it is one and has no hole.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Text(t) if !t.contains(HOLE) => Some(t),
            _ => None,
        }
    }

    /// The text with holes for what is not known.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(t) => t.clone(),
            _ => HOLE.to_string(),
        }
    }

    /// Every text it may be, where these are known: one for a text, several for alternatives.
    pub fn alternatives(&self) -> Vec<String> {
        match self {
            Self::Text(t) if !t.contains(HOLE) => vec![t.clone()],
            Self::OneOf(all) => all.clone(),
            _ => Vec::new(),
        }
    }

    /// Truth as a condition: empty, `false` and `0` are false.
    pub fn truth(&self) -> Truth {
        let of = |t: &str| !(t.is_empty() || t.eq_ignore_ascii_case("false") || t == "0" || t == "null");
        match self {
            Self::Text(t) if !t.contains(HOLE) => Truth::of(of(t)),
            Self::Text(t) if t.chars().any(|c| c != HOLE) => Truth::True,
            Self::OneOf(all) if all.iter().all(|t| of(t)) => Truth::True,
            Self::OneOf(all) if all.iter().all(|t| !of(t)) => Truth::False,
            Self::Other(not) if not.iter().any(String::is_empty) => Truth::True,
            _ => Truth::Unknown,
        }
    }
}
