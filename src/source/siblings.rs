//! Files of repositories that lie beside the scanned one, read only where a pipeline asks for them.

use super::discovery::MAX_FILE;
use super::paths::join;
use super::{SourceFile, SourceSet};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// At most this many files answer one question with a wildcard.
const MAX_MATCHES: usize = 200;
/// At most this many entries are looked at for one.
const MAX_ENTRIES: usize = 20_000;

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
