//! Whether a pipeline runs tests that hold a whole service, or one with its neighbours.

use super::Answer;
use super::scene::Scene;
use super::testing::{Kind, evidence, may_test, nothing_to_test, runs, test_files};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let (places, file) = evidence(&runs(scene), Kind::Component);
    if !places.is_empty() {
        let why = "a pipeline runs component or integration tests";
        return Answer::present(file.map_or_else(|| why.to_owned(), |f| format!("{why}, such as {f}")), places);
    }
    if nothing_to_test(scene) {
        return Answer::not_applicable("the repository holds no program");
    }
    let unread = may_test(scene, Some(Kind::Component));
    if !unread.is_empty() {
        return Answer::unknown("a call that was not read may run component or integration tests", unread);
    }
    let by_hand = test_files(scene).filter(|(_, kind)| *kind == Kind::Component).map(|(path, _)| path).next();
    Answer::absent(
        by_hand.map_or_else(
            || "no pipeline runs component or integration tests".to_owned(),
            |f| format!("no pipeline is seen to run {f}"),
        ),
        Vec::new(),
    )
}
