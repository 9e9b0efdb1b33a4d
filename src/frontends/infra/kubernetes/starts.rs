//! Commands that the containers of a workload start with, where they migrate a database: a hook's job, an init container, a
//! start script in place (model rulings 12 and 39).

use super::objects::{Object, PODS};
use crate::catalogue::objects::ObjectClass;
use crate::catalogue::{Action, Catalogue};
use crate::frontends::scripts::shell::{self, Shell};
use crate::model::{Item, Program, Scope, Unit, UnitKind};
use crate::source::{OffsetMap, SourceFile, Span, Text};
use crate::syntax::yaml::Node;

/// What is done for a deploy.
const FOR_A_DEPLOY: &str = "migration";

/// Note the migrations of a workload that is started by its deploy, as units that no pipeline calls.
pub(super) fn read(object: &Object, node: Node, file: &SourceFile, catalogue: &Catalogue, program: &mut Program) {
    if object.class != ObjectClass::Workload || object.kind == "CronJob" {
        return;
    }
    for pod in PODS.iter().filter_map(|path| node.at(path)) {
        for list in ["initContainers", "containers"] {
            for container in pod.get(list).map(|n| n.items()).unwrap_or_default() {
                start(container, file, catalogue, program);
            }
        }
    }
}

fn start(container: Node, file: &SourceFile, catalogue: &Catalogue, program: &mut Program) {
    let entries = || ["command", "args"].into_iter().filter_map(|key| container.entry(key));
    let words: Vec<&str> = entries().flat_map(|e| e.value.texts()).collect();
    let Some(span) = entries().map(|e| e.span()).reduce(Span::to) else { return };
    let line: Vec<String> = words.iter().map(|w| quoted(w)).collect();
    let line = line.join(" ");
    let mut map = OffsetMap::default();
    map.push(line.len(), span.start as usize, (span.end - span.start) as usize);
    let text = Text { file: file.id, text: line, map };
    let before = program.units.len();
    let script = shell::items(&text, &Shell::new(catalogue), program);
    if !migrates(&script.items, catalogue) {
        program.units.truncate(before);
        return;
    }
    let mut unit = Unit::new(UnitKind::Function, "container start", span);
    unit.local_only = catalogue.words().local_file(&file.path);
    unit.body = script.items;
    unit.functions = script.functions;
    let unit = program.add(unit);
    program.started.push(unit);
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,$".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

fn migrates(items: &[Item], catalogue: &Catalogue) -> bool {
    items.iter().any(|item| match item {
        Item::Command(command) => {
            let words: Vec<String> = command.words.iter().map(|w| w.eval(&Scope::default()).shown()).collect();
            let class = catalogue.command(&words);
            class.is_some_and(|c| matches!(c.action, Action::Step(_)) && c.kind.as_deref() == Some(FOR_A_DEPLOY))
        }
        Item::Block(block) => migrates(&block.items, catalogue),
        _ => false,
    })
}
