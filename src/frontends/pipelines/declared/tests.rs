#![allow(clippy::unwrap_used)]
//! A vendor is added by data alone.

use super::*;
use crate::catalogue::Catalogue;
use crate::model::Item;
use crate::source::SourceSet;

/// A vendor that no table knows.
const PLOUGH: &str = r"
events: [push]
event-names: { merge: change }
facts: { PLOUGH_REF: branch }
jobs: furrows.*
order: beside
variables: soil
job:
  needs: after
  manual: { driver: person }
  if: { when: only, events: on }
work: [before, rows, { at: rain, after: failure }]
step: { script: run, built-in: tool, inputs: with, name: title }
";

#[test]
fn a_vendor_is_added_in_data_only() {
    let language: Language = serde_yaml::from_str(PLOUGH).unwrap();
    let mut sources = SourceSet::default();
    sources.add(
        "plough.yml",
        "soil: { KIND: loam }\nfurrows:\n  north:\n    before: make seed\n    rows:\n      - make\n      - make test\n      \
         - title: hoe\n        tool: acme/hoe@2\n        with: { depth: $KIND }\n    rain: make dry\n  south:\n    after: north\n    \
         driver: person\n    only: PLOUGH_REF == 'main'\n    on: [push, merge]\n    rows:\n      - run: [make harvest]\n  east: {}\n",
    );
    let files: Vec<&SourceFile> = sources.files().iter().collect();
    let mut program = Program::default();
    let input = Input { sources: &sources, catalogue: Catalogue::embedded(), trunk: "main", files: &files };
    translate("plough", &language, &input, &mut program);
    let (_, pipeline) = program.iter().find(|(_, u)| u.kind == UnitKind::Pipeline).unwrap();
    let jobs: Vec<&Unit> = pipeline.jobs.iter().map(|id| program.unit(*id)).collect();
    assert_eq!(jobs.iter().map(|j| j.name.as_str()).collect::<Vec<_>>(), ["north", "south"]);
    assert_eq!(pipeline.bind, [("env.KIND".to_owned(), Expr::lit("loam"))]);
    let kinds = |unit: &Unit| -> Vec<&'static str> {
        let kind = |item: &Item| match item {
            Item::Command(_) => "command",
            Item::Block(_) => "block",
            Item::Gate(_) => "gate",
            _ => "other",
        };
        unit.body.iter().map(kind).collect()
    };
    assert_eq!(kinds(jobs[0]), ["command", "command", "command", "block", "block"]);
    assert_eq!(kinds(jobs[1]), ["gate", "block"]);
    assert_eq!(jobs[1].needs[0].name, "north");
    // `push` is none of this vendor's names of events: only the merge is asked for.
    assert!(pipeline.starts.iter().any(|s| s.event == crate::model::Event::Change));
    assert_eq!(branches(&language, files[0]), ["main"]);
}
