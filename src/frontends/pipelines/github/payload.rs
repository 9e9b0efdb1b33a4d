//! What events carry: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>.

use super::starts::add;
use crate::model::{Start, Value};

/// What of the event's payload an event has, as far as expressions read it; `None`: anything.
fn payload(event: &str) -> Option<&'static [&'static str]> {
    Some(match event {
        "push" => {
            &["ref", "before", "after", "commits", "head_commit", "created", "deleted", "forced", "compare", "pusher", "base_ref"]
        }
        "pull_request" | "pull_request_target" => &["pull_request", "number", "action", "label", "changes", "before", "after"],
        "merge_group" => &["merge_group", "action"],
        "release" => &["release", "action", "changes"],
        "schedule" => &["schedule"],
        "workflow_dispatch" => &["inputs", "ref", "workflow"],
        "workflow_run" => &["workflow_run", "workflow", "action"],
        "repository_dispatch" => &["client_payload", "action", "branch"],
        "issue_comment" => &["comment", "issue", "action", "changes"],
        "issues" => &["issue", "label", "action", "changes", "assignee", "milestone"],
        "create" | "delete" => &["ref", "ref_type", "master_branch", "description", "pusher_type"],
        _ => return None,
    })
}

/// What every event has.
const ALWAYS: &[&str] = &["repository", "sender", "organization", "enterprise", "installation"];

/// Bind to nothing what expressions read of the payload of other events.
pub(super) fn bind_absent<'n>(start: &mut Start, names: impl Iterator<Item = &'n str>) {
    let Some(has) = start.fact("github.event_name").known().and_then(payload) else { return };
    for name in names {
        let Some(field) = name.strip_prefix("github.event.").and_then(|rest| rest.split('.').next()) else { continue };
        if !has.contains(&field) && !ALWAYS.contains(&field) {
            add(&mut start.facts, name.to_owned(), Value::text(""));
        }
    }
}
