//! Names of services, images and workloads, compared without their spelling.

/// A name in lower case with one kind of separator.
pub fn plain(name: &str) -> String {
    tokens(name).join("-")
}

/// The words of a name, in lower case.
pub fn tokens(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|t| !t.is_empty()).map(str::to_lowercase).collect()
}
