//! Concourse.

use super::view;

/// Resources trigger jobs by their type; a job that passed another goes by its way; a job without a trigger is a button; a
/// task of a file stands in the repository without the name of the checkout; hooks, `across`, `try`.
#[test]
fn ship() {
    insta::assert_snapshot!(view("concourse/ship"));
}
