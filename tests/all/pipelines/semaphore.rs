//! Semaphore.

use super::view;
use insta::assert_snapshot;

#[test]
fn a_promotion_waits_for_a_person_unless_it_promotes_itself() {
    assert_snapshot!(view("semaphore/promotions"));
}

#[test]
fn blocks_depend_on_one_another() {
    assert_snapshot!(view("semaphore/graph"));
}
