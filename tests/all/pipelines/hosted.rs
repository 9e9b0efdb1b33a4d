//! Platforms that deploy what is pushed, by their files.

use super::view;

/// Vercel and Netlify with what they run before; an integration that is switched off; a platform of which the file says
/// nothing of that kind.
#[test]
fn sites() {
    insta::assert_snapshot!(view("hosted/sites"));
}

/// A blueprint's services: each follows its branch, or waits for a person; images of others are none.
#[test]
fn render() {
    insta::assert_snapshot!(view("hosted/render"));
}

/// Where a pipeline deploys with the platform's own client, the file is no integration.
#[test]
fn own_client() {
    insta::assert_snapshot!(view("hosted/own-client"));
}

/// Only what is deployed on a push; phases of a build are commands.
#[test]
fn specifications() {
    insta::assert_snapshot!(view("hosted/do"));
}
