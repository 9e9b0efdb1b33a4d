//! Which cells a service's path has: the typed view of `path.yaml` (model ruling 13).

use super::table;
use crate::model::{Cell, ServiceKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The name of the path of a deployed service that is built in another repository.
const FROM_ELSEWHERE: &str = "deployed-from-elsewhere";

/// What a cell is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// The service ships as an image or a package.
    Ships,
    /// There is infrastructure to be applied.
    Infrastructure,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    cells: Vec<Cell>,
    #[serde(default)]
    when: BTreeMap<Cell, When>,
}

/// The paths by the kind of a service.
#[derive(Debug, Default)]
pub struct Paths {
    rows: BTreeMap<String, Row>,
}

impl Paths {
    /// The embedded table.
    pub fn embedded() -> &'static Self {
        static TABLE: OnceLock<Paths> = OnceLock::new();
        TABLE.get_or_init(|| Self { rows: table::single(table::packed!("path")).unwrap_or_default() })
    }

    /// The cells of a service's path, in the order of delivery; `foreign`: it is built in another repository; `holds` says
    /// which reasons for a cell there are.
    pub fn cells(&self, kind: ServiceKind, foreign: bool, holds: impl Fn(When) -> bool) -> Vec<Cell> {
        let name = if foreign && kind == ServiceKind::Deployed { FROM_ELSEWHERE } else { kind.as_str() };
        let Some(row) = self.rows.get(name) else { return Vec::new() };
        row.cells.iter().copied().filter(|cell| row.when.get(cell).is_none_or(|when| holds(*when))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_path_and_a_reason_takes_a_cell_in() {
        let paths = Paths::embedded();
        for kind in ServiceKind::ALL {
            assert!(!paths.cells(*kind, false, |_| true).is_empty(), "{kind}");
        }
        let deployed = |foreign, when| paths.cells(ServiceKind::Deployed, foreign, |w| w == when);
        assert!(
            deployed(false, When::Ships).contains(&Cell::Publish) && !deployed(false, When::Ships).contains(&Cell::Provision)
        );
        assert_eq!(deployed(true, When::Infrastructure), [Cell::Provision, Cell::Deploy, Cell::Verify]);
        assert!(
            !paths.cells(ServiceKind::Library, true, |_| true).contains(&Cell::Deploy),
            "only what is deployed comes from elsewhere"
        );
    }
}
