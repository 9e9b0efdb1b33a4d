//! Where values stand in a call, by role.

use super::call::Call;
use super::form::RolesForm;
use crate::catalogue::Role;

/// Where a value stands.
#[derive(Clone, Debug)]
pub struct Source {
    role: Role,
    place: Place,
    /// Only what follows this text.
    after: Option<String>,
}

#[derive(Clone, Debug)]
enum Place {
    /// The value of an option.
    Option(String),
    /// A positional word; the program is 0.
    Arg(usize),
    /// All positional words from this one on.
    ArgsFrom(usize),
    /// The last positional word, if it is not the one before this number.
    Last,
    /// What follows `NAME=` in a positional word.
    Prefix(String),
    /// An option that stands for a value.
    Flag(String, String),
    /// What the tool takes where the call says nothing.
    Default(String),
}

impl Source {
    /// Read the sources of all roles: `--opt`, `arg 2`, `arg 2+`, `arg -1`, `NAME=`, `--prod => production`, each also
    /// with ` after TEXT`; `else manifest.yml` is what the tool takes where those before it give none.
    pub fn all(form: &RolesForm) -> Vec<Self> {
        let lists = [
            (Role::Environment, &form.environment),
            (Role::Image, &form.image),
            (Role::Service, &form.service),
            (Role::Artifact, &form.artifact),
            (Role::File, &form.file),
            (Role::Dir, &form.dir),
        ];
        lists.into_iter().flat_map(|(role, list)| list.iter().map(move |text| Self::parse(role, text))).collect()
    }

    fn parse(role: Role, text: &str) -> Self {
        if let Some((flag, value)) = text.split_once(" => ") {
            return Self { role, place: Place::Flag(flag.trim().to_owned(), value.trim().to_owned()), after: None };
        }
        if let Some(value) = text.strip_prefix("else ") {
            return Self { role, place: Place::Default(value.trim().to_owned()), after: None };
        }
        let (place, after) = match text.split_once(" after ") {
            Some((place, after)) => (place.trim(), Some(after.trim().to_owned())),
            None => (text, None),
        };
        let place = match place.strip_prefix("arg ") {
            Some("-1") => Place::Last,
            Some(n) => match n.strip_suffix('+') {
                Some(n) => Place::ArgsFrom(n.parse().unwrap_or(usize::MAX)),
                None => Place::Arg(n.parse().unwrap_or(usize::MAX)),
            },
            None if place.ends_with('=') => Place::Prefix(place.to_owned()),
            None => Place::Option(place.to_owned()),
        };
        Self { role, place, after }
    }

    /// The option that it reads, if it is one with a value.
    pub fn option(&self) -> Option<&str> {
        match &self.place {
            Place::Option(name) => Some(name),
            _ => None,
        }
    }

    /// Add what a call says to `roles`.
    pub fn read(&self, call: &Call, roles: &mut Vec<(Role, String)>) {
        match &self.place {
            Place::Option(name) => {
                for option in call.options.iter().filter(|o| o.name == name) {
                    self.add(option.value, roles);
                }
            }
            Place::Arg(n) => self.add(call.arg(*n), roles),
            Place::ArgsFrom(n) => (*n..call.positional.len()).for_each(|n| self.add(call.arg(n), roles)),
            Place::Last => self.add(call.positional.len().checked_sub(1).filter(|n| *n > 0).and_then(|n| call.arg(n)), roles),
            Place::Prefix(prefix) => {
                let words = (1..call.positional.len()).filter_map(|n| call.arg(n));
                words.for_each(|w| self.add(w.strip_prefix(prefix.as_str()), roles));
            }
            Place::Default(value) => {
                if !roles.iter().any(|(role, _)| *role == self.role) {
                    self.add(Some(value), roles);
                }
            }
            Place::Flag(flag, value) => {
                if call.options.iter().any(|o| o.name == flag || o.raw == flag) {
                    self.add(Some(value), roles);
                }
            }
        }
    }

    fn add(&self, value: Option<&str>, roles: &mut Vec<(Role, String)>) {
        let value = match &self.after {
            Some(after) => value.and_then(|v| v.split_once(after.as_str())).map(|(_, v)| v.split(',').next().unwrap_or(v)),
            None => value,
        };
        let Some(value) = value.filter(|v| !v.is_empty()) else { return };
        if !roles.iter().any(|(r, v)| *r == self.role && v == value) {
            roles.push((self.role, value.to_owned()));
        }
    }
}
