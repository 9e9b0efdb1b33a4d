//! Findings that a comment beside them sets aside: `# prodpath: ignore RULE reason`, with `until=YYYY-MM-DD` where it ends.

use super::find::Finding;
use super::rules::Rule;
use super::{is_built_in, selection::Candidate};
use crate::source::{Diagnostic, Severity, SourceFile, SourceSet, Span};
use std::sync::Arc;

/// What a comment begins with, after its format's mark.
const WORDS: &str = "prodpath: ignore";

/// Marks of comments in the formats that are read.
const MARKS: &[&str] = &["#", "//", "<!--", "--", ";", "/*", "*"];

/// A finding that is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The rule's id.
    pub rule: String,
    /// The finding's place.
    pub span: Span,
    /// Why, as the comment says.
    pub reason: String,
    /// The day on which it ends, where the comment says one.
    pub until: Option<String>,
}

/// Findings with what comments made of them.
#[derive(Clone, Debug, Default)]
pub struct Aside {
    /// What is left.
    pub findings: Vec<Finding>,
    /// What is set aside.
    pub suppressed: Vec<Suppression>,
    /// What is wrong with comments.
    pub faults: Vec<Diagnostic>,
}

impl Aside {
    /// All findings, whatever comments say.
    pub fn none(findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::default() }
    }
}

/// A comment that sets findings aside.
struct Comment {
    rule: String,
    reason: String,
    until: Option<String>,
    /// The line that it is about, from 1.
    line: u32,
    span: Span,
}

/// Heed the comments. `today` is `YYYY-MM-DD`; empty: nothing has ended.
pub fn suppress(findings: Vec<Finding>, rules: &[Arc<Rule>], sources: &SourceSet, today: &str) -> Aside {
    let mut faults = Vec::new();
    let mut comments: Vec<Comment> = Vec::new();
    for file in sources.files().iter().filter(|f| f.text.contains(WORDS)) {
        for comment in read(file) {
            match fault(&comment, rules, today) {
                Some((severity, message)) => faults.push(Diagnostic { severity, span: comment.span, message }),
                None => comments.push(comment),
            }
        }
    }
    let mut left = Vec::new();
    let mut aside = Vec::new();
    for finding in findings {
        let rule = rules.get(finding.rule);
        let (first, last) = sources.file(finding.span.file).line_range(finding.span);
        let meant = |c: &&Comment| {
            c.span.file == finding.span.file
                && (first..=last).contains(&c.line)
                && rule.is_some_and(|r| Candidate::own(r).is(&c.rule))
        };
        match (comments.iter().find(meant), rule) {
            (Some(comment), Some(rule)) => aside.push(Suppression {
                rule: rule.id.clone(),
                span: finding.span,
                reason: comment.reason.clone(),
                until: comment.until.clone(),
            }),
            _ => left.push(finding),
        }
    }
    Aside { findings: left, suppressed: aside, faults }
}

/// Why a comment sets nothing aside.
fn fault(comment: &Comment, rules: &[Arc<Rule>], today: &str) -> Option<(Severity, String)> {
    let known = is_built_in(&comment.rule) || rules.iter().any(|r| Candidate::own(r).is(&comment.rule));
    if !known {
        let text = format!("no rule is called {}; `prodpath rules` lists them", comment.rule);
        return Some((Severity::Warning, text));
    }
    if comment.reason.is_empty() {
        let text = format!("this comment gives no reason, so nothing is ignored: `{WORDS} {} REASON`", comment.rule);
        return Some((Severity::Warning, text));
    }
    let until = comment.until.as_deref()?;
    if !is_date(until) {
        return Some((Severity::Warning, format!("until={until} is no date (YYYY-MM-DD), so nothing is ignored")));
    }
    (until < today).then(|| (Severity::Warning, format!("this comment ended on {until}: it ignores nothing any more")))
}

fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| text.get(range).is_some_and(|t| t.bytes().all(|b| b.is_ascii_digit()));
    text.len() == 10 && digits(0..4) && digits(5..7) && digits(8..10) && text[4..5] == *"-" && text[7..8] == *"-"
}

/// The comments of a file.
fn read(file: &SourceFile) -> Vec<Comment> {
    let lines: Vec<&str> = file.text.lines().collect();
    let mut out = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some((before, after)) = line.split_once(WORDS) else { continue };
        let Some(mark) = MARKS.iter().find(|m| before.trim_end().ends_with(**m)) else { continue };
        let alone = before.trim() == *mark;
        let text = after.trim().trim_end_matches("-->").trim_end_matches("*/").trim();
        let mut words = text.split_whitespace();
        let rule = words.next().unwrap_or_default().to_owned();
        let (dates, reason): (Vec<&str>, Vec<&str>) = words.partition(|w| w.starts_with("until="));
        let comment = |l: &str| MARKS.iter().any(|m| l.trim_start().starts_with(m)) || l.trim().is_empty();
        let next = if alone { 1 + lines[index + 1..].iter().take_while(|l| comment(l)).count() } else { 0 };
        let start = file.lines.start_of(index as u32 + 1) as usize;
        out.push(Comment {
            rule,
            reason: reason.join(" "),
            until: dates.first().map(|d| d.trim_start_matches("until=").to_owned()),
            line: (index + 1 + next) as u32,
            span: Span::new(file.id, start, start + line.len()),
        });
    }
    out
}
