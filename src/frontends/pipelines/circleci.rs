//! CircleCI: <https://circleci.com/docs/reference/configuration-reference/>.
//!
//! A workflow is a pipeline. Commands and what orbs in the file define are units that jobs call; orbs of a registry are
//! built-ins. A configuration that a set-up workflow continues with is called by it.

mod config;
mod filters;
mod jobs;
mod logic;
mod matrix;
mod packed;
mod setup;
mod starts;
mod steps;
#[cfg(test)]
mod tests;
mod workflows;

use super::Input;
use super::data::{self, Data};
use super::reader::Reader;
use super::runs::{self, BRANCH};
use crate::frontends::scripts::shell::Masked;
use crate::model::{Confidence, Expr, Program, Test, UnitId};
use crate::source::SourceFile;
use crate::syntax::yaml;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

/// The folder of the vendor's tables.
const VENDOR: &str = "circleci";

/// At most this many steps are read of all configurations, called ones counted at each call.
const MAX_STEPS: usize = 400_000;

/// What decides what an expression in a text means.
#[derive(Default)]
struct TextOf {
    /// Tells the parameters of a job or command from others.
    unit: String,
    /// Folders of the machine that are the repository.
    roots: Vec<String>,
}

impl TextOf {
    fn expressions(&self, text: &str) -> Vec<Masked> {
        let mut out = logic::expressions(text, &self.unit);
        out.extend(logic::folders(text, &self.roots));
        out.sort_by_key(|m| m.range.start);
        out
    }
}

/// The state of one translation.
struct Translator<'a> {
    input: &'a Input<'a>,
    reader: Reader<'a>,
    /// What texts are of now.
    text: &'a RefCell<TextOf>,
    /// Commands that are units, with how many steps they come to.
    commands: HashMap<String, (UnitId, usize)>,
    /// Commands that are being read.
    open: Vec<String>,
    /// Configurations that are being read, and what workflows those have that were.
    configurations: HashMap<String, Option<Vec<UnitId>>>,
    /// The parameters that configurations declare.
    parameters: HashMap<String, Vec<config::Parameter>>,
    /// Conditions of steps.
    conditions: Vec<Expr>,
    /// Steps of the unit that is read.
    size: usize,
    /// Steps that may still be read.
    left: usize,
}

impl Translator<'_> {
    /// Texts are of this unit from here on; the one that they were of.
    fn enter(&mut self, unit: &str) -> String {
        std::mem::replace(&mut self.text.borrow_mut().unit, unit.to_owned())
    }

    /// The name that the table has for a command or job of an orb: with the orb's namespace or without it.
    fn name_of_orb<'n>(&self, full: &'n str) -> &'n str {
        let known = |name: &&str| {
            let class = self.input.catalogue.builtin(VENDOR, name, "", &BTreeMap::new());
            class.is_some_and(|c| c.confidence != Confidence::Low)
        };
        let short = full.split_once('/').map(|(_, rest)| rest).filter(|rest| rest.contains('/'));
        [Some(full), short].into_iter().flatten().find(known).unwrap_or(full)
    }

    /// Whether a parameter says in which environment something works: by its name, and by a value that is not known to
    /// name none.
    fn names_environment(&self, parameter: &str, value: &Expr) -> bool {
        let words = ["env", "stage", "tier", "namespace", "cluster", "workspace", "target", "context"];
        let name = parameter.to_ascii_lowercase();
        let named = words.iter().any(|w| name.contains(w));
        let environments = self.input.catalogue.environments();
        named && value.literal().is_none_or(|text| environments.find_in(text).is_some())
    }
}

/// Branches that a configuration names in filters and conditions, as often as it does.
pub fn branches(file: &SourceFile) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(root) = yaml::parse(file).documents().next().map(Data::of) {
        for section in ["workflows", "jobs"] {
            named_branches(root.get(section).unwrap_or(&root.with(data::Kind::Null)), 0, &mut out);
        }
    }
    out
}

fn named_branches(data: &Data, depth: usize, out: &mut Vec<String>) {
    if depth > 30 {
        return;
    }
    for pair in data.pairs() {
        let asked = match &*pair.key {
            "filters" => filters::filters(Some(&pair.value), ""),
            "base-revision" | "base_revision" => runs::is(BRANCH, pair.value.str().unwrap_or("")),
            "branches" => filters::names(Some(&pair.value), BRANCH).unwrap_or_else(Expr::always),
            "condition" => logic::condition(&pair.value, ""),
            "when" | "unless" if pair.value.get("steps").is_none() => logic::condition(&pair.value, ""),
            _ => {
                named_branches(&pair.value, depth + 1, out);
                continue;
            }
        };
        wanted_branches(&asked, true, out);
    }
    data.items().iter().for_each(|item| named_branches(item, depth + 1, out));
}

/// Names that a branch is compared with. One that is only left out (`gh-pages`) is no trunk, unless it is called as trunks are.
fn wanted_branches(expr: &Expr, wanted: bool, out: &mut Vec<String>) {
    match expr {
        Expr::Compare(Test::Equals, a, b) => {
            if let (Expr::Var(fact), Expr::Lit(name)) = (&**a, &**b)
                && fact == BRANCH
                && !name.is_empty()
                && (wanted || matches!(name.as_str(), "main" | "master" | "trunk" | "develop"))
            {
                out.push(name.clone());
            }
        }
        Expr::And(all) | Expr::Or(all) => all.iter().for_each(|e| wanted_branches(e, wanted, out)),
        Expr::Not(inner) => wanted_branches(inner, !wanted, out),
        _ => {}
    }
}

/// Translate the configurations.
pub fn translate(input: &Input<'_>, program: &mut Program) {
    let of = RefCell::new(TextOf::default());
    let expressions = |text: &str| of.borrow().expressions(text);
    let mut translator = Translator {
        input,
        reader: Reader::new(input.catalogue, program, VENDOR, &expressions),
        text: &of,
        commands: HashMap::new(),
        open: Vec::new(),
        configurations: HashMap::new(),
        parameters: HashMap::new(),
        conditions: Vec::new(),
        size: 0,
        left: MAX_STEPS,
    };
    // Others are read where one of these continues with them.
    let own = |f: &&&SourceFile| matches!(f.path.as_str(), ".circleci/config.yml" | ".circleci/config.yaml");
    let roots: Vec<&SourceFile> = input.files.iter().filter(own).copied().collect();
    for file in &roots {
        translator.configuration(file, false);
    }
    if roots.is_empty() {
        translator.packed(setup::PACKED, false);
    }
}
