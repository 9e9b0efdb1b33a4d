//! Paths inside the repository, with `/` and relative to its root.

/// A relative path seen from a folder, without `.` and `..`; none where it leaves the repository.
pub fn join(dir: &str, path: &str) -> Option<String> {
    let mut out: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                out.pop()?;
            }
            part => out.push(part),
        }
    }
    Some(out.join("/"))
}

/// The same for tools that take an absolute path as one from the root and cannot leave it.
pub fn clamp(dir: &str, path: &str) -> String {
    let mut out: Vec<&str> = if path.starts_with('/') { Vec::new() } else { dir.split('/').filter(|s| !s.is_empty()).collect() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out.join("/")
}

/// A repository's name by its folder: without the folders and the owner's name (`OWNER__NAME`) before it.
pub fn repository_name(folder: &str) -> &str {
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
    name.rsplit_once("__").map_or(name, |(_, name)| name)
}

/// Folder of a path, `""` for the root.
pub fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// Whether `path` is `dir` or stands below it; the root holds everything.
pub fn is_under(path: &str, dir: &str) -> bool {
    dir.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a command that names `name` means `path`: the file, or what stands below the folder; the root is named for itself only.
pub fn is_named_by(path: &str, name: &str) -> bool {
    if name.is_empty() { path.is_empty() } else { is_under(path, name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join_and_stay_inside() {
        assert_eq!(join("a/b", "../c.sh").as_deref(), Some("a/c.sh"));
        assert_eq!(join("", "./x").as_deref(), Some("x"));
        assert_eq!(join("a", "../../x"), None);
        assert_eq!(clamp("a", "../../../x"), "x");
        assert_eq!((clamp("", "."), clamp("a", "/b")), (String::new(), "b".to_owned()));
        assert!(is_under("a/b", "a") && is_under("x", "") && !is_under("ab", "a"));
        assert!(is_named_by("a/b", "a") && is_named_by("", "") && !is_named_by("x", "") && !is_named_by("ab", "a"));
        assert_eq!((directory("a/b"), directory("a")), ("a", ""));
    }
}
