//! Vendors that are read by data alone.

use super::view;
use insta::assert_snapshot;

#[test]
fn cirrus_ci() {
    assert_snapshot!(view("declared/cirrus-ci"));
}

#[test]
fn codeship() {
    assert_snapshot!(view("declared/codeship"));
}

#[test]
fn sourcehut() {
    assert_snapshot!(view("declared/sourcehut"));
}

#[test]
fn scrutinizer() {
    assert_snapshot!(view("declared/scrutinizer"));
}

#[test]
fn wercker() {
    assert_snapshot!(view("declared/wercker"));
}

#[test]
fn codemagic() {
    assert_snapshot!(view("declared/codemagic"));
}

#[test]
fn screwdriver() {
    assert_snapshot!(view("declared/screwdriver"));
}

#[test]
fn vela() {
    assert_snapshot!(view("declared/vela"));
}
