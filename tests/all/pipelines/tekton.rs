//! Tekton: Pipelines-as-Code, Triggers, and what only a person starts.

use super::view;

/// Annotations start runs; tasks, step actions and the catalogue's tasks are the steps; `$(params.x)` is no command
/// substitution; a script's first line says its language; a task that nothing uses is a library.
#[test]
fn pipelines_as_code() {
    insta::assert_snapshot!(view("tekton/pac"));
}

/// A listener's interceptors say the events, its bindings the values; an approval holds what runs after it.
#[test]
fn triggers() {
    insta::assert_snapshot!(view("tekton/triggers"));
}

/// A bare run and a pipeline that nothing starts are by hand, one that a command starts is not; a pipeline may hold others,
/// and even itself.
#[test]
fn by_hand() {
    insta::assert_snapshot!(view("tekton/by-hand"));
}
