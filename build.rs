//! Packs `grammars/` into one compact table a kind: every YAML file there is read, checked and written to
//! `OUT_DIR/<kind>.json` as a list of `{id, path, data}`, ordered by path. The kind is the file's stem (`commands`,
//! `builtins`, `environments`, `words`), or the folder's name for `replacements/*.yaml` and `tables/*.yaml`; the id is the tool's or
//! vendor's folder. A file that is not well formed fails the build with its path and the reason.

#[path = "src/catalogue/commands/form.rs"]
#[allow(dead_code)]
mod form;
#[path = "src/replace/needs.rs"]
#[allow(dead_code)]
mod needs;

use form::{ExceptionForm, OneOrMany, RowForm, ToolForm, WhatForm};
use needs::Reach;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Kinds that the library embeds; each has a table even while no file of it exists.
const KINDS: &[&str] = &[
    "artifact-version-traceable",
    "builtins",
    "canary-or-bluegreen",
    "commands",
    "deploy-observability",
    "deployment-strategy",
    "detect",
    "documents",
    "drift",
    "drift-reconcile",
    "environments",
    "feature-flags",
    "healthcheck",
    "hosted",
    "image-scan",
    "image-signed",
    "lifecycle",
    "nonroot-user",
    "infrastructure-by-pipeline",
    "migrations-automated",
    "objects",
    "one-artifact-kind",
    "path",
    "pipeline",
    "questions",
    "replacements",
    "resources",
    "rollback",
    "runner",
    "sbom",
    "secrets-handed-over",
    "tables",
    "trunk-trigger",
    "test-kinds",
    "words",
];
const STAGES: &[&str] = &[
    "source",
    "build",
    "check",
    "test",
    "scan",
    "package",
    "publish",
    "provision",
    "configure",
    "deploy",
    "verify",
    "release",
    "rollback",
    "operate",
];
const ACTIONS: &[&str] = &["glue", "wrap", "resolve"];
const TRAITS: &[&str] = &[
    "look-only",
    "waits",
    "by-manifest",
    "by-plan",
    "git-ops",
    "local-in-tests",
    "verify-after-deploy",
    "person-merges",
    "merges",
    "makes-tag",
    "glue-in-script",
    "deploy-on-host",
    "approval",
    "chart",
    "compose-up",
    "local-only",
    "local-cluster",
    "stage-by-name",
    "starts-pipeline",
    "unread-template",
    "on-account",
    "on-cluster",
    "for-readers",
    "forwards",
    "recursive",
];
const ROLES: &[&str] = &["environment", "image", "service", "artifact", "file", "dir"];
const WHAT: &[&str] = &["stage", "action", "kind", "resolver", "also", "traits", "confidence"];
const WRAPS: &[&str] = &["plain", "remote", "container", "compose-service", "pod"];
const CONFIDENCES: &[&str] = &["certain", "likely", "low"];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/catalogue/commands/form.rs");
    println!("cargo:rerun-if-changed=src/replace/needs.rs");
    println!("cargo:rerun-if-changed=grammars");
    let mut files = Vec::new();
    walk(Path::new("grammars"), &mut files)?;
    files.sort();
    let mut tables: BTreeMap<String, Vec<serde_json::Value>> = KINDS.iter().map(|k| ((*k).to_owned(), Vec::new())).collect();
    let mut faults = Vec::new();
    let mut texts = String::new();
    for file in &files {
        let (kind, id) = kind_and_id(file);
        let path = file.to_string_lossy().replace('\\', "/");
        match pack(&kind, file) {
            Ok(data) => {
                let mut entry = serde_json::json!({ "id": id, "path": path });
                if kind == "replacements" {
                    // Most rules are never read, and a scan needs no examples: their heads are parsed alone.
                    entry["head"] = head(&data);
                    let (examples, rest) = apart(data);
                    for (key, part) in [("data", rest), ("examples", examples)] {
                        let start = texts.len();
                        texts.push_str(&serde_json::to_string(&part)?);
                        entry[key] = serde_json::json!([start, texts.len()]);
                    }
                } else {
                    entry["data"] = data;
                }
                tables.entry(kind).or_default().push(entry);
            }
            Err(why) => faults.push(format!("{path}: {why}")),
        }
    }
    if !faults.is_empty() {
        return Err(faults.join("; ").into());
    }
    let mut hash = Sha256::new();
    hash.update(&texts);
    fs::write(out.join("replacement-texts.json"), texts)?;
    for (kind, entries) in tables {
        hash.update(serde_json::to_vec(&entries)?);
        fs::write(out.join(format!("{kind}.json")), serde_json::to_vec(&entries)?)?;
    }
    let digest: String = hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
    println!("cargo:rustc-env=PRODPATH_CATALOGUE_HASH={digest}");
    Ok(())
}

/// The examples of a rule, and the rest of it.
fn apart(mut rule: serde_json::Value) -> (serde_json::Value, serde_json::Value) {
    let mut examples = serde_json::json!({});
    for key in ["matches", "near-misses"] {
        if let Some(all) = rule.as_object_mut().and_then(|o| o.remove(key)) {
            examples[key] = all;
        }
    }
    (examples, rule)
}

/// What is known of a rule before it is read.
fn head(rule: &serde_json::Value) -> serde_json::Value {
    let text = |key: &str, default: &str| rule.get(key).and_then(serde_json::Value::as_str).unwrap_or(default).to_owned();
    let reach = Reach::of_rule(rule);
    serde_json::json!({ "kind": text("kind", "replace"), "confidence": text("confidence", ""), "reach": reach })
}

/// All YAML files below `dir`.
fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if !dir.is_dir() {
        return Ok(());
    }
    println!("cargo:rerun-if-changed={}", dir.display());
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "yaml") {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}

/// The table a file belongs to, and the tool or vendor it speaks of.
fn kind_and_id(file: &Path) -> (String, String) {
    let name = |p: Option<&Path>| p.and_then(Path::file_name).map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let parent = file.parent();
    for kind in ["replacements", "tables"] {
        if parent.is_some_and(|p| p.ends_with(kind)) {
            return (kind.to_owned(), name(parent.and_then(Path::parent)));
        }
    }
    let stem = file.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    let id = if parent == Some(Path::new("grammars")) { String::new() } else { name(parent) };
    (stem, id)
}

/// The content of a file in compact form.
fn pack(kind: &str, file: &Path) -> Result<serde_json::Value, String> {
    let text = fs::read_to_string(file).map_err(|e| e.to_string())?;
    if kind != "commands" {
        return serde_yaml::from_str(&text).map_err(|e| e.to_string());
    }
    let raw: serde_yaml::Value = serde_yaml::from_str(&text).map_err(|e| e.to_string())?;
    check_keys(&raw)?;
    let mut tool: ToolForm = serde_yaml::from_str(&text).map_err(|e| e.to_string())?;
    tool.traits.iter().try_for_each(|t| one_of("traits", Some(t), TRAITS))?;
    for row in &mut tool.commands {
        check_row(row).map_err(|why| format!("`{}`: {why}", row.run.list().join("`, `")))?;
        row.example = OneOrMany::default();
        for exception in &mut row.unless {
            exception.example = OneOrMany::default();
        }
    }
    serde_json::to_value(&tool).map_err(|e| e.to_string())
}

/// Misspelt keys (serde cannot deny unknown fields beside flattened ones).
fn check_keys(raw: &serde_yaml::Value) -> Result<(), String> {
    let known = |value: &serde_yaml::Value, lists: &[&[&str]]| -> Result<(), String> {
        let map = value.as_mapping().ok_or("a mapping is expected")?;
        for key in map.keys().filter_map(|k| k.as_str()) {
            if !lists.iter().any(|list| list.contains(&key)) {
                return Err(format!("unknown key `{key}`"));
            }
        }
        Ok(())
    };
    known(raw, &[&["programs", "goals", "task-separator", "options-with-value", "traits", "commands"], ROLES])?;
    for row in raw.get("commands").and_then(|c| c.as_sequence()).into_iter().flatten() {
        let name = row.get("run").map_or_else(String::new, |r| format!("{r:?}"));
        known(row, &[&["run", "beside", "wrap", "unless", "example"], WHAT, ROLES]).map_err(|why| format!("{name}: {why}"))?;
        for exception in row.get("unless").and_then(|u| u.as_sequence()).into_iter().flatten() {
            known(exception, &[&["with", "without", "example"], WHAT, ROLES]).map_err(|why| format!("{name}: {why}"))?;
        }
    }
    Ok(())
}

fn check_row(row: &RowForm) -> Result<(), String> {
    if row.run.is_empty() || row.run.list().iter().any(|run| run.trim().is_empty()) {
        return Err("a row needs `run`".to_owned());
    }
    if row.example.is_empty() {
        return Err("a row needs an `example`".to_owned());
    }
    if row.what.stage.is_none() && row.what.action.is_none() {
        return Err("a row needs a `stage` or an `action`".to_owned());
    }
    check_what(&row.what)?;
    if (row.what.action.as_deref() == Some("wrap")) != row.wrap.is_some() {
        return Err("`action: wrap` and `wrap:` go together".to_owned());
    }
    if let Some(wrap) = &row.wrap {
        one_of("wrap.kind", Some(&wrap.kind), WRAPS)?;
        one_of("wrap.inner", Some(&wrap.inner), &["words", "shell", "none"])?;
    }
    row.unless.iter().try_for_each(check_exception)
}

fn check_exception(exception: &ExceptionForm) -> Result<(), String> {
    if exception.with.is_empty() && exception.without.is_empty() {
        return Err("an exception needs `with` or `without`".to_owned());
    }
    if exception.example.is_empty() {
        return Err("an exception needs an `example`".to_owned());
    }
    check_what(&exception.what)
}

fn check_what(what: &WhatForm) -> Result<(), String> {
    one_of("stage", what.stage.as_ref(), STAGES)?;
    one_of("action", what.action.as_ref(), ACTIONS)?;
    one_of("confidence", what.confidence.as_ref(), CONFIDENCES)?;
    what.also.iter().try_for_each(|s| one_of("also", Some(s), STAGES))?;
    what.traits.iter().try_for_each(|t| one_of("traits", Some(t), TRAITS))?;
    let resolves = what.action.as_deref() == Some("resolve");
    if resolves && what.resolver.is_none() {
        return Err("`action: resolve` needs a `resolver`".to_owned());
    }
    if what.stage.is_some() && matches!(what.action.as_deref(), Some("glue" | "wrap")) {
        return Err("glue and wrappers have no stage".to_owned());
    }
    Ok(())
}

fn one_of(key: &str, value: Option<&String>, known: &[&str]) -> Result<(), String> {
    match value {
        Some(value) if !known.contains(&value.as_str()) => Err(format!("`{key}: {value}` is none of {}", known.join(", "))),
        _ => Ok(()),
    }
}
