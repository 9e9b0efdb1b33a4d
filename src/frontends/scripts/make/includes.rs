//! Which makefile includes which, and the variables that hold in each.

use super::MakeFile;
use super::variables::Variables;
use crate::model::glob;
use crate::model::targets::Include;
use crate::source::paths::{clamp, directory};
use crate::syntax::make::{Kind, Makefile};
use std::collections::{BTreeMap, BTreeSet};

/// All makefiles of a repository, linked by their includes.
pub(super) struct Makefiles {
    parsed: BTreeMap<String, Makefile>,
    includes: BTreeMap<String, Vec<String>>,
    roots: BTreeMap<String, String>,
    variables: BTreeMap<String, Variables>,
    none: Variables,
}

impl Makefiles {
    /// Resolve the includes of all makefiles.
    pub fn link(parsed: BTreeMap<String, Makefile>) -> Self {
        let mut all = Self {
            parsed,
            includes: BTreeMap::new(),
            roots: BTreeMap::new(),
            variables: BTreeMap::new(),
            none: Variables::default(),
        };
        let paths: Vec<String> = all.parsed.keys().cloned().collect();
        for path in &paths {
            let found = all.resolve(path, directory(path));
            all.includes.insert(path.clone(), found);
        }
        let included: BTreeSet<String> = all.includes.values().flatten().cloned().collect();
        // A fragment works in the folder of the makefile that includes it: its own includes are found from there.
        for path in paths.iter().filter(|p| !included.contains(*p)) {
            let reached = all.claim(path);
            let own: Vec<&String> = reached.iter().filter(|f| *f != path && all.roots.get(*f) == Some(path)).collect();
            for fragment in own {
                let mut found = all.resolve(fragment, directory(path));
                found.extend(all.includes.get(fragment).cloned().unwrap_or_default());
                found.dedup();
                all.includes.insert(fragment.clone(), found);
            }
            all.claim(path);
        }
        for path in &paths {
            all.roots.entry(path.clone()).or_insert_with(|| path.clone());
        }
        let roots: BTreeSet<String> = all.roots.values().cloned().collect();
        for root in roots {
            let mut table = Variables::default();
            all.walk(&root, &mut BTreeSet::new(), &mut |kind, conditions| table.apply(kind, conditions));
            all.variables.insert(root, table);
        }
        all
    }

    /// Make `root` the root of what it includes and has no root yet; returns what it reaches.
    fn claim(&mut self, root: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut todo = vec![root.to_owned()];
        while let Some(path) = todo.pop() {
            if seen.insert(path.clone()) {
                todo.extend(self.includes.get(&path).cloned().unwrap_or_default());
                self.roots.entry(path).or_insert_with(|| root.to_owned());
            }
        }
        seen
    }

    /// The repository's files that a makefile includes when make runs in `dir`.
    fn resolve(&self, path: &str, dir: &str) -> Vec<String> {
        let mut own = Variables::default();
        let mut out: Vec<String> = Vec::new();
        let Some(makefile) = self.parsed.get(path) else { return out };
        for statement in &makefile.statements {
            if let Kind::Include(files) = &statement.kind {
                for word in crate::syntax::make::words(files) {
                    for found in self.find(&own, word, dir) {
                        if found != path && !out.contains(&found) {
                            out.push(found);
                        }
                    }
                }
            }
            own.apply(&statement.kind, &statement.conditions);
        }
        out
    }

    fn find(&self, variables: &Variables, word: &str, dir: &str) -> Vec<String> {
        if let Some(literal) = variables.literal(word) {
            return literal
                .split_whitespace()
                .flat_map(|w| {
                    let wanted = clamp(dir, w);
                    self.parsed
                        .keys()
                        .filter(move |p| p.matches('/').count() == wanted.matches('/').count() && glob(&wanted, p))
                        .cloned()
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        // A computed folder: the one file that ends as the word does.
        let Some((_, tail)) = word.rsplit_once([')', '}']) else { return Vec::new() };
        let tail = tail.trim_start_matches('/');
        let mut ends = self.parsed.keys().filter(|p| p.as_str() == tail || p.ends_with(&format!("/{tail}")));
        match (ends.next(), ends.next()) {
            (Some(only), None) if !tail.is_empty() && !tail.starts_with('.') => vec![only.clone()],
            _ => Vec::new(),
        }
    }

    /// Every statement that make sees from `path` on, included files in their place.
    fn walk(&self, path: &str, seen: &mut BTreeSet<String>, visit: &mut impl FnMut(&Kind, &[crate::syntax::make::Condition])) {
        if seen.len() >= 64 || !seen.insert(path.to_owned()) {
            return;
        }
        let Some(makefile) = self.parsed.get(path) else { return };
        let includes = self.includes.get(path).map_or(&[][..], Vec::as_slice);
        let mut next = 0;
        for statement in &makefile.statements {
            if let Kind::Include(_) = &statement.kind {
                // Includes are not told apart here: all of them are read at the first.
                for include in &includes[next..] {
                    self.walk(include, seen, visit);
                }
                next = includes.len();
            }
            visit(&statement.kind, &statement.conditions);
        }
    }

    /// Paths of all makefiles.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.parsed.keys().map(String::as_str)
    }

    /// What a makefile says.
    pub fn get(&self, path: &str) -> Option<&Makefile> {
        self.parsed.get(path)
    }

    /// The makefile that make is run with when this one is read.
    pub fn root<'a>(&'a self, path: &'a str) -> &'a str {
        self.roots.get(path).map_or(path, String::as_str)
    }

    /// The folder in which make runs when `root` is read: that of a makefile; of a fragment that nothing includes, the nearest one
    /// above it that has a makefile.
    pub fn folder(&self, root: &str) -> String {
        let own = directory(root);
        let has_makefile =
            |dir: &str| ["GNUmakefile", "makefile", "Makefile"].iter().any(|n| self.parsed.contains_key(&clamp(dir, n)));
        if !root.to_ascii_lowercase().ends_with(".mk") {
            return own.to_owned();
        }
        let mut dir = own;
        while !has_makefile(dir) {
            if dir.is_empty() {
                return own.to_owned();
            }
            dir = directory(dir);
        }
        dir.to_owned()
    }

    /// The variables of a root with all it includes.
    pub fn variables(&self, root: &str) -> &Variables {
        self.variables.get(root).unwrap_or(&self.none)
    }

    /// The table entry of a makefile, without its targets.
    pub fn entry(&self, path: &str) -> MakeFile {
        let mut goal = None;
        let mut first = None;
        let variables = self.variables(self.root(path));
        self.walk(path, &mut BTreeSet::new(), &mut |kind, _| match kind {
            Kind::Variable(v) if v.name == ".DEFAULT_GOAL" => goal = variables.literal(&v.value),
            Kind::Rule(rule) if first.is_none() => {
                first = variables.expand(&rule.targets).into_iter().find(|t| !t.starts_with('.') && !t.contains(['%', '$']));
            }
            _ => {}
        });
        MakeFile {
            targets: Vec::new(),
            includes: self.includes.get(path).into_iter().flatten().map(Include::plain).collect(),
            default: goal.filter(|g| !g.is_empty()).or(first),
            included: self.includes.values().flatten().any(|i| i == path),
        }
    }
}
