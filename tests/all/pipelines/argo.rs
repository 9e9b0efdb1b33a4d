//! Argo Workflows and Argo Events.

use super::view;

/// Sensors start workflows by the events of their sources under filters; a graph's order, an open wait as a gate, a timed
/// one as none, what runs at the end, templates of a library.
#[test]
fn events() {
    insta::assert_snapshot!(view("argo/events"));
}

/// A schedule starts a workflow, one that is suspended never runs; a bare workflow is by hand; a template may hold itself.
#[test]
fn schedule() {
    insta::assert_snapshot!(view("argo/schedule"));
}
