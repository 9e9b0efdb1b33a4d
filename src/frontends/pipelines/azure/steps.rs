//! Steps: <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/steps>.

use super::build::Build;
use super::expand::{Entry, entries};
use super::shared::Shared;
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::runs;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Expr, Item};

/// Step keywords that are short for a task; the value is the input of this name.
const KEYWORDS: &[(&str, &str)] = &[
    ("publish", "path"),
    ("upload", "path"),
    ("download", "source"),
    ("downloadBuild", "source"),
    ("getPackage", "package"),
    ("reviewApp", "resource"),
];

/// What holds for all steps of a job.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    /// Texts of the pool that the job runs in.
    pool: Vec<String>,
    /// They are those of Windows.
    windows: bool,
}

impl Surroundings {
    /// The same with the pool of a stage, job or hook.
    pub fn within(&self, data: &Data) -> Self {
        let mut out = self.clone();
        if let Some(pool) = data.get("pool").or_else(|| data.get("queue")) {
            out.pool = pool.texts().into_iter().map(str::to_owned).collect();
            out.pool.extend(pool.pairs().iter().flat_map(|p| p.value.texts()).map(str::to_owned));
            out.windows = out.pool.iter().any(|t| is_windows(t));
        }
        out
    }

    /// Whether it runs on Windows, where a variable names the image: in all combinations of the matrix.
    pub fn choose_system(&mut self, matrix: &[Vec<(String, Expr)>], shared: &Shared) {
        for text in self.pool.iter().filter(|t| t.contains("$(") || t.contains("${{")) {
            let expr = shared.expr(text);
            let values: Vec<String> = match &expr {
                Expr::Var(name) if matrix.iter().flatten().any(|(n, _)| n == name) => {
                    matrix.iter().flatten().filter(|(n, _)| n == name).filter_map(|(_, e)| shared.known(e)).collect()
                }
                _ => shared.known(&expr).into_iter().collect(),
            };
            self.windows |= !values.is_empty() && values.iter().all(|v| is_windows(v));
        }
    }

    /// The system as `Agent.OS` names it, where the pool tells it.
    pub fn system_name(&self) -> Option<&'static str> {
        let has = |words: &[&str]| self.pool.iter().any(|t| words.iter().any(|w| t.to_ascii_lowercase().contains(w)));
        match self.windows {
            true => Some("Windows_NT"),
            false if has(&["ubuntu", "linux"]) => Some("Linux"),
            false if has(&["macos"]) => Some("Darwin"),
            false => None,
        }
    }

    /// The shell of `script`.
    pub fn shell(&self) -> Dialect {
        if self.windows { Dialect::Cmd } else { Dialect::Posix }
    }
}

fn is_windows(pool: &str) -> bool {
    let lower = pool.to_ascii_lowercase();
    ["windows", "win32", "vs20", "win20"].iter().any(|w| lower.contains(w))
}

impl Build<'_, '_> {
    /// The blocks of a list of steps.
    pub(super) fn steps(&mut self, list: &Data, around: &Surroundings) -> Vec<Item> {
        let mut out = Vec::new();
        for entry in entries(list, self.shared) {
            if entry.data.is_map() {
                out.push(Item::Block(Box::new(self.step(&entry, around))));
            } else if !entry.data.is_null() {
                self.warn(entry.data.span, "a step must be a mapping");
            }
        }
        out
    }

    fn step(&mut self, entry: &Entry, around: &Surroundings) -> Block {
        let step = &entry.data;
        let mut block = Block::new(BlockKind::Step, step.item);
        let condition = step.pair("condition").filter(|p| !p.value.is_null());
        let own = condition.map_or_else(Expr::always, |p| self.condition(&p.value));
        let enabled = self.switch(step.get("enabled")).unwrap_or_else(Expr::always);
        block.when = if enabled.literal() == Some("false") || own.literal() == Some("false") {
            Expr::lit("false")
        } else {
            self.shared.decides(&enabled);
            runs::all(vec![entry.when.clone(), own, enabled])
        };
        block.when_span = condition.map(|p| p.span).or(entry.when_span);
        block.id = step.get_str("name").map(|n| self.shared.name(n));
        block.name = step.get_str("displayName").map(|n| self.shared.name(n));
        block.bind = self.reader.bindings(step.get("env"), "env.");
        block.continue_on_error = self.switch(step.get("continueOnError")).is_some_and(|e| e.is_always());
        block.dir = step.get("workingDirectory").map(|d| self.reader.value(d));
        self.work(step, &mut block, around);
        block
    }

    /// What a step does.
    fn work(&mut self, step: &Data, block: &mut Block, around: &Surroundings) {
        let scripts = [
            ("script", around.shell()),
            ("bash", Dialect::Posix),
            ("pwsh", Dialect::PowerShell),
            ("powershell", Dialect::PowerShell),
        ];
        if let Some((pair, dialect)) = scripts.into_iter().find_map(|(key, dialect)| Some((step.pair(key)?, dialect))) {
            match pair.value.text() {
                Some(text) => block.items = self.reader.script(&text.clone(), dialect),
                None if !pair.value.is_null() => self.warn(pair.value.span, format!("`{}` must be a text", pair.key)),
                None => {}
            }
        } else if step.get_str("template").is_some() {
            block.items.push(self.external(step));
            let given = self.given_steps(step, around);
            block.items.extend(given);
        } else if let Some(name) = step.get_str("task") {
            let name = self.shared.name(name);
            block.items = self.task(step, &name, block, around);
        } else if let Some(pair) = step.pair("checkout") {
            block.items.extend(self.checkout(step, pair));
        } else if let Some((pair, input)) = KEYWORDS.iter().find_map(|(key, input)| Some((step.pair(key)?, *input))) {
            if !pair.value.str().is_some_and(|v| v.eq_ignore_ascii_case("none")) {
                let mut inputs: Vec<(String, Data)> = vec![(input.to_owned(), pair.value.clone())];
                inputs.extend(step.pairs().iter().map(|p| (p.key.to_string(), p.value.clone())));
                let text = format!("{}: {}", pair.key, pair.value.str().unwrap_or(""));
                block.items.push(self.reader.built_in(&pair.key, "", &inputs, step.item, text.trim_end_matches([':', ' '])));
            }
        } else if !step.pairs().is_empty() {
            self.warn(step.span, "the step does nothing that is known");
        }
    }

    /// `checkout: self`, or another repository by its alias.
    fn checkout(&mut self, step: &Data, pair: &Pair) -> Option<Item> {
        let of = self.shared.name(pair.value.str().unwrap_or("self"));
        if of.eq_ignore_ascii_case("none") {
            return None;
        }
        let mut inputs: Vec<(String, Data)> = Vec::new();
        if !of.eq_ignore_ascii_case("self") {
            inputs.push(("repository".to_owned(), pair.value.clone()));
        }
        Some(self.reader.built_in("checkout", "", &inputs, step.item, &format!("checkout: {of}")))
    }
}
