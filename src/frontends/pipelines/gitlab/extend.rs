//! What jobs take from others: `extends:` (<https://docs.gitlab.com/ci/yaml/#extends>), then `!reference`
//! (<https://docs.gitlab.com/ci/yaml/yaml_optimization/#reference-tags>).

use super::include::without;
use crate::frontends::pipelines::data::{self, Data, Kind, Pair};
use crate::model::Program;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Deepest chain of `extends`.
const MAX_EXTENDS: usize = 11;
/// Deepest chain of references.
const MAX_REFERENCES: usize = 12;
/// At most this many values are made by references.
const MAX_VALUES: usize = 500_000;

/// The tag of a reference.
pub(super) const REFERENCE: &str = "!reference";

/// A configuration whose jobs are complete.
pub(super) struct Complete {
    /// The configuration.
    pub root: Data,
    /// Jobs with the names that they extend and that no file has.
    pub missing: BTreeMap<String, Vec<String>>,
    /// Some reference leads to nothing.
    pub dangling: bool,
}

/// Put in what jobs take from others. What is missing is a fault only where every include was read (`all_read`).
pub(super) fn complete(root: &Data, all_read: bool, program: &mut Program) -> Complete {
    let mut extender = Extender { root, known: HashMap::new(), missing: BTreeMap::new(), all_read, program };
    let pairs: Vec<Pair> =
        root.pairs().iter().map(|p| Pair { value: extender.of(&p.key, &mut Vec::new()), ..p.clone() }).collect();
    let missing = std::mem::take(&mut extender.missing);
    let extended = root.with(Kind::Map(Rc::new(pairs)));
    let mut references = References { root: &extended, budget: MAX_VALUES, dangling: false };
    let done = references.resolve(&extended, &mut Vec::new(), 0);
    let dangling = references.dangling;
    Complete { root: done, missing, dangling }
}

struct Extender<'a> {
    root: &'a Data,
    known: HashMap<String, Data>,
    missing: BTreeMap<String, Vec<String>>,
    all_read: bool,
    program: &'a mut Program,
}

impl Extender<'_> {
    fn of(&mut self, name: &str, stack: &mut Vec<String>) -> Data {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let Some(own) = self.root.get(name) else { return self.root.with(Kind::Null) };
        let Some(extends) = own.get("extends") else { return own.clone() };
        stack.push(name.to_owned());
        let mut base: Option<Data> = None;
        let mut absent = BTreeSet::new();
        for parent in extends.scalars() {
            let text = parent.str().unwrap_or("");
            if self.root.get(text).is_none() {
                if self.all_read {
                    data::warn(self.program, parent.span, format!("{name} extends {text}, which is nowhere"));
                }
                absent.insert(text.to_owned());
            } else if stack.iter().any(|n| n == text) || stack.len() >= MAX_EXTENDS {
                data::warn(self.program, parent.span, format!("{name} extends {text} in a circle, or too deep"));
            } else {
                let inherited = without(&self.of(text, stack), "extends");
                absent.extend(self.missing.get(text).into_iter().flatten().cloned());
                base = Some(base.map_or(inherited.clone(), |b| b.merged(&inherited)));
            }
        }
        stack.pop();
        if !absent.is_empty() {
            self.missing.insert(name.to_owned(), absent.into_iter().collect());
        }
        let out = base.map_or_else(|| own.clone(), |b| b.merged(own));
        self.known.insert(name.to_owned(), out.clone());
        out
    }
}

struct References<'a> {
    root: &'a Data,
    budget: usize,
    dangling: bool,
}

impl References<'_> {
    fn resolve(&mut self, data: &Data, stack: &mut Vec<Vec<String>>, depth: usize) -> Data {
        if self.budget == 0 || depth > 100 {
            return data.with(Kind::Null);
        }
        self.budget -= 1;
        if data.tag.as_deref() == Some(REFERENCE) {
            return self.reference(data, stack, depth);
        }
        match &data.kind {
            Kind::List(items) => {
                let mut out = Vec::new();
                for item in items.iter() {
                    let value = self.resolve(item, stack, depth + 1);
                    // A reference in a list brings the items of the list that it leads to.
                    match &value.kind {
                        Kind::List(inner) if item.tag.as_deref() == Some(REFERENCE) => out.extend(inner.iter().cloned()),
                        _ => out.push(value),
                    }
                }
                data.with(Kind::List(Rc::new(out)))
            }
            Kind::Map(pairs) => {
                let pair = |p: &Pair, this: &mut Self, stack: &mut Vec<Vec<String>>| Pair {
                    value: this.resolve(&p.value, stack, depth + 1),
                    ..p.clone()
                };
                data.with(Kind::Map(Rc::new(pairs.iter().map(|p| pair(p, self, stack)).collect())))
            }
            _ => data.clone(),
        }
    }

    /// What a reference leads to; where that is nowhere, nothing that keeps the tag.
    fn reference(&mut self, data: &Data, stack: &mut Vec<Vec<String>>, depth: usize) -> Data {
        let path: Vec<String> = data.texts().into_iter().map(str::to_owned).collect();
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let found = self.root.at(&names).filter(|_| !names.is_empty() && stack.len() < MAX_REFERENCES && !stack.contains(&path));
        let Some(found) = found else {
            self.dangling = true;
            return data.with(Kind::Null);
        };
        stack.push(path);
        let out = self.resolve(found, stack, depth + 1);
        stack.pop();
        out
    }
}

/// Keys of a job that `default:`, or the configuration itself, may give.
const DEFAULTS: &[&str] = &["before_script", "after_script", "image", "services", "tags", "retry"];

/// A job's value, else that of `default:`, else the old form at the top; `inherit:` may forbid it.
/// <https://docs.gitlab.com/ci/yaml/#default>, <https://docs.gitlab.com/ci/yaml/#inheritdefault>
pub(super) fn or_default<'d>(root: &'d Data, job: &'d Data, key: &str) -> Option<&'d Data> {
    if job.pair(key).is_some() || !DEFAULTS.contains(&key) {
        return job.get(key);
    }
    let inherits = match job.at(&["inherit", "default"]) {
        Some(list) if list.is_list() => list.texts().contains(&key),
        Some(switch) => switch.boolean() != Some(false),
        None => true,
    };
    if inherits { root.at(&["default", key]).or_else(|| root.get(key)) } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::source::SourceSet;

    fn of(text: &str) -> (Complete, usize) {
        let mut sources = SourceSet::default();
        sources.add("a.yml", text);
        let mut program = Program::default();
        let root = data::read(&sources.files()[0], &mut program).remove(0);
        let complete = complete(&root, true, &mut program);
        (complete, program.diagnostics.len())
    }

    #[test]
    fn the_last_template_wins_and_maps_are_merged() {
        let text =
            ".a: {variables: {X: 1, Y: 1}, script: [a]}\n.b: {variables: {X: 2}}\nj:\n  extends: [.a, .b]\n  variables: {Z: 3}\n";
        let (complete, _) = of(text);
        let job = complete.root.get("j").unwrap();
        let variables: Vec<(&str, &str)> =
            job.get("variables").unwrap().pairs().iter().map(|p| (&*p.key, p.value.str().unwrap())).collect();
        assert_eq!(variables, [("X", "2"), ("Y", "1"), ("Z", "3")]);
        assert_eq!(job.get("script").unwrap().texts(), ["a"]);
    }

    #[test]
    fn circles_are_cut_and_what_is_nowhere_is_told() {
        let (complete, faults) = of(".a: {extends: .b, script: [x]}\n.b: {extends: .a}\nj: {extends: [.b, .none]}\n");
        assert_eq!(complete.root.at(&[".a", "script"]).unwrap().texts(), ["x"]);
        assert_eq!(complete.missing["j"], [".none"]);
        assert!(faults >= 2);
    }

    #[test]
    fn references_nest_and_bring_their_items() {
        let text = ".s: {script: [one, two]}\n.t: {script: [!reference [.s, script], three]}\nj:\n  script:\n    - !reference [.t, script]\n    - four\n    - !reference [.none, script]\nk: {script: !reference [k, script]}\n";
        let (complete, _) = of(text);
        assert_eq!(complete.root.at(&["j", "script"]).unwrap().texts(), ["one", "two", "three", "four"]);
        assert!(complete.dangling && complete.root.at(&["k", "script"]).is_none());
    }
}
