//! Whether a new version gets its users by degrees, or by a switch between two that stand side by side.

use super::Answer;
use super::declared::{self, Evidence};
use super::scene::Scene;
use super::sight;
use crate::catalogue::table;
use std::sync::OnceLock;

fn table() -> &'static Evidence {
    static TABLE: OnceLock<Evidence> = OnceLock::new();
    TABLE.get_or_init(|| table::single(table::packed!("canary-or-bluegreen")).unwrap_or_default())
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let found = declared::found(scene, table());
    if found.is_empty() {
        return sight::nothing_found(scene, "a new version takes the place of the old one at once");
    }
    Answer::present(declared::said(&found), declared::places(&found))
}
