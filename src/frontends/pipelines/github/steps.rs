//! Steps: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idsteps>.

use super::VENDOR;
use super::reader::Reader;
use crate::catalogue::{Trait, WrapKind};
use crate::frontends::pipelines::reader::{dialect, wrap};
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, BuiltIn, Call, Expr, GateDecl, GateKind, Item, Scope, Target, UnitId, Value, Wrapper};
use crate::source::{Span, Text};
use crate::syntax::yaml::Node;
use std::collections::BTreeMap;

/// Deepest nesting of `parallel`.
const MAX_DEPTH: usize = 8;

/// What holds for all steps of a job or action.
#[derive(Default)]
pub(super) struct Surroundings {
    /// Folder of `run` steps.
    pub dir: Option<Expr>,
    /// Their shell, as written.
    pub shell: Option<String>,
    /// It runs on Windows, where the shell is another.
    pub windows: bool,
    /// Folder of the workspace into which the repository is checked out.
    pub checkout: Option<String>,
    /// Functions of its scripts.
    pub functions: Vec<(String, UnitId)>,
}

impl Surroundings {
    /// Where the steps put the repository, if not at the workspace's root.
    pub fn find_checkout(&mut self, steps: &[Node<'_>]) {
        let path = |step: &Node<'_>| {
            let with = step.get("with")?;
            let own = step.get_str("uses")?.starts_with("actions/checkout@") && with.get("repository").is_none();
            with.get_str("path").filter(|p| own && !p.contains("${{")).map(|p| plain(p).to_owned())
        };
        self.checkout = steps.iter().find_map(path).filter(|p| !p.is_empty());
    }

    /// A folder of the workspace as one of the repository.
    pub fn folder(&self, dir: Expr) -> Expr {
        let dir = match dir {
            Expr::Concat(mut parts) if matches!(&parts[0], Expr::Var(n) if n == "github.workspace") => {
                parts.remove(0);
                Expr::concat(parts)
            }
            Expr::Var(n) if n == "github.workspace" => Expr::lit(""),
            other => other,
        };
        match dir {
            Expr::Lit(text) => Expr::Lit(self.path(&text).to_owned()),
            other => other,
        }
    }

    /// A path of the workspace as one of the repository.
    fn path<'p>(&self, path: &'p str) -> &'p str {
        let path = plain(path);
        let inside = self.checkout.as_deref().and_then(|c| path.strip_prefix(c));
        match inside {
            Some("") => "",
            Some(rest) => rest.strip_prefix('/').unwrap_or(path),
            None => path,
        }
    }

    /// A path in the repository's checkout as one of the repository; none where it is elsewhere, or at the root anyway.
    fn inside(&self, path: &str) -> Option<String> {
        let rest = plain(path).strip_prefix(self.checkout.as_deref()?)?;
        if rest.is_empty() { Some(".".to_owned()) } else { rest.strip_prefix('/').map(ToOwned::to_owned) }
    }

    /// Which shell reads a script; `None`: no shell does.
    fn dialect(&self, own: Option<&str>) -> Option<Dialect> {
        let Some(shell) = own.or(self.shell.as_deref()) else {
            return Some(if self.windows { Dialect::PowerShell } else { Dialect::Posix });
        };
        dialect(shell)
    }
}

/// A relative path without `./` and without a slash at its end.
pub(super) fn plain(path: &str) -> &str {
    let mut path = path.trim();
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    let path = path.trim_end_matches('/');
    if path == "." { "" } else { path }
}

impl Reader<'_> {
    /// The blocks of a list of steps.
    pub fn steps(&mut self, steps: &[Node<'_>], around: &mut Surroundings, depth: usize) -> Vec<Item> {
        let mut out = Vec::new();
        for step in steps {
            if step.is_mapping() {
                out.push(Item::Block(Box::new(self.step(*step, around, depth))));
            } else if !step.is_null() {
                self.warn(step.own_span(), "a step must be a mapping");
            }
        }
        out
    }

    fn step(&mut self, step: Node<'_>, around: &mut Surroundings, depth: usize) -> Block {
        let mut block = Block::new(BlockKind::Step, step.item_span());
        block.when = self.when(step.get("if"));
        block.id = step.get_str("id").map(str::to_owned);
        block.name = step.get_str("name").map(str::to_owned);
        block.bind = self.bindings(step.get("env"), "env.");
        block.continue_on_error = step.get_str("continue-on-error") == Some("true");
        if let Some(uses) = step.get("uses").filter(|u| u.scalar().is_some()) {
            let item = self.uses(step, uses, around);
            block.items.push(item);
        } else if let Some(run) = step.get("run") {
            let dir = step.get("working-directory").map(|d| self.value(d)).or_else(|| around.dir.clone());
            block.dir = dir.map(|d| around.folder(d));
            match (run.text(), around.dialect(step.get_str("shell"))) {
                (Some(text), Some(dialect)) => {
                    let script = self.script(&text, dialect);
                    around.functions.extend(script.functions);
                    block.items = script.items;
                }
                (None, _) if !run.is_null() => self.warn(run.own_span(), "`run` must be a text"),
                _ => {}
            }
        } else if let Some(parallel) = step.get("parallel").filter(|_| depth < MAX_DEPTH) {
            block.items = self.steps(&parallel.items(), around, depth + 1);
        }
        block
    }

    fn uses(&mut self, step: Node<'_>, uses: Node<'_>, around: &mut Surroundings) -> Item {
        let written = uses.scalar().unwrap_or("").trim();
        let span = step.item_span();
        let text = format!("uses: {written}");
        if written.starts_with("./") || written == "." {
            let target = Target::Action(around.path(written).to_owned());
            let bind = self.bindings(step.get("with"), "input.");
            return Item::Call(Box::new(Call { target, bind, isolated: false, span, text }));
        }
        let built_in = self.built_in(written, step.get("with"), span, text, around);
        if self.is_approval(&built_in) {
            let span = step.entry_span("uses").unwrap_or(span);
            let name = step.get_str("name").unwrap_or(&built_in.name).to_owned();
            return Item::Gate(GateDecl { kind: GateKind::Approval, span, name, blocking: true });
        }
        Item::BuiltIn(Box::new(built_in))
    }

    fn built_in(&mut self, uses: &str, with: Option<Node<'_>>, span: Span, text: String, around: &mut Surroundings) -> BuiltIn {
        // Forgejo names the server as well: `https://code.forgejo.org/actions/checkout@v4`.
        let short = uses.strip_prefix("https://").and_then(|u| u.split_once('/')).map_or(uses, |(_, path)| path);
        let (name, version) =
            if uses.starts_with("docker://") { (uses, "") } else { short.split_once('@').unwrap_or((short, "")) };
        let mut inputs = self.bindings(with, "");
        for (_, value) in inputs.iter_mut().filter(|(input, _)| names_a_path(input)) {
            if let Some(path) = value.literal().and_then(|path| around.inside(path)) {
                *value = Expr::lit(path);
            }
        }
        let shell = self.catalogue.shell_input(VENDOR, name).map(|(input, kind)| (input.to_owned(), kind));
        let mut inner = Vec::new();
        if let Some((input, kind)) = shell
            && let Some(script) = input.split('|').find_map(|name| with.and_then(|w| w.get(name)).and_then(|n| n.text()))
        {
            inner = self.inner(&script, kind, &inputs, around);
        }
        BuiltIn {
            vendor: VENDOR,
            name: name.to_owned(),
            version: version.to_owned(),
            inputs,
            span,
            text,
            inner,
            external_call: false,
        }
    }

    /// Commands that an input holds, with where they run.
    fn inner(&mut self, script: &Text, kind: WrapKind, inputs: &[(String, Expr)], around: &mut Surroundings) -> Vec<Item> {
        let script = self.script(script, Dialect::Posix);
        around.functions.extend(script.functions);
        let input = |names: &[&str]| {
            let found = names.iter().find_map(|n| inputs.iter().find(|(name, _)| name == n));
            found.map_or_else(|| Expr::Unknown("not named".to_owned()), |(_, value)| value.clone())
        };
        let wrapper = match kind {
            WrapKind::Plain => return script.items,
            WrapKind::Remote => Wrapper::Remote(input(&["host", "hostname", "server", "ip"])),
            WrapKind::Container => Wrapper::Container(input(&["image"])),
            WrapKind::ComposeService => Wrapper::ComposeService(input(&["service"])),
            WrapKind::Pod => Wrapper::Pod(input(&["pod"])),
        };
        let mut items = script.items;
        wrap(&mut items, &wrapper);
        items
    }

    fn is_approval(&self, built_in: &BuiltIn) -> bool {
        let nothing = Scope::default();
        let inputs: BTreeMap<String, Value> = built_in.inputs.iter().map(|(n, v)| (n.clone(), v.eval(&nothing))).collect();
        let class = self.catalogue.builtin(VENDOR, &built_in.name, &built_in.version, &inputs);
        class.is_some_and(|c| c.is(Trait::Approval))
    }
}

/// Whether an action's input by its name holds a path.
fn names_a_path(input: &str) -> bool {
    let name = input.to_ascii_lowercase();
    ["path", "file", "context", "dir", "folder"].iter().any(|w| name.contains(w))
}

#[cfg(test)]
mod tests {
    use super::{Surroundings, names_a_path};

    #[test]
    fn paths_of_inputs_are_those_of_the_checkout() {
        let around = Surroundings { checkout: Some("src/shop".to_owned()), ..Surroundings::default() };
        let inside: Vec<Option<String>> =
            ["src/shop/docker/Dockerfile", "./src/shop", "src/shopping", "docker"].map(|p| around.inside(p)).into();
        assert_eq!(inside, [Some("docker/Dockerfile".to_owned()), Some(".".to_owned()), None, None]);
        assert_eq!(Surroundings::default().inside("docker"), None);
        assert!(names_a_path("dockerfile") && names_a_path("working_directory") && !names_a_path("name"));
    }
}
