//! The audit's questions: what they ask is data (`grammars/practices/questions.yaml`), how each is answered is one file here.

pub mod drift;
pub mod scene;

mod artifact_version_traceable;
mod build_once_promote;
mod canary_or_bluegreen;
mod ci_on_every_change;
mod component_or_integration_tests;
mod config_with_artifact;
mod contract_tests;
mod declared;
mod delivering;
mod delivery_or_deployment;
mod deploy_observability;
mod deploy_on_every_trunk_commit;
mod deployment_strategy;
mod drift_reconcile;
mod e2e_tests;
mod env_parity;
mod environment_inventory;
mod feature_flags;
mod healthcheck;
mod image_scan;
mod image_scan_before_push;
mod image_signed;
mod images;
mod infrastructure_by_pipeline;
mod migrations_automated;
mod no_rival_or_dead_pipelines;
mod nonroot_user;
mod one_artifact_kind;
mod order;
mod pinned_base_image;
mod pipeline_only_way_to_deploy;
mod preproduction_exists;
mod production_like_test_environment;
mod ready_any_time;
mod rollback;
mod sbom;
mod secrets_handed_over;
mod shared_test_setup_pinned;
mod sight;
mod test_balance;
mod testing;
mod tests_before_deploy;
mod texts;
mod trunk_trigger;
mod verify_after_deploy;
mod works_together;

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
    ("nonroot-user", nonroot_user::answer),
    ("pinned-base-image", pinned_base_image::answer),
    ("image-scan", image_scan::answer),
    ("image-scan-before-push", image_scan_before_push::answer),
    ("image-signed", image_signed::answer),
    ("sbom", sbom::answer),
    ("artifact-version-traceable", artifact_version_traceable::answer),
    ("build-once-promote", build_once_promote::answer),
    ("one-artifact-kind", one_artifact_kind::answer),
    ("trunk-trigger", trunk_trigger::answer),
    ("delivery-or-deployment", delivery_or_deployment::answer),
    ("pipeline-only-way-to-deploy", pipeline_only_way_to_deploy::answer),
    ("infrastructure-by-pipeline", infrastructure_by_pipeline::answer),
    ("migrations-automated", migrations_automated::answer),
    ("secrets-handed-over", secrets_handed_over::answer),
    ("no-rival-or-dead-pipelines", no_rival_or_dead_pipelines::answer),
    ("ready-any-time", ready_any_time::answer),
    ("ci-on-every-change", ci_on_every_change::answer),
    ("component-or-integration-tests", component_or_integration_tests::answer),
    ("contract-tests", contract_tests::answer),
    ("e2e-tests", e2e_tests::answer),
    ("shared-test-setup-pinned", shared_test_setup_pinned::answer),
    ("test-balance", test_balance::answer),
    ("tests-before-deploy", tests_before_deploy::answer),
    ("works-together", works_together::answer),
    ("env-parity", env_parity::answer),
    ("environment-inventory", environment_inventory::answer),
    ("preproduction-exists", preproduction_exists::answer),
    ("production-like-test-environment", production_like_test_environment::answer),
    ("config-with-artifact", config_with_artifact::answer),
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
