//! Names that a server gives to pipelines, held against the files that they are read from.

use super::HOLE;
use std::cmp::Reverse;

/// Words of names and paths of pipelines that say nothing of what one does.
const NOISE: &[&str] =
    &["azure", "azdo", "ado", "pipeline", "pipelines", "yml", "yaml", "the", "to", "in", "on", "and", "ci", "cd", "cicd", "main"];
/// Words that mean the same.
const SAME: &[(&str, &str)] = &[
    ("dev", "development"),
    ("prod", "production"),
    ("prd", "production"),
    ("stg", "staging"),
    ("int", "integration"),
    ("deployment", "deploy"),
    ("infra", "infrastructure"),
    ("tests", "test"),
];

/// The one of several pipeline files that the server likely calls `name`: the file itself, the one that is called so, or the
/// one whose name shares the most words with it, if these are all of the file's or most of the name's.
pub fn named_pipeline<'p>(name: &str, paths: impl Iterator<Item = &'p str>) -> Option<&'p str> {
    let asked = words(name);
    if name.contains(HOLE) {
        return None;
    }
    let mut best: Option<(Likeness, &str)> = None;
    let mut tied = false;
    for path in paths {
        let likeness = likeness(name, &asked, path);
        match best {
            Some((known, _)) if likeness < known => {}
            Some((known, _)) if likeness == known => tied = true,
            _ if likeness.0 > 0 => (best, tied) = (Some((likeness, path)), false),
            _ => {}
        }
    }
    best.filter(|_| !tied).map(|(_, path)| path)
}

/// Words that are shared, and the fewer others the better.
type Likeness = (usize, Reverse<usize>);

fn likeness(name: &str, asked: &[String], path: &str) -> Likeness {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').find(|part| !part.is_empty()).unwrap_or(file);
    if name.trim() == path || name.trim().eq_ignore_ascii_case(stem) {
        return (usize::MAX, Reverse(0));
    }
    let own = words(stem);
    let shared = own.iter().filter(|w| asked.contains(w)).count();
    let enough = shared == own.len() || shared * 2 > asked.len();
    (if enough { shared } else { 0 }, Reverse(own.len()))
}

fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut last = ' ';
    for c in text.chars().chain([' ']) {
        let border = !c.is_alphanumeric() || (c.is_uppercase() && last.is_lowercase());
        if border && !word.is_empty() {
            out.push(std::mem::take(&mut word).to_lowercase());
        }
        if c.is_alphanumeric() {
            word.push(c);
        }
        last = c;
    }
    out.retain(|w| !NOISE.contains(&w.as_str()));
    for word in &mut out {
        if let Some((_, same)) = SAME.iter().find(|(from, _)| from == word) {
            *word = (*same).to_owned();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::named_pipeline;

    #[test]
    fn a_server_s_name_is_held_against_the_files() {
        let files =
            ["azure-pipelines.yml", ".azuredevops/cd-infrastructure-dev-core.yml", "ci/infra-prod-core.yml", "ci/build.yml"];
        let named = |name: &str| named_pipeline(name, files.into_iter());
        assert_eq!(named("Deploy - Core Development"), Some(".azuredevops/cd-infrastructure-dev-core.yml"));
        assert_eq!(named("shop-Build"), Some("ci/build.yml"));
        assert_eq!(named("ci/infra-prod-core.yml"), Some("ci/infra-prod-core.yml"));
        assert_eq!(named("shop-CI"), None);
        assert_eq!(named("Infrastructure core"), None);
        assert_eq!(
            named_pipeline("Deploy web", ["a/deploy-tests.yml", "a/deploy-web-x.yml"].into_iter()),
            Some("a/deploy-web-x.yml")
        );
        assert_eq!(named_pipeline("Deploy to Azure", ["a/deploy.yml", "a/test.yml"].into_iter()), Some("a/deploy.yml"));
    }
}
