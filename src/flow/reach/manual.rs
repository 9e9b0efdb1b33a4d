//! What no pipeline reaches: interpreted by hand, the callers first.

use super::Reach;
use super::frame::Frame;
use crate::model::{Automation, Item, Stage, Unit, UnitId, UnitKind, Value, Way};
use crate::source::Span;
use std::collections::HashSet;

impl Reach<'_> {
    /// Interpret every unit that no pipeline reached, as manual; what a pipeline already reaches is not reported again.
    pub(super) fn manual(&mut self) {
        let automatic: HashSet<Span> = self.found.occurrences.iter().map(|o| o.span).collect();
        let reached = self.found.by_pipeline.clone();
        let run_time = self.run_time();
        let order = [
            UnitKind::Target,
            UnitKind::NpmScript,
            UnitKind::Document,
            UnitKind::Script,
            UnitKind::Action,
            UnitKind::Dockerfile,
            UnitKind::TerraformRoot,
            UnitKind::Function,
        ];
        for kind in order {
            // Units that others call come after their callers, so that a call's values are known first.
            let ids: Vec<UnitId> = self.program.iter().filter(|(_, u)| u.kind == kind).map(|(id, _)| id).collect();
            for id in ids {
                // A script's other branches and a Dockerfile's other stages, for arguments that nobody passes, are left for a person.
                let left = !self.found.called.contains(&id)
                    || self.found.set_up.contains(&id)
                    || kind == UnitKind::Script
                    || self.found.partly_built.contains(&id);
                if left && !self.is_fixture(id) {
                    let used = self.found.called.contains(&id) && !self.found.set_up.contains(&id);
                    self.by_hand(id, run_time.contains(&id));
                    if used {
                        self.found.called.insert(id);
                    }
                }
            }
        }
        let program = self.program;
        let documents = |o: &super::Occurrence| {
            program.unit(o.unit).kind != UnitKind::Document
                || matches!(
                    o.stage,
                    Stage::Publish
                        | Stage::Provision
                        | Stage::Configure
                        | Stage::Deploy
                        | Stage::Release
                        | Stage::Rollback
                        | Stage::Verify
                        | Stage::Operate
                )
        };
        self.found
            .occurrences
            .retain(|o| o.way.automation != Automation::Manual || (!automatic.contains(&o.span) && documents(o)));
        self.without_run_time(&run_time);
        self.found.by_pipeline = reached;
    }

    fn is_fixture(&self, id: UnitId) -> bool {
        self.catalogue.words().fixture_path(self.path_of(id))
    }

    fn by_hand(&mut self, id: UnitId, container_start: bool) {
        let program = self.program;
        let unit = program.unit(id);
        let local_name = matches!(unit.kind, UnitKind::Target | UnitKind::NpmScript)
            && self.catalogue.words().local(&unit.name)
            && !self.names_shared_environment(&unit.name);
        if unit.local_only || local_name {
            return;
        }
        let way = Way::by_hand(unit);
        let mut frame = Frame::new(id, way);
        frame.home = self.home_of(id).to_owned();
        frame.container_start = container_start;
        frame.dir = match unit.kind {
            UnitKind::Script | UnitKind::Function => None,
            _ => Some(frame.home.clone()),
        };
        frame.entry = self.next_entry();
        frame.job_run = frame.entry;
        frame.in_script = unit.kind != UnitKind::Document;
        if unit.kind == UnitKind::Function {
            // Siblings of the same script may be called from it.
            let script = program.iter().find(|(_, u)| u.kind == UnitKind::Script && u.span.file == unit.span.file);
            if let Some((_, script)) = script {
                frame.functions = std::rc::Rc::new(script.functions.iter().cloned().collect());
                constants(script, &mut frame);
            }
        }
        self.found.called.remove(&id);
        self.run_unit(id, &mut frame);
    }
}

/// Bind what a script sets outside of its functions, once and to a literal.
fn constants(script: &Unit, frame: &mut Frame) {
    let mut set: Vec<(&str, Value)> = Vec::new();
    for item in &script.body {
        let Item::Assign { name, value } = item else { continue };
        if !name.starts_with("env.") {
            continue;
        }
        let value = value.eval(&frame.scope);
        let value = if set.iter().any(|(n, _)| *n == name.as_str()) { Value::Unknown } else { value };
        if matches!(value, Value::Unknown) || value.known().is_some() {
            frame.scope.set(name.clone(), value.clone());
        }
        set.push((name.as_str(), value));
    }
}
