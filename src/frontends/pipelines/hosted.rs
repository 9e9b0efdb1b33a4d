//! Hosting platforms that build and deploy what is pushed, by their configuration files: Netlify
//! (<https://docs.netlify.com/configure-builds/file-based-configuration/>), Vercel
//! (<https://vercel.com/docs/project-configuration>), Render (<https://render.com/docs/blueprint-spec>), AWS Amplify
//! (<https://docs.aws.amazon.com/amplify/latest/userguide/yml-specification-syntax.html>), AWS App Runner
//! (<https://docs.aws.amazon.com/apprunner/latest/dg/config-file.html>), DigitalOcean App Platform
//! (<https://docs.digitalocean.com/products/app-platform/reference/app-spec/>).
//!
//! The integration itself is set on the platform's side: that it is on is likely, not certain (model ruling 15). Where a
//! pipeline or script of the repository deploys with the platform's own client, that is the way and not the file.

use super::Input;
use super::data::{self, Data, Kind};
use super::reader::Reader;
use super::runs::{BRANCH, Pattern, Refs};
use crate::catalogue::hosted::Hosted;
use crate::frontends::scripts::shell::{Dialect, Masked};
use crate::model::{Block, BlockKind, Event, Expr, Item, Program, Start, Unit, UnitKind};
use crate::source::{SourceFile, Span, Text};
use crate::syntax::{json, toml};

/// The folder of the tables.
const VENDOR: &str = "hosted";

/// Branches that a file follows; only DigitalOcean's has to name them, elsewhere what names none follows the trunk.
pub fn branches(file: &SourceFile) -> Vec<String> {
    if !file.path.starts_with(".do/") {
        return Vec::new();
    }
    let roots = data::read(file, &mut Program::default());
    let services = roots.iter().flat_map(|root| root.pairs().iter().flat_map(|p| p.value.items()));
    let named = |s: &Data| ["github", "gitlab", "bitbucket"].iter().find_map(|k| s.at(&[k, "branch"])?.str().map(str::to_owned));
    services.filter_map(named).collect()
}

/// What a platform deploys by itself.
struct Deployment {
    /// The service's or application's name, where it has one.
    name: Option<String>,
    /// Its folder.
    dir: String,
    /// The branch that it follows, where the file says so.
    branch: Option<String>,
    /// The line by which it waits for a person, where it does not follow.
    by_hand: Option<Span>,
    /// What is run before, in order.
    commands: Vec<Text>,
    /// Where it stands.
    span: Span,
}

impl Deployment {
    fn new(dir: &str, span: Span) -> Self {
        Self { name: None, dir: dir.to_owned(), branch: None, by_hand: None, commands: Vec::new(), span }
    }
}

/// Netlify's files.
pub fn netlify(input: &Input<'_>, program: &mut Program) {
    for file in following(input, "netlify") {
        let entries = toml::entries(file);
        let build: Vec<&toml::Entry> = entries.iter().filter(|e| e.table == "build").collect();
        let value = |table: &str, key: &str| entries.iter().find(|e| e.table == table && e.key == key).map(|e| e.value.clone());
        if build.is_empty() && value("context.production", "command").is_none() {
            continue;
        }
        let base = value("build", "base").map(|t| t.text).unwrap_or_default();
        let dir = crate::source::paths::clamp(file.dir(), base.trim_start_matches('/'));
        let mut one = Deployment::new(&dir, file.whole());
        one.commands.extend(value("context.production", "command").or_else(|| value("build", "command")));
        deploy(input, "netlify", &[one], file, program);
    }
}

/// Vercel's files.
pub fn vercel(input: &Input<'_>, program: &mut Program) {
    for file in following(input, "vercel") {
        let Some(root) = data::documents(file, &json::parse(file), program).into_iter().next().filter(Data::is_map) else {
            continue;
        };
        let off = |d: Option<&Data>| d.and_then(Data::boolean) == Some(false);
        let enabled = root.at(&["git", "deploymentEnabled"]);
        let trunk_off = !input.trunk.is_empty() && off(enabled.and_then(|e| e.get(input.trunk)));
        if off(enabled) || trunk_off || off(root.at(&["github", "enabled"])) {
            continue;
        }
        let mut one = Deployment::new(file.dir(), file.whole());
        one.commands = ["installCommand", "buildCommand"].iter().filter_map(|k| root.get(k)?.text().cloned()).collect();
        deploy(input, "vercel", &[one], file, program);
    }
}

/// Amplify's files.
pub fn amplify(input: &Input<'_>, program: &mut Program) {
    for file in following(input, "amplify") {
        let Some(root) = data::read(file, program).into_iter().next() else { continue };
        let several = root.get("applications").map(Data::items).unwrap_or_default();
        let apps: Vec<&Data> = if several.is_empty() { vec![&root] } else { several.iter().collect() };
        let mut all = Vec::new();
        for app in apps {
            if app.get("frontend").is_none() && app.get("backend").is_none() {
                continue;
            }
            let span = if several.is_empty() { file.whole() } else { app.item };
            let mut one = Deployment::new(app.get_str("appRoot").unwrap_or(""), span);
            for part in ["backend", "frontend", "test"] {
                for phase in app.at(&[part, "phases"]).map(Data::pairs).unwrap_or_default() {
                    let commands = phase.value.get("commands").map(Data::scalars).unwrap_or_default();
                    one.commands.extend(commands.into_iter().filter_map(|c| c.text().cloned()));
                }
            }
            all.push(one);
        }
        deploy(input, "amplify", &all, file, program);
    }
}

/// App Runner's files.
pub fn app_runner(input: &Input<'_>, program: &mut Program) {
    for file in following(input, "app-runner") {
        let Some(root) = data::read(file, program).into_iter().next() else { continue };
        if root.get("runtime").is_none() {
            continue;
        }
        let mut one = Deployment::new(file.dir(), file.whole());
        for phase in ["pre-build", "build", "post-build"] {
            let commands = root.at(&["build", "commands", phase]).map(Data::scalars).unwrap_or_default();
            one.commands.extend(commands.into_iter().filter_map(|c| c.text().cloned()));
        }
        deploy(input, "app-runner", &[one], file, program);
    }
}

/// Render's blueprints.
pub fn render(input: &Input<'_>, program: &mut Program) {
    for file in following(input, "render") {
        let Some(root) = data::read(file, program).into_iter().next() else { continue };
        let grouped = root.get("projects").map(Data::items).unwrap_or_default();
        let environments = grouped.iter().flat_map(|p| p.get("environments").map(Data::items).unwrap_or_default());
        let inside = environments.flat_map(|e| e.get("services").map(Data::items).unwrap_or_default());
        let services: Vec<&Data> = root.get("services").map(Data::items).unwrap_or_default().iter().chain(inside).collect();
        let all: Vec<Deployment> = services.into_iter().filter_map(render_service).collect();
        deploy(input, "render", &all, file, program);
    }
}

fn render_service(service: &Data) -> Option<Deployment> {
    let kind = service.get_str("type")?;
    let runtime = service.get_str("runtime").or_else(|| service.get_str("env")).unwrap_or("");
    if matches!(kind, "redis" | "keyvalue")
        || runtime == "image"
        || service.get("image").is_some()
        || service.get("repo").is_some()
    {
        return None;
    }
    let mut one = Deployment::new(service.get_str("rootDir").unwrap_or(""), service.item);
    one.name = service.get_str("name").map(str::to_owned);
    one.branch = service.get_str("branch").map(str::to_owned);
    let off = |key: &str| service.pair(key).filter(|p| p.value.boolean() == Some(false) || p.value.str() == Some("off"));
    one.by_hand = off("autoDeployTrigger").or_else(|| off("autoDeploy")).map(|p| p.span);
    one.commands.extend(service.get("buildCommand").and_then(Data::text).cloned());
    Some(one)
}

/// DigitalOcean's application specifications.
pub fn digitalocean(input: &Input<'_>, program: &mut Program) {
    for file in following(input, "digitalocean") {
        let Some(root) = data::read(file, program).into_iter().next() else { continue };
        let mut all = Vec::new();
        for list in ["services", "static_sites", "workers", "jobs", "functions"] {
            for part in root.get(list).map(Data::items).unwrap_or_default() {
                let source = ["github", "gitlab", "bitbucket"].iter().find_map(|k| part.get(k));
                let Some(source) = source.filter(|s| s.get("deploy_on_push").and_then(Data::boolean) == Some(true)) else {
                    continue;
                };
                let mut one = Deployment::new(part.get_str("source_dir").unwrap_or("").trim_start_matches('/'), part.item);
                one.name = part.get_str("name").map(str::to_owned);
                one.branch = source.get_str("branch").map(str::to_owned);
                one.commands.extend(part.get("build_command").and_then(Data::text).cloned());
                all.push(one);
            }
        }
        deploy(input, "digitalocean", &all, file, program);
    }
}

/// Heroku's file does not say whether a push is deployed: not known, unless a pipeline deploys there itself.
pub fn heroku(input: &Input<'_>, program: &mut Program) {
    unknown(input, "heroku", "Heroku", program);
}

/// Nor do Upsun's files.
pub fn upsun(input: &Input<'_>, program: &mut Program) {
    unknown(input, "upsun", "Upsun", program);
}

fn unknown(input: &Input<'_>, platform: &str, name: &str, program: &mut Program) {
    for file in following(input, platform) {
        program.unknowns.push((file.whole(), format!("whether {name} deploys what is pushed is set on its side")));
    }
}

/// The files of a platform that nothing of the repository deploys to by itself.
fn following<'a>(input: &Input<'a>, platform: &str) -> Vec<&'a SourceFile> {
    let runs = |file: &&SourceFile| {
        let name = file.name();
        let script = [".sh", ".bash", ".yml", ".yaml", ".tf", ".mk", ".groovy", ".ps1"].iter().any(|ext| name.ends_with(ext));
        script || matches!(name, "Makefile" | "justfile" | "Justfile" | "Jenkinsfile" | "package.json" | "Rakefile")
    };
    let elsewhere = |file: &&SourceFile| runs(file) && Hosted::embedded().deploys(platform, &file.text);
    if input.files.is_empty() || input.sources.files().iter().any(|f| elsewhere(&f)) { Vec::new() } else { input.files.to_vec() }
}

/// A pipeline of one file: each deployment a job that runs its commands and deploys.
fn deploy(input: &Input<'_>, platform: &'static str, all: &[Deployment], file: &SourceFile, program: &mut Program) {
    if all.is_empty() {
        return;
    }
    for one in all {
        let nothing = |_: &str| -> Vec<Masked> { Vec::new() };
        let mut reader = Reader::new(input.catalogue, program, VENDOR, &nothing);
        let name = one.name.clone().unwrap_or_else(|| platform.to_owned());
        let mut job = Unit::new(UnitKind::Job, name.clone(), one.span);
        job.dir = Some(Expr::lit(one.dir.trim_end_matches('/')));
        for command in &one.commands {
            let mut block = Block::new(BlockKind::Step, one.span);
            block.items = reader.script(command, Dialect::Posix);
            job.body.push(Item::Block(Box::new(block)));
        }
        let said = input.catalogue.environments().find_in(&name);
        let text = |value: &str| Data::scalar_at(value, one.span);
        let mut inputs = vec![("dir".to_owned(), text(&one.dir)), ("name".to_owned(), text(&name))];
        inputs.extend(said.map(|e| ("environment".to_owned(), text(&e))));
        inputs.retain(|(_, d)| !matches!(&d.kind, Kind::Scalar { text, .. } if text.text.is_empty()));
        job.body.push(reader.built_in(platform, "", &inputs, one.span, &format!("{platform}: {name}")));
        job.functions = std::mem::take(&mut reader.functions);
        let job = program.add(job);
        let mut unit = Unit::new(UnitKind::Pipeline, file.path.clone(), one.span);
        unit.dir = Some(Expr::lit(""));
        unit.starts = starts(one, input.trunk);
        unit.jobs = vec![job];
        program.add(unit);
    }
}

/// A push to the branch that is followed, the trunk where none is named; a person where it does not follow.
fn starts(one: &Deployment, trunk: &str) -> Vec<Start> {
    let first = Span { end: one.span.start, ..one.span };
    if let Some(line) = one.by_hand {
        return vec![Refs::new(trunk, &[], &[]).on_trunk(Event::Manual, line)];
    }
    let branch = one.branch.as_deref();
    let refs = Refs::new(trunk, &branch.map(|b| Pattern::Name(b.to_owned())).into_iter().collect::<Vec<_>>(), &[]);
    let all = refs.push(first);
    let named = |s: &Start| s.facts.iter().any(|(n, v)| n == BRANCH && v.known().is_some() && v.known() == branch);
    let found: Vec<Start> = all.iter().filter(|s| named(s)).cloned().collect();
    let mut out = if found.is_empty() || trunk.is_empty() { all.into_iter().take(1).collect() } else { found };
    for start in &mut out {
        start.assumed = true;
    }
    out
}
