//! Filters of branches and tags: <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/include-exclude-filters>.

use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::runs::Pattern;
use crate::model::Value;

/// Patterns that a ref must fit, and those that it must not.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    pub include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

impl Filter {
    /// A list of names, or a mapping with `include` and `exclude`; a name may be a full ref.
    pub fn of(data: &Data, kind: &str) -> Self {
        let list = |data: Option<&Data>| {
            let names = data.map(Data::texts).unwrap_or_default();
            names.into_iter().filter_map(|name| short(name, kind)).map(|name| Pattern::glob(&name)).collect()
        };
        if data.is_map() {
            Self { include: list(data.get("include")), exclude: list(data.get("exclude")) }
        } else {
            Self { include: list(Some(data)), exclude: Vec::new() }
        }
    }

    /// All patterns.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.include.iter().chain(&self.exclude)
    }

    fn takes_all(&self) -> bool {
        let all = |p: &Pattern| matches!(p, Pattern::Glob(g) if g.chars().all(|c| c == '*'));
        self.include.is_empty() || self.include.iter().any(all)
    }

    fn drops_all(&self) -> bool {
        self.exclude.iter().any(|p| matches!(p, Pattern::Glob(g) if g.chars().all(|c| c == '*')))
    }

    /// Whether a ref of this name passes; of a name that is only known not to be others, whether any passes.
    pub fn passes(&self, name: &Value) -> bool {
        match name {
            Value::Text(name) => {
                (self.takes_all() || self.include.iter().any(|p| p.is(name))) && !self.exclude.iter().any(|p| p.is(name))
            }
            Value::Unknown => true,
            _ => self.takes_all() && !self.drops_all(),
        }
    }
}

/// A name without `refs/heads/`; nothing where it is a ref of another kind.
fn short(name: &str, kind: &str) -> Option<String> {
    match name.strip_prefix("refs/") {
        Some(rest) => rest.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/')).map(str::to_owned),
        None => Some(name.to_owned()),
    }
}

/// Branches that the triggers of a file name.
pub(super) fn branch_names(root: &Data) -> Vec<String> {
    let mut filters = Vec::new();
    for key in ["trigger", "pr"] {
        if let Some(data) = root.get(key) {
            filters.push(Filter::of(if data.is_map() { data.get("branches").unwrap_or(data) } else { data }, "heads"));
        }
    }
    for schedule in root.get("schedules").map(Data::items).unwrap_or_default() {
        filters.extend(schedule.get("branches").map(|b| Filter::of(b, "heads")));
    }
    let names = filters.into_iter().flat_map(|f| f.include).filter_map(|p| match p {
        Pattern::Name(name) if name != "none" && !name.contains("${{") => Some(name),
        _ => None,
    });
    names.collect()
}

/// Branches that a text compares refs with.
pub(super) fn compared_branches(text: &str) -> Vec<String> {
    let name = |rest: &str| {
        let name = rest.split(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ')' | ',' | ']')).next().unwrap_or("");
        (!name.is_empty() && !name.ends_with('/') && !name.contains(['*', '$', '{'])).then(|| name.to_owned())
    };
    text.split("'refs/heads/").skip(1).filter_map(name).collect()
}
