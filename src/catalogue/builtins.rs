//! Built-ins of pipelines: actions, tasks, orbs, plugins.
//!
//! What is known of them stands in `grammars/pipelines/<vendor>/builtins.yaml`, where the rows' form is explained.

mod rows;

use super::table;
use super::words::Words;
use super::{Action, Class, Role, Trait, WrapKind};
use crate::model::{Confidence, HOLE, Stage, Value, glob};
use rows::Row;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// The rows of every vendor.
fn source() -> &'static str {
    table::packed!("builtins")
}

/// The rows of a vendor, by name.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<Row>,
    /// Rows by exact name in lower case, those with a version first; with the name as it is written.
    exact: HashMap<String, Vec<(String, usize)>>,
    /// Patterns in lower case, the most specific first; with the pattern as it is written.
    patterns: Vec<(String, String, usize)>,
}

impl Table {
    fn new(rows: Vec<Row>) -> Self {
        let mut table = Self { rows, ..Self::default() };
        for (index, row) in table.rows.iter().enumerate() {
            for name in row.uses.iter() {
                let lower = name.to_ascii_lowercase();
                if name.contains('*') {
                    table.patterns.push((lower, name.clone(), index));
                } else {
                    table.exact.entry(lower).or_default().push((name.clone(), index));
                }
            }
        }
        let literal = |pattern: &str| pattern.chars().filter(|c| *c != '*').count();
        table.patterns.sort_by_key(|(pattern, ..)| std::cmp::Reverse(literal(pattern)));
        for named in table.exact.values_mut() {
            named.sort_by_key(|(_, index)| table.rows[*index].version.is_empty());
        }
        table
    }

    /// The row of a name, with the name or pattern as the row writes it.
    fn find(&self, name: &str, version: &str) -> Option<(&str, &Row)> {
        let lower = name.to_ascii_lowercase();
        let exact = self.exact.get(&lower).into_iter().flatten().map(|(written, index)| (written.as_str(), &self.rows[*index]));
        let patterns = self
            .patterns
            .iter()
            .filter(|(pattern, ..)| glob(pattern, &lower))
            .map(|(_, written, index)| (written.as_str(), &self.rows[*index]));
        exact.chain(patterns).find(|(_, row)| row.is_of_version(version))
    }
}

/// The built-in tables of all vendors.
#[derive(Debug)]
pub struct BuiltIns {
    vendors: &'static BTreeMap<String, Table>,
}

impl BuiltIns {
    /// The embedded tables.
    pub fn embedded() -> Self {
        static VENDORS: OnceLock<BTreeMap<String, Table>> = OnceLock::new();
        let vendors = VENDORS.get_or_init(|| {
            let files = table::entries::<Vec<Row>>(source()).unwrap_or_default();
            files.into_iter().map(|f| (f.id, Table::new(f.data))).collect()
        });
        Self { vendors }
    }

    fn table(&self, vendor: &str) -> Option<&'static Table> {
        self.vendors.get(vendor)
    }

    /// What a built-in is: by its row, else by what its name clearly says.
    pub fn classify(&self, vendor: &str, name: &str, version: &str, inputs: &BTreeMap<String, Value>) -> Option<Class> {
        let name = without_host(name);
        if name.contains(HOLE) || name.starts_with('.') {
            return None;
        }
        let row = self.table(vendor)?.find(name, version);
        let mut class = row.map(|(written, row)| row.class(vendor, written, inputs)).or_else(|| by_name(vendor, name, inputs))?;
        if let Some(image) = name.strip_prefix("docker://") {
            class.roles.push((Role::Image, image.to_owned()));
        }
        Some(class)
    }

    /// The inputs that may hold shell commands; not those with the arguments of [`Self::program_lines`].
    pub fn shell_input(&self, vendor: &str, name: &str) -> Option<(&str, WrapKind)> {
        let (_, row) = self.table(vendor)?.find(without_host(name), "")?;
        let kind = if row.remote { WrapKind::Remote } else { WrapKind::Plain };
        row.shell.as_deref().filter(|_| row.program.is_none()).map(|inputs| (inputs, kind))
    }

    /// The program whose arguments a built-in is given (a builder image that is nothing but its program).
    pub fn program(&self, vendor: &str, name: &str) -> Option<&str> {
        self.table(vendor)?.find(without_host(name), "")?.1.program.as_deref()
    }

    /// Where an input holds the arguments of a program (`with.args` of a kubectl action): the command lines.
    pub fn program_lines(&self, vendor: &str, name: &str, inputs: &BTreeMap<String, Value>) -> Vec<Vec<String>> {
        let row = self.table(vendor).and_then(|t| t.find(without_host(name), "")).map(|(_, row)| row);
        let Some((program, names)) = row.and_then(|r| Some((r.program.as_deref()?, r.shell.as_deref()?))) else {
            return Vec::new();
        };
        let Some(text) = names.split('|').find_map(|n| inputs.get(n)) else { return Vec::new() };
        let line = |line: &str| {
            let words = line.split_whitespace().map(|w| w.trim_matches(['"', '\'']).to_owned());
            let words = words.skip_while(|w| w == program);
            std::iter::once(program.to_owned()).chain(words).collect::<Vec<_>>()
        };
        // A line that begins with an option goes on with the command before it.
        text.shown().replace("\\\n", " ").replace("\n-", " -").lines().filter(|l| !l.trim().is_empty()).map(line).collect()
    }
}

/// A name without the server in front of it (Gitea and Forgejo allow `https://github.com/actions/checkout`).
fn without_host(name: &str) -> &str {
    let url = name.strip_prefix("https://").and_then(|rest| rest.split_once('/'));
    url.map_or(name, |(_, path)| path)
}

/// What an unknown built-in is, where its name clearly says it: the file of a reusable workflow, the last folder of an
/// action inside a repository, else the repository; never the owner. The repository says nothing of a workflow whose file
/// has a name of its own: one that is called for deployments holds linters and reminders too.
fn by_name(vendor: &str, name: &str, inputs: &BTreeMap<String, Value>) -> Option<Class> {
    let words = Words::embedded();
    if name.contains("://") {
        return None;
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && !part.starts_with('.')).skip(1).collect();
    let looks = |part: &&str| {
        part.split(['-', '_', '.']).any(|w| matches!(w.to_ascii_lowercase().as_str(), "plan" | "preview" | "whatif"))
    };
    let of_file = name.contains("/.github/workflows/") || vendor == "azure-pipelines";
    let own_name = of_file && parts.last().is_some_and(|file| !words.is_noise(file));
    let action = parts
        .iter()
        .rev()
        .take(if own_name { 1 } else { parts.len() })
        .find_map(|part| if words.sets_up(part) { Some(Action::Glue) } else { words.stage(part).map(Action::Step) })?;
    let of_image = |part: &&str| part.split(['-', '_']).any(|w| matches!(w, "docker" | "image" | "images" | "container" | "oci"));
    let image = matches!(action, Action::Step(Stage::Package | Stage::Publish)) && parts.iter().any(of_image);
    let traits = if action == Action::Step(Stage::Provision) && parts.last().is_some_and(looks) {
        vec![Trait::LookOnly]
    } else {
        Vec::new()
    };
    let says = |part: &&str| part.split(['-', '_', '.']).any(|w| w.eq_ignore_ascii_case("apply"));
    let applies = action == Action::Step(Stage::Provision) && parts.last().is_some_and(says);
    let mut roles = if image { usual_roles(inputs, OF_IMAGES) } else { Vec::new() };
    roles.extend(usual_roles(inputs, OF_ENVIRONMENTS));
    Some(Class {
        tool: vendor.to_owned(),
        row: name.to_owned(),
        action,
        kind: if image { Some("image".to_owned()) } else { applies.then(|| "apply".to_owned()) },
        also: Vec::<Stage>::new(),
        roles,
        traits,
        confidence: Confidence::Low,
    })
}

/// What a value is, and the inputs that usually hold it, the likeliest first.
type Usual = (Role, &'static [&'static str]);

/// What the inputs of an unknown action say of the image that it builds.
const OF_IMAGES: &[Usual] = &[
    (Role::Dir, &["context", "build-context", "docker-context", "docker_context", "build_context"]),
    (Role::File, &["dockerfile", "docker-file", "dockerfile-path", "dockerfile_path", "dockerfile-location"]),
    (Role::Image, &["image", "image-name", "image_name", "docker-repository", "docker-image", "ecr-repository"]),
];

/// What they say of where it deploys to.
const OF_ENVIRONMENTS: &[Usual] = &[(
    Role::Environment,
    &[
        "environment",
        "environment-name",
        "environment_name",
        "target-environment",
        "target_environment",
        "deploy-environment",
        "deploy_environment",
        "deployment-environment",
        "deployment_environment",
        "env-name",
        "env_name",
        "env",
    ],
)];

/// What the inputs of an unknown action say, by the names that such inputs usually have.
fn usual_roles(inputs: &BTreeMap<String, Value>, usual: &[Usual]) -> Vec<(Role, String)> {
    // Some vendors write names of inputs as those of variables.
    let given =
        |name: &str| inputs.get(name).or_else(|| inputs.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v));
    let text = |name: &&str| given(name).and_then(Value::known).map(str::trim);
    let of = |names: &[&str]| {
        let one = names.iter().find_map(|n| text(n).filter(|t| !t.is_empty() && !t.contains('\n')))?;
        Some(one.to_owned())
    };
    usual.iter().filter_map(|(role, names)| Some((*role, of(names)?))).collect()
}

#[cfg(test)]
mod tests;
