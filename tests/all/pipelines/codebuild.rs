//! AWS CodeBuild.

use super::view;

#[test]
fn a_specification_at_the_usual_place_is_assumed_to_follow_pushes() {
    insta::assert_snapshot!(view("codebuild/unseen"));
}

#[test]
fn a_webhook_starts_the_builds_of_a_batch() {
    insta::assert_snapshot!(view("codebuild/batch"));
}
