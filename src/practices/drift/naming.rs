//! Which environment a path or a job's name has, and what is left without it.

use super::lists;
use crate::catalogue::Catalogue;
use crate::model::Tier;
use std::ops::Range;

/// What stands for the environment.
pub(super) const GAP: &str = "*";

/// A name without its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::practices) struct Naming {
    /// The name with `*` for the environment.
    pub(in crate::practices) pattern: String,
    /// The environment, as the report writes it.
    pub(in crate::practices) environment: String,
    /// Its tier.
    pub(in crate::practices) tier: Tier,
}

/// The naming of a path: the file's name tells it, else the nearest folder; it is taken out wherever it stands.
pub(in crate::practices) fn naming(path: &str) -> Option<Naming> {
    let parts: Vec<&str> = path.split('/').collect();
    let found: Vec<Option<(Range<usize>, String)>> = parts.iter().map(|part| window(part)).collect();
    let (_, word) = found.iter().rev().flatten().next()?;
    let environments = Catalogue::embedded().environments();
    let (environment, tier) = (environments.normalise(word), environments.tier(word));
    let without = |(part, found): (&&str, &Option<(Range<usize>, String)>)| match found {
        Some((range, word)) if environments.normalise(word) == environment => {
            format!("{}{GAP}{}", &part[..range.start], &part[range.end..])
        }
        _ => (*part).to_owned(),
    };
    let pattern = parts.iter().zip(&found).map(without).collect::<Vec<_>>().join("/");
    Some(Naming { pattern, environment, tier })
}

/// The last word of a part of a path that names an environment, with its place.
fn window(part: &str) -> Option<(Range<usize>, String)> {
    let lower = part.to_ascii_lowercase();
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut start = None;
    for (at, c) in lower.char_indices().chain([(lower.len(), '.')]) {
        match (c.is_ascii_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    let pairs = words.windows(2).map(|pair| pair[0].start..pair[1].end).rev();
    let singles = words.iter().cloned().rev();
    let all: Vec<Range<usize>> = pairs.chain(singles).collect();
    all.into_iter().find_map(|range| {
        let text = lower.get(range.clone())?;
        is_environment(text).then(|| (range, text.to_owned()))
    })
}

/// Whether a word, or two words that are one, names an environment.
fn is_environment(text: &str) -> bool {
    let known = |word: &str| Catalogue::embedded().environments().tier(word) != Tier::Unknown;
    let joined = text.replace(['_', '.', ' '], "-");
    if lists().no_environments.contains(joined.as_str()) {
        return false;
    }
    match joined.split_once('-') {
        // Two words are one only where neither alone says the same.
        Some((first, second)) => {
            let modifier = matches!(first, "pre" | "non" | "not");
            modifier && known(second)
        }
        None => known(&joined),
    }
}

/// Names that a file for all environments may have in place of one of this pattern.
pub(super) fn bases(pattern: &str) -> Vec<String> {
    let mut out: Vec<String> = lists().bases.iter().map(|word| pattern.replace(GAP, word)).collect();
    let mut bare = pattern.to_owned();
    for gap in ["-*", "_*", ".*", "*-", "*_", "*/"] {
        bare = bare.replace(gap, "");
    }
    if !bare.contains(GAP) {
        out.push(bare);
    }
    let (dir, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let plain = name.replace("*.", "");
    let stem_is_environment = name.starts_with("*.") && !plain.contains('.');
    // `environments/*/values.yaml`: one beside the folders, or above them; `environments/*.yaml`: `values.yaml` likewise.
    let name = if stem_is_environment { format!("values.{plain}") } else { name.to_owned() };
    if !name.contains(GAP) {
        let mut dir = dir;
        loop {
            if !dir.contains(GAP) {
                out.push(if dir.is_empty() { name.clone() } else { format!("{dir}/{name}") });
            }
            let Some((above, _)) = dir.rsplit_once('/') else { break };
            if pattern.len() - above.len() > 120 {
                break;
            }
            dir = above;
        }
        if !dir.is_empty() {
            out.push(name);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str) -> Option<(String, String)> {
        naming(path).map(|n| (n.pattern, n.environment))
    }

    #[test]
    fn the_environment_is_taken_out_wherever_it_stands() {
        let some = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(told("chart/values-prod.yaml"), some("chart/values-*.yaml", "production"));
        assert_eq!(told("envs/stg/values-stg.yaml"), some("envs/*/values-*.yaml", "staging"));
        assert_eq!(told("envs/pre-prod/main.tfvars"), some("envs/*/main.tfvars", "pre-prod"));
        assert_eq!(told("api/appsettings.Production.json"), some("api/appsettings.*.json", "production"));
        assert_eq!(told("chart/values.yaml"), None);
        assert_eq!(told("product/values-ci.yaml"), None);
    }

    #[test]
    fn a_file_for_all_has_the_name_without_it() {
        assert!(bases("chart/values-*.yaml").contains(&"chart/values.yaml".to_owned()));
        assert!(bases("envs/*/values.yaml").contains(&"envs/base/values.yaml".to_owned()));
        assert!(bases("chart/envs/*.yaml").contains(&"chart/values.yaml".to_owned()));
        assert!(bases("appsettings.*.json").contains(&"appsettings.json".to_owned()));
    }
}
