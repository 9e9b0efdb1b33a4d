//! Steps that are containers: an image with a script, or with a command and its arguments. One such step is one command,
//! the whole list item (model ruling 11); where the command is a shell with a script, the script's commands are the steps.

use super::data::Data;
use super::reader::{Reader, dialect};
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Expr, Item};
use crate::source::Span;

/// What a container runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Container<'d> {
    /// Its image.
    pub image: Option<&'d Data>,
    /// The command, which replaces the image's own.
    pub command: Option<&'d Data>,
    /// Its arguments.
    pub args: Option<&'d Data>,
}

/// The items of a container that stands at `span`.
pub fn items(container: Container<'_>, span: Span, reader: &mut Reader<'_>) -> Vec<Item> {
    let command = container.command.map(Data::scalars).unwrap_or_default();
    let args = container.args.map(Data::scalars).unwrap_or_default();
    let words: Vec<&Data> = command.iter().chain(&args).copied().collect();
    if let Some((shell, script)) = script_of(&words) {
        return match (script.text(), dialect(shell)) {
            (Some(text), Some(dialect)) => {
                let text = text.clone();
                reader.script(&text, dialect)
            }
            _ => Vec::new(),
        };
    }
    let mut line: Vec<String> = words.iter().filter_map(|w| w.str()).map(quoted).collect();
    if command.is_empty() {
        // The image's own program is not known; by the image's name it often is.
        let Some(program) = container.image.and_then(Data::str).map(program_of) else { return Vec::new() };
        line.insert(0, program);
    }
    if line.is_empty() {
        return Vec::new();
    }
    let shown: Vec<&str> = line.first().map(String::as_str).into_iter().filter(|_| command.is_empty()).collect();
    let shown = shown.into_iter().chain(words.iter().filter_map(|w| w.str())).collect::<Vec<_>>().join(" ");
    let text = Data::scalar_at(line.join(" "), span);
    let Some(text) = text.text() else { return Vec::new() };
    let mut items = reader.script(text, Dialect::Posix);
    place(&mut items, span, &shown);
    items
}

/// The shell and its script, where the words are `sh -c SCRIPT`.
fn script_of<'d>(words: &[&'d Data]) -> Option<(&'d str, &'d Data)> {
    let shell = words.first()?.str()?;
    let name = shell.rsplit('/').next().unwrap_or(shell);
    if !matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "pwsh" | "powershell" | "cmd") {
        return None;
    }
    let rest = &words[1..];
    let is_flag = |w: &Data| {
        let flag = w.str().unwrap_or("");
        let short = flag.strip_prefix('-').is_some_and(|f| f.contains('c') && f.chars().all(|c| c.is_ascii_lowercase()));
        short || matches!(flag, "/c" | "/C" | "-Command" | "-command")
    };
    let at = rest.iter().position(|w| is_flag(w))?;
    if rest[..at].iter().any(|w| !w.str().unwrap_or("").starts_with(['-', '+']) && w.str() != Some("pipefail")) {
        return None;
    }
    // `-c -- SCRIPT`, `-c -e SCRIPT`.
    let script =
        rest[at + 1..].iter().find(|w| !w.str().unwrap_or("").starts_with('-') || w.str().is_some_and(|s| s.contains(' ')))?;
    Some((shell, script))
}

/// The program that an image is named after: its last part without tag and digest.
fn program_of(image: &str) -> String {
    let last = image.split('@').next().unwrap_or(image).rsplit('/').next().unwrap_or(image);
    quoted(last.split(':').next().unwrap_or(last))
}

/// A word as a shell writes it; `$(NAME)` is a variable of the container
/// (<https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>).
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let (mut out, mut text) = (String::new(), String::new());
    let mut rest = word;
    while let Some(at) = rest.find("$(") {
        let inner = &rest[at + 2..];
        let len = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        if len > 0 && inner[len..].starts_with(')') {
            text.push_str(&rest[..at]);
            out.push_str(&literal(&std::mem::take(&mut text)));
            out.push_str(&format!("\"${{{}}}\"", &inner[..len]));
            rest = &inner[len + 1..];
        } else {
            text.push_str(&rest[..at + 2]);
            rest = inner;
        }
    }
    text.push_str(rest);
    out.push_str(&literal(&text));
    if out.is_empty() { "''".to_owned() } else { out }
}

fn literal(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Put all commands at a place, the only one as it is written.
fn place(items: &mut [Item], span: Span, shown: &str) {
    let alone = items.len() == 1;
    for item in items {
        match item {
            Item::Command(command) => {
                command.span = span;
                if alone {
                    command.text = shown.split_whitespace().collect::<Vec<_>>().join(" ");
                }
                command.word_spans.iter_mut().for_each(|s| *s = span);
            }
            Item::Block(block) => place(&mut block.items, span, shown),
            _ => {}
        }
    }
}

/// Environment variables of a container (`env: [{name, value}]`).
pub fn variables(list: Option<&Data>, reader: &Reader<'_>) -> Vec<(String, Expr)> {
    let items = list.map(Data::items).unwrap_or_default();
    items.iter().filter_map(|v| Some((format!("env.{}", v.get_str("name")?), reader.value(v.get("value")?)))).collect()
}

/// The language that the first line of a script asks for; `None`: no shell reads it.
pub fn language(script: &str) -> Option<Dialect> {
    let Some(line) = script.trim_start_matches(['\n', '\r', ' ']).strip_prefix("#!") else { return Some(Dialect::Posix) };
    let mut words = line.lines().next().unwrap_or("").split_whitespace();
    let mut program = words.next().unwrap_or("sh");
    if program.ends_with("/env") || program == "env" {
        program = words.find(|w| !w.starts_with('-') && !w.contains('=')).unwrap_or("sh");
    }
    let name = program.rsplit('/').next().unwrap_or(program);
    match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" => Some(Dialect::Posix),
        "pwsh" | "powershell" => Some(Dialect::PowerShell),
        _ => None,
    }
}

/// Whether a parameter of this name says which environment is meant (model ruling 34).
pub fn names_environment(parameter: &str) -> bool {
    let name: String = parameter.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    matches!(
        name.as_str(),
        "environment"
            | "env"
            | "stage"
            | "deployenv"
            | "deploymentenv"
            | "targetenv"
            | "environmentname"
            | "envname"
            | "targetenvironment"
            | "deployenvironment"
            | "deploymentenvironment"
    )
}

/// Values bound on a call; one that names an environment is such a variable as well.
pub fn with_environment(mut bind: Vec<(String, Expr)>) -> Vec<(String, Expr)> {
    let named = bind.iter().find(|(n, _)| n.strip_prefix("input.").is_some_and(names_environment)).map(|(_, e)| e.clone());
    bind.extend(named.map(|value| ("env.ENVIRONMENT".to_owned(), value)));
    bind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_variables_of_the_container_stay_variables() {
        assert_eq!(quoted("--tag=app:1"), "--tag=app:1");
        assert_eq!(quoted("it's $5"), "'it'\\''s $5'");
        assert_eq!(quoted("--to=$(REG)/app"), "'--to='\"${REG}\"'/app'");
        assert_eq!(quoted("$(params.x)"), "'$(params.x)'");
        assert_eq!(quoted("a$(params.x)"), "'a$(params.x)'");
        assert_eq!(program_of("reg.io/a/executor:v1@sha256:0"), "executor");
    }

    #[test]
    fn the_first_line_says_the_language() {
        assert_eq!(language("#!/usr/bin/env bash\nx"), Some(Dialect::Posix));
        assert_eq!(language("#!/usr/bin/env -S python3.11 -u\n"), None);
        assert_eq!(language("\n#!/busybox/sh\n"), Some(Dialect::Posix));
        assert_eq!(language("make\n"), Some(Dialect::Posix));
        assert_eq!(language("#!/usr/bin/pwsh -File\n"), Some(Dialect::PowerShell));
    }
}
