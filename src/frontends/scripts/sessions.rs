//! Front end of tools whose call is one step, while their configuration says what it does (model ruling 30): the environments of
//! tox, the sessions of nox, the hooks of pre-commit.

mod nox;
mod pre_commit;
mod tox;

use crate::catalogue::runners::{self, Runner};
use crate::model::{Program, Session};
use crate::source::{SourceFile, SourceSet};

/// Reads the sessions of a file.
type Read = fn(&SourceFile, &Runner) -> Vec<Session>;

/// Translate every such configuration.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    let readers: [(&str, Read); 3] = [("tox", tox::read), ("nox", nox::read), ("pre-commit", pre_commit::read)];
    for (name, read) in readers {
        let Some(runner) = runners::named(name) else { continue };
        for file in sources.files().iter().filter(|f| runner.files.iter().any(|n| n == f.name())) {
            let sessions = read(file, runner);
            if !sessions.is_empty() {
                program.sessions.entry(name.to_owned()).or_default().insert(file.path.clone(), sessions);
            }
        }
    }
}

#[cfg(test)]
mod tests;
