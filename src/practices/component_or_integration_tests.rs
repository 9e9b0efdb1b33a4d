//! Whether a pipeline runs tests that hold a whole service, or one with its neighbours.

use super::Answer;
use super::scene::Scene;
use super::testing::{Kind, runs_kind};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    runs_kind(scene, Kind::Component, "component or integration tests")
}
