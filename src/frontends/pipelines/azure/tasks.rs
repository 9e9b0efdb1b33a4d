//! Tasks, and the scripts in their inputs: <https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/>.

use super::VENDOR;
use super::build::Build;
use super::steps::Surroundings;
use crate::catalogue::{Trait, WrapKind};
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::reader::wrap;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BuiltIn, CONNECTED_TO, Expr, GateDecl, GateKind, Item, Scope, Value, Wrapper};
use crate::source::{OffsetMap, Span, Text};
use std::collections::BTreeMap;

/// Inputs that say whether a script stands in the task or in a file.
const MODES: &[&str] = &["targetType", "scriptLocation", "scriptType", "runOptions", "scriptSource"];
/// Inputs that hold the path of a script.
const FILES: &[&str] = &["filePath", "scriptPath", "scriptName", "filename", "batchFile"];
/// Inputs that hold the arguments of a script.
const ARGUMENTS: &[&str] = &["arguments", "scriptArguments", "args", "scriptArgs"];
/// Inputs that name a connection to what is worked on: its name often says the environment.
const CONNECTIONS: &[&str] = &[
    "azureSubscription",
    "ConnectedServiceNameARM",
    "ConnectedServiceName",
    "azureSubscriptionConnection",
    "awsCredentials",
    "kubernetesServiceConnection",
    "sshEndpoint",
];

/// The inputs of a task.
struct Inputs {
    all: Vec<(String, Data)>,
}

impl Inputs {
    fn of(step: &Data) -> Self {
        let pairs = step.get("inputs").map(Data::pairs).unwrap_or_default();
        Self { all: pairs.iter().map(|p| (p.key.to_string(), p.value.clone())).collect() }
    }

    fn get(&self, name: &str) -> Option<&Data> {
        self.all.iter().find(|(n, d)| n.eq_ignore_ascii_case(name) && !d.is_null()).map(|(_, d)| d)
    }

    fn any(&self, names: &[&str]) -> Option<&Data> {
        names.iter().find_map(|n| self.get(n))
    }
}

/// The name of a task without its publisher, and its major version.
fn named(written: &str) -> (&str, &str) {
    let (name, version) = written.split_once('@').unwrap_or((written, ""));
    let short = if name.matches('.').count() > 1 { name.rsplit('.').next().unwrap_or(name) } else { name };
    (short, version)
}

/// `DeployToStore` as `deploy-to-store`.
fn hyphened(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && out.ends_with(|l: char| l.is_ascii_lowercase()) {
            out.push('-');
        }
        out.push(if c == '.' { '-' } else { c.to_ascii_lowercase() });
    }
    out
}

impl Build<'_, '_> {
    /// A task.
    pub(super) fn task(&mut self, step: &Data, written: &str, block: &mut Block, around: &Surroundings) -> Vec<Item> {
        let (name, version) = named(written);
        let inputs = Inputs::of(step);
        let values: Vec<(String, Expr)> = inputs.all.iter().map(|(n, d)| (n.clone(), self.reader.value(d))).collect();
        if let Some(connection) = inputs.any(CONNECTIONS) {
            let named = self.reader.value(connection);
            self.shared.decides(&named);
            block.bind.push((CONNECTED_TO.to_owned(), named));
        }
        let nothing = Scope::default();
        let known: BTreeMap<String, Value> = values.iter().map(|(n, v)| (n.clone(), v.eval(&nothing))).collect();
        let class = self.reader.catalogue.builtin(VENDOR, name, version, &known);
        // A task that no table knows is what its words say.
        let name = if class.is_some() { name.to_owned() } else { format!("task/{}", hyphened(name)) };
        if class.is_some_and(|c| c.is(Trait::Approval)) {
            let span = step.pair("task").map_or(step.item, |p| p.span);
            return vec![Item::Gate(GateDecl { kind: GateKind::Approval, span, name, blocking: true })];
        }
        // What a program of another language does is not read.
        if name.eq_ignore_ascii_case("PythonScript") && inputs.any(FILES).is_none() {
            return Vec::new();
        }
        let inner = self.inner(&name, &inputs, &values, step.item, around);
        vec![Item::BuiltIn(Box::new(BuiltIn {
            vendor: VENDOR,
            name,
            version: version.to_owned(),
            inputs: values,
            span: step.item,
            text: format!("task: {written}"),
            inner,
            external_call: false,
        }))]
    }

    /// The commands that a task's inputs hold, or the call of the script that they name.
    fn inner(&mut self, name: &str, inputs: &Inputs, values: &[(String, Expr)], span: Span, around: &Surroundings) -> Vec<Item> {
        let catalogue = self.reader.catalogue;
        let python = name.eq_ignore_ascii_case("PythonScript");
        let Some((names, kind)) = catalogue.shell_input(VENDOR, name).or(python.then_some(("", WrapKind::Plain))) else {
            return Vec::new();
        };
        let dialect = dialect(name, inputs, around);
        let inline = names.split('|').find_map(|n| inputs.get(n)).and_then(Data::text).cloned();
        let file = inputs.any(FILES).and_then(Data::text).cloned();
        let mut items = match (inline, file) {
            (Some(script), file) if !in_a_file(inputs, file.is_some()) => self.reader.script(&script, dialect),
            (_, Some(file)) => {
                let arguments = inputs.any(ARGUMENTS).and_then(Data::text).cloned();
                self.call(&file, arguments.as_ref(), if python { None } else { Some(dialect) }, span)
            }
            _ => Vec::new(),
        };
        if kind == WrapKind::Remote {
            let host = ["sshEndpoint", "Machines", "machines"].iter().find_map(|n| values.iter().find(|(name, _)| name == n));
            let host = host.map_or_else(|| Expr::Unknown("not named".to_owned()), |(_, e)| e.clone());
            wrap(&mut items, &Wrapper::Remote(host));
        }
        items
    }

    /// The call of a script file, at the place of the whole task.
    fn call(&mut self, file: &Text, arguments: Option<&Text>, dialect: Option<Dialect>, span: Span) -> Vec<Item> {
        let lower = file.text.trim().to_ascii_lowercase();
        let dialect = match dialect {
            Some(_) if lower.ends_with(".ps1") => Some(Dialect::PowerShell),
            Some(_) if lower.ends_with(".sh") => Some(Dialect::Posix),
            other => other,
        };
        let (program, dialect) = match dialect {
            None => ("python ", Dialect::Posix),
            Some(Dialect::Posix) => ("bash ", Dialect::Posix),
            Some(Dialect::PowerShell) => ("& ", Dialect::PowerShell),
            Some(Dialect::Cmd) => ("call ", Dialect::Cmd),
        };
        let mut text = Text { file: file.file, text: String::new(), map: OffsetMap::default() };
        let start = file.map.start(0);
        text.text.push_str(program);
        text.map.push(program.len(), start, 0);
        // Paths of Windows are those of the repository all the same.
        let slashes = Text { text: file.text.trim_end().replace('\\', "/"), ..file.clone() };
        text.append(&slashes.slice(0..slashes.text.len()));
        if let Some(arguments) = arguments.filter(|a| a.file == file.file) {
            let one_line = Text { text: arguments.text.replace(['\n', '\r'], " "), ..arguments.clone() };
            text.text.push(' ');
            text.map.push(1, arguments.map.start(0), 0);
            text.append(&one_line);
        }
        let mut items = self.reader.script(&text, dialect);
        stand_at(&mut items, span);
        items
    }
}

/// Let every command stand at the task that runs it.
fn stand_at(items: &mut [Item], span: Span) {
    for item in items {
        match item {
            Item::Command(command) => command.span = span,
            Item::Block(block) => stand_at(&mut block.items, span),
            _ => {}
        }
    }
}

/// Whether a task runs a file and not the script in it.
fn in_a_file(inputs: &Inputs, has_file: bool) -> bool {
    let mode =
        MODES.iter().filter_map(|n| inputs.get(n)?.str()).map(str::to_ascii_lowercase).find_map(|mode| match mode.as_str() {
            "inline" | "inlinescript" | "commands" => Some(false),
            "filepath" | "scriptpath" | "script" => Some(true),
            _ => None,
        });
    has_file && mode.unwrap_or(true)
}

/// Which shell reads a task's script.
fn dialect(name: &str, inputs: &Inputs, around: &Surroundings) -> Dialect {
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "cmdline" => return around.shell(),
        "batchscript" => return Dialect::Cmd,
        _ if lower.contains("powershell") => return Dialect::PowerShell,
        _ => {}
    }
    let kind = inputs.get("scriptType").and_then(Data::str).map(str::to_ascii_lowercase);
    match kind.as_deref() {
        Some("ps" | "pscore") => Dialect::PowerShell,
        Some("batch") => Dialect::Cmd,
        _ => Dialect::Posix,
    }
}

#[cfg(test)]
mod tests {
    use super::{hyphened, named};

    #[test]
    fn a_task_is_named_without_its_publisher() {
        assert_eq!(named("Docker@2"), ("Docker", "2"));
        assert_eq!(named("qetza.replacetokens.replacetokens-task.replacetokens@5"), ("replacetokens", "5"));
        assert_eq!(hyphened("RunPesterTests"), "run-pester-tests");
        assert_eq!(named("1ES.PublishPipelineArtifact@1"), ("1ES.PublishPipelineArtifact", "1"));
    }
}
