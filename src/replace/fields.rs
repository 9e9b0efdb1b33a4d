//! Patterns over the fields of YAML files.

use super::conditions::regex;
use super::find::{Asked, Finding, Repository};
use super::matching::{Bindings, Matcher};
use super::needs::Needs;
use super::paths::Paths;
use super::pattern::{Pattern, TakesValue};
use super::tree::Reader;
use crate::source::Span;
use crate::syntax::shell::parse;
use crate::syntax::yaml::{Node, Tree};
use regex_lite::Regex;
use serde_json::Value;

/// Nodes in each other that are looked at.
const MAX_DEPTH: usize = 40;

/// A field of a YAML file.
#[derive(Clone, Debug)]
pub struct Field {
    /// What a file must hold.
    pub needs: Needs,
    files: Paths,
    at: Vec<Segment>,
    is: Is,
    beside: Vec<(Vec<Segment>, Is)>,
    not_beside: Vec<(Vec<Segment>, Is)>,
    root: Vec<(Vec<Segment>, Is)>,
    not_root: Vec<(Vec<Segment>, Is)>,
}

/// A segment of a path of keys.
#[derive(Clone, Debug)]
enum Segment {
    /// One of these keys.
    Keys(Vec<String>),
    /// Any item of a list, or any value of a mapping.
    Each,
    /// Any depth.
    Deep,
}

/// What a field holds.
#[derive(Clone, Debug)]
enum Is {
    /// Anything: it is there.
    There,
    /// A scalar.
    Text(String),
    /// A scalar in which this has a match.
    Regex(Regex),
    /// A command, as a text or a list of words.
    Shell(Pattern),
}

impl Is {
    fn read(value: &Value) -> Result<Self, String> {
        let text = value.as_str().ok_or("a field is compared with a text, a `/REGEX/` or `*`")?;
        Ok(match text {
            "*" => Self::There,
            text if text.len() > 1 && text.starts_with('/') && text.ends_with('/') => Self::Regex(regex(text)?),
            text => Self::Text(text.to_owned()),
        })
    }
}

impl Field {
    /// Read a leaf. Errors: what is wrong with it, in words.
    pub fn read(value: &Value, takes_value: TakesValue<'_>) -> Result<Self, String> {
        let map = value.as_object().ok_or("`yaml` takes `file`, `at` and `is` or `shell`")?;
        let known = ["file", "at", "is", "shell", "beside", "not-beside", "root", "not-root"];
        if let Some(other) = map.keys().find(|k| !known.contains(&k.as_str())) {
            return Err(format!("`{other}` is no key of `yaml`"));
        }
        let text = |key: &str| map.get(key).and_then(Value::as_str);
        let is = match (map.get("is"), text("shell")) {
            (None, Some(pattern)) => Is::Shell(Pattern::read(pattern, takes_value)?),
            (Some(value), None) => Is::read(value)?,
            (None, None) => Is::There,
            _ => return Err("`yaml` takes either `is` or `shell`".to_owned()),
        };
        let fields = |key: &str| -> Result<Vec<(Vec<Segment>, Is)>, String> {
            let all = map.get(key).and_then(Value::as_object).into_iter().flatten();
            all.map(|(path, value)| Ok((segments(path), Is::read(value)?))).collect()
        };
        Ok(Self {
            needs: Needs::of_field(value),
            files: Paths::new(text("file").unwrap_or("**/*.{yml,yaml}"))?,
            at: segments(text("at").ok_or("`yaml` takes `at`")?),
            is,
            beside: fields("beside")?,
            not_beside: fields("not-beside")?,
            root: fields("root")?,
            not_root: fields("not-root")?,
        })
    }
}

fn segments(path: &str) -> Vec<Segment> {
    let one = |part: &str| match part {
        "*" => Segment::Each,
        "**" => Segment::Deep,
        keys => Segment::Keys(keys.split('|').map(ToOwned::to_owned).collect()),
    };
    path.split('.').map(one).collect()
}

/// A node that a path leads to: the node, the mapping around it, and its place.
type Met<'t> = (Node<'t>, Node<'t>, Span);

fn walk<'t>(node: Node<'t>, path: &[Segment], around: Node<'t>, at: Span, depth: usize, out: &mut Vec<Met<'t>>) {
    if depth > MAX_DEPTH {
        return;
    }
    let Some((head, rest)) = path.split_first() else {
        out.push((node, around, at));
        return;
    };
    match head {
        Segment::Keys(keys) => {
            for entry in node.own_entries().into_iter().filter(|e| keys.iter().any(|k| k == e.name())) {
                walk(entry.value, rest, node, entry.span(), depth + 1, out);
            }
        }
        Segment::Each => {
            node.items().into_iter().for_each(|item| walk(item, rest, item, item.own_span(), depth + 1, out));
            node.own_entries().into_iter().for_each(|e| walk(e.value, rest, node, e.span(), depth + 1, out));
        }
        Segment::Deep => {
            walk(node, rest, around, at, depth + 1, out);
            node.items().into_iter().for_each(|item| walk(item, path, item, item.own_span(), depth + 1, out));
            node.own_entries().into_iter().for_each(|e| walk(e.value, path, node, e.span(), depth + 1, out));
        }
    }
}

/// All findings in the YAML files of the repository (`*.yml`, `*.yaml`).
pub fn find(field: &Field, asked: &Asked<'_>, repository: &Repository<'_>, out: &mut Vec<Finding>) {
    for file in repository.yaml_files_for(&field.needs).filter(|f| field.files.is_match(&f.path)) {
        for document in repository.readings.of(file).into_iter().flat_map(Tree::documents) {
            let mut met = Vec::new();
            walk(document, &field.at, document, document.own_span(), 0, &mut met);
            for (node, around, span) in met {
                let mut bindings = Bindings::default();
                let all = |fields: &[(Vec<Segment>, Is)], from: Node<'_>, there: bool| {
                    fields.iter().all(|(path, is)| has(from, path, is, repository.takes_value) == there)
                };
                let fits = holds(node, &field.is, &mut bindings, repository.takes_value)
                    && all(&field.beside, around, true)
                    && all(&field.not_beside, around, false)
                    && all(&field.root, document, true)
                    && all(&field.not_root, document, false)
                    && asked.case.conditions.iter().all(|c| c.holds_for(&bindings, &file.path, repository));
                if fits {
                    out.push(asked.finding(span, &bindings, &|_| String::new(), false, repository));
                }
            }
        }
    }
}

fn has(node: Node<'_>, path: &[Segment], is: &Is, takes_value: TakesValue<'_>) -> bool {
    let mut met = Vec::new();
    walk(node, path, node, node.own_span(), 0, &mut met);
    met.into_iter().any(|(n, ..)| holds(n, is, &mut Bindings::default(), takes_value))
}

fn holds(node: Node<'_>, is: &Is, bindings: &mut Bindings, takes_value: TakesValue<'_>) -> bool {
    match is {
        Is::There => true,
        Is::Text(text) => node.scalar() == Some(text),
        Is::Regex(regex) => node.scalar().is_some_and(|t| regex.is_match(t)),
        Is::Shell(pattern) => {
            let Some(text) = command(node).filter(|text| pattern.needs.may_be_in(text)) else { return false };
            let tree = parse(&text, &[]);
            let nodes = Reader { text: &text, masked: &|_| String::new() }.sequence(&tree.statements);
            let fits = Matcher { takes_value }.whole(&pattern.nodes, &nodes, bindings);
            bindings.settle(&text);
            fits
        }
    }
}

/// The text of a command: a scalar, or a list of words, of which `sh -c TEXT` is its text.
fn command(node: Node<'_>) -> Option<String> {
    if node.is_scalar() {
        return node.scalar().map(ToOwned::to_owned);
    }
    let words: Vec<&str> = node.items().iter().map(Node::scalar).collect::<Option<_>>()?;
    match words.as_slice() {
        [shell, flag, text] if flag.starts_with('-') && flag.ends_with('c') && shell.ends_with("sh") => Some((*text).to_owned()),
        [] => None,
        all => {
            let quoted = |w: &&str| {
                if w.chars().all(|c| c.is_alphanumeric() || "-_./:=@%+,".contains(c)) {
                    (*w).to_owned()
                } else {
                    format!("'{}'", w.replace('\'', "'\\''"))
                }
            };
            Some(all.iter().map(quoted).collect::<Vec<_>>().join(" "))
        }
    }
}
