//! Paths of the repository as files name them.

/// A path seen from a folder, without `.` and `..`; an absolute one is seen from the root.
pub fn join(dir: &str, path: &str) -> String {
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
    fn paths_are_joined_without_leaving_the_repository() {
        assert_eq!(join("a/b", "../c/./d"), "a/c/d");
        assert_eq!(join("a", "../../../x"), "x");
        assert_eq!((join("", "."), join("a", "/b"), directory("a/b"), directory("a")), (String::new(), "b".to_owned(), "a", ""));
    }
}
