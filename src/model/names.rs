//! Names that a server gives to pipelines, held against the files that they are read from.

/// Words of names and paths of pipelines that say nothing of what one does.
const NOISE: &[&str] =
    &["azure", "azdo", "ado", "pipeline", "pipelines", "yml", "yaml", "the", "to", "a", "and", "ci", "cd", "cicd", "main"];

/// Whether a pipeline that is called `name` on its server is likely the one in the file at `path`: it is called by the path, or
/// the words of the file's name that say something are all words of it, and at least one is.
pub fn names_pipeline(name: &str, path: &str) -> bool {
    let name = name.trim();
    if name == path {
        return true;
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').find(|part| !part.is_empty()).unwrap_or(file);
    if name.eq_ignore_ascii_case(stem) {
        return true;
    }
    let (own, asked) = (words(stem), words(name));
    !own.is_empty() && own.iter().all(|w| asked.contains(w))
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
    out
}

#[cfg(test)]
mod tests {
    use super::names_pipeline;

    #[test]
    fn a_server_s_name_is_held_against_the_file() {
        for (name, path, is) in [
            ("Deploy to Azure", ".azuredevops/pipelines/deploy.yml", true),
            ("shop-Build", "azure-pipelines-build.yml", true),
            ("shop-CI", "azure-pipelines.yml", false),
            ("Deploy", "ci/deploy-web.yml", false),
            ("CohortManager-DeployWeb", "ci/deploy-web.yml", true),
            ("ci/deploy.yml", "ci/deploy.yml", true),
        ] {
            assert_eq!(names_pipeline(name, path), is, "{name} {path}");
        }
    }
}
