//! pre-commit (<https://pre-commit.com/#pre-commit-configyaml---hooks>): its hooks, each of which can be called by its id.

use crate::catalogue::runners::Runner;
use crate::model::{Session, Stage};
use crate::source::SourceFile;
use crate::syntax::yaml;

/// The hooks of a file.
pub fn read(file: &SourceFile, runner: &Runner) -> Vec<Session> {
    let tree = yaml::parse(file);
    let repos = tree.root().and_then(|r| r.get("repos")).map(|r| r.items()).unwrap_or_default();
    let mut out = Vec::new();
    for repo in repos {
        let local = repo.get_str("repo") == Some("local");
        for hook in repo.get("hooks").map(|h| h.items()).unwrap_or_default() {
            let Some(id) = hook.get_str("id") else { continue };
            let entry = hook.get_str("entry").filter(|_| local).unwrap_or_default();
            let commands = vec![entry.split_whitespace().map(ToOwned::to_owned).collect()];
            let scans = runner.scans.iter().any(|s| s == id);
            // One that only runs at another time (`stages: [manual]`) is run by its name.
            let stages = hook.get("stages").map(|s| s.texts()).unwrap_or_default();
            let default = stages.is_empty() || stages.iter().any(|s| matches!(*s, "commit" | "pre-commit"));
            let stage = if scans { Some(Stage::Scan) } else { (!local).then_some(Stage::Check) };
            out.push(Session { name: id.to_owned(), default, commands, stage });
        }
    }
    out
}
