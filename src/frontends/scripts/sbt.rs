//! Front end of sbt's aliases (<https://www.scala-sbt.org/1.x/docs/Commands.html>): what a name that a build file gives to several tasks
//! stands for.

use super::tasks::task;
use crate::catalogue::Catalogue;
use crate::catalogue::runners;
use crate::model::{MakeFile, Need, Program};
use crate::source::SourceSet;
use crate::syntax::literals::{self, Language, call_at};

const RUNNER: &str = "sbt";

/// Translate every build.sbt.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let Some(runner) = runners::named(RUNNER) else { return };
    for file in sources.files().iter().filter(|f| runner.files.iter().any(|n| n == f.name())) {
        let tokens = literals::tokens(file, Language::Jvm);
        let mut entry = MakeFile::default();
        for at in 0..tokens.len() {
            let Some(call) = call_at(&tokens, at).filter(|c| c.name == "addCommandAlias") else { continue };
            let text = |i: usize| call.args.get(i).and_then(|a| a.first()?.literal()?.plain());
            let (Some(name), Some(stands_for)) = (text(0), text(1)) else { continue };
            let mut unit = task(file, name, call.range.clone(), catalogue);
            unit.needs = stands_for.split(';').map(str::trim).filter(|t| !t.is_empty()).map(Need::of).collect();
            let id = program.add(unit);
            entry.targets.push((name.to_owned(), id));
        }
        if !entry.targets.is_empty() {
            program.runners.entry(RUNNER.to_owned()).or_default().insert(file.path.clone(), entry);
        }
    }
}
