//! Whether a pipeline runs tests from outside, against what runs.

use super::Answer;
use super::scene::Scene;
use super::testing::{Kind, evidence, may_test, nothing_to_test, runs, test_files};

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let (places, file) = evidence(&runs(scene), Kind::EndToEnd);
    if !places.is_empty() {
        let why = "a pipeline runs end-to-end tests";
        return Answer::present(file.map_or_else(|| why.to_owned(), |f| format!("{why}, such as {f}")), places);
    }
    if nothing_to_test(scene) {
        return Answer::not_applicable("the repository holds no program");
    }
    let unread = may_test(scene, Some(Kind::EndToEnd));
    if !unread.is_empty() {
        return Answer::unknown("a call that was not read may run end-to-end tests", unread);
    }
    let by_hand = test_files(scene).filter(|(_, kind)| *kind == Kind::EndToEnd).map(|(path, _)| path).next();
    Answer::absent(
        by_hand.map_or_else(|| "no pipeline runs end-to-end tests".to_owned(), |f| format!("no pipeline is seen to run {f}")),
        Vec::new(),
    )
}
