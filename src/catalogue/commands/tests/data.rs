//! Every row and every exception is its own test.

use super::super::form::{RowForm, ToolForm, WhatForm};
use super::{split, tables};
use crate::catalogue::{Action, Class};
use crate::model::Stage;
use std::path::{Path, PathBuf};

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.ends_with("commands.yaml") {
            found.push(path);
        }
    }
}

/// What an example is, against what its row says; `None`: as it should be.
fn fault(row: &RowForm, what: &WhatForm, example: &str) -> Option<String> {
    let words = split(example);
    if what.action.as_deref() == Some("wrap") {
        return tables().unwrap(&words).is_none().then(|| "is no wrapper".to_owned());
    }
    let Some(class) = tables().classify(&words) else { return Some("is unknown".to_owned()) };
    if !row.run.list().contains(&class.row) {
        return Some(format!("is row `{}` of {}", class.row, class.tool));
    }
    let stage = what.stage.as_deref().map(|s| Stage::parse(s).unwrap());
    let same = match (what.action.as_deref(), &class.action) {
        (Some("glue"), Action::Glue) => true,
        (Some("resolve"), Action::Resolve { resolver, by_name }) => what.resolver.as_ref() == Some(resolver) && *by_name == stage,
        (None, Action::Step(found)) => Some(*found) == stage,
        _ => false,
    };
    if !same || (what.kind.is_some() && what.kind != class.kind) || !has_also(what, &class) {
        return Some(format!("is {:?} {:?} also {:?}", class.action, class.kind, class.also));
    }
    None
}

fn has_also(what: &WhatForm, class: &Class) -> bool {
    what.also.iter().all(|s| class.also.contains(&Stage::parse(s).unwrap()))
}

/// What holds for an exception that leaves something unsaid.
fn with_row(row: &WhatForm, exception: &WhatForm) -> WhatForm {
    let mut what = exception.clone();
    if what.stage.is_none() && what.action.is_none() {
        what.stage.clone_from(&row.stage);
        what.action.clone_from(&row.action);
        what.resolver = what.resolver.or_else(|| row.resolver.clone());
    }
    what
}

#[test]
fn every_example_is_its_row() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars/tools"), &mut found);
    let mut faults = Vec::new();
    for file in found {
        let tool: ToolForm = serde_yaml::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        for row in &tool.commands {
            for (what, example) in row
                .example
                .list()
                .iter()
                .map(|e| (row.what.clone(), e))
                .chain(row.unless.iter().flat_map(|u| u.example.list().iter().map(|e| (with_row(&row.what, &u.what), e))))
            {
                if let Some(fault) = fault(row, &what, example) {
                    faults.push(format!("{}: `{}`: `{example}` {fault}", file.display(), row.run.list().join("`, `")));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
