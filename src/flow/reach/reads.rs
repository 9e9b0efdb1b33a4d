//! Which values scripts, targets and their like read at all: others cannot make two contexts of them differ.

use crate::model::{Block, CONNECTED_TO, Expr, Item, Program, SURROUNDING, Unit, UnitKind, Wrapper};
use std::collections::HashSet;

/// Variables that name an environment wherever they are set (model ruling 34).
pub const ENVIRONMENT_VARIABLES: &[&str] = &[
    "env.ENVIRONMENT",
    "env.ENV",
    "env.DEPLOY_ENV",
    "env.TARGET_ENV",
    "env.STAGE",
    "env.DEPLOYMENT_ENV",
    "env.ENVIRONMENT_NAME",
    "env.ENV_NAME",
    "env.TF_WORKSPACE",
    "env.TF_VAR_environment",
    "env.TF_VAR_env",
    CONNECTED_TO,
];

/// Whether a variable's name says that it names the environment which is deployed to; those of a program's run time
/// (`NODE_ENV`, `RAILS_ENV`) name how it is built.
pub fn names_an_environment(name: &str) -> bool {
    let Some(name) = name.strip_prefix("env.") else { return false };
    ["_DEPLOYMENT_ENVIRONMENT", "_DEPLOY_ENVIRONMENT", "_TARGET_ENVIRONMENT", "_DEPLOY_ENV", "_DEPLOYMENT_ENV", "_TARGET_ENV"]
        .iter()
        .any(|suffix| name.ends_with(suffix))
        || matches!(name, "DEPLOY_ENVIRONMENT" | "DEPLOYMENT_ENVIRONMENT" | "TARGET_ENVIRONMENT" | "DEPLOYMENT_STAGE")
}

/// Every name that some unit which commands call reads, with those that flow itself looks at.
pub fn by_called_units(program: &Program) -> HashSet<String> {
    let mut names: Vec<&str> = ENVIRONMENT_VARIABLES.to_vec();
    names.extend(["env.DOCKER_HOST", SURROUNDING]);
    for unit in &program.units {
        if !matches!(unit.kind, UnitKind::Pipeline | UnitKind::Stage | UnitKind::Job | UnitKind::Action) {
            of_unit(unit, &mut names);
        }
    }
    names.into_iter().map(ToOwned::to_owned).collect()
}

fn of_unit<'p>(unit: &'p Unit, out: &mut Vec<&'p str>) {
    unit.when.names(out);
    let values = unit.bind.iter().map(|(_, e)| e).chain(unit.params.iter().filter_map(|p| p.default.as_ref()));
    values.chain(&unit.dir).chain(&unit.environment).chain(unit.outputs.iter().map(|(_, e)| e)).for_each(|e| e.names(out));
    of_items(&unit.body, out);
}

fn of_items<'p>(items: &'p [Item], out: &mut Vec<&'p str>) {
    // A list of what is still to be read, so that deep bodies need no deep stack.
    let mut open: Vec<&'p [Item]> = vec![items];
    while let Some(items) = open.pop() {
        for item in items {
            match item {
                Item::Command(c) => {
                    c.words.iter().chain(c.assigns.iter().map(|(_, e)| e)).for_each(|e| e.names(out));
                    c.wrappers.iter().filter_map(subject).for_each(|e| e.names(out));
                }
                Item::BuiltIn(b) => {
                    b.inputs.iter().for_each(|(_, e)| e.names(out));
                    open.push(&b.inner);
                }
                Item::Call(c) => c.bind.iter().for_each(|(_, e)| e.names(out)),
                Item::Block(b) => {
                    of_block(b, out);
                    open.push(&b.items);
                }
                Item::Assign { value, .. }
                | Item::Output { value, .. }
                | Item::Chdir(value)
                | Item::Pushd(value)
                | Item::Source { path: value, .. } => {
                    value.names(out);
                }
                Item::Gate(_) | Item::Popd | Item::Unknown { .. } => {}
            }
        }
    }
}

fn of_block<'p>(block: &'p Block, out: &mut Vec<&'p str>) {
    block.when.names(out);
    block.bind.iter().map(|(_, e)| e).chain(&block.dir).for_each(|e| e.names(out));
    block.each.iter().flat_map(|(_, values)| values).for_each(|e| e.names(out));
}

fn subject(wrapper: &Wrapper) -> Option<&Expr> {
    match wrapper {
        Wrapper::Plain(_) => None,
        Wrapper::Remote(e) | Wrapper::Container(e) | Wrapper::ComposeService(e) | Wrapper::Pod(e) => Some(e),
    }
}
