//! The page of a rule, for the terminal and for publishing.

use crate::replace::rules::{ConfidenceForm, Example, FixForm, KindForm, Rule};
use serde_json::Value;
use std::fmt::Write as _;

/// How sure a rule is, in a word.
pub fn sure(rule: &Rule) -> &'static str {
    match (rule.form.kind, rule.form.confidence) {
        (KindForm::Hygiene, _) => "style",
        (_, ConfidenceForm::High) => "high",
        (_, ConfidenceForm::Medium) => "medium",
        (_, ConfidenceForm::Low) => "low",
    }
}

/// What such a rule is used for.
fn meaning(rule: &Rule) -> &'static str {
    match sure(rule) {
        "style" => "style: replaces no script; asked only where it is selected",
        "high" => "high: a finding",
        "medium" => "medium: a suggestion",
        _ => "low: asked only where it is selected",
    }
}

/// The parts of a page that hold text: what it is called, and the text.
fn parts(rule: &Rule) -> Vec<(&'static str, String)> {
    let form = &rule.form;
    let pattern = |pattern: &Option<String>, tree: &Option<Value>| {
        pattern.clone().or_else(|| tree.as_ref().map(ToString::to_string)).unwrap_or_default().trim_end().to_owned()
    };
    let mut patterns = vec![pattern(&form.pattern, &form.tree)];
    patterns.extend(form.cases.iter().map(|c| pattern(&c.pattern, &c.tree)));
    patterns.retain(|p| !p.is_empty());
    let conditions: Vec<String> = form.conditions.iter().map(ToString::to_string).collect();
    let replaced: Vec<&str> =
        form.replace.iter().chain(form.cases.iter().filter_map(|c| c.replace.as_ref())).map(String::as_str).collect();
    let told: Vec<&str> =
        form.advice.iter().chain(form.cases.iter().filter_map(|c| c.advice.as_ref())).map(String::as_str).collect();
    let mut out = vec![
        ("finds", patterns.join("\n\n")),
        ("where", conditions.join("\n").replace('"', "")),
        ("replaces it by", replaced.join("\n")),
        ("do", told.join("\n")),
        ("before", form.before.clone().unwrap_or_default()),
        ("after", form.after.clone().unwrap_or_default()),
    ];
    out.retain(|(_, text)| !text.is_empty());
    out
}

/// The page as text for a terminal.
pub fn text(rule: &Rule) -> String {
    let form = &rule.form;
    let mut out = format!("{} · {}\n{}\n", rule.id, sure(rule), form.title);
    if !form.why.is_empty() {
        let _ = writeln!(out, "\n{}", form.why.trim());
    }
    let facts = [
        ("same effect", form.equivalence.clone()),
        ("since", form.since.clone().unwrap_or_default()),
        ("documentation", form.docs.clone()),
    ];
    for (name, text) in parts(rule).into_iter().chain(facts).filter(|(_, text)| !text.is_empty()) {
        let _ = writeln!(out, "\n{name}");
        for line in text.trim_end().lines() {
            let _ = writeln!(out, "  {line}");
        }
    }
    out
}

/// The page as Markdown.
pub fn markdown(rule: &Rule) -> String {
    let form = &rule.form;
    let mut out = format!("# {}\n\n`{}`\n\n", form.title.trim(), rule.id);
    if !form.why.is_empty() {
        let _ = writeln!(out, "{}\n", form.why.trim());
    }
    let _ = writeln!(out, "- Confidence: {}", meaning(rule));
    let fix = if form.fix == FixForm::Safe { "safe: `prodpath fix --write` applies it" } else { "a person looks first" };
    let _ = writeln!(out, "- Edit: {fix}");
    if !form.equivalence.is_empty() {
        let _ = writeln!(out, "- Same effect: {}", form.equivalence.trim());
    }
    if let Some(since) = &form.since {
        let _ = writeln!(out, "- Since: {since}");
    }
    if !form.docs.is_empty() {
        let _ = writeln!(out, "- Documentation: <{}>", form.docs);
    }
    for (name, text) in parts(rule) {
        let _ = write!(out, "\n## {}\n\n{}", heading(name), fenced(&text));
    }
    let examples = [("Matches", &form.matches), ("Does not match", &form.near_misses)];
    for (name, all) in examples {
        let _ = writeln!(out, "\n## {name}");
        for example in all {
            match example {
                Example::Script(text) => {
                    let _ = write!(out, "\n{}", fenced(text));
                }
                Example::Files(files) => {
                    for (path, text) in files {
                        let _ = write!(out, "\n`{path}`\n\n{}", fenced(text));
                    }
                }
            }
        }
    }
    out
}

/// The list of all pages as Markdown.
pub fn index(rules: &[&Rule]) -> String {
    let mut out = "# Rules\n\nScripts that a built-in option of a tool replaces.\n".to_owned();
    let mut tool = "";
    for rule in rules {
        if rule.tool != tool {
            tool = &rule.tool;
            let _ = writeln!(out, "\n## {tool}\n");
        }
        let _ = writeln!(out, "- [{}]({}.md) ({})", rule.form.title.trim(), rule.id, sure(rule));
    }
    out
}

fn heading(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A block of code whose fence is longer than any in the text.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{}\n{fence}\n", text.trim_end())
}
