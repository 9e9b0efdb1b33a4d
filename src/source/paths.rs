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

/// Folder of a path, `""` for the root.
pub fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
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
        assert_eq!((directory("a/b"), directory("a")), ("a", ""));
    }
}
