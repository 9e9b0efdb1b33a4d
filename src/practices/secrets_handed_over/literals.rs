//! Secrets that stand in files: objects of a cluster, values of charts, variables of infrastructure, tokens.

use super::{Token, known};
use crate::catalogue::Catalogue;
use crate::model::Tier;
use crate::practices::scene::Scene;
use crate::source::{SourceFile, Span};
use crate::syntax::yaml::Node;

/// Nodes in each other that are looked at.
const MAX_DEPTH: usize = 30;
/// Letters that a secret has at least.
const SHORTEST: usize = 6;

/// Where they stand, in these files.
pub fn find(scene: &Scene<'_>, files: &[&SourceFile]) -> Vec<Span> {
    let mut out: Vec<Span> = files.iter().flat_map(|f| tokens(f)).collect();
    for (file, node) in scene.documents().filter(|(f, _)| files.iter().any(|other| other.id == f.id)) {
        if node.get("apiVersion").is_some() && !file.text.contains("{{") {
            of_object(node, &mut out);
        }
    }
    out.extend(files.iter().filter(|f| holds_values(f)).flat_map(|f| lines(f)));
    out
}

/// Whether the name of a value says that it is a secret.
pub fn is_secret_name(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    known().names.iter().any(|end| plain.ends_with(end.as_str()))
}

/// Whether a value is one, and stands for none that is filled in, found or made elsewhere.
fn is_literal(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let elsewhere = ["$", "{{", "<", "(", "!", "arn:", "vault:", "projects/", "op://", "ENC[", "/", "@", "%", "~", "file:"];
    let is_name = value.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let number = value.chars().all(|c| c.is_ascii_digit() || c == '.');
    value.len() >= SHORTEST
        && !value.contains(char::is_whitespace)
        && !elsewhere.iter().any(|mark| value.starts_with(mark))
        && !["${", "{{", "var.", "local.", "data.", "module.", "random_password"].iter().any(|mark| value.contains(mark))
        && !is_name
        && !number
        && !is_filled_in(&lower)
        && decoded(value).is_none_or(|text| !text.starts_with('<') && !is_filled_in(&text.to_ascii_lowercase()))
}

/// Whether another value is to be put in its place.
fn is_filled_in(lower: &str) -> bool {
    known().placeholders.iter().any(|word| lower.contains(word.as_str()))
}

/// What a value says in base64, where that is a text.
fn decoded(value: &str) -> Option<String> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut out) = (0u32, 0u32, Vec::new());
    for byte in value.trim_end_matches('=').bytes() {
        let digit = LETTERS.iter().position(|l| *l == byte)? as u32;
        bits = (bits << 6) | digit;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(((bits >> held) & 0xff) as u8);
        }
    }
    String::from_utf8(out).ok().filter(|text| !text.chars().any(char::is_control))
}

/// The same, and not one that only development has.
fn is_strong(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let word = value.chars().all(|c| c.is_ascii_lowercase());
    // `shop-client-secret` is what a store calls it.
    let name = ["secret", "password", "-key", "_key"].iter().any(|part| lower.contains(part));
    is_literal(value) && !word && !name && !known().weak.contains(&lower)
}

/// Values of a Secret, and of variables of containers.
fn of_object(node: Node<'_>, out: &mut Vec<Span>) {
    if node.get_str("kind") == Some("Secret") && node.get("sops").is_none() {
        let values = ["data", "stringData"].into_iter().filter_map(|key| node.get(key));
        for entry in values.flat_map(|v| v.own_entries()) {
            if entry.value.scalar().is_some_and(is_literal) {
                out.push(entry.key.span());
            }
        }
    }
    variables(node, 0, out);
}

fn variables(node: Node<'_>, depth: usize, out: &mut Vec<Span>) {
    if depth > MAX_DEPTH {
        return;
    }
    if let (Some(name), Some(value)) = (node.get_str("name"), node.get_str("value"))
        && is_secret_name(name)
        && is_literal(value)
    {
        out.extend(node.get("name").map(|n| n.span()));
    }
    node.items().into_iter().for_each(|item| variables(item, depth + 1, out));
    node.own_entries().into_iter().for_each(|entry| variables(entry.value, depth + 1, out));
}

/// Whether a file holds values for an environment or a chart, a line each.
fn holds_values(file: &SourceFile) -> bool {
    let name = file.name();
    let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    let catalogue = Catalogue::embedded();
    let late = || {
        let tier = catalogue.environments().find_in(name).map(|e| catalogue.environments().tier(&e));
        matches!(tier, Some(Tier::Production | Tier::Staging))
    };
    let variables = file.path.split('/').any(|part| matches!(part, "group_vars" | "host_vars"));
    name.ends_with(".tf")
        || name.ends_with(".tfvars")
        || (yaml && (variables || name.starts_with("values") || catalogue.words().server_file(&file.path)))
        || (name.starts_with(".env") && late())
}

/// Names of secrets with a value on the same line: `NAME: value`, `NAME = "value"`, `- NAME=value`.
fn lines(file: &SourceFile) -> Vec<Span> {
    let mut out = Vec::new();
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        let body = line.trim_start().trim_start_matches("- ").trim_start_matches("export ");
        if let Some((name, value)) = body.split_once(['=', ':'])
            && is_secret_name(name.trim())
            && name.trim().chars().all(|c| c.is_ascii_alphanumeric() || "_-.\"".contains(c))
            && is_strong(plain(value))
            && (!file.name().ends_with(".tf") || value.trim_start().starts_with('"'))
        {
            let start = at + line.len() - body.len();
            out.push(Span::new(file.id, start, start + name.trim_end().len()));
        }
        at += line.len();
    }
    out
}

/// A value without its comment and quotes.
fn plain(value: &str) -> &str {
    let value = value.split(" #").next().unwrap_or(value).trim();
    value.trim_matches(['"', '\''])
}

/// Tokens of known services; documents show some that open nothing.
fn tokens(file: &SourceFile) -> Vec<Span> {
    if [".md", ".markdown", ".rst", ".adoc"].iter().any(|end| file.name().ends_with(end)) {
        return Vec::new();
    }
    let of = |token: &Token| {
        let found = file.text.match_indices(token.begins.as_str());
        let fits = |at: &usize| {
            let before = file.text[..*at].chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric());
            let rest = &file.text[at + token.begins.len()..];
            let then = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').count();
            before && then >= token.then && !rest.get(..then).unwrap_or("").contains("EXAMPLE")
        };
        found.map(|(at, _)| at).filter(fits).map(|at| Span::new(file.id, at, at + token.begins.len())).collect::<Vec<_>>()
    };
    known().tokens.iter().flat_map(of).collect()
}
