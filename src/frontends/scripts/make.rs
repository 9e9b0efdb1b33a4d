//! Front end of makefiles (<https://www.gnu.org/software/make/manual/make.html>): a unit for every target. Variables of
//! the file are bound in it under `env.NAME`; the stem of a pattern target is `arg.stem`.

mod includes;
mod recipe;
mod variables;

use crate::catalogue::Catalogue;
use crate::model::{Block, BlockKind, Expr, HOLE, Item, MakeFile, Need, Program, Unit, UnitId, UnitKind};
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::make::{self, Kind, Makefile, Rule, Statement};
use includes::Makefiles;
use recipe::Recipe;
use std::collections::BTreeMap;
use variables::Variables;

/// Translate every makefile and fragment.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let parsed: BTreeMap<String, Makefile> =
        sources.files().iter().filter(|f| is_makefile(f)).map(|f| (f.path.clone(), make::parse(f))).collect();
    let files = Makefiles::link(parsed);
    for path in files.paths() {
        let Some(file) = sources.get(path) else { continue };
        let root = files.root(path).to_owned();
        let variables = files.variables(&root);
        let mut reader = Reader {
            lines: MAX_LINES,
            file,
            catalogue,
            variables,
            dir: files.folder(&root),
            local: catalogue.words().local_file(path),
            targets: Vec::new(),
        };
        if let Some(makefile) = files.get(path) {
            for statement in &makefile.statements {
                if let Kind::Rule(rule) = &statement.kind {
                    reader.rule(statement, rule, makefile.one_shell, program);
                }
            }
        }
        let mut entry = files.entry(path);
        entry.targets = reader.targets.into_iter().map(|t| (t.name, t.unit)).collect();
        program.makefiles.insert(path.to_owned(), entry);
    }
    optional_needs(program);
}

fn is_makefile(file: &SourceFile) -> bool {
    let name = file.name().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let first = file.text.lines().next().unwrap_or("");
    ending == "mk"
        || name == "gnumakefile"
        || (name.starts_with("makefile") && !matches!(ending, "am" | "in" | "md"))
        || (!name.contains('.') && first.starts_with("#!") && first.contains("make"))
}

/// A prerequisite that no rule of a makefile makes is a file, and may be absent from the targets.
fn optional_needs(program: &mut Program) {
    let ids: Vec<UnitId> = program.makefiles.values().flat_map(|m| m.targets.iter().map(|(_, id)| *id)).collect();
    let names: std::collections::BTreeSet<String> =
        program.makefiles.values().flat_map(|m| m.targets.iter().map(|(n, _)| n.clone())).collect();
    let patterns: Vec<&String> = names.iter().filter(|n| n.contains('%')).take(256).collect();
    let made = |name: &str| names.contains(name) || patterns.iter().any(|p| stem(p, name).is_some());
    let optional: Vec<(UnitId, Vec<bool>)> =
        ids.iter().map(|id| (*id, program.unit(*id).needs.iter().map(|n| !made(&n.name)).collect())).collect();
    for (id, flags) in optional {
        for (need, flag) in program.unit_mut(id).needs.iter_mut().zip(flags) {
            need.optional = flag;
        }
    }
}

/// What `%` stands for where a name matches a pattern.
fn stem<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let (head, tail) = pattern.split_once('%')?;
    name.strip_prefix(head)?.strip_suffix(tail).filter(|s| !s.is_empty())
}

/// A target whose unit was made.
struct Made {
    name: String,
    unit: UnitId,
    has_recipe: bool,
}

struct Reader<'a> {
    file: &'a SourceFile,
    catalogue: &'a Catalogue,
    variables: &'a Variables,
    /// Where make runs.
    dir: String,
    /// The file is for a developer's own machine.
    local: bool,
    targets: Vec<Made>,
    /// How many recipe lines may still be read.
    lines: usize,
}

/// At most this many units are made of one makefile; generated ones have tens of thousands of file rules.
const MAX_TARGETS: usize = 4096;
/// At most this many recipe lines are read of one makefile, a line of a rule with several targets once for each.
const MAX_LINES: usize = 20_000;
/// At most this many prerequisites of a target are kept.
const MAX_NEEDS: usize = 1024;

impl Reader<'_> {
    fn rule(&mut self, statement: &Statement, rule: &Rule, one_shell: bool, program: &mut Program) {
        let mut targets = self.variables.expand(&rule.targets);
        if let Some(pattern) = &rule.pattern
            && targets.iter().all(|t| t.is_empty() || t.contains([HOLE, '*', '$']))
        {
            // Which targets a static pattern rule is for is not known: whatever fits its pattern.
            targets = vec![pattern.clone()];
        }
        for target in targets {
            let special = target.strip_prefix('.').is_some_and(|t| t.starts_with(|c: char| c.is_ascii_uppercase()));
            if !special && !target.is_empty() && self.targets.len() < MAX_TARGETS {
                self.target(&target, statement, rule, one_shell, program);
            }
        }
    }

    fn target(&mut self, target: &str, statement: &Statement, rule: &Rule, one_shell: bool, program: &mut Program) {
        let span = Span::new(self.file.id, statement.span.start, statement.span.end);
        let at = self.targets.iter().position(|t| t.name == target).unwrap_or_else(|| {
            let mut unit = Unit::new(UnitKind::Target, target, span);
            unit.dir = Some(Expr::lit(self.dir.clone()));
            unit.local_only = self.local || self.catalogue.words().local(target);
            let unit = program.add(unit);
            self.targets.push(Made { name: target.to_owned(), unit, has_recipe: false });
            self.targets.len() - 1
        });
        let id = self.targets[at].unit;
        let stem = rule.pattern.as_deref().filter(|_| !target.contains('%')).and_then(|p| stem(p, target));
        for name in self.variables.expand(&rule.prerequisites) {
            let name = stem.map_or_else(|| name.clone(), |s| name.replacen('%', s, 1));
            let needs = &mut program.unit_mut(id).needs;
            if needs.len() < MAX_NEEDS && !needs.iter().any(|n| n.name == name) {
                needs.push(Need::of(name));
            }
        }
        let mut recipe =
            Recipe { functions: Vec::new(), file: self.file, catalogue: self.catalogue, variables: self.variables, target, stem };
        let mut names = recipe.names(rule);
        names.extend(rule.variables.iter().map(|v| v.name.clone()));
        let bound = self.variables.bindings(&names, &rule.variables);
        for (name, value) in bound {
            let bind = &mut program.unit_mut(id).bind;
            if rule.variables.is_empty() && bind.iter().any(|(n, _)| *n == name) {
                continue;
            }
            bind.retain(|(n, _)| *n != name);
            bind.push((name, value));
        }
        if rule.recipe.is_empty() || self.lines < rule.recipe.len() {
            return;
        }
        self.lines -= rule.recipe.len();
        let items = conditional(recipe.items(rule, one_shell, program), variables::all(&statement.conditions), span);
        let added = self.targets[at].has_recipe && (rule.double_colon || !statement.conditions.is_empty());
        self.targets[at].has_recipe = true;
        let unit = program.unit_mut(id);
        if !added {
            unit.body.clear();
            unit.span = span;
        }
        unit.body.extend(items);
        unit.functions.extend(recipe.functions);
    }
}

/// Items under a condition, as they are where it always holds.
fn conditional(items: Vec<Item>, when: Expr, span: Span) -> Vec<Item> {
    if when.is_always() || items.is_empty() {
        return items;
    }
    let mut block = Block::new(BlockKind::Branch, span);
    block.when = when;
    block.items = items;
    vec![Item::Block(Box::new(block))]
}

#[cfg(test)]
mod tests;
