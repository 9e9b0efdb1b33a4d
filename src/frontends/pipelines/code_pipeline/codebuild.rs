//! AWS CodeBuild's build specifications (<https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>) and
//! CodeDeploy's (<https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html>): units that are
//! called by a project, a pipeline or a command. What nothing calls is left to be run by hand.

use super::VENDOR;
use crate::catalogue::Catalogue;
use crate::frontends::pipelines::Input;
use crate::frontends::pipelines::data::Data;
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::resources;
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Call, Expr, Item, Param, Program, Target, Unit, UnitId, UnitKind};
use crate::source::paths::join;
use crate::source::{SourceFile, Span};
use std::collections::BTreeSet;

/// Most builds of one batch.
const MAX_BATCH: usize = 200;

/// The phases, in order.
const PHASES: &[&str] = &["install", "pre_build", "build", "post_build"];

/// The hooks of a deployment on a host, in order.
const HOOKS: &[&str] = &[
    "ApplicationStop",
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
    "BeforeBlockTraffic",
    "AfterBlockTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
];

/// Nothing of a build specification names a branch.
pub(crate) fn branches(_: &SourceFile) -> Vec<String> {
    Vec::new()
}

/// Translate all specifications.
pub(crate) fn translate(input: &Input<'_>, program: &mut Program) {
    let mut open: Vec<&SourceFile> = input.files.to_vec();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some(file) = open.pop() {
        if !seen.insert(&file.path) {
            continue;
        }
        for root in resources::documents(file, program).iter().take(1) {
            if root.get("hooks").is_some_and(Data::is_map) {
                appspec(root, file, input.catalogue, program);
            } else if root.get("phases").is_some() || root.get("batch").is_some() {
                specification(root, &file.path, file.whole(), input.catalogue, program);
                // A batch may name files of any name.
                open.extend(batch(root).iter().filter_map(|b| b.path.as_deref()).filter_map(|path| input.sources.get(path)));
            }
        }
    }
}

/// The unit of a file that something names; none where it is not there or no specification.
pub(super) fn of_file(path: &str, input: &Input<'_>, program: &mut Program) -> Option<UnitId> {
    let known = program.iter().find(|(_, u)| u.kind == UnitKind::Action && u.name == path).map(|(id, _)| id);
    if known.is_some() {
        return known;
    }
    let file = input.sources.get(path)?;
    let root = resources::documents(file, program).into_iter().next()?;
    let is = root.get("phases").is_some() || root.get("batch").is_some();
    is.then(|| specification(&root, path, file.whole(), input.catalogue, program))
}

/// The unit of a specification.
pub(super) fn specification(root: &Data, name: &str, span: Span, catalogue: &Catalogue, program: &mut Program) -> UnitId {
    let mut unit = Unit::new(UnitKind::Action, name, span);
    unit.dir = Some(Expr::lit(""));
    for pair in root.at(&["env", "variables"]).map(Data::pairs).unwrap_or_default() {
        let default = pair.value.str().map(Expr::lit);
        unit.params.push(Param { name: format!("env.{}", pair.key), default, options: Vec::new() });
    }
    unit.bind.push(("env.CODEBUILD_BUILD_SUCCEEDING".to_owned(), Expr::lit("1")));
    let dialect = match root.at(&["env", "shell"]).and_then(Data::str) {
        Some(shell) if shell.starts_with("powershell") => Dialect::PowerShell,
        _ => Dialect::Posix,
    };
    let nothing = |_: &str| Vec::new();
    let mut reader = Reader::new(catalogue, program, VENDOR, &nothing);
    let mut own = phases(root, dialect, &mut reader);
    resources::shown(&mut own);
    let functions = std::mem::take(&mut reader.functions);
    let builds = batch(root);
    if builds.is_empty() {
        unit.body = own;
        unit.functions = functions;
        return program.add(unit);
    }
    // Builds without a file of their own run the phases of this one.
    let mut inner = Unit::new(UnitKind::Action, format!("{name} phases"), span);
    (inner.body, inner.functions) = (own, functions);
    let inner = if builds.iter().any(|b| b.path.is_none()) { Some(program.add(inner)) } else { None };
    for build in builds {
        let target = match (build.path, inner) {
            (Some(path), _) => Target::Action(path),
            (None, Some(inner)) => Target::Unit(inner),
            (None, None) => continue,
        };
        let call = Call { target, bind: build.bind, isolated: false, span: build.span, text: build.name.clone() };
        let mut block = Block::new(BlockKind::Step, build.span);
        block.name = Some(build.name);
        block.continue_on_error = build.ignored;
        block.items.push(Item::Call(Box::new(call)));
        unit.body.push(Item::Block(Box::new(block)));
    }
    program.add(unit)
}

/// The phases' commands. One shell runs them all, so that variables stay.
fn phases(root: &Data, dialect: Dialect, reader: &mut Reader<'_>) -> Vec<Item> {
    let mut out = Vec::new();
    for name in PHASES {
        let Some(pair) = root.get("phases").and_then(|p| p.pair(name)).filter(|p| p.value.is_map()) else { continue };
        let mut block = Block::new(BlockKind::Branch, pair.span);
        block.name = Some((*name).to_owned());
        block.continue_on_error = pair.value.get_str("on-failure").is_some_and(|f| f.eq_ignore_ascii_case("continue"));
        for key in ["commands", "finally"] {
            let items = pair.value.get(key).map(|lines| reader.lines(lines, dialect));
            block.items.extend(items.unwrap_or_default());
        }
        out.push(Item::Block(Box::new(block)));
    }
    out
}

/// One build of a batch.
struct Build {
    name: String,
    /// Its specification's file; none: the one that it stands in.
    path: Option<String>,
    bind: Vec<(String, Expr)>,
    ignored: bool,
    span: Span,
}

/// The builds of a batch: <https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html>.
fn batch(root: &Data) -> Vec<Build> {
    let Some(batch) = root.get("batch") else { return Vec::new() };
    let mut out = Vec::new();
    for key in ["build-list", "build-graph"] {
        for item in batch.get(key).map(Data::items).unwrap_or_default() {
            out.push(Build {
                name: item.get_str("identifier").unwrap_or("build").to_owned(),
                path: item.get_str("buildspec").and_then(|p| join("", p)),
                bind: variables(item.at(&["env", "variables"])),
                ignored: item.get("ignore-failure").and_then(Data::boolean) == Some(true),
                span: item.item,
            });
        }
    }
    if let Some(matrix) = batch.pair("build-matrix") {
        let dynamic = matrix.value.get("dynamic");
        let files = dynamic.and_then(|d| d.get("buildspec")).map(Data::texts).unwrap_or_default();
        let files: Vec<Option<String>> = if files.is_empty() { vec![None] } else { files.iter().map(|p| join("", p)).collect() };
        let mut rows: Vec<Vec<(String, Expr)>> = vec![Vec::new()];
        for pair in dynamic.and_then(|d| d.at(&["env", "variables"])).map(Data::pairs).unwrap_or_default() {
            let values = pair.value.texts();
            let with = |row: &Vec<(String, Expr)>, value: &&str| {
                let mut row = row.clone();
                row.push((format!("env.{}", pair.key), Expr::lit(*value)));
                row
            };
            rows = rows.iter().flat_map(|row| values.iter().map(move |v| with(row, v))).take(MAX_BATCH).collect();
        }
        for path in files {
            for bind in &rows {
                let (name, bind, path) = ("matrix".to_owned(), bind.clone(), path.clone());
                out.push(Build { name, path, bind, ignored: false, span: matrix.span });
            }
        }
    }
    out.truncate(MAX_BATCH);
    out
}

fn variables(data: Option<&Data>) -> Vec<(String, Expr)> {
    let pairs = data.map(Data::pairs).unwrap_or_default();
    pairs.iter().filter_map(|p| Some((format!("env.{}", p.key), Expr::lit(p.value.str()?)))).collect()
}

/// The scripts that a deployment runs on its hosts, from the bundle that it brings.
fn appspec(root: &Data, file: &SourceFile, catalogue: &Catalogue, program: &mut Program) -> UnitId {
    let mut unit = Unit::new(UnitKind::Action, file.path.as_str(), file.whole());
    unit.dir = Some(Expr::lit(file.dir()));
    let nothing = |_: &str| Vec::new();
    let mut reader = Reader::new(catalogue, program, VENDOR, &nothing);
    for name in HOOKS {
        let Some(hook) = root.get("hooks").and_then(|h| h.pair(name)) else { continue };
        let mut block = Block::new(BlockKind::Step, hook.span);
        block.name = Some((*name).to_owned());
        for script in hook.value.items().iter().filter_map(|s| s.get("location")).filter_map(Data::text) {
            let items = reader.script(script, Dialect::Posix);
            block.items.extend(items);
        }
        unit.body.push(Item::Block(Box::new(block)));
    }
    unit.functions = std::mem::take(&mut reader.functions);
    program.add(unit)
}
