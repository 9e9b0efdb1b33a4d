//! The audit's questions: what they ask is data (`grammars/practices/questions.yaml`), how each is answered is one file here.

pub mod scene;

mod canary_or_bluegreen;
mod declared;
mod deploy_observability;
mod deploy_on_every_trunk_commit;
mod deployment_strategy;
mod drift_reconcile;
mod feature_flags;
mod healthcheck;
mod rollback;
mod sight;
mod verify_after_deploy;

use crate::catalogue::table;
use crate::source::Span;
use scene::Scene;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// How a question is answered.
type Ask = fn(&Scene<'_>) -> Answer;

/// The questions that are answered, by id.
const ANSWERED: &[(&str, Ask)] = &[
    ("deploy-on-every-trunk-commit", deploy_on_every_trunk_commit::answer),
    ("rollback", rollback::answer),
    ("canary-or-bluegreen", canary_or_bluegreen::answer),
    ("healthcheck", healthcheck::answer),
    ("verify-after-deploy", verify_after_deploy::answer),
    ("deployment-strategy", deployment_strategy::answer),
    ("drift-reconcile", drift_reconcile::answer),
    ("deploy-observability", deploy_observability::answer),
    ("feature-flags", feature_flags::answer),
];

/// Whether files can decide a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sided {
    /// Both answers can be proved.
    Both,
    /// Files can prove it; that it is absent only means that it was not found.
    One,
}

/// A question.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Question {
    /// Its id.
    pub id: String,
    /// The question.
    pub asks: String,
    /// Whether files can decide it.
    pub sided: Sided,
    /// What is looked for.
    pub looked_for: Vec<String>,
    /// What asks for it, by public names.
    #[serde(default)]
    pub standards: Vec<String>,
}

/// The answer's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is done.
    Present,
    /// It is not done, or not found.
    Absent,
    /// The files cannot decide.
    Unknown,
    /// The question does not arise.
    NotApplicable,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its word.
    pub status: Status,
    /// What decided it, one sentence without a full stop.
    pub why: String,
    /// Where, the most telling first.
    pub places: Vec<Span>,
}

impl Answer {
    /// It is done there.
    pub fn present(why: impl Into<String>, places: Vec<Span>) -> Self {
        Self { status: Status::Present, why: why.into(), places }
    }

    /// It is not done; the places show what is done instead.
    pub fn absent(why: impl Into<String>, places: Vec<Span>) -> Self {
        Self { status: Status::Absent, why: why.into(), places }
    }

    /// The files cannot decide, for what stands at these places.
    pub fn unknown(why: impl Into<String>, places: Vec<Span>) -> Self {
        Self { status: Status::Unknown, why: why.into(), places }
    }

    /// The question does not arise.
    pub fn not_applicable(why: impl Into<String>) -> Self {
        Self { status: Status::NotApplicable, why: why.into(), places: Vec::new() }
    }
}

/// A question with its answer.
#[derive(Clone, Debug)]
pub struct Practice {
    /// The question.
    pub question: &'static Question,
    /// The answer.
    pub answer: Answer,
}

/// All questions, in the order of a report.
pub fn questions() -> &'static [Question] {
    static ALL: OnceLock<Vec<Question>> = OnceLock::new();
    // A test proves that the file is well formed.
    ALL.get_or_init(|| table::single(table::packed!("questions")).unwrap_or_default())
}

/// Ask every question.
pub fn ask(scene: &Scene<'_>) -> Vec<Practice> {
    let answers: BTreeMap<&str, Ask> = ANSWERED.iter().copied().collect();
    let asked = questions().iter().filter_map(|q| Some((q, answers.get(q.id.as_str())?)));
    asked.map(|(question, answer)| Practice { question, answer: answer(scene) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_answered_and_every_answer_asked() {
        let asked: Vec<&str> = questions().iter().map(|q| q.id.as_str()).collect();
        let mut answered: Vec<&str> = ANSWERED.iter().map(|(id, _)| *id).collect();
        assert!(!asked.is_empty() && questions().iter().all(|q| !q.looked_for.is_empty()));
        let mut sorted = asked.clone();
        sorted.sort_unstable();
        answered.sort_unstable();
        assert_eq!(sorted, answered);
    }
}
