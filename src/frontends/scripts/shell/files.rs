//! Script files.

use super::{Dialect, Shell, items};
use crate::catalogue::Catalogue;
use crate::model::{Program, Unit, UnitKind};
use crate::source::{SourceFile, SourceSet, Text};

/// Front end of script files: every `*.sh` and `*.bash` file and every file with a shell's shebang becomes a unit of kind
/// script, named by its path. PowerShell and batch files are read line by line.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    for file in sources.files() {
        let Some(dialect) = dialect(file).filter(|_| !is_build_wrapper(file.name())) else { continue };
        let text = Text::verbatim(file.id, file.text.as_str(), 0);
        let faults = program.diagnostics.len();
        let script = items(&text, &Shell { dialect, ..Shell::new(catalogue) }, program);
        if program.diagnostics.len() > faults {
            program.partly_read.push((file.id, "the shell's grammar does not understand all of it".to_owned()));
        }
        let mut unit = Unit::new(UnitKind::Script, file.path.as_str(), file.whole());
        unit.local_only = catalogue.words().local_file(&file.path);
        unit.body = script.items;
        unit.functions = script.functions;
        program.add(unit);
    }
}

/// Whether a file is the copy of a build tool's own start script, which says nothing of the repository.
fn is_build_wrapper(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, end)| if matches!(end, "cmd" | "bat") { stem } else { name });
    matches!(stem, "mvnw" | "mvnwDebug" | "gradlew")
}

/// The shell of a file; `None`: it is no shell script.
fn dialect(file: &SourceFile) -> Option<Dialect> {
    let extension = file.name().rsplit_once('.').map_or("", |(_, e)| e);
    let first = file.text.lines().next().unwrap_or("");
    if let Some(shebang) = first.strip_prefix("#!") {
        return interpreter(shebang);
    }
    match extension {
        "sh" | "bash" | "zsh" | "ksh" => Some(Dialect::Posix),
        "ps1" => Some(Dialect::PowerShell),
        "bat" | "cmd" => Some(Dialect::Cmd),
        _ => None,
    }
}

/// The shell that a shebang line names (`/usr/bin/env -S bash -e`).
fn interpreter(shebang: &str) -> Option<Dialect> {
    let mut words = shebang.split_whitespace().map(|w| w.rsplit('/').next().unwrap_or(w));
    let mut program = words.next()?;
    if program == "env" {
        program = words.find(|w| !w.starts_with('-') && !w.contains('='))?;
    }
    match program {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" => Some(Dialect::Posix),
        "pwsh" | "powershell" => Some(Dialect::PowerShell),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_files_are_units_whatever_they_are_called() {
        let mut sources = SourceSet::default();
        for (path, text) in [
            ("a/deploy.sh", "f() { x; }\nf\n"),
            ("b/run", "#!/usr/bin/env -S bash -e\ny\n"),
            ("c/tool", "#!/usr/bin/python3\nprint(1)\n"),
            ("d/odd.sh", "#!/usr/bin/env node\n"),
            ("e/build.ps1", "dotnet build\n"),
            ("README.md", "sh\n"),
            ("f/mvnw", "#!/bin/sh\njavac A.java\n"),
            ("f/gradlew.bat", "java -jar w.jar\n"),
            (".devcontainer/setup.sh", "npm ci\n"),
        ] {
            sources.add(path, text);
        }
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let scripts: Vec<&Unit> = program.units.iter().filter(|u| u.kind == UnitKind::Script).collect();
        let names: Vec<&str> = scripts.iter().map(|u| u.name.as_str()).collect();
        assert_eq!(names, ["a/deploy.sh", "b/run", "e/build.ps1", ".devcontainer/setup.sh"]);
        assert_eq!(scripts[0].functions.len(), 1);
        assert!(scripts.iter().all(|u| u.local_only == u.name.starts_with(".devcontainer")));
    }
}
