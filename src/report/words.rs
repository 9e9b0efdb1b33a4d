//! The words that every output uses for the report's values: sentences, counts, percentages.

use super::{Blocker, BlockerKind, Interval, Link, LinkKind, Location, Report, Score, Service, Step};
use crate::model::{Automation, Cell, Flag, GateKind, Means, OrphanKind, ServiceKind, Stage, Verdict};
use crate::report::look::{Look, Mark};

/// A count with its noun: `1 step`, `2 steps`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A share as whole percent; 0 and 100 only where the share is exactly that.
pub fn whole_percent(share: f64) -> u32 {
    if share <= 0.0 {
        return 0;
    }
    if share >= 1.0 - 1e-9 {
        return 100;
    }
    #[allow(clippy::cast_sign_loss)] // between 0 and 100
    let rounded = (share * 100.0).round() as u32;
    rounded.clamp(1, 99)
}

/// `70 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", whole_percent(share))
}

/// `70 % (68–80)`, or only `70 %` where nothing is uncertain.
pub fn interval(i: &Interval, look: &Look) -> String {
    let (low, high) = (whole_percent(i.low), whole_percent(i.high));
    let value = percent(i.value);
    if low == high { value } else { format!("{value} ({low}{}{high})", look.sign("–", "-")) }
}

/// How a service reaches production, as a table says it.
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::EveryCommit => "every commit",
        Verdict::OnTag => "on tag",
        Verdict::OnSchedule => "on schedule",
        Verdict::AfterApproval => "after approval",
        Verdict::ByButton => "by button",
        Verdict::ByHand => "by hand",
        Verdict::Elsewhere => "elsewhere",
        Verdict::None => "not at all",
        Verdict::Unknown => "unknown",
    }
}

/// How a service reaches production, as the rest of a sentence that starts with its name.
pub fn verdict_sentence(kind: ServiceKind, verdict: Verdict) -> String {
    let (goal, never) = match kind {
        ServiceKind::Library => ("is published", "is not published"),
        ServiceKind::Infrastructure => ("is applied to production", "is not applied to production"),
        ServiceKind::Site => ("goes online", "does not go online"),
        ServiceKind::Deployed | ServiceKind::Configuration => ("reaches production", "does not reach production"),
    };
    match verdict {
        Verdict::EveryCommit => format!("{goal} on every commit, with no person acting"),
        Verdict::OnTag => format!("{goal} when a tag or release is made"),
        Verdict::OnSchedule => format!("{goal} on a schedule"),
        Verdict::AfterApproval => format!("{goal} only after a person acts at a gate"),
        Verdict::ByButton => format!("{goal} only when a person starts it"),
        Verdict::ByHand => format!("{goal} only by hand: no pipeline does it"),
        Verdict::Elsewhere => "leaves this repository on its way to production".to_owned(),
        Verdict::None => format!("{never}: nothing in the repository does it"),
        Verdict::Unknown => format!("{goal} in a way that the files do not decide"),
    }
}

/// The mark of a verdict.
pub const fn verdict_mark(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::EveryCommit | Verdict::OnTag | Verdict::OnSchedule => Mark::Automated,
        Verdict::AfterApproval | Verdict::ByButton => Mark::PushButton,
        Verdict::ByHand => Mark::Manual,
        Verdict::None => Mark::Missing,
        Verdict::Elsewhere | Verdict::Unknown => Mark::Unknown,
    }
}

/// What a person does at a gate.
pub const fn gate(kind: GateKind) -> &'static str {
    match kind {
        GateKind::Start => "starts only when a person presses run",
        GateKind::Approval => "waits for a person (approval)",
        GateKind::ManualJob => "waits for a person to start the job",
        GateKind::Input => "asks a person while it runs",
        GateKind::Reviewers => "waits for a reviewer",
        GateKind::Merge => "waits for a person to merge",
        GateKind::Sync => "waits for a person to sync",
    }
}

/// What is said of a vendor's pipelines that were found and not read.
pub const PIPELINE_NOT_READ: &str = "pipeline found, not read";

/// Why a blocker is one. Where pipelines were not read, no more is claimed than of those that were.
pub fn blocker(blocker: &Blocker, report: &Report) -> &'static str {
    let unread = report.unknowns.iter().any(|u| u.why.ends_with(PIPELINE_NOT_READ));
    match blocker.kind {
        BlockerKind::Manual if unread => "no pipeline that was read calls it",
        BlockerKind::Missing if unread => "nothing that was read does it",
        BlockerKind::Manual => "no pipeline calls it",
        BlockerKind::Missing => "nothing in the repository does it",
        BlockerKind::Gate => {
            let found = blocker.location.as_ref().and_then(|l| report.gate_at(l));
            found.map_or("waits for a person", |g| gate(g.kind))
        }
    }
}

/// A cell as a screen writes it: `deploy:production`.
pub fn cell(cell: Cell, environment: Option<&str>, look: &Look) -> String {
    environment.map_or_else(|| cell.to_string(), |e| format!("{cell}:{}", look.escape(e)))
}

/// What a stage is for.
pub const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Source => "gets the sources, a version or a changelog",
        Stage::Build => "compiles or installs the product's dependencies",
        Stage::Check => "checks style, types or validity without running the product",
        Stage::Test => "runs tests",
        Stage::Scan => "looks for security problems, or signs and attests",
        Stage::Package => "makes an image or an installable artifact",
        Stage::Publish => "pushes to a registry or artifact store",
        Stage::Provision => "creates or alters infrastructure",
        Stage::Configure => "sets configuration, secrets or a database's schema",
        Stage::Deploy => "puts a version into an environment",
        Stage::Verify => "checks a deployment after it happened",
        Stage::Release => "shifts traffic to a version",
        Stage::Rollback => "undoes a deployment",
        Stage::Operate => "keeps things running; off the path and not counted",
    }
}

/// What an automation means.
pub const fn automation(automation: Automation) -> &'static str {
    match automation {
        Automation::Automated => "some way reaches it with no person acting",
        Automation::PushButton => "the machine does it all, but only after a person acts",
        Automation::Manual => "it can be run, but no pipeline reaches it",
        Automation::Missing => "the path needs it, and nothing in the repository does it",
    }
}

/// What a means is.
pub const fn means(means: Means) -> &'static str {
    match means {
        Means::BuiltIn => "a building block of the platform or an action",
        Means::Command => "one call of a standard tool",
        Means::Script => "logic around it decides what is done, or an own program does it",
        Means::Hand => "prose only",
    }
}

/// What a flag means.
pub const fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::TagByHand => "a person makes the tag that starts it",
        Flag::PersonMerges => "a person merges the release's pull request before it",
        Flag::MayBeGated => "the server may ask for an approval that no file shows",
        Flag::ByName => "what it calls could not be read; it is classified by its name only",
        Flag::Elsewhere => "it acts on another repository, which decides what follows",
        Flag::Stated => "the answers file states it; no other file shows it",
        Flag::ReachUnknown => "a condition on the way could not be decided; it may run more often than shown",
        Flag::OtherBranch => "only a branch other than the trunk reaches it",
    }
}

/// A chain on one line: `push → CI → job build → scripts/build.sh`. The step at its end is left out.
pub fn chain(links: &[Link], look: &Look) -> String {
    let shown: Vec<String> = links.iter().filter(|l| l.kind != LinkKind::Step).map(|l| link(l, look)).collect();
    shown.join(look.arrow())
}

/// One link of a chain in words.
fn link(link: &Link, look: &Look) -> String {
    let name = look.escape(&link.name);
    match link.kind {
        LinkKind::Event | LinkKind::Pipeline | LinkKind::Script | LinkKind::Step | LinkKind::Document => name,
        LinkKind::NpmScript => format!("npm script {name}"),
        LinkKind::Template => format!("template {name}"),
        LinkKind::TerraformRoot => format!("Terraform root {name}"),
        LinkKind::Dockerfile if name.to_ascii_lowercase().contains("dockerfile") => name,
        kind => format!("{} {name}", kind.as_str()),
    }
}

/// A place: `path:12`, with the last line where it has several and `lines` is set.
pub fn place(location: &Location, lines: bool, look: &Look) -> String {
    let path = look.escape(&location.path);
    if lines && location.end_line > location.line {
        format!("{path}:{}-{}", location.line, location.end_line)
    } else {
        format!("{path}:{}", location.line)
    }
}

/// The mark of a step.
pub fn step_mark(step: &Step) -> Mark {
    if step.automation < Automation::Automated && step.flags.contains(&Flag::ReachUnknown) {
        Mark::Unknown
    } else {
        step.automation.into()
    }
}

/// The best mark of some steps.
pub fn best_mark<'a>(steps: impl IntoIterator<Item = &'a Step>) -> Option<Mark> {
    steps.into_iter().map(step_mark).max()
}

/// Whether all automated steps of these are checks that cannot fail.
pub fn toothless<'a>(steps: impl IntoIterator<Item = &'a Step>) -> bool {
    let mut any = false;
    for step in steps.into_iter().filter(|s| s.automation == Automation::Automated) {
        if step.blocking || !matches!(step.stage, Stage::Test | Stage::Scan | Stage::Verify) {
            return false;
        }
        any = true;
    }
    any
}

/// `0 of 2 services reach production on every commit, 1 with buttons`.
pub fn production(score: &Score) -> String {
    let p = score.production;
    if p.services == 0 {
        return "No service is deployed from here".to_owned();
    }
    let noun = if p.services == 1 { "service" } else { "services" };
    let verb = if p.services == 1 || p.every_commit == 1 { "reaches" } else { "reach" };
    let mut text = format!("{} of {} {noun} {verb} production on every commit", p.every_commit, p.services);
    if p.with_buttons > p.every_commit {
        text = format!("{text}, {} with buttons", p.with_buttons);
    }
    text
}

/// `path coverage 70 % (70–80), with buttons 75 % (75–85)`.
pub fn coverage(score: &Score, look: &Look) -> String {
    let mut text = format!("path coverage {}", interval(&score.coverage, look));
    if score.delivery != score.coverage {
        text = format!("{text}, with buttons {}", interval(&score.delivery, look));
    }
    text
}

/// `37 of 52 steps automated (6 push-button, 7 manual, 2 missing)`.
pub fn step_share(score: &Score) -> String {
    let n = score.steps;
    let rest = [(n.push_button, "push-button"), (n.manual, "manual"), (n.missing, "missing")];
    let rest: Vec<String> = rest.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let mut text = format!("{} of {} automated", n.automated, count(n.total, "step", "steps"));
    if !rest.is_empty() {
        text = format!("{text} ({})", rest.join(", "));
    }
    text
}

/// A service's names joined, at most `most` of them: `cart, catalog and 3 more`.
pub fn names(all: &[&str], most: usize, look: &Look) -> String {
    let shown: Vec<String> = all.iter().take(most).map(|n| look.escape(n)).collect();
    let rest = all.len().saturating_sub(most);
    if rest == 0 { shown.join(", ") } else { format!("{} and {rest} more", shown.join(", ")) }
}

/// Services by name, with how each is to be told in a message: at most eight.
pub fn known_services(report: &Report, look: &Look) -> String {
    let all: Vec<&str> = report.services.iter().map(|s| s.name.as_str()).collect();
    if all.is_empty() { "none was found".to_owned() } else { names(&all, 8, look) }
}

/// Whether a service needs a cell.
pub fn needs(service: &Service, cell: Cell) -> bool {
    service.path.iter().any(|p| p.cell == cell)
}

/// What an orphan is, in words.
pub fn orphan(kind: OrphanKind) -> &'static str {
    match kind {
        OrphanKind::Script => "a script that nothing runs",
        OrphanKind::Playbook => "a playbook that nothing runs",
        OrphanKind::TerraformRoot => "a Terraform root that nothing applies",
        OrphanKind::Chart => "a chart that nothing installs",
        OrphanKind::Overlay => "an overlay that nothing applies",
        OrphanKind::Manifest => "a manifest that nothing applies",
        OrphanKind::Compose => "a compose file for a server that nothing starts",
        OrphanKind::MakeFragment => "a part of a makefile that none includes",
    }
}

/// What would take an orphan in.
pub fn taken_in(kind: OrphanKind) -> &'static str {
    match kind {
        OrphanKind::Script => {
            "A job or script that calls it takes it in; where a person's machine or a host's timer runs it, no file here says so."
        }
        OrphanKind::MakeFragment => "An include in a makefile that a job or script runs takes it in.",
        _ => "A job, or an object of a controller, that names it or its folder takes it in.",
    }
}
