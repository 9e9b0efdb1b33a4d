//! Services that are packaged one by one from project files (`dotnet publish src/Shop.Api/Shop.Api.csproj`), where no image
//! is built of them.

use super::Finder;
use crate::flow::occurrence::{Hint, Occurrence};
use crate::model::{Automation, HOLE, Service, Stage};
use std::collections::BTreeMap;

/// Endings of files that describe one project.
const PROJECTS: &[&str] = &[".csproj", ".fsproj", ".vbproj"];

impl Finder<'_> {
    /// Projects that pipelines package: programs, and libraries where such packages are published. One alone is the repository.
    pub(super) fn bundles(&mut self, occurrences: &[Occurrence]) {
        if !self.services.is_empty() {
            return;
        }
        let of_kind = |o: &Occurrence, stage: Stage, kind: &str| o.stage == stage && o.kind.as_deref() == Some(kind);
        let reached = || occurrences.iter().filter(|o| o.way.automation > Automation::Manual);
        let publishes = reached().any(|o| of_kind(o, Stage::Publish, "nuget"));
        let mut found: BTreeMap<String, Service> = BTreeMap::new();
        for o in reached() {
            let library = publishes && of_kind(o, Stage::Package, "nuget");
            if !(library || of_kind(o, Stage::Package, "bundle")) {
                continue;
            }
            for path in o.own_hints.iter().filter_map(|h| if let Hint::Path(path) = h { Some(path) } else { None }) {
                let Some((folder, name)) = project(path) else { continue };
                let roots = if folder.is_empty() { Vec::new() } else { vec![folder.to_owned()] };
                let name = name.to_owned();
                let service = Service { name, roots, ships: library, package: library, workload: !library, ..Service::default() };
                found.entry(service.name.clone()).or_insert(service);
            }
        }
        if found.len() > 1 {
            self.services.extend(found.into_values());
        }
    }
}

/// The folder and the name of a project, by its file; none where a part of it is a pattern.
fn project(path: &str) -> Option<(&str, &str)> {
    let name = path.rsplit('/').next()?;
    let name = PROJECTS.iter().find_map(|end| name.strip_suffix(end)).filter(|n| !n.is_empty())?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    (!path.contains([HOLE, '*', '?', '!'])).then_some((folder, name))
}
