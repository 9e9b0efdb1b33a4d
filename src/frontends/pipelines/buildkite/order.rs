//! What comes before a step: <https://buildkite.com/docs/pipelines/configure/dependencies>.

use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::values;
use crate::model::{Need, Program, UnitId};

/// What a step is to those around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It runs beside its neighbours.
    Beside,
    /// What comes after it waits for it, and it for what comes before (`wait`, `block`).
    Barrier,
    /// It waits for nothing and nothing waits for it, unless it is said so (`input`).
    Apart,
}

/// A step that was read: its job, its keys, what it says of its order.
struct Known {
    job: UnitId,
    name: String,
    keys: Vec<String>,
    place: Place,
    /// What it depends on, by key, where it says so.
    asked: Option<Vec<String>>,
    /// Where the barriers before it begin: those outside of its group, and those inside up to it.
    group: usize,
}

/// The steps of a pipeline in their order.
#[derive(Default)]
pub struct Order {
    steps: Vec<Known>,
    groups: usize,
}

impl Order {
    /// A new group of steps; its number. The pipeline itself is number 0.
    pub fn group(&mut self) -> usize {
        self.groups += 1;
        self.groups
    }

    /// Add a step with the keys by which others name it: its own and its group's.
    pub fn add(&mut self, job: UnitId, name: &str, step: &Data, outer: Option<&Data>, place: Place, group: usize) {
        let own = ["key", "id", "identifier"];
        let keys = own.iter().filter_map(|k| step.get_str(k));
        let outer_keys = own.iter().filter_map(|k| outer?.get_str(k));
        let keys = keys.chain(outer_keys).chain(outer.and_then(|g| g.get_str("group"))).map(str::to_owned).collect();
        let mut asked = asked(step);
        if let Some(more) = outer.and_then(self::asked) {
            asked = Some(asked.unwrap_or_default().into_iter().chain(more).collect());
        }
        self.steps.push(Known { job, name: name.to_owned(), keys, place, asked, group });
    }

    /// Say what every step needs; the jobs in order.
    pub fn settle(self, program: &mut Program) -> Vec<UnitId> {
        for (at, step) in self.steps.iter().enumerate() {
            let before = &self.steps[..at];
            let needs: Vec<&str> = match (&step.asked, step.place) {
                (Some(keys), _) => {
                    let named = |known: &&Known| known.job != step.job && known.keys.iter().any(|k| keys.contains(k));
                    self.steps.iter().filter(named).map(|s| s.name.as_str()).collect()
                }
                (None, Place::Apart) => Vec::new(),
                (None, Place::Barrier) => {
                    let with_it = |known: &&Known| known.place != Place::Apart && (step.group == 0 || known.group == step.group);
                    before.iter().filter(with_it).map(|s| s.name.as_str()).collect()
                }
                (None, Place::Beside) => {
                    let holds = |known: &&Known| known.place == Place::Barrier && (known.group == 0 || known.group == step.group);
                    before.iter().filter(holds).map(|s| s.name.as_str()).collect()
                }
            };
            // A step that is left out by its condition holds up nothing.
            program.unit_mut(step.job).needs =
                needs.into_iter().map(|name| Need { name: name.to_owned(), optional: true, order_only: false }).collect();
        }
        self.steps.into_iter().map(|s| s.job).collect()
    }
}

/// What a step says that it depends on; an empty `depends_on` frees it from what stands before.
fn asked(step: &Data) -> Option<Vec<String>> {
    if !values::has(step, "depends_on") {
        return None;
    }
    let all = step.get("depends_on").map(Data::one_or_many).unwrap_or_default();
    Some(all.iter().filter_map(|one| one.str().or_else(|| one.get_str("step"))).map(str::to_owned).collect())
}
