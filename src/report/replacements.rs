//! Replacements in the report: what a rule found, in words and with its place.

use super::keys::Keys;
use super::{Edit, Fix, Location, Replaceable, Replacement, ReplacementKind, RuleConfidence, Safety, Step};
use crate::replace::find::Finding;
use crate::replace::rules::{ConfidenceForm, KindForm, Rule};
use crate::source::SourceSet;
use crate::source::Span;
use std::sync::Arc;

/// The replacements that findings are, in their order.
pub fn replacements(
    findings: &[Finding],
    rules: &[Arc<Rule>],
    sources: &SourceSet,
    location: &dyn Fn(Span) -> Location,
) -> Vec<Replacement> {
    let mut keys = Keys::new();
    let of = |finding: &Finding| {
        let rule = rules.get(finding.rule)?;
        let form = &rule.form;
        let file = sources.file(finding.span.file);
        let before = file.text.get(finding.span.start as usize..finding.span.end as usize).unwrap_or("").to_owned();
        let after = finding.after.clone().unwrap_or_default();
        let edit = finding.after.as_ref().filter(|_| finding.editable).map(|text| Fix {
            safety: if finding.safe { Safety::Safe } else { Safety::Suggestion },
            edits: vec![Edit { location: location(finding.span), text: text.clone() }],
        });
        let lines = |text: &str| i64::try_from(text.lines().count()).unwrap_or(i64::MAX);
        Some(Replacement {
            key: keys.finding(&rule.id, &before),
            rule: rule.id.clone(),
            tool: rule.tool.clone(),
            kind: if form.kind == KindForm::Replace { ReplacementKind::Replace } else { ReplacementKind::Hygiene },
            confidence: match form.confidence {
                ConfidenceForm::High => RuleConfidence::High,
                ConfidenceForm::Medium => RuleConfidence::Medium,
                ConfidenceForm::Low => RuleConfidence::Low,
            },
            location: location(finding.span),
            message: form.title.clone(),
            lines_saved: if finding.editable { lines(&before) - lines(&after) } else { 0 },
            before,
            after,
            docs: form.docs.clone(),
            since: form.since.clone().unwrap_or_default(),
            equivalence: form.equivalence.clone(),
            fix: edit,
        })
    };
    findings.iter().filter_map(of).collect()
}

/// Sums over the replacements of kind replace; a place counts for the services of the steps that stand in it.
pub fn replaceable(all: &[Replacement], steps: &[Step]) -> Replaceable {
    let mut out = Replaceable::default();
    for one in all.iter().filter(|r| r.kind == ReplacementKind::Replace) {
        out.places += 1;
        out.lines += usize::try_from(one.lines_saved).unwrap_or(0);
        *out.by_tool.entry(one.tool.clone()).or_insert(0) += 1;
        let meets =
            |at: &Location| at.path == one.location.path && at.line <= one.location.end_line && one.location.line <= at.end_line;
        let steps = steps.iter().filter(|s| s.location.as_ref().is_some_and(meets));
        let services: std::collections::BTreeSet<&String> = steps.flat_map(|s| &s.services).collect();
        for service in services {
            *out.by_service.entry(service.clone()).or_insert(0) += 1;
        }
    }
    out
}
