//! Scripts of jobs: <https://docs.gitlab.com/ci/yaml/script/>.

use super::extend::{REFERENCE, or_default};
use super::jobs::keyword;
use super::pipeline::Front;
use crate::frontends::pipelines::data::{self, Data, Kind};
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Expr, Item, Unit};
use std::rc::Rc;

impl Front<'_> {
    /// `before_script` and `script`, which one shell runs, the steps of `run`, then `after_script`.
    pub fn scripts(&mut self, job: &Data, root: &Data, unit: &mut Unit) {
        let dialect = dialect(or_default(root, job, "tags"));
        let before = or_default(root, job, "before_script").filter(|_| job.get("run").is_none()).cloned();
        let lines: Vec<Data> = before.iter().chain(job.pair("script").map(|p| &p.value)).cloned().collect();
        if job.get("trigger").is_none() {
            let all = job.with(Kind::List(Rc::new(lines)));
            self.lines(&all, dialect, &mut unit.body);
        }
        for step in job.get("run").map(Data::items).unwrap_or_default() {
            self.step(step, dialect, &mut unit.body);
        }
        let after = or_default(root, job, "after_script").filter(|_| job.get("trigger").is_none());
        if let Some(after) = after {
            let mut block = Block::new(BlockKind::Step, after.span);
            block.name = Some("after_script".to_owned());
            block.continue_on_error = true;
            block.dir = Some(Expr::lit(""));
            self.lines(after, dialect, &mut block.items);
            if !block.items.is_empty() {
                unit.body.push(Item::Block(Box::new(block)));
            }
        }
    }

    /// Lines in lists in lists.
    fn lines(&mut self, lines: &Data, dialect: Dialect, out: &mut Vec<Item>) {
        let mut faults = Vec::new();
        look(lines, 0, &mut faults);
        for fault in faults {
            if fault.tag.as_deref() == Some(REFERENCE) {
                out.push(Item::Unknown {
                    span: fault.span,
                    why: "a reference that leads to no file of this repository".to_owned(),
                });
            } else {
                data::warn(self.reader.program, fault.span, "a line of a script must be a text: quote it because of the colon");
            }
        }
        out.extend(self.reader.lines(lines, dialect));
    }

    /// A step of `run`: <https://docs.gitlab.com/ci/steps/>.
    fn step(&mut self, step: &Data, dialect: Dialect, out: &mut Vec<Item>) {
        if let Some(script) = step.get("script") {
            let mut block = Block::new(BlockKind::Step, step.item);
            block.name = step.get_str("name").map(str::to_owned);
            self.lines(script, dialect, &mut block.items);
            out.push(Item::Block(Box::new(block)));
        } else if step.get("step").or_else(|| step.get("func")).is_some() {
            out.push(keyword("step", step, step.item));
        }
    }
}

/// What is no text among lines of a script.
fn look<'d>(data: &'d Data, depth: usize, out: &mut Vec<&'d Data>) {
    match &data.kind {
        Kind::List(items) if depth < 20 => items.iter().for_each(|i| look(i, depth + 1, out)),
        Kind::Map(_) => out.push(data),
        Kind::Null if data.tag.is_some() => out.push(data),
        _ => {}
    }
}

/// The shell of a runner, by its tags: <https://docs.gitlab.com/runner/shells/>.
fn dialect(tags: Option<&Data>) -> Dialect {
    let windows = tags.map(Data::texts).unwrap_or_default().iter().any(|t| t.to_ascii_lowercase().contains("windows"));
    if windows { Dialect::PowerShell } else { Dialect::Posix }
}
