//! Whether a pipeline runs tests from outside, against what runs.

use super::Answer;
use super::scene::Scene;
use super::testing::{Kind, runs_kind};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    runs_kind(scene, Kind::EndToEnd, "end-to-end tests")
}
