//! Files, folders and images that a name tells apart.

use super::{Words, words};
use crate::model::{HOLE, glob};
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LocalFiles {
    names: Vec<String>,
    folders: HashSet<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ServerFiles {
    names: HashSet<String>,
    folders: HashSet<String>,
    folder_words: HashSet<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Fixtures {
    folders: HashSet<String>,
    unless_environment: HashSet<String>,
    environment_parents: HashSet<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ClusterFiles {
    samples: HashSet<String>,
    listed_by: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Images {
    products: HashSet<String>,
    charts: HashSet<String>,
    names: HashSet<String>,
    folders: HashSet<String>,
    registries: HashSet<String>,
}

/// The folders and the name of a path in lower case.
fn parts(path: &str) -> (Vec<String>, String) {
    let mut parts: Vec<String> = path.split('/').filter(|p| !p.is_empty() && *p != ".").map(str::to_lowercase).collect();
    let name = parts.pop().unwrap_or_default();
    (parts, name)
}

impl Words {
    /// Whether the file is for a developer's machine (`docker-compose.override.yml`, `Dockerfile.dev`, `.devcontainer/`;
    /// model rulings 7 and 32).
    pub fn local_file(&self, path: &str) -> bool {
        let files = &self.tables.lists.local_files;
        let (folders, name) = parts(path);
        folders.iter().any(|f| files.folders.contains(f)) || files.names.iter().any(|pattern| glob(pattern, &name))
    }

    /// Whether a compose file is for a server by its name or folder (model ruling 7).
    pub fn server_file(&self, path: &str) -> bool {
        let files = &self.tables.lists.server_files;
        let (folders, name) = parts(path);
        if self.local_file(path) {
            return false;
        }
        words(&name).iter().any(|w| files.names.contains(w))
            || folders.last().is_some_and(|f| files.folders.contains(f))
            || folders.iter().any(|f| words(f).iter().any(|w| files.folder_words.contains(w)))
    }

    /// Whether a path is inside examples, fixtures, tests or other people's projects, which are no services.
    pub fn fixture_path(&self, path: &str) -> bool {
        self.fixture_unless(path, |_| false)
    }

    /// The same, where a folder that may be a fixture or an environment is taken for the latter if `environment` says so of
    /// its path.
    pub fn fixture_unless(&self, path: &str, environment: impl Fn(&str) -> bool) -> bool {
        let fixtures = &self.tables.lists.fixtures;
        let (folders, _) = parts(path);
        let at_home = |at: usize| at > 0 && fixtures.environment_parents.contains(&folders[at - 1]);
        let whole = |at: usize| path.match_indices('/').nth(at).is_some_and(|(end, _)| environment(&path[..end]));
        folders.iter().enumerate().any(|(at, folder)| {
            if fixtures.unless_environment.contains(folder) {
                !at_home(at) && !whole(at)
            } else {
                fixtures.folders.contains(folder) || fixtures.folders.contains(folder.trim_matches('_'))
            }
        })
    }

    /// Whether a chart or a manifest at this path is part of a document.
    pub fn documented_sample(&self, path: &str) -> bool {
        parts(path).0.iter().any(|f| self.tables.lists.cluster_files.samples.contains(f))
    }

    /// Whether a file lists the charts and manifests that a tool applies (a Skaffold or werf configuration).
    pub fn lists_cluster_files(&self, path: &str) -> bool {
        let (_, name) = parts(path);
        self.tables.lists.cluster_files.listed_by.iter().any(|pattern| glob(pattern, &name))
    }

    /// Whether a chart's reference (`bitnami/redis`, `oci://host/folder/name`) is known as another's: by its repository, or by the
    /// product.
    pub fn third_party_chart(&self, chart: &str) -> bool {
        let images = &self.tables.lists.third_party_images;
        let lower = chart.trim().to_ascii_lowercase();
        if lower.contains(HOLE) || lower.starts_with(['.', '/']) {
            return false;
        }
        let (repository, name) = lower.trim_start_matches("oci://").rsplit_once('/').unwrap_or(("", &lower));
        let known = |part: &str| images.charts.contains(part) || images.folders.contains(part);
        repository.split('/').any(known) || self.third_party_product(name)
    }

    /// Whether an image's name has the word of a product that others make (`crunchy-postgres-gis`).
    pub fn third_party_product(&self, name: &str) -> bool {
        let products = &self.tables.lists.third_party_images.products;
        name.to_ascii_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| products.contains(word))
    }

    /// Whether an image is made by others (a database, a broker, a base image), by its name with or without registry,
    /// tag and digest.
    pub fn third_party_image(&self, image: &str) -> bool {
        let images = &self.tables.lists.third_party_images;
        let lower = image.trim().to_ascii_lowercase();
        let name = lower.split('@').next().unwrap_or_default();
        let name = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name,
            _ => name,
        };
        let name = name.trim_start_matches("docker://");
        let name =
            ["docker.io/", "index.docker.io/", "registry-1.docker.io/"].iter().find_map(|r| name.strip_prefix(r)).unwrap_or(name);
        let Some((first, rest)) = name.split_once('/') else { return images.names.contains(name) };
        let registry = first.contains(['.', ':']) || first == "localhost";
        if !registry {
            return images.folders.contains(first);
        }
        let second = rest.split('/').next().unwrap_or_default();
        images.registries.contains(first) || images.registries.contains(&format!("{first}/{second}"))
    }
}
