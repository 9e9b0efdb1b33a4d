//! Finding and reading the files of a repository: in path order, without following links, within limits.

use super::{Diagnostic, FileId, Severity, SourceFile, Span};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Largest file that is read, in bytes.
pub const MAX_FILE: u64 = 5 * 1024 * 1024;

/// Folders that hold other people's code, build output or version control data.
const PRUNED: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    "node_modules",
    "bower_components",
    ".terraform",
    ".terragrunt-cache",
    ".venv",
    "venv",
    "__pycache__",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".gradle",
    ".next",
    ".nuxt",
    ".serverless",
    "cdk.out",
];

/// A file that is not analysed, or not whole, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passed {
    /// Path relative to the scanned folder.
    pub path: String,
    /// Why.
    pub why: String,
}

/// All files of a repository that were read, and what is known of the others.
#[derive(Debug, Default)]
pub struct SourceSet {
    files: Vec<SourceFile>,
    by_path: BTreeMap<String, FileId>,
    /// Files of other projects, by project and path; they stand behind the repository's own.
    pub(super) siblings: BTreeMap<(String, String), FileId>,
    /// Repositories beside this one that were read whole, by the path that places in them begin with.
    pub neighbours: BTreeMap<String, SourceSet>,
    /// Every regular file that was seen, read or not.
    pub paths: BTreeSet<String>,
    /// Every folder that was seen, `""` for the root.
    pub dirs: BTreeSet<String>,
    /// Files passed over on purpose (too large, binary, link out of the tree).
    pub skipped: Vec<Passed>,
    /// Files that could not be read.
    pub unread: Vec<Passed>,
    /// Faults of reading, each in a file of this set.
    pub diagnostics: Vec<Diagnostic>,
}

impl SourceSet {
    /// The repository's files, in path order.
    pub fn files(&self) -> &[SourceFile] {
        &self.files[..self.files.len().saturating_sub(self.siblings.len())]
    }

    /// The file with this index.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The file at this path, if it was read.
    pub fn get(&self, path: &str) -> Option<&SourceFile> {
        self.by_path.get(path).map(|id| self.file(*id))
    }

    /// Put a file behind all others.
    pub(super) fn append(&mut self, path: String, text: String) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile::new(id, path, text));
        id
    }

    /// Add a file from its text; files must be added in the order of their use. Used by discovery and tests.
    pub fn add(&mut self, path: &str, text: &str) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile::new(id, path, text));
        self.by_path.insert(path.to_owned(), id);
        self.paths.insert(path.to_owned());
        let mut dir = path;
        while let Some((parent, _)) = dir.rsplit_once('/') {
            self.dirs.insert(parent.to_owned());
            dir = parent;
        }
        self.dirs.insert(String::new());
        id
    }
}

impl SourceSet {
    fn take(&mut self, path: String, reading: Reading) {
        match reading {
            Reading::Text { text, invalid } => {
                let id = self.add(&path, &text);
                if let Some(at) = invalid {
                    self.diagnostics.push(Diagnostic {
                        severity: Severity::Warning,
                        span: Span::new(id, at, at),
                        message: "not UTF-8: invalid bytes were replaced".to_owned(),
                    });
                }
            }
            Reading::Skipped(why) => self.skipped.push(Passed { path, why }),
            Reading::Unread(why) => self.unread.push(Passed { path, why }),
        }
    }
}

/// Parts of the names of JSON files that may say something about delivery.
const JSON: &[&str] = &["pipeline", "cloudbuild", "cloudformation", "template", "azuredeploy", "packer"];

/// Whether a path, by its name alone, may say something about delivery.
fn wanted_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let ext = lower.rsplit_once('.').map_or("", |(_, e)| e);
    matches!(
        ext,
        "yml"
            | "yaml"
            | "sh"
            | "bash"
            | "zsh"
            | "ksh"
            | "tf"
            | "hcl"
            | "tofu"
            | "tfvars"
            | "tftpl"
            | "mk"
            | "md"
            | "markdown"
            | "adoc"
            | "asciidoc"
            | "rst"
            | "groovy"
            | "jenkinsfile"
            | "ps1"
            | "bat"
            | "cmd"
            | "dockerfile"
            | "containerfile"
            | "just"
            | "gradle"
            | "rake"
            | "sbt"
            | "bicep"
            | "bicepparam"
            | "template"
            | "gotmpl"
    ) || lower.starts_with("dockerfile")
        || lower.starts_with("containerfile")
        || lower.starts_with("jenkinsfile")
        || lower.starts_with("makefile")
        || lower == "gnumakefile"
        || lower.ends_with(".gradle.kts")
        || matches!(
            lower.as_str(),
            "package.json"
                | "justfile"
                | ".justfile"
                | "procfile"
                | "pom.xml"
                | "tox.ini"
                | "pyproject.toml"
                | "setup.cfg"
                | "setup.py"
                | "cargo.toml"
                | "go.mod"
                | "lerna.json"
                | "vercel.json"
                | "netlify.toml"
                | "fly.toml"
                | "app.json"
                | "nx.json"
                | "project.json"
                | "composer.json"
                | ".releaserc"
                | ".npmrc"
                | "pipeline.json"
                | "appspec.json"
                | "rakefile"
                | "fastfile"
                | "tasks.py"
                | "noxfile.py"
                | "magefile.go"
                | "makefile.toml"
                | "turbo.json"
                | "deno.json"
                | "deno.jsonc"
                | "mise.toml"
                | ".mise.toml"
                | "pixi.toml"
                | "devbox.json"
                | "pipfile"
                | "vagrantfile"
                | "gemfile"
                | "docker-bake.json"
                | "docker-bake.override.json"
                | "earthfile"
                | ".drone.star"
                | ".drone.jsonnet"
                | "buildkite.json"
                | "railway.json"
                | "cdk.json"
                | "samconfig.toml"
                | ".tool-versions"
                | ".terraform-version"
                | ".opentofu-version"
                | ".nvmrc"
                | ".node-version"
                | "railway.toml"
        )
        || (ext == "kts" && path.contains(".teamcity/"))
        || path.ends_with("mise/config.toml")
        || (ext == "json"
            && (JSON.iter().any(|part| lower.contains(part))
                || path.contains("/packer/")
                || path.starts_with("packer/")
                || path.starts_with(".buildkite/")))
        || (ext == "json" && (lower.starts_with("appsettings") || lower.ends_with(".tfvars.json")))
        || (ext == "properties" && lower.starts_with("application"))
        || ext == "env"
        || lower.starts_with(".env")
}

/// Whether a path without a telling name may be a script: no extension, or one that scripts carry.
fn may_be_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !name.contains('.') || path.starts_with(".husky/") || path.contains("/githooks/")
}

/// Why a file is passed over that the user leaves out.
pub const LEFT_OUT: &str = "left out by the configuration";

/// Read the repository under `root`.
///
/// Errors: `root` doesn't exist, is no folder, or can't be listed.
pub fn discover(root: &Path) -> io::Result<SourceSet> {
    discover_but(root, &|_| false)
}

/// Read the repository under `root` but for what is left out.
///
/// Errors: as of [`discover`].
pub fn discover_but(root: &Path, is_left_out: &(dyn Fn(&str) -> bool + Sync)) -> io::Result<SourceSet> {
    fs::read_dir(root)?;
    let mut set = SourceSet::default();
    let canonical = root.canonicalize()?;
    let ignores = Ignores::new(root);
    let mut found: Vec<(String, PathBuf, bool)> = Vec::new();
    set.dirs.insert(String::new());
    let walker = WalkDir::new(root).follow_links(false).sort_by_file_name().into_iter().filter_entry(|e| {
        e.depth() == 0 || !(e.file_type().is_dir() && e.file_name().to_str().is_some_and(|n| PRUNED.contains(&n)))
    });
    for entry in walker {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map_or_else(String::new, |p| relative(root, p));
                set.unread.push(Passed { path, why: "cannot be listed".to_owned() });
                continue;
            }
        };
        let path = relative(root, entry.path());
        let kind = entry.file_type();
        if kind.is_dir() {
            set.dirs.insert(path);
        } else if kind.is_file() {
            set.paths.insert(path.clone());
            found.push((path, entry.into_path(), false));
        } else if kind.is_symlink() {
            link(&canonical, &path, entry.path(), &mut set, &mut found);
        }
    }
    found.sort();
    found.retain(|(path, ..)| {
        let left_out = is_left_out(path);
        if left_out {
            set.skipped.push(Passed { path: path.clone(), why: LEFT_OUT.to_owned() });
            set.paths.remove(path);
        }
        !left_out
    });
    let read: Vec<(String, Reading)> = found
        .into_par_iter()
        .filter_map(|(path, full, linked)| {
            let named = wanted_name(&path);
            let read_it = !linked && (named || may_be_script(&path)) && !ignores.skips(&path);
            read_it.then(|| read(&full, named)).flatten().map(|reading| (path, reading))
        })
        .collect();
    for (path, reading) in read {
        set.take(path, reading);
    }
    set.skipped.sort();
    set.unread.sort();
    Ok(set)
}

/// A symbolic link: one to a file of the tree needs no second reading; one out of the tree is never followed.
fn link(root: &Path, path: &str, full: &Path, set: &mut SourceSet, found: &mut Vec<(String, PathBuf, bool)>) {
    let target = full.canonicalize();
    match target {
        Ok(target) if target.starts_with(root) => {
            if target.is_file() {
                set.paths.insert(path.to_owned());
                found.push((path.to_owned(), full.to_path_buf(), true));
            }
        }
        Ok(_) if wanted_name(path) || may_be_script(path) => {
            set.skipped.push(Passed { path: path.to_owned(), why: "symbolic link out of the repository".to_owned() });
        }
        Ok(_) => {}
        Err(error) => {
            let why = if error.kind() == io::ErrorKind::NotFound { "symbolic link to nothing" } else { "symbolic link loop" };
            if wanted_name(path) {
                set.skipped.push(Passed { path: path.to_owned(), why: why.to_owned() });
            }
        }
    }
}

/// What reading a file gave.
enum Reading {
    /// Its text, and where its first invalid byte was replaced.
    Text { text: String, invalid: Option<usize> },
    /// It is passed over on purpose.
    Skipped(String),
    /// It cannot be read.
    Unread(String),
}

fn read(full: &Path, named: bool) -> Option<Reading> {
    let size = full.metadata().map_or(0, |m| m.len());
    if size > MAX_FILE {
        return named.then(|| Reading::Skipped(format!("larger than {} MB", MAX_FILE / 1024 / 1024)));
    }
    if !named && !starts_with_shebang(full) {
        return None;
    }
    let bytes = match fs::read(full) {
        Ok(bytes) => bytes,
        Err(error) => return Some(Reading::Unread(format!("cannot be read: {}", error.kind()))),
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if bytes.contains(&0) {
        return Some(Reading::Skipped("binary".to_owned()));
    }
    Some(match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Reading::Text { text: text.to_owned(), invalid: None },
        Cow::Owned(text) => {
            let at = text.find(char::REPLACEMENT_CHARACTER).unwrap_or(0);
            Reading::Text { text, invalid: Some(at) }
        }
    })
}

/// Whether a file without a telling name starts with `#!` and names an interpreter of scripts.
fn starts_with_shebang(full: &Path) -> bool {
    use io::Read;
    let mut head = [0u8; 64];
    let Ok(mut file) = fs::File::open(full) else { return false };
    let Ok(n) = file.read(&mut head) else { return false };
    let head = String::from_utf8_lossy(&head[..n]);
    let first = head.lines().next().unwrap_or("");
    first.starts_with("#!")
        && (first.contains("sh") || first.contains("groovy") || first.contains("make") || first.contains("just"))
}

fn relative(root: &Path, path: &Path) -> String {
    let rel = path.strip_prefix(root).unwrap_or(path);
    rel.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The `.gitignore` at the root. A file that git ignores was never committed, unless its name says it is a pipeline's.
struct Ignores {
    root: Option<Gitignore>,
}

impl Ignores {
    fn new(root: &Path) -> Self {
        let mut builder = GitignoreBuilder::new(root);
        let file = root.join(".gitignore");
        let root = if file.is_file() && builder.add(&file).is_none() { builder.build().ok() } else { None };
        Self { root }
    }

    fn skips(&self, path: &str) -> bool {
        // Only a working tree has ignored files beside committed ones; hidden CI folders are never dropped.
        !path.starts_with('.')
            && self.root.as_ref().is_some_and(|g| g.matched_path_or_any_parents(Path::new(path), false).is_ignore())
    }
}
