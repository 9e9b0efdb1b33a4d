//! From a command's first word to the program that the tables know.

use crate::model::HOLE;

/// What a command's first word is.
#[derive(Debug, PartialEq, Eq)]
pub enum Program {
    /// A program of the tables, by this spelling.
    Known(String),
    /// A file of the repository.
    Script,
    /// Neither.
    Unknown,
}

/// Endings of files that are run as scripts.
const SCRIPTS: &[&str] =
    &["sh", "bash", "zsh", "ksh", "ps1", "py", "rb", "js", "mjs", "cjs", "ts", "pl", "php", "cmd", "bat", "groovy"];

/// Read a program word. `known` tells whether a spelling is in the tables, `shell` whether it is a name too common to
/// mean a tool when it is a file of the repository (`./test`, `bin/install`).
pub fn program(word: &str, known: impl Fn(&str) -> bool, shell: impl Fn(&str) -> bool) -> Program {
    let word = word.replace('\\', "/");
    if known(&word) {
        return Program::Known(word);
    }
    if word.starts_with('@') {
        return package(&word, known);
    }
    let Some((dir, base)) = word.rsplit_once('/') else {
        return match spelling(&word, &known) {
            Some(name) => Program::Known(name),
            None if is_script(&word) && !word.contains(HOLE) => Program::Script,
            None => Program::Unknown,
        };
    };
    if base.contains('.') && !base.starts_with('.') && known(base) {
        return Program::Known(base.to_owned());
    }
    let own = in_repository(&word);
    // `$DIR/deploy`: a folder that only the run knows, most often the script's own.
    let beside = !dir.is_empty() && dir.chars().all(|c| c == HOLE);
    let of_tools = !own || dir == "." || dir == "bin" || dir.ends_with("/bin");
    if of_tools && let Some(name) = spelling(base, &known).filter(|name| !(own || beside) || !shell(name)) {
        return Program::Known(name);
    }
    if !own && !beside && !is_script(base) {
        return Program::Unknown;
    }
    Program::Script
}

/// Whether a program word names a file that the repository itself may hold: no absolute path, no folder of installed
/// tools, no folder that is wholly unknown.
pub fn in_repository(word: &str) -> bool {
    let Some((dir, base)) = word.rsplit_once('/') else { return false };
    let installed = ["node_modules/.bin", "vendor/bin", "venv/bin", "env/bin"].iter().any(|end| dir.ends_with(end));
    let unknown = dir.chars().all(|c| c == HOLE) && !is_script(base);
    !base.is_empty() && !installed && !unknown && !word.starts_with(['/', '~', '@']) && !word.starts_with("http")
}

/// A package's name as its program (`@angular/cli@16`).
fn package(word: &str, known: impl Fn(&str) -> bool) -> Program {
    let name = word.char_indices().skip(1).find(|(_, c)| *c == '@').and_then(|(i, _)| word.get(..i)).unwrap_or(word);
    if known(name) {
        return Program::Known(name.to_owned());
    }
    match name.split_once('/').and_then(|(_, base)| spelling(base, &known)) {
        Some(name) => Program::Known(name),
        None => Program::Unknown,
    }
}

/// The spelling under which a base name is known: without `.exe`, a version at its end, or one after `@`.
fn spelling(base: &str, known: &impl Fn(&str) -> bool) -> Option<String> {
    if known(base) {
        return Some(base.to_owned());
    }
    let lower = base.to_ascii_lowercase();
    let plain =
        [".exe", ".cmd", ".bat"].iter().find_map(|e| lower.strip_suffix(e)).and_then(|s| base.get(..s.len())).unwrap_or(base);
    let plain = match plain.split_once('@') {
        Some((name, _)) if !name.is_empty() => name,
        _ => plain,
    };
    if known(plain) {
        return Some(plain.to_owned());
    }
    let stem = plain.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-');
    (stem.len() < plain.len() && stem.len() > 1 && known(stem)).then(|| stem.to_owned())
}

fn is_script(base: &str) -> bool {
    base.rsplit_once('.').is_some_and(|(stem, ext)| !stem.is_empty() && SCRIPTS.contains(&ext))
}
