//! Repositories that lie beside the scanned one: files that a pipeline asks for, and whole ones for what controllers read.

use super::discovery::MAX_FILE;
use super::paths::join;
use super::{FileId, SourceFile, SourceSet, discover};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// At most this many files answer one question with a wildcard.
const MAX_MATCHES: usize = 200;
/// At most this many entries are looked at for one.
const MAX_ENTRIES: usize = 20_000;
/// Groups of repositories may stand in each other so deep (`DIR/GROUP/SUBGROUP/PROJECT`).
const MAX_GROUPS: usize = 4;

/// A file of another project that a pipeline asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ask {
    /// The project's path on its server (`group/project`).
    pub project: String,
    /// The file's path from its root; `*` stands for several files.
    pub path: String,
}

impl SourceSet {
    /// The file of another project, if it was read.
    pub fn sibling(&self, ask: &Ask) -> Option<&SourceFile> {
        self.siblings.get(&(ask.project.clone(), ask.path.clone())).map(|id| self.file(*id))
    }

    /// All files of another project that were read, by path.
    pub fn siblings_of<'s>(&'s self, project: &'s str) -> impl Iterator<Item = (&'s str, &'s SourceFile)> {
        self.siblings.iter().filter(move |((p, _), _)| p == project).map(|((_, path), id)| (path.as_str(), self.file(*id)))
    }

    /// Read the file that is asked for from one of these directories of repositories: `DIR/GROUP/PROJECT`, `DIR/PROJECT`,
    /// nested groups alike. Nothing outside of a directory is read, whatever links in it say. Whether something new was read.
    pub fn read_sibling(&mut self, dirs: &[PathBuf], ask: &Ask) -> bool {
        let Some(path) = join("", &ask.path).filter(|p| !p.is_empty()) else { return false };
        let parts: Vec<&str> = ask.project.split('/').filter(|p| !p.is_empty()).collect();
        if parts.is_empty() || parts.iter().any(|p| p.starts_with('.')) {
            return false;
        }
        for dir in dirs {
            let Ok(home) = dir.canonicalize() else { continue };
            for from in 0..parts.len() {
                let name = parts[from..].join("/");
                let root = dir.join(&name);
                if !root.is_dir() {
                    continue;
                }
                let shown = format!("{}/{name}", dir.to_string_lossy().trim_end_matches('/'));
                let project = Project { root: &root, home: &home, shown: &shown };
                return if path.contains('*') { self.read_all(&project, ask) } else { self.read_one(&project, ask, &path) };
            }
        }
        false
    }

    /// Read the repositories in these directories, without the scanned one at `root`; `keep` tells which of their files places
    /// may lie in. A folder that cannot be read is none of them.
    pub fn read_neighbours(&mut self, dirs: &[PathBuf], root: &Path, keep: impl Fn(&SourceFile) -> bool) {
        let own = root.canonicalize().ok();
        for dir in dirs {
            let mut found = Vec::new();
            repositories(dir, 0, &mut found);
            for root in found {
                let shown = root.to_string_lossy().replace('\\', "/");
                if root.canonicalize().ok() == own || self.neighbours.contains_key(&shown) {
                    continue;
                }
                let Ok(set) = discover(&root) else { continue };
                for file in set.files().iter().filter(|f| keep(f)) {
                    let key = (shown.clone(), file.path.clone());
                    if !self.siblings.contains_key(&key) {
                        let id = self.append(format!("{shown}/{}", file.path), file.text.clone());
                        self.siblings.insert(key, id);
                    }
                }
                self.neighbours.insert(shown, set);
            }
        }
    }

    /// A file of a neighbour as a file of this set, if it was kept.
    pub fn of_neighbour(&self, shown: &str, path: &str) -> Option<FileId> {
        self.siblings.get(&(shown.to_owned(), path.to_owned())).copied()
    }

    /// The path of a file in its own repository.
    pub fn path_within(&self, id: FileId) -> &str {
        let own = &self.file(id).path;
        if self.files().len() > id.0 as usize {
            return own;
        }
        self.siblings.iter().find(|(_, sibling)| **sibling == id).map_or(own, |((_, path), _)| path)
    }

    fn read_one(&mut self, project: &Project<'_>, ask: &Ask, path: &str) -> bool {
        let key = (ask.project.clone(), path.to_owned());
        if self.siblings.contains_key(&key) {
            return false;
        }
        let Some(text) = project.read(path) else { return false };
        let id = self.append(format!("{}/{path}", project.shown), text);
        self.siblings.insert(key, id);
        true
    }

    fn read_all(&mut self, project: &Project<'_>, ask: &Ask) -> bool {
        let Some(head) = ask.path.split('*').next().and_then(|h| join("", h.rsplit_once('/').map_or("", |(dir, _)| dir))) else {
            return false;
        };
        let walker = WalkDir::new(project.root.join(&head)).follow_links(false).max_depth(8).sort_by_file_name();
        let mut found = Vec::new();
        for entry in walker.into_iter().take(MAX_ENTRIES).flatten() {
            let Ok(path) = entry.path().strip_prefix(project.root) else { continue };
            let path = path.to_string_lossy().replace('\\', "/");
            if entry.file_type().is_file() && (path.ends_with(".yml") || path.ends_with(".yaml")) {
                found.push(path);
            }
        }
        found.truncate(MAX_MATCHES);
        let mut new = false;
        for path in found {
            new |= self.read_one(project, ask, &path);
        }
        new
    }
}

/// The repositories in a directory: those with a history or with files at their root; other folders are groups of them.
fn repositories(dir: &Path, depth: usize, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut inner: Vec<std::fs::DirEntry> = entries.flatten().collect();
    inner.sort_by_key(std::fs::DirEntry::file_name);
    let is_file = |e: &std::fs::DirEntry| e.file_type().is_ok_and(|t| t.is_file());
    let history = inner.iter().any(|e| e.file_name() == ".git");
    // A file beside the repositories makes no repository of the directory itself.
    if history || (depth > 0 && inner.iter().any(is_file)) {
        out.push(dir.to_path_buf());
    } else if depth < MAX_GROUPS {
        let folder =
            |e: &&std::fs::DirEntry| e.file_type().is_ok_and(|t| t.is_dir()) && !e.file_name().to_string_lossy().starts_with('.');
        for entry in inner.iter().filter(folder) {
            repositories(&entry.path(), depth + 1, out);
        }
    }
}

/// A repository in a directory of them.
struct Project<'a> {
    root: &'a Path,
    /// The directory, without links.
    home: &'a Path,
    /// How places in it begin.
    shown: &'a str,
}

impl Project<'_> {
    fn read(&self, path: &str) -> Option<String> {
        let full = self.root.join(path).canonicalize().ok()?;
        let inside = full.starts_with(self.home) && full.is_file();
        if !inside || full.metadata().map_or(true, |m| m.len() > MAX_FILE) {
            return None;
        }
        let bytes = std::fs::read(full).ok()?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        if bytes.contains(&0) { None } else { Some(String::from_utf8_lossy(bytes).into_owned()) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    fn ask(project: &str, path: &str) -> Ask {
        Ask { project: project.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn repositories_stand_in_groups_and_the_scanned_one_is_left_out() {
        let dir = std::env::temp_dir().join(format!("prodpath-neighbours-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        for path in
            ["shop/ci.yml", "acme/config/apps/prod/app.yaml", "acme/config/README.md", "bare/.git/HEAD", "bare/k8s/a.yaml"]
        {
            fs::create_dir_all(dir.join(path).parent().unwrap()).unwrap();
            fs::write(dir.join(path), "a: 1\n").unwrap();
        }
        fs::write(dir.join("notes.txt"), "x").unwrap();
        let mut set = SourceSet::default();
        set.read_neighbours(std::slice::from_ref(&dir), &dir.join("shop"), |f| f.path.ends_with("app.yaml"));
        let names: Vec<&str> = set.neighbours.keys().map(|k| k.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, ["config", "bare"]);
        assert!(set.files().is_empty() && set.paths.is_empty());
        let shown = set.neighbours.keys().next().unwrap().clone();
        let kept = set.of_neighbour(&shown, "apps/prod/app.yaml").unwrap();
        assert_eq!(set.path_within(kept), "apps/prod/app.yaml");
        assert!(set.of_neighbour(&shown, "README.md").is_none());
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn only_what_is_asked_for_is_read_and_nothing_outside() {
        let dir = std::env::temp_dir().join(format!("prodpath-siblings-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("with/group/ci/templates")).unwrap();
        fs::write(dir.join("with/group/ci/templates/a.yml"), "a: 1\n").unwrap();
        fs::write(dir.join("secret.yml"), "s: 1\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.join("secret.yml"), dir.join("with/group/ci/link.yml")).unwrap();
        let with = [dir.join("with")];
        let mut set = SourceSet::default();
        assert!(set.read_sibling(&with, &ask("group/ci", "templates/a.yml")));
        assert!(set.read_sibling(&with, &ask("company/group/ci", "templates/a.yml")));
        for (project, path) in
            [("group/ci", "link.yml"), ("group/ci", "../../../secret.yml"), ("../group", "x.yml"), ("ci", "a.yml"), ("", "a.yml")]
        {
            assert!(!set.read_sibling(&with, &ask(project, path)), "{project} {path}");
        }
        let file = set.sibling(&ask("group/ci", "templates/a.yml")).unwrap();
        assert!(file.path.ends_with("with/group/ci/templates/a.yml"));
        assert!(set.files().is_empty() && set.paths.is_empty());
        fs::remove_dir_all(&dir).unwrap();
    }
}
