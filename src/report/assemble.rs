//! From the delivery map and its figures to the report.

use super::keys::{Keys, ids};
use super::replacements::{replaceable, replacements};
use super::words::PIPELINE_NOT_READ;
use super::{
    Blocker, BlockerKind, Contribution, Diagnostic, Disabled, Drift, Environment, Files, Gate, Interval, Link, LinkKind,
    Location, Orphan, OtherWay, PassedFile, PathCell, Practice, PracticeStatus, Production, Report, Repository, SCHEMA_VERSION,
    Score, Service, Step, StepCounts, Suppressed, ToProduction, Tool, Unknown,
};
use crate::measure::{Figures, Range};
use crate::model::{self, DeliveryMap, Event, Program, ServiceKind};
use crate::practices::{self, Sided, Status};
use crate::replace::rules::Rule;
use crate::replace::suppress::Aside;
use crate::source::{self, FileId, SourceSet, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the report says of the run itself.
pub struct Facts<'f> {
    /// The tool and its stamps.
    pub tool: Tool,
    /// The repository.
    pub repository: Repository,
    /// What rules found.
    pub aside: &'f Aside,
    /// The rules that were asked.
    pub rules: &'f [Arc<Rule>],
    /// The audit's answers.
    pub practices: &'f [practices::Practice],
    /// What its environments are told, compared.
    pub drift: &'f [practices::drift::Group],
}

/// Make the report.
pub fn assemble(
    map: &DeliveryMap,
    figures: Option<&Figures>,
    program: &Program,
    sources: &SourceSet,
    facts: Facts<'_>,
) -> Report {
    let assembler = Assembler { map, program, sources };
    let steps = assembler.steps();
    let step_ids: Vec<String> = steps.iter().map(|s| s.id.clone()).collect();
    let replacements = replacements(&facts.aside.findings, facts.rules, sources, &|span| assembler.location(span));
    let replaceable = replaceable(&replacements, &steps);
    Report {
        schema_version: SCHEMA_VERSION,
        tool: facts.tool,
        repository: facts.repository,
        configuration: None,
        score: figures.map(|f| assembler.score(f)),
        services: assembler.services(figures, &step_ids),
        environments: map
            .environments
            .iter()
            .map(|e| Environment { name: e.name.clone(), tier: e.tier, order: e.order })
            .collect(),
        disabled: map
            .disabled
            .iter()
            .map(|d| Disabled { location: assembler.location(d.span), text: d.text.clone(), why: d.why.clone() })
            .collect(),
        gates: assembler.gates(&step_ids),
        orphans: map
            .orphans
            .iter()
            .map(|o| Orphan { kind: o.kind, location: assembler.location(o.span), stages: o.stages.iter().copied().collect() })
            .collect(),
        replacements,
        replaceable,
        practices: facts.practices.iter().map(|p| assembler.practice(p)).collect(),
        drift: facts.drift.iter().flat_map(drift).collect(),
        unknowns: assembler.unknowns(),
        diagnostics: assembler.diagnostics(&facts.aside.faults),
        files: assembler.files(),
        suppressed: facts
            .aside
            .suppressed
            .iter()
            .map(|s| Suppressed {
                rule: s.rule.clone(),
                location: assembler.location(s.span),
                reason: s.reason.clone(),
                until: s.until.clone(),
            })
            .collect(),
        steps,
    }
}

/// The keys of a group that drift.
fn drift(group: &practices::drift::Group) -> Vec<Drift> {
    let label = |member: usize| group.members[member].label.clone();
    let files: Vec<String> = group.members.iter().map(|m| m.label.clone()).collect();
    let one = |d: practices::drift::Difference| Drift {
        group: group.name.clone(),
        files: files.clone(),
        key: d.key,
        present_in: d.have.iter().map(|(member, _)| label(*member)).collect(),
        not_in: d.lack.iter().map(|member| label(*member)).collect(),
    };
    group.differences().into_iter().map(one).collect()
}

struct Assembler<'a> {
    map: &'a DeliveryMap,
    program: &'a Program,
    sources: &'a SourceSet,
}

impl Assembler<'_> {
    fn practice(&self, practice: &practices::Practice) -> Practice {
        let (question, answer) = (practice.question, &practice.answer);
        Practice {
            check: question.id.clone(),
            asks: question.asks.clone(),
            status: match answer.status {
                Status::Present => PracticeStatus::Present,
                Status::Absent => PracticeStatus::Absent,
                Status::Unknown => PracticeStatus::Unknown,
                Status::NotApplicable => PracticeStatus::NotApplicable,
            },
            why: answer.why.clone(),
            one_sided: question.sided == Sided::One,
            looked_for: question.looked_for.clone(),
            locations: answer.places.iter().map(|span| self.location(*span)).collect(),
            standards: question.standards.clone(),
        }
    }

    fn location(&self, span: Span) -> Location {
        let file = self.sources.file(span.file);
        let start = file.place(span.start);
        let (_, end_line) = file.line_range(span);
        let end = file.place(span.end.max(span.start));
        let end_column = if end.line == end_line {
            end.column
        } else {
            // The span ends with its last line's break.
            let from = file.lines.start_of(end_line) as usize;
            let line = file.text.get(from..span.end as usize).unwrap_or("");
            line.trim_end_matches(['\n', '\r']).chars().count() as u32 + 1
        };
        Location { path: file.path.clone(), line: start.line, end_line, column: start.column, end_column }
    }

    fn names(&self, services: &BTreeSet<usize>) -> Vec<String> {
        services.iter().map(|s| self.map.services[*s].name.clone()).collect()
    }

    fn chain(&self, way: &model::Way, step: &model::Step) -> Vec<Link> {
        let mut out: Vec<Link> = way
            .chain
            .iter()
            .map(|l| Link { kind: l.kind, name: l.name.clone(), location: Some(self.location(l.span)) })
            .collect();
        for gate in &way.gates {
            let gate = &self.map.gates[*gate];
            out.push(Link {
                kind: LinkKind::Gate,
                name: format!("{} {}", gate.kind, gate.name).trim().to_owned(),
                location: Some(self.location(gate.span)),
            });
        }
        if let Some(span) = step.span {
            out.push(Link { kind: LinkKind::Step, name: step.text.clone(), location: Some(self.location(span)) });
        }
        out
    }

    fn steps(&self) -> Vec<Step> {
        let mut keys = Keys::new();
        let all: Vec<String> = self.map.steps.iter().map(|s| keys.step(s.stage, s.environment.as_deref(), &s.text)).collect();
        let ids = ids(&all);
        self.map.steps.iter().zip(all).zip(ids).map(|((s, key), id)| self.step(s, key, id)).collect()
    }

    fn step(&self, s: &model::Step, key: String, id: String) -> Step {
        let events: BTreeSet<Event> = s.ways.iter().filter_map(|w| w.event).collect();
        Step {
            id,
            key,
            stage: s.stage,
            test_kind: s.kind.clone().filter(|_| s.stage == model::Stage::Test),
            also: s.also.clone(),
            automation: s.automation(),
            means: s.means,
            environment: s.environment.clone(),
            services: self.names(&s.services),
            blocking: s.blocking,
            confidence: s.confidence,
            flags: s.flags.iter().copied().collect(),
            location: s.span.map(|span| self.location(span)),
            text: s.span.map(|_| s.text.clone()),
            row: s.span.map(|_| s.row.clone()).filter(|r| !r.is_empty()),
            why: s.why_missing.clone(),
            unit: s.unit.map(|u| {
                let unit = self.program.unit(u);
                format!("{} {}", unit.kind.as_str(), unit.name).trim().to_owned()
            }),
            events: events.into_iter().collect(),
            chain: s.ways.first().map_or_else(Vec::new, |w| self.chain(w, s)),
            other_ways: s.ways.iter().skip(1).map(|w| OtherWay { automation: w.automation, chain: self.chain(w, s) }).collect(),
        }
    }

    fn services(&self, figures: Option<&Figures>, ids: &[String]) -> Vec<Service> {
        let map = self.map;
        map.services
            .iter()
            .zip(&map.paths)
            .enumerate()
            .map(|(i, (service, path))| Service {
                name: service.name.clone(),
                aliases: service.aliases.iter().cloned().collect(),
                root: service.roots.first().cloned().unwrap_or_default(),
                kind: service.kind.unwrap_or(ServiceKind::Library),
                coverage: figures.and_then(|f| f.services.get(i).copied()).unwrap_or(0.0),
                to_production: ToProduction {
                    verdict: path.verdict,
                    blockers: path.blockers.iter().map(|b| self.blocker(b)).collect(),
                    chain: path
                        .decided_by
                        .and_then(|s| map.steps[s].ways.first().map(|w| self.chain(w, &map.steps[s])))
                        .unwrap_or_default(),
                },
                path: path
                    .cells
                    .iter()
                    .map(|c| PathCell { cell: c.cell, value: c.value, steps: c.steps.iter().map(|s| ids[*s].clone()).collect() })
                    .collect(),
            })
            .collect()
    }

    fn blocker(&self, blocker: &model::Blocker) -> Blocker {
        match blocker {
            model::Blocker::Gate { gate, cell, environment } => Blocker {
                kind: BlockerKind::Gate,
                cell: *cell,
                environment: environment.clone(),
                location: Some(self.location(self.map.gates[*gate].span)),
            },
            model::Blocker::Manual { cell, step } => {
                let step = &self.map.steps[*step];
                Blocker {
                    kind: BlockerKind::Manual,
                    cell: *cell,
                    environment: step.environment.clone(),
                    location: step.span.map(|s| self.location(s)),
                }
            }
            model::Blocker::Missing { cell, .. } => {
                Blocker { kind: BlockerKind::Missing, cell: *cell, environment: None, location: None }
            }
        }
    }

    /// The part of a span on its first line: a gate is the line that makes it one.
    fn first_line(&self, span: Span) -> Span {
        let file = self.sources.file(span.file);
        let text = file.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let end = text.find(['\n', '\r']).map_or(span.end, |at| span.start + at as u32);
        Span { end, ..span }
    }

    fn gates(&self, ids: &[String]) -> Vec<Gate> {
        let map = self.map;
        map.gates
            .iter()
            .enumerate()
            .map(|(i, gate)| {
                let behind: Vec<usize> =
                    (0..map.steps.len()).filter(|s| map.steps[*s].ways.first().is_some_and(|w| w.gates.contains(&i))).collect();
                let services: BTreeSet<usize> = behind.iter().flat_map(|s| map.steps[*s].services.iter().copied()).collect();
                let environments: BTreeSet<String> = behind.iter().filter_map(|s| map.steps[*s].environment.clone()).collect();
                Gate {
                    kind: gate.kind,
                    location: self.location(self.first_line(gate.span)),
                    name: gate.name.clone(),
                    blocking: gate.blocking,
                    services: self.names(&services),
                    environments: environments.into_iter().collect(),
                    steps: behind.iter().map(|s| ids[*s].clone()).collect(),
                }
            })
            .collect()
    }

    fn score(&self, f: &Figures) -> Score {
        let interval = |r: Range| Interval { low: r.low, value: r.value, high: r.high };
        Score {
            production: Production { every_commit: f.every_commit, with_buttons: f.with_buttons, services: f.deployed },
            coverage: interval(f.coverage),
            delivery: interval(f.delivery),
            step_share: f.step_share,
            built_in_share: f.built_in_share,
            blocking_share: f.blocking_share,
            steps: StepCounts {
                automated: f.steps.automated,
                push_button: f.steps.push_button,
                manual: f.steps.manual,
                missing: f.steps.missing,
                unknown: f.steps.unknown,
                total: f.steps.total(),
            },
            contributions: f
                .contributions
                .iter()
                .map(|(service, cell, points)| Contribution {
                    service: self.map.services[*service].name.clone(),
                    cell: *cell,
                    points: *points,
                })
                .collect(),
        }
    }

    fn unknowns(&self) -> Vec<Unknown> {
        let mut all: Vec<(Span, &str)> = self.map.unknowns.iter().map(|(s, w)| (*s, w.as_str())).collect();
        all.extend(self.program.unknowns.iter().map(|(s, w)| (*s, w.as_str())));
        let mut out: Vec<Unknown> =
            all.into_iter().map(|(s, w)| Unknown { location: self.location(s), why: w.to_owned() }).collect();
        for (vendor, file) in &self.program.unread_pipelines {
            let whole = self.sources.file(*file).whole();
            out.push(Unknown { location: self.location(whole), why: format!("{vendor} {PIPELINE_NOT_READ}") });
        }
        out.sort();
        out.dedup();
        out
    }

    fn diagnostics(&self, more: &[source::Diagnostic]) -> Vec<Diagnostic> {
        let mut out: Vec<Diagnostic> = self
            .sources
            .diagnostics
            .iter()
            .chain(&self.program.diagnostics)
            .chain(more)
            .map(|d| Diagnostic { severity: d.severity, location: self.location(d.span), message: d.message.clone() })
            .collect();
        out.sort_by(|a, b| (&a.location, a.severity, &a.message).cmp(&(&b.location, b.severity, &b.message)));
        out.dedup();
        out
    }

    fn files(&self) -> Files {
        let notes = |all: &[crate::source::discovery::Passed]| -> Vec<PassedFile> {
            all.iter().map(|p| PassedFile { path: p.path.clone(), why: p.why.clone() }).collect()
        };
        let of = |all: &[(FileId, String)]| -> Vec<PassedFile> {
            let one =
                |(file, why): &(FileId, String)| PassedFile { path: self.sources.file(*file).path.clone(), why: why.clone() };
            let mut out: Vec<PassedFile> = all.iter().map(one).collect();
            out.sort();
            out.dedup();
            out
        };
        let refused = of(&self.program.refused);
        let mut unread = notes(&self.sources.unread);
        unread.extend(refused.iter().cloned());
        unread.sort();
        let mut partly = of(&self.program.partly_read);
        partly.retain(|file| !refused.iter().any(|r| r.path == file.path));
        Files {
            read: self.sources.files().len() - refused.len(),
            partly_read: partly,
            unread,
            skipped: notes(&self.sources.skipped),
        }
    }
}
