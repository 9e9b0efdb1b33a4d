//! Whether a pipeline checks what services promise each other.

use super::Answer;
use super::scene::Scene;
use super::testing::{Kind, runs_kind};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    runs_kind(scene, Kind::Contract, "contract tests")
}
