//! tox (<https://tox.wiki/en/latest/config.html>): the commands of each environment, from `tox.ini`, `setup.cfg` and pyproject.toml.

use crate::catalogue::runners::Runner;
use crate::model::{HOLE, Session};
use crate::source::SourceFile;
use crate::syntax::settings::Value;
use crate::syntax::toml;
use std::collections::BTreeMap;

/// References to other sections are followed at most so deep.
const MAX_REFERENCES: usize = 4;
/// At most so many names does a generative one stand for.
const MAX_NAMES: usize = 256;

/// Sections of an INI file: keys with their values, lines joined by line breaks.
type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// The environments of a file; that for all others is called `*`.
pub fn read(file: &SourceFile, _runner: &Runner) -> Vec<Session> {
    if file.name().ends_with(".toml") {
        let root = toml::parse(file);
        if let Some(legacy) = root.at("tool.tox.legacy_tox_ini").and_then(Value::text) {
            return of_sections(&sections(&legacy.text), "");
        }
        return of_settings(root.at("tool.tox").unwrap_or(&root));
    }
    let sections = sections(&file.text);
    if file.name() == "setup.cfg" { of_sections(&sections, "tox:") } else { of_sections(&sections, "") }
}

fn sections(text: &str) -> Sections {
    let mut out = Sections::new();
    let (mut section, mut key) = (String::new(), String::new());
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.split(']').next()) {
            (section, key) = (name.trim().to_owned(), String::new());
            out.entry(section.clone()).or_default();
        } else if line.starts_with([' ', '\t']) && !key.is_empty() {
            if let Some(value) = out.get_mut(&section).and_then(|s| s.get_mut(&key)) {
                value.push('\n');
                value.push_str(trimmed);
            }
        } else if let Some((name, value)) = trimmed.split_once('=') {
            name.trim().clone_into(&mut key);
            out.entry(section.clone()).or_default().insert(key.clone(), value.trim().to_owned());
        }
    }
    out
}

fn of_sections(sections: &Sections, prefix: &str) -> Vec<Session> {
    let main = sections.get(&format!("{prefix}tox")).or_else(|| sections.get("tox:tox")).or_else(|| sections.get("tox"));
    let base = sections.get("testenv").and_then(|s| s.get("commands")).cloned().unwrap_or_default();
    let own = sections.keys().filter_map(|s| Some((s, s.strip_prefix("testenv:")?)));
    let mut found: Vec<(String, String)> = Vec::new();
    for (section, names) in own {
        let commands = sections[section].get("commands").unwrap_or(&base);
        found.extend(expanded(names).into_iter().map(|n| (n, commands.clone())));
    }
    if main.is_none() && base.is_empty() && found.is_empty() {
        return Vec::new();
    }
    let listed = main.and_then(|m| m.get("envlist").or_else(|| m.get("env_list"))).map(|l| expanded(l)).unwrap_or_default();
    let mut out: Vec<Session> = Vec::new();
    for name in &listed {
        if !found.iter().any(|(n, _)| n == name) {
            out.push(session(name, &base, sections, true));
        }
    }
    for (name, commands) in &found {
        out.push(session(name, commands, sections, listed.contains(name)));
    }
    out.push(session("*", &base, sections, listed.is_empty()));
    out
}

fn session(name: &str, commands: &str, sections: &Sections, default: bool) -> Session {
    let mut lines = Vec::new();
    let factors: Vec<&str> = name.split('-').collect();
    add(&mut lines, commands, sections, &factors, 0);
    Session { name: name.to_owned(), default, commands: lines, stage: None }
}

/// The commands that hold for the factors of an environment's name.
fn add(out: &mut Vec<Vec<String>>, commands: &str, sections: &Sections, factors: &[&str], depth: usize) {
    for line in commands.replace("\\\n", " ").lines() {
        let line = line.trim_start_matches(['-', '!', ' ']);
        if let Some((section, key)) = line.strip_prefix("{[").and_then(|l| l.strip_suffix('}')).and_then(|l| l.split_once(']')) {
            if let Some(other) = sections.get(section).and_then(|s| s.get(key)).filter(|_| depth < MAX_REFERENCES) {
                add(out, other, sections, factors, depth + 1);
            }
            continue;
        }
        let (condition, command) = match line.split_once(": ") {
            Some((head, tail)) if !head.contains(' ') && !head.starts_with('{') => (Some(head), tail),
            _ => (None, line),
        };
        let holds = condition.is_none_or(|c| {
            let one = |f: &str| f.strip_prefix('!').map_or_else(|| factors.contains(&f), |no| !factors.contains(&no));
            c.split(',').any(|all| all.split('-').all(one))
        });
        let words: Vec<String> =
            substituted(command).split_whitespace().map(|w| w.trim_matches(['"', '\'']).to_owned()).collect();
        if holds && !words.is_empty() {
            out.push(words);
        }
    }
}

/// `{posargs:x}` is `x`, `{envpython}` is python; what else is put in is not known.
fn substituted(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('}') else {
            rest = &rest[at..];
            break;
        };
        let inner = &rest[at + 1..at + end];
        match inner.split_once(':') {
            Some(("posargs", default)) => out.push_str(default),
            None if inner == "posargs" => {}
            None if matches!(inner, "envpython" | "env_python") => out.push_str("python"),
            _ => out.push(HOLE),
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    out
}

/// The names that a list of generative ones stands for: `py{39,310}-x, lint`.
fn expanded(list: &str) -> Vec<String> {
    let mut depth = 0;
    let parts = list.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth <= 0 && (c == ',' || c.is_whitespace())
    });
    let mut out: Vec<String> = Vec::new();
    for part in parts.filter(|p| !p.is_empty()) {
        let mut names = vec![String::new()];
        let mut rest = part;
        while let Some((head, tail)) = rest.split_once('{') {
            let (choices, after) = tail.split_once('}').unwrap_or((tail, ""));
            let longer = names.iter().flat_map(|n| choices.split(',').map(move |c| format!("{n}{head}{}", c.trim())));
            names = longer.take(MAX_NAMES).collect();
            rest = after;
        }
        out.extend(names.into_iter().map(|n| n + rest));
        out.truncate(MAX_NAMES);
    }
    out
}

/// tox 4's own settings: lists of lists of words.
fn of_settings(root: &Value) -> Vec<Session> {
    let words = |command: &Value| -> Vec<String> {
        command.elements().iter().filter_map(Value::text).map(|t| substituted(&t.text)).filter(|w| !w.is_empty()).collect()
    };
    let commands =
        |of: Option<&Value>| of.and_then(|o| o.get("commands")).map(|c| c.elements().iter().map(words).collect::<Vec<_>>());
    let base = commands(root.get("env_run_base"));
    let envs = root.get("env").map(Value::entries).unwrap_or_default();
    if base.is_none() && envs.is_empty() {
        return Vec::new();
    }
    let base = base.unwrap_or_default();
    let listed: Vec<&str> = root
        .get("env_list")
        .map(Value::elements)
        .unwrap_or_default()
        .iter()
        .filter_map(|n| n.text().map(|t| t.text.as_str()))
        .collect();
    let one =
        |name: &str, commands: Vec<Vec<String>>, default: bool| Session { name: name.to_owned(), default, commands, stage: None };
    let mut out: Vec<Session> = envs
        .iter()
        .map(|e| one(&e.key, commands(Some(&e.value)).unwrap_or_else(|| base.clone()), listed.contains(&e.key.as_str())))
        .collect();
    let others = listed.iter().filter(|n| !envs.iter().any(|e| e.key == **n));
    out.extend(others.map(|n| one(n, base.clone(), true)));
    out.push(one("*", base.clone(), listed.is_empty()));
    out
}
