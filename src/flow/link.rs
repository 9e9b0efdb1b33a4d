//! From the names that commands and calls use to the units they mean.

use crate::model::{Expr, HOLE, Program, UnitId, UnitKind, named_pipeline};
use crate::source::SourceSet;
use crate::source::paths::join;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Units by the names by which they are called.
#[derive(Debug)]
pub struct Links<'a> {
    program: &'a Program,
    sources: &'a SourceSet,
    by_path: HashMap<(UnitKind, &'a str), UnitId>,
    targets: HashMap<(&'a str, &'a str), UnitId>,
    scripts_by_name: HashMap<&'a str, BTreeSet<UnitId>>,
    pipelines_by_name: BTreeMap<&'a str, Vec<UnitId>>,
}

impl<'a> Links<'a> {
    /// Index the units of a program.
    pub fn new(program: &'a Program, sources: &'a SourceSet) -> Self {
        let mut links = Self {
            program,
            sources,
            by_path: HashMap::new(),
            targets: HashMap::new(),
            scripts_by_name: HashMap::new(),
            pipelines_by_name: BTreeMap::new(),
        };
        for (id, unit) in program.iter() {
            let path = sources.file(unit.span.file).path.as_str();
            match unit.kind {
                UnitKind::Script => {
                    links.by_path.insert((unit.kind, path), id);
                    links.scripts_by_name.entry(sources.file(unit.span.file).name()).or_default().insert(id);
                }
                UnitKind::Dockerfile | UnitKind::Playbook | UnitKind::Manifest | UnitKind::Compose => {
                    links.by_path.insert((unit.kind, path), id);
                }
                UnitKind::Pipeline => {
                    links.by_path.insert((unit.kind, path), id);
                    links.pipelines_by_name.entry(unit.name.as_str()).or_default().push(id);
                    links.pipelines_by_name.entry(path).or_default().push(id);
                }
                UnitKind::Action | UnitKind::Chart | UnitKind::Overlay => {
                    links.by_path.insert((unit.kind, unit.name.as_str()), id);
                }
                UnitKind::TerraformRoot => {
                    let dir = unit.dir.as_ref().and_then(Expr::literal).unwrap_or("");
                    links.by_path.insert((unit.kind, dir), id);
                }
                UnitKind::Target | UnitKind::NpmScript => {
                    links.targets.entry((path, unit.name.as_str())).or_insert(id);
                }
                UnitKind::Stage | UnitKind::Job | UnitKind::Function | UnitKind::Template | UnitKind::Document => {}
            }
        }
        links
    }

    /// The unit of a kind at a path (a file, or a folder for actions, roots, charts and overlays).
    pub fn at(&self, kind: UnitKind, path: &str) -> Option<UnitId> {
        self.by_path.get(&(kind, path)).copied()
    }

    /// A target or npm script by the file that holds it.
    pub fn target(&self, file: &str, name: &str) -> Option<UnitId> {
        self.targets.get(&(file, name)).copied()
    }

    /// Pipelines by name or path; a bare file name means the workflow folder's file.
    pub fn pipelines(&self, name: &str) -> Vec<UnitId> {
        if let Some(found) = self.pipelines_by_name.get(name) {
            return found.clone();
        }
        self.pipelines_by_name
            .iter()
            .filter(|(path, _)| path.rsplit('/').next() == Some(name) && path.contains('/'))
            .flat_map(|(_, ids)| ids.iter().copied())
            .collect()
    }

    /// The only pipeline that is likely called so on the server that names it.
    pub fn named_on_server(&self, name: &str) -> Option<UnitId> {
        let known = self.program.iter().filter(|(_, u)| u.kind == UnitKind::Pipeline && u.server_named);
        let path = named_pipeline(name, known.map(|(_, u)| self.sources.file(u.span.file).path.as_str()))?;
        self.at(UnitKind::Pipeline, path)
    }

    /// Every file that `word` may name when used in folder `dir`: the literal path from there, from the root, or,
    /// where the start of the word is not known, by what follows it.
    pub fn candidates(&self, word: &str, dir: Option<&str>, home: &str) -> Vec<String> {
        let word = word.trim_matches('"');
        let mut out = Vec::new();
        let mut push = |p: Option<String>| {
            if let Some(p) = p
                && !out.contains(&p)
            {
                out.push(p);
            }
        };
        if let Some(at) = word.rfind(HOLE) {
            let tail = word[at..].trim_start_matches(HOLE);
            let from_folder = !word[..at].trim_matches([HOLE, '/', '.']).is_empty();
            if let Some(tail) = tail.strip_prefix('/').filter(|_| !from_folder) {
                push(join("", tail));
                push(join(home, tail));
                if let Some(dir) = dir {
                    push(join(dir, tail));
                }
            }
            return out;
        }
        if word.starts_with('/') || word.starts_with('~') {
            return out;
        }
        push(dir.and_then(|d| join(d, word)));
        push(join("", word));
        if dir.is_none() {
            push(join(home, word));
        }
        out
    }

    /// The script that a command word names.
    pub fn script(&self, word: &str, dir: Option<&str>, home: &str) -> Option<UnitId> {
        let found = self.candidates(word, dir, home).iter().find_map(|p| self.at(UnitKind::Script, p));
        found.or_else(|| {
            // A path whose start is not known (`$ROOT/scripts/x.sh`): the only script that ends so.
            let at = word.rfind(HOLE)?;
            let tail = word[at..].trim_start_matches(HOLE);
            let tail = tail.strip_prefix('/')?;
            self.only_ending(tail)
        })
    }

    /// The script of this file name: the only one there is, or the only one in a folder.
    pub fn script_called(&self, name: &str, dir: &str) -> Option<UnitId> {
        let all = self.scripts_by_name.get(name)?;
        let inside = |id: &&UnitId| {
            let path = &self.sources.file(self.program.unit(**id).span.file).path;
            dir.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
        };
        let near: Vec<&UnitId> = all.iter().filter(inside).collect();
        match (all.len(), near.as_slice()) {
            (1, _) => all.first().copied(),
            (_, [one]) => Some(**one),
            _ => None,
        }
    }

    fn only_ending(&self, tail: &str) -> Option<UnitId> {
        let name = tail.rsplit('/').next()?;
        let mut fits = self.scripts_by_name.get(name)?.iter().filter(|id| {
            let path = &self.sources.file(self.program.unit(**id).span.file).path;
            path == tail || path.ends_with(&format!("/{tail}"))
        });
        let first = fits.next()?;
        if fits.next().is_some() { None } else { Some(*first) }
    }

    /// Scripts whose path fits a word with a hole inside (`deploy-$ENV.sh`): resolved where the values are literals.
    pub fn scripts_like(&self, word: &str, dir: Option<&str>) -> Vec<UnitId> {
        let Some((head, tail)) = word.split_once(HOLE) else { return Vec::new() };
        if tail.contains(HOLE) || head.is_empty() && !tail.contains('/') {
            return Vec::new();
        }
        let Some(head) = join(dir.unwrap_or(""), head) else { return Vec::new() };
        let mut out: Vec<UnitId> = self
            .by_path
            .iter()
            .filter(|((kind, path), _)| {
                *kind == UnitKind::Script
                    && path.len() > head.len() + tail.len()
                    && path.starts_with(head.as_str())
                    && path.ends_with(tail)
            })
            .map(|(_, id)| *id)
            .collect();
        out.sort_unstable();
        out
    }
}
